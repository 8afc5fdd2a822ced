// SPDX-License-Identifier: EUPL-1.2
// The only source of chance in the simulation: xoshiro256** seeded by splitmix64. Same seed, same
// run.
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
uint32_t random_below(struct random *random, uint32_t bound);             // 0..bound-1
uint32_t random_between(struct random *random, uint32_t lo, uint32_t hi); // lo..hi
bool random_permille(struct random *random, uint32_t permille);
void random_fill(struct random *random, uint8_t *out, size_t len);

#endif
