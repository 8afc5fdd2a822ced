// SPDX-License-Identifier: EUPL-1.2
// Reading: short transactions that copy out what they find. Bytes are decoded within their bounds
// and trusted for nothing; whether a record matches its id is for record_check.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

enum { AHEAD_CHUNK = 256 }; // records handed on between transactions

enum err reading_begin(struct reading *reading, struct store *store)
{
    *reading = (struct reading){.store = store};
    pthread_rwlock_rdlock(&store->map_lock);
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reading->txn);
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(reading->txn, store->tables[TABLE_ENTRIES], &reading->entries);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(reading->txn, store->tables[TABLE_INDEX], &reading->index);
    }
    enum err err = store_err(store, code);
    if (err != ERR_OK) {
        reading_end(reading);
    }
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

void reading_end(struct reading *reading)
{
    if (reading->index != NULL) {
        mdb_cursor_close(reading->index);
    }
    if (reading->entries != NULL) {
        mdb_cursor_close(reading->entries);
    }
    if (reading->txn != NULL) {
        mdb_txn_abort(reading->txn);
    }
    pthread_rwlock_unlock(&reading->store->map_lock);
}

enum err reading_renew(struct reading *reading)
{
    struct store *store = reading->store;
    reading_end(reading);
    return reading_begin(reading, store);
}

static struct span span_of(MDB_val value)
{
    return (struct span){value.mv_data, value.mv_size};
}

enum err reading_chain(struct reading *reading, uint32_t number, struct chain *chain)
{
    struct store *store = reading->store;
    uint8_t key[CHAIN_KEY_LEN];
    put_be(key, number, sizeof key);
    MDB_val key_val = {sizeof key, key};
    MDB_val row;
    enum err err =
        store_err(store, mdb_get(reading->txn, store->tables[TABLE_CHAINS], &key_val, &row));
    if (err != ERR_OK || number == CHAIN_NONE) {
        return err == ERR_OK ? ERR_NOT_FOUND : err;
    }
    return chain_decode(&store->codec, number, span_of(row), chain);
}

enum err reading_arrival(struct reading *reading, uint32_t chain, uint64_t seq, uint64_t *arrival)
{
    // Without a cursor: on a damaged page what a cursor finds depends on where it was before.
    const struct store *store = reading->store;
    uint8_t key[INDEX_KEY_LEN];
    index_key(chain, seq, key);
    MDB_val key_val = {sizeof key, key};
    MDB_val value;
    int code = mdb_get(reading->txn, store->tables[TABLE_INDEX], &key_val, &value);
    if (code != MDB_SUCCESS) {
        return store_err(reading->store, code);
    }
    if (value.mv_size != ARRIVAL_LEN) {
        return ERR_CORRUPT;
    }
    *arrival = get_be(value.mv_data, ARRIVAL_LEN);
    return ERR_OK;
}

static enum err get_entry(struct reading *reading, uint64_t arrival, struct span *value)
{
    uint8_t key[ARRIVAL_LEN];
    put_be(key, arrival, sizeof key);
    MDB_val key_val = {sizeof key, key};
    MDB_val found;
    int code = mdb_get(reading->txn, reading->store->tables[TABLE_ENTRIES], &key_val, &found);
    *value = code == MDB_SUCCESS ? span_of(found) : (struct span){NULL, 0};
    return store_err(reading->store, code);
}

enum err reading_owner(struct reading *reading, uint32_t chain, uint64_t seq, struct chain *owner,
                       uint64_t *until)
{
    *until = UINT64_MAX;
    enum err err = reading_chain(reading, chain, owner);
    for (int i = 0; err == ERR_OK && seq < owner->first_seq; i++) {
        if (owner->parent == CHAIN_NONE) {
            return ERR_NOT_FOUND;
        }
        if (i == ANCESTORS_MAX) {
            return ERR_CORRUPT;
        }
        *until = owner->first_seq - 1;
        err = reading_chain(reading, owner->parent, owner);
    }
    return err;
}

