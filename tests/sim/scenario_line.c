// SPDX-License-Identifier: EUPL-1.2
// Scenarios of thin lines: what is urgent does not wait for what is not, however much that is; a
// line on which nothing happens stays nearly free; and what a break cuts off is not sent again.
#include <inttypes.h>
#include <string.h>

#include "sim/line.h"
#include "sim/network.h"
#include "sim/scenario.h"

enum {
    BATCH = 50,
    BODY = 400,
    TEXT = 160, // what 300 bytes of text shrink to [4.9]
    PROBES = 12,
    LOST_MS = 60000,
};

// `node` gets so many entries that nobody else has.
static void pile_up(struct world *world, uint32_t node, uint32_t entries)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i != node) {
            scene_cut(world, node, i, true);
        }
    }
    scene_pass(world, 30000);
    world->is_routine = true;
    for (uint32_t i = 0; i < entries && !world->failure[0]; i += BATCH) {
        node_publish(world, &world->nodes[node], BATCH, BODY);
        scene_pass(world, 100);
    }
    world->is_routine = false;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i != node) {
            scene_cut(world, node, i, false);
        }
    }
}

// How long a flash entry of `from` takes to `to`, at worst, while the line is busy.
static uint64_t time_flashes(struct world *world, uint32_t from, uint32_t to)
{
    uint64_t worst = 0;
    world->is_urgent = world->is_dense = true;
    for (uint32_t probe = 0; probe < PROBES && !world->failure[0]; probe++) {
        const uint64_t seq = scene_next(world, from);
        const uint64_t start_ms = world->now_ms;
        node_publish(world, &world->nodes[from], 1, TEXT);
        while (!scene_holds(world, to, from, seq) && world->now_ms < start_ms + LOST_MS &&
               !world->failure[0]) {
            scene_pass(world, 10);
        }
        worst = world->now_ms - start_ms > worst ? world->now_ms - start_ms : worst;
        scene_pass(world, 20000 + 777 * probe); // at other moments of the traffic each time
    }
    world->is_urgent = world->is_dense = false;
    return worst;
}

static void expect_flash(struct world *world, uint32_t from, uint32_t to, uint64_t limit_ms)
{
    struct engine_status status;
    const uint64_t worst = time_flashes(world, from, to);
    engine_get_status(world->nodes[to].engine, &status);
    world_say(world, "flash from %c to %c: %" PRIu64 " ms at worst, %" PRIu64 " entries there",
              'a' + (int)from, 'a' + (int)to, worst, status.entries);
    if (worst > limit_ms) {
        world_fail(world, "flash from %c to %c takes %" PRIu64 " ms", 'a' + (int)from,
                   'a' + (int)to, worst);
    }
}

// A backlog of more than a MiB, for an hour of this line: in it, and against it.
void scenario_line_flash(struct world *world)
{
    enum { BACKLOG = 2700, LIMIT_MS = 5000, SOON_MS = 60000 };
    scene_rest(world);
    pile_up(world, 0, BACKLOG);
    scene_pass(world, SOON_MS);
    expect_flash(world, 0, 1, LIMIT_MS);
    expect_flash(world, 1, 0, LIMIT_MS);
    struct engine_status status;
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.entries + status.ahead > 200 && status.entries < BACKLOG,
                "the backlog was under way all the time");
}

// Two lines one after the other, with a backlog on each.
void scenario_line_relay(struct world *world)
{
    enum { BACKLOG = 2000, LIMIT_MS = 6000, SOON_MS = 60000 };
    network_link(world, 0, 2)->exists = false;
    network_refresh(world);
    scene_rest(world);
    pile_up(world, 0, BACKLOG);
    scene_pass(world, SOON_MS);
    expect_flash(world, 0, 2, LIMIT_MS);
    expect_flash(world, 2, 0, LIMIT_MS);
}

static void publish_batches(struct world *world, uint32_t node, uint32_t entries)
{
    world->is_routine = true;
    for (uint32_t i = 0; i < entries && !world->failure[0]; i += BATCH) {
        node_publish(world, &world->nodes[node], BATCH, BODY);
        scene_pass(world, 100);
    }
    world->is_routine = false;
}

