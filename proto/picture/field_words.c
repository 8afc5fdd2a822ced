// SPDX-License-Identifier: EUPL-1.2
// What a field takes, and what is wrong with a body, in English words. Decides nothing.
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/content.h"

enum { ALL_STATES = 0xff };

struct words {
    char *out;
    size_t size, len; // len: without the NUL
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int len = vsnprintf(words->out + words->len, words->size - words->len, format, args);
    va_end(args);
    if (len > 0) {
        words->len += (size_t)len;
    }
    if (words->len >= words->size) {
        words->len = words->size - 1;
    }
}

static void say_choices(struct words *words, const struct field *field)
{
    say(words, "one of");
    for (size_t i = 0; field->words[i] != NULL; i++) {
        say(words, "%s %s", i == 0 ? "" : ",", field->words[i]);
    }
}

static void say_parts(struct words *words, const struct field *field)
{
    for (size_t i = 0; field->parts[i].name != NULL; i++) {
        say(words, "%s%s", i == 0 ? "made of " : ", ", field->parts[i].name);
    }
}

static void say_rule(struct words *words, const struct field *field)
{
    switch (field->type) {
    case VALUE_LINE:
        say(words, "text of 1 to %u bytes on one line", field->most);
        break;
    case VALUE_TEXT:
        say(words, "text of 1 to %u bytes", field->most);
        break;
    case VALUE_WORD:
        say_choices(words, field);
        break;
    case VALUE_CODE:
        say(words, "1 to %u of A-Z, a-z, 0-9 and ._:+/-", field->most);
        break;
    case VALUE_LANGUAGE:
        say(words, "a language as nl or fr-BE");
        break;
    case VALUE_FLAG:
        say(words, "true or false");
        break;
    case VALUE_COUNT:
        say(words, "a whole number from %u to %u", field->least, field->most);
        break;
    case VALUE_DECIMAL:
        say(words, "a decimal number of at most 15 digits");
        break;
    case VALUE_TIME:
        say(words, "a moment as 2026-11-21T16:00Z");
        break;
    case VALUE_REF:
        say(words, "the name of %s%s", field->of == NULL ? "an entry" : "the ",
            field->of == NULL ? "" : field->of);
        break;
    case VALUE_CENTRE:
        say(words, "the code of a centre");
        break;
    case VALUE_BYTES:
        say(words, "at most %u bytes", field->most);
        break;
    case VALUE_TEXTS:
        say(words, "text of 1 to %u bytes in each of 1 to 16 languages", field->most);
        break;
    case VALUE_GEOMETRY:
        say(words, "a GeoJSON geometry of at most 4096 positions, rings closed");
        break;
    case VALUE_PARTS:
        say_parts(words, field);
        break;
    case VALUE_TYPES:
        assert(false);
        break;
    }
}

void field_rule(const struct field *field, char *out, size_t size)
{
    struct words words = {out, size, 0};

    assert(size > 0);
    out[0] = '\0';
    if (field->items_max > 0) {
        say(&words, "1 to %u, each ", field->items_max);
    }
    say_rule(&words, field);
    if (field->is_set) {
        say(&words, ", none twice");
    }
}

// Those with a bit in `mask`.
static void say_states(struct words *words, const struct kind *kind, unsigned mask)
{
    const char *before = " ";

    if (kind->states == NULL) {
        say(words, " it has none");
        return;
    }
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        if ((mask >> i & 1) != 0) {
            say(words, "%s%s", before, kind->states[i]);
            before = ", ";
        }
    }
}

void content_fault_text(const struct content_fault *why, char *out, size_t size)
{
    struct words words = {out, size, 0};
    const struct field *field = why->part != NULL ? why->part : why->field;
    char rule[256];

    assert(size > 0);
    out[0] = '\0';
    if (why->field == NULL) {
        say(&words, "not a body that this node can read");
        return;
    }
    if (why->part != NULL) {
        say(&words, "\"%s\": ", why->field->name);
    }
    say(&words, "\"%s\" ", field->name);
    switch (why->fault) {
    case FAULT_NONE:
    case FAULT_VALUE:
        field_rule(field, rule, sizeof rule);
        say(&words, "must be %s", rule);
        break;
    case FAULT_MISSING:
        say(&words, "is needed%s%s", *field->about == '\0' ? "" : ": ", field->about);
        break;
    case FAULT_STATE:
        say(&words, "must be one of this kind's states:");
        say_states(&words, why->kind, ALL_STATES);
        break;
    case FAULT_BEGIN:
        say(&words, "must be one in which this kind begins:");
        say_states(&words, why->kind, why->kind->states_begin);
        break;
    case FAULT_UNCHANGING:
        say(&words, "may not be here: entries of this kind are never changed");
        break;
    case FAULT_SUPERSEDES:
        say(&words,
            "and \"item\" go together: what is changed, and which versions of it are replaced");
        break;
    }
}
