// SPDX-License-Identifier: EUPL-1.2
// The last events that were told, as they go over the stream: written once, for all who follow.
// Bounded; what falls out is told again from the store, or as it stands by then.
#ifndef NODE_PICTURE_RING_H
#define NODE_PICTURE_RING_H

#include "picture/event_text.h"

enum { RING_EVENTS = 1024, RING_BYTES = 1024 * 1024 };

struct ring_event {
    char *bytes; // framed
    size_t len;
    bool has_position;        // else it is not told again
    struct position position; // behind it
};

struct ring {
    struct ring_event events[RING_EVENTS]; // by their number modulo RING_EVENTS
    uint64_t first, next;                  // numbers: of the oldest one, and behind the newest
    size_t bytes;
};

void ring_fini(struct ring *ring);
// Takes a copy; `position` is NULL for what is not told again. Without memory all that was told is
// forgotten, as if it had fallen out.
void ring_add(struct ring *ring, const struct position *position, const struct text *framed);
// As if all had fallen out, and one that was never there.
void ring_forget(struct ring *ring);
// The event of that number, from `first` to before `next`.
const struct ring_event *ring_at(const struct ring *ring, uint64_t number);

#endif
