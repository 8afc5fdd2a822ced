// SPDX-License-Identifier: EUPL-1.2
// Prints an entry for people, escaped.
#include "sitrep/line.h"

#include <stdint.h>
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

// Nobody must take an exercise for the thing itself.
static size_t print_status(const json_t *entry)
{
    const char *status =
        json_text(json_object_get(json_object_get(entry, "fields"), "cap"), "status");
    if (*status == '\0' || strcmp(status, "Actual") == 0) {
        return 0;
    }
    return put("(") + put(status) + put(")  ");
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

void line_print(const json_t *entry)
{
    char time[WHEN_MAX];
    const char *gist = line_gist(entry);
    when_local_text(json_text(entry, "time"), time);
    size_t used = put(time) + put("  ");
    used += put(json_text(entry, "name"));
    used += line_print_precedence(entry);
    used += put("  ");
    if (json_flag(entry, "damaged")) {
        (void)fputs("(damaged here, being fetched again)\n", stdout);
        return;
    }
    if (json_flag(entry, "sealed")) {
        (void)fputs("(sealed for another group)\n", stdout);
        return;
    }
    used += put(json_text(entry, "kind"));
    used += put("  ");
    used += print_status(entry);
    const char *end = json_flag(entry, "ahead") ? "  (beyond a gap)" : "";
    print_gist(gist, used, json_flag(entry, "quarantined") ? "  (quarantined)" : end);
}
