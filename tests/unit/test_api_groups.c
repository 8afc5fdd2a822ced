// SPDX-License-Identifier: EUPL-1.2
// The API of groups over a real store: founding, showing and changing them. What is written for
// them is test_api_group_entries.c's.
#include "groups_api.h"

static void test_all_members_are_a_group(void **state)
{
    struct fixture *fixture = *state;
    json_t *json = get(fixture, "/v1/groups");
    check_value(json, "groups.1", "(none)");
    check_value(json, "groups.0.name", "all");
    check_value(json, "groups.0.all_members", "true");
    check_value(json, "groups.0.reading", "held");
    check_value(json, "groups.0.members", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "groups.0.founding", "null");
    json_decref(json);
    check_get_refused(fixture, "/v1/groups/police", 404, "not_found",
                      "there is no group 'police' here; there are: all");
}

static void test_a_group_is_founded(void **state)
{
    struct fixture *fixture = *state;
    json_t *json = post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[\"nl-kcr2\"]}");
    check_value(json, "group", "police");
    check_value(json, "entry", "be-nccn/2");
    check_value(json, "members", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "owners", "[\"be-nccn\"]");
    check_value(json, "history", "false");
    json_decref(json);
    json = get(fixture, "/v1/groups/police");
    check_value(json, "reading", "held");
    check_value(json, "member", "true");
    check_value(json, "owner", "true");
    check_value(json, "deserted", "[]");
    check_value(json, "founding.entry", "be-nccn/1");
    check_value(json, "founding.centre", "be-nccn");
    check_value(json, "founding.time", "2025-06-15T15:06:40.000Z");
    check_value(json, "keys.0.current", "true");
    check_value(json, "keys.0.held", "yes");
    check_value(json, "keys.0.entry", "be-nccn/2");
    check_value(json, "changes.0.op", "create");
    check_value(json, "changes.0.centres", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "changes.0.owners", "[\"be-nccn\"]");
    check_value(json, "changes.0.history", "false");
    check_value(json, "changes.0.effect", "counts");
    check_value(json, "changes.1.op", "rekey");
    check_value(json, "changes.1.entry", "be-nccn/2");
    check_value(json, "changes.2", "(none)");
    json_decref(json);
    json = get(fixture, "/v1/entries/be-nccn/1");
    check_value(json, "kind", "group");
    check_value(json, "group", "(none)");
    check_value(json, "fields.group", "police");
    check_value(json, "fields.op", "create");
    json_decref(json);
    fake_revoke(&fixture->desk, OTHER, 0);
    json = get(fixture, "/v1/groups/police");
    check_value(json, "members", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "deserted", "[\"nl-kcr2\"]");
    json_decref(json);
    // Owners are members.
    json = post(fixture, "/v1/groups",
                "{\"name\":\"border\",\"centres\":[],\"owners\":[\"nl-kcr2\"],\"history\":true}");
    check_value(json, "members", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "owners", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "history", "true");
    json_decref(json);
}

static void test_members_come_and_go(void **state)
{
    struct fixture *fixture = *state;
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[]}");
    do_post(fixture, "/v1/groups/police", "{\"op\":\"add\",\"centre\":\"nl-kcr2\"}");
    do_post(fixture, "/v1/groups/police", "{\"op\":\"own\",\"centre\":\"nl-kcr2\"}");
    do_post(fixture, "/v1/groups/police", "{\"op\":\"disown\",\"centre\":\"nl-kcr2\"}");
    do_post(fixture, "/v1/groups/police", "{\"op\":\"remove\",\"centre\":\"nl-kcr2\"}");
    json_t *json = post(fixture, "/v1/groups/police", "{\"op\":\"rekey\"}");
    check_value(json, "entry", "be-nccn/7");
    check_value(json, "members", "[\"be-nccn\"]");
    json_decref(json);
    json = get(fixture, "/v1/groups/police");
    static const char *const ops[] = {"create", "rekey", "add", "own", "disown", "remove", "rekey"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        char path[32];
        snprintf(path, sizeof path, "changes.%zu.op", i);
        check_value(json, path, ops[i]);
        snprintf(path, sizeof path, "changes.%zu.about", i);
        check_value(json, path, i >= 2 && i <= 5 ? "nl-kcr2" : "(none)");
    }
    check_value(json, "keys.2.usable", "true"); // of the removal
    check_value(json, "keys.3.current", "true");
    check_value(json, "keys.1.usable", "false"); // that of when it was a member
    json_decref(json);
    do_post(fixture, "/v1/groups/all", "{\"op\":\"rekey\"}");
}

