// SPDX-License-Identifier: EUPL-1.2
// COSE_Sign1 with Ed25519 and nothing else: one protected header, an empty unprotected one.
// PROTOCOL.md 2. Which key may sign what is not decided here.
#include "sitrep/cose.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static_assert(sizeof(struct signing_key) == crypto_sign_SECRETKEYBYTES, "libsodium's form");
static_assert(SIGN_KEY_LEN == crypto_sign_PUBLICKEYBYTES, "a public key");
static_assert(SIGN_KEY_LEN == crypto_sign_SEEDBYTES, "a seed");
static_assert(SIGNATURE_LEN == crypto_sign_BYTES, "a signature");

enum {
    AAD_MAX = 64,
    PREFIX_MAX = 96, // bytes of a Sig_structure besides its payload: 1 + 11 + 4 + 66 + 9 = 91
};

static const uint8_t protected_header[] = {0xa1, 0x01, 0x27}; // {1: -8} [2.1]

// A Sig_structure in one piece, as libsodium wants it: on the stack unless the payload is large.
struct signed_bytes {
    uint8_t small[PREFIX_MAX + COSE_SMALL];
    uint8_t *bytes;
    size_t len;
};

static enum err signed_bytes_init(struct signed_bytes *signed_bytes, struct span aad,
                                  struct span payload)
{
    static const char context[] = "Signature1";
    struct cbor_writer writer;
    const size_t size = PREFIX_MAX + payload.len;

    assert(aad.len <= AAD_MAX);
    signed_bytes->bytes = payload.len <= COSE_SMALL ? signed_bytes->small : malloc(size);
    if (signed_bytes->bytes == NULL) {
        return ERR_NO_SPACE;
    }
    cbor_write(&writer, signed_bytes->bytes, size);
    cbor_put_array(&writer, 4);
    cbor_put_text(&writer, context, sizeof context - 1);
    cbor_put_bytes(&writer, protected_header, sizeof protected_header);
    cbor_put_bytes(&writer, aad.bytes, aad.len);
    cbor_put_bytes(&writer, payload.bytes, payload.len);
    signed_bytes->len = cbor_written(&writer);
    assert(signed_bytes->len > payload.len);
    return ERR_OK;
}

static void signed_bytes_fini(struct signed_bytes *signed_bytes)
{
    if (signed_bytes->bytes != signed_bytes->small) {
        free(signed_bytes->bytes);
    }
}

void signing_key_from_seed(struct signing_key *key, const uint8_t seed[static SIGN_KEY_LEN],
                           uint8_t public_key[static SIGN_KEY_LEN])
{
    crypto_sign_seed_keypair(public_key, key->bytes, seed);
}

enum err cose_sign(const struct signing_key *key, struct span aad, struct span payload,
                   uint8_t signature[static SIGNATURE_LEN])
{
    struct signed_bytes signed_bytes;
    const enum err err = signed_bytes_init(&signed_bytes, aad, payload);

    if (err != ERR_OK) {
        memset(signature, 0, SIGNATURE_LEN);
        return err;
    }
    crypto_sign_detached(signature, NULL, signed_bytes.bytes, signed_bytes.len, key->bytes);
    signed_bytes_fini(&signed_bytes);
    return ERR_OK;
}

enum err cose_verify(const uint8_t public_key[static SIGN_KEY_LEN], struct span aad,
                     struct span payload, const uint8_t signature[static SIGNATURE_LEN])
{
    struct signed_bytes signed_bytes;
    const enum err err = signed_bytes_init(&signed_bytes, aad, payload);

    if (err != ERR_OK) {
        return err;
    }
    const int failed =
        crypto_sign_verify_detached(signature, signed_bytes.bytes, signed_bytes.len, public_key);
    signed_bytes_fini(&signed_bytes);
    return failed == 0 ? ERR_OK : ERR_DENIED;
}

size_t cose_encode(struct span payload, const uint8_t signature[static SIGNATURE_LEN], uint8_t *out,
                   size_t size)
{
    struct cbor_writer writer;

    cbor_write(&writer, out, size);
    cbor_put_array(&writer, 4);
    cbor_put_bytes(&writer, protected_header, sizeof protected_header);
    cbor_put_map(&writer, 0);
    cbor_put_bytes(&writer, payload.bytes, payload.len);
    cbor_put_bytes(&writer, signature, SIGNATURE_LEN);
    return cbor_written(&writer);
}

enum err cose_decode(const uint8_t *cose, size_t len, struct span *payload,
                     uint8_t signature[static SIGNATURE_LEN])
{
    struct cbor_reader reader;
    uint8_t header[sizeof protected_header];

    cbor_read(&reader, cose, len);
    cbor_get_array_of(&reader, 4);
    cbor_get_exact(&reader, header, sizeof header);
    if (memcmp(header, protected_header, sizeof header) != 0) { // another algorithm [2.2]
        cbor_fail(&reader, ERR_MALFORMED);
    }
    if (cbor_get_map(&reader) != 0) { // what nobody signed could say anything [2.2]
        cbor_fail(&reader, ERR_MALFORMED);
    }
    *payload = cbor_get_bytes(&reader);
    cbor_get_exact(&reader, signature, SIGNATURE_LEN);
    return cbor_finish(&reader);
}
