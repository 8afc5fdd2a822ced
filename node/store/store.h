// SPDX-License-Identifier: EUPL-1.2
// The node's store: entries in order of arrival, found by chain and seq. The only place that knows
// LMDB.
//
// One writer thread owns the write transactions; any thread may read. What is read is copied out;
// no reader outlives its call. Every commit is synced before it is reported. LMDB has no checksums,
// so readers check records against their ids (record_check) before anything leaves the process.
#ifndef NODE_STORE_H
#define NODE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/engine.h"
#include "sitrep/err.h"
#include "sitrep/record.h"

struct store;

struct store_options {
    uint8_t space[ID_LEN];
    uint64_t map_bytes;        // first size of the map (address space); grows by itself; 0: 256 MiB
    uint64_t reserve_bytes;    // nothing is written below this much free disk; 0: 64 MiB
    uint64_t (*wall_ms)(void); // clock for arrival times
};

// Opens or creates the store in folder `dir` (0700, files 0600). Errors: ERR_IO, ERR_NO_SPACE,
// ERR_CORRUPT (damaged, or marked as suspect; store_rebuild saves what can be saved), ERR_STATE (in
// use by another process, or of another space), ERR_DENIED (on a network file system).
CHECKED enum err store_open(struct store **store, const char *dir,
                            const struct store_options *options);
// Commits what was submitted, then closes.
void store_close(struct store **store);

enum { STORE_PATH_LEN = 4096 };
// The file in folder `dir` whose existence makes store_open answer ERR_CORRUPT. For a handler of
// SIGSEGV and SIGBUS to create: reading a damaged page can crash. Errors: ERR_LIMIT (path too
// long).
CHECKED enum err store_suspect_path(const char *dir, char out[static STORE_PATH_LEN]);

// Whether damage was met since the store was opened that repairing entries does not mend. It is to
// be closed and opened again then. Any thread.
bool store_is_suspect(const struct store *store);

// -- writing: called by the loop thread only --

// Hands a persist effect to the writer, which copies it. Batches submitted while a commit runs are
// committed together. Errors: ERR_AGAIN (more than 64 MiB is waiting).
CHECKED enum err store_submit(struct store *store, const struct effect_persist *persist);

struct store_result {
    uint64_t ticket; // all batches up to this one
    enum err err;    // ERR_OK: durable. Else: none of them from `first_failed` on was stored
    uint64_t first_failed;
};

// A descriptor that becomes readable when results wait.
int store_results_fd(const struct store *store);
// Takes the next result. Errors: ERR_NOT_FOUND (none waits).
CHECKED enum err store_next_result(struct store *store, struct store_result *result);

// After a failure for space: whether there is room again (probes; called about once a second by the
// loop).
bool store_has_space(struct store *store);

// -- reading: any thread --

// Each chain and each entry ahead of a gap, for engine_restore_*. Stops at the first error `each`
// returns, and returns it.
CHECKED enum err store_each_chain(struct store *store,
                                  enum err (*each)(void *context, const struct chain *chain),
                                  void *context);
CHECKED enum err store_each_ahead(struct store *store,
                                  enum err (*each)(void *context, const struct record *record),
                                  void *context);

// A buffer that records are copied to; reused from call to call.
struct record_set {
    struct record *records;
    size_t count;
    size_t capacity;
    uint8_t *bytes;
    size_t bytes_len;
    size_t bytes_capacity;
};
void record_set_clear(struct record_set *set); // keeps the memory
void record_set_fini(struct record_set *set);  // releases it

// Records of chain (or its ancestors below first_seq) from `from` on, consecutive, at most
// count_max and bytes_max sealed bytes (the first comes whatever its size). Stops before the first
// that is missing or names another chain or seq.
CHECKED enum err store_read(struct store *store, uint32_t chain, uint64_t from, uint32_t count_max,
                            uint32_t bytes_max, struct record_set *set);
// The id of one entry that lies in that chain itself, not in an ancestor: much less work than to
// read it. Errors: ERR_NOT_FOUND, ERR_CORRUPT, and others of reading.
CHECKED enum err store_read_id(struct store *store, uint32_t chain, uint64_t seq,
                               uint8_t id[static ID_LEN]);
// The engine's read effect when it is a search. Without a record in the set nothing was found down
// to *searched; damaged entries are passed over.
CHECKED enum err store_search(struct store *store, const struct effect_read *read,
                              struct record_set *set, uint64_t *searched);

// Records in order of arrival, from arrival number `from` on. is_backward walks down.
CHECKED enum err store_read_arrivals(struct store *store, uint64_t from, bool is_backward,
                                     uint32_t count_max, struct record_set *set);

// The newest arrival number; 0 when empty.
uint64_t store_last_arrival(struct store *store);

// The number of the last commit that reading sees, from now on at least; 0 when it cannot be told.
uint64_t store_version(struct store *store);
// Whether nothing was committed since that number.
bool store_is_version(struct store *store, uint64_t version);

// Errors: ERR_NOT_FOUND.
CHECKED enum err store_get_chain(struct store *store, uint32_t number, struct chain *chain);

// Rebuilds the record's header for `author` and `epoch`, recomputes digest and id, and compares
// with record->id. The header is what was signed. Errors: ERR_CORRUPT.
CHECKED enum err record_check(const struct record *record, const uint8_t space[static ID_LEN],
                              const struct chain *chain, struct header *header);

struct store_stats {
    uint64_t entries, bytes_used, bytes_map, commits, last_commit_us;
    uint64_t disk_free;
    bool is_failed; // the last commit failed
};
void store_get_stats(struct store *store, struct store_stats *stats);

// -- damage --

// Entries that repairs put in the place of damaged ones, at the arrival these had: who read past
// them there has missed them. Takes the next since `*at` (0: since the store was opened), which
// advances. Errors: ERR_NOT_FOUND (no more), ERR_LIMIT (more than STORE_REPAIRS_KEPT since: some
// are forgotten;
// `*at` is behind all).
enum { STORE_REPAIRS_KEPT = 4096 };
CHECKED enum err store_repaired(struct store *store, uint64_t *at, uint64_t *arrival);

// store_scrub checks up to `count` records from arrival `*at` on (0 begins anew, and advances):
// structure, ids, index. store_scrub_chain does so along a chain, from `*seq` up to its head, and
// so finds what is missing, too. Each calls `damaged` for what it found, when it is done, and
// returns ERR_NOT_FOUND when the end was reached, ERR_OK before. An entry whose predecessor is
// damaged may be reported with it. Where the index or the tables themselves are damaged, which
// repairing entries does not mend, the store is marked as suspect: the next store_open answers
// ERR_CORRUPT.
typedef void store_damaged(void *context, uint32_t chain, uint64_t seq);
CHECKED enum err store_scrub(struct store *store, uint64_t *at, uint32_t count,
                             store_damaged *damaged, void *context);
CHECKED enum err store_scrub_chain(struct store *store, uint32_t chain, uint64_t *seq,
                                   uint32_t count, store_damaged *damaged, void *context);

// For a closed store whose structure is damaged: walks the file's pages without LMDB, writes every
// record that checks against its id into a fresh store, and keeps the old files aside as
// DIR.damaged-N. Heads stay where they were, so that nothing is signed twice; what is missing below
// them store_scrub_chain finds, and a repair brings it back. Errors: as store_open.
struct store_rebuilt {
    uint64_t kept, lost; // records; lost are those known to be missing
};
CHECKED enum err store_rebuild(const char *dir, const struct store_options *options,
                               struct store_rebuilt *result);

#endif
