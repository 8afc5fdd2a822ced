// SPDX-License-Identifier: EUPL-1.2
// GET /v1/reports/last: the report of a type that this node's centre sent last, which the next one
// begins with.
#include <string.h>

#include "api/moment.h"
#include "picture/overview.h"
#include "reading/refs.h"
#include "sitrep/seal.h"

enum { LOOKED_AT = 500 }; // reports of the centre, those written last

struct last {
    const struct writing *writing;
    const char *type;
    bool is_found;
    uint64_t number;
    struct ref ref;
};

// The one version that holds; PICTURE_NONE: there is none, or there are several.
static uint32_t find_head(struct picture *picture, const struct places *versions)
{
    uint32_t head = PICTURE_NONE;

    for (size_t i = 0; i < versions->count; i++) {
        struct picture_version version;
        picture_version(picture, versions->list[i], &version);
        if (overview_is_head(&version) && head != PICTURE_NONE) {
            return PICTURE_NONE;
        }
        head = overview_is_head(&version) ? versions->list[i] : head;
    }
    return head;
}

static bool is_sent(struct picture *picture, uint32_t head, uint32_t centre)
{
    struct picture_version version;

    if (head == PICTURE_NONE) {
        return false;
    }
    picture_version(picture, head, &version);
    return version.centre == centre && !kind_is_over(version.kind, version.state);
}

// Errors: ERR_NO_SPACE.
static enum err find_sent(struct picture *picture, uint32_t centre, struct places *sent)
{
    const uint32_t *items;
    struct places versions = {0};
    size_t count;
    enum err err = picture_items(picture, &items, &count);

    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct picture_item item;
        picture_item(picture, items[i], &item);
        if (item.kind == NULL || strcmp(item.kind->name, "report") != 0) {
            continue;
        }
        versions.count = 0;
        err = places_add_versions(&versions, picture, items[i]);
        const uint32_t head = find_head(picture, &versions);
        if (err == ERR_OK && is_sent(picture, head, centre)) {
            err = places_add(sent, head);
        }
    }
    places_fini(&versions);
    return err == ERR_OK ? overview_sort_written(picture, sent) : err;
}

static bool is_of_type(const struct last *last, struct span body)
{
    struct cbor_reader reader;
    struct span value;

    if (body_find(body, "type", &value) != ERR_OK) {
        return strcmp(last->type, "observation") == 0;
    }
    cbor_read(&reader, value.bytes, value.len);
    return span_is(cbor_get_text(&reader), last->type);
}

// They come with what was written last first.
static void take(struct last *last, uint32_t place)
{
    const struct writing *writing = last->writing;
    struct picture_version version;
    struct record_set set = {0};
    struct view view;

    picture_version(writing->picture, place, &version);
    if (refs_open(writing->view, writing->sealer, &version.ref, &set, &view) &&
        view.state == VIEW_OPEN && is_of_type(last, view.content)) {
        uint64_t number = 0;
        if (body_find_uint(view.content, "number", &number) != ERR_OK) {
            number = 0;
        }
        if (!last->is_found || number > last->number) {
            last->is_found = true;
            last->number = number;
            last->ref = version.ref;
        }
    }
    record_set_fini(&set);
}

static void reply_last(struct call *call, const struct last *last)
{
    if (!last->is_found) {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "this centre has sent no report of type %s, or not of late", last->type);
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    refs_write_entry(last->writing->view, last->writing->sealer, &last->ref, out);
    text_close(out, '}');
}

void report_get(struct call *call)
{
    const struct roster *roster = desk_roster(call->view->desk);
    const char *type = call->args[ARG_TYPE];
    struct places sent = {0};
    struct moment moment;

    if (!moment_get(call, &moment)) {
        return;
    }
    struct last last = {.writing = &moment.writing, .type = type == NULL ? "observation" : type};
    const enum err err =
        find_sent(moment.writing.picture, roster->nodes[desk_self(call->view->desk)].centre, &sent);
    for (size_t i = 0; err == ERR_OK && i < sent.count && i < LOOKED_AT; i++) {
        take(&last, sent.list[i]);
    }
    if (err == ERR_OK) {
        reply_last(call, &last);
    } else {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    places_fini(&sent);
    moment_put(&moment);
}
