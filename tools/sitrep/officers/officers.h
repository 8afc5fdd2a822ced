// SPDX-License-Identifier: EUPL-1.2
// The commands of duty officers, NOUN VERB REF, made of the table of verbs (verbs.h) and the table
// of kinds.
#ifndef SITREP_OFFICERS_OFFICERS_H
#define SITREP_OFFICERS_OFFICERS_H

#include <jansson.h>

#include "sitrep/options.h"

struct verb;

// The command of the table whose words argv begins with, and how many they are; NULL when there is
// none. Valid until the next call.
const struct command *officers_command(int argc, char **argv, int *words);
// What such a command was made of.
const struct verb *officers_verb(const struct command *command);

// Prints a line for each verb of a noun; and one for each noun.
void officers_print_verbs(const char *noun);
void officers_print_nouns(void);

// What was typed with a verb that begins or changes something, as members of `entry`, which POST
// /v1/entries or /v1/items/NAME takes. Complains.
enum exit_code officers_write(const struct arguments *arguments, json_t *entry);

extern const struct option_spec list_options[];
extern const struct option_spec entries_options[];
extern const struct option_spec series_options[];
extern const struct option_spec new_options[];

enum exit_code command_begin(const struct arguments *arguments);
enum exit_code command_change(const struct arguments *arguments);
enum exit_code command_list(const struct arguments *arguments);
enum exit_code command_entries(const struct arguments *arguments);
enum exit_code command_series(const struct arguments *arguments);
enum exit_code command_comtest_table(const struct arguments *arguments);
enum exit_code command_handover_show(const struct arguments *arguments);
enum exit_code command_new(const struct arguments *arguments);

#endif
