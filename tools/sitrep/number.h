// SPDX-License-Identifier: EUPL-1.2
// Whole numbers as people type them.
#ifndef SITREP_NUMBER_H
#define SITREP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

// Decimal digits and nothing else, at most `max`. False when it is something else.
bool number_read(const char *text, uint64_t max, uint64_t *number);

#endif
