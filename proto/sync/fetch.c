// SPDX-License-Identifier: EUPL-1.2
// What to ask of whom. Each chain that lags behind what a peer claims is asked of one peer at a
// time, with byte credit; one that stops delivering loses its turn to another.
#include <string.h>

#include "sync/state.h"

enum {
    STALLS_MAX = 3, // the pause doubles at most this often
    QUEUE_MS = 100, // what was asked for may fill a link so far ahead, and no further
    PACE_MS = 200,  // how long is measured how fast a peer delivers
    RTT_UNKNOWN_MS = 500,
    RTT_PERIOD_MS = 300000,
    OF_AUTHOR_MAX = 16, // chains of one author asked for at once: many logs hide no others
    PICK_MIN = 4,       // entries that must be missing before some of them go first
    NEWEST = 4,         // of each log, go before those they follow
};

static uint32_t slot_of(const struct engine *engine, const struct peer *peer)
{
    return (uint32_t)(peer - engine->peers);
}

static void unassign(struct engine *engine, struct tracked *chain)
{
    struct peer *peer = &engine->peers[chain->fetch_peer];

    // More chains than one message names: the next one follows as each is done.
    if (peer->fetching > SERVES_MAX) {
        peer->wants_changed = true;
    }
    peer->fetching--;
    engine->author_fetching[chain->author]--;
    chain->fetch_peer = NONE;
    engine->fetch_is_due = true;
}

void fetch_release(struct engine *engine, struct peer *peer)
{
    uint32_t slot = slot_of(engine, peer);

    for (uint32_t c = 0; peer->fetching > 0 && c < engine->chains_count; c++) {
        if (engine->chains[c].fetch_peer == slot) {
            unassign(engine, &engine->chains[c]);
        }
    }
    peer->wants_restart = true;
}

void fetch_begin(struct engine *engine, struct peer *peer)
{
    peer->window = MESSAGE_MAX;
    peer->rtt_least_ms[0] = peer->rtt_least_ms[1] = UINT32_MAX;
    peer->rtt_since_ms = engine->now_ms;
    peer->pace_ms = engine->now_ms;
    peer->pace_bytes = 0;
}

// The least of late is the link's own, without what waits on it.
void fetch_timed(struct engine *engine, struct peer *peer)
{
    if (engine->now_ms >= peer->rtt_since_ms + RTT_PERIOD_MS) {
        peer->rtt_least_ms[1] = peer->rtt_least_ms[0];
        peer->rtt_least_ms[0] = UINT32_MAX;
        peer->rtt_since_ms = engine->now_ms;
    }
    if (peer->rtt_ms < peer->rtt_least_ms[0]) {
        peer->rtt_least_ms[0] = peer->rtt_ms;
    }
}

uint32_t fetch_least_rtt_ms(const struct peer *peer)
{
    const uint32_t *least = peer->rtt_least_ms;

    return least[0] < least[1] ? least[0] : least[1];
}

static uint64_t link_rtt_ms(const struct peer *peer)
{
    const uint32_t rtt_ms = fetch_least_rtt_ms(peer);

    return rtt_ms == UINT32_MAX ? RTT_UNKNOWN_MS : rtt_ms;
}

// A peer gets as much credit as comes within the link's round trip and a little more. With more,
// what is urgent would wait behind it: on a thin link for many seconds. While the link is not full
// the window grows, as its bytes come within less than that; one that was not used tells nothing.
static void adapt_window(struct engine *engine, struct peer *peer)
{
    const uint64_t elapsed_ms = engine->now_ms - peer->pace_ms;

    if (elapsed_ms < PACE_MS) {
        return;
    }
    if (peer->pace_bytes >= (uint64_t)peer->window / 4) {
        uint64_t window = peer->pace_bytes * (link_rtt_ms(peer) + QUEUE_MS) / elapsed_ms;

        window = window < engine->limits.window_bytes ? window : engine->limits.window_bytes;
        peer->window = window > RUN_SEALED_MAX ? (int64_t)window : RUN_SEALED_MAX;
    }
    peer->pace_ms = engine->now_ms;
    peer->pace_bytes = 0;
}

void fetch_received(struct engine *engine, struct peer *peer, size_t bytes)
{
    peer->granted -= (int64_t)bytes;
    peer->pace_bytes += bytes;
    adapt_window(engine, peer);
}

void fetch_lives(struct engine *engine, struct peer *peer)
{
    if (peer->fetching > 0) {
        peer->fetch_deadline_ms = engine->now_ms + peer_patience_ms(engine, peer);
    }
}

void fetch_progress(struct engine *engine, struct peer *peer, struct tracked *chain)
{
    peer->stalls = 0;
    peer->fetch_deadline_ms = engine->now_ms + peer_patience_ms(engine, peer);
    if (chain->fetch_peer != NONE && chain->now.head_seq >= chain->fetch_to) {
        unassign(engine, chain);
    }
}

