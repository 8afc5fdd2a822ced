// SPDX-License-Identifier: EUPL-1.2
// Stored entries that no longer match their id, fetched again from a peer. Lowest first: an entry
// is only taken back behind an intact predecessor, so that it is the one that was lost and not
// another branch's.
#include <string.h>

#include "sync/state.h"

static struct repair *find(struct engine *engine, uint32_t chain, uint64_t seq)
{
    for (uint32_t r = 0; engine->repairs_count > 0 && r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (repair->is_used && repair->chain == chain && repair->seq == seq) {
            return repair;
        }
    }
    return NULL;
}

// Below a branch's first seq its parent holds the entry.
static struct tracked *holder(struct engine *engine, uint32_t number, uint64_t seq)
{
    struct tracked *chain = chain_at(engine, number);

    while (chain != NULL && seq < chain->now.first_seq) {
        chain = chain_at(engine, chain->now.parent);
    }
    return chain;
}

static void read_prev(struct engine *engine, struct repair *repair)
{
    struct effect_read read = {
        .tag = read_tag(engine, 'r', (uint32_t)(repair - engine->repairs), &repair->read_serial),
        .chain = repair->chain,
        .from = repair->seq - 1,
        .count_max = 1,
        .bytes_max = 1};

    repair->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    (void)outbox_read(engine, &read);
}

static void ask(struct engine *engine, struct repair *repair)
{
    const struct tracked *chain = chain_at(engine, repair->chain);
    struct message_want want = {
        .author = chain->author, .epoch = chain->now.epoch, .from = repair->seq, .to = repair->seq};

    // In a log with branches only the chain's own end tells which is meant.
    if (chain_branches(engine, chain->author, chain->now.epoch) > 1) {
        want.to = chain->durable_seq;
        want.has_tip = true;
        memcpy(want.tip, chain->durable_id, TAG_LEN);
    }
    repair->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    for (uint32_t tries = 0; tries < engine->peers_count; tries++) {
        struct peer *peer;
        struct message_wants fixed = {.credit = MESSAGE_MAX};
        struct cbor_writer writer;

        repair->peer = (repair->peer + 1) % engine->peers_count;
        peer = &engine->peers[repair->peer];
        if (!peer->is_up || peer->claims[repair->chain].seq < repair->seq) {
            continue;
        }
        writer = outbox_begin(engine, 96);
        fixed.restart = peer->wants_restart;
        message_put_wants(&writer, &fixed, &want, 1);
        if (!outbox_send(engine, peer, &writer, IMMEDIATE)) {
            continue;
        }
        peer->granted = (peer->wants_restart ? 0 : peer->granted) + MESSAGE_MAX;
        peer->wants_restart = false;
        return;
    }
}

void repair_start(struct engine *engine, uint32_t number, uint64_t seq)
{
    struct tracked *chain = holder(engine, number, seq);
    struct note note = {.type = NOTE_DAMAGED, .seq = seq};
    struct repair *repair = engine->repairs;

    if (chain == NULL || seq < 1 || find(engine, chain->now.number, seq) != NULL) {
        return;
    }
    note.chain = chain->now.number;
    note.epoch = chain->now.epoch;
    if (seq > chain->now.head_seq) { // ahead of a gap: it comes again with the gap
        if (ahead_find(engine, chain, seq) != NULL) {
            outbox_note(engine, &note);
        }
        ahead_remove(engine, chain, seq);
        engine->fetch_is_due = true;
        return;
    }
    if (seq > chain->durable_seq || engine->repairs_count == REPAIRS_MAX) {
        return; // the next scrub finds it again
    }
    while (repair->is_used) {
        repair++;
    }
    *repair = (struct repair){
        .is_used = true, .chain = chain->now.number, .seq = seq, .has_prev = seq == 1};
    engine->repairs_count++;
    outbox_note(engine, &note);
    if (repair->has_prev) {
        ask(engine, repair);
    } else {
        read_prev(engine, repair);
    }
}

