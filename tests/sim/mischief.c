// SPDX-License-Identifier: EUPL-1.2
// Frames that no honest node would send: garbage, replayed and mutated frames, false claims, and
// entries with bad, foreign and doubled signatures. Its own log is valid until it forks it.
#include "sim/mischief.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mischief_claims.h"
#include "sim/mischief_keys.h"
#include "sim/world.h"
#include "wire/message.h"

// When nothing has to be skewed.
static const uint64_t usual_time = (uint64_t)1795132800000 << 16;

void mischief_receive(struct world *world, struct node *node, const struct happening *frame)
{
    // What else it hears it only remembers, as everything on the way is (network.c).
    mischief_hear_key(world, node, frame);
}

static void deliver(struct world *world, const struct node *node, struct span bytes,
                    bool may_be_live)
{
    uint32_t start = random_below(&world->random, world->nodes_count);
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        uint32_t to = (start + i) % world->nodes_count;
        if (to != node->index && network_link(world, node->index, to)->session != 0) {
            network_pass(world, &(struct passage){.from = node->index,
                                                  .to = to,
                                                  .bytes = bytes,
                                                  .is_live = may_be_live &&
                                                             random_permille(&world->random, 300)});
            return;
        }
    }
}

void mischief_deliver(struct world *world, const struct node *node,
                      const struct cbor_writer *writer, bool may_be_live)
{
    size_t len = cbor_written(writer);
    if (len > 0) {
        deliver(world, node, (struct span){.bytes = writer->start, .len = len}, may_be_live);
    }
}

static void send_garbage(struct world *world, const struct node *node)
{
    uint8_t bytes[2048];
    size_t len = random_between(&world->random, 0, sizeof bytes);
    random_fill(&world->random, bytes, len);
    if (len > 2 && random_permille(&world->random, 700)) {
        bytes[0] = (uint8_t)(0x80 | random_below(&world->random, 8));
        bytes[1] = (uint8_t)random_below(&world->random, 16);
    }
    deliver(world, node, (struct span){.bytes = bytes, .len = len}, true);
}

static void send_memory(struct world *world, const struct node *node, bool is_mutated)
{
    const struct memory *memory = &world->memories[random_below(&world->random, MEMORIES_MAX)];
    if (memory->len == 0) {
        return;
    }
    uint8_t *bytes = malloc(memory->len);
    assert(bytes);
    memcpy(bytes, memory->bytes, memory->len);
    size_t len = memory->len;
    for (uint32_t i = is_mutated ? random_between(&world->random, 1, 8) : 0; i > 0; i--) {
        bytes[random_below(&world->random, (uint32_t)len)] =
            (uint8_t)random_below(&world->random, 256);
    }
    if (is_mutated && random_permille(&world->random, 300)) {
        len = random_below(&world->random, (uint32_t)len);
    }
    deliver(world, node, (struct span){.bytes = bytes, .len = len}, true);
    free(bytes);
}

static uint64_t odd_number(struct random *random)
{
    switch (random_below(random, 4)) {
    case 0:
        return SEQ_MAX;
    case 1:
        return 1 + (random_next(random) >> 12);
    default:
        return random_between(random, 1, 300);
    }
}

static void send_heads(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    struct message_heads fixed = {
        .reply = random_permille(random, 500), .first = 0, .last = world->federation.members};
    struct message_head heads[MEMBERS_MAX] = {0};
    uint32_t count = world->federation.members;
    for (uint32_t i = 0; i < count; i++) {
        heads[i].author = i;
        heads[i].epoch = random_below(random, 3);
        heads[i].seq = odd_number(random);
        random_fill(random, heads[i].id, TAG_LEN);
    }
    uint8_t buffer[4096];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, heads, count);
    mischief_deliver(world, node, &writer, true);
}

static void send_wants(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    struct message_wants fixed = {.restart = random_permille(random, 500),
                                  .credit = random_next(random) % (CREDIT_MAX + 1)};
    struct message_want wants[100] = {0};
    size_t count = random_below(random, 101);
    for (size_t i = 0; i < count; i++) {
        wants[i].author = random_below(random, world->federation.members + 2);
        wants[i].epoch = random_below(random, 3);
        wants[i].from = random_between(random, 1, 50);
        wants[i].to = wants[i].from + odd_number(random) / 2;
        wants[i].has_tip = random_permille(random, 500);
        random_fill(random, wants[i].tip, TAG_LEN);
    }
    uint8_t buffer[8192];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_wants(&writer, &fixed, wants, count);
    mischief_deliver(world, node, &writer, true);
}

