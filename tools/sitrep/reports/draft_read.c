// SPDX-License-Identifier: EUPL-1.2
// A draft back to a report. Line by line; the first that is wrong is told. What the values must be
// is the node's to say.
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/kind.h"
#include "sitrep/limits.h"
#include "sitrep/number.h"
#include "sitrep/officers/fields.h"
#include "sitrep/print.h"
#include "sitrep/reports/draft_text.h"

enum { COUNT_MAX = 1000000000, HOURS_MAX = 24 * 365 };

enum part { PART_HEAD, PART_TEXT, PART_SECTION, PART_OUTLOOK };

struct reading {
    struct draft_fault *fault;
    bool has_failed;
    const struct kind *kind;
    json_t *report, *fields;
    enum part part;
    json_t *section; // borrowed from `fields`: where the text of a section or outlook goes
    char *text;      // of the part that is read
    size_t len;      // of it
    bool is_new;     // nothing of the section has been read
    bool has_head;   // a line of it was read
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reading *reading,
                                                         const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(reading->fault->why, DRAFT_WHY_SIZE, format, args);
    va_end(args);
    reading->has_failed = true;
    return false;
}

// Without the blanks around it; changes the text.
static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (size_t len = strlen(text); len > 0 && strchr(" \t\r", text[len - 1]) != NULL; len--) {
        text[len - 1] = '\0';
    }
    return text;
}

// -- the head --

static bool put(struct reading *reading, json_t *object, const char *name, json_t *value)
{
    if (value == NULL) {
        return refuse(reading, "\"%.40s\": this is not UTF-8", name);
    }
    if (json_object_get(object, name) != NULL) {
        json_decref(value);
        return refuse(reading, "\"%.40s\" is given twice", name);
    }
    return json_object_set_new(object, name, value) == 0;
}

static const struct field *find_field(const struct reading *reading, const char *typed)
{
    char name[KIND_MAX_LEN + 1];

    (void)snprintf(name, sizeof name, "%s", typed);
    for (char *at = strchr(name, '-'); at != NULL; at = strchr(at, '-')) {
        *at = '_';
    }
    return field_named(reading->kind, name, strlen(name));
}

static bool is_nodes_own(const struct field *field)
{
    return strcmp(field->name, "text") == 0 ||
           (!field_is_typed(field) && field->type != VALUE_PARTS);
}

