// SPDX-License-Identifier: EUPL-1.2
// What differs between two roster versions, in plain words.
#ifndef SITREP_ROSTER_DIFF_H
#define SITREP_ROSTER_DIFF_H

#include <jansson.h>

#include "sitrep/roster.h"

// A list of sentences without full stop. Every difference is in it, also one whose meaning this
// program does not know: nobody signs what was not shown. `after` may follow `before`.
json_t *roster_diff(const struct roster *before, const struct roster *after);

#endif
