// SPDX-License-Identifier: EUPL-1.2
// JSON to bodies and back.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "json/body_json.h"
#include "sitrep/limits.h"
#include "sitrep/seal.h"

enum { BODY_SIZE = 64 * 1024 };

// The body of an entry's JSON object, as the handler makes it.
static enum err encode(const char *text, uint8_t *body, size_t *len, char why[static WHY_SIZE])
{
    why[0] = '\0';
    json_t *json = body_parse(text, strlen(text), why);
    if (json == NULL) {
        return ERR_MALFORMED;
    }
    struct body_parts parts = {json_object_get(json, "kind"), json_object_get(json, "text"),
                               json_object_get(json, "fields")};
    struct cbor_writer out;
    cbor_write(&out, body,
               body_bound(strlen(text)) < BODY_SIZE ? body_bound(strlen(text)) : BODY_SIZE);
    enum err err = body_from_json(&parts, &out, why);
    *len = err == ERR_OK ? cbor_written(&out) : 0;
    json_decref(json);
    return err;
}

static void check_encoding(const char *text, const char *hex)
{
    uint8_t body[BODY_SIZE];
    char got[1024];
    char why[WHY_SIZE];
    size_t len;
    struct span kind;
    enum err err = encode(text, body, &len, why);
    if (err != ERR_OK) {
        fail_msg("%s: %s", text, why);
    }
    sodium_bin2hex(got, sizeof got, body, len);
    assert_string_equal(got, hex);
    assert_int_equal(body_check((struct span){body, len}, &kind), ERR_OK);
}

static void test_bodies_are_deterministic_cbor(void **state)
{
    (void)state;
    check_encoding("{\"kind\":\"note\"}", "a1646b696e64646e6f7465");
    check_encoding("{\"text\":\"hi\",\"kind\":\"note\"}", "a2646b696e64646e6f74656474657874626869");
    // Keys ascend by length, then bytes, whatever order they were written in.
    check_encoding("{\"kind\":\"n\",\"fields\":{\"zz\":1,\"b\":2,\"a\":3,\"alpha\":4}}",
                   "a5"
                   "616103"
                   "616202"
                   "627a7a01"
                   "646b696e64616e"
                   "65616c70686104");
    check_encoding("{\"kind\":\"n\",\"fields\":{\"x\":[-1,24,true,false,null,{\"k\":\"v\"}]}}",
                   "a2"
                   "6178"
                   "86"
                   "20"
                   "1818"
                   "f5"
                   "f4"
                   "f6"
                   "a1616b6176"
                   "646b696e64616e");
    check_encoding("{\"kind\":\"n\",\"fields\":{\"x\":{\"$bytes\":\"AQID\"}}}", "a2"
                                                                                "6178"
                                                                                "43010203"
                                                                                "646b696e64616e");
    check_encoding(
        "{\"kind\":\"n\",\"fields\":{\"x\":9223372036854775807,\"y\":-9223372036854775808}}",
        "a3"
        "6178"
        "1b7fffffffffffffff"
        "6179"
        "3b7fffffffffffffff"
        "646b696e64616e");
}

static void test_what_cannot_be_kept_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "not JSON"},
        {"[]", "not a JSON object"},
        {"{\"kind\":\"n\"} x", "not JSON"},
        {"{\"kind\":\"n\",\"kind\":\"m\"}", "not JSON: duplicate"},
        {"{\"kind\":\"n\",\"text\":\"a\\u0000b\"}", "a text may not hold the character U+0000"},
        {"{\"kind\":\"n\",\"text\":\"\xff\"}", "not JSON"},
        {"{}", "\"kind\" is missing"},
        {"{\"kind\":\"\"}", "1 to 32"},
        {"{\"kind\":\"Note\"}", "1 to 32"},
        {"{\"kind\":\"abcdefghijklmnopqrstuvwxyz0123456\"}", "1 to 32"},
        {"{\"kind\":7}", "1 to 32"},
        {"{\"kind\":\"n\",\"text\":7}", "\"text\": must be text"},
        {"{\"kind\":\"n\",\"fields\":[]}", "\"fields\": must be an object"},
        {"{\"kind\":\"n\",\"fields\":{\"kind\":1}}", "stand beside it"},
        {"{\"kind\":\"n\",\"fields\":{\"text\":1}}", "stand beside it"},
        {"{\"kind\":\"n\",\"fields\":{\"lat\":50.8}}", "\"lat\": numbers with a fraction"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":[{\"b\":1e3}]}}", "[mantissa, exponent] or text"},
        {"{\"kind\":\"n\",\"fields\":{\"big\":9223372036854775808}}", "too big integer"},
        {"{\"kind\":\"n\",\"fields\":{\"$x\":1}}", "begin with $"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":{\"$cbor\":\"AQ==\"}}}", "begin with $"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":{\"$bytes\":\"AQ==\",\"b\":1}}}", "begin with $"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":{\"$bytes\":\"%%\"}}}", "not base64"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":{\"$bytes\":1}}}", "needs base64 text"},
        {"{\"kind\":\"n\",\"fields\":{\"a\":[[[[[[[[1]]]]]]]]}}", "nested deeper than 8"},
        {"[[[[[[[[[[[[[[[[", "nested deeper than 8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t body[BODY_SIZE];
        char why[WHY_SIZE];
        size_t len;
        assert_int_equal(encode(cases[i].text, body, &len, why), ERR_MALFORMED);
        if (strstr(why, cases[i].why) == NULL) {
            fail_msg("%s: %s", cases[i].text, why);
        }
    }
}

