// SPDX-License-Identifier: EUPL-1.2
// sitrep new: what arrived since a moment, an entry, or the last time this centre handed over; by
// what it is about.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/kind.h"
#include "sitrep/line.h"
#include "sitrep/officers/collect.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec new_options[] = {
    {"since", "T", "a moment (2h, HH:MM, RFC 3339), an entry, or handover (as it is without)",
     false},
    {NULL, NULL, NULL, false},
};

enum { HOURS_WITHOUT = 12 }; // what is told where nobody has handed over yet

static void after_entry(const json_t *entry, char path[static CLIENT_PATH_MAX])
{
    (void)snprintf(path, CLIENT_PATH_MAX, "/v1/entries?after=%" JSON_INTEGER_FORMAT,
                   json_number(entry, "arrival"));
}

static void after_moment(int64_t ms, char path[static CLIENT_PATH_MAX])
{
    char moment[WHEN_MAX];

    when_rfc3339(ms, moment);
    (void)snprintf(path, CLIENT_PATH_MAX, "/v1/entries?since=%s", moment);
}

static enum exit_code since_entry(struct client *client, const char *name,
                                  char path[static CLIENT_PATH_MAX])
{
    enum exit_code code = client_entry_path("/v1/entries/", name, "", path);
    json_t *entry = code == EXIT_DONE ? collect_one(client, path, &code) : NULL;

    if (entry != NULL) {
        after_entry(entry, path);
    }
    json_decref(entry);
    return code;
}

static enum exit_code since_handover(struct client *client, bool is_json,
                                     char path[static CLIENT_PATH_MAX])
{
    enum exit_code code = EXIT_DONE;
    json_t *last = collect_last_own(client, "handover", &code);

    if (last != NULL) {
        char moment[WHEN_MAX];
        after_entry(last, path);
        when_local_text(json_text(last, "arrived"), moment);
        if (!is_json) {
            tell("Since %s, when this centre handed over (%s):", moment, json_text(last, "name"));
        }
    } else if (code == EXIT_DONE) {
        after_moment(when_now() - (int64_t)HOURS_WITHOUT * 3600000, path);
        if (!is_json) {
            tell("This centre has not handed over yet. In the last %d hours:", HOURS_WITHOUT);
        }
    }
    json_decref(last);
    return code;
}

static enum exit_code find_path(struct client *client, const struct arguments *arguments,
                                char path[static CLIENT_PATH_MAX])
{
    const char *since = arguments_get(arguments, "since");
    int64_t ms = 0;

    if (since == NULL || strcmp(since, "handover") == 0) {
        return since_handover(client, arguments->is_json, path);
    }
    if (strchr(since, '/') != NULL) {
        return since_entry(client, since, path);
    }
    if (!when_typed(since, when_now(), &ms) || ms < 0) {
        return complain(EXIT_USAGE,
                        "--since '%s': must be like 2h, 30m, 14:30, 2026-03-01T14:30:00+01:00, "
                        "be-nccn/12, or handover",
                        since);
    }
    after_moment(ms, path);
    return EXIT_DONE;
}

// What the entry is about: the item it changes or begins; "" of what stands alone.
static const char *item_of(const json_t *entry)
{
    const char *name = json_text(entry, "kind");
    const struct kind *kind = kind_find((struct span){(const uint8_t *)name, strlen(name)});
    const char *item = json_text(json_object_get(entry, "fields"), "item");

    if (kind == NULL || kind->merge != MERGE_VERSIONS) {
        return "";
    }
    return *item != '\0' ? item : json_text(entry, "name");
}

// Of `groups`; `index` has them by item.
static json_t *find_group(json_t *groups, json_t *index, const char *item)
{
    json_t *group = json_object_get(index, item);

    if (group == NULL) {
        group = json_pack("{s:s, s:[]}", "item", item, "entries");
        if (group == NULL || json_array_append_new(groups, group) != 0 ||
            json_object_set(index, item, group) != 0) {
            abort();
        }
    }
    return group;
}

// {"item", "entries"} in the order of what came first. Receipts nobody has written.
static json_t *group_by_item(const json_t *entries)
{
    json_t *groups = json_array();
    json_t *index = json_object();
    size_t i;
    json_t *entry;

    json_array_foreach(entries, i, entry)
    {
        if (strcmp(json_text(entry, "kind"), "receipt") != 0) {
            json_t *group = find_group(groups, index, item_of(entry));
            (void)json_array_append(json_object_get(group, "entries"), entry);
        }
    }
    json_decref(index);
    return groups;
}

static void print_group(const json_t *group)
{
    const json_t *entries = json_object_get(group, "entries");
    const char *item = json_text(group, "item");
    size_t i;
    json_t *entry;

    print_text(*item != '\0' ? item : "besides", BREAKS_ESCAPED);
    if (*item != '\0') {
        (void)fputs("  ", stdout);
        print_text(json_text(json_array_get(entries, 0), "kind"), BREAKS_ESCAPED);
    }
    (void)putchar('\n');
    json_array_foreach(entries, i, entry)
    {
        (void)fputs("  ", stdout);
        line_print(entry);
    }
}

static void print_groups(const json_t *groups, bool is_json)
{
    size_t i;
    json_t *group;

    json_array_foreach(groups, i, group)
    {
        if (is_json) {
            print_json(group);
        } else {
            print_group(group);
        }
    }
    if (json_array_size(groups) == 0 && !is_json) {
        tell("Nothing is new.");
    }
}

enum exit_code command_new(const struct arguments *arguments)
{
    struct client *client = client_open(arguments);
    char path[CLIENT_PATH_MAX];

    if (client == NULL) {
        return EXIT_FAILED;
    }
    enum exit_code code = find_path(client, arguments, path);
    json_t *entries = code == EXIT_DONE ? collect(client, path, &code) : NULL;
    if (entries != NULL) {
        json_t *groups = group_by_item(entries);
        print_groups(groups, arguments->is_json);
        json_decref(groups);
    }
    json_decref(entries);
    client_close(&client);
    return code;
}
