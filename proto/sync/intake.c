// SPDX-License-Identifier: EUPL-1.2
// Runs that arrive: headers rebuilt, the signature verified, the entries placed in their chain.
// Everything is checked in locals first; what is kept is handed to the store in one block at the
// end. PROTOCOL.md 3.6, 7.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

struct batch { // one run, rebuilt
    uint32_t author;
    uint64_t epoch;
    uint64_t limit; // the last seq of the log that counts; the first record does
    size_t count;
    struct record records[RUN_ENTRIES_MAX];
};

static const struct record *last_of(const struct batch *batch)
{
    return &batch->records[batch->count - 1];
}

static const struct record *last_counting(const struct batch *batch)
{
    uint64_t before = batch->limit - batch->records[0].seq;

    return before < batch->count ? &batch->records[before] : last_of(batch);
}

static struct message_head tip_of(const struct batch *batch)
{
    const struct record *last = last_counting(batch);
    struct message_head tip = {.author = batch->author, .epoch = batch->epoch, .seq = last->seq};

    memcpy(tip.id, last->id, TAG_LEN);
    return tip;
}

// The whole id before the run, from what is held [7.5].
static bool complete_prev(struct engine *engine, const struct peer *peer, struct run *run)
{
    const struct run_end *end = &peer->run_end;

    if (run->prev_len != TAG_LEN) {
        return true;
    }
    if (end->author == run->author && end->epoch == run->epoch && end->seq == run->seq - 1 &&
        memcmp(end->id, run->prev, TAG_LEN) == 0) {
        memcpy(run->prev, end->id, ID_LEN);
        return true;
    }
    for (struct tracked *c = chain_of_log(engine, run->author, run->epoch); c;
         c = chain_next_branch(engine, c)) {
        const struct ahead *ahead;

        if (c->now.head_seq == run->seq - 1 && memcmp(c->now.head_id, run->prev, TAG_LEN) == 0) {
            memcpy(run->prev, c->now.head_id, ID_LEN);
            return true;
        }
        ahead = ahead_find(engine, c, run->seq - 1);
        if (ahead != NULL && memcmp(ahead->id, run->prev, TAG_LEN) == 0) {
            memcpy(run->prev, ahead->id, ID_LEN);
            return true;
        }
    }
    return false;
}

void record_header(const struct record *record, const struct chain *chain, struct header *header)
{
    memcpy(header->author, chain->author, SIGN_KEY_LEN);
    header->epoch = chain->epoch;
    header->seq = record->seq;
    memcpy(header->prev, record->prev, ID_LEN);
    header->time = record->time;
    header->precedence = record->precedence;
    memcpy(header->group, record->group, TAG_LEN);
    memcpy(header->key, record->key, TAG_LEN);
    header->size = record->sealed_len;
    header_digest(record->sealed, record->sealed_len, header->digest);
}

bool record_is_intact(const struct engine *engine, const struct record *record,
                      const uint8_t prev[static ID_LEN])
{
    const struct tracked *chain = &engine->chains[record->chain];
    struct record linked = *record;
    struct header header;
    uint8_t bytes[HEADER_MAX];
    uint8_t id[ID_LEN];

    if (record->sealed_len < SEALED_MIN || record->sealed_len > SEALED_MAX ||
        record->precedence >= PRECEDENCES) {
        return false;
    }
    memcpy(linked.prev, prev, ID_LEN);
    record_header(&linked, &chain->now, &header);
    header_id(engine->options.space, bytes, header_encode(&header, bytes), id);
    return memcmp(id, record->id, ID_LEN) == 0;
}

