// SPDX-License-Identifier: EUPL-1.2
// The CBOR reader and writer as their callers see them: values, limits, and the sticky fault. Which
// bytes are refused is pinned by the vectors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/cbor.h"
#include "sitrep/limits.h"

#define READ(reader, ...)                                                                          \
    cbor_read(reader, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void test_every_shortest_integer(void **state)
{
    static const uint64_t edges[] = {0,          23,        24,         UINT8_MAX,         256,
                                     UINT16_MAX, 65536,     UINT32_MAX, UINT64_C(1) << 32, SEQ_MAX,
                                     INT64_MAX,  UINT64_MAX};
    static const size_t lens[] = {1, 1, 2, 2, 3, 3, 5, 5, 9, 9, 9, 9};

    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        uint8_t bytes[9];
        struct cbor_writer writer;
        struct cbor_reader reader;

        cbor_write(&writer, bytes, sizeof bytes);
        cbor_put_uint(&writer, edges[i]);
        assert_int_equal(cbor_written(&writer), lens[i]);
        cbor_read(&reader, bytes, lens[i]);
        assert_int_equal(cbor_peek(&reader), CBOR_UINT);
        assert_true(cbor_get_uint(&reader) == edges[i]);
        assert_int_equal(cbor_finish(&reader), ERR_OK);
        cbor_write(&writer, bytes, lens[i] - 1);
        cbor_put_uint(&writer, edges[i]);
        assert_int_equal(cbor_written(&writer), 0);
    }
}

static void test_signed_integers(void **state)
{
    static const int64_t edges[] = {0, -1, -24, -25, -256, -257, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        uint8_t bytes[9];
        struct cbor_writer writer;
        struct cbor_reader reader;

        cbor_write(&writer, bytes, sizeof bytes);
        cbor_put_int(&writer, edges[i]);
        cbor_read(&reader, bytes, cbor_written(&writer));
        assert_true(cbor_get_int(&reader) == edges[i]);
        assert_int_equal(cbor_finish(&reader), ERR_OK);
    }
}

static void test_integers_beyond_64_bits_signed(void **state)
{
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(cbor_get_int(&reader), 0);
    assert_int_equal(cbor_finish(&reader), ERR_LIMIT);
    READ(&reader, 0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(cbor_get_int(&reader), 0);
    assert_int_equal(cbor_finish(&reader), ERR_LIMIT);
}

static void test_a_maximum_is_let_through(void **state)
{
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0x18, 100);
    assert_int_equal(cbor_get_uint_max(&reader, 100), 100);
    assert_int_equal(cbor_finish(&reader), ERR_OK);
    READ(&reader, 0x18, 100);
    assert_int_equal(cbor_get_uint_max(&reader, 99), 0);
    assert_int_equal(cbor_finish(&reader), ERR_LIMIT);
}

// Each reads one kind of item, and nothing else.
static void get_uint(struct cbor_reader *reader)
{
    (void)cbor_get_uint(reader);
}
static void get_int(struct cbor_reader *reader)
{
    (void)cbor_get_int(reader);
}
static void get_bool(struct cbor_reader *reader)
{
    (void)cbor_get_bool(reader);
}
static void get_bytes(struct cbor_reader *reader)
{
    (void)cbor_get_bytes(reader);
}
static void get_text(struct cbor_reader *reader)
{
    (void)cbor_get_text(reader);
}
static void get_array(struct cbor_reader *reader)
{
    (void)cbor_get_array(reader);
}
static void get_map(struct cbor_reader *reader)
{
    (void)cbor_get_map(reader);
}

static void test_each_getter_takes_its_own_type_only(void **state)
{
    static const uint8_t items[] = {0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xf4, 0xf6};
    static const enum cbor_type types[] = {CBOR_UINT,  CBOR_NINT, CBOR_BYTES, CBOR_TEXT,
                                           CBOR_ARRAY, CBOR_MAP,  CBOR_BOOL,  CBOR_NULL};
    static const struct {
        void (*get)(struct cbor_reader *reader);
        enum cbor_type type, other;
    } getters[] = {
        {get_uint, CBOR_UINT, CBOR_UINT}, {get_int, CBOR_UINT, CBOR_NINT},
        {get_bool, CBOR_BOOL, CBOR_BOOL}, {get_bytes, CBOR_BYTES, CBOR_BYTES},
        {get_text, CBOR_TEXT, CBOR_TEXT}, {get_array, CBOR_ARRAY, CBOR_ARRAY},
        {get_map, CBOR_MAP, CBOR_MAP},    {cbor_get_null, CBOR_NULL, CBOR_NULL},
    };

    (void)state;
    for (size_t g = 0; g < sizeof getters / sizeof *getters; g++) {
        for (size_t i = 0; i < sizeof items; i++) {
            const bool is_own = types[i] == getters[g].type || types[i] == getters[g].other;
            struct cbor_reader reader;

            cbor_read(&reader, &items[i], 1);
            assert_int_equal(cbor_peek(&reader), types[i]);
            getters[g].get(&reader);
            assert_int_equal(reader.err, is_own ? ERR_OK : ERR_MALFORMED);
            assert_int_equal(cbor_finish(&reader), reader.err);
        }
    }
}

