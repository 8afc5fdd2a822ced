// SPDX-License-Identifier: EUPL-1.2
#include "sitrep/wrap.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/print.h"

enum { COLUMNS = 80 };

void wrap_put(struct wrap *wrap, const char *words)
{
    const size_t width = terminal_width(stdout) < COLUMNS ? terminal_width(stdout) : COLUMNS;
    const size_t columns = terminal_columns(words, strlen(words));

    if (wrap->used == 0 || wrap->used + 2 + columns > width) {
        (void)printf("%s%s%*s", wrap->used == 0 ? "" : wrap->sign, wrap->used == 0 ? "" : "\n",
                     wrap->indent, "");
        wrap->used = (size_t)wrap->indent;
    } else {
        (void)printf("%s ", wrap->sign);
        wrap->used += 2;
    }
    print_text(words, BREAKS_ESCAPED);
    wrap->used += columns;
}

void wrap_end(struct wrap *wrap)
{
    if (wrap->used > 0) {
        (void)putchar('\n');
    }
}
