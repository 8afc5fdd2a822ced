// SPDX-License-Identifier: EUPL-1.2
// The groups of one space: how they stand, which keys of theirs this node holds, and what was
// released to it. PROTOCOL.md 14 and 15.
//
// A thread of its own follows the store: it opens what this node has keys for, and keeps what is of
// kind `group` and `release`, and in the real world `roster-proposal` [5.24]. From that it makes a
// view, which any thread may hold. It asks nothing of the loop but to publish, and to take a roster
// that enough have signed; and the loop waits for nothing here.
#ifndef NODE_GROUPS_GROUPS_H
#define NODE_GROUPS_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groups/secrets.h"
#include "home/home.h"
#include "sitrep/engine.h"
#include "sitrep/err.h"
#include "sitrep/group.h"
#include "sitrep/invitation.h"
#include "sitrep/proposal.h"
#include "sitrep/release.h"
#include "sitrep/roster.h"
#include "store/store.h"

struct desk;
struct groups;
struct held_view;

struct groups_options {
    uint8_t space[ID_LEN];
    uint32_t self;                // this node's index in the roster
    const struct roster *roster;  // borrowed until replaced, and for as long as views are held
    const struct node_keys *keys; // borrowed: what opens keys that come
    struct groups *real; // of an exercise: those of the real world, which lives longer; else NULL
    struct secrets *secrets; // borrowed
    struct store *store;     // borrowed
    bool brings_keys;        // by itself, where an owner is to [14.10]
    uint32_t patience_ms;    // how long a key is asked for before an owner brings another;
                             // 0: five minutes
    const struct home *home; // copied
    const char *bookmark;    // name in the home of a file that spares reading all anew
    bool is_rebuilt;         // the store is another than before: the bookmark is not used
};

// Makes a first view, without any entry. Errors: ERR_IO, ERR_NO_SPACE.
CHECKED enum err groups_open(struct groups **out, const struct groups_options *options);
// Begins to follow. `desk` is what keys are published by; it is to be stopped before groups_close.
// Errors: ERR_IO (no thread).
CHECKED enum err groups_start(struct groups *groups, struct desk *desk);
// Ends the thread. No other thread uses the groups any longer, and no view is held.
void groups_close(struct groups **handle);

// -- views: any thread --

// An entry of kind `group` or `release`, for people to find it by.
struct groups_entry {
    uint8_t id[ID_LEN];
    uint32_t chain;
    uint32_t author; // node
    uint64_t epoch, seq;
    uint64_t time;          // the header's hybrid clock
    uint8_t group[TAG_LEN]; // it was sealed for
};

// One change of a group. What `group` says of it is group->effects at the same place.
struct groups_step {
    struct groups_entry entry;
    enum group_op op;
    uint32_t centre; // whom it is about; 0 for GROUP_CREATE and GROUP_REKEY
};

enum { GROUP_TEXT_SIZE = NAME_MAX_LEN + 1 + NAME_MAX_LEN + 1 + 20 + 1 }; // `name@node/seq`, NUL

struct groups_item {
    const struct group *group;
    const struct groups_step *steps; // in order of arrival
    size_t steps_count;
    char name[GROUP_TEXT_SIZE]; // the shortest that is its own [14.12]; "all" for all members
    bool is_member, is_owner;   // this node's centre
    bool is_held;               // this node holds a key to seal with [14.10]
    size_t keys_held;
};

struct groups_view {
    const struct groups_item *items; // all members first, then by name, founder's name and place
    size_t count;                    // at least one
    const struct roster *roster;     // it goes by
    struct held_view *whole;         // with what only node/groups knows
};

// The newest view; it stays as it is until released. Never NULL.
const struct groups_view *groups_hold(struct groups *groups);
void groups_release(const struct groups_view *view);

const struct groups_item *groups_find(const struct groups_view *view,
                                      const uint8_t group[static TAG_LEN]); // or NULL
// By what people call it [14.12]. *item is the first that has the name, and *count how many there
// are, one behind the other. Errors: ERR_NOT_FOUND, ERR_STATE (several: each item's `name` is its
// own).
CHECKED enum err groups_find_name(const struct groups_view *view, const char *text,
                                  const struct groups_item **item, size_t *count);

// Waits until everything that was durable at the call was looked at, `timeout_ms` passed, or the
// node stops; not for the loop's thread. Errors: ERR_AGAIN (not yet).
CHECKED enum err groups_catch_up(struct groups *groups, uint32_t timeout_ms);

// -- keys and releases: any thread --

// The key of that group and id, to open with. It is to be wiped. Errors: ERR_NOT_FOUND (this node
// does not hold it).
CHECKED enum err groups_find_key(struct groups *groups, const uint8_t group[static TAG_LEN],
                                 const uint8_t key[static TAG_LEN], struct group_key *out);

