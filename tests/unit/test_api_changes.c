// SPDX-License-Identifier: EUPL-1.2
// Changes of items over the API: what they keep, and when they are refused.
#include "fake_items.h"

// Asks for a change; the answer must have that status and contain `wanted`.
static void ask(struct fixture *fixture, const char *item, const char *body, int status,
                const char *wanted)
{
    const size_t calls = fixture->desk.publish_calls;
    struct http_reply reply;
    char target[128];

    snprintf(target, sizeof target, "/v1/items/%s", item);
    http_post(fixture->path, target, "application/json", body, &reply);
    if (reply.status != status || strstr(reply.body, wanted) == NULL) {
        fail_msg("%s: %d %s", body, reply.status, reply.body);
    }
    assert_int_equal(fixture->desk.publish_calls, calls + (status == 201 ? 1 : 0));
    http_reply_fini(&reply);
}

// The one version that holds.
static json_t *head_of(struct fixture *fixture, const char *item)
{
    json_t *whole = one(fixture, item, 200);
    const json_t *heads = json_object_get(whole, "heads");

    assert_int_equal(json_array_size(heads), 1);
    json_t *head = json_incref(json_array_get(heads, 0));
    json_decref(whole);
    return head;
}

static void test_a_change_keeps_what_it_does_not_name(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture,
            "{\"kind\":\"request\",\"text\":\"Soon.\",\"precedence\":\"priority\",\"fields\":{"
            "\"capability\":\"pump\",\"quantity\":4,\"colour\":[\"red\"],"
            "\"deadline\":\"2026-03-01T10:00:00Z\"}}");
    ask(fixture, "be-nccn/1",
        "{\"kind\":\"request\",\"fields\":{\"quantity\":\"6\",\"deadline\":null,\"where\":"
        "\"Eijsden\"}}",
        201, "\"name\":\"be-nccn/2\"}");
    json_t *head = head_of(fixture, "be-nccn/1");
    const json_t *fields = json_object_get(head, "fields");
    assert_string_equal(text_of(head, "name"), "be-nccn/2");
    assert_string_equal(text_of(head, "text"), "Soon.");
    assert_string_equal(text_of(head, "precedence"), "priority");
    assert_string_equal(text_of(head, "state"), "requested");
    assert_string_equal(text_of(fields, "capability"), "pump");
    assert_int_equal(json_integer_value(json_object_get(fields, "quantity")), 6);
    assert_int_equal(json_array_size(json_object_get(fields, "colour")), 1);
    assert_null(json_object_get(fields, "deadline"));
    assert_string_equal(text_of(json_object_get(fields, "where"), "name"), "Eijsden");
    json_decref(head);

    ask(fixture, "be-nccn/2",
        "{\"state\":\"closed\",\"text\":null,\"precedence\":\"flash\",\"change\":\"be-nccn/2\"}",
        201, "be-nccn/3");
    head = head_of(fixture, "be-nccn/1");
    assert_string_equal(text_of(head, "state"), "closed");
    assert_string_equal(text_of(head, "text"), "(none)");
    assert_string_equal(text_of(head, "precedence"), "flash");
    json_decref(head);
}

// The first version names no item; what replaces it may be in any state there is a step to.
static void test_a_first_version_is_changed(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "{\"kind\":\"advice\",\"text\":\"Close the locks.\"}");
    ask(fixture, "be-nccn/1", "{\"state\":\"followed\"}", 400, "\\\"reason\\\" is needed");
    ask(fixture, "be-nccn/1", "{\"state\":\"followed\",\"fields\":{\"reason\":\"Done.\"}}", 201,
        "be-nccn/2");
    json_t *head = head_of(fixture, "be-nccn/1");
    assert_string_equal(text_of(head, "state"), "followed");
    assert_string_equal(text_of(json_object_get(head, "fields"), "item"), "be-nccn/1");
    json_decref(head);
}

