// SPDX-License-Identifier: EUPL-1.2
// Entries ahead of a gap: which an engine keeps, and that it starts with whatever its store holds
// of them. How the gap is filled is the simulation's.
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

enum { ROOM = 4, LOG = 64, AUTHOR = 1 };

struct start {
    struct draft draft;
    struct roster *roster;
    struct signing_key signing;
    struct group_key group;
    struct engine *engine;
};

static void begin(struct start *start, uint32_t room)
{
    uint8_t keys[3][32];
    uint8_t group[TAG_LEN] = "all";
    uint8_t secret[SECRET_LEN] = {1};
    draft_init(&start->draft);
    assert_int_equal(draft_decode(&start->draft, &start->roster), ERR_OK);
    draft_node_keys(1, &start->signing, keys[0], keys[1], keys[2]);
    group_key_derive(&start->group, group, secret);
    const struct engine_options options = {.limits = {.floats_max = room},
                                           .roster = start->roster,
                                           .signing_key = &start->signing,
                                           .group_key = &start->group};
    assert_int_equal(engine_create(&start->engine, &options), ERR_OK);
}

static void restore_log_of_one(struct start *start)
{
    struct chain chain = {.parent = CHAIN_NONE, .first_seq = 1, .head_seq = 1};
    memcpy(chain.author, start->draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(start->engine, &chain), ERR_OK);
}

static void end(struct start *start)
{
    engine_destroy(&start->engine);
    roster_destroy(&start->roster);
}

static enum err restore_ahead(struct start *start, uint32_t chain, uint64_t seq)
{
    const struct record record = {.chain = chain, .seq = seq, .is_ahead = true};
    return engine_restore_ahead(start->engine, &record);
}

// A forking author can leave more of them in a store than the engine keeps: no reason not to start.
static void test_more_ahead_than_there_is_room_for(void **state)
{
    (void)state;
    struct start start;
    struct engine_status status;
    begin(&start, ROOM);
    restore_log_of_one(&start);
    for (uint64_t seq = 3; seq < 3 + 2 * ROOM; seq++) {
        assert_int_equal(restore_ahead(&start, 0, seq), ERR_OK);
        engine_get_status(start.engine, &status);
        assert_int_equal(status.ahead, seq - 2 < ROOM ? seq - 2 : ROOM);
    }
    assert_int_equal(status.entries, 1);
    end(&start);
}

static void test_what_does_not_fit_the_chains(void **state)
{
    (void)state;
    struct start start;
    struct engine_status status;
    begin(&start, ROOM);
    restore_log_of_one(&start);
    assert_int_equal(restore_ahead(&start, 1, 3), ERR_CORRUPT);
    assert_int_equal(restore_ahead(&start, 0, 1), ERR_OK); // the head is there already
    assert_int_equal(restore_ahead(&start, 0, 3), ERR_OK);
    assert_int_equal(restore_ahead(&start, 0, 3), ERR_OK);
    engine_get_status(start.engine, &status);
    assert_int_equal(status.ahead, 1);
    end(&start);
}

// The log of node 2, every entry with its own signature, and what the engine has handed to the
// store of it.
struct log {
    uint8_t ids[LOG + 1][ID_LEN];
    uint8_t signatures[LOG + 1][SIGNATURE_LEN];
    bool is_stored[LOG + 1];
    bool is_signed[LOG + 1];
};

static const uint8_t body[80] = {1};

