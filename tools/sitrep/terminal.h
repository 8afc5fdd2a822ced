// SPDX-License-Identifier: EUPL-1.2
// What may reach a terminal: text from entries escaped, colour only where it is wanted.
#ifndef SITREP_TERMINAL_H
#define SITREP_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum terminal_breaks {
    BREAKS_ESCAPED, // a new line is shown as \u{a}
    BREAKS_KEPT     // a new line stays one
};

// Writes `text` so that nothing but its visible characters does anything: control characters (C0,
// C1, DEL), those that change the direction of writing, and those without width become \u{..},
// bytes that are not UTF-8 become \x...
void terminal_put(FILE *file, const char *text, size_t len, enum terminal_breaks breaks);
// The same into out[0..size), NUL-terminated; what does not fit is left out. Returns the length.
size_t terminal_escape(char *out, size_t size, const char *text, size_t len,
                       enum terminal_breaks breaks);

// The columns `text` takes when it is put; what may be two wide counts as two.
size_t terminal_columns(const char *text, size_t len);
// The bytes of the longest beginning of `text` that takes no more than `columns`.
size_t terminal_fit(const char *text, size_t len, size_t columns);
// The columns of the terminal `file` is; SIZE_MAX when it is none or does not say.
size_t terminal_width(FILE *file);

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

// The sequences to write; empty unless `file` is a terminal and NO_COLOR is not set.
const char *terminal_colour(FILE *file, enum colour colour);
bool terminal_is(FILE *file);

#endif
