// SPDX-License-Identifier: EUPL-1.2
// Fields of kinds as options of a command line, and what is typed there as JSON. What the node
// makes of the values is the node's.
#ifndef SITREP_OFFICERS_FIELDS_H
#define SITREP_OFFICERS_FIELDS_H

#include <stdbool.h>

#include <jansson.h>

#include "sitrep/kind.h"
#include "sitrep/limits.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/options.h"

enum { OPTION_NAME_SIZE = 2 * KIND_MAX_LEN + 2 };

// The option's name: the field's with hyphens, and the kind's before it where commands have an
// option of that name anyway.
void field_option(const struct kind *kind, const struct field *field,
                  char out[static OPTION_NAME_SIZE]);
// Whether it can be typed as an option. Nested parts and bytes cannot; the node sees to what an
// entry changes.
bool field_is_typed(const struct field *field);
// What the help calls its value.
const char *field_value_name(const struct field *field);
// Whether whoever says this must give the field, as no version before can have it.
bool field_is_needed(const struct verb *verb, const struct field *field);

// The field of that name, of all kinds or of this one; NULL when there is none.
const struct field *field_named(const struct kind *kind, const char *name, size_t len);

// How a moment is typed.
#define FIELD_TIME_RULE "18:00 today, now, +2h, -20m, 2026-11-21T16:00 here, or 2026-11-21T16:00Z"

// One value as JSON; NULL when it is not UTF-8.
json_t *field_value(const struct field *field, const char *typed);

// Puts the value of the option, or of an operand, into `fields`, where `is_change` an empty one as
// null. Complains.
enum exit_code field_put(const struct field *field, const char *typed, bool is_change,
                         json_t *fields);

// Tells of what the kind does not have, also among parts: it may be a slip, and adds to no sum.
void fields_doubt(const struct kind *kind, json_t *fields);

#endif
