// SPDX-License-Identifier: EUPL-1.2
// sitrep picture: what is going on, on one screen; sitrep phase board: phases side by side.
#include <stdio.h>
#include <string.h>

#include "sitrep/alert.h"
#include "sitrep/board.h"
#include "sitrep/command.h"
#include "sitrep/gaps.h"
#include "sitrep/print.h"
#include "sitrep/sum_rows.h"
#include "sitrep/when.h"

enum { SCREEN_ROWS = 6 }; // of each list

static const char *field(const json_t *version, const char *name)
{
    return json_text(json_object_get(version, "fields"), name);
}

// Puts a row for each version that holds; several contradict each other.
static void put_item(const struct board *board, const json_t *item, int indent,
                     void (*add)(struct row *row, const json_t *head))
{
    size_t i;
    json_t *head;

    json_array_foreach(json_object_get(item, "heads"), i, head)
    {
        struct row row = {.len = 0};
        row_add(&row, "%s  ", json_text(head, "name"));
        add(&row, head);
        board_put(board, head, indent, &row, json_flag(item, "conflicting"));
    }
}

// -- what is in a row --

static void add_incident(struct row *row, const json_t *head)
{
    static const char *const facts[] = {"stage", "scale", "hazard"};
    const char *comma = " (";

    row_add_line(row, field(head, "name"));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (*field(head, facts[i]) != '\0') {
            row_add(row, "%s%s", comma, field(head, facts[i]));
            comma = ", ";
        }
    }
    row_add(row, "%s", *comma == ',' ? ")" : "");
}

static void add_report(struct row *row, const json_t *report)
{
    const char *text = json_text(report, "text");
    const char *type = field(report, "type");

    row_add(row, "%s  ", json_text(report, "name"));
    row_add_line(row, *text != '\0' ? text : *type != '\0' ? type : "(without text)");
    if (json_flag(report, "outdated")) {
        row_add(row, " (builds on what was replaced since)");
    }
}

static void add_phase(struct row *row, const json_t *head)
{
    row_add(row, "%s %s: ", field(head, "scheme"), field(head, "level"));
    row_add_line(row, field(head, "authority"));
    if (*field(head, "reason") != '\0') {
        row_add(row, "; ");
        row_add_line(row, field(head, "reason"));
    }
}

static void add_place(struct row *row, const json_t *head)
{
    const json_t *where = json_object_get(json_object_get(head, "fields"), "where");

    if (*json_text(where, "name") != '\0') {
        row_add(row, ", ");
        row_add_line(row, json_text(where, "name"));
    }
}

static void add_measure(struct row *row, const json_t *head)
{
    row_add(row, "%s", field(head, "type"));
    add_place(row, head);
    if (*json_text(head, "text") != '\0') {
        row_add(row, ": ");
        row_add_line(row, json_text(head, "text"));
    }
}

static void add_request(struct row *row, const json_t *head)
{
    const json_int_t quantity = json_number(json_object_get(head, "fields"), "quantity");

    row_add(row, "%" JSON_INTEGER_FORMAT " %s", quantity, field(head, "unit"));
    row_add(row, "%s", *field(head, "unit") != '\0' ? " of " : "");
    row_add_line(row, field(head, "capability"));
    add_place(row, head);
}

static void add_alert(struct row *row, const json_t *entry)
{
    const json_t *cap = json_object_get(json_object_get(entry, "fields"), "cap");
    const char *status = json_text(cap, "status");

    row_add(row, "%s  ", json_text(entry, "name"));
    if (*status != '\0' && strcmp(status, "Actual") != 0) {
        row_add(row, "(%s)  ", status);
    }
    row_add_line(row, alert_gist(cap));
}

// -- sections --

// How many of a list are not shown, here and by the node.
static size_t count_left(const struct board *board, const json_t *list, const json_t *more)
{
    const size_t count = json_array_size(list);
    const json_int_t left = json_integer_value(more);

    return (left > 0 ? (size_t)left : 0) + (count > board->rows_max ? count - board->rows_max : 0);
}

