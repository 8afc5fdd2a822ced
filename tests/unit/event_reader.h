// SPDX-License-Identifier: EUPL-1.2
// A reader of server-sent events over the API's socket, and what it has read.
#ifndef TESTS_UNIT_EVENT_READER_H
#define TESTS_UNIT_EVENT_READER_H

#include <jansson.h>

#include "unix_http.h"

// So many times 15 s it says nothing but that it is there.
enum { EVENTS_MAX = 8192, EVENT_ID_MAX = 96, EVENT_NAME_MAX = 32, COMMENTS_MAX = 1 };

struct read_event {
    char id[EVENT_ID_MAX]; // "": none
    char name[EVENT_NAME_MAX];
    json_t *data;
};

struct event_reader {
    int fd;
    char *raw; // as it came, chunks and all
    size_t raw_len, raw_at;
    char *text; // without chunks
    size_t text_len, text_at;
    struct read_event *events;
    size_t count;
    size_t comments;
    bool has_ended;
};

// `target` is the path and query; `last` the header Last-Event-ID, or NULL.
static inline void events_open(struct event_reader *reader, const char *path, const char *target,
                               const char *last)
{
    char head[512];
    *reader = (struct event_reader){.fd = http_connect(path)};
    reader->events = calloc(EVENTS_MAX, sizeof *reader->events);
    assert_non_null(reader->events);
    const int len = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n",
                             target, last != NULL ? "Last-Event-ID: " : "",
                             last != NULL ? last : "", last != NULL ? "\r\n" : "");
    http_send(reader->fd, head, (size_t)len);
}

static inline void events_close(struct event_reader *reader)
{
    close(reader->fd);
    free(reader->raw);
    free(reader->text);
    for (size_t i = 0; i < reader->count; i++) {
        json_decref(reader->events[i].data);
    }
    free(reader->events);
}

static inline void events_take_line(struct event_reader *reader, const char *line, size_t len)
{
    struct read_event *event = &reader->events[reader->count];
    if (len > 4 && strncmp(line, "id: ", 4) == 0) {
        assert_true(len - 4 < EVENT_ID_MAX);
        memcpy(event->id, line + 4, len - 4);
    } else if (len > 7 && strncmp(line, "event: ", 7) == 0) {
        assert_true(len - 7 < EVENT_NAME_MAX);
        memcpy(event->name, line + 7, len - 7);
    } else if (len > 6 && strncmp(line, "data: ", 6) == 0) {
        event->data = json_loadb(line + 6, len - 6, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(event->data);
    } else if (len == 0 && event->data != NULL) {
        assert_true(++reader->count < EVENTS_MAX);
    } else if (len > 0 && line[0] == ':') {
        reader->comments++;
    } else if (len > 0) {
        fail_msg("a line that is none: %.*s", (int)len, line);
    }
}

// Takes the whole chunks that have come, and the whole lines in them.
static inline void events_digest(struct event_reader *reader)
{
    while (!reader->has_ended && reader->raw_at < reader->raw_len) {
        char *data;
        const size_t len = strtoul(reader->raw + reader->raw_at, &data, 16);
        if (strstr(reader->raw + reader->raw_at, "\r\n") == NULL ||
            data + 2 + len + 2 > reader->raw + reader->raw_len) {
            break;
        }
        reader->text = realloc(reader->text, reader->text_len + len + 1);
        assert_non_null(reader->text);
        memcpy(reader->text + reader->text_len, data + 2, len);
        reader->text_len += len;
        reader->raw_at = (size_t)(data + 2 + len + 2 - reader->raw);
        reader->has_ended = len == 0;
    }
    while (reader->text_at < reader->text_len) {
        const char *line = reader->text + reader->text_at;
        const char *end = memchr(line, '\n', reader->text_len - reader->text_at);
        if (end == NULL) {
            break;
        }
        events_take_line(reader, line, (size_t)(end - line));
        reader->text_at += (size_t)(end - line) + 1;
    }
}

// Reads once more. False: the end came, or nothing for 20 s.
static inline bool events_more(struct event_reader *reader)
{
    enum { BLOCK = 65536 };
    reader->raw = realloc(reader->raw, reader->raw_len + BLOCK + 1);
    assert_non_null(reader->raw);
    const ssize_t len = recv(reader->fd, reader->raw + reader->raw_len, BLOCK, 0);
    if (len <= 0) {
        return false;
    }
    const bool had_head = reader->raw_at > 0;
    reader->raw_len += (size_t)len;
    reader->raw[reader->raw_len] = '\0';
    const char *body = strstr(reader->raw, "\r\n\r\n");
    if (!had_head && body != NULL) {
        assert_non_null(strstr(reader->raw, "Content-Type: text/event-stream\r\n"));
        reader->raw_at = (size_t)(body + 4 - reader->raw);
    }
    if (body != NULL) {
        events_digest(reader);
    }
    return !reader->has_ended;
}

// Reads until there are so many, which must come.
static inline void events_await(struct event_reader *reader, size_t count)
{
    while (reader->count < count) {
        if (!events_more(reader) || reader->comments > COMMENTS_MAX) {
            fail_msg("%zu events came, not %zu; the last one is %s", reader->count, count,
                     reader->count > 0 ? reader->events[reader->count - 1].name : "none");
        }
    }
}

// The first event of that name from *at on, which must come; *at is then behind it.
static inline const json_t *events_find(struct event_reader *reader, const char *name, size_t *at)
{
    for (;; ++*at) {
        events_await(reader, *at + 1);
        if (strcmp(reader->events[*at].name, name) == 0) {
            return reader->events[(*at)++].data;
        }
    }
}

// How many of them have an id, and lie in `out` then.
static inline size_t events_durable(const struct event_reader *reader,
                                    const struct read_event **out)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->events[i].id[0] != '\0' && strcmp(reader->events[i].name, "state") != 0 &&
            strcmp(reader->events[i].name, "restart") != 0) {
            out[count++] = &reader->events[i];
        }
    }
    return count;
}

#endif
