// SPDX-License-Identifier: EUPL-1.2
// The API's reading side over a real store: lists, the stream that follows, single entries and
// their proofs, damage, checking the store, alerts.
#include "fake_api.h"
#include "sitrep/cose.h"
#include "sitrep/header.h"

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s: %s", error.text, text);
    }
    return json;
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text == NULL ? "(none)" : text;
}

// The names of the listed entries, each followed by a blank.
static void list(struct fixture *fixture, const char *query, char out[static 1024])
{
    struct http_reply reply;
    char target[256];
    out[0] = '\0';
    snprintf(target, sizeof target, "/v1/entries%s", query);
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.raw, "Content-Type: application/x-ndjson\r\n"));
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *json = parse(line);
        strncat(out, text_of(json, "name"), 64);
        strcat(out, " ");
        json_decref(json);
    }
    http_reply_fini(&reply);
}

static void check_list(struct fixture *fixture, const char *query, const char *expected)
{
    char names[1024];
    list(fixture, query, names);
    assert_string_equal(names, expected);
}

static json_t *get(struct fixture *fixture, const char *target, int status)
{
    struct http_reply reply;
    http_get(fixture->path, target, &reply);
    if (reply.status != status) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    json_t *json = parse(reply.body);
    http_reply_fini(&reply);
    return json;
}

static void check_error(struct fixture *fixture, const char *target, int status, const char *code,
                        const char *message)
{
    json_t *json = get(fixture, target, status);
    const json_t *error = json_object_get(json, "error");
    assert_string_equal(text_of(error, "code"), code);
    if (strstr(text_of(error, "message"), message) == NULL) {
        fail_msg("%s", text_of(error, "message"));
    }
    json_decref(json);
}

static const uint8_t report[] = "\xa2\x64kind\x66report\x64text\x65smoke";

static void test_entries_are_listed_in_order_of_arrival(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    uint64_t begin_ms = fake_now_ms;
    check_list(fixture, "", "");
    fake_store(desk, &(struct fake_entry){0});
    fake_store(desk, &(struct fake_entry){
                         .chain = 1, .content = report, .content_len = sizeof report - 1});
    fake_now_ms = begin_ms + UINT64_C(3) * 3600 * 1000; // 2025-06-15T18:06:40Z
    fake_store(desk, &(struct fake_entry){0});
    fake_store(desk, &(struct fake_entry){.chain = 1, .is_foreign = true});
    check_list(fixture, "", "be-nccn/1 nl-kcr2-b/1 be-nccn/2 nl-kcr2-b/2 ");
    check_list(fixture, "?limit=2", "be-nccn/1 nl-kcr2-b/1 ");
    check_list(fixture, "?after=1&limit=2", "nl-kcr2-b/1 be-nccn/2 ");
    check_list(fixture, "?after=4", "");
    check_list(fixture, "?centre=nl-kcr2", "nl-kcr2-b/1 nl-kcr2-b/2 ");
    check_error(fixture, "/v1/entries?centre=nobody", 404, "no_such_centre",
                "there are: be-nccn, nl-kcr2");
    check_error(fixture, "/v1/entries?centre=", 404, "no_such_centre", "code is empty");
    check_list(fixture, "?kind=note", "be-nccn/1 be-nccn/2 ");
    check_list(fixture, "?kind=report", "nl-kcr2-b/1 ");
    check_list(fixture, "?since=2025-06-15T15:06:40Z",
               "be-nccn/1 nl-kcr2-b/1 be-nccn/2 nl-kcr2-b/2 ");
    check_list(fixture, "?since=2025-06-15T15:06:41Z", "be-nccn/2 nl-kcr2-b/2 ");
    check_list(fixture, "?since=2025-06-15T20:06:40+02:00", "be-nccn/2 nl-kcr2-b/2 ");
    check_list(fixture, "?since=2025-06-15T18:06:40.001Z", "");
    check_list(fixture, "?since=2025-06-15T17:00:00Z&kind=note&limit=1", "be-nccn/2 ");
    // The clock is set back by half an hour.
    fake_now_ms -= UINT64_C(1800) * 1000;
    fake_store(desk, &(struct fake_entry){0});
    check_list(fixture, "?since=2025-06-15T18:00:00Z", "be-nccn/2 nl-kcr2-b/2 ");
    fake_now_ms = begin_ms;
}

