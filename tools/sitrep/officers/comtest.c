// SPDX-License-Identifier: EUPL-1.2
// sitrep comtest table: which centre answered a communication test, and when.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/officers/collect.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/roster/file.h"
#include "sitrep/when.h"

enum { CENTRE_COLUMNS = 20 };

// One row: a centre, and its first answer, or none.
struct row {
    struct span code;
    const json_t *answer;
};

static bool is_centre(const char *name, struct span code)
{
    return span_is(code, name);
}

// Everybody is called, unless it says who.
static bool is_called(const json_t *test, struct span code)
{
    const json_t *to = json_object_get(json_object_get(test, "fields"), "to");
    size_t i;
    json_t *called;

    json_array_foreach(to, i, called)
    {
        if (json_is_string(called) && is_centre(json_string_value(called), code)) {
            return true;
        }
    }
    return to == NULL;
}

// A centre none of whose nodes is left cannot answer.
static bool has_node(const struct roster *roster, uint32_t centre)
{
    for (size_t i = 0; i < roster->nodes_count; i++) {
        if (roster->nodes[i].centre == centre && !roster->nodes[i].is_revoked) {
            return true;
        }
    }
    return false;
}

// By its author's clock; moments of the API all have the same form.
static const json_t *first_answer(const json_t *answers, const json_t *item, struct span code)
{
    const json_t *first = NULL;
    size_t i;
    json_t *answer;

    json_array_foreach(answers, i, answer)
    {
        if (is_centre(json_text(answer, "centre"), code) &&
            collect_names(answer, "comtest", item) &&
            (first == NULL || strcmp(json_text(answer, "time"), json_text(first, "time")) < 0)) {
            first = answer;
        }
    }
    return first;
}

static bool is_late(const json_t *answer, const json_t *test)
{
    const char *deadline = json_text(json_object_get(test, "fields"), "deadline");

    return strcmp(json_text(answer, "time"), deadline) > 0;
}

static void print_row_json(const struct row *row, const json_t *test)
{
    json_t *json = json_object();

    (void)json_object_set_new(json, "centre",
                              json_stringn((const char *)row->code.bytes, row->code.len));
    (void)json_object_set_new(json, "answered", json_boolean(row->answer != NULL));
    if (row->answer != NULL) {
        (void)json_object_set_new(json, "late", json_boolean(is_late(row->answer, test)));
        (void)json_object_set(json, "name", json_object_get(row->answer, "name"));
        (void)json_object_set(json, "time", json_object_get(row->answer, "time"));
        (void)json_object_set(json, "arrived", json_object_get(row->answer, "arrived"));
    }
    print_json(json);
    json_decref(json);
}

static void print_answer(const struct row *row, const json_t *test)
{
    char code[CENTRE_COLUMNS * 4];
    char written[WHEN_MAX];
    char arrived[WHEN_MAX];

    (void)terminal_escape(code, sizeof code, (const char *)row->code.bytes, row->code.len,
                          BREAKS_ESCAPED);
    (void)printf("%-*s ", CENTRE_COLUMNS, code);
    if (row->answer == NULL) {
        (void)printf("%sno answer%s\n", terminal_colour(stdout, COLOUR_RED),
                     terminal_colour(stdout, COLOUR_NONE));
        return;
    }
    when_local_text(json_text(row->answer, "time"), written);
    when_local_text(json_text(row->answer, "arrived"), arrived);
    (void)printf("answered %s%s, here %s  ", written, is_late(row->answer, test) ? " (late)" : "",
                 arrived);
    print_text(json_text(row->answer, "name"), BREAKS_ESCAPED);
    (void)putchar('\n');
}

static void print_table(const struct roster *roster, const json_t *item, const json_t *answers,
                        bool is_json)
{
    const json_t *test = json_array_get(json_object_get(item, "heads"), 0);
    size_t called = 0;
    size_t answered = 0;

    for (uint32_t i = 0; i < roster->centres_count; i++) {
        const struct span code = roster->centres[i].code;
        const struct row row = {code, first_answer(answers, item, code)};
        if (row.answer == NULL && (!is_called(test, code) || !has_node(roster, i))) {
            continue;
        }
        called++;
        answered += row.answer != NULL;
        if (is_json) {
            print_row_json(&row, test);
        } else {
            print_answer(&row, test);
        }
    }
    if (!is_json) {
        tell("%zu of %zu answered.", answered, called);
    }
}

static enum exit_code show(const struct arguments *arguments, const struct roster *roster,
                           const char *path)
{
    struct client *client = client_open(arguments);
    enum exit_code code = EXIT_FAILED;

    if (client == NULL) {
        return code;
    }
    json_t *item = collect_one(client, path, &code);
    json_t *answers = item != NULL ? collect(client, "/v1/entries?kind=answer", &code) : NULL;
    if (answers != NULL && strcmp(json_text(item, "kind"), "comtest") != 0) {
        code = complain(EXIT_REFUSED, "%s is of kind %s, not comtest", arguments->operands[0],
                        json_text(item, "kind"));
    } else if (answers != NULL) {
        print_table(roster, item, answers, arguments->is_json);
    }
    json_decref(answers);
    json_decref(item);
    client_close(&client);
    return code;
}

enum exit_code command_comtest_table(const struct arguments *arguments)
{
    struct home home;
    struct roster *roster = NULL;
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_entry_path("/v1/items/", arguments->operands[0], "", path);

    if (code == EXIT_DONE) {
        code = roster_in_force(arguments, &home, &roster);
    }
    if (code == EXIT_DONE) {
        code = show(arguments, roster, path);
    }
    roster_destroy(&roster);
    return code;
}
