// SPDX-License-Identifier: EUPL-1.2
// Places of entries, found by reference. What entries mean for each other is merge.c's.
#include "picture/places.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/seal.h"

enum { ROOM_FIRST = 64 };

// Makes room for `more` of `size` bytes each.
static bool grow(void **list, size_t count, size_t *room, size_t size, size_t more)
{
    size_t wanted = *room == 0 ? ROOM_FIRST : *room;

    while (wanted < count + more) {
        wanted *= 2;
    }
    if (wanted == *room) {
        return true;
    }
    void *grown = realloc(*list, wanted * size);
    if (grown == NULL) {
        return false;
    }
    *list = grown;
    *room = wanted;
    return true;
}

// Keyed: whoever names entries that are not there chooses their tags.
static size_t hash_of(const struct picture *picture, const struct ref *ref)
{
    uint64_t hash;
    uint8_t bytes[REF_MAX];
    struct cbor_writer writer;

    static_assert(sizeof hash == crypto_shorthash_BYTES, "a hash is a number");
    cbor_write(&writer, bytes, sizeof bytes);
    ref_put(&writer, ref);
    (void)crypto_shorthash((uint8_t *)&hash, bytes, cbor_written(&writer), picture->key);
    return (size_t)hash & (picture->buckets_count - 1);
}

// Of the place in a log, whatever entry it is.
static size_t twin_hash(const struct picture *picture, const struct ref *ref)
{
    struct ref any = *ref;

    memset(any.tag, 0, TAG_LEN);
    return hash_of(picture, &any);
}

uint32_t picture_find(const struct picture *picture, const struct ref *ref)
{
    uint32_t at =
        picture->buckets_count == 0 ? PICTURE_NONE : picture->buckets[hash_of(picture, ref)];

    while (at != PICTURE_NONE && ref_compare(&picture->places[at].ref, ref) != 0) {
        at = picture->places[at].next_hash;
    }
    return at;
}

static void put_in_bucket(struct picture *picture, uint32_t at)
{
    uint32_t *bucket = &picture->buckets[hash_of(picture, &picture->places[at].ref)];

    picture->places[at].next_hash = *bucket;
    *bucket = at;
    if (picture->places[at].is_here) {
        place_arrive(picture, at);
    }
}

void place_arrive(struct picture *picture, uint32_t at)
{
    uint32_t *bucket = &picture->twins[twin_hash(picture, &picture->places[at].ref)];

    picture->places[at].is_here = true;
    picture->places[at].next_twin = *bucket;
    *bucket = at;
}

static bool is_same_place(const struct ref *a, const struct ref *b)
{
    return a->author == b->author && a->epoch == b->epoch && a->seq == b->seq;
}

bool place_has_twin(const struct picture *picture, uint32_t at)
{
    const struct ref *ref = &picture->places[at].ref;
    uint32_t twin = picture->twins[twin_hash(picture, ref)];

    while (twin != PICTURE_NONE &&
           (twin == at || !is_same_place(&picture->places[twin].ref, ref))) {
        twin = picture->places[twin].next_twin;
    }
    return twin != PICTURE_NONE;
}

