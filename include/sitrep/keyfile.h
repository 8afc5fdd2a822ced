// SPDX-License-Identifier: EUPL-1.2
// Keys at rest: secrets wrapped by a passphrase (Argon2id), or plainly marked as not wrapped. Bytes
// only; files are node/home's.
#ifndef SITREP_KEYFILE_H
#define SITREP_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"

enum { KEYFILE_OVERHEAD = 160, KEYFILE_SECRET_MAX = 64 * 1024, KEYFILE_PUBLIC_MAX = 32 * 1024 };

struct keyfile_content {
    const char *kind;   // 1..32 bytes
    struct span public; // 1..KEYFILE_PUBLIC_MAX bytes that anybody may read [11.4]
    struct span secret; // 1..KEYFILE_SECRET_MAX bytes
};

// Wraps the secret: [ "sitrep/keys/1", kind, public, [opslimit, memlimit, salt 16] / null, nonce
// 24, box ]. `random` must be 40 fresh random bytes (salt and nonce). passphrase NULL: no wrapping
// (tests and demo): null, a nonce of zeroes, and the secret itself. Otherwise box is
// XChaCha20-Poly1305 bound to the encoded items before the nonce. out holds both lengths and
// KEYFILE_OVERHEAD bytes. Errors: ERR_LIMIT, ERR_NO_SPACE (no memory for Argon2id).
CHECKED enum err keyfile_wrap(const struct keyfile_content *content, const char *passphrase,
                              const uint8_t random[static 40], uint8_t *out, size_t *out_len);

// What a key file says without its passphrase. Nothing of it is authentic before the file has been
// opened and the public part computed anew [11.5]. The spans point into the bytes.
struct keyfile_facts {
    struct span kind;
    struct span public;
    bool is_wrapped; // opening needs a passphrase
};

// Errors: ERR_MALFORMED, ERR_LIMIT.
CHECKED enum err keyfile_inspect(const uint8_t *bytes, size_t len, struct keyfile_facts *facts);

// Opens into `secret` (at least `len` bytes). A passphrase for what is not wrapped is not used.
// Argon2id parameters over 1 GiB or 10 passes are refused. Whether the public part is that of the
// secret is for the caller to check. Errors: ERR_MALFORMED, ERR_LIMIT, ERR_DENIED (wrong
// passphrase, another kind, or damaged), ERR_NO_SPACE.
CHECKED enum err keyfile_unwrap(const char *kind, const char *passphrase, const uint8_t *bytes,
                                size_t len, uint8_t *secret, size_t *secret_len);

#endif
