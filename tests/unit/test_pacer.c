// SPDX-License-Identifier: EUPL-1.2
// What waits for a link: the pace, the lanes, messages in parts, and those that a break cuts off.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/header.h"
#include "sitrep/pacer.h"
#include "wire/part.h"

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

static void test_what_goes_twice_takes_its_time(void **state)
{
    enum { LEN = 90, TWICE = 300 };
    struct pacer *pacer = *state;
    const uint64_t free_ms = 5000 - 100 + pacer_wire_bytes(LEN) * 8000 / THIN; // made up for
    put(pacer, FLASH, LEN, 'a');
    put(pacer, FLASH, LEN, 'b');
    assert_int_equal(leaves(pacer, 5000), 'a');
    pacer_charge(pacer, 5000, TWICE);
    assert_true(pacer_due_ms(pacer) >= free_ms + TWICE * 8000 / THIN);
    assert_true(pacer_due_ms(pacer) <= free_ms + TWICE * 8000 / THIN + 1);
    assert_int_equal(leaves(pacer, pacer_due_ms(pacer) - 1), -1);
    assert_int_equal(leaves(pacer, pacer_due_ms(pacer)), 'b');
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
            assert_int_equal(pacer_receive(to, turn * 1000, frame), ERR_OK);
            while (pacer_next(to, &message)) {
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

static enum err receive_part(struct pacer *pacer, const struct part *part)
{
    static uint8_t bytes[MESSAGE_MAX];
    struct cbor_writer writer;
    cbor_write(&writer, bytes, sizeof bytes);
    part_put(&writer, part);
    return pacer_receive(pacer, 1, (struct span){bytes, cbor_written(&writer)});
}

static void test_parts_that_are_none(void **state)
{
    struct pacer *pacer = *state;
    static const uint8_t zeros[30];
    const struct span ten = {zeros, 10};
    static const uint8_t bad[] = {0x84, MESSAGE_PART, 5, 1, 0x41, 0}; // lane 5
    struct span message;
    assert_int_equal(pacer_receive(pacer, 1, (struct span){bad, sizeof bad}), ERR_LIMIT);
    assert_false(pacer_next(pacer, &message));
    struct part first = {.lane = 1, .bytes = ten, .is_first = true, .total = 30};
    part_tag((struct span){zeros, 30}, first.tag);
    const struct part second = {.lane = 1, .offset = 10, .bytes = ten};
    const struct part third = {.lane = 1, .offset = 20, .bytes = ten};
    const struct part behind = {.lane = 1, .offset = 20, .bytes = {zeros, 11}};
    const struct part elsewhere = {.lane = 2, .offset = 10, .bytes = ten};
    const struct part *const rows[][3] = {
        {&second},            // nothing to go on with
        {&first, &third},     // a gap
        {&first, &elsewhere}, // another lane
        {&first, &second, &second},
        {&first, &second, &behind},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum err err = ERR_OK;
        for (size_t k = 0; k < 3 && rows[i][k] != NULL; k++) {
            assert_int_equal(err, ERR_OK);
            err = receive_part(pacer, rows[i][k]);
        }
        assert_int_equal(err, ERR_MALFORMED);
        assert_int_equal(receive_part(pacer, &third), ERR_MALFORMED);
    }
}

// What parts may hold at once is bounded.
static void test_parts_are_bounded(void **state)
{
    struct pacer *pacer = *state;
    static const uint8_t zeros[60000];
    struct part part = {.bytes = {zeros, sizeof zeros}, .is_first = true, .total = MESSAGE_MAX};
    size_t refused = 0;
    for (part.lane = 0; part.lane < LANES; part.lane++) {
        part.tag[0] = part.lane;
        refused += receive_part(pacer, &part) == ERR_LIMIT;
    }
    assert_true(refused >= LANES - 3 && refused < LANES);
    // What goes on no more makes way.
    pacer_begin(pacer);
    for (part.lane = 0; part.lane < 2; part.lane++) {
        part.tag[0] = 10 + part.lane;
        assert_int_equal(receive_part(pacer, &part), ERR_OK);
    }
}

// -- over a break of the link --

// As much as leaves at once and arrives; the number of frames for pacers among it. What is whole
// with it comes into `whole`.
static size_t carry(struct pacer *from, struct pacer *to, uint64_t *now_ms, size_t frames_max,
                    struct span *whole)
{
    static uint8_t bytes[MESSAGE_MAX];
    size_t frames = 0;
    struct span frame;
    struct span message;
    for (; frames < frames_max && pacer_due_ms(from) != UINT64_MAX; *now_ms += 100) {
        if (!pacer_take(from, *now_ms, &frame)) {
            continue;
        }
        frames++;
        assert_int_equal(pacer_receive(to, *now_ms, frame), ERR_OK);
        if (pacer_next(to, &message)) {
            memcpy(bytes, message.bytes, message.len);
            *whole = (struct span){bytes, message.len};
        }
    }
    return frames;
}

static void reconnect(struct pacer *a, struct pacer *b, uint64_t *now_ms)
{
    struct span whole = {NULL, 0};
    pacer_begin(a);
    pacer_begin(b);
    carry(a, b, now_ms, SIZE_MAX, &whole);
    carry(b, a, now_ms, SIZE_MAX, &whole);
    assert_int_equal(whole.len, 0);
}

static void make_random(uint8_t *bytes, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    bytes[0] = 0x83;
    bytes[1] = MESSAGE_SPACE;
}

enum { LONG = 3000, PARTS = 8 }; // that many parts at THIN

// Wherever the link breaks, no part goes twice.
static void test_goes_on_after_a_break(void **state)
{
    struct pacer *from = *state;
    uint8_t bytes[LONG];
    const struct span message = {bytes, sizeof bytes};
    make_random(bytes, sizeof bytes, 1);
    for (size_t cut = 1; cut < PARTS; cut++) {
        struct pacer *to;
        struct span whole = {NULL, 0};
        uint64_t now_ms = 1000000 * cut;
        assert_int_equal(pacer_create(&to, 0), ERR_OK);
        reconnect(to, from, &now_ms);
        assert_int_equal(pacer_put(from, ROUTINE, message), ERR_OK);
        assert_int_equal(carry(from, to, &now_ms, cut, &whole), cut);
        assert_int_equal(whole.len, 0);
        pacer_end(from);
        assert_int_equal(pacer_waiting(from, ROUTINE), 0);
        reconnect(to, from, &now_ms);
        // It may come in another lane; and again the link breaks.
        assert_int_equal(pacer_put(from, PRIORITY, message), ERR_OK);
        size_t sent = cut + carry(from, to, &now_ms, 1, &whole);
        if (whole.len == 0) {
            reconnect(to, from, &now_ms);
            assert_int_equal(pacer_put(from, ROUTINE, message), ERR_OK);
            sent += carry(from, to, &now_ms, SIZE_MAX, &whole);
        }
        assert_in_range(sent, PARTS, PARTS + 1); // the first one of a connection is shorter
        assert_int_equal(whole.len, sizeof bytes);
        assert_memory_equal(whole.bytes, bytes, sizeof bytes);
        assert_int_equal(pacer_waiting(from, ROUTINE), 0);
        pacer_destroy(&to);
    }
}

// Other messages come in the same lane before the one that was cut off goes on, and one of the same
// length that begins alike.
static void test_others_are_not_mixed_in(void **state)
{
    struct pacer *from = *state;
    struct pacer *to;
    uint8_t bytes[3][LONG];
    struct span whole = {NULL, 0};
    uint64_t now_ms = 1000;
    assert_int_equal(pacer_create(&to, 0), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        make_random(bytes[i], LONG, i < 2 ? 1 : 2);
    }
    bytes[1][LONG - 1] ^= 1; // behind what came of the first
    assert_int_equal(pacer_put(from, ROUTINE, (struct span){bytes[0], LONG}), ERR_OK);
    assert_int_equal(carry(from, to, &now_ms, 5, &whole), 5);
    reconnect(to, from, &now_ms);
    static const size_t order[] = {2, 1, 0};
    static const size_t frames[] = {PARTS, PARTS, PARTS - 5};
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *sent = bytes[order[i]];
        assert_int_equal(pacer_put(from, ROUTINE, (struct span){sent, LONG}), ERR_OK);
        assert_in_range(carry(from, to, &now_ms, SIZE_MAX, &whole), frames[i], frames[i] + 1);
        assert_int_equal(whole.len, LONG);
        assert_memory_equal(whole.bytes, sent, LONG);
    }
    pacer_destroy(&to);
}

static enum err tell_held(struct pacer *pacer, struct held held)
{
    uint8_t bytes[64];
    struct cbor_writer writer;
    struct span message;
    cbor_write(&writer, bytes, sizeof bytes);
    held_put(&writer, &held, 1);
    const enum err err = pacer_receive(pacer, 1, (struct span){bytes, cbor_written(&writer)});
    assert_false(pacer_next(pacer, &message));
    return err;
}

// What a peer falsely says it holds costs it that message, this time.
static void test_false_claims(void **state)
{
    struct pacer *from = *state;
    struct pacer *to;
    uint8_t bytes[LONG];
    const struct span message = {bytes, sizeof bytes};
    struct span whole = {NULL, 0};
    struct span frame;
    struct held held = {.len = 1};
    uint64_t now_ms = 1000;
    make_random(bytes, sizeof bytes, 1);
    assert_int_equal(pacer_create(&to, 0), ERR_OK);
    // Of a message that is not there; as long as it is, or longer: it comes whole.
    assert_int_equal(tell_held(from, held), ERR_OK);
    part_tag(message, held.tag);
    for (held.len = LONG; held.len <= LONG + 1; held.len++) {
        assert_int_equal(tell_held(from, held), ERR_OK);
        assert_int_equal(pacer_put(from, ROUTINE, message), ERR_OK);
        assert_int_equal(carry(from, to, &now_ms, SIZE_MAX, &whole), PARTS);
        assert_int_equal(whole.len, LONG);
        whole.len = 0;
    }
    // In the middle of it: it is refused. On the next connection it comes.
    held.len = 1000;
    assert_int_equal(tell_held(from, held), ERR_OK);
    assert_int_equal(pacer_put(from, ROUTINE, message), ERR_OK);
    assert_int_equal(pacer_waiting(from, ROUTINE), LONG);
    for (now_ms += 10000; pacer_due_ms(from) != UINT64_MAX; now_ms += 10000) {
        assert_true(pacer_take(from, now_ms, &frame));
        assert_int_equal(pacer_receive(to, now_ms, frame), ERR_MALFORMED);
    }
    assert_int_equal(pacer_waiting(from, ROUTINE), 0);
    reconnect(to, from, &now_ms);
    assert_int_equal(pacer_put(from, ROUTINE, message), ERR_OK);
    assert_int_equal(carry(from, to, &now_ms, SIZE_MAX, &whole), PARTS);
    assert_int_equal(whole.len, LONG);
    pacer_destroy(&to);
}

// Computed by another program, of the message in `whole in one part` of the vectors.
static void test_tag_is_the_one_agreed(void **state)
{
    static const uint8_t credit[] = {0x82, MESSAGE_CREDIT, 0};
    static const uint8_t expected[] = {0xbd, 0x1b, 0x11, 0x06, 0x1b, 0x81, 0x79, 0x9b};
    uint8_t tag[TAG_LEN];
    (void)state;
    part_tag((struct span){credit, sizeof credit}, tag);
    assert_memory_equal(tag, expected, TAG_LEN);
}

// Bytes of another message behind a tag: refused when it is whole, and forgotten.
static void test_what_is_not_as_tagged(void **state)
{
    struct pacer *to = *state;
    uint8_t bytes[30];
    struct span frame;
    make_random(bytes, sizeof bytes, 1);
    struct part part = {.bytes = {bytes, 20}, .is_first = true, .total = 30};
    part_tag((struct span){bytes, 30}, part.tag);
    assert_int_equal(receive_part(to, &part), ERR_OK);
    pacer_begin(to);
    assert_true(pacer_take(to, 1000, &frame));
    assert_int_equal(frame.bytes[1], MESSAGE_HELD);
    part.offset = 20;
    part.bytes = (struct span){bytes, 10};
    assert_int_equal(receive_part(to, &part), ERR_MALFORMED);
    part.bytes.bytes = bytes + 20; // too late
    assert_int_equal(receive_part(to, &part), ERR_MALFORMED);
    pacer_begin(to);
    assert_false(pacer_take(to, 100000, &frame));
}

// What never goes on is not told for ever.
static void test_forgets_in_the_end(void **state)
{
    enum { CONNECTIONS = 64 };
    struct pacer *to = *state;
    static const uint8_t zeros[10];
    const struct part part = {.bytes = {zeros, 10}, .is_first = true, .total = 30};
    struct span frame;
    uint64_t now_ms = 1000;
    assert_int_equal(receive_part(to, &part), ERR_OK);
    for (size_t i = 0; i < CONNECTIONS; i++, now_ms += 10000) {
        pacer_begin(to);
        assert_true(pacer_take(to, now_ms, &frame));
    }
    pacer_begin(to);
    assert_false(pacer_take(to, now_ms, &frame));
}

// -- together --

// What waits in a lane and is short leaves together, no more than takes a moment; what is urgent
// alone.
static void test_short_ones_leave_together(void **state)
{
    struct pacer *pacer = *state;
    struct pacer *to;
    struct span frame;
    struct span message;
    uint64_t now_ms = 5000;
    size_t count = 0;
    static const uint8_t order[] = {LANE_CONTROL, FLASH, FLASH, ROUTINE, ROUTINE, ROUTINE};
    static const size_t counts[] = {3, 1, 1, 6, 6, 3};
    assert_int_equal(pacer_create(&to, 0), ERR_OK);
    for (uint8_t i = 0; i < 15; i++) {
        put(pacer, ROUTINE, 60, i);
    }
    for (uint8_t i = 0; i < 3; i++) {
        put(pacer, LANE_CONTROL, 20, i);
    }
    put(pacer, FLASH, 60, 0);
    put(pacer, FLASH, 60, 1);
    uint8_t marks[LANES] = {0};
    for (size_t i = 0; i < sizeof order; i++, now_ms = pacer_due_ms(pacer)) {
        assert_true(pacer_take(pacer, now_ms, &frame));
        assert_true(pacer_wire_bytes(frame.len) <= pacer_moment_bytes(THIN));
        assert_int_equal(pacer_receive(to, now_ms, frame), ERR_OK);
        for (count = 0; pacer_next(to, &message); count++) {
            assert_int_equal(message.bytes[2], order[i]);
            assert_int_equal(message.bytes[message.len - 1], marks[order[i]]++);
        }
        assert_int_equal(count, counts[i]);
    }
    assert_true(now_ms == UINT64_MAX);
    assert_int_equal(pacer_waiting(pacer, ROUTINE), 0);
    pacer_destroy(&to);
}

// Not with what goes on in parts, nor with what tells of parts; and not where there is no limit.
static void test_others_leave_alone(void **state)
{
    struct pacer *pacer = *state;
    const uint8_t zeros[10] = {0};
    const struct part part = {.bytes = {zeros, 10}, .is_first = true, .total = 30};
    struct span frame;
    assert_int_equal(receive_part(pacer, &part), ERR_OK);
    pacer_begin(pacer);
    put(pacer, LANE_CONTROL, 20, 'c');
    assert_true(pacer_take(pacer, 5000, &frame));
    assert_int_equal(frame.bytes[1], MESSAGE_HELD);
    assert_true(pacer_take(pacer, pacer_due_ms(pacer), &frame));
    assert_int_equal(frame.bytes[1], MESSAGE_SPACE);
    put(pacer, ROUTINE, 600, 'l');
    put(pacer, ROUTINE, 60, 's');
    for (int i = 0; i < 2; i++) {
        assert_true(pacer_take(pacer, pacer_due_ms(pacer), &frame));
        assert_int_equal(frame.bytes[1], MESSAGE_PART);
    }
    put(pacer, ROUTINE, 60, 't');
    assert_int_equal(pacer_set_rate(pacer, 0), ERR_OK);
    assert_int_equal(leaves(pacer, 50000), 's');
    assert_int_equal(leaves(pacer, 50000), 't');
}

static void test_parcels_that_are_none(void **state)
{
    struct pacer *pacer = *state;
    // The second one is a part.
    static const uint8_t bad[] = {0x82, MESSAGE_PARCEL, 0x82, 0x43,         0x82, MESSAGE_CREDIT,
                                  0,    0x43,           0x82, MESSAGE_PART, 0};
    struct span message;
    assert_int_equal(pacer_receive(pacer, 1, (struct span){bad, sizeof bad}), ERR_MALFORMED);
    assert_false(pacer_next(pacer, &message));
    assert_int_equal(pacer_receive(pacer, 1, (struct span){bad, sizeof bad - 1}), ERR_MALFORMED);
    assert_false(pacer_next(pacer, &message));
    assert_true(pacer_takes((struct span){bad, sizeof bad}));
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
    pacer_end(pacer);
    assert_int_equal(pacer_waiting(pacer, ROUTINE), 0);
    assert_int_equal(leaves(pacer, 10000), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pace_holds),
        cmocka_unit_test_setup_teardown(test_a_better_lane_waits_a_moment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_a_limit_all_leaves_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_goes_twice_takes_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_become_whole_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_goes_on_after_a_break, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others_are_not_mixed_in, setup, teardown),
        cmocka_unit_test_setup_teardown(test_false_claims, setup, teardown),
        cmocka_unit_test(test_tag_is_the_one_agreed),
        cmocka_unit_test_setup_teardown(test_what_is_not_as_tagged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgets_in_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_short_ones_leave_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others_leave_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parcels_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_waits_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
