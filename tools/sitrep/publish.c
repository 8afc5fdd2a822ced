// SPDX-License-Identifier: EUPL-1.2
// sitrep publish: one entry from the command line. Many from a file are lines.c's.
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/lines.h"
#include "sitrep/print.h"
#include "sitrep/typed.h"

const struct option_spec publish_options[] = {
    {"precedence", "P", "routine (as it is without), priority, immediate or flash", false},
    {"group", "NAME", "readable for this group alone (else for all members)", false},
    {"field", "NAME=VALUE", "a field of text; NAME:=JSON for numbers, lists and objects", false},
    {"lines", "FILE", "many entries, a JSON object a line; - reads standard input", false},
    {NULL, NULL, NULL, false},
};

static enum exit_code read_fields(const struct arguments *arguments, json_t *entry)
{
    json_t *fields = json_object();
    size_t at = 0;
    enum exit_code code = EXIT_DONE;
    for (const char *typed = arguments_next(arguments, "field", &at);
         typed != NULL && code == EXIT_DONE; typed = arguments_next(arguments, "field", &at)) {
        code = typed_field("field", typed, fields);
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
    json_t *text = typed_text(arguments->operands[1]);
    return text != NULL && json_object_set_new(entry, "text", text) == 0 ? EXIT_DONE : EXIT_USAGE;
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
        code = typed_precedence(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = typed_group(arguments, entry);
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
