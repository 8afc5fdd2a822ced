// SPDX-License-Identifier: EUPL-1.2
// Sums as JSON: each with its least and most, and what it is made of by name.
#include "api/sums_text.h"

#include <string.h>

#include "reading/refs.h"
#include "reading/view.h"

static void write_sum(struct text *out, const char *key, const struct sum *sum)
{
    if (!sum->is_told) {
        return;
    }
    text_key(out, key);
    text_open(out, '{');
    text_key(out, "least");
    text_uint(out, sum->least);
    text_key(out, "most");
    text_uint(out, sum->most);
    text_close(out, '}');
}

// "centre", or "node" of one that stands for itself.
static void write_whose(const struct writing *writing, uint32_t centre, uint32_t author)
{
    const struct roster *roster = desk_roster(writing->view->desk);

    text_key(writing->out, "centre");
    if (centre < roster->centres_count) {
        text_span(writing->out, roster->centres[centre].code);
        return;
    }
    text_null(writing->out);
    text_key(writing->out, "node");
    text_uint(writing->out, author);
}

static void write_place(const struct writing *writing, const char *key, uint32_t place)
{
    struct picture_version version;

    picture_version(writing->picture, place, &version);
    refs_write_name(writing->view, key, &version.ref, writing->out);
}

// The version's "name" as its body has it.
static bool write_title(const struct writing *writing, const struct ref *ref)
{
    struct record_set set = {0};
    struct view view = {.is_named = true};
    struct span value;
    bool is_written = false;

    if (refs_read(writing->view, ref, &view.named, &set) == ERR_OK) {
        view.record = &set.records[0];
        view_open(writing->view, writing->sealer, &view);
        if (view.state == VIEW_OPEN && body_find(view.content, "name", &value) == ERR_OK) {
            struct cbor_reader reader;
            cbor_read(&reader, value.bytes, value.len);
            text_span(writing->out, cbor_get_text(&reader));
            is_written = true;
        }
    }
    record_set_fini(&set);
    return is_written;
}

void title_write(const struct writing *writing, const char *key, uint32_t began)
{
    enum { HEADS_MAX = 64 };
    uint32_t places[HEADS_MAX];
    size_t count = picture_versions(writing->picture, began, places, HEADS_MAX);

    text_key(writing->out, key);
    count = count < HEADS_MAX ? count : HEADS_MAX;
    for (size_t i = 0; i < count; i++) {
        struct picture_version version;
        picture_version(writing->picture, places[i], &version);
        if (version.standing == STANDING_COUNTS && !version.is_replaced &&
            write_title(writing, &version.ref)) {
            return;
        }
    }
    text_null(writing->out);
}

// -- people hurt --

static void write_hurt(struct text *out, const struct sum sums[static CASUALTY_NUMBERS])
{
    text_key(out, "sums");
    text_open(out, '{');
    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        const bool begins = i == 0 || strcmp(casualty_group(i), casualty_group(i - 1)) != 0;
        if (begins && i > 0) {
            text_close(out, '}');
        }
        if (begins) {
            text_key(out, casualty_group(i));
            text_open(out, '{');
        }
        write_sum(out, casualty_field(i), &sums[i]);
    }
    text_close(out, '}');
    text_close(out, '}');
}

static void write_until(struct text *out, uint64_t until_ms)
{
    if (until_ms != CURRENT_ALWAYS) {
        text_key(out, "current_until");
        text_time(out, until_ms);
    }
}

static void write_source(const struct writing *writing, const struct casualty_source *source)
{
    struct text *out = writing->out;

    text_open(out, '{');
    write_place(writing, "name", source->place);
    write_until(out, picture_sum_until(writing->picture, source->place));
    text_key(out, "basis");
    text_string(out, source->is_to_date ? "to-date" : "period");
    text_key(out, "numbers");
    text_open(out, '[');
    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        if (source->fates[i] == FATE_NOT_TOLD) {
            continue;
        }
        text_open(out, '{');
        text_key(out, "of");
        text_string(out, casualty_group(i));
        text_key(out, "number");
        text_string(out, casualty_field(i));
        text_key(out, "count");
        text_uint(out, source->counts[i]);
        text_key(out, "fate");
        text_string(out, fate_name((enum fate)source->fates[i]));
        text_close(out, '}');
    }
    text_close(out, ']');
    text_close(out, '}');
}

static bool is_taken(const struct casualty_source *source)
{
    return memchr(source->fates, FATE_TAKEN, sizeof source->fates) != NULL;
}

// As long as all that was taken is current, the sum is.
static uint64_t hurt_until(const struct writing *writing, const struct casualties *casualties,
                           const struct casualty_centre *centre)
{
    uint64_t until_ms = CURRENT_ALWAYS;

    for (size_t i = 0; i < centre->sources; i++) {
        const struct casualty_source *source = &casualties->sources[centre->first_source + i];
        const uint64_t source_ms =
            is_taken(source) ? picture_sum_until(writing->picture, source->place) : CURRENT_ALWAYS;
        until_ms = source_ms < until_ms ? source_ms : until_ms;
    }
    return until_ms;
}

// Returns until when its sums are current.
static uint64_t write_hurt_centre(const struct writing *writing,
                                  const struct casualties *casualties,
                                  const struct casualty_centre *centre, bool is_whole)
{
    const uint64_t until_ms = hurt_until(writing, casualties, centre);

    text_open(writing->out, '{');
    write_whose(writing, centre->centre, centre->author);
    write_hurt(writing->out, centre->sums);
    write_until(writing->out, until_ms);
    if (is_whole) {
        text_key(writing->out, "entries");
        text_open(writing->out, '[');
        for (size_t i = 0; i < centre->sources; i++) {
            write_source(writing, &casualties->sources[centre->first_source + i]);
        }
        text_close(writing->out, ']');
    }
    text_close(writing->out, '}');
    return until_ms;
}

