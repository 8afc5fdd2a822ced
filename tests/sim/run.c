// SPDX-License-Identifier: EUPL-1.2
// The course of one run: a storm in which safety must hold, then calm in which the nodes must
// converge, then one more entry from everyone.
#include "sim/run.h"

#include <stdio.h>
#include <string.h>

#include "sim/audit.h"
#include "sim/officers.h"
#include "sitrep/seal.h"

enum {
    REST_MS = 1800000, // virtual time allowed until rest
    STEP_MS = 1000,
    QUIET_MS = 10000 // rest must last that long
};

bool run_to_rest(struct world *world, uint64_t limit_ms)
{
    uint64_t until_ms = world->now_ms + limit_ms;
    uint64_t rest_ms = UINT64_MAX; // since when nothing was amiss
    char why[256] = "";
    while (!world->failure[0]) {
        world_run(world, world->now_ms + STEP_MS);
        if (world->failure[0]) {
            break;
        }
        bool is_settled = audit_is_settled(world, why, sizeof why);
        if (!is_settled) {
            rest_ms = UINT64_MAX; // a straggling frame of the storm may still disturb it
        } else if (rest_ms == UINT64_MAX) {
            rest_ms = world->now_ms;
        } else if (world->now_ms >= rest_ms + QUIET_MS) {
            break;
        }
        if (world->now_ms > until_ms) {
            world_fail(world, "no rest: %s", why);
        }
    }
    if (!world->failure[0]) {
        audit_final(world);
        officers_audit(world);
    }
    return !world->failure[0];
}

// Everyone must still be able to publish.
static void publish_once_more(struct world *world)
{
    size_t failed = world->oracle.failed;
    for (uint32_t i = 0; i < world->nodes_count && !world->failure[0]; i++) {
        if (!world->nodes[i].is_malicious && !world_has_revoked(world, &world->nodes[i])) {
            node_publish(world, &world->nodes[i], 1, 50);
        }
    }
    if (run_to_rest(world, REST_MS) && world->oracle.failed > failed) {
        world_fail(world, "%zu nodes refuse to publish in calm", world->oracle.failed - failed);
    }
}

static void say_chain(struct world *world, const struct node *node, const struct chain *chain)
{
    const struct roster *roster = federation_last(&world->federation);
    world_say(world, "%c holds chain %u: log %c.%u from %u (behind %d) to %u, id %02x%02x",
              node_letter(world, node), chain->number,
              'a' + roster_find_signing(roster, chain->author), (unsigned)chain->epoch,
              (unsigned)chain->first_seq, (int)chain->parent, (unsigned)chain->head_seq,
              chain->head_id[0], chain->head_id[1]);
}

static void say_holdings(struct world *world, const struct node *node)
{
    for (uint32_t i = 0; i < node->disk.state.chains_count; i++) {
        if (disk_has_chain(&node->disk.state, i)) {
            say_chain(world, node, &node->disk.state.chains[i]);
        }
    }
    for (size_t i = 0; i < node->disk.state.slots_count; i++) {
        const struct slot *slot = &node->disk.state.slots[i];
        if (slot->is_damaged || slot->seq > node->disk.state.chains[slot->chain].head_seq) {
            world_say(world, "%c holds chain %u seq %u %s, %u bytes", node_letter(world, node),
                      slot->chain, (unsigned)slot->seq, slot->is_damaged ? "damaged" : "ahead",
                      slot->blob->record.sealed_len);
        }
    }
}

void run_end(struct world *world, struct run_result *result)
{
    world->tally.runs = 1;
    world->tally.virtual_ms = world->now_ms;
    result->tally = world->tally;
    memcpy(result->failure, world->failure, sizeof result->failure);
    world_fini(world);
}

void run_storm(struct world *world)
{
    weather_begin(world);
    world_run(world, world->plan.storm_ms);
    if (!world->failure[0]) {
        weather_heal(world);
        if (run_to_rest(world, REST_MS)) {
            publish_once_more(world);
        }
    }
    for (uint32_t i = 0; world->failure[0] && i < world->nodes_count; i++) {
        say_holdings(world, &world->nodes[i]);
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
    run_storm(&world);
    run_end(&world, result);
    sealer_destroy(&sealer);
}
