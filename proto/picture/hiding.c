// SPDX-License-Identifier: EUPL-1.2
// The picture as it would be without some entries that are in it, for who tells what each entry
// changed. What is hidden stays in its place; only what it has a say in is judged anew.
#include <assert.h>

#include "picture/places.h"

bool picture_has(const struct picture *picture, uint32_t place)
{
    assert(place < picture->places_count);
    return picture->places[place].is_here;
}

static size_t add_item(uint32_t *items, size_t count, size_t max, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == item) {
            return count;
        }
    }
    if (item == PICTURE_NONE || count == max) {
        return count;
    }
    items[count] = item;
    return count + 1;
}

size_t picture_touched(const struct picture *picture, uint32_t place, uint32_t *items, size_t max)
{
    assert(place < picture->places_count);
    const struct place *of = &picture->places[place];
    size_t count = add_item(items, 0, max, of->item);

    if (of->first_version != PICTURE_NONE) {
        count = add_item(items, count, max, place); // what it begins, or others take it to begin
    }
    for (uint32_t edge = of->first_child; edge != PICTURE_NONE;
         edge = picture->edges[edge].next_child) {
        const uint32_t child = picture->edges[edge].child;
        count = add_item(items, count, max, picture->places[child].item);
    }
    return count;
}

void picture_hide(struct picture *picture, uint32_t place, bool is_hidden)
{
    assert(place < picture->places_count);
    struct place *of = &picture->places[place];

    if (of->is_hidden == is_hidden ||
        (of->kind != KIND_NONE && kinds[of->kind].merge == MERGE_LATEST)) {
        return;
    }
    of->is_hidden = is_hidden;
    picture_doubt(picture, place);
    if (of->item != PICTURE_NONE) {
        picture->places[of->item].is_dirty = true;
    }
}
