// SPDX-License-Identifier: EUPL-1.2
// Links, their sessions, and frames on their way. Decides nothing about faults; weather.c does.
#include "sim/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/line.h"
#include "sim/world.h"
#include "wire/message.h"

enum { QUEUE_MAX_MS = 60000 }; // a pipe that is further behind drops, as a full send queue does

struct link *network_link(struct world *world, uint32_t a, uint32_t b)
{
    assert(a != b);
    return a < b ? &world->network.links[a][b] : &world->network.links[b][a];
}

uint32_t network_pairs(const struct world *world, struct pair out[static PAIRS_MAX])
{
    uint32_t count = 0;
    for (uint32_t a = 0; a < world->nodes_count; a++) {
        for (uint32_t b = a + 1; b < world->nodes_count; b++) {
            out[count++] = (struct pair){a, b};
        }
    }
    return count;
}

static struct pipe *pipe_of(struct world *world, uint32_t from, uint32_t to)
{
    return &network_link(world, from, to)->pipes[from < to ? 0 : 1];
}

// Whether an edge may be drawn: an engine knows one link per member.
static bool may_link(struct world *world, uint32_t a, uint32_t b)
{
    if (a == b || world->nodes[a].peer == world->nodes[b].peer ||
        network_link(world, a, b)->exists) {
        return false;
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        bool is_twin_b = i != b && world->nodes[i].peer == world->nodes[b].peer;
        bool is_twin_a = i != a && world->nodes[i].peer == world->nodes[a].peer;
        if (is_twin_b && i != a && network_link(world, a, i)->exists) {
            return false;
        }
        if (is_twin_a && i != b && network_link(world, b, i)->exists) {
            return false;
        }
    }
    return true;
}

// Marks every honest instance reachable from `from` over existing links of honest ones.
static void reach(struct world *world, uint32_t from, bool *is_reached)
{
    is_reached[from] = true;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *node = &world->nodes[i];
        if (i != from && node->is_used && !node->is_malicious && !is_reached[i] &&
            network_link(world, from, i)->exists) {
            reach(world, i, is_reached);
        }
    }
}

// Whether the edge from a reached instance to b would reach a new one.
static bool is_bridge(struct world *world, const bool *is_reached, uint32_t a, uint32_t b)
{
    const struct node *node = &world->nodes[b];
    return is_reached[a] && !is_reached[b] && node->is_used && !node->is_malicious &&
           may_link(world, a, b);
}

// Adds one edge that reaches a new instance; false when there is none left to reach.
static bool add_bridge(struct world *world)
{
    bool is_reached[INSTANCES_MAX] = {false};
    struct pair pairs[PAIRS_MAX];
    struct pair options[PAIRS_MAX];
    uint32_t pairs_count = network_pairs(world, pairs);
    uint32_t count = 0;
    reach(world, 0, is_reached);
    for (uint32_t i = 0; i < pairs_count; i++) {
        struct pair pair = pairs[i];
        if (is_bridge(world, is_reached, pair.a, pair.b) ||
            is_bridge(world, is_reached, pair.b, pair.a)) {
            options[count++] = pair;
        }
    }
    if (count > 0) {
        struct pair pick = options[random_below(&world->random, count)];
        network_link(world, pick.a, pick.b)->exists = true;
    }
    return count > 0;
}

// Adds edges until all honest instances hang together. The malicious one may not hold them.
static void connect_used(struct world *world)
{
    while (add_bridge(world)) {
    }
}

// Nor may the one to be revoked.
static void use_revoked(struct world *world, bool is_used)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->plan.revoked != 0 && world->nodes[i].peer == world->plan.revoked) {
            world->nodes[i].is_used = is_used;
        }
    }
}

// The late member may not hold the others together either: until they know it they do not link
// with it, and the roster that names it reaches them over the other links.
static void connect_all(struct world *world)
{
    struct node *late = world->plan.has_late ? &world->nodes[world->plan.members - 1] : NULL;
    if (late) {
        late->is_used = false;
    }
    use_revoked(world, false);
    connect_used(world);
    if (late) {
        late->is_used = true;
        connect_used(world);
    }
    use_revoked(world, true);
    connect_used(world);
}

