// SPDX-License-Identifier: EUPL-1.2
// The client of the local API: libcurl over the Unix socket, JSON in and out. What is asked is the
// commands' business.
#include "sitrep/client.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>

#include "sitrep/print.h"
#include "sitrep/space.h"

enum {
    ANSWER_MAX = 64 * 1024 * 1024, // bytes of one answer
    LINE_MAX_LEN = 4 * 1024 * 1024 // bytes of one line of a stream
};

struct client {
    CURL *curl;
    int home; // opened folder
    char socket[4096];
    const char *home_path; // borrowed from the arguments
    const char *space;     // an exercise; NULL: the real world
    bool is_space_told;    // on stderr; by JSON, in the answers
    bool may_be_down;      // then there is no complaint
    bool may_go;           // nor when it goes away
};

// A socket's path holds 107 bytes; a longer one is reached through the folder's descriptor.
static enum exit_code find_socket(struct client *client)
{
    const struct sockaddr_un *limit = NULL;
    int len = snprintf(client->socket, sizeof client->socket, "%s/api.sock", client->home_path);
    if (len > 0 && (size_t)len >= sizeof limit->sun_path) {
        client->home = open(client->home_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        len = snprintf(client->socket, sizeof client->socket, "/proc/self/fd/%d/api.sock",
                       client->home);
    }
    return len > 0 ? EXIT_DONE : complain(EXIT_FAILED, "the home's path is too long");
}

struct client *client_open(const struct arguments *arguments)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(client);
        (void)complain(EXIT_FAILED, "the HTTP library cannot be started");
        return NULL;
    }
    client->home = -1;
    client->home_path = arguments->home;
    client->space = space_named(arguments);
    client->is_space_told = client->space == NULL || arguments->is_json;
    client->curl = curl_easy_init();
    if (client->curl == NULL || find_socket(client) != EXIT_DONE) {
        client_close(&client);
    }
    return client;
}

void client_close(struct client **client)
{
    if (*client == NULL) {
        return;
    }
    curl_easy_cleanup((*client)->curl);
    if ((*client)->home >= 0) {
        (void)close((*client)->home);
    }
    free(*client);
    *client = NULL;
    curl_global_cleanup();
}

void client_do_without(struct client *client)
{
    client->may_be_down = true;
}

void client_expect_breaks(struct client *client)
{
    client->may_be_down = client->may_go = true;
}

char *client_escape(struct client *client, const char *text)
{
    char *escaped = curl_easy_escape(client->curl, text, 0);
    char *copy = escaped != NULL ? strdup(escaped) : NULL;
    curl_free(escaped);
    if (copy == NULL) {
        abort();
    }
    return copy;
}

enum exit_code client_node_path(struct client *client, const char *prefix, const char *node,
                                char path[static CLIENT_PATH_MAX])
{
    char *escaped = client_escape(client, node);
    const int len = snprintf(path, CLIENT_PATH_MAX, "%s%s", prefix, escaped);
    free(escaped);
    return len > 0 && len < CLIENT_PATH_MAX ? EXIT_DONE
                                            : complain(EXIT_USAGE, "this name is too long");
}

enum exit_code client_entry_path(const char *prefix, const char *name, const char *query,
                                 char path[static CLIENT_PATH_MAX])
{
    // What names hold needs no escaping in a path; anything else names no entry.
    if (strchr(name, '/') == NULL ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-./") != strlen(name)) {
        return complain(EXIT_USAGE, "'%s' is no entry's name: be-nccn/12 is one", name);
    }
    const int len = snprintf(path, CLIENT_PATH_MAX, "%s%s%s", prefix, name, query);
    return len > 0 && len < CLIENT_PATH_MAX ? EXIT_DONE
                                            : complain(EXIT_USAGE, "this name is too long");
}

// -- receiving --

struct receiver {
    uint8_t *bytes;
    size_t len;
    size_t max;
    CURL *curl;
    client_take *take;           // NULL: the whole answer is collected
    client_take_line *take_line; // instead: lines that are no JSON
    void *context;
    struct client *client;
    bool is_stopped; // take has had enough
    bool is_broken;  // too long, or a line that is not JSON
    bool has_failed; // the node said so in a line
};

static bool receiver_add(struct receiver *receiver, const char *bytes, size_t len)
{
    if (len > receiver->max - receiver->len) {
        receiver->is_broken = true;
        return false;
    }
    uint8_t *grown = realloc(receiver->bytes, receiver->len + len + 1);
    if (grown == NULL) {
        abort();
    }
    memcpy(grown + receiver->len, bytes, len);
    receiver->bytes = grown;
    receiver->len += len;
    grown[receiver->len] = '\0';
    return true;
}

