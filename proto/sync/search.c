// SPDX-License-Identifier: EUPL-1.2
// Where a branch that a peer holds leaves the chains held here, found by halving [8.9]: the peer
// tells its id at a seq, and the store says whether a chain here holds the same.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

static bool is_same_tip(const struct search *search, uint32_t peer, const struct message_head *tip)
{
    return search->is_used && search->peer == peer && search->author == tip->author &&
           search->epoch == tip->epoch && search->tip_seq == tip->seq &&
           memcmp(search->tip, tip->id, TAG_LEN) == 0;
}

static struct search *take_slot(struct engine *engine, uint32_t peer,
                                const struct message_head *tip)
{
    struct search *slot = NULL;

    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        struct search *search = &engine->searches[s];

        if (is_same_tip(search, peer, tip)) {
            return NULL;
        }
        if (!search->is_used && slot == NULL) {
            slot = search;
        }
    }
    return slot;
}

// Time for a slow line to answer.
static uint64_t patience_ms(const struct engine *engine, const struct peer *peer)
{
    uint64_t round_trips =
        peer != NULL && peer->rtt_ms != UINT32_MAX ? 4 * (uint64_t)peer->rtt_ms : 0;

    const uint64_t patience =
        peer != NULL ? peer_patience_ms(engine, peer) : engine->limits.retry_ms;

    return round_trips > patience ? round_trips : patience;
}

static void ask_peer(struct engine *engine, struct search *search)
{
    struct peer *peer = peer_find(engine, search->peer);
    struct cbor_writer writer = outbox_begin(engine, 64);
    struct message_trace trace = {.author = search->author,
                                  .epoch = search->epoch,
                                  .to = search->tip_seq,
                                  .at = search->middle};

    memcpy(trace.tip, search->tip, TAG_LEN);
    message_put_trace(&writer, &trace);
    search->deadline_ms = engine->now_ms + patience_ms(engine, peer);
    if (peer == NULL || !outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        search->is_used = false;
    }
}

// A branch that begins behind `low`; NULL when there are too many.
static struct tracked *branch_from(struct engine *engine, const struct search *search)
{
    struct tracked *branch = chain_of_log(engine, search->author, search->epoch);
    uint32_t parent = search->low == 0 ? CHAIN_NONE : search->low_chain;

    for (; branch != NULL; branch = chain_next_branch(engine, branch)) {
        bool is_empty = !branch->is_stored && branch->now.head_seq == search->low;

        if (is_empty && branch->now.parent == parent && branch->has_first_id &&
            memcmp(branch->first_id, search->high_id, TAG_LEN) == 0) {
            return branch;
        }
    }
    if (chain_branches(engine, search->author, search->epoch) >= BRANCHES_MAX) {
        return NULL;
    }
    branch = chain_add(engine, search->author, search->epoch);
    if (branch == NULL) {
        return NULL;
    }
    branch->has_first_id = true;
    memcpy(branch->first_id, search->high_id, TAG_LEN);
    branch->now.parent = parent;
    branch->now.first_seq = search->low + 1;
    branch->now.head_seq = branch->durable_seq = branch->counted_seq = search->low;
    memcpy(branch->now.head_id, search->low_id, ID_LEN);
    memcpy(branch->durable_id, search->low_id, ID_LEN);
    memcpy(branch->counted_id, search->low_id, ID_LEN);
    return branch;
}

// The chain that ends where the search's `low` is: the branch only continues it.
static struct tracked *ending_at_low(struct engine *engine, const struct search *search)
{
    struct tracked *low = chain_at(engine, search->low_chain);

    if (search->low == 0 && low == NULL) {
        low = chain_of_log(engine, search->author, search->epoch);
    }
    return low != NULL && low->now.head_seq == search->low ? low : NULL;
}

static void claim(struct engine *engine, const struct search *search, struct tracked *chain)
{
    struct peer *peer = peer_find(engine, search->peer);
    struct message_head tip = {
        .author = search->author, .epoch = search->epoch, .seq = search->tip_seq};

    memcpy(tip.id, search->tip, TAG_LEN);
    if (peer != NULL && chain == NULL) {
        peer_refuse(engine, peer, REFUSED_BRANCHES); // [10.1]
    } else if (peer != NULL) {
        peer_claim(engine, peer, chain, &tip);
    }
}

// While the halving went on, chains grew: what the peer holds at `high` may be held by now.
static void confirm(struct engine *engine, struct search *search)
{
    struct tracked *low = chain_at(engine, search->low_chain);
    struct lookup lookup = {.purpose = LOOKUP_SEARCH,
                            .peer = search->peer,
                            .author = search->author,
                            .epoch = search->epoch,
                            .seq = search->high,
                            .owner = (uint32_t)(search - engine->searches)};

    memcpy(lookup.id, search->high_id, TAG_LEN);
    search->is_confirming = true;
    search->deadline_ms = engine->now_ms + engine->limits.retry_ms;
    if (!search->is_high_tested || (low != NULL && low->durable_seq < search->high) ||
        !lookup_start(engine, &lookup)) {
        search->is_used = false; // the peer's next heads begin it again
    }
}

static void finish(struct engine *engine, struct search *search)
{
    struct tracked *end = ending_at_low(engine, search);

    if (end == NULL) {
        confirm(engine, search);
        return;
    }
    search->is_used = false;
    claim(engine, search, end);
}

static void halve(struct engine *engine, struct search *search)
{
    if (search->high <= search->low + 1) {
        finish(engine, search);
        return;
    }
    search->middle = search->low + (search->high - search->low) / 2;
    ask_peer(engine, search);
}

