// SPDX-License-Identifier: EUPL-1.2
// Rates of the last seconds, and how long it takes until nothing is missing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gauge.h"
#include "sitrep/pacer.h"

static void note(struct gauge *gauge, uint64_t now_ms, uint64_t line_out, uint64_t line_in)
{
    const struct transport_measured measured = {
        .connection = 7, .line_out = line_out, .line_in = line_in};
    gauge_note(gauge, now_ms, &measured);
}

static struct gauge_reading read(const struct gauge *gauge)
{
    struct gauge_reading reading;
    gauge_read(gauge, &reading);
    return reading;
}

static void say_nothing_before_it_is_measured(void **state)
{
    (void)state;
    struct gauge gauge = {0};
    assert_false(read(&gauge).is_known);
    gauge_note(&gauge, 1000, NULL);
    assert_false(read(&gauge).is_known);
    note(&gauge, 2000, 500, 400);
    assert_true(read(&gauge).is_known);
    assert_int_equal(read(&gauge).last.line_out, 500);
    assert_false(read(&gauge).has_rates);
    note(&gauge, 2500, 900, 400);
    assert_false(read(&gauge).has_rates);
}

static void take_the_mean_of_ten_seconds(void **state)
{
    (void)state;
    struct gauge gauge = {0};
    // 300 bytes a second out, and in 100; then nothing.
    for (uint64_t s = 0; s <= 25; s++) {
        note(&gauge, 5000 + s * 1000, 300 * s, 100 * s);
        if (s > 0) {
            assert_int_equal(read(&gauge).rate_out, 2400);
            assert_int_equal(read(&gauge).rate_in, 800);
        }
    }
    assert_int_equal(read(&gauge).bytes_out, 3000);
    for (uint64_t s = 1; s <= 10; s++) {
        note(&gauge, 30000 + s * 1000, 7500, 2500);
        assert_int_equal(read(&gauge).rate_out, 2400 - 240 * s);
    }
    assert_true(read(&gauge).has_rates);
}

static void begin_anew_with_another_connection(void **state)
{
    (void)state;
    struct gauge gauge = {0};
    const struct transport_measured other = {.connection = 8, .line_out = 10, .line_in = 10};
    note(&gauge, 1000, 0, 0);
    note(&gauge, 2000, 5000, 5000);
    gauge_note(&gauge, 3000, &other);
    assert_true(read(&gauge).is_known);
    assert_false(read(&gauge).has_rates);
    gauge_note(&gauge, 4000, NULL);
    assert_false(read(&gauge).is_known);
}

static void look_ahead_as_far_as_something_is_known(void **state)
{
    (void)state;
    enum { LEN = 400, MISSING = 100 };
    const uint64_t of_one = pacer_wire_bytes(LEN);
    const uint64_t at_2400 = (MISSING * of_one * 8 + 2399) / 2400;
    const uint64_t at_1200 = (MISSING * of_one * 8 + 1199) / 1200;
    const struct {
        struct outlook outlook;
        uint64_t s;
    } rows[] = {
        {{0}, 0},
        // Told only; measured; measured, but nothing but beacons.
        {{.missing = MISSING, .entry_len = LEN, .rate_told = 2400}, at_2400},
        {{.missing = MISSING, .entry_len = LEN, .rate_told = 2400, .rate = 1200, .bytes = 1500},
         at_1200},
        {{.missing = MISSING, .entry_len = LEN, .rate = 1200, .bytes = 1500}, at_1200},
        {{.missing = MISSING, .entry_len = LEN, .rate_told = 2400, .rate = 80, .bytes = 100},
         at_2400},
        {{.missing = MISSING, .entry_len = LEN, .rate = 80, .bytes = 100}, UINT64_MAX},
        {{.missing = MISSING, .entry_len = LEN}, UINT64_MAX},
        {{.missing = MISSING, .rate_told = 2400}, UINT64_MAX},
        // What waits counts where it is more.
        {{.waiting = 3000, .rate_told = 2400}, 10},
        {{.missing = 1, .waiting = 3000, .entry_len = LEN, .rate_told = 2400}, 10},
        {{.missing = MISSING, .waiting = 3000, .entry_len = LEN, .rate_told = 2400}, at_2400},
        // What is lost goes again.
        {{.waiting = 3000, .rate_told = 2400, .lost_permille = 200}, 12},
        {{.waiting = 3000, .rate_told = 2400, .lost_permille = 1000}, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (gauge_outlook_s(&rows[i].outlook) != rows[i].s) {
            fail_msg("row %zu: %llu", i, (unsigned long long)gauge_outlook_s(&rows[i].outlook));
        }
    }
}

static void count_what_went_twice(void **state)
{
    (void)state;
    assert_int_equal(gauge_lost_permille(&(struct transport_measured){0}), 0);
    assert_int_equal(gauge_lost_permille(&(struct transport_measured){.sent = 1000, .resent = 98}),
                     98);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(say_nothing_before_it_is_measured),
        cmocka_unit_test(take_the_mean_of_ten_seconds),
        cmocka_unit_test(begin_anew_with_another_connection),
        cmocka_unit_test(look_ahead_as_far_as_something_is_known),
        cmocka_unit_test(count_what_went_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
