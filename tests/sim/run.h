// SPDX-License-Identifier: EUPL-1.2
// One seed from storm to rest, and the loop over many seeds on two processes.
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "sim/world.h"

struct run_result {
    struct tally tally;
    char failure[FAILURE_MAX]; // empty: all invariants held
};

// Runs one seed.
void run_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
              struct run_result *result);

// From a storm to rest, and through one more publication of everyone to rest again.
void run_storm(struct world *world);

// Ends the run: what it counted, and what broke first.
void run_end(struct world *world, struct run_result *result);

// Heals the world, waits for rest within `limit_ms`, and audits. False on failure.
bool run_to_rest(struct world *world, uint64_t limit_ms);

// Runs every scenario; returns the number that did not go as written.
unsigned scenarios_run(bool is_verbose);

// Runs a seed: run_seed, flash_seed or officers_seed.
typedef void run_kind(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                      struct run_result *result);

struct campaign {
    run_kind *run;
    const char *option; // what runs one seed of the kind
    uint64_t from, count;
    struct plan_bounds bounds;
    bool is_thorough; // goes on after a failure
};

// Returns the number of failed seeds.
uint64_t campaign_run(const struct campaign *campaign);

#endif