// The id of the entry before `record`, in its chain or the one it branched from.
static bool find_prev(struct reading *reading, const struct record *record,
                      uint8_t prev[static ID_LEN])
{
    uint64_t seq = record->seq - 1;
    uint32_t chain = record->chain;
    if (reading->has_last && reading->last_chain == chain && reading->last_seq == seq) {
        memcpy(prev, reading->last_id, ID_LEN);
        return true;
    }
    uint64_t arrival = 0;
    enum err err = reading_arrival(reading, chain, seq, &arrival);
    if (err == ERR_NOT_FOUND) {
        struct chain owner;
        uint64_t until;
        err = reading_owner(reading, chain, seq, &owner, &until);
        if (err != ERR_OK || owner.number == chain) {
            return false;
        }
        chain = owner.number;
        err = reading_arrival(reading, chain, seq, &arrival);
    }
    struct span value;
    struct record before;
    bool has_prev;
    if (err != ERR_OK || get_entry(reading, arrival, &value) != ERR_OK ||
        record_decode(&reading->store->codec, arrival, value, &before, &has_prev) != ERR_OK ||
        before.chain != chain || before.seq != seq) {
        return false;
    }
    memcpy(prev, before.id, ID_LEN);
    return true;
}

enum err reading_decode(struct reading *reading, uint64_t arrival, struct span value,
                        struct record *record, bool *has_prev)
{
    enum err err = record_decode(&reading->store->codec, arrival, value, record, has_prev);
    if (err != ERR_OK) {
        return err;
    }
    if (record->seq <= 1) {
        *has_prev = true;
    }
    if (!*has_prev) {
        *has_prev = find_prev(reading, record, record->prev);
    }
    reading->has_last = true;
    reading->last_chain = record->chain;
    reading->last_seq = record->seq;
    memcpy(reading->last_id, record->id, ID_LEN);
    return ERR_OK;
}

enum err reading_record(struct reading *reading, uint64_t arrival, struct record *record,
                        bool *has_prev)
{
    struct span value;
    enum err err = get_entry(reading, arrival, &value);
    return err == ERR_OK ? reading_decode(reading, arrival, value, record, has_prev) : err;
}

enum err reading_seq(struct reading *reading, uint32_t chain, uint64_t seq, struct record *record)
{
    uint64_t arrival = 0;
    bool has_prev;
    enum err err = reading_arrival(reading, chain, seq, &arrival);
    if (err == ERR_OK) {
        err = reading_record(reading, arrival, record, &has_prev);
    }
    if (err == ERR_OK && (!has_prev || record->chain != chain || record->seq != seq)) {
        err = ERR_CORRUPT;
    }
    return err;
}

enum err reading_chains(struct reading *reading, struct chain **chains, size_t *count)
{
    struct store *store = reading->store;
    MDB_cursor *cursor;
    MDB_val key, row;
    size_t capacity = 0;
    *chains = NULL;
    *count = 0;
    enum err err =
        store_err(store, mdb_cursor_open(reading->txn, store->tables[TABLE_CHAINS], &cursor));
    if (err != ERR_OK) {
        return err;
    }
    int code = mdb_cursor_get(cursor, &key, &row, MDB_FIRST);
    for (; code == MDB_SUCCESS; code = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) {
        uint32_t number = key.mv_size == CHAIN_KEY_LEN ? (uint32_t)get_be(key.mv_data, 4) : 0;
        if (key.mv_size == CHAIN_KEY_LEN && number == CHAIN_NONE) {
            break;
        }
        if (*count == capacity) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            *chains = store_realloc(*chains, capacity * sizeof **chains);
        }
        struct chain *chain = &(*chains)[*count];
        err = key.mv_size == CHAIN_KEY_LEN
                  ? chain_decode(&store->codec, number, span_of(row), chain)
                  : ERR_CORRUPT;
        // Ascending numbers also end a walk that damage has bent into a circle.
        if (err != ERR_OK || (*count > 0 && chain[-1].number >= number)) {
            err = ERR_CORRUPT;
            break;
        }
        (*count)++;
    }
    mdb_cursor_close(cursor);
    return err == ERR_OK && code != MDB_SUCCESS && code != MDB_NOTFOUND ? store_err(store, code)
                                                                        : err;
}

