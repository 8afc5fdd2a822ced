// SPDX-License-Identifier: EUPL-1.2
// xoshiro256** (Blackman and Vigna), state filled by splitmix64. Not for keys of real nodes.
#include "sim/random.h"

#include <assert.h>

static uint64_t splitmix(uint64_t *x)
{
    *x += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *x;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

void random_init(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        random->state[i] = splitmix(&seed);
    }
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    assert(bound > 0);
    return (uint32_t)((random_next(random) >> 32) * bound >> 32);
}

uint32_t random_between(struct random *random, uint32_t lo, uint32_t hi)
{
    assert(lo <= hi);
    return lo + random_below(random, hi - lo + 1);
}

bool random_permille(struct random *random, uint32_t permille)
{
    return permille > 0 && random_below(random, 1000) < permille;
}

void random_fill(struct random *random, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(random_next(random) >> 56);
    }
}