// What comes no longer fits what is held: drop it all and begin again from the heads.
void fetch_restart(struct engine *engine, struct peer *peer)
{
    peer->restart_until_ms = engine->now_ms + peer_patience_ms(engine, peer);
    if (peer->fetching == 0) {
        return;
    }
    fetch_release(engine, peer);
    engine->fetch_is_due = true;
}

void fetch_tick(struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];

        if (peer->fetching == 0 || engine->now_ms < peer->fetch_deadline_ms) {
            continue;
        }
        peer->stalled_until_ms =
            engine->now_ms + ((uint64_t)engine->limits.retry_ms << peer->stalls) / 4;
        peer->stalls += peer->stalls < STALLS_MAX;
        fetch_release(engine, peer);
        own_log_compared(engine);
    }
}

static bool is_paused(struct engine *engine, const struct peer *peer)
{
    if (engine->now_ms >= peer->stalled_until_ms) {
        return false;
    }
    if (peer->stalled_until_ms < engine->fetch_retry_ms) {
        engine->fetch_retry_ms = peer->stalled_until_ms;
    }
    return true;
}

// The least busy peer that claims more than is held; NULL when there is none, or all such are
// paused.
static struct peer *choose(struct engine *engine, const struct tracked *chain)
{
    struct peer *best = NULL;

    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];
        bool has_more = peer->is_up && !peer_is_sparse(peer) &&
                        peer->claims[chain->now.number].seq > chain->now.head_seq;

        if (has_more && !is_paused(engine, peer) &&
            (best == NULL || peer->fetching < best->fetching)) {
            best = peer;
        }
    }
    return best;
}

static void assign(struct engine *engine, struct tracked *chain)
{
    struct peer *peer;

    if (chain->fetch_peer != NONE && chain->now.head_seq >= chain->fetch_to) {
        unassign(engine, chain); // it came from elsewhere
    }
    peer = chain->fetch_peer == NONE ? choose(engine, chain) : &engine->peers[chain->fetch_peer];

    if (peer == NULL ||
        (chain->fetch_peer == NONE && engine->author_fetching[chain->author] >= OF_AUTHOR_MAX)) {
        return;
    }
    if (chain->fetch_peer == NONE) {
        if (peer->fetching == 0) {
            peer->fetch_deadline_ms = engine->now_ms + peer_patience_ms(engine, peer);
            peer->pace_ms = engine->now_ms;
            peer->pace_bytes = 0;
        }
        chain->fetch_peer = slot_of(engine, peer);
        chain->fetch_asked = 0;
        chain->fetch_to = 0;
        peer->fetching++;
        engine->author_fetching[chain->author]++;
        engine->is_catching_up = true;
    }
    if (peer->claims[chain->now.number].seq > chain->fetch_to) {
        chain->fetch_to = peer->claims[chain->now.number].seq;
        peer->wants_changed = true;
    }
}

// The window is shared by all peers that are fetched from, so that memory does not grow with their
// number.
static int64_t window_of(const struct engine *engine, const struct peer *peer)
{
    int64_t window = engine->limits.window_bytes;
    int64_t fetching = 0;

    for (uint32_t p = 0; p < engine->peers_count; p++) {
        fetching += engine->peers[p].fetching > 0;
    }
    window = fetching > 1 ? window / fetching : window;
    window = window > MESSAGE_MAX ? window : MESSAGE_MAX;
    return window < peer->window ? window : peer->window;
}

// Credit is topped up when half is used, and withheld while the store is behind.
uint64_t fetch_credit_due(const struct engine *engine, const struct peer *peer)
{
    int64_t window = window_of(engine, peer);

    if (engine->unstored_bytes > UNSTORED_MAX || peer->granted > window / 2) {
        return 0;
    }
    return (uint64_t)(window - peer->granted);
}

static size_t list_wants(struct engine *engine, struct peer *peer, struct message_want *wants)
{
    size_t count = 0;

    for (uint32_t c = 0; c < engine->chains_count && count < SERVES_MAX; c++) {
        struct tracked *chain = &engine->chains[c];
        struct message_want *want = &wants[count];
        const struct claim *claim = &peer->claims[c];
        bool is_continued = chain->fetch_asked > chain->now.head_seq && !peer->wants_restart;

        if (chain->fetch_peer != slot_of(engine, peer) ||
            (is_continued && chain->fetch_asked >= chain->fetch_to) ||
            chain->now.head_seq >= chain->fetch_to) {
            continue;
        }
        *want = (struct message_want){
            .author = chain->author,
            .epoch = chain->now.epoch,
            .from = (is_continued ? chain->fetch_asked : chain->now.head_seq) + 1,
            .to = chain->fetch_to,
            .has_tip = claim->has_tip && claim->seq == chain->fetch_to};
        memcpy(want->tip, claim->tip, TAG_LEN);
        chain->fetch_asked = chain->fetch_to;
        count++;
    }
    return count;
}

