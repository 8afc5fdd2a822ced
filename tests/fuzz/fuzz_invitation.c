// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the decoder of invitations, as they come and signed anew.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_invitation(data, size);
    (void)roundtrip_invitation_signed(data, size);
    return 0;
}
