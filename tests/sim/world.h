// SPDX-License-Identifier: EUPL-1.2
// One run: virtual time, the nodes, what is going to happen, and the first invariant that broke.
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/disk.h"
#include "sim/federation.h"
#include "sim/groups.h"
#include "sim/network.h"
#include "sim/oracle.h"
#include "sim/plan.h"
#include "sim/queue.h"
#include "sim/random.h"

struct node {
    uint32_t index; // instance
    uint32_t peer;  // index in the roster; a clone shares it
    bool is_used;
    bool is_malicious; // no engine: sim/mischief.c acts for it
    bool is_alive;
    bool is_own_ready;
    bool was_restored; // its store is older than what it published
    uint32_t life;     // ascends with each start
    uint32_t version;  // of the roster it holds; survives crashes
    struct engine *engine;
    struct disk disk;
    uint64_t clock_offset_ms;
    int64_t wall_offset_ms;
    uint64_t deadline_ms;          // of the engine, on the world's clock
    uint64_t ticket;               // the last one seen
    uint32_t views[INSTANCES_MAX]; // session it believes in, per instance; 0: none
    struct paced {
        struct pacer *pacer; // NULL: not used yet
        uint64_t due_ms;     // when it is looked at again; 0: it is not
        uint32_t peer_rate;  // bit/s the peer says; 0: nothing
    } paced[INSTANCES_MAX];
    uint64_t second; // virtual second in which `ticks` were counted
    uint32_t ticks;
    uint64_t latest_wall_ms; // of its clock, ever
    uint32_t held_keys;      // of world.groups, as bits; saved before they are used
};

struct tally {
    uint64_t runs, virtual_ms, entries, frames, wire_bytes, crashes, partitions, forks, repairs,
        restores, again_ms, steps, refused, disk_full, revocations, roster_forks, quarantined, keys;
};

struct mischief { // the malicious member's own log
    struct mischief_branch {
        uint64_t seq;
        uint8_t id[ID_LEN]; // of the last entry
        uint8_t prev[ID_LEN];
    } branches[BRANCHES_MAX];
    uint32_t branches_count; // beyond the first
};

enum { FAILURE_MAX = 512, MEMORIES_MAX = 64 };

// Frames seen on the way, for replaying and mutating.
struct memory {
    uint8_t *bytes;
    size_t len;
};

struct officers;

struct world {
    struct plan plan;
    struct random random;
    struct federation federation;
    struct sealer *sealer; // borrowed
    uint64_t now_ms;
    struct queue queue;
    struct node nodes[INSTANCES_MAX];
    uint32_t nodes_count;
    struct network network;
    struct oracle oracle;
    struct groups groups;
    struct officers *officers; // who write what is published; NULL: numbers are
    struct memory memories[MEMORIES_MAX];
    size_t memories_next;
    bool is_healing;    // no new faults
    bool loses_rosters; // they come by other ways only
    bool has_lost;      // restored backups took the last copy of something
    bool is_urgent;     // all that is published is flash
    bool is_routine;    // or routine
    bool is_dense;      // and does not compress
    bool may_fork;      // something in this run may legitimately cause a fork
    uint32_t publications;
    struct mischief mischief;
    struct tally tally;
    bool is_verbose;
    bool has_transcript; // scenarios keep one
    char *transcript;    // lines so far, malloc'ed; NULL when there are none
    size_t transcript_len;
    char failure[FAILURE_MAX]; // empty while every invariant holds
};

void world_init(struct world *world, const struct plan *plan, struct sealer *sealer);
void world_fini(struct world *world);

// Lets time pass until `until_ms` or a failure.
void world_run(struct world *world, uint64_t until_ms);

// Schedules for a node's present life after `delay_ms`; the fields not named are the caller's.
void world_after(struct world *world, uint64_t delay_ms, struct happening happening);

// Records the first failure.
__attribute__((format(printf, 2, 3))) void world_fail(struct world *world, const char *format, ...);
// A line for a verbose run.
__attribute__((format(printf, 2, 3))) void world_say(struct world *world, const char *format, ...);
// The same, and for the transcript of a scenario.
__attribute__((format(printf, 2, 3))) void world_tell(struct world *world, const char *format, ...);

// -- who is revoked --

// Whether the newest roster revokes the node.
bool world_has_revoked(const struct world *world, const struct node *node);
// The last seq of a log that counts by the roster that `node` holds.
uint64_t world_counts_to(const struct world *world, const struct node *node,
                         const struct chain *log);

// -- nodes --

void node_start(struct world *world, struct node *node);
void node_crash(struct world *world, struct node *node);
void node_start_later(struct world *world, const struct node *node);
// A random honest node that is alive, or was once and is not; NULL when there is none.
struct node *node_pick(struct world *world, bool is_alive);
// Gives the event to the engine, carries out its effects and checks them.
void node_step(struct world *world, struct node *node, struct event *event);
void node_publish(struct world *world, struct node *node, size_t count, size_t size);
// The same of one body that says the number `cookie`, from oracle_begin; the salt is drawn here.
void node_publish_body(struct world *world, struct node *node, uint64_t cookie,
                       struct publication *item);
void node_happens(struct world *world, struct node *node, const struct happening *happening);
// Has the engine told of every damaged record, soon.
void node_scrub(struct world *world, struct node *node);
uint64_t node_wall_ms(const struct world *world, const struct node *node);
// 'a', 'b', ...: a clone has its original's letter in capitals.
char node_letter(const struct world *world, const struct node *node);

// -- what the world's own happenings do --

void weather_begin(struct world *world); // schedules the first of each kind
void weather_strike(struct world *world, const struct happening *happening);
void weather_heal(struct world *world); // ends all faults
void weather_free_disk(struct world *world, struct node *node);

#endif
