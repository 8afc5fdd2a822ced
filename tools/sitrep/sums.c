// SPDX-License-Identifier: EUPL-1.2
// sitrep casualties and sitrep resource board: what entries add up to, and what made it up.
#include <stdio.h>
#include <string.h>

#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/sum_rows.h"

const struct option_spec casualties_options[] = {
    {"incident", "REF", "of this incident only", false},
    {"at", "T", "as it was here: 2h, 30m or 1d ago, HH:MM, or an RFC 3339 time", false},
    {"as", "CENTRE", "what that centre surely knew, as its receipts tell, instead of this one",
     false},
    {NULL, NULL, NULL, false},
};

const struct option_spec board_options[] = {
    {"at", "T", "as it was here: 2h, 30m or 1d ago, HH:MM, or an RFC 3339 time", false},
    {"as", "CENTRE", "what that centre surely knew, as its receipts tell, instead of this one",
     false},
    {"old", "T", "what is older is marked old, instead of by kind: 90m, 4h, 1d", false},
    {NULL, NULL, NULL, false},
};

static bool add_numbers(struct row *row, json_t *sums, const char *lead)
{
    const char *name;
    json_t *sum;
    bool is_first = true;

    json_object_foreach(sums, name, sum)
    {
        char words[48];
        if (sum_words(sum, words)) {
            row_add(row, "%s%s %s", is_first ? lead : ", ", name, words);
            is_first = false;
        }
    }
    return !is_first;
}

void row_add_hurt(struct row *row, const json_t *sums)
{
    const bool has_people = add_numbers(row, json_object_get(sums, "population"), "");
    const bool has_others = add_numbers(row, json_object_get(sums, "responders"),
                                        has_people ? "; responders: " : "responders: ");

    if (!has_people && !has_others) {
        row_add(row, "nothing told");
    }
}

void row_add_had(struct row *row, const json_t *sums)
{
    static const char *const names[] = {"available", "committed", "unavailable"};
    const char *comma = "";
    char words[48];
    char total[48];
    const bool has_total = sum_words(json_object_get(sums, "total"), total);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sum_words(json_object_get(sums, names[i]), words)) {
            row_add(row, "%s%s %s", comma, words, names[i]);
            comma = ", ";
        }
    }
    if (has_total) {
        row_add(row, "%s%s in all", comma, total);
    }
}

void row_add_title(struct row *row, const json_t *incident)
{
    const char *title = json_text(incident, "title");
    const char *name = json_text(incident, "incident");

    row_add_line(row, *title != '\0' ? title : *name != '\0' ? name : "(of no incident)");
}

// -- casualties --

static const char *fate_words(const char *fate)
{
    static const struct {
        const char *fate, *words;
    } rows[] = {
        {"passed", "left out: a later count is to date"},
        {"covered", "left out: its period begins before the end of what is to date"},
        {"overlaps", "left out: its period overlaps one that ends later"},
        {"unplaced", "left out: it does not say of which period"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(fate, rows[i].fate) == 0) {
            return rows[i].words;
        }
    }
    return "";
}

// The numbers of that fate, in one row.
static void put_fate(const struct board *board, const json_t *entry, const char *fate)
{
    struct row row = {.len = 0};
    const bool is_to_date = strcmp(json_text(entry, "basis"), "to-date") == 0;
    const char *comma = "";
    size_t i;
    json_t *number;

    row_add(&row, "%s  %s: ", json_text(entry, "name"), is_to_date ? "to date" : "period");
    json_array_foreach(json_object_get(entry, "numbers"), i, number)
    {
        if (strcmp(json_text(number, "fate"), fate) == 0) {
            const bool is_responders = strcmp(json_text(number, "of"), "responders") == 0;
            row_add(&row, "%s%s%s %" JSON_INTEGER_FORMAT, comma, is_responders ? "responders " : "",
                    json_text(number, "number"), json_number(number, "count"));
            comma = ", ";
        }
    }
    if (*comma == '\0') {
        return;
    }
    board_put(board, entry, 2, &row, false);
    if (strcmp(fate, "taken") != 0) {
        struct row why = {.len = 0};
        row_add(&why, "%s", fate_words(fate));
        board_put(board, NULL, 4, &why, false);
    }
}

static void put_centre(const struct board *board, const json_t *centre)
{
    static const char *const fates[] = {"taken", "passed", "covered", "overlaps", "unplaced"};
    struct row row = {.len = 0};
    size_t i;
    json_t *entry;

    row_add(&row, "%s: ", json_text(centre, "centre"));
    row_add_hurt(&row, json_object_get(centre, "sums"));
    board_put(board, centre, 0, &row, false);
    json_array_foreach(json_object_get(centre, "entries"), i, entry)
    {
        for (size_t fate = 0; fate < sizeof fates / sizeof *fates; fate++) {
            put_fate(board, entry, fates[fate]);
        }
    }
}

static void show_casualties(const struct board *board, const json_t *json)
{
    const json_t *incidents = json_object_get(json, "casualties");
    size_t i;
    size_t j;
    json_t *incident;
    json_t *centre;

    json_array_foreach(incidents, i, incident)
    {
        struct row title = {.len = 0};
        struct row row = {.len = 0};
        row_add_title(&title, incident);
        terminal_put(stdout, title.text, title.len, BREAKS_ESCAPED);
        (void)printf("  %s\n", json_text(incident, "incident"));
        row_add(&row, "in all: ");
        row_add_hurt(&row, json_object_get(incident, "sums"));
        board_put(board, incident, 0, &row, false);
        json_array_foreach(json_object_get(incident, "centres"), j, centre)
        {
            put_centre(board, centre);
        }
    }
    if (json_array_size(incidents) == 0) {
        tell("No report counts people hurt.");
    }
}

enum exit_code command_casualties(const struct arguments *arguments)
{
    const char *incident = arguments_get(arguments, "incident");
    char query[CLIENT_PATH_MAX];
    enum exit_code code = EXIT_DONE;

    if (incident != NULL) {
        code = client_entry_path("incident=", incident, "", query);
    }
    return code == EXIT_DONE ? board_show(arguments, "/v1/casualties",
                                          incident == NULL ? NULL : query, show_casualties)
                             : code;
}

// -- resources --

static void put_type(const struct board *board, const json_t *type)
{
    struct row row = {.len = 0};
    size_t i;
    json_t *centre;

    row_add(&row, "%s: ", json_text(type, "type"));
    row_add_had(&row, json_object_get(type, "sums"));
    board_put(board, type, 0, &row, false);
    json_array_foreach(json_object_get(type, "centres"), i, centre)
    {
        const json_t *entries = json_object_get(centre, "entries");
        struct row line = {.len = 0};
        size_t j;
        json_t *entry;
        row_add(&line, "%s: ", json_text(centre, "centre"));
        row_add_had(&line, json_object_get(centre, "sums"));
        json_array_foreach(entries, j, entry)
        {
            row_add(&line, "%s%s", j == 0 ? "  " : ", ", json_text(entry, "name"));
        }
        board_put(board, centre, 2, &line, json_array_size(entries) > 1);
    }
}

static void show_resources(const struct board *board, const json_t *json)
{
    const json_t *types = json_object_get(json, "resources");
    size_t i;
    json_t *type;

    json_array_foreach(types, i, type)
    {
        put_type(board, type);
    }
    if (json_array_size(types) == 0) {
        tell("No centre says what it has.");
    }
}

enum exit_code command_resource_board(const struct arguments *arguments)
{
    return board_show(arguments, "/v1/resources", NULL, show_resources);
}
