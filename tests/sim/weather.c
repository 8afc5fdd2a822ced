// SPDX-License-Identifier: EUPL-1.2
// The faults: each kind strikes again and again at random intervals until the world heals.
#include <assert.h>
#include <string.h>

#include "sim/accident.h"
#include "sim/groups.h"
#include "sim/mischief.h"
#include "sim/officers.h"
#include "sim/world.h"

enum weather {
    WEATHER_PUBLISH,
    WEATHER_FLAP,
    WEATHER_BLACKHOLE,
    WEATHER_PARTITION,
    WEATHER_CRASH,
    WEATHER_DISK_FULL,
    WEATHER_DAMAGE,
    WEATHER_SNAPSHOT,
    WEATHER_RESTORE,
    WEATHER_CLOCK,
    WEATHER_MISCHIEF,
    WEATHER_LATE,
    WEATHER_CLONE,
    WEATHER_REVOKE,
    WEATHER_GROUP,
    WEATHERS
};

static uint32_t interval_of(const struct world *world, enum weather weather)
{
    const struct plan_weather *plan = &world->plan.weather;
    const uint32_t intervals[WEATHERS] = {[WEATHER_PUBLISH] = plan->publish_ms,
                                          [WEATHER_FLAP] = plan->flap_ms,
                                          [WEATHER_BLACKHOLE] = plan->blackhole_ms,
                                          [WEATHER_PARTITION] = plan->partition_ms,
                                          [WEATHER_CRASH] = plan->crash_ms,
                                          [WEATHER_DISK_FULL] = plan->disk_full_ms,
                                          [WEATHER_DAMAGE] = plan->damage_ms,
                                          [WEATHER_SNAPSHOT] = plan->snapshot_ms,
                                          [WEATHER_RESTORE] = plan->restore_ms,
                                          [WEATHER_CLOCK] = plan->clock_ms,
                                          [WEATHER_MISCHIEF] =
                                              world->plan.has_malicious ? plan->mischief_ms : 0};
    return intervals[weather];
}

static void schedule(struct world *world, enum weather weather)
{
    uint32_t interval = interval_of(world, weather);
    if (interval > 0) {
        world_after(world, 1 + random_below(&world->random, 2 * interval),
                    (struct happening){.type = HAPPENS_WEATHER, .number = weather});
    }
}

static void schedule_once(struct world *world, enum weather weather)
{
    uint32_t at =
        random_between(&world->random, world->plan.storm_ms / 5, world->plan.storm_ms * 4 / 5);
    world_after(world, at, (struct happening){.type = HAPPENS_WEATHER, .number = weather});
}

void weather_begin(struct world *world)
{
    for (enum weather weather = 0; weather < WEATHER_LATE; weather++) {
        schedule(world, weather);
    }
    if (world->plan.has_late) {
        schedule_once(world, WEATHER_LATE);
    }
    if (world->plan.has_clone) {
        schedule_once(world, WEATHER_CLONE);
    }
    for (uint32_t i = 0; i < world->plan.revocations; i++) {
        schedule_once(world, WEATHER_REVOKE);
    }
    for (uint32_t i = 0; i < world->plan.group_changes; i++) {
        schedule_once(world, WEATHER_GROUP);
    }
}

static void publish(struct world *world)
{
    if (officers_write(world)) {
        return;
    }
    struct node *node = node_pick(world, true);
    if (!node || world->publications >= world->plan.publish_max ||
        (!node->is_own_ready && !random_permille(&world->random, 200))) {
        return;
    }
    world->publications++;
    bool is_large = random_permille(&world->random, world->plan.large_permille);
    size_t count = random_between(&world->random, 1, is_large ? 2 : world->plan.batch_max);
    size_t size = is_large ? random_between(&world->random, 4000, 60000)
                           : random_between(&world->random, 0, 400);
    node_publish(world, node, count, size);
}

// -- network --

// A random link, as two instances; false when there are too few nodes.
static bool pick_link(struct world *world, uint32_t *a, uint32_t *b)
{
    for (int tries = 0; tries < 20; tries++) {
        *a = random_below(&world->random, world->nodes_count);
        *b = random_below(&world->random, world->nodes_count);
        if (*a != *b && network_link(world, *a, *b)->exists) {
            return true;
        }
    }
    return false;
}

static void heal_later(struct world *world, enum weather weather, uint32_t a, uint32_t b)
{
    world_after(world, random_between(&world->random, 100, 40000),
                (struct happening){.type = HAPPENS_HEAL, .node = a, .other = b, .number = weather});
}

static void flap(struct world *world)
{
    uint32_t a;
    uint32_t b;
    if (pick_link(world, &a, &b)) {
        network_link(world, a, b)->is_cut = true;
        network_refresh(world);
        heal_later(world, WEATHER_FLAP, a, b);
    }
}

