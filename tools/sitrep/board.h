// SPDX-License-Identifier: EUPL-1.2
// What overviews and boards share: the moment they are about, ages, and rows that fit a screen.
#ifndef SITREP_BOARD_H
#define SITREP_BOARD_H

#include <stdint.h>

#include <jansson.h>

#include "sitrep/client.h"
#include "sitrep/options.h"

struct board {
    int64_t now_ms;  // or the moment asked for
    bool has_old;    // --old was given: what is from before old_ms is old, instead of what is
    int64_t old_ms;  // no longer current
    bool is_past;    // a moment was asked for
    size_t rows_max; // of each list
};

// Asks for `path`, with the --at and --old that were given, and shows what comes; `query` is NULL
// or a further one, without its "?".
enum exit_code board_show(const struct arguments *arguments, const char *path, const char *query,
                          void (*show)(const struct board *board, const json_t *json));

enum { ROW_SIZE = 1024 };

// Text that grows up to its end.
struct row {
    char text[ROW_SIZE];
    size_t len;
};

void row_add(struct row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The first line of a text.
void row_add_line(struct row *row, const char *text);

// A row of at most 80 columns: the age of what the node said (by its "as_of", or else its "time";
// NULL, and without either: none), then `row`, indented. What is old or disputed is marked.
void board_put(const struct board *board, const json_t *said, int indent, const struct row *row,
               bool is_disputed);
// A heading, and "none" behind it when there is nothing.
void board_head(const char *name, size_t count);
// That there are more, and which command shows them.
void board_more(const struct board *board, size_t count, int indent, const char *command);

// "3", or "3-6" when it is not certain; false when nobody tells it.
bool sum_words(const json_t *sum, char out[static 48]);

#endif
