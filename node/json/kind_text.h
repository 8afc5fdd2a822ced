// SPDX-License-Identifier: EUPL-1.2
// The table of kinds, as the API and the command line say it.
#ifndef NODE_JSON_KIND_TEXT_H
#define NODE_JSON_KIND_TEXT_H

#include "json/text.h"
#include "sitrep/kind.h"

// One object: "name", "about", "merge", "states", "begins", "steps", "fields".
void kind_write(struct text *out, const struct kind *kind);
// "common" (fields) and "kinds", in an object.
void kinds_write(struct text *out);

const char *side_name(enum side side);
const char *merge_name(enum merge merge);

#endif
