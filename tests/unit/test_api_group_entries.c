// SPDX-License-Identifier: EUPL-1.2
// The API of entries for groups over a real store: writing them, what cannot be read, and what is
// opened by a release. The groups themselves are test_api_groups.c's.
#include "groups_api.h"
#include "sitrep/release.h"

static const char as_lines[] = "application/x-ndjson";

// -- writing for a group --

// The warning that /v1/status has of a group, or none.
static void check_warning(struct fixture *fixture, const char *wanted)
{
    json_t *json = get(fixture, "/v1/status");
    size_t index;
    const json_t *warning;
    const char *found = "(none)";
    json_array_foreach(json_object_get(json, "warnings"), index, warning)
    {
        if (strcmp(value_at(warning, "about"), "group_key") == 0) {
            check_value(warning, "group", "police");
            found = value_at(warning, "message");
        }
    }
    assert_non_null(strstr(found, wanted));
    json_decref(json);
}

static void test_entries_are_for_a_group(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[\"nl-kcr2\"]}");
    check_warning(fixture, "(none)");
    do_post(fixture, "/v1/entries",
            "{\"kind\":\"report\",\"group\":\"police\",\"text\":\"Two suspects\"}");
    json_t *json = get(fixture, "/v1/entries/be-nccn/3");
    check_value(json, "text", "Two suspects");
    check_value(json, "group", "police");
    check_value(json, "sealed", "(none)");
    check_value(json, "released", "(none)");
    json_decref(json);
    // Lines, with a group of their own, with that of the request, and back to all.
    settle(fixture);
    http_post(fixture->path, "/v1/entries?group=police", as_lines,
              "{\"kind\":\"a\"}\n{\"kind\":\"b\",\"group\":\"all\"}\n", &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    http_post(fixture->path, "/v1/entries", as_lines,
              "{\"kind\":\"c\",\"group\":\"police\"}\n{\"kind\":\"d\"}\n", &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    static const char *const wanted[] = {"police", "(none)", "police", "(none)"};
    for (size_t i = 0; i < 4; i++) {
        char target[64];
        snprintf(target, sizeof target, "/v1/entries/be-nccn/%zu", i + 4);
        json = get(fixture, target);
        check_value(json, "group", wanted[i]);
        json_decref(json);
    }
    http_post(fixture->path, "/v1/entries", as_lines,
              "{\"kind\":\"c\",\"group\":\"police\"}\n{\"kind\":\"d\",\"group\":\"fire\"}\n",
              &reply);
    assert_int_equal(reply.status, 404);
    json = parse(&reply);
    check_value(json, "error.line", "2");
    json_decref(json);
    check_refused(fixture, "/v1/entries", "{\"kind\":\"a\",\"group\":1}", "400 malformed",
                  "the name of a group");
    check_refused(fixture, "/v1/entries", "{\"kind\":\"group\"}", "400 malformed", "/v1/groups");
    check_refused(fixture, "/v1/entries", "{\"kind\":\"release\"}", "400 malformed",
                  "/v1/releases");
    assert_int_equal(fixture->desk.chains[SELF].head_seq, 7);
}

static void test_why_nothing_can_be_written_is_told(void **state)
{
    struct fixture *fixture = *state;
    uint8_t group[TAG_LEN];
    struct group_key key;
    static const char for_police[] = "{\"kind\":\"note\",\"group\":\"police\"}";
    found_elsewhere(fixture, "closed", false, group);
    check_refused(fixture, "/v1/entries", "{\"kind\":\"note\",\"group\":\"closed\"}",
                  "403 not_a_member", "no member of closed, which has nl-kcr2");
    found_elsewhere(fixture, "police", true, group);
    check_refused(fixture, "/v1/entries", for_police, "503 needs_key", "owned by nl-kcr2");
    check_warning(fixture, "police has no key to write with");
    json_t *json = get(fixture, "/v1/groups");
    check_value(json, "groups.1.reading", "closed");
    check_value(json, "groups.2.reading", "needed");
    json_decref(json);
    rekey_elsewhere(fixture, group, &key);
    check_refused(fixture, "/v1/entries", for_police, "503 key_awaited", "asks its peers");
    check_warning(fixture, "the key of police is awaited");
    json = get(fixture, "/v1/groups/police");
    check_value(json, "reading", "awaited");
    check_value(json, "keys.0.held", "awaited");
    json_decref(json);
    assert_int_equal(fixture->desk.publish_calls, 0);
}

static void check_sealed(struct fixture *fixture, const char *target, const char *group,
                         const char *key)
{
    json_t *json = get(fixture, target);
    check_value(json, "sealed", "true");
    check_value(json, "group", group);
    check_value(json, "key", key);
    check_value(json, "kind", "(none)");
    json_decref(json);
}

static void check_names(struct fixture *fixture, const char *target, const char *wanted)
{
    struct http_reply reply;
    char names[256] = "";
    settle(fixture);
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, 200);
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *json = json_loads(line, 0, NULL);
        strcat(names, value_at(json, "name"));
        strcat(names, " ");
        json_decref(json);
    }
    assert_string_equal(names, wanted);
    http_reply_fini(&reply);
}

