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

// Whether the record matches its id; its chain is looked up once per run.
static bool is_sound(struct reading *reading, struct chain *chain, bool has_prev,
                     const struct record *record)
{
    struct header header;
    if (chain->first_seq == 0 || chain->number != record->chain) {
        if (reading_chain(reading, record->chain, chain) != ERR_OK) {
            chain->first_seq = 0;
            return false;
        }
    }
    return has_prev && record->seq >= chain->first_seq &&
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
    for (uint32_t i = 0; i < count && *at <= last && err == ERR_OK; i++, (*at)++) {
        if (!check_entry(&reading, *at, &chain, &damage)) {
            err = reading_renew(&reading);
        }
    }
    if (err == ERR_OK) {
        name_arrivals(&reading, &damage);
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
    // Each entry must be found by itself, as if nothing had been read before.
    reading->has_last = false;
    enum err err = reading_arrival(reading, chain->number, seq, &arrival);
    if (err == ERR_OK) {
        err = reading_record(reading, arrival, &record, &has_prev);
        if (err == ERR_OK && record.chain == chain->number && record.seq == seq) {
            return is_sound(reading, chain, has_prev, &record) &&
                   (seq != chain->head_seq || memcmp(record.id, chain->head_id, ID_LEN) == 0);
        }
    }
    if (err != ERR_CORRUPT) {
        store_suspect(reading->store); // the index has no entry, or a wrong one
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
