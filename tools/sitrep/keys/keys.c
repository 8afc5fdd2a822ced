// SPDX-License-Identifier: EUPL-1.2
// sitrep keys: this node's keys, and with --all the other nodes' and the authorities'. Asks the
// node, and reads the home where no node answers. Never shows a secret.
#include <stdio.h>
#include <string.h>

#include "json/keyring_text.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec keys_options[] = {
    {"all", NULL, "also the keys of the other nodes and of the authorities", false},
    {NULL, NULL, NULL, false},
};

// Groups of four digits, as people read them to each other.
static void show_fingerprint(const char *label, const json_t *key)
{
    const char *hex = json_text(key, "fingerprint");
    char grouped[96];
    size_t len = 0;
    for (size_t i = 0; hex[i] != '\0' && len + 2 < sizeof grouped; i++) {
        if (i > 0 && i % 4 == 0) {
            grouped[len++] = ' ';
        }
        grouped[len++] = hex[i];
    }
    grouped[len] = '\0';
    print_row(label, "%s", grouped);
}

static void show_since(const json_t *key)
{
    if (json_is_integer(json_object_get(key, "since_version"))) {
        print_row("", "in the roster since version %" JSON_INTEGER_FORMAT,
                  json_number(key, "since_version"));
    } else {
        print_row("", "not in the roster");
    }
}

static void show_expiry(const json_t *key)
{
    char expires[WHEN_MAX];
    if (*json_text(key, "expires") != '\0') {
        when_local_text(json_text(key, "expires"), expires);
        print_row("", "expires %s", expires);
    }
}

static const char *kept_words(const char *kept)
{
    if (strcmp(kept, "none") == 0) {
        return "not wrapped: whoever reads the file has the key";
    }
    return strcmp(kept, "credential") == 0
               ? "wrapped by a passphrase that the service manager hands over"
               : "wrapped by a passphrase";
}

// "of police", "of all members"; by its id where no name is known.
static void show_group(const json_t *key, const json_t *groups)
{
    const char *id = json_text(key, "group");
    const char *name = "";
    size_t index;
    const json_t *group;
    if (json_flag(key, "all_members")) {
        print_row("", "of all members");
        return;
    }
    json_array_foreach(groups, index, group)
    {
        name = strcmp(json_text(group, "id"), id) == 0 ? json_text(group, "name") : name;
    }
    print_row("", "of %s%s", *name != '\0' ? "" : "group ", *name != '\0' ? name : id);
}

static void show_own_of_node(const json_t *key)
{
    if (json_flag(key, "next")) {
        print_row("", "of this node's successor, not yet in use");
    }
    show_since(key);
    show_expiry(key);
}

static void show_own(const json_t *keys, const json_t *groups)
{
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key)
    {
        const bool is_group = strcmp(json_text(key, "kind"), "group") == 0;
        char written[WHEN_MAX];
        when_ago_text(json_text(key, "written"), when_now(), written);
        show_fingerprint(json_text(key, "kind"), key);
        if (is_group) {
            show_group(key, groups);
        } else {
            show_own_of_node(key);
        }
        print_row("", "written %s, %s", written, kept_words(json_text(key, "kept")));
    }
}

// The authorities come first, then each node's keys together.
static void show_others(const json_t *keys)
{
    const char *shown = NULL;
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key)
    {
        const char *node = json_text(key, "node");
        if (shown == NULL || strcmp(shown, node) != 0) {
            (void)printf("\n%s", terminal_colour(stdout, COLOUR_BOLD));
            print_text(*node != '\0' ? node : "authorities", BREAKS_ESCAPED);
            (void)printf("%s%s\n", terminal_colour(stdout, COLOUR_NONE),
                         json_flag(key, "revoked") ? " (revoked)" : "");
            shown = node;
        }
        show_fingerprint(json_text(key, "kind"), key);
        show_since(key);
        show_expiry(key);
    }
}

static enum exit_code read_files(const struct arguments *arguments, json_t **json)
{
    struct home home;
    struct keyring keyring;
    struct text text = {0};
    enum err err = home_open(&home, arguments->home);
    if (err == ERR_OK) {
        err = keyring_load(&home, &keyring);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "%s", *home.why != '\0' ? home.why : err_text(err));
    }
    keyring_write(&keyring, "passphrase", &text);
    keyring_fini(&keyring);
    *json = text.has_failed ? NULL : json_loadb(text.bytes, text.len, 0, NULL);
    text_fini(&text);
    return *json != NULL ? EXIT_DONE : complain(EXIT_FAILED, "no memory is left");
}

// The names of groups, for people; NULL where they are not to be had.
static json_t *read_groups(struct client *client)
{
    const struct call call = {.method = "GET", .path = "/v1/groups"};
    struct answer answer = {0};
    json_t *groups = NULL;
    if (client_call(client, &call, &answer) == EXIT_DONE && answer_code(&answer) == EXIT_DONE) {
        groups = json_incref(json_object_get(answer.json, "groups"));
    }
    answer_fini(&answer);
    return groups;
}

// *groups is the API's list of them, or NULL.
static enum exit_code read_keys(const struct arguments *arguments, json_t **json, json_t **groups)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    client_do_without(client);
    const struct call call = {.method = "GET", .path = "/v1/keys"};
    struct answer answer = {0};
    enum exit_code code = client_ask(client, &call, &answer);
    if (code == EXIT_DONE) {
        *json = json_incref(answer.json);
        code = *json != NULL ? EXIT_DONE
                             : complain(EXIT_FAILED, "the node's answer is not understood");
    }
    if (code == EXIT_DONE && !arguments->is_json) {
        *groups = read_groups(client);
    }
    answer_fini(&answer);
    client_close(&client);
    return code == EXIT_UNREACHABLE ? read_files(arguments, json) : code;
}

enum exit_code command_keys(const struct arguments *arguments)
{
    const bool has_all = arguments_has(arguments, "all");
    json_t *json = NULL;
    json_t *groups = NULL;
    const enum exit_code code = read_keys(arguments, &json, &groups);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!has_all) {
        (void)json_object_del(json, "others");
    }
    if (arguments->is_json) {
        print_json(json);
    } else {
        show_own(json_object_get(json, "own"), groups);
        show_others(json_object_get(json, "others"));
    }
    json_decref(groups);
    json_decref(json);
    return EXIT_DONE;
}
