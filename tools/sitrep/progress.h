// SPDX-License-Identifier: EUPL-1.2
// A progress bar on stderr, when that is a terminal.
#ifndef SITREP_PROGRESS_H
#define SITREP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; // is being counted, "lines"
    bool is_shown;
    int64_t drawn_ms; // when it was last drawn
};

void progress_begin(struct progress *progress, const char *what);
// `part` of `whole` is done (whole 0: not known), `count` things so far. Drawn ten times a second
// at most.
struct progress_at {
    uint64_t part, whole, count;
};
void progress_draw(struct progress *progress, struct progress_at at);
// Removes the bar, so that other lines can follow; it comes back when drawn again.
void progress_hide(struct progress *progress);

#endif
