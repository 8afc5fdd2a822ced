// SPDX-License-Identifier: EUPL-1.2
// GET /v1/items/NAME/answers: which centre answered a communication test, and when.
#include <stdlib.h>
#include <string.h>

#include "api/moment.h"
#include "picture/family.h"
#include "picture/overview.h"
#include "reading/refs.h"
#include "sitrep/seal.h"

struct answers {
    const struct writing *writing;
    const struct roster *roster;
    const struct group *group; // that can read the test; NULL: not known here
    struct ref began;
    struct span to;                // the centres that are called; NULL: all
    uint64_t deadline_ms;          // UINT64_MAX: it says none
    struct picture_version *first; // by centre, its first answer
    bool has_answered[CENTRES_MAX];
};

// What it asks, by the version that holds; of several the first.
static void read_test(struct answers *answers, const struct places *versions)
{
    struct picture *picture = answers->writing->picture;
    struct picture_version test = {.item = PICTURE_NONE};

    for (size_t i = 0; i < versions->count; i++) {
        struct picture_version version;
        picture_version(picture, versions->list[i], &version);
        if (overview_is_head(&version) &&
            (test.item == PICTURE_NONE || ref_compare(&version.ref, &test.ref) < 0)) {
            test = version;
        }
    }
    if (body_find_uint(test.kept, "deadline", &answers->deadline_ms) != ERR_OK) {
        answers->deadline_ms = UINT64_MAX;
    }
    if (test.kept.bytes == NULL || body_find(test.kept, "to", &answers->to) != ERR_OK) {
        answers->to = (struct span){NULL, 0};
    }
}

static bool is_earlier(const struct picture_version *a, const struct picture_version *b)
{
    return a->written_ms != b->written_ms ? a->written_ms < b->written_ms
                                          : ref_compare(&a->ref, &b->ref) < 0;
}

// By its author's clock the first of its centre.
static void take_answer(struct answers *answers, uint32_t place)
{
    struct picture_version version;

    picture_version(answers->writing->picture, place, &version);
    if (version.kind == NULL || strcmp(version.kind->name, "answer") != 0 ||
        version.centre >= answers->roster->centres_count) {
        return;
    }
    if (!answers->has_answered[version.centre] ||
        is_earlier(&version, &answers->first[version.centre])) {
        answers->has_answered[version.centre] = true;
        answers->first[version.centre] = version;
    }
}

// Errors: ERR_NO_SPACE.
static enum err gather(struct answers *answers, uint32_t began)
{
    struct picture *picture = answers->writing->picture;
    struct places versions = {0};
    struct places naming = {0};
    enum err err = places_add_versions(&versions, picture, began);

    for (size_t i = 0; err == ERR_OK && i < versions.count; i++) {
        err = places_add_naming(&naming, picture, versions.list[i], "comtest");
    }
    for (size_t i = 0; err == ERR_OK && i < naming.count; i++) {
        take_answer(answers, naming.list[i]);
    }
    read_test(answers, &versions);
    places_fini(&naming);
    places_fini(&versions);
    return err;
}

// Everybody who can read it, unless it says who.
static bool is_called(const struct answers *answers, uint32_t centre)
{
    struct cbor_reader reader;
    bool is_named = answers->to.bytes == NULL;

    if (!is_named) {
        cbor_read(&reader, answers->to.bytes, answers->to.len);
        for (size_t left = cbor_get_array(&reader); left > 0 && !is_named; left--) {
            is_named = cbor_get_uint(&reader) == centre;
        }
    }
    return is_named && roster_has_node(answers->roster, centre) &&
           (answers->group == NULL || centre_set_has(&answers->group->members, centre));
}

static void write_row(const struct answers *answers, uint32_t centre)
{
    struct text *out = answers->writing->out;
    const struct picture_version *first = &answers->first[centre];

    text_open(out, '{');
    text_key(out, "centre");
    text_span(out, answers->roster->centres[centre].code);
    text_key(out, "answered");
    text_bool(out, answers->has_answered[centre]);
    if (answers->has_answered[centre]) {
        text_key(out, "late");
        text_bool(out, first->written_ms > answers->deadline_ms);
        refs_write_name(answers->writing->view, "name", &first->ref, out);
        text_key(out, "time");
        text_time(out, first->written_ms);
        text_key(out, "arrived");
        text_time(out, first->arrived_ms);
    }
    text_close(out, '}');
}

static void write_answers(const struct answers *answers)
{
    struct text *out = answers->writing->out;
    uint64_t answered = 0;
    uint64_t rows = 0;

    text_open(out, '{');
    view_write_space(answers->writing->view, out);
    refs_write_name(answers->writing->view, "item", &answers->began, out);
    text_key(out, "deadline");
    text_time(out, answers->deadline_ms == UINT64_MAX ? 0 : answers->deadline_ms);
    text_key(out, "centres");
    text_open(out, '[');
    for (uint32_t i = 0; i < answers->roster->centres_count; i++) {
        if (answers->has_answered[i] || is_called(answers, i)) {
            write_row(answers, i);
            answered += answers->has_answered[i];
            rows++;
        }
    }
    text_close(out, ']');
    text_key(out, "answered");
    text_uint(out, answered);
    text_key(out, "called");
    text_uint(out, rows);
    text_close(out, '}');
}

// With the groups at hand.
static void reply_answers(struct call *call, struct moment *moment, uint32_t began)
{
    struct answers answers = {.writing = &moment->writing, .roster = desk_roster(call->view->desk)};
    struct picture_version version;
    struct named named;

    picture_version(moment->writing.picture, began, &version);
    answers.began = version.ref;
    answers.first = calloc(answers.roster->centres_count + 1, sizeof *answers.first);
    if (answers.first == NULL || gather(&answers, began) != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        free(answers.first);
        return;
    }
    const struct groups_view *groups = groups_hold(desk_groups(call->view->desk));
    if (refs_group(call->view, groups, &version.ref, &named, &answers.group) != ERR_OK) {
        answers.group = NULL;
    }
    moment->writing.out = reply_json(&call->reply, MHD_HTTP_OK);
    write_answers(&answers);
    groups_release(groups);
    free(answers.first);
}

void answers_get(struct call *call)
{
    struct moment moment;
    uint32_t began;

    if (!moment_get(call, &moment)) {
        return;
    }
    if (item_of_kind(call, moment.writing.picture, "comtest", &began)) {
        reply_answers(call, &moment, began);
    }
    moment_put(&moment);
}
