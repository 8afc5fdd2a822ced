// SPDX-License-Identifier: EUPL-1.2
// Decimal numbers between text and [mantissa, exponent] [18.3]. No double is ever in between.
#ifndef NODE_JSON_DECIMAL_TEXT_H
#define NODE_JSON_DECIMAL_TEXT_H

#include <stdint.h>

#include "sitrep/err.h"

enum { DECIMAL_SIZE = 40 };

// Reads -12, 0.25, 1e3 ..., and takes zeros off the end. Errors: ERR_MALFORMED (no number),
// ERR_LIMIT (of more digits, or farther from the point, than 18.3 allows).
CHECKED enum err decimal_parse(const char *text, int64_t *mantissa, int64_t *exponent);
// Without an exponent.
void decimal_format(int64_t mantissa, int64_t exponent, char out[static DECIMAL_SIZE]);

#endif
