// SPDX-License-Identifier: EUPL-1.2
// Pacers between engines and the virtual network.
#include "sim/line.h"

#include <assert.h>
#include <string.h>

#include "sim/network.h"

static struct pacer *pacer_of(struct world *world, struct node *node, uint32_t other)
{
    struct paced *paced = &node->paced[other];
    if (paced->pacer == NULL) {
        const enum err err = pacer_create(&paced->pacer, world->network.now.rate);
        assert(err == ERR_OK);
        (void)err;
    }
    return paced->pacer;
}

static void tell_rate(struct world *world, struct node *node, uint32_t other)
{
    struct event line = {
        .type = EVENT_LINE, .peer = world->nodes[other].peer, .rate = world->network.now.rate};
    node_step(world, node, &line);
}

void line_begin(struct world *world, struct node *node, uint32_t other)
{
    if (world->plan.network.rate != 0) {
        pacer_restart(pacer_of(world, node, other));
        tell_rate(world, node, other);
    }
}

void line_go_on(struct world *world, struct node *node, uint32_t other)
{
    struct pacer *pacer = pacer_of(world, node, other);
    struct paced *paced = &node->paced[other];
    struct span frame;
    while (pacer_take(pacer, world->now_ms, &frame)) {
        network_pass(world, &(struct passage){.from = node->index, .to = other, .bytes = frame});
    }
    const uint64_t due_ms = pacer_due_ms(pacer);
    const bool is_awaited = paced->due_ms > world->now_ms && paced->due_ms <= due_ms;
    if (due_ms != UINT64_MAX && !is_awaited) {
        assert(due_ms > world->now_ms);
        paced->due_ms = due_ms;
        world_after(world, due_ms - world->now_ms,
                    (struct happening){.type = HAPPENS_PACE, .node = node->index, .other = other});
    }
}

void line_send(struct world *world, struct node *node, uint32_t other,
               const struct effect_send *send)
{
    // What finds no room is lost, as on a full queue; it costs time.
    if (pacer_put(pacer_of(world, node, other), send->lane, send->bytes) == ERR_OK) {
        line_go_on(world, node, other);
    }
}

bool line_receive(struct world *world, struct node *node, uint32_t other, struct span *bytes)
{
    struct span message;
    if (world->plan.network.rate == 0) {
        return true;
    }
    const enum err err =
        pacer_receive(pacer_of(world, node, other), world->now_ms, *bytes, &message);
    *bytes = message;
    return err == ERR_OK;
}

void lines_widen(struct world *world)
{
    world->network.now.rate = 0;
    for (uint32_t i = 0; i < world->nodes_count && world->plan.network.rate != 0; i++) {
        struct node *node = &world->nodes[i];
        for (uint32_t k = 0; k < world->nodes_count; k++) {
            if (node->paced[k].pacer != NULL && node->is_alive && !node->is_malicious) {
                const enum err err = pacer_set_rate(node->paced[k].pacer, 0);
                assert(err == ERR_OK);
                (void)err;
                tell_rate(world, node, k);
                line_go_on(world, node, k);
            }
        }
    }
}

void lines_destroy(struct node *node)
{
    for (size_t i = 0; i < INSTANCES_MAX; i++) {
        pacer_destroy(&node->paced[i].pacer);
        node->paced[i].due_ms = 0;
    }
}