static void test_an_entry_says_what_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = report,
                                                    .content_len = sizeof report - 1,
                                                    .precedence = IMMEDIATE});
    fake_store(&fixture->desk, &(struct fake_entry){.is_foreign = true});
    http_get(fixture->path, "/v1/entries", &reply);
    assert_string_equal(
        reply.body,
        "{\"name\":\"nl-kcr2-b/1\",\"node\":\"nl-kcr2-b\",\"centre\":\"nl-kcr2\",\"epoch\":0,"
        "\"seq\":1,\"arrival\":1,\"arrived\":\"2025-06-15T15:06:40.000Z\","
        "\"time\":\"2025-06-15T15:06:40.000Z\",\"precedence\":\"immediate\",\"ahead\":false,"
        "\"current_until\":\"2025-06-15T19:06:40.000Z\",\"kind\":\"report\",\"text\":\"smoke\","
        "\"fields\":{}}\n"
        "{\"name\":\"be-nccn/1\",\"node\":\"be-nccn\",\"centre\":\"be-nccn\",\"epoch\":0,"
        "\"seq\":1,\"arrival\":2,\"arrived\":\"2025-06-15T15:06:40.000Z\","
        "\"time\":\"2025-06-15T15:06:40.000Z\",\"precedence\":\"routine\",\"ahead\":false,"
        "\"group_id\":\"0505050505050505\",\"sealed\":true,\"key\":\"unknown\"}\n");
    http_reply_fini(&reply);
}

// Sealed with our key, and yet not a body: an array.
static void test_what_is_no_body_is_shown_as_unreadable(void **state)
{
    struct fixture *fixture = *state;
    fake_store(&fixture->desk,
               &(struct fake_entry){.content = (const uint8_t *)"\x80", .content_len = 1});
    json_t *json = get(fixture, "/v1/entries/be-nccn/1", 200);
    assert_true(json_is_true(json_object_get(json, "unreadable")));
    assert_null(json_object_get(json, "kind"));
    json_decref(json);
}

static void test_an_entry_is_shown_with_its_proof(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){0});
    fake_store(&fixture->desk, &(struct fake_entry){0});
    json_t *first = get(fixture, "/v1/entries/be-nccn/1", 200);
    json_t *second = get(fixture, "/v1/entries/be-nccn/2?format=json", 200);
    assert_true(json_is_null(json_object_get(first, "prev")));
    assert_string_equal(text_of(second, "prev"), text_of(first, "id"));
    assert_true(json_is_true(json_object_get(second, "signed")));
    assert_true(json_is_true(json_object_get(second, "verified")));
    assert_true(json_integer_value(json_object_get(second, "size")) >= SEALED_MIN);
    json_decref(first);
    json_decref(second);
    http_get(fixture->path, "/v1/entries/be-nccn/2?format=cose", &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.raw, "Content-Type: application/cose\r\n"));
    struct span payload;
    uint8_t signature[SIGNATURE_LEN];
    assert_int_equal(cose_decode((const uint8_t *)reply.body, reply.body_len, &payload, signature),
                     ERR_OK);
    assert_int_equal(cose_verify(fixture->desk.public_key[0],
                                 (struct span){fixture->desk.roster->federation, ID_LEN}, payload,
                                 signature),
                     ERR_OK);
    http_reply_fini(&reply);
    check_error(fixture, "/v1/entries/be-nccn/3", 404, "not_found", "no entry be-nccn/3");
    check_error(fixture, "/v1/entries/lu-hcpn/1", 404, "not_found",
                "there is no node 'lu-hcpn' in the roster; there are: be-nccn, nl-kcr2-b");
    check_error(fixture, "/v1/entries/be-nccn.1/1", 404, "not_found", "be-nccn.1/1");
}

