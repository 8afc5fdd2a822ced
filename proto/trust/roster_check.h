// SPDX-License-Identifier: EUPL-1.2
// What rosters and proposals are both held to: everything but who signed.
#ifndef TRUST_ROSTER_CHECK_H
#define TRUST_ROSTER_CHECK_H

#include "sitrep/roster.h"
#include "wire/roster_bytes.h"

// Reads a roster within these bounds and checks all but its signatures [5.1-5.3, 5.8,
// 5.9, the threshold of 5.6]. Errors: as roster_decode. To be destroyed by roster_destroy.
CHECKED enum err roster_read(const uint8_t *bytes, size_t len, struct roster_bounds bounds,
                             struct roster_memory **memory);

// Whether a majority is asked for, of authorities none of which is listed twice [5.6].
bool roster_threshold_is_valid(const struct roster *roster);

// The rosters that what follows must name as its parents.
struct roster_front {
    const struct roster *const *list;
    size_t count;
};
// Of what is in force: itself, or its rivals. `*current` stays where it is.
static inline struct roster_front roster_front(const struct roster *const *current)
{
    if ((*current)->rivals_count > 0) {
        return (struct roster_front){(*current)->rivals, (*current)->rivals_count};
    }
    return (struct roster_front){current, 1};
}

// Whether `next` may follow them when enough sign it [5.5, 5.7, 5.10]. Errors: as
// roster_check_next.
CHECKED enum err roster_check_succession(struct roster_front front, const struct roster *next);

// Whether one of them has that authority.
bool roster_front_has(struct roster_front front, const uint8_t key[static SIGN_KEY_LEN]);

#endif
