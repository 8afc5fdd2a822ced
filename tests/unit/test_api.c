// SPDX-License-Identifier: EUPL-1.2
// The API over its socket: routes, heads and bodies of requests, publishing, status, roster.
#include <sys/stat.h>
#include <sys/wait.h>

#include "api/call.h"
#include "fake_api.h"

static const char as_json[] = "application/json";
static const char as_lines[] = "application/x-ndjson";

// The text at "a.b" of a JSON reply, or NULL.
static const json_t *member(const json_t *json, const char *path)
{
    char name[64];
    while (json != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        memcpy(name, path, len);
        name[len] = '\0';
        json = json_object_get(json, name);
        path += len + (path[len] == '.');
    }
    return json;
}

static json_t *parse(const struct http_reply *reply)
{
    json_error_t error;
    json_t *json = json_loadb(reply->body, reply->body_len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s: %s", error.text, reply->body);
    }
    return json;
}

static void check_error(struct http_reply *reply, int status, const char *code, const char *message)
{
    json_t *json = parse(reply);
    const char *got = json_string_value(member(json, "error.message"));
    if (reply->status != status || got == NULL || strstr(got, message) == NULL) {
        fail_msg("%d: %s", reply->status, reply->body);
    }
    assert_string_equal(json_string_value(member(json, "error.code")), code);
    json_decref(json);
    http_reply_fini(reply);
}

// -- the documents agree --

enum { OPENAPI_MAX = 128 * 1024 };

static char *read_openapi(void)
{
    char *text = calloc(1, OPENAPI_MAX);
    FILE *file = fopen("node/api/openapi.yaml", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, OPENAPI_MAX - 1, file);
    assert_true(len > 0 && len < OPENAPI_MAX - 1);
    fclose(file);
    return text;
}

static void test_every_route_is_documented_and_no_other(void **state)
{
    (void)state;
    size_t count;
    size_t documented = 0;
    const struct route *table = routes(&count);
    char *text = read_openapi();
    char path[64] = "";
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "  /", 3) == 0) {
            snprintf(path, sizeof path, "%.*s", (int)strcspn(line + 2, ":"), line + 2);
        }
        bool is_get = strcmp(line, "    get:") == 0;
        if (!is_get && strcmp(line, "    post:") != 0) {
            continue;
        }
        size_t i = 0;
        while (i < count && (strcmp(table[i].path, path) != 0 ||
                             strcmp(table[i].method, is_get ? "GET" : "POST") != 0)) {
            i++;
        }
        if (i == count) {
            fail_msg("documented, but no route: %s %s", line, path);
        }
        documented++;
    }
    assert_int_equal(documented, count);
    free(text);
}

// -- heads --

static void test_unknown_pages_and_methods_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char *const unknown[] = {"/",           "/v1",          "/v1/",      "/v2/status",
                                          "/v1/status/", "/v1/entries/", "/v1/links/"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        http_get(fixture->path, unknown[i], &reply);
        check_error(&reply, 404, "not_found", "no such page");
    }
    http_ask(fixture->path, "DELETE /v1/entries HTTP/1.1", NULL, 0, &reply);
    assert_non_null(strstr(reply.raw, "Allow: GET, POST\r\n"));
    check_error(&reply, 405, "method", "only GET, POST");
    http_post(fixture->path, "/v1/status", as_json, "{}", &reply);
    assert_non_null(strstr(reply.raw, "Allow: GET\r\n"));
    check_error(&reply, 405, "method", "only GET ");
    http_get(fixture->path, "/v1/fsck", &reply);
    check_error(&reply, 405, "method", "only POST");
}

static void test_the_host_must_be_localhost(void **state)
{
    struct fixture *fixture = *state;
    static const char *const hosts[] = {"evil.example", "localhost.evil.example", "127.0.0.1"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct http_reply reply = {0};
        char head[256];
        int fd = http_connect(fixture->path);
        int len =
            snprintf(head, sizeof head,
                     "GET /v1/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", hosts[i]);
        http_send(fd, head, (size_t)len);
        assert_true(http_read_until(fd, &reply, NULL));
        http_parse(&reply);
        check_error(&reply, 400, "host", "localhost");
        close(fd);
    }
}