static uint64_t sealed_bytes(const struct world *world, uint32_t node)
{
    const struct disk_state *state = &world->nodes[node].disk.state;
    uint64_t bytes = 0;
    for (uint64_t seq = 1; disk_find(state, 0, seq) != NULL; seq++) {
        bytes += disk_find(state, 0, seq)->blob->record.sealed_len;
    }
    return bytes;
}

// Of a backlog of a quarter of an hour the two flash entries and the four newest come first, and
// nothing of it comes twice, though the line breaks.
void scenario_line_backlog(struct world *world)
{
    enum { PART = 200, NEWEST = 4, SOON_MS = 30000, BROKEN_MS = 40000, LONG_MS = 2000000 };
    const uint64_t flashes[] = {PART + 1, 2 * PART + 2};
    const uint64_t last = 3 * PART + 2;
    struct engine_status status;
    struct peer_status peer;
    scene_rest(world);
    scene_cut(world, 0, 1, true);
    scene_pass(world, BROKEN_MS);
    for (int i = 0; i < 3; i++) {
        publish_batches(world, 0, PART);
        if (i < 2) {
            world->is_urgent = true;
            node_publish(world, &world->nodes[0], 1, TEXT);
            world->is_urgent = false;
        }
    }
    scene_cut(world, 0, 1, false);
    scene_pass(world, SOON_MS);
    for (size_t i = 0; i < 2; i++) {
        scene_check(world, scene_holds(world, 1, 0, flashes[i]),
                    "a flash entry of the backlog is there");
    }
    for (uint64_t seq = last - NEWEST + 1; seq <= last; seq++) {
        scene_check(world, scene_holds(world, 1, 0, seq), "the newest are there");
    }
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.entries < PART / 2, "the rest is under way");
    for (int i = 0; i < 5; i++) {
        scene_cut(world, 0, 1, true);
        scene_pass(world, BROKEN_MS);
        scene_cut(world, 0, 1, false);
        scene_pass(world, BROKEN_MS);
    }
    scene_pass(world, LONG_MS);
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.entries == last, "everything came");
    scene_check(world, engine_get_peer(world->nodes[1].engine, 0, &peer) == ERR_OK, "from a");
    const uint64_t sealed = sealed_bytes(world, 1);
    world_say(world, "%" PRIu64 " sealed bytes came as %" PRIu64, sealed, peer.bytes_in);
    scene_check(world, peer.bytes_in * 100 < sealed * 120, "nothing came twice");
}

// Of three hundred routine entries none comes where only what is urgent is wanted; that does, at
// once, also what is written then. When everything is wanted it comes.
void scenario_line_wanted(struct world *world)
{
    enum { PART = 100, SOON_MS = 20000, HOUR_MS = 3600000, LITTLE = 40000 };
    struct engine_status status;
    struct peer_status peer;
    scene_rest(world);
    line_want(world, &world->nodes[1], 0, IMMEDIATE);
    scene_cut(world, 0, 1, true);
    scene_pass(world, SOON_MS);
    for (int i = 0; i < 2; i++) {
        publish_batches(world, 0, PART);
        world->is_urgent = true;
        node_publish(world, &world->nodes[0], 1, TEXT);
        world->is_urgent = false;
    }
    scene_cut(world, 0, 1, false);
    scene_pass(world, SOON_MS);
    scene_check(world, scene_holds(world, 1, 0, PART + 1) && scene_holds(world, 1, 0, 2 * PART + 2),
                "what is urgent is there");
    publish_batches(world, 0, PART);
    world->is_urgent = true;
    node_publish(world, &world->nodes[0], 1, TEXT);
    world->is_urgent = false;
    scene_pass(world, SOON_MS / 2);
    scene_check(world, scene_holds(world, 1, 0, 3 * PART + 3), "what is urgent now is there");
    scene_pass(world, HOUR_MS);
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.entries == 0 && status.ahead == 3, "and nothing else");
    scene_check(world, engine_get_peer(world->nodes[1].engine, 0, &peer) == ERR_OK, "from a");
    world_say(world, "%" PRIu64 " bytes came in an hour", peer.bytes_in);
    scene_check(world, peer.bytes_in < LITTLE, "which costs little");
    line_want(world, &world->nodes[1], 0, ROUTINE);
    scene_pass(world, HOUR_MS);
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.entries == 3 * PART + 3, "everything is, when it is wanted");
}

