// SPDX-License-Identifier: EUPL-1.2
// Two nodes on a satellite line that comes and goes, for hours or weeks of virtual time.
#ifndef SIM_SOAK_H
#define SIM_SOAK_H

#include <stdbool.h>
#include <stdint.h>

// Says what it took and what broke first; whether all held.
bool soak_run(uint64_t seed, uint32_t hours, bool is_verbose);

#endif