// Also of fields that this build does not know.
static bool read_json(struct reading *reading, const char *name, const char *value)
{
    json_error_t error;
    json_t *json = json_loads(value, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    return json != NULL ? put(reading, reading->fields, name, json)
                        : refuse(reading, "\"%.40s\": this is not JSON", name);
}

static bool read_field(struct reading *reading, const char *name, const char *value, bool is_json)
{
    const struct field *field = find_field(reading, name);

    if (field == NULL ? !is_json : is_nodes_own(field)) {
        return refuse(reading,
                      "a report has no field \"%.40s\" here; 'sitrep kinds report' lists them",
                      name);
    }
    if (is_json) {
        return read_json(reading, field != NULL ? field->name : name, value);
    }
    if (!field_is_typed(field)) {
        return refuse(reading, "\"%.40s\" has parts: give it as %.40s:=JSON", name, name);
    }
    return *value == '\0' || put(reading, reading->fields, field->name, field_value(field, value));
}

// "dead 2, injured 14" into `counts`; only names among `parts`.
static bool read_counts(struct reading *reading, const struct field *parts, char *value,
                        json_t *counts)
{
    char *rest = NULL;

    for (char *one = strtok_r(value, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest)) {
        char *name = trim(one);
        char *number = strpbrk(name, " \t");
        uint64_t count = 0;
        if (number != NULL) {
            *number++ = '\0';
        }
        const struct field *part =
            field_find(parts, (struct span){(const uint8_t *)name, strlen(name)});
        if (part->name == NULL || part->type != VALUE_COUNT) {
            return refuse(reading, "\"%.40s\" is not counted here", name);
        }
        if (number == NULL || !number_read(trim(number), COUNT_MAX, &count)) {
            return refuse(reading, "%.40s: must be followed by a number", name);
        }
        if (!put(reading, counts, name, json_integer((json_int_t)count))) {
            return false;
        }
    }
    return true;
}

// The part of the list in which `key` is `value`; made when there is none.
static json_t *find_part(struct reading *reading, const char *list_name, const char *key,
                         const char *value)
{
    json_t *list = json_object_get(reading->fields, list_name);
    size_t i;
    json_t *one;

    if (!json_is_array(list)) {
        list = json_array();
        (void)json_object_set_new(reading->fields, list_name, list);
    }
    json_array_foreach(list, i, one)
    {
        if (strcmp(json_text(one, key), value) == 0) {
            return one;
        }
    }
    one = json_pack("{s:s}", key, value);
    if (one == NULL || json_array_append_new(list, one) != 0) {
        (void)refuse(reading, "\"%.40s\": this is not UTF-8", value);
        return NULL;
    }
    return one;
}

static const struct field *parts_of(const struct field *parts, const char *name)
{
    return field_find(parts, (struct span){(const uint8_t *)name, strlen(name)});
}

// "casualties BASIS WHO" or "means TYPE", before the colon.
static bool read_counted(struct reading *reading, char *name, char *value)
{
    char *rest = NULL;
    const char *list = strtok_r(name, " \t", &rest);
    const char *key = strtok_r(NULL, " \t", &rest);
    const char *who = strtok_r(NULL, " \t", &rest);
    const struct field *field = field_named(reading->kind, list, strlen(list));
    const bool is_casualties = strcmp(list, "casualties") == 0;

    if ((!is_casualties && strcmp(list, "means") != 0) || key == NULL ||
        (who != NULL) != is_casualties) {
        return refuse(reading, "must be NAME: VALUE, as 'casualties to-date population: dead 0' or "
                               "'means TYPE: deployed 0'");
    }
    const struct field *part = is_casualties ? parts_of(field->parts, who) : NULL;
    if (is_casualties && (part->name == NULL || part->parts == NULL)) {
        return refuse(reading, "casualties are of population or responders, not of \"%.40s\"", who);
    }
    json_t *one = find_part(reading, list, is_casualties ? "basis" : "type", key);
    if (one == NULL || !is_casualties) {
        return one != NULL && read_counts(reading, field->parts, value, one);
    }
    json_t *counts = json_object();
    return put(reading, one, who, counts) && read_counts(reading, part->parts, value, counts);
}

static bool read_head(struct reading *reading, char *line)
{
    char *colon = strchr(line, ':');

    if (colon == NULL) {
        return refuse(reading, "must be NAME: VALUE; an empty line comes before the text");
    }
    const bool is_json = colon[1] == '=';
    char *value = trim(colon + (is_json ? 2 : 1));
    *colon = '\0';
    char *name = trim(line);
    reading->has_head = true;
    if (strcmp(name, "precedence") == 0 || strcmp(name, "group") == 0) {
        return *value == '\0' || put(reading, reading->report, name, json_string(value));
    }
    return strpbrk(name, " \t") != NULL && !is_json ? read_counted(reading, name, value)
                                                    : read_field(reading, name, value, is_json);
}

// -- below --

// Where the text that was read belongs. Sections without one are not sent.
static bool end_part(struct reading *reading)
{
    const char *list_name = reading->part == PART_SECTION ? "sections" : "outlook";
    json_t *list = json_object_get(reading->fields, list_name);

    while (reading->len > 0 && isspace((unsigned char)reading->text[reading->len - 1]) != 0) {
        reading->len--;
    }
    if (reading->part == PART_HEAD || (reading->part == PART_TEXT && reading->len == 0)) {
        return true;
    }
    if (reading->len == 0) {
        json_array_remove(list, json_array_size(list) - 1);
        return true;
    }
    json_t *text = json_stringn(reading->text, reading->len);
    reading->len = 0;
    return put(reading, reading->part == PART_TEXT ? reading->report : reading->section, "text",
               text);
}

// "= TITLE", or "= +12 h".
static bool begin_section(struct reading *reading, char *line)
{
    char *title = trim(line + 1);
    char *end = title + strlen(title);
    uint64_t hours = 0;

    if (!end_part(reading)) {
        return false;
    }
    reading->part = PART_SECTION;
    reading->is_new = true;
    if (*title == '\0') {
        return refuse(reading, "a section needs a title behind =");
    }
    if (*title == '+' && end - title > 3 && strcmp(end - 2, " h") == 0) {
        end[-2] = '\0';
        reading->part = PART_OUTLOOK;
        if (!number_read(title + 1, HOURS_MAX, &hours) || hours == 0) {
            return refuse(reading, "an outlook is so many hours ahead: = +12 h");
        }
    }
    const bool is_section = reading->part == PART_SECTION;
    json_t *list = json_object_get(reading->fields, is_section ? "sections" : "outlook");
    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(reading->fields, is_section ? "sections" : "outlook", list);
    }
    reading->section = is_section ? json_pack("{s:s}", "title", title)
                                  : json_pack("{s:I}", "hours", (json_int_t)hours);
    if (reading->section == NULL || json_array_append_new(list, reading->section) != 0) {
        return refuse(reading, "this is not UTF-8");
    }
    return true;
}

