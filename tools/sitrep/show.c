// SPDX-License-Identifier: EUPL-1.2
// sitrep show: one entry in full, or its signed bytes for other programs to check.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/alert.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec show_options[] = {
    {"cose", NULL, "write the signed header as COSE_Sign1, or the proof that covers it", false},
    {"hex", NULL, "with --cose: in hexadecimal, for a terminal", false},
    {NULL, NULL, NULL, false},
};

enum { PATH_MAX_LEN = 512 };

static enum exit_code entry_path(const char *name, const char *format,
                                 char out[static PATH_MAX_LEN])
{
    // What names hold needs no escaping in a path; anything else names no entry.
    if (*name == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-./") != strlen(name)) {
        return complain(EXIT_USAGE, "'%s' is no entry's name: be-nccn/12 is one", name);
    }
    const int len = snprintf(out, PATH_MAX_LEN, "/v1/entries/%s%s", name, format);
    return len > 0 && len < PATH_MAX_LEN ? EXIT_DONE
                                         : complain(EXIT_USAGE, "this name is too long");
}

static void show_field(const char *name, const json_t *value)
{
    char label[32];
    (void)terminal_escape(label, sizeof label, name, strlen(name), BREAKS_ESCAPED);
    if (strcmp(name, "cap") == 0 && json_is_object(value)) {
        alert_print(value);
        return;
    }
    if (json_is_string(value)) {
        print_row(label, "%s", json_string_value(value));
        return;
    }
    const char *bytes = json_text(value, "$bytes");
    if (*bytes != '\0') {
        const size_t len = strcspn(bytes, "=");
        print_row(label, "(%zu bytes)", len / 4 * 3 + len % 4 * 3 / 4);
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    print_row(label, "%s", text != NULL ? text : "?");
    free(text);
}

static void show_row_time(const char *label, const char *time)
{
    char local[WHEN_MAX];
    when_local_text(time, local);
    print_row(label, "%s", local);
}

static void show(const json_t *entry)
{
    const char *text = json_text(entry, "text");
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_text(json_text(entry, "name"), BREAKS_ESCAPED);
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    (void)line_print_precedence(entry);
    (void)fputs("  ", stdout);
    print_text(json_flag(entry, "sealed") ? "(sealed for another group)" : json_text(entry, "kind"),
               BREAKS_ESCAPED);
    (void)putchar('\n');
    print_row_node("by", entry);
    show_row_time("written", json_text(entry, "time"));
    show_row_time("arrived here", json_text(entry, "arrived"));
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
        show_field(name, value);
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
    char path[PATH_MAX_LEN];
    enum exit_code code = entry_path(name, "?format=cose", path);
    if (code == EXIT_DONE) {
        code = client_call(client, &(struct call){.method = "GET", .path = path}, answer);
    }
    if (code != EXIT_DONE || answer->status != CONFLICT) {
        return code == EXIT_DONE ? answer_check(answer) : code;
    }
    tell("%s", answer_message(answer));
    tell("What follows is the proof: the headers up to the signed one, and its signature.");
    answer_fini(answer);
    code = entry_path(name, "?format=proof", path);
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
    char path[PATH_MAX_LEN];
    if (arguments_has(arguments, "cose")) {
        return show_signed(arguments);
    }
    if (arguments_has(arguments, "hex")) {
        return complain(EXIT_USAGE, "--hex goes with --cose");
    }
    const enum exit_code code = entry_path(arguments->operands[0], "", path);
    return code == EXIT_DONE ? client_show(arguments, path, show) : code;
}
