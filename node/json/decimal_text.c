// SPDX-License-Identifier: EUPL-1.2
// Decimal numbers digit by digit.
#include "json/decimal_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/limits.h"

enum { EXPONENT_MOST = 12, TYPED_MOST = 9999 };

struct decimal {
    int64_t mantissa, exponent; // mantissa without its sign
    bool is_negative, has_digits, is_too_long;
};

// Zeros at the end count only when another digit follows: 1000000 is 1 and six zeros.
static void add_digit(struct decimal *decimal, int64_t *zeros, int digit)
{
    decimal->has_digits = true;
    if (digit == 0 && decimal->mantissa != 0) {
        ++*zeros;
        return;
    }
    for (; *zeros > 0 && digit != 0; --*zeros) {
        decimal->is_too_long |= decimal->mantissa > (int64_t)SEQ_MAX / 10;
        decimal->mantissa = decimal->is_too_long ? 0 : decimal->mantissa * 10;
    }
    decimal->is_too_long |= decimal->mantissa > (int64_t)SEQ_MAX / 10;
    decimal->mantissa = decimal->is_too_long ? 0 : decimal->mantissa * 10 + digit;
}

static const char *read_digits(const char *text, struct decimal *decimal)
{
    int64_t zeros = 0;
    bool is_behind_point = false;

    for (;; text++) {
        if (*text >= '0' && *text <= '9') {
            add_digit(decimal, &zeros, *text - '0');
            decimal->exponent -= is_behind_point ? 1 : 0;
        } else if (*text == '.' && !is_behind_point && decimal->has_digits && text[1] >= '0' &&
                   text[1] <= '9') {
            is_behind_point = true;
        } else {
            decimal->exponent += zeros;
            return text;
        }
    }
}

enum err decimal_parse(const char *text, int64_t *mantissa, int64_t *exponent)
{
    struct decimal decimal = {.is_negative = *text == '-'};
    char *end = NULL;
    const char *rest = read_digits(text + (decimal.is_negative ? 1 : 0), &decimal);

    if (decimal.has_digits && (*rest == 'e' || *rest == 'E') && rest[1] != ' ') {
        const long more = strtol(rest + 1, &end, 10);
        if (end == rest + 1 || more > TYPED_MOST || more < -TYPED_MOST) {
            return ERR_MALFORMED;
        }
        decimal.exponent += more;
        rest = end;
    }
    if (!decimal.has_digits || *rest != '\0') {
        return ERR_MALFORMED;
    }
    if (decimal.mantissa == 0 && !decimal.is_too_long) {
        decimal.exponent = 0;
    }
    if (decimal.is_too_long || decimal.mantissa > (int64_t)SEQ_MAX ||
        decimal.exponent > EXPONENT_MOST || decimal.exponent < -EXPONENT_MOST) {
        return ERR_LIMIT;
    }
    *mantissa = decimal.is_negative ? -decimal.mantissa : decimal.mantissa;
    *exponent = decimal.exponent;
    return ERR_OK;
}

void decimal_format(int64_t mantissa, int64_t exponent, char out[static DECIMAL_SIZE])
{
    const uint64_t digits = (uint64_t)(mantissa < 0 ? -mantissa : mantissa);
    uint64_t scale = 1;

    for (int64_t i = exponent; i < 0; i++) {
        scale *= 10;
    }
    int len = snprintf(out, DECIMAL_SIZE, "%s%" PRIu64, mantissa < 0 ? "-" : "", digits / scale);
    for (int64_t i = 0; i < exponent; i++) {
        out[len++] = '0';
    }
    out[len] = '\0';
    if (exponent < 0) {
        (void)snprintf(out + len, DECIMAL_SIZE - (size_t)len, ".%0*" PRIu64, (int)-exponent,
                       digits % scale);
    }
}
