// SPDX-License-Identifier: EUPL-1.2
// The words of the stream of events, and the ids by which it is resumed.
#include "picture/event_text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "reading/refs.h"
#include "reading/view.h"

enum { NAMES_MAX = 16 }; // heads that are named

// -- ids --

void position_format(const struct position *position, char out[static POSITION_SIZE])
{
    char tag[2 * TAG_LEN + 1] = "0";

    if (position->has_tag) {
        sodium_bin2hex(tag, sizeof tag, position->tag, TAG_LEN);
    }
    snprintf(out, POSITION_SIZE, "%" PRIu64 ".%" PRIu32 ".%" PRIu32 "-%s", position->arrival,
             position->count, position->keys, tag);
}

// Decimal digits up to `end`, which is passed.
static bool take_number(const char **text, char end, uint64_t max, uint64_t *number)
{
    const char *at = *text;

    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (uint64_t)(*at - '0');
        if (*number > max) {
            return false;
        }
    }
    if (at == *text || *at != end) {
        return false;
    }
    *text = at + (end == '\0' ? 0 : 1);
    return true;
}

enum err position_parse(const char *text, struct position *position)
{
    uint64_t count;
    uint64_t keys;
    size_t len = 0;

    *position = (struct position){.arrival = 0};
    if (strcmp(text, "0") == 0) {
        return ERR_OK;
    }
    if (!take_number(&text, '.', SEQ_MAX, &position->arrival) ||
        !take_number(&text, '.', UINT32_MAX, &count) ||
        !take_number(&text, '-', UINT32_MAX, &keys)) {
        return ERR_MALFORMED;
    }
    position->count = (uint32_t)count;
    position->keys = (uint32_t)keys;
    if (strcmp(text, "0") == 0) {
        return position->arrival == 0 ? ERR_OK : ERR_MALFORMED;
    }
    position->has_tag = true;
    return position->arrival > 0 && strlen(text) == 2 * (size_t)TAG_LEN &&
                   sodium_hex2bin(position->tag, TAG_LEN, text, 2 * (size_t)TAG_LEN, NULL, &len,
                                  NULL) == 0 &&
                   len == TAG_LEN
               ? ERR_OK
               : ERR_MALFORMED;
}

// -- entries --

const char *told_text(enum happening told)
{
    static const char *const texts[TOLDS] = {
        [TOLD_NEW] = "new",         [TOLD_PROPOSED] = "proposed",
        [TOLD_CHANGED] = "changed", [TOLD_CONFLICTING] = "conflicting",
        [TOLD_SETTLED] = "settled", [TOLD_OUTDATED] = "outdated",
        [TOLD_OVERDUE] = "overdue",
    };

    assert(told < TOLDS);
    return texts[told];
}

void event_write_name(const struct event_writer *writer, struct text *out, uint32_t place)
{
    const struct content_names names = refs_names(writer->view);
    struct picture_version version;
    char name[REF_TEXT_SIZE];

    picture_version(writer->picture, place, &version);
    if (version.ref.author >= names.roster->nodes_count) {
        text_null(out); // by a node of a roster to come
        return;
    }
    names.write_ref(names.context, &version.ref, name);
    text_string(out, name);
}

static void write_name_of(const struct event_writer *writer, struct text *out, const char *key,
                          uint32_t place)
{
    text_key(out, key);
    if (place == PICTURE_NONE) {
        text_null(out);
    } else {
        event_write_name(writer, out, place);
    }
}

// What the version names, or else what began its item.
static uint32_t incident_of(const struct event_writer *writer, uint32_t place, uint32_t item)
{
    uint32_t incident = PICTURE_NONE;

    if (picture_named(writer->picture, place, "incident", &incident, 1) == 0 &&
        item != PICTURE_NONE &&
        picture_named(writer->picture, item, "incident", &incident, 1) == 0) {
        incident = PICTURE_NONE;
    }
    return incident;
}

static void write_centre(struct text *out, const struct roster *roster, uint32_t centre)
{
    if (centre < roster->centres_count) {
        text_span(out, roster->centres[centre].code);
    } else {
        text_null(out);
    }
}

