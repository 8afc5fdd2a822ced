// SPDX-License-Identifier: EUPL-1.2
// Links to peers: their coming and going, the beacons [8.2], and what is told of them to people.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/state.h"

enum {
    SOON_DIVISOR = 10, // a change is told within a tenth of the beacon interval
    SILENT_BEACONS = 3,
    EXPLAINED_BEACONS = 4,
    RTT_MAX_MS = 600000, // above it a clock was set, not a signal delayed
    CLOCK_OLD_MS = 600000,
    FAR_RTT_MS = 1000,
    FAR_RTT_MAX_MS = 6000,
    RTT_THIN_MS = 4000, // while it is not known
    BEACON_WIRE_BITS = 8 * 180,
    BEACON_SHARE = 50, // beacons take this part of a thin line at most [17.3]
    BEACON_SHARE_MS_BITS = BEACON_WIRE_BITS * BEACON_SHARE * 1000,
};

static_assert(BEACON_SHARE_MS_BITS / (int)PACER_RATE_MIN <= (int)LINK_BEACON_MAX_MS,
              "of the thinnest line");
static_assert((int)LINK_BEACON_MAX_MS <= (int)BEACON_INTERVAL_MAX_MS, "a beacon can say so");

enum err peers_init(struct engine *engine)
{
    engine->peers = calloc(engine->limits.peers_max, sizeof *engine->peers);
    engine->memory += engine->limits.peers_max * sizeof *engine->peers;
    return engine->peers == NULL ? ERR_NO_SPACE : peers_use_roster(engine);
}

void peers_fini(struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        free(engine->peers[p].claims);
        free(engine->peers[p].serves);
    }
    free(engine->peers);
}

// Slots are found by walking: at most peers_max, 64 by default.
enum err peers_use_roster(struct engine *engine)
{
    return engine->roster->nodes_count > NODES_MAX ? ERR_LIMIT : ERR_OK;
}

enum err peers_grow_claims(struct engine *engine, uint32_t capacity)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];
        struct claim *grown = realloc(peer->claims, capacity * sizeof *grown);

        if (grown == NULL) {
            return ERR_NO_SPACE;
        }
        memset(grown + engine->chains_capacity, 0,
               (capacity - engine->chains_capacity) * sizeof *grown);
        peer->claims = grown;
        engine->memory += (capacity - engine->chains_capacity) * sizeof *grown;
    }
    return ERR_OK;
}

struct peer *peer_find(struct engine *engine, uint32_t index)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        if (engine->peers[p].index == index) {
            return &engine->peers[p];
        }
    }
    return NULL;
}

static struct peer *take_slot(struct engine *engine, uint32_t index)
{
    struct peer *peer = peer_find(engine, index);

    if (peer != NULL) {
        return peer;
    }
    if (engine->peers_count < engine->limits.peers_max) {
        peer = &engine->peers[engine->peers_count];
        peer->claims = calloc(engine->chains_capacity, sizeof *peer->claims);
        peer->serves = calloc(SERVES_MAX, sizeof *peer->serves);
        if (peer->claims == NULL || peer->serves == NULL) {
            free(peer->claims);
            free(peer->serves);
            return NULL;
        }
        engine->memory +=
            engine->chains_capacity * sizeof *peer->claims + SERVES_MAX * sizeof *peer->serves;
        engine->peers_count++;
    } else {
        for (uint32_t p = 0; p < engine->peers_count && peer == NULL; p++) {
            peer = engine->peers[p].is_up ? NULL : &engine->peers[p];
        }
        if (peer == NULL) {
            return NULL;
        }
        memset(peer->claims, 0, engine->chains_capacity * sizeof *peer->claims);
        *peer = (struct peer){.claims = peer->claims, .serves = peer->serves};
    }
    peer->index = index;
    peer->rtt_ms = UINT32_MAX;
    peer->clock_rtt_ms = UINT32_MAX;
    return peer;
}

