// SPDX-License-Identifier: EUPL-1.2
// sitrep release: opens one entry to another group. What it opens, and that it may, is the node's
// to check; what its author asked for is shown to the person who releases it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/ask.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/groups/groups.h"
#include "sitrep/print.h"

const struct option_spec release_options[] = {
    {"to", "GROUP", "the group that may read it from then on", true},
    {"yes", NULL, "also when its author marked it RED or AMBER+STRICT, without asking", false},
    {NULL, NULL, NULL, false},
};

static enum exit_code fetch(struct client *client, const char *path, struct answer *answer)
{
    const enum exit_code code =
        client_ask(client, &(struct call){.method = "GET", .path = path}, answer);
    return code == EXIT_DONE && answer->json == NULL
               ? complain(EXIT_FAILED, "the node's answer is not understood")
               : code;
}

// A release cannot be taken back, so what its author wanted kept close is asked about.
static enum exit_code ask_author_wish(const struct arguments *arguments, const json_t *entry,
                                      const json_t *group)
{
    const char *handling = json_text(json_object_get(entry, "fields"), "handling");
    if (strcmp(handling, "RED") != 0 && strcmp(handling, "AMBER+STRICT") != 0) {
        return EXIT_DONE;
    }
    char *members = group_list_text(json_object_get(group, "members"));
    tell("%s is marked %s by %s, its author's centre.", json_text(entry, "name"), handling,
         json_text(entry, "centre"));
    tell("Released to %s, it is read by: %s. That cannot be taken back.", json_text(group, "name"),
         members);
    free(members);
    return ask_yes(arguments, "Did its author agree?",
                   "there is no terminal to ask on: give --yes once its author has agreed",
                   "it is not released");
}

static enum exit_code check_author_wish(const struct arguments *arguments, struct client *client,
                                        const char *to)
{
    char path[CLIENT_PATH_MAX];
    struct answer entry = {0};
    struct answer group = {0};
    enum exit_code code = client_entry_path("/v1/entries/", arguments->operands[0], "", path);
    if (code == EXIT_DONE) {
        code = fetch(client, path, &entry);
    }
    if (code == EXIT_DONE) {
        code = group_path(to, path);
    }
    if (code == EXIT_DONE) {
        code = fetch(client, path, &group);
    }
    if (code == EXIT_DONE) {
        code = ask_author_wish(arguments, entry.json, group.json);
    }
    answer_fini(&entry);
    answer_fini(&group);
    return code;
}

static void show_released(const struct arguments *arguments, const json_t *answer)
{
    const char *name = json_text(answer, "name");
    if (arguments->is_json) {
        print_json(answer);
    } else {
        char *opened = group_list_text(json_object_get(answer, "opened_to"));
        print_text(name, BREAKS_ESCAPED);
        (void)putchar('\n');
        tell("%s is open to %s now. Who could not read it before: %s.", arguments->operands[0],
             json_text(answer, "group"), opened);
        free(opened);
    }
    (void)print_flush_published(name);
}

enum exit_code command_release(const struct arguments *arguments)
{
    const char *to = arguments_get(arguments, "to");
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    struct answer answer = {0};
    enum exit_code code = check_author_wish(arguments, client, to);
    if (code == EXIT_DONE) {
        code = client_post(client, "/v1/releases",
                           json_pack("{s:s, s:s}", "entry", arguments->operands[0], "group", to),
                           &answer);
    }
    if (code == EXIT_DONE) {
        show_released(arguments, answer.json);
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}
