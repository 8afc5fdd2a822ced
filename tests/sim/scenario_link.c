// SPDX-License-Identifier: EUPL-1.2
// Scenarios of links: first contact, a gap in what came over the live plane, a partition, a late
// joiner with a long way to go.
#include "sim/scenario.h"

void scenario_first_contact(struct world *world)
{
    scene_cut(world, 0, 1, true);
    scene_pass(world, 20000); // nobody to ask about the own log: the shell clears it
    scene_expect_any_order(world, "a may publish\nb may publish\n");
    scene_publish(world, 0);
    scene_pass(world, 100);
    scene_publish(world, 1);
    scene_pass(world, 100);
    scene_publish(world, 1);
    scene_pass(world, 100);
    scene_expect(world, "a published 0/1\nb published 0/1\nb published 0/2\n");
    scene_cut(world, 0, 1, false);
    scene_rest(world);
    scene_expect_any_order(world, "a stored b/2\nb stored a/1\n");
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect(world, "a published 0/2\nb stored a/2\n");
}

void scenario_gap(struct world *world)
{
    scene_rest(world);
    scene_expect_any_order(world, "a may publish\nb may publish\n");
    struct pipe *pipe = &network_link(world, 0, 1)->pipes[0];
    pipe->is_blackhole = true;
    scene_publish(world, 0);
    scene_pass(world, 500);
    scene_expect(world, "a published 0/1\n");
    pipe->is_blackhole = false;
    scene_publish(world, 0);
    scene_pass(world, 20); // the live plane brings the second one before any beacon tells
    struct engine_status status;
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.ahead == 1 && status.entries == 0, "b holds a/2 ahead of a/1");
    scene_rest(world);
    engine_get_status(world->nodes[1].engine, &status);
    scene_check(world, status.ahead == 0 && status.entries == 2, "b holds both and no gap");
}

void scenario_partition(struct world *world)
{
    scene_rest(world);
    scene_expect_any_order(world, "a may publish\nb may publish\nc may publish\nd may publish\n");
    for (uint32_t i = 0; i < 2; i++) {
        scene_cut(world, i, 2, true);
        scene_cut(world, i, 3, true);
    }
    scene_pass(world, 30000);
    scene_publish(world, 0);
    scene_pass(world, 5000);
    scene_publish(world, 3);
    scene_pass(world, 5000);
    scene_expect(world, "a published 0/1\nb stored a/1\nd published 0/1\nc stored d/1\n");
    scene_cut(world, 1, 2, false); // one link is enough
    scene_pass(world, 10000);
    scene_expect_any_order(world, "b stored d/1\nc stored a/1\na stored d/1\nd stored a/1\n");
    for (uint32_t i = 0; i < 2; i++) {
        scene_cut(world, i, 2, false);
        scene_cut(world, i, 3, false);
    }
    scene_rest(world);
    scene_expect(world, "");
}

void scenario_catch_up(struct world *world)
{
    enum { ENTRIES = 5000, BATCH = 50, CATCH_UP_MS = 30000 };
    scene_rest(world);
    node_crash(world, &world->nodes[1]);
    for (uint32_t i = 0; i < ENTRIES / BATCH; i++) {
        node_publish(world, &world->nodes[0], BATCH, 60);
        scene_pass(world, 10);
    }
    uint64_t start_ms = world->now_ms;
    uint64_t most = 0;
    node_start(world, &world->nodes[1]);
    struct peer_status there = {0};
    struct peer_status here = {0};
    struct engine_status status = {0};
    while (!world->failure[0] && status.entries < ENTRIES &&
           world->now_ms < start_ms + CATCH_UP_MS) {
        scene_pass(world, 1);
        engine_get_status(world->nodes[1].engine, &status);
        if (engine_get_peer(world->nodes[0].engine, 1, &there) == ERR_OK &&
            engine_get_peer(world->nodes[1].engine, 0, &here) == ERR_OK) {
            uint64_t on_way = there.bytes_out - here.bytes_in;
            most = on_way > most && there.bytes_out > here.bytes_in ? on_way : most;
        }
    }
    scene_check(world, status.entries == ENTRIES, "b has caught up within 30 seconds");
    scene_check(world, most > 0, "something was on its way");
    scene_check(world, most <= world->plan.limits.window_bytes + 2 * MESSAGE_MAX,
                "no more was on its way than was credited");
    scene_rest(world);
}
