// SPDX-License-Identifier: EUPL-1.2
// Items over the API in front of a fake desk: published, listed, changed, settled.
#ifndef TESTS_UNIT_FAKE_ITEMS_H
#define TESTS_UNIT_FAKE_ITEMS_H

#include "fake_api.h"

static inline json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL) {
        fail_msg("%s: %s", error.text, text);
    }
    return json;
}

// Publishes as this node; returns nothing, as names count up from be-nccn/1.
static inline void publish(struct fixture *fixture, const char *body)
{
    struct http_reply reply;

    http_post(fixture->path, "/v1/entries", "application/json", body, &reply);
    if (reply.status != 201) {
        fail_msg("%s: %s", body, reply.body);
    }
    http_reply_fini(&reply);
}

// An array of all lines.
static inline json_t *list(struct fixture *fixture, const char *query)
{
    struct http_reply reply;
    char target[128];
    json_t *lines = json_array();

    snprintf(target, sizeof target, "/v1/items%s", query);
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.raw, "Content-Type: application/x-ndjson\r\n"));
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_int_equal(json_array_append_new(lines, parse(line)), 0);
    }
    http_reply_fini(&reply);
    return lines;
}

static inline const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text == NULL ? "(none)" : text;
}

// "name state, ..." of a list of versions.
static inline void check_versions(const json_t *item, const char *which, const char *wanted)
{
    char got[512] = "";
    size_t i;
    json_t *version;

    json_array_foreach(json_object_get(item, which), i, version)
    {
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s %s", len == 0 ? "" : ", ",
                 text_of(version, "name"), text_of(version, "state"));
    }
    assert_string_equal(got, wanted);
}

static inline json_t *one(struct fixture *fixture, const char *name, int status)
{
    struct http_reply reply;
    char target[128];

    snprintf(target, sizeof target, "/v1/items/%s", name);
    http_get(fixture->path, target, &reply);
    if (reply.status != status) {
        fail_msg("%s: %d %s", name, reply.status, reply.body);
    }
    json_t *json = parse(reply.body);
    http_reply_fini(&reply);
    return json;
}

static const char measure[] = "{\"kind\":\"measure\",\"text\":\"Stay inside.\",\"fields\":{"
                              "\"type\":\"shelter\"}}";

static inline void change(struct fixture *fixture, const char *from, const char *state)
{
    char body[512];

    snprintf(body, sizeof body,
             "{\"kind\":\"measure\",\"text\":\"Stay inside.\",\"fields\":{\"type\":\"shelter\","
             "\"state\":\"%s\",\"item\":\"be-nccn/1\",\"supersedes\":[%s]}}",
             state, from);
    publish(fixture, body);
}

static inline void settle(struct fixture *fixture, const char *item, const char *take, int status,
                          const char *wanted)
{
    struct http_reply reply;
    char target[128];
    char body[128];

    snprintf(target, sizeof target, "/v1/items/%s", item);
    snprintf(body, sizeof body, "{\"take\":\"%s\"}", take);
    http_post(fixture->path, target, "application/json", body, &reply);
    if (reply.status != status || strstr(reply.body, wanted) == NULL) {
        fail_msg("%s: %d %s", body, reply.status, reply.body);
    }
    http_reply_fini(&reply);
}

#endif
