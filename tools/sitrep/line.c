// SPDX-License-Identifier: EUPL-1.2
// Prints an entry for people, escaped.
#include "sitrep/line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/alert.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const char *line_gist(const json_t *entry)
{
    const char *text = json_text(entry, "text");
    return *text != '\0' ? text
                         : alert_gist(json_object_get(json_object_get(entry, "fields"), "cap"));
}

void line_print_precedence(const json_t *entry)
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
        }
    }
}

void line_print(const json_t *entry)
{
    char time[WHEN_MAX];
    const char *gist = line_gist(entry);
    when_local_text(json_text(entry, "time"), time);
    (void)printf("%s  ", time);
    print_text(json_text(entry, "name"), BREAKS_ESCAPED);
    line_print_precedence(entry);
    (void)fputs("  ", stdout);
    if (json_flag(entry, "damaged")) {
        (void)fputs("(damaged here, being fetched again)\n", stdout);
        return;
    }
    if (json_flag(entry, "sealed")) {
        (void)fputs("(sealed for another group)\n", stdout);
        return;
    }
    print_text(json_text(entry, "kind"), BREAKS_ESCAPED);
    (void)fputs("  ", stdout);
    terminal_put(stdout, gist, strcspn(gist, "\n"), BREAKS_ESCAPED);
    if (strcspn(gist, "\n") < strlen(gist)) {
        (void)fputs(" ...", stdout);
    }
    if (json_flag(entry, "ahead")) {
        (void)fputs("  (beyond a gap)", stdout);
    }
    (void)putchar('\n');
}