static void write_hurt_incident(const struct writing *writing, const struct casualties *casualties,
                                const struct casualty_incident *incident, bool is_whole)
{
    struct text *out = writing->out;
    uint64_t until_ms = CURRENT_ALWAYS;

    text_open(out, '{');
    if (incident->incident == PICTURE_NONE) {
        text_key(out, "incident");
        text_null(out);
    } else {
        write_place(writing, "incident", incident->incident);
        title_write(writing, "title", incident->incident);
    }
    write_hurt(out, incident->sums);
    text_key(out, "centres");
    text_open(out, '[');
    for (size_t i = 0; i < incident->centres; i++) {
        const struct casualty_centre *centre = &casualties->centres[incident->first_centre + i];
        const uint64_t centre_ms = write_hurt_centre(writing, casualties, centre, is_whole);
        until_ms = centre_ms < until_ms ? centre_ms : until_ms;
    }
    text_close(out, ']');
    write_until(out, until_ms);
    text_close(out, '}');
}

// Of those incidents alone, each with what was merged into it.
static enum err add_up(struct picture *picture, const struct places *only,
                       struct casualties **casualties)
{
    struct places named = {0};
    enum err err = ERR_OK;

    if (only == NULL) {
        return picture_casualties(picture, casualties);
    }
    for (size_t i = 0; err == ERR_OK && i < only->count; i++) {
        err = only->list[i] == PICTURE_NONE ? places_add(&named, PICTURE_NONE)
                                            : family_find(picture, only->list[i], &named);
    }
    places_sort_once(&named);
    *casualties = NULL;
    if (err == ERR_OK) {
        err = picture_casualties_of(picture, named.list, named.count, casualties);
    }
    places_fini(&named);
    return err;
}

enum err casualties_write(const struct writing *writing, const struct places *only, bool is_whole)
{
    struct casualties *casualties;
    const enum err err = add_up(writing->picture, only, &casualties);

    text_open(writing->out, '[');
    for (size_t i = 0; err == ERR_OK && i < casualties->incidents_count; i++) {
        write_hurt_incident(writing, casualties, &casualties->incidents[i], is_whole);
    }
    text_close(writing->out, ']');
    casualties_destroy(&casualties);
    return err;
}

// -- resources --

static void write_had(struct text *out, const struct sum sums[static RESOURCE_NUMBERS],
                      uint64_t as_of_ms, uint64_t until_ms)
{
    text_key(out, "sums");
    text_open(out, '{');
    for (size_t i = 0; i < RESOURCE_NUMBERS; i++) {
        write_sum(out, resource_field(i), &sums[i]);
    }
    text_close(out, '}');
    text_key(out, "as_of");
    text_time(out, as_of_ms);
    write_until(out, until_ms);
}

static uint64_t had_until(const struct writing *writing, const struct resources *resources,
                          const struct resource_centre *centre)
{
    uint64_t until_ms = CURRENT_ALWAYS;

    for (size_t i = 0; i < centre->places; i++) {
        const uint64_t place_ms =
            picture_sum_until(writing->picture, resources->places[centre->first_place + i]);
        until_ms = place_ms < until_ms ? place_ms : until_ms;
    }
    return until_ms;
}

static void write_had_centre(const struct writing *writing, const struct resources *resources,
                             const struct resource_centre *centre)
{
    struct text *out = writing->out;

    text_open(out, '{');
    write_whose(writing, centre->centre, centre->author);
    write_had(out, centre->sums, centre->as_of_ms, had_until(writing, resources, centre));
    text_key(out, "entries");
    text_open(out, '[');
    for (size_t i = 0; i < centre->places; i++) {
        text_open(out, '{');
        write_place(writing, "name", resources->places[centre->first_place + i]);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_close(out, '}');
}

static void write_type(const struct writing *writing, const struct resources *resources,
                       const struct resource_type *type, bool is_whole)
{
    struct text *out = writing->out;
    uint64_t until_ms = CURRENT_ALWAYS;

    for (size_t i = 0; i < type->centres; i++) {
        const uint64_t centre_ms =
            had_until(writing, resources, &resources->centres[type->first_centre + i]);
        until_ms = centre_ms < until_ms ? centre_ms : until_ms;
    }
    text_open(out, '{');
    text_key(out, "type");
    text_span(out, type->type);
    write_had(out, type->sums, type->as_of_ms, until_ms);
    text_key(out, "centres");
    if (!is_whole) {
        text_uint(out, type->centres);
        text_close(out, '}');
        return;
    }
    text_open(out, '[');
    for (size_t i = 0; i < type->centres; i++) {
        write_had_centre(writing, resources, &resources->centres[type->first_centre + i]);
    }
    text_close(out, ']');
    text_close(out, '}');
}

enum err resources_write(const struct writing *writing, bool is_whole)
{
    struct resources *resources;
    const enum err err = picture_resources(writing->picture, &resources);

    text_open(writing->out, '[');
    for (size_t i = 0; err == ERR_OK && i < resources->types_count; i++) {
        write_type(writing, resources, &resources->types[i], is_whole);
    }
    text_close(writing->out, ']');
    resources_destroy(&resources);
    return err;
}