void fetch_list_held(const struct engine *engine, const struct tracked *chain,
                     const struct message_want *want, struct message_wants *fixed)
{
    struct message_stretch *stretch = NULL;

    for (uint32_t a = chain->ahead_first; a != NONE; a = engine->aheads[a].next) {
        const struct ahead *ahead = &engine->aheads[a];

        if (ahead->seq < want->from || ahead->seq > want->to) {
            continue;
        }
        if (stretch != NULL && ahead->seq == stretch->last + 1 &&
            memcmp(ahead->prev, stretch->id, TAG_LEN) == 0) {
            stretch->last = ahead->seq;
        } else if (fixed->held_count < HELD_MAX) {
            stretch = &fixed->held[fixed->held_count++];
            *stretch = (struct message_stretch){.author = want->author,
                                                .epoch = want->epoch,
                                                .first = ahead->seq,
                                                .last = ahead->seq};
        } else {
            return; // the rest comes twice
        }
        memcpy(stretch->id, ahead->id, TAG_LEN);
    }
}

// The chain that is asked for by this want, which was made of it in this step.
static const struct tracked *wanted_chain(const struct engine *engine, const struct peer *peer,
                                          const struct message_want *want)
{
    uint32_t n = engine->author_chain[want->author];

    while (engine->chains[n].now.epoch != want->epoch ||
           engine->chains[n].fetch_peer != slot_of(engine, peer) ||
           engine->chains[n].fetch_to != want->to) {
        n = engine->chains[n].sibling;
    }
    return &engine->chains[n];
}

// A thin line takes long for what is missing: what is urgent of it shall not wait for the rest.
static void choose_picks(struct engine *engine, const struct peer *peer,
                         const struct message_want *wants, size_t count,
                         struct message_wants *fixed)
{
    uint64_t entries = 0;

    for (size_t i = 0; i < count && peer->line.rate != 0; i++) {
        entries += wants[i].to - wants[i].from + 1;
    }
    // Where there is no room for what comes ahead of gaps it would only come in vain. Who was told
    // that nothing else is wanted has to hear that this is over.
    fixed->has_pick = peer->was_told_only ||
                      (entries >= PICK_MIN && engine->aheads_count < engine->limits.floats_max / 2);
    if (!fixed->has_pick) {
        return;
    }
    fixed->pick = (struct message_pick){.selection = {.precedence = IMMEDIATE}, .newest = NEWEST};
    for (size_t i = 0; i < count; i++) {
        fetch_list_held(engine, wanted_chain(engine, peer, &wants[i]), &wants[i], fixed);
    }
}

static void send_wants(struct engine *engine, struct peer *peer)
{
    struct message_want wants[SERVES_MAX];
    struct message_wants fixed = {.restart = peer->wants_restart};
    size_t count = list_wants(engine, peer, wants);
    struct cbor_writer writer = outbox_begin(engine, 32 + (count + HELD_MAX) * 48);

    if (peer->wants_restart) {
        peer->granted = 0;
    }
    fixed.credit = fetch_credit_due(engine, peer);
    choose_picks(engine, peer, wants, count, &fixed);
    peer->wants_changed = false;
    if (count == 0 && !peer->wants_restart) {
        return;
    }
    message_put_wants(&writer, &fixed, wants, count);
    if (!outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        return; // the time-out asks again
    }
    peer->granted += (int64_t)fixed.credit;
    peer->wants_restart = false;
    peer->was_told_only = false;
}

void fetch_credit(struct engine *engine, struct peer *peer)
{
    uint64_t credit = fetch_credit_due(engine, peer);
    struct cbor_writer writer;

    if (credit == 0) {
        return;
    }
    writer = outbox_begin(engine, 16);
    message_put_credit(&writer, credit);
    if (outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        peer->granted += (int64_t)credit;
    }
}

void fetch_update(struct engine *engine)
{
    if (engine->is_store_failed) {
        return;
    }
    if (engine->fetch_is_due || engine->now_ms >= engine->fetch_retry_ms) {
        engine->fetch_is_due = false;
        engine->fetch_retry_ms = NEVER;
        for (uint32_t c = 0; c < engine->chains_count; c++) {
            assign(engine, &engine->chains[c]);
        }
        for (uint32_t p = 0; p < engine->peers_count; p++) {
            engine->peers[p].wants_changed |= peer_is_sparse(&engine->peers[p]);
        }
    }
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];

        if (peer->is_up && peer_is_sparse(peer)) {
            sparse_ask(engine, peer);
            continue;
        }
        if (!peer->is_up || peer->fetching == 0) {
            continue;
        }
        if (peer->wants_changed) {
            send_wants(engine, peer);
        } else {
            fetch_credit(engine, peer);
        }
    }
}
