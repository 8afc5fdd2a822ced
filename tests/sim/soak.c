// SPDX-License-Identifier: EUPL-1.2
// The same line, cut and healed for a long time, with both ends writing: what must not grow with
// time does not, and nothing is lost. tests/e2e/soak.sh does it with real processes.
#include "sim/soak.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "sim/network.h"
#include "sim/run.h"
#include "sim/scenario.h"

enum {
    NODES = 2,
    RATE = 64000,
    LATENCY_MS = 300,
    AGAIN_PERMILLE = 20,
    THERE_MS_MAX = 300000,
    AWAY_MS_MAX = 60000,
    WRITE_MS_MAX = 20000,
    TEXT_MAX = 400,
    HOUR_MS = 3600000,
    REST_MS = 600000,
    WARM_MS = 1200000, // until then tables may still grow
};

// What a stay of the line is held to.
enum {
    LONG_MS = 90000, // what was written this long before its end is at the other end
    SOON_MS = 30000, // after so long at the latest
};

// What may go over the line, both ways.
enum {
    BYTES_PER_ENTRY = 300, // and as much as its text has
    BYTES_PER_CUT = 2000,  // what is said anew when the nodes find each other
    BEACONS_DIVISOR = 50,  // of the line [17.3]
};

struct soak {
    struct world world;
    struct random random;
    uint64_t write_ms[NODES]; // when each one writes next
    uint64_t text_bytes;
    uint64_t entries, cuts;
    size_t memory[NODES]; // of the engine when it was warm
};

static void write_entry(struct soak *soak, uint32_t node)
{
    const uint32_t size = random_below(&soak->random, TEXT_MAX);
    node_publish(&soak->world, &soak->world.nodes[node], 1, size);
    soak->text_bytes += size;
    soak->entries++;
    soak->write_ms[node] = soak->world.now_ms + 1 + random_below(&soak->random, WRITE_MS_MAX);
}

static void live(struct soak *soak, uint64_t ms)
{
    struct world *world = &soak->world;
    const uint64_t end_ms = world->now_ms + ms;
    while (world->now_ms < end_ms && !world->failure[0]) {
        uint64_t next_ms = end_ms;
        for (uint32_t i = 0; i < NODES; i++) {
            next_ms = soak->write_ms[i] < next_ms ? soak->write_ms[i] : next_ms;
        }
        world_run(world, next_ms);
        for (uint32_t i = 0; i < NODES && !world->failure[0]; i++) {
            if (soak->write_ms[i] <= world->now_ms) {
                write_entry(soak, i);
            }
        }
    }
}

static void check_memory(struct soak *soak)
{
    struct world *world = &soak->world;
    for (uint32_t i = 0; i < NODES && world->now_ms > WARM_MS; i++) {
        struct engine_status status;
        engine_get_status(world->nodes[i].engine, &status);
        soak->memory[i] = soak->memory[i] == 0 ? status.memory : soak->memory[i];
        if (status.memory != soak->memory[i]) {
            world_fail(world, "the engine of %c has %zu bytes, which had %zu", 'a' + (int)i,
                       status.memory, soak->memory[i]);
        }
    }
}

// The line is there for a while; when that is long enough, what was written in time has arrived.
static void stay(struct soak *soak)
{
    struct world *world = &soak->world;
    const uint32_t there_ms = random_between(&soak->random, 1000, THERE_MS_MAX);
    uint64_t written[NODES];
    if (there_ms < LONG_MS + SOON_MS) {
        live(soak, there_ms);
        return;
    }
    live(soak, there_ms - SOON_MS);
    for (uint32_t i = 0; i < NODES; i++) {
        written[i] = scene_next(world, i) - 1;
    }
    live(soak, SOON_MS);
    for (uint32_t i = 0; i < NODES && !world->failure[0]; i++) {
        if (written[i] > 0 && !scene_holds(world, 1 - i, i, written[i])) {
            world_fail(world, "what %c wrote has not arrived after %d s", 'a' + (int)i,
                       SOON_MS / 1000);
        }
    }
}

