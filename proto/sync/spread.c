// SPDX-License-Identifier: EUPL-1.2
// What became durable here goes out unasked: what this node wrote on the live plane [8.10], and
// over thin lines, which have none, whatever the peer can use [17.4].
#include <string.h>

#include "sync/state.h"

enum { PUSH_ENOUGH = 1024 }; // bytes of a run that is pushed, about

// -- pushing --

static bool is_urgent(uint8_t precedence)
{
    return precedence >= IMMEDIATE;
}

// Whether a peer can use the entries now, unasked: it holds all before them, or they are urgent, or
// the only ones it wants.
// What goes over lines that are not thin, goes by the live plane or is asked for.
static bool is_pushed(const struct peer *peer, uint32_t chain, uint64_t from, uint64_t to,
                      uint8_t precedence)
{
    const uint64_t held = peer->claims[chain].seq;

    if (!peer->is_up || peer->line.rate == 0 || held >= to) {
        return false;
    }
    return peer->takes_only ? precedence >= peer->selection.precedence
                            : held + 1 >= from || is_urgent(precedence);
}

// Whether some of a run is what the peer wants.
static bool is_wanted(const struct peer *peer, struct batch_view view)
{
    bool is_some = !peer->takes_only;

    for (size_t i = 0; i < view.count && !is_some; i++) {
        is_some =
            selection_takes(&peer->selection, view.records[i].precedence, view.records[i].group);
    }
    return is_some;
}

void spread_push(struct engine *engine, const struct ledger_line *line)
{
    const struct tracked *chain = chain_at(engine, line->chain);
    bool has_taker = false;
    uint32_t serial;
    struct effect_read read = {.tag = read_tag(engine, 'p', line->chain, &serial),
                               .chain = line->chain,
                               .from = line->from,
                               .bytes_max = READ_BYTES};

    for (uint32_t p = 0; p < engine->peers_count && !has_taker; p++) {
        has_taker =
            is_pushed(&engine->peers[p], line->chain, line->from, line->to, line->precedence);
    }
    if (!has_taker || line->from > chain->limit || line->to - line->from >= READ_RECORDS) {
        return;
    }
    read.count_max = (uint32_t)(line->to - line->from + 1);
    (void)outbox_read(engine, &read);
}

// Runs of one precedence where this node can sign them, so that the urgent need not wait for
// others.
static size_t cut_push(const struct record *records, size_t count, const struct cut *cut)
{
    size_t same = 1;

    while (same < count && records[same].precedence == records[0].precedence) {
        same++;
    }
    return compose_cut(records, cut->is_own ? same : count, cut);
}

// It holds what is before a run when its last beacon was as ours, or has got it since; unless the
// run overtakes that. A long one has the same bytes whenever it is made [17.6].
static uint8_t prev_len(const struct peer *peer, const struct claim *claim, struct batch_view view,
                        uint8_t lane)
{
    const bool is_held =
        peer->is_converged && lane <= peer->slowest_lane && claim->seq + 1 == view.records[0].seq;

    return is_held && !compose_is_long(peer, compose_sealed_bytes(view)) ? TAG_LEN : ID_LEN;
}

static void push_run(struct engine *engine, const struct tracked *chain, struct batch_view view)
{
    const struct record *last = &view.records[view.count - 1];
    const uint8_t lane = compose_precedence(view);

    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];
        struct claim *claim = &peer->claims[chain->now.number];
        struct cbor_writer writer;

        if (!is_pushed(peer, chain->now.number, view.records[0].seq, last->seq, lane) ||
            !is_wanted(peer, view)) {
            continue;
        }
        writer = outbox_begin(engine, MESSAGE_MAX);
        message_put_runs(&writer, 1);
        compose_run(engine, &writer, chain, view,
                    (struct prev){view.records[0].prev, prev_len(peer, claim, view, lane)});
        // What gets lost on the way is asked for: its heads say what a peer really holds.
        if (!outbox_send(engine, peer, &writer, lane)) {
            continue;
        }
        peer->credit -= (int64_t)cbor_written(&writer); // [8.7]
        peer->slowest_lane = lane < peer->slowest_lane ? lane : peer->slowest_lane;
        if (claim->seq + 1 >= view.records[0].seq) {
            claim->seq = last->seq;
            claim->has_tip = true;
            memcpy(claim->tip, last->id, TAG_LEN);
        } else {
            sent_ahead(peer, chain->author, chain->now.epoch, view);
        }
    }
}