// The last line of a list that could not be written to its end.
static bool is_failure(const char *line, size_t len)
{
    static const char begin[] = "{\"error\":{";

    return len >= strlen(begin) && memcmp(line, begin, strlen(begin)) == 0;
}

static bool hand_over_line(struct receiver *receiver, const char *line, size_t len)
{
    if (is_failure(line, len)) {
        json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
        (void)complain(EXIT_FAILED, "there is more, but the node failed: %s",
                       json_text(json_object_get(json, "error"), "message"));
        json_decref(json);
        receiver->is_stopped = true;
        receiver->has_failed = true;
        return false;
    }
    if (receiver->take_line != NULL) {
        receiver->is_stopped = !receiver->take_line(receiver->context, line, len);
        return !receiver->is_stopped;
    }
    if (len == 0) {
        return true; // kept alive
    }
    json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL) {
        receiver->is_broken = true;
        return false;
    }
    const bool goes_on = receiver->take(receiver->context, json);
    receiver->is_stopped = !goes_on;
    json_decref(json);
    return goes_on;
}

// Hands over every whole line that has come, and keeps the rest.
static bool hand_over_lines(struct receiver *receiver)
{
    size_t at = 0;
    bool goes_on = true;
    while (goes_on && at < receiver->len) {
        const uint8_t *end = memchr(receiver->bytes + at, '\n', receiver->len - at);
        if (end == NULL) {
            break;
        }
        const size_t len = (size_t)(end - (receiver->bytes + at));
        goes_on = hand_over_line(receiver, (const char *)receiver->bytes + at, len);
        at += len + 1;
    }
    if (at > 0) {
        receiver->len -= at;
        memmove(receiver->bytes, receiver->bytes + at, receiver->len);
    }
    return goes_on;
}

// Before anything of it is shown.
static void tell_space(struct client *client)
{
    if (!client->is_space_told) {
        client->is_space_told = true;
        tell("EXERCISE %s", client->space);
    }
}

static size_t receive(char *bytes, size_t one, size_t count, void *context)
{
    struct receiver *receiver = context;
    const size_t len = one * count;
    if (!receiver_add(receiver, bytes, len)) {
        return 0;
    }
    long status = 0;
    (void)curl_easy_getinfo(receiver->curl, CURLINFO_RESPONSE_CODE, &status);
    const bool is_good = status >= 200 && status < 300;
    const bool is_stream = (receiver->take != NULL || receiver->take_line != NULL) && is_good;
    if (is_good) {
        tell_space(receiver->client);
    }
    return !is_stream || hand_over_lines(receiver) ? len : 0;
}

// -- sending --

static enum exit_code explain(const struct client *client, CURLcode result)
{
    if (client->may_go || (result == CURLE_COULDNT_CONNECT && client->may_be_down)) {
        return EXIT_UNREACHABLE;
    }
    if (result == CURLE_COULDNT_CONNECT && access(client->home_path, F_OK) != 0) {
        return complain(EXIT_UNREACHABLE,
                        "there is no node in %s: give its folder with --home DIR or SITREP_HOME, "
                        "or make one with 'sitrep found' or 'sitrep join request'",
                        client->home_path);
    }
    if (result == CURLE_COULDNT_CONNECT) {
        return complain(EXIT_UNREACHABLE,
                        "no node answers at %s/api.sock: start it with 'sitrepd --home %s'",
                        client->home_path, client->home_path);
    }
    const bool is_cut_off = result == CURLE_RECV_ERROR || result == CURLE_PARTIAL_FILE ||
                            result == CURLE_GOT_NOTHING || result == CURLE_SEND_ERROR;
    if (is_cut_off) {
        return complain(EXIT_UNREACHABLE, "the node at %s stopped", client->home_path);
    }
    return complain(EXIT_UNREACHABLE, "the node at %s went away: %s", client->home_path,
                    curl_easy_strerror(result));
}

