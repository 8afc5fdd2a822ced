// SPDX-License-Identifier: EUPL-1.2
// Decimal numbers: one way to write each, both ways without a double.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/decimal_text.h"

static void test_numbers_are_read_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t mantissa, exponent;
        const char *again;
    } rows[] = {
        {"0", 0, 0, "0"},
        {"-0", 0, 0, "0"},
        {"0.000", 0, 0, "0"},
        {"0e99", 0, 0, "0"},
        {"7", 7, 0, "7"},
        {"-12", -12, 0, "-12"},
        {"120", 12, 1, "120"},
        {"0.25", 25, -2, "0.25"},
        {"00.250", 25, -2, "0.25"},
        {"1.050", 105, -2, "1.05"},
        {"100.5", 1005, -1, "100.5"},
        {"1e3", 1, 3, "1000"},
        {"1.5E+3", 15, 2, "1500"},
        {"25e-4", 25, -4, "0.0025"},
        {"-0.000000000001", -1, -12, "-0.000000000001"},
        {"9007199254740992", INT64_C(9007199254740992), 0, "9007199254740992"},
        {"1000000000000", 1, 12, "1000000000000"},
        {"9007199254740992e12", INT64_C(9007199254740992), 12, "9007199254740992000000000000"},
        {"-9007199254740992e-12", INT64_C(-9007199254740992), -12, "-9007.199254740992"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char again[DECIMAL_SIZE];
        int64_t mantissa = 1;
        int64_t exponent = 1;
        if (decimal_parse(rows[i].text, &mantissa, &exponent) != ERR_OK ||
            mantissa != rows[i].mantissa || exponent != rows[i].exponent) {
            fail_msg("%s: %lld, %lld", rows[i].text, (long long)mantissa, (long long)exponent);
        }
        decimal_format(mantissa, exponent, again);
        assert_string_equal(again, rows[i].again);
    }
}

static void test_what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
    } rows[] = {
        {"", ERR_MALFORMED},
        {"-", ERR_MALFORMED},
        {".5", ERR_MALFORMED},
        {"5.", ERR_MALFORMED},
        {"1.2.3", ERR_MALFORMED},
        {"+1", ERR_MALFORMED},
        {" 1", ERR_MALFORMED},
        {"1 ", ERR_MALFORMED},
        {"1,5", ERR_MALFORMED},
        {"0x10", ERR_MALFORMED},
        {"nan", ERR_MALFORMED},
        {"1e", ERR_MALFORMED},
        {"1e 3", ERR_MALFORMED},
        {"1e10000", ERR_MALFORMED},
        {"1e99999999999999999999", ERR_MALFORMED},
        {"9007199254740993", ERR_LIMIT},
        {"90071992547409921", ERR_LIMIT},
        {"1e13", ERR_LIMIT},
        {"0.0000000000001", ERR_LIMIT},
        {"99999999999999999999999999999999999999999", ERR_LIMIT},
        {"1.00000000000000000000000000000000000000001", ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t mantissa = 77;
        int64_t exponent = 77;
        const enum err err = decimal_parse(rows[i].text, &mantissa, &exponent);
        if (err != rows[i].err) {
            fail_msg("\"%s\": %s", rows[i].text, err_text(err));
        }
        assert_int_equal(mantissa, 77);
        assert_int_equal(exponent, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_read_in_one_form),
        cmocka_unit_test(test_what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
