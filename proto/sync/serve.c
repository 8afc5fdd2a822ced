// SPDX-License-Identifier: EUPL-1.2
// What peers asked for: ranges served as runs while their credit lasts [8.5-8.7]. Every record is
// checked against its id before it leaves.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

enum { THIN_MOMENTS = 4 };

// -- taking orders --

// Whether some of what is wanted is still to be served, or follows it. What of it was served before
// is on its way, or the want would have begun anew: two ranges of one log at once would come mixed,
// and a run names the one before it by 8 bytes only.
static bool continues(const struct serve *serve, const struct message_want *want)
{
    bool is_same_tip = !want->has_tip || !serve->has_tip ||
                       memcmp(serve->tip, want->tip, TAG_LEN) == 0 || want->from > serve->to;

    return serve->author == want->author && serve->epoch == want->epoch &&
           want->to >= serve->next && want->from <= serve->to + 1 && is_same_tip;
}

// Finds the chain that is meant, or begins to. False when there is none, or no way to look now.
static bool resolve(struct engine *engine, struct peer *peer, struct serve *serve)
{
    struct tracked *main = chain_of_log(engine, serve->author, serve->epoch);
    struct lookup lookup = {.purpose = LOOKUP_SERVE,
                            .peer = peer->index,
                            .author = serve->author,
                            .epoch = serve->epoch,
                            .seq = serve->to,
                            .owner = (uint32_t)(serve - peer->serves)};

    serve->chain = NONE;
    if (main == NULL) {
        return false;
    }
    if (!serve->has_tip || chain_next_branch(engine, main) == NULL) {
        serve->chain = main->now.number;
        return true;
    }
    for (struct tracked *c = main; c != NULL; c = chain_next_branch(engine, c)) {
        if (c->is_durable && c->counted_seq == serve->to &&
            memcmp(c->counted_id, serve->tip, TAG_LEN) == 0) {
            serve->chain = c->now.number;
            return true;
        }
    }
    memcpy(lookup.id, serve->tip, TAG_LEN);
    return lookup_start(engine, &lookup);
}

void serve_drop(struct peer *peer, uint32_t slot)
{
    peer->serves[slot] = peer->serves[--peer->serves_count];
    peer->is_reading = false; // its answer counted by place
}

void serve_resolved(struct engine *engine, const struct lookup *lookup, struct tracked *chain)
{
    struct peer *peer = peer_find(engine, lookup->peer);

    for (uint32_t s = peer == NULL ? 0 : peer->serves_count; s > 0; s--) {
        struct serve *serve = &peer->serves[s - 1];

        if (serve->chain != NONE || serve->author != lookup->author ||
            serve->epoch != lookup->epoch || serve->to != lookup->seq ||
            memcmp(serve->tip, lookup->id, TAG_LEN) != 0) {
            continue;
        }
        if (chain != NULL) {
            serve->chain = chain->now.number;
        } else {
            serve_drop(peer, s - 1);
        }
    }
}

// Moves the end of a range. One whose chain is still looked for, by its end, is looked for anew.
static void prolong(struct engine *engine, struct peer *peer, uint32_t slot,
                    const struct message_want *want)
{
    struct serve *serve = &peer->serves[slot];

    if (want->to <= serve->to) {
        return;
    }
    serve->to = want->to;
    if (serve->chain == NONE) {
        serve->has_tip = want->has_tip;
        memcpy(serve->tip, want->tip, TAG_LEN);
        if (!resolve(engine, peer, serve)) {
            serve_drop(peer, slot);
        }
    }
}

static void take_want(struct engine *engine, struct peer *peer, const struct message_want *want,
                      const struct message_pick *pick)
{
    struct serve *serve;

    for (uint32_t s = 0; s < peer->serves_count; s++) {
        if (continues(&peer->serves[s], want)) {
            pick_range(&peer->serves[s], want, pick);
            prolong(engine, peer, s, want);
            return;
        }
    }
    if (peer->serves_count == SERVES_MAX) {
        peer_refuse(engine, peer, REFUSED_LIMIT);
        return;
    }
    serve = &peer->serves[peer->serves_count++];
    *serve = (struct serve){.author = want->author,
                            .epoch = want->epoch,
                            .next = want->from,
                            .to = want->to,
                            .has_tip = want->has_tip,
                            .is_first = true};
    memcpy(serve->tip, want->tip, TAG_LEN);
    pick_range(serve, want, pick);
    if (!resolve(engine, peer, serve)) {
        peer->serves_count--;
    }
}

static void grant(struct peer *peer, uint64_t credit)
{
    peer->credit += (int64_t)credit;
    if (peer->credit > (int64_t)CREDIT_MAX) {
        peer->credit = (int64_t)CREDIT_MAX;
    }
}

