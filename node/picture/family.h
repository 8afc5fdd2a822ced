// SPDX-License-Identifier: EUPL-1.2
// An incident, and those that were merged into it [18.17].
#ifndef NODE_PICTURE_FAMILY_H
#define NODE_PICTURE_FAMILY_H

#include <stddef.h>

#include "sitrep/err.h"
#include "sitrep/picture.h"

struct places {
    uint32_t *list;
    size_t count, room;
};

void places_fini(struct places *places);
// Errors: ERR_NO_SPACE.
CHECKED enum err places_add(struct places *places, uint32_t place);
// Adds what had arrived and names `place` in that field. Errors: ERR_NO_SPACE.
CHECKED enum err places_add_naming(struct places *places, const struct picture *picture,
                                   uint32_t place, const char *field);
// Adds the versions of the item that had arrived. Errors: ERR_NO_SPACE.
CHECKED enum err places_add_versions(struct places *places, struct picture *picture,
                                     uint32_t began);
bool places_have(const struct places *places, uint32_t place);
// Puts them in order, each once.
void places_sort_once(struct places *places);

// Adds what began the incident, and what began each that goes on in it. Errors: ERR_NO_SPACE.
CHECKED enum err family_find(struct picture *picture, uint32_t began, struct places *family);

#endif
