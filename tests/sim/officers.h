// SPDX-License-Identifier: EUPL-1.2
// Runs of another kind: officers of 7 centres write what they see fit, change the same items at
// once, settle, propose, take steps that are none, are cut off and return. How entries travel is
// not the matter here: any order, any part, any number of times. Whoever has the same entries must
// see the same, now and at every moment before.
#ifndef SIM_OFFICERS_H
#define SIM_OFFICERS_H

#include "sim/run.h"

void officers_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                   struct run_result *result);

#endif
