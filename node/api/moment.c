// SPDX-License-Identifier: EUPL-1.2
// The picture at a moment, of this node or of a centre. Whoever asks for another one leaves the
// picture as it is now behind.
#include "api/moment.h"

#include <string.h>

#include "clock.h"
#include "json/rfc3339.h"
#include "json/roster_text.h"
#include "picture/situation.h"

static bool read_as(struct call *call, struct moment *moment)
{
    const char *as = call->args[ARG_AS];
    const struct roster *roster = desk_roster(call->view->desk);

    if (as == NULL) {
        return true;
    }
    const int32_t centre = roster_find_centre(roster, as, strlen(as));
    if (centre < 0) {
        char why[UNKNOWN_TEXT_SIZE];
        roster_no_centre_text(roster, as, why);
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found", "as: %s", why);
        return false;
    }
    moment->centre = (uint32_t)centre;
    return true;
}

static bool read_at(struct call *call, struct moment *moment)
{
    const char *at = call->args[ARG_AT];

    *moment =
        (struct moment){.writing.view = call->view, .is_past = at != NULL, .centre = PICTURE_NONE};
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

// At the picture as it was, or as a centre saw it.
static enum err look(struct moment *moment)
{
    struct picture *picture = moment->writing.picture;
    const struct desk_view *view = moment->writing.view;

    if (moment->centre != PICTURE_NONE) {
        picture_receipts_around(picture, moment->centre, moment->now_ms, &moment->told_ms,
                                &moment->next_ms);
        return situation_set_view(view->situation, view, moment->centre, moment->now_ms);
    }
    if (moment->is_past) {
        picture_set_moment(picture, moment->now_ms);
    }
    return ERR_OK;
}

bool moment_get(struct call *call, struct moment *moment)
{
    const struct desk_view *view = call->view;
    struct writing *writing = &moment->writing;

    if (!read_at(call, moment) || !read_as(call, moment)) {
        return false;
    }
    writing->sealer = sealers_get(view->sealers);
    if (writing->sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return false;
    }
    enum err err = situation_get(view->situation, view, &writing->picture);
    if (err == ERR_OK) {
        err = look(moment);
        if (err != ERR_OK) {
            situation_put(view->situation);
        }
    }
    if (err != ERR_OK) {
        sealers_put(view->sealers, writing->sealer);
        reply_failed(&call->reply, err, "the picture");
        return false;
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

static void write_as(const struct moment *moment)
{
    struct text *out = moment->writing.out;
    const struct roster *roster = desk_roster(moment->writing.view->desk);

    text_key(out, "as");
    if (moment->centre == PICTURE_NONE) {
        text_null(out);
        return;
    }
    text_open(out, '{');
    text_key(out, "centre");
    text_span(out, roster->centres[moment->centre].code);
    text_key(out, "told");
    text_time(out, moment->told_ms);
    text_key(out, "next");
    text_time(out, moment->next_ms == UINT64_MAX ? 0 : moment->next_ms);
    text_close(out, '}');
}

void moment_write(const struct moment *moment)
{
    text_key(moment->writing.out, "at");
    if (moment->is_past) {
        text_time(moment->writing.out, moment->now_ms);
    } else {
        text_null(moment->writing.out);
    }
    write_as(moment);
}