static void go(struct soak *soak)
{
    struct world *world = &soak->world;
    scene_cut(world, 0, 1, true);
    soak->cuts++;
    live(soak, random_between(&soak->random, 500, AWAY_MS_MAX));
    scene_cut(world, 0, 1, false);
}

static void check_traffic(struct soak *soak, uint64_t begun_ms)
{
    struct world *world = &soak->world;
    const uint64_t beacons = 2 * (world->now_ms - begun_ms) / 1000 * (RATE / 8) / BEACONS_DIVISOR;
    const uint64_t limit =
        soak->entries * BYTES_PER_ENTRY + soak->text_bytes + soak->cuts * BYTES_PER_CUT + beacons;
    if (world->tally.wire_bytes > limit) {
        world_fail(world, "%" PRIu64 " bytes went over the line, of %" PRIu64,
                   world->tally.wire_bytes, limit);
    }
    if (network_link(world, 0, 1)->sessions > soak->cuts + 1) {
        world_fail(world, "%u links for %" PRIu64 " cuts", network_link(world, 0, 1)->sessions,
                   soak->cuts);
    }
    printf("soak: %" PRIu64 " entries, %" PRIu64 " cuts, %" PRIu64 " frames, %.1f MB of at most "
           "%.1f MB on the line, %zu KiB of each engine",
           soak->entries, soak->cuts, world->tally.frames, (double)world->tally.wire_bytes / 1e6,
           (double)limit / 1e6, soak->memory[0] / 1024);
}

static void play_soak(struct soak *soak, uint32_t hours)
{
    struct world *world = &soak->world;
    (void)run_to_rest(world, REST_MS);
    const uint64_t begun_ms = world->now_ms;
    for (uint32_t i = 0; i < NODES; i++) {
        soak->write_ms[i] = begun_ms;
    }
    const uint64_t end_ms = begun_ms + (uint64_t)hours * HOUR_MS;
    while (world->now_ms < end_ms && !world->failure[0]) {
        const uint64_t before_ms = world->now_ms;
        stay(soak);
        go(soak);
        check_memory(soak);
        if (before_ms / HOUR_MS != world->now_ms / HOUR_MS) {
            world_say(world, "%" PRIu64 " entries, %" PRIu64 " cuts", soak->entries, soak->cuts);
        }
    }
    if (!world->failure[0] && run_to_rest(world, REST_MS)) {
        check_traffic(soak, begun_ms);
    }
}

bool soak_run(uint64_t seed, uint32_t hours, bool is_verbose)
{
    static struct soak soak; // once in a process; too large for the stack
    struct plan plan;
    struct sealer *sealer = sealer_create();
    struct timespec begun;
    struct timespec ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    plan_calm(&plan, NODES);
    plan.seed = seed;
    plan.has_live_plane = false;
    plan.network.links_permille = 1000;
    plan.network.rate = RATE;
    plan.network.bytes_per_s = RATE / 8;
    plan.network.latency_ms = LATENCY_MS;
    plan.network.jitter_ms = LATENCY_MS / 2;
    plan.network.again = AGAIN_PERMILLE;
    random_init(&soak.random, seed);
    world_init(&soak.world, &plan, sealer);
    soak.world.is_verbose = is_verbose;
    play_soak(&soak, hours);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    const bool has_held = !soak.world.failure[0];
    if (has_held) {
        printf(", %" PRIu32 " virtual hours in %.1f seconds\n", hours,
               (double)(ended.tv_sec - begun.tv_sec) +
                   (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
    } else {
        printf("soak failed %s\n  repeat: sitrep-sim --soak %" PRIu32 " --from %" PRIu64
               " --verbose\n",
               soak.world.failure, hours, seed);
    }
    world_fini(&soak.world);
    sealer_destroy(&sealer);
    return has_held;
}
