// SPDX-License-Identifier: EUPL-1.2
// What officers say: for each kind of entry the verbs that begin, change, list and show it. Which
// fields there are, and which steps, is the table of kinds' (sitrep/kind.h); here is only what
// people call them.
#ifndef SITREP_OFFICERS_VERBS_H
#define SITREP_OFFICERS_VERBS_H

#include <stdbool.h>

#include "sitrep/kind.h"
#include "sitrep/options.h"

enum verb_act {
    VERB_BEGIN,  // publishes an entry that changes none
    VERB_CHANGE, // publishes what is new of the item it names
    VERB_LIST,
    VERB_SHOW,
    VERB_OTHER, // what `run` does
};

struct verb {
    const char *noun; // NULL ends the table
    const char *name; // NULL: the noun alone says it
    enum verb_act act;
    const char *state;    // it leads to; NULL: it stays, or begins in the first
    const char *operands; // the fields that are typed without a name, in order; NULL: none
    const char *summary;
    const char *example; // what stands behind the verb
    const char *kind;    // NULL: called as the noun
    const char *preset;  // a field, and its value when it is not given
    const char *preset_value;
    const char *path;                  // VERB_BEGIN: where it is published; NULL: /v1/entries
    const char *of;                    // VERB_OTHER: what it takes, "REF"; NULL: nothing
    const struct option_spec *options; // besides what the act has
    enum exit_code (*run)(const struct arguments *arguments); // instead of what the act does
};

extern const struct verb verbs[];

// The kind of entries it is about.
const struct kind *verb_kind(const struct verb *verb);

// Whether that word begins a command of the table.
bool verb_is_noun(const char *word);

#endif
