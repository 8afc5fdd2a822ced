// SPDX-License-Identifier: EUPL-1.2
// Pacers between engines and the virtual network.
#include "sim/line.h"

#include <assert.h>
#include <string.h>

#include "sim/network.h"

static uint32_t *told_at(struct world *world, const struct node *node, uint32_t other)
{
    return &network_link(world, node->index, other)->told[node->index < other ? 0 : 1];
}

static uint8_t *wanted_at(struct world *world, const struct node *node, uint32_t other)
{
    return &network_link(world, node->index, other)->wanted[node->index < other ? 0 : 1];
}

static struct link_settings settings_of(struct world *world, const struct node *node,
                                        uint32_t other)
{
    const uint32_t told = *told_at(world, node, other);
    return (struct link_settings){.rate = told != 0 ? told : node->paced[other].peer_rate,
                                  .is_rate_own = told != 0,
                                  .wanted = {.precedence = *wanted_at(world, node, other)}};
}

uint32_t line_rate(struct world *world, const struct node *node, uint32_t other)
{
    return settings_of(world, node, other).rate;
}

static struct pacer *pacer_of(struct world *world, struct node *node, uint32_t other)
{
    struct paced *paced = &node->paced[other];
    if (paced->pacer == NULL) {
        const enum err err = pacer_create(&paced->pacer, line_rate(world, node, other));
        assert(err == ERR_OK);
        (void)err;
    }
    return paced->pacer;
}

static void tell_engine(struct world *world, struct node *node, uint32_t other)
{
    struct event line = {.type = EVENT_LINE,
                         .peer = world->nodes[other].peer,
                         .line = settings_of(world, node, other)};
    node_step(world, node, &line);
}

void line_begin(struct world *world, struct node *node, uint32_t other)
{
    if (world->plan.network.rate != 0) {
        pacer_begin(pacer_of(world, node, other));
        line_go_on(world, node, other);
        tell_engine(world, node, other);
    }
}

static void use_rate(struct world *world, struct node *node, uint32_t other)
{
    const enum err err =
        pacer_set_rate(pacer_of(world, node, other), line_rate(world, node, other));
    assert(err == ERR_OK);
    (void)err;
    tell_engine(world, node, other);
    line_go_on(world, node, other);
}

void line_tell(struct world *world, struct node *node, uint32_t other, uint32_t rate)
{
    *told_at(world, node, other) = rate;
    use_rate(world, node, other);
}

void line_want(struct world *world, struct node *node, uint32_t other, uint8_t precedence)
{
    *wanted_at(world, node, other) = precedence;
    tell_engine(world, node, other);
}

void line_told(struct world *world, struct node *node, uint32_t member, uint32_t rate)
{
    for (uint32_t k = 0; k < world->nodes_count && world->plan.network.rate != 0; k++) {
        struct paced *paced = &node->paced[k];
        if (world->nodes[k].peer != member || node->views[k] == 0 || paced->peer_rate == rate) {
            continue;
        }
        paced->peer_rate = rate;
        if (*told_at(world, node, k) == 0) {
            use_rate(world, node, k);
        }
    }
}

static bool is_told(enum plan_told told, uint32_t lower, uint32_t higher, bool is_lower)
{
    const bool is_odd = (lower + higher) % 2 == 1;
    return told == TOLD_BOTH || (told == TOLD_LOWER && is_lower) ||
           (told == TOLD_HIGHER && !is_lower) || (told == TOLD_MIXED && is_odd == is_lower);
}

void lines_plan(struct world *world)
{
    const struct plan_network *plan = &world->plan.network;
    for (uint32_t a = 0; a < INSTANCES_MAX; a++) {
        for (uint32_t b = a + 1; b < INSTANCES_MAX; b++) {
            uint32_t *told = network_link(world, a, b)->told;
            told[0] = is_told(plan->told, a, b, true) ? plan->rate : 0;
            told[1] = is_told(plan->told, a, b, false) ? plan->rate : 0;
            for (uint32_t side = 0; side < 2 && plan->is_sparse; side++) {
                network_link(world, a, b)->wanted[side] = (uint8_t)((3 * a + 5 * b + side) % 8 / 2);
            }
        }
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

void line_charge(struct world *world, struct node *node, uint32_t other, size_t bytes)
{
    pacer_charge(pacer_of(world, node, other), world->now_ms, bytes);
}

void line_send(struct world *world, struct node *node, uint32_t other,
               const struct effect_send *send)
{
    // What finds no room is lost, as on a full queue; it costs time.
    if (pacer_put(pacer_of(world, node, other), send->lane, send->bytes) == ERR_OK) {
        line_go_on(world, node, other);
    }
}

bool line_receive(struct world *world, struct node *node, uint32_t other, struct span frame)
{
    return pacer_receive(pacer_of(world, node, other), world->now_ms, frame) == ERR_OK;
}

bool line_next(struct world *world, struct node *node, uint32_t other, struct span *message)
{
    return pacer_next(pacer_of(world, node, other), message);
}

// Who was told nothing goes on until its peer takes it back.
void lines_widen(struct world *world)
{
    world->network.now.rate = 0;
    for (uint32_t i = 0; i < world->nodes_count && world->plan.network.rate != 0; i++) {
        struct node *node = &world->nodes[i];
        for (uint32_t k = 0; k < world->nodes_count; k++) {
            if (k == i || (*told_at(world, node, k) == 0 && *wanted_at(world, node, k) == 0)) {
                continue;
            }
            *wanted_at(world, node, k) = ROUTINE;
            *told_at(world, node, k) = 0;
            if (node->paced[k].pacer != NULL && node->is_alive && !node->is_malicious) {
                use_rate(world, node, k);
            }
        }
    }
}

static bool speaks(const struct world *world, const struct node *node)
{
    return node->is_alive && !node->is_malicious && !world_has_revoked(world, node);
}

void lines_audit(struct world *world)
{
    for (uint32_t i = 0; i < world->nodes_count && world->network.now.rate == 0; i++) {
        const struct node *node = &world->nodes[i];
        for (uint32_t k = 0; k < world->nodes_count; k++) {
            if (k != i && speaks(world, node) && speaks(world, &world->nodes[k]) &&
                node->views[k] != 0 && line_rate(world, node, k) != 0) {
                world_fail(world, "%c still paces what it sends to %c", node_letter(world, node),
                           node_letter(world, &world->nodes[k]));
            }
        }
    }
}

void lines_destroy(struct node *node)
{
    for (size_t i = 0; i < INSTANCES_MAX; i++) {
        pacer_destroy(&node->paced[i].pacer);
        node->paced[i] = (struct paced){.pacer = NULL};
    }
}
