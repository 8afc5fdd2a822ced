// SPDX-License-Identifier: EUPL-1.2
// This node's own log: publishing into it, and the wait for what peers hold of it before the first
// entry after a start, so that a restored store does not fork it. PROTOCOL.md 10.3.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

enum { PATIENCE = 3 }; // time-outs after which a peer is not believed to hold what it claims

static struct tracked *own_chain(struct engine *engine)
{
    return chain_of_log(engine, engine->self, engine->own_epoch);
}

static enum err may_publish(const struct engine *engine, size_t count)
{
    if (engine->roster->nodes[engine->self].is_revoked) { // [5.11]
        return ERR_DENIED;
    }
    if (engine->is_store_failed) {
        return ERR_NO_SPACE;
    }
    if (!engine->is_own_log_ready) {
        return ERR_AGAIN;
    }
    if (count < 1 || count > ENGINE_PUBLISH_MAX) {
        return ERR_LIMIT;
    }
    return ledger_has_room(engine, 2) ? ERR_OK : ERR_AGAIN;
}

// Seals and signs one entry behind `prev`, into the outbox.
static enum err write_entry(struct engine *engine, const struct chain *chain,
                            const struct publication *item, struct record *record)
{
    struct outbox *out = &engine->out;
    struct header header = {
        .epoch = chain->epoch, .seq = record->seq, .precedence = item->precedence};
    uint8_t *sealed = out->bytes + out->bytes_used;
    uint8_t bytes[HEADER_MAX];
    size_t len;
    enum err err;

    if (item->precedence >= PRECEDENCES) {
        return ERR_MALFORMED;
    }
    if (OUTBOX_BYTES - out->bytes_used < SEALED_MAX) {
        return ERR_LIMIT;
    }
    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    memcpy(header.prev, record->prev, ID_LEN);
    header.time = clock_next(engine);
    err = seal_body(engine->sealer, item->key, item->salt, item->content, &header, sealed);
    if (err != ERR_OK) {
        return err;
    }
    out->bytes_used += header.size;
    len = header_encode(&header, bytes);
    header_id(engine->options.space, bytes, len, record->id);
    cose_sign(engine->options.signing_key, (struct span){engine->options.space, ID_LEN},
              (struct span){bytes, len}, record->signature);
    record->is_signed = true;
    record->chain = chain->number;
    record->time = header.time;
    record->precedence = header.precedence;
    memcpy(record->group, header.group, TAG_LEN);
    memcpy(record->key, header.key, TAG_LEN);
    record->sealed = sealed;
    record->sealed_len = header.size;
    return ERR_OK;
}

static enum err write_all(struct engine *engine, const struct tracked *chain,
                          const struct event *event)
{
    uint64_t seq = chain->now.head_seq;
    const uint8_t *prev = chain->now.head_id;

    for (size_t i = 0; i < event->publish.count; i++) {
        struct record *record = outbox_record(engine);
        enum err err;

        assert(record != NULL);
        record->seq = ++seq;
        if (seq > 1) {
            memcpy(record->prev, prev, ID_LEN);
        }
        err = seq > SEQ_MAX ? ERR_LIMIT
                            : write_entry(engine, &chain->now, &event->publish.items[i], record);
        if (err != ERR_OK) {
            return err;
        }
        prev = record->id;
    }
    return ERR_OK;
}

void own_log_publish(struct engine *engine, const struct event *event)
{
    struct outbox *out = &engine->out;
    struct note failed = {.type = NOTE_PUBLISH_FAILED, .cookie = event->publish.cookie};
    struct ledger_line line = {
        .peer = NONE, .is_publication = true, .cookie = event->publish.cookie};
    struct tracked *chain = own_chain(engine);
    const struct record *last;

    failed.err = may_publish(engine, event->publish.count);
    if (failed.err == ERR_OK && chain == NULL) {
        chain = chain_add(engine, engine->self, engine->own_epoch);
    }
    if (failed.err == ERR_OK && chain == NULL) {
        failed.err = ERR_LIMIT;
    }
    if (failed.err == ERR_OK) {
        failed.err = write_all(engine, chain, event);
    }
    if (failed.err != ERR_OK) {
        out->records_count = 0; // nothing of it is kept; its sequence numbers were told to nobody
        outbox_note(engine, &failed);
        return;
    }
    last = &out->records[out->records_count - 1];
    for (size_t i = 0; i < out->records_count; i++) {
        const uint8_t precedence = out->records[i].precedence;

        line.bytes += out->records[i].sealed_len;
        line.precedence = precedence > line.precedence ? precedence : line.precedence;
    }
    chain_advance(engine, chain, last->seq, last->id);
    line.ticket = outbox_ticket(engine);
    line.chain = chain->now.number;
    line.records = (uint32_t)out->records_count;
    line.from = out->records[0].seq;
    line.to = last->seq;
    line.head_seq = last->seq;
    memcpy(line.head_id, last->id, ID_LEN);
    ledger_add(engine, &line);
}

static void become_ready(struct engine *engine)
{
    struct note note = {.type = NOTE_OWN_LOG_READY, .epoch = engine->own_epoch};

    if (engine->is_own_log_ready) {
        return;
    }
    engine->is_own_log_ready = true;
    outbox_note(engine, &note);
}

// Whether a peer claims more of the own log than is held, or did before it was lost. `patient`: and
// may still deliver it.
static bool is_owed(const struct engine *engine, const struct tracked *chain, bool patient)
{
    for (uint32_t p = 0; chain != NULL && p < engine->peers_count; p++) {
        const struct peer *peer = &engine->peers[p];
        bool may_deliver = peer->is_up && peer->stalls < PATIENCE;

        if ((may_deliver || !patient) && peer->claims[chain->now.number].seq > chain->durable_seq) {
            return true;
        }
    }
    return false;
}

// What a peer claims and nobody delivers is a lie, or was published before this store was restored:
// in the next epoch neither does harm.
static void leave_owed_behind(struct engine *engine)
{
    if (is_owed(engine, own_chain(engine), false) || search_concerns(engine, engine->self)) {
        own_log_forked(engine, engine->own_epoch);
    }
    become_ready(engine);
}

// Called when a peer's heads are known, whenever more became durable, and when a peer does not
// deliver.
void own_log_compared(struct engine *engine)
{
    if (engine->is_own_log_ready || !engine->is_own_compared ||
        search_concerns(engine, engine->self)) {
        return;
    }
    if (!is_owed(engine, own_chain(engine), true)) {
        leave_owed_behind(engine);
    }
}

void own_log_clear(struct engine *engine, bool new_epoch)
{
    if (engine->is_own_log_ready) {
        return;
    }
    if (new_epoch) {
        own_log_forked(engine, engine->own_epoch);
    }
    leave_owed_behind(engine);
}

void own_log_forked(struct engine *engine, uint64_t epoch)
{
    if (epoch == engine->own_epoch && epoch < EPOCH_MAX) {
        engine->own_epoch = epoch + 1;
    }
}