// Rebuilds every header and id [7.3]; true when the signature makes the run authentic [3.6].
static bool rebuild(const struct engine *engine, const struct run *run, struct batch *batch)
{
    struct chain chain = {.epoch = run->epoch};
    const uint8_t *prev = run->prev;
    struct header header;
    uint8_t bytes[HEADER_MAX];
    size_t len = 0;

    assert(run->count >= 1 && run->count <= RUN_ENTRIES_MAX); // run_decode saw to it
    memcpy(chain.author, engine->roster->nodes[run->author].signing, SIGN_KEY_LEN);
    batch->author = run->author;
    batch->epoch = run->epoch;
    batch->count = run->count;
    for (size_t i = 0; i < run->count; i++) {
        const struct run_item *item = &run->items[i];
        struct record *record = &batch->records[i];

        *record = (struct record){.seq = run->seq + i,
                                  .time = item->time,
                                  .precedence = item->precedence,
                                  .sealed = item->sealed.bytes,
                                  .sealed_len = (uint32_t)item->sealed.len};
        memcpy(record->group, item->group, TAG_LEN);
        memcpy(record->key, item->key, TAG_LEN);
        if (record->seq > 1) {
            memcpy(record->prev, prev, ID_LEN);
        }
        record_header(record, &chain, &header);
        len = header_encode(&header, bytes);
        header_id(engine->options.space, bytes, len, record->id);
        prev = record->id;
    }
    batch->records[run->count - 1].is_signed = true;
    memcpy(batch->records[run->count - 1].signature, run->signature, SIGNATURE_LEN);
    return cose_verify(chain.author, (struct span){engine->options.space, ID_LEN},
                       (struct span){bytes, len}, run->signature) == ERR_OK;
}

// How many of the batch's first records the chain holds already, when the rest follows its head; -1
// when it does not.
static int follows(const struct tracked *chain, const struct batch *batch)
{
    uint64_t first = batch->records[0].seq;
    uint64_t head = chain->now.head_seq;
    bool is_unbegun = chain->has_first_id && !chain->is_stored;
    uint64_t known = head + 1 - first;

    if (first > head + 1 || last_of(batch)->seq < head) {
        return -1;
    }
    if (memcmp(known == 0 ? batch->records[0].prev : batch->records[known - 1].id,
               chain->now.head_id, ID_LEN) != 0) {
        return -1;
    }
    // A branch nothing is held of begins with its own first entry, not with another chain's once
    // more.
    if (is_unbegun && (known == batch->count ||
                       memcmp(batch->records[known].id, chain->first_id, TAG_LEN) != 0)) {
        return -1;
    }
    return (int)known;
}

