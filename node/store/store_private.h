// SPDX-License-Identifier: EUPL-1.2
// What the files of the store share. Nobody else includes this.
//
// Tables, all in one LMDB file:
//   entries     arrival (6 bytes) -> record (record_codec.c)
//   index       chain (4) | seq (8) -> arrival (6)
//   chains      chain (4) -> row; CHAIN_NONE -> tail: last arrival and transaction
//   facts       kind (1) | number (4) -> what never changes: the space, group keys, chain origins
//   facts_copy  the same again on pages of its own, because without them no record can be checked
// All integers are big-endian.
#ifndef NODE_STORE_PRIVATE_H
#define NODE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <lmdb.h>

#include "store/store.h"

enum table { TABLE_ENTRIES, TABLE_INDEX, TABLE_CHAINS, TABLE_FACTS, TABLE_FACTS_COPY, TABLES };

enum {
    ARRIVAL_LEN = 6,
    INDEX_KEY_LEN = 12,
    CHAIN_KEY_LEN = 4,
    CHAIN_ROW_LEN = 100,
    TAIL_LEN = 24,
    CHECK_KEY_LEN = 16,
    CHECK_LEN = 8,
    RECORD_HEAD_MAX = 192, // bytes of a record without its sealed body: at most 182

    PAIRS_MAX = 1024,                     // group and key pairs kept as numbers
    ANCESTORS_MAX = 64,                   // parents followed before a cycle is assumed
    WAITING_BYTES_MAX = 64 * 1024 * 1024, // submitted and not yet committed
    POOL_BYTES_MAX = 12 * 1024 * 1024,    // batches kept for reuse
    GROUP_BYTES_MAX = 6 * 1024 * 1024,    // one transaction; keeps it below 4,000 dirty pages
    GROUP_RECORDS_MAX = 10000,            //
    WRITE_TRIES = 3, // failed for no known reason, one after the other, until it is damage
    SPACE_SLACK = 1024 * 1024, // bytes free beyond the reserve before writing resumes
    PATH_LEN = STORE_PATH_LEN
};
#define ARRIVAL_MAX ((UINT64_C(1) << 48) - 1)
#define MAP_BYTES_MAX (UINT64_C(1) << 40)

// -- record_codec.c --

// A group and a key, which most records share.
struct pair {
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    bool is_known;
};

// What turns records into bytes and back. The writer appends pairs; readers see those counted.
struct codec {
    uint8_t check_key[CHECK_KEY_LEN]; // random, this store's own
    struct pair pairs[PAIRS_MAX];
    _Atomic uint32_t pairs_count;
};

// Where the entries end. Written by every transaction, so that a root that damage turned back to an
// older one is noticed.
struct tail {
    uint64_t last_arrival;
    uint64_t txn;
};

// A record's bytes but for the sealed body.
struct record_head {
    uint8_t bytes[RECORD_HEAD_MAX];
    size_t len;
};

void put_be(uint8_t *out, uint64_t value, size_t len);
uint64_t get_be(const uint8_t *bytes, size_t len);

// The checksum under the store's own key, so that nobody outside can make bytes that pass.
void codec_check(const struct codec *codec, const uint8_t *bytes, size_t len,
                 uint8_t check[static CHECK_LEN]);
// The number of the record's group and key, or PAIRS_MAX when it has none.
uint32_t codec_find_pair(const struct codec *codec, const struct record *record);
void record_encode(const struct codec *codec, const struct record *record, bool has_prev,
                   struct record_head *head);
// On success `record->sealed` points into `value`, and `prev` is set when *has_prev.
// Errors: ERR_CORRUPT.
CHECKED enum err record_decode(const struct codec *codec, uint64_t arrival, struct span value,
                               struct record *record, bool *has_prev);
void chain_encode(const struct codec *codec, const struct chain *chain,
                  uint8_t row[static CHAIN_ROW_LEN]);
void tail_encode(const struct codec *codec, const struct tail *tail, uint8_t row[static TAIL_LEN]);
bool tail_decode(const struct codec *codec, struct span row, struct tail *tail);
// Errors: ERR_CORRUPT.
CHECKED enum err chain_decode(const struct codec *codec, uint32_t number, struct span row,
                              struct chain *chain);
void index_key(uint32_t chain, uint64_t seq, uint8_t key[static INDEX_KEY_LEN]);

// -- facts.c --

enum fact_kind { FACT_STORE = 1, FACT_PAIR, FACT_ORIGIN };
enum { FACT_KEY_LEN = 5, FACT_MAX = 96 };

// One fact with its key and checksum.
struct fact {
    uint8_t key[FACT_KEY_LEN];
    uint8_t value[FACT_MAX];
    size_t len;
};