void search_start(struct engine *engine, struct peer *peer, const struct message_head *tip,
                  bool is_tested)
{
    struct search *search = take_slot(engine, peer->index, tip);
    uint64_t top = 0;

    if (search == NULL) {
        return;
    }
    for (struct tracked *c = chain_of_log(engine, tip->author, tip->epoch); c;
         c = chain_next_branch(engine, c)) {
        top = c->durable_seq > top ? c->durable_seq : top;
    }
    *search = (struct search){.is_used = true,
                              .peer = peer->index,
                              .author = tip->author,
                              .epoch = tip->epoch,
                              .tip_seq = tip->seq,
                              .low_chain = NONE,
                              .high = tip->seq < top + 1 ? tip->seq : top + 1};
    search->is_high_tested = is_tested && tip->seq <= top;
    memcpy(search->tip, tip->id, TAG_LEN);
    memcpy(search->high_id, tip->id, TAG_LEN);
    if (search->high <= 1) {
        finish(engine, search);
        return;
    }
    // Most often it only continues what is held: ask there first.
    search->middle = search->high - 1;
    ask_peer(engine, search);
}

void search_clip(struct engine *engine, struct peer *peer, const struct message_head *tip,
                 uint64_t at)
{
    struct search *search = take_slot(engine, peer->index, tip);

    assert(at >= 1 && at < tip->seq);
    if (search == NULL) {
        return;
    }
    *search = (struct search){.is_used = true,
                              .is_clipping = true,
                              .peer = peer->index,
                              .author = tip->author,
                              .epoch = tip->epoch,
                              .tip_seq = tip->seq,
                              .low_chain = NONE,
                              .middle = at};
    memcpy(search->tip, tip->id, TAG_LEN);
    ask_peer(engine, search);
}

static void clipped(struct engine *engine, struct peer *peer, struct search *search,
                    const struct message_trace *trace)
{
    struct message_head head = {.author = trace->author, .epoch = trace->epoch, .seq = trace->at};

    search->is_used = false;
    memcpy(head.id, trace->id, TAG_LEN);
    if (trace->has_id) {
        peer_head(engine, peer, &head);
    }
}

void search_traced(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_trace trace;
    struct message_head tip;

    message_get_trace(reader, &trace);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    tip = (struct message_head){.author = trace.author, .epoch = trace.epoch, .seq = trace.to};
    memcpy(tip.id, trace.tip, TAG_LEN);
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        struct search *search = &engine->searches[s];
        struct lookup lookup = {.purpose = LOOKUP_SEARCH,
                                .peer = peer->index,
                                .author = trace.author,
                                .epoch = trace.epoch,
                                .seq = trace.at,
                                .owner = s};

        if (!is_same_tip(search, peer->index, &tip) || search->middle != trace.at ||
            search->is_confirming) {
            continue;
        }
        if (search->is_clipping) {
            clipped(engine, peer, search, &trace);
            continue;
        }
        memcpy(lookup.id, trace.id, TAG_LEN);
        memcpy(search->middle_id, trace.id, TAG_LEN);
        if (!trace.has_id || !lookup_start(engine, &lookup)) {
            search->is_used = false; // the peer's next heads begin it again
        }
    }
}

// The search that waits for that answer; NULL when it was given up, also where its place was taken
// by another since.
static struct search *asked_by(struct engine *engine, const struct lookup *lookup)
{
    struct search *search = &engine->searches[lookup->owner];
    const uint64_t seq = search->is_confirming ? search->high : search->middle;
    const uint8_t *id = search->is_confirming ? search->high_id : search->middle_id;
    const bool is_same = search->is_used && search->peer == lookup->peer &&
                         search->author == lookup->author && search->epoch == lookup->epoch &&
                         seq == lookup->seq && memcmp(id, lookup->id, TAG_LEN) == 0;

    return is_same ? search : NULL;
}

void search_forget(struct engine *engine, const struct lookup *lookup)
{
    struct search *search = asked_by(engine, lookup);

    if (search != NULL) {
        search->is_used = false;
    }
}

void search_found(struct engine *engine, const struct lookup *lookup, struct tracked *chain,
                  const struct record *record)
{
    struct search *search = asked_by(engine, lookup);

    if (search == NULL) {
        return;
    }
    if (search->is_confirming) {
        search->is_used = false;
        if (chain == NULL) {
            claim(engine, search, branch_from(engine, search));
        }
        return;
    }
    if (chain == NULL) {
        search->high = search->middle;
        search->is_high_tested = true;
        memcpy(search->high_id, search->middle_id, TAG_LEN);
    } else {
        search->low = search->middle;
        search->low_chain = chain->now.number;
        memcpy(search->low_id, record->id, ID_LEN);
    }
    halve(engine, search);
}

void search_tick(struct engine *engine)
{
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        if (engine->searches[s].is_used && engine->now_ms >= engine->searches[s].deadline_ms) {
            engine->searches[s].is_used = false;
        }
    }
}

bool search_concerns(const struct engine *engine, uint32_t author)
{
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        if (engine->searches[s].is_used && engine->searches[s].author == author) {
            return true;
        }
    }
    return false;
}

void search_forget_beyond(struct engine *engine, uint32_t author, uint64_t epoch, uint64_t limit)
{
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        struct search *search = &engine->searches[s];

        if (search->author == author && search->epoch == epoch && search->tip_seq > limit) {
            search->is_used = false;
        }
    }
}

void search_forget_peer(struct engine *engine, uint32_t peer)
{
    for (uint32_t s = 0; s < SEARCHES_MAX; s++) {
        if (engine->searches[s].peer == peer) {
            engine->searches[s].is_used = false;
        }
    }
}