// Nodes that hold the same say so, at long intervals.
void scenario_line_idle(struct world *world)
{
    enum { HOUR_MS = 3600000 };
    scene_rest(world);
    scene_publish(world, 0);
    scene_rest(world);
    const uint64_t frames = world->tally.frames;
    scene_pass(world, HOUR_MS);
    const uint64_t in_hour = world->tally.frames - frames;
    world_say(world, "%" PRIu64 " frames in an idle hour", in_hour);
    scene_check(world, in_hour > 100 && in_hour < 300, "a beacon each half a minute");
    for (uint32_t i = 0; i < 2; i++) {
        struct peer_status peer;
        const enum err err = engine_get_peer(world->nodes[i].engine, 1 - i, &peer);
        scene_check(world, err == ERR_OK && peer.state == PEER_CONVERGED, "both know it");
    }
}

static void expect_rates(struct world *world, uint32_t of_a, uint32_t of_b)
{
    const uint32_t a = line_rate(world, &world->nodes[0], 1);
    const uint32_t b = line_rate(world, &world->nodes[1], 0);
    if (a != of_a || b != of_b) {
        world_fail(world,
                   "a paces at %" PRIu32 ", not %" PRIu32 ", and b at %" PRIu32 ", not %" PRIu32, a,
                   of_a, b, of_b);
    }
}

// Nobody writes; neither takes the other for silent, at any moment.
static void keep_quiet(struct world *world, uint32_t seconds)
{
    for (uint32_t s = 0; s < seconds && !world->failure[0]; s++) {
        scene_pass(world, 1000);
        for (uint32_t i = 0; i < 2; i++) {
            struct peer_status peer;
            const enum err err = engine_get_peer(world->nodes[i].engine, 1 - i, &peer);
            scene_check(world, err == ERR_OK && peer.state == PEER_CONVERGED, "both know it");
        }
    }
}

// What one end is told both know, as long as it is told, and whichever end that is.
void scenario_line_told(struct world *world)
{
    enum { RATE = 2400, SOON_MS = 10000, QUIET_S = 300 };
    struct node *a = &world->nodes[0];
    struct node *b = &world->nodes[1];
    scene_rest(world);
    expect_rates(world, RATE, RATE);
    keep_quiet(world, QUIET_S);
    // Taken back, it does not live on between the two.
    line_tell(world, a, 1, 0);
    scene_pass(world, SOON_MS);
    expect_rates(world, 0, 0);
    keep_quiet(world, QUIET_S);
    expect_rates(world, 0, 0);
    line_tell(world, b, 0, RATE);
    scene_pass(world, SOON_MS);
    expect_rates(world, RATE, RATE);
    // Its operator knows better than the peer, and the peer does not follow.
    line_tell(world, a, 1, RATE / 2);
    scene_pass(world, SOON_MS);
    expect_rates(world, RATE / 2, RATE);
    line_tell(world, a, 1, 0);
    expect_rates(world, RATE, RATE);
    // Who comes back knows nothing, and hears it again.
    node_crash(world, a);
    node_start(world, a);
    expect_rates(world, 0, RATE);
    scene_rest(world);
    expect_rates(world, RATE, RATE);
    // The one that says it is away while it is taken back.
    scene_cut(world, 0, 1, true);
    scene_pass(world, SOON_MS);
    line_tell(world, b, 0, 0);
    scene_pass(world, SOON_MS);
    expect_rates(world, RATE, 0);
    scene_cut(world, 0, 1, false);
    scene_rest(world);
    expect_rates(world, 0, 0);
}

struct large { // one of the largest entries
    uint32_t author;
    uint64_t seq;
};

static struct large publish_large(struct world *world, uint32_t author, bool is_urgent)
{
    const struct large large = {author, scene_next(world, author)};
    world->is_dense = true;
    world->is_urgent = is_urgent;
    world->is_routine = !is_urgent;
    node_publish(world, &world->nodes[author], 1, SEALED_MAX - 128);
    world->is_dense = world->is_urgent = world->is_routine = false;
    return large;
}

enum { FLAP_MS = 20000, DOWN_MS = 5000 };