struct section {
    const char *name, *list, *left, *more;
    void (*put)(const struct board *board, const json_t *item);
};

static void put_incident(const struct board *board, const json_t *incident)
{
    size_t i;
    json_t *report;

    put_item(board, incident, 0, add_incident);
    json_array_foreach(json_object_get(incident, "reports"), i, report)
    {
        if (i < board->rows_max) {
            struct row row = {.len = 0};
            add_report(&row, report);
            board_put(board, report, 2, &row, false);
        }
    }
    board_more(board,
               count_left(board, json_object_get(incident, "reports"),
                          json_object_get(incident, "more_reports")),
               2, "sitrep timeline");
}

static void put_phase(const struct board *board, const json_t *phase)
{
    put_item(board, phase, 0, add_phase);
}

static void put_measure(const struct board *board, const json_t *measure)
{
    put_item(board, measure, 0, add_measure);
}

// Nothing is to come of the others.
static bool is_alive(const json_t *offer)
{
    static const char *const ends[] = {"declined", "withdrawn", "released"};
    const json_t *heads = json_object_get(offer, "heads");
    const char *state = json_text(json_array_get(heads, 0), "state");

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (json_array_size(heads) == 1 && strcmp(state, ends[i]) == 0) {
            return false;
        }
    }
    return true;
}

// Whoever wrote of it last, it is of who offered.
static void put_offer(const struct board *board, const json_t *offer)
{
    size_t i;
    json_t *head;

    json_array_foreach(json_object_get(offer, "heads"), i, head)
    {
        struct row row = {.len = 0};
        row_add(&row, "%s  %" JSON_INTEGER_FORMAT " by %s, %s", json_text(head, "name"),
                json_number(json_object_get(head, "fields"), "quantity"),
                json_text(offer, "centre"), json_text(head, "state"));
        board_put(board, head, 2, &row, json_flag(offer, "conflicting"));
    }
}

// By when it is wanted, as each version that holds says.
static void put_deadlines(const struct board *board, const json_t *request)
{
    size_t i;
    json_t *head;

    json_array_foreach(json_object_get(request, "heads"), i, head)
    {
        struct row row = {.len = 0};
        char moment[WHEN_MAX];
        int64_t ms;
        if (when_read(field(head, "deadline"), &ms)) {
            when_local(ms, moment);
            row_add(&row, "wanted by %s%s", moment, ms < board->now_ms ? ", which has passed" : "");
            board_put(board, NULL, 2, &row, false);
        }
    }
}

static void put_request(const struct board *board, const json_t *request)
{
    struct row row = {.len = 0};
    size_t i;
    json_t *offer;

    put_item(board, request, 0, add_request);
    put_deadlines(board, request);
    row_add(&row,
            "%" JSON_INTEGER_FORMAT " lacking: %" JSON_INTEGER_FORMAT
            " accepted, %" JSON_INTEGER_FORMAT " offered",
            json_number(request, "lacking"), json_number(request, "accepted"),
            json_number(request, "offered"));
    board_put(board, NULL, 2, &row, false);
    json_array_foreach(json_object_get(request, "offers"), i, offer)
    {
        if (i < board->rows_max && is_alive(offer)) {
            put_offer(board, offer);
        }
    }
    board_more(board,
               count_left(board, json_object_get(request, "offers"),
                          json_object_get(request, "more_offers")),
               2, "sitrep timeline");
}

static void put_alert(const struct board *board, const json_t *alert)
{
    struct row row = {.len = 0};

    add_alert(&row, alert);
    board_put(board, alert, 0, &row, false);
}

static void put_hurt(const struct board *board, const json_t *incident)
{
    struct row row = {.len = 0};

    row_add_title(&row, incident);
    row_add(&row, ": ");
    row_add_hurt(&row, json_object_get(incident, "sums"));
    board_put(board, incident, 0, &row, false);
}

static void put_resource(const struct board *board, const json_t *type)
{
    struct row row = {.len = 0};

    row_add(&row, "%s: ", json_text(type, "type"));
    row_add_had(&row, json_object_get(type, "sums"));
    board_put(board, type, 0, &row, false);
}

