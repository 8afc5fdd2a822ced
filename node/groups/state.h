// SPDX-License-Identifier: EUPL-1.2
// Inside node/groups only: what the parts of a space's groups share.
//
//   groups.c    opens, closes, and is the thread: what it does in which order
//   follower.c  the store's entries one after the other: which say something of groups
//   gathering.c the changes of each group, as they were heard
//   bookmark.c  what spares the follower the way from the beginning
//   view.c      how the groups stand, as a whole that many threads may hold
//   keys.c      which key to seal with, to ask for, to give, to take
//   released.c  releases by the entry they open
//   proposals.c rosters that are proposed and may follow
//   change.c    changes of a group, made by people, or due by themselves
#ifndef NODE_GROUPS_STATE_H
#define NODE_GROUPS_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "groups/groups.h"
#include "log.h"

enum {
    // Against a member that floods: groups, bytes of changes, and releases beyond these are not
    // looked at.
    GATHERINGS_MAX = 4096,
    GATHERED_BYTES_MAX = 64 * 1024 * 1024,
    RELEASED_MAX = 16384,
    MISSING_MAX = 4096,
    INBOX_MAX = 64
};

// How a group stands; shared by the views in which it stands so.
struct standing {
    atomic_uint holders;
    struct group *group;
    struct groups_step *steps;
    size_t steps_count;
    uint64_t founded_seq; // of its founding entry; 0 of the group of all members
};
void standing_put(struct standing *standing); // NULL does nothing

struct heard { // an entry of kind `group`
    struct groups_step step;
    uint8_t *content;
    size_t len;
};

// All that was heard of one group.
struct gathering {
    uint8_t group[TAG_LEN];
    struct heard *list; // in order of arrival
    size_t count;
    bool is_stale;             // something came since `standing` was worked out
    struct standing *standing; // NULL where there is no founding that counts
};

// Entries this node has no key for.
struct missing {
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint64_t first, last; // arrivals between which they lie
};

struct proposed { // a copy of a proposal, as an entry brought it
    struct groups_entry entry;
    uint64_t version;
    uint8_t *bytes;
    size_t len;
};

struct missing_list {
    struct missing *list;
    size_t count;
};

struct author { // of a chain
    bool is_known;
    struct chain chain;
};

// The thread's own, but for groups_open before it.
struct follower {
    const struct roster *roster; // it goes by
    struct sealer *sealer;
    struct group_key *key; // the last one used, from sodium_malloc; keys do not go away
    struct record_set records;
    struct author *authors; // by chain number
    size_t authors_count;

    uint64_t arrival;   // looked at up to here
    uint64_t stuck_at;  // what was durable when the store could not be read
    uint8_t id[ID_LEN]; // of the entry there
    uint64_t *marked;   // arrivals of what was found, ascending but for repaired ones
    size_t marked_count;

    struct missing_list missing; // ascending by group and key
    uint64_t missing_from;       // from here on there may be more than the list says; 0: nowhere
    // A second look, with keys that came: the entries of `found` between these arrivals.
    struct missing_list found;
    uint64_t second_at, second_to; // second_at > second_to: none is due

    struct gathering *gatherings; // that of all members first
    size_t gatherings_count;
    size_t gathered_bytes;
    struct log_limit flood_limit;
    bool has_news;      // for a view
    bool has_proposals; // that were not looked at together
    bool has_new_marks;
};

// A key that a group of this node's needs, and when this node brings it if no other has.
struct due {
    uint8_t group[TAG_LEN];
    bool needs_key; // or it is one that this node cannot get
    uint64_t at_ms;
};

struct held_view {
    struct groups_view public;
    atomic_uint holders;
    struct standing **standings; // of its items
    struct key_ref wanted[ENGINE_KEYS_MAX];
    size_t wanted_count;
    struct groups_item items[];
};

struct repaired {
    uint32_t chain;
    uint64_t seq;
};

struct groups {
    uint8_t space[ID_LEN];
    uint8_t all[TAG_LEN]; // the group of all members
    uint32_t self;
    const struct node_keys *keys;
    struct secrets *secrets;
    struct groups *real; // NULL in the real world
    struct store *store;
    struct home home; // the thread's
    char bookmark[128];
    bool brings_keys;
    bool is_real; // the federation's own space: rosters are of the real world alone
    uint64_t patience_ms;
    struct desk *desk;
    pthread_t thread;
    bool has_thread;
    int event_fd;