enum err store_each_chain(struct store *store,
                          enum err (*each)(void *context, const struct chain *chain), void *context)
{
    struct reading reading;
    struct chain *chains = NULL;
    size_t count = 0;
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    err = reading_chains(&reading, &chains, &count);
    reading_end(&reading);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = each(context, &chains[i]);
    }
    free(chains);
    return err;
}

// Copies up to AHEAD_CHUNK records of `chain` from *seq on; *seq is then the next, 0 at the end.
static enum err read_ahead(struct store *store, uint32_t chain, uint64_t *seq,
                           struct record_set *set)
{
    struct reading reading;
    uint8_t key[INDEX_KEY_LEN];
    MDB_val key_val = {sizeof key, key};
    MDB_val value;
    record_set_clear(set);
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    uint64_t next = *seq;
    index_key(chain, next, key);
    int code = mdb_cursor_get(reading.index, &key_val, &value, MDB_SET_RANGE);
    *seq = 0;
    while (code == MDB_SUCCESS && key_val.mv_size == INDEX_KEY_LEN &&
           get_be(key_val.mv_data, 4) == chain) {
        uint64_t found = get_be((uint8_t *)key_val.mv_data + 4, 8);
        if (set->count == AHEAD_CHUNK || found < next) {
            *seq = found < next ? 0 : found;
            break;
        }
        next = found + 1;
        struct record record;
        if (reading_seq(&reading, chain, found, &record) == ERR_OK) {
            record_set_append(set, &record);
        }
        index_key(chain, next, key);
        key_val = (MDB_val){sizeof key, key};
        code = mdb_cursor_get(reading.index, &key_val, &value, MDB_SET_RANGE);
    }
    reading_end(&reading);
    record_set_finish(set);
    return code == MDB_SUCCESS || code == MDB_NOTFOUND ? ERR_OK : store_err(store, code);
}

struct ahead_walk {
    struct store *store;
    enum err (*each)(void *context, const struct record *record);
    void *context;
    struct record_set set;
};

static enum err walk_ahead(void *context, const struct chain *chain)
{
    struct ahead_walk *walk = context;
    uint64_t seq = chain->head_seq + 1;
    enum err err = ERR_OK;
    while (err == ERR_OK && seq != 0) {
        err = read_ahead(walk->store, chain->number, &seq, &walk->set);
        for (size_t i = 0; i < walk->set.count && err == ERR_OK; i++) {
            err = walk->each(walk->context, &walk->set.records[i]);
        }
    }
    return err;
}

enum err store_each_ahead(struct store *store,
                          enum err (*each)(void *context, const struct record *record),
                          void *context)
{
    struct ahead_walk walk = {.store = store, .each = each, .context = context};
    enum err err = store_each_chain(store, walk_ahead, &walk);
    record_set_fini(&walk.set);
    return err;
}

enum err store_get_chain(struct store *store, uint32_t number, struct chain *chain)
{
    struct reading reading;
    enum err err = reading_begin(&reading, store);
    if (err == ERR_OK) {
        err = reading_chain(&reading, number, chain);
        reading_end(&reading);
    }
    return err;
}

struct wanted {
    uint32_t chain;
    uint64_t seq;
    uint32_t count_max;
    uint32_t bytes_max;
    bool is_signed; // no further than the first signature
};