void peer_up(struct engine *engine, uint32_t index)
{
    bool may_speak = index < engine->roster->nodes_count && index != engine->self &&
                     !engine->roster->nodes[index].is_revoked; // [5.11]
    struct peer *peer = may_speak ? take_slot(engine, index) : NULL;

    if (peer == NULL || peer->is_up) {
        return;
    }
    peer->is_up = true;
    peer->is_heard = false;
    peer->has_lanes = peer->line.rate != 0 || peer->told_rate != 0;
    peer->has_our_roster = false;
    peer->is_converged = false;
    peer->was_differing = true; // whatever differs at first contact is asked for at once
    peer->is_reading = false;
    peer->serve_due_ms = 0;
    peer->passed_ms = 0;
    peer->wants_restart = true;
    peer->granted = peer->credit = 0;
    peer->serves_count = 0;
    peer->stalls = 0;
    peer->stalled_until_ms = 0;
    peer->heads_sent_ms = 0;
    peer->heads_due_ms = NEVER;
    peer->heard_ms = engine->now_ms;
    peer->echo_time = 0;
    peer->beacon_ms = engine->now_ms;
    peer->key_answers = 0;
    peer->takes_only = peer->was_told_only = false;
    sparse_restart(engine, peer);
    fetch_begin(engine, peer);
    engine->fetch_is_due = true;
    keys_peer_up(engine, peer);
}

void peer_down(struct engine *engine, uint32_t index)
{
    struct peer *peer = peer_find(engine, index);

    if (peer == NULL || !peer->is_up) {
        return;
    }
    fetch_release(engine, peer);
    peer->is_up = false;
    peer->is_converged = false;
    peer->serves_count = 0;
    lookup_forget_peer(engine, index);
    search_forget_peer(engine, index);
}

static bool is_same_line(const struct link_settings *a, const struct link_settings *b)
{
    return a->rate == b->rate && a->is_rate_own == b->is_rate_own && a->beacon_ms == b->beacon_ms &&
           selection_is_same(&a->wanted, &b->wanted);
}

// What is wanted of it changes: what was asked for is asked for anew.
static void set_wanted(struct engine *engine, struct peer *peer, const struct selection *wanted)
{
    if (selection_is_same(&peer->line.wanted, wanted)) {
        return;
    }
    fetch_release(engine, peer);
    sparse_restart(engine, peer);
    engine->fetch_is_due = true;
    peer->heads_sent_ms = 0;
}

void peer_set_line(struct engine *engine, uint32_t index, const struct link_settings *line)
{
    struct peer *peer = index < engine->roster->nodes_count ? take_slot(engine, index) : NULL;

    assert(line->rate == 0 || line->rate >= PACER_RATE_MIN);
    assert(line->beacon_ms <= BEACON_INTERVAL_MAX_MS);
    if (peer != NULL) {
        set_wanted(engine, peer, &line->wanted);
        if (!is_same_line(&peer->line, line)) {
            peer->beacon_ms = engine->now_ms; // the peer learns of it by the next one
        }
        peer->line = *line;
        peer->has_lanes |= line->rate != 0;
    }
}

// On a far line one beacon at a time is under way, so that TCP sends again at even intervals what
// is lost: of a stream with more than that it doubles them.
static uint32_t far_interval_ms(const struct peer *peer)
{
    const uint32_t rtt_ms = fetch_least_rtt_ms(peer);

    if (rtt_ms == UINT32_MAX || rtt_ms < FAR_RTT_MS) {
        return 0;
    }
    return rtt_ms < FAR_RTT_MAX_MS ? rtt_ms + rtt_ms / 2 : FAR_RTT_MAX_MS + FAR_RTT_MAX_MS / 2;
}

