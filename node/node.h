// SPDX-License-Identifier: EUPL-1.2
// The running node: what the loop thread owns, and the doors between its parts.
//
//   node.c        opens everything in order, closes it in reverse
//   loop.c        waits, turns what came into events, carries out the engine's effects
//   publishing.c  publications: in pieces the engine takes, under the guard's ceiling
//   upkeep.c      what is done every second: scrub, space, guard, expiry, watchdog
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stdbool.h>

#include "api/api.h"
#include "config.h"
#include "errand.h"
#include "expiry.h"
#include "home/home.h"
#include "log.h"
#include "sitrep/engine.h"
#include "store/store.h"
#include "transport/transport.h"

enum { READS_MAX = 8192, CHUNKS_MAX = 512 };

struct chunk { // a piece of a publication that the engine has
    struct errand *errand;
    size_t first, count;
};

struct node {
    struct home home;
    struct config config;
    struct node_keys *keys;
    const struct transport_pair *pair; // of those the one in use, as the roster says [5.12]
    struct group_keys *group_keys;
    const struct group_key *all_members_key; // of those, what is published is sealed with
    const struct roster *roster;             // the newest
    struct roster **rosters; // all of this process's time: readers may hold older ones
    size_t rosters_count;
    struct roster *next_roster; // accepted, for the engine after this step
    uint32_t self;
    struct store *store;
    struct engine *engine;
    struct transport *transport;
    struct desk *desk;
    struct api *api;
    int signal_fd;
    bool is_stopping;
    uint64_t started_ms;

    struct effect_read reads[READS_MAX]; // ring: reads the engine asked for
    uint32_t reads_first, reads_count;
    struct record_set records;

    struct errand *waiting;          // publications not yet wholly handed to the engine, in order
    struct chunk chunks[CHUNKS_MAX]; // by cookie modulo CHUNKS_MAX
    uint64_t next_cookie, done_cookie;
    struct guard guard;
    bool is_suspicious; // the store may be older than what was published from here
    uint64_t published_ms;

    bool is_store_failed;
    uint64_t upkeep_ms;
    uint32_t scrub_chain; // CHAIN_NONE: the records as they lie
    uint64_t scrub_at;
    uint32_t chains_max;
    bool was_rebuilt;  // the store, at this start
    bool must_restart; // the store is damaged beyond what repairing entries mends
    uint64_t own_log_deadline_ms;
    struct expiry_watch expiry_watch;
    uint64_t expiry_ms; // when expiry is looked at again
    uint64_t damaged, repaired;
    struct log_limit refused_limit, link_limit;
};

// Opens the node of `path`. On failure a sentence for a person has been written to stderr.
CHECKED enum err node_open(struct node **node, const char *path);
void node_close(struct node **handle);
// The store is damaged beyond mending entry by entry: the next start rebuilds it, and is due now.
void node_mark_suspect(struct node *node);
void node_keep_roster(struct node *node, struct roster *roster); // becomes the newest
// Looks which transport pair the newest roster puts in use; whether that is another than before.
bool node_choose_pair(struct node *node);

// loop.c: runs until SIGTERM or SIGINT.
void node_run(struct node *node);
// Feeds one event and carries out its effects, and those of the reads they ask for.
void node_step(struct node *node, struct event *event);
// Checks, keeps and uses a roster. Errors: as roster_check_next, ERR_IO.
CHECKED enum err node_add_roster(struct node *node, struct span signed_roster);

// publishing.c
void publishing_add(struct node *node, struct errand *errand);
void publishing_continue(struct node *node);
void publishing_done(struct node *node, const struct note *note);
void publishing_stop(struct node *node);
void publishing_load_guard(struct node *node);
void publishing_tighten_guard(struct node *node);

// upkeep.c
void upkeep(struct node *node);
void upkeep_after_rebuild(struct node *node);

#endif
