// SPDX-License-Identifier: EUPL-1.2
// Lists of places, as answers gather them, and the incidents that are one by now.
#include "picture/family.h"

#include <stdlib.h>

#include "sitrep/sums.h"

enum { PLACES_FIRST = 64 };

void places_fini(struct places *places)
{
    free(places->list);
    *places = (struct places){0};
}

static enum err make_room(struct places *places, size_t more)
{
    size_t room = places->room == 0 ? PLACES_FIRST : places->room;

    while (room < places->count + more) {
        room *= 2;
    }
    if (room == places->room) {
        return ERR_OK;
    }
    uint32_t *grown = realloc(places->list, room * sizeof *grown);
    if (grown == NULL) {
        return ERR_NO_SPACE;
    }
    places->list = grown;
    places->room = room;
    return ERR_OK;
}

enum err places_add(struct places *places, uint32_t place)
{
    const enum err err = make_room(places, 1);

    if (err == ERR_OK) {
        places->list[places->count++] = place;
    }
    return err;
}

enum err places_add_naming(struct places *places, const struct picture *picture, uint32_t place,
                           const char *field)
{
    const size_t count = picture_naming(picture, place, field, NULL, 0);
    const enum err err = make_room(places, count);

    if (err == ERR_OK) {
        (void)picture_naming(picture, place, field, places->list + places->count, count);
        places->count += count;
    }
    return err;
}

enum err places_add_versions(struct places *places, struct picture *picture, uint32_t began)
{
    const size_t count = picture_versions(picture, began, NULL, 0);
    const enum err err = make_room(places, count);

    if (err == ERR_OK) {
        (void)picture_versions(picture, began, places->list + places->count, count);
        places->count += count;
    }
    return err;
}

static int place_compare(const void *a, const void *b)
{
    const uint32_t one = *(const uint32_t *)a;
    const uint32_t other = *(const uint32_t *)b;

    return (one > other) - (one < other);
}

void places_sort_once(struct places *places)
{
    size_t kept = 0;

    if (places->count > 0) {
        qsort(places->list, places->count, sizeof *places->list, place_compare);
    }
    for (size_t i = 0; i < places->count; i++) {
        if (i == 0 || places->list[i] != places->list[i - 1]) {
            places->list[kept++] = places->list[i];
        }
    }
    places->count = kept;
}

bool places_have(const struct places *places, uint32_t place)
{
    for (size_t i = 0; i < places->count; i++) {
        if (places->list[i] == place) {
            return true;
        }
    }
    return false;
}

// Those that are merged into `into`, and so go on in what `began` began.
static enum err add_merged(struct picture *picture, uint32_t began, uint32_t into,
                           struct places *family)
{
    struct places naming = {0};
    enum err err = places_add_naming(&naming, picture, into, "merged_into");

    for (size_t i = 0; err == ERR_OK && i < naming.count; i++) {
        struct picture_version version;
        picture_version(picture, naming.list[i], &version);
        if (version.item != PICTURE_NONE && !places_have(family, version.item) &&
            picture_incident(picture, version.item) == began) {
            err = places_add(family, version.item);
        }
    }
    places_fini(&naming);
    return err;
}

enum err family_find(struct picture *picture, uint32_t began, struct places *family)
{
    const size_t first = family->count;
    enum err err = places_add(family, began);

    for (size_t i = first; err == ERR_OK && i < family->count; i++) {
        err = add_merged(picture, began, family->list[i], family);
    }
    return err;
}
