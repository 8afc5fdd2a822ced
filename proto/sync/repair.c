// SPDX-License-Identifier: EUPL-1.2
// Stored entries that no longer match their id, fetched again from a peer. What comes is taken only
// where it ends in an id that was checked here, so that it is the entry that was lost and not
// another branch's. A lost entry may have carried the signature of those before it: the runs are
// asked for from so far back that their signatures take its place [7.4].
#include <assert.h>
#include <string.h>

#include "sync/state.h"

enum { NEIGHBOURS_BYTES = 256 * 1024 };

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

static uint64_t last_neighbour(const struct engine *engine, const struct repair *repair)
{
    uint64_t last = repair->first + REPAIR_NEIGHBOURS - 1;
    uint64_t head = engine->chains[repair->chain].durable_seq;

    return last < head ? last : head;
}

static void read_neighbours(struct engine *engine, struct repair *repair)
{
    struct effect_read read = {
        .tag = read_tag(engine, 'r', (uint32_t)(repair - engine->repairs), &repair->read_serial),
        .chain = repair->chain,
        .from = repair->next,
        .count_max = REPAIR_NEIGHBOURS,
        .bytes_max = NEIGHBOURS_BYTES};

    repair->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    outbox_read(engine, &read);
}

static bool is_forked(struct engine *engine, const struct tracked *chain)
{
    struct tracked *main = chain_of_log(engine, chain->author, chain->now.epoch);

    return chain_next_branch(engine, main) != NULL;
}

static struct message_want want_for(struct engine *engine, const struct repair *repair)
{
    const struct tracked *chain = chain_at(engine, repair->chain);
    bool is_counted = chain->counted_seq >= chain->now.first_seq;
    uint64_t itself = repair->seq - repair->first;
    struct message_want want = {.author = chain->author,
                                .epoch = chain->now.epoch,
                                .from = repair->first,
                                .to = repair->seq};

    // Up to where ids are known, so that what comes can be told to be of this chain; and by the
    // last of them, as the peer may hold a branch that is not known here.
    for (uint64_t i = 0; i < REPAIR_NEIGHBOURS; i++) {
        uint64_t seq = repair->first + i;

        if (repair->is_known[i] && seq >= want.to && seq <= chain->limit) {
            want.to = seq;
            want.has_tip = true;
            memcpy(want.tip, repair->ids[i], TAG_LEN);
        }
    }
    // In a log with branches only the chain's own end tells which is meant. But perhaps nobody else
    // holds that yet: so each second time by the entry itself.
    if (repair->is_alone && repair->is_known[itself]) {
        want.to = repair->seq;
        memcpy(want.tip, repair->ids[itself], TAG_LEN);
    } else if (is_forked(engine, chain)) {
        want.to = is_counted ? chain->counted_seq : chain->durable_seq;
        want.has_tip = true;
        memcpy(want.tip, is_counted ? chain->counted_id : chain->durable_id, TAG_LEN);
    }
    if (want.to > chain->limit) { // more nobody serves [5.15]
        want.to = chain->limit;
        want.has_tip = false;
    }
    return want;
}

static bool ask_peer(struct engine *engine, struct peer *peer, const struct message_want *want)
{
    struct message_wants fixed = {.restart = peer->wants_restart, .credit = MESSAGE_MAX};
    struct cbor_writer writer = outbox_begin(engine, 96);

    message_put_wants(&writer, &fixed, want, 1);
    if (!outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        return false;
    }
    peer->granted = (peer->wants_restart ? 0 : peer->granted) + MESSAGE_MAX;
    peer->wants_restart = false;
    return true;
}

static bool holds(const struct engine *engine, const struct peer *peer, const struct repair *repair)
{
    uint64_t limit = engine->chains[repair->chain].limit;
    uint64_t least = repair->seq < limit ? repair->seq : limit;

    return peer->claims[repair->chain].seq >= least;
}

