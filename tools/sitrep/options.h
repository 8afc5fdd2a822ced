// SPDX-License-Identifier: EUPL-1.2
// What was typed: the tables of commands and options, and reading arguments by them.
#ifndef SITREP_OPTIONS_H
#define SITREP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3, // the node does not answer
    EXIT_REFUSED = 4      // the node, or a rule, says no
};

struct option_spec {
    const char *name;  // without --
    const char *value; // how the help calls its value; NULL for a switch
    const char *help;
    bool is_required;
};

struct arguments;

struct command {
    const char *name; // one or two words, which stand before the first alone; "": `summary` is the
                      // heading of those that follow in the help, and the rest is not there
    const char *operands; // as the help shows them
    int operands_min;
    int operands_max;
    const char *summary;
    const char *example;
    const struct option_spec *options; // up to one without a name; NULL for none
    enum exit_code (*run)(const struct arguments *arguments);
};

enum { GIVEN_MAX = 256, HOME_PATH_MAX = 3072 };

struct arguments {
    const struct command *command;
    char home[HOME_PATH_MAX];
    bool is_json;
    struct {
        const char *name; // the spec's own
        const char *value;
    } given[GIVEN_MAX];
    size_t given_count;
    char **operands;
    int operands_count;
};

// Reads argv by `commands` (up to one without a name). True when a command is to be run; else
// *code is what to exit with: help or the version was printed, or a complaint.
bool options_read(const struct command *commands, int argc, char **argv,
                  struct arguments *arguments, enum exit_code *code);

bool arguments_has(const struct arguments *arguments, const char *name);
// The value given last, or NULL.
const char *arguments_get(const struct arguments *arguments, const char *name);
// The values of an option given several times, in order; *at begins at 0. NULL after the last.
const char *arguments_next(const struct arguments *arguments, const char *name, size_t *at);

#endif
