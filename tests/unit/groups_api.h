// SPDX-License-Identifier: EUPL-1.2
// What the tests of groups in the API share: asking and comparing, and what the other node writes.
#ifndef TESTS_UNIT_GROUPS_API_H
#define TESTS_UNIT_GROUPS_API_H

#include "fake_api.h"
#include "sitrep/group.h"

static const char as_json[] = "application/json";

// The groups follow the store, as in a running node.
static inline int start(void **state)
{
    const int failed = setup(state);
    struct fixture *fixture = *state;
    assert_int_equal(groups_start(fixture->desk.groups, &fixture->desk), ERR_OK);
    return failed;
}

static inline int stop(void **state)
{
    struct fixture *fixture = *state;
    api_close(&fixture->api); // while the desk still answers
    return teardown(state);
}

static inline json_t *parse(struct http_reply *reply)
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
static inline const char *value_at(const json_t *json, const char *path)
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

static inline void check_value(const json_t *json, const char *path, const char *wanted)
{
    const char *got = value_at(json, path);
    if (strcmp(got, wanted) != 0) {
        char *all = json_dumps(json, JSON_INDENT(1));
        fail_msg("%s is %s and not %s in %s", path, got, wanted, all);
    }
}

// What the store has is looked at.
static inline void settle(struct fixture *fixture)
{
    groups_set_arrival(fixture->desk.groups, store_last_arrival(fixture->desk.store));
    assert_int_equal(groups_catch_up(fixture->desk.groups, 20000), ERR_OK);
}

static inline json_t *get(struct fixture *fixture, const char *target)
{
    struct http_reply reply;
    settle(fixture);
    http_get(fixture->path, target, &reply);
    if (reply.status != 200) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    return parse(&reply);
}

static inline json_t *post(struct fixture *fixture, const char *target, const char *body)
{
    struct http_reply reply;
    settle(fixture);
    http_post(fixture->path, target, as_json, body, &reply);
    if (reply.status != 201) {
        fail_msg("%s %s: %d %s", target, body, reply.status, reply.body);
    }
    return parse(&reply);
}

static inline void do_post(struct fixture *fixture, const char *target, const char *body)
{
    json_decref(post(fixture, target, body));
}

// "STATUS CODE", and part of the message.
static inline void check_refused(struct fixture *fixture, const char *target, const char *body,
                                 const char *code, const char *message)
{
    struct http_reply reply;
    char got[64];
    settle(fixture);
    http_post(fixture->path, target, as_json, body, &reply);
    const int status = reply.status;
    json_t *json = parse(&reply);
    snprintf(got, sizeof got, "%d %.50s", status, value_at(json, "error.code"));
    if (strcmp(got, code) != 0 || strstr(value_at(json, "error.message"), message) == NULL) {
        fail_msg("%s %s: %s %s", target, body, got, value_at(json, "error.message"));
    }
    json_decref(json);
}

static inline void check_get_refused(struct fixture *fixture, const char *target, int status,
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

static inline struct span store_content(struct fixture *fixture, struct span content,
                                        const struct group_key *key)
{
    fake_store(&fixture->desk, &(struct fake_entry){.chain = OTHER,
                                                    .key = key,
                                                    .content = content.bytes,
                                                    .content_len = content.len});
    return content;
}

static inline void store_change(struct fixture *fixture, const struct group_body *body)
{
    static uint8_t bytes[GROUP_BODY_MAX];
    const size_t len = group_body_encode(body, bytes, sizeof bytes);
    assert_true(len > 0);
    store_content(fixture, (struct span){bytes, len}, NULL);
}

// The other node founds a group; *group is its id.
static inline void found_elsewhere(struct fixture *fixture, const char *name, bool has_self,
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
static inline void rekey_elsewhere(struct fixture *fixture, const uint8_t group[static TAG_LEN],
                                   struct group_key *key)
{
    struct group_body body = {.op = GROUP_REKEY, .has_key = true};
    const uint8_t secret[SECRET_LEN] = {9};
    group_key_derive(key, group, secret);
    memcpy(body.group, group, TAG_LEN);
    group_key_hash(group, secret, body.key_hash);
    store_change(fixture, &body);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
