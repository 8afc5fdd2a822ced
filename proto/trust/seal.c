// SPDX-License-Identifier: EUPL-1.2
// Seals and opens bodies: the entry's own key, commitment and encryption [4.1-4.4]. Compression is
// compression.c's. It neither draws salts nor looks into the content (body.c does), and checks no
// signature.
#include "sitrep/seal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "trust/compression.h"

enum {
    COMMITMENT_LEN = 16,
    MAC_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PLAIN_AT = SALT_LEN + COMMITMENT_LEN, // where the ciphertext begins in a sealed body
    AAD_LEN = SIGN_KEY_LEN + 8 + 8 + TAG_LEN + TAG_LEN,
};

static_assert(ENTRY_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "4.3");
static_assert(SALT_LEN + COMMITMENT_LEN + MAC_LEN == SEAL_OVERHEAD, "4.1");
static_assert(SEALED_MIN == SEAL_OVERHEAD + 1, "3.4");
static_assert((int)PLAIN_FRONT <= (int)PLAIN_AT, "packing writes before the plaintext");

struct sealer {
    struct compressor *compressor;
    uint8_t plain[PLAIN_FRONT + PLAIN_MAX];
};

struct sealer *sealer_create(void)
{
    struct sealer *sealer = malloc(sizeof *sealer);
    if (!sealer) {
        return NULL;
    }
    sealer->compressor = compressor_create();
    if (!sealer->compressor) {
        sealer_destroy(&sealer);
    }
    return sealer;
}

void sealer_destroy(struct sealer **sealer)
{
    assert(sealer);
    if (!*sealer) {
        return;
    }
    compressor_destroy(&(*sealer)->compressor);
    sodium_memzero(*sealer, sizeof **sealer);
    free(*sealer);
    *sealer = NULL;
}

static void put_be64(uint8_t out[static 8], uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (uint8_t)value;
        value >>= 8;
    }
}

// author | epoch | seq | group | key id; the first 48 bytes are also what the entry key is made of.
static void aad_fill(uint8_t aad[static AAD_LEN], const struct header *header)
{
    memcpy(aad, header->author, SIGN_KEY_LEN);
    put_be64(aad + 32, header->epoch);
    put_be64(aad + 40, header->seq);
    memcpy(aad + 48, header->group, TAG_LEN);
    memcpy(aad + 56, header->key, TAG_LEN);
}

// The commitment is made from the entry key alone, so that who is given nothing but that key can
// check it [4.2]. Keyed and over nothing, it costs one compression.
static void commit(const uint8_t entry_key[static ENTRY_KEY_LEN],
                   uint8_t commitment[static COMMITMENT_LEN])
{
    int failed =
        crypto_generichash_blake2b(commitment, COMMITMENT_LEN, NULL, 0, entry_key, ENTRY_KEY_LEN);
    assert(!failed);
    (void)failed;
}

void seal_entry_key(const struct group_key *key, const struct header *header,
                    const uint8_t salt[static SALT_LEN], uint8_t entry_key[static ENTRY_KEY_LEN])
{
    static const char label[] = "sitrep/entry/1";
    enum { LABEL_LEN = sizeof label - 1, INPUT_LEN = LABEL_LEN + SALT_LEN + 48 };
    static_assert(INPUT_LEN <= 128, "one block");
    assert(key && header);
    uint8_t aad[AAD_LEN];
    uint8_t input[INPUT_LEN];
    aad_fill(aad, header);
    memcpy(input, label, LABEL_LEN);
    memcpy(input + LABEL_LEN, salt, SALT_LEN);
    memcpy(input + LABEL_LEN + SALT_LEN, aad, 48);
    int failed = crypto_generichash_blake2b(entry_key, ENTRY_KEY_LEN, input, sizeof input,
                                            key->secret, SECRET_LEN);
    assert(!failed);
    (void)failed;
}

// The contract's own six parameters.
// NOLINTNEXTLINE(readability-function-size)
enum err seal_body(struct sealer *sealer, const struct group_key *key,
                   const uint8_t salt[static SALT_LEN], struct span content, struct header *header,
                   uint8_t *out)
{
    assert(sealer && key && header && out);
    if (content.len == 0 || content.len > CONTENT_MAX) {
        return ERR_LIMIT; // [4.5]
    }
    uint8_t *plain = out + PLAIN_AT;
    size_t plain_len = compressor_pack(sealer->compressor, content, plain);
    if (plain_len == 0) {
        return ERR_LIMIT; // [3.4]
    }
    memcpy(header->group, key->group, TAG_LEN);
    memcpy(header->key, key->id, TAG_LEN);
    uint8_t aad[AAD_LEN];
    uint8_t entry_key[ENTRY_KEY_LEN];
    aad_fill(aad, header);
    seal_entry_key(key, header, salt, entry_key);
    memcpy(out, salt, SALT_LEN);
    commit(entry_key, out + SALT_LEN);
    // The key serves once, so the nonce may be constant [4.3].
    static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    unsigned long long cipher_len = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(plain, &cipher_len, plain, plain_len, aad,
                                               sizeof aad, NULL, nonce, entry_key);
    sodium_memzero(entry_key, sizeof entry_key);

    assert(cipher_len == plain_len + MAC_LEN);
    header->size = (uint32_t)(PLAIN_AT + cipher_len);
    assert(header->size >= SEALED_MIN);
    assert(header->size <= SEALED_MAX);
    crypto_generichash_blake2b(header->digest, DIGEST_LEN, out, header->size, NULL, 0); // [3.4]
    return ERR_OK;
}

static enum err check_size(struct span sealed)
{
    if (sealed.len < SEALED_MIN) {
        return ERR_MALFORMED;
    }
    return sealed.len > SEALED_MAX ? ERR_LIMIT : ERR_OK;
}

enum err seal_open(struct sealer *sealer, const struct group_key *key, const struct header *header,
                   struct span sealed, struct span *content)
{
    assert(sealer && key && header && content);
    *content = (struct span){NULL, 0};
    enum err err = check_size(sealed);
    if (err) {
        return err;
    }
    if (memcmp(header->group, key->group, TAG_LEN) != 0 ||
        memcmp(header->key, key->id, TAG_LEN) != 0) {
        return ERR_DENIED;
    }
    uint8_t entry_key[ENTRY_KEY_LEN];
    seal_entry_key(key, header, sealed.bytes, entry_key);
    err = seal_open_with(sealer, entry_key, header, sealed, content);
    sodium_memzero(entry_key, sizeof entry_key);
    return err;
}

enum err seal_open_with(struct sealer *sealer, const uint8_t entry_key[static ENTRY_KEY_LEN],
                        const struct header *header, struct span sealed, struct span *content)
{
    assert(sealer && header && content);
    *content = (struct span){NULL, 0};
    const enum err err = check_size(sealed);
    if (err) {
        return err;
    }
    uint8_t *const plain = sealer->plain + PLAIN_FRONT;
    uint8_t aad[AAD_LEN];
    uint8_t commitment[COMMITMENT_LEN];
    aad_fill(aad, header);
    static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    // A second key that opens the same bytes differently is excluded before decryption [4.4].
    commit(entry_key, commitment);
    int failed = sodium_memcmp(commitment, sealed.bytes + SALT_LEN, COMMITMENT_LEN);
    if (!failed) {
        failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, NULL, NULL, sealed.bytes + PLAIN_AT, sealed.len - PLAIN_AT, aad, sizeof aad,
            nonce, entry_key);
    }
    if (failed) {
        return ERR_DENIED;
    }
    return compressor_unpack(sealer->compressor, plain, sealed.len - SEAL_OVERHEAD, content);
}
