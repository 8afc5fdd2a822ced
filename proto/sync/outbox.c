// SPDX-License-Identifier: EUPL-1.2
// The effects of one step, in memory sized at creation. What does not fit is left out where that
// only costs time (messages, reads); records and the chains they change always fit, because intake
// asks before it begins.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/pacer.h"
#include "sync/state.h"

enum err outbox_init(struct engine *engine)
{
    struct outbox *out = &engine->out;

    out->bytes = malloc(OUTBOX_BYTES);
    out->sends = calloc(OUTBOX_SENDS, sizeof *out->sends);
    out->publishes = calloc(OUTBOX_PUBLISHES, sizeof *out->publishes);
    out->reads = calloc(OUTBOX_READS, sizeof *out->reads);
    out->notes = calloc(OUTBOX_NOTES, sizeof *out->notes);
    out->records = calloc(OUTBOX_RECORDS, sizeof *out->records);
    out->chains = calloc(OUTBOX_CHAINS, sizeof *out->chains);
    if (!out->bytes || !out->sends || !out->publishes || !out->reads || !out->notes ||
        !out->records || !out->chains) {
        return ERR_NO_SPACE;
    }
    engine->memory += OUTBOX_BYTES + OUTBOX_SENDS * sizeof *out->sends +
                      OUTBOX_PUBLISHES * sizeof *out->publishes +
                      OUTBOX_READS * sizeof *out->reads + OUTBOX_NOTES * sizeof *out->notes +
                      OUTBOX_RECORDS * sizeof *out->records + OUTBOX_CHAINS * sizeof *out->chains;
    return ERR_OK;
}

void outbox_fini(struct engine *engine)
{
    struct outbox *out = &engine->out;

    free(out->bytes);
    free(out->sends);
    free(out->publishes);
    free(out->reads);
    free(out->notes);
    free(out->records);
    free(out->chains);
}

void outbox_clear(struct engine *engine)
{
    struct outbox *out = &engine->out;

    out->bytes_used = 0;
    out->sends_count = out->publishes_count = out->reads_count = 0;
    out->notes_count = out->records_count = out->chains_count = 0;
    out->is_repair = false;
}

void outbox_finish(struct engine *engine, struct effects *effects)
{
    struct outbox *out = &engine->out;
    bool has_persist = out->records_count > 0 || out->chains_count > 0;

    for (size_t i = 0; i < out->chains_count; i++) {
        struct tracked *chain = chain_at(engine, out->chains[i].number);

        out->chains[i] = chain->now;
        chain->is_dirty = false;
    }
    *effects = (struct effects){
        .persist = {.ticket = has_persist ? engine->next_ticket : 0,
                    .records = out->records,
                    .records_count = out->records_count,
                    .chains = out->chains,
                    .chains_count = out->chains_count,
                    .is_repair = out->is_repair},
        .sends = out->sends,
        .sends_count = out->sends_count,
        .publishes = out->publishes,
        .publishes_count = out->publishes_count,
        .reads = out->reads,
        .reads_count = out->reads_count,
        .notes = out->notes,
        .notes_count = out->notes_count,
    };
    if (has_persist) {
        engine->next_ticket++;
    }
}

struct cbor_writer outbox_begin(struct engine *engine, size_t size)
{
    struct outbox *out = &engine->out;
    struct cbor_writer writer = {NULL, NULL, NULL, true};
    size_t largest = engine->options.is_exercise ? MESSAGE_WRAPPED_MAX : MESSAGE_MAX; // [8.1]

    if (size > largest) {
        size = largest;
    }
    if (OUTBOX_BYTES - out->bytes_used >= size) {
        cbor_write(&writer, out->bytes + out->bytes_used, size);
    }
    return writer;
}

// An estimate: what others send over it, and what goes twice, is the pacer's knowledge.
static void occupy_line(const struct engine *engine, struct peer *peer, size_t len)
{
    const uint64_t begun_ms = peer->passed_ms > engine->now_ms ? peer->passed_ms : engine->now_ms;

    peer->passed_ms = begun_ms + (uint64_t)pacer_wire_bytes(len) * 8000 / peer->line.rate;
}

bool outbox_send(struct engine *engine, struct peer *peer, const struct cbor_writer *writer,
                 uint8_t lane)
{
    struct outbox *out = &engine->out;
    size_t len = cbor_written(writer);

    if (writer->start == NULL || len == 0 || out->sends_count == OUTBOX_SENDS) {
        return false;
    }
    assert(writer->start == out->bytes + out->bytes_used);
    out->sends[out->sends_count++] =
        (struct effect_send){.peer = peer->index, .lane = lane, .bytes = {writer->start, len}};
    out->bytes_used += len;
    peer->bytes_out += len;
    if (lane != LANE_CONTROL && peer->line.rate != 0) {
        occupy_line(engine, peer, len);
    }
    return true;
}

void outbox_publish(struct engine *engine, const struct record *first,
                    const struct cbor_writer *writer)
{
    struct outbox *out = &engine->out;
    size_t len = cbor_written(writer);
    struct effect_publish *publish;

    if (writer->start == NULL || len == 0 || out->publishes_count == OUTBOX_PUBLISHES) {
        return;
    }
    assert(writer->start == out->bytes + out->bytes_used);
    publish = &out->publishes[out->publishes_count++];
    *publish =
        (struct effect_publish){.precedence = first->precedence, .bytes = {writer->start, len}};
    memcpy(publish->group, first->group, TAG_LEN);
    out->bytes_used += len;
}

bool outbox_read(struct engine *engine, const struct effect_read *read)
{
    struct outbox *out = &engine->out;

    if (out->reads_count == OUTBOX_READS) {
        return false;
    }
    out->reads[out->reads_count++] = *read;
    return true;
}

struct record *outbox_record(struct engine *engine)
{
    struct outbox *out = &engine->out;
    struct record *record;

    if (out->records_count == OUTBOX_RECORDS) {
        return NULL;
    }
    record = &out->records[out->records_count++];
    memset(record, 0, sizeof *record);
    return record;
}

uint64_t outbox_ticket(const struct engine *engine)
{
    return engine->next_ticket;
}

void outbox_note(struct engine *engine, const struct note *note)
{
    struct outbox *out = &engine->out;

    // A publisher waits for its answer; the ledger's length keeps those below half.
    bool is_answer = note->type == NOTE_PUBLISHED || note->type == NOTE_PUBLISH_FAILED;

    if (out->notes_count < (is_answer ? OUTBOX_NOTES : OUTBOX_NOTES / 2)) {
        out->notes[out->notes_count++] = *note;
    }
}
