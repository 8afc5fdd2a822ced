// SPDX-License-Identifier: EUPL-1.2
// Entries ahead of a gap: which an engine keeps, and that it starts with whatever its store holds
// of them. How the gap is filled is the simulation's.
#include "solo.h"

enum { ROOM = 4 };

static enum err restore_ahead(struct solo *solo, uint32_t chain, uint64_t seq)
{
    const struct record record = {.chain = chain, .seq = seq, .is_ahead = true};
    return engine_restore_ahead(solo->engine, &record);
}

// A forking author can leave more of them in a store than the engine keeps: no reason not to start.
static void test_more_ahead_than_there_is_room_for(void **state)
{
    (void)state;
    struct solo solo;
    struct engine_status status;
    solo_begin(&solo, ROOM);
    solo_restore(&solo, 1);
    for (uint64_t seq = 3; seq < 3 + 2 * ROOM; seq++) {
        assert_int_equal(restore_ahead(&solo, 0, seq), ERR_OK);
        engine_get_status(solo.engine, &status);
        assert_int_equal(status.ahead, seq - 2 < ROOM ? seq - 2 : ROOM);
    }
    assert_int_equal(status.entries, 1);
    solo_end(&solo);
}

static void test_what_does_not_fit_the_chains(void **state)
{
    (void)state;
    struct solo solo;
    struct engine_status status;
    solo_begin(&solo, ROOM);
    solo_restore(&solo, 1);
    assert_int_equal(restore_ahead(&solo, 1, 3), ERR_CORRUPT);
    assert_int_equal(restore_ahead(&solo, 0, 1), ERR_OK); // the head is there already
    assert_int_equal(restore_ahead(&solo, 0, 3), ERR_OK);
    assert_int_equal(restore_ahead(&solo, 0, 3), ERR_OK);
    engine_get_status(solo.engine, &status);
    assert_int_equal(status.ahead, 1);
    solo_end(&solo);
}

// What the engine has handed to the store.
struct kept {
    bool is_stored[LOG + 1];
    bool is_signed[LOG + 1];
};

static void bring_run(struct solo *solo, struct kept *kept, uint64_t from, uint64_t to)
{
    solo_bring_run(solo, from, to);
    const struct effect_persist *persist = &solo->effects.persist;
    for (size_t i = 0; i < persist->records_count; i++) {
        const struct record *record = &persist->records[i];
        assert_true(record->is_ahead);
        assert_memory_equal(record->id, solo->ids[record->seq], ID_LEN);
        assert_true(persist->is_repair || !kept->is_stored[record->seq]);
        kept->is_stored[record->seq] = true;
        kept->is_signed[record->seq] |= record->is_signed;
    }
    if (persist->ticket != 0) {
        struct event event = {.type = EVENT_PERSISTED};
        event.persist.ticket = persist->ticket;
        solo_step(solo, event);
    }
}

// Whether each stored entry has a signature within a run's length: else it could not be sent on
// [7.4].
static void check_covered(const struct kept *kept)
{
    for (size_t seq = 1; seq <= LOG; seq++) {
        size_t at = seq;
        while (at <= LOG && kept->is_stored[at] && !kept->is_signed[at]) {
            at++;
        }
        assert_true(!kept->is_stored[seq] ||
                    (at <= LOG && kept->is_signed[at] && at - seq < RUN_ENTRIES_MAX));
    }
}

// Part of a run would lack the signature.
static void test_a_run_is_kept_whole_or_not(void **state)
{
    (void)state;
    struct solo solo;
    struct kept kept = {0};
    solo_begin(&solo, 40);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    bring_run(&solo, &kept, 2, 29);
    bring_run(&solo, &kept, 30, 60); // there is room for the first twelve
    assert_true(kept.is_stored[2] && kept.is_stored[29] && !kept.is_stored[30]);
    check_covered(&kept);
    bring_run(&solo, &kept, 25, 41); // there is room for those behind 29
    assert_true(kept.is_stored[41]);
    check_covered(&kept);
    solo_end(&solo);
}

// The second run ends inside the first; without its signature its own entries had none near.
static void test_an_overlap_brings_its_signature(void **state)
{
    (void)state;
    struct solo solo;
    struct kept kept = {0};
    solo_begin(&solo, LOG);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    bring_run(&solo, &kept, 33, 64);
    assert_false(kept.is_signed[40]);
    bring_run(&solo, &kept, 10, 40);
    assert_true(kept.is_stored[10] && kept.is_signed[40]);
    check_covered(&kept);
    solo_end(&solo);
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
