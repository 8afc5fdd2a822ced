// SPDX-License-Identifier: EUPL-1.2
// GET /v1/items/NAME/timeline: everything that belongs to an item, by when its authors wrote it, as
// newline-delimited JSON. Of an incident also what names it, and those that were merged into it.
#include <stdlib.h>
#include <string.h>

#include "api/holder.h"
#include "api/items.h"
#include "picture/family.h"
#include "picture/situation.h"
#include "reading/refs.h"
#include "sitrep/sums.h"

enum {
    LINES_AT_ONCE = 16,
    // Beyond these an arrival and its author's clock do not go together.
    AHEAD_MS = 5 * 1000,
    LATE_MS = 10 * 60 * 1000,
};

struct line {
    uint64_t written_ms;
    struct ref ref;
};

struct timeline {
    struct stream stream;
    const struct desk_view *view;
    struct line *lines;
    size_t count, next;
};

// What belongs to it, as it is found; each place once.
struct finding {
    struct picture *picture;
    struct places found;
    uint8_t *is_found; // by place
};

// Takes over what is in `more`, and empties it.
static enum err take(struct finding *finding, struct places *more, enum err err)
{
    for (size_t i = 0; err == ERR_OK && i < more->count; i++) {
        const uint32_t place = more->list[i];
        if (finding->is_found[place] == 0) {
            finding->is_found[place] = 1;
            err = places_add(&finding->found, place);
        }
    }
    more->count = 0;
    return err;
}

static enum err take_naming(struct finding *finding, uint32_t place, const char *field,
                            struct places *more)
{
    const enum err err = places_add_naming(more, finding->picture, place, field);

    return take(finding, more, err);
}

// The versions of what it is a version of, answers to that, and what is said about it.
static enum err expand(struct finding *finding, uint32_t place, struct places *more)
{
    static const char *const answers[] = {"request", "comtest"};
    static const char *const about[] = {"translation_of", "of"};
    struct picture_version version;
    enum err err = ERR_OK;

    picture_version(finding->picture, place, &version);
    if (version.item != PICTURE_NONE) {
        err = take(finding, more, places_add_versions(more, finding->picture, version.item));
    }
    for (size_t i = 0; err == ERR_OK && version.item == place && i < 2; i++) {
        err = take_naming(finding, place, answers[i], more);
    }
    for (size_t i = 0; err == ERR_OK && i < 2; i++) {
        err = take_naming(finding, place, about[i], more);
    }
    return err;
}

static enum err find_all(struct finding *finding, uint32_t began)
{
    struct places family = {0};
    struct places more = {0};
    enum err err = family_find(finding->picture, began, &family);

    for (size_t i = 0; err == ERR_OK && i < family.count; i++) {
        err = take(finding, &more, places_add_versions(&more, finding->picture, family.list[i]));
        if (err == ERR_OK) {
            err = take_naming(finding, family.list[i], "incident", &more);
        }
    }
    for (size_t i = 0; err == ERR_OK && i < finding->found.count; i++) {
        err = expand(finding, finding->found.list[i], &more);
    }
    places_fini(&more);
    places_fini(&family);
    return err;
}

static int line_compare(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;

    if (a->written_ms != b->written_ms) {
        return a->written_ms < b->written_ms ? -1 : 1;
    }
    return ref_compare(&a->ref, &b->ref);
}

static enum err fill_lines(struct timeline *timeline, const struct finding *finding)
{
    timeline->lines = calloc(finding->found.count + 1, sizeof *timeline->lines);
    if (timeline->lines == NULL) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < finding->found.count; i++) {
        struct picture_version version;
        picture_version(finding->picture, finding->found.list[i], &version);
        timeline->lines[timeline->count++] = (struct line){version.written_ms, version.ref};
    }
    if (timeline->count > 0) {
        qsort(timeline->lines, timeline->count, sizeof *timeline->lines, line_compare);
    }
    return ERR_OK;
}

static enum err gather(struct timeline *timeline, struct picture *picture, uint32_t began)
{
    struct finding finding = {.picture = picture,
                              .is_found = calloc(picture_count(picture) + 1, 1)};

    enum err err = finding.is_found == NULL ? ERR_NO_SPACE : find_all(&finding, began);
    if (err == ERR_OK) {
        err = fill_lines(timeline, &finding);
    }
    places_fini(&finding.found);
    free(finding.is_found);
    return err;
}

// -- lines --

