// SPDX-License-Identifier: EUPL-1.2
// What an engine does with a want whose chain it has to look for. The serving itself is the
// simulation's.
#include "solo.h"

enum { HEAD = 40, FORK = 30, TO = 10 };

// The log and a branch of it, so that a want's tip has to be looked up.
static void begin_forked(struct solo *solo)
{
    struct chain branch = {
        .number = 1, .parent = 0, .first_seq = FORK, .head_seq = FORK, .head_id = {1}};
    solo_begin(solo, LOG);
    solo_restore(solo, HEAD);
    memcpy(branch.author, solo->draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(solo->engine, &branch), ERR_OK);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

static void bring_want(struct solo *solo, uint64_t to, bool has_tip)
{
    struct message_want want = {.author = AUTHOR, .from = 1, .to = to, .has_tip = has_tip};
    const struct message_wants fixed = {.credit = 65536};
    uint8_t buffer[128];
    struct cbor_writer writer;
    memcpy(want.tip, solo->ids[to], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_wants(&writer, &fixed, &want, 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

// The one read of the last step that asks for a single entry.
static const struct effect_read *find_lookup(const struct solo *solo)
{
    const struct effect_read *found = NULL;
    for (size_t i = 0; i < solo->effects.reads_count; i++) {
        if (solo->effects.reads[i].count_max == 1) {
            assert_null(found);
            found = &solo->effects.reads[i];
        }
    }
    return found;
}

static void answer(struct solo *solo, uint64_t tag, const struct record *record)
{
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = tag;
    event.records.records = record;
    event.records.count = record != NULL;
    solo_step(solo, event);
}

// Whether what is read next is the range itself.
static void check_served_from_one(const struct solo *solo)
{
    bool is_found = false;
    for (size_t i = 0; i < solo->effects.reads_count; i++) {
        const struct effect_read *read = &solo->effects.reads[i];
        is_found |= read->chain == 0 && read->from == 1 && read->count_max > 1;
    }
    assert_true(is_found);
}

static void answer_with_entry(struct solo *solo, uint64_t tag, uint64_t seq)
{
    struct record record = {
        .seq = seq, .time = 1, .sealed = solo_body, .sealed_len = sizeof solo_body};
    memcpy(record.id, solo->ids[seq], ID_LEN);
    memcpy(record.prev, solo->ids[seq - 1], ID_LEN);
    answer(solo, tag, &record);
}

// The entry that would tell is damaged. The want must not stay behind as one being served.
static void test_a_failed_look_up_can_be_asked_again(void **state)
{
    (void)state;
    struct solo solo;
    begin_forked(&solo);
    bring_want(&solo, TO, true);
    const struct effect_read *lookup = find_lookup(&solo);
    assert_non_null(lookup);
    assert_int_equal(lookup->from, TO);
    answer(&solo, lookup->tag, NULL);
    bring_want(&solo, TO, true);
    lookup = find_lookup(&solo);
    assert_non_null(lookup);
    answer_with_entry(&solo, lookup->tag, TO);
    check_served_from_one(&solo);
    solo_end(&solo);
}

// The end moves while the chain is still looked for by it: then it is looked for anew, and without
// a tip it is the first.
static void test_a_moved_end_is_not_waited_for(void **state)
{
    (void)state;
    struct solo solo;
    begin_forked(&solo);
    bring_want(&solo, TO, true);
    const uint64_t tag = find_lookup(&solo)->tag;
    bring_want(&solo, TO + 1, false);
    assert_null(find_lookup(&solo));
    check_served_from_one(&solo);
    answer_with_entry(&solo, tag, TO); // too late, and harmless
    assert_int_equal(solo.effects.reads_count, 0);
    solo_end(&solo);
}

// What was asked for again before all of it was served is not served twice, nor mixed with itself.
static void test_the_same_asked_again_is_one_range(void **state)
{
    enum { SERVED = 4 };
    (void)state;
    struct solo solo;
    struct record records[SERVED];
    solo_begin(&solo, LOG);
    solo_restore(&solo, HEAD);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    bring_want(&solo, TO, false);
    assert_int_equal(solo.effects.reads_count, 1);
    assert_int_equal(solo.effects.reads[0].from, 1);
    solo_make_records(&solo, 1, SERVED, records);
    records[SERVED - 1].is_signed = true;
    memcpy(records[SERVED - 1].signature, solo.signatures[SERVED], SIGNATURE_LEN);
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = solo.effects.reads[0].tag;
    event.records.records = records;
    event.records.count = SERVED;
    solo_step(&solo, event);
    assert_int_equal(solo.effects.reads_count, 1);
    assert_int_equal(solo.effects.reads[0].from, SERVED + 1);
    const uint64_t tag = solo.effects.reads[0].tag;
    bring_want(&solo, TO, false);
    assert_int_equal(solo.effects.reads_count, 0);
    solo_make_records(&solo, SERVED + 1, 2 * SERVED, records);
    records[SERVED - 1].is_signed = true;
    memcpy(records[SERVED - 1].signature, solo.signatures[2 * SERVED], SIGNATURE_LEN);
    event.records.tag = tag;
    solo_step(&solo, event);
    assert_int_equal(solo.effects.reads_count, 1);
    assert_int_equal(solo.effects.reads[0].from, 2 * SERVED + 1); // and not 1
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failed_look_up_can_be_asked_again),
        cmocka_unit_test(test_a_moved_end_is_not_waited_for),
        cmocka_unit_test(test_the_same_asked_again_is_one_range),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
