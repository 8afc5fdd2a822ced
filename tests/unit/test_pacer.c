// SPDX-License-Identifier: EUPL-1.2
// What waits for a link: the pace, the lanes, and messages in parts.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/header.h"
#include "sitrep/pacer.h"
#include "wire/message.h"

enum { THIN = 2400 };

static int setup(void **state)
{
    struct pacer *pacer;
    assert_int_equal(pacer_create(&pacer, THIN), ERR_OK);
    *state = pacer;
    return 0;
}

static int teardown(void **state)
{
    pacer_destroy((struct pacer **)state);
    assert_null(*state);
    return 0;
}

// A message of another space: what is in it does not matter here.
static struct span make_message(uint8_t lane, size_t len, uint8_t mark)
{
    static uint8_t bytes[MESSAGE_MAX];
    memset(bytes, mark, len);
    bytes[0] = 0x83;
    bytes[1] = MESSAGE_SPACE;
    bytes[2] = lane;
    return (struct span){bytes, len};
}

static void put(struct pacer *pacer, uint8_t lane, size_t len, uint8_t mark)
{
    assert_int_equal(pacer_put(pacer, lane, make_message(lane, len, mark)), ERR_OK);
}

// The mark of what leaves at `now_ms`, in parts or not; -1 for nothing.
static int leaves(struct pacer *pacer, uint64_t now_ms)
{
    struct span frame;
    return pacer_take(pacer, now_ms, &frame) ? frame.bytes[frame.len - 1] : -1;
}

// What leaves between two times costs what the line passes in between, within 5 %.
static void test_the_pace_holds(void **state)
{
    static const uint32_t rates[] = {1200, 2400, 9600, 64000, 2000000};
    static const size_t lengths[] = {40, 90, 450, 3000, 20000};
    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct pacer *pacer;
        struct span frame;
        uint64_t wire_bytes = 0;
        size_t count = 0;
        assert_int_equal(pacer_create(&pacer, rates[r]), ERR_OK);
        for (uint64_t now_ms = 1000; now_ms < 31000; now_ms += 7) {
            while (pacer_waiting(pacer, ROUTINE) < 40000) {
                put(pacer, ROUTINE, lengths[count++ % 5], 1);
            }
            while (pacer_take(pacer, now_ms, &frame)) {
                wire_bytes += pacer_wire_bytes(frame.len);
            }
        }
        const double wanted = rates[r] / 8.0 * 30;
        if ((double)wire_bytes < 0.95 * wanted || (double)wire_bytes > 1.05 * wanted + 600) {
            fail_msg("at %u bit/s: %llu bytes, not %.0f", rates[r], (unsigned long long)wire_bytes,
                     wanted);
        }
        pacer_destroy(&pacer);
    }
}

// No frame takes the line longer than a moment, so that is what one of a better lane waits at most.
static void test_a_better_lane_waits_a_moment(void **state)
{
    struct pacer *pacer = *state;
    struct span frame;
    uint64_t now_ms = 5000;
    for (int i = 0; i < 10; i++) {
        put(pacer, ROUTINE, 90000, 'r');
    }
    assert_int_equal(leaves(pacer, now_ms), 'r');
    put(pacer, PRIORITY, 300, 'p');
    put(pacer, FLASH, 300, 'f');
    put(pacer, LANE_CONTROL, 50, 'c');
    put(pacer, FLASH, 300, 'F');
    assert_false(pacer_take(pacer, now_ms, &frame));
    assert_true(pacer_due_ms(pacer) <= now_ms + PACER_MOMENT_MS);
    static const char order[] = "cfFpr";
    for (size_t i = 0; i < sizeof order - 1; i++) {
        now_ms = pacer_due_ms(pacer);
        assert_int_equal(leaves(pacer, now_ms), order[i]);
    }
    assert_true(now_ms < 5000 + PACER_MOMENT_MS + 5 * 1500);
}

static void test_without_a_limit_all_leaves_at_once(void **state)
{
    struct pacer *pacer = *state;
    struct span frame;
    assert_int_equal(pacer_set_rate(pacer, 0), ERR_OK);
    for (int i = 0; i < 5; i++) {
        put(pacer, ROUTINE, MESSAGE_MAX, (uint8_t)i);
    }
    assert_int_equal(pacer_due_ms(pacer), 0);
    for (int i = 0; i < 5; i++) {
        assert_true(pacer_take(pacer, 1, &frame));
        assert_int_equal(frame.len, MESSAGE_MAX);
        assert_int_equal(frame.bytes[MESSAGE_MAX - 1], i);
    }
    assert_false(pacer_take(pacer, 1, &frame));
    assert_true(pacer_due_ms(pacer) == UINT64_MAX);
}

