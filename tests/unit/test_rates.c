// SPDX-License-Identifier: EUPL-1.2
// What lines pass, as profiles and as the file that keeps it.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rates.h"

static void test_profiles(void **state)
{
    (void)state;
    assert_int_equal(rate_profile("fibre")->rate, 0);
    assert_int_equal(rate_profile("radio")->rate, 2400);
    assert_int_equal(rate_profile("satellite")->rate, 64000);
    assert_non_null(rate_profile("4g"));
    assert_non_null(rate_profile("manual"));
    assert_null(rate_profile("Radio"));
    assert_null(rate_profile(""));
    assert_null(rate_profile(NULL));
}

static void test_what_is_written_is_read(void **state)
{
    static const struct rate rates[] = {
        {"be-nccn", 1200}, {"nl-kcr2-b", UINT32_MAX}, {"lu-hcpn", 0}};
    struct rate *again = NULL;
    char *text = NULL;
    size_t count = 0;
    size_t ignored = 0;
    (void)state;
    assert_int_equal(rates_write(rates, 3, &text), ERR_OK);
    assert_int_equal(rates_read(text, &again, &count, &ignored), ERR_OK);
    assert_int_equal(count, 3);
    assert_int_equal(ignored, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(again[i].node, rates[i].node);
        assert_int_equal(again[i].rate, rates[i].rate);
    }
    free(again);
    free(text);
    assert_int_equal(rates_write(rates, 0, &text), ERR_OK);
    assert_int_equal(rates_read(text, &again, &count, &ignored), ERR_OK);
    assert_int_equal(count, 0);
    free(again);
    free(text);
}

// One bad section costs the others nothing.
static void test_bad_sections_are_left_out(void **state)
{
    static const char text[] = "be-nccn\n    rate = 9600\n"
                               "too-slow\n    rate = 1199\n"
                               "too-fast\n    rate = 4294967296\n"
                               "negative\n    rate = -9600\n"
                               "words\n    rate = 9k6\n"
                               "nothing\n"
                               "a-name-of-more-than-thirty-two-letters\n    rate = 9600\n"
                               "nl-kcr2\n    rate = \"2400\"\n";
    struct rate *rates = NULL;
    size_t count = 0;
    size_t ignored = 0;
    (void)state;
    assert_int_equal(rates_read(text, &rates, &count, &ignored), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ignored, 6);
    assert_string_equal(rates[0].node, "be-nccn");
    assert_string_equal(rates[1].node, "nl-kcr2");
    assert_int_equal(rates[1].rate, 2400);
    free(rates);
    assert_int_equal(rates_read("a = = =\n  b\n", &rates, &count, &ignored), ERR_MALFORMED);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_bad_sections_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
