// SPDX-License-Identifier: EUPL-1.2
// What of the ranges a peer asked for goes before all else [8.12]; and what of them it holds ahead
// of a gap, or has on the way, so that it does not go twice. The ranges themselves are serve.c's.
#include <string.h>

#include "sync/state.h"

enum { NEWEST_PART = 16 }; // ranges not so many times as long have no newest entries

// -- what the peer holds --

static bool is_of(const struct message_stretch *stretch, const struct serve *serve)
{
    return stretch->author == serve->author && stretch->epoch == serve->epoch;
}

static const struct message_stretch *held_at(const struct peer *peer, const struct serve *serve,
                                             uint64_t seq)
{
    for (size_t i = 0; i < peer->held_count; i++) {
        const struct message_stretch *stretch = &peer->held[i];

        if (is_of(stretch, serve) && stretch->first <= seq && seq <= stretch->last) {
            return stretch;
        }
    }
    return NULL;
}

static void remember(struct peer *peer, const struct message_stretch *stretch)
{
    if (peer->held_count == PEER_HELD_MAX) {
        // What is forgotten goes twice.
        memmove(peer->held, peer->held + 1, (PEER_HELD_MAX - 1) * sizeof *peer->held);
        peer->held_count--;
    }
    peer->held[peer->held_count++] = *stretch;
}

void sent_ahead(struct peer *peer, uint32_t author, uint64_t epoch, struct batch_view view)
{
    const struct record *last = &view.records[view.count - 1];
    struct message_stretch stretch = {
        .author = author, .epoch = epoch, .first = view.records[0].seq, .last = last->seq};

    memcpy(stretch.id, last->id, TAG_LEN);
    remember(peer, &stretch);
}

// Whether the range ends in the entry the stretch ends in.
static bool is_end(const struct tracked *chain, const struct serve *serve,
                   const struct message_stretch *stretch)
{
    if (serve->has_tip && stretch->last == serve->to) {
        return memcmp(serve->tip, stretch->id, TAG_LEN) == 0;
    }
    return chain->counted_seq == stretch->last &&
           memcmp(chain->counted_id, stretch->id, TAG_LEN) == 0;
}

void skip_held(struct engine *engine, struct peer *peer, struct serve *serve)
{
    const struct message_stretch *stretch;

    while (serve->has_pick && serve->chain != NONE &&
           (stretch = held_at(peer, serve, serve->next)) != NULL) {
        if (stretch->last >= serve->to && !is_end(chain_at(engine, serve->chain), serve, stretch)) {
            forget_held(peer, serve, stretch->first);
            continue;
        }
        serve->skipped = *stretch;
        serve->next = stretch->last + 1;
    }
}

bool skipped_fits(struct peer *peer, struct serve *serve, const struct record *behind)
{
    const struct message_stretch skipped = serve->skipped;

    serve->skipped.first = 0;
    if (skipped.first == 0 || skipped.last + 1 != behind->seq ||
        memcmp(skipped.id, behind->prev, TAG_LEN) == 0) {
        return true;
    }
    serve->next = skipped.first;
    forget_held(peer, serve, skipped.first);
    return false;
}

uint64_t next_held(const struct peer *peer, const struct serve *serve)
{
    uint64_t next = 0;

    for (size_t i = 0; serve->has_pick && i < peer->held_count; i++) {
        const struct message_stretch *stretch = &peer->held[i];

        if (is_of(stretch, serve) && stretch->first > serve->next && stretch->first <= serve->to &&
            (next == 0 || stretch->first < next)) {
            next = stretch->first;
        }
    }
    return next;
}

void forget_held(struct peer *peer, const struct serve *serve, uint64_t first)
{
    for (size_t i = peer->held_count; i > 0; i--) {
        if (is_of(&peer->held[i - 1], serve) && peer->held[i - 1].first == first) {
            peer->held[i - 1] = peer->held[--peer->held_count];
        }
    }
}

// -- what goes first --

void pick_want(struct peer *peer, const struct message_wants *wants)
{
    if (wants->restart) {
        peer->held_count = 0;
    }
    if (wants->has_pick) {
        peer->selection = wants->pick.selection;
        peer->takes_only = wants->pick.only;
    }
    for (size_t i = 0; i < wants->held_count; i++) {
        remember(peer, &wants->held[i]);
    }
}

static bool is_searched(const struct serve *serve)
{
    return serve->has_pick && serve->pick_next >= serve->pick_from;
}

void pick_range(struct serve *serve, const struct message_want *want,
                const struct message_pick *pick)
{
    const uint64_t length = want->to - want->from + 1;
    uint64_t from = want->from;

    if (pick == NULL) {
        return;
    }
    if (is_searched(serve) && serve->pick_from < from) {
        from = serve->pick_from;
    }
    serve->has_pick = true;
    serve->is_only = pick->only;
    serve->pick_from = from;
    serve->pick_next = want->to;
    if (pick->newest > 0 && !pick->only && length / NEWEST_PART >= pick->newest) {
        serve->newest_from = want->to + 1 - pick->newest;
        serve->newest_to = want->to;
    }
}

// Of the ranges in which there is something to be picked, the one whose author waited longest.
static uint32_t next_pick(const struct engine *engine, const struct peer *peer, bool is_newest)
{
    uint32_t best = NONE;

    for (uint32_t s = 0; s < peer->serves_count; s++) {
        const struct serve *serve = &peer->serves[s];
        const bool has_any = is_newest ? serve->newest_from != 0 : is_searched(serve);

        if (serve->chain != NONE && has_any &&
            (best == NONE || engine->author_served[serve->author] <
                                 engine->author_served[peer->serves[best].author])) {
            best = s;
        }
    }
    return best;
}

