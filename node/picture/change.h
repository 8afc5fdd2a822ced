// SPDX-License-Identifier: EUPL-1.2
// What one entry changed in the picture, and what is told of that.
#ifndef NODE_PICTURE_CHANGE_H
#define NODE_PICTURE_CHANGE_H

#include "sitrep/err.h"
#include "sitrep/picture.h"

// What the stream of events tells that follows from entries and the time alone.
enum happening {
    TOLD_NEW,         // it began an item, or stands by itself
    TOLD_PROPOSED,    // it proposes a version of an item
    TOLD_CHANGED,     // the heads of an item are others than before
    TOLD_CONFLICTING, // an item came to have several heads that contradict each other
    TOLD_SETTLED,     // and no longer has
    TOLD_OUTDATED,    // what an entry builds on was replaced
    TOLD_OVERDUE,     // a time passed until which something was wanted
    TOLDS
};

struct stood { // a version of an item
    uint32_t place;
    uint8_t state;
    bool is_head, is_replaced;
};

struct stand { // how an item stood
    struct stood *versions;
    size_t count;
    bool is_conflicting;
};

struct telling {
    enum happening told;
    uint32_t place;                     // of the entry that it is about
    uint32_t item;                      // what the item began with, or PICTURE_NONE
    const struct stand *before, *after; // changed, conflicting, settled
    uint32_t base;                      // outdated: what was replaced
    const struct deadline *deadline;    // overdue
};
typedef void tell_change(void *context, const struct telling *telling);

// Shows an entry that is hidden in the picture, and tells what changed by that: first of itself,
// then item by item. What is told is valid for the call. Errors: ERR_NO_SPACE (it is shown all the
// same).
CHECKED enum err change_show(struct picture *picture, uint32_t place, tell_change *tell,
                             void *context);

#endif
