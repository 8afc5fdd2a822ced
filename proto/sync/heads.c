// SPDX-License-Identifier: EUPL-1.2
// Heads [8.3]: what is told of the own ones, and what a peer's say that it holds. Asks for no
// entries; fetch.c does.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/state.h"

enum {
    HEAD_BYTES = 28, // index 3, epoch 5, seq 9, id 9, rounded up
    HEADS_PER_MESSAGE = (MESSAGE_MAX - 64) / HEAD_BYTES,
};

void peer_claim(struct engine *engine, struct peer *peer, struct tracked *chain,
                const struct message_head *tip)
{
    struct claim *claim = &peer->claims[chain->now.number];

    assert(tip->seq <= chain->limit); // what lies beyond was clipped before
    claim->shown = claim->shown > tip->seq ? claim->shown : tip->seq;
    if (claim->seq >= tip->seq) {
        return;
    }
    claim->seq = tip->seq;
    memcpy(claim->tip, tip->id, TAG_LEN);
    claim->has_tip = true;
    if (tip->seq > chain->now.head_seq) {
        engine->fetch_is_due = true;
        peer->matched_version = 0; // equal fingerprints would prove it wrong
    }
}

static bool is_head(const struct tracked *chain, const struct message_head *head)
{
    return (chain->now.head_seq == head->seq &&
            memcmp(chain->now.head_id, head->id, TAG_LEN) == 0) ||
           (chain->durable_seq == head->seq && memcmp(chain->durable_id, head->id, TAG_LEN) == 0) ||
           (chain->counted_seq == head->seq && memcmp(chain->counted_id, head->id, TAG_LEN) == 0);
}

static bool is_claimed(const struct peer *peer, const struct tracked *chain,
                       const struct message_head *head)
{
    const struct claim *claim = &peer->claims[chain->now.number];

    // What is held up to there by now may have come from another peer, and be of another branch.
    return claim->seq > chain->now.head_seq && claim->seq == head->seq && claim->has_tip &&
           memcmp(claim->tip, head->id, TAG_LEN) == 0;
}

// An entry ahead of a gap shows whether the peer's head lies on the same branch.
static bool contradicts_ahead(struct engine *engine, const struct tracked *chain,
                              const struct message_head *head)
{
    const struct ahead *ahead = ahead_find(engine, chain, head->seq);

    return ahead != NULL && memcmp(ahead->id, head->id, TAG_LEN) != 0;
}

void peer_head(struct engine *engine, struct peer *peer, const struct message_head *head)
{
    struct tracked *main = chain_of_log(engine, head->author, head->epoch);
    uint64_t limit = roster_counts_to(engine->roster, head->author, head->epoch);
    uint64_t top = 0;
    struct lookup lookup = {.purpose = LOOKUP_TIP,
                            .peer = peer->index,
                            .author = head->author,
                            .epoch = head->epoch,
                            .seq = head->seq};

    if (head->seq > limit) {
        quarantine_head(engine, peer, head, limit);
        return;
    }
    if (main == NULL) {
        main = chain_add(engine, head->author, head->epoch);
    }
    if (main == NULL) {
        return;
    }
    for (struct tracked *c = main; c != NULL; c = chain_next_branch(engine, c)) {
        if (is_head(c, head) || is_claimed(peer, c, head)) {
            peer_claim(engine, peer, c, head);
            return;
        }
        top = c->now.head_seq > top ? c->now.head_seq : top;
    }
    memcpy(lookup.id, head->id, TAG_LEN);
    if (head->seq <= top) {
        lookup_start(engine, &lookup);
    } else if (chain_next_branch(engine, main) == NULL && !contradicts_ahead(engine, main, head)) {
        peer_claim(engine, peer, main, head);
    } else {
        search_start(engine, peer, head, false);
    }
}

static void claims_begin(struct engine *engine, struct peer *peer,
                         const struct message_heads *fixed)
{
    peer->matched_version = 0; // what it proved is forgotten with what it claimed
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        uint32_t author = engine->chains[c].author;

        if (author >= fixed->first && author <= fixed->last) {
            claim_forget(&peer->claims[c]);
        }
    }
}

// Whether the head is durable and counts, and is not known to be held by the peer that is asked
// about, if any.
static bool is_told(const struct tracked *chain, const struct peer *lacking)
{
    if (!chain->is_durable || chain->counted_seq < chain->now.first_seq) {
        return false;
    }
    return lacking == NULL || lacking->claims[chain->now.number].seq < chain->counted_seq;
}

// One author's heads into heads[0..room); the count, or room + 1 when they do not fit.
static size_t collect_author(struct engine *engine, const struct peer *lacking, uint32_t author,
                             struct message_head *heads, size_t room)
{
    size_t count = 0;