static void test_spans_point_into_the_bytes(void **state)
{
    static const uint8_t bytes[] = {0x83, 0x43, 1, 2, 3, 0x62, 'h', 'i', 0x40};
    struct cbor_reader reader;

    (void)state;
    cbor_read(&reader, bytes, sizeof bytes);
    cbor_get_array_of(&reader, 3);
    struct span span = cbor_get_bytes(&reader);
    assert_ptr_equal(span.bytes, bytes + 2);
    assert_int_equal(span.len, 3);
    span = cbor_get_text(&reader);
    assert_ptr_equal(span.bytes, bytes + 6);
    assert_int_equal(span.len, 2);
    span = cbor_get_bytes(&reader);
    assert_int_equal(span.len, 0);
    assert_int_equal(cbor_finish(&reader), ERR_OK);
}

static void test_exact_lengths(void **state)
{
    static const uint8_t bytes[] = {0x43, 1, 2, 3};
    static const uint8_t zeroes[4] = {0};
    struct cbor_reader reader;
    uint8_t out[4];

    (void)state;
    cbor_read(&reader, bytes, sizeof bytes);
    cbor_get_exact(&reader, out, 3);
    assert_memory_equal(out, bytes + 1, 3);
    assert_int_equal(cbor_finish(&reader), ERR_OK);
    for (size_t len = 2; len <= 4; len += 2) {
        memset(out, 0xff, sizeof out);
        cbor_read(&reader, bytes, sizeof bytes);
        cbor_get_exact(&reader, out, len);
        assert_memory_equal(out, zeroes, len);
        assert_int_equal(cbor_finish(&reader), ERR_MALFORMED);
    }
}

static void test_counts_never_exceed_the_bytes(void **state)
{
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0x82, 0x00, 0x00);
    assert_int_equal(cbor_get_array(&reader), 2);
    READ(&reader, 0x83, 0x00, 0x00);
    assert_int_equal(cbor_get_array(&reader), 0);
    assert_int_equal(reader.err, ERR_MALFORMED);
    READ(&reader, 0xa1, 0x00, 0x00);
    assert_int_equal(cbor_get_map(&reader), 1);
    READ(&reader, 0xa2, 0x00, 0x00, 0x00);
    assert_int_equal(cbor_get_map(&reader), 0);
    assert_int_equal(reader.err, ERR_MALFORMED);
    READ(&reader, 0x82, 0x00, 0x00);
    cbor_get_array_of(&reader, 3);
    assert_int_equal(cbor_finish(&reader), ERR_MALFORMED);
}

static void test_null_is_taken_or_left(void **state)
{
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0xf6, 0x01);
    assert_true(cbor_take_null(&reader));
    assert_false(cbor_take_null(&reader));
    assert_int_equal(cbor_get_uint(&reader), 1);
    assert_false(cbor_take_null(&reader));
    assert_int_equal(cbor_finish(&reader), ERR_OK);
}

static void test_the_first_failure_stays(void **state)
{
    uint8_t out[2] = {1, 1};
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0x05, 0x41, 0x07, 0xf5, 0x81, 0x00);
    assert_int_equal(cbor_get_uint_max(&reader, 4), 0);
    assert_int_equal(cbor_peek(&reader), CBOR_END);
    assert_int_equal(cbor_get_uint(&reader), 0);
    assert_int_equal(cbor_get_int(&reader), 0);
    assert_false(cbor_get_bool(&reader));
    assert_false(cbor_take_null(&reader));
    assert_int_equal(cbor_get_bytes(&reader).len, 0);
    assert_int_equal(cbor_get_text(&reader).len, 0);
    assert_non_null(cbor_get_text(&reader).bytes);
    assert_int_equal(cbor_get_array(&reader), 0);
    assert_int_equal(cbor_get_map(&reader), 0);
    assert_int_equal(cbor_skip(&reader).len, 0);
    cbor_get_exact(&reader, out, sizeof out);
    assert_int_equal(out[0] | out[1], 0);
    cbor_get_exact(&reader, out, 0);
    cbor_fail(&reader, ERR_DENIED);
    assert_int_equal(cbor_finish(&reader), ERR_LIMIT);
}

