// SPDX-License-Identifier: EUPL-1.2
// sitrep comtest table: which centre answered a communication test, and when.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { CENTRE_COLUMNS = 20 };

static void print_row_of(const json_t *row)
{
    const char *centre = json_text(row, "centre");
    char code[CENTRE_COLUMNS * 4];
    char written[WHEN_MAX];
    char arrived[WHEN_MAX];

    (void)terminal_escape(code, sizeof code, centre, strlen(centre), BREAKS_ESCAPED);
    (void)printf("%-*s ", CENTRE_COLUMNS, code);
    if (!json_flag(row, "answered")) {
        (void)printf("%sno answer%s\n", terminal_colour(stdout, COLOUR_RED),
                     terminal_colour(stdout, COLOUR_NONE));
        return;
    }
    when_local_text(json_text(row, "time"), written);
    when_local_text(json_text(row, "arrived"), arrived);
    (void)printf("answered %s%s, here %s  ", written, json_flag(row, "late") ? " (late)" : "",
                 arrived);
    print_text(json_text(row, "name"), BREAKS_ESCAPED);
    (void)putchar('\n');
}

static void print_table(const json_t *answers)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(answers, "centres"), i, row)
    {
        print_row_of(row);
    }
    tell("%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " answered.",
         json_number(answers, "answered"), json_number(answers, "called"));
}

enum exit_code command_comtest_table(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    const enum exit_code code =
        client_entry_path("/v1/items/", arguments->operands[0], "/answers", path);

    return code == EXIT_DONE ? client_show(arguments, path, print_table) : code;
}