static void send_small(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    uint8_t buffer[256];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    struct message_beacon beacon = {
        .roster_version = random_below(random, 20),
        .time_ms = random_next(random) >> 11,
        .echo_ms = random_next(random) >> 11,
        .held_ms = random_below(random, 10000),
        .rate = random_permille(random, 500) ? random_between(random, PACER_RATE_MIN, 100000) : 0,
        .interval_ms = random_between(random, 1, BEACON_INTERVAL_MAX_MS)};
    struct message_trace trace = {.author = random_below(random, world->federation.members),
                                  .to = random_between(random, 2, 100),
                                  .at = random_between(random, 1, 2),
                                  .is_answer = random_permille(random, 500)};
    struct message_roster_want want = {.has_hash = random_permille(random, 500),
                                       .version = random_below(random, 20)};
    switch (random_below(random, 5)) {
    case 0:
        random_fill(random, beacon.roster_tag, TAG_LEN);
        random_fill(random, beacon.fingerprint, FINGERPRINT_LEN);
        message_put_beacon(&writer, &beacon);
        break;
    case 1:
        message_put_credit(&writer, random_next(random) % (CREDIT_MAX + 1));
        break;
    case 2:
        random_fill(random, want.hash, ID_LEN);
        message_put_roster_want(&writer, &want);
        break;
    case 3:
        random_fill(random, want.hash, ID_LEN);
        message_put_roster_is(&writer, (const uint8_t(*)[ID_LEN]) & want.hash, 1);
        break;
    default:
        trace.has_id = trace.is_answer && random_permille(random, 800);
        random_fill(random, trace.tip, TAG_LEN);
        random_fill(random, trace.id, TAG_LEN);
        message_put_trace(&writer, &trace);
        break;
    }
    mischief_deliver(world, node, &writer, true);
}

// -- entries --

struct forgery {
    uint32_t author;
    uint64_t epoch, seq;
    const uint8_t *prev; // ID_LEN bytes; NULL at seq 1
    const struct signing_key *key;
};

// Most often what an honest clock would say; else long ago, or far ahead.
static uint64_t odd_time(struct random *random)
{
    static const uint64_t latest = (UINT64_C(1) << 63) - 1;
    switch (random_below(random, 8)) {
    case 0:
        return random_below(random, 2);
    case 1:
        return latest - random_below(random, 2);
    case 2:
        return random_next(random) & latest;
    case 3: // within what honest clocks follow
        return usual_time + ((uint64_t)random_below(random, 600000) << 16);
    default:
        return usual_time;
    }
}

// Writes a runs message of one entry; `id` gets the entry's id.
static void forge(struct world *world, const struct forgery *forgery, struct cbor_writer *writer,
                  uint8_t id[static ID_LEN])
{
    struct random *random = &world->random;
    uint8_t sealed[200];
    struct header header = {.epoch = forgery->epoch,
                            .seq = forgery->seq,
                            .time = odd_time(random),
                            .precedence = (uint8_t)random_below(random, PRECEDENCES),
                            .size = random_between(random, SEALED_MIN, sizeof sealed)};
    random_fill(random, sealed, sizeof sealed);
    memcpy(header.author, world->federation.public_keys[forgery->author], SIGN_KEY_LEN);
    memcpy(header.group, world->federation.group_key.group, TAG_LEN);
    memcpy(header.key, world->federation.group_key.id, TAG_LEN);
    header_digest(sealed, header.size, header.digest);
    struct run run = {
        .author = forgery->author, .epoch = forgery->epoch, .seq = forgery->seq, .count = 1};
    if (forgery->prev) {
        memcpy(header.prev, forgery->prev, ID_LEN);
        memcpy(run.prev, forgery->prev, ID_LEN);
        run.prev_len = ID_LEN;
    }
    run.items[0] = (struct run_item){.time = header.time,
                                     .precedence = header.precedence,
                                     .sealed = {.bytes = sealed, .len = header.size}};
    memcpy(run.items[0].group, header.group, TAG_LEN);
    memcpy(run.items[0].key, header.key, TAG_LEN);
    uint8_t bytes[HEADER_MAX];
    size_t len = header_encode(&header, bytes);
    header_id(world->federation.space, bytes, len, id);
    cose_sign(forgery->key, (struct span){.bytes = world->federation.space, .len = ID_LEN},
              (struct span){.bytes = bytes, .len = len}, run.signature);
    message_put_runs(writer, 1);
    run_encode(writer, &run);
}