void repair_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct repair *repair = slot < REPAIRS_MAX ? &engine->repairs[slot] : NULL;
    const struct record *record = event->records.count > 0 ? &event->records.records[0] : NULL;

    if (repair == NULL || !repair->is_used || repair->has_prev ||
        !read_is_current(event, repair->read_serial)) {
        return;
    }
    if (record == NULL || record->seq != repair->seq - 1 ||
        !record_is_intact(engine, record, record->prev)) {
        repair_start(engine, repair->chain, repair->seq - 1); // that one first
        return;
    }
    repair->has_prev = true;
    memcpy(repair->prev, record->id, ID_LEN);
    ask(engine, repair);
}

static void release(struct engine *engine, struct repair *repair)
{
    struct note note = {.type = NOTE_REPAIRED,
                        .chain = repair->chain,
                        .epoch = engine->chains[repair->chain].now.epoch,
                        .seq = repair->seq};

    outbox_note(engine, &note);
    repair->is_used = false;
    engine->repairs_count--;
}

static void release_all(struct engine *engine, uint32_t chain, uint64_t from, uint64_t to)
{
    for (uint32_t r = 0; r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (repair->is_used && repair->chain == chain && repair->seq >= from && repair->seq <= to) {
            release(engine, repair);
        }
    }
}

// How many of the records surely lie in the chain: in a log with branches those before any of them
// leaves, or all when the run reaches the chain's own head.
static size_t count_sure(struct engine *engine, const struct tracked *chain,
                         const struct record *records, size_t count)
{
    uint64_t head = chain->durable_seq;
    uint64_t first = records[0].seq;
    uint64_t last = first + count - 1 < head ? first + count - 1 : head;
    uint64_t fork = SEQ_MAX;

    if (last == head && memcmp(records[head - first].id, chain->durable_id, ID_LEN) == 0) {
        return (size_t)(last - first + 1);
    }
    for (struct tracked *c = chain_of_log(engine, chain->author, chain->now.epoch); c;
         c = chain_next_branch(engine, c)) {
        bool is_branch = c->has_first_id || c->now.parent != CHAIN_NONE;

        fork = is_branch && c->now.first_seq < fork ? c->now.first_seq : fork;
    }
    last = last < fork ? last : fork - 1;
    return last < first ? 0 : (size_t)(last - first + 1);
}

static bool take(struct engine *engine, const struct repair *repair, const struct record *records,
                 size_t count)
{
    const struct tracked *chain = chain_at(engine, repair->chain);
    struct ledger_line line = {
        .ticket = outbox_ticket(engine), .chain = repair->chain, .peer = NONE};

    if (records[0].seq != repair->seq || !repair->has_prev) {
        return false;
    }
    if (repair->seq > 1 && memcmp(records[0].prev, repair->prev, ID_LEN) != 0) {
        return false;
    }
    count = count_sure(engine, chain, records, count);
    if (count == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct record *record = outbox_record(engine);

        if (record == NULL) {
            return false;
        }
        *record = records[i];
        record->chain = repair->chain;
        line.bytes += record->sealed_len;
    }
    line.head_seq = chain->now.head_seq;
    memcpy(line.head_id, chain->now.head_id, ID_LEN);
    engine->out.is_repair = true;
    ledger_add(engine, &line);
    release_all(engine, chain->now.number, records[0].seq, records[count - 1].seq);
    return true;
}

bool repair_take(struct engine *engine, struct tracked *log, const struct record *records,
                 size_t count)
{
    for (struct tracked *c = log; c != NULL; c = chain_next_branch(engine, c)) {
        const struct repair *repair = find(engine, c->now.number, records[0].seq);

        if (repair != NULL && take(engine, repair, records, count)) {
            return true;
        }
    }
    return false;
}

void repair_tick(struct engine *engine)
{
    for (uint32_t r = 0; engine->repairs_count > 0 && r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (!repair->is_used || engine->now_ms < repair->deadline_ms) {
            continue;
        }
        if (repair->has_prev) {
            ask(engine, repair);
        } else {
            read_prev(engine, repair);
        }
    }
}
