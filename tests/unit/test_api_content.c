// SPDX-License-Identifier: EUPL-1.2
// Bodies of known kinds over the API: entries named as people name them, on branches too, and what
// is not sound refused with nothing published.
#include "fake_api.h"

static json_t *ask(struct fixture *fixture, const char *target, const char *body, int status)
{
    struct http_reply reply;
    json_error_t error;

    if (body != NULL) {
        http_post(fixture->path, target, "application/json", body, &reply);
    } else {
        http_get(fixture->path, target, &reply);
    }
    if (reply.status != status) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    json_t *json = json_loads(reply.body, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    http_reply_fini(&reply);
    return json;
}

// The journal line cites the entry so; shown it is named `shown`.
static void check_named(struct fixture *fixture, const char *cited, const char *shown)
{
    char body[256];
    char target[64];

    snprintf(body, sizeof body,
             "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"cites\":\"%s\"}}", cited);
    json_t *published = ask(fixture, "/v1/entries", body, 201);
    snprintf(target, sizeof target, "/v1/entries/%s",
             json_string_value(json_object_get(published, "name")));
    json_t *entry = ask(fixture, target, NULL, 200);
    const json_t *cites = json_object_get(json_object_get(entry, "fields"), "cites");
    assert_string_equal(json_string_value(json_array_get(cites, 0)), shown);
    json_decref(published);
    json_decref(entry);
}

static void check_refused(struct fixture *fixture, const char *body, const char *message)
{
    const size_t calls = fixture->desk.publish_calls;
    json_t *reply = ask(fixture, "/v1/entries", body, 400);
    const json_t *error = json_object_get(reply, "error");

    assert_string_equal(json_string_value(json_object_get(error, "code")), "malformed");
    assert_string_equal(json_string_value(json_object_get(error, "message")), message);
    assert_int_equal(fixture->desk.publish_calls, calls);
    json_decref(reply);
}

static void test_entries_are_named_as_people_name_them(void **state)
{
    struct fixture *fixture = *state;

    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1});
    check_named(fixture, "nl-kcr2-b/1", "nl-kcr2-b/1");
    check_named(fixture, "nl-kcr2-b/7#0102030405060708", "nl-kcr2-b/7#0102030405060708");
    // Of that name another one is here.
    check_named(fixture, "nl-kcr2-b/1#0102030405060708", "nl-kcr2-b/1#0102030405060708");
    check_refused(fixture,
                  "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"incident\":\"nl-kcr2-b/9\"}}",
                  "\"incident\": there is no entry nl-kcr2-b/9 here");
    check_refused(
        fixture,
        "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"incident\":\"nl-kcr2-b/9#01\"}}",
        "\"incident\": behind # must stand 16 hexadecimal digits");
    check_refused(fixture,
                  "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"incident\":"
                  "\"fr-cogic/9#0102030405060708\"}}",
                  "\"incident\": there is no node 'fr-cogic' in the roster; "
                  "there are: be-nccn, nl-kcr2-b");
}

static void test_entries_on_branches_have_letters(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;

    fake_store(desk, &(struct fake_entry){.chain = 1});
    fake_store(desk, &(struct fake_entry){.chain = 1});
    fake_branch(desk, 2, 1, 2);
    fake_store(desk, &(struct fake_entry){.chain = 2, .precedence = 1});
    check_named(fixture, "nl-kcr2-b/2a", "nl-kcr2-b/2a");
    check_named(fixture, "nl-kcr2-b/2b", "nl-kcr2-b/2b");
    check_named(fixture, "nl-kcr2-b/1", "nl-kcr2-b/1");
    check_refused(fixture,
                  "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"incident\":\"nl-kcr2-b/2\"}}",
                  "\"incident\": nl-kcr2-b/2 is forked; name a branch of it, such as nl-kcr2-b/2a");
}

static void test_what_is_not_sound_is_not_published(void **state)
{
    struct fixture *fixture = *state;

    check_refused(fixture, "{\"kind\":\"request\",\"fields\":{\"capability\":\"pump\"}}",
                  "\"quantity\" is needed");
    check_refused(fixture,
                  "{\"kind\":\"measure\",\"fields\":{\"type\":\"iodine\",\"state\":\"over\"}}",
                  "\"state\" must be one of this kind's states: planned, in-force, lifted");
    // What is not known is nobody's business.
    json_decref(ask(fixture, "/v1/entries",
                    "{\"kind\":\"weather-balloon\",\"fields\":{\"state\":\"up\",\"incident\":7}}",
                    201));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_entries_are_named_as_people_name_them),
        TEST(test_entries_on_branches_have_letters),
        TEST(test_what_is_not_sound_is_not_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