static void blackhole(struct world *world)
{
    uint32_t a;
    uint32_t b;
    if (!pick_link(world, &a, &b)) {
        return;
    }
    struct pipe *pipes = network_link(world, a, b)->pipes;
    uint32_t which = random_below(&world->random, 4); // one way, the other, both, or live alone
    pipes[0].is_blackhole = which == 0 || which == 2;
    pipes[1].is_blackhole = which == 1 || which == 2;
    pipes[0].is_live_dead = which == 3;
    pipes[1].is_live_dead = which == 3;
    heal_later(world, WEATHER_BLACKHOLE, a, b);
}

static void partition(struct world *world)
{
    bool side[INSTANCES_MAX];
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    for (uint32_t i = 0; i < INSTANCES_MAX; i++) {
        side[i] = random_permille(&world->random, 500);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (side[pairs[i].a] != side[pairs[i].b]) {
            network_link(world, pairs[i].a, pairs[i].b)->is_cut = true;
        }
    }
    world->tally.partitions++;
    world_say(world, "partition");
    network_refresh(world);
    heal_later(world, WEATHER_PARTITION, 0, 0);
}

static void heal(struct world *world, const struct happening *happening)
{
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    if (happening->number == WEATHER_PARTITION) {
        for (uint32_t i = 0; i < count; i++) {
            network_link(world, pairs[i].a, pairs[i].b)->is_cut = false;
        }
    } else {
        struct link *link = network_link(world, happening->node, happening->other);
        if (happening->number == WEATHER_BLACKHOLE) {
            memset(link->pipes, 0, sizeof link->pipes);
        } else {
            link->is_cut = false;
        }
    }
    network_refresh(world);
}

// -- nodes --

static void crash(struct world *world)
{
    struct node *node = node_pick(world, true);
    if (node) {
        node_crash(world, node);
        node_start_later(world, node);
    }
}

static void fill_disk(struct world *world)
{
    struct node *node = node_pick(world, true);
    if (node && !node->disk.is_full) {
        world_say(world, "disk of %c is full", node_letter(world, node));
        node->disk.is_full = true;
        world->tally.disk_full++;
        world_after(world, random_between(&world->random, 2000, 40000),
                    (struct happening){.type = HAPPENS_DISK_SPACE, .node = node->index});
    }
}

void weather_free_disk(struct world *world, struct node *node)
{
    node->disk.is_full = false;
    if (node->is_alive && node->disk.has_failed) {
        world_after(world, 100,
                    (struct happening){.type = HAPPENS_STORE_READY, .node = node->index});
    }
}

static void step_clock(struct world *world)
{
    struct node *node = node_pick(world, true);
    if (node) {
        int64_t step_ms = (int64_t)random_below(&world->random, 172800000) - 86400000;
        node->wall_offset_ms += step_ms;
    }
}

// -- once in a run --

static bool is_anyone_restored(const struct world *world)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->nodes[i].was_restored) {
            return true;
        }
    }
    return false;
}

static bool is_to_be_revoked(const struct world *world, const struct node *node)
{
    return world->plan.revoked != 0 && node->peer == world->plan.revoked;
}

// Whether any other honest node holds the roster that names the late one, and stays to tell.
static bool is_late_known(const struct world *world, uint32_t late)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *node = &world->nodes[i];
        if (i != late && !node->is_malicious && !is_to_be_revoked(world, node) &&
            node->version >= world->plan.members) {
            return true;
        }
    }
    return false;
}

static void admit_late(struct world *world)
{
    uint32_t late = world->plan.members - 1;
    struct node *node = &world->nodes[late];
    struct node *first = node_pick(world, true);
    // An empty newcomer must not be the first one that a restored node compares itself with.
    bool may_join = !is_anyone_restored(world) || world->is_healing;
    if (may_join && !is_late_known(world, late) && first && first->index != late &&
        !is_to_be_revoked(world, first)) {
        world_after(world, 1,
                    (struct happening){.type = HAPPENS_ROSTER,
                                       .node = first->index,
                                       .number = world->plan.members});
    }
    if (may_join && node->life == 0) {
        node_start(world, node);
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->nodes[i].is_malicious) {
            world->nodes[i].version = world->plan.members;
        }
    }
    if (!is_late_known(world, late)) { // whoever was told may have died of it
        world_after(world, 3000,
                    (struct happening){.type = HAPPENS_WEATHER, .number = WEATHER_LATE});
    }
}

// -- revocation --

static bool is_roster_known(const struct world *world, uint32_t version)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!node->is_malicious && !is_to_be_revoked(world, node) && node->version >= version) {
            return true;
        }
    }
    return false;
}

// Somewhere in what anybody holds of one of its logs, or a little further.
static struct point pick_point(struct world *world)
{
    uint32_t member = world->plan.revoked;
    struct point point = {0, random_below(&world->random, 3)};
    const struct node *node = node_pick(world, true);
    const struct disk_state *state = &(node ? node : &world->nodes[0])->disk.state;
    for (size_t i = 0; i < state->chains_count; i++) {
        const struct chain *chain = &state->chains[i];
        if (memcmp(chain->author, world->federation.public_keys[member], SIGN_KEY_LEN) == 0) {
            point.epoch = chain->epoch;
            point.seq = random_below(&world->random, (uint32_t)chain->head_seq + 3);
        }
    }
    return point;
}

