// SPDX-License-Identifier: EUPL-1.2
// A run between struct and bytes. PROTOCOL.md 7. Rebuilding the headers it leaves out, and checking
// its signature, is the engine's.
#include "wire/run.h"

#include <assert.h>
#include <string.h>

#include "sitrep/header.h"

enum {
    FIELDS = 9,
    ITEM_FIELDS = 3,      // time, precedence, sealed
    ITEM_FIELDS_LONG = 5, // and group, key
    RUN_AROUND_MAX = 176, // bytes of a run besides its items: 1 + 3 + 5 + 9 + 34 + 18 + 9 + 2 + 66
    ITEM_AROUND_MAX = 40, // bytes of an item besides its sealed body: 1 + 9 + 1 + 5 + 18
};

static bool same_key(const struct run_item *a, const struct run_item *b)
{
    return memcmp(a->group, b->group, TAG_LEN) == 0 && memcmp(a->key, b->key, TAG_LEN) == 0;
}

static void get_prev(struct cbor_reader *reader, struct run *run)
{
    run->prev_len = 0;
    if (run->seq == 1) { // [7.5]
        cbor_get_null(reader);
        return;
    }
    const struct span prev = cbor_get_bytes(reader);
    if (prev.len != TAG_LEN && prev.len != ID_LEN) { // [7.5]
        cbor_fail(reader, ERR_MALFORMED);
        return;
    }
    run->prev_len = (uint8_t)prev.len;
    memcpy(run->prev, prev.bytes, prev.len);
}

