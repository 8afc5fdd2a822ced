// SPDX-License-Identifier: EUPL-1.2
// GET /v1/picture: what is going on, in one object; and GET /v1/phases: the phases side by side.
// Lists are bounded, and say how many more there are.
#include "api/moment.h"
#include "api/sums_text.h"
#include "picture/overview.h"
#include "picture/told.h"
#include "reading/refs.h"

enum { SHOWN_MAX = 50, REPORTS_MAX = 12 };

// What is written of each item of a list, besides the item.
typedef enum err write_more(const struct writing *writing, uint32_t began);

static void write_left(struct text *out, const char *key, size_t count, size_t max)
{
    text_key(out, key);
    text_uint(out, count > max ? count - max : 0);
}

static enum err write_items(const struct writing *writing, const struct places *items,
                            write_more *more)
{
    enum err err = ERR_OK;

    text_open(writing->out, '[');
    for (size_t i = 0; err == ERR_OK && i < items->count && i < SHOWN_MAX; i++) {
        text_open(writing->out, '{');
        err = item_write(writing, items->list[i], false);
        if (err == ERR_OK && more != NULL) {
            err = more(writing, items->list[i]);
        }
        text_close(writing->out, '}');
    }
    text_close(writing->out, ']');
    return err;
}

static enum err write_reports(const struct writing *writing, uint32_t incident)
{
    struct text *out = writing->out;
    struct places reports = {0};
    const enum err err = overview_reports(writing->picture, incident, &reports);

    text_key(out, "reports");
    text_open(out, '[');
    for (size_t i = 0; err == ERR_OK && i < reports.count && i < REPORTS_MAX; i++) {
        struct picture_version version;
        picture_version(writing->picture, reports.list[i], &version);
        text_open(out, '{');
        item_write_version(writing, &version);
        text_close(out, '}');
    }
    text_close(out, ']');
    write_left(out, "more_reports", reports.count, REPORTS_MAX);
    places_fini(&reports);
    return err;
}

static enum err write_offers(const struct writing *writing, uint32_t request)
{
    struct text *out = writing->out;
    struct request_state state;
    enum err err = overview_request(writing->picture, request, &state);

    text_key(out, "wanted");
    text_uint(out, state.wanted);
    text_key(out, "offered");
    text_uint(out, state.offered);
    text_key(out, "accepted");
    text_uint(out, state.accepted);
    text_key(out, "lacking");
    text_uint(out, state.wanted > state.accepted ? state.wanted - state.accepted : 0);
    text_key(out, "offers");
    text_open(out, '[');
    for (size_t i = 0; err == ERR_OK && i < state.offers.count && i < REPORTS_MAX; i++) {
        text_open(out, '{');
        err = item_write(writing, state.offers.list[i], false);
        text_close(out, '}');
    }
    text_close(out, ']');
    write_left(out, "more_offers", state.offers.count, REPORTS_MAX);
    places_fini(&state.offers);
    return err;
}

static void write_alerts(const struct moment *moment)
{
    const struct writing *writing = &moment->writing;
    uint32_t places[SHOWN_MAX];
    const size_t count =
        told_list(moment->told, writing->picture, moment->now_ms, places, SHOWN_MAX);

    text_key(writing->out, "alerts");
    text_open(writing->out, '[');
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
        struct picture_version version;
        picture_version(writing->picture, places[i], &version);
        text_open(writing->out, '{');
        refs_write_entry(writing->view, writing->sealer, &version.ref, writing->out);
        text_close(writing->out, '}');
    }
    text_close(writing->out, ']');
    write_left(writing->out, "more_alerts", count, SHOWN_MAX);
}

static const struct {
    const char *name, *left;
    write_more *more;
} rows[OVERVIEW_LISTS] = {
    [LIST_INCIDENTS] = {"incidents", "more_incidents", write_reports},
    [LIST_PHASES] = {"phases", "more_phases", NULL},
    [LIST_MEASURES] = {"measures", "more_measures", NULL},
    [LIST_REQUESTS] = {"requests", "more_requests", write_offers},
};

static enum err write_list(const struct writing *writing, const struct overview *overview,
                           enum overview_list list)
{
    text_key(writing->out, rows[list].name);
    const enum err err = write_items(writing, &overview->lists[list], rows[list].more);

    write_left(writing->out, rows[list].left, overview->lists[list].count, SHOWN_MAX);
    return err;
}

// Of the incidents that are open; and of none, which somebody has to mend.
static enum err write_hurt(const struct writing *writing, const struct overview *overview)
{
    const struct places *open = &overview->lists[LIST_INCIDENTS];
    struct places only = {0};
    enum err err = places_add(&only, PICTURE_NONE);

    for (size_t i = 0; err == ERR_OK && i < open->count && i < SHOWN_MAX; i++) {
        err = places_add(&only, open->list[i]);
    }
    err = err == ERR_OK ? casualties_write(writing, &only, false) : err;
    places_fini(&only);
    return err;
}

static enum err write_overview(const struct moment *moment, const struct overview *overview)
{
    const struct writing *writing = &moment->writing;
    struct text *out = writing->out;
    enum err err = ERR_OK;

    text_key(out, "conflicts");
    text_uint(out, overview->conflicts);
    text_key(out, "proposals");
    text_uint(out, overview->proposals);
    for (int list = 0; err == ERR_OK && list < OVERVIEW_LISTS; list++) {
        err = write_list(writing, overview, (enum overview_list)list);
    }
    write_alerts(moment);
    text_key(out, "casualties");
    err = err == ERR_OK ? write_hurt(writing, overview) : err;
    text_key(out, "resources");
    return err == ERR_OK ? resources_write(writing, false) : err;
}

static enum err write_phases(const struct moment *moment, const struct overview *overview)
{
    return write_list(&moment->writing, overview, LIST_PHASES);
}

static void answer(struct call *call,
                   enum err (*write)(const struct moment *moment, const struct overview *overview))
{
    struct moment moment;
    struct overview overview;

    if (!moment_get(call, &moment)) {
        return;
    }
    struct text *out = moment.writing.out = reply_json(&call->reply, MHD_HTTP_OK);
    enum err err = overview_gather(moment.writing.picture, &overview);
    text_open(out, '{');
    moment_write(&moment);
    err = err == ERR_OK ? write(&moment, &overview) : err;
    text_close(out, '}');
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    overview_fini(&overview);
    moment_put(&moment);
}

void picture_get(struct call *call)
{
    answer(call, write_overview);
}

void phases_get(struct call *call)
{
    answer(call, write_phases);
}
