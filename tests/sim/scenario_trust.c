// SPDX-License-Identifier: EUPL-1.2
// Scenarios of revocation: what lies beyond it is held before, comes after, straddles it, or is on
// its way; the point moves; the log was forked. And a member that keeps the newest roster back.
#include <assert.h>
#include <string.h>

#include "sim/accident.h"
#include "sim/mischief.h"
#include "sim/mischief_claims.h"
#include "sim/scenario.h"
#include "wire/message.h"

enum { SETTLE_MS = 30000 };

// Makes the next roster and gives it to one node; the others hear of it.
static void revoke(struct world *world, uint32_t member, uint64_t seq, uint32_t told)
{
    federation_revoke(&world->federation, member, (struct point){0, seq});
    world->plan.revoked = member;
    world->plan.revocations++;
    world_after(world, 1,
                (struct happening){
                    .type = HAPPENS_ROSTER, .node = told, .number = world->federation.versions});
}

static void expect_counts(struct world *world, uint32_t node, uint64_t entries,
                          uint64_t quarantined)
{
    struct engine_status status;
    if (world->failure[0]) {
        return;
    }
    engine_get_status(world->nodes[node].engine, &status);
    if (status.entries != entries || status.quarantined != quarantined) {
        world_fail(world, "%c has %llu entries and %llu quarantined, not %llu and %llu",
                   node_letter(world, &world->nodes[node]), (unsigned long long)status.entries,
                   (unsigned long long)status.quarantined, (unsigned long long)entries,
                   (unsigned long long)quarantined);
    }
}

static void publish_many(struct world *world, uint32_t node, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        scene_publish(world, node);
        scene_pass(world, 1000);
    }
}

static void forget_transcript(struct world *world)
{
    world->transcript_len = 0;
    if (world->transcript) {
        world->transcript[0] = '\0';
    }
}

void scenario_revoked_before(struct world *world)
{
    scene_rest(world);
    publish_many(world, 1, 5);
    scene_publish(world, 0);
    scene_rest(world);
    revoke(world, 1, 3, 0);
    scene_rest(world);
    expect_counts(world, 0, 4, 2);
    expect_counts(world, 2, 4, 2);
    node_crash(world, &world->nodes[2]);
    node_start(world, &world->nodes[2]);
    scene_rest(world);
    expect_counts(world, 2, 4, 2); // out of its store again
    forget_transcript(world);
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect(world, "a published 0/2\nc stored a/2\n");
}

void scenario_revoked_self(struct world *world)
{
    scene_rest(world);
    publish_many(world, 1, 2);
    scene_rest(world);
    forget_transcript(world);
    revoke(world, 1, 1, 1);
    scene_pass(world, 1000);
    scene_publish(world, 1);
    scene_pass(world, SETTLE_MS);
    scene_expect(world, "b refuses to publish: not authentic or not allowed\n");
    struct engine_status status;
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.is_revoked, "b says that it is revoked");
    expect_counts(world, 1, 1, 1);
}

// One signature covers entries on both sides of the point.
void scenario_revoked_astride(struct world *world)
{
    scene_rest(world);
    for (uint32_t i = 0; i < 2; i++) {
        scene_cut(world, 1, 2 * i, true);
    }
    scene_pass(world, SETTLE_MS);
    world->is_routine = true;
    node_publish(world, &world->nodes[1], 8, 60);
    world->is_routine = false;
    scene_pass(world, 1000);
    scene_cut(world, 0, 2, true);
    scene_cut(world, 0, 1, false); // it comes as one run, over the sync plane
    scene_pass(world, SETTLE_MS);
    const struct slot *fifth = disk_find(&world->nodes[0].disk.state, 0, 5);
    scene_check(world, fifth && !fifth->blob->record.is_signed, "a holds no signature at b/5");
    revoke(world, 1, 5, 0);
    scene_pass(world, 5000);
    expect_counts(world, 0, 5, 3);
    scene_cut(world, 0, 2, false);
    scene_rest(world);
    expect_counts(world, 2, 5, 3); // with the end that carries the signature
    const struct slot *last = disk_find(&world->nodes[2].disk.state, 0, 8);
    scene_check(world, last && last->blob->record.is_signed, "c holds the signature at b/8");
    node_crash(world, &world->nodes[2]);
    node_start(world, &world->nodes[2]);
    scene_rest(world);
    expect_counts(world, 2, 5, 3);
}

