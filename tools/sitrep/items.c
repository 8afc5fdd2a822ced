// SPDX-License-Identifier: EUPL-1.2
// sitrep item list and item show: what entries are about, as it stands; sitrep conflicts: what
// contradicts what; sitrep settle: which of it holds.
#include "sitrep/items.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/field_words.h"
#include "sitrep/line.h"
#include "sitrep/number.h"
#include "sitrep/print.h"

const struct option_spec item_list_options[] = {
    {"kind", "K", "of this kind only (sitrep kinds lists them)", false},
    {"proposed", NULL, "only those of which something is proposed, to be taken over or not", false},
    {"limit", "N", ITEMS_LIMIT_HELP, false},
    {NULL, NULL, NULL, false},
};

const struct option_spec conflicts_options[] = {
    {"limit", "N", ITEMS_LIMIT_HELP, false},
    {NULL, NULL, NULL, false},
};

const struct option_spec settle_options[] = {
    {"take", "VERSION",
     "the version that is to hold, or the proposal to take over; the one that holds declines what "
     "is proposed",
     true},
    {NULL, NULL, NULL, false},
};

enum { STATE_COLUMNS = 12 };

struct listing {
    bool is_json;
    size_t count;          // listed
    json_int_t over, more; // and left out
};

// -- for people --

// "  in-force     " and the entry's line.
static void print_version(const json_t *version)
{
    const char *state = json_text(version, "state");

    (void)printf("  %-*s", STATE_COLUMNS, *state == '\0' ? "-" : state);
    line_print_beside(version);
    field_words_print(version, STATE_COLUMNS + 2);
}

static void print_outdated(const json_t *versions)
{
    size_t i;
    json_t *version;

    json_array_foreach(versions, i, version)
    {
        if (json_flag(version, "outdated")) {
            (void)printf("  ! %s builds on what was replaced since\n", json_text(version, "name"));
        }
    }
}

static void print_versions(const json_t *versions)
{
    size_t i;
    json_t *version;

    json_array_foreach(versions, i, version)
    {
        print_version(version);
    }
}

static void print_item(const json_t *item)
{
    const json_t *heads = json_object_get(item, "heads");
    const json_t *proposals = json_object_get(item, "proposals");
    const char *name = json_text(item, "item");

    print_text(*name == '\0' ? "(of a node to come)" : name, BREAKS_ESCAPED);
    (void)printf("  %s", json_text(item, "kind"));
    if (json_flag(item, "conflicting")) {
        (void)printf("  %sCONFLICT%s: %zu versions hold", terminal_colour(stdout, COLOUR_RED),
                     terminal_colour(stdout, COLOUR_NONE), json_array_size(heads));
    }
    if (json_flag(item, "gaps")) {
        (void)printf("  (some of its versions are not here)");
    }
    (void)putchar('\n');
    print_versions(heads);
    print_outdated(heads);
    if (json_array_size(proposals) > 0) {
        (void)puts("  proposed:");
        print_versions(proposals);
    }
}

static const char *standing_words(const json_t *version)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"counts", "holds"},
        {"proposed", "proposed: its centre may not change this"},
        {"misstep", "no step from what it replaces"},
        {"waits", "waits for what it replaces"},
    };
    const char *standing = json_text(version, "standing");

    if (json_flag(version, "replaced")) {
        return "replaced";
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(standing, rows[i].name) == 0) {
            return rows[i].words;
        }
    }
    return standing;
}

static void print_whole(const json_t *item)
{
    size_t i;
    json_t *version;

    print_item(item);
    (void)puts("all versions:");
    json_array_foreach(json_object_get(item, "all"), i, version)
    {
        print_version(version);
        (void)printf("  %-*s%s%s\n", STATE_COLUMNS, "", standing_words(version),
                     json_flag(version, "lacking") ? "; something it replaces is not here" : "");
    }
}

// An offer that holds, among all that belongs to a request.
static bool take_offer(void *context, const json_t *entry)
{
    size_t *count = context;
    const bool is_offer = strcmp(json_text(entry, "kind"), "offer") == 0 &&
                          strcmp(json_text(entry, "standing"), "counts") == 0 &&
                          !json_flag(entry, "replaced");

    if (is_offer && (*count)++ == 0) {
        (void)puts("offers:");
    }
    if (is_offer) {
        print_version(entry);
    }
    return !ferror(stdout); // the reader of a pipe has gone
}

static enum exit_code print_offers(struct client *client, const char *request)
{
    char path[CLIENT_PATH_MAX];
    size_t count = 0;

    enum exit_code code = client_entry_path("/v1/items/", request, "/timeline", path);
    if (code == EXIT_DONE) {
        const struct call call = {.method = "GET", .path = path};
        code = client_stream(client, &call, take_offer, &count);
    }
    if (code == EXIT_DONE && count == 0) {
        (void)puts("no offers yet");
    }
    return code;
}

