// SPDX-License-Identifier: EUPL-1.2
// Reads the command line by the tables and prints help from them. What the commands do is not
// known here.
#include "sitrep/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/print.h"
#include "sitrep/space.h"
#include "sitrep/version.h"

static const struct option_spec global_options[] = {
    {"home", "DIR", "the node's home (else $SITREP_HOME, else ~/.local/state/sitrep)", false},
    {"space", "NAME", "an exercise, instead of the real world", false},
    {"json", NULL, "machine-readable output, one JSON object a line", false},
    {"help", NULL, "explain, and do nothing", false},
    {"version", NULL, "print the version, and do nothing", false},
    {NULL, NULL, NULL, false},
};

enum { SPECS_MAX = 64, OPTIONS_SHOWN = 12, NAME_MAX_WORDS = 32 };

// The options one reading of argv goes by: the command's and the global ones.
struct specs {
    const struct option_spec *specs[SPECS_MAX];
    struct option longs[SPECS_MAX + 1];
    int count;
};

static void specs_add(struct specs *specs, const struct option_spec *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        assert(specs->count < SPECS_MAX);
        specs->specs[specs->count] = options;
        specs->longs[specs->count] = (struct option){
            options->name, options->value != NULL ? required_argument : no_argument, NULL, 0};
        specs->count++;
    }
}

static void print_specs(const struct option_spec *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s%s", options->name,
                       options->value != NULL ? " " : "",
                       options->value != NULL ? options->value : "");
        (void)printf("  %-24s %s\n", left, options->help);
    }
}

static void print_command_help(const struct command *command)
{
    int shown = 0;
    (void)printf("usage: sitrep %s", command->name);
    for (const struct option_spec *o = command->options; o != NULL && o->name != NULL; o++) {
        if (!o->is_required && ++shown > OPTIONS_SHOWN) {
            (void)printf(" [...]"); // they stand below
            break;
        }
        const char *open = o->is_required ? "" : "[";
        const char *close = o->is_required ? "" : "]";
        (void)printf(" %s--%s%s%s%s", open, o->name, o->value != NULL ? " " : "",
                     o->value != NULL ? o->value : "", close);
    }
    (void)printf("%s%s\n\n%s\n", *command->operands != '\0' ? " " : "", command->operands,
                 command->summary);
    if (command->options != NULL) {
        (void)printf("\noptions:\n");
        print_specs(command->options);
    }
    (void)printf("\neverywhere:\n");
    print_specs(global_options);
    (void)printf("\nexample:\n  %s\n", command->example);
}

static void print_help(const struct command *commands)
{
    (void)printf("usage: sitrep [--home DIR] [--space NAME] [--json] COMMAND ...\n\n"
                 "Crisis centres share signed, sealed situation reports, peer to peer.\n\n"
                 "what officers write; 'sitrep NOUN --help' lists its verbs:\n");
    officers_print_nouns();
    for (; commands->name != NULL; commands++) {
        if (*commands->name == '\0') {
            (void)printf("\n%s:\n", commands->summary);
        } else {
            (void)printf("  %-16s %s\n", commands->name, commands->summary);
        }
    }
    (void)printf("\noptions:\n");
    print_specs(global_options);
    (void)printf("\nexit codes: 0 done, 1 failed, 2 wrong usage, 3 node not reachable, 4 refused\n"
                 "'sitrep COMMAND --help' explains one command and shows an example.\n");
}

// The command whose words argv begins with; *words says how many they were.
static const struct command *find_command(const struct command *commands, int argc, char **argv,
                                          int *words)
{
    for (; commands->name != NULL; commands++) {
        const char *blank = strchr(commands->name, ' ');
        const size_t first_len =
            blank != NULL ? (size_t)(blank - commands->name) : strlen(commands->name);
        if (first_len == 0 || strncmp(argv[0], commands->name, first_len) != 0 ||
            argv[0][first_len] != '\0') {
            continue;
        }
        *words = blank != NULL ? 2 : 1;
        if (blank == NULL || (argc > 1 && strcmp(argv[1], blank + 1) == 0)) {
            return commands;
        }
    }
    return officers_command(argc, argv, words);
}

