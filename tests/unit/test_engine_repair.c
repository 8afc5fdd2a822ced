// SPDX-License-Identifier: EUPL-1.2
// What an engine asks for to mend a damaged entry. That it is mended is the simulation's.
#include "solo.h"

enum { DAMAGED = 22 };

// Answers the engine's one read up to the damaged entry or from behind it, as a store would.
static void answer_read(struct solo *solo)
{
    struct record records[LOG];
    assert_int_equal(solo->effects.reads_count, 1);
    const struct effect_read read = solo->effects.reads[0];
    uint64_t to = read.from <= DAMAGED ? DAMAGED - 1 : LOG;
    to = to - read.from + 1 > read.count_max ? read.from + read.count_max - 1 : to;
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = read.tag;
    event.records.records = records;
    event.records.count = read.from > to ? 0 : to - read.from + 1;
    solo_make_records(solo, read.from, to, records);
    solo_step(solo, event);
}

// The want that was sent, if one was.
static bool find_want(const struct solo *solo, struct message_want *want)
{
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        struct message_reader reader;
        struct message_wants wants;
        message_read(&reader, solo->effects.sends[i].bytes);
        if (reader.type == MESSAGE_WANT) {
            message_get_wants(&reader, &wants);
            return message_next_want(&reader, want);
        }
    }
    return false;
}

// Where the peer's branch leaves the log can be hidden by the very entry that is damaged: then the
// peer is not known to hold it, and is asked all the same; by an id, so that it sends of the right
// branch.
static void test_asks_who_is_not_known_to_hold_it(void **state)
{
    (void)state;
    struct solo solo;
    struct message_want want;
    solo_begin(&solo, LOG);
    solo_restore(&solo, LOG);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    struct event event = {.type = EVENT_DAMAGED};
    event.damaged.seq = DAMAGED;
    solo_step(&solo, event);
    while (solo.effects.reads_count > 0) {
        assert_false(find_want(&solo, &want));
        answer_read(&solo);
    }
    assert_true(find_want(&solo, &want));
    assert_int_equal(want.author, AUTHOR);
    assert_int_equal(want.from, 1);
    assert_true(want.to > DAMAGED);
    assert_true(want.has_tip);
    assert_memory_equal(want.tip, solo.ids[want.to], TAG_LEN);
    solo_end(&solo);
}

// What ends the chain may be known to nobody else yet: then it is asked for by its own id.
static void test_asks_by_its_own_id_as_well(void **state)
{
    (void)state;
    struct solo solo;
    struct message_want want;
    solo_begin(&solo, LOG);
    solo_restore(&solo, LOG);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    struct event event = {.type = EVENT_DAMAGED};
    event.damaged.seq = DAMAGED;
    solo_step(&solo, event);
    for (int round = 0; round < 2; round++) {
        while (solo.effects.reads_count > 0) {
            answer_read(&solo);
        }
        assert_true(find_want(&solo, &want));
        assert_true(want.has_tip);
        assert_int_equal(want.to == DAMAGED, round);
        assert_memory_equal(want.tip, solo.ids[want.to], TAG_LEN);
        solo.now_ms += 60000;
        solo_step(&solo, (struct event){.type = EVENT_TICK});
    }
    solo_end(&solo);
}

// A branch may have been given entries before it was known where it leaves the log. They lie in the
// store twice, and what is damaged there is mended there, too, or it would be found again for ever.
static void test_mends_what_lies_below_a_branch(void **state)
{
    enum { BRANCH = 1, LEAVES = 40 };
    (void)state;
    struct solo solo;
    struct chain branch = {.number = BRANCH, .first_seq = LEAVES, .head_seq = LEAVES};
    solo_begin(&solo, LOG);
    solo_restore(&solo, LOG);
    memcpy(branch.author, solo.draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(solo.engine, &branch), ERR_OK);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    struct event event = {.type = EVENT_DAMAGED};
    event.damaged.chain = BRANCH;
    event.damaged.seq = DAMAGED;
    solo_step(&solo, event);
    while (solo.effects.reads_count > 0) {
        assert_int_equal(solo.effects.reads[0].chain, 0);
        answer_read(&solo);
    }
    solo_bring_run(&solo, DAMAGED - 1, DAMAGED + 5);
    bool is_mended[2] = {false};
    assert_true(solo.effects.persist.is_repair);
    for (size_t i = 0; i < solo.effects.persist.records_count; i++) {
        const struct record *record = &solo.effects.persist.records[i];
        assert_true(record->chain <= BRANCH);
        is_mended[record->chain] |= record->seq == DAMAGED;
        assert_memory_equal(record->id, solo.ids[record->seq], ID_LEN);
    }
    assert_true(is_mended[0] && is_mended[BRANCH]);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks_who_is_not_known_to_hold_it),
        cmocka_unit_test(test_asks_by_its_own_id_as_well),
        cmocka_unit_test(test_mends_what_lies_below_a_branch),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