static void send_next(struct world *world, uint32_t author, const struct slot *before,
                      uint32_t from, uint32_t to)
{
    uint8_t sealed[SEALED_MIN] = {0};
    uint8_t bytes[HEADER_MAX];
    uint8_t buffer[1024];
    struct header header = {.seq = before->seq + 1, .time = 1, .size = sizeof sealed};
    struct run run = {.author = author, .seq = before->seq + 1, .prev_len = ID_LEN, .count = 1};
    memcpy(header.author, world->federation.public_keys[author], SIGN_KEY_LEN);
    memcpy(header.prev, before->blob->record.id, ID_LEN);
    memcpy(run.prev, header.prev, ID_LEN);
    header_digest(sealed, sizeof sealed, header.digest);
    run.items[0] = (struct run_item){.time = 1, .sealed = {sealed, sizeof sealed}};
    size_t len = header_encode(&header, bytes);
    cose_sign(&world->federation.keys[author], (struct span){world->federation.space, ID_LEN},
              (struct span){bytes, len}, run.signature);
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_runs(&writer, 1);
    run_encode(&writer, &run);
    struct event event = {
        .type = EVENT_FRAME, .peer = from, .frame = {.bytes = {buffer, cbor_written(&writer)}}};
    node_step(world, &world->nodes[to], &event);
}

void scenario_revoked_beyond(struct world *world)
{
    scene_rest(world);
    publish_many(world, 1, 3);
    scene_rest(world);
    revoke(world, 1, 3, 0);
    scene_rest(world);
    world->plan.network.reorder = 1; // a refusal is what is wanted here
    const struct slot *last = disk_find(&world->nodes[0].disk.state, 0, 3);
    assert(last);
    send_next(world, 1, last, 2, 0);
    struct peer_status peer;
    enum err err = engine_get_peer(world->nodes[0].engine, 2, &peer);
    scene_check(world, err == ERR_OK && peer.refused[REFUSED_REVOKED] == 1,
                "a refuses from c what lies beyond");
    send_next(world, 1, last, 1, 0);
    err = engine_get_peer(world->nodes[0].engine, 1, &peer);
    scene_check(world, err == ERR_OK && peer.state == PEER_DOWN, "b itself is not heard");
    scene_rest(world);
    expect_counts(world, 0, 3, 0);
    scene_check(world, !disk_find(&world->nodes[0].disk.state, 0, 4), "a keeps nothing of it");
}

void scenario_revoked_midway(struct world *world)
{
    enum { ENTRIES = 5000, BATCH = 50, POINT = 3333 };
    scene_rest(world);
    node_crash(world, &world->nodes[2]);
    for (uint32_t i = 0; i < ENTRIES / BATCH; i++) {
        node_publish(world, &world->nodes[1], BATCH, 60);
        scene_pass(world, 10);
    }
    scene_pass(world, SETTLE_MS);
    scene_cut(world, 1, 2, true);
    node_start(world, &world->nodes[2]);
    struct engine_status status = {0};
    while (!world->failure[0] && status.entries < ENTRIES / 4) {
        scene_pass(world, 1);
        engine_get_status(world->nodes[2].engine, &status);
    }
    scene_check(world, status.entries < POINT, "c is in the middle of it");
    revoke(world, 1, POINT, 2);
    scene_rest(world);
    expect_counts(world, 0, POINT, ENTRIES - POINT);
    engine_get_status(world->nodes[2].engine, &status);
    scene_check(world, status.entries == POINT && status.quarantined < RUN_ENTRIES_MAX,
                "c has all that counts, and no more than a signature asked for");
}

