// SPDX-License-Identifier: EUPL-1.2
// What people call an entry: `be-nccn/12`, `be-nccn.1/17` in epoch 1, `be-nccn/42a` on one branch
// of a fork.
//
// The branches of a forked log have letters, in ascending order of the id of the first entry that
// a branch shares with no other; entries before the fork have none. So every node that holds the
// same entries uses the same names. Beyond a revocation letters tell apart what this node holds
// there, and what lies there has no say in the letters before it.
#ifndef NODE_NAMING_H
#define NODE_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/record.h"
#include "sitrep/roster.h"
#include "store/store.h"

struct name {
    char node[NAME_MAX_LEN + 1];
    uint64_t epoch;
    uint64_t seq;
    char fork; // 'a'..'h', or 0
};

enum { NAME_SIZE = NAME_MAX_LEN + 1 + 10 + 1 + 20 + 1 + 1 }; // the longest name and its NUL

void name_format(const struct name *name, char out[static NAME_SIZE]);

// Reads exactly what name_format writes. Errors: ERR_MALFORMED; `*why` is a sentence for a person.
CHECKED enum err name_parse(const char *text, struct name *name, const char **why);

// The chains of a store, by log, and the letters of their branches. Any thread may call.
struct naming;

CHECKED enum err naming_create(struct naming **naming, struct store *store);
void naming_destroy(struct naming **naming);

struct named {
    struct name name;
    uint32_t node;       // index in the roster
    struct chain chain;  // the one that holds the entry
    bool is_quarantined; // its author was revoked before it [5.11]
};

// The name of the entry `seq` of `chain`. Reads the store's chains again when there was a commit.
// Errors: ERR_NOT_FOUND (no such chain, or its author is not in the roster), and the store's.
CHECKED enum err naming_of(struct naming *naming, const struct roster *roster,
                           const struct record *record, struct named *named);

// The chain that holds the entry of that name. Reads the store's chains again when there was a
// commit. Whether the entry itself is held is for the store to say. Errors: ERR_NOT_FOUND (no such
// log or branch), ERR_STATE (the name needs a letter: `letters` lists those there are).
CHECKED enum err naming_find(struct naming *naming, const struct roster *roster,
                             const struct name *name, struct named *named,
                             char letters[static BRANCHES_MAX + 1]);

#endif
