// SPDX-License-Identifier: EUPL-1.2
// POST /v1/items/NAME with "take": settles an item on one of its versions, takes a proposal over,
// or declines all there are: says that version anew, in place of all heads.
#include <stdlib.h>

#include "api/items.h"
#include "api/version.h"
#include "picture/family.h"
#include "picture/situation.h"

struct settling {
    struct call *call;
    struct replacing replacing;
    bool is_one_of_them; // what is taken is a head, or proposed
};

static int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

// A head, or a proposal nobody has answered.
static bool stands(const struct picture_version *version)
{
    return !version->is_replaced &&
           (version->standing == STANDING_COUNTS || version->standing == STANDING_PROPOSED);
}

// Besides what is taken, as many of that standing as one version may replace: of more than that the
// others stay.
static void add_others(struct replacing *replacing, struct picture *picture,
                       const struct places *places, enum standing standing)
{
    const struct ref taken = replacing->replaced[0];
    struct picture_version version;

    for (size_t i = 0; i < places->count && replacing->count < PICTURE_PARENTS_MAX; i++) {
        picture_version(picture, places->list[i], &version);
        if (version.standing == standing && !version.is_replaced &&
            ref_compare(&version.ref, &taken) != 0) {
            replacing->replaced[replacing->count++] = version.ref;
        }
    }
}

// What is taken, and the heads. Who takes the only one declines what is proposed.
static enum err gather(struct settling *settling, struct picture *picture, uint32_t began,
                       const struct ref *taken)
{
    struct replacing *replacing = &settling->replacing;
    struct places places = {.list = NULL};
    struct picture_version version;
    bool is_head = false;

    picture_version(picture, began, &version);
    replacing->item = version.ref;
    const enum err err = places_add_versions(&places, picture, began);
    for (size_t i = 0; i < places.count; i++) {
        picture_version(picture, places.list[i], &version);
        if (ref_compare(&version.ref, taken) == 0 && stands(&version)) {
            settling->is_one_of_them = true;
            is_head = version.standing == STANDING_COUNTS;
        }
    }
    replacing->replaced[replacing->count++] = *taken;
    add_others(replacing, picture, &places, STANDING_COUNTS);
    if (is_head && replacing->count == 1) {
        add_others(replacing, picture, &places, STANDING_PROPOSED);
    }
    qsort(replacing->replaced, replacing->count, sizeof *replacing->replaced, compare_refs);
    places_fini(&places);
    return err;
}

// Finds what is to be replaced. False: it was said why not.
static bool look(struct settling *settling, const struct ref *item, const struct ref *taken)
{
    struct call *call = settling->call;
    struct picture_version version = {.item = PICTURE_NONE};
    struct picture *picture;

    enum err err = situation_get(call->view->situation, call->view, &picture);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    const uint32_t place = picture_find(picture, item);
    if (place != PICTURE_NONE) {
        picture_version(picture, place, &version);
    }
    if (version.item != PICTURE_NONE) {
        err = gather(settling, picture, version.item, taken);
    }
    situation_put(call->view->situation);
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else if (version.item == PICTURE_NONE) {
        item_refuse(call);
    } else if (!settling->is_one_of_them) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    "\"take\" must be one of its versions that hold, or are proposed "
                    "('sitrep item show')");
    }
    return err == ERR_OK && version.item != PICTURE_NONE && settling->is_one_of_them;
}

static void settle(struct settling *settling, const struct ref *taken)
{
    struct call *call = settling->call;
    struct version version;

    if (version_open(call, taken, &version)) {
        version_publish(call, &settling->replacing, version.view.content, &version.view.header);
    }
    version_close(call, &version);
}

void item_settle(struct call *call, const struct ref *item, const struct ref *taken)
{
    struct settling settling = {.call = call};

    if (look(&settling, item, taken)) {
        settle(&settling, taken);
    }
}