// Each time another peer: of those that are known to hold it, or else of all, as what a peer holds
// may not be known just because this entry cannot be compared.
static void ask(struct engine *engine, struct repair *repair)
{
    struct message_want want = want_for(engine, repair);
    bool is_held = false;

    repair->is_asking = true;
    repair->is_alone = !repair->is_alone;
    repair->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        is_held |= engine->peers[p].is_up && holds(engine, &engine->peers[p], repair);
    }
    for (uint32_t tries = 0; want.from <= want.to && tries < engine->peers_count; tries++) {
        struct peer *peer;

        repair->peer = (repair->peer + 1) % engine->peers_count;
        peer = &engine->peers[repair->peer];
        if (peer->is_up && (!is_held || holds(engine, peer, repair)) &&
            ask_peer(engine, peer, &want)) {
            repair->deadline_ms = engine->now_ms + peer_patience_ms(engine, peer);
            return;
        }
    }
}

static bool is_worth_starting(struct engine *engine, struct tracked *chain, uint64_t seq)
{
    if (chain == NULL || seq < 1 || find(engine, chain->now.number, seq) != NULL) {
        return false;
    }
    if (seq > chain->now.head_seq) { // ahead of a gap: it comes again with the gap
        ahead_remove(engine, chain, seq);
        engine->fetch_is_due = true;
        return false;
    }
    // What finds no room the next scrub finds again. Of what does not count only that is mended
    // which may carry the signature of what does.
    return seq <= chain->durable_seq && engine->repairs_count < REPAIRS_MAX &&
           chain->limit >= chain->now.first_seq && seq < chain->limit + RUN_ENTRIES_MAX;
}

void repair_start(struct engine *engine, uint32_t number, uint64_t seq)
{
    struct tracked *chain = holder(engine, number, seq);
    struct note note = {.type = NOTE_DAMAGED, .seq = seq};
    struct repair *repair = engine->repairs;
    uint64_t before = RUN_ENTRIES_MAX - 1;

    if (!is_worth_starting(engine, chain, seq)) {
        return;
    }
    while (repair->is_used) {
        repair++;
    }
    *repair = (struct repair){.is_used = true,
                              .chain = chain->now.number,
                              .place = number,
                              .seq = seq,
                              .first = seq > before ? seq - before : 1};
    repair->next = repair->first;
    engine->repairs_count++;
    note.chain = chain->now.number;
    note.epoch = chain->now.epoch;
    outbox_note(engine, &note);
    read_neighbours(engine, repair);
}

static void learn_id(struct repair *repair, uint64_t seq, const uint8_t id[static ID_LEN])
{
    if (seq >= repair->first && seq - repair->first < REPAIR_NEIGHBOURS) {
        memcpy(repair->ids[seq - repair->first], id, ID_LEN);
        repair->is_known[seq - repair->first] = true;
    }
}

static bool is_sure(const struct tracked *chain, const struct repair *repair,
                    const struct record *record)
{
    uint64_t place = record->seq - repair->first;

    if (record->seq == chain->durable_seq) {
        return memcmp(record->id, chain->durable_id, ID_LEN) == 0;
    }
    if (record->seq == chain->counted_seq && chain->counted_seq >= chain->now.first_seq) {
        return memcmp(record->id, chain->counted_id, ID_LEN) == 0;
    }
    return record->seq >= repair->first && place < REPAIR_NEIGHBOURS && repair->is_known[place] &&
           memcmp(repair->ids[place], record->id, ID_LEN) == 0;
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
    // What the first one names as before it, when it is itself beyond doubt.
    if (event->records.count > 0 && is_sure(&engine->chains[repair->chain], repair, &records[0]) &&
        record_is_intact(engine, &records[0], records[0].prev)) {
        learn_id(repair, records[0].seq - 1, records[0].prev);
    }
}

