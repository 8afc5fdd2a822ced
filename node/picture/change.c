// SPDX-License-Identifier: EUPL-1.2
// Compares the items that one entry touches without it and with it. That is all that is looked at:
// so what is told of an entry follows from it and those shown before it, whoever asks and however
// often.
#include "picture/change.h"

#include <stdlib.h>

enum {
    TOUCHED_MAX = 32, // items: an entry is of one, and a few others take it for theirs by mistake
    NAMING_MAX = 256, // entries that build on one
};

struct show {
    struct picture *picture;
    uint32_t place; // of the entry that is shown
    tell_change *tell;
    void *context;
};

static int compare_places(const void *a, const void *b)
{
    const uint32_t left = ((const struct stood *)a)->place;
    const uint32_t right = ((const struct stood *)b)->place;

    return left < right ? -1 : left > right;
}

// `stand` is to be freed by stand_fini either way.
static enum err stand_take(struct picture *picture, uint32_t began, struct stand *stand)
{
    struct picture_item item;
    const size_t count = picture_versions(picture, began, NULL, 0);
    uint32_t *places = calloc(count + 1, sizeof *places);

    stand->versions = calloc(count + 1, sizeof *stand->versions);
    stand->count = 0;
    if (places == NULL || stand->versions == NULL) {
        free(places);
        return ERR_NO_SPACE;
    }
    (void)picture_versions(picture, began, places, count);
    picture_item(picture, began, &item);
    for (size_t i = 0; i < count; i++) {
        struct picture_version version;
        picture_version(picture, places[i], &version);
        stand->versions[stand->count++] = (struct stood){
            .place = places[i],
            .state = version.state,
            .is_head = version.standing == STANDING_COUNTS && !version.is_replaced,
            .is_replaced = version.is_replaced,
        };
    }
    free(places);
    qsort(stand->versions, stand->count, sizeof *stand->versions, compare_places);
    stand->is_conflicting = item.is_conflicting;
    return ERR_OK;
}

static void stand_fini(struct stand *stand)
{
    free(stand->versions);
    stand->versions = NULL;
}

static const struct stood *find_stood(const struct stand *stand, uint32_t place)
{
    const struct stood key = {.place = place};

    return stand->count == 0 ? NULL
                             : bsearch(&key, stand->versions, stand->count, sizeof *stand->versions,
                                       compare_places);
}

// Whether a head of the one is none of the other.
static bool has_other_heads(const struct stand *stand, const struct stand *other)
{
    for (size_t i = 0; i < stand->count; i++) {
        const struct stood *there = find_stood(other, stand->versions[i].place);
        if (stand->versions[i].is_head && (there == NULL || !there->is_head)) {
            return true;
        }
    }
    return false;
}

// -- what builds on what was replaced --

static void tell_naming(const struct show *show, uint32_t base, const char *field)
{
    uint32_t places[NAMING_MAX];
    size_t count = picture_naming(show->picture, base, field, places, NAMING_MAX);

    count = count < NAMING_MAX ? count : NAMING_MAX;
    for (size_t i = 0; i < count; i++) {
        struct picture_version version;
        if (places[i] == show->place) {
            continue; // told by itself
        }
        picture_version(show->picture, places[i], &version);
        const struct telling telling = {
            .told = TOLD_OUTDATED, .place = places[i], .item = version.item, .base = base};
        show->tell(show->context, &telling);
    }
}

// It was outdated when it came.
static void tell_own_bases(const struct show *show, const char *field)
{
    uint32_t places[NAMING_MAX];
    struct picture_version own;
    size_t count = picture_named(show->picture, show->place, field, places, NAMING_MAX);

    count = count < NAMING_MAX ? count : NAMING_MAX;
    picture_version(show->picture, show->place, &own);
    for (size_t i = 0; i < count; i++) {
        struct picture_version base;
        picture_version(show->picture, places[i], &base);
        if (!base.is_here || base.item == PICTURE_NONE || !base.is_replaced) {
            continue;
        }
        const struct telling telling = {
            .told = TOLD_OUTDATED, .place = show->place, .item = own.item, .base = places[i]};
        show->tell(show->context, &telling);
    }
}

static void tell_replaced(const struct show *show, const struct stand *before,
                          const struct stand *after)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct stood *version = &after->versions[i];
        const struct stood *old = find_stood(before, version->place);
        if (version->is_replaced && (old == NULL || !old->is_replaced)) {
            tell_naming(show, version->place, "cites");
            tell_naming(show, version->place, "translation_of");
        }
    }
}

// -- items --

static void tell_item(const struct show *show, uint32_t item, const struct stand *before,
                      const struct stand *after)
{
    struct telling telling = {.place = show->place, .item = item, .before = before, .after = after};
    const bool is_new = item == show->place && before->count == 0;

    if (!is_new && (has_other_heads(before, after) || has_other_heads(after, before))) {
        telling.told = TOLD_CHANGED;
        show->tell(show->context, &telling);
    }
    if (before->is_conflicting != after->is_conflicting) {
        telling.told = after->is_conflicting ? TOLD_CONFLICTING : TOLD_SETTLED;
        show->tell(show->context, &telling);
    }
    tell_replaced(show, before, after);
}

static void tell_itself(const struct show *show)
{
    struct picture_version version;
    struct telling telling = {.place = show->place};

    picture_version(show->picture, show->place, &version);
    telling.item = version.item;
    if (version.item == PICTURE_NONE || version.item == show->place) {
        telling.told = TOLD_NEW;
        show->tell(show->context, &telling);
    } else if (version.standing == STANDING_PROPOSED) {
        telling.told = TOLD_PROPOSED;
        show->tell(show->context, &telling);
    }
}

enum err change_show(struct picture *picture, uint32_t place, tell_change *tell, void *context)
{
    const struct show show = {picture, place, tell, context};
    struct stand before[TOUCHED_MAX] = {{.count = 0}};
    uint32_t items[TOUCHED_MAX];
    const size_t count = picture_touched(picture, place, items, TOUCHED_MAX);
    enum err err = ERR_OK;

    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = stand_take(picture, items[i], &before[i]);
    }
    picture_hide(picture, place, false);
    if (err == ERR_OK) {
        tell_itself(&show);
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct stand after = {.count = 0};
        err = stand_take(picture, items[i], &after);
        if (err == ERR_OK) {
            tell_item(&show, items[i], &before[i], &after);
        }
        stand_fini(&after);
    }
    if (err == ERR_OK) {
        tell_own_bases(&show, "cites");
        tell_own_bases(&show, "translation_of");
    }
    for (size_t i = 0; i < count; i++) {
        stand_fini(&before[i]);
    }
    return err;
}