static void add_line(struct reading *reading, const char *line)
{
    const size_t len = strlen(line);

    if (reading->len == 0 && len == 0) {
        return; // before the text
    }
    memcpy(reading->text + reading->len, line, len); // as long as the draft, at most
    reading->len += len;
    reading->text[reading->len++] = '\n';
}

// A field behind an empty line would be taken for text.
static bool is_lost_field(const struct reading *reading, const char *line)
{
    const size_t len = strcspn(line, ":");
    char name[KIND_MAX_LEN + 1];

    if (reading->part != PART_TEXT || reading->len > 0 || line[len] == '\0' || len >= sizeof name) {
        return false;
    }
    memcpy(name, line, len);
    name[len] = '\0';
    return find_field(reading, name) != NULL;
}

static bool read_cites(struct reading *reading, char *line)
{
    return put(reading, reading->section, "cites", json_string(trim(strchr(line, ':') + 1)));
}

static bool read_text(struct reading *reading, char *line)
{
    const bool is_new = reading->is_new && reading->part == PART_SECTION;

    if (is_lost_field(reading, line)) {
        return refuse(reading,
                      "this is a field behind an empty line: remove that, or put \\ before "
                      "this if it is text");
    }
    reading->is_new = false;
    if (is_new && strncmp(line, "cites:", 6) == 0) {
        return read_cites(reading, line);
    }
    add_line(reading, *line == '\\' ? line + 1 : line);
    return true;
}

static bool read_line(struct reading *reading, char *line)
{
    const size_t len = strlen(line);

    if (len > 0 && line[len - 1] == '\r') {
        line[len - 1] = '\0';
    }
    if (*line == '#') {
        return true;
    }
    if (*line == '=') {
        return begin_section(reading, line);
    }
    if (reading->part == PART_HEAD && line[strspn(line, " \t")] == '\0') {
        reading->part = reading->has_head ? PART_TEXT : PART_HEAD;
        return true;
    }
    return reading->part == PART_HEAD ? read_head(reading, line) : read_text(reading, line);
}

static bool drop_empty(json_t *fields, const char *name)
{
    return json_array_size(json_object_get(fields, name)) > 0 || json_object_del(fields, name) == 0;
}

static void read_all(struct reading *reading, char *text)
{
    for (char *line = text; line != NULL && !reading->has_failed;) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        reading->fault->line++;
        (void)read_line(reading, line);
        line = end != NULL ? end + 1 : NULL;
    }
    if (!reading->has_failed) {
        (void)end_part(reading);
    }
    (void)drop_empty(reading->fields, "sections");
    (void)drop_empty(reading->fields, "outlook");
}

json_t *draft_read(const char *text, size_t len, struct draft_fault *fault)
{
    json_t *fields = json_object();
    struct reading reading = {.fault = fault,
                              .kind = kind_find((struct span){(const uint8_t *)"report", 6}),
                              .fields = fields,
                              .report = json_pack("{s:s, s:o}", "kind", "report", "fields", fields),
                              .text = malloc(len + 2)};
    char *copy = strndup(text, len);

    *fault = (struct draft_fault){.line = 0};
    if (reading.report == NULL || reading.text == NULL || copy == NULL) {
        abort();
    }
    if (strlen(copy) != len) {
        fault->line = 1;
        (void)refuse(&reading, "there is a zero byte in it");
    } else {
        read_all(&reading, copy);
    }
    free(copy);
    free(reading.text);
    if (reading.has_failed) {
        json_decref(reading.report);
        return NULL;
    }
    return reading.report;
}