// Messages of all lanes, put at odd times, come out whole and in their lane's order.
static void test_parts_become_whole_again(void **state)
{
    struct pacer *from = *state;
    struct pacer *to;
    struct span frame;
    struct span message;
    unsigned sent[LANES] = {0};
    unsigned came[LANES] = {0};
    size_t parts = 0;
    assert_int_equal(pacer_create(&to, 9600), ERR_OK);
    for (uint64_t turn = 0; turn < 200 || pacer_due_ms(from) != UINT64_MAX; turn++) {
        const uint8_t lane = (uint8_t)(turn * 7 % LANES);
        if (turn < 200) {
            put(from, lane, 20 + turn * turn * 31 % 3000, (uint8_t)sent[lane]++);
        }
        assert_int_equal(
            pacer_set_rate(from, turn % 50 == 0 ? 0 : 1200 + 300 * (uint32_t)(turn % 9)), ERR_OK);
        while (pacer_take(from, turn * 1000, &frame)) {
            parts += frame.bytes[1] == MESSAGE_PART;
            assert_int_equal(pacer_receive(to, turn * 1000, frame, &message), ERR_OK);
            if (message.len > 0) {
                const uint8_t of = message.bytes[2];
                assert_true(of < LANES);
                assert_int_equal(message.bytes[message.len - 1], (uint8_t)came[of]);
                came[of]++;
            }
        }
    }
    unsigned all_sent = 0;
    unsigned all_came = 0;
    for (size_t i = 0; i < LANES; i++) {
        all_sent += sent[i];
        all_came += came[i];
    }
    assert_int_equal(all_came, all_sent);
    assert_true(parts > 100);
    pacer_destroy(&to);
}

static enum err receive_part(struct pacer *pacer, const struct message_part *part)
{
    static uint8_t bytes[MESSAGE_MAX];
    struct cbor_writer writer;
    struct span message;
    cbor_write(&writer, bytes, sizeof bytes);
    message_put_part(&writer, part);
    return pacer_receive(pacer, 1, (struct span){bytes, cbor_written(&writer)}, &message);
}

static void test_parts_that_are_none(void **state)
{
    struct pacer *pacer = *state;
    static const uint8_t zeros[60000];
    const struct span ten = {zeros, 10};
    static const uint8_t bad[] = {0x86, MESSAGE_PART, 5, 0, 0, 1, 0x41, 0}; // lane 5
    struct span message;
    assert_int_equal(pacer_receive(pacer, 1, (struct span){bad, sizeof bad}, &message), ERR_LIMIT);
    assert_int_equal(message.len, 0);
    // Nothing to go on with; another total; a gap; another message.
    const struct message_part first = {.lane = 1, .total = 30, .bytes = ten};
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 0, 10, 30, ten}), ERR_MALFORMED);
    assert_int_equal(receive_part(pacer, &first), ERR_OK);
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 0, 10, 31, ten}), ERR_MALFORMED);
    assert_int_equal(receive_part(pacer, &first), ERR_OK);
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 0, 11, 30, ten}), ERR_MALFORMED);
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 0, 10, 30, ten}), ERR_MALFORMED);
    assert_int_equal(receive_part(pacer, &first), ERR_OK);
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 1, 10, 30, ten}), ERR_MALFORMED);
    // After another link nothing goes on.
    assert_int_equal(receive_part(pacer, &first), ERR_OK);
    pacer_restart(pacer);
    assert_int_equal(receive_part(pacer, &(struct message_part){1, 0, 10, 30, ten}), ERR_MALFORMED);
    // What parts may hold at once is bounded.
    const struct span much = {zeros, sizeof zeros};
    size_t refused = 0;
    for (uint8_t lane = 0; lane < LANES; lane++) {
        refused +=
            receive_part(pacer, &(struct message_part){lane, 0, 0, MESSAGE_MAX, much}) == ERR_LIMIT;
    }
    assert_true(refused >= LANES - 3 && refused < LANES);
}

static void test_what_waits_is_bounded(void **state)
{
    struct pacer *pacer = *state;
    size_t count = 0;
    while (pacer_put(pacer, ROUTINE, make_message(ROUTINE, MESSAGE_MAX, 1)) == ERR_OK) {
        count++;
    }
    assert_int_equal(count, PACER_WAITING_MAX / MESSAGE_MAX);
    put(pacer, FLASH, 300, 2); // in another lane there is room
    assert_int_equal(pacer_set_rate(pacer, PACER_RATE_MIN - 1), ERR_LIMIT);
    assert_int_equal(leaves(pacer, 1000), 2);
    pacer_restart(pacer);
    assert_int_equal(pacer_waiting(pacer, ROUTINE), 0);
    assert_int_equal(leaves(pacer, 10000), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pace_holds),
        cmocka_unit_test_setup_teardown(test_a_better_lane_waits_a_moment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_a_limit_all_leaves_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_become_whole_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_waits_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
