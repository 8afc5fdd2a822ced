// SPDX-License-Identifier: EUPL-1.2
// The plaintext of sealed bodies: a compression byte and the content as it says [4.5, 4.6].
#ifndef TRUST_COMPRESSION_H
#define TRUST_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

enum {
    PLAIN_MAX = SEALED_MAX - SEAL_OVERHEAD,
    PLAIN_FRONT = 8, // bytes before a plaintext that both calls overwrite
};

// Contexts, the digested dictionary and room for a content; one per thread.
struct compressor;

struct compressor *compressor_create(void); // NULL when memory ran out
void compressor_destroy(struct compressor **compressor);

// Writes the plaintext of `content` to `plain`, at most PLAIN_MAX bytes, compressed when that is
// smaller. Returns its length, or 0 when it does not fit.
size_t compressor_pack(struct compressor *compressor, struct span content, uint8_t *plain);

// Finds the content of the plaintext plain[0..len), of 1..PLAIN_MAX bytes, and overwrites its first
// byte. The content lies in `plain`, or in the compressor's memory until its next call.
// Errors: ERR_MALFORMED (not what the first byte says), ERR_LIMIT (larger than CONTENT_MAX).
CHECKED enum err compressor_unpack(struct compressor *compressor, uint8_t *plain, size_t len,
                                   struct span *content);

#endif
