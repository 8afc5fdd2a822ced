// SPDX-License-Identifier: EUPL-1.2
// A report as text to be edited. What is given stands as it is; what may be given, as comment.
#include <stdlib.h>
#include <string.h>

#include "sitrep/content.h"
#include "sitrep/kind.h"
#include "sitrep/officers/fields.h"
#include "sitrep/print.h"
#include "sitrep/reports/draft_text.h"
#include "sitrep/reports/template.h"

enum { RULE_SIZE = 200 };

// -- the head --

static void put_name(FILE *file, const char *name)
{
    for (; *name != '\0'; name++) {
        (void)fputc(*name == '_' ? '-' : *name, file);
    }
}

// "be-nccn/3, nl-kcr2/7"; false: not a list of texts without commas.
static bool put_list(FILE *file, const char *name, const json_t *list)
{
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one) || strpbrk(json_string_value(one), ",\n") != NULL) {
            return false;
        }
    }
    if (!json_is_array(list) || json_array_size(list) == 0) {
        return false;
    }
    put_name(file, name);
    json_array_foreach(list, i, one)
    {
        (void)fprintf(file, "%s%s", i == 0 ? ": " : ", ", json_string_value(one));
    }
    (void)fputc('\n', file);
    return true;
}

static bool put_plain(FILE *file, const struct field *field, const json_t *value)
{
    const bool is_name = json_is_object(value) && json_object_size(value) == 1;
    const char *text = json_is_string(value) ? json_string_value(value)
                       : is_name             ? json_text(value, "name")
                                             : "";

    if (!field_is_typed(field)) {
        return false;
    }
    if (json_is_array(value)) {
        return put_list(file, field->name, value);
    }
    if (json_is_integer(value)) {
        put_name(file, field->name);
        (void)fprintf(file, ": %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
        return true;
    }
    if (*text == '\0' || strchr(text, '\n') != NULL) {
        return false;
    }
    put_name(file, field->name);
    (void)fprintf(file, ": %s\n", text);
    return true;
}

// "casualties to-date population: dead 2, injured 14"; the parts of `counts` that are numbers.
static void put_counts(FILE *file, const char *before, json_t *counts)
{
    const char *name;
    json_t *count;
    size_t written = 0;

    (void)fputs(before, file);
    json_object_foreach(counts, name, count)
    {
        if (json_is_integer(count)) {
            (void)fprintf(file, "%s%s %" JSON_INTEGER_FORMAT, written++ == 0 ? ": " : ", ", name,
                          json_integer_value(count));
        }
    }
    (void)fputs(written == 0 ? ":\n" : "\n", file);
}

static void put_hurt(FILE *file, const json_t *casualties, const char *who)
{
    char before[RULE_SIZE];
    json_t *counts = json_object_get(casualties, who);

    if (counts != NULL) {
        (void)snprintf(before, sizeof before, "casualties %s %s", json_text(casualties, "basis"),
                       who);
        put_counts(file, before, counts);
    }
}

static void put_casualties(FILE *file, const json_t *list)
{
    size_t at;
    json_t *casualties;

    json_array_foreach(list, at, casualties)
    {
        put_hurt(file, casualties, "population");
        put_hurt(file, casualties, "responders");
    }
}

static void put_means(FILE *file, const json_t *list)
{
    size_t at;
    json_t *means;

    json_array_foreach(list, at, means)
    {
        char before[RULE_SIZE];
        (void)snprintf(before, sizeof before, "means %s", json_text(means, "type"));
        put_counts(file, before, means);
    }
}

// What has parts and no lines of its own.
static void put_json(FILE *file, const char *name, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    if (text == NULL) {
        abort();
    }
    (void)fprintf(file, "%s:=%s\n", name, text);
    free(text);
}

static bool stands_below(const struct field *field)
{
    static const char *const names[] = {"kind", "item",     "supersedes", "state",
                                        "text", "sections", "outlook"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], field->name) == 0) {
            return true;
        }
    }
    return false;
}

static void put_given(FILE *file, const struct field *field, const json_t *value)
{
    if (strcmp(field->name, "casualties") == 0) {
        put_casualties(file, value);
    } else if (strcmp(field->name, "means") == 0) {
        put_means(file, value);
    } else if (!put_plain(file, field, value)) {
        put_json(file, field->name, value);
    }
}

static void put_possible(FILE *file, const struct field *field)
{
    char rule[RULE_SIZE] = FIELD_TIME_RULE;

    if (!field_is_typed(field)) {
        return;
    }
    if (field->type != VALUE_TIME) {
        field_rule(field, rule, sizeof rule);
    }
    (void)fputs("# ", file);
    put_name(file, field->name);
    (void)fprintf(file, ": %s\n", field->type == VALUE_PARTS ? "a name" : rule);
}