struct fact_store {
    uint8_t space[ID_LEN];
    uint8_t check_key[CHECK_KEY_LEN];
};

void fact_of_store(const struct fact_store *about, struct fact *fact);
void fact_of_pair(const struct codec *codec, uint32_t number, struct fact *fact);
void fact_of_origin(const struct codec *codec, const struct chain *chain, struct fact *fact);
bool fact_to_store(struct span key, struct span value, struct fact_store *about);
// Sets the pair in `codec` that the fact tells of.
bool fact_to_pair(struct codec *codec, struct span key, struct span value);
// The chain as it began, without entries.
bool fact_to_origin(const struct codec *codec, struct span key, struct span value,
                    struct chain *chain);

// -- queue.c --

enum batch_kind {
    BATCH_NEW,
    BATCH_REPAIR,  // replace records of the same chain and seq
    BATCH_RESTORE, // keep arrival numbers and times
};

struct batch {
    struct batch *next;
    uint64_t ticket;
    enum batch_kind kind;
    struct record *records;
    size_t records_count;
    struct chain *chains;
    size_t chains_count;
    uint8_t *arena;
    size_t capacity;
    size_t len;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t wakeup;
    struct batch *first, **last;
    size_t waiting_bytes;
    struct batch *pool;
    size_t pool_bytes;
    struct store_result results[2]; // what was stored, then what was not
    size_t results_count;
    int results_fd;
    bool is_busy; // the writer holds a group
    bool is_stopping;
    enum err failed; // until there is space again
    uint64_t first_failed;
};

CHECKED enum err queue_init(struct queue *queue);
void queue_fini(struct queue *queue);
CHECKED enum err queue_put(struct queue *queue, const struct effect_persist *persist,
                           enum batch_kind kind);
// Waits for batches and takes what fits one transaction; NULL when stopping and nothing is left.
// *failed is what they are to be refused with.
struct batch *queue_take(struct queue *queue, enum err *failed);
// Reports the group and recycles it.
void queue_done(struct queue *queue, struct batch *group, enum err err);

// -- repairs.c --

struct repairs {
    pthread_mutex_t lock;
    uint64_t arrivals[STORE_REPAIRS_KEPT]; // by their number modulo STORE_REPAIRS_KEPT
    uint64_t count;
};
void repairs_add(struct repairs *repairs, const uint64_t *arrivals, size_t count);

// -- store.c --

struct store {
    MDB_env *env;
    MDB_dbi tables[TABLES];
    struct codec codec;
    uint8_t space[ID_LEN];
    char dir[PATH_LEN];
    int lock_fd;
    uint64_t reserve_bytes;
    uint64_t (*wall_ms)(void);
    uint32_t failures;         // of the writer alone: for no known reason, since it last succeeded
    pthread_rwlock_t map_lock; // shared: a transaction reads; exclusive: the map is replaced
    struct queue queue;
    struct repairs repairs;
    pthread_t writer;
    bool has_writer;
    _Atomic uint64_t map_bytes;
    _Atomic uint64_t last_arrival;
    _Atomic uint64_t commits;
    _Atomic uint64_t last_commit_us;
};

// What an LMDB code means for our caller; marks the store as suspect when its structure is damaged.
CHECKED enum err store_err(const struct store *store, int code);
// Has the store rebuilt when it is next opened: for damage that repairing entries does not mend.
void store_suspect(const struct store *store);
// Doubles the map. Errors: ERR_NO_SPACE.
CHECKED enum err store_grow(struct store *store);
uint64_t store_disk_free(const struct store *store);
bool store_is_network_fs(unsigned long type); // a statfs f_type

// -- lock.c --

// Keeps other processes out, and reads the key: *has_key tells whether the file held a good one.
// Errors: ERR_STATE, ERR_IO.
CHECKED enum err store_lock(const char *dir, int *lock_fd, uint8_t key[static CHECK_KEY_LEN],
                            bool *has_key);
CHECKED enum err store_keep_key(int lock_fd, const uint8_t key[static CHECK_KEY_LEN]);

// -- opening.c --

// Reads the facts, and compares what is stored twice. Errors: ERR_CORRUPT, ERR_STATE (another
// space), ERR_IO.
CHECKED enum err store_check_opened(struct store *store, bool has_key);

// -- writer.c --

void *writer_run(void *context); // the thread of the struct store `context`
// Write rows in `txn` and return LMDB codes.
int writer_put_tail(const struct store *store, MDB_txn *txn, uint64_t last_arrival);
int writer_put_fact(const struct store *store, MDB_txn *txn, const struct fact *fact);

