// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the opening of sealed bodies: the input as it comes, and the input as the plaintext of a
// body that is properly sealed, which reaches the decompressor.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t sealed[SEALED_MAX];
    struct group_key key;
    struct header header;
    const uint8_t salt[SALT_LEN] = {4};

    (void)roundtrip_seal(data, size);
    if (size >= 1 && size <= SEALED_MAX - SEAL_OVERHEAD) {
        roundtrip_sealing(&key, &header);
        sealing_by_hand(&key, salt, (struct span){data, size}, &header, sealed);
        const enum err err = roundtrip_seal(sealed, header.size);
        roundtrip_demand(err != ERR_DENIED);
        roundtrip_demand(data[0] != 0 || err == ERR_OK);
    }
    return 0;
}
