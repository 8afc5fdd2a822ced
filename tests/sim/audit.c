// SPDX-License-Identifier: EUPL-1.2
// What must hold at every step, and when a world has come to rest. audit_final.c looks at what is
// held then.
#include "sim/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/groups.h"
#include "sim/world.h"
#include "wire/message.h"

enum {
    TICKS_PER_SECOND_MAX = 500, // of one node: more is a busy loop
    HYBRID_SHIFT = 16,
    HYBRID_AHEAD_MS = 300000,
};

// Something committed by that author with that epoch and seq, for which `matches` says yes.
struct wanted {
    const uint8_t *author;
    uint64_t epoch, seq;
    const struct span *sealed; // NULL: compare `tip` instead
    const uint8_t *tip;
};

static bool is_committed(const struct disk_state *state, const struct wanted *wanted)
{
    for (uint32_t i = 0; i < state->chains_count; i++) {
        const struct chain *chain = &state->chains[i];
        if (chain->epoch != wanted->epoch ||
            memcmp(chain->author, wanted->author, SIGN_KEY_LEN) != 0) {
            continue;
        }
        const struct slot *slot = disk_find(state, i, wanted->seq);
        if (!slot) {
            continue;
        }
        const struct record *record = &slot->blob->record;
        if (wanted->sealed
                ? record->sealed_len == wanted->sealed->len &&
                      memcmp(record->sealed, wanted->sealed->bytes, record->sealed_len) == 0
                : memcmp(record->id, wanted->tip, TAG_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void check_run(struct world *world, struct node *node, const struct run *run)
{
    if (run->author >= world->federation.members) {
        world_fail(world, "%c sends a run of nobody", node_letter(world, node));
        return;
    }
    const struct roster *roster = world->federation.rosters[node->version - 1];
    if (run->seq > roster_counts_to(roster, run->author, run->epoch)) {
        world_fail(world, "%c sends %c.%" PRIu64 "/%" PRIu64 ", which does not count",
                   node_letter(world, node), 'a' + (int)run->author, run->epoch, run->seq);
        return;
    }
    for (size_t i = 0; i < run->count; i++) {
        struct wanted wanted = {.author = world->federation.public_keys[run->author],
                                .epoch = run->epoch,
                                .seq = run->seq + i,
                                .sealed = &run->items[i].sealed};
        if (!is_committed(&node->disk.state, &wanted)) {
            world_fail(world, "%c sends %c.%" PRIu64 "/%" PRIu64 ", which is not durable there",
                       node_letter(world, node), 'a' + (int)run->author, wanted.epoch, wanted.seq);
        }
    }
}

static void check_runs(struct world *world, struct node *node, struct message_reader *reader)
{
    struct run run;
    message_get_runs(reader);
    while (message_next_run(reader, &run)) {
        check_run(world, node, &run);
    }
}

static void check_heads(struct world *world, struct node *node, struct message_reader *reader)
{
    struct message_heads heads;
    message_get_heads(reader, &heads);
    struct message_head head;
    while (message_next_head(reader, &head)) {
        struct wanted wanted = {.epoch = head.epoch, .seq = head.seq, .tip = head.id};
        if (head.author >= world->federation.members) {
            world_fail(world, "%c shows a head of nobody", node_letter(world, node));
            return;
        }
        const struct roster *roster = world->federation.rosters[node->version - 1];
        if (head.seq > roster_counts_to(roster, head.author, head.epoch)) {
            world_fail(world, "%c shows head %c.%" PRIu64 "/%" PRIu64 ", which does not count",
                       node_letter(world, node), 'a' + (int)head.author, head.epoch, head.seq);
            return;
        }
        wanted.author = world->federation.public_keys[head.author];
        if (!is_committed(&node->disk.state, &wanted)) {
            world_fail(world,
                       "%c shows head %c.%" PRIu64 "/%" PRIu64 ", which is not durable there",
                       node_letter(world, node), 'a' + (int)head.author, head.epoch, head.seq);
            return;
        }
    }
}

void audit_send(struct world *world, struct node *node, struct span bytes)
{
    if (bytes.len == 0 || bytes.len > MESSAGE_MAX) {
        world_fail(world, "%c sends a message of %zu bytes", node_letter(world, node), bytes.len);
        return;
    }
    struct message_reader reader;
    message_read(&reader, bytes);
    if (reader.type == MESSAGE_RUNS) {
        check_runs(world, node, &reader);
    } else if (reader.type == MESSAGE_HEADS) {
        check_heads(world, node, &reader);
    } else {
        return;
    }
    if (message_finish(&reader) != ERR_OK) {
        world_fail(world, "%c sends a malformed message", node_letter(world, node));
    }
}

void audit_persist(struct world *world, const struct node *node,
                   const struct effect_persist *effect)
{
    const uint8_t *self = world->federation.public_keys[node->peer];
    uint64_t latest_ms = 0;
    for (uint32_t i = 0; i < world->nodes_count; i++) { // a twin's entries come back to it
        const struct node *twin = &world->nodes[i];
        if (twin->peer == node->peer && twin->latest_wall_ms > latest_ms) {
            latest_ms = twin->latest_wall_ms;
        }
    }
    for (size_t i = 0; i < effect->records_count; i++) {
        const struct record *record = &effect->records[i];
        struct chain chain;
        if (engine_get_chain(node->engine, record->chain, &chain) == ERR_OK &&
            memcmp(chain.author, self, SIGN_KEY_LEN) == 0 &&
            record->time >> HYBRID_SHIFT > latest_ms + HYBRID_AHEAD_MS) {
            world_fail(world, "%c writes that it is %" PRIu64 " ms later than it is",
                       node_letter(world, node), (record->time >> HYBRID_SHIFT) - latest_ms);
        }
    }
}

void audit_refusal(struct world *world, const struct node *node, const struct note *note)
{
    bool is_honest = !world->plan.has_malicious && world->plan.network.corrupt == 0;
    bool is_alarm = note->refusal == REFUSED_MALFORMED || note->refusal == REFUSED_SIGNATURE ||
                    note->refusal == REFUSED_BRANCHES;
    // Out of order, as when a thin link is healed, what was sent before a roster seems to be sent
    // after it.
    is_alarm |= note->refusal == REFUSED_REVOKED && world->plan.network.reorder == 0 &&
                world->plan.network.duplicate == 0 && !world->is_healing;
    if (is_honest && is_alarm) {
        world_fail(world, "%c refuses an honest peer's message: %s", node_letter(world, node),
                   refusal_text(note->refusal));
    }
}

// What an engine may allocate for these limits: the sealer and the effects of one step, and what
// grows with peers, chains and floating entries.
static size_t memory_bound(const struct engine_limits *limits)
{
    size_t fixed = (size_t)24 * 1024 * 1024;
    size_t per_peer = (size_t)64 * 1024 + (size_t)limits->chains_max * 64;
    return fixed + limits->peers_max * per_peer + (size_t)limits->chains_max * 512 +
           (size_t)limits->floats_max * 256;
}

void audit_step(struct world *world, struct node *node, enum event_type type)
{
    struct engine_status status;
    engine_get_status(node->engine, &status);
    char letter = node_letter(world, node);
    if (status.memory > memory_bound(&world->plan.limits)) {
        world_fail(world, "%c has allocated %zu bytes", letter, status.memory);
    }
    if (status.ahead > world->plan.limits.floats_max) {
        world_fail(world, "%c holds %" PRIu64 " entries ahead of gaps", letter, status.ahead);
    }
    if (status.chains > world->plan.limits.chains_max) {
        world_fail(world, "%c knows %u chains", letter, status.chains);
    }
    if (type != EVENT_TICK) {
        return;
    }
    if (node->second != world->now_ms / 1000) {
        node->second = world->now_ms / 1000;
        node->ticks = 0;
    }
    if (++node->ticks > TICKS_PER_SECOND_MAX) {
        world_fail(world, "%c wants %u ticks within a second", letter, node->ticks);
    }
}

// -- rest --

static bool peers_are_converged(struct world *world, struct node *node, char *why, size_t why_size)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct node *other = &world->nodes[i];
        if (i == node->index || node->views[i] == 0 || other->is_malicious ||
            world_has_revoked(world, other)) {
            continue;
        }
        struct peer_status peer;
        enum err err = engine_get_peer(node->engine, other->peer, &peer);
        if (err != ERR_OK || peer.state != PEER_CONVERGED) {
            snprintf(why, why_size, "%c sees %c as %s, missing here %" PRIu64 ", there %" PRIu64,
                     node_letter(world, node), node_letter(world, other),
                     err == ERR_OK ? peer_state_text(peer.state) : err_text(err),
                     err == ERR_OK ? peer.missing_here : 0, err == ERR_OK ? peer.missing_there : 0);
            return false;
        }
        if (peer.missing_here + peer.missing_there > 0) {
            snprintf(why, why_size, "%c and %c have converged, yet %" PRIu64 "+%" PRIu64 " missing",
                     node_letter(world, node), node_letter(world, other), peer.missing_here,
                     peer.missing_there);
            return false;
        }
    }
    return true;
}

static bool links_are_up(struct world *world, const struct node *node, char *why, size_t why_size)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i == node->index || !network_link(world, node->index, i)->exists ||
            world_has_revoked(world, &world->nodes[i])) {
            continue;
        }
        if (node->views[i] == 0 || network_link(world, node->index, i)->session == 0) {
            snprintf(why, why_size, "%c has no link to %c (roster %u)", node_letter(world, node),
                     node_letter(world, &world->nodes[i]), node->version);
            return false;
        }
    }
    return true;
}