static enum exit_code perform(struct client *client, const struct call *call,
                              struct receiver *receiver, long *status)
{
    CURL *curl = client->curl;
    char url[4096];
    char type[96];
    struct curl_slist *headers = NULL;
    // A name of an exercise needs no escaping.
    const bool is_shared = client->space == NULL || space_is_shared(call->path);
    const char *sign = strchr(call->path, '?') == NULL ? "?space=" : "&space=";
    const int len = snprintf(url, sizeof url, "http://localhost%s%s%s", call->path,
                             is_shared ? "" : sign, is_shared ? "" : client->space);
    assert(len > 0);
    if ((size_t)len >= sizeof url) {
        return complain(EXIT_USAGE, "what is asked for is too long");
    }
    curl_easy_reset(curl);
    receiver->curl = curl;
    receiver->client = client;
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiver);
    if (strcmp(call->method, "POST") == 0) {
        (void)snprintf(type, sizeof type, "Content-Type:%s%s", call->body_type != NULL ? " " : "",
                       call->body_type != NULL ? call->body_type : "");
        headers = curl_slist_append(headers, type);
        headers = curl_slist_append(headers, "Expect:"); // no round trip before the body
        (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body != NULL ? call->body : "");
    }
    const CURLcode result = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    if (receiver->is_broken) {
        return complain(EXIT_FAILED, "the node's answer is not understood");
    }
    if (receiver->has_failed) {
        return EXIT_FAILED;
    }
    return result == CURLE_OK || receiver->is_stopped ? EXIT_DONE : explain(client, result);
}

static void answer_take(struct answer *answer, struct receiver *receiver, long status)
{
    answer->status = status;
    answer->body = receiver->bytes;
    answer->len = receiver->len;
    if (receiver->len > 0 && receiver->bytes[0] == '{') {
        answer->json =
            json_loadb((const char *)receiver->bytes, receiver->len, JSON_REJECT_DUPLICATES, NULL);
    }
    receiver->bytes = NULL;
}

enum exit_code client_call(struct client *client, const struct call *call, struct answer *answer)
{
    struct receiver receiver = {.max = ANSWER_MAX};
    long status = 0;
    memset(answer, 0, sizeof *answer);
    const enum exit_code code = perform(client, call, &receiver, &status);
    if (code == EXIT_DONE) {
        answer_take(answer, &receiver, status);
    }
    free(receiver.bytes);
    return code;
}

void answer_fini(struct answer *answer)
{
    json_decref(answer->json);
    free(answer->body);
    memset(answer, 0, sizeof *answer);
}

const char *answer_message(const struct answer *answer)
{
    const char *message = json_text(json_object_get(answer->json, "error"), "message");
    return *message != '\0' ? message : "the node gives no reason";
}

enum exit_code answer_code(const struct answer *answer)
{
    if (answer->status >= 200 && answer->status < 300) {
        return EXIT_DONE;
    }
    // 503 and 507: the node is well and says no.
    const bool is_refusal = (answer->status >= 400 && answer->status < 500) ||
                            answer->status == 503 || answer->status == 507;
    return is_refusal ? EXIT_REFUSED : EXIT_FAILED;
}

enum exit_code answer_check(const struct answer *answer)
{
    const enum exit_code code = answer_code(answer);
    return code == EXIT_DONE ? code : complain(code, "%s", answer_message(answer));
}

enum exit_code client_ask(struct client *client, const struct call *call, struct answer *answer)
{
    const enum exit_code code = client_call(client, call, answer);
    return code == EXIT_DONE ? answer_check(answer) : code;
}

enum exit_code client_post(struct client *client, const char *path, json_t *body,
                           struct answer *answer)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(body);
    if (text == NULL) {
        abort();
    }
    const struct call call = {"POST", path, "application/json", text, strlen(text)};
    const enum exit_code code = client_ask(client, &call, answer);
    free(text);
    return code;
}

// As the node wrote it, when a program reads it: of a large answer, reading it takes the most time.
static bool pass_on(const struct receiver *receiver)
{
    const bool is_object = receiver->len > 0 && receiver->bytes[0] == '{';

    if (!is_object || terminal_is(stdout)) {
        return false;
    }
    (void)fwrite(receiver->bytes, 1, receiver->len, stdout);
    if (receiver->bytes[receiver->len - 1] != '\n') {
        (void)fputc('\n', stdout);
    }
    return true;
}

enum exit_code client_print(struct client *client, const char *path)
{
    const struct call call = {.method = "GET", .path = path};
    struct receiver receiver = {.max = ANSWER_MAX};
    struct answer answer = {.json = NULL};
    long status = 0;

