// SPDX-License-Identifier: EUPL-1.2
// Replies: JSON, bytes, errors and streams as libmicrohttpd takes them. Decides nothing about what
// is said.
#include "api/reply.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_BLOCK = 16 * 1024, MESSAGE_SIZE = 512 };

void reply_fini(struct reply *reply)
{
    text_fini(&reply->text);
    if (reply->stream != NULL) {
        reply->stream->destroy(reply->stream);
    }
    reply->stream = NULL;
}

struct text *reply_json(struct reply *reply, unsigned status)
{
    reply->status = status;
    reply->type = "application/json";
    text_clear(&reply->text);
    return &reply->text;
}

void reply_bytes(struct reply *reply, const char *type, struct span bytes)
{
    reply->status = MHD_HTTP_OK;
    reply->type = type;
    text_clear(&reply->text);
    text_raw(&reply->text, bytes.bytes, bytes.len);
}

void reply_stream(struct reply *reply, struct stream *stream)
{
    reply->status = MHD_HTTP_OK;
    reply->type = "application/x-ndjson";
    reply->stream = stream;
}

void reply_error(struct reply *reply, unsigned status, const char *code, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct text *out = reply_json(reply, status);
    text_open(out, '{');
    text_key(out, "error");
    text_open(out, '{');
    text_key(out, "code");
    text_string(out, code);
    text_key(out, "message");
    text_string(out, message);
    if (reply->line > 0) {
        text_key(out, "line");
        text_uint(out, reply->line);
    }
    text_close(out, '}');
    text_close(out, '}');
}

void reply_line_failed(struct text *out, enum err err)
{
    text_open(out, '{');
    text_key(out, "error");
    text_open(out, '{');
    text_key(out, "code");
    text_string(out, "failed");
    text_key(out, "message");
    text_string(out, err_text(err));
    text_close(out, '}');
    text_close(out, '}');
    text_end_line(out);
}

void reply_failed(struct reply *reply, enum err err, const char *what)
{
    static const struct {
        unsigned status;
        const char *code;
    } by_err[ERR_COUNT] = {
        [ERR_MALFORMED] = {MHD_HTTP_BAD_REQUEST, "malformed"},
        [ERR_LIMIT] = {MHD_HTTP_CONTENT_TOO_LARGE, "too_large"},
        [ERR_DENIED] = {MHD_HTTP_FORBIDDEN, "denied"},
        [ERR_STATE] = {MHD_HTTP_CONFLICT, "conflict"},
        [ERR_AGAIN] = {MHD_HTTP_SERVICE_UNAVAILABLE, "not_ready"},
        [ERR_NOT_FOUND] = {MHD_HTTP_NOT_FOUND, "not_found"},
        [ERR_NO_SPACE] = {MHD_HTTP_INSUFFICIENT_STORAGE, "disk_full"},
        [ERR_CORRUPT] = {MHD_HTTP_SERVICE_UNAVAILABLE, "damaged"},
    };
    unsigned status = by_err[err].status;
    if (status == 0) {
        reply_error(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed", "%s: %s", what, err_text(err));
    } else {
        reply_error(reply, status, by_err[err].code, "%s: %s", what, err_text(err));
    }
}

// -- streams --

// What libmicrohttpd pulls from: the stream and the lines it has made and not yet sent.
struct source {
    struct stream *stream;
    struct text text;
    size_t sent;
    bool has_ended;
};

static bool is_client_gone(int fd)
{
    struct pollfd poll_fd = {.fd = fd};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0;
}

static ssize_t source_read(void *context, uint64_t position, char *out, size_t size)
{
    (void)position;
    struct source *source = context;
    while (source->sent == source->text.len) {
        if (source->has_ended) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        if (is_client_gone(source->stream->fd)) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        text_clear(&source->text);
        source->sent = 0;
        source->has_ended = source->stream->fill(source->stream, &source->text) == STREAM_ENDED;
        if (source->text.has_failed) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    size_t len = source->text.len - source->sent;
    if (len > size) {
        len = size;
    }
    memcpy(out, source->text.bytes + source->sent, len);
    source->sent += len;
    return (ssize_t)len;
}

static void source_destroy(void *context)
{
    struct source *source = context;
    source->stream->destroy(source->stream);
    text_fini(&source->text);
    free(source);
}

static struct MHD_Response *stream_response(struct reply *reply, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct source *source = info == NULL ? NULL : calloc(1, sizeof *source);
    if (source == NULL) {
        return NULL;
    }
    source->stream = reply->stream;
    source->stream->fd = info->connect_fd;
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, source_read, source, source_destroy);
    if (response == NULL) {
        free(source);
    } else {
        reply->stream = NULL; // the response has it now
    }
    return response;
}

static struct MHD_Response *text_response(struct reply *reply)
{
    struct text *text = &reply->text;
    if (text->has_failed) {
        return NULL;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, text->bytes, MHD_RESPMEM_MUST_FREE);
    if (response != NULL) {
        *text = (struct text){0}; // the response has the bytes now
    }
    return response;
}

enum MHD_Result reply_send(struct reply *reply, struct MHD_Connection *connection)
{
    bool is_stream = reply->stream != NULL;
    bool is_quiet = is_stream && reply->stream->is_quiet;
    struct MHD_Response *response =
        is_stream ? stream_response(reply, connection) : text_response(reply);
    if (response == NULL) {
        return MHD_NO;
    }
    if (is_quiet) {
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    }
    enum MHD_Result result = MHD_add_response_header(response, "Content-Type", reply->type);
    if (result == MHD_YES) {
        result = MHD_add_response_header(response, "Cache-Control", "no-store");
    }
    if (result == MHD_YES && reply->allow != NULL) {
        result = MHD_add_response_header(response, "Allow", reply->allow);
    }
    if (result == MHD_YES) {
        result = MHD_queue_response(connection, reply->status, response);
    }
    MHD_destroy_response(response);
    return result;
}
