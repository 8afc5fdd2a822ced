// SPDX-License-Identifier: EUPL-1.2
// What rosters and proposals are both held to: everything but who signed.
#ifndef TRUST_ROSTER_CHECK_H
#define TRUST_ROSTER_CHECK_H

#include "sitrep/roster.h"
#include "wire/roster_bytes.h"

// Reads a roster with at least `signatures_min` signatures and checks all but these [5.1-5.3, 5.8,
// 5.9, the threshold of 5.6]. Errors: as roster_decode. To be destroyed by roster_destroy.
CHECKED enum err roster_read(const uint8_t *bytes, size_t len, size_t signatures_min,
                             struct roster_memory **memory);

// Whether a majority is asked for, of authorities none of which is listed twice [5.6].
bool roster_threshold_is_valid(const struct roster *roster);

// Whether `next` may follow `current` when enough sign it [5.5, 5.7, 5.10]. Errors: as
// roster_check_next.
CHECKED enum err roster_check_succession(const struct roster *current, const struct roster *next);

#endif
