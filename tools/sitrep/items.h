// SPDX-License-Identifier: EUPL-1.2
// Items as lists of them have them.
#ifndef SITREP_ITEMS_H
#define SITREP_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sitrep/options.h"

struct items_wanted {
    const char *kind;                                     // NULL: of all
    bool (*is_wanted)(void *context, const json_t *item); // NULL: all of them
    void *context;
};

// Prints them, and says how many were.
enum exit_code items_list(const struct arguments *arguments, const struct items_wanted *wanted,
                          size_t *listed);

#endif
