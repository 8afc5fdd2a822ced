// SPDX-License-Identifier: EUPL-1.2
// Reading in order of arrival, either way. Damaged entries are passed over: they have nothing to
// show, and the scrub reports them.
#include "store/store_private.h"

// Whether another entry stands for the same chain and seq, since a repair that did not know where
// the first one lay.
static bool is_replaced(struct reading *reading, const struct record *record)
{
    uint64_t arrival;
    return reading_arrival(reading, record->chain, record->seq, &arrival) == ERR_OK &&
           arrival != record->arrival;
}

// The entry at `from`, or else the nearest one in the direction; *arrival is its number.
static enum err seek(const struct reading *reading, uint64_t from, bool is_backward,
                     uint64_t *arrival, MDB_val *value)
{
    uint8_t bytes[ARRIVAL_LEN];
    put_be(bytes, from, sizeof bytes);
    MDB_val key = {sizeof bytes, bytes};
    int code = mdb_cursor_get(reading->entries, &key, value, MDB_SET_RANGE);
    if (is_backward && code == MDB_NOTFOUND) {
        code = mdb_cursor_get(reading->entries, &key, value, MDB_LAST);
    } else if (is_backward && code == MDB_SUCCESS && key.mv_size == ARRIVAL_LEN &&
               get_be(key.mv_data, ARRIVAL_LEN) > from) {
        code = mdb_cursor_get(reading->entries, &key, value, MDB_PREV);
    }
    enum err err = store_err(reading->store, code);
    if (err == ERR_OK) {
        *arrival = key.mv_size == ARRIVAL_LEN ? get_be(key.mv_data, ARRIVAL_LEN) : 0;
        // A key out of order is damage, and could lead in a circle.
        if (*arrival == 0 || (is_backward ? *arrival > from : *arrival < from)) {
            return ERR_CORRUPT;
        }
    }
    return err;
}

static enum err walk(struct reading *reading, uint64_t from, bool is_backward, uint32_t count_max,
                     struct record_set *set)
{
    while (set->count < count_max && from >= 1 && from <= ARRIVAL_MAX) {
        uint64_t arrival;
        MDB_val value;
        struct record record;
        bool has_prev;
        enum err err = seek(reading, from, is_backward, &arrival, &value);
        if (err != ERR_OK) {
            return err == ERR_NOT_FOUND ? ERR_OK : err;
        }
        struct span bytes = {value.mv_data, value.mv_size};
        if (reading_decode(reading, arrival, bytes, &record, &has_prev) == ERR_OK &&
            !is_replaced(reading, &record)) {
            record_set_append(set, &record);
        }
        from = is_backward ? arrival - 1 : arrival + 1;
    }
    return ERR_OK;
}

enum err store_read_arrivals(struct store *store, uint64_t from, bool is_backward,
                             uint32_t count_max, struct record_set *set)
{
    struct reading reading;
    record_set_clear(set);
    enum err err = reading_begin(&reading, store);
    if (err == ERR_OK) {
        if (is_backward && from > ARRIVAL_MAX) {
            from = ARRIVAL_MAX;
        }
        err = walk(&reading, !is_backward && from == 0 ? 1 : from, is_backward, count_max, set);
        reading_end(&reading);
    }
    record_set_finish(set);
    return err;
}
