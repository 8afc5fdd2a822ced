// SPDX-License-Identifier: EUPL-1.2
// Takes what honest nodes hold and makes of it what they would not say. Signs nothing itself.
#include "sim/mischief_claims.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mischief.h"
#include "sim/world.h"
#include "wire/message.h"

enum { HEADS_ROOM = 256, RUN_ROOM = 8, SHIFT_MAX = 40 };

// -- heads --

// The chain's head, or an older or a later seq under its id.
static struct message_head claim_of(struct world *world, uint32_t author, const struct chain *chain)
{
    struct random *random = &world->random;
    struct message_head head = {.author = author, .epoch = chain->epoch, .seq = chain->head_seq};
    memcpy(head.id, chain->head_id, TAG_LEN);
    if (random_permille(random, 300)) {
        head.seq += random_between(random, 1, SHIFT_MAX);
    } else if (random_permille(random, 200)) {
        head.seq = random_between(random, 1, (uint32_t)head.seq);
    }
    return head;
}

void mischief_claim_heads(struct world *world, const struct node *node)
{
    const struct node *holder = node_pick(world, true);
    struct message_head heads[HEADS_ROOM];
    size_t count = 0;
    for (size_t i = 0; holder && i < holder->disk.state.chains_count && count < HEADS_ROOM; i++) {
        const struct chain *chain = &holder->disk.state.chains[i];
        int32_t author = roster_find_signing(federation_last(&world->federation), chain->author);
        bool is_there = disk_has_chain(&holder->disk.state, (uint32_t)i) && chain->head_seq > 0;
        if (is_there && author >= 0 && random_permille(&world->random, 800)) {
            heads[count++] = claim_of(world, (uint32_t)author, chain);
        }
    }
    qsort(heads, count, sizeof *heads, message_head_compare);
    struct message_heads fixed = {.reply = random_permille(&world->random, 500),
                                  .last = NODES_MAX - 1};
    static uint8_t buffer[HEADS_ROOM * 32];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, heads, count);
    mischief_deliver(world, node, &writer, true);
}

void mischief_echo(struct world *world, const struct node *node)
{
    struct engine_status status;
    const struct node *other = node_pick(world, true);
    uint8_t buffer[128];
    struct cbor_writer writer;
    // A node that was put back from an old copy and meets nobody else first would believe it, and
    // fork its log (13.3).
    if (!other || world->plan.weather.restore_ms > 0) {
        return;
    }
    engine_get_status(other->engine, &status);
    struct message_beacon beacon = {
        .roster_version = random_between(&world->random, 1, world->federation.versions + 1),
        .time_ms = world->now_ms};
    memcpy(beacon.fingerprint, status.fingerprint, FINGERPRINT_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    mischief_deliver(world, node, &writer, false);
}

void mischief_send_roster(struct world *world, const struct node *node)
{
    uint32_t newest = node->version - 1;
    uint32_t which = random_below(&world->random, newest + 1);
    const struct roster *roster = world->federation.rosters[which];
    static uint8_t buffer[MESSAGE_MAX];
    struct cbor_writer writer;
    if (roster->rivals_count > 0) {
        return; // what stands of two is nothing anybody signed
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_roster(&writer, roster->signed_document);
    mischief_deliver(world, node, &writer, false);
}

// -- runs --

// Consecutive entries of one chain that end in a signature; returns how many.
static size_t pick_records(struct world *world, const struct node *holder,
                           const struct chain *chain, const struct record **records)
{
    uint64_t from = random_between(&world->random, 1, (uint32_t)chain->head_seq);
    size_t count = 0;
    size_t is_signed = 0;
    while (count < RUN_ROOM && from + count <= chain->head_seq) {
        const struct slot *slot = disk_resolve(&holder->disk.state, chain->number, from + count);
        if (!slot) {
            break;
        }
        records[count++] = &slot->blob->record;
        is_signed = slot->blob->record.is_signed ? count : is_signed;
    }
    return is_signed;
}

static void fill_run(struct run *run, uint32_t author, const struct chain *chain,
                     const struct record **records, size_t count)
{
    *run = (struct run){.author = author,
                        .epoch = chain->epoch,
                        .seq = records[0]->seq,
                        .prev_len = records[0]->seq == 1 ? 0 : ID_LEN,
                        .count = count};
    memcpy(run->prev, records[0]->prev, run->prev_len);
    for (size_t i = 0; i < count; i++) {
        run->items[i].time = records[i]->time;
        run->items[i].precedence = records[i]->precedence;
        run->items[i].sealed = (struct span){records[i]->sealed, records[i]->sealed_len};
        memcpy(run->items[i].group, records[i]->group, TAG_LEN);
        memcpy(run->items[i].key, records[i]->key, TAG_LEN);
    }
    memcpy(run->signature, records[count - 1]->signature, SIGNATURE_LEN);
}

// `copy` holds a sealed body.
static void spoil(struct world *world, struct run *run, uint8_t *copy)
{
    struct random *random = &world->random;
    size_t bad = random_below(random, (uint32_t)run->count);
    size_t other = (bad + 1) % run->count;
    struct run_item *item = &run->items[bad];
    struct run_item swapped = run->items[bad];
    switch (random_below(random, 6)) {
    case 0:
        memcpy(copy, item->sealed.bytes, item->sealed.len);
        copy[random_below(random, (uint32_t)item->sealed.len)] ^= 1;
        item->sealed.bytes = copy;
        break;
    case 1:
        item->time ^= 1u << 16;
        break;
    case 2:
        item->precedence = (uint8_t)((item->precedence + 1) % PRECEDENCES);
        break;
    case 3:
        item->group[0] ^= 1;
        break;
    case 4:
        run->items[bad] = run->items[other];
        run->items[other] = swapped;
        break;
    default:
        memmove(&run->items[bad], &run->items[bad + 1],
                (run->count - bad - 1) * sizeof *run->items);
        run->count -= run->count > 1;
        break;
    }
}

void mischief_send_bad_run(struct world *world, const struct node *node)
{
    static uint8_t buffer[RUN_ROOM * (SEALED_MAX + 1024)];
    static uint8_t copy[SEALED_MAX];
    const struct node *holder = node_pick(world, true);
    const struct record *records[RUN_ROOM];
    static struct run run;
    if (!holder || holder->disk.state.chains_count == 0) {
        return;
    }
    uint32_t number = random_below(&world->random, (uint32_t)holder->disk.state.chains_count);
    const struct chain *chain = &holder->disk.state.chains[number];
    int32_t author = roster_find_signing(federation_last(&world->federation), chain->author);
    if (author < 0 || !disk_has_chain(&holder->disk.state, number) || chain->head_seq == 0) {
        return;
    }
    size_t count = pick_records(world, holder, chain, records);
    if (count == 0) {
        return;
    }
    fill_run(&run, (uint32_t)author, chain, records, count);
    spoil(world, &run, copy);
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_runs(&writer, 1);
    run_encode(&writer, &run);
    mischief_deliver(world, node, &writer, true);
}
