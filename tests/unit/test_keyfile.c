// SPDX-License-Identifier: EUPL-1.2
// Keys at rest. Most cases use the cheapest Argon2id parameters a file may state, in files made by
// hand; one goes the whole way of 256 MiB.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/cbor.h"
#include "sitrep/keyfile.h"

enum { SECRET_LEN = 40, PUBLIC_LEN = 4, FILE_MAX = SECRET_LEN + PUBLIC_LEN + KEYFILE_OVERHEAD };

static const uint8_t secret[SECRET_LEN] = "a secret of forty bytes, more or less..";
static const uint8_t public[PUBLIC_LEN] = {7, 7, 7, 7};
static const struct keyfile_content content = {
    "node", {public, sizeof public}, {secret, sizeof secret}};

// Parameters a file states, and the box made with them.
struct stated {
    uint64_t passes;
    uint64_t memory;
};

static size_t wrap_by_hand(struct stated stated, uint8_t out[static FILE_MAX])
{
    const uint8_t salt[16] = {3};
    const uint8_t nonce[24] = {4};
    struct cbor_writer writer;
    cbor_write(&writer, out, FILE_MAX);
    cbor_put_array(&writer, 6);
    cbor_put_text(&writer, "sitrep/keys/1", 13);
    cbor_put_text(&writer, "node", 4);
    cbor_put_bytes(&writer, public, sizeof public);
    cbor_put_array(&writer, 3);
    cbor_put_uint(&writer, stated.passes);
    cbor_put_uint(&writer, stated.memory);
    cbor_put_bytes(&writer, salt, sizeof salt);
    const size_t front_len = (size_t)(writer.at - out) - 1;
    uint8_t key[32] = {0};
    uint8_t box[SECRET_LEN + 16] = {0};
    if (stated.passes >= 1 && stated.passes <= 10 && stated.memory >= 8192 &&
        stated.memory <= 1048576) {
        assert_int_equal(crypto_pwhash(key, sizeof key, "pass", 4, salt, stated.passes,
                                       (size_t)stated.memory, crypto_pwhash_ALG_ARGON2ID13),
                         0);
        crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, secret, SECRET_LEN, out + 1,
                                                   front_len, NULL, nonce, key);
    }
    cbor_put_bytes(&writer, nonce, sizeof nonce);
    cbor_put_bytes(&writer, box, sizeof box);
    const size_t len = cbor_written(&writer);
    assert_true(len > 0);
    return len;
}

static enum err unwrap(const char *kind, const char *passphrase, const uint8_t *file, size_t len)
{
    uint8_t out[FILE_MAX];
    size_t out_len = 0;
    const enum err err = keyfile_unwrap(kind, passphrase, file, len, out, &out_len);
    if (err == ERR_OK) {
        assert_int_equal(out_len, SECRET_LEN);
        assert_memory_equal(out, secret, SECRET_LEN);
    }
    return err;
}

static void check_facts(const uint8_t *file, size_t len, bool is_wrapped)
{
    struct keyfile_facts facts;
    assert_int_equal(keyfile_inspect(file, len, &facts), ERR_OK);
    assert_int_equal(facts.is_wrapped, is_wrapped);
    assert_int_equal(facts.kind.len, 4);
    assert_memory_equal(facts.kind.bytes, "node", 4);
    assert_int_equal(facts.public.len, PUBLIC_LEN);
    assert_memory_equal(facts.public.bytes, public, PUBLIC_LEN);
}

static void test_wrapped(void **state)
{
    (void)state;
    uint8_t random[40];
    uint8_t file[FILE_MAX];
    size_t len = 0;
    memset(random, 5, sizeof random);
    assert_int_equal(keyfile_wrap(&content, "pass phrase", random, file, &len), ERR_OK);
    assert_in_range(len, SECRET_LEN, FILE_MAX);
    assert_null(memmem(file, len, secret, 8));
    check_facts(file, len, true);
    assert_int_equal(unwrap("node", "pass phrase", file, len), ERR_OK);
    assert_int_equal(unwrap("node", "pass phrasf", file, len), ERR_DENIED);
}

static void test_not_wrapped(void **state)
{
    (void)state;
    uint8_t random[40];
    uint8_t file[FILE_MAX];
    size_t len = 0;
    memset(random, 5, sizeof random);
    assert_int_equal(keyfile_wrap(&content, NULL, random, file, &len), ERR_OK);
    check_facts(file, len, false);
    assert_int_equal(unwrap("node", NULL, file, len), ERR_OK);
    assert_int_equal(unwrap("authority", NULL, file, len), ERR_DENIED);
    struct keyfile_facts facts;
    for (size_t i = 0; i < len; i++) {
        assert_int_not_equal(keyfile_inspect(file, i, &facts), ERR_OK);
    }
    file[len - SECRET_LEN - 3] ^= 1; // the last byte of the nonce
    assert_int_equal(keyfile_inspect(file, len, &facts), ERR_MALFORMED);
}