static bool asks_to_be_acknowledged(struct fixture *fixture, const char *item)
{
    json_t *head = head_of(fixture, item);
    const bool does_ask = json_object_get(json_object_get(head, "fields"), "ack_by") != NULL;

    json_decref(head);
    return does_ask;
}

// Nobody has to acknowledge what was withdrawn, but that it was, when that is asked for.
static void test_what_ends_asks_for_no_acknowledgement_of_before(void **state)
{
    static const char report[] = "{\"kind\":\"report\",\"text\":\"Dyke broken.\",\"fields\":{"
                                 "\"ack_by\":\"2026-03-01T10:00:00Z\"}}";
    struct fixture *fixture = *state;

    publish(fixture, report);
    ask(fixture, "be-nccn/1", "{\"text\":\"Dyke broken at Eijsden.\"}", 201, "be-nccn/2");
    assert_true(asks_to_be_acknowledged(fixture, "be-nccn/1"));
    ask(fixture, "be-nccn/1", "{\"state\":\"withdrawn\"}", 201, "be-nccn/3");
    assert_false(asks_to_be_acknowledged(fixture, "be-nccn/1"));

    publish(fixture, report);
    ask(fixture, "be-nccn/4",
        "{\"state\":\"withdrawn\",\"fields\":{\"ack_by\":\"2026-03-01T11:00:00Z\"}}", 201,
        "be-nccn/5");
    assert_true(asks_to_be_acknowledged(fixture, "be-nccn/4"));
    ask(fixture, "be-nccn/4", "{\"text\":\"It holds.\"}", 201, "be-nccn/6");
    assert_true(asks_to_be_acknowledged(fixture, "be-nccn/4"));

    publish(fixture, "{\"kind\":\"report\",\"text\":\"x\"}");
    ask(fixture, "be-nccn/7", "{\"state\":\"withdrawn\"}", 201, "be-nccn/8");
    assert_false(asks_to_be_acknowledged(fixture, "be-nccn/7"));
}

static void test_a_change_of_what_does_not_hold_is_refused(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, measure);
    ask(fixture, "be-nccn/1", "{\"text\":\"Stay in.\"}", 201, "be-nccn/2");
    ask(fixture, "be-nccn/2", "{\"text\":\"Stay at home.\"}", 201, "be-nccn/3");
    ask(fixture, "be-nccn/2", "{\"text\":\"Leave.\"}", 409,
        "be-nccn/2 is replaced: be-nccn/3 holds now, which be-nccn wrote at ");
    ask(fixture, "be-nccn/1", "{\"change\":\"be-nccn/1\",\"text\":\"Leave.\"}", 409,
        "be-nccn/3 holds now");
    // The item goes by the name of its first version, so that is no claim of what holds.
    ask(fixture, "be-nccn/1", "{\"change\":\"be-nccn/3\",\"text\":\"Leave.\"}", 201, "be-nccn/4");

    change(fixture, "\"be-nccn/4\"", "in-force");
    change(fixture, "\"be-nccn/4\"", "lifted");
    ask(fixture, "be-nccn/1", "{\"state\":\"lifted\"}", 409,
        "2 versions of it hold: be-nccn/5, be-nccn/6; settle which first ('sitrep settle "
        "be-nccn/1 --take VERSION')");
    ask(fixture, "be-nccn/5", "{\"state\":\"lifted\"}", 409, "2 versions of it hold");
    settle(fixture, "be-nccn/1", "be-nccn/5", 201, "be-nccn/7");
    ask(fixture, "be-nccn/1", "{\"state\":\"lifted\"}", 201, "{\"name\":\"be-nccn/8\"}");
    ask(fixture, "be-nccn/1", "{\"state\":\"lifted\"}", 409, "changes nothing");
    ask(fixture, "be-nccn/1", "{\"text\":\"Stay in.\"}", 201,
        "{\"name\":\"be-nccn/9\",\"over\":\"lifted\"}");
}

