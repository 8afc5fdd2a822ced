// SPDX-License-Identifier: EUPL-1.2
// Moments as people and JSON write them: RFC 3339. Read with any offset, written in UTC with
// milliseconds.
#ifndef NODE_JSON_RFC3339_H
#define NODE_JSON_RFC3339_H

#include <stdint.h>

#include "sitrep/err.h"

enum { RFC3339_SIZE = 32 }; // "2025-03-13T10:00:00.000Z" and its NUL fit

// Errors: ERR_LIMIT (after the year 9999).
CHECKED enum err rfc3339_format(uint64_t ms, char out[static RFC3339_SIZE]);

// Seconds may be left out. A space is taken for the `+` of an offset, because that is what a query
// string makes of one. Errors: ERR_MALFORMED, ERR_LIMIT (before 1970).
CHECKED enum err rfc3339_parse(const char *text, uint64_t *ms);

#endif
