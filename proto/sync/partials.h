// SPDX-License-Identifier: EUPL-1.2
// What came of messages in parts, put together [17.2], and kept while there is no connection
// [17.6]. The pacer's; nothing outside proto/sync sees this.
#ifndef SYNC_PARTIALS_H
#define SYNC_PARTIALS_H

#include "wire/part.h"

struct partial {
    uint8_t *bytes; // NULL: there is none
    uint32_t len, room, total;
    uint8_t tag[TAG_LEN];
    uint8_t lane;   // LANES: it is not going on
    uint8_t told;   // how often since something came of it
    uint64_t touch; // when something last came, by `touches`
};

struct partials { // of one peer
    struct partial list[HELD_MAX];
    size_t bytes; // of memory
    uint64_t touches;
};

// Takes a part; with the last one gives the whole message, which is the caller's to free, else
// NULL. Errors: ERR_MALFORMED (it does not follow the one before it in its lane, or what it makes
// whole is not what it was said to be), ERR_LIMIT (PARTIALS_MAX bytes), ERR_NO_SPACE.
CHECKED enum err partials_add(struct partials *partials, const struct part *part, uint8_t **message,
                              size_t *len);
// The connection is gone: nothing goes on by itself any more.
void partials_interrupt(struct partials *partials);
// What a peer is told at the beginning of a connection. What was told too often is forgotten.
size_t partials_tell(struct partials *partials, struct held list[static HELD_MAX]);
void partials_fini(struct partials *partials);

#endif
