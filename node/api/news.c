// SPDX-License-Identifier: EUPL-1.2
// GET /v1/news: what arrived since a moment, an entry, or the last handover of this centre; by what
// it is about, in the order in which that began to be spoken of. Of much the first part, with where
// to go on.
#include <stdlib.h>
#include <string.h>

#include "api/entry.h"
#include "api/handover.h"
#include "api/moment.h"
#include "json/rfc3339.h"
#include "picture/situation.h"
#include "reading/refs.h"
#include "reading/view.h"

enum {
    SHOWN_MAX = 500,             // entries of one answer
    TEXT_MAX = 16 * 1024 * 1024, // bytes of it; beyond, entries have their names alone
    WITHOUT_MS = 12 * 3600000    // what is told where nobody has handed over yet
};

struct arrival {
    uint64_t arrival;
    uint32_t item;  // what began what it is a version of; PICTURE_NONE: it stands alone
    uint32_t place; // its own, when it is a version
};

struct news {
    struct moment moment;
    struct since since;    // when it is new
    uint64_t since_ms;     // for people
    bool has_handover;     // since which it is
    struct ref handover;   // then
    uint64_t sealed_count; // of `sealed`, all there are
    uint64_t sealed[SHOWN_MAX];
    struct arrival shown[SHOWN_MAX];
    size_t count, left;
};

// -- since when --

static bool is_name(const char *since)
{
    return strchr(since, '/') != NULL;
}

static bool take_entry(struct call *call, struct news *news)
{
    struct record_set set = {0};
    struct named named;
    const bool is_here = entry_read(call, call->args[ARG_SINCE], &named, &set);

    if (is_here) {
        news->since.after = set.records[0].arrival;
        news->since_ms = set.records[0].arrived_ms;
    }
    record_set_fini(&set);
    return is_here;
}

// Behind all that came before the moment.
static void take_moment(struct news *news, struct arrivals arrivals, uint64_t since_ms)
{
    size_t low = 0;
    size_t high = arrivals.count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (arrivals.list[middle].moment_ms < since_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    news->since_ms = since_ms;
    news->since = (struct since){.after = low == 0 ? 0 : arrivals.list[low - 1].arrival,
                                 .moment_ms = since_ms};
}

static void take_handover(struct news *news, struct arrivals arrivals)
{
    const struct desk_view *view = news->moment.writing.view;
    const struct arrived *last = handover_last(view, news->moment.writing.picture);

    if (last == NULL) {
        take_moment(news, arrivals, news->moment.now_ms - WITHOUT_MS);
        return;
    }
    struct picture_version version;
    picture_version(news->moment.writing.picture, last->place, &version);
    news->since.after = last->arrival;
    news->since_ms = version.arrived_ms;
    news->has_handover = true;
    news->handover = version.ref;
}

// False: the reply says what is wrong. What needs the picture is looked for later.
static bool read_since(struct call *call, struct news *news)
{
    const char *since = call->args[ARG_SINCE];

    if (since == NULL || strcmp(since, "handover") == 0) {
        return true;
    }
    if (is_name(since)) {
        return take_entry(call, news);
    }
    if (rfc3339_parse(since, &news->since_ms) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "since must be handover, the name of an entry, or a moment such as "
                    "2025-03-13T10:00:00Z");
        return false;
    }
    return true;
}

static void find_since(struct news *news, const char *since, struct arrivals arrivals)
{
    if (since == NULL || strcmp(since, "handover") == 0) {
        take_handover(news, arrivals);
    } else if (!is_name(since)) {
        take_moment(news, arrivals, news->since_ms);
    }
}

// -- what came --

static void take(struct news *news, struct arrival arrival)
{
    if (news->count < SHOWN_MAX) {
        news->shown[news->count++] = arrival;
    } else {
        news->left++;
    }
}

// Those that cannot be read come in between, up to that arrival.
static void take_sealed(struct news *news, size_t *next, uint64_t before)
{
    for (; *next < news->sealed_count && *next < SHOWN_MAX && news->sealed[*next] < before;
         (*next)++) {
        take(news, (struct arrival){news->sealed[*next], PICTURE_NONE, PICTURE_NONE});
    }
}

// All but receipts, which nobody has written.
static void gather(struct news *news, struct arrivals arrivals)
{
    static const char receipt[] = "receipt";
    const struct kind *receipts =
        kind_find((struct span){(const uint8_t *)receipt, sizeof receipt - 1});
    size_t sealed = 0;

    news->sealed_count = situation_sealed_since(news->moment.writing.view->situation, news->since,
                                                news->sealed, SHOWN_MAX);
    for (size_t i = arrivals_find(arrivals, news->since.after + 1); i < arrivals.count; i++) {
        struct picture_version version;
        const uint32_t place = arrivals.list[i].place;
        take_sealed(news, &sealed, arrivals.list[i].arrival);
        picture_version(news->moment.writing.picture, place, &version);
        if (version.kind != receipts) {
            take(news, (struct arrival){arrivals.list[i].arrival, version.item, place});
        }
    }
    take_sealed(news, &sealed, UINT64_MAX);
    news->left += news->sealed_count - sealed;
}