static void end_search(struct peer *peer, uint32_t slot)
{
    peer->serves[slot].pick_next = 0;
    peer->serves[slot].pick_from = 1;
    if (peer->serves[slot].is_only) {
        serve_drop(peer, slot);
    }
}

// Down to where nothing is known to be held, or does not count.
static uint64_t top_of(const struct peer *peer, const struct tracked *chain,
                       const struct serve *serve)
{
    const uint64_t end = chain->durable_seq < chain->limit ? chain->durable_seq : chain->limit;
    uint64_t top = serve->pick_next < end ? serve->pick_next : end;
    const struct message_stretch *stretch;

    while (top >= serve->pick_from && (stretch = held_at(peer, serve, top)) != NULL) {
        top = stretch->first - 1;
    }
    return top;
}

static bool ask(struct engine *engine, struct peer *peer, uint32_t slot, bool is_newest)
{
    struct serve *serve = &peer->serves[slot];
    struct effect_read read = {
        .tag = read_tag(engine, 'u', (uint32_t)(peer - engine->peers), &peer->read_serial),
        .chain = serve->chain,
        .from = serve->pick_next,
        .to = serve->pick_from,
        .count_max = RUN_ENTRIES_MAX,
        .bytes_max = RUN_SEALED_MAX,
        .is_search = !is_newest,
        .selection = peer->selection};

    if (is_newest) {
        read.from = serve->newest_from;
        read.count_max = (uint32_t)(serve->newest_to - serve->newest_from + 1);
    }
    peer->serve_turn = slot;
    peer->asked_newest = is_newest;
    peer->pick_asked = read.from;
    engine->author_served[serve->author] = ++engine->serve_serial;
    return outbox_read(engine, &read);
}

// What is urgent of all ranges, then what is new of them.
bool pick_continue(struct engine *engine, struct peer *peer)
{
    uint32_t slot;

    while ((slot = next_pick(engine, peer, false)) != NONE) {
        struct serve *serve = &peer->serves[slot];
        const uint64_t top = top_of(peer, chain_at(engine, serve->chain), serve);

        if (top >= serve->pick_from) {
            serve->pick_next = top;
            return ask(engine, peer, slot, false);
        }
        end_search(peer, slot);
    }
    slot = next_pick(engine, peer, true);
    return slot != NONE && ask(engine, peer, slot, true);
}

// Sends the first run of what was read, by itself; returns the number of its entries.
static size_t send_pick(struct engine *engine, struct peer *peer, const struct serve *serve,
                        struct batch_view view)
{
    const struct tracked *chain = chain_at(engine, serve->chain);
    const struct cut cut = {.bytes_max = RUN_SEALED_MAX,
                            .enough = 1,
                            .limit = chain->limit,
                            .is_own = chain->author == engine->self};
    struct cbor_writer writer;

    // It may have been revoked while it was read.
    if (view.count == 0 || view.records[0].seq > chain->limit) {
        return 0;
    }
    view.count = compose_cut(view.records, view.count, &cut);
    if (view.count == 0) {
        return 0;
    }
    writer = outbox_begin(engine, MESSAGE_MAX);
    message_put_runs(&writer, 1);
    compose_run(engine, &writer, chain, view, (struct prev){view.records[0].prev, ID_LEN});
    if (!outbox_send(engine, peer, &writer, compose_precedence(view))) {
        return 0;
    }
    peer->credit -= (int64_t)cbor_written(&writer);
    sent_ahead(peer, serve->author, serve->epoch, view);
    return view.count;
}

// What cannot be sent by itself goes with the range.
static void send_found(struct engine *engine, struct peer *peer, struct serve *serve,
                       const struct event *event)
{
    const struct record *records = event->records.records;
    const size_t intact = compose_intact(engine, event);

    serve->pick_next = records[0].seq - 1;
    if (held_at(peer, serve, records[0].seq) == NULL) {
        (void)send_pick(engine, peer, serve, (struct batch_view){records, intact});
    }
}

// Around what was sent already.
static void send_newest(struct engine *engine, struct peer *peer, struct serve *serve,
                        const struct event *event)
{
    const struct record *records = event->records.records;
    const size_t intact = compose_intact(engine, event);
    size_t count;

    for (size_t at = 0; at < intact; at += count) {
        size_t free = 0;

        while (at + free < intact && held_at(peer, serve, records[at + free].seq) == NULL) {
            free++;
        }
        count =
            free == 0 ? 1 : send_pick(engine, peer, serve, (struct batch_view){records + at, free});
        if (count == 0) {
            return;
        }
    }
}

void pick_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct peer *peer = slot < engine->peers_count ? &engine->peers[slot] : NULL;
    struct serve *serve;

    if (peer == NULL || !peer->is_reading || !read_is_current(event, peer->read_serial)) {
        return;
    }
    peer->is_reading = false;
    serve = &peer->serves[peer->serve_turn];
    if (peer->serve_turn >= peer->serves_count || serve->chain == NONE ||
        peer->pick_asked != (peer->asked_newest ? serve->newest_from : serve->pick_next)) {
        return; // of a want that was replaced meanwhile
    }
    if (peer->asked_newest) {
        serve->newest_from = 0;
        send_newest(engine, peer, serve, event);
        return;
    }
    if (event->records.count > 0) {
        send_found(engine, peer, serve, event);
    } else {
        serve->pick_next = event->records.searched - 1;
        // A long log is searched piece by piece, and others get their turn between two.
        peer->serve_due_ms = engine->now_ms + 1;
    }
    if (serve->pick_next < serve->pick_from) {
        end_search(peer, peer->serve_turn);
    }
}