static void test_an_entry_without_signature_is_proven_by_a_later_one(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){.is_unsigned = true});
    fake_store(&fixture->desk, &(struct fake_entry){.is_unsigned = true});
    fake_store(&fixture->desk, &(struct fake_entry){0});
    fake_store(&fixture->desk, &(struct fake_entry){.is_unsigned = true});
    check_error(fixture, "/v1/entries/be-nccn/1?format=cose", 409, "not_signed_itself",
                "be-nccn/3");
    json_t *json = get(fixture, "/v1/entries/be-nccn/1", 200);
    assert_true(json_is_false(json_object_get(json, "signed")));
    assert_true(json_is_true(json_object_get(json, "verified")));
    json_decref(json);
    http_get(fixture->path, "/v1/entries/be-nccn/1?format=proof", &reply);
    assert_non_null(strstr(reply.raw, "Content-Type: application/cbor\r\n"));
    struct cbor_reader cbor;
    struct header header;
    struct span bytes = {0};
    uint8_t id[ID_LEN];
    uint8_t signature[SIGNATURE_LEN];
    const uint8_t *space = fixture->desk.roster->federation;
    cbor_read(&cbor, (const uint8_t *)reply.body, reply.body_len);
    assert_int_equal(cbor_get_array(&cbor), 4);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        bytes = cbor_get_bytes(&cbor);
        assert_int_equal(header_decode(bytes.bytes, bytes.len, &header), ERR_OK);
        assert_int_equal(header.seq, seq);
        if (seq > 1) {
            assert_memory_equal(header.prev, id, ID_LEN);
        }
        header_id(space, bytes.bytes, bytes.len, id);
    }
    cbor_get_exact(&cbor, signature, SIGNATURE_LEN);
    assert_int_equal(cbor_finish(&cbor), ERR_OK);
    assert_int_equal(
        cose_verify(fixture->desk.public_key[0], (struct span){space, ID_LEN}, bytes, signature),
        ERR_OK);
    http_reply_fini(&reply);
    // Nothing after it is signed.
    json = get(fixture, "/v1/entries/be-nccn/4", 200);
    assert_true(json_is_false(json_object_get(json, "verified")));
    json_decref(json);
    check_error(fixture, "/v1/entries/be-nccn/4?format=proof", 404, "not_found", "signature");
}

static void check_reported(const struct desk *desk, uint32_t chain, uint64_t seq)
{
    for (size_t i = 0; i < desk->reports_count; i++) {
        if (desk->reports[i].chain == chain && desk->reports[i].seq == seq) {
            return;
        }
    }
    fail_msg("the damage was not reported");
}

static void test_damage_does_not_leave_the_node(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){0});
    fake_store(&fixture->desk, &(struct fake_entry){.is_damaged = true,
                                                    .content = report,
                                                    .content_len = sizeof report - 1});
    http_get(fixture->path, "/v1/entries?kind=note", &reply);
    assert_null(strstr(reply.body, "smoke"));
    assert_non_null(strstr(reply.body, "{\"name\":\"be-nccn/2\","));
    assert_non_null(strstr(reply.body, "\"arrival\":2,\"damaged\":true}\n"));
    http_reply_fini(&reply);
    check_reported(&fixture->desk, 0, 2);
    fixture->desk.reports_count = 0;
    check_error(fixture, "/v1/entries/be-nccn/2", 503, "damaged", "fetched again");
    check_reported(&fixture->desk, 0, 2);
    check_error(fixture, "/v1/entries/be-nccn/2?format=cose", 503, "damaged", "be-nccn/2");
    check_error(fixture, "/v1/entries/be-nccn/2?format=proof", 503, "damaged", "be-nccn/2");
}

// The signature is no part of the id.
static void test_a_damaged_signature_does_not_leave_the_node(void **state)
{
    struct fixture *fixture = *state;
    fake_store(&fixture->desk, &(struct fake_entry){.has_bad_signature = true});
    check_error(fixture, "/v1/entries/be-nccn/1?format=cose", 503, "damaged", "be-nccn/1");
    check_reported(&fixture->desk, 0, 1);
    check_error(fixture, "/v1/entries/be-nccn/1", 503, "damaged", "be-nccn/1");
}

