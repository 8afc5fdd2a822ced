// SPDX-License-Identifier: EUPL-1.2
// Items as lists of them have them.
#ifndef SITREP_ITEMS_H
#define SITREP_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sitrep/options.h"

#define ITEMS_LIMIT 100
#define ITEMS_LIMIT_HELP "at most N, those that were changed last; 100 when not given"

struct items_wanted {
    const char *kind;     // NULL: of all
    const char *incident; // they belong to; NULL: to any, or none
    bool is_open;         // not what is over
    bool is_conflicting;  // only what contradicts itself
    bool is_proposed;     // only what is proposed otherwise
};

// Prints those that were changed last, as many as --limit says. When there is nothing to print,
// `nothing` is said; and how many are left out.
enum exit_code items_list(const struct arguments *arguments, const struct items_wanted *wanted,
                          const char *nothing);

#endif
