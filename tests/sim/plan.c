// SPDX-License-Identifier: EUPL-1.2
// Draws plans. Nothing here looks at the world.
#include "sim/plan.h"

#include <string.h>

#include "sim/groups.h"

// With a chance of `permille`, something between lo and hi; else 0.
static uint32_t maybe(struct random *random, uint32_t permille, uint32_t lo, uint32_t hi)
{
    bool is_on = random_permille(random, permille);
    uint32_t value = random_between(random, lo, hi);
    return is_on ? value : 0;
}

static void draw_network(struct plan_network *network, struct random *random)
{
    static const uint32_t bandwidths[] = {300, 1200, 10000, 100000, 10000000};
    static const uint32_t latencies[] = {2, 20, 100, 600, 2000};
    network->links_permille = random_between(random, 0, 1000);
    network->latency_ms = latencies[random_below(random, 5)];
    network->jitter_ms = random_below(random, network->latency_ms + 1);
    network->bytes_per_s = bandwidths[random_below(random, 5)];
    network->loss = maybe(random, 500, 1, 300);
    network->duplicate = maybe(random, 400, 1, 200);
    network->reorder = maybe(random, 400, 1, 300);
    network->corrupt = maybe(random, 300, 1, 100);
    network->live_loss = maybe(random, 600, 1, 900);
    if (network->bytes_per_s <= 10000 && random_permille(random, 500)) {
        network->rate = 8 * network->bytes_per_s;
        network->told = (enum plan_told)random_below(random, 4);
        network->is_sparse = random_permille(random, 400);
    }
}

static void draw_weather(struct plan_weather *weather, struct random *random)
{
    weather->flap_ms = maybe(random, 500, 1000, 60000);
    weather->blackhole_ms = maybe(random, 300, 5000, 60000);
    weather->partition_ms = maybe(random, 400, 10000, 90000);
    weather->crash_ms = maybe(random, 500, 2000, 90000);
    weather->disk_full_ms = maybe(random, 250, 5000, 90000);
    weather->damage_ms = maybe(random, 250, 1000, 60000);
    weather->snapshot_ms = random_between(random, 3000, 60000);
    weather->restore_ms = maybe(random, 250, 5000, 90000);
    weather->clock_ms = maybe(random, 200, 5000, 90000);
    weather->mischief_ms = random_between(random, 50, 3000);
}

static void draw_limits(struct engine_limits *limits, struct random *random)
{
    limits->peers_max = 16;
    limits->chains_max = 1024;
    limits->floats_max = random_permille(random, 300) ? random_between(random, 8, 64) : 1024;
    limits->window_bytes =
        random_permille(random, 500) ? random_between(random, MESSAGE_MAX / 2, 131072) : 262144;
    limits->beacon_ms = random_permille(random, 500) ? random_between(random, 200, 5000) : 1000;
    limits->retry_ms = random_permille(random, 500) ? random_between(random, 1000, 8000) : 3000;
}

// Any but the first and the late one; the malicious one most often.
static void draw_revocation(struct plan *plan, struct random *random)
{
    uint32_t candidates = plan->members - 1 - (plan->has_late ? 1 : 0);
    // A clone may be linked with nobody but the one that is revoked.
    if (!random_permille(random, 300) || plan->has_clone) {
        return;
    }
    plan->revocations = random_permille(random, 300) ? 2 : 1;
    plan->revoked = 1 + random_below(random, candidates);
    if (plan->has_malicious && random_permille(random, 500)) {
        plan->revoked = candidates;
    }
}

// Thin lines that break in the middle of what they take long for, again and again.
static void draw_interruptions(struct plan *plan, struct random *random)
{
    plan->weather.flap_ms = random_between(random, 1000, 10000);
    plan->large_permille = random_between(random, 300, 900);
    plan->network.loss /= 10;
}

void plan_draw(struct plan *plan, struct random *random, const struct plan_bounds *bounds)
{
    memset(plan, 0, sizeof *plan);
    uint32_t nodes = random_between(random, bounds->nodes_min, bounds->nodes_max);
    plan->storm_ms = random_between(random, 20000, 240000);
    plan->publish_max = random_between(random, 5, 60);
    plan->batch_max = random_permille(random, 150) ? 40 : 3;
    plan->large_permille = maybe(random, 400, 1, 150);
    plan->commit_ms_max = random_permille(random, 300) ? 2000 : 20;
    plan->read_ms_max = random_permille(random, 200) ? 3000 : 10;
    plan->has_live_plane = !random_permille(random, 250);
    plan->has_late = random_permille(random, 250);
    // A clone may be linked with nobody but the newcomer, who could not tell it the roster.
    plan->has_clone = random_permille(random, 200) && !plan->has_late;
    plan->has_malicious = !bounds->is_honest && random_permille(random, 250);
    plan->is_restore_gentle = random_permille(random, 500);
    plan->has_wild_clocks = random_permille(random, 400);
    plan->members = nodes + (plan->has_malicious ? 1 : 0);
    draw_network(&plan->network, random);
    draw_weather(&plan->weather, random);
    plan->weather.publish_ms = plan->storm_ms / plan->publish_max + 1;
    draw_limits(&plan->limits, random);
    draw_revocation(plan, random);
    plan->group_changes = maybe(random, 600, 1, 2 * GROUPS_MAX);
    if (plan->network.rate != 0 && random_permille(random, 500)) {
        draw_interruptions(plan, random);
    }
}

void plan_calm(struct plan *plan, uint32_t nodes)
{
    memset(plan, 0, sizeof *plan);
    plan->members = nodes;
    plan->batch_max = 1;
    plan->commit_ms_max = 2;
    plan->read_ms_max = 1;
    plan->has_live_plane = true;
    plan->network.latency_ms = 10;
    plan->network.bytes_per_s = 10000000;
    plan->limits = (struct engine_limits){.peers_max = 16,
                                          .chains_max = 1024,
                                          .floats_max = 1024,
                                          .window_bytes = 262144,
                                          .beacon_ms = 1000,
                                          .retry_ms = 3000};
}