static void test_a_failure_of_the_caller(void **state)
{
    struct cbor_reader reader;

    (void)state;
    READ(&reader, 0x05);
    cbor_fail(&reader, ERR_DENIED);
    assert_int_equal(cbor_get_uint(&reader), 0);
    assert_int_equal(cbor_finish(&reader), ERR_DENIED);
}

static void test_skip_takes_one_whole_item(void **state)
{
    static const uint8_t bytes[] = {0x82, 0xa1, 0x00, 0x82, 0x01, 0x80, 0x61, 'x', 0x09};
    struct cbor_reader reader;

    (void)state;
    cbor_read(&reader, bytes, sizeof bytes);
    const struct span item = cbor_skip(&reader);
    assert_ptr_equal(item.bytes, bytes);
    assert_int_equal(item.len, sizeof bytes - 1);
    assert_int_equal(cbor_get_uint(&reader), 9);
    assert_int_equal(cbor_finish(&reader), ERR_OK);
}

static void test_nothing_to_read(void **state)
{
    struct cbor_reader reader;

    (void)state;
    cbor_read(&reader, NULL, 0);
    assert_int_equal(cbor_peek(&reader), CBOR_END);
    assert_int_equal(cbor_finish(&reader), ERR_OK);
    assert_int_equal(cbor_skip(&reader).len, 0);
    assert_int_equal(cbor_finish(&reader), ERR_MALFORMED);
}

// Bytes the character needs by its first byte, whatever else is wrong with it.
static size_t promised_len(uint8_t first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// UTF-8 by its definition: the code point is one, and this is its shortest form.
static bool is_character(const uint8_t *bytes, size_t len)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x0f};
    uint32_t point = bytes[0] & masks[len];

    if (len != promised_len(bytes[0]) || (len == 1 && bytes[0] >= 0x80)) {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        if (bytes[i] >> 6 != 2) {
            return false;
        }
        point = point << 6 | (bytes[i] & 0x3fU);
    }
    return point >= smallest[len] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static void test_utf8_by_its_definition(void **state)
{
    static const uint8_t seconds[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    static const uint8_t others[] = {0x7f, 0x80, 0xbf, 0xc0};

    (void)state;
    for (unsigned i = 0; i < 256 * 10 * 16; i++) {
        uint8_t text[] = {0, (uint8_t)(i / 160), seconds[i / 16 % 10], others[i / 4 % 4],
                          others[i % 4]};

        for (size_t len = 1; len <= promised_len(text[1]); len++) {
            text[0] = (uint8_t)(0x60 + len);
            assert_int_equal(cbor_check(text, 1 + len),
                             is_character(text + 1, len) ? ERR_OK : ERR_MALFORMED);
        }
    }
}

static void test_a_full_writer_stays_full(void **state)
{
    uint8_t bytes[4] = {0};
    struct cbor_writer writer;

    (void)state;
    cbor_write(&writer, bytes, sizeof bytes);
    cbor_put_array(&writer, 2);
    cbor_put_bytes(&writer, (const uint8_t *)"abc", 3);
    assert_int_equal(cbor_written(&writer), 0);
    cbor_put_null(&writer);
    assert_int_equal(cbor_written(&writer), 0);
    assert_int_equal(bytes[2], 0);
    cbor_write(&writer, bytes, sizeof bytes);
    cbor_put_text(&writer, "abc", 3);
    assert_int_equal(cbor_written(&writer), 4);
}

static void test_every_error_has_its_text(void **state)
{
    (void)state;
    for (int a = 0; a < ERR_COUNT; a++) {
        assert_true(strlen(err_text((enum err)a)) > 0);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(err_text((enum err)a), err_text((enum err)b));
        }
    }
    assert_string_equal(err_text(ERR_COUNT), err_text((enum err)1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shortest_integer),
        cmocka_unit_test(test_signed_integers),
        cmocka_unit_test(test_integers_beyond_64_bits_signed),
        cmocka_unit_test(test_a_maximum_is_let_through),
        cmocka_unit_test(test_each_getter_takes_its_own_type_only),
        cmocka_unit_test(test_spans_point_into_the_bytes),
        cmocka_unit_test(test_exact_lengths),
        cmocka_unit_test(test_counts_never_exceed_the_bytes),
        cmocka_unit_test(test_null_is_taken_or_left),
        cmocka_unit_test(test_the_first_failure_stays),
        cmocka_unit_test(test_a_failure_of_the_caller),
        cmocka_unit_test(test_skip_takes_one_whole_item),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_utf8_by_its_definition),
        cmocka_unit_test(test_a_full_writer_stays_full),
        cmocka_unit_test(test_every_error_has_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
