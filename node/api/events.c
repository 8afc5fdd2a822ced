// SPDX-License-Identifier: EUPL-1.2
// GET /v1/events: what happens, as server-sent events (WHATWG HTML, 9.2). Frames nothing and
// decides nothing: what is told is picture/follower.h's.
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "clock.h"
#include "json/rfc3339.h"
#include "picture/follower.h"

enum { ALIVE_MS = 15000 }; // proxies and browsers give up on what says nothing for longer

struct events {
    struct stream stream;
    const struct desk_view *view;
    struct reader reader;
    uint64_t said_ms; // clock_now_ms
};

static void put(struct text *out, const char *text)
{
    text_raw(out, text, strlen(text));
}

// Where it is, the reader may resume from the last id it has.
static enum stream_state give_up(struct text *out)
{
    put(out, ": the node stops or has no memory; read on later\n\n");
    return STREAM_ENDED;
}

static enum stream_state events_fill(struct stream *stream, struct text *out)
{
    struct events *events = (struct events *)stream;
    const bool is_stopping = desk_is_stopping(events->view->desk);

    if (is_stopping || follower_read(events->view, &events->reader, out) != ERR_OK) {
        return give_up(out);
    }
    if (out->len == 0) {
        follower_wait(events->view, &events->reader);
    }
    if (out->len == 0 && clock_now_ms() >= events->said_ms + ALIVE_MS) {
        put(out, ":\n\n");
    }
    if (out->len > 0) {
        events->said_ms = clock_now_ms();
    }
    return STREAM_GOES_ON;
}

static void events_destroy(struct stream *stream)
{
    free(stream);
}

// What the query says is older than what a browser that reconnects says by itself.
static const char *read_args(const struct call *call, struct reader *reader)
{
    const char *after = call->last_event != NULL ? call->last_event : call->args[ARG_AFTER];

    if (after != NULL) {
        reader->resumes = true;
        return position_parse(after, &reader->told) == ERR_OK
                   ? NULL
                   : "after, or Last-Event-ID, must be the id of an event, or 0 for all there is";
    }
    if (call->args[ARG_SINCE] != NULL) {
        reader->has_since = true;
        return rfc3339_parse(call->args[ARG_SINCE], &reader->since_ms) == ERR_OK
                   ? NULL
                   : "since must be a moment such as 2025-03-13T10:00:00Z";
    }
    return NULL;
}

void events_get(struct call *call)
{
    struct events *events = calloc(1, sizeof *events);

    if (events == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    const char *wrong = read_args(call, &events->reader);
    if (wrong != NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", wrong);
        free(events);
        return;
    }
    events->view = call->view;
    events->said_ms = clock_now_ms();
    events->stream.fill = events_fill;
    events->stream.destroy = events_destroy;
    events->stream.is_quiet = true;
    reply_stream(&call->reply, &events->stream);
    call->reply.type = "text/event-stream";
}
