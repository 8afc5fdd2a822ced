// SPDX-License-Identifier: EUPL-1.2
// sitrep group create, add, remove, own, disown and rekey. Whether a change may be made, and the
// keys it brings, are the node's.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/groups/groups.h"
#include "sitrep/print.h"

const struct option_spec group_create_options[] = {
    {"centre", "CODE", "a member; give it once for each, this node's own centre goes without",
     true},
    {"owner", "CODE", "a member who may change the group, too; this node's own centre is one",
     false},
    {"history", NULL, "who is added later may read what was written before", false},
    {NULL, NULL, NULL, false},
};

// Posts `body` and prints the name of the entry that carries the change. *answer is filled when
// all went well.
static enum exit_code post_change(const struct arguments *arguments, const char *path, json_t *body,
                                  struct answer *answer)
{
    struct client *client = client_open(arguments);
    memset(answer, 0, sizeof *answer);
    if (client == NULL) {
        json_decref(body);
        return EXIT_FAILED;
    }
    const enum exit_code code = client_post(client, path, body, answer);
    client_close(&client);
    if (code != EXIT_DONE) {
        return code;
    }
    if (arguments->is_json) {
        print_json(answer->json);
    } else {
        print_text(json_text(answer->json, "entry"), BREAKS_ESCAPED);
        (void)putchar('\n');
    }
    (void)print_flush_published(json_text(answer->json, "entry"));
    return code;
}

static json_t *given_list(const struct arguments *arguments, const char *option)
{
    json_t *list = json_array();
    size_t at = 0;
    for (const char *typed = arguments_next(arguments, option, &at); typed != NULL;
         typed = arguments_next(arguments, option, &at)) {
        json_t *code = json_string(typed);
        (void)json_array_append_new(list, code != NULL ? code : json_string("?"));
    }
    return list;
}

enum exit_code command_group_create(const struct arguments *arguments)
{
    struct answer answer;
    const char *name = arguments->operands[0];
    json_t *body = json_pack(
        "{s:s, s:o, s:o, s:b}", "name", name, "centres", given_list(arguments, "centre"), "owners",
        given_list(arguments, "owner"), "history", arguments_has(arguments, "history"));
    if (body == NULL) {
        return complain(EXIT_USAGE, "the name is not UTF-8");
    }
    const enum exit_code code = post_change(arguments, "/v1/groups", body, &answer);
    if (code == EXIT_DONE && !arguments->is_json) {
        const char *called = json_text(answer.json, "group");
        char *members = group_list_text(json_object_get(answer.json, "members"));
        tell("%s is founded, with %s.", called, members);
        tell("'sitrep publish --group %s KIND TEXT' writes for it.", called);
        free(members);
    }
    answer_fini(&answer);
    return code;
}

// What people should know of a change they have just made.
static void tell_changed(const char *op, const json_t *answer, const char *centre)
{
    const char *group = json_text(answer, "group");
    const bool has_history = json_flag(answer, "history");
    if (strcmp(op, "add") == 0) {
        tell("%s is a member of %s from now on%s.", centre, group,
             has_history ? ", and may read what was written before"
                         : ", and reads nothing that was written before");
    } else if (strcmp(op, "remove") == 0) {
        tell("%s is no member of %s any more, and %s has a new key: what is written from now on is "
             "closed to it. What it has read, it keeps.",
             centre, group, group);
    } else if (strcmp(op, "own") == 0) {
        tell("%s owns %s, too, from now on.", centre, group);
    } else if (strcmp(op, "disown") == 0) {
        tell("%s owns %s no more.", centre, group);
    } else {
        tell("%s has a new key.", group);
    }
}

static enum exit_code change(const struct arguments *arguments, const char *op)
{
    char path[CLIENT_PATH_MAX];
    struct answer answer;
    const char *centre = arguments->operands_count > 1 ? arguments->operands[1] : NULL;
    enum exit_code code = group_path(arguments->operands[0], path);
    if (code != EXIT_DONE) {
        return code;
    }
    json_t *body = centre != NULL ? json_pack("{s:s, s:s}", "op", op, "centre", centre)
                                  : json_pack("{s:s}", "op", op);
    if (body == NULL) {
        return complain(EXIT_USAGE, "the centre's code is not UTF-8");
    }
    code = post_change(arguments, path, body, &answer);
    if (code == EXIT_DONE && !arguments->is_json) {
        tell_changed(op, answer.json, centre != NULL ? centre : "");
    }
    answer_fini(&answer);
    return code;
}

enum exit_code command_group_add(const struct arguments *arguments)
{
    return change(arguments, "add");
}

enum exit_code command_group_remove(const struct arguments *arguments)
{
    return change(arguments, "remove");
}

enum exit_code command_group_own(const struct arguments *arguments)
{
    return change(arguments, "own");
}

enum exit_code command_group_disown(const struct arguments *arguments)
{
    return change(arguments, "disown");
}

enum exit_code command_group_rekey(const struct arguments *arguments)
{
    return change(arguments, "rekey");
}
