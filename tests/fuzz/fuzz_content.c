// SPDX-License-Identifier: EUPL-1.2
// Fuzzes what bodies say, field by field.
#include "fuzz/fuzz.h"
#include "roundtrip_content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)roundtrip_content(data, size);
    return 0;
}