static void put_fields(FILE *file, const struct field *list, const json_t *fields, bool is_given)
{
    for (const struct field *field = list; field->name != NULL; field++) {
        const json_t *value = json_object_get(fields, field->name);
        if (stands_below(field) || (value != NULL) != is_given) {
            continue;
        }
        if (is_given) {
            put_given(file, field, value);
        } else {
            put_possible(file, field);
        }
    }
}

// Those that this build does not know.
static void put_others(FILE *file, const struct kind *kind, json_t *fields)
{
    const char *name;
    json_t *value;

    json_object_foreach(fields, name, value)
    {
        if (field_named(kind, name, strlen(name)) == NULL && strpbrk(name, ":= \t\r\n#") == NULL) {
            put_json(file, name, value);
        }
    }
}

static void put_head(FILE *file, const json_t *report, json_t *fields)
{
    const struct kind *kind = kind_find((struct span){(const uint8_t *)"report", 6});
    const char *type = json_text(fields, "type");

    for (int is_given = 1; is_given >= 0; is_given--) {
        put_fields(file, kind->fields, fields, is_given != 0);
        put_fields(file, common_fields, fields, is_given != 0);
        if (is_given != 0) {
            put_others(file, kind, fields);
        }
        if (is_given != 0 && *json_text(report, "precedence") != '\0') {
            (void)fprintf(file, "precedence: %s\n", json_text(report, "precedence"));
        }
        if (is_given != 0 && *json_text(report, "group") != '\0') {
            (void)fprintf(file, "group: %s\n", json_text(report, "group"));
        }
    }
    if (strcmp(type, "casualties") == 0) {
        (void)fputs("# casualties to-date population: dead 0, injured 0, missing 0, trapped 0, "
                    "evacuated 0, exposed 0, hospitalised 0\n"
                    "# casualties period responders: injured 0\n",
                    file);
    } else if (strcmp(type, "resources") == 0) {
        (void)fputs("# means pump-group: deployed 0, available 0, needed 0\n", file);
    }
}

// -- below --

// A line of text that would be something else is told from it by a `\` before it; so is a first
// line that might be a field.
static void put_text(FILE *file, const char *text)
{
    bool is_first = true;

    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");
        const bool is_escaped = (len > 0 && strchr("#=\\", *text) != NULL) ||
                                (is_first && memchr(text, ':', len) != NULL);
        (void)fprintf(file, "%s%.*s\n", is_escaped ? "\\" : "", (int)len, text);
        text += len + (text[len] == '\n');
        is_first = false;
    }
}

static void put_section(FILE *file, const json_t *section)
{
    (void)fprintf(file, "\n= %s\n", json_text(section, "title"));
    (void)put_list(file, "cites", json_object_get(section, "cites"));
    put_text(file, json_text(section, "text"));
}

static void put_outlook(FILE *file, const json_t *outlook)
{
    (void)fprintf(file, "\n= +%" JSON_INTEGER_FORMAT " h\n", json_number(outlook, "hours"));
    put_text(file, json_text(outlook, "text"));
}

static bool has_heading(const json_t *fields, const char *heading)
{
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(fields, "sections"), i, one)
    {
        if (strcmp(json_text(one, "title"), heading) == 0) {
            return true;
        }
    }
    json_array_foreach(json_object_get(fields, "outlook"), i, one)
    {
        char hours[RULE_SIZE];
        (void)snprintf(hours, sizeof hours, "+%" JSON_INTEGER_FORMAT " h",
                       json_number(one, "hours"));
        if (strcmp(hours, heading) == 0) {
            return true;
        }
    }
    return false;
}

void draft_write(FILE *file, const json_t *report)
{
    json_t *fields = json_object_get(report, "fields");
    const char *language = template_language(json_text(fields, "lang"));
    const char *const *heading = template_headings(json_text(fields, "type"), language);
    size_t i;
    json_t *one;

    (void)fputs(template_help(language), file);
    put_head(file, report, fields);
    (void)fputc('\n', file);
    put_text(file, json_text(report, "text"));
    json_array_foreach(json_object_get(fields, "sections"), i, one)
    {
        put_section(file, one);
    }
    json_array_foreach(json_object_get(fields, "outlook"), i, one)
    {
        put_outlook(file, one);
    }
    for (; heading != NULL && *heading != NULL; heading++) {
        if (!has_heading(fields, *heading)) {
            (void)fprintf(file, "\n= %s\n\n", *heading);
        }
    }
}
