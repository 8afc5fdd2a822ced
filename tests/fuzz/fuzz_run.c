// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the decoder of runs: it survives any bytes, and what it accepts encodes to them.
#include "fuzz/fuzz.h"
#include "roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_run(data, size);
    return 0;
}
