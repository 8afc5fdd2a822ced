// SPDX-License-Identifier: EUPL-1.2
// What a node does not know, below what it does.
#ifndef SITREP_GAPS_H
#define SITREP_GAPS_H

#include "sitrep/options.h"

// Prints a section of the picture of now: a row for each node of which something is missing, that
// is silent, not heard, or whose clock is off.
enum exit_code gaps_section(const struct arguments *arguments);

#endif
