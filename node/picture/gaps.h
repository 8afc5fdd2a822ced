// SPDX-License-Identifier: EUPL-1.2
// Where logs have gaps: entries that are missing here, while later ones of the log are here.
#ifndef NODE_PICTURE_GAPS_H
#define NODE_PICTURE_GAPS_H

#include "sitrep/err.h"
#include "sitrep/roster.h"
#include "store/store.h"

struct gap {
    uint32_t chain;
    uint32_t node; // index in the roster
    uint64_t epoch, from, to;
    uint64_t held_to; // from behind it all is here up to this one
};

struct gaps {
    struct gap *list; // by chain and place
    size_t count, room;
};

// Reads all that is ahead of gaps. The caller frees the list with gaps_fini, also after an error.
// Errors: ERR_NO_SPACE, and the store's.
CHECKED enum err gaps_find(struct store *store, const struct roster *roster, struct gaps *gaps);
void gaps_fini(struct gaps *gaps);

#endif
