// SPDX-License-Identifier: EUPL-1.2
// Where --space makes sense, and what it may name. Whether the node takes part in an exercise of
// that name is the node's to say.
#include "sitrep/space.h"

#include <string.h>

#include "sitrep/exercise.h"
#include "sitrep/print.h"

const char *space_named(const struct arguments *arguments)
{
    const char *name = arguments_get(arguments, "space");
    return name == NULL || strcmp(name, "real") == 0 ? NULL : name;
}

// Whether a command's name is these words, or begins with them.
static bool begins_with(const char *name, const char *words)
{
    const size_t len = strlen(words);
    return strncmp(name, words, len) == 0 && (name[len] == '\0' || name[len] == ' ');
}

static const char *why_shared(const char *command)
{
    static const char roster[] = "the roster is one for the real world and all exercises";
    static const char keys[] = "a node's keys are the same in the real world and all exercises";
    static const struct {
        const char *command;
        const char *reason;
    } rows[] = {
        {"found", "a federation is founded for the real world, and has exercises later"},
        {"admit", roster},
        {"join", roster},
        {"roster", roster},
        {"keys", keys},
        {"link", "a link belongs to the real world and all exercises together"},
        {"exercise", "name the exercise behind the command instead"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (begins_with(command, rows[i].command)) {
            return rows[i].reason;
        }
    }
    return NULL;
}

enum exit_code space_check(const struct arguments *arguments)
{
    const char *name = space_named(arguments);
    const char *reason = why_shared(arguments->command->name);
    if (arguments_has(arguments, "space") && reason != NULL) {
        return complain(EXIT_USAGE, "%s takes no --space: %s", arguments->command->name, reason);
    }
    if (name != NULL && !exercise_name_is_valid(name)) {
        return complain(EXIT_USAGE,
                        "--space '%s': must be real or the name of an exercise, 1 to 32 of a-z, "
                        "0-9 and -, beginning with a letter",
                        name);
    }
    return EXIT_DONE;
}

bool space_is_shared(const char *path)
{
    static const char *const shared[] = {"/v1/roster", "/v1/keys", "/v1/links", "/v1/exercises"};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        if (strncmp(path, shared[i], strlen(shared[i])) == 0) {
            return true;
        }
    }
    return false;
}
