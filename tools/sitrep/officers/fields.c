// SPDX-License-Identifier: EUPL-1.2
// Options out of the table of kinds, and their values as JSON.
#include "sitrep/officers/fields.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/print.h"
#include "sitrep/typed.h"
#include "sitrep/when.h"

// What commands have anyway (options.c, command.c of this room).
static bool is_taken(const char *name)
{
    static const char *const names[] = {"home", "space",      "json",  "help",
                                        "set",  "precedence", "group", "version"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void field_option(const struct kind *kind, const struct field *field,
                  char out[static OPTION_NAME_SIZE])
{
    const bool has_prefix = is_taken(field->name);

    (void)snprintf(out, OPTION_NAME_SIZE, "%s%s%s", has_prefix ? kind->name : "",
                   has_prefix ? "-" : "", field->name);
    for (char *at = strchr(out, '_'); at != NULL; at = strchr(at, '_')) {
        *at = '-';
    }
}

// Text alone is the name of a place or a person, when nothing else is needed.
static bool is_name_enough(const struct field *parts)
{
    bool has_name = false;

    for (; parts->name != NULL; parts++) {
        const bool is_name = strcmp(parts->name, "name") == 0;
        has_name |= is_name;
        if (parts->needed != NEVER_NEEDED && !is_name) {
            return false;
        }
    }
    return has_name;
}

bool field_is_typed(const struct field *field)
{
    static const char *const nodes_own[] = {"kind", "item", "supersedes", "state"};

    for (size_t i = 0; i < sizeof nodes_own / sizeof *nodes_own; i++) {
        if (strcmp(field->name, nodes_own[i]) == 0) {
            return false;
        }
    }
    return field->type != VALUE_BYTES && field->type != VALUE_GEOMETRY &&
           (field->type != VALUE_PARTS || is_name_enough(field->parts));
}

const char *field_value_name(const struct field *field)
{
    switch (field->type) {
    case VALUE_WORD:
    case VALUE_CODE:
        return "WORD";
    case VALUE_LANGUAGE:
        return "LANG";
    case VALUE_FLAG:
        return "true|false";
    case VALUE_COUNT:
    case VALUE_DECIMAL:
        return "NUMBER";
    case VALUE_TIME:
        return "TIME";
    case VALUE_REF:
        return "REF";
    case VALUE_CENTRE:
        return "CENTRE";
    case VALUE_TEXTS:
        return "LANG=TEXT";
    case VALUE_PARTS:
        return strcmp(field->name, "where") == 0 ? "PLACE" : "NAME";
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_BYTES:
    case VALUE_GEOMETRY:
    case VALUE_TYPES:
        break;
    }
    return "TEXT";
}

static uint8_t state_bit(const struct kind *kind, const char *state)
{
    uint8_t at = 0;

    while (state != NULL && strcmp(kind->states[at], state) != 0) {
        at++;
    }
    return (uint8_t)(1U << at);
}

bool field_is_needed(const struct verb *verb, const struct field *field)
{
    const bool is_preset = verb->preset != NULL && strcmp(verb->preset, field->name) == 0;
    const uint8_t bit = state_bit(verb_kind(verb), verb->state);

    if (verb->act == VERB_BEGIN) {
        return (field->needed & bit) != 0 && !is_preset;
    }
    return verb->state != NULL && field->needed != ALWAYS_NEEDED && (field->needed & bit) != 0;
}

const struct field *field_named(const struct kind *kind, const char *name, size_t len)
{
    const struct span span = {(const uint8_t *)name, len};
    const struct field *common = field_find(common_fields, span);
    const struct field *own = common->name != NULL ? common : field_find(kind->fields, span);

    return own->name != NULL ? own : NULL;
}

// -- values --

// Moments as people say them; what else the node takes, or says what is wrong with it.
static json_t *read_time(const char *typed)
{
    char moment[WHEN_MAX];
    int64_t ms;

    if (!when_meant(typed, when_now(), &ms) || ms < 0) {
        return json_string(typed);
    }
    when_rfc3339(ms, moment);
    return json_string(moment);
}

// What is wanted until then can hardly be wanted until a moment that has passed: 02:00 is of today
// when tomorrow's is meant.
static void doubt_time(const struct field *field, int64_t ms)
{
    char moment[WHEN_MAX];

    if (ms < when_now() &&
        (strcmp(field->name, "deadline") == 0 || strcmp(field->name, "ack_by") == 0)) {
        when_local(ms, moment);
        tell("\"%s\": %s has passed already. Another day's is typed as 2026-11-21T16:00.",
             field->name, moment);
    }
}

static enum exit_code check_time(const struct field *field, const char *typed)
{
    int64_t ms;

    if (!when_meant(typed, when_now(), &ms) || ms < 0) {
        return complain(EXIT_USAGE, "\"%s\": '%s' must be like " FIELD_TIME_RULE, field->name,
                        typed);
    }
    doubt_time(field, ms);
    return EXIT_DONE;
}

// What the node would say is wrong in other words than people type it.
static enum exit_code check_typed(const struct field *field, const char *typed)
{
    if (field->type == VALUE_TIME) {
        return check_time(field, typed);
    }
    // 1,250 is one thing in English and another in French.
    if (field->type == VALUE_DECIMAL && strchr(typed, ',') != NULL) {
        return complain(EXIT_USAGE, "\"%s\": '%s' must be without a comma, as 46.12", field->name,
                        typed);
    }
    return EXIT_DONE;
}

json_t *field_value(const struct field *field, const char *typed)
{
    if (field->type == VALUE_TIME) {
        return read_time(typed);
    }
    if (field->type == VALUE_FLAG && strcmp(typed, "true") == 0) {
        return json_true();
    }
    if (field->type == VALUE_FLAG && strcmp(typed, "false") == 0) {
        return json_false();
    }
    return json_string(typed);
}

// LANG=TEXT into the object of them.
static enum exit_code put_in_language(const struct field *field, const char *typed, json_t *fields)
{
    const char *equals = strchr(typed, '=');
    json_t *texts = json_object_get(fields, field->name);
    char language[KIND_MAX_LEN];

    if (equals == NULL || equals == typed || (size_t)(equals - typed) >= sizeof language) {
        return complain(EXIT_USAGE, "\"%s\": must be LANG=TEXT, such as 'fr=Restez chez vous.'",
                        field->name);
    }
    memcpy(language, typed, (size_t)(equals - typed));
    language[equals - typed] = '\0';
    if (!json_is_object(texts)) {
        texts = json_object();
        (void)json_object_set_new(fields, field->name, texts);
    }
    if (json_object_get(texts, language) != NULL) {
        return complain(EXIT_USAGE, "\"%s\": there are two texts in %s", field->name, language);
    }
    return json_object_set_new(texts, language, json_string(equals + 1)) == 0
               ? EXIT_DONE
               : complain(EXIT_USAGE, "\"%s\": this is not UTF-8", field->name);
}

// One value stands alone: commas in it part several. More make a list.
static enum exit_code put_again(const struct field *field, json_t *value, json_t *fields)
{
    json_t *before = json_object_get(fields, field->name);
    json_t *list = json_is_array(before) ? json_incref(before) : json_pack("[O]", before);

    if (field->items_max == 0) {
        json_decref(list);
        json_decref(value);
        return complain(EXIT_USAGE, "\"%s\" is given twice", field->name);
    }
    (void)json_array_append_new(list, value);
    (void)json_object_set_new(fields, field->name, list);
    return EXIT_DONE;
}

enum exit_code field_put(const struct field *field, const char *typed, bool is_change,
                         json_t *fields)
{
    if (is_change && *typed == '\0') {
        (void)json_object_set_new(fields, field->name, json_null());
        return EXIT_DONE;
    }
    if (field->type == VALUE_TEXTS) {
        return put_in_language(field, typed, fields);
    }
    if (check_typed(field, typed) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    json_t *value = field->type == VALUE_TEXT ? typed_text(typed) : field_value(field, typed);
    if (value == NULL) {
        return field->type == VALUE_TEXT
                   ? EXIT_USAGE
                   : complain(EXIT_USAGE, "\"%s\": this is not UTF-8", field->name);
    }
    if (json_object_get(fields, field->name) != NULL) {
        return put_again(field, value, fields);
    }
    (void)json_object_set_new(fields, field->name, value);
    return EXIT_DONE;
}

// -- what nobody knows --

static void doubt(const struct kind *kind, const char *of, const char *name)
{
    tell("\"%s\" is no field of %s: it is kept and shown, but counts for nothing ('sitrep kinds "
         "%s').",
         name, of, kind->name);
}

// As deep as the table goes.
static void doubt_parts(const struct kind *kind, const struct field *field, json_t *value)
{
    const char *name;
    json_t *part;
    size_t i;

    json_array_foreach(value, i, part)
    {
        doubt_parts(kind, field, part);
    }
    json_object_foreach(value, name, part)
    {
        const struct field *known =
            field_find(field->parts, (struct span){(const uint8_t *)name, strlen(name)});
        if (known->name == NULL) {
            doubt(kind, field->name, name);
        } else if (known->type == VALUE_PARTS) {
            doubt_parts(kind, known, part);
        }
    }
}

void fields_doubt(const struct kind *kind, json_t *fields)
{
    const char *name;
    json_t *value;

    json_object_foreach(fields, name, value)
    {
        const struct field *known = field_named(kind, name, strlen(name));
        if (known == NULL && !json_is_null(value)) {
            doubt(kind, kind->name, name);
        } else if (known != NULL && known->type == VALUE_PARTS) {
            doubt_parts(kind, known, value);
        }
    }
}
