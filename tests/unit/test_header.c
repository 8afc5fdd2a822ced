// SPDX-License-Identifier: EUPL-1.2
// Headers, their ids and their COSE form. The bytes themselves are pinned by the vectors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/cose.h"
#include "sitrep/header.h"

static void fill(struct header *header, uint64_t seq)
{
    *header = (struct header){.epoch = 3, .seq = seq, .time = 5, .precedence = FLASH, .size = 100};
    memset(header->author, 1, sizeof header->author);
    memset(header->prev, seq == 1 ? 0 : 2, sizeof header->prev);
    memset(header->digest, 3, sizeof header->digest);
}

static void assert_same(const struct header *a, const struct header *b)
{
    assert_memory_equal(a->author, b->author, sizeof a->author);
    assert_memory_equal(a->prev, b->prev, sizeof a->prev);
    assert_memory_equal(a->digest, b->digest, sizeof a->digest);
    assert_memory_equal(a->group, b->group, sizeof a->group);
    assert_memory_equal(a->key, b->key, sizeof a->key);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->time, b->time);
    assert_int_equal(a->precedence, b->precedence);
    assert_int_equal(a->size, b->size);
}

static void test_a_header_comes_back(void **state)
{
    (void)state;
    for (uint64_t seq = 1; seq <= 2; seq++) {
        struct header header, again;
        uint8_t bytes[HEADER_MAX];

        fill(&header, seq);
        const size_t len = header_encode(&header, bytes);
        assert_int_equal(header_decode(bytes, len, &again), ERR_OK);
        assert_same(&header, &again);
    }
}

static void test_a_refused_header_writes_nothing(void **state)
{
    struct header header, untouched;
    uint8_t bytes[HEADER_MAX];

    (void)state;
    fill(&header, 2);
    untouched = header;
    const size_t len = header_encode(&header, bytes);
    bytes[3] ^= 1;
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(header_decode(bytes, cut, &header), ERR_MALFORMED);
        assert_same(&header, &untouched);
    }
}

static void test_the_longest_header_fits(void **state)
{
    struct header header;
    uint8_t bytes[HEADER_MAX];
    uint8_t cose[COSE_HEADER_MAX];
    uint8_t signature[SIGNATURE_LEN] = {0};

    (void)state;
    fill(&header, SEQ_MAX);
    header.epoch = EPOCH_MAX;
    header.time = INT64_MAX;
    header.size = SEALED_MAX;
    const size_t len = header_encode(&header, bytes);
    assert_int_equal(len, 150);
    assert_int_equal(header_to_cose(bytes, len, signature, cose), len + 74);
}

static void test_every_bit_and_the_space_change_the_id(void **state)
{
    struct header header;
    uint8_t bytes[HEADER_MAX];
    uint8_t space[ID_LEN] = {7};
    uint8_t id[ID_LEN], other[ID_LEN];

    (void)state;
    fill(&header, 2);
    const size_t len = header_encode(&header, bytes);
    header_id(space, bytes, len, id);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        header_id(space, bytes, len, other);
        assert_memory_not_equal(id, other, ID_LEN);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    space[ID_LEN - 1] = 1;
    header_id(space, bytes, len, other);
    assert_memory_not_equal(id, other, ID_LEN);
}

static void test_cose_form_there_and_back(void **state)
{
    struct header header, again;
    uint8_t bytes[HEADER_MAX];
    uint8_t cose[COSE_HEADER_MAX];
    uint8_t signature[SIGNATURE_LEN], found[SIGNATURE_LEN];

    (void)state;
    fill(&header, 2);
    memset(signature, 9, sizeof signature);
    const size_t len = header_to_cose(bytes, header_encode(&header, bytes), signature, cose);
    assert_int_equal(header_from_cose(cose, len, &again, found), ERR_OK);
    assert_same(&header, &again);
    assert_memory_equal(signature, found, sizeof found);
    cose[6 + 2] = 0x8b; // the payload is no header any more
    assert_int_equal(header_from_cose(cose, len, &again, found), ERR_MALFORMED);
    assert_int_equal(header_from_cose(cose, len - 1, &again, found), ERR_MALFORMED);
}

// BLAKE2b-256 of "abc", as published with RFC 7693's algorithm.
static void test_the_digest_is_blake2b_256(void **state)
{
    static const uint8_t expected[DIGEST_LEN] = {
        0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef,
        0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
        0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19,
    };
    uint8_t digest[DIGEST_LEN];

    (void)state;
    header_digest((const uint8_t *)"abc", 3, digest);
    assert_memory_equal(digest, expected, sizeof digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_comes_back),
        cmocka_unit_test(test_a_refused_header_writes_nothing),
        cmocka_unit_test(test_the_longest_header_fits),
        cmocka_unit_test(test_every_bit_and_the_space_change_the_id),
        cmocka_unit_test(test_cose_form_there_and_back),
        cmocka_unit_test(test_the_digest_is_blake2b_256),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