static void test_orders_that_make_no_sense_are_refused(void **state)
{
    struct fixture *fixture = *state;
    uint8_t group[TAG_LEN];
    static const struct {
        const char *target, *body, *code, *message;
    } rows[] = {
        {"/v1/groups", "{}", "400 malformed", "\"name\""},
        {"/v1/groups", "{\"name\":\"x\"}", "400 malformed", "\"centres\""},
        {"/v1/groups", "{\"name\":1,\"centres\":[]}", "400 malformed", ""},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":\"be-nccn\"}", "400 malformed", "lists"},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":[1]}", "400 malformed", "code"},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":[],\"history\":1}", "400 malformed", ""},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":[],\"more\":1}", "400 malformed", ""},
        {"/v1/groups", "{\"name\":\"all\",\"centres\":[]}", "400 malformed", "not 'all'"},
        {"/v1/groups", "{\"name\":\"Police\",\"centres\":[]}", "400 malformed", "a-z"},
        {"/v1/groups", "{\"name\":\"\",\"centres\":[]}", "400 malformed", "a-z"},
        {"/v1/groups", "{\"name\":\"theirs\",\"centres\":[]}", "409 conflict",
         "already, theirs, with be-nccn, nl-kcr2"},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":[\"lu\"]}", "404 no_such_centre",
         "'lu' in the roster; there are: be-nccn, nl-kcr2"},
        {"/v1/groups", "{\"name\":\"x\",\"centres\":[],\"owners\":[\"lu\"]}", "404 no_such_centre",
         "'lu'"},
        {"/v1/groups/nothing", "{\"op\":\"rekey\"}", "404 not_found", "all, mine, theirs"},
        {"/v1/groups/mine", "nonsense", "400 malformed", "not JSON"},
        {"/v1/groups/mine", "{\"op\":\"create\"}", "400 malformed", "\"op\" must be"},
        {"/v1/groups/mine", "{\"op\":\"add\"}", "400 malformed", "\"centre\""},
        {"/v1/groups/mine", "{\"op\":\"rekey\",\"centre\":\"nl-kcr2\"}", "400 malformed", "alone"},
        {"/v1/groups/mine", "{\"op\":\"add\",\"centre\":\"lu\"}", "404 no_such_centre", "'lu'"},
        {"/v1/groups/mine", "{\"op\":\"add\",\"centre\":\"be-nccn\"}", "409 conflict",
         "be-nccn is a member of mine already"},
        {"/v1/groups/mine", "{\"op\":\"remove\",\"centre\":\"nl-kcr2\"}", "409 conflict",
         "nl-kcr2 is no member of mine"},
        {"/v1/groups/mine", "{\"op\":\"own\",\"centre\":\"nl-kcr2\"}", "409 conflict", "no member"},
        {"/v1/groups/mine", "{\"op\":\"own\",\"centre\":\"be-nccn\"}", "409 conflict",
         "an owner of mine already"},
        {"/v1/groups/mine", "{\"op\":\"disown\",\"centre\":\"be-nccn\"}", "409 conflict",
         "the only owner of mine"},
        {"/v1/groups/theirs", "{\"op\":\"rekey\"}", "403 not_an_owner",
         "only an owner may change theirs: nl-kcr2"},
        {"/v1/groups/theirs", "{\"op\":\"remove\",\"centre\":\"be-nccn\"}", "403 not_an_owner", ""},
        {"/v1/groups/all", "{\"op\":\"remove\",\"centre\":\"nl-kcr2\"}", "409 conflict",
         "every centre of the federation is in 'all'"},
    };
    do_post(fixture, "/v1/groups", "{\"name\":\"mine\",\"centres\":[]}");
    found_elsewhere(fixture, "theirs", true, group);
    const uint64_t before = store_last_arrival(fixture->desk.store);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_refused(fixture, rows[i].target, rows[i].body, rows[i].code, rows[i].message);
    }
    assert_int_equal(store_last_arrival(fixture->desk.store), before);
    // Its only owner may not leave the others behind.
    do_post(fixture, "/v1/groups/mine", "{\"op\":\"add\",\"centre\":\"nl-kcr2\"}");
    check_refused(fixture, "/v1/groups/mine", "{\"op\":\"remove\",\"centre\":\"be-nccn\"}",
                  "409 conflict", "let another member own it first");
}

