// SPDX-License-Identifier: EUPL-1.2
// Groups: who shares keys, and how that changes without a central authority. PROTOCOL.md 14.
//
// A change of a group is an entry of kind `group`. From the changes a node holds, in whatever order
// they came, and from its roster follows how the group stands: the same on every node.
#ifndef SITREP_GROUP_H
#define SITREP_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

// Centres by their index in the roster.
struct centre_set {
    uint64_t words[CENTRES_MAX / 64];
};

// Nodes by their index in the roster.
struct node_set {
    uint64_t words[NODES_MAX / 64];
};

static inline bool centre_set_has(const struct centre_set *set, uint32_t centre)
{
    return centre < CENTRES_MAX && (set->words[centre / 64] >> (centre % 64) & 1) != 0;
}

// `centre` is below CENTRES_MAX.
void centre_set_add(struct centre_set *set, uint32_t centre);

enum group_op {
    GROUP_CREATE, // the founding: name, centres, owners; no key, as that needs the group's id
    GROUP_ADD,    // a centre becomes a member
    GROUP_REMOVE, // a centre ceases to be member and owner
    GROUP_OWN,    // a centre becomes an owner
    GROUP_DISOWN, // a centre ceases to be an owner
    GROUP_REKEY,  // a new key
    GROUP_OPS
};

// What one change says [14.2]. Fields an operation does not have are zero.
struct group_body {
    enum group_op op;
    uint8_t group[TAG_LEN]; // all but GROUP_CREATE
    // The latest changes its author knew besides the founding, ascending; all but GROUP_CREATE.
    uint8_t after[GROUP_AFTER_MAX][ID_LEN];
    size_t after_count;
    uint32_t centre; // whom it is about: all but GROUP_CREATE and GROUP_REKEY
    bool has_key;    // always in REMOVE and REKEY, maybe in ADD, never in CREATE, OWN and DISOWN
    uint8_t key_hash[DIGEST_LEN];      // group_key_hash of the new key
    struct node_set revoked;           // with a key: the nodes its author knew as revoked
    char name[NAME_MAX_LEN + 1];       // CREATE only, as the next three
    struct centre_set centres, owners; // owners are among the centres
    bool has_history;                  // who is added later may read what was before
};

enum {
    // The longest body: 16 ids in a change that brings a key, and all nodes revoked; or a founding
    // with all centres.
    GROUP_BODY_MAX = 256 + GROUP_AFTER_MAX * (ID_LEN + 2) + 2 * 3 * CENTRES_MAX + 3 * NODES_MAX,
};

// The body of a change, deterministic. Returns its length, or 0 when it breaks 14.2 or 14.3 or does
// not fit.
CHECKED size_t group_body_encode(const struct group_body *body, uint8_t *out, size_t size);

// Reads the content of an entry of kind `group`. `body` is written only on success.
// Errors: ERR_MALFORMED, ERR_LIMIT: no change of 14.2 and 14.3.
CHECKED enum err group_body_decode(struct span content, struct group_body *body);

// The group id that follows from the id of its founding entry [14.4].
void group_id_derive(const uint8_t founding[static ID_LEN], uint8_t group[static TAG_LEN]);

// What a change says of its key: the hash whose first bytes are the key id [4.8].
void group_key_hash(const uint8_t group[static TAG_LEN], const uint8_t secret[static SECRET_LEN],
                    uint8_t hash[static DIGEST_LEN]);

// The nodes a change that brings a key has to name now [14.3].
void group_revoked_nodes(const struct roster *roster, struct node_set *revoked);

// One entry of kind `group`: authentic, sealed for the group of all members [14.1], and opened.
struct group_change {
    uint8_t id[ID_LEN]; // of the entry
    uint32_t author;    // index in the roster
    uint64_t epoch, seq;
    struct span content; // the opened body, borrowed for the call
};

struct group_changes {
    const struct group_change *list;
    size_t count;
};

enum group_effect {
    GROUP_COUNTS,       // and holds, as far as it is not undone by later changes
    GROUP_OVERRULED,    // a concurrent change took away what its author relied on [14.7]
    GROUP_UNAUTHORISED, // its author's centre was no owner then [14.6]
    GROUP_REVOKED,      // beyond what counts of its author, or by nobody in the roster [14.6]
    GROUP_UNRELATED,    // another group's, or a founding that is not the first
    GROUP_UNREADABLE,   // no change of 14.2 and 14.3
    GROUP_TOO_MANY      // over GROUP_CHANGES_MAX
};

// A key a change brought.
struct group_keying {
    uint8_t hash[DIGEST_LEN];   // group_key_hash; its first TAG_LEN bytes are the key id
    uint8_t change[ID_LEN];     // the change that brought it
    struct centre_set audience; // who was a member then and may have it now [14.9]
    bool is_usable;             // nobody who should not is known to have it [14.10]
};

// How a group stands.
struct group {
    uint8_t id[TAG_LEN];
    bool is_all; // the group of all members: every centre is member and owner
    // Of the founding change; empty, zero and true in the group of all members.
    char name[NAME_MAX_LEN + 1];
    uint8_t founding[ID_LEN];
    uint32_t founder; // node
    bool has_history;
    struct centre_set members, owners;       // full in the group of all members
    uint8_t latest[GROUP_AFTER_MAX][ID_LEN]; // what the next change names in `after`
    size_t latest_count;
    bool needs_key;                     // an owner should bring a new key [14.10]
    const struct group_keying *current; // what to seal with; NULL when no key is usable
    const struct group_keying *keys;    // in the order of 14.5
    size_t keys_count;
    const enum group_effect *effects; // of each change handed over, in that order
};

// Works out how `group` stands from `changes`, in any order and with repetitions; those of other
// groups do no harm. Time is O(n log n) in all changes, and at most quadratic in those that count,
// of which there are GROUP_CHANGES_MAX. On success the caller owns *out (group_destroy).
// Errors: ERR_NOT_FOUND (no founding change that counts is among them), ERR_NO_SPACE (memory).
CHECKED enum err group_evaluate(const uint8_t space[static ID_LEN],
                                const uint8_t group[static TAG_LEN], const struct roster *roster,
                                struct group_changes changes, struct group **out);

void group_destroy(struct group **group);

// The key of that id; NULL when the group has none such.
const struct group_keying *group_find_key(const struct group *group,
                                          const uint8_t key[static TAG_LEN]);

// Whether the node `requester` may have that key, for who is asked for it [14.9].
bool group_entitled(const struct group *group, const struct roster *roster, uint32_t requester,
                    const uint8_t key[static TAG_LEN]);

// Whether a secret that came with a key message is the one its change promised [8.11].
// Errors: ERR_NOT_FOUND (the group has no key of that id), ERR_DENIED (another secret).
CHECKED enum err group_check_key(const struct group *group, const struct group_key *key);

#endif