void network_build(struct world *world)
{
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    world->network.now = world->plan.network;
    connect_all(world);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t a = pairs[i].a;
        uint32_t b = pairs[i].b;
        bool is_malicious = world->nodes[a].is_malicious || world->nodes[b].is_malicious;
        uint32_t permille = is_malicious ? 700 : world->plan.network.links_permille;
        if (may_link(world, a, b) && random_permille(&world->random, permille)) {
            network_link(world, a, b)->exists = true;
        }
    }
}

void network_split(struct world *world, uint32_t original, uint32_t clone)
{
    uint32_t left = 0;
    uint32_t moved = 0;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i == original || i == clone || !network_link(world, original, i)->exists) {
            continue;
        }
        bool moves = left > 0 && (moved == 0 || random_permille(&world->random, 500));
        if (moves) {
            network_link(world, original, i)->exists = false;
            network_link(world, clone, i)->exists = true;
            moved++;
        } else {
            left++;
        }
    }
    connect_all(world);
    network_refresh(world);
}

static bool is_revoked(const struct world *world, const struct node *by, const struct node *node)
{
    return world->federation.rosters[by->version - 1]->nodes[node->peer].is_revoked;
}

static bool should_be_up(struct world *world, uint32_t a, uint32_t b)
{
    const struct node *x = &world->nodes[a];
    const struct node *y = &world->nodes[b];
    const struct link *link = network_link(world, a, b);
    return link->exists && !link->is_cut && x->is_alive && y->is_alive && y->peer < x->version &&
           x->peer < y->version && !is_revoked(world, x, y) && !is_revoked(world, y, x);
}

static void notice(struct world *world, uint32_t node, uint32_t other, bool is_up)
{
    const struct link *link = network_link(world, node, other);
    uint32_t slow = world->network.is_healing ? 100 : 20000;
    uint32_t max = is_up || random_permille(&world->random, 700) ? 300 : slow;
    world_after(world, random_below(&world->random, max),
                (struct happening){.type = is_up ? HAPPENS_LINK_UP : HAPPENS_LINK_DOWN,
                                   .node = node,
                                   .other = other,
                                   .session = link->sessions});
}

void network_refresh(struct world *world)
{
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t a = pairs[i].a;
        uint32_t b = pairs[i].b;
        struct link *link = network_link(world, a, b);
        bool is_up = should_be_up(world, a, b);
        if (is_up == (link->session != 0)) {
            continue;
        }
        link->session = is_up ? ++link->sessions : 0;
        memset(link->pipes, 0, sizeof link->pipes);
        notice(world, a, b, is_up);
        notice(world, b, a, is_up);
    }
}

static void remember(struct world *world, struct span bytes)
{
    struct memory *memory = &world->memories[world->memories_next++ % MEMORIES_MAX];
    free(memory->bytes);
    memory->bytes = malloc(bytes.len + 1);
    assert(memory->bytes);
    memcpy(memory->bytes, bytes.bytes, bytes.len);
    memory->len = bytes.len;
}

static void put_on_way(struct world *world, const struct passage *passage, uint64_t delay_ms)
{
    struct random *random = &world->random;
    struct happening frame = {.type = HAPPENS_FRAME,
                              .node = passage->to,
                              .other = passage->from,
                              .is_live = passage->is_live,
                              .len = passage->bytes.len};
    frame.session = network_link(world, passage->from, passage->to)->session;
    frame.bytes = malloc(frame.len + 1);
    assert(frame.bytes);
    memcpy(frame.bytes, passage->bytes.bytes, frame.len);
    if (frame.len > 0 && random_permille(random, world->network.now.corrupt)) {
        for (uint32_t flips = random_between(random, 1, 4); flips > 0; flips--) {
            frame.bytes[random_below(random, (uint32_t)frame.len)] ^=
                (uint8_t)(1u << random_below(random, 8));
        }
    }
    world->tally.frames++;
    world_after(world, delay_ms, frame);
}