static const struct section phases_section = {"PHASES", "phases", "more_phases",
                                              "sitrep item list --kind phase", put_phase};
static const struct section sections[] = {
    {"OPEN INCIDENTS", "incidents", "more_incidents", "sitrep item list --kind incident",
     put_incident},
    {"PHASES", "phases", "more_phases", "sitrep phase board", put_phase},
    {"MEASURES IN FORCE", "measures", "more_measures", "sitrep item list --kind measure",
     put_measure},
    {"OPEN REQUESTS", "requests", "more_requests", "sitrep item list --kind request", put_request},
    {"ALERTS THAT HOLD", "alerts", "more_alerts", "sitrep log --kind alert", put_alert},
    {"PEOPLE HURT", "casualties", NULL, "sitrep casualties", put_hurt},
    {"RESOURCES", "resources", NULL, "sitrep resource board", put_resource},
};

static void put_section(const struct board *board, const struct section *section,
                        const json_t *json)
{
    const json_t *list = json_object_get(json, section->list);
    const size_t count = json_array_size(list);
    const json_t *more = section->left == NULL ? NULL : json_object_get(json, section->left);

    board_head(section->name, count);
    for (size_t i = 0; i < count && i < board->rows_max; i++) {
        section->put(board, json_array_get(list, i));
    }
    board_more(board, count_left(board, list, more), 0, section->more);
}

// Whose view it is, and how exact.
static void put_view(const json_t *as)
{
    char told[WHEN_MAX];
    char next[WHEN_MAX];

    (void)fputs(", as ", stdout);
    print_text(json_text(as, "centre"), BREAKS_ESCAPED);
    (void)puts(" surely knew it");
    when_local_text(json_text(as, "told"), told);
    when_local_text(json_text(as, "next"), next);
    if (*json_text(as, "told") == '\0') {
        (void)puts("It had told nothing by then: this is what its own entries show.");
    } else {
        (void)printf("It last told what it had at %s.\n", told);
    }
    if (*json_text(as, "next") != '\0') {
        (void)printf("What came to it before %s it may have known besides.\n", next);
    } else {
        (void)puts("It has told nothing since: what came to it later it may have known besides.");
    }
}

static void put_moment(const struct board *board, const json_t *json)
{
    const json_t *as = json_object_get(json, "as");
    char time[WHEN_MAX];

    when_local(board->now_ms, time);
    (void)printf("%s%s%s", terminal_colour(stdout, COLOUR_BOLD), time,
                 terminal_colour(stdout, COLOUR_NONE));
    if (json_is_object(as)) {
        put_view(as);
    } else {
        (void)puts(board->is_past ? ", as it was known here" : "");
    }
}

static void show_picture(const struct board *board, const json_t *json)
{
    const json_int_t conflicts = json_number(json, "conflicts");
    const json_int_t proposals = json_number(json, "proposals");
    struct board screen = *board;

    screen.rows_max = SCREEN_ROWS;
    put_moment(board, json);
    if (conflicts > 0) {
        (void)printf("%s!%s %" JSON_INTEGER_FORMAT " in conflict: sitrep conflicts\n",
                     terminal_colour(stdout, COLOUR_RED), terminal_colour(stdout, COLOUR_NONE),
                     conflicts);
    }
    if (proposals > 0) {
        (void)printf("%" JSON_INTEGER_FORMAT
                     " with something proposed: sitrep item list --proposed\n",
                     proposals);
    }
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        put_section(&screen, &sections[i], json);
    }
}

enum exit_code command_picture(const struct arguments *arguments)
{
    const bool is_of_now = !arguments_has(arguments, "at") && !arguments_has(arguments, "as");
    const enum exit_code code = board_show(arguments, "/v1/picture", NULL, show_picture);

    return code == EXIT_DONE && is_of_now && !arguments->is_json ? gaps_section(arguments) : code;
}

static void show_phases(const struct board *board, const json_t *json)
{
    put_section(board, &phases_section, json);
}

enum exit_code command_phase_board(const struct arguments *arguments)
{
    return board_show(arguments, "/v1/phases", NULL, show_phases);
}
