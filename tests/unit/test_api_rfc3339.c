// SPDX-License-Identifier: EUPL-1.2
// Moments as text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "json/rfc3339.h"

static void test_moments_are_written_in_utc(void **state)
{
    char text[RFC3339_SIZE];
    (void)state;
    assert_int_equal(rfc3339_format(0, text), ERR_OK);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    assert_int_equal(rfc3339_format(UINT64_C(1709210096007), text), ERR_OK);
    assert_string_equal(text, "2024-02-29T12:34:56.007Z");
    assert_int_equal(rfc3339_format(UINT64_C(253402300799999), text), ERR_OK);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    assert_int_equal(rfc3339_format(UINT64_C(253402300800000), text), ERR_LIMIT);
    assert_int_equal(rfc3339_format(UINT64_MAX, text), ERR_LIMIT);
}

static void test_moments_are_read_with_any_offset(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2024-02-29T12:34:56Z", UINT64_C(1709210096000)},
        {"2024-02-29t12:34:56.5z", UINT64_C(1709210096500)},
        {"2024-02-29T12:34:56.0079999Z", UINT64_C(1709210096007)},
        {"2024-02-29T12:34Z", UINT64_C(1709210040000)},
        {"2024-02-29T13:34+01:00", UINT64_C(1709210040000)},
        {"2024-02-29T13:34:56+01:00", UINT64_C(1709210096000)},
        {"2024-02-29T13:34:56 01:00", UINT64_C(1709210096000)},
        {"2024-02-29T06:04:56-06:30", UINT64_C(1709210096000)},
        {"2016-12-31T23:59:60Z", UINT64_C(1483228800000)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t ms = 1;
        assert_int_equal(rfc3339_parse(cases[i].text, &ms), ERR_OK);
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_other_texts_are_no_moments(void **state)
{
    static const char *const texts[] = {
        "",
        "now",
        "2024-02-29",
        "2024-02-29T12:34:56",
        "2024-02-29T12:34:Z",
        "2024-02-29T12:34.5Z",
        "2023-02-29T12:34:56Z",
        "2024-13-01T12:34:56Z",
        "2024-00-01T12:34:56Z",
        "2024-04-31T12:34:56Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T23:60:00Z",
        "2024-01-01T23:59:61Z",
        "2024-01-01T23:59:59.Z",
        "2024-01-01T23:59:59+1:00",
        "2024-01-01T23:59:59+24:00",
        "2024-01-01T23:59:59Zx",
        "24-01-01T23:59:59Z",
        " 2024-01-01T23:59:59Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint64_t ms = 77;
        assert_int_equal(rfc3339_parse(texts[i], &ms), ERR_MALFORMED);
        assert_int_equal(ms, 77);
    }
    uint64_t ms;
    assert_int_equal(rfc3339_parse("1969-12-31T23:59:59Z", &ms), ERR_LIMIT);
    assert_int_equal(rfc3339_parse("1970-01-01T00:00:00+00:01", &ms), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_are_written_in_utc),
        cmocka_unit_test(test_moments_are_read_with_any_offset),
        cmocka_unit_test(test_other_texts_are_no_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
