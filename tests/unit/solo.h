// SPDX-License-Identifier: EUPL-1.2
// An engine of node 1 and a signed log of node 2, for tests that hand it events one by one.
#ifndef TESTS_UNIT_SOLO_H
#define TESTS_UNIT_SOLO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
#include "sitrep/engine.h"
#include "sitrep/header.h"
#include "wire/message.h"
#include "wire/run.h"

enum { LOG = 64, AUTHOR = 1 };

struct solo {
    struct draft draft;
    struct roster *roster;
    struct signing_key signing;
    struct group_key group;
    struct engine *engine;
    struct effects effects; // of the last step
    uint64_t now_ms;
    uint8_t ids[LOG + 1][ID_LEN];
    uint8_t signatures[LOG + 1][SIGNATURE_LEN];
};

static const uint8_t solo_body[80] = {1};

// As its author would write it in that space.
static inline void solo_write_log(struct solo *solo, const uint8_t space[static ID_LEN])
{
    struct signing_key key;
    uint8_t keys[3][32];
    draft_node_keys(AUTHOR + 1, &key, keys[0], keys[1], keys[2]);
    for (uint64_t seq = 1; seq <= LOG; seq++) {
        struct header header = {.seq = seq, .time = 1, .size = sizeof solo_body};
        uint8_t bytes[HEADER_MAX];
        memcpy(header.author, solo->draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
        memcpy(header.prev, solo->ids[seq - 1], ID_LEN);
        header_digest(solo_body, sizeof solo_body, header.digest);
        size_t len = header_encode(&header, bytes);
        header_id(space, bytes, len, solo->ids[seq]);
        cose_sign(&key, (struct span){space, ID_LEN}, (struct span){bytes, len},
                  solo->signatures[seq]);
    }
}

// With `room` for entries ahead of gaps.
static inline void solo_begin(struct solo *solo, uint32_t room)
{
    uint8_t keys[3][32];
    uint8_t group[TAG_LEN] = "all";
    uint8_t secret[SECRET_LEN] = {1};
    *solo = (struct solo){.now_ms = 1};
    draft_init(&solo->draft);
    assert_int_equal(draft_decode(&solo->draft, &solo->roster), ERR_OK);
    draft_node_keys(1, &solo->signing, keys[0], keys[1], keys[2]);
    group_key_derive(&solo->group, group, secret);
    const struct engine_options options = {
        .limits = {.floats_max = room}, .roster = solo->roster, .signing_key = &solo->signing};
    assert_int_equal(engine_create(&solo->engine, &options), ERR_OK);
    solo_write_log(solo, options.space);
}

// The store held the log up to `head`.
static inline void solo_restore(struct solo *solo, uint64_t head)
{
    struct chain chain = {.parent = CHAIN_NONE, .first_seq = 1, .head_seq = head};
    memcpy(chain.author, solo->draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
    memcpy(chain.head_id, solo->ids[head], ID_LEN);
    assert_int_equal(engine_restore_chain(solo->engine, &chain), ERR_OK);
}

static inline void solo_end(struct solo *solo)
{
    engine_destroy(&solo->engine);
    roster_destroy(&solo->roster);
}

static inline void solo_step(struct solo *solo, struct event event)
{
    event.now_ms = event.wall_ms = solo->now_ms;
    engine_step(solo->engine, &event, &solo->effects);
}

// `peer` brings the author's run from..to, with the signature of `to` alone.
static inline void solo_bring_run_on(struct solo *solo, enum plane plane, uint32_t peer,
                                     uint64_t from, uint64_t to)
{
    struct run run = {
        .author = AUTHOR, .seq = from, .prev_len = from == 1 ? 0 : ID_LEN, .count = to - from + 1};
    uint8_t buffer[8192];
    struct cbor_writer writer;
    memcpy(run.prev, solo->ids[from - 1], ID_LEN);
    memcpy(run.signature, solo->signatures[to], SIGNATURE_LEN);
    for (size_t i = 0; i < run.count; i++) {
        run.items[i].time = 1;
        run.items[i].sealed = (struct span){solo_body, sizeof solo_body};
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_runs(&writer, 1);
    run_encode(&writer, &run);
    struct event event = {.type = EVENT_FRAME, .peer = peer};
    event.frame.plane = plane;
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

static inline void solo_bring_run_by(struct solo *solo, uint32_t peer, uint64_t from, uint64_t to)
{
    solo_bring_run_on(solo, PLANE_SYNC, peer, from, to);
}

static inline void solo_bring_run(struct solo *solo, uint64_t from, uint64_t to)
{
    solo_bring_run_by(solo, AUTHOR, from, to);
}

static inline void solo_make_records(const struct solo *solo, uint64_t from, uint64_t to,
                                     struct record *records)
{
    for (uint64_t seq = from; seq <= to; seq++) {
        struct record *record = &records[seq - from];
        *record = (struct record){
            .seq = seq, .time = 1, .sealed = solo_body, .sealed_len = sizeof solo_body};
        memcpy(record->id, solo->ids[seq], ID_LEN);
        memcpy(record->prev, solo->ids[seq - 1], ID_LEN);
    }
}

#endif
