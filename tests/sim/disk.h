// SPDX-License-Identifier: EUPL-1.2
// A virtual store: what was committed, what waits, and old copies of it. It knows no time; the
// world says when a commit ends. Everything not committed is gone after a crash.
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stdbool.h>

#include "sitrep/engine.h"
#include "sitrep/header.h"

enum { SNAPSHOTS_MAX = 3, DISK_FAULT_MAX = 160 };

// One record's bytes, shared by all copies of the disk that hold it; never changed.
struct blob {
    uint32_t refs;
    struct record record; // record.sealed points behind this struct
};

struct slot {
    uint32_t chain;
    uint64_t seq;
    struct blob *blob;
    bool is_damaged; // what is read back is not what was written
};

struct disk_state {
    struct slot *slots; // ascending by chain, then seq
    size_t slots_count, slots_capacity;
    struct chain *chains; // index is the chain's number; first_seq 0 where there is none
    size_t chains_count, chains_capacity;
    uint64_t arrivals;
    struct moved {
        uint64_t seq;
        uint8_t id[ID_LEN];
    } * moved; // entries whose slot was overwritten in the running commit
    size_t moved_count;
};

struct batch {
    uint64_t ticket;
    struct blob **blobs;
    size_t blobs_count;
    struct chain *chains;
    size_t chains_count;
    bool is_repair;
};

struct disk {
    struct disk_state state;
    struct batch *pending;
    size_t pending_count, pending_capacity;
    size_t writing;  // how many of `pending` the running commit holds; 0: none runs
    bool is_full;    // the next commit fails
    bool has_failed; // the engine has been told, or is about to be
    struct disk_state snapshots[SNAPSHOTS_MAX];
    size_t snapshots_count;
    uint64_t repairs;
    char fault[DISK_FAULT_MAX]; // the first broken rule of the engine that the disk noticed
};

void disk_fini(struct disk *disk);

// Copies a persist effect to the end of the queue.
void disk_submit(struct disk *disk, const struct effect_persist *persist);
// Starts a commit of all that waits. False when nothing waits, or one runs.
bool disk_begin(struct disk *disk);
// Ends it well; returns the last ticket that is durable now.
uint64_t disk_commit(struct disk *disk);
// Forgets everything that waits; returns the first ticket forgotten, 0 when nothing waited.
uint64_t disk_drop(struct disk *disk);

// Of one record of a chain.
struct header disk_header(const struct chain *chain, const struct record *record);
bool disk_has_chain(const struct disk_state *state, uint32_t chain);
// The slot, or NULL. Looks in that chain alone.
struct slot *disk_find(const struct disk_state *state, uint32_t chain, uint64_t seq);
// The same, but entries below a chain's first seq are looked for in its parents.
struct slot *disk_resolve(const struct disk_state *state, uint32_t chain, uint64_t seq);
struct slot *disk_find_id(const struct disk_state *state, const uint8_t id[static ID_LEN]);

// Fills `records` (room for count_max) with consecutive undamaged records. Sets *damaged to the
// slot it stopped at when that one is damaged, else NULL.
struct read_request {
    uint32_t chain;
    uint64_t from;
    uint32_t count_max, bytes_max;
    bool is_search; // from there down to `to`, what `selection` takes
    uint64_t to;
    struct selection selection;
};
// The end of a search: where the entry is, or down to where there is none.
uint64_t disk_search(const struct disk_state *state, const struct read_request *request,
                     bool *is_found);
size_t disk_read(const struct disk_state *state, const struct read_request *request,
                 struct record *records, struct slot **damaged);

void disk_state_copy(struct disk_state *to, const struct disk_state *from);
void disk_state_fini(struct disk_state *state);
void disk_take_snapshot(struct disk *disk);

#endif