void spread_push_read(struct engine *engine, uint32_t number, const struct event *event)
{
    const struct tracked *chain = chain_at(engine, number);
    const struct record *records = event->records.records;
    const size_t intact = chain == NULL ? 0 : compose_intact(engine, event);
    size_t count;

    for (size_t at = 0; at < intact; at += count) {
        const struct cut cut = {.bytes_max = RUN_SEALED_MAX,
                                .enough = PUSH_ENOUGH,
                                .limit = chain->limit,
                                .is_own = chain->author == engine->self};

        count = records[at].seq > chain->limit ? 0 : cut_push(records + at, intact - at, &cut);
        if (count == 0) {
            return;
        }
        push_run(engine, chain, (struct batch_view){records + at, count});
    }
}

// -- the live plane --

void spread_live(struct engine *engine, uint32_t chain, uint64_t from, uint64_t to)
{
    if (!engine->options.has_live_plane) {
        return;
    }
    to = to < engine->chains[chain].limit ? to : engine->chains[chain].limit;
    for (; from <= to; from += RUN_ENTRIES_MAX) {
        uint32_t serial;
        uint64_t left = to - from + 1;
        struct effect_read read = {.tag = read_tag(engine, 'l', chain, &serial),
                                   .chain = chain,
                                   .from = from,
                                   .count_max =
                                       (uint32_t)(left < RUN_ENTRIES_MAX ? left : RUN_ENTRIES_MAX),
                                   .bytes_max = RUN_ENTRIES_MAX * LIVE_BODY_MAX};

        (void)outbox_read(engine, &read);
    }
}

// A subscriber chooses by precedence and group, so one message holds entries of one topic.
static size_t cut_topic(const struct record *records, size_t count)
{
    size_t same = 1;

    while (same < count && records[same].precedence == records[0].precedence &&
           memcmp(records[same].group, records[0].group, TAG_LEN) == 0) {
        same++;
    }
    // Only what this node wrote is published, and nothing of it that does not count was read.
    return compose_cut(
        records, same,
        &(struct cut){
            .bytes_max = LIVE_BODY_MAX, .enough = LIVE_BODY_MAX, .limit = SEQ_MAX, .is_own = true});
}

static void announce(struct engine *engine, const struct tracked *chain,
                     const struct record *record)
{
    struct message_heads fixed = {.reply = false, .first = 1, .last = 0};
    struct message_head head = {
        .author = chain->author, .epoch = chain->now.epoch, .seq = record->seq};
    struct cbor_writer writer = outbox_begin(engine, 96);

    memcpy(head.id, record->id, TAG_LEN);
    message_put_heads(&writer, &fixed, &head, 1);
    outbox_publish(engine, record, &writer);
}

void spread_live_read(struct engine *engine, uint32_t number, const struct event *event)
{
    const struct tracked *chain = chain_at(engine, number);
    const struct record *records = event->records.records;
    size_t intact = chain == NULL ? 0 : compose_intact(engine, event);
    size_t count = 0;

    while (intact > 0 && records[intact - 1].seq > chain->limit) {
        intact--; // revoked while it was read [5.15]
    }
    for (size_t at = 0; at < intact; at += count) {
        count = cut_topic(records + at, intact - at);
        if (count == 0) {
            return;
        }
        if (records[at].sealed_len > LIVE_BODY_MAX) {
            announce(engine, chain, &records[at]);
        } else {
            struct cbor_writer writer = outbox_begin(engine, LIVE_BODY_MAX + 1024);

            message_put_runs(&writer, 1);
            compose_run(engine, &writer, chain, (struct batch_view){records + at, count},
                        (struct prev){at == 0 ? records[0].prev : records[at - 1].id, ID_LEN});
            outbox_publish(engine, &records[at], &writer);
        }
    }
}