// An entry in another's name, signed by the wrong key.
static void send_forged(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    uint8_t prev[ID_LEN];
    random_fill(random, prev, ID_LEN);
    struct forgery forgery = {.author = random_below(random, world->federation.members),
                              .epoch = random_below(random, 2),
                              .seq = random_between(random, 1, 100),
                              .key = random_permille(random, 500)
                                         ? &world->federation.outsider
                                         : &world->federation.keys[node->peer]};
    if (forgery.author == node->peer) {
        forgery.key = &world->federation.outsider;
    }
    forgery.prev = forgery.seq > 1 ? prev : NULL;
    uint8_t buffer[1024];
    uint8_t id[ID_LEN];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    forge(world, &forgery, &writer, id);
    mischief_deliver(world, node, &writer, true);
}

void mischief_write_own(struct world *world, const struct node *node, uint64_t seq,
                        const uint8_t *prev, struct cbor_writer *writer, uint8_t id[static ID_LEN])
{
    struct forgery forgery = {
        .author = node->peer, .seq = seq, .prev = prev, .key = &world->federation.keys[node->peer]};
    forge(world, &forgery, writer, id);
}

// The branch the next entry continues. Now and then it is a new one, in the place of the last entry
// of another.
static struct mischief_branch *pick_branch(struct world *world)
{
    struct random *random = &world->random;
    struct mischief *own = &world->mischief;
    struct mischief_branch *branch = &own->branches[random_below(random, own->branches_count + 1)];
    if (branch->seq <= 1 || own->branches_count + 1 == BRANCHES_MAX ||
        !random_permille(random, 150)) {
        return branch;
    }
    struct mischief_branch *fork = &own->branches[++own->branches_count];
    fork->seq = branch->seq - 1;
    memcpy(fork->id, branch->prev, ID_LEN);
    return fork;
}

// A valid entry of its own: the next of a branch, or one ahead of a gap.
static void send_own(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    struct mischief_branch *own = pick_branch(world);
    uint64_t seq = own->seq + 1;
    const uint8_t *prev = own->seq > 0 ? own->id : NULL;
    uint8_t nowhere[ID_LEN];
    bool is_float = random_permille(random, 100);
    if (is_float) {
        random_fill(random, nowhere, ID_LEN);
        seq += 1000 + random_below(random, 1000);
        prev = nowhere;
    }
    uint8_t buffer[1024];
    uint8_t id[ID_LEN];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    mischief_write_own(world, node, seq, prev, &writer, id);
    mischief_deliver(world, node, &writer, true);
    if (!is_float) {
        memcpy(own->prev, own->id, ID_LEN);
        memcpy(own->id, id, ID_LEN);
        own->seq++;
    }
}

static void send_copy(struct world *world, const struct node *node)
{
    send_memory(world, node, false);
}

static void send_mutated(struct world *world, const struct node *node)
{
    send_memory(world, node, true);
}

void mischief_strike(struct world *world, struct node *node)
{
    static void (*const strikes[])(struct world *, const struct node *) = {send_garbage,
                                                                           send_copy,
                                                                           send_mutated,
                                                                           send_heads,
                                                                           send_wants,
                                                                           send_small,
                                                                           send_forged,
                                                                           mischief_ask_for_keys,
                                                                           mischief_ask_for_keys,
                                                                           mischief_send_keys,
                                                                           mischief_claim_heads,
                                                                           mischief_claim_heads,
                                                                           mischief_echo,
                                                                           mischief_send_roster,
                                                                           mischief_send_bad_run,
                                                                           mischief_send_bad_run,
                                                                           send_own,
                                                                           send_own,
                                                                           send_own,
                                                                           send_own};
    enum { STRIKES = sizeof strikes / sizeof *strikes, OF_STORM = 4 };
    // New entries of its own would keep the others from coming to rest.
    uint32_t count = world->is_healing ? STRIKES - OF_STORM : STRIKES;
    if (node->is_alive) {
        strikes[random_below(&world->random, count)](world, node);
    }
}
