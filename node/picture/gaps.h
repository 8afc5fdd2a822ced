// SPDX-License-Identifier: EUPL-1.2
// Where logs have gaps: entries that are missing here, while later ones of the log are here.
#ifndef NODE_PICTURE_GAPS_H
#define NODE_PICTURE_GAPS_H

#include "sitrep/err.h"
#include "sitrep/roster.h"
#include "store/store.h"

enum { GAPS_MAX = 256 };

struct gap {
    uint32_t chain;
    uint32_t node; // index in the roster
    uint64_t epoch, from, to;
};

// The first of them, at most GAPS_MAX, by chain and place. Reads all that is ahead of gaps.
// Errors: the store's.
CHECKED enum err gaps_list(struct store *store, const struct roster *roster,
                           struct gap gaps[static GAPS_MAX], size_t *count);

#endif
