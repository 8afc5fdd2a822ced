// SPDX-License-Identifier: EUPL-1.2
// The group secrets of a home: in memory for all threads and all spaces, and in keys/groups.key.
#ifndef NODE_GROUPS_SECRETS_H
#define NODE_GROUPS_SECRETS_H

#include "desk.h"
#include "home/home.h"

struct secrets;

// Takes `passphrase` (of passphrase_destroy; NULL: the file is not wrapped) and `keys` over, and
// keeps them until secrets_close: what comes later is wrapped like the rest.
void secrets_open(struct secrets **out, const struct home *home, char **passphrase,
                  struct group_keys **keys);
// Wipes everything. Nobody uses it any longer. May be called with NULL.
void secrets_close(struct secrets **handle);

// From now on it has the keys of all members of that exercise, too: one from each of those of the
// real world, also from those that come later [16.3]. Errors: ERR_LIMIT (there are
// EXERCISES_MAX).
CHECKED enum err secrets_add_exercise(struct secrets *secrets,
                                      const uint8_t federation[static ID_LEN],
                                      const uint8_t space[static ID_LEN]);
void secrets_remove_exercise(struct secrets *secrets, const uint8_t space[static ID_LEN]);

// Any thread may call these. A key that is copied out is to be wiped with sodium_memzero.
// Errors: ERR_NOT_FOUND.
CHECKED enum err secrets_find(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                              const uint8_t key[static TAG_LEN], struct group_key *out);
bool secrets_have(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                  const uint8_t key[static TAG_LEN]);
size_t secrets_count(struct secrets *secrets, const uint8_t group[static TAG_LEN]);
// The key of that group before which `at` others were kept. Errors: ERR_NOT_FOUND.
CHECKED enum err secrets_at(struct secrets *secrets, const uint8_t group[static TAG_LEN], size_t at,
                            struct group_key *out);

// Keys are numbered in the order in which this home kept them, from 0, also over restarts; what an
// exercise works out has the number of what it follows from.
size_t secrets_kept(struct secrets *secrets); // how many there are
// The number of that key. Errors: ERR_NOT_FOUND.
CHECKED enum err secrets_number(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                                const uint8_t key[static TAG_LEN], uint32_t *number);

// Writes the file anew with these keys and then offers them; those it has are left out. Slow where
// a passphrase wraps it: not for the loop's thread. Errors: ERR_LIMIT (more than GROUP_KEYS_MAX; it
// keeps none of them), ERR_IO, ERR_NO_SPACE.
CHECKED enum err secrets_keep(struct secrets *secrets, const struct group_key *keys, size_t count);

#endif
