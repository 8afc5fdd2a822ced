// SPDX-License-Identifier: EUPL-1.2
// Which chain of a log holds the entry at `seq` whose id begins with eight given bytes. The store
// is asked chain by chain; logs without a fork need one question.
#include <string.h>

#include "sync/state.h"

enum { SERIAL_MAX = 0xffffff, SERIAL_SHIFT = 32, KIND_SHIFT = 56 };

uint64_t read_tag(struct engine *engine, char kind, uint32_t slot, uint32_t *serial)
{
    engine->read_serial = (engine->read_serial + 1) & SERIAL_MAX;
    *serial = engine->read_serial;
    return (uint64_t)(unsigned char)kind << KIND_SHIFT | (uint64_t)*serial << SERIAL_SHIFT | slot;
}

bool read_is_current(const struct event *event, uint32_t serial)
{
    return (event->records.tag >> SERIAL_SHIFT & SERIAL_MAX) == serial;
}

static bool may_hold(const struct tracked *chain, uint64_t seq)
{
    return chain->is_durable && chain->now.first_seq <= seq && seq <= chain->durable_seq;
}

static bool ask(struct engine *engine, uint32_t slot, struct tracked *chain)
{
    struct lookup *lookup = &engine->lookups[slot];
    struct effect_read read = {.tag = read_tag(engine, 'k', slot, &lookup->read_serial),
                               .from = lookup->seq,
                               .count_max = 1,
                               .bytes_max = 1};

    while (chain != NULL && !may_hold(chain, lookup->seq)) {
        lookup->is_unsure |=
            chain->now.first_seq <= lookup->seq && lookup->seq <= chain->now.head_seq;
        chain = chain_next_branch(engine, chain);
    }
    if (chain == NULL) {
        return false;
    }
    lookup->chain = read.chain = chain->now.number;
    return outbox_read(engine, &read);
}

bool lookup_start(struct engine *engine, const struct lookup *lookup)
{
    uint32_t slot = 0;

    while (slot < LOOKUPS_MAX && engine->lookups[slot].is_used) {
        slot++;
    }
    if (slot == LOOKUPS_MAX) {
        return false;
    }
    engine->lookups[slot] = *lookup;
    engine->lookups[slot].is_used =
        ask(engine, slot, chain_of_log(engine, lookup->author, lookup->epoch));
    return engine->lookups[slot].is_used;
}

static void tip_answered(struct engine *engine, const struct lookup *lookup, struct tracked *chain)
{
    struct peer *peer = peer_find(engine, lookup->peer);
    struct message_head tip = {
        .author = lookup->author, .epoch = lookup->epoch, .seq = lookup->seq};

    if (peer == NULL || !peer->is_up) {
        return;
    }
    memcpy(tip.id, lookup->id, TAG_LEN);
    if (chain != NULL) {
        peer_claim(engine, peer, chain, &tip);
    } else {
        search_start(engine, peer, &tip, true);
    }
}

// Nothing is known, and nothing may wait for it: the peer's next heads or want ask again.
static void give_up(struct engine *engine, const struct lookup *lookup)
{
    if (lookup->purpose == LOOKUP_SEARCH) {
        search_forget(engine, lookup);
    } else if (lookup->purpose == LOOKUP_SERVE) {
        serve_resolved(engine, lookup, NULL);
    }
}

static void conclude(struct engine *engine, uint32_t slot, struct tracked *chain,
                     const struct record *record)
{
    struct lookup lookup = engine->lookups[slot];

    engine->lookups[slot].is_used = false;
    if (chain == NULL && lookup.is_unsure) {
        // What looks like a branch may be on its way to the disk.
        give_up(engine, &lookup);
        return;
    }
    switch (lookup.purpose) {
    case LOOKUP_TIP:
        tip_answered(engine, &lookup, chain);
        break;
    case LOOKUP_SEARCH:
        search_found(engine, &lookup, chain, record);
        break;
    case LOOKUP_SERVE:
        serve_resolved(engine, &lookup, chain);
        break;
    case LOOKUP_TRACE:
        trace_found(engine, &lookup, chain);
        break;
    }
}

void lookup_answered(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct lookup *lookup = slot < LOOKUPS_MAX ? &engine->lookups[slot] : NULL;
    struct tracked *chain;
    const struct record *record = event->records.count > 0 ? &event->records.records[0] : NULL;

    if (lookup == NULL || !lookup->is_used || !read_is_current(event, lookup->read_serial)) {
        return;
    }
    chain = chain_at(engine, lookup->chain);
    // Damage must not look like a fork: what is not intact answers nothing, and is fetched again.
    if (record == NULL || record->seq != lookup->seq ||
        !record_is_intact(engine, record, record->prev)) {
        lookup->is_used = false;
        give_up(engine, lookup);
        repair_start(engine, lookup->chain, lookup->seq);
        return;
    }
    if (memcmp(record->id, lookup->id, TAG_LEN) == 0) {
        conclude(engine, slot, chain, record);
    } else if (!ask(engine, slot, chain_next_branch(engine, chain))) {
        conclude(engine, slot, NULL, NULL);
    }
}

void lookup_forget_beyond(struct engine *engine, uint32_t author, uint64_t epoch, uint64_t limit)
{
    for (uint32_t l = 0; l < LOOKUPS_MAX; l++) {
        struct lookup *lookup = &engine->lookups[l];

        // What a peer asked for itself is answered all the same.
        if ((lookup->purpose == LOOKUP_TIP || lookup->purpose == LOOKUP_SEARCH) &&
            lookup->author == author && lookup->epoch == epoch && lookup->seq > limit) {
            lookup->is_used = false;
        }
    }
}

void lookup_forget_peer(struct engine *engine, uint32_t peer)
{
    for (uint32_t l = 0; l < LOOKUPS_MAX; l++) {
        if (engine->lookups[l].peer == peer) {
            engine->lookups[l].is_used = false;
        }
    }
}
