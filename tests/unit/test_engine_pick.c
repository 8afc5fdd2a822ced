// SPDX-License-Identifier: EUPL-1.2
// What of a want goes before its ranges, and what of them goes no second time [8.12]. That it helps
// is the simulation's.
#include "solo.h"

enum { HEAD = 60, NEWEST = 2 };

static void begin(struct solo *solo)
{
    solo_begin(solo, LOG);
    solo_restore(solo, HEAD);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

// The peer wants 1..HEAD.
static void bring_want(struct solo *solo, const struct message_wants *fixed)
{
    struct message_want want = {.author = AUTHOR, .from = 1, .to = HEAD, .has_tip = true};
    uint8_t buffer[256];
    struct cbor_writer writer;
    memcpy(want.tip, solo->ids[HEAD], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_wants(&writer, fixed, &want, 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

static void expect_read(const struct solo *solo, uint64_t from, uint64_t count)
{
    assert_int_equal(solo->effects.reads_count, 1);
    assert_false(solo->effects.reads[0].is_search);
    assert_int_equal(solo->effects.reads[0].from, from);
    assert_int_equal(solo->effects.reads[0].count_max, count);
}

static void expect_search(const struct solo *solo, uint64_t from)
{
    assert_int_equal(solo->effects.reads_count, 1);
    assert_true(solo->effects.reads[0].is_search);
    assert_int_equal(solo->effects.reads[0].from, from);
    assert_int_equal(solo->effects.reads[0].to, 1);
}

// What follows a search that found nothing waits for the next turn of the loop.
static void pass(struct solo *solo)
{
    assert_int_equal(solo->effects.reads_count, 0);
    assert_true(engine_deadline_ms(solo->engine) <= solo->now_ms + 1);
    solo->now_ms++;
    solo_step(solo, (struct event){.type = EVENT_TICK});
}

// The store's answer to what was read: from..to, the last one signed; or nothing, to < from.
static void answer(struct solo *solo, uint64_t from, uint64_t to)
{
    struct record records[LOG];
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = solo->effects.reads[0].tag;
    event.records.records = records;
    event.records.searched = from;
    if (to >= from) {
        solo_make_records(solo, from, to, records);
        records[to - from].is_signed = true;
        memcpy(records[to - from].signature, solo->signatures[to], SIGNATURE_LEN);
        event.records.count = to - from + 1;
    }
    solo_step(solo, event);
}

// One message with one run of from..to was sent.
static void expect_run(const struct solo *solo, uint64_t from, uint64_t to, uint8_t prev_len)
{
    static struct run run;
    struct message_reader reader;
    size_t count = 0;
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        message_read(&reader, solo->effects.sends[i].bytes);
        if (reader.type != MESSAGE_RUNS) {
            continue;
        }
        assert_int_equal(solo->effects.sends[i].lane, ROUTINE);
        message_get_runs(&reader);
        assert_true(message_next_run(&reader, &run));
        assert_int_equal(run.seq, from);
        assert_int_equal(run.count, to - from + 1);
        assert_int_equal(run.prev_len, prev_len);
        count++;
    }
    assert_int_equal(count, 1);
}

// All is asked for, the selected and the newest first.
static void begin_picking(struct solo *solo)
{
    const struct message_wants fixed = {
        .credit = 65536, .has_pick = true, .pick = {.newest = NEWEST}};
    begin(solo);
    bring_want(solo, &fixed);
    expect_search(solo, HEAD);
}

static void test_selected_then_newest_then_the_rest(void **state)
{
    struct solo solo;
    (void)state;
    begin_picking(&solo);
    answer(&solo, 30, 0); // nothing down to there
    pass(&solo);
    expect_search(&solo, 29);
    answer(&solo, 20, 20);
    expect_run(&solo, 20, 20, ID_LEN);
    expect_search(&solo, 19);
    answer(&solo, 1, 0);
    pass(&solo);
    expect_read(&solo, HEAD - 1, NEWEST);
    answer(&solo, HEAD - 1, HEAD);
    expect_run(&solo, HEAD - 1, HEAD, ID_LEN);
    // The range, around what went already.
    expect_read(&solo, 1, 19);
    answer(&solo, 1, 19);
    expect_run(&solo, 1, 19, 0);
    expect_read(&solo, 21, HEAD - 2 - 20);
    answer(&solo, 21, 48);
    expect_run(&solo, 21, 48, TAG_LEN);
    expect_read(&solo, 49, HEAD - 2 - 48);
    answer(&solo, 49, HEAD - 2);
    assert_int_equal(solo.effects.reads_count, 0);
    solo_end(&solo);
}

static void test_the_newest_was_selected(void **state)
{
    struct solo solo;
    (void)state;
    begin_picking(&solo);
    answer(&solo, HEAD, HEAD);
    expect_run(&solo, HEAD, HEAD, ID_LEN);
    expect_search(&solo, HEAD - 1);
    answer(&solo, 1, 0);
    pass(&solo);
    expect_read(&solo, HEAD - 1, NEWEST);
    struct record records[NEWEST];
    struct event event = {.type = EVENT_RECORDS};
    solo_make_records(&solo, HEAD - 1, HEAD, records);
    for (size_t i = 0; i < NEWEST; i++) {
        records[i].is_signed = true;
        memcpy(records[i].signature, solo.signatures[HEAD - 1 + i], SIGNATURE_LEN);
    }
    event.records.tag = solo.effects.reads[0].tag;
    event.records.records = records;
    event.records.count = NEWEST;
    solo_step(&solo, event);
    expect_run(&solo, HEAD - 1, HEAD - 1, ID_LEN);
    expect_read(&solo, 1, HEAD - 2);
    solo_end(&solo);
}

static void test_only_what_is_selected(void **state)
{
    const struct message_wants fixed = {
        .credit = 65536,
        .has_pick = true,
        .pick = {.selection = {.precedence = FLASH, .groups_count = 1, .groups = {{7}}},
                 .only = true}};
    struct solo solo;
    (void)state;
    begin(&solo);
    bring_want(&solo, &fixed);
    expect_search(&solo, HEAD);
    assert_memory_equal(&solo.effects.reads[0].selection, &fixed.pick.selection,
                        sizeof(struct selection));
    answer(&solo, 7, 7);
    expect_run(&solo, 7, 7, ID_LEN);
    expect_search(&solo, 6);
    answer(&solo, 1, 0);
    assert_int_equal(solo.effects.reads_count, 0);
    solo_end(&solo);
}

// What the peer holds is left out only where it is of the same branch.
static void test_what_is_held_is_left_out(void **state)
{
    struct message_wants fixed = {.credit = 65536,
                                  .has_pick = true,
                                  .pick = {.selection = {.precedence = FLASH}},
                                  .held_count = 2,
                                  .held = {{.author = AUTHOR, .first = 10, .last = 12},
                                           {.author = AUTHOR, .first = 20, .last = 21}}};
    struct solo solo;
    (void)state;
    begin(&solo);
    memcpy(fixed.held[0].id, solo.ids[12], TAG_LEN);
    memcpy(fixed.held[1].id, solo.ids[20], TAG_LEN); // not that of 21
    bring_want(&solo, &fixed);
    expect_search(&solo, HEAD);
    answer(&solo, 1, 0);
    pass(&solo);
    expect_read(&solo, 1, 9);
    answer(&solo, 1, 9);
    expect_read(&solo, 13, 7);
    answer(&solo, 13, 19);
    expect_run(&solo, 13, 19, TAG_LEN);
    expect_read(&solo, 22, 512);
    answer(&solo, 22, 40);
    expect_read(&solo, 20, 512);
    answer(&solo, 20, 40);
    expect_run(&solo, 20, 40, TAG_LEN);
    solo_end(&solo);
}

// Without a signature before them, entries the peer holds are sent once more.
static void test_no_run_without_a_signature(void **state)
{
    struct message_wants fixed = {.credit = 65536,
                                  .has_pick = true,
                                  .pick = {.selection = {.precedence = FLASH}},
                                  .held_count = 1,
                                  .held = {{.author = AUTHOR, .first = 10, .last = 12}}};
    struct record records[9];
    struct event event = {.type = EVENT_RECORDS};
    struct solo solo;
    (void)state;
    begin(&solo);
    memcpy(fixed.held[0].id, solo.ids[12], TAG_LEN);
    bring_want(&solo, &fixed);
    expect_search(&solo, HEAD);
    answer(&solo, 1, 0);
    pass(&solo);
    expect_read(&solo, 1, 9);
    solo_make_records(&solo, 1, 9, records);
    event.records.tag = solo.effects.reads[0].tag;
    event.records.records = records;
    event.records.count = 9;
    solo_step(&solo, event);
    expect_read(&solo, 1, 512);
    answer(&solo, 1, 20);
    expect_run(&solo, 1, 20, 0);
    solo_end(&solo);
}

// What the end of a range is, the peer holds, if it has that id; else it comes again.
static void test_the_end_is_held(void **state)
{
    struct message_wants fixed = {.credit = 65536,
                                  .has_pick = true,
                                  .pick = {.selection = {.precedence = FLASH}},
                                  .held_count = 1,
                                  .held = {{.author = AUTHOR, .first = 50, .last = HEAD}}};
    (void)state;
    for (int is_same = 0; is_same < 2; is_same++) {
        struct solo solo;
        begin(&solo);
        memcpy(fixed.held[0].id, solo.ids[is_same ? HEAD : 7], TAG_LEN);
        bring_want(&solo, &fixed);
        expect_search(&solo, 49);
        answer(&solo, 1, 0);
        pass(&solo);
        expect_read(&solo, 1, 49);
        answer(&solo, 1, 30);
        expect_read(&solo, 31, 19);
        answer(&solo, 31, 49);
        if (is_same) {
            assert_int_equal(solo.effects.reads_count, 0);
        } else {
            expect_read(&solo, 50, 512);
        }
        solo_end(&solo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selected_then_newest_then_the_rest),
        cmocka_unit_test(test_the_newest_was_selected),
        cmocka_unit_test(test_only_what_is_selected),
        cmocka_unit_test(test_what_is_held_is_left_out),
        cmocka_unit_test(test_no_run_without_a_signature),
        cmocka_unit_test(test_the_end_is_held),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