// As secrets_kept and secrets_number: how many keys the home has kept, and which of these it is.
size_t groups_keys_kept(struct groups *groups);
CHECKED enum err groups_key_number(struct groups *groups, const uint8_t group[static TAG_LEN],
                                   const uint8_t key[static TAG_LEN], uint32_t *number);

// Opens what the record says with that key; `content` is the sealer's until it opens the next. The
// chain is the one it lies in. Errors: ERR_NOT_FOUND (this node does not hold the key), and
// seal_open's.
CHECKED enum err groups_open_body(struct groups *groups, struct sealer *sealer,
                                  const struct record *record, const struct chain *chain,
                                  struct span *content);

// What to seal for the group with [14.10]: its current key, or else one that is usable. It is to be
// wiped. Errors: ERR_NOT_FOUND (no such group), ERR_DENIED (this node's centre is no member),
// ERR_AGAIN (no usable key is here yet).
CHECKED enum err groups_seal_key(struct groups *groups, const uint8_t group[static TAG_LEN],
                                 struct group_key *out);

struct groups_released {
    struct release release; // its key is to be wiped
    struct groups_entry by; // the release's own entry: who released it, to whom, when
};
// Of the releases that say they open the entry `id` the one `at` others came before; the first of
// each node that released it. Whether it opens the entry is for release_open to say: a reader goes
// on to the next where it does not. Errors: ERR_NOT_FOUND (no more).
CHECKED enum err groups_find_release(struct groups *groups, const uint8_t id[static ID_LEN],
                                     size_t at, struct groups_released *out);

// -- proposals of rosters [5.24]: any thread --

struct groups_proposal {
    struct proposal *proposal;    // the copies merged
    struct groups_entry *entries; // they came in, in order of arrival; at least one
    size_t entries_count;
};
// Those that may follow `roster`, in order of arrival; returns how many. *list is to be freed.
// Checks signatures: not for the loop's thread.
size_t groups_proposals(struct groups *groups, const struct roster *roster,
                        struct groups_proposal **list);
void groups_proposals_free(struct groups_proposal **list, size_t count);
// How many there were when something last came, of those that may follow the newest roster.
size_t groups_proposals_open(struct groups *groups);

// -- changes --

// What to do to a group; fields an operation does not need are not looked at.
struct groups_order {
    enum group_op op;
    uint8_t group[TAG_LEN];            // all but GROUP_CREATE
    uint32_t centre;                   // ADD, REMOVE, OWN, DISOWN
    char name[NAME_MAX_LEN + 1];       // CREATE, as the next three
    struct centre_set centres, owners; // no owner: this node's centre, which is a member then
    bool has_history;
};

struct groups_done {
    uint8_t group[TAG_LEN];
    uint64_t epoch, seq; // of the last entry published
};

// Makes the change, with a new key where it needs one, which is in the home before anything is
// published; publishes it, and returns when it shows in a view (or, for a moment, does not yet, on
// a busy node). One at a time. Not for the loop's thread.
// Errors: ERR_NOT_FOUND (no such group or centre), ERR_DENIED (this node's centre is no owner),
// ERR_STATE (a member already, no member, no owner, or not for the group of all members),
// ERR_MALFORMED (a name that breaks 14.3, or owners who are no members), ERR_LIMIT (too many
// changes or keys), ERR_AGAIN (no key of all members to seal with yet), ERR_IO, ERR_NO_SPACE, and
// those of desk_publish.
CHECKED enum err groups_change(struct groups *groups, const struct groups_order *order,
                               struct groups_done *done);

// -- for the loop: none of these waits --

// Readable when there is a newer view than at the last groups_changed.
int groups_fd(const struct groups *groups);
void groups_changed(struct groups *groups);
void groups_set_arrival(struct groups *groups, uint64_t arrival); // entries up to it are durable
void groups_set_roster(struct groups *groups, const struct roster *roster);
// That entry was repaired; what it says may not have been read.
void groups_look_again(struct groups *groups, uint32_t chain, uint64_t seq);
// Of an exercise: the real world has new keys of all members, and so has this.
void groups_use_keys(struct groups *groups);

// What this node lacks and may have [14.9], current keys first: for EVENT_KEYS_WANTED.
size_t groups_wanted(struct groups *groups, struct key_ref list[static ENGINE_KEYS_MAX]);

// The answer to NOTE_KEY_WANTED [8.11]. `sealed` names group and key, and is filled for KEY_ANSWER.
enum key_verdict groups_verdict(struct groups *groups, uint32_t requester,
                                struct sealed_key *sealed);

// Takes the answer to a question of this node, of NOTE_KEY_CAME. Whether it is a key it wanted is
// found out later: the next view then holds it, or not.
void groups_take_key(struct groups *groups, const struct sealed_key *sealed);

#endif
