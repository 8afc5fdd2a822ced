// SPDX-License-Identifier: EUPL-1.2
// sitrep delivery: who has an entry, since when, who acknowledged it, and what is still to be
// acknowledged.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { NAME_COLUMNS = 16 };

static void print_column(const char *text)
{
    char escaped[64];
    (void)terminal_escape(escaped, sizeof escaped, text, strlen(text), BREAKS_ESCAPED);
    (void)printf("%-*s ", NAME_COLUMNS, escaped);
}

static void print_moment(const char *words, const json_t *object, const char *name)
{
    char local[WHEN_MAX];
    when_local_text(json_text(object, name), local);
    (void)printf("%s %s", words, local);
}

// Whether it can be told apart on a clock that shows seconds.
static bool is_before(const json_t *held)
{
    char by[WHEN_MAX];
    char not_before[WHEN_MAX];
    when_local_text(json_text(held, "by"), by);
    when_local_text(json_text(held, "not_before"), not_before);
    return *json_text(held, "not_before") != '\0' && strcmp(by, not_before) != 0;
}

// "held by 14:05, not before 14:00 (nl-kcr2/7)"
static void print_held(const json_t *centre)
{
    const json_t *held = json_object_get(centre, "held");
    const char *link = json_text(centre, "link");

    if (json_is_object(held)) {
        print_moment("held by", held, "by");
        if (is_before(held)) {
            print_moment(", not before", held, "not_before");
        }
        (void)fputs(" (", stdout);
        print_text(json_text(held, "shown_by"), BREAKS_ESCAPED);
        (void)putchar(')');
    } else if (strcmp(link, "held") == 0) {
        (void)fputs("held, as its link says; no receipt yet", stdout);
    } else if (*json_text(centre, "last_receipt") != '\0') {
        print_moment("not held by its last receipt of", centre, "last_receipt");
    } else {
        (void)fputs("nothing is known", stdout);
    }
    if (!json_is_object(held) && strcmp(link, "sent") == 0) {
        (void)fputs("; sent to it", stdout);
    }
    if (!json_flag(centre, "reads")) {
        (void)fputs("; sealed, it passes it on", stdout);
    }
    (void)putchar('\n');
}

// "seen 14:06 by duty officer (nl-kcr2/8)"
static void print_ack(const json_t *ack)
{
    const json_t *fields = json_object_get(ack, "fields");
    const json_t *by = json_object_get(fields, "by");
    const char *function = json_is_string(by) ? json_string_value(by) : json_text(by, "function");
    const char *who = *function != '\0' ? function : json_text(by, "name");
    char local[WHEN_MAX];

    when_local_text(json_text(ack, "time"), local);
    (void)printf("%-*s ", NAME_COLUMNS, "");
    print_text(json_text(fields, "as"), BREAKS_ESCAPED);
    (void)printf(" %s", local);
    if (*who != '\0') {
        (void)fputs(" by ", stdout);
        print_text(who, BREAKS_ESCAPED);
    }
    (void)fputs(" (", stdout);
    print_text(json_text(ack, "name"), BREAKS_ESCAPED);
    (void)puts(")");
}

static void print_centre(const json_t *centre)
{
    size_t i;
    json_t *ack;

    print_column(json_text(centre, "centre"));
    print_held(centre);
    json_array_foreach(json_object_get(centre, "acks"), i, ack)
    {
        print_ack(ack);
    }
    if (json_flag(centre, "awaited")) {
        (void)printf("%-*s its acknowledgement is awaited\n", NAME_COLUMNS, "");
    }
}

static void print_asking(const json_t *entry)
{
    if (*json_text(entry, "ack_by") == '\0') {
        return;
    }
    (void)fputs("  ", stdout);
    if (json_flag(entry, "overdue")) {
        (void)printf("%sOVERDUE%s: ", terminal_colour(stdout, COLOUR_RED),
                     terminal_colour(stdout, COLOUR_NONE));
    }
    print_moment("to be acknowledged by", entry, "ack_by");
    (void)putchar('\n');
}

static void print_delivery(const json_t *delivery)
{
    size_t i;
    json_t *centre;

    line_print(delivery);
    print_asking(delivery);
    json_array_foreach(json_object_get(delivery, "centres"), i, centre)
    {
        print_centre(centre);
    }
}

static void print_awaited(const json_t *json)
{
    const json_t *awaited = json_object_get(json, "awaited");
    size_t i;
    json_t *entry;

    if (json_array_size(awaited) == 0) {
        tell("No acknowledgement is awaited.");
        return;
    }
    json_array_foreach(awaited, i, entry)
    {
        const json_t *centres = json_object_get(entry, "awaited");
        size_t n;
        json_t *centre;
        line_print(entry);
        print_asking(entry);
        (void)fputs("  awaited of", stdout);
        json_array_foreach(centres, n, centre)
        {
            (void)putchar(n == 0 ? ' ' : ',');
            print_text(json_string_value(centre), BREAKS_ESCAPED);
        }
        (void)putchar('\n');
    }
    if (json_number(json, "more") > 0) {
        tell("%" JSON_INTEGER_FORMAT " more are awaited, with later times.",
             json_number(json, "more"));
    }
}

enum exit_code command_delivery(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];

    if (arguments->operands_count == 0) {
        return client_show(arguments, "/v1/deliveries", print_awaited);
    }
    const enum exit_code code =
        client_entry_path("/v1/deliveries/", arguments->operands[0], "", path);
    return code == EXIT_DONE ? client_show(arguments, path, print_delivery) : code;
}
