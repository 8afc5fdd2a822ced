// SPDX-License-Identifier: EUPL-1.2
// sitrep publish --lines.
#ifndef SITREP_LINES_H
#define SITREP_LINES_H

#include "sitrep/options.h"

// Publishes the lines of `path` (- is standard input) in order, and stops at the first that is
// refused: all before it are published then, and nothing from it on.
enum exit_code lines_publish(const struct arguments *arguments, const char *path);

#endif
