// SPDX-License-Identifier: EUPL-1.2
// The loop's side of the desk: errands that the API's threads wait for, taken and answered by the
// loop.
#ifndef NODE_ERRAND_H
#define NODE_ERRAND_H

#include <pthread.h>

#include "desk.h"

enum errand_type {
    ERRAND_PUBLISH,
    ERRAND_STATUS,
    ERRAND_PEERS,
    ERRAND_CLAIMS,
    ERRAND_CLAIM,
    ERRAND_ADD_ROSTER,
    ERRAND_CUT,
    ERRAND_LINK,
    ERRAND_EXERCISE,
    ERRAND_EXERCISES,
    ERRAND_DAMAGED
};

// Lives on the stack of the waiting thread, except ERRAND_DAMAGED, which nobody waits for and the
// loop frees.
struct errand {
    enum errand_type type;
    struct errand *next;
    bool is_answered;
    enum err err;
    union {
        struct {
            const struct desk_entry *entries;
            size_t count;
            struct desk_published *published;
            size_t failed;
            size_t taken;         // handed to the engine
            size_t done;          // durable
            uint64_t deadline_ms; // to wait for the own log
        } publish;
        struct desk_status *status;
        struct {
            struct desk_peer *list; // malloc'ed by the loop
            size_t count;
        } peers;
        struct {
            uint32_t node;
            struct engine_claims *claims;
        } claims;
        struct {
            uint32_t chain;
            uint64_t seq;
            enum peer_claim *claims; // of each node of the roster
            size_t count;
        } claim;
        struct span signed_roster;
        struct {
            uint32_t peer;
            bool is_cut;
        } cut;
        struct {
            uint32_t peer;
            const struct choice_change *change;
            struct desk_link *link;
        } link;
        struct {
            enum exercise_order order;
            const char *name;
        } exercise;
        struct desk_exercises *exercises;
        struct {
            uint32_t chain;
            uint64_t seq;
        } damaged;
    };
};

struct desk_facts { // what may be read without asking the loop
    uint32_t self;
    uint8_t space[ID_LEN];
    char exercise[NAME_MAX_LEN + 1];
    struct store *store;
    struct groups *groups;
    struct home home;
};

// Errors: ERR_IO.
CHECKED enum err desk_open(struct desk **desk, const struct desk_facts *facts,
                           const struct roster *roster);
void desk_close(struct desk **desk);
int desk_fd(const struct desk *desk); // readable when errands wait
struct errand *desk_take(
    struct desk *desk); // all that wait, in order, linked by next; NULL when none
void desk_answer(struct desk *desk, struct errand *errand, enum err err);
void desk_set_roster(struct desk *desk, const struct roster *roster);
void desk_set_arrival(struct desk *desk, uint64_t arrival); // wakes desk_wait_arrival
void desk_set_ended(struct desk *desk, bool has_ended);
// From now on every call is answered with ERR_STATE, and nothing waits any longer.
void desk_stop(struct desk *desk);

#endif
