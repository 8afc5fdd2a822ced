// SPDX-License-Identifier: EUPL-1.2
// GET /v1/items/NAME/series: what was measured at a station, in the order of when it was so. Of
// much what was written last.
#include <stdlib.h>
#include <string.h>

#include "api/moment.h"
#include "picture/family.h"
#include "picture/overview.h"
#include "reading/refs.h"
#include "sitrep/seal.h"

enum { SHOWN_MAX = 500, TEXT_MAX = 16 * 1024 * 1024 }; // of an answer

struct value {
    uint64_t moment_ms; // when it was so; else when it was written
    struct ref ref;
};

struct series {
    const struct writing *writing;
    const char *quantity; // NULL: of any
    struct value values[SHOWN_MAX];
    size_t count;
    size_t left; // that were written before those, of any quantity
};

static int compare_values(const void *left, const void *right)
{
    const struct value *a = left;
    const struct value *b = right;

    if (a->moment_ms != b->moment_ms) {
        return a->moment_ms < b->moment_ms ? -1 : 1;
    }
    return ref_compare(&a->ref, &b->ref);
}

static bool is_wanted(const struct series *series, struct span body)
{
    struct cbor_reader reader;
    struct span value;

    if (series->quantity == NULL) {
        return true;
    }
    if (body_find(body, "quantity", &value) != ERR_OK) {
        return false;
    }
    cbor_read(&reader, value.bytes, value.len);
    return span_is(cbor_get_text(&reader), series->quantity);
}

static uint64_t moment_of(const struct picture_version *version, struct span body)
{
    uint64_t observed_ms;

    return body_find_uint(body, "observed", &observed_ms) == ERR_OK ? observed_ms
                                                                    : version->written_ms;
}

static void take(struct series *series, const struct picture_version *version)
{
    const struct writing *writing = series->writing;
    struct record_set set = {0};
    struct view view;

    if (refs_open(writing->view, writing->sealer, &version->ref, &set, &view) &&
        view.state == VIEW_OPEN && is_wanted(series, view.content)) {
        series->values[series->count++] =
            (struct value){moment_of(version, view.content), version->ref};
    }
    record_set_fini(&set);
}

// What names it, or a version of it. Errors: ERR_NO_SPACE.
static enum err find_measurements(struct picture *picture, uint32_t began, struct places *found)
{
    struct places versions = {0};
    enum err err = places_add_versions(&versions, picture, began);

    for (size_t i = 0; err == ERR_OK && i < versions.count; i++) {
        err = places_add_naming(found, picture, versions.list[i], "station");
    }
    places_fini(&versions);
    return err == ERR_OK ? overview_sort_written(picture, found) : err;
}

static enum err gather(struct series *series, uint32_t began)
{
    struct picture *picture = series->writing->picture;
    struct places found = {0};
    const enum err err = find_measurements(picture, began, &found);

    for (size_t i = 0; err == ERR_OK && i < found.count && i < SHOWN_MAX; i++) {
        struct picture_version version;
        picture_version(picture, found.list[i], &version);
        take(series, &version);
    }
    series->left = found.count > SHOWN_MAX ? found.count - SHOWN_MAX : 0;
    qsort(series->values, series->count, sizeof *series->values, compare_values);
    places_fini(&found);
    return err;
}

// Beyond what an answer holds its name alone.
static void write_value(const struct writing *writing, const struct ref *ref)
{
    if (writing->out->len < TEXT_MAX) {
        refs_write_entry(writing->view, writing->sealer, ref, writing->out);
    } else {
        refs_write_name(writing->view, "name", ref, writing->out);
    }
}

static void write_series(const struct series *series, const struct ref *began)
{
    const struct writing *writing = series->writing;
    struct text *out = writing->out;

    text_open(out, '{');
    view_write_space(writing->view, out);
    refs_write_name(writing->view, "item", began, out);
    text_key(out, "measurements");
    text_open(out, '[');
    for (size_t i = 0; i < series->count; i++) {
        text_open(out, '{');
        write_value(writing, &series->values[i].ref);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_key(out, "more");
    text_uint(out, series->left);
    text_close(out, '}');
}

static void reply_series(struct call *call, struct moment *moment, uint32_t began)
{
    struct series *series = calloc(1, sizeof *series);
    struct picture_version version;

    if (series == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    series->writing = &moment->writing;
    series->quantity = call->args[ARG_QUANTITY];
    picture_version(moment->writing.picture, began, &version);
    if (gather(series, began) == ERR_OK) {
        moment->writing.out = reply_json(&call->reply, MHD_HTTP_OK);
        write_series(series, &version.ref);
    } else {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    free(series);
}

void series_get(struct call *call)
{
    struct moment moment;
    uint32_t began;

    if (!moment_get(call, &moment)) {
        return;
    }
    if (item_of_kind(call, moment.writing.picture, "station", &began)) {
        reply_series(call, &moment, began);
    }
    moment_put(&moment);
}
