// SPDX-License-Identifier: EUPL-1.2
// What befalls stores: damaged records, backups put back, machines cloned. What an author's last
// copy was lost by is remembered by the oracle, not here.
#include "sim/accident.h"

#include <assert.h>
#include <string.h>

#include "sim/world.h"

enum { NEARBY = 3 * RUN_ENTRIES_MAX };

static bool has_damage(const struct disk_state *state)
{
    for (size_t i = 0; i < state->slots_count; i++) {
        if (state->slots[i].is_damaged) {
            return true;
        }
    }
    return false;
}

// Whether `other` has damage so near in the same log that neither could give the other a whole run
// with its signature.
static bool is_torn_nearby(const struct node *other, const struct chain *log, uint64_t seq)
{
    const struct disk_state *state = &other->disk.state;
    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        const struct chain *chain = &state->chains[slot->chain];
        if (slot->is_damaged && chain->epoch == log->epoch &&
            memcmp(chain->author, log->author, SIGN_KEY_LEN) == 0 && slot->seq + NEARBY > seq &&
            slot->seq < seq + NEARBY) {
            return true;
        }
    }
    return false;
}

// Whether another node could mend it: one that holds it amid whole runs.
static bool is_mendable(const struct world *world, const struct node *node, const struct slot *slot)
{
    const struct chain *log = &node->disk.state.chains[slot->chain];
    bool has_copy = false;
    // Where a revocation comes to lie between two damaged entries, nobody sends the one behind it,
    // and nothing else tells the id of the one before.
    if (world->plan.revoked != 0 && is_torn_nearby(node, log, slot->seq) &&
        memcmp(log->author, world->federation.public_keys[world->plan.revoked], SIGN_KEY_LEN) ==
            0) {
        return false;
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *other = &world->nodes[i];
        bool is_cut_off = world->plan.revoked != 0 && other->peer == world->plan.revoked;
        if (i == node->index || other->is_malicious || is_cut_off) {
            continue;
        }
        const struct slot *copy = disk_find_id(&other->disk.state, slot->blob->record.id);
        has_copy |= copy && copy->seq <= other->disk.state.chains[copy->chain].head_seq;
        if (is_torn_nearby(other, log, slot->seq)) {
            return false;
        }
    }
    return has_copy;
}

void accident_damage(struct world *world)
{
    struct node *node = node_pick(world, !random_permille(&world->random, 200));
    if (!node || node->disk.state.slots_count == 0) {
        return;
    }
    for (uint32_t times = random_between(&world->random, 1, 4); times > 0; times--) {
        struct disk_state *state = &node->disk.state;
        struct slot *slot =
            &state->slots[random_below(&world->random, (uint32_t)state->slots_count)];
        if (slot->seq > state->chains[slot->chain].head_seq || !is_mendable(world, node, slot)) {
            continue;
        }
        slot->is_damaged = true;
        world_say(world, "chain %u seq %llu of %c is damaged", slot->chain,
                  (unsigned long long)slot->seq, node_letter(world, node));
        if (node->is_alive) {
            world_after(world, random_below(&world->random, 20000),
                        (struct happening){.type = HAPPENS_DAMAGED,
                                           .node = node->index,
                                           .other = slot->chain,
                                           .from = slot->seq});
        }
    }
}

// Whether `other` holds all that `node` wrote.
static bool is_known_to(const struct world *world, const struct node *node,
                        const struct node *other)
{
    const uint8_t *author = world->federation.public_keys[node->peer];
    for (size_t i = 0; i < node->disk.state.chains_count; i++) {
        const struct chain *chain = &node->disk.state.chains[i];
        if (memcmp(chain->author, author, SIGN_KEY_LEN) != 0) {
            continue;
        }
        const struct slot *head = disk_find_id(&other->disk.state, chain->head_id);
        if (!head || head->seq > other->disk.state.chains[head->chain].head_seq) {
            return false;
        }
    }
    return true;
}

// Whether asking any other node is enough to learn all that this one wrote.
static bool is_known_everywhere(const struct world *world, const struct node *node)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *other = &world->nodes[i];
        bool is_asked = i != node->index && !other->is_malicious;
        if (is_asked && (other->was_restored || !is_known_to(world, node, other))) {
            return false;
        }
    }
    return true;
}

void accident_restore_node(struct world *world, struct node *node, uint32_t pick)
{
    const struct disk_state *snapshot = &node->disk.snapshots[pick];
    assert(!node->is_alive);
    world_say(world, "%c is restored from a backup", node_letter(world, node));
    oracle_restored(world, node->index, snapshot);
    disk_state_fini(&node->disk.state);
    disk_state_copy(&node->disk.state, snapshot);
    node->was_restored = true;
    world->tally.restores++;
}

void accident_restore(struct world *world)
{
    struct node *node = node_pick(world, true);
    if (!node || node->disk.snapshots_count == 0 || node->was_restored) {
        return;
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (has_damage(&world->nodes[i].disk.state)) {
            return; // the copy that would mend it may be the one that goes
        }
    }
    uint32_t pick = random_below(&world->random, (uint32_t)node->disk.snapshots_count);
    const struct disk_state *snapshot = &node->disk.snapshots[pick];
    if (has_damage(snapshot)) {
        return;
    }
    if (world->plan.is_restore_gentle) {
        if (!is_known_everywhere(world, node)) {
            return;
        }
    } else {
        world->may_fork = true;
    }
    node_crash(world, node);
    accident_restore_node(world, node, pick);
    node_start_later(world, node);
}

void accident_clone_node(struct world *world, struct node *original)
{
    assert(world->nodes_count == world->plan.members);
    struct node *node = &world->nodes[world->nodes_count++];
    node->index = world->nodes_count - 1;
    node->peer = original->peer;
    node->is_used = true;
    node->version = original->version;
    node->held_keys = original->held_keys;
    node->clock_offset_ms = random_below(&world->random, 1000000);
    node->wall_offset_ms = original->wall_offset_ms;
    const struct disk *disk = &original->disk;
    bool is_old = disk->snapshots_count > 0 && random_permille(&world->random, 300);
    disk_state_copy(&node->disk.state, is_old ? &disk->snapshots[0] : &disk->state);
    world->may_fork = true;
    world_say(world, "%c is cloned", node_letter(world, original));
    network_split(world, original->index, node->index);
    node_start(world, node);
}

void accident_clone(struct world *world)
{
    struct node *original = node_pick(world, true);
    if (original) {
        accident_clone_node(world, original);
    }
}
