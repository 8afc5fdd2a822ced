// SPDX-License-Identifier: EUPL-1.2
// GET /v1/items: what entries are about, item by item as they stand, as newline-delimited JSON; and
// GET /v1/items/NAME: one of them, with all its versions. POST /v1/items/NAME only finds which it
// is.
#include "api/items.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/entry.h"
#include "api/sieve.h"
#include "json/kind_text.h"
#include "picture/overview.h"
#include "picture/situation.h"
#include "reading/refs.h"
#include "reading/view.h"

enum { ITEMS_AT_ONCE = 16 };

struct items {
    struct stream stream;
    const struct desk_view *view;
    struct sieve sieve;
    struct ref after; // what the last item looked at began with
    bool has_begun;
    struct ref *chosen; // with a limit: what they began with, the oldest first
    size_t chosen_count, written, more;
};

static const char *standing_name(enum standing standing)
{
    static const char *const names[STANDINGS] = {"counts", "proposed", "misstep", "waits"};

    assert(standing < STANDINGS);
    return names[standing];
}

void item_write_version(const struct writing *writing, const struct picture_version *version)
{
    refs_write_entry(writing->view, writing->sealer, &version->ref, writing->out);
    item_write_standing(writing, version);
}

void item_write_standing(const struct writing *writing, const struct picture_version *version)
{
    struct text *out = writing->out;

    if (version->state != STATE_NONE) {
        text_key(out, "state");
        text_string(out, version->kind->states[version->state]);
    }
    text_key(out, "standing");
    text_string(out, standing_name(version->standing));
    text_key(out, "replaced");
    text_bool(out, version->is_replaced);
    text_key(out, "lacking");
    text_bool(out, version->lacks_parents);
    text_key(out, "outdated");
    text_bool(out,
              picture_is_outdated(writing->picture, picture_find(writing->picture, &version->ref)));
}

static int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

// The references of the item's versions, ascending, malloc'ed; NULL: no memory.
static struct ref *list_versions(struct picture *picture, uint32_t began, size_t *count)
{
    *count = picture_versions(picture, began, NULL, 0);
    uint32_t *places = calloc(*count + 1, sizeof *places);
    struct ref *refs = calloc(*count + 1, sizeof *refs);

    if (places == NULL || refs == NULL) {
        free(places);
        free(refs);
        return NULL;
    }
    (void)picture_versions(picture, began, places, *count);
    for (size_t i = 0; i < *count; i++) {
        struct picture_version version;
        picture_version(picture, places[i], &version);
        refs[i] = version.ref;
    }
    free(places);
    qsort(refs, *count, sizeof *refs, compare_refs);
    return refs;
}

// The versions of that standing that are not replaced; STANDINGS: all there are.
static void write_versions(const struct writing *writing, const char *key, const struct ref *refs,
                           size_t count, enum standing standing)
{
    text_key(writing->out, key);
    text_open(writing->out, '[');
    for (size_t i = 0; i < count; i++) {
        struct picture_version version;
        picture_version(writing->picture, picture_find(writing->picture, &refs[i]), &version);
        if (standing == STANDINGS || (version.standing == standing && !version.is_replaced)) {
            text_open(writing->out, '{');
            item_write_version(writing, &version);
            text_close(writing->out, '}');
        }
    }
    text_close(writing->out, ']');
}

// Whose item it is: who wrote of it last may be another.
static void write_centre(const struct writing *writing, uint32_t centre)
{
    const struct roster *roster = desk_roster(writing->view->desk);

    text_key(writing->out, "centre");
    if (centre == PICTURE_NONE || centre >= roster->centres_count) {
        text_null(writing->out);
    } else {
        text_span(writing->out, roster->centres[centre].code);
    }
}

enum err item_write(const struct writing *writing, uint32_t began, bool is_whole)
{
    struct text *out = writing->out;
    struct picture_item item;
    struct picture_version version;
    size_t count;
    struct ref *refs = list_versions(writing->picture, began, &count);

    if (refs == NULL) {
        return ERR_NO_SPACE;
    }
    picture_item(writing->picture, began, &item);
    picture_version(writing->picture, began, &version);
    refs_write_name(writing->view, "item", &version.ref, out);
    write_centre(writing, version.centre);
    text_key(out, "kind");
    text_string(out, item.kind->name);
    text_key(out, "conflicting");
    text_bool(out, item.is_conflicting);
    text_key(out, "gaps");
    text_bool(out, item.has_gaps);
    text_key(out, "versions");
    text_uint(out, item.versions);
    write_versions(writing, "heads", refs, count, STANDING_COUNTS);
    write_versions(writing, "proposals", refs, count, STANDING_PROPOSED);
    if (is_whole) {
        write_versions(writing, "all", refs, count, STANDINGS);
    }
    free(refs);
    return ERR_OK;
}

