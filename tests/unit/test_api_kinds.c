// SPDX-License-Identifier: EUPL-1.2
// The table of kinds as clients get it: whole, and as it is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "json/kind_text.h"

static json_t *whole(void)
{
    struct text text = {0};
    json_error_t error;

    kinds_write(&text);
    assert_false(text.has_failed);
    json_t *json = json_loadb(text.bytes, text.len, JSON_REJECT_DUPLICATES, &error);
    text_fini(&text);
    if (json == NULL) {
        fail_msg("%s", error.text);
    }
    return json;
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    return text;
}

static json_t *named(const json_t *list, const char *name)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (strcmp(text_at(item, "name"), name) == 0) {
            return item;
        }
    }
    fail_msg("there is no \"%s\"", name);
    return NULL;
}

static void check_fields(const json_t *list, const struct field *fields)
{
    size_t count = 0;

    for (; fields[count].name != NULL; count++) {
        const json_t *field = json_array_get(list, count);
        assert_string_equal(text_at(field, "name"), fields[count].name);
        assert_string_equal(text_at(field, "about"), fields[count].about);
        assert_true(strlen(text_at(field, "rule")) > 0);
        assert_int_equal(json_integer_value(json_object_get(field, "items")),
                         fields[count].items_max);
        if (fields[count].parts != NULL) {
            check_fields(json_object_get(field, "parts"), fields[count].parts);
        }
    }
    assert_int_equal(json_array_size(list), count);
}

static void test_all_kinds_are_told(void **state)
{
    (void)state;
    json_t *json = whole();
    const json_t *list = json_object_get(json, "kinds");
    size_t count = 0;

    check_fields(json_object_get(json, "common"), common_fields);
    for (; kinds[count].name != NULL; count++) {
        const json_t *kind = json_array_get(list, count);
        assert_string_equal(text_at(kind, "name"), kinds[count].name);
        assert_int_equal(json_array_size(json_object_get(kind, "states")),
                         kind_states_count(&kinds[count]));
        assert_int_equal(json_array_size(json_object_get(kind, "steps")), kinds[count].steps_count);
        check_fields(json_object_get(kind, "fields"), kinds[count].fields);
    }
    assert_int_equal(json_array_size(list), count);
    json_decref(json);
}

// In full, by hand.
static void test_a_kind_is_told_as_it_is(void **state)
{
    (void)state;
    json_t *json = whole();
    json_t *advice = named(json_object_get(json, "kinds"), "advice");
    json_t *reason = named(json_object_get(advice, "fields"), "reason");
    json_t *to = named(json_object_get(advice, "fields"), "to");
    json_t *wanted =
        json_loads("{\"name\":\"reason\",\"about\":\"why it was followed or rejected\","
                   "\"type\":\"text\",\"rule\":\"text of 1 to 262144 bytes\","
                   "\"needed\":[\"followed\",\"rejected\"],\"least\":0,\"most\":262144}",
                   0, NULL);

    assert_true(json_equal(reason, wanted));
    json_decref(wanted);
    wanted = json_loads("{\"name\":\"to\",\"about\":\"centres it is for\",\"type\":\"centre\","
                        "\"rule\":\"1 to 64, each the code of a centre, none twice\","
                        "\"needed\":false,\"items\":64,\"set\":true}",
                        0, NULL);
    assert_true(json_equal(to, wanted));
    json_decref(wanted);
    assert_int_equal(json_object_del(advice, "fields"), 0);
    wanted = json_loads("{\"name\":\"advice\",\"about\":\"a course of action\","
                        "\"merge\":\"versions\",\"changed_by\":\"editors\","
                        "\"states\":[\"open\",\"followed\",\"rejected\"],\"begins\":[\"open\"],"
                        "\"over\":[\"followed\",\"rejected\"],\"old_after_h\":12,"
                        "\"steps\":[{\"from\":\"open\",\"to\":\"followed\",\"by\":\"addressed\"},"
                        "{\"from\":\"open\",\"to\":\"rejected\",\"by\":\"addressed\"}]}",
                        0, NULL);
    assert_true(json_equal(advice, wanted));
    json_decref(wanted);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds_are_told),
        cmocka_unit_test(test_a_kind_is_told_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
