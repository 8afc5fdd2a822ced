// SPDX-License-Identifier: EUPL-1.2
// Bodies said anew: the same but for what they are a version of, and what they replace.
#include "sitrep/picture.h"
#include "unit/body_text.h"

static void check_replaced(struct span list, const struct ref *replaced, size_t count)
{
    struct cbor_reader reader;
    struct ref ref;

    cbor_read(&reader, list.bytes, list.len);
    assert_int_equal(cbor_get_array(&reader), count);
    for (size_t i = 0; i < count; i++) {
        ref_get(&reader, &ref);
        assert_int_equal(ref_compare(&ref, &replaced[i]), 0);
    }
}

static void check_others(const struct content *before, const struct content *after)
{
    const struct field *field;

    assert_ptr_equal(before->kind, after->kind);
    assert_int_equal(before->state, after->state);
    for (size_t i = 0; (field = kind_field(before->kind, i)) != NULL; i++) {
        if (strcmp(field->name, "item") != 0 && strcmp(field->name, "supersedes") != 0) {
            assert_int_equal(before->values[i].len, after->values[i].len);
            assert_true(before->values[i].len == 0 ||
                        memcmp(before->values[i].bytes, after->values[i].bytes,
                               before->values[i].len) == 0);
        }
    }
}

static void check_settled(const char *text, const struct ref *replaced, size_t count)
{
    static const struct ref item = {3, 1, 7, {7, 7, 7, 7, 7, 7, 7, 7}};
    uint8_t bytes[1024];
    struct content before;
    struct content after;
    struct content_fault why;
    struct cbor_reader reader;
    struct ref ref;
    size_t body_len;
    json_t *const json = body_json(text);
    uint8_t *const body = body_encode(json, &body_len);
    const struct span from = {body, body_len};

    json_decref(json);
    assert_int_equal(content_read(from, &before, &why), ERR_OK);
    struct cbor_writer writer;
    cbor_write(&writer, bytes, sizeof bytes);
    content_settle(from, &item, replaced, count, &writer);
    const size_t len = cbor_written(&writer);
    assert_true(len > 0);
    assert_int_equal(content_read((struct span){bytes, len}, &after, &why), ERR_OK);
    check_others(&before, &after);
    cbor_read(&reader, content_get(&after, "item").bytes, content_get(&after, "item").len);
    ref_get(&reader, &ref);
    assert_int_equal(ref_compare(&ref, &item), 0);
    check_replaced(content_get(&after, "supersedes"), replaced, count);
    free(body);
}

static void test_said_anew(void **state)
{
    struct ref replaced[PICTURE_PARENTS_MAX];
    (void)state;

    for (uint32_t i = 0; i < PICTURE_PARENTS_MAX; i++) {
        replaced[i] = (struct ref){i, 0, 1, {(uint8_t)i}};
    }
    for (size_t count = 1; count <= PICTURE_PARENTS_MAX; count += 5) {
        check_settled("{'kind':'incident','name':'a'}", replaced, count);
        check_settled("{'kind':'measure','type':'iodine','state':'lifted','a':1,'zzzzz':2,"
                      "'zzzzzzzzzzz':3,'where':{'name':'x'},'item':'@1/0/1',"
                      "'supersedes':['@1/0/1','@2/0/4']}",
                      replaced, count);
        check_settled("{'kind':'lesson','text':'a','hello':[1,{'x':null}]}", replaced, count);
    }
}

// `body` with `changes` is `wanted`, to the byte: in the order of keys, and nothing else touched.
static void check_altered(const char *body, const char *changes, const char *wanted)
{
    const char *const texts[] = {body, changes, wanted};
    struct span bodies[3];
    uint8_t *encoded[3];
    uint8_t bytes[1024];
    struct cbor_writer writer;

    for (size_t i = 0; i < 3; i++) {
        json_t *const json = body_json(texts[i]);
        encoded[i] = body_encode(json, &bodies[i].len);
        bodies[i].bytes = encoded[i];
        json_decref(json);
    }
    cbor_write(&writer, bytes, bodies[0].len + bodies[1].len + 9);
    content_alter(bodies[0], bodies[1], &writer);
    const size_t len = cbor_written(&writer);
    if (len != bodies[2].len || memcmp(bytes, bodies[2].bytes, len) != 0) {
        fail_msg("%s with %s is not %s", body, changes, wanted);
    }
    for (size_t i = 0; i < 3; i++) {
        free(encoded[i]);
    }
}

static void test_altered(void **state)
{
    (void)state;
    check_altered("{'kind':'lesson','text':'a'}", "{'kind':'lesson'}",
                  "{'kind':'lesson','text':'a'}");
    check_altered("{'kind':'lesson','text':'a'}", "{'kind':'lesson','text':'b','z':1,'zzzzzz':2}",
                  "{'kind':'lesson','text':'b','z':1,'zzzzzz':2}");
    check_altered(
        "{'kind':'measure','type':'iodine','to':5,'new':{'x':[null]},'where':{'name':'x'}}",
        "{'kind':'measure','to':null,'state':'lifted','never':null}",
        "{'kind':'measure','type':'iodine','state':'lifted','new':{'x':[null]},"
        "'where':{'name':'x'}}");
    check_altered("{'a':1,'kind':'x'}", "{'a':null,'kind':null}", "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_said_anew),
        cmocka_unit_test(test_altered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
