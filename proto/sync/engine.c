// SPDX-License-Identifier: EUPL-1.2
// The one door: takes an event apart, hands it to the part it concerns, and closes the step.
// Decides nothing itself.
#include "sitrep/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sync/state.h"

static void fill_limits(struct engine_limits *limits)
{
    const struct engine_limits defaults = {.peers_max = 64,
                                           .chains_max = 4096,
                                           .floats_max = 16384,
                                           .window_bytes = 4 * 1024 * 1024,
                                           .beacon_ms = 1000,
                                           .retry_ms = 3000};

    limits->peers_max = limits->peers_max ? limits->peers_max : defaults.peers_max;
    limits->chains_max = limits->chains_max ? limits->chains_max : defaults.chains_max;
    limits->floats_max = limits->floats_max ? limits->floats_max : defaults.floats_max;
    limits->window_bytes = limits->window_bytes ? limits->window_bytes : defaults.window_bytes;
    limits->beacon_ms = limits->beacon_ms ? limits->beacon_ms : defaults.beacon_ms;
    limits->retry_ms = limits->retry_ms ? limits->retry_ms : defaults.retry_ms;
}

static bool limits_are_sane(const struct engine_limits *limits)
{
    return limits->peers_max <= 4096 && limits->chains_max <= 1u << 20 &&
           limits->floats_max <= 1u << 20 && limits->window_bytes >= MESSAGE_MAX / 2 &&
           limits->window_bytes <= 1u << 28 && limits->beacon_ms <= BEACON_INTERVAL_MAX_MS;
}

enum err engine_create(struct engine **out, const struct engine_options *options)
{
    int32_t self;
    struct engine *engine;
    enum err err = ERR_NO_SPACE;

    *out = NULL;
    self = roster_find_signing(options->roster, options->signing_key->bytes + SIGN_KEY_LEN);
    if (self < 0) {
        return ERR_NOT_FOUND;
    }
    engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return ERR_NO_SPACE;
    }
    engine->memory = sizeof *engine;
    engine->options = *options;
    engine->limits = options->limits;
    engine->roster = options->roster;
    engine->self = (uint32_t)self;
    engine->fetch_retry_ms = NEVER;
    fill_limits(&engine->limits);
    if (!limits_are_sane(&engine->limits)) {
        err = ERR_LIMIT;
        goto out;
    }
    engine->sealer = sealer_create();
    if (engine->sealer == NULL || chains_init(engine) != ERR_OK || ledger_init(engine) != ERR_OK ||
        outbox_init(engine) != ERR_OK || peers_init(engine) != ERR_OK) {
        goto out;
    }
    *out = engine;
    return ERR_OK;

out:
    engine_destroy(&engine);
    return err;
}

void engine_destroy(struct engine **engine)
{
    if (*engine == NULL) {
        return;
    }
    peers_fini(*engine);
    outbox_fini(*engine);
    ledger_fini(*engine);
    chains_fini(*engine);
    sealer_destroy(&(*engine)->sealer);
    free(*engine);
    *engine = NULL;
}

enum err engine_restore_chain(struct engine *engine, const struct chain *row)
{
    int32_t author = roster_find_signing(engine->roster, row->author);
    enum err err = row->head_seq + 1 < row->first_seq ? ERR_CORRUPT : ERR_OK;

    if (err == ERR_OK && author < 0) {
        return chain_keep(engine, row); // while a fork of the roster leaves it out [5.18]
    }
    if (err == ERR_OK) {
        err = chain_restore(engine, (uint32_t)author, row);
    }
    if (err == ERR_OK && (uint32_t)author == engine->self && row->epoch > engine->own_epoch) {
        engine->own_epoch = row->epoch;
    }
    return err;
}

enum err engine_restore_ahead(struct engine *engine, const struct record *record)
{
    struct tracked *chain = chain_at(engine, record->chain);

