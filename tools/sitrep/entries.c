// SPDX-License-Identifier: EUPL-1.2
// sitrep log: the entries this node holds, in order of arrival, a line each.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/typed.h"
#include "sitrep/when.h"

const struct option_spec log_options[] = {
    {"since", "T", "arrived since: 2h, 30m or 1d ago, HH:MM, or an RFC 3339 time", false},
    {"kind", "K", "of this kind only", false},
    {"centre", "C", "of this centre only", false},
    {"group", "G", "for this group only, whether it can be read here or not", false},
    {"limit", "N", "at most N, the first that arrived", false},
    {"follow", NULL, "go on as entries arrive, until Ctrl-C", false},
    {"quarantined", NULL, "only what its author wrote beyond its revocation, and counts nowhere",
     false},
    {NULL, NULL, NULL, false},
};

enum { QUERY_MAX = 2048 };

struct query {
    char text[QUERY_MAX];
    size_t len;
};

static void query_add(struct query *query, const char *name, const char *escaped)
{
    const int len = snprintf(query->text + query->len, QUERY_MAX - query->len, "%c%s=%s",
                             strchr(query->text, '?') == NULL ? '?' : '&', name, escaped);
    query->len += len > 0 ? (size_t)len : 0;
    query->len = query->len < QUERY_MAX ? query->len : QUERY_MAX - 1;
}

static void query_add_typed(struct query *query, struct client *client,
                            const struct arguments *arguments, const char *name)
{
    const char *typed = arguments_get(arguments, name);
    if (typed != NULL) {
        char *escaped = client_escape(client, typed);
        query_add(query, name, escaped);
        free(escaped);
    }
}

static enum exit_code query_make(struct query *query, struct client *client,
                                 const struct arguments *arguments)
{
    const char *since = arguments_get(arguments, "since");
    query->len = (size_t)snprintf(query->text, QUERY_MAX, "/v1/entries");
    if (since != NULL) {
        int64_t ms = 0;
        char time[WHEN_MAX];
        if (!when_typed(since, when_now(), &ms) || ms < 0) {
            return complain(EXIT_USAGE,
                            "--since '%s': must be like 2h, 30m, 1d, 14:30 or "
                            "2026-03-01T14:30:00+01:00",
                            since);
        }
        when_rfc3339(ms, time);
        query_add(query, "since", time);
    }
    query_add_typed(query, client, arguments, "kind");
    query_add_typed(query, client, arguments, "centre");
    query_add_typed(query, client, arguments, "group");
    query_add_typed(query, client, arguments, "limit");
    if (arguments_has(arguments, "follow")) {
        query_add(query, "follow", "1");
    }
    if (arguments_has(arguments, "quarantined")) {
        query_add(query, "quarantined", "1");
    }
    return EXIT_DONE;
}

// Nodes write receipts by themselves: nobody wants to read them, unless they are asked for.
static bool is_shown(const struct arguments *arguments, const json_t *entry)
{
    return arguments_has(arguments, "kind") || strcmp(json_text(entry, "kind"), "receipt") != 0;
}

struct listing {
    const struct arguments *arguments;
    bool has_any; // for people
};

static bool take(void *context, const json_t *entry)
{
    struct listing *listing = context;
    const struct arguments *arguments = listing->arguments;
    if (arguments->is_json) {
        print_json(entry);
    } else if (is_shown(arguments, entry)) {
        line_print(entry);
        listing->has_any = true;
    }
    if (arguments_has(arguments, "follow")) {
        (void)fflush(stdout);
    }
    return !ferror(stdout); // the reader of a pipe has gone
}

enum exit_code command_log(const struct arguments *arguments)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    struct query query;
    enum exit_code code = query_make(&query, client, arguments);
    typed_kind(arguments);
    struct listing listing = {.arguments = arguments};
    if (code == EXIT_DONE) {
        const struct call call = {.method = "GET", .path = query.text};
        code = client_stream(client, &call, take, &listing);
    }
    client_close(&client);
    if (code == EXIT_DONE && !listing.has_any && !arguments->is_json) {
        tell("There is nothing to list.");
    }
    return code;
}
