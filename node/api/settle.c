// SPDX-License-Identifier: EUPL-1.2
// POST /v1/items/NAME with "take": settles an item on one of its versions, or takes a proposal
// over: says that version anew, in place of all heads.
#include <stdlib.h>

#include "api/items.h"
#include "api/version.h"
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

// What is taken, and as many heads as one version may replace: of more than that the others stay.
static enum err gather(struct settling *settling, struct picture *picture, uint32_t began,
                       const struct ref *taken)
{
    struct replacing *replacing = &settling->replacing;
    size_t count = picture_versions(picture, began, NULL, 0);
    uint32_t *places = calloc(count + 1, sizeof *places);
    struct picture_version version;

    if (places == NULL) {
        return ERR_NO_SPACE;
    }
    (void)picture_versions(picture, began, places, count);
    picture_version(picture, began, &version);
    replacing->item = version.ref;
    replacing->replaced[replacing->count++] = *taken;
    for (size_t i = 0; i < count; i++) {
        picture_version(picture, places[i], &version);
        const bool is_taken = ref_compare(&version.ref, taken) == 0;
        settling->is_one_of_them |= is_taken && stands(&version);
        if (!is_taken && stands(&version) && version.standing == STANDING_COUNTS &&
            replacing->count < PICTURE_PARENTS_MAX) {
            replacing->replaced[replacing->count++] = version.ref;
        }
    }
    qsort(replacing->replaced, replacing->count, sizeof *replacing->replaced, compare_refs);
    free(places);
    return ERR_OK;
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