void scenario_revoked_anew(struct world *world)
{
    static const uint64_t points[] = {3, 5, 0, 1, 9};
    scene_rest(world);
    publish_many(world, 1, 6);
    scene_rest(world);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        uint64_t count = points[i] < 6 ? points[i] : 6;
        revoke(world, 1, points[i], i % 2 == 0 ? 0 : 2);
        scene_rest(world);
        expect_counts(world, 0, count, 6 - count);
        expect_counts(world, 2, count, 6 - count);
    }
}

// c holds a part of what counts, and a new roster; a holds all, the rest as well, and the old one.
void scenario_revoked_mixed(struct world *world)
{
    enum { ENTRIES = 80, POINT = 41, WHILE_MS = 60000, FRAMES_MAX = 1000 };
    scene_rest(world);
    publish_many(world, 1, 2);
    scene_rest(world);
    scene_cut(world, 0, 2, true);
    scene_cut(world, 1, 2, true);
    scene_pass(world, 1000);
    node_publish(world, &world->nodes[1], ENTRIES / 2, 60);
    node_publish(world, &world->nodes[1], ENTRIES / 2, 60);
    scene_pass(world, SETTLE_MS);
    world->loses_rosters = true;
    revoke(world, 1, POINT, 2);
    scene_pass(world, 1000);
    expect_counts(world, 2, 2, 0);
    scene_cut(world, 0, 2, false);
    scene_cut(world, 1, 2, false);
    scene_pass(world, 5000);
    struct engine_status status;
    engine_get_status(world->nodes[2].engine, &status);
    scene_check(world, status.entries == POINT && status.quarantined < RUN_ENTRIES_MAX,
                "c gets what counts from one who counts further");
    expect_counts(world, 0, ENTRIES + 2, 0);
    uint64_t frames = world->tally.frames;
    scene_pass(world, WHILE_MS);
    scene_check(world, world->tally.frames - frames < FRAMES_MAX,
                "they talk no more than beacons do");
    scene_check(world, world->tally.refused == 0, "nobody refuses anything");
    scene_publish(world, 2);
    scene_pass(world, 5000);
    expect_counts(world, 0, ENTRIES + 3, 0); // all the rest goes on
    world->loses_rosters = false;
    scene_rest(world);
    expect_counts(world, 0, POINT + 1, ENTRIES + 2 - POINT);
}

void scenario_revoked_fork(struct world *world)
{
    scene_rest(world);
    scene_publish(world, 3);
    scene_rest(world);
    accident_clone_node(world, &world->nodes[3]);
    scene_pass(world, SETTLE_MS);
    for (uint32_t i = 0; i < 3; i++) { // the clones reach different nodes, and these not each other
        for (uint32_t k = i + 1; k < 3; k++) {
            scene_cut(world, i, k, true);
        }
    }
    scene_publish(world, 3);
    scene_publish(world, 4);
    scene_pass(world, SETTLE_MS);
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t k = i + 1; k < 3; k++) {
            scene_cut(world, i, k, false);
        }
    }
    scene_rest(world);
    for (uint64_t point = 2; point >= 1; point--) {
        revoke(world, 3, point, 0);
        scene_rest(world);
        for (uint32_t i = 0; i < 3; i++) {
            struct engine_status status;
            engine_get_status(world->nodes[i].engine, &status);
            scene_check(world, status.forks == (point == 2), "a fork counts up to the point");
            expect_counts(world, i, point == 2 ? 3 : 1, point == 2 ? 0 : 2);
        }
    }
}