static void write_log(const struct start *start, struct log *log)
{
    struct signing_key key;
    uint8_t keys[3][32];
    *log = (struct log){0};
    draft_node_keys(AUTHOR + 1, &key, keys[0], keys[1], keys[2]);
    for (uint64_t seq = 1; seq <= LOG; seq++) {
        struct header header = {.seq = seq, .time = 1, .size = sizeof body};
        uint8_t bytes[HEADER_MAX];
        static const uint8_t space[ID_LEN];
        memcpy(header.author, start->draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
        memcpy(header.prev, log->ids[seq - 1], ID_LEN);
        header_digest(body, sizeof body, header.digest);
        size_t len = header_encode(&header, bytes);
        header_id(space, bytes, len, log->ids[seq]);
        cose_sign(&key, (struct span){space, ID_LEN}, (struct span){bytes, len},
                  log->signatures[seq]);
    }
}

static void note_stored(struct log *log, const struct effect_persist *persist)
{
    for (size_t i = 0; i < persist->records_count; i++) {
        const struct record *record = &persist->records[i];
        assert_true(record->is_ahead);
        assert_memory_equal(record->id, log->ids[record->seq], ID_LEN);
        assert_true(persist->is_repair || !log->is_stored[record->seq]);
        log->is_stored[record->seq] = true;
        log->is_signed[record->seq] |= record->is_signed;
    }
}

// The run from..to comes in, with the signature of `to` alone.
static void bring_run(struct start *start, struct log *log, uint64_t from, uint64_t to)
{
    struct run run = {.author = AUTHOR, .seq = from, .prev_len = ID_LEN, .count = to - from + 1};
    uint8_t buffer[8192];
    struct cbor_writer writer;
    struct effects effects;
    memcpy(run.prev, log->ids[from - 1], ID_LEN);
    memcpy(run.signature, log->signatures[to], SIGNATURE_LEN);
    for (size_t i = 0; i < run.count; i++) {
        run.items[i].time = 1;
        run.items[i].sealed = (struct span){body, sizeof body};
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_runs(&writer, 1);
    run_encode(&writer, &run);
    struct event event = {.type = EVENT_FRAME, .now_ms = 1, .wall_ms = 1, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    engine_step(start->engine, &event, &effects);
    note_stored(log, &effects.persist);
    if (effects.persist.ticket != 0) {
        event = (struct event){.type = EVENT_PERSISTED, .now_ms = 1, .wall_ms = 1};
        event.persist.ticket = effects.persist.ticket;
        engine_step(start->engine, &event, &effects);
    }
}

static void begin_with_peer(struct start *start, struct log *log, uint32_t room)
{
    const struct event up = {.type = EVENT_PEER_UP, .now_ms = 1, .wall_ms = 1, .peer = AUTHOR};
    struct effects effects;
    begin(start, room);
    write_log(start, log);
    engine_step(start->engine, &up, &effects);
}

// Whether each stored entry has a signature within a run's length: else it could not be sent on
// [7.4].
static void check_covered(const struct log *log)
{
    for (size_t seq = 1; seq <= LOG; seq++) {
        size_t at = seq;
        while (log->is_stored[seq] && at <= LOG && log->is_stored[at] && !log->is_signed[at]) {
            at++;
        }
        assert_true(!log->is_stored[seq] ||
                    (at <= LOG && log->is_signed[at] && at - seq < RUN_ENTRIES_MAX));
    }
}

// Part of a run would lack the signature.
static void test_a_run_is_kept_whole_or_not(void **state)
{
    (void)state;
    struct start start;
    struct log log;
    begin_with_peer(&start, &log, 40);
    bring_run(&start, &log, 2, 29);
    bring_run(&start, &log, 30, 60); // there is room for the first twelve
    assert_true(log.is_stored[2] && log.is_stored[29] && !log.is_stored[30]);
    check_covered(&log);
    bring_run(&start, &log, 25, 41); // there is room for those behind 29
    assert_true(log.is_stored[41]);
    check_covered(&log);
    end(&start);
}

// The second run ends inside the first; without its signature its own entries had none near.
static void test_an_overlap_brings_its_signature(void **state)
{
    (void)state;
    struct start start;
    struct log log;
    begin_with_peer(&start, &log, LOG);
    bring_run(&start, &log, 33, 64);
    assert_false(log.is_signed[40]);
    bring_run(&start, &log, 10, 40);
    assert_true(log.is_stored[10] && log.is_signed[40]);
    check_covered(&log);
    end(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_ahead_than_there_is_room_for),
        cmocka_unit_test(test_what_does_not_fit_the_chains),
        cmocka_unit_test(test_a_run_is_kept_whole_or_not),
        cmocka_unit_test(test_an_overlap_brings_its_signature),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
