// SPDX-License-Identifier: EUPL-1.2
// The API of groups and releases over a real store: founding and changing, writing for a group,
// what cannot be read, and what is opened by a release.
#include "fake_api.h"
#include "sitrep/group.h"
#include "sitrep/release.h"

static const char as_json[] = "application/json";
static const char as_lines[] = "application/x-ndjson";

// The groups follow the store, as in a running node.
static int start(void **state)
{
    const int failed = setup(state);
    struct fixture *fixture = *state;
    assert_int_equal(groups_start(fixture->desk.groups, &fixture->desk), ERR_OK);
    return failed;
}

static int stop(void **state)
{
    struct fixture *fixture = *state;
    api_close(&fixture->api); // while the desk still answers
    return teardown(state);
}

static json_t *parse(struct http_reply *reply)
{
    json_error_t error;
    json_t *json = json_loadb(reply->body, reply->body_len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s: %s", error.text, reply->body);
    }
    http_reply_fini(reply);
    return json;
}

// The value at "a.0.b" as compact JSON, without the quotes of a text.
static const char *value_at(const json_t *json, const char *path)
{
    static char text[2048];
    char name[64];
    while (json != NULL && *path != '\0') {
        const size_t len = strcspn(path, ".");
        memcpy(name, path, len);
        name[len] = '\0';
        json = json_is_array(json) ? json_array_get(json, strtoul(name, NULL, 10))
                                   : json_object_get(json, name);
        path += len + (path[len] == '.');
    }
    if (json == NULL) {
        return "(none)";
    }
    if (json_is_string(json)) {
        return json_string_value(json);
    }
    const size_t len = json_dumpb(json, text, sizeof text - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_true(len < sizeof text);
    text[len] = '\0';
    return text;
}

static void check_value(const json_t *json, const char *path, const char *wanted)
{
    const char *got = value_at(json, path);
    if (strcmp(got, wanted) != 0) {
        char *all = json_dumps(json, JSON_INDENT(1));
        fail_msg("%s is %s and not %s in %s", path, got, wanted, all);
    }
}

// What the store has is looked at.
static void settle(struct fixture *fixture)
{
    groups_set_arrival(fixture->desk.groups, store_last_arrival(fixture->desk.store));
    assert_int_equal(groups_catch_up(fixture->desk.groups, 20000), ERR_OK);
}

static json_t *get(struct fixture *fixture, const char *target)
{
    struct http_reply reply;
    settle(fixture);
    http_get(fixture->path, target, &reply);
    if (reply.status != 200) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    return parse(&reply);
}

static json_t *post(struct fixture *fixture, const char *target, const char *body)
{
    struct http_reply reply;
    settle(fixture);
    http_post(fixture->path, target, as_json, body, &reply);
    if (reply.status != 201) {
        fail_msg("%s %s: %d %s", target, body, reply.status, reply.body);
    }
    return parse(&reply);
}

static void do_post(struct fixture *fixture, const char *target, const char *body)
{
    json_decref(post(fixture, target, body));
}

// "STATUS CODE", and part of the message.
static void check_refused(struct fixture *fixture, const char *target, const char *body,
                          const char *code, const char *message)
{
    struct http_reply reply;
    char got[64];
    settle(fixture);
    http_post(fixture->path, target, as_json, body, &reply);
    const int status = reply.status;
    json_t *json = parse(&reply);
    snprintf(got, sizeof got, "%d %s", status, value_at(json, "error.code"));
    if (strcmp(got, code) != 0 || strstr(value_at(json, "error.message"), message) == NULL) {
        fail_msg("%s %s: %s %s", target, body, got, value_at(json, "error.message"));
    }
    json_decref(json);
}

static void check_get_refused(struct fixture *fixture, const char *target, int status,
                              const char *code, const char *message)
{
    struct http_reply reply;
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, status);
    json_t *json = parse(&reply);
    check_value(json, "error.code", code);
    assert_non_null(strstr(value_at(json, "error.message"), message));
    json_decref(json);
}

// -- what the other node writes --

enum { SELF, OTHER }; // nodes, their logs, and their centres

static struct span store_content(struct fixture *fixture, struct span content,
                                 const struct group_key *key)
{
    fake_store(&fixture->desk, &(struct fake_entry){.chain = OTHER,
                                                    .key = key,
                                                    .content = content.bytes,
                                                    .content_len = content.len});
    return content;
}

static void store_change(struct fixture *fixture, const struct group_body *body)
{
    static uint8_t bytes[GROUP_BODY_MAX];
    const size_t len = group_body_encode(body, bytes, sizeof bytes);
    assert_true(len > 0);
    store_content(fixture, (struct span){bytes, len}, NULL);
}

// The other node founds a group; *group is its id.
static void found_elsewhere(struct fixture *fixture, const char *name, bool has_self,
                            uint8_t group[static TAG_LEN])
{
    struct group_body body = {.op = GROUP_CREATE};
    strcpy(body.name, name);
    centre_set_add(&body.centres, OTHER);
    centre_set_add(&body.owners, OTHER);
    if (has_self) {
        centre_set_add(&body.centres, SELF);
    }
    store_change(fixture, &body);
    group_id_derive(fixture->desk.chains[OTHER].head_id, group);
}

// The other node brings a key of a group, which this node does not hold.
static void rekey_elsewhere(struct fixture *fixture, const uint8_t group[static TAG_LEN],
                            struct group_key *key)
{
    struct group_body body = {.op = GROUP_REKEY, .has_key = true};
    const uint8_t secret[SECRET_LEN] = {9};
    group_key_derive(key, group, secret);
    memcpy(body.group, group, TAG_LEN);
    group_key_hash(group, secret, body.key_hash);
    store_change(fixture, &body);
}

// -- founding and changing --

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
        {"{\"entry\":\"nobody/1\",\"group\":\"all\"}", "404 not_found", "no entry nobody/1"},
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_members_are_a_group),
        TEST(test_a_group_is_founded),
        TEST(test_members_come_and_go),
        TEST(test_orders_that_make_no_sense_are_refused),
        TEST(test_what_does_not_count_is_told),
        TEST(test_a_name_that_is_not_enough_is_refused),
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
