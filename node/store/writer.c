// SPDX-License-Identifier: EUPL-1.2
// The writer thread: each group of waiting batches becomes one synced transaction. It alone writes
// once the store is open.
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/store_private.h"

// One transaction being written.
struct writing {
    struct store *store;
    MDB_txn *txn;
    MDB_cursor *entries;
    MDB_cursor *index;
    uint64_t last_arrival;
    uint64_t now_ms;
    uint64_t *repaired; // arrivals of what was damaged
    size_t repaired_count;
};

static MDB_val val_of(const void *bytes, size_t len)
{
    // LMDB takes what it only reads as if it wrote.
    union {
        const void *in;
        void *out;
    } pointer = {bytes};
    return (MDB_val){len, pointer.out};
}

static int put_row(const struct store *store, MDB_txn *txn, enum table table, struct span key,
                   struct span row)
{
    MDB_val key_val = val_of(key.bytes, key.len);
    MDB_val row_val = val_of(row.bytes, row.len);
    return mdb_put(txn, store->tables[table], &key_val, &row_val, 0);
}

int writer_put_tail(const struct store *store, MDB_txn *txn, uint64_t last_arrival)
{
    uint8_t key[CHAIN_KEY_LEN];
    uint8_t row[TAIL_LEN];
    put_be(key, CHAIN_NONE, sizeof key);
    struct tail tail = {last_arrival, mdb_txn_id(txn)};
    tail_encode(&store->codec, &tail, row);
    return put_row(store, txn, TABLE_CHAINS, (struct span){key, sizeof key},
                   (struct span){row, sizeof row});
}

int writer_put_fact(const struct store *store, MDB_txn *txn, const struct fact *fact)
{
    struct span key = {fact->key, FACT_KEY_LEN};
    struct span value = {fact->value, fact->len};
    int code = put_row(store, txn, TABLE_FACTS, key, value);
    return code == MDB_SUCCESS ? put_row(store, txn, TABLE_FACTS_COPY, key, value) : code;
}

static int put_chain(const struct writing *writing, const struct chain *chain)
{
    const struct store *store = writing->store;
    uint8_t key[CHAIN_KEY_LEN];
    uint8_t row[CHAIN_ROW_LEN];
    put_be(key, chain->number, sizeof key);
    chain_encode(&store->codec, chain, row);
    MDB_val key_val = val_of(key, sizeof key);
    MDB_val known;
    int code = mdb_get(writing->txn, store->tables[TABLE_CHAINS], &key_val, &known);
    if (code == MDB_NOTFOUND) {
        struct fact fact;
        fact_of_origin(&store->codec, chain, &fact);
        code = writer_put_fact(store, writing->txn, &fact);
    }
    if (code != MDB_SUCCESS) {
        return code;
    }
    return put_row(store, writing->txn, TABLE_CHAINS, (struct span){key, sizeof key},
                   (struct span){row, sizeof row});
}

// Gives the record's group and key a number if there is one left.
static int number_pair(const struct writing *writing, const struct record *record)
{
    struct codec *codec = &writing->store->codec;
    uint32_t number = atomic_load_explicit(&codec->pairs_count, memory_order_relaxed);
    if (number == PAIRS_MAX || codec_find_pair(codec, record) != PAIRS_MAX) {
        return MDB_SUCCESS;
    }
    struct pair *pair = &codec->pairs[number];
    memcpy(pair->group, record->group, TAG_LEN);
    memcpy(pair->key, record->key, TAG_LEN);
    pair->is_known = true;
    atomic_store_explicit(&codec->pairs_count, number + 1, memory_order_release);
    struct fact fact;
    fact_of_pair(codec, number, &fact);
    return writer_put_fact(writing->store, writing->txn, &fact);
}

// Whether the entry before `record` is in the index of its own chain.
static bool has_previous(const struct writing *writing, const struct record *record)
{
    uint8_t key[INDEX_KEY_LEN];
    index_key(record->chain, record->seq - 1, key);
    MDB_val key_val = val_of(key, sizeof key);
    MDB_val value;
    return mdb_get(writing->txn, writing->store->tables[TABLE_INDEX], &key_val, &value) ==
           MDB_SUCCESS;
}

static bool needs_prev(const struct writing *writing, enum batch_kind kind,
                       const struct record *record)
{
    switch (kind) {
    case BATCH_NEW:
        return record->is_ahead;
    case BATCH_REPAIR: // the entry before it may be damaged as well
        return record->seq > 1;
    case BATCH_RESTORE:
        return record->seq > 1 && (record->is_ahead || !has_previous(writing, record));
    }
    return true;
}

