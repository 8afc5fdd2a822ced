// SPDX-License-Identifier: EUPL-1.2
// Looking for damage: in order of arrival, and along chains. It reports; repairing entries is the
// engine's. Where the tables themselves do not fit together, a rebuild makes them anew when the
// store is next opened.
#include <stdlib.h>
#include <string.h>

#include "sitrep/header.h"
#include "store/store_private.h"

struct place {
    uint32_t chain;
    uint64_t seq;
};

// What was found, told only after the transaction has ended.
struct damage {
    struct place *places;
    size_t count;
    size_t capacity;
    uint64_t *arrivals; // of entries that cannot be read or are gone, ascending
    size_t arrivals_count;
    size_t arrivals_capacity;
};

static void add_place(struct damage *damage, uint32_t chain, uint64_t seq)
{
    if (damage->count == damage->capacity) {
        damage->capacity = damage->capacity == 0 ? 16 : 2 * damage->capacity;
        damage->places = store_realloc(damage->places, damage->capacity * sizeof *damage->places);
    }
    damage->places[damage->count++] = (struct place){chain, seq};
}

static void add_arrival(struct damage *damage, uint64_t arrival)
{
    if (damage->arrivals_count == damage->arrivals_capacity) {
        damage->arrivals_capacity =
            damage->arrivals_capacity == 0 ? 16 : 2 * damage->arrivals_capacity;
        damage->arrivals =
            store_realloc(damage->arrivals, damage->arrivals_capacity * sizeof *damage->arrivals);
    }
    damage->arrivals[damage->arrivals_count++] = arrival;
}

static void tell(struct damage *damage, store_damaged *damaged, void *context)
{
    for (size_t i = 0; i < damage->count; i++) {
        damaged(context, damage->places[i].chain, damage->places[i].seq);
    }
    free(damage->places);
    free(damage->arrivals);
}

// Looked up once per run.
static bool load_chain(struct reading *reading, uint32_t number, struct chain *chain)
{
    if (chain->first_seq != 0 && chain->number == number) {
        return true;
    }
    enum err err = reading_chain(reading, number, chain);
    if (err == ERR_CORRUPT) {
        store_suspect(reading->store); // no repair writes the row
    }
    if (err != ERR_OK) {
        chain->first_seq = 0;
    }
    return err == ERR_OK;
}

// Whether the record matches its id.
static bool is_sound(struct reading *reading, struct chain *chain, bool has_prev,
                     const struct record *record)
{
    struct header header;
    return load_chain(reading, record->chain, chain) && has_prev &&
           record->seq >= chain->first_seq &&
           record_check(record, reading->store->space, chain, &header) == ERR_OK;
}

