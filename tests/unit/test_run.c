// SPDX-License-Identifier: EUPL-1.2
// Runs at their limits. The bytes and most refusals are pinned by the vectors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/header.h"
#include "wire/run.h"

static const uint8_t body[SEALED_MAX + 1];

static void fill(struct run *run, size_t count, size_t sealed_len)
{
    memset(run, 0, sizeof *run);
    run->seq = 1;
    run->count = count;
    for (size_t i = 0; i < count; i++) {
        run->items[i].time = 1000 + i;
        run->items[i].sealed = (struct span){body, sealed_len};
    }
}

static enum err decode(const uint8_t *bytes, size_t len, struct run *run)
{
    struct cbor_reader reader;

    cbor_read(&reader, bytes, len);
    run_decode(&reader, run);
    return cbor_finish(&reader);
}

// Encodes into a buffer of run_encoded_max bytes, and decodes that again.
static enum err there_and_back(const struct run *run, struct run *again)
{
    const size_t size = run_encoded_max(run);
    uint8_t *const bytes = malloc(size);
    struct cbor_writer writer;

    assert_non_null(bytes);
    cbor_write(&writer, bytes, size);
    run_encode(&writer, run);
    assert_int_not_equal(cbor_written(&writer), 0);
    const enum err err = decode(bytes, cbor_written(&writer), again);
    free(bytes);
    return err;
}

static void test_fields_come_back(void **state)
{
    struct run run, again;

    (void)state;
    fill(&run, 3, SEALED_MIN);
    run.author = NODES_MAX - 1;
    run.epoch = EPOCH_MAX;
    run.seq = 77;
    run.prev_len = ID_LEN;
    memset(run.prev, 0x22, ID_LEN);
    memset(run.signature, 0x66, SIGNATURE_LEN);
    run.items[0].time = INT64_MAX;
    run.items[1].time = 0;
    run.items[2].time = INT64_MAX;
    run.items[1].precedence = FLASH;
    run.items[1].key[7] = 1;
    run.items[2].group[0] = 1;
    assert_int_equal(there_and_back(&run, &again), ERR_OK);
    assert_int_equal(again.author, run.author);
    assert_true(again.epoch == run.epoch && again.seq == run.seq && again.count == run.count);
    assert_int_equal(again.prev_len, ID_LEN);
    assert_memory_equal(again.prev, run.prev, ID_LEN);
    assert_memory_equal(again.signature, run.signature, SIGNATURE_LEN);
    for (size_t i = 0; i < run.count; i++) {
        assert_true(again.items[i].time == run.items[i].time);
        assert_int_equal(again.items[i].precedence, run.items[i].precedence);
        assert_memory_equal(again.items[i].group, run.items[i].group, TAG_LEN);
        assert_memory_equal(again.items[i].key, run.items[i].key, TAG_LEN);
        assert_int_equal(again.items[i].sealed.len, SEALED_MIN);
    }
}

