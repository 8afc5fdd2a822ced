// SPDX-License-Identifier: EUPL-1.2
// Reads what is typed of an entry. Which fields there are is not known here.
#include "sitrep/typed.h"

#include <string.h>

#include "sitrep/input.h"
#include "sitrep/kind.h"
#include "sitrep/print.h"

enum { TEXT_MAX = 1024 * 1024 };

enum exit_code typed_field(const char *option, const char *typed, json_t *fields)
{
    const char *equals = strchr(typed, '=');
    if (equals == NULL || equals == typed) {
        return complain(EXIT_USAGE, "--%s '%s': must be NAME=VALUE or NAME:=JSON", option, typed);
    }
    const bool is_json = equals[-1] == ':';
    const size_t len = (size_t)(equals - typed) - (is_json ? 1 : 0);
    char name[64];
    if (len == 0 || len >= sizeof name) {
        return complain(EXIT_USAGE, "--%s '%s': the name must have 1 to 63 bytes", option, typed);
    }
    memcpy(name, typed, len);
    name[len] = '\0';
    if (json_object_get(fields, name) != NULL) {
        return complain(EXIT_USAGE, "--%s %s is given twice", option, name);
    }
    json_t *value = NULL;
    if (is_json) {
        json_error_t error;
        value = json_loads(equals + 1, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        if (value == NULL) {
            return complain(EXIT_USAGE, "--%s %s: this is not JSON: %s", option, name,
                            json_why(&error));
        }
    } else {
        value = json_string(equals + 1);
    }
    if (value == NULL || json_object_set_new(fields, name, value) != 0) {
        return complain(EXIT_USAGE, "--%s %s: this is not UTF-8", option, name);
    }
    return EXIT_DONE;
}

json_t *typed_text(const char *typed)
{
    struct input input = {NULL, 0};

    if (strcmp(typed, "-") == 0) {
        if (input_read(&input, "-", TEXT_MAX) != EXIT_DONE) {
            return NULL;
        }
        // The end of the last line is the pipe's, not the text's.
        while (input.len > 0 && input.bytes[input.len - 1] == '\n') {
            input.bytes[--input.len] = '\0';
        }
    }
    json_t *json = input.bytes != NULL ? json_stringn((const char *)input.bytes, input.len)
                                       : json_string(typed);
    input_fini(&input);
    if (json == NULL) {
        (void)complain(EXIT_USAGE, "the text is not UTF-8");
    }
    return json;
}

enum exit_code typed_precedence(const struct arguments *arguments, json_t *entry)
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

enum exit_code typed_group(const struct arguments *arguments, json_t *entry)
{
    const char *group = arguments_get(arguments, "group");
    return group == NULL || json_object_set_new(entry, "group", json_string(group)) == 0
               ? EXIT_DONE
               : complain(EXIT_USAGE, "the group's name is not UTF-8");
}

void typed_kind(const struct arguments *arguments)
{
    const char *kind = arguments_get(arguments, "kind");

    if (kind != NULL && kind_find((struct span){(const uint8_t *)kind, strlen(kind)}) == NULL) {
        tell("No kind '%s' is known here: 'sitrep kinds' lists those that are.", kind);
    }
}
