// SPDX-License-Identifier: EUPL-1.2
// Keys at rest: secrets wrapped by a passphrase (Argon2id), or plainly marked as not wrapped. Bytes
// only; files are node/home's.
#ifndef SITREP_KEYFILE_H
#define SITREP_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"

enum { KEYFILE_OVERHEAD = 128, KEYFILE_SECRET_MAX = 64 * 1024 };

// Wraps `secret` (1..KEYFILE_SECRET_MAX bytes): [ "sitrep/keys/1", kind, [opslimit, memlimit, salt
// 16] / null, nonce 24, box ]. `random` must be 40 fresh random bytes (salt and nonce). passphrase
// NULL: no wrapping (tests and demo): null, a nonce of zeroes, and the secret itself. Otherwise box
// is XChaCha20-Poly1305 bound to the encoded items before the nonce. out holds len +
// KEYFILE_OVERHEAD bytes. Errors: ERR_LIMIT, ERR_NO_SPACE (no memory for Argon2id).
CHECKED enum err keyfile_wrap(const char *kind, const char *passphrase,
                              const uint8_t random[static 40], const uint8_t *secret, size_t len,
                              uint8_t *out, size_t *out_len);

// Whether opening needs a passphrase. Errors: ERR_MALFORMED.
CHECKED enum err keyfile_needs_passphrase(const uint8_t *bytes, size_t len, int *needs);

// Opens into `secret` (at least `len` bytes). A passphrase for what is not wrapped is not used.
// Argon2id parameters over 1 GiB or 10 passes are refused. Errors: ERR_MALFORMED, ERR_LIMIT,
// ERR_DENIED (wrong passphrase, another kind, or damaged), ERR_NO_SPACE.
CHECKED enum err keyfile_unwrap(const char *kind, const char *passphrase, const uint8_t *bytes,
                                size_t len, uint8_t *secret, size_t *secret_len);

#endif
