// SPDX-License-Identifier: EUPL-1.2
// Exercises: names, messages on the links, and that nothing of one space is valid in another.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/exercise.h"

static void test_names(void **state)
{
    (void)state;
    assert_true(exercise_name_is_valid("spring-2026"));
    assert_true(exercise_name_is_valid("a"));
    assert_true(exercise_name_is_valid("really"));
    assert_true(exercise_name_is_valid("abcdefghijklmnopqrstuvwxyz123456"));
    static const char *const refused[] = {"",
                                          "real",
                                          "Spring",
                                          "2026",
                                          "spring-",
                                          "-spring",
                                          "a b",
                                          "a/b",
                                          "..",
                                          "\xc3\xa9t\xc3\xa9",
                                          "a.b",
                                          "a\nb",
                                          "abcdefghijklmnopqrstuvwxyz1234567"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(exercise_name_is_valid(refused[i]));
    }
}

static void test_messages_are_wrapped(void **state)
{
    (void)state;
    const uint8_t space[ID_LEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const size_t lengths[] = {1, 23, 24, 255, 256, 65535, 65536, MESSAGE_WRAPPED_MAX};
    uint8_t *const message = malloc(MESSAGE_WRAPPED_MAX);
    uint8_t *const frame = malloc(MESSAGE_MAX);
    assert_true(message && frame);
    memset(message, 0xab, MESSAGE_WRAPPED_MAX);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t len = exercise_wrap(space, (struct span){message, lengths[i]}, frame);
        uint8_t begins[TAG_LEN];
        struct span again;
        assert_true(len <= MESSAGE_MAX);
        assert_true(exercise_is_wrapped((struct span){frame, len}));
        assert_int_equal(exercise_unwrap((struct span){frame, len}, begins, &again), ERR_OK);
        assert_memory_equal(begins, space, TAG_LEN);
        assert_int_equal(again.len, lengths[i]);
        assert_memory_equal(again.bytes, message, lengths[i]);
        assert_int_not_equal(exercise_unwrap((struct span){frame, len - 1}, begins, &again),
                             ERR_OK);
    }
    free(message);
    free(frame);
}

static void test_other_messages_are_not(void **state)
{
    (void)state;
    static const uint8_t credit[] = {0x82, 4, 0};
    static const uint8_t crooked[] = {0x83, 15, 0x41, 1, 0x41, 2}; // a space of one byte
    uint8_t begins[TAG_LEN] = {7};
    struct span message = {credit, 1};
    assert_false(exercise_is_wrapped((struct span){credit, sizeof credit}));
    assert_false(exercise_is_wrapped((struct span){credit, 0}));
    assert_int_equal(exercise_unwrap((struct span){credit, sizeof credit}, begins, &message),
                     ERR_MALFORMED);
    assert_true(exercise_is_wrapped((struct span){crooked, sizeof crooked}));
    assert_int_equal(exercise_unwrap((struct span){crooked, sizeof crooked}, begins, &message),
                     ERR_MALFORMED);
    assert_int_equal(begins[0], 7); // nothing is given where it fails
    assert_ptr_equal(message.bytes, credit);
}

static void test_keys_of_an_exercise(void **state)
{
    (void)state;
    const uint8_t federation[ID_LEN] = {1};
    const uint8_t secrets[2][SECRET_LEN] = {{2}, {3}};
    struct group_key real;
    struct group_key keys[2][2]; // of two exercises, from two keys
    uint8_t spaces[2][ID_LEN];
    uint8_t group[TAG_LEN];
    space_of_exercise(federation, "spring", spaces[0]);
    space_of_exercise(federation, "autumn", spaces[1]);
    for (int s = 0; s < 2; s++) {
        for (int k = 0; k < 2; k++) {
            exercise_group_key(&keys[s][k], spaces[s], secrets[k]);
            group_all_members(spaces[s], group);
            assert_memory_equal(keys[s][k].group, group, TAG_LEN);
            assert_memory_not_equal(keys[s][k].secret, secrets[k], SECRET_LEN);
        }
        assert_memory_not_equal(keys[s][0].secret, keys[s][1].secret, SECRET_LEN);
        assert_memory_not_equal(keys[s][0].id, keys[s][1].id, TAG_LEN);
    }
    assert_memory_not_equal(keys[0][0].secret, keys[1][0].secret, SECRET_LEN);
    group_all_members(federation, group);
    group_key_derive(&real, group, secrets[0]);
    assert_memory_not_equal(keys[0][0].id, real.id, TAG_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_messages_are_wrapped),
        cmocka_unit_test(test_other_messages_are_not),
        cmocka_unit_test(test_keys_of_an_exercise),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