void event_write_entry(const struct event_writer *writer, struct text *out, uint32_t place,
                       uint32_t item)
{
    const struct roster *roster = desk_roster(writer->view->desk);
    struct picture_version version;

    picture_version(writer->picture, place, &version);
    text_key(out, "kind");
    if (version.kind != NULL) {
        text_string(out, version.kind->name);
    } else {
        text_null(out); // not known here, or not sound
    }
    write_name_of(writer, out, "name", place);
    write_name_of(writer, out, "item", item);
    text_key(out, "centre");
    write_centre(out, roster, version.centre);
    text_key(out, "precedence");
    text_string(out, precedence_text(version.precedence));
    write_name_of(writer, out, "incident", incident_of(writer, place, item));
    text_key(out, "time");
    text_time(out, version.written_ms);
    text_key(out, "arrived");
    text_time(out, version.arrived_ms);
}

// The heads, with their states where the kind has any.
static void write_heads(const struct event_writer *writer, struct text *out, const char *key,
                        const struct stand *stand)
{
    size_t shown = 0;

    text_key(out, key);
    text_open(out, '[');
    for (size_t i = 0; i < stand->count && shown < NAMES_MAX; i++) {
        const struct stood *head = &stand->versions[i];
        struct picture_version version;
        if (!head->is_head) {
            continue;
        }
        picture_version(writer->picture, head->place, &version);
        text_open(out, '{');
        write_name_of(writer, out, "name", head->place);
        if (version.kind != NULL && head->state != STATE_NONE) {
            text_key(out, "state");
            text_string(out, version.kind->states[head->state]);
        }
        text_close(out, '}');
        shown++;
    }
    text_close(out, ']');
}

void event_write_deadline(const struct event_writer *writer, struct text *out,
                          const struct deadline *deadline, const struct awaited *awaited)
{
    const struct roster *roster = desk_roster(writer->view->desk);

    text_key(out, "wanted");
    text_string(out, deadline->is_ack ? "ack" : "deadline");
    text_key(out, "until");
    text_time(out, deadline->at_ms);
    text_key(out, "awaited");
    text_open(out, '[');
    for (size_t i = 0; i < awaited->count && i < AWAITED_MAX; i++) {
        write_centre(out, roster, awaited->centres[i]);
    }
    text_close(out, ']');
    text_key(out, "awaited_count");
    text_uint(out, awaited->count);
}

void event_write(struct event_writer *writer, const struct telling *telling,
                 const struct awaited *awaited, bool is_late)
{
    struct text *out = &writer->data;

    text_clear(out);
    text_open(out, '{');
    view_write_space(writer->view, out);
    event_write_entry(writer, out, telling->place, telling->item);
    switch (telling->told) {
    case TOLD_CHANGED:
    case TOLD_CONFLICTING:
    case TOLD_SETTLED:
        write_heads(writer, out, "before", telling->before);
        write_heads(writer, out, "after", telling->after);
        break;
    case TOLD_OUTDATED:
        write_name_of(writer, out, "base", telling->base);
        break;
    case TOLD_OVERDUE:
        event_write_deadline(writer, out, telling->deadline, awaited);
        break;
    case TOLD_NEW:
    case TOLD_PROPOSED:
    case TOLDS:
        break;
    }
    if (is_late) {
        text_key(out, "late");
        text_bool(out, true);
    }
    text_close(out, '}');
}

static void put(struct text *out, const char *text)
{
    text_raw(out, text, strlen(text));
}

void event_frame(struct text *out, const char *id, const char *event, const struct text *data)
{
    if (data->has_failed) {
        out->has_failed = true;
        return;
    }
    if (id != NULL) {
        put(out, "id: ");
        put(out, id);
        put(out, "\n");
    }
    put(out, "event: ");
    put(out, event);
    put(out, "\ndata: ");
    text_raw(out, data->bytes, data->len); // one line: JSON escapes what would end it
    put(out, "\n\n");
}