// -- the list --

// How many items, in order, begin with `after` or before it.
static size_t count_past(const struct items *items, struct picture *picture, const uint32_t *places,
                         size_t count)
{
    size_t low = 0;
    size_t high = items->has_begun ? count : 0;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        struct picture_version version;
        picture_version(picture, places[middle], &version);
        if (ref_compare(&version.ref, &items->after) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// What is left out.
static void write_rest(const struct items *items, struct text *out)
{
    if (items->sieve.over + items->more == 0) {
        return;
    }
    text_open(out, '{');
    text_key(out, "over");
    text_uint(out, items->sieve.over);
    text_key(out, "more");
    text_uint(out, items->more);
    text_close(out, '}');
    text_end_line(out);
}

static enum err write_item(const struct writing *writing, uint32_t place)
{
    text_open(writing->out, '{');
    const enum err err = item_write(writing, place, false);
    text_close(writing->out, '}');
    text_end_line(writing->out);
    return err;
}

// The next few of all. Returns whether there may be more; `err` says what went wrong.
static bool write_some(struct items *items, const struct writing *writing, enum err *err)
{
    const uint32_t *places;
    size_t count;
    size_t written = 0;

    *err = picture_items(writing->picture, &places, &count);
    *err = *err == ERR_OK ? sieve_begin(&items->sieve, writing->picture) : *err;
    if (*err != ERR_OK) {
        return false;
    }
    size_t at = count_past(items, writing->picture, places, count);
    for (; at < count && written < ITEMS_AT_ONCE && *err == ERR_OK; at++) {
        struct picture_version version;
        bool is_wanted;
        picture_version(writing->picture, places[at], &version);
        items->after = version.ref;
        items->has_begun = true;
        *err = sieve_look(&items->sieve, writing->picture, places[at], &is_wanted);
        if (is_wanted) {
            *err = write_item(writing, places[at]);
            written++;
        }
    }
    return at < count;
}

// All that are wanted, in the order of what they began with.
static enum err find_wanted(struct items *items, struct picture *picture, struct places *wanted)
{
    const uint32_t *places;
    size_t count = 0;
    enum err err = picture_items(picture, &places, &count);

    err = err == ERR_OK ? sieve_begin(&items->sieve, picture) : err;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        bool is_wanted;
        err = sieve_look(&items->sieve, picture, places[i], &is_wanted);
        if (err == ERR_OK && is_wanted) {
            err = places_add(wanted, places[i]);
        }
    }
    return err;
}

// Those that were changed last, of all that are wanted.
static enum err choose(struct items *items, struct picture *picture)
{
    struct places wanted = {0};
    enum err err = find_wanted(items, picture, &wanted);

    err = err == ERR_OK ? overview_sort_items(picture, &wanted) : err;
    const size_t count = wanted.count < items->sieve.limit ? wanted.count : items->sieve.limit;
    items->chosen = err == ERR_OK ? calloc(count + 1, sizeof *items->chosen) : NULL;
    if (items->chosen != NULL) {
        for (size_t i = 0; i < count; i++) {
            struct picture_version version;
            picture_version(picture, wanted.list[count - 1 - i], &version);
            items->chosen[i] = version.ref;
        }
        items->chosen_count = count;
        items->more = wanted.count - count;
    }
    places_fini(&wanted);
    return err == ERR_OK && items->chosen == NULL ? ERR_NO_SPACE : err;
}

// The next few of those chosen.
static bool write_chosen(struct items *items, const struct writing *writing, enum err *err)
{
    *err = items->chosen == NULL ? choose(items, writing->picture) : ERR_OK;
    for (size_t i = 0; i < ITEMS_AT_ONCE && *err == ERR_OK && items->written < items->chosen_count;
         i++) {
        const uint32_t place = picture_find(writing->picture, &items->chosen[items->written++]);
        *err = place == PICTURE_NONE ? ERR_OK : write_item(writing, place);
    }
    return items->written < items->chosen_count;
}

static enum stream_state items_fill(struct stream *stream, struct text *out)
{
    struct items *items = (struct items *)stream;
    struct writing writing = {.view = items->view, .out = out};
    bool has_more = false;

    enum err err = situation_get(items->view->situation, items->view, &writing.picture);
    if (err == ERR_OK) {
        writing.sealer = sealers_get(items->view->sealers);
        err = writing.sealer == NULL ? ERR_NO_SPACE : ERR_OK;
        if (err == ERR_OK) {
            has_more = items->sieve.limit > 0 ? write_chosen(items, &writing, &err)
                                              : write_some(items, &writing, &err);
            sealers_put(items->view->sealers, writing.sealer);
        }
        situation_put(items->view->situation);
    }
    if (err != ERR_OK) {
        reply_line_failed(out, err);
    } else if (!has_more) {
        write_rest(items, out);
    }
    return has_more && err == ERR_OK ? STREAM_GOES_ON : STREAM_ENDED;
}

static void items_destroy(struct stream *stream)
{
    struct items *items = (struct items *)stream;

    sieve_fini(&items->sieve);
    free(items->chosen);
    free(items);
}

void items_get(struct call *call)
{
    struct items *items = calloc(1, sizeof *items);

    if (items == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    if (!sieve_read(call, &items->sieve)) {
        free(items);
        return;
    }
    items->view = call->view;
    items->stream.fill = items_fill;
    items->stream.destroy = items_destroy;
    reply_stream(&call->reply, &items->stream);
}

// -- one --

void item_refuse(struct call *call)
{
    reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                "%s is no version of anything: its kind has none, is not known, or it cannot be "
                "read here",
                call->tail);
}

bool item_began(struct call *call, struct picture *picture, const struct ref *ref, uint32_t *began)
{
    struct picture_version version = {.item = PICTURE_NONE};
    const uint32_t place = picture_find(picture, ref);

    if (place != PICTURE_NONE) {
        picture_version(picture, place, &version);
    }
    if (version.item == PICTURE_NONE) {
        item_refuse(call);
    }
    *began = version.item;
    return version.item != PICTURE_NONE;
}

bool item_of_kind(struct call *call, struct picture *picture, const char *kind, uint32_t *began)
{
    struct picture_item item;
    struct ref ref;

    if (!item_find(call, &ref) || !item_began(call, picture, &ref, began)) {
        return false;
    }
    picture_item(picture, *began, &item);
    const char *is = item.kind == NULL ? "unknown" : item.kind->name;
    if (strcmp(is, kind) != 0) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "%s is of kind %s, not %s",
                    call->tail, is, kind);
        return false;
    }
    return true;
}