uint32_t peer_beacon_interval_ms(const struct engine *engine, const struct peer *peer)
{
    const uint32_t rate = peer->line.rate;
    const uint32_t share_ms = rate == 0 ? 0 : BEACON_SHARE_MS_BITS / rate;
    const uint32_t wanted_ms =
        peer->line.beacon_ms != 0 ? peer->line.beacon_ms : engine->limits.beacon_ms;
    const uint32_t far_ms = far_interval_ms(peer);
    const uint32_t least_ms = share_ms > far_ms ? share_ms : far_ms; // [17.3], [17.10]

    return least_ms > wanted_ms ? least_ms : wanted_ms;
}

// On a thin line an answer waits for the frame before it, and takes as long itself; the round trip
// is that of beacons, which have waited as well.
uint64_t peer_patience_ms(const struct engine *engine, const struct peer *peer)
{
    if (peer->line.rate == 0) {
        return engine->limits.retry_ms;
    }
    return engine->limits.retry_ms + 2 * (uint64_t)PACER_MOMENT_MS +
           (peer->rtt_ms != UINT32_MAX ? peer->rtt_ms : RTT_THIN_MS);
}

void peer_part(struct engine *engine, struct peer *peer)
{
    peer->heard_ms = engine->now_ms;
    peer->last_frame_wall_ms = engine->wall_ms;
    peer->has_lanes = true;
    fetch_lives(engine, peer);
}

void peer_refuse(struct engine *engine, struct peer *peer, enum refusal refusal)
{
    struct note note = {.type = NOTE_REFUSED, .peer = peer->index, .refusal = refusal};

    peer->refused[refusal]++;
    outbox_note(engine, &note);
}

// -- beacons --

static void send_beacon(struct engine *engine, struct peer *peer)
{
    const uint32_t interval_ms = peer_beacon_interval_ms(engine, peer);
    struct message_beacon beacon = {.roster_version = engine->roster->version,
                                    .time_ms = engine->wall_ms,
                                    .interval_ms = interval_ms};
    struct cbor_writer writer = outbox_begin(engine, 96);

    memcpy(beacon.fingerprint, engine->fingerprint, FINGERPRINT_LEN);
    roster_tag(engine->roster, beacon.time_ms, beacon.roster_tag);
    if (peer->echo_time != 0) {
        beacon.echo_ms = peer->echo_time;
        beacon.held_ms = engine->now_ms - peer->echo_at_ms;
    }
    // What the peer said itself is not said back: it would never end [17.5].
    if (peer->line.is_rate_own && !engine->options.is_exercise) {
        beacon.rate = peer->line.rate;
    }
    message_put_beacon(&writer, &beacon);
    if (outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        engine->out.sends[engine->out.sends_count - 1].is_beacon = true;
    }
    peer->beacon_sent_ms = engine->now_ms;
    peer->told_version = engine->fingerprint_version;
    peer->beacon_ms = engine->now_ms + interval_ms;
}

// What a beacon says of the line, and of the next one [17.5].
static void take_line(struct engine *engine, struct peer *peer, const struct message_beacon *beacon)
{
    const struct note note = {.type = NOTE_LINE, .peer = peer->index, .rate = beacon->rate};

    if (!engine->options.is_exercise && (!peer->is_heard || peer->told_rate != beacon->rate)) {
        outbox_note(engine, &note);
    }
    peer->told_rate = beacon->rate;
    peer->told_interval_ms = beacon->interval_ms;
    peer->has_lanes |= beacon->rate != 0;
}

// A beacon is half a round trip old. One that took long says little, unless the last one that said
// more is long ago.
static void measure_clock(const struct engine *engine, struct peer *peer, uint64_t time_ms)
{
    const bool is_old = engine->now_ms >= peer->clock_at_ms + CLOCK_OLD_MS;

    if (peer->rtt_ms / 2 > peer->clock_rtt_ms && !is_old) {
        return;
    }
    peer->clock_offset_ms = (int64_t)(time_ms + peer->rtt_ms / 2 - engine->wall_ms);
    peer->clock_rtt_ms = peer->rtt_ms;
    peer->clock_at_ms = engine->now_ms;
}

