// SPDX-License-Identifier: EUPL-1.2
// Flash entries over random thin lines with random backlogs. Storms are run.c's; here nothing fails
// but the line, which is slow, far, and loses what TCP then sends again.
#include "sim/flash.h"

#include <inttypes.h>
#include <string.h>

#include "sim/network.h"
#include "sim/scenario.h"

enum {
    TEXT = 160, // what 300 bytes of text shrink to [4.9]
    BODY_MAX = 16384,
    BATCH_MAX = 8,
    PROBES_MAX = 6,
    RELAYED_PERMILLE = 300,
    LOSSY_PERMILLE = 500,
    AWAY_MS = 30000,
    LOST_MS = 600000,
    REST_MS = 3600000,
    STEP_MS = 10,
    BEFORE_MS = 5000,
};

// What a message of one flash entry may wait for on a line, apart from its own bytes.
enum {
    AROUND = 260,   // bytes around the text: sealed, and as a run with its signature
    IN_PART = 130,  // bytes around those of a part
    CONTROL = 400,  // bytes on the line of what goes first: a beacon, heads, wants, credit
    ANSWERS = 4,    // a quarter more, as what comes is acknowledged
    SHELL_MS = 200, // commits, reads, and turns that the pacer makes up for
};

struct play {
    struct world *world;
    struct random random;
    uint32_t last; // node at the other end; there is one between when it is 2
};

static uint32_t pick(struct random *random, const uint32_t *values, uint32_t count)
{
    return values[random_below(random, count)];
}

static void draw(struct plan *plan, struct play *play, uint64_t seed)
{
    static const uint32_t rates[] = {1200, 2400, 4800, 9600, 19200, 64000};
    static const uint32_t latencies[] = {10, 100, 300, 1000};
    static const enum plan_told told[] = {TOLD_BOTH, TOLD_LOWER, TOLD_HIGHER, TOLD_MIXED};
    struct random *random = &play->random;
    random_init(random, seed ^ UINT64_C(0xf1a54));
    play->last = random_permille(random, RELAYED_PERMILLE) ? 2 : 1;
    plan_calm(plan, play->last + 1);
    plan->seed = seed;
    plan->has_live_plane = false;
    struct plan_network *network = &plan->network;
    network->links_permille = 1000;
    network->rate = pick(random, rates, sizeof rates / sizeof *rates);
    network->bytes_per_s = network->rate / 8;
    network->told = told[random_below(random, sizeof told / sizeof *told)];
    network->latency_ms = pick(random, latencies, sizeof latencies / sizeof *latencies);
    network->jitter_ms = random_below(random, network->latency_ms / 2 + 1);
    network->again = random_permille(random, LOSSY_PERMILLE) ? random_between(random, 1, 200) : 0;
}

static void pile_up(struct play *play, uint32_t node, uint32_t bytes)
{
    struct world *world = play->world;
    world->is_routine = true;
    for (uint32_t piled = 0; piled < bytes && !world->failure[0];) {
        const uint32_t count = random_between(&play->random, 1, BATCH_MAX);
        const uint32_t size = random_between(&play->random, 0, BODY_MAX);
        node_publish(world, &world->nodes[node], count, size);
        piled += count * (size + AROUND);
        scene_pass(world, STEP_MS);
    }
    world->is_routine = false;
}

static void cut(struct world *world, uint32_t last, bool is_cut)
{
    for (uint32_t i = 0; i < last; i++) {
        scene_cut(world, i, i + 1, is_cut);
    }
}

// What lies at each end when the nodes find each other again.
static void begin_backlog(struct play *play)
{
    static const uint32_t backlogs[] = {0, 65536, 1048576};
    struct world *world = play->world;
    cut(world, play->last, true);
    scene_pass(world, AWAY_MS);
    pile_up(play, 0, pick(&play->random, backlogs, sizeof backlogs / sizeof *backlogs));
    pile_up(play, play->last, pick(&play->random, backlogs, sizeof backlogs / sizeof *backlogs));
    cut(world, play->last, false);
    scene_pass(world, random_between(&play->random, AWAY_MS, 4 * AWAY_MS));
}

// The longest that a flash entry may take over one line: what is under way, what goes first, and
// its own frames.
static uint64_t line_ms(const struct plan_network *network)
{
    const size_t moment = pacer_moment_bytes(network->rate);
    const size_t frames = (TEXT + AROUND + moment - IN_PART - 1) / (moment - IN_PART);
    const uint64_t bytes = moment + CONTROL + frames * moment;
    return bytes * 8000 / network->rate * (ANSWERS + 1) / ANSWERS + network->latency_ms +
           network->jitter_ms + SHELL_MS;
}

static void probe(struct play *play, uint32_t from, uint32_t to)
{
    struct world *world = play->world;
    const struct plan_network *network = &world->plan.network;
    const uint64_t seq = scene_next(world, from);
    const uint64_t again_ms = world->tally.again_ms;
    scene_pass(world, BEFORE_MS); // what was sent again then may still be in the way
    const uint64_t start_ms = world->now_ms;
    world->is_urgent = world->is_dense = true;
    node_publish(world, &world->nodes[from], 1, TEXT);
    world->is_urgent = world->is_dense = false;
    while (!scene_holds(world, to, from, seq) && world->now_ms < start_ms + LOST_MS &&
           !world->failure[0]) {
        scene_pass(world, STEP_MS);
    }
    const uint64_t took_ms = world->now_ms - start_ms;
    const uint64_t limit_ms =
        play->last * line_ms(network) + (world->tally.again_ms - again_ms) + STEP_MS;
    world_say(world, "flash from %c to %c: %" PRIu64 " ms of %" PRIu64, 'a' + (int)from,
              'a' + (int)to, took_ms, limit_ms);
    if (took_ms > limit_ms) {
        world_fail(world,
                   "a flash entry from %c to %c takes %" PRIu64 " ms at %" PRIu32
                   " bit/s, which explains %" PRIu64,
                   'a' + (int)from, 'a' + (int)to, took_ms, network->rate, limit_ms);
    }
}

static void play_flash(struct play *play)
{
    struct world *world = play->world;
    if (play->last == 2) {
        network_link(world, 0, 2)->exists = false;
        network_refresh(world);
    }
    if (!run_to_rest(world, REST_MS)) {
        return;
    }
    begin_backlog(play);
    const uint32_t probes = random_between(&play->random, 2, PROBES_MAX);
    for (uint32_t i = 0; i < probes && !world->failure[0]; i++) {
        const uint32_t from = random_below(&play->random, 2) * play->last;
        probe(play, from, play->last - from);
        scene_pass(world, random_between(&play->random, 100, AWAY_MS));
    }
    if (!world->failure[0]) {
        weather_heal(world);
        (void)run_to_rest(world, REST_MS);
    }
}

void flash_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                struct run_result *result)
{
    static struct world world; // too large for the stack; one run at a time
    struct plan plan;
    struct play play = {.world = &world};
    struct sealer *sealer = sealer_create();
    (void)bounds;
    draw(&plan, &play, seed);
    world_init(&world, &plan, sealer);
    world.is_verbose = is_verbose;
    world_say(&world, "%u bit/s, %u ms, %u permille again, %u nodes", plan.network.rate,
              plan.network.latency_ms, plan.network.again, plan.members);
    play_flash(&play);
    run_end(&world, result);
    sealer_destroy(&sealer);
}
