// SPDX-License-Identifier: EUPL-1.2
// Armour: text that comes back whole from mail, or is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/invitation.h"

static enum err open_text(const char *label, const char *text, size_t *len)
{
    uint8_t *bytes = NULL;
    const enum err err = armour_decode(label, text, strlen(text), &bytes, len);
    free(bytes);
    return err;
}

static void test_lengths(void **state)
{
    (void)state;
    const size_t lengths[] = {1, 2, 3, 47, 48, 49, 96, 1000, 100000, 2097152};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t len = lengths[i];
        uint8_t *bytes = malloc(len);
        assert_non_null(bytes);
        const uint8_t seed[randombytes_SEEDBYTES] = {(uint8_t)i};
        randombytes_buf_deterministic(bytes, len, seed);
        char *text = NULL;
        assert_int_equal(armour_encode("INVITATION", bytes, len, &text), ERR_OK);
        uint8_t *again = NULL;
        size_t again_len = 0;
        assert_int_equal(armour_decode("INVITATION", text, strlen(text), &again, &again_len),
                         ERR_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, bytes, len);
        free(again);
        free(text);
        free(bytes);
    }
}

static void test_form(void **state)
{
    (void)state;
    uint8_t bytes[50];
    memset(bytes, 0, sizeof bytes);
    char *text = NULL;
    assert_int_equal(armour_encode("REQUEST", bytes, sizeof bytes, &text), ERR_OK);
    uint8_t hash[32];
    char sum[16];
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    sodium_bin2base64(sum, sizeof sum, hash, 6, sodium_base64_VARIANT_ORIGINAL);
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "-----BEGIN SITREP REQUEST-----\n"
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                   "AAA=\n"
                   "=%s\n"
                   "-----END SITREP REQUEST-----\n",
                   sum);
    assert_string_equal(text, expected);
    free(text);
}

static void test_limits(void **state)
{
    (void)state;
    const size_t over = 2 * 1024 * 1024 + 1;
    uint8_t *bytes = calloc(1, over);
    char *text = NULL;
    assert_non_null(bytes);
    assert_int_equal(armour_encode("REQUEST", bytes, over, &text), ERR_LIMIT);
    assert_int_equal(armour_encode("REQUEST", bytes, 0, &text), ERR_LIMIT);
    assert_null(text);
    free(bytes);

    const size_t text_len = 3 * 1024 * 1024;
    char *large = malloc(text_len + 128);
    assert_non_null(large);
    strcpy(large, "-----BEGIN SITREP REQUEST-----\n");
    const size_t head = strlen(large);
    memset(large + head, 'A', text_len);
    strcpy(large + head + text_len, "\n=AAAAAAAA\n-----END SITREP REQUEST-----\n");
    size_t len;
    assert_int_equal(open_text("REQUEST", large, &len), ERR_LIMIT);
    free(large);
}

#define BEGIN "-----BEGIN SITREP REQUEST-----\n"
#define END "-----END SITREP REQUEST-----\n"
#define SUM "=SUMSUMSU\n" // replaced by that of "abc"

