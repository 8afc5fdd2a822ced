// SPDX-License-Identifier: EUPL-1.2
// What keys a home holds and its roster names: public parts and facts about them, never a secret.
// Needs no passphrase and no running node.
#ifndef NODE_HOME_KEYRING_H
#define NODE_HOME_KEYRING_H

#include "home/home.h"
#include "sitrep/roster_keys.h"

// A key of this home. What is said of a wrapped one was not compared with its secret.
struct own_key {
    enum key_kind kind;
    uint8_t public_key[KEY_LEN]; // of a group key the group's id and the key's, TAG_LEN bytes each
    uint64_t written_ms;         // when its file was last written: its age, but for group keys
    bool is_wrapped;             // by a passphrase
    bool is_next;                // of the home's next identity [5.22]
    int32_t at;                  // in the roster's order of keys; -1: not there, or a group key
};

struct keyring {
    struct own_key *own;
    size_t own_count;
    struct roster *roster; // the newest; NULL before joining
    uint64_t *since; // for each place of a key in the roster: the first version held from which on
                     // every one has that key
};

// Errors: ERR_NOT_FOUND (no node.key), ERR_DENIED (too open), ERR_MALFORMED (no key file),
// ERR_CORRUPT (rosters, or a public part that is none), ERR_IO. On success keyring_fini is due.
CHECKED enum err keyring_load(struct home *home, struct keyring *keyring);
void keyring_fini(struct keyring *keyring);

#endif