// Two rosters that follow the same one, told to different nodes.
void scenario_roster_fork(struct world *world)
{
    enum { ONE = 2, OTHER = 4, SETTLED = 3, ENTRIES = 6 };
    struct federation *federation = &world->federation;
    scene_rest(world);
    publish_many(world, 3, ENTRIES);
    scene_rest(world);
    scene_cut(world, 0, 1, true);
    scene_cut(world, 0, 2, true);
    federation_fork(federation, 3, (struct point){0, ONE}, (struct point){0, OTHER});
    world->plan.revoked = 3;
    world->plan.revocations++;
    for (uint32_t i = 0; i < 2; i++) {
        world_after(world, 1,
                    (struct happening){
                        .type = HAPPENS_ROSTER, .node = i, .number = federation->versions - 2 + i});
    }
    scene_pass(world, SETTLE_MS);
    expect_counts(world, 0, ONE, ENTRIES - ONE);
    expect_counts(world, 1, OTHER, ENTRIES - OTHER);
    expect_counts(world, 2, OTHER, ENTRIES - OTHER);
    scene_cut(world, 0, 1, false);
    scene_cut(world, 0, 2, false);
    scene_rest(world); // everybody goes by what stands, as scene_rest sees
    for (uint32_t i = 0; i < 3; i++) {
        expect_counts(world, i, ONE, ENTRIES - ONE);
    }
    scene_check(world, world->tally.refused == 0, "nobody refuses anything");
    federation_revoke(federation, 3, (struct point){0, SETTLED});
    world_after(
        world, 1,
        (struct happening){.type = HAPPENS_ROSTER, .node = 2, .number = federation->versions});
    scene_rest(world);
    for (uint32_t i = 0; i < 3; i++) {
        expect_counts(world, i, SETTLED, ENTRIES - SETTLED);
    }
}

// What settles a fork comes to a node that has heard of one side only.
void scenario_roster_fork_missed(struct world *world)
{
    struct federation *federation = &world->federation;
    scene_rest(world);
    publish_many(world, 3, 6);
    scene_rest(world);
    scene_cut(world, 0, 1, true);
    scene_cut(world, 0, 2, true);
    federation_fork(federation, 3, (struct point){0, 5}, (struct point){0, 1});
    world->plan.revoked = 3;
    world->plan.revocations++;
    const uint32_t one = federation->versions - 2;
    world_after(world, 1, (struct happening){.type = HAPPENS_ROSTER, .node = 0, .number = one});
    world_after(world, 1, (struct happening){.type = HAPPENS_ROSTER, .node = 1, .number = one});
    world_after(world, 2, (struct happening){.type = HAPPENS_ROSTER, .node = 1, .number = one + 1});
    scene_pass(world, SETTLE_MS);
    federation_revoke(federation, 3, (struct point){0, 4});
    world_after(
        world, 1,
        (struct happening){.type = HAPPENS_ROSTER, .node = 1, .number = federation->versions});
    scene_pass(world, SETTLE_MS);
    expect_counts(world, 0, 5, 1);
    expect_counts(world, 2, 4, 2);
    scene_cut(world, 0, 1, false);
    scene_cut(world, 0, 2, false);
    scene_rest(world);
    expect_counts(world, 0, 4, 2);
}

static void claim_version(struct world *world, const struct node *liar, uint64_t version)
{
    const struct message_beacon beacon = {.roster_version = version, .time_ms = world->now_ms};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    mischief_deliver(world, liar, &writer, false);
}

// The liar says that it holds something newer, and gives only what is old.
static void lie_for(struct world *world, uint32_t ms)
{
    enum { EVERY_MS = 10000 };
    const struct node *liar = &world->nodes[3];
    uint32_t held[2] = {world->nodes[0].version, world->nodes[1].version};
    for (; ms > 0 && !world->failure[0]; ms -= EVERY_MS) {
        claim_version(world, liar,
                      random_between(&world->random, 1, world->federation.versions + 2));
        mischief_send_roster(world, liar);
        scene_pass(world, EVERY_MS);
        for (uint32_t i = 0; i < 2; i++) {
            scene_check(world, world->nodes[i].version >= held[i], "nobody goes back a version");
            held[i] = world->nodes[i].version;
        }
    }
}

