// SPDX-License-Identifier: EUPL-1.2
// The first level of a body: what is one, its kind, its fields.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sitrep/seal.h"

static const struct {
    const char *name;
    const char *hex;
    enum err err;
    const char *kind;
} cases[] = {
    {"only a kind", "a1646b696e64666e6f74696365", ERR_OK, "notice"},
    {"kind of one character", "a1646b696e646161", ERR_OK, "a"},
    {"shorter key before kind", "a2617801646b696e646161", ERR_OK, "a"},
    {"null after the end", "a2646b696e64613965746578747381a0f6", ERR_MALFORMED, ""},
    {"value after kind", "a2646b696e646139657465787473820102", ERR_OK, "9"},
    {"all kinds of value", "a3616182f4206162a10000646b696e64622d2d", ERR_OK, "--"},
    {"nothing", "", ERR_MALFORMED, ""},
    {"empty map", "a0", ERR_MALFORMED, ""},
    {"array", "8101", ERR_MALFORMED, ""},
    {"no kind", "a1617801", ERR_MALFORMED, ""},
    {"kind is no text", "a1646b696e6401", ERR_MALFORMED, ""},
    {"kind is bytes", "a1646b696e644161", ERR_MALFORMED, ""},
    {"kind is empty", "a1646b696e6460", ERR_MALFORMED, ""},
    {"kind in capitals", "a1646b696e646141", ERR_MALFORMED, ""},
    {"kind with a space", "a1646b696e646120", ERR_MALFORMED, ""},
    {"kind with an underscore", "a1646b696e64615f", ERR_MALFORMED, ""},
    {"kind twice", "a2646b696e646161646b696e646162", ERR_MALFORMED, ""},
    {"key is a number", "a2016161646b696e646161", ERR_MALFORMED, ""},
    {"key is bytes", "a2416101646b696e646161", ERR_MALFORMED, ""},
    {"keys not sorted", "a2646b696e646161617801", ERR_MALFORMED, ""},
    {"byte after the end", "a1646b696e64616100", ERR_MALFORMED, ""},
    {"cut off", "a1646b696e6461", ERR_MALFORMED, ""},
    {"float", "a26178f90000646b696e646161", ERR_MALFORMED, ""},
    {"nested nine deep", "a2617881818181818181818101646b696e646161", ERR_LIMIT, ""},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[64];
        size_t len;
        struct span kind;
        assert_int_equal(sodium_hex2bin(bytes, sizeof bytes, cases[i].hex, strlen(cases[i].hex),
                                        NULL, &len, NULL),
                         0);
        uint8_t *exact = malloc(len + 1); // a sanitizer sees a read past the end
        assert_non_null(exact);
        memcpy(exact, bytes, len);
        const enum err err = body_check((struct span){exact, len}, &kind);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, err_text(err));
        }
        assert_int_equal(kind.len, strlen(cases[i].kind));
        if (err == ERR_OK) {
            assert_memory_equal(kind.bytes, cases[i].kind, kind.len);
        }
        free(exact);
    }
}

static void test_kind_length(void **state)
{
    (void)state;
    for (uint8_t len = 31; len <= 33; len++) {
        uint8_t bytes[64];
        struct cbor_writer writer;
        struct span kind;
        cbor_write(&writer, bytes, sizeof bytes);
        cbor_put_map(&writer, 1);
        cbor_put_text(&writer, "kind", 4);
        cbor_put_text(&writer, "abcdefghijklmnopqrstuvwxyz0123456789", len);
        const struct span content = {bytes, cbor_written(&writer)};
        assert_int_equal(body_check(content, &kind), len <= 32 ? ERR_OK : ERR_MALFORMED);
    }
}

static void test_content_limit(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, CONTENT_MAX + 1);
    struct span kind;
    assert_non_null(bytes);
    for (size_t over = 0; over <= 1; over++) {
        struct cbor_writer writer;
        cbor_write(&writer, bytes, CONTENT_MAX + over);
        cbor_put_map(&writer, 2);
        cbor_put_text(&writer, "kind", 4);
        cbor_put_text(&writer, "big", 3);
        cbor_put_text(&writer, "photo", 5);
        const size_t left = (size_t)(writer.end - writer.at);
        uint8_t *blob = calloc(1, left);
        assert_non_null(blob);
        cbor_put_bytes(&writer, blob, left - 5);
        free(blob);
        const struct span content = {bytes, cbor_written(&writer)};
        assert_int_equal(content.len, CONTENT_MAX + over);
        assert_int_equal(body_check(content, &kind), over ? ERR_LIMIT : ERR_OK);
    }
    free(bytes);
}

static void test_find(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct cbor_writer writer;
    struct span value;
    cbor_write(&writer, bytes, sizeof bytes);
    cbor_put_map(&writer, 3);
    cbor_put_text(&writer, "x", 1);
    cbor_put_array(&writer, 2);
    cbor_put_text(&writer, "kind", 4); // not a key
    cbor_put_uint(&writer, 7);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "notice", 6);
    cbor_put_text(&writer, "text", 4);
    cbor_put_text(&writer, "dry", 3);
    const struct span content = {bytes, cbor_written(&writer)};
    assert_int_equal(body_find(content, "text", &value), ERR_OK);
    assert_int_equal(value.len, 4);
    assert_memory_equal(value.bytes,
                        "\x63"
                        "dry",
                        4);
    assert_int_equal(body_find(content, "x", &value), ERR_OK);
    assert_int_equal(value.len, 7);
    assert_int_equal(body_find(content, "kind", &value), ERR_OK);
    assert_int_equal(value.len, 7);
    assert_int_equal(body_find(content, "tex", &value), ERR_NOT_FOUND);
    assert_int_equal(body_find(content, "", &value), ERR_NOT_FOUND);
    assert_null(value.bytes);
    assert_int_equal(body_find((struct span){bytes, content.len - 1}, "zzz", &value),
                     ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_kind_length),
        cmocka_unit_test(test_content_limit),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