// Here it is, whether or not this node has told so yet.
static void write_held_here(struct text *out, uint64_t arrived_ms)
{
    text_key(out, "held");
    text_open(out, '{');
    text_key(out, "by");
    text_time(out, arrived_ms);
    text_key(out, "not_before");
    text_null(out);
    text_key(out, "shown_by");
    text_null(out);
    text_close(out, '}');
}

// When each centre had it, as its nodes show.
static void write_centres(const struct writing *writing, uint32_t place, uint64_t arrived_ms)
{
    const struct roster *roster = desk_roster(writing->view->desk);
    const uint32_t own = roster->nodes[desk_self(writing->view->desk)].centre;
    struct text *out = writing->out;

    text_key(out, "centres");
    text_open(out, '[');
    for (uint32_t centre = 0; centre < roster->centres_count; centre++) {
        struct picture_holding held;
        if (!roster_has_node(roster, centre)) {
            continue;
        }
        (void)holder_find(writing->picture, roster, place, centre, &held);
        text_open(out, '{');
        text_key(out, "centre");
        text_span(out, roster->centres[centre].code);
        if (centre == own && arrived_ms < held.until_ms) {
            write_held_here(out, arrived_ms);
        } else {
            holder_write(writing->view, writing->picture, &held, out);
        }
        text_close(out, '}');
    }
    text_close(out, ']');
}

static void write_line(const struct writing *writing, const struct ref *ref)
{
    const uint32_t place = picture_find(writing->picture, ref);
    struct picture_version version;
    struct text *out = writing->out;

    if (place == PICTURE_NONE) {
        return; // the roster has changed since, and it does not count any more
    }
    picture_version(writing->picture, place, &version);
    text_open(out, '{');
    if (version.item != PICTURE_NONE) {
        item_write_version(writing, &version);
    } else {
        refs_write_entry(writing->view, writing->sealer, ref, writing->out);
    }
    const int64_t offset_ms = (int64_t)(version.arrived_ms - version.written_ms);
    if (offset_ms < -AHEAD_MS || offset_ms > LATE_MS) {
        text_key(out, "offset_ms");
        text_int(out, offset_ms);
    }
    write_centres(writing, place, version.arrived_ms);
    text_close(out, '}');
    text_end_line(out);
}

static enum stream_state timeline_fill(struct stream *stream, struct text *out)
{
    struct timeline *timeline = (struct timeline *)stream;
    const struct desk_view *view = timeline->view;
    struct writing writing = {.view = view, .out = out};

    enum err err = situation_get(view->situation, view, &writing.picture);
    if (err == ERR_OK) {
        writing.sealer = sealers_get(view->sealers);
        err = writing.sealer == NULL ? ERR_NO_SPACE : ERR_OK;
        for (size_t i = 0; err == ERR_OK && i < LINES_AT_ONCE && timeline->next < timeline->count;
             i++) {
            write_line(&writing, &timeline->lines[timeline->next++].ref);
        }
        if (err == ERR_OK) {
            sealers_put(view->sealers, writing.sealer);
        }
        situation_put(view->situation);
    }
    if (err != ERR_OK) {
        reply_line_failed(out, err);
    }
    return err == ERR_OK && timeline->next < timeline->count ? STREAM_GOES_ON : STREAM_ENDED;
}

static void timeline_destroy(struct stream *stream)
{
    struct timeline *timeline = (struct timeline *)stream;

    free(timeline->lines);
    free(timeline);
}

static void reply_timeline(struct call *call, struct picture *picture, const struct ref *ref)
{
    uint32_t began;

    if (!item_began(call, picture, ref, &began)) {
        return;
    }
    struct timeline *timeline = calloc(1, sizeof *timeline);
    if (timeline == NULL || gather(timeline, picture, picture_incident(picture, began)) != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        if (timeline != NULL) {
            timeline_destroy(&timeline->stream);
        }
        return;
    }
    timeline->view = call->view;
    timeline->stream.fill = timeline_fill;
    timeline->stream.destroy = timeline_destroy;
    reply_stream(&call->reply, &timeline->stream);
}

void timeline_get(struct call *call)
{
    struct picture *picture;
    struct ref ref;

    if (!item_find(call, &ref)) {
        return;
    }
    const enum err err = situation_get(call->view->situation, call->view, &picture);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return;
    }
    reply_timeline(call, picture, &ref);
    situation_put(call->view->situation);
}
