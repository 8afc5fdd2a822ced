// SPDX-License-Identifier: EUPL-1.2
// Runs of another kind: a random thin line with a random backlog on it, in which flash entries must
// come through as soon as the line alone explains, however long the backlog is.
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include "sim/run.h"

void flash_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                struct run_result *result);

#endif