    for (uint32_t n = engine->author_chain[author]; n != NONE; n = engine->chains[n].sibling) {
        const struct tracked *chain = &engine->chains[n];

        if (!is_told(chain, lacking)) {
            continue;
        }
        if (count == room) {
            return room + 1;
        }
        heads[count] = (struct message_head){author, chain->now.epoch, chain->counted_seq, {0}};
        memcpy(heads[count++].id, chain->counted_id, TAG_LEN);
    }
    return count;
}

// Heads of authors from `author` on: all that are durable, or only those the peer lacks. Stops
// before an author whose heads no longer fit.
static size_t collect_heads(struct engine *engine, const struct peer *lacking, uint32_t *author,
                            struct message_head *heads)
{
    size_t count = 0;

    for (; *author < engine->roster->nodes_count; (*author)++) {
        size_t room = HEADS_PER_MESSAGE - count;
        size_t added = collect_author(engine, lacking, *author, heads + count, room);

        if (added > room) {
            return count;
        }
        count += added;
    }
    return count;
}

void heads_send(struct engine *engine, struct peer *peer, bool reply)
{
    static_assert(sizeof(struct message_head[HEADS_PER_MESSAGE]) < 128 * 1024UL, "fits the stack");
    struct message_head heads[HEADS_PER_MESSAGE];
    uint32_t author = 0;

    do {
        struct message_heads fixed = {.reply = reply, .first = author};
        size_t count = collect_heads(engine, reply ? NULL : peer, &author, heads);
        bool is_last = author >= engine->roster->nodes_count;
        struct cbor_writer writer = outbox_begin(engine, 64 + count * HEAD_BYTES);

        qsort(heads, count, sizeof *heads, message_head_compare);
        fixed.last = is_last ? NODES_MAX - 1 : author - 1;
        if (!reply) { // only what the peer lacks: no claim about the rest
            fixed.first = 1;
            fixed.last = 0;
        }
        message_put_heads(&writer, &fixed, heads, count);
        if (!outbox_send(engine, peer, &writer, LANE_CONTROL) || is_last) {
            return;
        }
    } while (author > 0);
}

// The answer to our list names all that we lack: what was believed beyond that is over.
static void claims_trim(struct engine *engine, struct peer *peer)
{
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        if (peer->claims[c].seq > engine->chains[c].counted_seq) {
            claim_forget(&peer->claims[c]);
        }
    }
}

static void take_heads(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_head head;

    while (message_next_head(reader, &head)) {
        if (head.author < engine->roster->nodes_count) {
            peer_head(engine, peer, &head);
        }
    }
}

void peer_hint(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_heads fixed;

    message_get_heads(reader, &fixed);
    take_heads(engine, peer, reader);
    chains_trim(engine);
}

void peer_heads(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_heads fixed;
    bool is_answer;

    message_get_heads(reader, &fixed);
    is_answer = peer->was_asked && !fixed.reply && fixed.first > fixed.last;
    peer->was_asked = peer->was_asked && !is_answer;
    if (fixed.first <= fixed.last) {
        claims_begin(engine, peer, &fixed);
    } else if (is_answer) {
        claims_trim(engine, peer);
    }
    take_heads(engine, peer, reader);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    chains_trim(engine);
    if (fixed.first <= fixed.last || is_answer) {
        engine->is_own_compared = true;
        own_log_compared(engine);
    }
    if (fixed.reply) {
        heads_send(engine, peer, false);
        peer->heads_sent_ms = engine->now_ms; // both know now what the other lacks
        peer->heads_due_ms = NEVER;
    }
}

static void add_claims(const struct engine *engine, const struct peer *peer, uint32_t author,
                       struct engine_claims *claims)
{
    uint64_t missing = 0;

    for (uint32_t n = engine->author_chain[author]; n != NONE; n = engine->chains[n].sibling) {
        const uint64_t ours = engine->chains[n].counted_seq;
        const uint64_t epoch = engine->chains[n].now.epoch;
        const uint64_t seq = peer->claims[n].seq;

        missing += seq > ours ? seq - ours : 0;
        if (seq > 0 && (epoch > claims->epoch || (epoch == claims->epoch && seq > claims->seq))) {
            claims->epoch = epoch;
            claims->seq = seq;
        }
    }
    claims->missing = missing > claims->missing ? missing : claims->missing;
}

void engine_get_claims(const struct engine *engine, uint32_t author, struct engine_claims *claims)
{
    assert(engine && claims);
    assert(author < engine->roster->nodes_count);
    *claims = (struct engine_claims){0};
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        add_claims(engine, &engine->peers[p], author, claims);
    }
}

enum peer_claim engine_get_claim(const struct engine *engine, uint32_t index, uint32_t chain,
                                 uint64_t seq)
{
    assert(engine);
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        const struct peer *peer = &engine->peers[p];
        if (peer->index != index || chain >= engine->chains_count) {
            continue;
        }
        const struct claim *claim = &peer->claims[chain];
        return claim->shown >= seq ? CLAIM_HELD : claim->seq >= seq ? CLAIM_SENT : CLAIM_NONE;
    }
    return CLAIM_NONE;
}
