// SPDX-License-Identifier: EUPL-1.2
// What peers say they hold of a log, as whoever revokes it is told.
#include "solo.h"

enum { HELD = 10 };

static void bring_head(struct solo *solo, uint64_t epoch, uint64_t seq)
{
    const struct message_heads fixed = {.first = AUTHOR, .last = AUTHOR};
    const struct message_head head = {
        .author = AUTHOR, .epoch = epoch, .seq = seq, .id = {(uint8_t)seq}};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, &head, 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

static void begin(struct solo *solo, uint64_t held)
{
    solo_begin(solo, LOG);
    if (held > 0) {
        solo_restore(solo, held);
    }
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

static void check(const struct solo *solo, uint64_t epoch, uint64_t seq, uint64_t missing)
{
    struct engine_claims claims;
    engine_get_claims(solo->engine, AUTHOR, &claims);
    assert_int_equal(claims.epoch, epoch);
    assert_int_equal(claims.seq, seq);
    assert_int_equal(claims.missing, missing);
    engine_get_claims(solo->engine, 0, &claims); // nobody spoke of the other log
    assert_int_equal(claims.seq, 0);
    assert_int_equal(claims.missing, 0);
}

static void test_the_furthest_claim_is_told(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo, HELD);
    check(&solo, 0, 0, 0);
    bring_head(&solo, 0, HELD + 5);
    check(&solo, 0, HELD + 5, 5);
    bring_head(&solo, 1, 3); // heads it named before, and does not now, it holds no longer
    check(&solo, 1, 3, 3);
    solo_end(&solo);
}

// Of one entry, and of who never spoke nothing.
static void test_a_claim_is_of_one_peer(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo, HELD);
    assert_int_equal(engine_get_claim(solo.engine, AUTHOR, 0, 1), CLAIM_NONE);
    bring_head(&solo, 0, LOG);
    assert_int_equal(engine_get_claim(solo.engine, AUTHOR, 0, HELD), CLAIM_HELD);
    assert_int_equal(engine_get_claim(solo.engine, AUTHOR + 1, 0, 1), CLAIM_NONE);
    assert_int_equal(engine_get_claim(solo.engine, AUTHOR, 77, 1), CLAIM_NONE);
    solo_end(&solo);
}

// What a peer had told counts on when it is gone: it may be all there is to know of the log.
static void test_a_lost_peer_is_remembered(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo, HELD);
    bring_head(&solo, 0, LOG);
    solo_step(&solo, (struct event){.type = EVENT_PEER_DOWN, .peer = AUTHOR});
    check(&solo, 0, LOG, LOG - HELD);
    solo_end(&solo);
}

// As entries arrive less is missing, and what is no longer missing is not beyond anything.
static void test_what_has_come_is_not_missing(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo, 0);
    bring_head(&solo, 0, 4);
    check(&solo, 0, 4, 4);
    solo_bring_run(&solo, 1, 8);
    solo_step(&solo, (struct event){.type = EVENT_PERSISTED,
                                    .persist.ticket = solo.effects.persist.ticket});
    struct engine_claims claims;
    engine_get_claims(solo.engine, AUTHOR, &claims);
    assert_int_equal(claims.missing, 0);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_furthest_claim_is_told),
        cmocka_unit_test(test_a_claim_is_of_one_peer),
        cmocka_unit_test(test_a_lost_peer_is_remembered),
        cmocka_unit_test(test_what_has_come_is_not_missing),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
