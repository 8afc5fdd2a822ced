// SPDX-License-Identifier: EUPL-1.2
// JSON of the table of kinds. What a client needs to write and read bodies without knowing them.
#include "json/kind_text.h"

#include <assert.h>
#include <string.h>

#include "sitrep/content.h"

enum { RULE_SIZE = 512 };

const char *side_name(enum side side)
{
    static const char *const names[SIDES] = {"editors", "asker", "addressed", "members"};

    assert(side < SIDES);
    return names[side];
}

const char *merge_name(enum merge merge)
{
    static const char *const names[] = {"stands alone", "versions", "latest", "elsewhere"};

    assert((size_t)merge < sizeof names / sizeof *names);
    return names[merge];
}

static const char *type_name(enum value_type type)
{
    static const char *const names[VALUE_TYPES] = {
        "line", "text", "word",   "code",  "language", "flag",     "count", "decimal",
        "time", "ref",  "centre", "bytes", "texts",    "geometry", "parts",
    };

    assert(type < VALUE_TYPES);
    return names[type];
}

static void write_words(struct text *out, const char *key, const char *const *words)
{
    text_key(out, key);
    text_open(out, '[');
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        text_string(out, words[i]);
    }
    text_close(out, ']');
}

// Those of its states that the bits name.
static void write_states(struct text *out, const char *key, const struct kind *kind, unsigned bits)
{
    text_key(out, key);
    text_open(out, '[');
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        if ((bits >> i & 1) != 0) {
            text_string(out, kind->states[i]);
        }
    }
    text_close(out, ']');
}

// true, false, or the states in which it is needed.
static void write_needed(struct text *out, const struct field *field, const struct kind *kind)
{
    if (field->needed != ALWAYS_NEEDED && field->needed != NEVER_NEEDED && kind != NULL) {
        write_states(out, "needed", kind, field->needed);
        return;
    }
    text_key(out, "needed");
    text_bool(out, field->needed != NEVER_NEEDED);
}

static void write_bounds(struct text *out, const struct field *field)
{
    if (field->most > 0) {
        text_key(out, "least");
        text_uint(out, field->least);
        text_key(out, "most");
        text_uint(out, field->most);
    }
    if (field->items_max > 0) {
        text_key(out, "items");
        text_uint(out, field->items_max);
        text_key(out, "set");
        text_bool(out, field->is_set);
    }
    if (field->words != NULL) {
        write_words(out, "words", field->words);
    }
}

static void write_fields(struct text *out, const char *key, const struct field *fields,
                         const struct kind *kind);

// Parts have parts: as deep as the table goes.
static void write_field(struct text *out, const struct field *field, const struct kind *kind)
{
    char rule[RULE_SIZE];

    field_rule(field, rule, sizeof rule);
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, field->name);
    text_key(out, "about");
    text_string(out, field->about);
    text_key(out, "type");
    text_string(out, type_name(field->type));
    text_key(out, "rule");
    text_string(out, rule);
    write_needed(out, field, kind);
    write_bounds(out, field);
    if (field->parts != NULL) {
        write_fields(out, "parts", field->parts, NULL);
    }
    text_close(out, '}');
}

static void write_fields(struct text *out, const char *key, const struct field *fields,
                         const struct kind *kind)
{
    text_key(out, key);
    text_open(out, '[');
    for (; fields->name != NULL; fields++) {
        write_field(out, fields, kind);
    }
    text_close(out, ']');
}

static void write_steps(struct text *out, const struct kind *kind)
{
    text_key(out, "steps");
    text_open(out, '[');
    for (size_t i = 0; i < kind->steps_count; i++) {
        text_open(out, '{');
        text_key(out, "from");
        text_string(out, kind->states[kind->steps[i].from]);
        text_key(out, "to");
        text_string(out, kind->states[kind->steps[i].to]);
        text_key(out, "by");
        text_string(out, side_name(kind->steps[i].side));
        text_close(out, '}');
    }
    text_close(out, ']');
}

void kind_write(struct text *out, const struct kind *kind)
{
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, kind->name);
    text_key(out, "about");
    text_string(out, kind->about);
    text_key(out, "merge");
    text_string(out, merge_name(kind->merge));
    text_key(out, "changed_by");
    text_string(out, side_name(kind->side));
    write_words(out, "states", kind->states);
    write_states(out, "begins", kind, kind->states_begin);
    write_states(out, "over", kind, kind->states_over);
    if (kind->current_h != 0) {
        text_key(out, "old_after_h");
        text_uint(out, kind->current_h);
    }
    if (kind->until != NULL) {
        text_key(out, "holds_until");
        text_string(out, kind->until);
    }
    write_steps(out, kind);
    write_fields(out, "fields", kind->fields, kind);
    text_close(out, '}');
}

void kinds_write(struct text *out)
{
    text_open(out, '{');
    write_fields(out, "common", common_fields, NULL);
    text_key(out, "kinds");
    text_open(out, '[');
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        kind_write(out, kind);
    }
    text_close(out, ']');
    text_close(out, '}');
}
