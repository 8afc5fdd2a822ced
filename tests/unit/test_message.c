// SPDX-License-Identifier: EUPL-1.2
// Messages as the engine reads and writes them. The bytes and most refusals are pinned by the
// vectors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/message.h"

struct frame {
    uint8_t bytes[1024];
    struct cbor_writer writer;
    struct message_reader reader;
};

static struct cbor_writer *begin(struct frame *frame)
{
    cbor_write(&frame->writer, frame->bytes, sizeof frame->bytes);
    return &frame->writer;
}

static struct message_reader *reread(struct frame *frame, enum message_type type)
{
    const size_t len = cbor_written(&frame->writer);

    assert_int_not_equal(len, 0);
    message_read(&frame->reader, (struct span){frame->bytes, len});
    assert_int_equal(frame->reader.type, type);
    return &frame->reader;
}

static void test_beacon(void **state)
{
    const struct message_beacon beacon = {{1, 2, 3}, 4, {8}, SEQ_MAX, 6, 7, 0, BEACON_USUAL_MS};
    struct message_beacon again;
    struct frame frame;

    (void)state;
    message_put_beacon(begin(&frame), &beacon);
    assert_true(cbor_written(&frame.writer) <= 64);
    message_get_beacon(reread(&frame, MESSAGE_BEACON), &again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_memory_equal(again.fingerprint, beacon.fingerprint, FINGERPRINT_LEN);
    assert_true(again.roster_version == 4 && again.time_ms == SEQ_MAX);
    assert_memory_equal(again.roster_tag, beacon.roster_tag, TAG_LEN);
    assert_true(again.echo_ms == 6 && again.held_ms == 7);
    assert_int_equal(again.rate, 0);
    assert_int_equal(again.interval_ms, BEACON_USUAL_MS);
}

// What there is to say of the line makes a beacon longer, and nothing else does.
static void test_beacon_of_a_line(void **state)
{
    static const struct {
        uint32_t rate, interval_ms;
        size_t more;
    } rows[] = {
        {0, 0, 0},
        {0, 100, 0},
        {0, BEACON_USUAL_MS, 0},
        {0, BEACON_USUAL_MS + 1, 4},
        {0, BEACON_INTERVAL_MAX_MS, 6},
        {1200, 60000, 6},
        {2000000, 100, 7},
        {UINT32_MAX, 1, 6},
    };
    size_t least = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct message_beacon beacon = {.rate = rows[i].rate,
                                              .interval_ms = rows[i].interval_ms};
        struct message_beacon again;
        struct frame frame;

        message_put_beacon(begin(&frame), &beacon);
        least = i == 0 ? cbor_written(&frame.writer) : least;
        assert_int_equal(cbor_written(&frame.writer), least + rows[i].more);
        message_get_beacon(reread(&frame, MESSAGE_BEACON), &again);
        assert_int_equal(message_finish(&frame.reader), ERR_OK);
        assert_int_equal(again.rate, rows[i].rate);
        assert_int_equal(again.interval_ms,
                         rows[i].more > 0 ? rows[i].interval_ms : BEACON_USUAL_MS);
    }
}

