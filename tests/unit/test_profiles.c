// SPDX-License-Identifier: EUPL-1.2
// What is set for links: profiles, changes, and the file that keeps them.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles.h"
#include "sitrep/header.h"
#include "tuner.h"

static void test_profiles(void **state)
{
    enum profile profile = PROFILE_NONE;
    (void)state;
    for (int i = 0; i < PROFILES; i++) {
        assert_true(profile_find(profile_name((enum profile)i), &profile));
        assert_int_equal(profile, i);
    }
    assert_false(profile_find("Radio", &profile));
    assert_false(profile_find("", &profile));
    assert_false(profile_find(NULL, &profile));
    assert_int_equal(profile_of_rate(2400), PROFILE_RADIO);
    assert_int_equal(profile_of_rate(64000), PROFILE_SATELLITE);
    assert_int_equal(profile_of_rate(2401), PROFILE_NONE);
    assert_int_equal(profile_of_rate(0), PROFILE_NONE);
}

static void expect_choice(const struct choice *choice, const struct choice *expected)
{
    assert_int_equal(choice->profile, expected->profile);
    assert_int_equal(choice->settings.rate, expected->settings.rate);
    assert_int_equal(choice->settings.is_rate_own, expected->settings.is_rate_own);
    assert_int_equal(choice->settings.beacon_ms, expected->settings.beacon_ms);
    assert_int_equal(choice->settings.is_live_off, expected->settings.is_live_off);
    assert_true(selection_is_same(&choice->settings.wanted, &expected->settings.wanted));
}

// One after the other.
static void test_changes(void **state)
{
    static const struct {
        struct choice_change change;
        struct choice then;
    } rows[] = {
        {{.has_beacon = true, .beacon_ms = 20000}, {.settings = {.beacon_ms = 20000}}},
        {{.has_rate = true, .rate = 9600}, {PROFILE_MANUAL, {9600, true, 20000, false, {0}}}},
        {{.has_live = true, .is_live = false}, {PROFILE_MANUAL, {9600, true, 20000, true, {0}}}},
        {{.has_profile = true, .profile = PROFILE_RADIO},
         {PROFILE_RADIO, {2400, true, 0, false, {0}}}},
        {{.has_beacon = true, .beacon_ms = 60000},
         {PROFILE_RADIO, {2400, true, 60000, false, {0}}}},
        {{.has_rate = true, .rate = 2000}, {PROFILE_MANUAL, {2000, true, 60000, false, {0}}}},
        {{.has_beacon = true, .beacon_ms = 0}, {PROFILE_MANUAL, {2000, true, 0, false, {0}}}},
        {{.has_profile = true,
          .profile = PROFILE_SATELLITE,
          .has_rate = true,
          .rate = 32000,
          .has_beacon = true,
          .beacon_ms = 5000},
         {PROFILE_MANUAL, {32000, true, 5000, false, {0}}}},
        {{.has_profile = true, .profile = PROFILE_FIBRE, .has_live = true, .is_live = false},
         {PROFILE_FIBRE, {0, true, 0, true, {0}}}},
        {{.has_live = true, .is_live = true}, {PROFILE_FIBRE, {0, true, 0, false, {0}}}},
        {{.has_precedence = true, .wanted = {.precedence = FLASH}},
         {PROFILE_FIBRE, {0, true, 0, false, {.precedence = FLASH}}}},
        {{.has_groups = true, .wanted = {.groups_count = 1, .groups = {{7}}}},
         {PROFILE_FIBRE, {0, true, 0, false, {FLASH, 1, {{7}}}}}},
        {{.has_precedence = true, .has_groups = true}, {PROFILE_FIBRE, {0, true, 0, false, {0}}}},
        {{.has_rate = false}, {PROFILE_FIBRE, {0, true, 0, false, {0}}}},
        {{.has_profile = true, .profile = PROFILE_MEASURED},
         {PROFILE_MEASURED, {TUNER_START, true, 0, false, {0}}}},
        {{.has_rate = true, .rate = 9600}, {PROFILE_MANUAL, {9600, true, 0, false, {0}}}},
        {{.has_profile = true, .profile = PROFILE_NONE}, {PROFILE_NONE, {0, false, 0, false, {0}}}},
    };
    struct choice choice = {.profile = PROFILE_NONE};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        choice_change(&choice, &rows[i].change);
        expect_choice(&choice, &rows[i].then);
    }
}

