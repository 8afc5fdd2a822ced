// SPDX-License-Identifier: EUPL-1.2
// Reads a whole number strictly: no sign, no space, no other base, nothing after it.
#include "sitrep/number.h"

bool number_read(const char *text, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        const unsigned digit = (unsigned)(unsigned char)*text - '0';
        if (digit > 9 || value > (max - digit) / 10 || digit > max) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}
