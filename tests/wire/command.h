// SPDX-License-Identifier: EUPL-1.2
// What the wire is told while it runs, a line each.
//
//   [a|b] SETTING NUMBER   rate, queue, delay, jitter, loss, duplicate, reorder, hold or paced
//   (line.h) [a|b] down | up        nothing arrives any more; it does again counts what was counted
//   since the beginning forget                 the highest queue and wait and the windows are
//   counted anew from here on end
//
// With `a` for packets sent by that end, with `b` for those of the other, with neither for both.
#ifndef TESTS_WIRE_COMMAND_H
#define TESTS_WIRE_COMMAND_H

#include <stdio.h>

#include "wire/line.h"

enum { ENDS = 2, COMMAND_MAX = 128 };

enum answer { ANSWER_DONE, ANSWER_COUNTS, ANSWER_END, ANSWER_REFUSED };

// Carries out one command on both lines, or none of it.
enum answer command_run(struct line lines[static ENDS], const char *text);

// All counts of both lines as a JSON object on one line.
void command_write_counts(FILE *out, const struct line lines[static ENDS]);

#endif
