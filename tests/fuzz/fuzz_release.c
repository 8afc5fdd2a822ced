// SPDX-License-Identifier: EUPL-1.2
// Fuzzes releases: the input as it comes, and as the key of one that is otherwise sound, which must
// open nothing but with the entry's own key.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct released released;
    struct release release;
    uint8_t bytes[RELEASE_BODY_MAX];

    (void)roundtrip_release(data, size);
    if (size < ENTRY_KEY_LEN) {
        return 0;
    }
    roundtrip_released(&released);
    roundtrip_release_fill(&released, data[0] % RELEASED, &release);
    const bool is_own = memcmp(release.key, data, ENTRY_KEY_LEN) == 0;
    memcpy(release.key, data, ENTRY_KEY_LEN);
    const enum err err = roundtrip_release(bytes, release_encode(&release, bytes));
    roundtrip_demand(err == (is_own ? ERR_OK : ERR_DENIED));
    return 0;
}
