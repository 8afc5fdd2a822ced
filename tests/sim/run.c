// SPDX-License-Identifier: EUPL-1.2
// The course of one run: a storm in which safety must hold, then calm in which the nodes must
// converge, then one more entry from everyone.
#include "sim/run.h"

#include <stdio.h>
#include <string.h>

#include "sim/audit.h"
#include "sitrep/seal.h"

enum {
    REST_MS = 1800000, // virtual time allowed until rest
    STEP_MS = 1000,
    QUIET_MS = 10000 // rest must last that long
};

bool run_to_rest(struct world *world, uint64_t limit_ms)
{
    uint64_t until_ms = world->now_ms + limit_ms;
    char why[256] = "";
    while (!world->failure[0]) {
        world_run(world, world->now_ms + STEP_MS);
        if (!world->failure[0] && audit_is_settled(world, why, sizeof why)) {
            break;
        }
        if (world->now_ms > until_ms) {
            world_fail(world, "no rest: %s", why);
        }
    }
    if (!world->failure[0]) {
        world_run(world, world->now_ms + QUIET_MS);
    }
    if (!world->failure[0] && !audit_is_settled(world, why, sizeof why)) {
        world_fail(world, "no lasting rest: %s", why);
    }
    if (!world->failure[0]) {
        audit_final(world);
    }
    return !world->failure[0];
}

// Everyone must still be able to publish.
static void publish_once_more(struct world *world)
{
    size_t failed = world->oracle.failed;
    for (uint32_t i = 0; i < world->nodes_count && !world->failure[0]; i++) {
        if (!world->nodes[i].is_malicious) {
            node_publish(world, &world->nodes[i], 1, 50);
        }
    }
    if (run_to_rest(world, REST_MS) && world->oracle.failed > failed) {
        world_fail(world, "%zu nodes refuse to publish in calm", world->oracle.failed - failed);
    }
}

void run_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
              struct run_result *result)
{
    struct random random;
    random_init(&random, seed);
    struct plan plan;
    plan_draw(&plan, &random, bounds);
    plan.seed = seed;
    struct sealer *sealer = sealer_create();
    static struct world world; // too large for the stack; one run at a time
    world_init(&world, &plan, sealer);
    world.is_verbose = is_verbose;
    weather_begin(&world);
    world_run(&world, plan.storm_ms);
    if (!world.failure[0]) {
        weather_heal(&world);
        if (run_to_rest(&world, REST_MS)) {
            publish_once_more(&world);
        }
    }
    world.tally.runs = 1;
    world.tally.virtual_ms = world.now_ms;
    result->tally = world.tally;
    memcpy(result->failure, world.failure, sizeof result->failure);
    world_fini(&world);
    sealer_destroy(&sealer);
}
