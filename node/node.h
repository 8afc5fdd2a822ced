// SPDX-License-Identifier: EUPL-1.2
// The running node: what its spaces share, and the loop thread owns.
//
//   node.c    opens everything in order, closes it in reverse
//   thin.c    what waits for thin lines, between engines and transport
//   loop.c    waits, and hands what came to the spaces
//   upkeep.c  what is done every second: scrub, free space, guard, expiry, watchdog
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stdbool.h>

#include "api/api.h"
#include "config.h"
#include "expiry.h"
#include "groups/secrets.h"
#include "home/lineage.h"
#include "log.h"
#include "space.h"
#include "thin.h"
#include "transport/transport.h"

enum { SPACES_MAX = 1 + EXERCISES_MAX };

// Why this process makes room for a fresh one.
enum restart {
    RESTART_NOT,
    RESTART_WITH_ROSTER, // places in it mean other nodes
    RESTART_TO_REBUILD,  // a store is damaged beyond what repairing entries mends
};

struct node {
    struct home home;
    struct config config;
    struct node_keys *keys;
    const struct transport_pair *pair; // of those the one in use, as the roster says [5.12]
    struct secrets *secrets;           // of groups
    const struct roster *roster;       // the newest
    struct roster **rosters;           // all of this process's time: readers may hold older ones
    size_t rosters_count;
    struct lineage *lineage;    // all that are held
    struct roster *next_roster; // accepted, for the engines after this step
    uint32_t self;
    struct space *spaces[SPACES_MAX]; // the real world first
    size_t spaces_count;
    struct strange_space strange[STRANGE_SPACES_MAX]; // what peers talk of
    size_t strange_count;
    struct transport *transport;
    struct home_login *login; // for the proxy, until the transport has it
    struct thin_line *thin;   // by index of the peer, for as many as were met
    size_t thin_count;
    uint8_t followed[TRANSPORT_GROUPS_MAX][TAG_LEN]; // on the live plane
    size_t followed_count;
    struct api *api;
    int signal_fd;
    bool is_stopping;
    enum restart restart;
    uint64_t restart_ms; // when places in the roster mean other nodes; 0: they do not
    uint64_t started_ms;
    uint64_t upkeep_ms;
    struct expiry_watch expiry_watch;
    uint64_t expiry_ms;       // when expiry is looked at again
    bool has_met_late_roster; // one that goes back behind a change of authorities [5.23]
    struct log_limit refused_limit, link_limit, trouble_limit;
};

// Opens the node of `path`. On failure a sentence for a person has been written to stderr.
CHECKED enum err node_open(struct node **node, const char *path);
void node_close(struct node **handle);
// Writes that sentence. Returns ERR_STATE.
enum err node_complain(const char *text);
void node_keep_roster(struct node *node, struct roster *roster); // becomes the newest
// Looks which transport pair the newest roster puts in use; whether that is another than before.
bool node_choose_pair(struct node *node);
// Follows on the live plane the groups there are now.
void node_follow_groups(struct node *node);
// The name of a peer in the roster, for a log.
const char *node_peer_name(const struct node *node, uint32_t peer,
                           char out[static NAME_MAX_LEN + 1]);

// loop.c: runs until SIGTERM or SIGINT.
void node_run(struct node *node);

// steps.c: checks and keeps a roster, and uses what is in force then after this step. Errors: as
// lineage_add.
CHECKED enum err node_add_roster(struct node *node, struct span signed_roster);

// exercises.c
// Those in the home. One that cannot be opened is left out, with a word in the log.
void exercises_open(struct node *node);
CHECKED enum err exercises_order(struct node *node, enum exercise_order order, const char *name);
void exercises_list(struct node *node, struct desk_exercises *exercises);

// upkeep.c
void node_upkeep(struct node *node);

#endif