    enum exit_code code = perform(client, &call, &receiver, &status);
    if (code == EXIT_DONE && (status < 200 || status >= 300 || !pass_on(&receiver))) {
        answer_take(&answer, &receiver, status);
        code = answer_check(&answer);
        if (code == EXIT_DONE && answer.json == NULL) {
            code = complain(EXIT_FAILED, "the node's answer is not understood");
        } else if (code == EXIT_DONE) {
            print_json(answer.json);
        }
    }
    free(receiver.bytes);
    answer_fini(&answer);
    return code;
}

enum exit_code client_read(struct client *client, const char *path, struct answer *answer)
{
    const struct call call = {.method = "GET", .path = path};
    const enum exit_code code = client_ask(client, &call, answer);

    return code == EXIT_DONE && answer->json == NULL
               ? complain(EXIT_FAILED, "the node's answer is not understood")
               : code;
}

// By the one of both that is there.
struct showing {
    void (*show)(const json_t *json);
    enum exit_code (*show_more)(struct client *client, const json_t *json);
};

static enum exit_code show_answer(struct client *client, const char *path,
                                  const struct showing *showing)
{
    struct answer answer = {.json = NULL};
    enum exit_code code = client_read(client, path, &answer);

    if (code == EXIT_DONE && showing->show != NULL) {
        showing->show(answer.json);
    } else if (code == EXIT_DONE && showing->show_more != NULL) {
        code = showing->show_more(client, answer.json);
    }
    answer_fini(&answer);
    return code;
}

static enum exit_code show_by(const struct arguments *arguments, const char *path,
                              const struct showing *showing)
{
    struct client *client = client_open(arguments);

    if (client == NULL) {
        return EXIT_FAILED;
    }
    const enum exit_code code =
        arguments->is_json ? client_print(client, path) : show_answer(client, path, showing);
    client_close(&client);
    return code;
}

enum exit_code client_show(const struct arguments *arguments, const char *path,
                           void (*show)(const json_t *json))
{
    return show_by(arguments, path, &(struct showing){.show = show});
}

enum exit_code client_show_more(const struct arguments *arguments, const char *path,
                                enum exit_code (*show)(struct client *client, const json_t *json))
{
    return show_by(arguments, path, &(struct showing){.show_more = show});
}

enum exit_code client_stream(struct client *client, const struct call *call, client_take *take,
                             void *context)
{
    struct receiver receiver = {.max = LINE_MAX_LEN, .take = take, .context = context};
    long status = 0;
    enum exit_code code = perform(client, call, &receiver, &status);
    if (code == EXIT_DONE && (status < 200 || status >= 300)) {
        struct answer answer = {0};
        answer_take(&answer, &receiver, status);
        code = answer_check(&answer);
        answer_fini(&answer);
    } else if (code == EXIT_DONE && !receiver.is_stopped && receiver.len > 0 &&
               !hand_over_line(&receiver, (const char *)receiver.bytes, receiver.len) &&
               receiver.is_broken) {
        code = complain(EXIT_FAILED, "the node's answer ended in the middle");
    }
    free(receiver.bytes);
    return code;
}

enum exit_code client_lines(struct client *client, const struct call *call, client_take_line *take,
                            void *context, struct answer *answer)
{
    struct receiver receiver = {.max = LINE_MAX_LEN, .take_line = take, .context = context};
    long status = 0;
    memset(answer, 0, sizeof *answer);
    enum exit_code code = perform(client, call, &receiver, &status);
    if (code == EXIT_DONE) {
        answer_take(answer, &receiver, status);
        code = answer_code(answer);
    }
    free(receiver.bytes);
    return code;
}

static bool print_read(void *context, const json_t *line)
{
    (void)context;
    print_json(line);
    return !ferror(stdout); // the reader of a pipe has gone
}

static bool print_line(void *context, const char *line, size_t len)
{
    (void)context;
    if (len > 0) {
        (void)fwrite(line, 1, len, stdout);
        (void)fputc('\n', stdout);
    }
    return !ferror(stdout);
}

enum exit_code client_print_lines(struct client *client, const char *path)
{
    const struct call call = {.method = "GET", .path = path};
    struct answer answer;

    if (terminal_is(stdout)) {
        return client_stream(client, &call, print_read, NULL);
    }
    enum exit_code code = client_lines(client, &call, print_line, NULL, &answer);
    if (code != EXIT_DONE && answer.status != 0) {
        code = answer_check(&answer);
    } else if (code == EXIT_DONE && answer.len > 0 && !ferror(stdout)) {
        code = complain(EXIT_FAILED, "the node's answer ended in the middle");
    }
    answer_fini(&answer);
    return code;
}