static void test_queries_are_checked(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char *const targets[] = {
        "/v1/entries?unknown=1",       "/v1/entries?format=json",
        "/v1/entries?limit=1&limit=2", "/v1/entries?limit=0",
        "/v1/entries?limit=x",         "/v1/entries?limit=",
        "/v1/entries?limit",           "/v1/entries?since=now",
        "/v1/entries?kind=Note",       "/v1/entries?kind=",
        "/v1/entries?after=-1",        "/v1/entries?follow=yes",
        "/v1/status?follow=1",         "/v1/entries/be-nccn/1?format=xml",
        "/v1/entries/be-nccn",         "/v1/entries/be-nccn/0",
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        http_get(fixture->path, targets[i], &reply);
        check_error(&reply, 400, "malformed", "");
    }
}

static void test_bodies_need_their_content_type(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char entry[] = "{\"kind\":\"note\"}";
    http_post(fixture->path, "/v1/entries", "text/plain", entry, &reply);
    check_error(&reply, 415, "content_type", "");
    http_post(fixture->path, "/v1/entries", "application/jsonx", entry, &reply);
    check_error(&reply, 415, "content_type", "");
    http_ask(fixture->path, "POST /v1/entries HTTP/1.1", entry, strlen(entry), &reply);
    check_error(&reply, 415, "content_type", "");
    http_post(fixture->path, "/v1/alerts", as_lines, entry, &reply);
    check_error(&reply, 415, "content_type", "");
    http_post(fixture->path, "/v1/roster", as_json, "{}", &reply);
    check_error(&reply, 415, "content_type", "");
    http_ask(fixture->path, "POST /v1/fsck HTTP/1.1", "{}", 2, &reply);
    check_error(&reply, 415, "content_type", "");
    http_ask(fixture->path, "POST /v1/roster HTTP/1.1", "", 0, &reply);
    check_error(&reply, 415, "content_type", "");
    assert_int_equal(fixture->desk.publish_calls, 0);
    http_post(fixture->path, "/v1/entries", "Application/JSON; charset=utf-8", entry, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
}

static void test_bodies_are_bounded_while_they_arrive(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    size_t len = 8 * 1024 * 1024 + 1;
    char *body = malloc(len);
    memset(body, ' ', len);
    // Announced.
    http_ask(fixture->path, "POST /v1/entries HTTP/1.1\r\nContent-Type: application/x-ndjson", body,
             len, &reply);
    check_error(&reply, 413, "too_large", "");
    // In chunks, which announce nothing.
    reply = (struct http_reply){0};
    static const char head[] = "POST /v1/links/nl-kcr2-b HTTP/1.1\r\nHost: localhost\r\n"
                               "Content-Type: application/json\r\nConnection: close\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    int fd = http_connect(fixture->path);
    http_send(fd, head, strlen(head));
    for (int i = 0; i < 64; i++) {
        http_send(fd, "1000\r\n", 6);
        http_send(fd, body, 0x1000);
        http_send(fd, "\r\n", 2);
    }
    http_send(fd, "0\r\n\r\n", 5);
    assert_true(http_read_until(fd, &reply, NULL));
    close(fd);
    http_parse(&reply);
    check_error(&reply, 413, "too_large", "");
    free(body);
    http_get(fixture->path, "/v1/peers", &reply);
    assert_int_equal(reply.status, 200);
    http_reply_fini(&reply);
}

// -- publishing --

static void test_one_entry_is_published(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    http_post(fixture->path, "/v1/entries", as_json,
              "{\"kind\":\"note\",\"precedence\":\"flash\",\"text\":\"hi\",\"fields\":{\"a\":1}}",
              &reply);
    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.body, "{\"name\":\"be-nccn/1\",\"epoch\":0,\"seq\":1}");
    assert_non_null(strstr(reply.raw, "Content-Type: application/json\r\n"));
    http_reply_fini(&reply);
    http_get(fixture->path, "/v1/entries/be-nccn/1", &reply);
    json_t *json = parse(&reply);
    assert_string_equal(json_string_value(member(json, "precedence")), "flash");
    assert_string_equal(json_string_value(member(json, "text")), "hi");
    assert_int_equal(json_integer_value(member(json, "fields.a")), 1);
    json_decref(json);
    http_reply_fini(&reply);
}

