// SPDX-License-Identifier: EUPL-1.2
// What is checked when an existing store is opened: everything that is kept twice, and the end of
// the entries. Records themselves are not read.
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

// The facts of one table.
struct facts {
    bool has_store;
    struct fact_store about;
    size_t pairs_count;
    struct chain *origins; // ascending
    size_t origins_count;
};

static bool read_fact(struct store *store, struct span key, struct span value, struct facts *facts)
{
    struct chain origin;
    if (fact_to_store(key, value, &facts->about)) {
        facts->has_store = true;
        memcpy(store->codec.check_key, facts->about.check_key, CHECK_KEY_LEN);
        return true;
    }
    if (fact_to_pair(&store->codec, key, value)) {
        facts->pairs_count++;
        return true;
    }
    if (fact_to_origin(&store->codec, key, value, &origin)) {
        if ((facts->origins_count & (facts->origins_count - 1)) == 0) {
            size_t capacity = facts->origins_count == 0 ? 1 : 2 * facts->origins_count;
            facts->origins = store_realloc(facts->origins, capacity * sizeof origin);
        }
        facts->origins[facts->origins_count++] = origin;
        return true;
    }
    return false;
}

static enum err read_facts(struct store *store, MDB_txn *txn, enum table table, struct facts *facts)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int code = mdb_cursor_open(txn, store->tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_err(store, code);
    }
    uint64_t before = 0;
    enum err err = ERR_OK;
    code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (code == MDB_SUCCESS) {
        uint64_t number = key.mv_size == FACT_KEY_LEN ? get_be(key.mv_data, FACT_KEY_LEN) : 0;
        if (number <= before || !read_fact(store, (struct span){key.mv_data, key.mv_size},
                                           (struct span){value.mv_data, value.mv_size}, facts)) {
            err = ERR_CORRUPT;
            break;
        }
        before = number;
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (err == ERR_OK && code != MDB_NOTFOUND) {
        err = store_err(store, code);
    }
    return err == ERR_OK && !facts->has_store ? ERR_CORRUPT : err;
}

static bool is_same_origin(const struct chain *a, const struct chain *b)
{
    return a->number == b->number && memcmp(a->author, b->author, SIGN_KEY_LEN) == 0 &&
           a->epoch == b->epoch && a->parent == b->parent && a->first_seq == b->first_seq;
}

static bool are_same(const struct chain *a, const struct chain *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_same_origin(&a[i], &b[i])) {
            return false;
        }
    }
    return true;
}

static enum err compare_chains(struct reading *reading, const struct facts *facts)
{
    struct chain *chains;
    size_t count;
    enum err err = reading_chains(reading, &chains, &count);
    if (err == ERR_OK &&
        (count != facts->origins_count || !are_same(chains, facts->origins, count))) {
        err = ERR_CORRUPT;
    }
    free(chains);
    return err;
}

static enum err check_tail(struct reading *reading)
{
    struct store *store = reading->store;
    uint8_t bytes[CHAIN_KEY_LEN];
    put_be(bytes, CHAIN_NONE, sizeof bytes);
    MDB_val key = {sizeof bytes, bytes};
    MDB_val row;
    struct tail tail;
    int code = mdb_get(reading->txn, store->tables[TABLE_CHAINS], &key, &row);
    if (code != MDB_SUCCESS ||
        !tail_decode(&store->codec, (struct span){row.mv_data, row.mv_size}, &tail)) {
        return code == MDB_SUCCESS || code == MDB_NOTFOUND ? ERR_CORRUPT : store_err(store, code);
    }
    code = mdb_cursor_get(reading->entries, &key, &row, MDB_LAST);
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        return store_err(store, code);
    }
    uint64_t found = 0;
    if (code == MDB_SUCCESS) {
        found = key.mv_size == ARRIVAL_LEN ? get_be(key.mv_data, ARRIVAL_LEN) : ARRIVAL_MAX + 1;
    }
    atomic_store(&store->last_arrival, tail.last_arrival);
    return found == tail.last_arrival && mdb_txn_id(reading->txn) == tail.txn ? ERR_OK
                                                                              : ERR_CORRUPT;
}

static enum err check(struct reading *reading, bool has_key)
{
    struct store *store = reading->store;
    struct facts facts = {0};
    struct facts copy = {0};
    uint8_t key[CHECK_KEY_LEN];
    memcpy(key, store->codec.check_key, CHECK_KEY_LEN);
    enum err err = read_facts(store, reading->txn, TABLE_FACTS, &facts);
    if (err == ERR_OK) {
        err = read_facts(store, reading->txn, TABLE_FACTS_COPY, &copy);
    }
    if (err == ERR_OK && memcmp(facts.about.space, store->space, ID_LEN) != 0) {
        err = ERR_STATE;
    }
    if (err == ERR_OK &&
        (memcmp(&facts.about, &copy.about, sizeof copy.about) != 0 ||
         (has_key && memcmp(key, copy.about.check_key, CHECK_KEY_LEN) != 0) ||
         facts.pairs_count != copy.pairs_count || facts.origins_count != copy.origins_count ||
         !are_same(facts.origins, copy.origins, copy.origins_count))) {
        err = ERR_CORRUPT;
    }
    if (err == ERR_OK) {
        err = compare_chains(reading, &facts);
    }
    free(facts.origins);
    free(copy.origins);
    return err == ERR_OK ? check_tail(reading) : err;
}

enum err store_check_opened(struct store *store, bool has_key)
{
    struct reading reading;
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    err = check(&reading, has_key);
    reading_end(&reading);
    if (err == ERR_OK && !has_key) {
        err = store_keep_key(store->lock_fd, store->codec.check_key);
    }
    return err;
}