// What begins with a noun of the officers, in both tables.
static void print_noun(const struct command *commands, const char *noun)
{
    const size_t len = strlen(noun);
    (void)printf("usage: sitrep %s VERB ...\n\n", noun);
    officers_print_verbs(noun);
    for (; commands->name != NULL; commands++) {
        if (strncmp(commands->name, noun, len) == 0 && commands->name[len] == ' ') {
            char left[64];
            (void)snprintf(left, sizeof left, "%s %s", commands->name, commands->operands);
            (void)printf("  %-36s %s\n", left, commands->summary);
        }
    }
    (void)printf("\n'sitrep %s VERB --help' explains one, with its options and an example.\n",
                 noun);
}

// No verb, or one that it does not have.
static enum exit_code explain_noun(const struct command *commands, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--help") != 0) {
        return complain(EXIT_USAGE, "%s has no '%s': 'sitrep %s --help' lists what there is",
                        argv[0], argv[1], argv[0]);
    }
    print_noun(commands, argv[0]);
    return EXIT_DONE;
}

// "link" alone: says which commands begin with it.
static enum exit_code name_second_words(const struct command *commands, const char *first)
{
    char names[256] = "";
    const size_t first_len = strlen(first);
    size_t len = 0;
    for (; commands->name != NULL && len < sizeof names; commands++) {
        if (strncmp(commands->name, first, first_len) == 0 && commands->name[first_len] == ' ') {
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "",
                                    commands->name);
        }
    }
    return complain(EXIT_USAGE, "'%s' is not a command of its own: there is %s", first, names);
}

// sitrep help [COMMAND], as people type it.
static enum exit_code explain(const struct command *commands, int argc, char **argv)
{
    int words = 0;
    const struct command *command = argc > 0 ? find_command(commands, argc, argv, &words) : NULL;
    if (argc == 0) {
        print_help(commands);
    } else if (command != NULL) {
        print_command_help(command);
    } else if (verb_is_noun(argv[0])) {
        return explain_noun(commands, argc, argv);
    } else {
        return complain(EXIT_USAGE, "'%s' is not a command: see 'sitrep --help'", argv[0]);
    }
    return EXIT_DONE;
}

static enum exit_code keep(struct arguments *arguments, const struct option_spec *spec,
                           const char *value)
{
    if (strcmp(spec->name, "json") == 0) {
        arguments->is_json = true;
        return EXIT_DONE;
    }
    if (arguments->given_count == GIVEN_MAX) {
        return complain(EXIT_USAGE, "more than %d options are given", GIVEN_MAX);
    }
    arguments->given[arguments->given_count].name = spec->name;
    arguments->given[arguments->given_count].value = value;
    arguments->given_count++;
    return EXIT_DONE;
}

static enum exit_code refuse_option(const struct command *command, const char *typed)
{
    if (command == NULL) {
        return complain(EXIT_USAGE, "%s is not an option here: see 'sitrep --help'", typed);
    }
    return complain(EXIT_USAGE,
                    "%s is not an option here: it goes like '%s', see 'sitrep %s --help'", typed,
                    command->example, command->name);
}

// One reading of argv, up to the first operand or to the end (`stop`: "+:" or ":"). The index of
// the first operand is left in optind.
static enum exit_code read_options(struct arguments *arguments, const struct specs *specs, int argc,
                                   char **argv, const char *stop)
{
    opterr = 0;
    optind = 0; // glibc: begin anew
    int index = 0;
    for (;;) {
        // One thread, at the very start.
        const int got =
            getopt_long(argc, argv, stop, specs->longs, &index); // NOLINT(concurrency-*)
        if (got == -1) {
            return EXIT_DONE;
        }
        if (got == ':') {
            return complain(EXIT_USAGE, "%s needs a value", argv[optind - 1]);
        }
        if (got != 0) {
            return refuse_option(arguments->command, argv[optind - 1]);
        }
        const enum exit_code code = keep(arguments, specs->specs[index], optarg);
        if (code != EXIT_DONE) {
            return code;
        }
    }
}

static enum exit_code check_operands(const struct arguments *arguments)
{
    const struct command *command = arguments->command;
    for (const struct option_spec *o = command->options; o != NULL && o->name != NULL; o++) {
        if (o->is_required && !arguments_has(arguments, o->name)) {
            return complain(EXIT_USAGE, "%s needs --%s %s", command->name, o->name, o->value);
        }
    }
    if (arguments->operands_count < command->operands_min) {
        return complain(EXIT_USAGE, "%s needs %s", command->name, command->operands);
    }
    if (arguments->operands_count > command->operands_max) {
        return complain(EXIT_USAGE, "%s does not take '%s': quote a text of several words",
                        command->name, arguments->operands[command->operands_max]);
    }
    return EXIT_DONE;
}