struct cost {
    uint64_t ms, wire_bytes;
};

// What it costs until b holds the entry, on a line from a that is up for so long at a time.
static struct cost pass_large(struct world *world, struct large large, uint32_t up_ms)
{
    enum { LIMIT_MS = 1800000 };
    const uint64_t start_ms = world->now_ms;
    const uint64_t before = world->tally.wire_bytes;
    uint64_t break_ms = start_ms + up_ms;
    while (!scene_holds(world, 1, large.author, large.seq) && world->now_ms < start_ms + LIMIT_MS &&
           !world->failure[0]) {
        scene_pass(world, 100);
        if (world->now_ms >= break_ms) {
            scene_cut(world, 0, 1, true);
            scene_pass(world, DOWN_MS);
            scene_cut(world, 0, 1, false);
            break_ms = world->now_ms + up_ms;
        }
    }
    return (struct cost){world->now_ms - start_ms, world->tally.wire_bytes - before};
}

static void flap(struct world *world, uint32_t breaks)
{
    for (uint32_t i = 0; i < breaks; i++) {
        scene_cut(world, 0, 1, false);
        scene_pass(world, FLAP_MS);
        scene_cut(world, 0, 1, true);
        scene_pass(world, DOWN_MS);
    }
    scene_cut(world, 0, 1, false);
}

static void say_cost(struct world *world, const char *what, struct cost cost)
{
    world_say(world, "%s: %" PRIu64 " s and %" PRIu64 " bytes", what, cost.ms / 1000,
              cost.wire_bytes);
}

// It takes as long, and as many bytes, as the line needs for it while it is there, and little more.
void scenario_line_flap(struct world *world)
{
    scene_rest(world);
    const struct cost steady = pass_large(world, publish_large(world, 0, false), UINT32_MAX);
    scene_rest(world);
    const struct cost flapping = pass_large(world, publish_large(world, 0, false), FLAP_MS);
    say_cost(world, "a large entry", steady);
    say_cost(world, "flapping", flapping);
    scene_check(world, steady.ms > 2 * FLAP_MS, "it takes longer than the line is up");
    scene_check(world, flapping.ms * 10 <= steady.ms * 16, "it arrives in 1.6 times the time");
    scene_check(world, flapping.wire_bytes * 10 <= steady.wire_bytes * 13,
                "it takes 1.3 times the bytes");
    scene_rest(world);
}

// A routine entry of c, of which most came, gives way to a flash entry of a; in the middle of that
// the node that sends both is started anew. What came of either is not sent again.
void scenario_line_flap_two(struct world *world)
{
    enum { BREAKS = 10 };
    network_link(world, 1, 2)->exists = false;
    network_refresh(world);
    scene_rest(world);
    scene_cut(world, 0, 1, true);
    scene_pass(world, 30000);
    const struct large of_c = publish_large(world, 2, false);
    const uint64_t start_ms = world->now_ms;
    uint64_t before = world->tally.wire_bytes;
    while (!scene_holds(world, 0, 2, of_c.seq) && !world->failure[0]) {
        scene_pass(world, 1000);
    }
    const struct cost steady = {world->now_ms - start_ms, world->tally.wire_bytes - before};
    node_crash(world, &world->nodes[2]); // and says no more
    before = world->tally.wire_bytes;
    flap(world, BREAKS);
    const struct large of_a = publish_large(world, 0, true);
    flap(world, BREAKS);
    node_crash(world, &world->nodes[0]);
    scene_pass(world, 1000);
    node_start(world, &world->nodes[0]);
    (void)pass_large(world, of_a, FLAP_MS);
    scene_check(world, !scene_holds(world, 1, 2, of_c.seq), "the flash entry comes first");
    (void)pass_large(world, of_c, FLAP_MS);
    const uint64_t wire_bytes = world->tally.wire_bytes - before;
    world_say(world, "a large entry: %" PRIu64 " bytes; two, flapping: %" PRIu64, steady.wire_bytes,
              wire_bytes);
    scene_check(world, scene_holds(world, 1, 0, of_a.seq) && scene_holds(world, 1, 2, of_c.seq),
                "both came");
    scene_check(world, wire_bytes * 10 <= 2 * steady.wire_bytes * 13,
                "they take 1.3 times the bytes");
}