// -- the answer --

// False: it was damaged, and came again since.
static bool read_arrival(const struct writing *writing, uint64_t arrival, struct record_set *set,
                         struct view *view)
{
    return store_read_arrivals(desk_store(writing->view->desk), arrival, false, 1, set) == ERR_OK &&
           set->count == 1 && set->records[0].arrival == arrival &&
           view_name(writing->view, &set->records[0], view) == ERR_OK;
}

static void write_name(struct text *out, const struct view *view)
{
    char name[NAME_SIZE];

    name_format(&view->named.name, name);
    text_string(out, name);
}

static void write_standing(const struct writing *writing, const struct arrival *arrival)
{
    struct picture_version version;

    if (arrival->item != PICTURE_NONE) {
        picture_version(writing->picture, arrival->place, &version);
        item_write_standing(writing, &version);
    }
}

static void write_entry(const struct writing *writing, const struct arrival *arrival)
{
    struct text *out = writing->out;
    struct record_set set = {0};
    struct view view;

    if (read_arrival(writing, arrival->arrival, &set, &view)) {
        text_open(out, '{');
        if (out->len < TEXT_MAX) {
            view_open(writing->view, writing->sealer, &view);
            view_write(writing->view, &view, out);
            write_standing(writing, arrival);
        } else {
            text_key(out, "name");
            write_name(out, &view);
        }
        text_close(out, '}');
    }
    record_set_fini(&set);
}

// How the last one is called, behind which one may go on.
static void write_last(const struct news *news)
{
    const struct writing *writing = &news->moment.writing;
    struct record_set set = {0};
    struct view view;

    text_key(writing->out, "last");
    if (news->count > 0 &&
        read_arrival(writing, news->shown[news->count - 1].arrival, &set, &view)) {
        write_name(writing->out, &view);
    } else {
        text_null(writing->out);
    }
    record_set_fini(&set);
}

static void write_item(const struct writing *writing, uint32_t began)
{
    struct text *out = writing->out;
    struct picture_item item = {.kind = NULL};
    struct picture_version version;

    if (began == PICTURE_NONE) {
        text_key(out, "item");
        text_null(out);
    } else {
        picture_version(writing->picture, began, &version);
        picture_item(writing->picture, began, &item);
        refs_write_name(writing->view, "item", &version.ref, out);
    }
    text_key(out, "kind");
    if (item.kind == NULL) {
        text_null(out);
    } else {
        text_string(out, item.kind->name);
    }
}

// What is about the item of the entry at `first`.
static void write_group(const struct news *news, size_t first, bool *is_written)
{
    const struct writing *writing = &news->moment.writing;
    const uint32_t item = news->shown[first].item;

    text_open(writing->out, '{');
    write_item(writing, item);
    text_key(writing->out, "entries");
    text_open(writing->out, '[');
    for (size_t i = first; i < news->count; i++) {
        if (news->shown[i].item == item) {
            write_entry(writing, &news->shown[i]);
            is_written[i] = true;
        }
    }
    text_close(writing->out, ']');
    text_close(writing->out, '}');
}

static void write_since(const struct news *news)
{
    const struct writing *writing = &news->moment.writing;

    view_write_space(writing->view, writing->out);
    text_key(writing->out, "since");
    text_time(writing->out, news->since_ms);
    if (news->has_handover) {
        refs_write_name(writing->view, "handover", &news->handover, writing->out);
    } else {
        text_key(writing->out, "handover");
        text_null(writing->out);
    }
}

static void write_news(const struct news *news)
{
    struct text *out = news->moment.writing.out;
    bool is_written[SHOWN_MAX] = {false};

    text_open(out, '{');
    write_since(news);
    text_key(out, "items");
    text_open(out, '[');
    for (size_t i = 0; i < news->count; i++) {
        if (!is_written[i]) {
            write_group(news, i, is_written);
        }
    }
    text_close(out, ']');
    text_key(out, "more");
    text_uint(out, news->left);
    write_last(news);
    text_close(out, '}');
}

void news_get(struct call *call)
{
    struct news *news = calloc(1, sizeof *news);

    if (news == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else if (read_since(call, news) && moment_get(call, &news->moment)) {
        const struct arrivals arrivals = situation_arrivals(call->view->situation);
        find_since(news, call->args[ARG_SINCE], arrivals);
        gather(news, arrivals);
        news->moment.writing.out = reply_json(&call->reply, MHD_HTTP_OK);
        write_news(news);
        moment_put(&news->moment);
    }
    free(news);
}
