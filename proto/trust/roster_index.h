// SPDX-License-Identifier: EUPL-1.2
// The nodes and centres of a roster, sorted by key and name. roster_find_* read it.
#ifndef TRUST_ROSTER_INDEX_H
#define TRUST_ROSTER_INDEX_H

#include "sitrep/roster.h"

// Errors: ERR_MALFORMED (two nodes share a name or key, or two centres a code [5.8]), ERR_NO_SPACE.
CHECKED enum err roster_index_create(const struct roster *roster, struct roster_index **index);
void roster_index_destroy(struct roster_index **index);

#endif