static void test_what_mail_does(void **state)
{
    (void)state;
    uint8_t hash[32];
    char sum[16];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)"abc", 3, NULL, 0);
    sodium_bin2base64(sum, sizeof sum, hash, 6, sodium_base64_VARIANT_ORIGINAL);
    static const struct {
        const char *name;
        const char *text;
        enum err err;
    } cases[] = {
        {"plain", BEGIN "YWJj\n" SUM END, ERR_OK},
        {"text around", "Hello,\n\n" BEGIN "YWJj\n" SUM END "Greetings\n-- \n", ERR_OK},
        {"white space around lines", "  " BEGIN "\t YWJj  \n   " SUM " " END, ERR_OK},
        {"lines end in CR LF", "-----BEGIN SITREP REQUEST-----\r\nYWJj\r\n" SUM "\r\n" END, ERR_OK},
        {"empty lines", BEGIN "\n\nYWJj\n\n" SUM "\n" END, ERR_OK},
        {"lines broken elsewhere", BEGIN "Y\nWJ\nj\n" SUM END, ERR_OK},
        {"no line end at the end", BEGIN "YWJj\n" SUM "-----END SITREP REQUEST-----", ERR_OK},
        {"another armour before",
         "-----BEGIN SITREP INVITATION-----\nAAAA\n-----END SITREP INVITATION-----\n" BEGIN
         "YWJj\n" SUM END,
         ERR_OK},
        {"nothing", "", ERR_NOT_FOUND},
        {"no armour", "Hello\n", ERR_NOT_FOUND},
        {"another label", "-----BEGIN SITREP INVITATION-----\nYWJj\n" SUM, ERR_NOT_FOUND},
        {"begin inside a line", "> " BEGIN "YWJj\n" SUM END, ERR_NOT_FOUND},
        {"begin in small letters", "-----begin sitrep request-----\nYWJj\n" SUM END, ERR_NOT_FOUND},
        {"no end", BEGIN "YWJj\n" SUM, ERR_MALFORMED},
        {"no checksum", BEGIN "YWJj\n" END, ERR_MALFORMED},
        {"checksum first", BEGIN SUM "YWJj\n" END, ERR_MALFORMED},
        {"checksum twice", BEGIN "YWJj\n" SUM SUM END, ERR_MALFORMED},
        {"bytes after the checksum", BEGIN "YWJj\n" SUM "YWJj\n" END, ERR_MALFORMED},
        {"nothing inside", BEGIN SUM END, ERR_MALFORMED},
        {"a letter changed", BEGIN "YWJk\n" SUM END, ERR_MALFORMED},
        {"a letter missing", BEGIN "YWJ\n" SUM END, ERR_MALFORMED},
        {"not base64", BEGIN "YW*j\n" SUM END, ERR_MALFORMED},
        {"white space inside a line", BEGIN "YW Jj\n" SUM END, ERR_MALFORMED},
        {"another checksum", BEGIN "YWJj\n=AAAAAAAA\n" END, ERR_MALFORMED},
        {"begin again", BEGIN BEGIN "YWJj\n" SUM END, ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        assert_true(strlen(cases[i].text) < sizeof text);
        strcpy(text, cases[i].text);
        for (char *at = strstr(text, "SUMSUMSU"); at; at = strstr(at, "SUMSUMSU")) {
            memcpy(at, sum, 8);
        }
        size_t len = 0;
        const enum err err = open_text("REQUEST", text, &len);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, err_text(err));
        }
        assert_int_equal(len, err == ERR_OK ? 3 : 0);
    }
}

// What is not base64 has no checksum, so none can match it, not even eight NUL bytes.
static void test_checksum_of_nothing(void **state)
{
    (void)state;
    static const char text[] = BEGIN "YW Jj\n=\0\0\0\0\0\0\0\0\n" END;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(armour_decode("REQUEST", text, sizeof text - 1, &bytes, &len), ERR_MALFORMED);
    assert_null(bytes);
}

static void test_every_changed_character_inside_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[100];
    memset(bytes, 0x5a, sizeof bytes);
    char *text = NULL;
    size_t len;
    assert_int_equal(armour_encode("REQUEST", bytes, sizeof bytes, &text), ERR_OK);
    const char *from = strchr(text, '\n') + 1;
    const char *to = strstr(text, "-----END");
    for (size_t i = (size_t)(from - text); i < (size_t)(to - text); i++) {
        if (text[i] == '\n') {
            continue; // the form of lines is not fixed
        }
        const char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(open_text("REQUEST", text, &len), ERR_MALFORMED);
        text[i] = was;
    }
    assert_int_equal(open_text("REQUEST", text, &len), ERR_OK);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_what_mail_does),
        cmocka_unit_test(test_checksum_of_nothing),
        cmocka_unit_test(test_every_changed_character_inside_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