static void test_forked_entries_need_their_letter(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct http_reply reply;
    fake_store(desk, &(struct fake_entry){0});
    fake_store(desk, &(struct fake_entry){0});
    fake_branch(desk, 2, 0, 2);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    check_error(fixture, "/v1/entries/be-nccn/2", 409, "forked", "be-nccn/2");
    json_t *a = get(fixture, "/v1/entries/be-nccn/2a", 200);
    json_t *b = get(fixture, "/v1/entries/be-nccn/2b", 200);
    assert_string_equal(text_of(a, "name"), "be-nccn/2a");
    assert_string_equal(text_of(a, "fork"), "a");
    assert_string_equal(text_of(b, "fork"), "b");
    assert_true(strcmp(text_of(a, "id"), text_of(b, "id")) < 0);
    assert_string_equal(text_of(a, "prev"), text_of(b, "prev"));
    json_decref(a);
    json_decref(b);
    check_error(fixture, "/v1/entries/be-nccn/2c", 404, "not_found", "");
    json_t *trunk = get(fixture, "/v1/entries/be-nccn/1", 200);
    assert_null(json_object_get(trunk, "fork"));
    json_decref(trunk);
    http_get(fixture->path, "/v1/entries?after=1", &reply);
    assert_non_null(strstr(reply.body, "be-nccn/2a"));
    assert_non_null(strstr(reply.body, "be-nccn/2b"));
    http_reply_fini(&reply);
}

// -- streams --

static int follow(struct fixture *fixture, const char *query, struct http_reply *reply)
{
    char head[256];
    *reply = (struct http_reply){0};
    int fd = http_connect(fixture->path);
    int len = snprintf(head, sizeof head,
                       "GET /v1/entries?follow=1%s HTTP/1.1\r\nHost: localhost\r\n\r\n", query);
    http_send(fd, head, (size_t)len);
    return fd;
}

static void publish(struct desk *desk)
{
    struct desk_entry entry = {.content = {fake_note, sizeof fake_note - 1}};
    struct desk_published published;
    size_t failed;
    assert_int_equal(desk_publish(desk, &entry, 1, &published, &failed), ERR_OK);
}

static void test_a_stream_follows_what_arrives(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    struct http_reply late;
    publish(&fixture->desk);
    int fd = follow(fixture, "", &reply);
    assert_true(http_read_until(fd, &reply, "\"be-nccn/1\""));
    publish(&fixture->desk);
    assert_true(http_read_until(fd, &reply, "\"be-nccn/2\""));
    int late_fd = follow(fixture, "&after=2&limit=2", &late);
    publish(&fixture->desk);
    publish(&fixture->desk);
    publish(&fixture->desk);
    assert_true(http_read_until(late_fd, &late, "\r\n0\r\n"));
    assert_null(strstr(late.raw, "\"be-nccn/2\""));
    assert_non_null(strstr(late.raw, "\"be-nccn/3\""));
    assert_non_null(strstr(late.raw, "\"be-nccn/4\""));
    assert_null(strstr(late.raw, "\"be-nccn/5\""));
    assert_true(http_read_until(fd, &reply, "\"be-nccn/5\""));
    // It ends when the node stops.
    pthread_mutex_lock(&fixture->desk.mutex);
    fixture->desk.is_stopping = true;
    pthread_cond_broadcast(&fixture->desk.changed);
    pthread_mutex_unlock(&fixture->desk.mutex);
    assert_true(http_read_until(fd, &reply, "\r\n0\r\n"));
    close(fd);
    close(late_fd);
    http_reply_fini(&reply);
    http_reply_fini(&late);
}

// Asks until a place is free: until then the server closes at once.
static int follow_when_free(struct fixture *fixture, struct http_reply *reply)
{
    time_t until = time(NULL) + 30;
    while (time(NULL) < until) {
        int fd = follow(fixture, "", reply);
        if (http_read_until(fd, reply, "200 OK")) {
            return fd;
        }
        close(fd);
        http_reply_fini(reply);
    }
    fail_msg("no connection has become free");
    return -1;
}

// More than there are connections; each leaves while the node has nothing to say to it.
static void test_a_client_that_left_does_not_hold_its_connection(void **state)
{
    for (int i = 0; i < 66; i++) {
        struct http_reply reply;
        close(follow_when_free(*state, &reply));
        http_reply_fini(&reply);
    }
}