static void test_changes_are_refused(void **state)
{
    (void)state;
    uint8_t file[FILE_MAX];
    const size_t len = wrap_by_hand((struct stated){1, 8192}, file);
    assert_int_equal(unwrap("node", "pass", file, len), ERR_OK);
    assert_int_equal(unwrap("node", "past", file, len), ERR_DENIED);
    assert_int_equal(unwrap("node", "", file, len), ERR_DENIED);
    assert_int_equal(unwrap("node", NULL, file, len), ERR_DENIED);
    assert_int_equal(unwrap("authority", "pass", file, len), ERR_DENIED);
    for (size_t i = 0; i < len; i++) {
        file[i] ^= 1;
        assert_int_not_equal(unwrap("node", "pass", file, len), ERR_OK);
        file[i] ^= 1;
        assert_int_not_equal(unwrap("node", "pass", file, i), ERR_OK);
    }
    uint8_t longer[FILE_MAX + 1] = {0};
    memcpy(longer, file, len);
    assert_int_equal(unwrap("node", "pass", longer, len + 1), ERR_MALFORMED);
}

// The kind is part of what the box is bound to: renaming one does not turn it into another.
static void test_kind_is_bound(void **state)
{
    (void)state;
    uint8_t file[FILE_MAX];
    const size_t len = wrap_by_hand((struct stated){1, 8192}, file);
    uint8_t *kind = memmem(file, len, "node", 4);
    assert_non_null(kind);
    memcpy(kind, "noda", 4);
    assert_int_equal(unwrap("noda", "pass", file, len), ERR_DENIED);
}

static void test_stated_parameters(void **state)
{
    (void)state;
    static const struct {
        struct stated stated;
        enum err err;
    } cases[] = {
        {{1, 8192}, ERR_OK},
        {{10, 8192}, ERR_OK},
        {{2, 1048576}, ERR_OK},
        {{0, 8192}, ERR_MALFORMED},
        {{11, 8192}, ERR_LIMIT},
        {{UINT64_MAX, 8192}, ERR_LIMIT},
        {{1, 8191}, ERR_MALFORMED},
        {{1, 0}, ERR_MALFORMED},
        {{1, 1024 * 1024 * 1024 + 1}, ERR_LIMIT},
        {{1, UINT64_MAX}, ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t file[FILE_MAX];
        const size_t len = wrap_by_hand(cases[i].stated, file);
        assert_int_equal(unwrap("node", "pass", file, len), cases[i].err);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    enum { LARGEST = KEYFILE_SECRET_MAX + KEYFILE_PUBLIC_MAX + KEYFILE_OVERHEAD };
    static uint8_t large[KEYFILE_SECRET_MAX + 1];
    static uint8_t file[LARGEST];
    static uint8_t out[LARGEST];
    static const struct {
        size_t secret_len, public_len;
        enum err err;
    } cases[] = {
        {KEYFILE_SECRET_MAX, KEYFILE_PUBLIC_MAX, ERR_OK},
        {1, 1, ERR_OK},
        {0, 1, ERR_LIMIT},
        {1, 0, ERR_LIMIT},
        {KEYFILE_SECRET_MAX + 1, 1, ERR_LIMIT},
        {1, KEYFILE_PUBLIC_MAX + 1, ERR_LIMIT},
    };
    const uint8_t random[40] = {1};
    const char longest[] = "abcdefghijklmnopqrstuvwxyz012345";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct keyfile_content given = {
            longest, {large, cases[i].public_len}, {large, cases[i].secret_len}};
        size_t len = 0;
        size_t out_len = 0;
        assert_int_equal(keyfile_wrap(&given, NULL, random, file, &len), cases[i].err);
        if (cases[i].err == ERR_OK) {
            assert_true(len <= LARGEST);
            assert_int_equal(keyfile_unwrap(longest, NULL, file, len, out, &out_len), ERR_OK);
            assert_int_equal(out_len, cases[i].secret_len);
        }
    }
    const struct keyfile_content given = {
        longest, {large, KEYFILE_PUBLIC_MAX}, {large, KEYFILE_SECRET_MAX}};
    size_t len = 0;
    assert_int_equal(keyfile_wrap(&given, "pass", random, file, &len), ERR_OK);
    assert_true(len <= LARGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_not_wrapped),
        cmocka_unit_test(test_changes_are_refused),
        cmocka_unit_test(test_kind_is_bound),
        cmocka_unit_test(test_stated_parameters),
        cmocka_unit_test(test_sizes),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
