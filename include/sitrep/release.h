// SPDX-License-Identifier: EUPL-1.2
// Releases: one entry opened to another group by its own key. PROTOCOL.md 15.
#ifndef SITREP_RELEASE_H
#define SITREP_RELEASE_H

#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/header.h"
#include "sitrep/limits.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

// What the body of an entry of kind `release` says [15.1]. It has a key in it: wipe it with
// sodium_memzero.
struct release {
    uint8_t id[ID_LEN]; // of the entry it opens, and where to find that:
    uint32_t author;    // index in the roster
    uint64_t epoch, seq;
    uint8_t key[ENTRY_KEY_LEN];
};

enum { RELEASE_BODY_MAX = 160 }; // the longest is 1 + 37 + 38 + 13 + 13 + 11 + 10 = 123 bytes

// The body, deterministic; returns its length. epoch, seq and author must keep PROTOCOL.md 3.2 and
// 5.9.
size_t release_encode(const struct release *release, uint8_t out[static RELEASE_BODY_MAX]);

// Reads the content of an entry of kind `release`. `release` is written only on success.
// Errors: ERR_MALFORMED, ERR_LIMIT: not the body of 15.1.
CHECKED enum err release_decode(struct span content, struct release *release);

// An entry as the store holds it. It must be authentic [3.6]: nothing here checks a signature.
struct release_entry {
    const uint8_t *space; // ID_LEN bytes
    const struct roster *roster;
    const struct header *header;
    struct span sealed;
};

// Makes the release of an entry this node can read with `key`, after opening it.
// Errors: ERR_DENIED (not this key, not these bytes, or an author the roster does not have),
// ERR_STATE (it is a release itself [15.4]), ERR_MALFORMED, ERR_LIMIT (it is no body).
CHECKED enum err release_make(struct sealer *sealer, const struct group_key *key,
                              const struct release_entry *entry, struct release *release);

// Opens the entry that `release` names. The content lies in the sealer's own memory until its next
// call. Errors: ERR_DENIED (`entry` is not the entry that is named, or not opened by that key),
// ERR_MALFORMED, ERR_LIMIT (what it holds breaks 4.5).
CHECKED enum err release_open(struct sealer *sealer, const struct release *release,
                              const struct release_entry *entry, struct span *content);

#endif
