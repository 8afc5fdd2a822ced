// SPDX-License-Identifier: EUPL-1.2
// sitrep gaps: what this node does not know: what is missing, who is silent, whose clock is off.
#include "sitrep/gaps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/board.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { CLOCK_TOLD_MS = 2000, CLOCK_WORDS = 80 };

static void print_last(const json_t *node)
{
    const json_t *last = json_object_get(node, "last_entry");
    char ago[WHEN_MAX];

    if (!json_is_object(last)) {
        print_row("  last entry", "none has come");
        return;
    }
    when_ago_text(json_text(last, "arrived"), when_now(), ago);
    print_row("  last entry", "%s, came %s", json_text(last, "name"), ago);
}

static void print_range(const json_t *range)
{
    const json_int_t from = json_number(range, "from");
    const json_int_t to = json_number(range, "to");

    if (from == to) {
        (void)printf(" %" JSON_INTEGER_FORMAT, from);
    } else {
        (void)printf(" %" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT, from, to);
    }
    if (json_number(range, "epoch") != 0) {
        (void)printf(" (epoch %" JSON_INTEGER_FORMAT ")", json_number(range, "epoch"));
    }
}

static void print_missing(const json_t *node)
{
    const json_t *ranges = json_object_get(node, "missing");
    const json_int_t count = json_number(node, "missing_count");
    size_t i;
    json_t *range;

    if (count == 0) {
        return;
    }
    (void)printf("  %sMISSING%s %" JSON_INTEGER_FORMAT ":", terminal_colour(stdout, COLOUR_RED),
                 terminal_colour(stdout, COLOUR_NONE), count);
    json_array_foreach(ranges, i, range)
    {
        print_range(range);
    }
    (void)putchar('\n');
}

static void print_silence(const json_t *node)
{
    char usual[WHEN_MAX];
    char silence[WHEN_MAX];

    if (!json_flag(node, "silent")) {
        return;
    }
    when_span(json_number(node, "usual_s") * 1000, usual);
    when_span(json_number(node, "silence_s") * 1000, silence);
    print_row("  SILENT", "for %s; usually an entry comes every %s", silence, usual);
}

// "at least 3.1 s behind, by its entries". False when it is right, or not known.
static bool clock_words(const json_t *node, char out[static CLOCK_WORDS])
{
    const json_t *clock = json_object_get(node, "clock");
    const json_int_t offset_ms = json_number(clock, "offset_ms");
    const json_int_t away_ms = offset_ms < 0 ? -offset_ms : offset_ms;
    const bool is_by_entries = strcmp(json_text(clock, "by"), "entries") == 0;

    if (!json_is_object(clock) || away_ms <= CLOCK_TOLD_MS + json_number(clock, "error_ms")) {
        return false;
    }
    (void)snprintf(out, CLOCK_WORDS, "%s%.1f s %s%s", is_by_entries ? "at least " : "",
                   (double)away_ms / 1000.0, offset_ms < 0 ? "behind" : "ahead",
                   is_by_entries ? ", by its entries" : "");
    return true;
}

static void print_clock(const json_t *node)
{
    char words[CLOCK_WORDS];

    if (clock_words(node, words)) {
        print_row("  CLOCK", "%s", words);
    }
}

static void print_gaps(const json_t *json)
{
    const json_t *nodes = json_object_get(json, "nodes");
    size_t i;
    json_t *node;

    json_array_foreach(nodes, i, node)
    {
        char heard[WHEN_MAX];
        print_text(json_text(node, "node"), BREAKS_ESCAPED);
        (void)putchar('\n');
        print_last(node);
        print_missing(node);
        print_silence(node);
        print_clock(node);
        when_ago_text(json_text(node, "last_heard"), when_now(), heard);
        print_row("  link", "%s, last heard %s", json_text(node, "link"), heard);
    }
    if (json_array_size(nodes) == 0) {
        tell("This node is alone in its roster: there is no other to tell of.");
    }
}

enum exit_code command_gaps(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/gaps", print_gaps);
}

// -- below the picture --

static bool is_reached(const json_t *node)
{
    const char *link = json_text(node, "link");

    return strcmp(link, "converged") == 0 || strcmp(link, "syncing") == 0;
}

static bool is_any_reached(const json_t *nodes)
{
    bool is_any = false;
    size_t i;
    json_t *node;

    json_array_foreach(nodes, i, node)
    {
        is_any |= is_reached(node);
    }
    return is_any;
}

// While any other is reached, what is written by who was never heard itself may come by that one.
static void add_reach(const struct board *board, const json_t *node, bool has_way, struct row *row)
{
    char words[WHEN_MAX];
    int64_t heard_ms;

    if (is_reached(node)) {
        return;
    }
    if (when_read(json_text(node, "last_heard"), &heard_ms)) {
        when_span(board->now_ms > heard_ms ? board->now_ms - heard_ms : 0, words);
        row_add(row, " not heard for %s;", words);
    } else if (!has_way) {
        row_add(row, " out of reach;");
    }
}

// "nl-kcr2: not heard for 3 minutes; 2 missing". False when there is no gap.
static bool node_row(const struct board *board, const json_t *node, bool has_way, struct row *row)
{
    const json_int_t missing = json_number(node, "missing_count");
    char words[WHEN_MAX];
    char clock[CLOCK_WORDS];

    row_add(row, "%s:", json_text(node, "node"));
    const size_t begun = row->len;
    add_reach(board, node, has_way, row);
    if (missing > 0) {
        row_add(row, " %" JSON_INTEGER_FORMAT " missing;", missing);
    }
    if (json_flag(node, "silent")) {
        when_span(json_number(node, "silence_s") * 1000, words);
        row_add(row, " no entry for %s;", words);
    }
    if (clock_words(node, clock)) {
        row_add(row, " clock %s;", clock);
    }
    if (row->len == begun) {
        return false;
    }
    row->text[--row->len] = '\0'; // the last ";"
    return true;
}

static void put_section(const json_t *json)
{
    const struct board board = {.now_ms = when_now()};
    const json_t *nodes = json_object_get(json, "nodes");
    const bool has_way = is_any_reached(nodes);
    size_t count = 0;
    size_t i;
    json_t *node;

    json_array_foreach(nodes, i, node)
    {
        struct row row = {.len = 0};
        if (!node_row(&board, node, has_way, &row)) {
            continue;
        }
        if (count++ == 0) {
            board_head("GAPS", 1);
        }
        board_put(&board, NULL, 0, &row, true);
    }
    if (count == 0) {
        board_head("GAPS", 0);
    }
}

enum exit_code gaps_section(const struct arguments *arguments)
{
    struct arguments quiet = *arguments;
    struct answer answer = {.json = NULL};

    quiet.is_json = true; // what stands above has told which exercise it is
    struct client *client = client_open(&quiet);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    const enum exit_code code = client_read(client, "/v1/gaps", &answer);
    if (code == EXIT_DONE) {
        put_section(answer.json);
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}
