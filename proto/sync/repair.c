// SPDX-License-Identifier: EUPL-1.2
// Stored entries that no longer match their id, fetched again from a peer. What comes is taken only
// where it meets an id that was checked here, so that it is the entry that was lost and not another
// branch's.
#include <assert.h>
#include <string.h>

enum { NEIGHBOURS_BYTES = 256 * 1024 };

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

static void read_neighbours(struct engine *engine, struct repair *repair, uint64_t from)
{
    struct effect_read read = {
        .tag = read_tag(engine, 'r', (uint32_t)(repair - engine->repairs), &repair->read_serial),
        .chain = repair->chain,
        .from = from,
        .count_max = REPAIR_NEIGHBOURS,
        .bytes_max = NEIGHBOURS_BYTES};

    repair->from = from;
    repair->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    outbox_read(engine, &read);
}

static void ask(struct engine *engine, struct repair *repair)
{
    const struct tracked *chain = chain_at(engine, repair->chain);
    struct message_want want = {
        .author = chain->author, .epoch = chain->now.epoch, .from = repair->seq, .to = repair->seq};

    // Up to where ids are known, so that what comes can be told to be of this chain.
    for (uint64_t i = 0; i < REPAIR_NEIGHBOURS; i++) {
        want.to = repair->is_known[i] ? repair->seq + i : want.to;
    }
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
    *repair = (struct repair){.is_used = true, .chain = chain->now.number, .seq = seq};
    engine->repairs_count++;
    outbox_note(engine, &note);
    read_neighbours(engine, repair, seq);
}

static void learn_id(struct repair *repair, uint64_t seq, const uint8_t id[static ID_LEN])
{
    if (seq >= repair->seq && seq - repair->seq < REPAIR_NEIGHBOURS) {
        memcpy(repair->ids[seq - repair->seq], id, ID_LEN);
        repair->is_known[seq - repair->seq] = true;
    }
}

// Which ids hereabouts are beyond doubt: those of records that are intact behind the one before
// them.
static void learn_ids(struct engine *engine, struct repair *repair, const struct event *event)
{
    const struct record *records = event->records.records;

    for (size_t i = 1; i < event->records.count; i++) {
        if (record_is_intact(engine, &records[i], records[i - 1].id)) {
            learn_id(repair, records[i - 1].seq, records[i - 1].id);
            learn_id(repair, records[i].seq, records[i].id);
        }
    }
}

void repair_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct repair *repair = slot < REPAIRS_MAX ? &engine->repairs[slot] : NULL;

    if (repair == NULL || !repair->is_used || !read_is_current(event, repair->read_serial)) {
        return;
    }
    // Where it cannot be read at all, what lies behind it may be.
    if (event->records.count == 0 && repair->from < repair->seq + REPAIR_NEIGHBOURS &&
        repair->from < chain_at(engine, repair->chain)->durable_seq) {
        read_neighbours(engine, repair, repair->from + 1);
        return;
    }
    learn_ids(engine, repair, event);
    repair->is_asking = true;
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

static bool is_sure(const struct tracked *chain, const struct repair *repair,
                    const struct record *record)
{
    uint64_t place = record->seq - repair->seq;

    if (record->seq == chain->durable_seq) {
        return memcmp(record->id, chain->durable_id, ID_LEN) == 0;
    }
    return record->seq >= repair->seq && place < REPAIR_NEIGHBOURS && repair->is_known[place] &&
           memcmp(repair->ids[place], record->id, ID_LEN) == 0;
}

// How many of the run's records surely lie in the chain: all up to the last whose id is known.
static size_t count_sure(const struct tracked *chain, const struct repair *repair,
                         const struct record *records, size_t count)
{
    while (count > 0 && !is_sure(chain, repair, &records[count - 1])) {
        count--;
    }
    return count;
}

static bool take(struct engine *engine, struct repair *repair, const struct record *records,
                 size_t count)
{
    const struct tracked *chain = chain_at(engine, repair->chain);
    struct ledger_line line = {
        .ticket = outbox_ticket(engine), .chain = repair->chain, .peer = NONE};
    size_t sure = count_sure(chain, repair, records, count);

    if (sure > 0) { // its beginning tells the id before it as surely
        learn_id(repair, records[0].seq - 1, records[0].prev);
    }
    if (sure == 0 || records[0].seq > repair->seq || records[sure - 1].seq < repair->seq) {
        return false;
    }
    for (size_t i = (size_t)(repair->seq - records[0].seq); i < sure; i++) {
        struct record *record = outbox_record(engine);

        assert(record != NULL); // intake_runs asked for room
        *record = records[i];
        record->chain = repair->chain;
        line.bytes += record->sealed_len;
    }
    line.head_seq = chain->now.head_seq;
    memcpy(line.head_id, chain->now.head_id, ID_LEN);
    engine->out.is_repair = true;
    ledger_add(engine, &line);
    release_all(engine, chain->now.number, repair->seq, records[sure - 1].seq);
    return true;
}

static bool concerns(struct engine *engine, const struct repair *repair, const struct tracked *log)
{
    const struct tracked *chain = repair->is_used ? chain_at(engine, repair->chain) : NULL;

    return chain != NULL && repair->is_asking && chain->author == log->author &&
           chain->now.epoch == log->now.epoch;
}

bool repair_take(struct engine *engine, struct tracked *log, const struct record *records,
                 size_t count)
{
    for (uint32_t r = 0; r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (concerns(engine, repair, log) && take(engine, repair, records, count)) {
            return true;
        }
    }
    return false;
}

void repair_tick(struct engine *engine)
{
    for (uint32_t r = 0; engine->repairs_count > 0 && r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (repair->is_used && engine->now_ms >= repair->deadline_ms) {
            repair->is_asking = false;
            read_neighbours(engine, repair, repair->seq);
        }
    }
}
