// SPDX-License-Identifier: EUPL-1.2
// Seals plaintext as other software might: any compression byte, any frame. Written from
// PROTOCOL.md 4 apart from seal.c, so that each checks the other.
#ifndef TESTS_SEALING_H
#define TESTS_SEALING_H

#include <string.h>

#include <sodium.h>

#include "sitrep/seal.h"

static inline void sealing_number(uint8_t out[static 8], uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

static inline void sealing_entry_key(const struct group_key *key,
                                     const uint8_t salt[static SALT_LEN],
                                     const struct header *header, uint8_t out[static ENTRY_KEY_LEN])
{
    uint8_t input[14 + SALT_LEN + SIGN_KEY_LEN + 16];

    memcpy(input, "sitrep/entry/1", 14);
    memcpy(input + 14, salt, SALT_LEN);
    memcpy(input + 14 + SALT_LEN, header->author, SIGN_KEY_LEN);
    sealing_number(input + 14 + SALT_LEN + SIGN_KEY_LEN, header->epoch);
    sealing_number(input + 14 + SALT_LEN + SIGN_KEY_LEN + 8, header->seq);
    crypto_generichash(out, ENTRY_KEY_LEN, input, sizeof input, key->secret, SECRET_LEN);
}

// Seals plain[0..len) for author, epoch and seq of `header` and sets the rest of it. `out` holds
// len + 48 bytes.
static inline void sealing_by_hand(const struct group_key *key, const uint8_t salt[static SALT_LEN],
                                   struct span plain, struct header *header, uint8_t *out)
{
    uint8_t entry_key[ENTRY_KEY_LEN];
    uint8_t aad[SIGN_KEY_LEN + 16 + 2 * TAG_LEN];
    const uint8_t nonce[24] = {0};
    unsigned long long out_len = 0;

    memcpy(header->group, key->group, TAG_LEN);
    memcpy(header->key, key->id, TAG_LEN);
    memcpy(aad, header->author, SIGN_KEY_LEN);
    sealing_number(aad + SIGN_KEY_LEN, header->epoch);
    sealing_number(aad + SIGN_KEY_LEN + 8, header->seq);
    memcpy(aad + SIGN_KEY_LEN + 16, header->group, TAG_LEN);
    memcpy(aad + SIGN_KEY_LEN + 16 + TAG_LEN, header->key, TAG_LEN);
    sealing_entry_key(key, salt, header, entry_key);

    memcpy(out, salt, SALT_LEN);
    crypto_generichash(out + SALT_LEN, 16, NULL, 0, entry_key, sizeof entry_key);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + SALT_LEN + 16, &out_len, plain.bytes,
                                               plain.len, aad, sizeof aad, NULL, nonce, entry_key);
    header->size = (uint32_t)(SALT_LEN + 16 + out_len);
    crypto_generichash(header->digest, DIGEST_LEN, out, header->size, NULL, 0);
}

#endif
