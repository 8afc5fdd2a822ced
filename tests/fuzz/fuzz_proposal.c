// SPDX-License-Identifier: EUPL-1.2
// Fuzzes proposals against a version in force, as they come and signed by two authorities,
// and the body of an entry that carries one.
#include "fuzz/fuzz.h"
#include "roundtrip_proposal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_proposal(data, size);
    (void)roundtrip_proposal_signed(data, size);
    (void)roundtrip_proposal_body(data, size);
    return 0;
}