static bool is_roster_forked(const struct world *world)
{
    return federation_last(&world->federation)->rivals_count > 0;
}

// One version, which also settles a fork; or two versions at once.
static void make_revocation(struct world *world)
{
    uint32_t member = world->plan.revoked;
    struct point point = pick_point(world);
    bool is_fork = !is_roster_forked(world) && random_permille(&world->random, 300) &&
                   world->federation.versions + 4 <= VERSIONS_MAX;
    if (is_fork) {
        struct point other = pick_point(world);
        other.seq += other.epoch == point.epoch && other.seq == point.seq; // or they are the same
        federation_fork(&world->federation, member, point, other);
        world->tally.roster_forks++;
    } else {
        federation_revoke(&world->federation, member, point);
    }
    world->tally.revocations++;
    world_say(world, "%c is revoked from %llu/%llu on%s", 'a' + (int)member,
              (unsigned long long)point.epoch, (unsigned long long)point.seq,
              is_fork ? ", and from somewhere else" : "");
}

// Of two versions at once one of the two; what stands of them is nobody's to tell.
static void tell_roster(struct world *world, struct node *node)
{
    uint32_t number = world->federation.versions;
    if (is_roster_forked(world)) {
        number -= 1 + random_below(&world->random, 2);
    }
    if (node) {
        world_after(
            world, 1,
            (struct happening){.type = HAPPENS_ROSTER, .node = node->index, .number = number});
    }
}

static void revoke(struct world *world)
{
    struct federation *federation = &world->federation;
    bool is_known = is_roster_known(world, federation->versions);
    if (is_known && (federation->versions < world->plan.members + world->plan.revocations ||
                     is_roster_forked(world))) {
        make_revocation(world);
        is_known = false;
        if (random_permille(&world->random, 300)) { // it hears of it itself
            tell_roster(world, &world->nodes[world->plan.revoked]);
        }
    }
    if (is_known) {
        return;
    }
    struct node *node = node_pick(world, true);
    if (node && !is_to_be_revoked(world, node) && federation->versions > world->plan.members) {
        tell_roster(world, node);
    }
    // Whoever was told may have died of it; and a newcomer's roster comes first.
    world_after(world, 3000, (struct happening){.type = HAPPENS_WEATHER, .number = WEATHER_REVOKE});
}

static void make_mischief(struct world *world)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->nodes[i].is_malicious) {
            mischief_strike(world, &world->nodes[i]);
        }
    }
}

static void take_snapshot(struct world *world)
{
    struct node *node = node_pick(world, true);
    if (node) {
        disk_take_snapshot(&node->disk);
    }
}

static void strike(struct world *world, enum weather weather)
{
    static void (*const strikes[WEATHERS])(struct world *) = {[WEATHER_PUBLISH] = publish,
                                                              [WEATHER_FLAP] = flap,
                                                              [WEATHER_BLACKHOLE] = blackhole,
                                                              [WEATHER_PARTITION] = partition,
                                                              [WEATHER_CRASH] = crash,
                                                              [WEATHER_DISK_FULL] = fill_disk,
                                                              [WEATHER_DAMAGE] = accident_damage,
                                                              [WEATHER_SNAPSHOT] = take_snapshot,
                                                              [WEATHER_RESTORE] = accident_restore,
                                                              [WEATHER_CLOCK] = step_clock,
                                                              [WEATHER_MISCHIEF] = make_mischief,
                                                              [WEATHER_LATE] = admit_late,
                                                              [WEATHER_CLONE] = accident_clone,
                                                              [WEATHER_REVOKE] = revoke,
                                                              [WEATHER_GROUP] = groups_change};
    strikes[weather](world);
}

void weather_strike(struct world *world, const struct happening *happening)
{
    if (happening->type == HAPPENS_DISK_SPACE) {
        weather_free_disk(world, &world->nodes[happening->node]);
        return;
    }
    if (happening->type == HAPPENS_HEAL) {
        heal(world, happening);
        return;
    }
    assert(happening->number < WEATHERS);
    enum weather weather = (enum weather)happening->number;
    // A liar goes on lying when the storm is over; the others must converge in spite of it.
    if (world->is_healing && weather != WEATHER_MISCHIEF && weather != WEATHER_LATE &&
        weather != WEATHER_REVOKE) {
        return;
    }
    strike(world, weather);
    if (!world->failure[0]) {
        schedule(world, weather);
    }
}

void weather_heal(struct world *world)
{
    world->is_healing = true;
    world_say(world, "the storm is over");
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        struct node *node = &world->nodes[i];
        weather_free_disk(world, node);
        if (node->is_alive && !node->is_malicious) {
            node_scrub(world, node);
        } else if (node->life > 0) {
            node_start_later(world, node);
        }
    }
    network_heal(world);
    world->plan.commit_ms_max = 5;
    world->plan.read_ms_max = 5;
    if (world->plan.has_late) {
        admit_late(world);
    }
}
