// SPDX-License-Identifier: EUPL-1.2
// Draws the progress bar.
#include "sitrep/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "sitrep/terminal.h"
#include "sitrep/when.h"

enum { BAR_WIDTH = 32, REDRAW_MS = 100 };

void progress_begin(struct progress *progress, const char *what)
{
    *progress = (struct progress){what, terminal_is(stderr), 0};
}

void progress_draw(struct progress *progress, struct progress_at at)
{
    const int64_t now = when_now();
    if (!progress->is_shown || now - progress->drawn_ms < REDRAW_MS) {
        return;
    }
    progress->drawn_ms = now;
    if (at.whole == 0) {
        (void)fprintf(stderr, "\r\033[K%" PRIu64 " %s", at.count, progress->what);
        return;
    }
    const uint64_t part = at.part < at.whole ? at.part : at.whole;
    const int filled = (int)(part * BAR_WIDTH / at.whole);
    char bar[BAR_WIDTH + 1];
    for (int i = 0; i < BAR_WIDTH; i++) {
        bar[i] = ' ';
        if (i < filled) {
            bar[i] = '#';
        }
    }
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r\033[K[%s] %3" PRIu64 " %%  %" PRIu64 " %s", bar,
                  part * 100 / at.whole, at.count, progress->what);
}

void progress_hide(struct progress *progress)
{
    if (progress->is_shown && progress->drawn_ms != 0) {
        (void)fputs("\r\033[K", stderr);
        progress->drawn_ms = 0;
    }
}
