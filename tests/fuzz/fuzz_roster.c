// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the decoder of signed rosters, as they come and signed anew.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_roster(data, size);
    (void)roundtrip_roster_signed(data, size);
    return 0;
}
