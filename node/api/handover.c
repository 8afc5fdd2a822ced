// SPDX-License-Identifier: EUPL-1.2
// GET /v1/handover: the last change of shift at this node's centre.
#include "api/handover.h"

#include "api/entry.h"
#include "picture/situation.h"
#include "reading/refs.h"
#include "sitrep/kind.h"

const struct arrived *handover_last(const struct desk_view *view, struct picture *picture)
{
    static const char handover[] = "handover";
    const struct kind *kind =
        kind_find((struct span){(const uint8_t *)handover, sizeof handover - 1});
    const uint32_t centre = desk_roster(view->desk)->nodes[desk_self(view->desk)].centre;
    const struct arrivals arrivals = situation_arrivals(view->situation);

    for (size_t i = arrivals.count; i > 0; i--) {
        struct picture_version version;
        picture_version(picture, arrivals.list[i - 1].place, &version);
        if (version.kind == kind && version.centre == centre) {
            return &arrivals.list[i - 1];
        }
    }
    return NULL;
}

// False: the reply says why there is none.
static bool find_last(struct call *call, struct ref *ref)
{
    struct picture *picture;
    const enum err err = situation_get(call->view->situation, call->view, &picture);

    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    const struct arrived *last = handover_last(call->view, picture);
    if (last != NULL) {
        struct picture_version version;
        picture_version(picture, last->place, &version);
        *ref = version.ref;
    } else {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "this centre has not handed over yet: 'sitrep handover take --help'");
    }
    situation_put(call->view->situation);
    return last != NULL;
}

void handover_get(struct call *call)
{
    struct named named;
    struct ref ref;

    if (!find_last(call, &ref)) {
        return;
    }
    const enum err err = refs_read(call->view, &ref, &named, NULL);
    if (err == ERR_OK) {
        entry_show(call, &named);
    } else {
        reply_failed(&call->reply, err, "the handover");
    }
}