static void test_what_does_not_count_is_told(void **state)
{
    struct fixture *fixture = *state;
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[\"nl-kcr2\"]}");
    json_t *json = get(fixture, "/v1/groups/police");
    struct group_body body = {.op = GROUP_REMOVE, .centre = SELF, .has_key = true};
    assert_int_equal(
        sodium_hex2bin(body.group, TAG_LEN, value_at(json, "id"), 16, NULL, NULL, NULL), 0);
    json_decref(json);
    store_change(fixture, &body);
    json = get(fixture, "/v1/groups/police");
    check_value(json, "members", "[\"be-nccn\",\"nl-kcr2\"]");
    check_value(json, "changes.2.op", "remove");
    check_value(json, "changes.2.about", "be-nccn");
    check_value(json, "changes.2.entry", "nl-kcr2-b/1");
    check_value(json, "changes.2.node", "nl-kcr2-b");
    check_value(json, "changes.2.centre", "nl-kcr2");
    check_value(json, "changes.2.effect", "unauthorised");
    check_value(json, "left_out", "0");
    json_decref(json);
    // However many it writes, what counts is shown, and the newest of the others.
    for (int i = 0; i < 258; i++) {
        store_change(fixture, &body);
    }
    json = get(fixture, "/v1/groups/police");
    check_value(json, "left_out", "3");
    check_value(json, "changes.1.op", "rekey");
    check_value(json, "changes.2.entry", "nl-kcr2-b/4");
    check_value(json, "changes.257.entry", "nl-kcr2-b/259");
    check_value(json, "changes.258", "(none)");
    json_decref(json);
}

static void test_a_name_that_is_not_enough_is_refused(void **state)
{
    struct fixture *fixture = *state;
    uint8_t group[TAG_LEN];
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[]}");
    found_elsewhere(fixture, "police", true, group);
    check_refused(fixture, "/v1/groups/police", "{\"op\":\"rekey\"}", "409 ambiguous",
                  "police@be-nccn, police@nl-kcr2-b");
    check_refused(fixture, "/v1/entries", "{\"kind\":\"note\",\"group\":\"police\"}",
                  "409 ambiguous", "police@be-nccn, police@nl-kcr2-b");
    check_get_refused(fixture, "/v1/groups/police", 409, "ambiguous", "police@nl-kcr2-b");
    do_post(fixture, "/v1/groups/police@be-nccn", "{\"op\":\"rekey\"}");
    found_elsewhere(fixture, "police", true, group);
    check_refused(fixture, "/v1/groups/police@nl-kcr2-b", "{\"op\":\"rekey\"}", "409 ambiguous",
                  "there are 2 groups of that name: say which by police@nl-kcr2-b/");
    json_decref(get(fixture, "/v1/groups/police@nl-kcr2-b/2"));
    check_refused(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[]}", "409 conflict",
                  "a group of that name already");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_members_are_a_group),     TEST(test_a_group_is_founded),
        TEST(test_members_come_and_go),         TEST(test_orders_that_make_no_sense_are_refused),
        TEST(test_what_does_not_count_is_told), TEST(test_a_name_that_is_not_enough_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
