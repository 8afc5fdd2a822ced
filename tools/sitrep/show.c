// SPDX-License-Identifier: EUPL-1.2
// sitrep show: one entry in full, or its signed bytes for other programs to check.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/age.h"
#include "sitrep/alert.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/field_words.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec show_options[] = {
    {"cose", NULL, "write the signed header as COSE_Sign1, or the proof that covers it", false},
    {"hex", NULL, "with --cose: in hexadecimal, for a terminal", false},
    {NULL, NULL, NULL, false},
};

// As its kind has it, if that is known.
static const struct field *field_of(const json_t *entry, const char *name)
{
    const char *kind_name = json_text(entry, "kind");
    const struct span key = {(const uint8_t *)name, strlen(name)};
    const struct kind *kind =
        kind_find((struct span){(const uint8_t *)kind_name, strlen(kind_name)});
    const struct field *common = field_find(common_fields, key);

    return kind == NULL || common->name != NULL ? common : field_find(kind->fields, key);
}

static void show_field(const json_t *entry, const char *name, const json_t *value)
{
    char label[32];
    char words[FIELD_WORDS_MAX];

    if (strcmp(name, "cap") == 0 && json_is_object(value)) {
        alert_print(value);
        return;
    }
    (void)terminal_escape(label, sizeof label, name, strlen(name), BREAKS_ESCAPED);
    field_words(field_of(entry, name), value, words);
    print_row(label, "%s", words);
}

static void show_row_time(const char *label, const char *time)
{
    char local[WHEN_MAX];
    when_local_text(time, local);
    print_row(label, "%s", local);
}

static void show_age(const json_t *entry)
{
    char time[WHEN_MAX];

    if (*json_text(entry, "current_until") != '\0') {
        when_local_text(json_text(entry, "current_until"), time);
        print_row(age_is_old(entry, when_now()) ? "old since" : "old from", "%s", time);
    }
}

// For whom it is sealed, unless that is everybody, and why it can or cannot be read here.
static void show_group(const json_t *entry)
{
    const char *group = json_text(entry, "group");
    const char *group_id = json_text(entry, "group_id");
    const char *key = json_text(entry, "key");
    const json_t *released = json_object_get(entry, "released");
    if (*group_id != '\0' && strcmp(group, "all") != 0) {
        print_row("for", "%s", *group != '\0' ? group : group_id);
    }
    if (json_is_object(released)) {
        char time[WHEN_MAX];
        when_local_text(json_text(released, "time"), time);
        print_row("released", "by %s, %s, as %s", json_text(released, "node"), time,
                  json_text(released, "entry"));
    }
    if (!json_flag(entry, "sealed")) {
        return;
    }
    if (strcmp(key, "awaited") == 0) {
        print_row("key", "awaited: this node may read it, and asks its peers for the key");
    } else if (strcmp(key, "closed") == 0) {
        print_row("key", "not for this node: whoever can read it may release it to you");
    } else {
        print_row("key", "of a group, or a change of one, that has not arrived here yet");
    }
}

void show_entry(const json_t *entry)
{
    const char *text = json_text(entry, "text");
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_text(json_text(entry, "name"), BREAKS_ESCAPED);
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    (void)line_print_precedence(entry);
    (void)fputs("  ", stdout);
    if (json_flag(entry, "sealed")) {
        line_print_sealed(entry);
    } else {
        print_text(json_text(entry, "kind"), BREAKS_ESCAPED);
    }
    (void)putchar('\n');
    if (*json_text(entry, "space") != '\0') {
        print_row("space", "EXERCISE %s", json_text(entry, "space"));
    }
    print_row_node("by", entry);
    show_row_time("written", json_text(entry, "time"));
    show_row_time("arrived here", json_text(entry, "arrived"));
    show_age(entry);
    show_group(entry);
    print_row("signature", "%s",
              json_flag(entry, "signed") ? "its own, verified"
                                         : "covered by that of a later entry, verified");
    if (*json_text(entry, "fork") != '\0') {
        print_row("fork", "branch %s: its author signed two entries of this number",
                  json_text(entry, "fork"));
    }
    if (json_flag(entry, "quarantined")) {
        print_row("quarantined",
                  "%s was revoked before this: it counts nowhere, and no other list "
                  "shows it",
                  json_text(entry, "node"));
    }
    if (json_flag(entry, "ahead")) {
        print_row("gap", "entries before this one are still missing");
    }
    print_row("id", "%s", json_text(entry, "id"));
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(entry, "fields"), name, value)
    {
        show_field(entry, name, value);
    }
    if (*text != '\0') {
        (void)putchar('\n');
        print_text(text, BREAKS_KEPT);
        (void)putchar('\n');
    }
}

static void write_bytes(const struct answer *answer, bool is_hex)
{
    if (!is_hex) {
        (void)fwrite(answer->body, 1, answer->len, stdout);
        return;
    }
    for (size_t i = 0; i < answer->len; i++) {
        (void)printf("%02x", answer->body[i]);
    }
    (void)putchar('\n');
}

enum { CONFLICT = 409 }; // HTTP: no signature of its own is held

static enum exit_code fetch_signed(struct client *client, const char *name, struct answer *answer)
{
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_entry_path("/v1/entries/", name, "?format=cose", path);
    if (code == EXIT_DONE) {
        code = client_call(client, &(struct call){.method = "GET", .path = path}, answer);
    }
    if (code != EXIT_DONE || answer->status != CONFLICT) {
        return code == EXIT_DONE ? answer_check(answer) : code;
    }
    tell("%s", answer_message(answer));
    tell("What follows is the proof: the headers up to the signed one, and its signature.");
    answer_fini(answer);
    code = client_entry_path("/v1/entries/", name, "?format=proof", path);
    return code == EXIT_DONE
               ? client_ask(client, &(struct call){.method = "GET", .path = path}, answer)
               : code;
}

static enum exit_code show_signed(const struct arguments *arguments)
{
    const bool is_hex = arguments_has(arguments, "hex");
    if (!is_hex && terminal_is(stdout)) {
        return complain(EXIT_USAGE, "bytes are not for a terminal: send them to a file, or give "
                                    "--hex");
    }
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    struct answer answer = {0};
    const enum exit_code code = fetch_signed(client, arguments->operands[0], &answer);
    if (code == EXIT_DONE) {
        write_bytes(&answer, is_hex);
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

enum exit_code command_show(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    if (arguments_has(arguments, "cose")) {
        return show_signed(arguments);
    }
    if (arguments_has(arguments, "hex")) {
        return complain(EXIT_USAGE, "--hex goes with --cose");
    }
    const enum exit_code code = client_entry_path("/v1/entries/", arguments->operands[0], "", path);
    return code == EXIT_DONE ? client_show(arguments, path, show_entry) : code;
}