void serve_want(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_wants fixed;
    struct message_want want;

    message_get_wants(reader, &fixed);
    if (fixed.restart) {
        peer->serves_count = 0;
        peer->credit = 0;
        peer->is_reading = false; // an answer still to come is of the former wants
    }
    pick_want(peer, &fixed);
    grant(peer, fixed.credit);
    while (message_next_want(reader, &want)) {
        if (want.author < engine->roster->nodes_count) {
            take_want(engine, peer, &want, fixed.has_pick ? &fixed.pick : NULL);
        }
    }
}

void serve_credit(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    uint64_t credit = message_get_credit(reader);

    (void)engine;
    if (message_finish(reader) == ERR_OK) {
        grant(peer, credit);
    }
}

// -- serving --

static uint32_t slot_of(const struct engine *engine, const struct peer *peer)
{
    return (uint32_t)(peer - engine->peers);
}

static bool may_serve(const struct tracked *chain, const struct serve *serve)
{
    return chain->is_durable && serve->next <= serve->to && serve->next <= chain->durable_seq &&
           serve->next <= chain->limit;
}

static void drop_served(struct engine *engine, struct peer *peer)
{
    for (uint32_t s = peer->serves_count; s > 0; s--) {
        struct serve *serve = &peer->serves[s - 1];
        const struct tracked *chain = chain_at(engine, serve->chain);

        skip_held(engine, peer, serve);
        if (chain != NULL && !may_serve(chain, serve)) {
            serve_drop(peer, s - 1);
        }
    }
}

// Takes authors in turn, and of one its ranges in turn: so neither a long log nor many logs hide
// those of others. NONE when there is nothing to serve now.
static uint32_t next_range(const struct engine *engine, const struct peer *peer)
{
    uint32_t best = NONE;

    for (uint32_t i = 1; i <= peer->serves_count; i++) {
        const uint32_t s = (peer->serve_turn + i) % peer->serves_count;
        const struct serve *serve = &peer->serves[s];

        if (serve->chain != NONE && !serve->is_only && // else its tip is being looked up
            (best == NONE || engine->author_served[serve->author] <
                                 engine->author_served[peer->serves[best].author])) {
            best = s;
        }
    }
    return best;
}

// A thin line takes small bites, so that what comes is soon of use; but not so small that most of
// it is signatures.
static size_t enough_for(const struct peer *peer)
{
    return peer->line.rate != 0 ? THIN_MOMENTS * pacer_moment_bytes(peer->line.rate) : MESSAGE_MAX;
}

// No more than there is credit for, so that little waits on the link; but a whole run, as that
// alone has a signature.
static bool read_next(struct engine *engine, struct peer *peer)
{
    struct effect_read read = {.tag =
                                   read_tag(engine, 's', slot_of(engine, peer), &peer->read_serial),
                               .count_max = READ_RECORDS,
                               .bytes_max = READ_BYTES};
    uint32_t next;

    drop_served(engine, peer);
    if (pick_continue(engine, peer)) {
        return true;
    }
    next = next_range(engine, peer);
    if (next == NONE) {
        return false;
    }
    if (peer->credit < READ_BYTES) {
        read.bytes_max = peer->credit < RUN_SEALED_MAX ? RUN_SEALED_MAX : (uint32_t)peer->credit;
    }
    if (enough_for(peer) < read.bytes_max) {
        read.bytes_max = RUN_SEALED_MAX; // no more will be sent of it
    }
    peer->serve_turn = next;
    read.chain = peer->serves[next].chain;
    read.from = peer->serves[next].next;
    peer->read_until = next_held(peer, &peer->serves[next]);
    if (peer->read_until != 0 && peer->read_until - read.from < read.count_max) {
        read.count_max = (uint32_t)(peer->read_until - read.from);
    }
    engine->author_served[peer->serves[next].author] = ++engine->serve_serial;
    return outbox_read(engine, &read);
}

uint64_t serve_deadline_ms(const struct engine *engine)
{
    uint64_t deadline = NEVER;

    for (uint32_t p = 0; p < engine->peers_count; p++) {
        const struct peer *peer = &engine->peers[p];

        if (peer->is_up && peer->serves_count > 0 && peer->serve_due_ms > engine->now_ms &&
            peer->serve_due_ms < deadline) {
            deadline = peer->serve_due_ms;
        }
    }
    return deadline;
}

void serve_continue(struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];

        if (peer->is_up && !peer->is_reading && peer->credit > 0 && peer->serves_count > 0 &&
            engine->now_ms >= peer->serve_due_ms) {
            peer->is_reading = read_next(engine, peer);
        }
    }
}

