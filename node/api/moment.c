// SPDX-License-Identifier: EUPL-1.2
// The picture at a moment. Whoever asks for one that has passed leaves the picture as it is now
// behind.
#include "api/moment.h"

#include "api/rfc3339.h"
#include "api/situation.h"
#include "clock.h"

static bool read_at(struct call *call, struct moment *moment)
{
    const char *at = call->args[ARG_AT];

    *moment = (struct moment){.writing.view = call->view, .is_past = at != NULL};
    if (at == NULL) {
        moment->now_ms = clock_wall_ms();
        return true;
    }
    if (rfc3339_parse(at, &moment->now_ms) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "at must be a moment such as 2025-03-13T10:00:00Z");
        return false;
    }
    return true;
}

bool moment_get(struct call *call, struct moment *moment)
{
    const struct desk_view *view = call->view;
    struct writing *writing = &moment->writing;

    if (!read_at(call, moment)) {
        return false;
    }
    writing->sealer = sealers_get(view->sealers);
    if (writing->sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return false;
    }
    const enum err err = situation_get(view->situation, view, &writing->picture);
    if (err != ERR_OK) {
        sealers_put(view->sealers, writing->sealer);
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    if (moment->is_past) {
        picture_set_moment(writing->picture, moment->now_ms);
    }
    moment->told = situation_told(view->situation);
    return true;
}

void moment_put(struct moment *moment)
{
    const struct desk_view *view = moment->writing.view;

    picture_set_moment(moment->writing.picture, UINT64_MAX);
    situation_put(view->situation);
    sealers_put(view->sealers, moment->writing.sealer);
}

void moment_write(const struct moment *moment)
{
    text_key(moment->writing.out, "at");
    if (moment->is_past) {
        text_time(moment->writing.out, moment->now_ms);
    } else {
        text_null(moment->writing.out);
    }
}