// The item's time from that of the item before, which is in range [3.3].
static uint64_t get_time(struct cbor_reader *reader, uint64_t before)
{
    const int64_t difference = cbor_get_int(reader);

    assert(before <= INT64_MAX);
    if (difference > INT64_MAX - (int64_t)before) {
        cbor_fail(reader, ERR_LIMIT);
        return 0;
    }
    if (difference < -(int64_t)before) {
        cbor_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return (uint64_t)((int64_t)before + difference);
}

// An item that says again what its run says would be a second encoding of the same thing [1.5].
// The run speaks of its first item, so that one never says it.
static void get_item_key(struct cbor_reader *reader, const struct run_item *first,
                         struct run_item *item)
{
    cbor_get_exact(reader, item->group, TAG_LEN);
    cbor_get_exact(reader, item->key, TAG_LEN);
    if (item == first || same_key(first, item)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

// `item` comes with the time of the item before it.
static void get_item(struct cbor_reader *reader, const struct run_item *first,
                     struct run_item *item)
{
    const uint64_t before = item->time;
    const size_t fields = cbor_get_array(reader);

    if (fields != ITEM_FIELDS && fields != ITEM_FIELDS_LONG) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    item->time = get_time(reader, before);
    if (item == first && item->time != before) { // [7.2]
        cbor_fail(reader, ERR_MALFORMED);
    }
    item->precedence = (uint8_t)cbor_get_uint_max(reader, PRECEDENCES - 1); // [3.1]
    item->sealed = cbor_get_bytes(reader);
    if (item->sealed.len < SEALED_MIN) { // [3.4]
        cbor_fail(reader, ERR_MALFORMED);
    }
    if (item->sealed.len > SEALED_MAX) { // [3.4]
        cbor_fail(reader, ERR_LIMIT);
    }
    if (fields == ITEM_FIELDS_LONG) {
        get_item_key(reader, first, item);
    } else if (item != first) {
        memcpy(item->group, first->group, TAG_LEN);
        memcpy(item->key, first->key, TAG_LEN);
    }
}

static void get_items(struct cbor_reader *reader, struct run *run)
{
    size_t sealed_len = 0;
    const size_t count = cbor_get_array(reader);

    run->count = 0;
    if (count == 0) { // [7.1]
        cbor_fail(reader, ERR_MALFORMED);
    }
    if (count > RUN_ENTRIES_MAX || (count > 0 && count - 1 > SEQ_MAX - run->seq)) { // [7.4] [1.3]
        cbor_fail(reader, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && reader->err == ERR_OK; i++) {
        if (i > 0) {
            run->items[i].time = run->items[i - 1].time;
        }
        get_item(reader, &run->items[0], &run->items[i]);
        sealed_len += run->items[i].sealed.len;
    }
    if (count > 1 && sealed_len > RUN_SEALED_MAX) { // [7.4]
        cbor_fail(reader, ERR_LIMIT);
    }
    if (reader->err == ERR_OK) {
        run->count = count;
    }
}

void run_decode(struct cbor_reader *reader, struct run *run)
{
    cbor_get_array_of(reader, FIELDS);
    run->author = (uint32_t)cbor_get_uint_max(reader, NODES_MAX - 1); // [5.9]
    run->epoch = cbor_get_uint_max(reader, EPOCH_MAX);                // [3.2]
    run->seq = cbor_get_uint_max(reader, SEQ_MAX);                    // [1.3]
    if (run->seq == 0) {                                              // [3.2]
        cbor_fail(reader, ERR_MALFORMED);
    }
    get_prev(reader, run);
    cbor_get_exact(reader, run->items[0].group, TAG_LEN);
    cbor_get_exact(reader, run->items[0].key, TAG_LEN);
    run->items[0].time = cbor_get_uint_max(reader, INT64_MAX); // [3.3]
    get_items(reader, run);
    cbor_get_exact(reader, run->signature, SIGNATURE_LEN);
}

static void put_item(struct cbor_writer *writer, const struct run_item *first,
                     const struct run_item *item)
{
    const bool is_long = !same_key(first, item);
    const uint64_t before = item == first ? item->time : item[-1].time;

    assert(item->time <= INT64_MAX);
    assert(item->precedence < PRECEDENCES);
    assert(item->sealed.len >= SEALED_MIN);
    assert(item->sealed.len <= SEALED_MAX);
    cbor_put_array(writer, is_long ? ITEM_FIELDS_LONG : ITEM_FIELDS);
    cbor_put_int(writer, (int64_t)item->time - (int64_t)before);
    cbor_put_uint(writer, item->precedence);
    cbor_put_bytes(writer, item->sealed.bytes, item->sealed.len);
    if (is_long) {
        cbor_put_bytes(writer, item->group, TAG_LEN);
        cbor_put_bytes(writer, item->key, TAG_LEN);
    }
}

void run_encode(struct cbor_writer *writer, const struct run *run)
{
    const struct run_item *const first = &run->items[0];

    assert(run->author < NODES_MAX);
    assert(run->epoch <= EPOCH_MAX);
    assert(run->seq >= 1);
    assert(run->count >= 1);
    assert(run->count <= RUN_ENTRIES_MAX);
    assert(run->seq + run->count - 1 <= SEQ_MAX);
    assert((run->prev_len == 0) == (run->seq == 1));
    assert(run->prev_len == 0 || run->prev_len == TAG_LEN || run->prev_len == ID_LEN);
    cbor_put_array(writer, FIELDS);
    cbor_put_uint(writer, run->author);
    cbor_put_uint(writer, run->epoch);
    cbor_put_uint(writer, run->seq);
    if (run->prev_len == 0) {
        cbor_put_null(writer);
    } else {
        cbor_put_bytes(writer, run->prev, run->prev_len);
    }
    cbor_put_bytes(writer, first->group, TAG_LEN);
    cbor_put_bytes(writer, first->key, TAG_LEN);
    cbor_put_uint(writer, first->time);
    cbor_put_array(writer, run->count);
    for (size_t i = 0; i < run->count; i++) {
        put_item(writer, first, &run->items[i]);
    }
    cbor_put_bytes(writer, run->signature, SIGNATURE_LEN);
}

size_t run_encoded_max(const struct run *run)
{
    size_t size = RUN_AROUND_MAX;

    for (size_t i = 0; i < run->count; i++) {
        size += ITEM_AROUND_MAX + run->items[i].sealed.len;
    }
    return size;
}
