// SPDX-License-Identifier: EUPL-1.2
// The most bytes within any WINDOW_MS. Counted in steps of WINDOW_STEP_MS, so that a window may
// seem a step longer than it is, and never shorter.
#ifndef TESTS_WIRE_WINDOW_H
#define TESTS_WIRE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_MS = 10000,
    WINDOW_STEP_MS = 10,
    WINDOW_STEPS = WINDOW_MS / WINDOW_STEP_MS + 1,
};

// All zero is one in which nothing was.
struct window {
    uint64_t steps[WINDOW_STEPS]; // bytes, in a ring
    uint64_t step;                // the last one that was counted in, since the clock began
    uint64_t bytes;               // of all steps
    uint64_t most;
};

// Time does not go backwards.
void window_note(struct window *window, uint64_t bytes, uint64_t now_us);

#endif
