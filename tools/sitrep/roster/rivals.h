// SPDX-License-Identifier: EUPL-1.2
// Rosters that contradict each other, told to people: which there are, who signed more than one,
// and what to do.
#ifndef SITREP_ROSTER_RIVALS_H
#define SITREP_ROSTER_RIVALS_H

#include <jansson.h>

#include "sitrep/roster.h"

enum { ROSTER_HASH_TEXT_MAX = 24 };

// How people tell rivals apart: the first 8 bytes of the hash, in hexadecimal.
void roster_hash_text(const struct roster *roster, char out[static ROSTER_HASH_TEXT_MAX]);

// Rows for `sitrep roster show`; none where nothing is forked.
void roster_rivals_print(const struct roster *standing);

// The members "rivals" and "signed_both"; none where nothing is forked.
void roster_rivals_json(const struct roster *standing, json_t *json);

// Sentences on stderr, where rosters contradict each other.
void roster_rivals_tell(const struct roster *standing);

#endif
