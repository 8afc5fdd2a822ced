// SPDX-License-Identifier: EUPL-1.2
// The signed header of an entry, its id and its COSE_Sign1. PROTOCOL.md 2 and 3.
#ifndef SITREP_HEADER_H
#define SITREP_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/limits.h"

enum precedence { ROUTINE, PRIORITY, IMMEDIATE, FLASH, PRECEDENCES };

struct header {
    uint8_t author[SIGN_KEY_LEN];
    uint64_t epoch;
    uint64_t seq;
    uint8_t prev[ID_LEN]; // zero and not encoded at seq 1
    uint64_t time;        // hybrid logical clock [3.3]
    uint8_t precedence;   // enum precedence
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint32_t size; // bytes of the sealed body
    uint8_t digest[DIGEST_LEN];
};

// The header's bytes; returns their length, at most HEADER_MAX. The header must keep
// PROTOCOL.md 3.2-3.4.
size_t header_encode(const struct header *header, uint8_t out[static HEADER_MAX]);

// Errors: ERR_MALFORMED, ERR_LIMIT. `header` is written only on success.
CHECKED enum err header_decode(const uint8_t *bytes, size_t len, struct header *header);

// The entry's id in `space` [3.5].
void header_id(const uint8_t space[static ID_LEN], const uint8_t *bytes, size_t len,
               uint8_t id[static ID_LEN]);

// H(sealed) [3.4].
void header_digest(const uint8_t *sealed, size_t len, uint8_t digest[static DIGEST_LEN]);

// The COSE_Sign1 of header bytes and their signature [2.2]; returns its length.
size_t header_to_cose(const uint8_t *bytes, size_t len,
                      const uint8_t signature[static SIGNATURE_LEN],
                      uint8_t out[static COSE_HEADER_MAX]);

// Takes a COSE_Sign1 apart and decodes its header; checks no signature (cose_verify does).
// Errors: ERR_MALFORMED, ERR_LIMIT.
CHECKED enum err header_from_cose(const uint8_t *cose, size_t len, struct header *header,
                                  uint8_t signature[static SIGNATURE_LEN]);

#endif