static bool grow_buckets(struct picture *picture, size_t more)
{
    size_t count = picture->buckets_count == 0 ? ROOM_FIRST : picture->buckets_count;

    while (count < picture->places_count + more) {
        count *= 2;
    }
    if (count == picture->buckets_count) {
        return true;
    }
    uint32_t *buckets = malloc(2 * count * sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    free(picture->buckets);
    picture->buckets = buckets;
    picture->twins = buckets + count;
    picture->buckets_count = count;
    memset(buckets, 0xff, 2 * count * sizeof *buckets); // PICTURE_NONE
    for (uint32_t i = 0; i < picture->places_count; i++) {
        put_in_bucket(picture, i);
    }
    return true;
}

enum err places_reserve(struct picture *picture, size_t links, size_t heads)
{
    const size_t places = 2 + PICTURE_PARENTS_MAX + links;

    if (picture->places_count + places >= PICTURE_NONE ||
        picture->edges_count + PICTURE_PARENTS_MAX >= PICTURE_NONE ||
        picture->links_count + links >= PICTURE_NONE ||
        !grow((void **)&picture->places, picture->places_count, &picture->places_room,
              sizeof *picture->places, places) ||
        // The versions of one item are never more than there are places; and as many are looked at
        // behind them.
        !grow((void **)&picture->queue, 2 * picture->places_count, &picture->queue_room,
              sizeof *picture->queue, 2 * places) ||
        !grow((void **)&picture->edges, picture->edges_count, &picture->edges_room,
              sizeof *picture->edges, PICTURE_PARENTS_MAX) ||
        !grow((void **)&picture->links, picture->links_count, &picture->links_room,
              sizeof *picture->links, links) ||
        !grow((void **)&picture->latest, picture->latest_count, &picture->latest_room,
              sizeof *picture->latest, 1) ||
        !grow((void **)&picture->items, picture->items_count, &picture->items_room,
              sizeof *picture->items, 1) ||
        !grow((void **)&picture->holdings, picture->holdings_count, &picture->holdings_room,
              sizeof *picture->holdings, heads) ||
        !grow((void **)&picture->receipts, picture->receipts_count, &picture->receipts_room,
              sizeof *picture->receipts, 1) ||
        !grow((void **)&picture->counting, picture->counting_count, &picture->counting_room,
              sizeof *picture->counting, 1) ||
        !grow_buckets(picture, places)) {
        return ERR_NO_SPACE;
    }
    return ERR_OK;
}

uint32_t place_of(struct picture *picture, const struct ref *ref)
{
    const uint32_t found = picture_find(picture, ref);

    if (found != PICTURE_NONE) {
        return found;
    }
    assert(picture->places_count < picture->places_room);
    const uint32_t at = (uint32_t)picture->places_count++;
    picture->places[at] = (struct place){
        .ref = *ref,
        .kind = KIND_NONE,
        .state = STATE_NONE,
        .item = PICTURE_NONE,
        .next_version = PICTURE_NONE,
        .first_version = PICTURE_NONE,
        .first_parent = PICTURE_NONE,
        .first_child = PICTURE_NONE,
        .first_named = PICTURE_NONE,
        .first_naming = PICTURE_NONE,
        .editors = PICTURE_NONE,
    };
    put_in_bucket(picture, at);
    return at;
}

void place_join(struct picture *picture, uint32_t parent, uint32_t child)
{
    struct place *above = &picture->places[parent];
    struct place *below = &picture->places[child];

    assert(picture->edges_count < picture->edges_room);
    const uint32_t at = (uint32_t)picture->edges_count++;
    picture->edges[at] = (struct edge){parent, child, below->first_parent, above->first_child};
    below->first_parent = at;
    above->first_child = at;
}

void place_link(struct picture *picture, uint32_t from, uint32_t to, uint8_t field)
{
    struct place *naming = &picture->places[from];
    struct place *named = &picture->places[to];

    assert(picture->links_count < picture->links_room);
    const uint32_t at = (uint32_t)picture->links_count++;
    picture->links[at] = (struct link){from, to, naming->first_named, named->first_naming, field};
    naming->first_named = at;
    named->first_naming = at;
}

void place_enlist(struct picture *picture, uint32_t place, uint32_t began)
{
    struct place *first = &picture->places[began];
    struct place *version = &picture->places[place];

    assert(version->item == PICTURE_NONE);
    if (first->first_version == PICTURE_NONE) {
        assert(picture->items_count < picture->items_room);
        picture->items[picture->items_count++] = began;
    }
    version->item = began;
    version->next_version = first->first_version;
    first->first_version = place;
    first->is_dirty = true;
}

struct span place_value(const struct place *place, const char *name)
{
    struct span value = {NULL, 0};

    if (place->kept == NULL ||
        body_find((struct span){place->kept, place->kept_len}, name, &value) != ERR_OK) {
        return (struct span){NULL, 0};
    }
    return value;
}
