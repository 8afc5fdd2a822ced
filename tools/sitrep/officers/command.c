// SPDX-License-Identifier: EUPL-1.2
// Makes a command of a verb: its operands and options out of the fields of its kind. What it does
// is write.c's, list.c's and others'.
#include "sitrep/command.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/content.h"
#include "sitrep/officers/fields.h"
#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/print.h"

enum {
    NAME_SIZE = 48,
    EXAMPLE_SIZE = 192,
    OPERANDS_SIZE = 64,
    HELP_SIZE = 400,
    RULE_SIZE = 200,
    OPTIONS_MAX = 52
};

struct made {
    struct command command; // first, so that it leads to the rest
    const struct verb *verb;
    char name[NAME_SIZE], example[EXAMPLE_SIZE], operands[OPERANDS_SIZE];
    struct option_spec options[OPTIONS_MAX + 1];
    char names[OPTIONS_MAX][OPTION_NAME_SIZE];
    char helps[OPTIONS_MAX][HELP_SIZE];
    size_t options_count;
};

// -- operands --

// The next of the verb's operands as a field; NULL behind the last.
static const struct field *next_operand(const struct verb *verb, const char **at)
{
    const size_t len = strcspn(*at, " ");

    if (len == 0) {
        return NULL;
    }
    const struct field *field = field_named(verb_kind(verb), *at, len);
    assert(field != NULL);
    *at += len + ((*at)[len] == ' ');
    return field;
}

static bool is_operand(const struct verb *verb, const struct field *field)
{
    const char *at = verb->operands != NULL ? verb->operands : "";

    for (const struct field *one = next_operand(verb, &at); one != NULL;
         one = next_operand(verb, &at)) {
        if (one == field) {
            return true;
        }
    }
    return false;
}

// "REF", "INTO" of merged_into, "TEXT|-".
static void name_operand(const struct field *field, bool is_first, char out[static NAME_SIZE])
{
    const char *tail = strrchr(field->name, '_');
    const bool is_ref = field->type == VALUE_REF && is_first;

    (void)snprintf(out, NAME_SIZE, "%s%s",
                   is_ref         ? "ref"
                   : tail != NULL ? tail + 1
                                  : field->name,
                   field->type == VALUE_TEXT ? "|-" : "");
    for (char *letter = out; *letter != '\0'; letter++) {
        *letter = (char)toupper((unsigned char)*letter);
    }
}

static void make_operands(struct made *made)
{
    const struct verb *verb = made->verb;
    struct command *command = &made->command;
    const bool is_of_one = verb->act == VERB_CHANGE || verb->act == VERB_SHOW;
    const char *of = is_of_one ? "REF" : verb->of;
    const char *at = verb->operands != NULL ? verb->operands : "";
    size_t len = (size_t)snprintf(made->operands, OPERANDS_SIZE, "%s", of != NULL ? of : "");

    command->operands_min = of != NULL ? 1 : 0;
    command->operands_max = command->operands_min;
    for (const struct field *field = next_operand(verb, &at); field != NULL;
         field = next_operand(verb, &at)) {
        const bool is_needed = field_is_needed(verb, field);
        char name[NAME_SIZE];
        name_operand(field, command->operands_max == 0, name);
        command->operands_max++;
        command->operands_min += is_needed ? 1 : 0;
        len +=
            (size_t)snprintf(made->operands + len, OPERANDS_SIZE - len, "%s%s%s%s",
                             len == 0 ? "" : " ", is_needed ? "" : "[", name, is_needed ? "" : "]");
        assert(len < OPERANDS_SIZE);
    }
    command->operands = made->operands;
}

// -- options --

static void add_option(struct made *made, struct option_spec spec)
{
    assert(made->options_count < OPTIONS_MAX);
    made->options[made->options_count++] = spec;
}

// What may be typed: where people may say more, or less, than the field's own rule has.
static void say_rule(const struct field *field, char out[static RULE_SIZE])
{
    if (field->type == VALUE_TIME) {
        (void)snprintf(out, RULE_SIZE, "%s", FIELD_TIME_RULE);
    } else if (field->type == VALUE_PARTS) {
        (void)snprintf(out, RULE_SIZE, "its name; with --set also its other parts");
    } else if (field->type == VALUE_TEXTS) {
        (void)snprintf(out, RULE_SIZE, "once for each language, all of them");
    } else {
        field_rule(field, out, RULE_SIZE);
    }
}

static void add_field(struct made *made, const struct kind *kind, const struct field *field)
{
    const struct verb *verb = made->verb;
    const bool is_preset = verb->preset != NULL && strcmp(verb->preset, field->name) == 0;
    char *name = made->names[made->options_count];
    char *help = made->helps[made->options_count];
    char rule[RULE_SIZE];

    field_option(kind, field, name);
    say_rule(field, rule);
    (void)snprintf(help, HELP_SIZE, "%s%s%s%s%s%s", field->about, *field->about == '\0' ? "" : ": ",
                   rule, is_preset ? " (" : "", is_preset ? verb->preset_value : "",
                   is_preset ? " when not given)" : "");
    add_option(made, (struct option_spec){name, field_value_name(field), help,
                                          field_is_needed(verb, field)});
}

