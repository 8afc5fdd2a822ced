// SPDX-License-Identifier: EUPL-1.2
// A file that says how far the follower came and where it found something: only a cache. One that
// is missing, damaged or of another store is passed over, and all is read anew.
//
// [ "sitrep/groups/1", space id, arrival, id of the entry there, missing from,
//   [* (group, key, first, last)], [* arrival] ] and the BLAKE2b-256 of these bytes.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "groups/state.h"

enum { BOOKMARK_MAX = 4 * 1024 * 1024, BOOKMARK_ITEMS = 7 };

static const char bookmark_kind[] = "sitrep/groups/1";

static void digest_of(const uint8_t *bytes, size_t len, uint8_t digest[static DIGEST_LEN])
{
    (void)crypto_generichash(digest, DIGEST_LEN, bytes, len, NULL, 0);
}

// What a bookmark says; the lists are read in place.
struct reading {
    struct cbor_reader cbor;
    uint64_t arrival, missing_from;
    uint8_t id[ID_LEN];
};

static bool read_fixed(const struct groups *groups, struct reading *reading)
{
    uint8_t space[ID_LEN];
    cbor_get_array_of(&reading->cbor, BOOKMARK_ITEMS);
    const struct span kind = cbor_get_text(&reading->cbor);
    cbor_get_exact(&reading->cbor, space, ID_LEN);
    reading->arrival = cbor_get_uint(&reading->cbor);
    cbor_get_exact(&reading->cbor, reading->id, ID_LEN);
    reading->missing_from = cbor_get_uint(&reading->cbor);
    return reading->cbor.err == ERR_OK && kind.len == sizeof bookmark_kind - 1 &&
           memcmp(kind.bytes, bookmark_kind, kind.len) == 0 &&
           memcmp(space, groups->space, ID_LEN) == 0;
}

// Whether the entry the bookmark lies at is the one that lies there now.
static bool is_there(struct groups *groups, const struct reading *reading)
{
    struct record_set *const set = &groups->follower.records;
    return store_read_arrivals(groups->store, reading->arrival, false, 1, set) == ERR_OK &&
           set->count == 1 && set->records[0].arrival == reading->arrival &&
           memcmp(set->records[0].id, reading->id, ID_LEN) == 0;
}

static void read_lists(struct groups *groups, struct reading *reading)
{
    struct follower *const follower = &groups->follower;
    const size_t missing_count = cbor_get_array(&reading->cbor) / 4;
    for (size_t i = 0; i < missing_count && i < MISSING_MAX; i++) {
        struct missing one;
        cbor_get_exact(&reading->cbor, one.group, TAG_LEN);
        cbor_get_exact(&reading->cbor, one.key, TAG_LEN);
        one.first = cbor_get_uint(&reading->cbor);
        one.last = cbor_get_uint(&reading->cbor);
        missing_add(&follower->missing, &one);
    }
    const size_t count = cbor_get_array(&reading->cbor);
    for (size_t i = 0; i < count && reading->cbor.err == ERR_OK; i++) {
        const uint64_t arrival = cbor_get_uint(&reading->cbor);
        if (!follower_look_at_arrival(groups, arrival)) {
            follower_mark(follower, arrival); // damaged now; it comes back when it is repaired
        }
    }
}

static void follow(struct groups *groups, struct span bytes)
{
    struct follower *const follower = &groups->follower;
    struct reading reading;
    uint8_t digest[DIGEST_LEN];
    if (bytes.len < DIGEST_LEN) {
        return;
    }
    const size_t len = bytes.len - DIGEST_LEN;
    digest_of(bytes.bytes, len, digest);
    cbor_read(&reading.cbor, bytes.bytes, len);
    if (memcmp(digest, bytes.bytes + len, DIGEST_LEN) != 0 || !read_fixed(groups, &reading) ||
        !is_there(groups, &reading)) {
        return;
    }
    follower->arrival = reading.arrival;
    memcpy(follower->id, reading.id, ID_LEN);
    follower->missing_from = reading.missing_from;
    read_lists(groups, &reading);
    if (cbor_finish(&reading.cbor) != ERR_OK) {
        follower->arrival = 0; // what was found is found again, and kept once
    }
    follower_use_keys(groups); // some may have come since
    follower->has_new_marks = false;
}

void bookmark_load(struct groups *groups)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (groups->bookmark[0] != '\0' &&
        home_read(&groups->home, groups->bookmark, BOOKMARK_MAX, &bytes, &len) == ERR_OK) {
        follow(groups, (struct span){bytes, len});
    }
    free(bytes);
}

static size_t encode(const struct groups *groups, uint8_t *out, size_t size)
{
    const struct follower *const follower = &groups->follower;
    struct cbor_writer writer;
    cbor_write(&writer, out, size - DIGEST_LEN);
    cbor_put_array(&writer, BOOKMARK_ITEMS);
    cbor_put_text(&writer, bookmark_kind, sizeof bookmark_kind - 1);
    cbor_put_bytes(&writer, groups->space, ID_LEN);
    cbor_put_uint(&writer, follower->arrival);
    cbor_put_bytes(&writer, follower->id, ID_LEN);
    cbor_put_uint(&writer, follower->missing_from);
    cbor_put_array(&writer, 4 * follower->missing.count);
    for (size_t i = 0; i < follower->missing.count; i++) {
        const struct missing *const one = &follower->missing.list[i];
        cbor_put_bytes(&writer, one->group, TAG_LEN);
        cbor_put_bytes(&writer, one->key, TAG_LEN);
        cbor_put_uint(&writer, one->first);
        cbor_put_uint(&writer, one->last);
    }
    cbor_put_array(&writer, follower->marked_count);
    for (size_t i = 0; i < follower->marked_count; i++) {
        cbor_put_uint(&writer, follower->marked[i]);
    }
    const size_t len = cbor_written(&writer);
    if (len == 0) {
        return 0;
    }
    digest_of(out, len, out + len);
    return len + DIGEST_LEN;
}

void bookmark_save(struct groups *groups)
{
    struct follower *const follower = &groups->follower;
    const bool is_looking_back = follower->second_at <= follower->second_to;
    if (groups->bookmark[0] == '\0' || follower->arrival == 0 || is_looking_back) {
        return; // what keys came for would not be looked at again
    }
    uint8_t *const bytes = malloc(BOOKMARK_MAX);
    if (bytes == NULL) {
        abort();
    }
    const size_t len = encode(groups, bytes, BOOKMARK_MAX);
    if (len > 0 && home_write(&groups->home, groups->bookmark, bytes, len) == ERR_OK) {
        follower->has_new_marks = false;
    }
    free(bytes);
}
