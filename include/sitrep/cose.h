// SPDX-License-Identifier: EUPL-1.2
// Ed25519 signatures as COSE_Sign1 (RFC 9052, RFC 8032). PROTOCOL.md 2. Deterministic: nothing here
// draws randomness.
#ifndef SITREP_COSE_H
#define SITREP_COSE_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

// An Ed25519 secret key in libsodium's form (seed | public key). Keep it in memory from
// sodium_malloc.
struct signing_key {
    uint8_t bytes[64];
};

// The key pair of `seed`. The public key is written to `public_key`.
void signing_key_from_seed(struct signing_key *key, const uint8_t seed[static SIGN_KEY_LEN],
                           uint8_t public_key[static SIGN_KEY_LEN]);

enum { COSE_SMALL = 512 }; // bytes of a payload that is signed and verified without any allocation

// Signs `payload` for the use named by `aad` [2.1]; aad at most 64 bytes.
// Errors: ERR_NO_SPACE (no memory, and the signature is zeroes), only when the payload is longer
// than COSE_SMALL; shorter ones need no check, so callers are not forced to.
enum err cose_sign(const struct signing_key *key, struct span aad, struct span payload,
                   uint8_t signature[static SIGNATURE_LEN]);

// Errors: ERR_DENIED (the signature is not by `public_key` over these bytes, or the key is no good
// one), ERR_NO_SPACE (as above).
CHECKED enum err cose_verify(const uint8_t public_key[static SIGN_KEY_LEN], struct span aad,
                             struct span payload, const uint8_t signature[static SIGNATURE_LEN]);

// Encodes [h'a10127', {}, payload, signature] into out[0..size); 0 when it does not fit. Needs
// payload.len + 80.
size_t cose_encode(struct span payload, const uint8_t signature[static SIGNATURE_LEN], uint8_t *out,
                   size_t size);

// Errors: ERR_MALFORMED. `payload` points into `cose`.
CHECKED enum err cose_decode(const uint8_t *cose, size_t len, struct span *payload,
                             uint8_t signature[static SIGNATURE_LEN]);

#endif