static void test_a_list_can_be_of_one_group(void **state)
{
    struct fixture *fixture = *state;
    uint8_t group[TAG_LEN];
    struct group_key key;
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[]}");
    do_post(fixture, "/v1/entries", "{\"kind\":\"a\",\"group\":\"police\"}");
    do_post(fixture, "/v1/entries", "{\"kind\":\"b\"}");
    found_elsewhere(fixture, "closed", false, group);
    rekey_elsewhere(fixture, group, &key);
    store_content(fixture, (struct span){fake_note, sizeof fake_note - 1}, &key);
    check_names(fixture, "/v1/entries?group=police", "be-nccn/3 ");
    check_names(fixture, "/v1/entries?group=closed", "nl-kcr2-b/3 ");
    check_names(fixture, "/v1/entries?group=all&kind=b", "be-nccn/4 ");
    check_get_refused(fixture, "/v1/entries?group=fire", 404, "not_found", "all, closed, police");
}

static void test_what_cannot_be_read_names_its_group(void **state)
{
    struct fixture *fixture = *state;
    uint8_t group[TAG_LEN];
    struct group_key key;
    const struct span note = {fake_note, sizeof fake_note - 1};
    found_elsewhere(fixture, "police", true, group);
    rekey_elsewhere(fixture, group, &key);
    store_content(fixture, note, &key);
    check_sealed(fixture, "/v1/entries/nl-kcr2-b/3", "police", "awaited");
    found_elsewhere(fixture, "closed", false, group);
    rekey_elsewhere(fixture, group, &key);
    store_content(fixture, note, &key);
    check_sealed(fixture, "/v1/entries/nl-kcr2-b/6", "closed", "closed");
    const uint8_t secret[SECRET_LEN] = {42};
    group_key_derive(&key, group, secret);
    store_content(fixture, note, &key);
    check_sealed(fixture, "/v1/entries/nl-kcr2-b/7", "closed", "unknown");
    store_content(fixture, note, &fixture->desk.foreign);
    check_sealed(fixture, "/v1/entries/nl-kcr2-b/8", "(none)", "unknown");
    group_all_members(fixture->desk.roster->federation, group);
    group_key_derive(&key, group, secret);
    store_content(fixture, note, &key);
    check_sealed(fixture, "/v1/entries/nl-kcr2-b/9", "all", "unknown");
}

// -- releases --