static enum exit_code find_home(struct arguments *arguments)
{
    const char *given = arguments_get(arguments, "home");
    const char *environment = getenv("SITREP_HOME");
    const char *state = getenv("XDG_STATE_HOME");
    const char *user = getenv("HOME");
    int len = 0;
    if (given == NULL && environment != NULL && *environment != '\0') {
        given = environment;
    }
    if (given != NULL) {
        len = snprintf(arguments->home, sizeof arguments->home, "%s", given);
    } else if (state != NULL && *state == '/') {
        len = snprintf(arguments->home, sizeof arguments->home, "%s/sitrep", state);
    } else if (user != NULL && *user != '\0') {
        len = snprintf(arguments->home, sizeof arguments->home, "%s/.local/state/sitrep", user);
    }
    if (len <= 0 || (size_t)len >= sizeof arguments->home) {
        return complain(EXIT_USAGE, "the node's home is not known or too long: give --home DIR");
    }
    return EXIT_DONE;
}

// Whether help or the version was asked for, and was printed.
static bool has_explained(const struct command *commands, const struct arguments *arguments)
{
    if (arguments_has(arguments, "version")) {
        (void)printf("sitrep " SITREP_VERSION "\n");
        return true;
    }
    if (!arguments_has(arguments, "help")) {
        return false;
    }
    if (arguments->command != NULL) {
        print_command_help(arguments->command);
    } else {
        print_help(commands);
    }
    return true;
}

bool options_read(const struct command *commands, int argc, char **argv,
                  struct arguments *arguments, enum exit_code *code)
{
    memset(arguments, 0, sizeof *arguments);
    struct specs specs = {.count = 0};
    specs_add(&specs, global_options);
    *code = read_options(arguments, &specs, argc, argv, "+:");
    if (*code != EXIT_DONE || has_explained(commands, arguments)) {
        return false;
    }
    if (optind >= argc) {
        *code = complain(EXIT_USAGE, "which command? see 'sitrep --help'");
        return false;
    }
    if (strcmp(argv[optind], "help") == 0) {
        *code = explain(commands, argc - optind - 1, argv + optind + 1);
        return false;
    }
    int words = 0;
    char **rest = argv + optind;
    int rest_count = argc - optind;
    arguments->command = find_command(commands, rest_count, rest, &words);
    if (arguments->command == NULL && verb_is_noun(rest[0])) {
        *code = explain_noun(commands, rest_count, rest);
        return false;
    }
    if (arguments->command == NULL) {
        *code = words == 2
                    ? name_second_words(commands, rest[0])
                    : complain(EXIT_USAGE, "'%s' is not a command: see 'sitrep --help'", rest[0]);
        return false;
    }
    specs_add(&specs, arguments->command->options);
    rest += words - 1; // getopt skips the first, as it does the program's name
    rest_count -= words - 1;
    *code = read_options(arguments, &specs, rest_count, rest, ":");
    if (*code != EXIT_DONE || has_explained(commands, arguments)) {
        return false;
    }
    arguments->operands = rest + optind;
    arguments->operands_count = rest_count - optind;
    *code = check_operands(arguments);
    if (*code == EXIT_DONE) {
        *code = space_check(arguments);
    }
    if (*code == EXIT_DONE) {
        *code = find_home(arguments);
    }
    return *code == EXIT_DONE;
}

const char *arguments_next(const struct arguments *arguments, const char *name, size_t *at)
{
    while (*at < arguments->given_count) {
        const size_t i = (*at)++;
        if (strcmp(arguments->given[i].name, name) == 0) {
            return arguments->given[i].value != NULL ? arguments->given[i].value : "";
        }
    }
    return NULL;
}

const char *arguments_get(const struct arguments *arguments, const char *name)
{
    size_t at = 0;
    const char *last = NULL;
    for (const char *value = arguments_next(arguments, name, &at); value != NULL;
         value = arguments_next(arguments, name, &at)) {
        last = value;
    }
    return last;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
    return arguments_get(arguments, name) != NULL;
}
