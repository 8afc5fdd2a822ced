// SPDX-License-Identifier: EUPL-1.2
// sitrep exercise create, list, end and purge. What is in an exercise is shown by the other
// commands, with --space.
#include <stdio.h>
#include <string.h>

#include "sitrep/ask.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec exercise_purge_options[] = {
    {"yes", NULL, "do not ask", false},
    {NULL, NULL, NULL, false},
};

static const char *entries_word(json_int_t count)
{
    return count == 1 ? "entry" : "entries";
}

static void show_held(const json_t *exercise)
{
    const json_t *end = json_object_get(exercise, "ended");
    const json_int_t peers = json_number(exercise, "peers");
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_text(json_text(exercise, "name"), BREAKS_ESCAPED);
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    (void)putchar('\n');
    print_row("  holds", "%" JSON_INTEGER_FORMAT " %s, %" JSON_INTEGER_FORMAT " KiB of disk",
              json_number(exercise, "entries"), entries_word(json_number(exercise, "entries")),
              json_number(exercise, "bytes_used") / 1024);
    print_row("  peers", "%" JSON_INTEGER_FORMAT " heard in it within the last minute", peers);
    if (json_is_object(end)) {
        char time[WHEN_MAX];
        when_local_text(json_text(end, "time"), time);
        print_row("  ended", "%s, by %s", time, json_text(end, "by"));
    } else {
        print_row("  ended", "no");
    }
}

static void show_unknown(const json_t *unknown)
{
    char heard[WHEN_MAX];
    when_ago_text(json_text(unknown, "last_heard"), when_now(), heard);
    tell("%s takes part in an exercise that this node knows nothing of (%s): ask there for its "
         "name, or leave it be.",
         json_text(unknown, "peer"), heard);
}

static void show(const json_t *json)
{
    const json_t *held = json_object_get(json, "exercises");
    size_t index;
    json_t *item;
    json_array_foreach(held, index, item)
    {
        show_held(item);
    }
    if (json_array_size(held) == 0) {
        tell("This node takes part in no exercise: begin one with 'sitrep exercise create NAME'.");
    }
    json_array_foreach(json_object_get(json, "unknown"), index, item)
    {
        show_unknown(item);
    }
}

enum exit_code command_exercise_list(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/exercises", show);
}

// Posts to the exercise's own page, or where `action` is NULL to that of all.
static enum exit_code order(const struct arguments *arguments, const char *action)
{
    const char *name = arguments->operands[0];
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    char path[CLIENT_PATH_MAX] = "/v1/exercises";
    struct answer answer = {0};
    enum exit_code code = EXIT_DONE;
    if (action != NULL) {
        code = client_node_path(client, "/v1/exercises/", name, path);
    }
    if (code == EXIT_DONE) {
        const char *key = action != NULL ? "action" : "name";
        json_t *body = json_pack("{s:s}", key, action != NULL ? action : name);
        code = client_post(client, path, body, &answer);
    }
    if (code == EXIT_DONE && arguments->is_json) {
        print_json(answer.json);
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

enum exit_code command_exercise_create(const struct arguments *arguments)
{
    const enum exit_code code = order(arguments, NULL);
    if (code == EXIT_DONE && !arguments->is_json) {
        tell("This node takes part in the exercise %s: give the other commands --space %s.",
             arguments->operands[0], arguments->operands[0]);
    }
    return code;
}

enum exit_code command_exercise_end(const struct arguments *arguments)
{
    const enum exit_code code = order(arguments, "end");
    if (code == EXIT_DONE && !arguments->is_json) {
        tell("The exercise %s has ended: nobody who learns of it publishes in it any longer.",
             arguments->operands[0]);
    }
    return code;
}

// The exercise of that name, out of what the node says it holds; NULL when there is none.
static const json_t *find_held(const struct answer *answer, const char *name)
{
    size_t index;
    json_t *exercise;
    json_array_foreach(json_object_get(answer->json, "exercises"), index, exercise)
    {
        if (strcmp(json_text(exercise, "name"), name) == 0) {
            return exercise;
        }
    }
    return NULL;
}

static enum exit_code ask_held(const struct arguments *arguments, struct answer *answer)
{
    static const struct call call = {.method = "GET", .path = "/v1/exercises"};
    struct client *client = client_open(arguments);
    const enum exit_code code = client != NULL ? client_ask(client, &call, answer) : EXIT_FAILED;
    client_close(&client);
    return code;
}

static enum exit_code ask_whether_to_purge(const struct arguments *arguments, const json_t *held)
{
    const json_int_t entries = json_number(held, "entries");
    tell("This deletes from this node all that was written in the exercise %s, "
         "%" JSON_INTEGER_FORMAT " %s. Other nodes keep what they hold. This node cannot take "
         "part in an exercise of that name again.",
         arguments->operands[0], entries, entries_word(entries));
    return ask_yes(arguments, "Delete it?", "give --yes to delete it", "nothing was deleted");
}

enum exit_code command_exercise_purge(const struct arguments *arguments)
{
    struct answer answer = {0};
    enum exit_code code = ask_held(arguments, &answer);
    const json_t *held = code == EXIT_DONE ? find_held(&answer, arguments->operands[0]) : NULL;
    if (held != NULL) { // or else the node says what is wrong with the name
        code = ask_whether_to_purge(arguments, held);
    }
    answer_fini(&answer);
    if (code == EXIT_DONE) {
        code = order(arguments, "purge");
    }
    if (code == EXIT_DONE && !arguments->is_json) {
        tell("The exercise %s is gone from this node.", arguments->operands[0]);
    }
    return code;
}