static void reply_item(struct call *call, struct picture *picture, const struct ref *ref)
{
    uint32_t began;

    if (!item_began(call, picture, ref, &began)) {
        return;
    }
    struct sealer *sealer = sealers_get(call->view->sealers);
    if (sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    const struct writing writing = {call->view, picture, sealer,
                                    reply_json(&call->reply, MHD_HTTP_OK)};
    text_open(writing.out, '{');
    const enum err err = item_write(&writing, began, true);
    text_close(writing.out, '}');
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    sealers_put(call->view->sealers, sealer);
}

bool item_find(struct call *call, struct ref *ref)
{
    return item_find_named(call, call->tail, ref);
}

bool item_find_named(struct call *call, const char *name, struct ref *ref)
{
    struct record_set set = {0};
    struct named named;
    const bool is_here = entry_read(call, name, &named, &set);

    if (is_here) {
        *ref = (struct ref){named.node, (uint32_t)named.name.epoch, named.name.seq, {0}};
        memcpy(ref->tag, set.records[0].id, TAG_LEN);
    }
    record_set_fini(&set);
    return is_here;
}

void item_get(struct call *call)
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
    reply_item(call, picture, &ref);
    situation_put(call->view->situation);
}

void item_post(struct call *call)
{
    const struct content_names names = refs_names(call->view);
    char why[WHY_SIZE] = "";
    struct ref item;
    struct ref taken;

    json_t *json = body_parse(call->body, call->body_len, why);
    const bool has_take = json_object_get(json, "take") != NULL;
    const char *take = json_string_value(json_object_get(json, "take"));
    if (has_take && (take == NULL || json_object_size(json) != 1)) {
        snprintf(why, WHY_SIZE, "\"take\" stands alone: the name of a version");
    }
    if (why[0] != '\0' ||
        (has_take && names.read_ref(names.context, take, &taken, why) != ERR_OK)) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (item_find(call, &item)) {
        situation_begin_change(call->view->situation);
        if (has_take) {
            item_settle(call, &item, &taken);
        } else {
            item_change(call, &item, json);
        }
        situation_end_change(call->view->situation);
    }
    json_decref(json);
}
