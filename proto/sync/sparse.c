// SPDX-License-Identifier: EUPL-1.2
// Sparse peers, of which only some entries are wanted, by precedence and groups [17.8]: they are
// asked for these alone, and never for what lies between. What comes lies ahead of gaps, until
// another peer fills them, or everything is wanted of this one again.
#include <string.h>

#include "sync/state.h"

enum { AGAIN_MS = 600000 }; // what was lost on the way is asked for again so late

bool peer_is_sparse(const struct peer *peer)
{
    return selection_is_set(&peer->line.wanted);
}

void claim_forget(struct claim *claim)
{
    *claim = (struct claim){.asked = claim->asked};
}

void sparse_restart(struct engine *engine, struct peer *peer)
{
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        peer->claims[c].asked = 0;
    }
    peer->asked_ms = 0;
    peer->wants_changed = true;
}

static size_t list_wants(struct engine *engine, struct peer *peer, struct message_wants *fixed,
                         struct message_want wants[static SERVES_MAX])
{
    size_t count = 0;

    for (uint32_t c = 0; c < engine->chains_count && count < SERVES_MAX; c++) {
        const struct tracked *chain = &engine->chains[c];
        struct claim *claim = &peer->claims[c];
        const uint64_t done =
            claim->asked > chain->now.head_seq ? claim->asked : chain->now.head_seq;

        if (claim->seq <= done) {
            continue;
        }
        wants[count] = (struct message_want){.author = chain->author,
                                             .epoch = chain->now.epoch,
                                             .from = done + 1,
                                             .to = claim->seq,
                                             .has_tip = claim->has_tip};
        memcpy(wants[count].tip, claim->tip, TAG_LEN);
        claim->asked = claim->seq;
        fetch_list_held(engine, chain, &wants[count++], fixed);
    }
    return count;
}

static void send_wants(struct engine *engine, struct peer *peer)
{
    struct message_want wants[SERVES_MAX];
    struct message_wants fixed = {
        .restart = peer->wants_restart,
        .has_pick = true,
        .pick = {.selection = peer->line.wanted, .only = true},
    };
    const size_t count = list_wants(engine, peer, &fixed, wants);
    struct cbor_writer writer = outbox_begin(engine, 192 + (count + STRETCHES_MAX) * 48);

    // With more logs than one message names, the others follow.
    peer->wants_changed = count == SERVES_MAX;
    if (count == 0 && peer->was_told_only && !peer->wants_restart) {
        return;
    }
    peer->granted = peer->wants_restart ? 0 : peer->granted;
    fixed.credit = fetch_credit_due(engine, peer);
    message_put_wants(&writer, &fixed, wants, count);
    if (!outbox_send(engine, peer, &writer, LANE_CONTROL)) {
        sparse_restart(engine, peer);
        return;
    }
    peer->granted += (int64_t)fixed.credit;
    peer->wants_restart = false;
    peer->was_told_only = true;
}

void sparse_ask(struct engine *engine, struct peer *peer)
{
    if (peer->asked_ms != 0 && engine->now_ms >= peer->asked_ms + AGAIN_MS) {
        sparse_restart(engine, peer);
    }
    if (peer->asked_ms == 0) {
        peer->asked_ms = engine->now_ms;
    }
    if (peer->wants_changed) {
        send_wants(engine, peer);
    } else if (peer->was_told_only) {
        fetch_credit(engine, peer);
    }
}