static enum exit_code show_whole(struct client *client, const json_t *item)
{
    const char *name = json_text(item, "item");

    print_whole(item);
    return strcmp(json_text(item, "kind"), "request") == 0 && *name != '\0'
               ? print_offers(client, name)
               : EXIT_DONE;
}

// -- commands --

static bool take(void *context, const json_t *item)
{
    struct listing *listing = context;

    if (json_object_get(item, "over") != NULL) { // the last line
        listing->over = json_number(item, "over");
        listing->more = json_number(item, "more");
        return true;
    }
    listing->count++;
    if (listing->is_json) {
        print_json(item);
    } else {
        print_item(item);
    }
    return !ferror(stdout); // the reader of a pipe has gone
}

static enum exit_code make_path(struct client *client, const struct items_wanted *wanted,
                                uint64_t limit, char path[static CLIENT_PATH_MAX])
{
    char prefix[CLIENT_PATH_MAX + 8];
    char query[80];
    enum exit_code code = EXIT_DONE;

    (void)snprintf(query, sizeof query, "&open=%d&conflicting=%d&proposed=%d&limit=%" PRIu64,
                   wanted->is_open, wanted->is_conflicting, wanted->is_proposed, limit);
    if (wanted->incident != NULL) {
        code = client_entry_path("/v1/items?incident=", wanted->incident, query, path);
    } else {
        (void)snprintf(path, CLIENT_PATH_MAX, "/v1/items?%s", query + 1);
    }
    if (code != EXIT_DONE || wanted->kind == NULL) {
        return code;
    }
    (void)snprintf(prefix, sizeof prefix, "%s&kind=", path);
    return client_node_path(client, prefix, wanted->kind, path);
}

static void tell_rest(const struct listing *listing, const char *nothing)
{
    if (listing->more > 0) {
        tell("%" JSON_INTEGER_FORMAT " more %s changed before: --limit shows more.", listing->more,
             listing->more == 1 ? "was" : "were");
    }
    if (listing->over > 0) {
        tell("%" JSON_INTEGER_FORMAT " more %s over: --all shows them, too.", listing->over,
             listing->over == 1 ? "is" : "are");
    } else if (listing->count == 0 && listing->more == 0) {
        tell("%s", nothing);
    }
}

enum exit_code items_list(const struct arguments *arguments, const struct items_wanted *wanted,
                          const char *nothing)
{
    struct listing listing = {.is_json = arguments->is_json};
    const char *typed = arguments_get(arguments, "limit");
    uint64_t limit = ITEMS_LIMIT;

    if (typed != NULL && (!number_read(typed, INT64_MAX, &limit) || limit == 0)) {
        return complain(EXIT_USAGE, "--limit '%s': must be a number, 1 or more", typed);
    }
    struct client *client = client_open(arguments);
    char path[CLIENT_PATH_MAX];

    if (client == NULL) {
        return EXIT_FAILED;
    }
    enum exit_code code = make_path(client, wanted, limit, path);
    if (code == EXIT_DONE) {
        const struct call call = {.method = "GET", .path = path};
        code = arguments->is_json ? client_print_lines(client, path)
                                  : client_stream(client, &call, take, &listing);
    }
    client_close(&client);
    if (code == EXIT_DONE && !arguments->is_json) {
        tell_rest(&listing, nothing);
    }
    return code;
}

enum exit_code command_item_list(const struct arguments *arguments)
{
    const bool is_proposed = arguments_has(arguments, "proposed");
    const struct items_wanted wanted = {.kind = arguments_get(arguments, "kind"),
                                        .is_proposed = is_proposed};

    return items_list(arguments, &wanted,
                      is_proposed ? "Nothing is proposed." : "There is nothing yet.");
}

enum exit_code command_conflicts(const struct arguments *arguments)
{
    const struct items_wanted wanted = {.is_conflicting = true};

    return items_list(arguments, &wanted, "Nothing contradicts anything.");
}

enum exit_code command_item_show(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    const enum exit_code code = client_entry_path("/v1/items/", arguments->operands[0], "", path);

    return code == EXIT_DONE ? client_show_more(arguments, path, show_whole) : code;
}

enum exit_code command_settle(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    const enum exit_code code = client_entry_path("/v1/items/", arguments->operands[0], "", path);
    json_t *body = json_pack("{s:s}", "take", arguments_get(arguments, "take"));

    if (code != EXIT_DONE || body == NULL) {
        json_decref(body);
        return code != EXIT_DONE ? code : complain(EXIT_USAGE, "--take: this is not UTF-8");
    }
    return client_publish(arguments, path, body);
}