// Writes the entry at its arrival number, straight into the page.
static int put_entry(const struct writing *writing, const struct record *record, bool has_prev,
                     unsigned flags)
{
    uint8_t key[ARRIVAL_LEN];
    struct record_head head;
    int code = number_pair(writing, record);
    if (code != MDB_SUCCESS) {
        return code;
    }
    record_encode(&writing->store->codec, record, has_prev, &head);
    put_be(key, record->arrival, sizeof key);
    MDB_val key_val = val_of(key, sizeof key);
    MDB_val value = {head.len + record->sealed_len, NULL};
    code = mdb_cursor_put(writing->entries, &key_val, &value, MDB_RESERVE | flags);
    if (code == MDB_SUCCESS) {
        uint8_t *at = value.mv_data;
        memcpy(at, head.bytes, head.len);
        memcpy(at + head.len, record->sealed, record->sealed_len);
    }
    return code;
}

static int append(struct writing *writing, enum batch_kind kind, const struct record *record)
{
    struct record entry = *record;
    if (kind != BATCH_RESTORE) {
        entry.arrived_ms = writing->now_ms;
    }
    bool keeps_arrival = kind == BATCH_RESTORE && record->arrival > writing->last_arrival;
    entry.arrival = keeps_arrival ? record->arrival : writing->last_arrival + 1;
    int code = put_entry(writing, &entry, needs_prev(writing, kind, record), MDB_APPEND);
    if (code != MDB_SUCCESS) {
        return code;
    }
    writing->last_arrival = entry.arrival;
    uint8_t key[INDEX_KEY_LEN];
    uint8_t arrival[ARRIVAL_LEN];
    index_key(entry.chain, entry.seq, key);
    put_be(arrival, entry.arrival, sizeof arrival);
    MDB_val key_val = val_of(key, sizeof key);
    MDB_val value = val_of(arrival, sizeof arrival);
    return mdb_cursor_put(writing->index, &key_val, &value, 0);
}

// Whether both are the same entry, with all that its id is made from. `prev` may not be held.
static bool is_same(const struct record *a, const struct record *b)
{
    return a->time == b->time && a->precedence == b->precedence &&
           memcmp(a->id, b->id, ID_LEN) == 0 && memcmp(a->group, b->group, TAG_LEN) == 0 &&
           memcmp(a->key, b->key, TAG_LEN) == 0 && a->sealed_len == b->sealed_len &&
           memcmp(a->sealed, b->sealed, a->sealed_len) == 0;
}

// The arrival number to put the repaired record at, with the time when it first came; 0 when it is
// not known. `is_damaged`: what lies there is not it.
static int find_damaged(const struct writing *writing, struct record *record, bool *is_damaged)
{
    struct store *store = writing->store;
    uint8_t key[INDEX_KEY_LEN];
    index_key(record->chain, record->seq, key);
    MDB_val key_val = val_of(key, sizeof key);
    MDB_val value;
    record->arrival = 0;
    record->arrived_ms = writing->now_ms;
    *is_damaged = true;
    int code = mdb_get(writing->txn, store->tables[TABLE_INDEX], &key_val, &value);
    if (code != MDB_SUCCESS || value.mv_size != ARRIVAL_LEN) {
        return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
    }
    uint64_t arrival = get_be(value.mv_data, ARRIVAL_LEN);
    if (arrival == 0 || arrival > writing->last_arrival) {
        return MDB_SUCCESS;
    }
    key_val = val_of(value.mv_data, ARRIVAL_LEN);
    code = mdb_get(writing->txn, store->tables[TABLE_ENTRIES], &key_val, &value);
    struct record old;
    bool has_prev;
    if (code == MDB_SUCCESS &&
        record_decode(&store->codec, arrival, (struct span){value.mv_data, value.mv_size}, &old,
                      &has_prev) == ERR_OK) {
        if (old.chain != record->chain || old.seq != record->seq) {
            return MDB_SUCCESS; // the index is what was damaged: leave the other record alone
        }
        record->arrived_ms = old.arrived_ms;
        *is_damaged = !is_same(&old, record);
    }
    record->arrival = arrival;
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

static void note_repaired(struct writing *writing, uint64_t arrival)
{
    const size_t size = (writing->repaired_count + 1) * sizeof *writing->repaired;
    writing->repaired = store_realloc(writing->repaired, size);
    writing->repaired[writing->repaired_count++] = arrival;
}

static int repair(struct writing *writing, const struct record *record)
{
    struct record entry = *record;
    bool is_damaged = false;
    int code = find_damaged(writing, &entry, &is_damaged);
    if (code != MDB_SUCCESS) {
        return code;
    }
    if (entry.arrival == 0) {
        return append(writing, BATCH_REPAIR, record);
    }
    if (is_damaged) {
        note_repaired(writing, entry.arrival);
    }
    return put_entry(writing, &entry, needs_prev(writing, BATCH_REPAIR, record), 0);
}

static int put_batch(struct writing *writing, const struct batch *batch)
{
    int code = MDB_SUCCESS;
    for (size_t i = 0; i < batch->chains_count && code == MDB_SUCCESS; i++) {
        code = put_chain(writing, &batch->chains[i]);
    }
    for (size_t i = 0; i < batch->records_count && code == MDB_SUCCESS; i++) {
        const struct record *record = &batch->records[i];
        code = batch->kind == BATCH_REPAIR ? repair(writing, record)
                                           : append(writing, batch->kind, record);
    }
    return code;
}

static int put_group(struct writing *writing, const struct batch *group)
{
    const struct store *store = writing->store;
    int code = mdb_cursor_open(writing->txn, store->tables[TABLE_ENTRIES], &writing->entries);
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(writing->txn, store->tables[TABLE_INDEX], &writing->index);
    }
    for (; group != NULL && code == MDB_SUCCESS; group = group->next) {
        code = put_batch(writing, group);
    }
    // The transaction's end closes the cursors.
    return code == MDB_SUCCESS ? writer_put_tail(store, writing->txn, writing->last_arrival) : code;
}