    if (chain == NULL) {
        return ERR_CORRUPT;
    }
    if (chain->author == NONE || record->seq <= chain->now.head_seq ||
        ahead_find(engine, chain, record->seq) != NULL) {
        return ERR_OK;
    }
    enum err err = ahead_add(engine, chain, record, 0);
    return err == ERR_LIMIT ? ERR_OK : err;
}

static void receive_roster(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct span bytes = message_get_roster(reader);
    struct note note = {.type = NOTE_ROSTER_SEEN, .peer = peer->index, .bytes = bytes};

    if (message_finish(reader) == ERR_OK) {
        outbox_note(engine, &note);
    }
}

static void send_roster(struct engine *engine, struct peer *peer, struct span signed_roster)
{
    struct cbor_writer writer = outbox_begin(engine, signed_roster.len + 16);

    message_put_roster(&writer, signed_roster);
    (void)outbox_send(engine, peer, &writer, LANE_CONTROL);
}

static void receive_roster_want(struct engine *engine, struct peer *peer,
                                struct message_reader *reader)
{
    struct message_roster_want want;

    message_get_roster_want(reader, &want);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    if (!want.has_hash && want.version == engine->roster->version &&
        engine->roster->rivals_count == 0) {
        send_roster(engine, peer, engine->roster->signed_document);
    } else if (want.has_hash || want.version <= engine->roster->version) {
        struct note note = {.type = NOTE_ROSTER_WANTED,
                            .peer = peer->index,
                            .seq = want.version,
                            .has_hash = want.has_hash};

        memcpy(note.hash, want.hash, ID_LEN);
        outbox_note(engine, &note);
    }
}

// Rosters are exchanged in the real world alone [16.2].
static bool is_expected(const struct engine *engine, const struct message_reader *reader)
{
    return !engine->options.is_exercise ||
           (reader->type != MESSAGE_ROSTER && reader->type != MESSAGE_ROSTER_WANT &&
            reader->type != MESSAGE_ROSTER_IS);
}

