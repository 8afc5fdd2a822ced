// SPDX-License-Identifier: EUPL-1.2
// A ring of short steps. Knows no packets.
#include "wire/window.h"

static void go_on_to(struct window *window, uint64_t step)
{
    // After a long silence one round empties all.
    const uint64_t first =
        step - window->step > WINDOW_STEPS ? step - WINDOW_STEPS + 1 : window->step + 1;
    for (uint64_t i = first; i <= step; i++) {
        window->bytes -= window->steps[i % WINDOW_STEPS];
        window->steps[i % WINDOW_STEPS] = 0;
    }
    window->step = step;
}

void window_note(struct window *window, uint64_t bytes, uint64_t now_us)
{
    const uint64_t step = now_us / ((uint64_t)WINDOW_STEP_MS * 1000);
    if (step > window->step) {
        go_on_to(window, step);
    }
    window->steps[window->step % WINDOW_STEPS] += bytes;
    window->bytes += bytes;
    if (window->bytes > window->most) {
        window->most = window->bytes;
    }
}