static int try_group(struct store *store, const struct batch *group)
{
    uint32_t pairs_before = atomic_load_explicit(&store->codec.pairs_count, memory_order_relaxed);
    struct writing writing = {
        .store = store,
        .last_arrival = atomic_load(&store->last_arrival),
        .now_ms = store->wall_ms(),
    };
    int code = mdb_txn_begin(store->env, NULL, 0, &writing.txn);
    if (code != MDB_SUCCESS) {
        return code;
    }
    code = put_group(&writing, group);
    if (code == MDB_SUCCESS) {
        code = mdb_txn_commit(writing.txn);
    } else {
        mdb_txn_abort(writing.txn);
    }
    if (code == MDB_SUCCESS) {
        atomic_store(&store->last_arrival, writing.last_arrival);
        repairs_add(&store->repairs, writing.repaired, writing.repaired_count);
    } else {
        // Numbers that were not stored are given again.
        atomic_store_explicit(&store->codec.pairs_count, pairs_before, memory_order_release);
    }
    free(writing.repaired);
    return code;
}

// What a repair has put must be found again: where it is not, the tables are what is damaged.
static void check_repairs(struct store *store, const struct batch *group)
{
    struct reading reading;
    bool is_found = true;
    if (reading_begin(&reading, store) != ERR_OK) {
        return;
    }
    for (; group != NULL && is_found; group = group->next) {
        for (size_t i = 0; group->kind == BATCH_REPAIR && i < group->records_count; i++) {
            const struct record *record = &group->records[i];
            struct record found;
            is_found = is_found &&
                       reading_seq(&reading, record->chain, record->seq, &found) == ERR_OK &&
                       memcmp(found.id, record->id, ID_LEN) == 0;
        }
    }
    reading_end(&reading);
    if (!is_found) {
        store_suspect(store);
    }
}

// A damaged page leads LMDB to answers that have other reasons elsewhere: pages too large for a
// transaction, or to be written where no file reaches.
static enum err err_of_write(struct store *store, int code)
{
    enum err err = store_err(store, code);
    switch (code) {
    case EINVAL:
    case EFBIG:
    case MDB_TXN_FULL:
    case MDB_PANIC:
    case MDB_NOTFOUND: // what must be there
        err = ERR_CORRUPT;
        break;
    default:
        break;
    }
    store->failures = err == ERR_IO ? store->failures + 1 : 0;
    if (err == ERR_CORRUPT || store->failures == WRITE_TRIES) {
        store_suspect(store);
        return ERR_CORRUPT;
    }
    return err;
}

static enum err write_group(struct store *store, const struct batch *group)
{
    uint64_t need = 0;
    for (const struct batch *batch = group; batch != NULL; batch = batch->next) {
        need += batch->len;
    }
    if (store_disk_free(store) < store->reserve_bytes + need) {
        return ERR_NO_SPACE;
    }
    int code = try_group(store, group);
    while (code == MDB_MAP_FULL) {
        enum err err = store_grow(store);
        if (err != ERR_OK) {
            return err;
        }
        code = try_group(store, group);
    }
    if (code == MDB_SUCCESS) {
        check_repairs(store, group);
    }
    return err_of_write(store, code);
}

static uint64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void *writer_run(void *context)
{
    struct store *store = context;
    enum err failed;
    struct batch *group;
    while ((group = queue_take(&store->queue, &failed)) != NULL) {
        enum err err = failed;
        if (failed == ERR_OK) {
            uint64_t began_us = clock_us();
            err = write_group(store, group);
            atomic_store(&store->last_commit_us, clock_us() - began_us);
            atomic_fetch_add(&store->commits, err == ERR_OK);
        }
        queue_done(&store->queue, group, err);
    }
    return NULL;
}