void repair_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct repair *repair = slot < REPAIRS_MAX ? &engine->repairs[slot] : NULL;

    if (repair == NULL || !repair->is_used || !read_is_current(event, repair->read_serial)) {
        return;
    }
    learn_ids(engine, repair, event);
    // A read ends where a record cannot be read at all; what lies behind it may be.
    repair->next += event->records.count + 1;
    if (repair->next <= last_neighbour(engine, repair)) {
        read_neighbours(engine, repair);
    } else {
        ask(engine, repair);
    }
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

// What does not count a peer may hold and not send: asked for once, it is left as it is.
static void give_up(struct engine *engine, struct repair *repair)
{
    repair->is_used = false;
    engine->repairs_count--;
}

static bool concerns(struct engine *engine, const struct repair *repair, const struct tracked *log)
{
    const struct tracked *chain = repair->is_used ? chain_at(engine, repair->chain) : NULL;

    return chain != NULL && repair->is_asking && chain->author == log->author &&
           chain->now.epoch == log->now.epoch;
}

static void store_again(struct engine *engine, const struct tracked *chain,
                        const struct record *source)
{
    struct ledger_line line = {.ticket = outbox_ticket(engine),
                               .chain = chain->now.number,
                               .peer = NONE,
                               .head_seq = chain->now.head_seq,
                               .bytes = source->sealed_len};
    struct record *record = outbox_record(engine);

    assert(record != NULL); // intake_runs asked for room
    *record = *source;
    record->chain = chain->now.number;
    memcpy(line.head_id, chain->now.head_id, ID_LEN);
    engine->out.is_repair = true;
    ledger_add(engine, &line);
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

// Whether the run mends something; *whole is the chain that all of it is of, and is left alone
// otherwise.
static bool take(struct engine *engine, struct repair *repair, const struct record *records,
                 size_t count, struct tracked **whole)
{
    struct tracked *chain = chain_at(engine, repair->chain);
    size_t sure = count_sure(chain, repair, records, count);
    const struct record *last = &records[count - 1];

    if (sure == 0) {
        return false;
    }
    learn_id(repair, records[0].seq - 1, records[0].prev); // its beginning tells that id as surely
    *whole = sure == count ? chain : *whole;
    if (repair->seq < records[0].seq || repair->seq > records[sure - 1].seq) {
        return sure == count;
    }
    if (repair->seq != last->seq) {
        store_again(engine, chain, &records[repair->seq - records[0].seq]);
    }
    // What a branch was given before it was known where it leaves lies in the store once more.
    if (repair->place != repair->chain) {
        store_again(engine, chain_at(engine, repair->place),
                    &records[repair->seq - records[0].seq]);
    }
    release(engine, repair);
    return true;
}

enum repair_use repair_take(struct engine *engine, struct tracked *log,
                            const struct record *records, size_t count)
{
    struct tracked *whole = NULL;
    bool is_taken = false;

    if (!ledger_has_room(engine, RUN_RECORDS_MAX)) {
        return REPAIR_NONE;
    }
    for (uint32_t r = 0; r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        is_taken |= concerns(engine, repair, log) && take(engine, repair, records, count, &whole);
    }
    if (whole != NULL) { // with its signature, for those before it
        store_again(engine, whole, &records[count - 1]);
    }
    if (!is_taken) {
        return REPAIR_NONE;
    }
    return whole != NULL ? REPAIR_WHOLE : REPAIR_PART;
}

void repair_tick(struct engine *engine)
{
    for (uint32_t r = 0; engine->repairs_count > 0 && r < REPAIRS_MAX; r++) {
        struct repair *repair = &engine->repairs[r];

        if (!repair->is_used || engine->now_ms < repair->deadline_ms) {
            continue;
        }
        if (repair->seq > engine->chains[repair->chain].limit && repair->is_asking) {
            give_up(engine, repair);
        } else {
            repair->is_asking = false;
            repair->next = repair->first;
            read_neighbours(engine, repair);
        }
    }
}