static void test_lines_are_published_all_or_none(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    http_post(fixture->path, "/v1/entries", as_lines,
              "{\"kind\":\"a\"}\n\n{\"kind\":\"b\"}\r\n{\"kind\":\"c\"}", &reply);
    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.body, "{\"names\":[\"be-nccn/1\",\"be-nccn/2\",\"be-nccn/3\"]}");
    http_reply_fini(&reply);
    static const struct {
        const char *body;
        int line;
    } bad[] = {
        {"{\"kind\":\"a\"}\n\n{\"kind\":\"b\",}\n{\"kind\":\"c\"}\n", 3},
        {"nonsense\n", 1},
        {"{\"kind\":\"a\"}\n{\"kind\":\"b\",\"extra\":1}", 2},
        {"{\"kind\":\"a\"}\n{\"kind\":\"b\",\"precedence\":\"urgent\"}", 2},
        {"{\"kind\":\"a\"}\n{\"kind\":\"b\",\"precedence\":1}", 2},
        {"{\"kind\":\"a\"}\n{\"kind\":\"b\",\"fields\":{\"x\":0.5}}", 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        http_post(fixture->path, "/v1/entries", as_lines, bad[i].body, &reply);
        json_t *json = parse(&reply);
        assert_int_equal(json_integer_value(member(json, "error.line")), bad[i].line);
        json_decref(json);
        check_error(&reply, 400, "malformed", "");
    }
    http_post(fixture->path, "/v1/entries", as_lines, "\n \n", &reply);
    check_error(&reply, 400, "malformed", "no line");
    http_post(fixture->path, "/v1/entries", as_json, "", &reply);
    check_error(&reply, 400, "malformed", "not JSON");
    assert_int_equal(store_last_arrival(fixture->desk.store), 3);
}

static void test_the_number_of_lines_is_limited(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char line[] = "{\"kind\":\"a\"}\n";
    enum { LINES = 4097, LEN = sizeof line - 1 };
    char *body = calloc(1, LINES * LEN + 1);
    for (size_t i = 0; i < LINES; i++) {
        memcpy(body + i * LEN, line, LEN);
    }
    fixture->desk.publish_err = ERR_STATE; // only what came to the desk matters here
    http_post(fixture->path, "/v1/entries", as_lines, body, &reply);
    check_error(&reply, 413, "too_large", "4096");
    assert_int_equal(fixture->desk.publish_calls, 0);
    body[(LINES - 1) * LEN] = '\0';
    http_post(fixture->path, "/v1/entries", as_lines, body, &reply);
    check_error(&reply, 503, "stopping", "");
    assert_int_equal(fixture->desk.publish_calls, 1);
    free(body);
}

static void test_what_the_desk_refuses_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const struct {
        enum err err;
        int status;
        const char *code;
    } cases[] = {
        {ERR_NO_SPACE, 507, "disk_full"}, {ERR_STATE, 503, "stopping"},
        {ERR_AGAIN, 503, "not_ready"},    {ERR_LIMIT, 413, "too_large"},
        {ERR_IO, 500, "failed"},          {ERR_DENIED, 403, "revoked"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture->desk.publish_err = cases[i].err;
        http_post(fixture->path, "/v1/entries", as_json, "{\"kind\":\"a\"}", &reply);
        check_error(&reply, cases[i].status, cases[i].code, "");
    }
    fixture->desk.publish_err = ERR_LIMIT;
    fixture->desk.publish_failed = 1;
    http_post(fixture->path, "/v1/entries", as_lines,
              "{\"kind\":\"a\"}\n\n{\"kind\":\"b\"}\n{\"kind\":\"c\"}\n", &reply);
    assert_non_null(strstr(reply.body, "\"line\":3"));
    check_error(&reply, 413, "too_large", "this line");
}

