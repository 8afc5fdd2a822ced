// SPDX-License-Identifier: EUPL-1.2
// sitrep new: what arrived since a moment, an entry, or the last time this centre handed over; by
// what it is about.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/line.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec new_options[] = {
    {"since", "T", "a moment (2h, HH:MM, RFC 3339), an entry, or handover (as it is without)",
     false},
    {NULL, NULL, NULL, false},
};

static void print_group(const json_t *group)
{
    const json_t *entries = json_object_get(group, "entries");
    const char *item = json_text(group, "item");
    size_t i;
    json_t *entry;

    print_text(*item != '\0' ? item : "besides", BREAKS_ESCAPED);
    if (*item != '\0') {
        (void)fputs("  ", stdout);
        print_text(json_text(group, "kind"), BREAKS_ESCAPED);
    }
    (void)putchar('\n');
    json_array_foreach(entries, i, entry)
    {
        (void)fputs("  ", stdout);
        line_print(entry);
    }
}

// Those about something, or those that stand alone.
static void print_groups(const json_t *groups, bool is_about)
{
    size_t i;
    json_t *group;

    json_array_foreach(groups, i, group)
    {
        if ((*json_text(group, "item") != '\0') == is_about) {
            print_group(group);
        }
    }
}

static void print_news(const json_t *news)
{
    const json_t *groups = json_object_get(news, "items");
    const json_int_t more = json_number(news, "more");

    print_groups(groups, true);
    print_groups(groups, false);
    if (more > 0) {
        tell("%" JSON_INTEGER_FORMAT " more came since: 'sitrep new --since %s' goes on there.",
             more, json_text(news, "last"));
    } else if (json_array_size(groups) == 0) {
        tell("Nothing is new.");
    }
}

static void print_since_handover(const json_t *news)
{
    const char *handover = json_text(news, "handover");
    char moment[WHEN_MAX];

    when_local_text(json_text(news, "since"), moment);
    if (*handover != '\0') {
        tell("Since %s, when this centre handed over (%s):", moment, handover);
    } else {
        tell("This centre has not handed over yet. Since %s:", moment);
    }
    print_news(news);
}

static enum exit_code make_path(const char *since, char path[static CLIENT_PATH_MAX])
{
    static const char query[] = "/v1/news?since=";
    char moment[WHEN_MAX];
    int64_t ms = 0;

    if (strchr(since, '/') != NULL) {
        return client_entry_path(query, since, "", path);
    }
    if (!when_typed(since, when_now(), &ms) || ms < 0) {
        return complain(EXIT_USAGE,
                        "--since '%s': must be like 2h, 30m, 14:30, 2026-03-01T14:30:00+01:00, "
                        "be-nccn/12, or handover",
                        since);
    }
    when_rfc3339(ms, moment);
    (void)snprintf(path, CLIENT_PATH_MAX, "%s%s", query, moment);
    return EXIT_DONE;
}

enum exit_code command_new(const struct arguments *arguments)
{
    const char *since = arguments_get(arguments, "since");
    char path[CLIENT_PATH_MAX];

    if (since == NULL || strcmp(since, "handover") == 0) {
        return client_show(arguments, "/v1/news", print_since_handover);
    }
    const enum exit_code code = make_path(since, path);
    return code == EXIT_DONE ? client_show(arguments, path, print_news) : code;
}