// d is the only one that b reaches, and then one of two; c is in the new versions' words alone.
void scenario_stale_roster(struct world *world)
{
    enum { DAY_MS = 86400000, DAYS = 3, SOON_MS = 3000 };
    scene_rest(world);
    node_crash(world, &world->nodes[2]);
    uint32_t old = world->nodes[1].version;
    scene_cut(world, 0, 1, true);
    revoke(world, 2, 0, 0);
    for (uint32_t day = 0; day < DAYS; day++) {
        lie_for(world, DAY_MS);
    }
    scene_check(world, world->nodes[0].version == old + 1, "a holds the new version");
    scene_check(world, world->nodes[1].version == old, "b has not heard of it");
    scene_cut(world, 0, 1, false);
    scene_pass(world, SOON_MS);
    scene_check(world, world->nodes[1].version == old + 1, "b gets it from a");
    for (uint32_t day = 0; day < DAYS; day++) {
        lie_for(world, DAY_MS);
        revoke(world, 2, day + 1, day % 2);
        scene_pass(world, SOON_MS);
        for (uint32_t i = 0; i < 2; i++) {
            scene_check(world, world->nodes[i].version == world->federation.versions,
                        "the newest is everywhere at once");
        }
    }
    scene_check(world, world->tally.refused == 0, "an old roster is no offence");
    scene_rest(world);
}

// Gives a node an entry that begins the malicious member's log, another one each time.
static void give_beginning(struct world *world, uint32_t to)
{
    const struct node *malicious = &world->nodes[world->nodes_count - 1];
    uint8_t buffer[1024];
    uint8_t id[ID_LEN];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    mischief_write_own(world, malicious, 1, NULL, &writer, id);
    for (int time = 0; time < 2; time++) { // at first it is only asked where it leaves the log
        network_pass(world, &(struct passage){.from = malicious->index,
                                              .to = to,
                                              .bytes = {buffer, cbor_written(&writer)}});
        scene_pass(world, 500);
    }
}

// Each node keeps the first branches it meets, and no more. Nodes that met different ones do not
// agree on that log; a revocation from before its fork makes them agree again.
void scenario_branches(struct world *world)
{
    enum { HONEST = 3, MALICIOUS = 3 };
    world->is_healing = true; // the malicious member does this, and nothing else
    scene_rest(world);
    scene_publish(world, 0);
    scene_rest(world);
    for (uint32_t i = 0; i < HONEST; i++) {
        scene_cut(world, i, (i + 1) % HONEST, true);
    }
    for (uint32_t i = 0; i < HONEST; i++) {
        for (uint32_t branch = 0; branch < BRANCHES_MAX; branch++) {
            give_beginning(world, i);
        }
        expect_counts(world, i, 1 + BRANCHES_MAX, 0);
    }
    for (uint32_t i = 0; i < HONEST; i++) {
        scene_cut(world, i, (i + 1) % HONEST, false);
    }
    scene_pass(world, SETTLE_MS);
    scene_publish(world, 1); // other logs are not touched
    scene_pass(world, SETTLE_MS);
    for (uint32_t i = 0; i < HONEST; i++) {
        struct engine_status status;
        engine_get_status(world->nodes[i].engine, &status);
        scene_check(world, status.forks == BRANCHES_MAX - 1, "as many branches as are kept");
        expect_counts(world, i, 2 + BRANCHES_MAX, 0);
    }
    revoke(world, MALICIOUS, 0, 0);
    scene_rest(world);
    for (uint32_t i = 0; i < HONEST; i++) {
        expect_counts(world, i, 2, BRANCHES_MAX);
    }
}
