// SPDX-License-Identifier: EUPL-1.2
// The bytes of an exercise's entries brought into the real world: whatever way they come, nothing
// of them is kept.
#include "sitrep/exercise.h"
#include "solo.h"

static const uint8_t real[ID_LEN]; // the space of solo's engine
static uint8_t spring[ID_LEN];

// An engine of the real world, and a log that its author wrote in an exercise.
static void begin(struct solo *solo)
{
    solo_begin(solo, 16);
    space_of_exercise(real, "spring", spring);
    solo_write_log(solo, spring);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

static uint64_t refused(const struct solo *solo, enum refusal refusal)
{
    struct peer_status status;
    assert_int_equal(engine_get_peer(solo->engine, AUTHOR, &status), ERR_OK);
    return status.refused[refusal];
}

static void check_nothing_is_kept(const struct solo *solo, uint64_t entries)
{
    struct engine_status status;
    engine_get_status(solo->engine, &status);
    assert_int_equal(solo->effects.persist.records_count, 0);
    assert_int_equal(status.entries, entries);
    assert_int_equal(status.ahead, 0);
    assert_int_equal(status.forks, 0);
}

static void test_unwrapped_runs(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    solo_bring_run(&solo, 1, 1); // the first, alone
    check_nothing_is_kept(&solo, 0);
    solo_bring_run(&solo, 1, 20); // and under one signature
    check_nothing_is_kept(&solo, 0);
    solo_bring_run(&solo, 7, 9); // ahead of a gap
    check_nothing_is_kept(&solo, 0);
    assert_int_equal(refused(&solo, REFUSED_SIGNATURE), 3);
    solo_write_log(&solo, real);
    solo_bring_run(&solo, 1, 20); // the author's own words for the real world
    assert_int_equal(solo.effects.persist.records_count, 20);
    solo_end(&solo);
}

// Behind, and beside, what the same author wrote in the real world.
static void test_runs_behind_real_ones(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    solo_write_log(&solo, real);
    solo_restore(&solo, 5);
    solo_write_log(&solo, spring);
    solo_bring_run(&solo, 6, 8); // its `prev` is the exercise's
    check_nothing_is_kept(&solo, 5);
    solo_bring_run(&solo, 3, 4); // would be a fork
    check_nothing_is_kept(&solo, 5);
    solo_bring_run(&solo, 1, 8);
    check_nothing_is_kept(&solo, 5);
    assert_int_equal(refused(&solo, REFUSED_SIGNATURE) + refused(&solo, REFUSED_UNKNOWN_PREV), 3);
    solo_end(&solo);
}

// As they are told on the live plane.
static void test_unwrapped_live_runs(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    solo_bring_run_on(&solo, PLANE_LIVE, AUTHOR, 1, 1);
    check_nothing_is_kept(&solo, 0);
    solo_bring_run_on(&solo, PLANE_LIVE, AUTHOR, 7, 7); // ahead of a gap
    check_nothing_is_kept(&solo, 0);
    assert_int_equal(refused(&solo, REFUSED_SIGNATURE), 2);
    solo_write_log(&solo, real);
    solo_bring_run_on(&solo, PLANE_LIVE, AUTHOR, 1, 1);
    assert_int_equal(solo.effects.persist.records_count, 1);
    const uint64_t ticket = solo.effects.persist.ticket;
    solo_step(&solo, (struct event){.type = EVENT_PERSISTED, .persist = {.ticket = ticket}});
    solo_write_log(&solo, spring);
    solo_bring_run_on(&solo, PLANE_LIVE, AUTHOR, 2, 2); // its `prev` is the exercise's
    check_nothing_is_kept(&solo, 1);
    solo_end(&solo);
}

// In place of a damaged entry.
static void test_repairs(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    solo_write_log(&solo, real);
    solo_restore(&solo, 5);
    solo_step(&solo, (struct event){.type = EVENT_DAMAGED, .damaged = {.chain = 0, .seq = 3}});
    solo_write_log(&solo, spring);
    solo_bring_run(&solo, 1, 5);
    check_nothing_is_kept(&solo, 5);
    solo_bring_run(&solo, 3, 3);
    check_nothing_is_kept(&solo, 5);
    solo_end(&solo);
}

// A message as it travels, handed to the real world's engine; and rosters to an exercise's.
static void test_wrapped_messages(void **state)
{
    (void)state;
    struct solo solo;
    static uint8_t frame[MESSAGE_MAX];
    static const uint8_t credit[] = {0x82, 4, 0};
    begin(&solo);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes =
        (struct span){frame, exercise_wrap(spring, (struct span){credit, sizeof credit}, frame)};
    solo_step(&solo, event);
    check_nothing_is_kept(&solo, 0);
    assert_int_equal(refused(&solo, REFUSED_UNEXPECTED), 1);
    event.frame.plane = PLANE_LIVE;
    solo_step(&solo, event);
    check_nothing_is_kept(&solo, 0);
    assert_int_equal(refused(&solo, REFUSED_UNEXPECTED), 2);
    solo_end(&solo);
}

// A record copied from one store to the other, header and id included.
static void test_headers_are_bound_to_their_space(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    struct header header = {.seq = 1, .time = 1, .size = sizeof solo_body};
    uint8_t bytes[HEADER_MAX];
    uint8_t id[ID_LEN];
    memcpy(header.author, solo.draft.signing_keys[AUTHOR + 1], SIGN_KEY_LEN);
    header_digest(solo_body, sizeof solo_body, header.digest);
    const size_t len = header_encode(&header, bytes);
    header_id(spring, bytes, len, id);
    assert_memory_equal(id, solo.ids[1], ID_LEN);
    assert_int_equal(cose_verify(header.author, (struct span){spring, ID_LEN},
                                 (struct span){bytes, len}, solo.signatures[1]),
                     ERR_OK);
    assert_int_not_equal(cose_verify(header.author, (struct span){real, ID_LEN},
                                     (struct span){bytes, len}, solo.signatures[1]),
                         ERR_OK);
    header_id(real, bytes, len, id);
    assert_memory_not_equal(id, solo.ids[1], ID_LEN);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unwrapped_runs),
        cmocka_unit_test(test_runs_behind_real_ones),
        cmocka_unit_test(test_unwrapped_live_runs),
        cmocka_unit_test(test_repairs),
        cmocka_unit_test(test_wrapped_messages),
        cmocka_unit_test(test_headers_are_bound_to_their_space),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
