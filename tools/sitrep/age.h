// SPDX-License-Identifier: EUPL-1.2
// What is no longer current [PROTOCOL.md 18.20], as the node says of entries and sums.
#ifndef SITREP_AGE_H
#define SITREP_AGE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

// Whether what the node said is old at that moment. What does not get old never is.
bool age_is_old(const json_t *said, int64_t now_ms);

#endif