static void test_nesting_is_allowed_to_the_limit(void **state)
{
    uint8_t body[BODY_SIZE];
    char why[WHY_SIZE];
    size_t len;
    (void)state;
    // The body is the first level; bytes are none, and brackets inside text do not count.
    assert_int_equal(encode("{\"kind\":\"n\",\"fields\":{\"a\":[[[[[[[{\"$bytes\":\"\"}]]]]]]]}}",
                            body, &len, why),
                     ERR_OK);
    assert_int_equal(cbor_check(body, len), ERR_OK);
    assert_int_equal(
        encode("{\"kind\":\"n\",\"text\":\"[[[[[[[[[[[[[[[[\\\"[[\"}", body, &len, why), ERR_OK);
}

// Writes the members of a body into an object, NUL-terminated.
static void decode(const uint8_t *body, size_t len, char *out, size_t size)
{
    struct text text = {0};
    text_open(&text, '{');
    body_to_json((struct span){body, len}, NULL, &text);
    text_close(&text, '}');
    assert_false(text.has_failed);
    assert_true(text.len < size);
    memcpy(out, text.bytes, text.len);
    out[text.len] = '\0';
    text_fini(&text);
}

static void test_json_comes_back_as_it_was(void **state)
{
    static const char *const texts[] = {
        "{\"kind\":\"note\",\"fields\":{}}",
        "{\"kind\":\"note\",\"text\":\"\",\"fields\":{}}",
        "{\"kind\":\"n\",\"text\":\"Zeebrugge "
        "\\\"caf\xc3\xa9\\\"\\n\\u0001\\t\\\\\",\"fields\":{\"a\":1}}",
        "{\"kind\":\"n\",\"fields\":{\"a\":-5,\"b\":[1,[],{},\"x\",true,false,null],\"c\":{\"k\":{"
        "\"l\":2}}}}",
        "{\"kind\":\"n\",\"fields\":{\"raw\":{\"$bytes\":\"AP8=\"}}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t body[BODY_SIZE];
        char why[WHY_SIZE];
        char out[1024];
        size_t len;
        assert_int_equal(encode(texts[i], body, &len, why), ERR_OK);
        decode(body, len, out, sizeof out);
        assert_string_equal(out, texts[i]);
    }
}

static void check_foreign(const char *hex, const char *expected)
{
    uint8_t body[256];
    size_t len;
    char out[1024];
    struct span kind;
    assert_int_equal(sodium_hex2bin(body, sizeof body, hex, strlen(hex), " ", &len, NULL), 0);
    assert_int_equal(body_check((struct span){body, len}, &kind), ERR_OK);
    decode(body, len, out, sizeof out);
    assert_string_equal(out, expected);
    json_error_t error;
    json_t *json = json_loads(out, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    json_decref(json);
}

static void test_what_json_cannot_say_comes_as_its_own_bytes(void **state)
{
    (void)state;
    // {"x": {1: 2}, "kind": "n"}
    check_foreign("a2 6178 a10102 646b696e64616e",
                  "{\"kind\":\"n\",\"fields\":{\"x\":{\"$cbor\":\"oQEC\"}}}");
    // {"x": 2^64-1, "kind": "n"}
    check_foreign("a2 6178 1bffffffffffffffff 646b696e64616e",
                  "{\"kind\":\"n\",\"fields\":{\"x\":{\"$cbor\":\"G///////////\"}}}");
    // text that is a number stays a field; text with a zero byte too
    check_foreign("a2 646b696e64616e 647465787405", "{\"kind\":\"n\",\"fields\":{\"text\":5}}");
    check_foreign("a2 646b696e64616e 64746578746100",
                  "{\"kind\":\"n\",\"fields\":{\"text\":{\"$cbor\":\"YQA=\"}}}");
    // {"$b": 1, "kind": "n"}: the whole body
    check_foreign("a2 622462 01 646b696e64616e",
                  "{\"kind\":\"n\",\"fields\":{\"$cbor\":\"omIkYgFka2luZGFu\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies_are_deterministic_cbor),
        cmocka_unit_test(test_what_cannot_be_kept_is_refused_with_a_reason),
        cmocka_unit_test(test_nesting_is_allowed_to_the_limit),
        cmocka_unit_test(test_json_comes_back_as_it_was),
        cmocka_unit_test(test_what_json_cannot_say_comes_as_its_own_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