static void test_what_is_written_is_read(void **state)
{
    static const struct choice_of list[] = {
        {"be-nccn", {PROFILE_MEASURED, {1234, true, 0, false, {0}}}},
        {"says-nothing", {PROFILE_NONE, {0, false, 0, false, {0}}}},
        {"nl-kcr2-b", {PROFILE_MANUAL, {UINT32_MAX, true, 60000, true, {0}}}},
        {"lu-hcpn", {PROFILE_FIBRE, {0, true, 1000, false, {0}}}},
        {"de-nrw", {PROFILE_NONE, {0, false, 1000, false, {0}}}},
        {"be-safe", {PROFILE_NONE, {0, false, 0, true, {0}}}},
        {"fr-cogic", {PROFILE_NONE, {0, false, 0, false, {FLASH, 2, {{1, 2}, {0xff}}}}}},
    };
    struct choice_of *again = NULL;
    char *text = NULL;
    size_t count = 0;
    size_t ignored = 0;
    (void)state;
    assert_int_equal(choices_write(list, 7, &text), ERR_OK);
    assert_int_equal(choices_read(text, &again, &count, &ignored), ERR_OK);
    assert_int_equal(count, 6);
    assert_int_equal(ignored, 0);
    for (size_t i = 0; i < 6; i++) {
        const size_t at = i + (i > 0);
        assert_string_equal(again[i].node, list[at].node);
        expect_choice(&again[i].choice, &list[at].choice);
    }
    free(again);
    free(text);
    assert_int_equal(choices_write(list, 0, &text), ERR_OK);
    assert_int_equal(choices_read(text, &again, &count, &ignored), ERR_OK);
    assert_int_equal(count, 0);
    free(again);
    free(text);
}

// One bad section costs the others nothing; what a later version may say besides costs nothing,
// either.
static void test_bad_sections_are_left_out(void **state)
{
    static const char text[] = "be-nccn\n    rate = 9600\n"
                               "too-slow\n    rate = 1199\n"
                               "too-fast\n    rate = 4294967296\n"
                               "negative\n    rate = -9600\n"
                               "words\n    rate = 9k6\n"
                               "nothing\n"
                               "profile-alone\n    profile = radio\n"
                               "unknown-profile\n    profile = modem\n    rate = 2400\n"
                               "too-often\n    beacon_ms = 999\n"
                               "too-seldom\n    rate = 2400\n    beacon_ms = 60001\n"
                               "never\n    beacon_ms = 0\n"
                               "half-live\n    live = half\n"
                               "fifth\n    precedence = 4\n"
                               "no-group\n    groups = \"\"\n"
                               "half-group\n    groups = 0102030405060\n"
                               "twice\n    groups = \"0102030405060708 0102030405060708\"\n"
                               "a-name-of-more-than-thirty-two-letters\n    rate = 9600\n"
                               "nl-kcr2\n    rate = \"2400\"\n    colour = blue\n";
    struct choice_of *list = NULL;
    size_t count = 0;
    size_t ignored = 0;
    (void)state;
    assert_int_equal(choices_read(text, &list, &count, &ignored), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ignored, 16);
    assert_string_equal(list[0].node, "be-nccn");
    assert_int_equal(list[0].choice.profile, PROFILE_MANUAL);
    assert_string_equal(list[1].node, "nl-kcr2");
    assert_int_equal(list[1].choice.settings.rate, 2400);
    free(list);
    assert_int_equal(choices_read("a = = =\n  b\n", &list, &count, &ignored), ERR_MALFORMED);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_bad_sections_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