static bool is_known(struct engine *engine, const struct batch *batch)
{
    const struct record *last = last_of(batch);
    struct tracked *c = chain_of_log(engine, batch->author, batch->epoch);

    for (; c != NULL; c = chain_next_branch(engine, c)) {
        if (c->is_stored && c->now.head_seq == last->seq &&
            memcmp(c->now.head_id, last->id, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void store_record(struct engine *engine, const struct tracked *chain,
                         const struct record *source, bool is_ahead, struct ledger_line *line)
{
    struct record *record = outbox_record(engine);

    assert(record != NULL); // intake_runs asked for room
    *record = *source;
    record->chain = chain->now.number;
    record->is_ahead = is_ahead;
    line->from = line->from == 0 || record->seq < line->from ? record->seq : line->from;
    line->to = record->seq > line->to ? record->seq : line->to;
    line->precedence =
        record->precedence > line->precedence ? record->precedence : line->precedence;
    line->records += record->seq <= chain->limit;
    line->bytes += record->sealed_len;
}

static void note_fork(struct engine *engine, struct peer *peer, const struct tracked *chain)
{
    struct note note = {.type = NOTE_FORK,
                        .peer = peer->index,
                        .chain = chain->now.number,
                        .epoch = chain->now.epoch,
                        .seq = chain->now.first_seq};

    outbox_note(engine, &note);
    if (chain->author == engine->self) {
        own_log_forked(engine, chain->now.epoch);
    }
}

static struct ledger_line line_for(const struct engine *engine, const struct peer *peer,
                                   const struct tracked *chain)
{
    return (struct ledger_line){
        .ticket = outbox_ticket(engine), .chain = chain->now.number, .peer = peer->index};
}

static void finish_line(struct engine *engine, struct peer *peer, struct tracked *chain,
                        struct ledger_line *line)
{
    line->head_seq = chain->now.head_seq;
    memcpy(line->head_id, chain->now.head_id, ID_LEN);
    ledger_add(engine, line);
    peer->entry_ms = engine->now_ms;
    peer->last_entry_wall_ms = engine->wall_ms;
}

// What was held ahead in another branch has found its place.
static void forget_elsewhere(struct engine *engine, const struct tracked *chain,
                             const struct record *record)
{
    struct tracked *c = chain_of_log(engine, chain->author, chain->now.epoch);

    for (; c != NULL; c = chain_next_branch(engine, c)) {
        const struct ahead *ahead = c == chain ? NULL : ahead_find(engine, c, record->seq);

        if (ahead != NULL && memcmp(ahead->id, record->id, ID_LEN) == 0) {
            ahead_remove(engine, c, record->seq);
        }
    }
}

static void extend(struct engine *engine, struct peer *peer, struct tracked *chain,
                   const struct batch *batch, size_t known)
{
    struct ledger_line line = line_for(engine, peer, chain);
    bool was_stored = chain->is_stored;

    for (size_t i = known; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        const struct ahead *ahead = ahead_find(engine, chain, record->seq);
        bool is_held = ahead != NULL && memcmp(ahead->id, record->id, ID_LEN) == 0;

        if (ahead != NULL) {
            ahead_remove(engine, chain, record->seq);
        }
        forget_elsewhere(engine, chain, record);
        if (!is_held || record->is_signed) {
            store_record(engine, chain, record, false, &line);
        }
        engine->out.is_repair |= ahead != NULL; // it takes the place of one that is stored
        chain_learn_limit(chain, record->seq, record->id);
    }
    chain_advance(engine, chain, last_of(batch)->seq, last_of(batch)->id);
    chain_absorb(engine, chain);
    if (chain->author == engine->self && chain->now.epoch > engine->own_epoch) {
        engine->own_epoch = chain->now.epoch;
    }
    clock_follow(engine, last_counting(batch)->time);
    finish_line(engine, peer, chain, &line);
    if (!was_stored && chain != chain_of_log(engine, chain->author, chain->now.epoch)) {
        note_fork(engine, peer, chain);
    }
}

// Whether the whole run can be kept ahead of the gap: without its last entry those before it would
// lack a signature, and next to another branch's entries too.
static bool fits_ahead(struct engine *engine, const struct tracked *chain,
                       const struct batch *batch)
{
    uint32_t added = 0;

    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        const struct ahead *ahead = ahead_find(engine, chain, record->seq);

        if (ahead != NULL && memcmp(ahead->id, record->id, ID_LEN) != 0) {
            return false;
        }
        added += ahead == NULL;
    }
    return added <= engine->limits.floats_max - engine->aheads_count;
}

static void keep_ahead(struct engine *engine, struct peer *peer, struct tracked *chain,
                       const struct batch *batch)
{
    struct ledger_line line = line_for(engine, peer, chain);

    if (!fits_ahead(engine, chain, batch)) {
        return; // it comes again with the gap
    }
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        bool is_held = ahead_find(engine, chain, record->seq) != NULL;

        if (is_held && !record->is_signed) {
            continue;
        }
        if (!is_held && ahead_add(engine, chain, record, line.ticket) != ERR_OK) {
            break;
        }
        store_record(engine, chain, record, true, &line);
        engine->out.is_repair |= is_held; // with its signature, for those before it
    }
    if (line.records > 0) {
        finish_line(engine, peer, chain, &line);
    }
}

// Nothing held is followed by this run: it lies ahead of a gap, or on a branch not known here, or
// is old.
static void place_apart(struct engine *engine, struct peer *peer, const struct batch *batch)
{
    struct tracked *main = chain_of_log(engine, batch->author, batch->epoch);
    struct message_head tip = tip_of(batch);
    uint64_t top = 0;

    assert(main != NULL && batch->count > 0);
    for (struct tracked *c = main; c != NULL; c = chain_next_branch(engine, c)) {
        top = c->now.head_seq > top ? c->now.head_seq : top;
    }
    if (batch->records[0].seq > top + 1) {
        keep_ahead(engine, peer, main, batch);
        peer_head(engine, peer, &tip);
    } else if (tip.seq <= top) {
        peer_head(engine, peer, &tip);
    } else {
        search_start(engine, peer, &tip, false);
    }
}

static void place(struct engine *engine, struct peer *peer, const struct batch *batch,
                  bool has_mended)
{
    struct message_head tip = tip_of(batch);
    struct tracked *chain = chain_of_log(engine, batch->author, batch->epoch);

    if (chain == NULL) {
        chain = chain_add(engine, batch->author, batch->epoch);
    }
    if (chain == NULL) {
        peer_refuse(engine, peer, REFUSED_LIMIT);
        return;
    }
    for (; chain != NULL; chain = chain_next_branch(engine, chain)) {
        int known = chain->now.first_seq <= batch->limit ? follows(chain, batch) : -1;

        if (known < 0) {
            continue;
        }
        // A run that straddles the limit is taken whole, for its signature; not for its end alone,
        // unless what it mended lost a signature by that.
        if (has_mended || batch->records[0].seq + (uint64_t)known <= last_counting(batch)->seq) {
            extend(engine, peer, chain, batch, (size_t)known);
        }
        peer_claim(engine, peer, chain, &tip);
        fetch_progress(engine, peer, chain);
        return;
    }
    place_apart(engine, peer, batch);
}

// A run of which nothing counts [5.15, 5.16]. Who may not know of the revocation yet, or knows that
// the point has moved, or was asked before it was known here, is not blamed for it; nor where its
// beacon may have overtaken what it sent before.
static void refuse_revoked(struct engine *engine, struct peer *peer)
{
    if (peer->has_our_roster && !peer->has_lanes && engine->now_ms >= peer->restart_until_ms) {
        peer_refuse(engine, peer, REFUSED_REVOKED);
    }
}

static void intake_run(struct engine *engine, struct peer *peer, struct run *run)
{
    struct batch batch;
    struct tracked *chain;
    enum repair_use use = REPAIR_NONE;

    if (run->author >= engine->roster->nodes_count) {
        peer_refuse(engine, peer, REFUSED_UNKNOWN_AUTHOR);
        return;
    }
    batch.limit = roster_counts_to(engine->roster, run->author, run->epoch);
    if (run->seq > batch.limit) {
        refuse_revoked(engine, peer);
        return;
    }
    if (!complete_prev(engine, peer, run)) {
        // What was on its way when the fetch began anew is no fault of the peer.
        if (engine->now_ms >= peer->restart_until_ms) {
            peer_refuse(engine, peer, REFUSED_UNKNOWN_PREV);
        }
        fetch_restart(engine, peer);
        return;
    }
    if (!rebuild(engine, run, &batch)) {
        peer_refuse(engine, peer, REFUSED_SIGNATURE);
        return;
    }
    peer->run_end = (struct run_end){run->author, run->epoch, last_of(&batch)->seq, {0}};
    memcpy(peer->run_end.id, last_of(&batch)->id, ID_LEN);
    chain = chain_of_log(engine, run->author, run->epoch);
    if (engine->repairs_count > 0 && chain != NULL) {
        use = repair_take(engine, chain, batch.records, batch.count);
    }
    if (use == REPAIR_WHOLE) {
        return;
    }
    if (is_known(engine, &batch)) {
        struct message_head tip = tip_of(&batch);

        peer_head(engine, peer, &tip);
        return;
    }
    place(engine, peer, &batch, use == REPAIR_PART);
}

void intake_runs(struct engine *engine, struct peer *peer, struct message_reader *reader,
                 size_t bytes)
{
    struct run run;

    fetch_received(engine, peer, bytes);
    peer->heard_ms = engine->now_ms;
    peer->last_frame_wall_ms = engine->wall_ms;
    message_get_runs(reader);
    while (message_next_run(reader, &run)) {
        bool has_room = engine->out.records_count + RUN_RECORDS_MAX <= OUTBOX_RECORDS &&
                        ledger_has_room(engine, 2) &&
                        engine->unstored_bytes < 2 * (uint64_t)UNSTORED_MAX &&
                        engine->out.chains_count + 2 < OUTBOX_CHAINS;

        if (has_room && !engine->is_store_failed) {
            intake_run(engine, peer, &run);
        } else {
            fetch_restart(engine, peer); // what cannot be stored now is asked for again when it can
        }
    }
}