static int compare_arrivals(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void suspect_if_gone(struct reading *reading, uint64_t arrival)
{
    uint8_t bytes[ARRIVAL_LEN];
    put_be(bytes, arrival, sizeof bytes);
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    if (mdb_get(reading->txn, reading->store->tables[TABLE_ENTRIES], &key, &value) != MDB_SUCCESS) {
        store_suspect(reading->store);
    }
}

// Which chain and seq the lost arrivals were: only the index knows.
static void name_arrivals(struct reading *reading, struct damage *damage)
{
    MDB_val key, value;
    uint8_t before[INDEX_KEY_LEN] = {0};
    int code = damage->arrivals_count == 0
                   ? MDB_NOTFOUND
                   : mdb_cursor_get(reading->index, &key, &value, MDB_FIRST);
    for (; code == MDB_SUCCESS; code = mdb_cursor_get(reading->index, &key, &value, MDB_NEXT)) {
        if (key.mv_size != INDEX_KEY_LEN || memcmp(key.mv_data, before, INDEX_KEY_LEN) <= 0) {
            code = MDB_CORRUPTED; // the chains' own walk reports what lies here
            break;
        }
        memcpy(before, key.mv_data, INDEX_KEY_LEN);
        uint64_t arrival = value.mv_size == ARRIVAL_LEN ? get_be(value.mv_data, ARRIVAL_LEN) : 0;
        if (bsearch(&arrival, damage->arrivals, damage->arrivals_count, sizeof arrival,
                    compare_arrivals) != NULL) {
            add_place(damage, (uint32_t)get_be(before, 4), get_be(before + 4, 8));
            suspect_if_gone(reading, arrival);
        }
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        store_suspect(reading->store);
    }
}

// Returns whether all is well.
static bool check_entry(struct reading *reading, uint64_t arrival, struct chain *chain,
                        struct damage *damage)
{
    struct record record;
    bool has_prev;
    uint64_t indexed;
    // Numbers are given without gaps, but for those a rebuild found empty; these no index names.
    if (reading_record(reading, arrival, &record, &has_prev) != ERR_OK) {
        add_arrival(damage, arrival);
        return false;
    }
    enum err err = reading_arrival(reading, record.chain, record.seq, &indexed);
    if (err == ERR_OK && indexed != arrival) {
        // Either the index is wrong, or this entry was replaced without its place being known.
        struct record other;
        bool other_has_prev;
        err = reading_record(reading, indexed, &other, &other_has_prev);
        if (err == ERR_OK && other.chain == record.chain && other.seq == record.seq) {
            return true;
        }
        err = ERR_CORRUPT;
    }
    if (err != ERR_OK) {
        store_suspect(reading->store);
    }
    if (err == ERR_OK && is_sound(reading, chain, has_prev, &record)) {
        return true;
    }
    add_place(damage, record.chain, record.seq);
    return false;
}

static uint64_t arrival_of(int code, MDB_val key)
{
    if (code != MDB_SUCCESS) {
        return UINT64_MAX;
    }
    return key.mv_size == ARRIVAL_LEN ? get_be(key.mv_data, ARRIVAL_LEN) : 0;
}

// Whether walking from entry to entry meets just those that are found by their numbers, from `from`
// up to `until`, and in order. Where an inner page leads astray, either one passes over some.
static bool is_walk_sound(const struct reading *reading, uint64_t from, uint64_t until)
{
    uint8_t bytes[ARRIVAL_LEN];
    put_be(bytes, from, sizeof bytes);
    MDB_val key = {sizeof bytes, bytes};
    MDB_val value;
    int code = mdb_cursor_get(reading->entries, &key, &value, MDB_SET_RANGE);
    uint64_t walked = arrival_of(code, key);
    bool is_sound = walked >= from;
    if (code == MDB_SUCCESS && mdb_cursor_get(reading->entries, &key, &value, MDB_PREV) == 0) {
        is_sound = is_sound && arrival_of(MDB_SUCCESS, key) < from;
        code = mdb_cursor_get(reading->entries, &key, &value, MDB_NEXT);
        is_sound = is_sound && walked == arrival_of(code, key);
    }
    for (; is_sound && from <= until; from++) {
        put_be(bytes, from, sizeof bytes);
        key = (MDB_val){sizeof bytes, bytes};
        code = mdb_get(reading->txn, reading->store->tables[TABLE_ENTRIES], &key, &value);
        is_sound = (code == MDB_SUCCESS || code == MDB_NOTFOUND) &&
                   (code == MDB_SUCCESS) == (walked == from);
        if (walked == from) {
            code = mdb_cursor_get(reading->entries, &key, &value, MDB_NEXT);
            walked = arrival_of(code, key);
            is_sound = is_sound && walked > from && (code == MDB_SUCCESS || code == MDB_NOTFOUND);
        }
    }
    return is_sound;
}

enum err store_scrub(struct store *store, uint64_t *at, uint32_t count, store_damaged *damaged,
                     void *context)
{
    struct reading reading;
    struct damage damage = {0};
    struct chain chain = {0};
    uint64_t last = atomic_load(&store->last_arrival); // of before the transaction
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    *at = *at == 0 ? 1 : *at;
    uint64_t from = *at;
    for (uint32_t i = 0; i < count && *at <= last && err == ERR_OK; i++, (*at)++) {
        if (!check_entry(&reading, *at, &chain, &damage)) {
            err = reading_renew(&reading);
        }
    }
    if (err == ERR_OK) {
        name_arrivals(&reading, &damage);
        if (!is_walk_sound(&reading, from, *at - 1)) {
            store_suspect(store);
        }
        reading_end(&reading);
        err = *at > last ? ERR_NOT_FOUND : ERR_OK;
    }
    tell(&damage, damaged, context);
    return err;
}

static bool is_seq_sound(struct reading *reading, struct chain *chain, uint64_t seq)
{
    struct record record;
    uint64_t arrival;
    bool has_prev;
    bool is_indexed = false;
    // Each entry must be found by itself, as if nothing had been read before.
    reading->has_last = false;
    enum err err = reading_arrival(reading, chain->number, seq, &arrival);
    is_indexed = err != ERR_NOT_FOUND;
    if (err == ERR_OK) {
        err = reading_record(reading, arrival, &record, &has_prev);
        if (err == ERR_OK && record.chain == chain->number && record.seq == seq) {
            return is_sound(reading, chain, has_prev, &record) &&
                   (seq != chain->head_seq || memcmp(record.id, chain->head_id, ID_LEN) == 0);
        }
    }
    // What a rebuild could not save is not in the index either: repairing brings it back. If it is
    // there and the index has lost it, the walk over records tells.
    if (is_indexed && err != ERR_CORRUPT) {
        store_suspect(reading->store); // the index has a wrong entry
    }
    return false;
}

// NOLINTNEXTLINE(readability-function-size): as store_scrub, and the chain
enum err store_scrub_chain(struct store *store, uint32_t chain, uint64_t *seq, uint32_t count,
                           store_damaged *damaged, void *context)
{
    struct reading reading;
    struct damage damage = {0};
    struct chain walked;
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    err = reading_chain(&reading, chain, &walked);
    if (err != ERR_OK) {
        reading_end(&reading);
        if (err == ERR_CORRUPT) {
            store_suspect(store);
        }
        return err;
    }
    *seq = *seq < walked.first_seq ? walked.first_seq : *seq;
    for (uint32_t i = 0; err == ERR_OK && i < count && *seq <= walked.head_seq; i++, (*seq)++) {
        if (!is_seq_sound(&reading, &walked, *seq)) {
            add_place(&damage, chain, *seq);
            err = reading_renew(&reading);
        }
    }
    if (err == ERR_OK) {
        reading_end(&reading);
        err = *seq > walked.head_seq ? ERR_NOT_FOUND : ERR_OK;
    }
    tell(&damage, damaged, context);
    return err;
}