static void test_sealed_bytes_are_bounded_but_for_one_entry(void **state)
{
    static const struct {
        size_t count, sealed_len;
        enum err err;
    } cases[] = {
        {1, SEALED_MIN, ERR_OK},
        {1, SEALED_MAX, ERR_OK},
        {2, RUN_SEALED_MAX / 2, ERR_OK},
        {2, RUN_SEALED_MAX / 2 + 1, ERR_LIMIT},
        {RUN_ENTRIES_MAX, RUN_SEALED_MAX / RUN_ENTRIES_MAX, ERR_OK},
        {RUN_ENTRIES_MAX, RUN_SEALED_MAX / RUN_ENTRIES_MAX + 1, ERR_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run, again;

        fill(&run, cases[i].count, cases[i].sealed_len);
        assert_int_equal(there_and_back(&run, &again), cases[i].err);
        assert_int_equal(again.count, cases[i].err == ERR_OK ? cases[i].count : 0);
    }
}

// The bytes of a run of `count` items whose sealed bodies are `sealed_len` bytes, whatever 7.4
// says.
static size_t encode_by_hand(uint8_t *bytes, size_t size, size_t count, size_t sealed_len)
{
    static const uint8_t zeroes[SIGNATURE_LEN] = {0};
    struct cbor_writer writer;

    cbor_write(&writer, bytes, size);
    cbor_put_array(&writer, 9);
    cbor_put_uint(&writer, 0);
    cbor_put_uint(&writer, 0);
    cbor_put_uint(&writer, 1);
    cbor_put_null(&writer);
    cbor_put_bytes(&writer, zeroes, TAG_LEN);
    cbor_put_bytes(&writer, zeroes, TAG_LEN);
    cbor_put_uint(&writer, 5);
    cbor_put_array(&writer, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_array(&writer, 3);
        cbor_put_int(&writer, 0);
        cbor_put_uint(&writer, 0);
        cbor_put_bytes(&writer, body, sealed_len);
    }
    cbor_put_bytes(&writer, zeroes, SIGNATURE_LEN);
    const size_t len = cbor_written(&writer);
    assert_int_not_equal(len, 0);
    return len;
}

static void test_items_and_bodies_beyond_the_limits(void **state)
{
    static const struct {
        size_t count, sealed_len;
        enum err err;
    } cases[] = {
        {1, SEALED_MIN, ERR_OK},
        {1, SEALED_MIN - 1, ERR_MALFORMED},
        {1, SEALED_MAX + 1, ERR_LIMIT},
        {RUN_ENTRIES_MAX, SEALED_MIN, ERR_OK},
        {RUN_ENTRIES_MAX + 1, SEALED_MIN, ERR_LIMIT},
        {0, SEALED_MIN, ERR_MALFORMED},
    };
    const size_t size = 2 * (size_t)SEALED_MAX;
    uint8_t *const bytes = malloc(size);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run;

        const size_t len = encode_by_hand(bytes, size, cases[i].count, cases[i].sealed_len);
        assert_int_equal(decode(bytes, len, &run), cases[i].err);
    }
    free(bytes);
}

static void test_a_run_cut_anywhere_is_refused(void **state)
{
    struct run run;
    uint8_t bytes[1024];

    (void)state;
    const size_t len = encode_by_hand(bytes, sizeof bytes, 2, SEALED_MIN);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(decode(bytes, cut, &run), ERR_MALFORMED);
    }
    assert_int_equal(decode(bytes, len, &run), ERR_OK);
}

// What the longest item takes is what run_encoded_max says, or less.
static void test_the_bound_on_bytes_holds_for_the_longest(void **state)
{
    struct run run, again;

    (void)state;
    fill(&run, RUN_ENTRIES_MAX, RUN_SEALED_MAX / RUN_ENTRIES_MAX);
    run.author = NODES_MAX - 1;
    run.epoch = EPOCH_MAX;
    run.seq = SEQ_MAX - RUN_ENTRIES_MAX + 1;
    run.prev_len = ID_LEN;
    for (size_t i = 0; i < run.count; i++) {
        run.items[i].time = i % 2 == 0 ? INT64_MAX : 0;
        run.items[i].key[0] = i == 0 ? 0 : 1;
    }
    assert_int_equal(there_and_back(&run, &again), ERR_OK);
    assert_true(run_encoded_max(&run) <= MESSAGE_MAX);
    fill(&run, 1, SEALED_MAX);
    assert_true(run_encoded_max(&run) <= MESSAGE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_come_back),
        cmocka_unit_test(test_sealed_bytes_are_bounded_but_for_one_entry),
        cmocka_unit_test(test_items_and_bodies_beyond_the_limits),
        cmocka_unit_test(test_a_run_cut_anywhere_is_refused),
        cmocka_unit_test(test_the_bound_on_bytes_holds_for_the_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
