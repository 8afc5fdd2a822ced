// SPDX-License-Identifier: EUPL-1.2
// Sums as JSON [18.17, 18.18].
#ifndef NODE_API_SUMS_TEXT_H
#define NODE_API_SUMS_TEXT_H

#include "api/items.h"
#include "picture/family.h"
#include "sitrep/sums.h"

// An array of incidents; only of those in the list, unless it is NULL, where PICTURE_NONE stands
// for none. With what made the sums up and was left out if they are to be whole. Errors:
// ERR_NO_SPACE.
CHECKED enum err casualties_write(const struct writing *writing, const struct places *only,
                                  bool is_whole);

// An array of types. Errors: ERR_NO_SPACE.
CHECKED enum err resources_write(const struct writing *writing, bool is_whole);

// What the item is called: the "name" of a version that holds, null when none can be read.
void title_write(const struct writing *writing, const char *key, uint32_t began);

#endif