static enum err read_run(struct reading *reading, struct wanted wanted, struct record_set *set)
{
    struct chain owner = {0};
    uint64_t until = 0;
    enum err err = reading_owner(reading, wanted.chain, wanted.seq, &owner, &until);
    while (err == ERR_OK && set->count < wanted.count_max) {
        struct record record;
        err = reading_seq(reading, owner.number, wanted.seq, &record);
        if (err != ERR_OK ||
            (set->count > 0 && set->bytes_len + record.sealed_len > wanted.bytes_max)) {
            break;
        }
        record_set_append(set, &record);
        if (wanted.is_signed && record.is_signed) {
            break;
        }
        if (wanted.seq++ == until) {
            err = reading_owner(reading, wanted.chain, wanted.seq, &owner, &until);
        }
    }
    // What is damaged or missing ends the run; that it does is for the caller to notice.
    return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

enum err store_read_id(struct store *store, uint32_t chain, uint64_t seq, uint8_t id[static ID_LEN])
{
    struct reading reading;
    struct record record;
    struct span value;
    uint64_t arrival = 0;
    bool has_prev;
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    err = reading_arrival(&reading, chain, seq, &arrival);
    if (err == ERR_OK) {
        err = get_entry(&reading, arrival, &value);
    }
    if (err == ERR_OK) {
        err = record_decode(&store->codec, arrival, value, &record, &has_prev);
    }
    if (err == ERR_OK && (record.chain != chain || record.seq != seq)) {
        err = ERR_CORRUPT;
    }
    if (err == ERR_OK) {
        memcpy(id, record.id, ID_LEN);
    }
    reading_end(&reading);
    return err;
}

// NOLINTNEXTLINE(readability-function-size): the shape of the engine's read effect
enum err store_read(struct store *store, uint32_t chain, uint64_t from, uint32_t count_max,
                    uint32_t bytes_max, struct record_set *set)
{
    struct reading reading;
    struct wanted wanted = {chain, from, count_max, bytes_max, false};
    record_set_clear(set);
    enum err err = reading_begin(&reading, store);
    if (err == ERR_OK) {
        err = read_run(&reading, wanted, set);
        reading_end(&reading);
    }
    record_set_finish(set);
    return err;
}

// Whether the entry is selected. What is damaged or missing is not.
static bool is_selected(struct reading *reading, uint32_t chain, uint64_t seq,
                        const struct selection *selection)
{
    uint64_t arrival = 0;
    struct span value;
    struct record record;
    bool has_prev;
    return reading_arrival(reading, chain, seq, &arrival) == ERR_OK &&
           get_entry(reading, arrival, &value) == ERR_OK &&
           record_decode(&reading->store->codec, arrival, value, &record, &has_prev) == ERR_OK &&
           record.chain == chain && record.seq == seq &&
           selection_takes(selection, record.precedence, record.group);
}

// From *seq down to where the entry is, or nothing more is looked at.
static enum err search_down(struct reading *reading, const struct effect_read *read, uint64_t *seq,
                            bool *is_found)
{
    struct chain owner = {0};
    uint64_t until;
    enum err err = reading_owner(reading, read->chain, *seq, &owner, &until);
    *is_found = false;
    for (uint32_t i = 1; err == ERR_OK; i++, (*seq)--) {
        if (*seq < owner.first_seq) {
            err = reading_owner(reading, read->chain, *seq, &owner, &until);
        }
        *is_found = err == ERR_OK && is_selected(reading, owner.number, *seq, &read->selection);
        if (*is_found || *seq <= read->to || i == ENGINE_SEARCH_MAX) {
            break;
        }
    }
    return err;
}

enum err store_search(struct store *store, const struct effect_read *read, struct record_set *set,
                      uint64_t *searched)
{
    assert(read->is_search && read->from >= read->to && read->to >= 1);
    struct reading reading;
    bool is_found = false;
    record_set_clear(set);
    *searched = read->from;
    enum err err = reading_begin(&reading, store);
    if (err == ERR_OK) {
        err = search_down(&reading, read, searched, &is_found);
        if (err == ERR_OK && is_found) {
            const struct wanted wanted = {read->chain, *searched, read->count_max, read->bytes_max,
                                          true};
            err = read_run(&reading, wanted, set);
        }
        reading_end(&reading);
    }
    record_set_finish(set);
    return err;
}
