// SPDX-License-Identifier: EUPL-1.2
// A ring of short steps, those of the window and of what is still to pass. Knows no packets.
#include "wire/window.h"

static uint64_t step_of(uint64_t us)
{
    return us / ((uint64_t)WINDOW_STEP_MS * 1000);
}

// The window that ends with the step is over.
static void end_step(struct window *window)
{
    const uint64_t bytes = window->bytes;

    window->most = bytes > window->most ? bytes : window->most;
    if (window->step + 1 - window->begun >= WINDOW_STEPS) {
        window->least = !window->is_full || bytes < window->least ? bytes : window->least;
        window->is_full = true;
    }
}

void window_go_on(struct window *window, uint64_t now_us)
{
    const uint64_t now = step_of(now_us);

    if (window->begun == 0) {
        window->begun = window->step = now;
    }
    while (window->step < now) {
        end_step(window);
        window->step++;
        // What leaves the window makes room for what may come last.
        uint64_t *left = &window->steps[(window->step + AHEAD_STEPS) % RING_STEPS];
        window->bytes -= *left;
        *left = 0;
        window->bytes += window->steps[window->step % RING_STEPS];
    }
}

void window_note(struct window *window, uint64_t bytes, uint64_t now_us, uint64_t passing_us)
{
    const uint64_t at_most = (uint64_t)AHEAD_STEPS * WINDOW_STEP_MS * 1000;
    const uint64_t us = passing_us < at_most ? passing_us : at_most;

    window_go_on(window, now_us);
    const uint64_t steps = step_of(now_us + us) - window->step + 1;
    for (uint64_t i = 0; i < steps; i++) {
        const uint64_t part = bytes * (i + 1) / steps - bytes * i / steps;
        window->steps[(window->step + i) % RING_STEPS] += part;
        window->bytes += i == 0 ? part : 0;
    }
}