// -- reader.c --

// One short read transaction. Pointers into the map live until reading_end.
struct reading {
    struct store *store;
    MDB_txn *txn;
    MDB_cursor *entries;
    MDB_cursor *index;
    bool has_last; // the record read before, whose id is often the next one's prev
    uint32_t last_chain;
    uint64_t last_seq;
    uint8_t last_id[ID_LEN];
};

CHECKED enum err reading_begin(struct reading *reading, struct store *store);
// After reading_begin failed there is nothing to end.
void reading_end(struct reading *reading);
// Begins anew: one page that cannot be read makes LMDB refuse the rest of the transaction. After
// an error there is nothing to end.
CHECKED enum err reading_renew(struct reading *reading);
// Errors: ERR_NOT_FOUND, ERR_CORRUPT, for all of these.
CHECKED enum err reading_chain(struct reading *reading, uint32_t number, struct chain *chain);
CHECKED enum err reading_arrival(struct reading *reading, uint32_t chain, uint64_t seq,
                                 uint64_t *arrival);
// The record at `arrival` with its prev, as far as it can be told: *has_prev.
CHECKED enum err reading_record(struct reading *reading, uint64_t arrival, struct record *record,
                                bool *has_prev);
// The same from the bytes of an entry.
CHECKED enum err reading_decode(struct reading *reading, uint64_t arrival, struct span value,
                                struct record *record, bool *has_prev);
// The record that the index names for `chain` and `seq`, if it is that and its prev can be told.
CHECKED enum err reading_seq(struct reading *reading, uint32_t chain, uint64_t seq,
                             struct record *record);
// Which of `chain` and its ancestors holds `seq`, and up to which seq.
CHECKED enum err reading_owner(struct reading *reading, uint32_t chain, uint64_t seq,
                               struct chain *owner, uint64_t *until);
// All chains, ascending; *chains is malloc'ed.
CHECKED enum err reading_chains(struct reading *reading, struct chain **chains, size_t *count);

// -- record_set.c --

// Appends a copy; the pointers to sealed bytes are right after record_set_finish.
void record_set_append(struct record_set *set, const struct record *record);
void record_set_finish(struct record_set *set);
void *store_realloc(void *memory, size_t size); // ends the process when memory runs out

// -- pages.c --

// LMDB's file, read page by page without LMDB.
struct pages {
    int fd;
    size_t page_len;
    uint64_t count;
    uint64_t number;   // the page in `page`
    uint64_t data_end; // pages from the last pages_next up to here are no hole
    uint8_t *page;
    uint8_t *overflow;
    size_t overflow_capacity;
};

// Whether both meta pages can be the last two of one history, and the file holds every page they
// speak of. Errors: ERR_CORRUPT, ERR_IO, ERR_NOT_FOUND (no file, or an empty one).
CHECKED enum err pages_check(const char *path);
CHECKED enum err pages_open(struct pages *pages, const char *path);
void pages_close(struct pages *pages);
// The first page from `number` on that is not in a hole of the file; at least `count` at the end.
uint64_t pages_next(struct pages *pages, uint64_t number);
// Reads a page; false when it cannot be read or is none of entries. *skip is how many pages on the
// next one lies, if the page can be believed.
bool pages_load(struct pages *pages, uint64_t number, uint64_t *skip);
size_t pages_nodes(const struct pages *pages);
// A key and its value, which live until the next call.
bool pages_node(struct pages *pages, size_t node, struct span *key, struct span *value);

// -- salvage.c --

// A record whose checksum is right, somewhere in the file.
struct finding {
    uint64_t arrival;
    uint64_t seq;
    uint64_t page;
    uint32_t chain;
    uint16_t node;
    bool is_ahead;
    bool is_good; // its id is right, too
    uint8_t id[ID_LEN];
};

struct salvage {
    struct pages pages;
    struct codec codec;
    struct finding *findings; // by chain, seq and arrival
    size_t findings_count;
    size_t findings_capacity;
    struct chain *chains; // ascending
    size_t chains_count;
    size_t chains_capacity;
    bool has_key;
    bool has_space;
    uint8_t space[ID_LEN];
};

// Collects from the data file what can be read. `key` is NULL when the lock file's is lost.
CHECKED enum err salvage_open(struct salvage *salvage, const char *path, const uint8_t *key);
void salvage_close(struct salvage *salvage);
// The record of a finding, with its prev as far as that can be told; sealed lives until the next
// call.
bool salvage_record(struct salvage *salvage, const struct finding *finding, struct record *record);
struct chain *salvage_chain(const struct salvage *salvage, uint32_t number);

#endif
