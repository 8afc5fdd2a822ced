// SPDX-License-Identifier: EUPL-1.2
// The least HTTP client over a Unix socket, so that tests can also say what no proper client would.
#ifndef TESTS_UNIT_UNIX_HTTP_H
#define TESTS_UNIT_UNIX_HTTP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct http_reply {
    int status;
    char *raw; // head and body as they came, NUL-terminated
    size_t raw_len;
    char *body; // without chunks
    size_t body_len;
};

static inline void http_reply_fini(struct http_reply *reply)
{
    free(reply->raw);
    free(reply->body);
    *reply = (struct http_reply){0};
}

static inline int http_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval timeout = {.tv_sec = 20};
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void http_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return; // the other side may have closed after an early answer
        }
        at += sent;
        len -= (size_t)sent;
    }
}

// Reads on until `text` has come (or the end, when NULL). False: the end came first.
static inline bool http_read_until(int fd, struct http_reply *reply, const char *text)
{
    while (text == NULL || reply->raw == NULL || strstr(reply->raw, text) == NULL) {
        reply->raw = realloc(reply->raw, reply->raw_len + 65536 + 1);
        assert_non_null(reply->raw);
        ssize_t len = recv(fd, reply->raw + reply->raw_len, 65536, 0);
        reply->raw_len += len > 0 ? (size_t)len : 0;
        reply->raw[reply->raw_len] = '\0';
        if (len <= 0) {
            return text == NULL;
        }
    }
    return true;
}

static inline void http_parse(struct http_reply *reply)
{
    char *head_end = strstr(reply->raw, "\r\n\r\n");
    assert_non_null(head_end);
    assert_int_equal(sscanf(reply->raw, "HTTP/1.1 %d", &reply->status), 1);
    const char *from = head_end + 4;
    const char *end = reply->raw + reply->raw_len;
    reply->body = calloc(1, reply->raw_len + 1);
    assert_non_null(reply->body);
    *head_end = '\0';
    bool is_chunked = strstr(reply->raw, "chunked") != NULL;
    *head_end = '\r';
    while (is_chunked && from < end) {
        char *data;
        size_t len = strtoul(from, &data, 16);
        data += 2;
        assert_true(data + len <= end);
        memcpy(reply->body + reply->body_len, data, len);
        reply->body_len += len;
        from = data + len + 2;
    }
    if (!is_chunked) {
        reply->body_len = (size_t)(end - from);
        memcpy(reply->body, from, reply->body_len);
    }
}

// `head` is the request line and its headers without the last empty line; Host, Connection and
// Content-Length are added.
static inline void http_ask(const char *path, const char *head, const void *body, size_t body_len,
                            struct http_reply *reply)
{
    char text[1024];
    *reply = (struct http_reply){0};
    int fd = http_connect(path);
    int len = snprintf(text, sizeof text, "%s\r\nHost: localhost\r\nConnection: close\r\n", head);
    if (body != NULL) {
        len += snprintf(text + len, sizeof text - (size_t)len, "Content-Length: %zu\r\n", body_len);
    }
    len += snprintf(text + len, sizeof text - (size_t)len, "\r\n");
    http_send(fd, text, (size_t)len);
    http_send(fd, body, body_len);
    assert_true(http_read_until(fd, reply, NULL));
    close(fd);
    http_parse(reply);
}

static inline void http_get(const char *path, const char *target, struct http_reply *reply)
{
    char head[512];
    snprintf(head, sizeof head, "GET %s HTTP/1.1", target);
    http_ask(path, head, NULL, 0, reply);
}

static inline void http_post(const char *path, const char *target, const char *type,
                             const char *body, struct http_reply *reply)
{
    char head[512];
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nContent-Type: %s", target, type);
    http_ask(path, head, body, strlen(body), reply);
}

#endif
