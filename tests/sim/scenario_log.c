// SPDX-License-Identifier: EUPL-1.2
// Scenarios of logs: a fork by a cloned machine, restored backups, a full disk, damage.
#include "sim/accident.h"
#include "sim/scenario.h"

enum { SETTLE_MS = 30000 };

void scenario_fork(struct world *world)
{
    scene_rest(world);
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect_any_order(world, "a may publish\nb may publish\nc may publish\n"
                                  "a published 0/1\nb stored a/1\nc stored a/1\n");
    accident_clone_node(world,
                        &world->nodes[0]); // a stays with one of the others, A goes to the other
    scene_pass(world, SETTLE_MS);
    scene_expect(world, "A may publish\n");
    scene_cut(world, 1, 2, true);
    scene_publish(world, 0);
    scene_publish(world, 3);
    scene_pass(world, SETTLE_MS);
    scene_expect_any_order(world, "a published 0/2\nA published 0/2\n"
                                  "b stored a/2\nc stored a/2\n");
    scene_cut(world, 1, 2, false);
    scene_rest(world);
    scene_expect_any_order(world, "b sees a fork at a/2\nc sees a fork at a/2\n"
                                  "a sees a fork at a/2\nA sees a fork at a/2\n"
                                  "b stored a/2\nc stored a/2\na stored a/2\nA stored a/2\n");
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect_any_order(world, "a published 1/1\nb stored a.1/1\nc stored a.1/1\n"
                                  "A stored a.1/1\n");
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        struct engine_status status;
        engine_get_status(world->nodes[i].engine, &status);
        scene_check(world, status.forks == 1 && status.entries == 4, "all hold both branches");
    }
}

static void lose_to_backup(struct world *world)
{
    scene_rest(world);
    scene_publish(world, 0);
    scene_rest(world);
    disk_take_snapshot(&world->nodes[0].disk);
    scene_publish(world, 0);
    scene_pass(world, 1000);
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect_any_order(world, "a may publish\nb may publish\n"
                                  "a published 0/1\nb stored a/1\na published 0/2\n"
                                  "b stored a/2\na published 0/3\nb stored a/3\n");
    node_crash(world, &world->nodes[0]);
    accident_restore_node(world, &world->nodes[0], 0);
}

void scenario_backup(struct world *world)
{
    lose_to_backup(world);
    node_start(world, &world->nodes[0]);
    scene_rest(world);
    scene_expect(world, "a stored a/3\na may publish\n");
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect(world, "a published 0/4\nb stored a/4\n");
}

void scenario_backup_alone(struct world *world)
{
    lose_to_backup(world);
    scene_cut(world, 0, 1, true);
    node_start(world, &world->nodes[0]);
    scene_pass(world, SETTLE_MS);
    scene_publish(world, 0);
    scene_pass(world, 1000);
    scene_expect(world, "a may publish\na published 1/1\n");
    scene_cut(world, 0, 1, false);
    scene_rest(world);
    scene_expect_any_order(world, "a stored a/3\nb stored a.1/1\n");
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect(world, "a published 1/2\nb stored a.1/2\n");
}

void scenario_full_disk(struct world *world)
{
    scene_rest(world);
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect_any_order(world, "a may publish\nb may publish\na published 0/1\nb stored a/1\n");
    world->nodes[0].disk.is_full = true;
    scene_publish(world, 0);
    scene_pass(world, 1000);
    scene_publish(world, 0);
    scene_publish(world, 1);
    scene_pass(world, SETTLE_MS);
    scene_expect(world, "a refuses to publish: no space left\na refuses to publish: no space left\n"
                        "b published 0/1\n");
    weather_free_disk(world, &world->nodes[0]);
    scene_rest(world);
    scene_expect(world, "a stored b/1\n");
    scene_publish(world, 0);
    scene_rest(world);
    scene_expect(world, "a published 0/2\nb stored a/2\n");
}

void scenario_damage(struct world *world)
{
    scene_rest(world);
    for (int i = 0; i < 3; i++) {
        scene_publish(world, 0);
        scene_rest(world);
    }
    scene_expect_any_order(world, "a may publish\nb may publish\n"
                                  "a published 0/1\nb stored a/1\na published 0/2\n"
                                  "b stored a/2\na published 0/3\nb stored a/3\n");
    struct node *node = &world->nodes[1];
    static const char *const transcripts[] = {"b found a/1 damaged\nb repaired a/1\n",
                                              "b found a/2 damaged\nb repaired a/2\n",
                                              "b found a/3 damaged\nb repaired a/3\n"};
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct slot *slot = disk_find(&node->disk.state, 0, seq);
        if (slot) {
            slot->is_damaged = true;
        }
        scene_check(world, slot != NULL, "b holds the entry");
        node_scrub(world, node);
        scene_rest(world);
        scene_expect(world, transcripts[seq - 1]);
    }
}