static void test_fsck_finds_damage(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char head[] = "POST /v1/fsck HTTP/1.1\r\nContent-Type: application/json";
    fake_store(&fixture->desk, &(struct fake_entry){0});
    http_ask(fixture->path, "POST /v1/fsck HTTP/1.1", "", 0, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(strstr(reply.body, "{\"checked\":1,\"damaged\""),
                        "{\"checked\":1,\"damaged\":[],\"ok\":true}\n");
    assert_non_null(strstr(reply.body, "{\"checked\":1,\"total\":1}\n"));
    http_reply_fini(&reply);
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1, .is_damaged = true});
    http_ask(fixture->path, head, "{}", 2, &reply);
    const char *last = strstr(reply.body, "{\"checked\":2,\"damaged\"");
    assert_non_null(last);
    assert_string_equal(last,
                        "{\"checked\":2,\"damaged\":[{\"name\":\"nl-kcr2-b/1\"}],\"ok\":false}\n");
    http_reply_fini(&reply);
    check_reported(&fixture->desk, 1, 1);
}

static void test_what_is_quarantined_is_listed_apart(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){.chain = 1});
        fake_store(desk, &(struct fake_entry){0});
    }
    check_list(fixture, "?quarantined=1", "");
    fake_revoke(desk, 1, 1);
    check_list(fixture, "", "nl-kcr2-b/1 be-nccn/1 be-nccn/2 be-nccn/3 ");
    check_list(fixture, "?quarantined=0&limit=2", "nl-kcr2-b/1 be-nccn/1 ");
    check_list(fixture, "?quarantined=1", "nl-kcr2-b/2 nl-kcr2-b/3 ");
    check_list(fixture, "?quarantined=1&after=3", "nl-kcr2-b/3 ");
    check_list(fixture, "?quarantined=1&centre=be-nccn", "");
    check_error(fixture, "/v1/entries?quarantined=yes", 400, "malformed", "quarantined");
    json_t *json = get(fixture, "/v1/entries/nl-kcr2-b/2", 200);
    assert_true(json_is_true(json_object_get(json, "quarantined")));
    json_decref(json);
    json = get(fixture, "/v1/entries/nl-kcr2-b/1", 200);
    assert_null(json_object_get(json, "quarantined"));
    json_decref(json);
    fake_revoke(desk, 1, 2); // the point moved
    check_list(fixture, "?quarantined=1", "nl-kcr2-b/3 ");
}

// -- alerts --

static const char alert[] =
    "{\"precedence\":\"immediate\",\"media\":\"application/cap+xml\",\"original_base64\":\"PGE+\","
    "\"cap\":{\"identifier\":\"I1\",\"sender\":\"S\",\"sent\":\"2025-03-13T10:00:00+01:00\"}}";

// The same as an entry's body: {"cap": {sent, sender, identifier}, "kind": "alert"}
static const uint8_t alert_body[] = "\xa2\x63"
                                    "cap\xa3\x64sent\x78\x19"
                                    "2025-03-13T10:00:00+01:00\x66sender\x61S\x6aidentifier\x62I1"
                                    "\x64kind\x65"
                                    "alert";

static void test_an_alert_is_published_once(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    char other[512];
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.body, "{\"name\":\"be-nccn/1\"}");
    http_reply_fini(&reply);
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "{\"name\":\"be-nccn/1\",\"already\":true}");
    http_reply_fini(&reply);
    snprintf(other, sizeof other, "%s", alert);
    memcpy(strstr(other, "\"I1\""), "\"I2\"", 4);
    http_post(fixture->path, "/v1/alerts", "application/json", other, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    json_t *json = get(fixture, "/v1/entries/be-nccn/1", 200);
    const json_t *fields = json_object_get(json, "fields");
    assert_string_equal(text_of(json, "kind"), "alert");
    assert_string_equal(text_of(json, "precedence"), "immediate");
    assert_string_equal(text_of(json_object_get(fields, "cap"), "identifier"), "I1");
    assert_string_equal(text_of(json_object_get(fields, "original"), "$bytes"), "PGE+");
    assert_string_equal(text_of(fields, "media"), "application/cap+xml");
    json_decref(json);
}

static void test_an_alert_of_another_node_is_known(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = alert_body,
                                                    .content_len = sizeof alert_body - 1});
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "{\"name\":\"nl-kcr2-b/1\",\"already\":true}");
    http_reply_fini(&reply);
    assert_int_equal(fixture->desk.publish_calls, 0);
}