static bool disk_is_quiet(struct world *world, const struct node *node, char *why, size_t why_size)
{
    if (node->disk.pending_count > 0 || node->disk.has_failed) {
        snprintf(why, why_size, "store of %c is busy", node_letter(world, node));
        return false;
    }
    for (size_t i = 0; i < node->disk.state.slots_count; i++) {
        const struct slot *slot = &node->disk.state.slots[i];
        uint64_t limit = world_counts_to(world, node, &node->disk.state.chains[slot->chain]);
        if (slot->is_damaged && slot->seq <= limit) {
            snprintf(why, why_size, "%c has not repaired chain %u seq %" PRIu64,
                     node_letter(world, node), slot->chain, slot->seq);
            return false;
        }
    }
    return true;
}

static bool node_is_settled(struct world *world, struct node *node, char *why, size_t why_size)
{
    struct engine_status status;
    struct engine_status first;
    engine_get_status(node->engine, &status);
    uint32_t zero = world->nodes[0].is_malicious ? 1 : 0;
    engine_get_status(world->nodes[zero].engine, &first);
    if (memcmp(status.fingerprint, first.fingerprint, FINGERPRINT_LEN) != 0) {
        snprintf(why, why_size,
                 "fingerprints of %c (%" PRIu64 " entries) and %c (%" PRIu64 ") differ",
                 node_letter(world, &world->nodes[zero]), first.entries, node_letter(world, node),
                 status.entries);
        return false;
    }
    if (node->version != world->federation.versions) {
        snprintf(why, why_size, "%c holds roster %u", node_letter(world, node), node->version);
        return false;
    }
    if (status.is_store_failed || !status.is_own_log_ready) {
        snprintf(why, why_size, "%c %s", node_letter(world, node),
                 status.is_store_failed ? "thinks that its store has failed" : "may not publish");
        return false;
    }
    return true;
}

bool audit_is_settled(struct world *world, char *why, size_t why_size)
{
    if (world->federation.versions < world->plan.members + world->plan.revocations) {
        snprintf(why, why_size, "the revocation is still to come");
        return false;
    }
    if (world->oracle.waiting > 0) {
        snprintf(why, why_size, "%zu publications are not answered", world->oracle.waiting);
        return false;
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_malicious || world_has_revoked(world, node)) {
            continue;
        }
        if (!node->is_alive) {
            snprintf(why, why_size, "%c is down", node_letter(world, node));
            return false;
        }
        if (!links_are_up(world, node, why, why_size) ||
            !disk_is_quiet(world, node, why, why_size) ||
            !node_is_settled(world, node, why, why_size) ||
            !peers_are_converged(world, node, why, why_size)) {
            return false;
        }
    }
    return groups_are_settled(world, why, why_size);
}
