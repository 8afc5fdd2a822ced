// SPDX-License-Identifier: EUPL-1.2
// Runs made of what the store gives: where they may end, what signs them, and whether a record is
// still as it was signed. To whom they go is serve.c's and spread.c's.
#include <string.h>

#include "sync/state.h"

static bool is_urgent(const struct record *record)
{
    return record->precedence >= IMMEDIATE;
}

size_t compose_cut(const struct record *records, size_t count, const struct cut *cut)
{
    size_t best = 0;
    size_t bytes = 0;

    for (size_t i = 0; i < count && i < RUN_ENTRIES_MAX; i++) {
        bytes += records[i].sealed_len;
        if (i > 0 && (bytes > cut->bytes_max ||
                      (best > 0 && (bytes > cut->enough || records[best - 1].seq >= cut->limit)))) {
            break;
        }
        if (records[i].is_signed || cut->is_own) {
            best = i + 1;
        }
        // Urgent entries have a run of their own, so that whoever holds one can pass it on first.
        if (best == i + 1 &&
            (is_urgent(&records[i]) || (best < count && is_urgent(&records[best])))) {
            break;
        }
    }
    return best;
}

uint8_t compose_precedence(struct batch_view view)
{
    uint8_t precedence = ROUTINE;

    for (size_t i = 0; i < view.count; i++) {
        precedence =
            view.records[i].precedence > precedence ? view.records[i].precedence : precedence;
    }
    return precedence;
}

// Ed25519 is deterministic: it is the signature that was there before.
static void sign_again(const struct engine *engine, const struct tracked *chain,
                       const struct record *record, const uint8_t *prev,
                       uint8_t signature[static SIGNATURE_LEN])
{
    struct record linked = *record;
    struct header header;
    uint8_t bytes[HEADER_MAX];
    size_t len;

    memcpy(linked.prev, prev, ID_LEN);
    record_header(&linked, &chain->now, &header);
    len = header_encode(&header, bytes);
    cose_sign(engine->options.signing_key, (struct span){engine->options.space, ID_LEN},
              (struct span){bytes, len}, signature);
}

static void fill_run(struct run *run, const struct tracked *chain, const struct record *records,
                     size_t count)
{
    *run = (struct run){
        .author = chain->author, .epoch = chain->now.epoch, .seq = records[0].seq, .count = count};
    for (size_t i = 0; i < count; i++) {
        struct run_item *item = &run->items[i];

        item->time = records[i].time;
        item->precedence = records[i].precedence;
        memcpy(item->group, records[i].group, TAG_LEN);
        memcpy(item->key, records[i].key, TAG_LEN);
        item->sealed = (struct span){records[i].sealed, records[i].sealed_len};
    }
    memcpy(run->signature, records[count - 1].signature, SIGNATURE_LEN);
}

void compose_run(const struct engine *engine, struct cbor_writer *writer,
                 const struct tracked *chain, struct batch_view view, struct prev prev)
{
    const struct record *last = &view.records[view.count - 1];
    struct run run;

    fill_run(&run, chain, view.records, view.count);
    run.prev_len = run.seq == 1 ? 0 : prev.len;
    memcpy(run.prev, prev.id, run.prev_len);
    if (!last->is_signed) {
        sign_again(engine, chain, last, view.count > 1 ? last[-1].id : prev.id, run.signature);
    }
    run_encode(writer, &run);
}

size_t compose_intact(struct engine *engine, const struct event *event)
{
    const struct record *records = event->records.records;
    const uint8_t *prev = event->records.count > 0 ? records[0].prev : NULL;

    for (size_t i = 0; i < event->records.count; i++) {
        if (!record_is_intact(engine, &records[i], prev)) {
            repair_start(engine, records[i].chain, records[i].seq);
            return i;
        }
        prev = records[i].id;
    }
    return event->records.count;
}

size_t compose_sealed_bytes(struct batch_view view)
{
    size_t bytes = 0;

    for (size_t i = 0; i < view.count; i++) {
        bytes += view.records[i].sealed_len;
    }
    return bytes;
}

bool compose_is_long(const struct peer *peer, size_t sealed_bytes)
{
    return peer->line.rate != 0 && sealed_bytes > pacer_moment_bytes(peer->line.rate);
}