static void test_a_quarantined_alert_is_not_known(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1});
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = alert_body,
                                                    .content_len = sizeof alert_body - 1});
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 200);
    http_reply_fini(&reply);
    fake_revoke(&fixture->desk, 1, 1);
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "be-nccn/1"));
    http_reply_fini(&reply);
}

static void *import_alert(void *context)
{
    struct fixture *fixture = context;
    struct http_reply reply;
    http_post(fixture->path, "/v1/alerts", "application/json", alert, &reply);
    intptr_t status = reply.status;
    http_reply_fini(&reply);
    return (void *)status;
}

static void test_concurrent_imports_publish_once(void **state)
{
    struct fixture *fixture = *state;
    enum { IMPORTS = 16 };
    pthread_t threads[IMPORTS];
    int created = 0;
    for (int i = 0; i < IMPORTS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, import_alert, fixture), 0);
    }
    for (int i = 0; i < IMPORTS; i++) {
        void *status;
        pthread_join(threads[i], &status);
        created += (intptr_t)status == 201;
        assert_true((intptr_t)status == 200 || (intptr_t)status == 201);
    }
    assert_int_equal(created, 1);
    assert_int_equal(store_last_arrival(fixture->desk.store), 1);
}

static void test_many_alerts_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    char text[512];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++) {
            snprintf(text, sizeof text,
                     "{\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":\"%d\","
                     "\"sender\":\"S\",\"sent\":\"T\"}}",
                     i);
            http_post(fixture->path, "/v1/alerts", "application/json", text, &reply);
            assert_int_equal(reply.status, round == 0 ? 201 : 200);
            http_reply_fini(&reply);
        }
    }
}

static void test_incomplete_alerts_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char *const texts[] = {
        "{}",
        "{\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":\"1\",\"sender\":\"S\"}"
        "}",
        "{\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":1,\"sender\":\"S\","
        "\"sent\":\"T\"}}",
        "{\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":\"\",\"sender\":\"S\","
        "\"sent\":\"T\"}}",
        "{\"media\":\"m\",\"cap\":{\"identifier\":\"1\",\"sender\":\"S\",\"sent\":\"T\"}}",
        "{\"media\":\"m\",\"original_base64\":\"%\",\"cap\":{\"identifier\":\"1\",\"sender\":\"S\","
        "\"sent\":\"T\"}}",
        "{\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":\"1\",\"sender\":\"S\","
        "\"sent\":\"T\",\"lat\":0.5}}",
        "{\"media\":\"m\",\"original_base64\":\"\",\"x\":1,\"cap\":{\"identifier\":\"1\","
        "\"sender\":\"S\",\"sent\":\"T\"}}",
        "{\"precedence\":\"x\",\"media\":\"m\",\"original_base64\":\"\",\"cap\":{\"identifier\":"
        "\"1\",\"sender\":\"S\",\"sent\":\"T\"}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        http_post(fixture->path, "/v1/alerts", "application/json", texts[i], &reply);
        if (reply.status != 400) {
            fail_msg("%s: %s", texts[i], reply.body);
        }
        http_reply_fini(&reply);
    }
    assert_int_equal(fixture->desk.publish_calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_entries_are_listed_in_order_of_arrival),
        TEST(test_an_entry_says_what_it_is),
        TEST(test_what_is_no_body_is_shown_as_unreadable),
        TEST(test_an_entry_is_shown_with_its_proof),
        TEST(test_an_entry_without_signature_is_proven_by_a_later_one),
        TEST(test_damage_does_not_leave_the_node),
        TEST(test_a_damaged_signature_does_not_leave_the_node),
        TEST(test_forked_entries_need_their_letter),
        TEST(test_a_stream_follows_what_arrives),
        TEST(test_a_client_that_left_does_not_hold_its_connection),
        TEST(test_fsck_finds_damage),
        TEST(test_what_is_quarantined_is_listed_apart),
        TEST(test_an_alert_is_published_once),
        TEST(test_an_alert_of_another_node_is_known),
        TEST(test_a_quarantined_alert_is_not_known),
        TEST(test_concurrent_imports_publish_once),
        TEST(test_many_alerts_are_told_apart),
        TEST(test_incomplete_alerts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