static void test_a_body_larger_than_an_entry_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    char *body = calloc(1, CONTENT_MAX + 64);
    int len = sprintf(body, "{\"kind\":\"a\",\"text\":\"");
    memset(body + len, 'x', CONTENT_MAX);
    strcpy(body + len + CONTENT_MAX, "\"}");
    http_post(fixture->path, "/v1/entries", as_json, body, &reply);
    check_error(&reply, 413, "too_large", "1024 KiB");
    assert_int_equal(fixture->desk.publish_calls, 0);
    // One of exactly the limit goes to the desk: map, two keys, "a", the head of the text.
    size_t fits = CONTENT_MAX - (1 + 5 + 2 + 5 + 5);
    strcpy(body + len + fits, "\"}");
    http_post(fixture->path, "/v1/entries", as_json, body, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    memset(body + len, 'x', fits + 1);
    strcpy(body + len + fits + 1, "\"}");
    http_post(fixture->path, "/v1/entries", as_json, body, &reply);
    check_error(&reply, 413, "too_large", "");
    free(body);
}

// -- status, roster --

static void check_log(const struct fixture *fixture, const char *path, const char *wanted)
{
    struct http_reply reply;
    http_get(fixture->path, path, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, wanted);
    http_reply_fini(&reply);
}

static void test_a_log_says_how_far_it_is_held(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct http_reply reply;
    check_log(fixture, "/v1/logs/nl-kcr2-b",
              "{\"node\":\"nl-kcr2-b\",\"epoch\":0,\"head\":0,\"branches\":0,"
              "\"claimed\":{\"epoch\":0,\"seq\":0,\"missing\":0}}");
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){.chain = 1});
    }
    fake_store(desk, &(struct fake_entry){.chain = 0});
    desk->claims = (struct engine_claims){.seq = 9, .missing = 5};
    fake_branch(desk, 2, 1, 3);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    fake_store(desk, &(struct fake_entry){.chain = 2});
    check_log(fixture, "/v1/logs/nl-kcr2-b",
              "{\"node\":\"nl-kcr2-b\",\"epoch\":0,\"head\":4,\"branches\":2,"
              "\"claimed\":{\"epoch\":0,\"seq\":9,\"missing\":5}}");
    desk->claims = (struct engine_claims){0};
    desk->chains[3] = desk->chains[1];
    desk->chains[3].number = 3;
    desk->chains[3].epoch = 5;
    desk->chains[3].head_seq = 0;
    fake_store(desk, &(struct fake_entry){.chain = 3});
    check_log(fixture, "/v1/logs/nl-kcr2-b",
              "{\"node\":\"nl-kcr2-b\",\"epoch\":5,\"head\":1,\"branches\":1,"
              "\"claimed\":{\"epoch\":0,\"seq\":0,\"missing\":0}}");
    check_log(fixture, "/v1/logs/be-nccn",
              "{\"node\":\"be-nccn\",\"epoch\":0,\"head\":1,\"branches\":1,"
              "\"claimed\":{\"epoch\":0,\"seq\":0,\"missing\":0}}");
    http_get(fixture->path, "/v1/logs/nobody", &reply);
    check_error(&reply, 404, "not_found", "no node");
}

// The keys of the founding expire in 20 days; the other node's never.
static void check_warnings(const json_t *warnings)
{
    static const char *const kinds[] = {"authority", "signing", "transport"};
    assert_int_equal(json_array_size(warnings), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *warning = json_array_get(warnings, i);
        assert_string_equal(json_string_value(member(warning, "about")), "key_expiry");
        assert_string_equal(json_string_value(member(warning, "kind")), kinds[i]);
        assert_int_equal(json_integer_value(member(warning, "within_days")), 30);
        assert_string_equal(json_string_value(member(warning, "expires")),
                            "2025-07-05T15:06:40.000Z");
        assert_int_equal(json_string_length(member(warning, "fingerprint")), 32);
        if (i > 0) {
            assert_string_equal(json_string_value(member(warning, "node")), "be-nccn");
            assert_true(json_is_true(member(warning, "own")));
        }
    }
}