// How many runs go into one message. A run that a thin line takes long for goes alone: whenever it
// is asked for again its message is the same, and goes on where it was cut off [17.6].
static size_t plan_runs(const struct peer *peer, struct batch_view view, const struct cut *cut,
                        size_t lengths[static READ_RECORDS])
{
    size_t runs = 0;
    size_t bytes = 0;
    size_t at = 0;

    while (at < view.count && runs < READ_RECORDS && !compose_is_long(peer, bytes) &&
           bytes <= cut->enough && view.records[at].seq <= cut->limit) {
        const size_t count = compose_cut(view.records + at, view.count - at, cut);
        const size_t of_run = compose_sealed_bytes((struct batch_view){view.records + at, count});

        if (count == 0 || (runs > 0 && compose_is_long(peer, of_run))) {
            break;
        }
        lengths[runs++] = count;
        bytes += of_run;
        at += count;
    }
    return runs;
}

// Sends what was read as one message; returns the number of entries in it.
static size_t send_runs(struct engine *engine, struct peer *peer, struct serve *serve,
                        const struct record *records, size_t count)
{
    size_t lengths[READ_RECORDS];
    const struct tracked *chain = chain_at(engine, serve->chain);
    struct cut cut = {.bytes_max = RUN_SEALED_MAX,
                      .enough = enough_for(peer),
                      .limit = chain->limit,
                      .is_own = chain->author == engine->self};
    size_t runs = plan_runs(peer, (struct batch_view){records, count}, &cut, lengths);
    struct cbor_writer writer = outbox_begin(engine, MESSAGE_MAX);
    const uint8_t *prev = records[0].prev;
    size_t at = 0;

    if (runs == 0) {
        return 0;
    }
    const bool is_alone =
        compose_is_long(peer, compose_sealed_bytes((struct batch_view){records, lengths[0]}));

    // What was picked of it must not be overtaken: what goes on behind that names it by 8 bytes.
    serve->lane = serve->has_pick ? ROUTINE : serve->is_first ? records[0].precedence : serve->lane;
    message_put_runs(&writer, runs);
    for (size_t r = 0; r < runs; r++) {
        compose_run(engine, &writer, chain, (struct batch_view){records + at, lengths[r]},
                    (struct prev){prev, serve->is_first || is_alone ? ID_LEN : TAG_LEN});
        serve->is_first = false;
        at += lengths[r];
        prev = records[at - 1].id;
    }
    if (!outbox_send(engine, peer, &writer, serve->lane)) {
        return 0;
    }
    peer->credit -= (int64_t)cbor_written(&writer);
    return at;
}

// No signature covers these near enough [7.4]. Before a fork it may lie on the parent's side: then
// the parent is served, and the branch is asked for when that has arrived. Else the record that
// carries it cannot be read.
static bool turn_to_parent(struct engine *engine, struct serve *serve, const struct record *last)
{
    const struct tracked *chain = chain_at(engine, serve->chain);

    if (serve->next < chain->now.first_seq && chain->now.parent != CHAIN_NONE) {
        serve->chain = chain->now.parent;
        return true;
    }
    repair_start(engine, serve->chain, last->seq + 1);
    return false;
}

void serve_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct peer *peer = slot < engine->peers_count ? &engine->peers[slot] : NULL;
    const struct record *records = event->records.records;
    struct serve *serve;
    size_t intact;
    size_t sent;

    if (peer == NULL || !peer->is_reading || !read_is_current(event, peer->read_serial)) {
        return;
    }
    peer->is_reading = false;
    if (peer->serve_turn >= peer->serves_count) {
        return;
    }
    serve = &peer->serves[peer->serve_turn];
    if (serve->chain != NONE && !may_serve(chain_at(engine, serve->chain), serve)) {
        serve_drop(peer, peer->serve_turn); // revoked while it was read: nothing is damaged
        return;
    }
    if (event->records.count == 0) {
        repair_start(engine, serve->chain, serve->next);
        serve_drop(peer, peer->serve_turn);
        return;
    }
    if (records[0].seq != serve->next) {
        return; // of a want that was replaced meanwhile
    }
    if (!skipped_fits(peer, serve, &records[0])) {
        return;
    }
    intact = compose_intact(engine, event);
    sent = intact > 0 ? send_runs(engine, peer, serve, records, intact) : 0;
    if (sent == 0 && peer->read_until == records[0].seq + intact) {
        forget_held(peer, serve, peer->read_until); // the signature lies there: it goes once more
        return;
    }
    if (sent == 0 && intact == event->records.count &&
        turn_to_parent(engine, serve, &records[intact - 1])) {
        return;
    }
    serve->next += sent;
    if (sent == 0 || serve->next > serve->to) {
        serve_drop(peer, peer->serve_turn);
    }
}