static void test_a_change_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *wanted;
    } rows[] = {
        {"{}", 400, "may stand here"},
        {"{\"text\":1}", 400, "\\\"text\\\": must be text"},
        {"{\"group\":\"all\",\"text\":\"x\"}", 400, "may stand here"},
        {"{\"take\":\"be-nccn/1\",\"text\":\"x\"}", 400, "stands alone"},
        {"{\"take\":7}", 400, "stands alone"},
        {"{\"state\":7}", 400, "must be a state"},
        {"{\"kind\":7}", 400, "must be the kind"},
        {"{\"precedence\":\"soon\"}", 400, "must be routine"},
        {"{\"fields\":[]}", 400, "must be an object"},
        {"{\"fields\":{\"state\":\"lifted\"}}", 400, "stand beside it"},
        {"{\"fields\":{\"item\":\"be-nccn/1\"}}", 400, "stand beside it"},
        {"{\"fields\":{\"$x\":1}}", 400, "reserved"},
        {"{\"fields\":{\"type\":null}}", 400, "\\\"type\\\" is needed"},
        {"{\"fields\":{\"decision\":\"be-nccn/77\"}}", 400, "there is no entry be-nccn/77 here"},
        {"{\"change\":\"be-nccn/77\"}", 400, "there is no entry be-nccn/77 here"},
        {"{\"change\":\"be-nccn/3\"}", 409, "be-nccn/3 does not hold"},
        {"{\"kind\":\"request\",\"state\":\"closed\"}", 409,
         "be-nccn/1 is of kind measure, not request"},
        {"{\"state\":\"closed\"}", 400, "no step leads to closed, but to in-force, lifted"},
        {"{\"change\":\"be-nccn/2\"}", 409, "changes nothing"},
    };
    struct fixture *fixture = *state;

    publish(fixture, measure);
    ask(fixture, "be-nccn/1", "{\"text\":\"Stay in.\"}", 201, "be-nccn/2");
    publish(fixture, "{\"kind\":\"journal\",\"text\":\"no item\"}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(fixture, "be-nccn/1", rows[i].body, rows[i].status, rows[i].wanted);
    }
    ask(fixture, "be-nccn/3", "{\"text\":\"x\"}", 404, "is no version of anything");
    ask(fixture, "be-nccn/9", "{\"text\":\"x\"}", 404, "no entry be-nccn/9");
    ask(fixture, "be-nccn/1", "{\"state\":\"lifted\"}", 201, "be-nccn/4");
    ask(fixture, "be-nccn/1", "{\"state\":\"in-force\"}", 409,
        "it is lifted, from where no step leads to in-force; none leads on");
}

static void test_a_change_of_what_is_not_ones_own_is_a_proposal(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t assessment[] = "\xa2\x64kind\x6a"
                                        "assessment\x64text\x62no";

    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = assessment,
                                                    .content_len = sizeof assessment - 1});
    ask(fixture, "nl-kcr2-b/1", "{\"text\":\"yes\"}", 201,
        "\"name\":\"be-nccn/1\",\"proposed\":true}");
    json_t *whole = one(fixture, "nl-kcr2-b/1", 200);
    check_versions(whole, "heads", "nl-kcr2-b/1 (none)");
    check_versions(whole, "proposals", "be-nccn/1 (none)");
    json_decref(whole);
    ask(fixture, "be-nccn/1", "{\"text\":\"maybe\"}", 409, "be-nccn/1 does not hold: nl-kcr2-b/1");
    ask(fixture, "nl-kcr2-b/1", "{\"state\":\"closed\"}", 400, "has no states");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_change_keeps_what_it_does_not_name),
        TEST(test_a_first_version_is_changed),
        TEST(test_what_ends_asks_for_no_acknowledgement_of_before),
        TEST(test_a_change_of_what_does_not_hold_is_refused),
        TEST(test_a_change_that_cannot_be_is_refused),
        TEST(test_a_change_of_what_is_not_ones_own_is_a_proposal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
