// SPDX-License-Identifier: EUPL-1.2
// Prints an entry for people, escaped.
#include "sitrep/line.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/age.h"
#include "sitrep/alert.h"
#include "sitrep/field_words.h"
#include "sitrep/groups/groups.h"
#include "sitrep/kind.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { GIST_SIZE = GROUP_WORDS_MAX + 128 };

static const struct kind *kind_of(const char *name)
{
    return kind_find((struct span){(const uint8_t *)name, strlen(name)});
}

static void add_words(char made[static GIST_SIZE], const char *words)
{
    const size_t len = strlen(made);

    (void)snprintf(made + len, GIST_SIZE - len, "%s%.*s", len == 0 ? "" : ", ", GIST_SIZE / 4,
                   words);
}

// What is said in each language, or the first section.
static bool add_prose(const struct field *field, json_t *value, char made[static GIST_SIZE])
{
    const char *section = json_text(json_array_get(value, 0), "text");
    const char *lang;
    json_t *text;

    if (*section != '\0') {
        add_words(made, section);
        return true;
    }
    if (field->type != VALUE_TEXTS) {
        return false;
    }
    json_object_foreach(value, lang, text)
    {
        char said[GIST_SIZE];
        (void)snprintf(said, sizeof said, "%s: %s", lang,
                       json_is_string(text) ? json_string_value(text) : "?");
        add_words(made, said);
    }
    return true;
}

// Whether it takes a few words; moments stand elsewhere.
static bool is_brief(const struct field *field)
{
    return field->type == VALUE_LINE || field->type == VALUE_WORD || field->type == VALUE_CODE ||
           field->type == VALUE_COUNT || field->type == VALUE_DECIMAL || field->type == VALUE_REF ||
           field->type == VALUE_TEXT || field->type == VALUE_LANGUAGE;
}

// "3 open, 1 point": what a handover leaves.
static void add_left(const json_t *fields, char made[static GIST_SIZE])
{
    const size_t open = json_array_size(json_object_get(fields, "open"));
    const size_t points = json_array_size(json_object_get(fields, "points"));
    char words[64];

    if (open > 0) {
        (void)snprintf(words, sizeof words, "%zu open", open);
        add_words(made, words);
    }
    if (points > 0) {
        (void)snprintf(words, sizeof words, "%zu point%s", points, points == 1 ? "" : "s");
        add_words(made, words);
    }
    if (open + points == 0) {
        add_words(made, "nothing open");
    }
}

// "pump, 4" of a request, which says what it needs and how many; "pump, available 4" of what is
// there. "situation, 1, initial, 3.4 m" of a report.
static const char *fields_gist(const struct kind *kind, const json_t *fields,
                               char made[static GIST_SIZE])
{
    const bool is_report = strcmp(kind->name, "report") == 0;

    made[0] = '\0';
    for (const struct field *field = kind->fields; field->name != NULL; field++) {
        json_t *value = json_object_get(fields, field->name);
        char words[FIELD_WORDS_MAX];
        char named[FIELD_WORDS_MAX + 32];
        if (value == NULL || add_prose(field, value, made)) {
            continue;
        }
        field_words(field, value, words);
        (void)snprintf(named, sizeof named, "%s %s", field->name, words);
        if (is_brief(field) && (field->needed == ALWAYS_NEEDED || is_report)) {
            add_words(made, words);
        } else if (field->type == VALUE_COUNT ||
                   (field->type == VALUE_PARTS && field->items_max == 0)) {
            add_words(made, named);
        }
    }
    if (strcmp(kind->name, "handover") == 0) {
        add_left(fields, made);
    }
    return made;
}

// The text, or the headline of an alert, or else what its fields say; of what the node itself acts
// on, what that is. "" when there is nothing. What has to be made lies in `made`.
static const char *gist_of(const json_t *entry, char made[static GIST_SIZE])
{
    const json_t *fields = json_object_get(entry, "fields");
    const char *text = json_text(entry, "text");
    const char *kind = json_text(entry, "kind");
    if (*text != '\0') {
        return text;
    }
    if (strcmp(kind, "group") == 0 && *json_text(fields, "op") != '\0') {
        char words[GROUP_WORDS_MAX];
        group_change_words(fields, words, sizeof words);
        (void)snprintf(made, GIST_SIZE, "%s: %s", json_text(fields, "group"), words);
        return made;
    }
    if (strcmp(kind, "release") == 0 && *json_text(fields, "entry") != '\0') {
        (void)snprintf(made, GIST_SIZE, "opens %s%s", json_text(fields, "entry"),
                       *json_text(entry, "group_id") == '\0' ? " to all" : "");
        return made;
    }
    const json_t *cap = json_object_get(fields, "cap");
    if (cap == NULL && kind_of(kind) != NULL) {
        return fields_gist(kind_of(kind), fields, made);
    }
    return alert_gist(cap);
}

size_t line_print_precedence(const json_t *entry)
{
    static const struct {
        const char *name;
        const char *shown;
        enum colour colour;
    } rows[] = {{"priority", "PRIORITY", COLOUR_BOLD},
                {"immediate", "IMMEDIATE", COLOUR_YELLOW},
                {"flash", "FLASH", COLOUR_RED}};
    const char *precedence = json_text(entry, "precedence");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(precedence, rows[i].name) == 0) {
            (void)printf("  %s%s%s", terminal_colour(stdout, rows[i].colour), rows[i].shown,
                         terminal_colour(stdout, COLOUR_NONE));
            return 2 + strlen(rows[i].shown);
        }
    }
    return 0;
}

