// SPDX-License-Identifier: EUPL-1.2
// Signatures: what verifies, and all that must not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/cose.h"

static const struct span use = {(const uint8_t *)"sitrep/roster/1", 15};
static const struct span other_use = {(const uint8_t *)"sitrep/request/1", 16};

static void make_key(uint8_t fill, struct signing_key *key, uint8_t public_key[SIGN_KEY_LEN])
{
    uint8_t seed[SIGN_KEY_LEN];

    memset(seed, fill, sizeof seed);
    signing_key_from_seed(key, seed, public_key);
}

// The key pair of RFC 8032's first test, 7.1.
static void test_a_published_key_pair(void **state)
{
    uint8_t seed[SIGN_KEY_LEN], expected[SIGN_KEY_LEN], public_key[SIGN_KEY_LEN];
    struct signing_key key;

    (void)state;
    assert_int_equal(
        sodium_hex2bin(seed, sizeof seed,
                       "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", 64, NULL,
                       NULL, NULL),
        0);
    assert_int_equal(
        sodium_hex2bin(expected, sizeof expected,
                       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", 64, NULL,
                       NULL, NULL),
        0);
    signing_key_from_seed(&key, seed, public_key);
    assert_memory_equal(public_key, expected, sizeof expected);
}

// Sig_structure spelled out, and libsodium's plain signature over it [2.1].
static void test_what_is_signed(void **state)
{
    static const uint8_t expected[] = "\x84\x6aSignature1\x43\xa1\x01\x27\x4fsitrep/roster/1\x43"
                                      "abc";
    const struct span payload = {(const uint8_t *)"abc", 3};
    struct signing_key key;
    uint8_t public_key[SIGN_KEY_LEN], signature[SIGNATURE_LEN];

    (void)state;
    make_key(1, &key, public_key);
    assert_int_equal(cose_sign(&key, use, payload, signature), ERR_OK);
    assert_int_equal(
        crypto_sign_verify_detached(signature, expected, sizeof expected - 1, public_key), 0);
}

static void test_payloads_of_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 150, COSE_SMALL, COSE_SMALL + 1, 65536, 1024 * 1024};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct signing_key key;
        uint8_t public_key[SIGN_KEY_LEN], signature[SIGNATURE_LEN];
        uint8_t *const bytes = calloc(1, sizes[i] + 1);

        assert_non_null(bytes);
        make_key(1, &key, public_key);
        const struct span payload = {bytes, sizes[i]};
        assert_int_equal(cose_sign(&key, use, payload, signature), ERR_OK);
        assert_int_equal(cose_verify(public_key, use, payload, signature), ERR_OK);
        if (sizes[i] > 0) {
            bytes[sizes[i] - 1] ^= 1;
            assert_int_equal(cose_verify(public_key, use, payload, signature), ERR_DENIED);
        }
        free(bytes);
    }
}

static void test_signatures_are_deterministic(void **state)
{
    const struct span payload = {(const uint8_t *)"abc", 3};
    struct signing_key key;
    uint8_t public_key[SIGN_KEY_LEN], a[SIGNATURE_LEN], b[SIGNATURE_LEN];

    (void)state;
    make_key(1, &key, public_key);
    assert_int_equal(cose_sign(&key, use, payload, a), ERR_OK);
    assert_int_equal(cose_sign(&key, use, payload, b), ERR_OK);
    assert_memory_equal(a, b, sizeof a);
}

static void test_another_key_use_or_bit_is_denied(void **state)
{
    const struct span payload = {(const uint8_t *)"abc", 3};
    const struct span shorter = {payload.bytes, 2};
    struct signing_key key, other;
    uint8_t public_key[SIGN_KEY_LEN], other_public[SIGN_KEY_LEN], signature[SIGNATURE_LEN];

    (void)state;
    make_key(1, &key, public_key);
    make_key(2, &other, other_public);
    assert_int_equal(cose_sign(&key, use, payload, signature), ERR_OK);
    assert_int_equal(cose_verify(other_public, use, payload, signature), ERR_DENIED);
    assert_int_equal(cose_verify(public_key, other_use, payload, signature), ERR_DENIED);
    assert_int_equal(cose_verify(public_key, use, shorter, signature), ERR_DENIED);
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(cose_verify(public_key, use, payload, signature), ERR_DENIED);
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(cose_verify(public_key, use, payload, signature), ERR_OK);
}

// Adds the group's order L to a signature's S: the same equation, other bytes.
static void test_a_malleated_signature_is_denied(void **state)
{
    static const uint8_t order[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                    0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                    0,    0,    0,    0,    0,    0,    0,    0,
                                    0,    0,    0,    0,    0,    0,    0,    0x10};
    const struct span payload = {(const uint8_t *)"abc", 3};
    struct signing_key key;
    uint8_t public_key[SIGN_KEY_LEN], signature[SIGNATURE_LEN];

    (void)state;
    make_key(1, &key, public_key);
    assert_int_equal(cose_sign(&key, use, payload, signature), ERR_OK);
    sodium_add(signature + 32, order, sizeof order);
    assert_int_equal(cose_verify(public_key, use, payload, signature), ERR_DENIED);
}

// Under the neutral point as key, R = neutral and S = 0 would verify for any payload.
static void test_keys_of_small_order_are_denied(void **state)
{
    static const uint8_t points[][SIGN_KEY_LEN] = {
        {1}, // the neutral point
        {0}, // order 4
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, // order 2
        {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, // neutral, not reduced
    };
    const struct span payload = {(const uint8_t *)"abc", 3};
    const uint8_t signature[SIGNATURE_LEN] = {1};

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_int_equal(cose_verify(points[i], use, payload, signature), ERR_DENIED);
    }
}

static void test_an_object_needs_its_room(void **state)
{
    const struct span payload = {(const uint8_t *)"abc", 3};
    const uint8_t signature[SIGNATURE_LEN] = {0};
    uint8_t out[128];

    (void)state;
    const size_t len = cose_encode(payload, signature, out, sizeof out);
    assert_in_range(len, payload.len + SIGNATURE_LEN, payload.len + 80);
    assert_int_equal(cose_encode(payload, signature, out, len), len);
    assert_int_equal(cose_encode(payload, signature, out, len - 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_published_key_pair),
        cmocka_unit_test(test_what_is_signed),
        cmocka_unit_test(test_payloads_of_every_size),
        cmocka_unit_test(test_signatures_are_deterministic),
        cmocka_unit_test(test_another_key_use_or_bit_is_denied),
        cmocka_unit_test(test_a_malleated_signature_is_denied),
        cmocka_unit_test(test_keys_of_small_order_are_denied),
        cmocka_unit_test(test_an_object_needs_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
