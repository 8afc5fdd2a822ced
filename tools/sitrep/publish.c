// SPDX-License-Identifier: EUPL-1.2
// sitrep publish: one entry from the command line. Many from a file are lines.c's.
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/input.h"
#include "sitrep/lines.h"
#include "sitrep/print.h"

const struct option_spec publish_options[] = {
    {"precedence", "P", "routine (as it is without), priority, immediate or flash", false},
    {"group", "NAME", "readable for this group alone (else for all members)", false},
    {"field", "NAME=VALUE", "a field of text; NAME:=JSON for numbers, lists and objects", false},
    {"lines", "FILE", "many entries, a JSON object a line; - reads standard input", false},
    {NULL, NULL, NULL, false},
};

enum { TEXT_MAX = 1024 * 1024 };

// NAME=VALUE or NAME:=JSON into `fields`.
static enum exit_code add_field(json_t *fields, const char *typed)
{
    const char *equals = strchr(typed, '=');
    if (equals == NULL || equals == typed) {
        return complain(EXIT_USAGE, "--field '%s': must be NAME=VALUE or NAME:=JSON", typed);
    }
    const bool is_json = equals[-1] == ':';
    const size_t len = (size_t)(equals - typed) - (is_json ? 1 : 0);
    char name[64];
    if (len == 0 || len >= sizeof name) {
        return complain(EXIT_USAGE, "--field '%s': the name must have 1 to 63 bytes", typed);
    }
    memcpy(name, typed, len);
    name[len] = '\0';
    if (json_object_get(fields, name) != NULL) {
        return complain(EXIT_USAGE, "--field %s is given twice", name);
    }
    json_t *value = NULL;
    if (is_json) {
        json_error_t error;
        value = json_loads(equals + 1, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        if (value == NULL) {
            return complain(EXIT_USAGE, "--field %s: this is not JSON: %s", name, json_why(&error));
        }
    } else {
        value = json_string(equals + 1);
    }
    if (value == NULL || json_object_set_new(fields, name, value) != 0) {
        return complain(EXIT_USAGE, "--field %s: this is not UTF-8", name);
    }
    return EXIT_DONE;
}

static enum exit_code read_fields(const struct arguments *arguments, json_t *entry)
{
    json_t *fields = json_object();
    size_t at = 0;
    enum exit_code code = EXIT_DONE;
    for (const char *typed = arguments_next(arguments, "field", &at);
         typed != NULL && code == EXIT_DONE; typed = arguments_next(arguments, "field", &at)) {
        code = add_field(fields, typed);
    }
    if (code == EXIT_DONE && json_object_size(fields) > 0) {
        (void)json_object_set(entry, "fields", fields);
    }
    json_decref(fields);
    return code;
}

static enum exit_code read_text(const struct arguments *arguments, json_t *entry)
{
    if (arguments->operands_count < 2) {
        return EXIT_DONE;
    }
    struct input input = {NULL, 0};
    const char *text = arguments->operands[1];
    if (strcmp(text, "-") == 0) {
        const enum exit_code code = input_read(&input, "-", TEXT_MAX);
        if (code != EXIT_DONE) {
            return code;
        }
        // The end of the last line is the pipe's, not the text's.
        while (input.len > 0 && input.bytes[input.len - 1] == '\n') {
            input.bytes[--input.len] = '\0';
        }
        text = (const char *)input.bytes;
    }
    json_t *json = input.bytes != NULL ? json_stringn(text, input.len) : json_string(text);
    input_fini(&input);
    if (json == NULL || json_object_set_new(entry, "text", json) != 0) {
        return complain(EXIT_USAGE, "the text is not UTF-8");
    }
    return EXIT_DONE;
}

// Whatever case it is typed in.
static enum exit_code read_precedence(const struct arguments *arguments, json_t *entry)
{
    static const char *const names[] = {"routine", "priority", "immediate", "flash"};
    const char *typed = arguments_get(arguments, "precedence");
    if (typed == NULL) {
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(typed, names[i]) == 0) {
            (void)json_object_set_new(entry, "precedence", json_string(names[i]));
            return EXIT_DONE;
        }
    }
    return complain(EXIT_USAGE, "--precedence '%s': must be routine, priority, immediate or flash",
                    typed);
}

static enum exit_code read_group(const struct arguments *arguments, json_t *entry)
{
    const char *group = arguments_get(arguments, "group");
    return group == NULL || json_object_set_new(entry, "group", json_string(group)) == 0
               ? EXIT_DONE
               : complain(EXIT_USAGE, "the group's name is not UTF-8");
}

// Most likely a forgotten '-': an entry that says nothing helps nobody.
static enum exit_code check_says_something(const json_t *entry)
{
    if (*json_text(entry, "text") == '\0' && json_object_get(entry, "fields") == NULL) {
        return complain(EXIT_USAGE, "there is nothing to publish: give TEXT, - to read it from "
                                    "standard input, or --field");
    }
    return EXIT_DONE;
}

enum exit_code command_publish(const struct arguments *arguments)
{
    const char *lines = arguments_get(arguments, "lines");
    if (lines != NULL) {
        if (arguments->operands_count > 0 || arguments_has(arguments, "field") ||
            arguments_has(arguments, "precedence")) {
            return complain(EXIT_USAGE, "with --lines, kind and fields stand in the lines");
        }
        return lines_publish(arguments, lines);
    }
    if (arguments->operands_count == 0) {
        return complain(EXIT_USAGE, "publish needs KIND: see 'sitrep publish --help'");
    }
    json_t *entry = json_object();
    enum exit_code code = EXIT_DONE;
    if (json_object_set_new(entry, "kind", json_string(arguments->operands[0])) != 0) {
        code = complain(EXIT_USAGE, "the kind is not UTF-8");
    }
    if (code == EXIT_DONE) {
        code = read_precedence(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = read_group(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = read_fields(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = read_text(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = check_says_something(entry);
    }
    if (code == EXIT_DONE) {
        code = client_publish(arguments, "/v1/entries", json_incref(entry));
    }
    json_decref(entry);
    return code;
}
