// SPDX-License-Identifier: EUPL-1.2
// What the fields of an entry say, in words for people.
#ifndef SITREP_FIELD_WORDS_H
#define SITREP_FIELD_WORDS_H

#include <jansson.h>

#include "sitrep/kind.h"

enum { FIELD_WORDS_MAX = 512 };

// The value as it is said: moments in local time, lists with commas, what has a name by that.
// `field` is NULL when it is not known. Not escaped; cut to the room there is.
void field_words(const struct field *field, const json_t *value, char out[static FIELD_WORDS_MAX]);

// Prints what the entry's kind says in short of itself (to whom, until when, which phone ...), but
// for what its line has, indented, on as many lines as it takes; nothing when there is nothing.
void field_words_print(const json_t *entry, int indent);

#endif