static bool is_roster(struct span bytes)
{
    struct message_reader reader;
    message_read(&reader, bytes);
    return reader.type == MESSAGE_ROSTER;
}

// What was lost on a thin line comes after another round trip and TCP's patience, and takes the
// line a second time. Returns the delay, the second time apart.
static uint64_t send_again(struct world *world, const struct passage *passage, size_t cost)
{
    enum { PATIENCE_MS = 200 };
    const struct plan_network *weather = &world->network.now;
    if (weather->again == 0 || !random_permille(&world->random, weather->again)) {
        return 0;
    }
    struct pipe *pipe = pipe_of(world, passage->from, passage->to);
    const uint64_t twice_ms = cost * 1000 / weather->bytes_per_s;
    const uint64_t wait_ms = 2 * (uint64_t)weather->latency_ms + weather->jitter_ms + PATIENCE_MS;
    pipe->busy_until_ms += twice_ms;
    line_charge(world, &world->nodes[passage->from], passage->to, cost);
    world->tally.again_ms += wait_ms + twice_ms;
    return wait_ms;
}

void network_pass(struct world *world, const struct passage *passage)
{
    struct random *random = &world->random;
    const struct plan_network *weather = &world->network.now;
    const struct link *link = network_link(world, passage->from, passage->to);
    struct pipe *pipe = pipe_of(world, passage->from, passage->to);
    if (link->session == 0 || pipe->is_blackhole || (passage->is_live && pipe->is_live_dead) ||
        (world->loses_rosters && is_roster(passage->bytes)) ||
        random_permille(random, passage->is_live ? weather->live_loss : weather->loss)) {
        return;
    }
    if (world->plan.has_malicious) {
        remember(world, passage->bytes);
    }
    uint64_t now = world->now_ms;
    uint64_t start = pipe->busy_until_ms > now ? pipe->busy_until_ms : now;
    if (start - now > QUEUE_MAX_MS) {
        return;
    }
    const size_t cost =
        weather->rate != 0 ? pacer_wire_bytes(passage->bytes.len) : passage->bytes.len;
    world->tally.wire_bytes += cost;
    pipe->busy_until_ms = start + cost * 1000 / weather->bytes_per_s;
    const uint64_t again_ms = send_again(world, passage, cost);
    uint64_t at = pipe->busy_until_ms + again_ms + weather->latency_ms +
                  random_below(random, weather->jitter_ms + 1);
    bool is_reordered = random_permille(random, weather->reorder);
    if (is_reordered) {
        at += random_below(random, 2000);
    } else if (at < pipe->last_at_ms) {
        at = pipe->last_at_ms;
    }
    if (!is_reordered) {
        pipe->last_at_ms = at;
    }
    put_on_way(world, passage, at - now);
    if (random_permille(random, weather->duplicate)) {
        put_on_way(world, passage, at - now + random_below(random, 3000));
    }
}

void network_send(struct world *world, uint32_t from, const struct effect_send *send)
{
    struct node *node = &world->nodes[from];
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i == from || world->nodes[i].peer != send->peer || node->views[i] == 0) {
            continue;
        }
        if (world->plan.network.rate != 0) {
            line_send(world, node, i, send);
        } else {
            network_pass(world, &(struct passage){.from = from, .to = i, .bytes = send->bytes});
        }
    }
}

void network_publish(struct world *world, uint32_t from, struct span bytes)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i != from && world->nodes[from].views[i] != 0) {
            network_pass(world,
                         &(struct passage){.from = from, .to = i, .bytes = bytes, .is_live = true});
        }
    }
}

void network_heal(struct world *world)
{
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    world->network.now = (struct plan_network){.latency_ms = 20, .bytes_per_s = 1000000};
    world->network.is_healing = true;
    lines_widen(world);
    for (uint32_t i = 0; i < count; i++) {
        struct link *link = network_link(world, pairs[i].a, pairs[i].b);
        link->is_cut = false;
        // What still waits for the thin link of before is let go.
        memset(link->pipes, 0, sizeof link->pipes);
    }
    network_refresh(world);
}
