// SPDX-License-Identifier: EUPL-1.2
// Sets of small numbers as bits of 64-bit words. How many words there are is the caller's to know.
#ifndef TRUST_BITS_H
#define TRUST_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool bits_has(const uint64_t *words, uint32_t number)
{
    return (words[number / 64] >> (number % 64) & 1) != 0;
}

static inline void bits_add(uint64_t *words, uint32_t number)
{
    words[number / 64] |= UINT64_C(1) << (number % 64);
}

static inline void bits_join(uint64_t *words, const uint64_t *more, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words[i] |= more[i];
    }
}

static inline bool bits_meet(const uint64_t *left, const uint64_t *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((left[i] & right[i]) != 0) {
            return true;
        }
    }
    return false;
}

static inline bool bits_are_none(const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i] != 0) {
            return false;
        }
    }
    return true;
}

// Whether every number of `part` is in `whole`.
static inline bool bits_are_in(const uint64_t *part, const uint64_t *whole, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((part[i] & ~whole[i]) != 0) {
            return false;
        }
    }
    return true;
}

#endif
