// SPDX-License-Identifier: EUPL-1.2
// Looking for damage: in order of arrival, and along chains. It reports; repairing is the engine's.
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

// Which chain and seq the lost arrivals were: only the index knows. Called with at least one.
static enum err name_arrivals(struct reading *reading, struct damage *damage)
{
    MDB_val key, value;
    uint8_t before[INDEX_KEY_LEN] = {0};
    int code = mdb_cursor_get(reading->index, &key, &value, MDB_FIRST);
    for (; code == MDB_SUCCESS; code = mdb_cursor_get(reading->index, &key, &value, MDB_NEXT)) {
        if (key.mv_size != INDEX_KEY_LEN || memcmp(key.mv_data, before, INDEX_KEY_LEN) <= 0) {
            break; // out of order: the chains' own walk reports what lies here
        }
        memcpy(before, key.mv_data, INDEX_KEY_LEN);
        uint64_t arrival = value.mv_size == ARRIVAL_LEN ? get_be(value.mv_data, ARRIVAL_LEN) : 0;
        if (bsearch(&arrival, damage->arrivals, damage->arrivals_count, sizeof arrival,
                    compare_arrivals) != NULL) {
            add_place(damage, (uint32_t)get_be(before, 4), get_be(before + 4, 8));
        }
    }
    return code == MDB_SUCCESS || code == MDB_NOTFOUND ? ERR_OK : store_err(reading->store, code);
}

// The next entry from `from` on.
static enum err next_entry(const struct reading *reading, uint64_t from, uint64_t *arrival,
                           struct span *value)
{
    uint8_t bytes[ARRIVAL_LEN];
    put_be(bytes, from, sizeof bytes);
    MDB_val key = {sizeof bytes, bytes};
    MDB_val found;
    int code = mdb_cursor_get(reading->entries, &key, &found, MDB_SET_RANGE);
    if (code != MDB_SUCCESS) {
        return store_err(reading->store, code);
    }
    *value = (struct span){found.mv_data, found.mv_size};
    *arrival = key.mv_size == ARRIVAL_LEN ? get_be(key.mv_data, ARRIVAL_LEN) : 0;
    return *arrival < from ? ERR_CORRUPT : ERR_OK;
}

static void check_entry(struct reading *reading, struct span value, uint64_t arrival,
                        struct chain *chain, struct damage *damage)
{
    struct record record;
    bool has_prev;
    uint64_t indexed;
    if (reading_decode(reading, arrival, value, &record, &has_prev) != ERR_OK) {
        add_arrival(damage, arrival);
        return;
    }
    enum err err = reading_arrival(reading, record.chain, record.seq, &indexed);
    if (err == ERR_OK && indexed != arrival) {
        // Either the index is wrong, or this entry was replaced without its place being known.
        struct record other;
        bool other_has_prev;
        err = reading_record(reading, indexed, &other, &other_has_prev);
        if (err == ERR_OK && other.chain == record.chain && other.seq == record.seq) {
            return;
        }
        err = ERR_CORRUPT;
    }
    if (err != ERR_OK || !is_sound(reading, chain, has_prev, &record)) {
        add_place(damage, record.chain, record.seq);
    }
}

// Walks [*at, end). Up to `last` there are entries, known from before the transaction.
static enum err scrub(struct reading *reading, uint64_t *at, uint64_t end, uint64_t last,
                      struct damage *damage)
{
    struct chain chain = {0};
    while (*at < end) {
        uint64_t arrival = 0;
        struct span value;
        enum err err = next_entry(reading, *at, &arrival, &value);
        if (err == ERR_NOT_FOUND && *at > last) {
            return ERR_NOT_FOUND;
        }
        if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
            arrival = last + 1;
        } else if (err != ERR_OK) {
            return err;
        }
        // Numbers are given without gaps, but for those a rebuild found empty.
        for (; *at < arrival && *at < end; (*at)++) {
            add_arrival(damage, *at);
        }
        if (*at == arrival && *at < end && err == ERR_OK) {
            check_entry(reading, value, arrival, &chain, damage);
            (*at)++;
        }
    }
    return ERR_OK;
}

enum err store_scrub(struct store *store, uint64_t *at, uint32_t count, store_damaged *damaged,
                     void *context)
{
    struct reading reading;
    struct damage damage = {0};
    uint64_t last = atomic_load(&store->last_arrival);
    enum err err = reading_begin(&reading, store);
    if (err != ERR_OK) {
        return err;
    }
    *at = *at == 0 ? 1 : *at;
    err = scrub(&reading, at, *at + count, last, &damage);
    if (damage.arrivals_count > 0) {
        enum err named = name_arrivals(&reading, &damage);
        err = named == ERR_OK ? err : named;
    }
    reading_end(&reading);
    tell(&damage, damaged, context);
    return err;
}

static bool is_seq_sound(struct reading *reading, struct chain *chain, uint64_t seq)
{
    struct record record;
    return reading_seq(reading, chain->number, seq, &record) == ERR_OK &&
           is_sound(reading, chain, true, &record) &&
           (seq != chain->head_seq || memcmp(record.id, chain->head_id, ID_LEN) == 0);
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
    if (err == ERR_OK && *seq < walked.first_seq) {
        *seq = walked.first_seq;
    }
    for (uint32_t i = 0; err == ERR_OK && i < count; i++) {
        if (*seq > walked.head_seq) {
            err = ERR_NOT_FOUND;
        } else if (!is_seq_sound(&reading, &walked, *seq)) {
            add_place(&damage, chain, *seq);
        }
        *seq += err == ERR_OK;
    }
    reading_end(&reading);
    tell(&damage, damaged, context);
    return err;
}
