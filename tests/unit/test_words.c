// SPDX-License-Identifier: EUPL-1.2
// The list of words and the words of a request.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/invitation.h"
#include "trust/words.h"

static void test_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORDS_LIST_LEN; i++) {
        const size_t len = strlen(words_list[i]);
        assert_in_range(len, 4, WORD_MAX_LEN);
        assert_int_equal(strspn(words_list[i], "abcdefghijklmnopqrstuvwxyz"), len);
        if (i > 0 && strcmp(words_list[i - 1], words_list[i]) >= 0) {
            fail_msg("%s is out of order", words_list[i]);
        }
        if (i > 0 && strncmp(words_list[i - 1], words_list[i], 4) == 0) {
            fail_msg("%s begins like %s", words_list[i], words_list[i - 1]);
        }
    }
}

static bool is_one_letter_apart(const char *left, const char *right)
{
    unsigned differ = 0;
    for (size_t i = 0; left[i] != '\0'; i++) {
        differ += left[i] != right[i];
    }
    return differ <= 1;
}

static void test_no_two_words_are_one_letter_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORDS_LIST_LEN; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strlen(words_list[i]) == strlen(words_list[j]) &&
                is_one_letter_apart(words_list[i], words_list[j])) {
                fail_msg("%s and %s", words_list[i], words_list[j]);
            }
        }
    }
}

// The list as a whole is part of the protocol: who changes a word must change this too.
static void test_list_is_the_one_agreed(void **state)
{
    (void)state;
    crypto_generichash_state hash;
    uint8_t digest[32];
    char hex[65];
    assert_int_equal(crypto_generichash_init(&hash, NULL, 0, sizeof digest), 0);
    for (size_t i = 0; i < WORDS_LIST_LEN; i++) {
        crypto_generichash_update(&hash, (const uint8_t *)words_list[i], strlen(words_list[i]));
        crypto_generichash_update(&hash, (const uint8_t *)"\n", 1);
    }
    crypto_generichash_final(&hash, digest, sizeof digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    assert_string_equal(hex, "d287f986c13511a37d261119b63158cf220aa7fb056331814c835b49cc305a90");
}

// Takes the bits one by one, another way than the code does.
static void test_words_of_a_request(void **state)
{
    (void)state;
    const uint8_t request[] = "any bytes";
    uint8_t input[14 + sizeof request] = "sitrep/words/1";
    memcpy(input + 14, request, sizeof request);
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, input, sizeof input, NULL, 0);
    char expected[WORDS_TEXT_MAX] = "";
    for (size_t word = 0; word < WORDS; word++) {
        const size_t bit = 11 * word;
        const uint32_t window =
            (uint32_t)hash[bit / 8] << 16 | (uint32_t)hash[bit / 8 + 1] << 8 | hash[bit / 8 + 2];
        const uint32_t number = window >> (13 - bit % 8) & 0x7ff;
        strcat(expected, word > 0 ? " " : "");
        strcat(expected, words_list[number]);
    }
    char words[WORDS_TEXT_MAX];
    request_words(request, sizeof request, words);
    assert_string_equal(words, expected);
    char other[WORDS_TEXT_MAX];
    request_words(request, sizeof request - 1, other);
    assert_string_not_equal(words, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_no_two_words_are_one_letter_apart),
        cmocka_unit_test(test_list_is_the_one_agreed),
        cmocka_unit_test(test_words_of_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