static void measure_round_trip(struct engine *engine, struct peer *peer,
                               const struct message_beacon *beacon)
{
    uint64_t sent = beacon->echo_ms + beacon->held_ms;

    peer->echo_time = beacon->time_ms;
    peer->echo_at_ms = engine->now_ms;
    if (beacon->echo_ms != 0 && sent <= engine->wall_ms && engine->wall_ms - sent < RTT_MAX_MS) {
        peer->rtt_ms = (uint32_t)(engine->wall_ms - sent);
        measure_clock(engine, peer, beacon->time_ms);
        fetch_timed(engine, peer);
    }
}

static void converged(struct engine *engine, struct peer *peer)
{
    if (peer->matched_version != engine->fingerprint_version || !peer->is_converged) {
        for (uint32_t c = 0; c < engine->chains_count; c++) {
            peer->claims[c].seq = engine->chains[c].counted_seq;
            peer->claims[c].shown = engine->chains[c].counted_seq;
            memcpy(peer->claims[c].tip, engine->chains[c].counted_id, TAG_LEN);
            peer->claims[c].has_tip = true;
        }
        peer->matched_version = engine->fingerprint_version;
    }
    if (!peer->is_converged) {
        struct note note = {.type = NOTE_CONVERGED, .peer = peer->index};

        outbox_note(engine, &note);
        if (peer->told_version != engine->fingerprint_version) {
            peer->beacon_ms = engine->now_ms; // so that it knows as well
        }
    }
    peer->is_converged = true;
    peer->was_differing = false;
    peer->slowest_lane = LANES;
    engine->is_own_compared = true;
    own_log_compared(engine);
}

// Where only some entries are wanted they differ for long, and that is as it should be; where some
// are on their way over a thin line, too.
static bool is_explained(const struct engine *engine, const struct peer *peer)
{
    const bool is_served = peer->serves_count > 0 || engine->now_ms < peer->passed_ms;

    return peer_is_sparse(peer) || peer->takes_only || (peer->line.rate != 0 && is_served);
}

// Entries under way explain a difference for one beacon; after that, or when nothing is coming,
// ask.
static void differs(struct engine *engine, struct peer *peer)
{
    const uint64_t interval = peer_beacon_interval_ms(engine, peer);
    uint64_t pause = interval / 4;
    uint64_t rest;
    bool is_flowing = peer->entry_ms + interval > engine->now_ms && peer->entry_ms != 0;

    if (peer->rtt_ms != UINT32_MAX && 2 * (uint64_t)peer->rtt_ms > pause) {
        pause = 2 * (uint64_t)peer->rtt_ms;
    }
    rest = is_explained(engine, peer) ? EXPLAINED_BEACONS * interval : pause;
    peer->is_converged = false;
    if ((peer->was_differing || !is_flowing) && peer->heads_due_ms == NEVER &&
        (peer->heads_sent_ms == 0 || engine->now_ms >= peer->heads_sent_ms + rest)) {
        // One list of heads serves both sides: the lower index begins, the other only when it does
        // not.
        peer->heads_due_ms = engine->now_ms + (engine->self < peer->index ? 0 : pause);
    }
    peer->was_differing = true;
}

static void ask_for_roster(struct engine *engine, struct peer *peer,
                           const struct message_roster_want *want)
{
    struct cbor_writer writer = outbox_begin(engine, 64);

    message_put_roster_want(&writer, want);
    (void)outbox_send(engine, peer, &writer, LANE_CONTROL);
}

void peer_ask_roster(struct engine *engine, struct peer *peer, const uint8_t *hash)
{
    struct message_roster_want want = {.has_hash = true};

    memcpy(want.hash, hash, ID_LEN);
    if (peer->is_up) {
        ask_for_roster(engine, peer, &want);
    }
}

