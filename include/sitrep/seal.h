// SPDX-License-Identifier: EUPL-1.2
// Bodies: compressed, then sealed for one group under a key of their own. PROTOCOL.md 4.
#ifndef SITREP_SEAL_H
#define SITREP_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/header.h"
#include "sitrep/limits.h"

// One key of one group. Keep it in memory from sodium_malloc; wipe it with sodium_memzero.
struct group_key {
    uint8_t group[TAG_LEN];
    uint8_t id[TAG_LEN]; // derived from group and secret [4.8]
    uint8_t secret[SECRET_LEN];
};

// Fills `key` for `group` and `secret`, deriving its id [4.8].
void group_key_derive(struct group_key *key, const uint8_t group[static TAG_LEN],
                      const uint8_t secret[static SECRET_LEN]);

// The id of the group of all members in `space` [4.8].
void group_all_members(const uint8_t space[static ID_LEN], uint8_t group[static TAG_LEN]);

// Compression state, the digested dictionary [4.9] and scratch memory, about 2.5 MiB; one per
// thread.
struct sealer;

struct sealer *sealer_create(void); // NULL when memory ran out
void sealer_destroy(struct sealer **sealer);

// Seals `content` (1..CONTENT_MAX bytes) for author, epoch and seq of `header`, and sets the
// header's group, key, size and digest. `salt` must be fresh random bytes for every call. out holds
// SEALED_MAX bytes. Errors: ERR_LIMIT (larger than CONTENT_MAX, or than SEALED_MAX once
// compressed).
CHECKED enum err seal_body(struct sealer *sealer, const struct group_key *key,
                           const uint8_t salt[static SALT_LEN], struct span content,
                           struct header *header, uint8_t *out);

// Opens a sealed body. The content lies in the sealer's own memory until its next call.
// Errors: ERR_DENIED (not this key, or not these bytes), ERR_MALFORMED (compression), ERR_LIMIT
// (content too large).
CHECKED enum err seal_open(struct sealer *sealer, const struct group_key *key,
                           const struct header *header, struct span sealed, struct span *content);

// The key of one entry alone, from its group's key and the salt its sealed body begins with [4.2].
// Who has it can open that entry, and nothing else. Wipe it.
void seal_entry_key(const struct group_key *key, const struct header *header,
                    const uint8_t salt[static SALT_LEN], uint8_t entry_key[static ENTRY_KEY_LEN]);

// seal_open for who has been given the entry's own key and not its group's. Errors: as there.
CHECKED enum err seal_open_with(struct sealer *sealer,
                                const uint8_t entry_key[static ENTRY_KEY_LEN],
                                const struct header *header, struct span sealed,
                                struct span *content);

// Errors: ERR_MALFORMED, ERR_LIMIT: not a body of 4.7. On success `kind` points into `content`.
CHECKED enum err body_check(struct span content, struct span *kind);

// Finds the value of text key `name` in a body that body_check accepted.
// Errors: ERR_NOT_FOUND. On success `value` spans the encoded item.
CHECKED enum err body_find(struct span content, const char *name, struct span *value);
// The same of a whole number. Errors: ERR_NOT_FOUND (also when there is no body).
CHECKED enum err body_find_uint(struct span content, const char *name, uint64_t *value);

#endif
