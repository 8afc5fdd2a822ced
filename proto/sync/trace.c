// SPDX-License-Identifier: EUPL-1.2
// Answers a peer that searches where a branch leaves what it holds [8.9]: the id of one entry of a
// chain. The searching itself is search.c's.
#include <string.h>

#include "sync/state.h"

void trace_asked(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_trace trace;
    struct lookup lookup = {.purpose = LOOKUP_TRACE, .peer = peer->index};

    message_get_trace(reader, &trace);
    if (message_finish(reader) != ERR_OK || trace.author >= engine->roster->nodes_count) {
        return;
    }
    lookup.author = trace.author;
    lookup.epoch = trace.epoch;
    lookup.seq = trace.to;
    lookup.at = trace.at;
    memcpy(lookup.id, trace.tip, TAG_LEN);
    if (!lookup_start(engine, &lookup)) {
        trace_found(engine, &lookup, NULL);
    }
}

static void send_traced(struct engine *engine, const struct lookup *lookup, const uint8_t *id)
{
    struct peer *peer = peer_find(engine, lookup->peer);
    struct cbor_writer writer = outbox_begin(engine, 80);
    struct message_trace trace = {.author = lookup->author,
                                  .epoch = lookup->epoch,
                                  .to = lookup->seq,
                                  .at = lookup->at,
                                  .is_answer = true,
                                  .has_id = id != NULL};

    if (peer == NULL || !peer->is_up) {
        return;
    }
    memcpy(trace.tip, lookup->id, TAG_LEN);
    if (id != NULL) {
        memcpy(trace.id, id, TAG_LEN);
    }
    message_put_trace(&writer, &trace);
    (void)outbox_send(engine, peer, &writer, LANE_CONTROL);
}

void trace_found(struct engine *engine, const struct lookup *lookup, struct tracked *chain)
{
    uint32_t slot = 0;
    struct effect_read read = {.from = lookup->at, .count_max = 1, .bytes_max = 1};

    while (slot < LOOKUPS_MAX && engine->lookups[slot].is_used) {
        slot++;
    }
    if (chain == NULL || slot == LOOKUPS_MAX || lookup->at > chain->durable_seq) {
        send_traced(engine, lookup, NULL);
        return;
    }
    engine->lookups[slot] = *lookup;
    engine->lookups[slot].is_used = true;
    engine->lookups[slot].chain = read.chain = chain->now.number;
    read.tag = read_tag(engine, 't', slot, &engine->lookups[slot].read_serial);
    engine->lookups[slot].is_used = outbox_read(engine, &read);
}

void trace_read(struct engine *engine, uint32_t slot, const struct event *event)
{
    struct lookup *lookup = slot < LOOKUPS_MAX ? &engine->lookups[slot] : NULL;
    const struct record *record = event->records.count > 0 ? &event->records.records[0] : NULL;

    if (lookup == NULL || !lookup->is_used || lookup->purpose != LOOKUP_TRACE ||
        !read_is_current(event, lookup->read_serial)) {
        return;
    }
    lookup->is_used = false;
    if (record == NULL || record->seq != lookup->at ||
        !record_is_intact(engine, record, record->prev)) {
        repair_start(engine, lookup->chain, lookup->at);
    } else {
        send_traced(engine, lookup, record->id);
    }
}
