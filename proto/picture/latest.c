// SPDX-License-Identifier: EUPL-1.2
// What the latest of its centre replaces [18.10]: by when it was so, which the author says of
// things it alone knows. No node's clock is asked.
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int type_compare(struct span a, struct span b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = memcmp(a.bytes, b.bytes, len);

    return order != 0 ? order : number_compare(a.len, b.len);
}

// A node that the roster does not have speaks for itself, and no other such node.
static uint32_t stranger(const struct latest *key)
{
    return key->centre == PICTURE_NONE ? key->author : 0;
}

static bool is_same_thing(const struct latest *a, const struct latest *b)
{
    return a->centre == b->centre && stranger(a) == stranger(b) &&
           type_compare(a->type, b->type) == 0;
}

// By centre and type, the latest first; of the same time by log, the last of it first.
static int key_compare(const void *left, const void *right)
{
    const struct latest *a = left;
    const struct latest *b = right;
    const int order[] = {
        number_compare(a->centre, b->centre), number_compare(stranger(a), stranger(b)),
        type_compare(a->type, b->type),       number_compare(b->as_of_ms, a->as_of_ms),
        number_compare(a->author, b->author), number_compare(a->epoch, b->epoch),
        number_compare(b->seq, a->seq),
    };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i] != 0) {
            return order[i];
        }
    }
    return 0;
}

static struct latest key_of(const struct picture *picture, uint32_t at)
{
    const struct place *place = &picture->places[at];
    const struct span as_of = place_value(place, "as_of");
    struct latest key = {.centre = place_centre(picture, place),
                         .author = place->ref.author,
                         .epoch = place->ref.epoch,
                         .seq = place->ref.seq,
                         .type = place_value(place, "type"),
                         .place = at};
    struct cbor_reader reader;

    cbor_read(&reader, as_of.bytes, as_of.len);
    key.as_of_ms = cbor_get_uint(&reader);
    return key;
}

// In that order: the first of each thing holds, and what is of the same time and another log. On
// two branches of one log the same place holds twice.
static void judge(struct picture *picture, const struct latest *keys, size_t count)
{
    size_t first = 0;

    for (size_t i = 0; i < count; i++) {
        struct place *place = &picture->places[keys[i].place];
        first = i > 0 && is_same_thing(&keys[i], &keys[first]) ? first : i;
        const bool is_of_last_log =
            i > first && keys[i].author == keys[i - 1].author && keys[i].epoch == keys[i - 1].epoch;
        place->standing = STANDING_COUNTS;
        place->is_replaced =
            keys[i].as_of_ms != keys[first].as_of_ms ||
            (is_of_last_log && keys[i].as_of_ms == keys[i - 1].as_of_ms &&
             (keys[i].seq != keys[i - 1].seq || picture->places[keys[i - 1].place].is_replaced));
    }
}

void latest_settle(struct picture *picture)
{
    size_t count = 0;

    if (!picture->is_latest_dirty) {
        return;
    }
    for (uint32_t at = picture->first_latest; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        if (place_is_seen(picture, &picture->places[at])) {
            picture->latest[count++] = key_of(picture, at);
        }
    }
    if (count > 0) {
        qsort(picture->latest, count, sizeof *picture->latest, key_compare);
    }
    judge(picture, picture->latest, count);
    picture->is_latest_dirty = false;
}

size_t picture_latest(struct picture *picture, uint32_t *places, size_t max)
{
    size_t count = 0;

    latest_settle(picture);
    for (uint32_t at = picture->first_latest; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        const struct place *place = &picture->places[at];
        if (!place_is_seen(picture, place) || place->is_replaced) {
            continue;
        }
        if (count < max) {
            places[count] = at;
        }
        count++;
    }
    return count;
}
