// SPDX-License-Identifier: EUPL-1.2
// What began something, in the order of references. Many may be added before anybody asks: then
// those that are new are sorted, and merged with those that were.
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"

struct key {
    struct ref ref;
    uint32_t place;
};

static int key_compare(const void *a, const void *b)
{
    const struct key *left = a;
    const struct key *right = b;

    return ref_compare(&left->ref, &right->ref);
}

enum err places_sort(const struct picture *picture, uint32_t *places, size_t count)
{
    struct key *keys = malloc((count + 1) * sizeof *keys);

    if (keys == NULL) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct key){picture->places[places[i]].ref, places[i]};
    }
    qsort(keys, count, sizeof *keys, key_compare);
    for (size_t i = 0; i < count; i++) {
        places[i] = keys[i].place;
    }
    free(keys);
    return ERR_OK;
}

// Those that are new, sorted, come between those that were. From behind, so that nothing is written
// over before it is read.
static void merge(struct picture *picture, const uint32_t *more, size_t count)
{
    uint32_t *items = picture->items;
    size_t old = picture->items_sorted;
    size_t to = picture->items_count;

    while (count > 0) {
        if (old > 0 && ref_compare(&picture->places[items[old - 1]].ref,
                                   &picture->places[more[count - 1]].ref) > 0) {
            items[--to] = items[--old];
        } else {
            items[--to] = more[--count];
        }
    }
}

enum err items_sort(struct picture *picture)
{
    const size_t count = picture->items_count - picture->items_sorted;
    enum err err;

    if (count == 0) {
        return ERR_OK;
    }
    uint32_t *more = malloc(count * sizeof *more);
    if (more == NULL) {
        return ERR_NO_SPACE;
    }
    memcpy(more, picture->items + picture->items_sorted, count * sizeof *more);
    err = places_sort(picture, more, count);
    if (err == ERR_OK) {
        merge(picture, more, count);
        picture->items_sorted = picture->items_count;
    }
    free(more);
    return err;
}