    pthread_mutex_t lock; // of all up to the next mutex
    pthread_cond_t wake;  // the thread
    pthread_cond_t shown_on;
    struct held_view *view;
    const struct roster *roster;
    bool has_new_roster;
    bool has_new_keys;
    uint64_t durable;    // the newest arrival told
    uint64_t shown;      // what came up to here is in the view
    uint64_t durable_ms; // when that was told
    bool has_caught_up;  // once
    size_t waiting;      // who waits for what is shown
    bool is_stopping;
    struct sealed_key came[INBOX_MAX];
    size_t came_count;
    struct repaired repaired[INBOX_MAX];
    size_t repaired_count;
    bool must_start_over;             // more was repaired than could be told
    struct groups_released *released; // ascending by the id they open; from sodium_malloc
    size_t released_count, released_size;
    struct proposed *proposed; // in order of arrival
    size_t proposed_count, proposed_bytes;
    size_t proposals_open; // that may follow, merged

    pthread_mutex_t changing; // held by who makes a change
    struct group_key *spare;  // made for a change that was not published; from sodium_malloc

    struct follower follower;
    struct due *dues; // the thread's
    size_t dues_count;
};

// follower.c
CHECKED enum err follower_open(struct groups *groups);
void follower_close(struct groups *groups);
// Looks at the next entries, of which those up to `durable` are there; false when there are none.
bool follower_go_on(struct groups *groups, uint64_t durable);
// Looks once more at a part of what keys came for; false when that is done.
bool follower_look_back(struct groups *groups);
void follower_look_at(struct groups *groups, const struct record *record);
// The entry that arrived as that number, where it is held and not damaged.
bool follower_look_at_arrival(struct groups *groups, uint64_t arrival);
void follower_look_at_repaired(struct groups *groups, const struct repaired *repaired);
// Keys came: what they open is looked at next.
void follower_use_keys(struct groups *groups);
void missing_add(struct missing_list *missing, const struct missing *one);
void follower_mark(struct follower *follower, uint64_t arrival); // for the bookmark

// gathering.c
void gathering_begin_all(struct groups *groups); // once
// What was heard of that group; NULL when there is nothing.
struct gathering *gathering_find(struct follower *follower, const uint8_t group[static TAG_LEN]);
// Keeps what an entry of kind `group` says; false when it is there already, is no change, or there
// is no room.
bool gathering_add(struct groups *groups, const struct groups_entry *entry, struct span content);
void gatherings_close(struct follower *follower);

// released.c
bool released_add(struct groups *groups, const struct groups_entry *entry, struct span content);

// bookmark.c
void bookmark_load(struct groups *groups); // follows it as far as it goes
void bookmark_save(struct groups *groups);

// proposals.c
void proposals_close(struct groups *groups);
// Keeps what an entry of kind `roster-proposal` carries; false when it is there already, is none,
// or can follow no more.
bool proposal_add(struct groups *groups, const struct groups_entry *entry, struct span content);
// Forgets what can follow no more, and hands what enough have signed to the loop.
void proposals_take(struct groups *groups);

// view.c
// Works out anew what is not as it was, or all, and shows it.
void held_view_make(struct groups *groups, bool is_all_stale);
void held_view_put(struct held_view *view);

// keys.c
// Whether this node holds a key to seal with for the group; `out` may be NULL.
bool keys_find_usable(struct groups *groups, const struct group *group, struct group_key *out);
// What a change of the group of all members is sealed with that brings a key where none is usable.
bool keys_find_last(struct groups *groups, const struct group *group, struct group_key *out);
void keys_list_wanted(struct groups *groups, struct held_view *view);
// Keeps those of the keys that came that were promised.
void keys_take(struct groups *groups, const struct sealed_key *came, size_t count);

// change.c
void dues_look(struct groups *groups, uint64_t now_ms); // after a new view
uint64_t dues_next_ms(const struct groups *groups);     // UINT64_MAX when nothing is due
void dues_run(struct groups *groups, uint64_t now_ms);  // when all that is durable is shown

#endif
