// SPDX-License-Identifier: EUPL-1.2
// What was handed to the store and is not yet durable, in the order it was handed over. Heads,
// fingerprint, notes and live messages follow from what the store reports, never from what was
// handed over [9.2].
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/state.h"

enum err ledger_init(struct engine *engine)
{
    engine->ledger = calloc(LEDGER_MAX, sizeof *engine->ledger);
    engine->next_ticket = 1;
    engine->memory += LEDGER_MAX * sizeof *engine->ledger;
    return engine->ledger == NULL ? ERR_NO_SPACE : ERR_OK;
}

void ledger_fini(struct engine *engine)
{
    free(engine->ledger);
}

bool ledger_has_room(const struct engine *engine, uint32_t lines)
{
    return engine->ledger_count + lines <= LEDGER_MAX;
}

void ledger_add(struct engine *engine, const struct ledger_line *line)
{
    assert(ledger_has_room(engine, 1));
    engine->ledger[(engine->ledger_head + engine->ledger_count) % LEDGER_MAX] = *line;
    engine->ledger_count++;
    engine->unstored_bytes += line->bytes;
}

static struct ledger_line *first_line(struct engine *engine)
{
    return engine->ledger_count > 0 ? &engine->ledger[engine->ledger_head] : NULL;
}

static void drop_first(struct engine *engine)
{
    engine->unstored_bytes -= engine->ledger[engine->ledger_head].bytes;
    engine->ledger_head = (engine->ledger_head + 1) % LEDGER_MAX;
    engine->ledger_count--;
}

static void settle(struct engine *engine, const struct ledger_line *line)
{
    struct tracked *chain = chain_at(engine, line->chain);
    struct note note = {.type = line->is_publication ? NOTE_PUBLISHED : NOTE_STORED,
                        .peer = line->peer,
                        .chain = line->chain,
                        .epoch = chain->now.epoch,
                        .seq = line->head_seq,
                        .index = line->records,
                        .cookie = line->cookie};
    uint64_t from = chain->durable_seq + 1;

    chain_set_durable(engine, chain, line->head_seq, line->head_id);
    if (!line->is_publication && note.seq > chain->limit) {
        note.seq = chain->limit;
    }
    if (line->records > 0) {
        outbox_note(engine, &note);
    }
    if (line->is_publication) {
        spread_live(engine, line->chain, from, line->head_seq);
    }
    if (line->records > 0) {
        spread_push(engine, line);
    }
}

void ledger_persisted(struct engine *engine, uint64_t ticket)
{
    struct ledger_line *line;

    while ((line = first_line(engine)) != NULL && line->ticket <= ticket) {
        settle(engine, line);
        drop_first(engine);
    }
    peers_durable_changed(engine);
}

// Back to what is durable. Nothing of the rest was told to anyone.
static void revert(struct engine *engine, struct tracked *chain, uint64_t failed_ticket)
{
    chain->now.head_seq = chain->durable_seq;
    memcpy(chain->now.head_id, chain->durable_id, ID_LEN);
    chain->has_limit_id = chain->has_limit_id && chain->durable_seq >= chain->limit;
    if (!chain->is_durable) {
        chain->is_stored = false;
    }
    for (uint32_t a = chain->ahead_first; a != NONE;) {
        struct ahead *ahead = &engine->aheads[a];

        a = ahead->next;
        if (ahead->ticket >= failed_ticket) {
            ahead_remove(engine, chain, ahead->seq);
        }
    }
}

void ledger_failed(struct engine *engine, uint64_t ticket, enum err err)
{
    struct ledger_line *line;

    ledger_persisted(engine, ticket - 1);
    while ((line = first_line(engine)) != NULL) {
        revert(engine, chain_at(engine, line->chain), ticket);
        if (line->is_publication) {
            struct note note = {.type = NOTE_PUBLISH_FAILED, .cookie = line->cookie, .err = err};

            outbox_note(engine, &note);
        }
        drop_first(engine);
    }
    engine->is_store_failed = true;
    engine->fetch_retry_ms = NEVER; // EVENT_STORE_READY assigns anew
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        if (engine->peers[p].fetching > 0) {
            fetch_release(engine, &engine->peers[p]);
        }
    }
}
