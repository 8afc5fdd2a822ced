// SPDX-License-Identifier: EUPL-1.2
// Maps of extensions: finding a name, and setting or dropping one without touching the others.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "wire/extensions.h"

#define SPAN(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})

static const struct span empty = {NULL, 0};

static void check_put(struct span map, const char *name, struct span value, struct span wanted)
{
    uint8_t bytes[64];
    struct cbor_writer writer;
    cbor_write(&writer, bytes, sizeof bytes);
    extensions_put(&writer, map, name, value);
    assert_int_equal(cbor_written(&writer), wanted.len);
    assert_memory_equal(bytes, wanted.bytes, wanted.len);
    assert_int_equal(cbor_check(bytes, wanted.len), ERR_OK);
    const struct span found = extensions_find((struct span){bytes, wanted.len}, name);
    assert_int_equal(found.len, value.len);
    if (value.len > 0) {
        assert_memory_equal(found.bytes, value.bytes, value.len);
    }
}

static void test_find(void **state)
{
    (void)state;
    const struct span map = SPAN("\xa3\x61"
                                 "a\x01\x61"
                                 "c\x82\x01\x02\x62"
                                 "aa\xf6");
    assert_int_equal(extensions_find(map, "c").len, 3);
    assert_int_equal(extensions_find(map, "aa").len, 1);
    assert_int_equal(extensions_find(map, "b").len, 0);
    assert_int_equal(extensions_find(map, "").len, 0);
    assert_int_equal(extensions_find(SPAN("\xa0"), "a").len, 0);
    assert_int_equal(extensions_find(empty, "a").len, 0);
}

static void test_put(void **state)
{
    (void)state;
    const struct span one = SPAN("\x01");
    const struct span map = SPAN("\xa2\x61"
                                 "b\x02\x62"
                                 "aa\x03");
    check_put(empty, "a", empty, SPAN("\xa0"));
    check_put(empty, "a", one,
              SPAN("\xa1\x61"
                   "a\x01"));
    check_put(map, "a", one,
              SPAN("\xa3\x61"
                   "a\x01\x61"
                   "b\x02\x62"
                   "aa\x03"));
    check_put(map, "c", one,
              SPAN("\xa3\x61"
                   "b\x02\x61"
                   "c\x01\x62"
                   "aa\x03"));
    check_put(map, "ab", one,
              SPAN("\xa3\x61"
                   "b\x02\x62"
                   "aa\x03\x62"
                   "ab\x01"));
    check_put(map, "b", one,
              SPAN("\xa2\x61"
                   "b\x01\x62"
                   "aa\x03"));
    check_put(map, "aa", empty,
              SPAN("\xa1\x61"
                   "b\x02"));
    check_put(map, "zz", empty, map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