// What is needed first, then what the kind has, then what all have.
static void add_fields(struct made *made, const struct kind *kind, bool is_common, bool is_needed)
{
    const struct field *field = is_common ? common_fields : kind->fields;

    for (; field->name != NULL; field++) {
        if (field_is_typed(field) && !is_operand(made->verb, field) &&
            field_is_needed(made->verb, field) == is_needed) {
            add_field(made, kind, field);
        }
    }
}

// In which states it may begin, where there is a choice.
static void add_state(struct made *made, const struct kind *kind)
{
    char *help = made->helps[made->options_count];
    size_t len = 0;
    size_t choices = 0;

    for (size_t i = 0; i < kind_states_count(kind); i++) {
        if ((kind->states_begin >> i & 1) != 0) {
            len += (size_t)snprintf(help + len, HELP_SIZE - len, "%s%s", choices == 0 ? "" : " or ",
                                    kind->states[i]);
            choices++;
        }
    }
    if (choices > 1) {
        add_option(made, (struct option_spec){"state", "WORD", help, false});
    }
}

static void make_options(struct made *made)
{
    static const struct option_spec precedence = {"precedence", "P",
                                                  "routine, priority, immediate or flash", false};
    static const struct option_spec group = {
        "group", "NAME", "readable for this group alone (else for all members)", false};
    static const struct option_spec set = {
        "set", "NAME:=JSON", "a field with parts, or one that is not listed here", false};
    static const struct option_spec set_anew = {
        "set", "NAME:=JSON",
        "a field with parts, or one that is not listed here. What is not given stays; '' or null "
        "takes a field away; a list is given "
        "whole",
        false};
    const struct kind *kind = verb_kind(made->verb);

    const struct option_spec *others = made->verb->options;

    add_fields(made, kind, false, true);
    for (; others != NULL && others->name != NULL; others++) {
        add_option(made, *others);
    }
    add_fields(made, kind, false, false);
    add_option(made, precedence);
    if (made->verb->act == VERB_BEGIN) {
        add_option(made, group);
        add_state(made, kind);
    }
    add_fields(made, kind, true, false);
    add_option(made, made->verb->act == VERB_BEGIN ? set : set_anew);
    made->options[made->options_count] = (struct option_spec){NULL, NULL, NULL, false};
    made->command.options = made->options;
}

// -- commands --

static void make_act(struct made *made)
{
    struct command *command = &made->command;
    const bool has_versions = verb_kind(made->verb)->merge == MERGE_VERSIONS;

    switch (made->verb->act) {
    case VERB_BEGIN:
        make_options(made);
        command->run = made->verb->run != NULL ? made->verb->run : command_begin;
        return;
    case VERB_CHANGE:
        make_options(made);
        command->run = command_change;
        return;
    case VERB_LIST:
        command->options = has_versions ? list_options : entries_options;
        command->run = has_versions ? command_list : command_entries;
        return;
    case VERB_SHOW:
        command->run = command_item_show;
        return;
    case VERB_OTHER:
        command->options = made->verb->options;
        command->run = made->verb->run;
        break;
    }
}

static const struct command *make(const struct verb *verb)
{
    static struct made made; // one command a run
    const bool has_name = verb->name != NULL;

    memset(&made, 0, sizeof made);
    made.verb = verb;
    (void)snprintf(made.name, NAME_SIZE, "%s%s%s", verb->noun, has_name ? " " : "",
                   has_name ? verb->name : "");
    (void)snprintf(made.example, EXAMPLE_SIZE, "sitrep %s%s%s", made.name,
                   *verb->example == '\0' ? "" : " ", verb->example);
    made.command.name = made.name;
    made.command.summary = verb->summary;
    made.command.example = made.example;
    make_operands(&made);
    make_act(&made);
    return &made.command;
}

const struct command *officers_command(int argc, char **argv, int *words)
{
    const struct verb *alone = NULL;

    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        if (strcmp(verb->noun, argv[0]) != 0) {
            continue;
        }
        if (verb->name == NULL) {
            alone = verb;
        } else if (argc > 1 && strcmp(verb->name, argv[1]) == 0) {
            *words = 2;
            return make(verb);
        }
    }
    *words = alone != NULL ? 1 : *words;
    return alone != NULL ? make(alone) : NULL;
}

const struct verb *officers_verb(const struct command *command)
{
    return ((const struct made *)command)->verb;
}

void officers_print_verbs(const char *noun)
{
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        if (strcmp(verb->noun, noun) == 0) {
            const struct command *command = make(verb);
            char left[NAME_SIZE + OPERANDS_SIZE];
            (void)snprintf(left, sizeof left, "%s %s", command->name, command->operands);
            (void)printf("  %-36s %s\n", left, command->summary);
        }
    }
}

void officers_print_nouns(void)
{
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        const bool is_first = verb == verbs || strcmp(verb[-1].noun, verb->noun) != 0;
        if (is_first) {
            (void)printf("%s  %-16s ", verb == verbs ? "" : "\n", verb->noun);
        }
        (void)printf("%s%s", is_first ? "" : ", ", verb->name != NULL ? verb->name : "TEXT");
    }
    (void)putchar('\n');
}