static void dispatch(struct engine *engine, struct peer *peer, struct message_reader *reader,
                     const struct event *event)
{
    switch (reader->type) { // NOLINT(bugprone-branch-clone)
    case MESSAGE_BEACON:
        peer_beacon(engine, peer, reader);
        break;
    case MESSAGE_HEADS:
        if (event->frame.plane == PLANE_LIVE) {
            peer_hint(engine, peer, reader);
        } else {
            peer_heads(engine, peer, reader);
        }
        break;
    case MESSAGE_WANT:
        serve_want(engine, peer, reader);
        break;
    case MESSAGE_CREDIT:
        serve_credit(engine, peer, reader);
        break;
    case MESSAGE_RUNS:
        intake_runs(engine, peer, reader, event->frame.bytes.len);
        break;
    case MESSAGE_ROSTER:
        receive_roster(engine, peer, reader);
        break;
    case MESSAGE_ROSTER_WANT:
        receive_roster_want(engine, peer, reader);
        break;
    case MESSAGE_ROSTER_IS:
        peer_roster_is(engine, peer, reader);
        break;
    case MESSAGE_TRACE:
        trace_asked(engine, peer, reader);
        break;
    case MESSAGE_TRACED:
        search_traced(engine, peer, reader);
        break;
    case MESSAGE_KEY_WANT:
        keys_asked(engine, peer, reader);
        break;
    case MESSAGE_KEY:
        keys_answered(engine, peer, reader);
        break;
    case MESSAGE_SPACE:
    case MESSAGE_PART: // the pacer's, which puts them together
    case MESSAGE_HELD:
    case MESSAGE_PARCEL:
    default:
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    if (message_finish(reader) != ERR_OK) {
        peer_refuse(engine, peer, REFUSED_MALFORMED);
    }
}

static void receive(struct engine *engine, const struct event *event)
{
    struct peer *peer = peer_find(engine, event->peer);
    struct message_reader reader;

    if (peer == NULL) {
        return;
    }
    peer->bytes_in += event->frame.bytes.len;
    if (event->frame.bytes.len > MESSAGE_MAX) {
        peer_refuse(engine, peer, REFUSED_LIMIT);
        return;
    }
    if (!peer->is_up) {
        peer_up(engine, event->peer);
    }
    if (!peer->is_up) {
        return; // revoked: what was on its way
    }
    message_read(&reader, event->frame.bytes);
    if (event->frame.plane == PLANE_LIVE && reader.type != MESSAGE_RUNS &&
        reader.type != MESSAGE_HEADS) {
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    if (!is_expected(engine, &reader)) {
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    dispatch(engine, peer, &reader, event);
}

static void use_roster(struct engine *engine, const struct roster *roster)
{
    const struct roster *before = engine->roster;

    engine->roster = roster;
    // Without memory for the new members the old roster stays; the peer's beacon brings the new one
    // again.
    if (chains_use_roster(engine) != ERR_OK || peers_use_roster(engine) != ERR_OK) {
        engine->roster = before;
    }
    quarantine_use_roster(engine);
    keys_use_roster(engine);
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        engine->peers[p].beacon_ms = engine->now_ms;
        engine->peers[p].has_our_roster = false; // until its next beacon says so
    }
}

// The kinds of read tags: what the answer is for.
static void answer(struct engine *engine, const struct event *event)
{
    uint32_t slot = (uint32_t)event->records.tag;

    switch ((char)(event->records.tag >> 56)) {
    case 'k':
        lookup_answered(engine, slot, event);
        break;
    case 's':
        serve_read(engine, slot, event);
        break;
    case 'u':
        pick_read(engine, slot, event);
        break;
    case 'p':
        spread_push_read(engine, slot, event);
        break;
    case 'l':
        spread_live_read(engine, slot, event);
        break;
    case 't':
        trace_read(engine, slot, event);
        break;
    case 'r':
        repair_read(engine, slot, event);
        break;
    case 'q':
        quarantine_read(engine, slot, event);
        break;
    default:
        break;
    }
}

static void handle_link(struct engine *engine, const struct event *event)
{
    struct peer *peer = peer_find(engine, event->peer);

    if (event->type == EVENT_PEER_UP) {
        peer_up(engine, event->peer);
    } else if (event->type == EVENT_PEER_DOWN) {
        peer_down(engine, event->peer);
    } else if (event->type == EVENT_LINE) {
        peer_set_line(engine, event->peer, &event->line);
    } else if (peer != NULL) {
        peer_part(engine, peer);
    }
}

static void handle_roster(struct engine *engine, const struct event *event)
{
    struct peer *peer = event->type == EVENT_ROSTER ? NULL : peer_find(engine, event->peer);

    if (event->type == EVENT_ROSTER) {
        use_roster(engine, event->roster);
    } else if (peer != NULL && event->type == EVENT_ROSTER_COPY) {
        send_roster(engine, peer, event->roster_copy);
    } else if (peer != NULL) {
        peer_ask_roster(engine, peer, event->roster_hash);
    }
}

static void handle(struct engine *engine, const struct event *event)
{
    switch (event->type) {
    case EVENT_TICK:
        break;
    case EVENT_PEER_UP:
    case EVENT_PEER_DOWN:
    case EVENT_LINE:
    case EVENT_PART:
        handle_link(engine, event);
        break;
    case EVENT_FRAME:
        receive(engine, event);
        break;
    case EVENT_PUBLISH:
        own_log_publish(engine, event);
        break;
    case EVENT_PERSISTED:
        ledger_persisted(engine, event->persist.ticket);
        break;
    case EVENT_PERSIST_FAILED:
        ledger_failed(engine, event->persist.ticket, event->persist.err);
        break;
    case EVENT_STORE_READY:
        engine->is_store_failed = false;
        engine->fetch_is_due = true;
        break;
    case EVENT_RECORDS:
        answer(engine, event);
        break;
    case EVENT_DAMAGED:
        repair_start(engine, event->damaged.chain, event->damaged.seq);
        break;
    case EVENT_ROSTER:
    case EVENT_ROSTER_COPY:
    case EVENT_ROSTER_ASK:
        handle_roster(engine, event);
        break;
    case EVENT_OWN_LOG_CLEAR:
        own_log_clear(engine, event->new_epoch);
        break;
    case EVENT_KEYS_WANTED:
        keys_want(engine, event);
        break;
    case EVENT_KEY_VERDICT:
        keys_judged(engine, event);
        break;
    }
}

void engine_step(struct engine *engine, const struct event *event, struct effects *effects)
{
    assert(event->now_ms >= engine->now_ms);
    engine->now_ms = event->now_ms;
    engine->wall_ms = event->wall_ms;
    outbox_clear(engine);
    handle(engine, event);
    peers_tick(engine);
    search_tick(engine);
    repair_tick(engine);
    quarantine_tick(engine);
    keys_tick(engine);
    fetch_tick(engine);
    fetch_update(engine);
    serve_continue(engine);
    outbox_finish(engine, effects);
}

uint64_t engine_deadline_ms(const struct engine *engine)
{
    return peers_deadline_ms(engine);
}

static bool is_branch(const struct engine *engine, const struct tracked *chain)
{
    uint32_t first = engine->author_chain[chain->author];

    while (engine->chains[first].now.epoch != chain->now.epoch) {
        first = engine->chains[first].sibling;
    }
    return first != chain->now.number;
}

void engine_get_status(const struct engine *engine, struct engine_status *status)
{
    uint32_t own = engine->author_chain[engine->self];

    memset(status, 0, sizeof *status);
    memcpy(status->fingerprint, engine->fingerprint, FINGERPRINT_LEN);
    status->entries = engine->entries;
    status->quarantined = quarantine_count(engine);
    status->ahead = engine->aheads_count - quarantine_aheads(engine);
    status->is_revoked = engine->roster->nodes[engine->self].is_revoked;
    status->own_chain = CHAIN_NONE;
    status->own_epoch = engine->own_epoch;
    status->own_next = 1;
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        const struct tracked *chain = &engine->chains[c];
        bool may_count = chain->is_durable && chain->now.first_seq <= chain->limit;

        status->chains += chain->is_durable;
        status->forks += may_count && is_branch(engine, chain);
    }
    while (own != NONE && engine->chains[own].now.epoch != engine->own_epoch) {
        own = engine->chains[own].sibling;
    }
    if (own != NONE) {
        status->own_chain = own;
        status->own_head = engine->chains[own].durable_seq;
        status->own_next = engine->chains[own].now.head_seq + 1;
    }
    status->is_own_log_ready = engine->is_own_log_ready;
    status->is_store_failed = engine->is_store_failed;
    status->memory = engine->memory;
}

enum err engine_get_chain(const struct engine *engine, uint32_t number, struct chain *chain)
{
    if (number >= engine->chains_count || !engine->chains[number].is_stored) {
        return ERR_NOT_FOUND;
    }
    *chain = engine->chains[number].now;
    return ERR_OK;
}

const char *refusal_text(enum refusal refusal)
{
    static const char *const texts[REFUSALS] = {
        [REFUSED_MALFORMED] = "malformed",   [REFUSED_UNKNOWN_AUTHOR] = "unknown_author",
        [REFUSED_REVOKED] = "revoked",       [REFUSED_SIGNATURE] = "signature",
        [REFUSED_LIMIT] = "limit",           [REFUSED_UNKNOWN_PREV] = "unknown_prev",
        [REFUSED_UNEXPECTED] = "unexpected", [REFUSED_BRANCHES] = "branches",
    };

    return refusal < REFUSALS ? texts[refusal] : "unknown";
}

const char *peer_state_text(enum peer_state state)
{
    static const char *const texts[] = {
        [PEER_DOWN] = "down",       [PEER_UNVERIFIED] = "unverified",
        [PEER_SYNCING] = "syncing", [PEER_CONVERGED] = "converged",
        [PEER_SILENT] = "silent",
    };

    return state <= PEER_SILENT ? texts[state] : "unknown";
}