static void test_heads(void **state)
{
    const struct message_heads fixed = {.reply = true, .first = 2, .last = NODES_MAX - 1};
    const struct message_head heads[] = {
        {2, 0, 9, {5}}, {2, 0, 9, {6}}, {2, 0, 10, {1}}, {2, 1, 1, {0}}, {NODES_MAX - 1, 0, 1, {0}},
    };
    struct message_heads again;
    struct message_head head;
    struct frame frame;

    (void)state;
    message_put_heads(begin(&frame), &fixed, heads, 5);
    message_get_heads(reread(&frame, MESSAGE_HEADS), &again);
    assert_true(again.reply);
    assert_int_equal(again.first, 2);
    assert_int_equal(again.last, NODES_MAX - 1);
    for (size_t i = 0; i < 5; i++) {
        assert_true(message_next_head(&frame.reader, &head));
        assert_int_equal(head.author, heads[i].author);
        assert_true(head.epoch == heads[i].epoch && head.seq == heads[i].seq);
        assert_memory_equal(head.id, heads[i].id, TAG_LEN);
    }
    assert_false(message_next_head(&frame.reader, &head));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

// Ids can be made to share their first bytes. Such heads must not make a message that is refused.
static void test_heads_that_look_the_same_are_written_once(void **state)
{
    const struct message_heads fixed = {.first = 1, .last = 0};
    const struct message_head heads[] = {
        {2, 0, 9, {5}}, {2, 0, 9, {5}}, {2, 0, 9, {5}}, {3, 0, 9, {5}}};
    struct message_heads again;
    struct message_head head;
    struct frame frame;

    (void)state;
    message_put_heads(begin(&frame), &fixed, heads, 4);
    message_get_heads(reread(&frame, MESSAGE_HEADS), &again);
    assert_true(message_next_head(&frame.reader, &head));
    assert_true(message_next_head(&frame.reader, &head));
    assert_int_equal(head.author, 3);
    assert_false(message_next_head(&frame.reader, &head));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

static void test_keys(void **state)
{
    const struct message_key_want want = {4095, {1}, {2}, KEY_HOPS_MAX};
    const struct message_key key = {7, {{1}, {2}, {3, 4}}};
    struct message_key_want want_again;
    struct message_key key_again;
    struct frame frame;

    (void)state;
    message_put_key_want(begin(&frame), &want);
    message_get_key_want(reread(&frame, MESSAGE_KEY_WANT), &want_again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_int_equal(want_again.requester, 4095);
    assert_memory_equal(want_again.group, want.group, TAG_LEN);
    assert_memory_equal(want_again.key, want.key, TAG_LEN);
    assert_int_equal(want_again.hops, KEY_HOPS_MAX);
    message_put_key(begin(&frame), &key);
    message_get_key(reread(&frame, MESSAGE_KEY), &key_again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_int_equal(key_again.requester, 7);
    assert_memory_equal(&key_again.sealed, &key.sealed, sizeof key.sealed);
}

static void test_wants(void **state)
{
    const struct message_wants fixed = {.restart = true, .credit = CREDIT_MAX};
    const struct message_want wants[] = {
        {3, EPOCH_MAX, 1, SEQ_MAX, true, {1, 2}},
        {1, 0, 7, 7, false, {0}},
    };
    struct message_wants again;
    struct message_want want;
    struct frame frame;

    (void)state;
    message_put_wants(begin(&frame), &fixed, wants, 2);
    message_get_wants(reread(&frame, MESSAGE_WANT), &again);
    assert_true(again.restart && again.credit == CREDIT_MAX);
    for (size_t i = 0; i < 2; i++) {
        assert_true(message_next_want(&frame.reader, &want));
        assert_int_equal(want.author, wants[i].author);
        assert_true(want.epoch == wants[i].epoch);
        assert_true(want.from == wants[i].from && want.to == wants[i].to);
        assert_int_equal(want.has_tip, wants[i].has_tip);
        assert_memory_equal(want.tip, wants[i].tip, TAG_LEN);
    }
    assert_false(message_next_want(&frame.reader, &want));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

static void test_wants_that_pick(void **state)
{
    const struct message_wants fixed = {
        .credit = 5,
        .has_pick = true,
        .pick = {{IMMEDIATE, 2, {{1}, {1, 2}}}, 4, true},
        .held_count = 2,
        .held = {{3, 0, 9, 12, {1}}, {4095, EPOCH_MAX, 1, SEQ_MAX, {2}}},
    };
    const struct message_want wanted = {3, 0, 1, 20, false, {0}};
    struct message_wants again;
    struct message_want want;
    struct frame frame;

    (void)state;
    message_put_wants(begin(&frame), &fixed, &wanted, 1);
    message_get_wants(reread(&frame, MESSAGE_WANT), &again);
    assert_true(again.has_pick && !again.restart && again.credit == 5);
    assert_memory_equal(&again.pick.selection, &fixed.pick.selection, sizeof(struct selection));
    assert_int_equal(again.pick.newest, 4);
    assert_true(again.pick.only);
    assert_int_equal(again.held_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(again.held[i].author, fixed.held[i].author);
        assert_true(again.held[i].epoch == fixed.held[i].epoch);
        assert_true(again.held[i].first == fixed.held[i].first);
        assert_true(again.held[i].last == fixed.held[i].last);
        assert_memory_equal(again.held[i].id, fixed.held[i].id, TAG_LEN);
    }
    assert_true(message_next_want(&frame.reader, &want));
    assert_int_equal(want.to, 20);
    assert_false(message_next_want(&frame.reader, &want));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

static void test_selections(void **state)
{
    const struct selection any = {0};
    const struct selection urgent = {.precedence = IMMEDIATE};
    const struct selection of_two = {PRIORITY, 2, {{1}, {2}}};

    (void)state;
    assert_true(selection_takes(&any, ROUTINE, (const uint8_t[TAG_LEN]){9}));
    assert_false(selection_takes(&urgent, PRIORITY, (const uint8_t[TAG_LEN]){9}));
    assert_true(selection_takes(&urgent, IMMEDIATE, (const uint8_t[TAG_LEN]){9}));
    assert_true(selection_takes(&of_two, FLASH, (const uint8_t[TAG_LEN]){2}));
    assert_false(selection_takes(&of_two, ROUTINE, (const uint8_t[TAG_LEN]){2}));
    assert_false(selection_takes(&of_two, FLASH, (const uint8_t[TAG_LEN]){2, 1}));
}

static void test_runs(void **state)
{
    static const uint8_t sealed[SEALED_MIN];
    static struct run run, again;
    struct frame frame;

    (void)state;
    run.seq = 1;
    run.count = 1;
    run.items[0].sealed = (struct span){sealed, sizeof sealed};
    message_put_runs(begin(&frame), 2);
    run_encode(&frame.writer, &run);
    run.author = 9;
    run_encode(&frame.writer, &run);
    message_get_runs(reread(&frame, MESSAGE_RUNS));
    assert_true(message_next_run(&frame.reader, &again));
    assert_int_equal(again.author, 0);
    assert_int_equal(message_finish(&frame.reader), ERR_STATE);
    assert_true(message_next_run(&frame.reader, &again));
    assert_int_equal(again.author, 9);
    assert_false(message_next_run(&frame.reader, &again));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

static void test_numbers(void **state)
{
    struct frame frame;

    (void)state;
    message_put_credit(begin(&frame), CREDIT_MAX);
    assert_true(message_get_credit(reread(&frame, MESSAGE_CREDIT)) == CREDIT_MAX);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
}

static void test_rosters_wanted_and_told(void **state)
{
    const struct message_roster_want version = {.version = SEQ_MAX};
    const struct message_roster_want hash = {.has_hash = true, .hash = {1, 2}};
    const uint8_t hashes[2][ID_LEN] = {{1, 2}, {3}};
    struct message_roster_want again;
    struct message_roster_is is;
    struct frame frame;

    (void)state;
    message_put_roster_want(begin(&frame), &version);
    message_get_roster_want(reread(&frame, MESSAGE_ROSTER_WANT), &again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_true(!again.has_hash && again.version == SEQ_MAX);
    message_put_roster_want(begin(&frame), &hash);
    message_get_roster_want(reread(&frame, MESSAGE_ROSTER_WANT), &again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_true(again.has_hash && memcmp(again.hash, hash.hash, ID_LEN) == 0);
    message_put_roster_is(begin(&frame), hashes, 2);
    message_get_roster_is(reread(&frame, MESSAGE_ROSTER_IS), &is);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_int_equal(is.count, 2);
    assert_memory_equal(is.hashes, hashes, sizeof hashes);
}

static void test_trace(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct message_trace trace = {5, 1, 20, 10, {1, 2}, i > 0, i > 1, {0}};
        struct message_trace again;
        struct frame frame;

        trace.id[0] = i > 1 ? 7 : 0;
        message_put_trace(begin(&frame), &trace);
        message_get_trace(reread(&frame, i > 0 ? MESSAGE_TRACED : MESSAGE_TRACE), &again);
        assert_int_equal(message_finish(&frame.reader), ERR_OK);
        assert_int_equal(again.author, 5);
        assert_true(again.epoch == 1 && again.to == 20 && again.at == 10);
        assert_memory_equal(again.tip, trace.tip, TAG_LEN);
        assert_int_equal(again.is_answer, i > 0);
        assert_int_equal(again.has_id, i > 1);
        assert_memory_equal(again.id, trace.id, TAG_LEN);
    }
}

// A signed roster of one signature, as bytes.
static size_t make_signed_roster(uint8_t *bytes, size_t size)
{
    static const uint8_t zeroes[SIGNATURE_LEN] = {0};
    struct cbor_writer writer;

    cbor_write(&writer, bytes, size);
    cbor_put_array(&writer, 2);
    cbor_put_bytes(&writer, (const uint8_t *)"roster", 6);
    cbor_put_array(&writer, 1);
    cbor_put_array(&writer, 2);
    cbor_put_bytes(&writer, zeroes, SIGN_KEY_LEN);
    cbor_put_bytes(&writer, zeroes, SIGNATURE_LEN);
    return cbor_written(&writer);
}

static void test_roster(void **state)
{
    uint8_t bytes[256];
    struct frame frame;

    (void)state;
    const size_t len = make_signed_roster(bytes, sizeof bytes);
    message_put_roster(begin(&frame), (struct span){bytes, len});
    const struct span roster = message_get_roster(reread(&frame, MESSAGE_ROSTER));
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_int_equal(roster.len, len);
    assert_memory_equal(roster.bytes, bytes, len);
}

static void test_another_space(void **state)
{
    static const uint8_t bytes[] = {0x82, 4, 7};
    const struct message_space space = {{1, 2}, {bytes, sizeof bytes}};
    struct message_space again;
    struct frame frame;

    (void)state;
    message_put_space(begin(&frame), &space);
    message_get_space(reread(&frame, MESSAGE_SPACE), &again);
    assert_int_equal(message_finish(&frame.reader), ERR_OK);
    assert_memory_equal(again.space, space.space, TAG_LEN);
    assert_int_equal(again.message.len, sizeof bytes);
    assert_memory_equal(again.message.bytes, bytes, sizeof bytes);
}

static void test_unknown_types_keep_their_number(void **state)
{
    static const uint8_t unknown[] = {0x83, 0x18, 0x63, 0xff, 0xff};
    static const uint8_t far[] = {0x82, 0x1b, 0, 0, 0, 1, 0, 0, 0, 4, 0};
    struct message_reader reader;

    (void)state;
    message_read(&reader, (struct span){unknown, sizeof unknown});
    assert_int_equal(reader.type, 99);
    message_read(&reader, (struct span){far, sizeof far}); // is not credit: 2^32 + 4
    assert_true(reader.type > MESSAGE_SPACE);
}

static void test_a_message_of_the_largest_size(void **state)
{
    uint8_t *const bytes = calloc(1, MESSAGE_MAX + 1);
    struct message_reader reader;

    (void)state;
    assert_non_null(bytes);
    bytes[0] = 0x82;
    bytes[1] = MESSAGE_SPACE;
    message_read(&reader, (struct span){bytes, MESSAGE_MAX});
    assert_int_equal(reader.type, MESSAGE_SPACE);
    message_read(&reader, (struct span){bytes, MESSAGE_MAX + 1});
    assert_int_equal(reader.type, 0);
    assert_int_equal(message_finish(&reader), ERR_LIMIT);
    free(bytes);
}

static void test_a_failed_list_ends(void **state)
{
    static const uint8_t bytes[] = {0x85, 2, 0xf5, 0, 10, 0x88, 1, 0, 0, 0x40, 1, 0, 3, 0x40};
    struct message_reader reader;
    struct message_heads heads;
    struct message_head head;

    (void)state;
    message_read(&reader, (struct span){bytes, sizeof bytes});
    message_get_heads(&reader, &heads);
    assert_false(message_next_head(&reader, &head));
    assert_false(message_next_head(&reader, &head));
    assert_int_equal(message_finish(&reader), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beacon),
        cmocka_unit_test(test_beacon_of_a_line),
        cmocka_unit_test(test_rosters_wanted_and_told),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_heads_that_look_the_same_are_written_once),
        cmocka_unit_test(test_wants),
        cmocka_unit_test(test_wants_that_pick),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_roster),
        cmocka_unit_test(test_another_space),
        cmocka_unit_test(test_unknown_types_keep_their_number),
        cmocka_unit_test(test_a_message_of_the_largest_size),
        cmocka_unit_test(test_a_failed_list_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
