// SPDX-License-Identifier: EUPL-1.2
// The most and the fewest bytes within any WINDOW_MS. A packet counts for as long as it takes to
// pass: seen as points in time, packets as long as a fifth of a window would make any even stream
// seem uneven by as much. Counted in steps of WINDOW_STEP_MS, so that a window may seem a step
// longer than it is, and never shorter.
#ifndef TESTS_WIRE_WINDOW_H
#define TESTS_WIRE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_MS = 10000,
    WINDOW_STEP_MS = 10,
    WINDOW_STEPS = WINDOW_MS / WINDOW_STEP_MS + 1,
    AHEAD_STEPS = 1000, // a packet that takes longer counts as one that takes so long
    RING_STEPS = WINDOW_STEPS + AHEAD_STEPS,
};

// All zero is one in which nothing was.
struct window {
    uint64_t steps[RING_STEPS]; // bytes, in a ring
    uint64_t step;              // the one now, since the clock began
    uint64_t begun;             // the first one; 0: not yet
    uint64_t bytes;             // of all steps up to now
    uint64_t most, least;       // within the windows that are over
    bool is_full;               // at least one is: `least` holds
};

// Time does not go backwards.
void window_go_on(struct window *window, uint64_t now_us);
// Goes on, and counts bytes that take so long from now on.
void window_note(struct window *window, uint64_t bytes, uint64_t now_us, uint64_t passing_us);

#endif