static void tell_rosters(struct engine *engine, struct peer *peer)
{
    const uint8_t(*hashes)[ID_LEN];
    size_t count = roster_hashes(engine->roster, &hashes);
    struct cbor_writer writer = outbox_begin(engine, 16 + ROSTER_PARENTS_MAX * (ID_LEN + 2));

    message_put_roster_is(&writer, hashes, count);
    (void)outbox_send(engine, peer, &writer, LANE_CONTROL);
}

// Who holds a higher version is asked for that first, version by version; of the same version it
// can only be another one [5.18].
static void compare_rosters(struct engine *engine, struct peer *peer,
                            const struct message_beacon *beacon)
{
    struct message_roster_want want = {.version = engine->roster->version + 1};
    uint8_t tag[TAG_LEN];

    roster_tag(engine->roster, beacon->time_ms, tag);
    peer->has_our_roster = memcmp(tag, beacon->roster_tag, TAG_LEN) == 0;
    peer->roster_version = beacon->roster_version;
    if (engine->options.is_exercise) {
        return; // [16.2]
    }
    if (beacon->roster_version > engine->roster->version) {
        ask_for_roster(engine, peer, &want);
    } else if (!peer->has_our_roster) {
        tell_rosters(engine, peer);
    }
}

void peer_roster_is(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_roster_is is;

    message_get_roster_is(reader, &is);
    if (message_finish(reader) != ERR_OK || !peer->is_heard ||
        peer->roster_version > engine->roster->version) {
        return;
    }
    for (size_t i = 0; i < is.count; i++) {
        struct note note = {.type = NOTE_ROSTER_TOLD, .peer = peer->index, .has_hash = true};

        memcpy(note.hash, is.hashes[i], ID_LEN);
        outbox_note(engine, &note);
    }
}

void peer_beacon(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_beacon beacon;

    message_get_beacon(reader, &beacon);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    take_line(engine, peer, &beacon);
    peer->is_heard = true;
    peer->heard_ms = engine->now_ms;
    peer->last_frame_wall_ms = engine->wall_ms;
    peer->has_fingerprint = true;
    memcpy(peer->fingerprint, beacon.fingerprint, FINGERPRINT_LEN);
    measure_round_trip(engine, peer, &beacon);
    compare_rosters(engine, peer, &beacon);
    if (memcmp(beacon.fingerprint, engine->fingerprint, FINGERPRINT_LEN) == 0) {
        converged(engine, peer);
    } else {
        differs(engine, peer);
    }
}

void peers_durable_changed(struct engine *engine)
{
    bool is_caught_up = engine->is_catching_up && engine->ledger_count == 0;

    own_log_compared(engine);
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        is_caught_up = is_caught_up && engine->peers[p].fetching == 0;
    }
    engine->is_catching_up = engine->is_catching_up && !is_caught_up;
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];
        const uint64_t soon = peer_beacon_interval_ms(engine, peer) / SOON_DIVISOR;
        // On a thin line the entry itself goes first, and perhaps the next one, too.
        const uint64_t since = peer->line.rate == 0 ? peer->beacon_sent_ms : engine->now_ms;
        uint64_t due = is_caught_up ? engine->now_ms : since + soon;

        if (!peer->is_up || peer->matched_version == engine->fingerprint_version) {
            continue;
        }
        // Now it is this node that holds what the peer said it holds.
        if (peer->is_heard &&
            memcmp(peer->fingerprint, engine->fingerprint, FINGERPRINT_LEN) == 0) {
            converged(engine, peer);
        }
        if (due < peer->beacon_ms) {
            peer->beacon_ms = due;
        }
    }
}

static void ask_for_heads(struct engine *engine, struct peer *peer)
{
    peer->heads_due_ms = NEVER;
    if (peer->is_converged) {
        return;
    }
    peer->heads_sent_ms = engine->now_ms;
    peer->was_asked = true;
    heads_send(engine, peer, true);
}

