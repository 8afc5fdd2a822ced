// SPDX-License-Identifier: EUPL-1.2
// Which entries: those of some precedence or above, and for some groups. PROTOCOL.md 8.12.
#ifndef SITREP_SELECTION_H
#define SITREP_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/limits.h"

enum { SELECTION_GROUPS_MAX = 16 };

struct selection {
    uint8_t precedence;                            // at least; ROUTINE: of any
    size_t groups_count;                           // 0: for any group
    uint8_t groups[SELECTION_GROUPS_MAX][TAG_LEN]; // ascending, none twice
};

// False: it takes all.
bool selection_is_set(const struct selection *selection);
bool selection_is_same(const struct selection *a, const struct selection *b);
bool selection_takes(const struct selection *selection, uint8_t precedence,
                     const uint8_t group[static TAG_LEN]);

#endif