static void test_an_entry_is_released(void **state)
{
    struct fixture *fixture = *state;
    do_post(fixture, "/v1/groups", "{\"name\":\"own\",\"centres\":[]}");               // 1, 2
    do_post(fixture, "/v1/groups", "{\"name\":\"border\",\"centres\":[\"nl-kcr2\"]}"); // 3, 4
    do_post(fixture, "/v1/entries",
            "{\"kind\":\"report\",\"group\":\"own\",\"precedence\":\"flash\",\"text\":\"x\"}"); // 5
    json_t *json =
        post(fixture, "/v1/releases", "{\"entry\":\"be-nccn/5\",\"group\":\"border\"}"); // 6
    check_value(json, "name", "be-nccn/6");
    check_value(json, "group", "border");
    check_value(json, "opened_to", "[\"nl-kcr2\"]");
    json_decref(json);
    json = get(fixture, "/v1/entries/be-nccn/6");
    check_value(json, "kind", "release");
    check_value(json, "group", "border");
    check_value(json, "precedence", "flash");
    check_value(json, "fields.entry", "be-nccn/5");
    check_value(json, "fields.key", "(none)");
    json_decref(json);
    static const struct {
        const char *body, *code, *message;
    } rows[] = {
        {"{\"entry\":\"be-nccn/5\",\"group\":\"border\"}", "409 already", "has been released"},
        {"{\"entry\":\"be-nccn/5\",\"group\":\"own\"}", "409 already", "every member of own can"},
        {"{\"entry\":\"be-nccn/1\",\"group\":\"border\"}", "409 already", "every member"},
        {"{\"entry\":\"be-nccn/6\",\"group\":\"all\"}", "409 conflict", "is a release itself"},
        {"{\"entry\":\"be-nccn/99\",\"group\":\"all\"}", "404 not_found", "no entry be-nccn/99"},
        {"{\"entry\":\"nobody/1\",\"group\":\"all\"}", "404 not_found",
         "no node 'nobody' in the roster; there are: be-nccn"},
        {"{\"entry\":\"x\",\"group\":\"all\"}", "400 malformed", ""},
        {"{\"entry\":\"be-nccn/5\",\"group\":\"fire\"}", "404 not_found", "no group 'fire'"},
        {"{\"entry\":\"be-nccn/5\"}", "400 malformed", "\"group\""},
        {"{\"entry\":\"be-nccn/5\",\"group\":\"all\",\"x\":1}", "400 malformed", ""},
        {"", "400 malformed", "not JSON"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_refused(fixture, "/v1/releases", rows[i].body, rows[i].code, rows[i].message);
    }
    do_post(fixture, "/v1/releases", "{\"entry\":\"be-nccn/5\",\"group\":\"all\"}");
}

// The other node releases its entry `seq`, sealed with `key`, to all members.
static void release_elsewhere(struct fixture *fixture, uint64_t seq, const struct group_key *key)
{
    struct desk *desk = &fixture->desk;
    struct record_set set = {0};
    struct header header;
    struct release release;
    uint8_t bytes[RELEASE_BODY_MAX];
    assert_int_equal(store_read(desk->store, OTHER, seq, 1, 1, &set), ERR_OK);
    assert_int_equal(
        record_check(&set.records[0], desk->roster->federation, &desk->chains[OTHER], &header),
        ERR_OK);
    const struct release_entry entry = {desk->roster->federation,
                                        desk->roster,
                                        &header,
                                        {set.records[0].sealed, set.records[0].sealed_len}};
    assert_int_equal(release_make(desk->sealer, key, &entry, &release), ERR_OK);
    const size_t len = release_encode(&release, bytes);
    store_content(fixture, (struct span){bytes, len}, NULL);
    record_set_fini(&set);
}

static void test_what_a_release_opens_says_who_released_it(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t report[] = "\xa2\x64kind\x66report\x64text\x65smoke";
    store_content(fixture, (struct span){report, sizeof report - 1}, &fixture->desk.foreign);
    check_refused(fixture, "/v1/releases", "{\"entry\":\"nl-kcr2-b/1\",\"group\":\"all\"}",
                  "409 sealed", "cannot read nl-kcr2-b/1");
    release_elsewhere(fixture, 1, &fixture->desk.foreign);
    json_t *json = get(fixture, "/v1/entries/nl-kcr2-b/1");
    check_value(json, "text", "smoke");
    check_value(json, "sealed", "(none)");
    check_value(json, "group", "(none)");
    check_value(json, "group_id", "0505050505050505");
    check_value(json, "released.entry", "nl-kcr2-b/2");
    check_value(json, "released.node", "nl-kcr2-b");
    check_value(json, "released.centre", "nl-kcr2");
    check_value(json, "released.time", "2025-06-15T15:06:40.000Z");
    json_decref(json);
    // Who got it released may pass it on.
    do_post(fixture, "/v1/groups", "{\"name\":\"border\",\"centres\":[\"nl-kcr2\"]}");
    do_post(fixture, "/v1/releases", "{\"entry\":\"nl-kcr2-b/1\",\"group\":\"border\"}");
}

// What a release opens is text: it changes no group, though it may look so.
static void test_nothing_follows_from_what_is_released(void **state)
{
    struct fixture *fixture = *state;
    struct group_body body = {.op = GROUP_CREATE, .name = "ghost"};
    uint8_t bytes[GROUP_BODY_MAX];
    centre_set_add(&body.centres, OTHER);
    centre_set_add(&body.owners, OTHER);
    const size_t len = group_body_encode(&body, bytes, sizeof bytes);
    store_content(fixture, (struct span){bytes, len}, &fixture->desk.foreign);
    release_elsewhere(fixture, 1, &fixture->desk.foreign);
    json_t *json = get(fixture, "/v1/groups");
    check_value(json, "groups.1", "(none)");
    json_decref(json);
    json = get(fixture, "/v1/entries/nl-kcr2-b/1");
    check_value(json, "released.node", "nl-kcr2-b");
    check_value(json, "fields.name", "ghost");
    check_value(json, "fields.centres", "[1]"); // as it was written
    json_decref(json);
}

// What came before its key, or before what releases it, is given again to who follows.
static void test_who_follows_sees_what_is_opened_later(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply = {0};
    static const uint8_t report[] = "\xa2\x64kind\x66report\x64text\x65smoke";
    static const char ask[] =
        "GET /v1/entries?follow=1&limit=4 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    store_content(fixture, (struct span){report, sizeof report - 1}, &fixture->desk.foreign);
    const int fd = http_connect(fixture->path);
    http_send(fd, ask, strlen(ask));
    assert_true(http_read_until(fd, &reply, "\"sealed\":true"));
    do_post(fixture, "/v1/entries", "{\"kind\":\"note\"}");
    assert_true(http_read_until(fd, &reply, "\"be-nccn/1\""));
    assert_null(strstr(reply.raw, "smoke"));
    release_elsewhere(fixture, 1, &fixture->desk.foreign);
    settle(fixture);
    assert_true(http_read_until(fd, &reply, "\r\n0\r\n")); // the fourth was the last
    assert_non_null(strstr(reply.raw, "\"text\":\"smoke\""));
    assert_non_null(strstr(reply.raw, "\"released\":{\"entry\":\"nl-kcr2-b/2\""));
    close(fd);
    http_reply_fini(&reply);
}

// -- alerts --

static void test_an_alert_is_published_once_for_each_who_read_it(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    char body[512];
    static const char alert[] = "\"cap\":{\"sender\":\"s\",\"identifier\":\"i\",\"sent\":\"t\"},"
                                "\"original_base64\":\"AAAA\",\"media\":\"application/cap+xml\"}";
    static const struct {
        const char *group;
        int status;
    } rows[] = {{"police", 201}, {"police", 200}, {"all", 201},
                {"police", 200}, {NULL, 200},     {"fire", 404}};
    do_post(fixture, "/v1/groups", "{\"name\":\"police\",\"centres\":[]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body, "{%s%s%s%s", rows[i].group != NULL ? "\"group\":\"" : "",
                 rows[i].group != NULL ? rows[i].group : "", rows[i].group != NULL ? "\"," : "",
                 alert);
        settle(fixture);
        http_post(fixture->path, "/v1/alerts", as_json, body, &reply);
        if (reply.status != rows[i].status) {
            fail_msg("%zu: %d %s", i, reply.status, reply.body);
        }
        http_reply_fini(&reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_entries_are_for_a_group),
        TEST(test_why_nothing_can_be_written_is_told),
        TEST(test_a_list_can_be_of_one_group),
        TEST(test_what_cannot_be_read_names_its_group),
        TEST(test_an_entry_is_released),
        TEST(test_what_a_release_opens_says_who_released_it),
        TEST(test_nothing_follows_from_what_is_released),
        TEST(test_who_follows_sees_what_is_opened_later),
        TEST(test_an_alert_is_published_once_for_each_who_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