static void test_the_status_says_all_it_promises(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    static const char *const names[] = {"node",
                                        "centre",
                                        "federation",
                                        "space",
                                        "entries",
                                        "ahead",
                                        "quarantined",
                                        "fingerprint",
                                        "roster_version",
                                        "own.epoch",
                                        "own.head",
                                        "own.ready",
                                        "own.revoked",
                                        "forks",
                                        "store.bytes_used",
                                        "store.disk_free",
                                        "store.failed",
                                        "store.commits",
                                        "refused",
                                        "transport.admitted",
                                        "damaged",
                                        "repaired",
                                        "memory_bytes",
                                        "warnings",
                                        "started",
                                        "now",
                                        "peers"};
    static const char *const peer_names[] = {"node",
                                             "centre",
                                             "state",
                                             "fingerprint",
                                             "converged",
                                             "missing_here",
                                             "missing_there",
                                             "rtt_ms",
                                             "last_entry_verified",
                                             "last_heard",
                                             "endpoint",
                                             "connected",
                                             "trouble",
                                             "reconnects",
                                             "roster_version",
                                             "refused",
                                             "bytes_in",
                                             "bytes_out",
                                             "rate",
                                             "rate_verdict",
                                             "waiting",
                                             "measured.rate_in",
                                             "measured.rate_out",
                                             "measured.rtt_ms",
                                             "measured.sent",
                                             "measured.resent",
                                             "measured.unsent",
                                             "measured.under_way",
                                             "converged_in_s"};
    http_get(fixture->path, "/v1/status", &reply);
    assert_int_equal(reply.status, 200);
    json_t *json = parse(&reply);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (member(json, names[i]) == NULL) {
            fail_msg("%s is missing", names[i]);
        }
    }
    const json_t *peer = json_array_get(member(json, "peers"), 0);
    for (size_t i = 0; i < sizeof peer_names / sizeof *peer_names; i++) {
        if (member(peer, peer_names[i]) == NULL) {
            fail_msg("%s of a peer is missing", peer_names[i]);
        }
    }
    assert_string_equal(json_string_value(member(json, "node")), "be-nccn");
    assert_int_equal(json_integer_value(member(json, "entries")), 42);
    assert_int_equal(json_integer_value(member(json, "transport.admitted")), 5);
    assert_true(json_integer_value(member(json, "memory_bytes")) > 4096);
    assert_int_equal(json_object_size(member(json, "refused")), REFUSALS);
    check_warnings(member(json, "warnings"));
    assert_string_equal(json_string_value(member(json, "started")), "1970-01-01T00:00:01.000Z");
    assert_string_equal(json_string_value(member(peer, "node")), "nl-kcr2-b");
    assert_string_equal(json_string_value(member(peer, "centre")), "nl-kcr2");
    assert_true(json_is_true(member(peer, "converged")));
    assert_true(json_is_null(member(peer, "rtt_ms")));
    assert_true(json_is_null(member(peer, "fingerprint")));
    assert_true(json_is_null(member(peer, "last_heard")));
    assert_string_equal(json_string_value(member(peer, "last_entry_verified")),
                        "1970-01-01T00:00:01.000Z");
    json_decref(json);
    http_reply_fini(&reply);
}

