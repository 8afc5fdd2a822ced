// SPDX-License-Identifier: EUPL-1.2
// How far a peer's clock is off, by its beacons [8.2].
#include "solo.h"

enum { START_MS = 1000000, AHEAD_MS = 90000 };

static struct peer_status look(const struct solo *solo)
{
    struct peer_status status;
    assert_int_equal(engine_get_peer(solo->engine, AUTHOR, &status), ERR_OK);
    return status;
}

// A beacon that took that round trip, from a clock that is so much ahead.
static void bring(struct solo *solo, uint64_t now_ms, int64_t ahead_ms, uint64_t round_trip_ms)
{
    const uint64_t sent_ms = now_ms - round_trip_ms / 2;
    const struct message_beacon beacon = {.roster_version = 1,
                                          .time_ms = sent_ms + (uint64_t)ahead_ms,
                                          .echo_ms = now_ms - round_trip_ms - 10,
                                          .held_ms = 10};
    uint8_t buffer[128];
    struct cbor_writer writer;
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo->now_ms = now_ms;
    solo_step(solo, event);
}

static void begin(struct solo *solo)
{
    solo_begin(solo, LOG);
    solo->now_ms = START_MS;
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    assert_true(look(solo).clock_rtt_ms == UINT32_MAX);
}

static void test_an_offset_is_half_a_round_trip_old(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    bring(&solo, START_MS + 1000, AHEAD_MS, 2000);
    assert_int_equal(look(&solo).clock_offset_ms, AHEAD_MS);
    assert_int_equal(look(&solo).clock_rtt_ms, 2000);
    bring(&solo, START_MS + 5000, -AHEAD_MS, 100); // it was set
    assert_int_equal(look(&solo).clock_offset_ms, -AHEAD_MS);
    assert_int_equal(look(&solo).clock_rtt_ms, 100);
    solo_end(&solo);
}

// As a line that is busy delays it in one direction.
static void test_what_took_long_says_little(void **state)
{
    (void)state;
    struct solo solo;
    begin(&solo);
    bring(&solo, START_MS + 1000, AHEAD_MS, 100);
    bring(&solo, START_MS + 9000, AHEAD_MS + 3000, 8000);
    assert_int_equal(look(&solo).clock_offset_ms, AHEAD_MS);
    bring(&solo, START_MS + 10000, AHEAD_MS + 40, 180); // nearly as quick, and newer
    assert_int_equal(look(&solo).clock_offset_ms, AHEAD_MS + 40);
    bring(&solo, START_MS + 700000, AHEAD_MS + 3000, 8000); // there is nothing better
    assert_int_equal(look(&solo).clock_offset_ms, AHEAD_MS + 3000);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_offset_is_half_a_round_trip_old),
        cmocka_unit_test(test_what_took_long_says_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
