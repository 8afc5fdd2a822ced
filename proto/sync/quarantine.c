// SPDX-License-Identifier: EUPL-1.2
// Where a revocation ends a log [5.11]. A chain keeps all that is held of it; what counts ends at
// its limit, and heads, fingerprint and what is served end there with it. The id at the limit is
// read from the store when the roster comes after the entries. Nothing is deleted here.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

static bool is_limit_missing(const struct tracked *chain)
{
    return chain->author != NONE && chain->is_durable && !chain->has_limit_id &&
           chain->durable_seq > chain->limit && chain->limit >= chain->now.first_seq;
}

// What a peer was believed to hold beyond the limit it may hold otherwise up to there.
static void forget_claims(struct engine *engine, const struct tracked *chain)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        struct claim *claim = &engine->peers[p].claims[chain->now.number];

        if (claim->seq > chain->limit) {
            memset(claim, 0, sizeof *claim);
            engine->peers[p].matched_version = 0;
        }
    }
}

static void move_limit(struct engine *engine, struct tracked *chain, uint64_t limit)
{
    chain->limit = limit;
    chain->has_limit_id = false;
    chain->is_limit_read = false;
    chain->is_limit_behind = false;
    chain->limit_due_ms = engine->now_ms;
    chain_learn_limit(chain, chain->now.head_seq, chain->now.head_id);
    chain_learn_limit(chain, chain->durable_seq, chain->durable_id);
    lookup_forget_beyond(engine, chain->author, chain->now.epoch, limit);
    search_forget_beyond(engine, chain->author, chain->now.epoch, limit);
    forget_claims(engine, chain);
    if (chain->fetch_peer != NONE) {
        fetch_restart(engine, &engine->peers[chain->fetch_peer]);
    }
    chain_recount(engine, chain);
}

void quarantine_use_roster(struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        if (engine->roster->nodes[engine->peers[p].index].is_revoked) {
            peer_down(engine, engine->peers[p].index);
        }
    }
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        struct tracked *chain = &engine->chains[c];
        uint64_t limit = chain->author == NONE
                             ? chain->limit
                             : roster_counts_to(engine->roster, chain->author, chain->now.epoch);

        if (limit != chain->limit) {
            move_limit(engine, chain, limit);
        }
    }
    peers_durable_changed(engine);
}

// -- the id at the limit --

static bool ask_store(struct engine *engine, struct tracked *chain)
{
    struct effect_read read = {.chain = chain->now.number,
                               .from = chain->limit + (chain->is_limit_behind ? 1 : 0),
                               .count_max = 1,
                               .bytes_max = 1};

    read.tag = read_tag(engine, 'q', chain->now.number, &chain->limit_serial);
    chain->is_limit_read = outbox_read(engine, &read);
    return chain->is_limit_read;
}

void quarantine_tick(struct engine *engine)
{
    bool is_due = false;

    if (!engine->is_limit_due) {
        return;
    }
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        struct tracked *chain = &engine->chains[c];

        if (!is_limit_missing(chain)) {
            continue;
        }
        is_due = true;
        if (!chain->is_limit_read && engine->now_ms >= chain->limit_due_ms &&
            !ask_store(engine, chain)) {
            break; // the answers to those under way bring the next step
        }
    }
    engine->is_limit_due = is_due;
}

uint64_t quarantine_deadline_ms(const struct engine *engine)
{
    uint64_t deadline = NEVER;

    for (uint32_t c = 0; engine->is_limit_due && c < engine->chains_count; c++) {
        const struct tracked *chain = &engine->chains[c];

        if (is_limit_missing(chain) && !chain->is_limit_read && chain->limit_due_ms < deadline) {
            deadline = chain->limit_due_ms;
        }
    }
    return deadline;
}

// Damaged: the entry behind names it as well. When that is damaged too, a peer mends them.
static void ask_otherwise(struct engine *engine, struct tracked *chain)
{
    repair_start(engine, chain->now.number, chain->limit);
    chain->limit_due_ms =
        chain->is_limit_behind ? engine->now_ms + engine->limits.retry_ms : engine->now_ms;
    chain->is_limit_behind = !chain->is_limit_behind;
}

void quarantine_read(struct engine *engine, uint32_t number, const struct event *event)
{
    struct tracked *chain = chain_at(engine, number);
    const struct record *record = event->records.count > 0 ? &event->records.records[0] : NULL;

    if (chain == NULL || !chain->is_limit_read || !read_is_current(event, chain->limit_serial)) {
        return;
    }
    chain->is_limit_read = false;
    if (!is_limit_missing(chain)) {
        return;
    }
    if (record == NULL || record->seq != chain->limit + (chain->is_limit_behind ? 1 : 0) ||
        !record_is_intact(engine, record, record->prev)) {
        ask_otherwise(engine, chain);
        return;
    }
    chain_learn_limit(chain, chain->limit, chain->is_limit_behind ? record->prev : record->id);
    chain_recount(engine, chain);
    peers_durable_changed(engine);
}

// -- what peers hold --

static bool is_held_to(const struct tracked *chain, const struct message_head *head)
{
    return (chain->now.head_seq == head->seq &&
            memcmp(chain->now.head_id, head->id, TAG_LEN) == 0) ||
           (chain->durable_seq == head->seq && memcmp(chain->durable_id, head->id, TAG_LEN) == 0);
}

void quarantine_head(struct engine *engine, struct peer *peer, const struct message_head *head,
                     uint64_t limit)
{
    struct message_head end = {.author = head->author, .epoch = head->epoch, .seq = limit};

    assert(head->seq > limit);
    if (limit == 0) {
        return;
    }
    for (struct tracked *c = chain_of_log(engine, head->author, head->epoch); c != NULL;
         c = chain_next_branch(engine, c)) {
        if (c->now.first_seq <= limit && c->has_limit_id && is_held_to(c, head)) {
            memcpy(end.id, c->limit_id, TAG_LEN);
            peer_claim(engine, peer, c, &end);
            return;
        }
    }
    search_clip(engine, peer, head, limit);
}

// -- counting --

static uint32_t aheads_beyond(const struct engine *engine, const struct tracked *chain)
{
    uint32_t count = 0;

    for (uint32_t a = chain->ahead_first; chain->limit < SEQ_MAX && a != NONE;
         a = engine->aheads[a].next) {
        count += engine->aheads[a].seq > chain->limit;
    }
    return count;
}

uint32_t quarantine_aheads(const struct engine *engine)
{
    uint32_t count = 0;

    for (uint32_t c = 0; c < engine->chains_count; c++) {
        count += aheads_beyond(engine, &engine->chains[c]);
    }
    return count;
}

uint64_t quarantine_count(const struct engine *engine)
{
    uint64_t count = quarantine_aheads(engine);

    for (uint32_t c = 0; c < engine->chains_count; c++) {
        const struct tracked *chain = &engine->chains[c];
        uint64_t before = chain->now.first_seq - 1;
        uint64_t limit = chain->limit > before ? chain->limit : before;

        count += chain->durable_seq > limit ? chain->durable_seq - limit : 0;
    }
    return count;
}
