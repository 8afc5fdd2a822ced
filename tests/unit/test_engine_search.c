// SPDX-License-Identifier: EUPL-1.2
// Where a branch leaves the log, when the store answers late. That the place is found at all is the
// simulation's.
#include "solo.h"

enum { HEAD = 40, FIRST = 35, SECOND = 37, LATE_MS = 60000 };

static void bring(struct solo *solo, const struct cbor_writer *writer, const uint8_t *bytes)
{
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){bytes, cbor_written(writer)};
    solo_step(solo, event);
}

// The record of the log at `seq` answers the one read of the last step, or `tag`.
static void answer(struct solo *solo, uint64_t tag, uint64_t seq)
{
    struct record record;
    solo_make_records(solo, seq, seq, &record);
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = tag;
    event.records.records = &record;
    event.records.count = 1;
    solo_step(solo, event);
}

static uint64_t the_read(const struct solo *solo, uint64_t seq)
{
    assert_int_equal(solo->effects.reads_count, 1);
    assert_int_equal(solo->effects.reads[0].from, seq);
    return solo->effects.reads[0].tag;
}

// The peer names a head at `seq` that is not the log's; what is held there is looked up, and then
// the peer is asked for its id before.
static void name_branch(struct solo *solo, uint64_t seq)
{
    const struct message_heads fixed = {.first = AUTHOR, .last = AUTHOR};
    const struct message_head head = {.author = AUTHOR, .seq = seq, .id = {(uint8_t)seq}};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, &head, 1);
    bring(solo, &writer, buffer);
    answer(solo, the_read(solo, seq), seq);
}

// The peer's id at `at`, of the branch that ends at `seq`: the log's own.
static void bring_traced(struct solo *solo, uint64_t seq, uint64_t at)
{
    struct message_trace trace = {.author = AUTHOR,
                                  .to = seq,
                                  .at = at,
                                  .tip = {(uint8_t)seq},
                                  .is_answer = true,
                                  .has_id = true};
    uint8_t buffer[128];
    struct cbor_writer writer;
    memcpy(trace.id, solo->ids[at], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_trace(&writer, &trace);
    bring(solo, &writer, buffer);
}

// A search that was given up leaves its place to another; what the store then says of the first
// must not be taken for what the second asked.
static void test_a_late_answer_is_no_other_searchs(void **state)
{
    (void)state;
    struct solo solo;
    solo_begin(&solo, LOG);
    solo_restore(&solo, HEAD);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    name_branch(&solo, FIRST);
    bring_traced(&solo, FIRST, FIRST - 1);
    const uint64_t late = the_read(&solo, FIRST - 1);
    solo.now_ms += LATE_MS;
    solo_step(&solo, (struct event){.type = EVENT_TICK});
    name_branch(&solo, SECOND);
    answer(&solo, late, FIRST - 1);
    assert_int_equal(solo.effects.reads_count, 0);
    assert_int_equal(solo.effects.sends_count, 0);
    bring_traced(&solo, SECOND, SECOND - 1); // it goes on as if nothing had been
    answer(&solo, the_read(&solo, SECOND - 1), SECOND - 1);
    answer(&solo, the_read(&solo, SECOND), SECOND); // which the log may hold by now, and does not
    assert_int_equal(solo.effects.sends_count, 1);
    struct message_reader reader;
    struct message_wants fixed;
    struct message_want want;
    message_read(&reader, solo.effects.sends[0].bytes);
    assert_int_equal(reader.type, MESSAGE_WANT);
    message_get_wants(&reader, &fixed);
    assert_true(message_next_want(&reader, &want));
    assert_int_equal(want.from, SECOND);
    assert_int_equal(want.to, SECOND);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_late_answer_is_no_other_searchs),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