static size_t put(const char *text)
{
    print_text(text, BREAKS_ESCAPED);
    return terminal_columns(text, strlen(text));
}

// Nobody must take an exercise for the thing itself, wherever the line is read later.
static size_t print_space(const json_t *entry)
{
    const char *space = json_text(entry, "space");
    return *space == '\0' ? 0 : put("EXERCISE ") + put(space) + put("  ");
}

// Nor what an alert says it is not.
static size_t print_status(const json_t *entry)
{
    const char *status =
        json_text(json_object_get(json_object_get(entry, "fields"), "cap"), "status");
    if (*status == '\0' || strcmp(status, "Actual") == 0) {
        return 0;
    }
    return put("(") + put(status) + put(")  ");
}

// "" when that goes without saying: it begins something in the first state, or there are none.
static const char *state_of(const json_t *entry)
{
    const json_t *fields = json_object_get(entry, "fields");
    const struct kind *kind = kind_of(json_text(entry, "kind"));
    const char *state = json_text(fields, "state");

    if (kind == NULL || kind->states == NULL) {
        return "";
    }
    state = *state != '\0' ? state : kind->states[0];
    const bool is_first = strcmp(state, kind->states[0]) == 0;
    return is_first && *json_text(fields, "item") == '\0' ? "" : state;
}

// Nor one step for another that was said with the same words.
static size_t print_state(const json_t *entry)
{
    const char *state = state_of(entry);

    return *state == '\0' ? 0 : put(", ") + put(state);
}

// Nor for a step what is none.
static size_t print_standing(const json_t *entry)
{
    const char *standing = json_text(entry, "standing");

    if (*standing == '\0' || strcmp(standing, "counts") == 0) {
        return 0;
    }
    return put(strcmp(standing, "proposed") == 0 ? "(a proposal)  " : "(does not count)  ");
}

// Nor what is old for what is.
static size_t print_age(const json_t *entry)
{
    static const char old[] = "old";

    if (!age_is_old(entry, when_now())) {
        return 0;
    }
    (void)printf(", %s%s%s", terminal_colour(stdout, COLOUR_YELLOW), old,
                 terminal_colour(stdout, COLOUR_NONE));
    return strlen(old) + 2;
}

enum { GIST_MIN = 8 }; // columns shown of a text, however narrow the terminal

// The first line of `gist`, behind `used` columns and before what `end` says.
static void print_gist(const char *gist, size_t used, const char *end)
{
    static const char more[] = " ...";
    const size_t width = terminal_width(stdout);
    const size_t len = strcspn(gist, "\n");
    const size_t taken = used + strlen(end) + strlen(more);
    size_t room = width > taken + GIST_MIN ? width - taken : GIST_MIN;
    if (gist[len] == '\0' && room <= SIZE_MAX - strlen(more) &&
        terminal_columns(gist, len) <= room + strlen(more)) {
        room += strlen(more); // nothing is left out
    }
    const size_t shown = terminal_fit(gist, len, room);
    terminal_put(stdout, gist, shown, BREAKS_ESCAPED);
    (void)printf("%s%s\n", gist[shown] != '\0' ? more : "", end);
}

// Who is not in the group must not hear of it: that belongs before the text.
static size_t print_group(const json_t *entry)
{
    const char *group = json_text(entry, "group");
    if (*group == '\0' || strcmp(group, "all") == 0) {
        return 0;
    }
    return put(" [") + put(group) + put("]");
}

void line_print_sealed(const json_t *entry)
{
    const char *group = json_text(entry, "group");
    const char *key = json_text(entry, "key");
    if (*group == '\0') {
        (void)fputs("(sealed for a group that is not known here)", stdout);
        return;
    }
    (void)fputs("(sealed for ", stdout);
    print_text(group, BREAKS_ESCAPED);
    (void)fputs(strcmp(key, "awaited") == 0 ? ", its key is awaited)" : ")", stdout);
}

enum { END_SIZE = 96 };

static void end_of(const json_t *entry, char out[static END_SIZE])
{
    const char *releaser = json_text(json_object_get(entry, "released"), "node");
    out[0] = '\0';
    if (json_flag(entry, "quarantined")) {
        (void)snprintf(out, END_SIZE, "  (quarantined)");
    } else if (json_flag(entry, "ahead")) {
        (void)snprintf(out, END_SIZE, "  (beyond a gap)");
    } else if (*releaser != '\0') {
        (void)snprintf(out, END_SIZE, "  (released by %.32s)", releaser);
    }
}

static void print_line(const json_t *entry, bool has_standing)
{
    char time[WHEN_MAX];
    char made[GIST_SIZE];
    char end[END_SIZE];
    when_local_text(json_text(entry, "time"), time);
    size_t used = print_space(entry) + put(time) + put("  ");
    used += put(json_text(entry, "name"));
    used += line_print_precedence(entry);
    used += put("  ");
    if (json_flag(entry, "damaged")) {
        (void)fputs("(damaged here, being fetched again)\n", stdout);
        return;
    }
    if (json_flag(entry, "sealed")) {
        line_print_sealed(entry);
        (void)putchar('\n');
        return;
    }
    used += put(json_text(entry, "kind"));
    used += has_standing ? print_state(entry) : 0;
    used += print_age(entry);
    used += print_group(entry);
    used += put("  ");
    used += print_status(entry);
    used += has_standing ? print_standing(entry) : 0;
    end_of(entry, end);
    print_gist(gist_of(entry, made), used, end);
}

void line_print(const json_t *entry)
{
    print_line(entry, true);
}

void line_print_beside(const json_t *version)
{
    print_line(version, false);
}
