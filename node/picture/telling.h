// SPDX-License-Identifier: EUPL-1.2
// Tells arrivals one by one, into the ring or to a reader. Which, and to whom, is follower.c's.
#ifndef NODE_PICTURE_TELLING_H
#define NODE_PICTURE_TELLING_H

#include "picture/ring.h"

struct follower;

// What one call is about.
struct work {
    struct follower *follower; // follower.c's own
    struct event_writer writer;
    struct arrivals arrivals;
    const struct deadlines *deadlines;
    struct position position; // of what is told now
    uint32_t keys;            // of the home, that open what was told before
    uint64_t told_ms;         // deadlines told before it were told
    uint32_t skipped;         // of the position's arrival: what the reader was told
    struct text *out;         // where it is written; NULL: into the ring
    struct ring *ring;
    struct text framed; // on its way there
    bool is_late;
    enum err err; // the first
};

// Tells what is in the writer's data; with a position that is its id.
void telling_put(struct work *work, const struct position *position, const char *event);
// Hides all from that place of the list on, or shows them.
void telling_hide(struct work *work, size_t at, bool is_hidden);
// What the arrival at that place changed, which is hidden.
void telling_show(struct work *work, size_t at);
// The same, with all behind it hidden, and what passed behind it, until `until_ms`.
void telling_arrival(struct work *work, size_t at, uint64_t until_ms);
// Deadlines told from `from_ms` to before `until_ms`, of all that have come up to the position.
void telling_deadlines(struct work *work, uint64_t from_ms, uint64_t until_ms);
// From now on told as events of that arrival, behind so many.
void telling_at(struct work *work, size_t at, uint32_t count);

static inline uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#endif