static void test_the_roster_is_given_and_taken(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;
    struct span roster = fixture->desk.roster->signed_document;
    static const char octets[] = "POST /v1/roster HTTP/1.1\r\n"
                                 "Content-Type: application/octet-stream";
    http_get(fixture->path, "/v1/roster", &reply);
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body_len, roster.len);
    assert_memory_equal(reply.body, roster.bytes, roster.len);
    http_reply_fini(&reply);
    http_ask(fixture->path, octets, roster.bytes, roster.len, &reply);
    check_error(&reply, 409, "not_next", "version after 2");
    http_ask(fixture->path, octets, "x", 1, &reply);
    check_error(&reply, 400, "malformed", "");
    http_ask(fixture->path, octets, "", 0, &reply);
    check_error(&reply, 400, "malformed", "");
    // The version after.
    struct request request = {.centre_code = "lu-hcpn",
                              .centre_title = "Third",
                              .node_name = "lu-hcpn",
                              .sync_endpoint = "tcp://127.0.0.1:7004",
                              .live_endpoint = "tcp://127.0.0.1:7005"};
    uint8_t secret[BOX_KEY_LEN];
    uint8_t *next;
    size_t len;
    crypto_sign_keypair(request.signing, (uint8_t[crypto_sign_SECRETKEYBYTES]){0});
    crypto_box_keypair(request.transport, secret);
    assert_int_equal(
        roster_admit(fixture->desk.roster, &request, &fixture->desk.authority, &next, &len),
        ERR_OK);
    http_ask(fixture->path, octets, next, len, &reply);
    assert_int_equal(reply.status, 200);
    http_reply_fini(&reply);
    free(next);
}

// -- the socket --

static void test_the_socket_is_private_and_not_taken_away(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    struct api *second = NULL;
    char why[256];
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(api_open(&second, fixture->path, &fixture->desk, why), ERR_STATE);
    assert_non_null(strstr(why, "answers"));
    assert_null(second);
    api_close(&fixture->api);
    assert_null(fixture->api);
    assert_int_not_equal(stat(fixture->path, &status), 0);
    // One that a crash has left is replaced.
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, fixture->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_OK);
    api_close(&fixture->api);
    // A file is not.
    scratch_write(fixture->path, "precious", 0600);
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_STATE);
    assert_int_equal(stat(fixture->path, &status), 0);
    char path[SCRATCH_PATH_MAX];
    memset(path, 'x', 200);
    path[200] = '\0';
    assert_int_equal(api_open(&fixture->api, path, &fixture->desk, why), ERR_LIMIT);
    assert_non_null(strstr(why, "too long"));
}

static void test_another_user_may_not_ask(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply = {0};
    int pipe_fds[2];
    if (geteuid() != 0) {
        skip(); // only root can become another
    }
    assert_int_equal(chmod(fixture->desk.path, 0755), 0);
    assert_int_equal(chmod(fixture->path, 0666), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) != 0) {
            _exit(1);
        }
        http_get(fixture->path, "/v1/status", &reply);
        ssize_t len = write(pipe_fds[1], reply.raw, reply.raw_len);
        _exit(len > 0 ? 0 : 1);
    }
    close(pipe_fds[1]);
    reply.raw = calloc(1, 4097);
    ssize_t len;
    while ((len = read(pipe_fds[0], reply.raw + reply.raw_len, 4096 - reply.raw_len)) > 0) {
        reply.raw_len += (size_t)len;
    }
    close(pipe_fds[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    http_parse(&reply);
    check_error(&reply, 403, "denied", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_is_documented_and_no_other),
        TEST(test_unknown_pages_and_methods_are_refused),
        TEST(test_the_host_must_be_localhost),
        TEST(test_queries_are_checked),
        TEST(test_bodies_need_their_content_type),
        TEST(test_bodies_are_bounded_while_they_arrive),
        TEST(test_one_entry_is_published),
        TEST(test_lines_are_published_all_or_none),
        TEST(test_the_number_of_lines_is_limited),
        TEST(test_what_the_desk_refuses_is_told),
        TEST(test_a_body_larger_than_an_entry_is_refused),
        TEST(test_the_status_says_all_it_promises),
        TEST(test_a_log_says_how_far_it_is_held),
        TEST(test_the_roster_is_given_and_taken),
        TEST(test_the_socket_is_private_and_not_taken_away),
        TEST(test_another_user_may_not_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
