// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the opening of sealed bodies: the input as it comes, the input as the plaintext of a body
// that is properly sealed, which reaches the decompressors, and the input as content, which must
// come back whole.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

static void seal_and_open(const uint8_t *data, size_t size)
{
    static uint8_t sealed[SEALED_MAX];
    static struct sealer *sealer; // one for all inputs: making it takes longer than using it
    struct group_key key;
    struct header header;
    struct span content;
    const uint8_t salt[SALT_LEN] = {4};

    if (sealer == NULL) {
        sealer = sealer_create();
    }
    roundtrip_demand(sealer != NULL);
    roundtrip_sealing(&key, &header);
    if (seal_body(sealer, &key, salt, (struct span){data, size}, &header, sealed) != ERR_OK) {
        roundtrip_demand(size == 0 || size > SEALED_MAX - SEALED_MIN);
        return;
    }
    roundtrip_demand(header.size <= SEALED_MIN + size);
    const struct span all = {sealed, header.size};
    roundtrip_demand(seal_open(sealer, &key, &header, all, &content) == ERR_OK);
    roundtrip_compare(data, size, content.bytes, content.len);
}

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
    seal_and_open(data, size);
    return 0;
}
