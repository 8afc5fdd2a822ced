// SPDX-License-Identifier: EUPL-1.2
// Times: read as people and programs write them, shown in local time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "sitrep/when.h"

static void rfc3339_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; // -1: refused
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-03-01T12:00:05.123Z", 1772366405123},
        {"2026-03-01T13:00:05.123+01:00", 1772366405123},
        {"2026-03-01t07:00:05.123999-05:00", 1772366405123},
        {"2026-03-01 12:00:05.1Z", 1772366405100},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"2016-12-31T23:59:60Z", -1},
        {"2026-02-29T00:00:00Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-00-01T00:00:00Z", -1},
        {"2026-03-01T24:00:00Z", -1},
        {"2026-03-01T12:60:00Z", -1},
        {"2026-03-01T12:00:05", -1},
        {"2026-03-01T12:00:05.Z", -1},
        {"2026-03-01T12:00:05+0100", -1},
        {"2026-03-01T12:00:05+24:00", -1},
        {"2026-03-01T12:00:05Zx", -1},
        {"2026-3-1T12:00:05Z", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"2026-03-01", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 0;
        const bool is_read = when_read(rows[i].text, &ms);
        if (is_read != (rows[i].ms >= 0) || (is_read && ms != rows[i].ms)) {
            fail_msg("%s: %d %lld", rows[i].text, is_read, (long long)ms);
        }
    }
}

static void what_people_type_is_read(void **state)
{
    (void)state;
    const int64_t now = 1772366405123; // 13:00:05 in Brussels
    static const struct {
        const char *text;
        int64_t ms; // -1: refused
    } rows[] = {
        {"90s", 1772366405123 - 90000},
        {"20m", 1772366405123 - 1200000},
        {"2h", 1772366405123 - 7200000},
        {"1d", 1772366405123 - 86400000},
        {"12:30", 1772364600000},
        {"13:00", 1772366400000},
        {"13:01", 1772366460000 - 86400000}, // was yesterday
        {"2026-03-01T12:00:05.123Z", 1772366405123},
        {"2026-03-01 13:00:05.5", 1772366405500}, // by the clock on the wall
        {"2026-07-01T14:30", 1782909000000},
        {"2026-03-29 02:30", -1}, // the clocks left it out
        {"2026-02-30 12:00", -1},
        {"2026-03-01 13:00 CET", -1},
        {"2026-03-01", -1},
        {"2", -1},
        {"h", -1},
        {"2w", -1},
        {"2 h", -1},
        {"-2h", -1},
        {"9999999h", -1},
        {"24:00", -1},
        {"1:00", -1},
        {"12:3", -1},
        {"yesterday", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 0;
        const bool is_read = when_typed(rows[i].text, now, &ms);
        if (is_read != (rows[i].ms >= 0) || (is_read && ms != rows[i].ms)) {
            fail_msg("%s: %d %lld", rows[i].text, is_read, (long long)ms);
        }
    }
}

static void what_people_mean_is_read(void **state)
{
    (void)state;
    const int64_t now = 1772366405123; // 13:00:05 in Brussels
    static const struct {
        const char *text;
        int64_t ms; // -1: refused
    } rows[] = {
        {"now", 1772366405123},
        {"+90s", 1772366405123 + 90000},
        {"+2h", 1772366405123 + 7200000},
        {"-20m", 1772366405123 - 1200000},
        {"12:30", 1772364600000},
        {"13:01", 1772366460000}, // of this day, also when it is to come
        {"2026-03-01T12:00:05.123Z", 1772366405123},
        {"2026-03-01T13:00+01:00", 1772366400000},
        {"2026-03-02 13:00", 1772366400000 + 86400000},
        {"2h", -1}, // from now, or ago?
        {"+", -1},
        {"+h", -1},
        {"24:00", -1},
        {"tomorrow", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 0;
        const bool is_read = when_meant(rows[i].text, now, &ms);
        if (is_read != (rows[i].ms >= 0) || (is_read && ms != rows[i].ms)) {
            fail_msg("%s: %d %lld", rows[i].text, is_read, (long long)ms);
        }
    }
}

static void days_are_counted_from_now(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t least, ms; // UINT64_MAX: refused
    } rows[] = {
        {"1", 1, 1000 + 86400000},
        {"36500", 1, 1000 + 36500 * UINT64_C(86400000)},
        {"0", 0, 0},
        {"0", 1, UINT64_MAX},
        {"36501", 0, UINT64_MAX},
        {"-1", 0, UINT64_MAX},
        {"3.5", 0, UINT64_MAX},
        {"", 0, UINT64_MAX},
        {"1d", 0, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t ms = UINT64_MAX;
        const bool is_read = when_in_days(rows[i].text, rows[i].least, 1000, &ms);
        assert_int_equal(is_read, rows[i].ms != UINT64_MAX);
        assert_int_equal(ms, rows[i].ms);
    }
}

static void times_are_shown(void **state)
{
    (void)state;
    char out[WHEN_MAX];
    when_rfc3339(1772366405007, out);
    assert_string_equal(out, "2026-03-01T12:00:05.007Z");
    when_local(1772366405007, out);
    assert_string_equal(out, "2026-03-01 13:00:05 CET");
    when_local_text(NULL, out);
    assert_string_equal(out, "never");
    when_local_text("rubbish", out);
    assert_string_equal(out, "never");

    static const struct {
        int64_t passed;
        const char *ago;
    } rows[] = {
        {0, "now"},
        {999, "now"},
        {1000, "1 second ago"},
        {59999, "59 seconds ago"},
        {120000, "2 minutes ago"},
        {3600000, "1 hour ago"},
        {86400000 * 3LL, "3 days ago"},
        {-30000, "now"},
        {-120000, "in the future"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        when_ago(1772366405007 - rows[i].passed, 1772366405007, out);
        assert_string_equal(out, rows[i].ago);
    }
}

static void spans_are_rounded_up(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0 seconds"},        {1, "1 second"},
        {119000, "119 seconds"}, {120000, "2 minutes"},
        {120001, "3 minutes"},   {7199000, "120 minutes"},
        {7200000, "2 hours"},    {172799000, "48 hours"},
        {172800000, "2 days"},   {INT64_MAX, "106751991168 days"},
    };
    char out[WHEN_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        when_span(rows[i].ms, out);
        assert_string_equal(out, rows[i].text);
    }
}

int main(void)
{
    (void)setenv("TZ", "Europe/Brussels", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3339_is_read),          cmocka_unit_test(what_people_type_is_read),
        cmocka_unit_test(what_people_mean_is_read), cmocka_unit_test(days_are_counted_from_now),
        cmocka_unit_test(times_are_shown),          cmocka_unit_test(spans_are_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
