// SPDX-License-Identifier: EUPL-1.2
// What the API's threads ask of a space, answered by the loop between two turns.
#include <stdlib.h>

#include "clock.h"
#include "node.h"

static void add_refused(const struct space *space, uint32_t index,
                        uint64_t refused[static REFUSALS])
{
    struct peer_status peer;

    if (engine_get_peer(space->engine, index, &peer) != ERR_OK) {
        return;
    }
    for (size_t r = 0; r < REFUSALS; r++) {
        refused[r] += peer.refused[r];
    }
}

static void answer_status(struct space *space, struct desk_status *status)
{
    const struct roster_node *self = &space->node->roster->nodes[space->node->self];

    *status = (struct desk_status){.wall_ms = clock_wall_ms(),
                                   .started_ms = space->node->started_ms,
                                   .damaged = space->damaged,
                                   .repaired = space->repaired,
                                   .lacks_transport_key =
                                       node_keys_find(space->node->keys, self->transport) == NULL,
                                   .has_met_late_roster = space->node->has_met_late_roster};
    engine_get_status(space->engine, &status->engine);
    transport_get_stats(space->node->transport, &status->transport);
    store_get_stats(space->store, &status->store);
    for (uint32_t i = 0; i < space->node->roster->nodes_count; i++) {
        add_refused(space, i, status->refused);
    }
}

// What is missing on either side, and how long that takes; the other way at the same rate, as far
// as nothing is measured.
static uint64_t converged_in_s(const struct space *space, const struct desk_peer *peer)
{
    const struct gauge_reading *reading = &peer->reading;
    struct outlook in = {
        .missing = peer->status.missing_here,
        .rate = reading->rate_in,
        .bytes = reading->bytes_in,
        .rate_told = peer->choice.settings.rate,
        .entry_len = space->sealed_count > 0 ? space->sealed_bytes / space->sealed_count : 0};
    struct outlook out = in;

    out.missing = peer->status.missing_there;
    out.rate = reading->rate_out;
    out.bytes = reading->bytes_out;
    out.lost_permille = gauge_lost_permille(&reading->last);
    // What is missing there may be waiting here, by now.
    for (size_t lane = 0; lane < LANES; lane++) {
        out.waiting += peer->waiting[lane];
    }
    if (peer->status.state == PEER_CONVERGED) {
        return 0;
    }
    if (peer->status.state != PEER_SYNCING || in.missing + out.missing + out.waiting == 0) {
        return UINT64_MAX;
    }
    const uint64_t in_s = gauge_outlook_s(&in);
    const uint64_t out_s = gauge_outlook_s(&out);
    return in_s > out_s ? in_s : out_s;
}

// What the engine wrote has been sent when it no longer waits here.
static void count_sent(struct desk_peer *peer)
{
    uint64_t waiting = 0;

    for (size_t lane = 0; lane < LANES; lane++) {
        waiting += peer->waiting[lane];
    }
    peer->status.bytes_out =
        peer->status.bytes_out > waiting ? peer->status.bytes_out - waiting : 0;
}

static enum err answer_peers(struct space *space, struct errand *errand)
{
    size_t count = 0;
    struct desk_peer *list = calloc(space->node->roster->nodes_count, sizeof *list);

    if (list == NULL) {
        return ERR_NO_SPACE;
    }
    for (uint32_t i = 0; i < space->node->roster->nodes_count; i++) {
        struct desk_peer *peer = &list[count];

        if (i == space->node->self) {
            continue;
        }
        if (engine_get_peer(space->engine, i, &peer->status) != ERR_OK) {
            peer->status = (struct peer_status){.peer = i, .rtt_ms = UINT32_MAX};
        }
        if (transport_get_link(space->node->transport, i, &peer->link) != ERR_OK) {
            peer->link = (struct transport_link){.peer = i};
        }
        peer->choice = thin_choice(space->node, i);
        peer->verdict = thin_verdict(space->node, i);
        thin_waiting(space->node, i, peer->waiting);
        count_sent(peer);
        thin_read(space->node, i, &peer->reading);
        peer->converged_in_s = converged_in_s(space, peer);
        count++;
    }
    errand->peers.list = list;
    errand->peers.count = count;
    return ERR_OK;
}

static enum err answer_link(struct space *space, struct errand *errand)
{
    struct desk_link *link = errand->link.link;
    const uint32_t peer = errand->link.peer;
    struct peer_status status;
    const enum err err = thin_change(space->node, peer, errand->link.change);

    if (err != ERR_OK) {
        return err;
    }
    link->choice = thin_choice(space->node, peer);
    link->beacon_ms = 0;
    link->is_live = space->node->config.has_live_plane && !link->choice.settings.is_live_off &&
                    link->choice.settings.rate == 0;
    if (engine_get_peer(space->engine, peer, &status) == ERR_OK) {
        link->beacon_ms = status.beacon_ms;
    }
    return ERR_OK;
}

static void run_errand(struct space *space, struct errand *errand)
{
    struct event event = {.type = EVENT_TICK};
    enum err err = ERR_OK;

    switch (errand->type) {
    case ERRAND_PUBLISH:
        publishing_add(space, errand); // answered when durable
        return;
    case ERRAND_STATUS:
        answer_status(space, errand->status);
        break;
    case ERRAND_PEERS:
        err = answer_peers(space, errand);
        break;
    case ERRAND_CLAIMS:
        if (errand->claims.node < space->node->roster->nodes_count) {
            engine_get_claims(space->engine, errand->claims.node, errand->claims.claims);
        } else {
            err = ERR_NOT_FOUND;
        }
        break;
    case ERRAND_CLAIM:
        for (uint32_t node = 0; node < errand->claim.count; node++) {
            errand->claim.claims[node] =
                engine_get_claim(space->engine, node, errand->claim.chain, errand->claim.seq);
        }
        break;
    case ERRAND_ADD_ROSTER:
        err = node_add_roster(space->node, errand->signed_roster);
        space_step(space, &event);
        break;
    case ERRAND_CUT:
        if (errand->cut.peer >= space->node->roster->nodes_count ||
            errand->cut.peer == space->node->self) {
            err = ERR_NOT_FOUND;
        } else {
            transport_cut(space->node->transport, errand->cut.peer, errand->cut.is_cut);
        }
        break;
    case ERRAND_LINK:
        err = answer_link(space, errand);
        break;
    case ERRAND_EXERCISE:
        err = exercises_order(space->node, errand->exercise.order, errand->exercise.name);
        break;
    case ERRAND_EXERCISES:
        exercises_list(space->node, errand->exercises);
        break;
    case ERRAND_DAMAGED:
        event = (struct event){.type = EVENT_DAMAGED,
                               .damaged = {errand->damaged.chain, errand->damaged.seq}};
        space_step(space, &event);
        break;
    }
    desk_answer(space->desk, errand, err);
}

void space_take_errands(struct space *space)
{
    struct errand *errand = desk_take(space->desk);

    while (errand != NULL) {
        struct errand *next = errand->next;

        run_errand(space, errand);
        errand = next;
    }
}