void peers_tick(struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];

        if (peer->is_up && engine->now_ms >= peer->beacon_ms) {
            send_beacon(engine, peer);
        }
        if (peer->is_up && engine->now_ms >= peer->heads_due_ms) {
            ask_for_heads(engine, peer);
        }
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t peers_deadline_ms(const struct engine *engine)
{
    uint64_t deadline = engine->fetch_retry_ms;

    for (uint32_t p = 0; p < engine->peers_count; p++) {
        const struct peer *peer = &engine->peers[p];

        if (!peer->is_up) {
            continue;
        }
        deadline = earlier(deadline, peer->beacon_ms);
        deadline = earlier(deadline, peer->heads_due_ms);
        if (peer->fetching > 0) {
            deadline = earlier(deadline, peer->fetch_deadline_ms);
        }
    }
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        if (engine->searches[s].is_used) {
            deadline = earlier(deadline, engine->searches[s].deadline_ms);
        }
    }
    for (uint32_t r = 0; engine->repairs_count > 0 && r < REPAIRS_MAX; r++) {
        if (engine->repairs[r].is_used) {
            deadline = earlier(deadline, engine->repairs[r].deadline_ms);
        }
    }
    deadline = earlier(deadline, serve_deadline_ms(engine));
    deadline = earlier(deadline, keys_deadline_ms(engine));
    return earlier(deadline, quarantine_deadline_ms(engine));
}

// Of the two ends' intervals the longer one counts; the message bounds the peer's [8.2].
static uint64_t silent_after_ms(const struct engine *engine, const struct peer *peer)
{
    const uint32_t own_ms = peer_beacon_interval_ms(engine, peer);
    const uint32_t longer_ms = peer->told_interval_ms > own_ms ? peer->told_interval_ms : own_ms;

    return SILENT_BEACONS * (uint64_t)longer_ms;
}

static enum peer_state state_of(const struct engine *engine, const struct peer *peer)
{
    if (!peer->is_up) {
        return PEER_DOWN;
    }
    if (engine->now_ms > peer->heard_ms + silent_after_ms(engine, peer)) {
        return PEER_SILENT;
    }
    if (!peer->is_heard) {
        return PEER_UNVERIFIED;
    }
    // What became durable here since its last beacon it may not hold yet.
    return peer->is_converged && peer->matched_version == engine->fingerprint_version
               ? PEER_CONVERGED
               : PEER_SYNCING;
}

enum err engine_get_peer(const struct engine *engine, uint32_t index, struct peer_status *status)
{
    const struct peer *peer = NULL;

    for (uint32_t p = 0; p < engine->peers_count && peer == NULL; p++) {
        peer = engine->peers[p].index == index ? &engine->peers[p] : NULL;
    }
    if (peer == NULL) {
        return ERR_NOT_FOUND;
    }
    *status = (struct peer_status){.peer = index,
                                   .state = state_of(engine, peer),
                                   .has_fingerprint = peer->has_fingerprint,
                                   .rtt_ms = peer->rtt_ms,
                                   .clock_offset_ms = peer->clock_offset_ms,
                                   .clock_rtt_ms = peer->clock_rtt_ms,
                                   .beacon_ms = peer_beacon_interval_ms(engine, peer),
                                   .last_frame_ms = peer->last_frame_wall_ms,
                                   .last_entry_ms = peer->last_entry_wall_ms,
                                   .roster_version = peer->roster_version,
                                   .bytes_in = peer->bytes_in,
                                   .bytes_out = peer->bytes_out};
    memcpy(status->fingerprint, peer->fingerprint, FINGERPRINT_LEN);
    memcpy(status->refused, peer->refused, sizeof status->refused);
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        const uint64_t ours = engine->chains[c].counted_seq;
        const uint64_t base = engine->chains[c].now.first_seq - 1; // before it the parent counts
        const uint64_t theirs = peer->claims[c].seq > base ? peer->claims[c].seq : base;
        const uint64_t shown = peer->claims[c].shown > base ? peer->claims[c].shown : base;

        status->missing_here += theirs > ours ? theirs - ours : 0;
        status->missing_there += ours > shown ? ours - shown : 0;
    }
    return ERR_OK;
}
