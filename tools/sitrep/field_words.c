// SPDX-License-Identifier: EUPL-1.2
#include "sitrep/field_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/print.h"
#include "sitrep/when.h"
#include "sitrep/wrap.h"

enum { LABEL_SIZE = 32 };

static void add(char out[static FIELD_WORDS_MAX], const char *before, const char *words)
{
    const size_t len = strlen(out);

    (void)snprintf(out + len, FIELD_WORDS_MAX - len, "%s%s", before, words);
}

// A person or a place by its name; a file by its size.
static void object_words(const json_t *value, char out[static FIELD_WORDS_MAX])
{
    const char *name = json_text(value, "name");
    const char *function = json_text(value, "function");
    const char *bytes = json_text(value, "$bytes");

    if (*bytes != '\0') {
        const size_t len = strcspn(bytes, "=");
        (void)snprintf(out, FIELD_WORDS_MAX, "(%zu bytes)", len / 4 * 3 + len % 4 * 3 / 4);
        return;
    }
    const size_t named = (*name != '\0' ? 1U : 0U) + (*function != '\0' ? 1U : 0U);
    if (named > 0 && json_object_size(value) == named) {
        add(out, "", name);
        add(out, named > 1 ? ", " : "", function);
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    add(out, "", text != NULL ? text : "?");
    free(text);
}

static void list_words(const struct field *field, const json_t *list,
                       char out[static FIELD_WORDS_MAX])
{
    size_t i;
    json_t *value;

    json_array_foreach(list, i, value)
    {
        char words[FIELD_WORDS_MAX];
        field_words(field, value, words);
        add(out, i == 0 ? "" : ", ", words);
    }
}

void field_words(const struct field *field, const json_t *value, char out[static FIELD_WORDS_MAX])
{
    char local[WHEN_MAX];
    int64_t ms;

    out[0] = '\0';
    if (json_is_string(value) && field != NULL && field->type == VALUE_TIME &&
        when_read(json_string_value(value), &ms)) {
        when_local(ms, local);
        add(out, "", local);
    } else if (json_is_string(value)) {
        add(out, "", json_string_value(value));
    } else if (json_is_array(value)) {
        list_words(field, value, out);
    } else if (json_is_number(value)) {
        (void)snprintf(out, FIELD_WORDS_MAX, "%.15g", json_number_value(value));
    } else {
        object_words(value, out);
    }
}

// What fits a few words, and is not said in the line.
static bool is_short(const struct field *field, bool has_text)
{
    const bool is_place = strcmp(field->name, "where") == 0;

    return is_place ||
           (field->type != VALUE_TEXT && field->type != VALUE_TEXTS && field->type != VALUE_BYTES &&
            field->type != VALUE_PARTS && (has_text || field->needed != ALWAYS_NEEDED));
}

static void put_words(struct wrap *wrap, const char *name, const char *words)
{
    char said[LABEL_SIZE + FIELD_WORDS_MAX];

    (void)snprintf(said, sizeof said, "%.*s %s", LABEL_SIZE - 2, name, words);
    for (char *at = strchr(said, '_'); at != NULL && at < said + strlen(name);
         at = strchr(at, '_')) {
        *at = ' ';
    }
    wrap_put(wrap, said);
}

static void put_fields(struct wrap *wrap, const json_t *entry, const struct field *fields)
{
    const bool has_text = *json_text(entry, "text") != '\0';

    for (const struct field *field = fields; field->name != NULL; field++) {
        const json_t *value = json_object_get(json_object_get(entry, "fields"), field->name);
        char words[FIELD_WORDS_MAX];
        if (value == NULL || !is_short(field, has_text)) {
            continue;
        }
        field_words(field, value, words);
        put_words(wrap, field->name, words);
    }
}

void field_words_print(const json_t *entry, int indent)
{
    const char *name = json_text(entry, "kind");
    const struct kind *kind = kind_find((struct span){(const uint8_t *)name, strlen(name)});
    const struct span where = {(const uint8_t *)"where", 5};
    const struct field place[] = {*field_find(common_fields, where), {.name = NULL}};
    struct wrap wrap = {.sign = ";", .indent = indent};

    if (kind == NULL) {
        return;
    }
    put_fields(&wrap, entry, kind->fields);
    put_fields(&wrap, entry, place);
    wrap_end(&wrap);
}
