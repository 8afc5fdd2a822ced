// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the reader of fork proofs.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_fork(data, size);
    return 0;
}
