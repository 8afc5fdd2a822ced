// SPDX-License-Identifier: EUPL-1.2
// What the public was told: the alerts of a picture, until when each holds, and which of them a
// later one of the same sender takes the place of.
#ifndef NODE_PICTURE_TOLD_H
#define NODE_PICTURE_TOLD_H

#include <stddef.h>

#include "sitrep/picture.h"

struct told;

struct told *told_create(void); // NULL when memory ran out
void told_destroy(struct told **handle);
void told_clear(struct told *told);

// Takes in the body of an alert that has its place in the picture; one of another kind changes
// nothing. Errors: ERR_NO_SPACE.
CHECKED enum err told_add(struct told *told, uint32_t place, struct span body);

// The places of alerts that had arrived at the picture's moment and hold at `now_ms`: they have not
// expired, and none that had arrived updates or cancels them. At most `max`, in the order in which
// they were read. Returns how many there are.
size_t told_list(const struct told *told, struct picture *picture, uint64_t now_ms,
                 uint32_t *places, size_t max);

#endif
