// SPDX-License-Identifier: EUPL-1.2
// The HTTP server of the API: its socket, who may use it, and the way of a request to its handler.
// Each connection has a thread, because handlers wait for the desk.
#include "api/api.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <microhttpd.h>

#include "api/call.h"
#include "api/listener.h"
#include "log.h"
#include "sitrep/exercise.h"

enum {
    CONNECTIONS_MAX = 64,
    IDLE_TIMEOUT_S = 60,
    STACK_BYTES = 512 * 1024,
    HEAD_BYTES = 32 * 1024, // per connection: request line, headers, buffers
    BODY_FIRST = 64 * 1024,
};

struct api {
    struct spaces *spaces;
    struct MHD_Daemon *daemon;
    char path[LISTENER_PATH_SIZE];
};

// A request on its way: what is known before its body has come.
struct intake {
    struct call call;
    const struct route *route;
    char *tail; // a copy, where the path goes on behind it
    uint8_t *body;
    size_t body_size;
    size_t dropped; // bytes of a body that is refused
    bool is_refused;
};

// -- finding the route --

// Whether `path` is the route's; `tail` is what stands for its {name}, of `tail_len` bytes.
static bool route_matches(const struct route *route, const char *path, const char **tail,
                          size_t *tail_len)
{
    const char *brace = strchr(route->path, '{');
    *tail = NULL;
    *tail_len = 0;
    if (brace == NULL) {
        return strcmp(route->path, path) == 0;
    }
    const char *end = strchr(brace, '}') + 1; // what stands behind the name
    const size_t len = (size_t)(brace - route->path);
    const size_t path_len = strlen(path);
    const size_t end_len = strlen(end);
    if (strncmp(route->path, path, len) != 0 || path_len <= len + end_len ||
        strcmp(path + path_len - end_len, end) != 0) {
        return false;
    }
    *tail = path + len;
    *tail_len = path_len - len - end_len;
    return true;
}

// The last one that matches is meant: what says more of the path stands behind what says less.
static void take_route(struct intake *intake, const struct route *route, const char *tail,
                       size_t tail_len)
{
    intake->route = route;
    intake->call.tail = tail;
    if (tail != NULL && tail[tail_len] != '\0') {
        free(intake->tail);
        intake->tail = strndup(tail, tail_len);
        intake->call.tail = intake->tail == NULL ? "" : intake->tail;
    }
}

static void find_route(struct intake *intake, const char *method, const char *path)
{
    size_t count;
    const struct route *table = routes(&count);
    const char *tail;
    size_t tail_len;
    static const char *const allows[] = {NULL, "GET", "POST", "GET, POST"};
    unsigned allowed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!route_matches(&table[i], path, &tail, &tail_len)) {
            continue;
        }
        allowed |= strcmp(table[i].method, "GET") == 0 ? 1U : 2U;
        if (strcmp(table[i].method, method) == 0) {
            take_route(intake, &table[i], tail, tail_len);
        }
    }
    if (intake->route != NULL) {
        return;
    }
    intake->is_refused = true;
    intake->call.reply.allow = allows[allowed];
    if (allowed == 0) {
        reply_error(&intake->call.reply, MHD_HTTP_NOT_FOUND, "not_found", "there is no such page");
    } else {
        reply_error(&intake->call.reply, MHD_HTTP_METHOD_NOT_ALLOWED, "method",
                    "only %s may be used here", allows[allowed]);
    }
}

// -- checking the head --

static enum MHD_Result take_arg(void *context, enum MHD_ValueKind kind, const char *key,
                                const char *value)
{
    struct intake *intake = context;
    (void)kind;
    for (int i = 0; i < ARGS; i++) {
        bool is_known = (intake->route->args & 1U << i) != 0;
        if (!is_known || strcmp(arg_name((enum arg)i), key) != 0) {
            continue;
        }
        if (value == NULL || intake->call.args[i] != NULL) {
            break;
        }
        intake->call.args[i] = value;
        return MHD_YES;
    }
    intake->is_refused = true;
    return MHD_NO;
}

// The media type without its parameters; 0 when it is none of ours.
static unsigned media_of(const char *type)
{
    static const struct {
        const char *name;
        unsigned media;
    } known[] = {
        {"application/json", MEDIA_JSON},
        {"application/x-ndjson", MEDIA_NDJSON},
        {"application/octet-stream", MEDIA_OCTETS},
    };
    if (type == NULL) {
        return MEDIA_NONE;
    }
    size_t len = strcspn(type, "; \t");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == len && strncasecmp(known[i].name, type, len) == 0) {
            return known[i].media;
        }
    }
    return 0;
}

static void refuse(struct intake *intake, unsigned status, const char *code, const char *message)
{
    intake->is_refused = true;
    reply_error(&intake->call.reply, status, code, "%s", message);
}

static void check_body_head(struct intake *intake, struct MHD_Connection *connection)
{
    const char *type =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned media = media_of(type);
    if ((intake->route->media & media) == 0) {
        refuse(intake, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "content_type",
               "the content type is none that this page takes");
    } else if (length != NULL && strtoull(length, NULL, 10) > intake->route->body_max) {
        refuse(intake, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
               "the body is larger than this page takes");
    } else {
        intake->call.media = (enum media)media;
    }
}

static void check_head(struct intake *intake, struct MHD_Connection *connection)
{
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    if (!listener_admits(connection)) {
        refuse(intake, MHD_HTTP_FORBIDDEN, "denied", "only the node's own user and root may ask");
    } else if (host == NULL || strcmp(host, "localhost") != 0) {
        refuse(intake, MHD_HTTP_BAD_REQUEST, "host", "the Host header must be localhost");
    } else if (!intake->is_refused) {
        intake->call.last_event =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Last-Event-ID");
        MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_arg, intake);
        if (intake->is_refused) {
            refuse(intake, MHD_HTTP_BAD_REQUEST, "malformed",
                   "the query has a name that is not known here, or one twice");
        } else if (intake->route->media != 0) {
            check_body_head(intake, connection);
        }
    }
}

// That of the real world, unless the query names another.
static void find_space(struct intake *intake)
{
    const char *name = intake->call.args[ARG_SPACE];
    if (name == NULL || strcmp(name, "real") == 0) {
        intake->call.view = spaces_get(intake->call.spaces, "");
        return;
    }
    if (!exercise_name_is_valid(name)) {
        refuse(intake, MHD_HTTP_BAD_REQUEST, "malformed",
               "space must be real or the name of an exercise: 1 to 32 of a-z, 0-9 and -, "
               "beginning with a letter");
        return;
    }
    intake->call.view = spaces_get(intake->call.spaces, name);
    if (intake->call.view == NULL) {
        intake->is_refused = true;
        spaces_refuse(intake->call.spaces, &intake->call.reply, name);
    }
}

static enum MHD_Result begin_request(struct api *api, struct MHD_Connection *connection,
                                     const char *method, const char *path, void **context)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return MHD_NO;
    }
    *context = intake;
    intake->call.spaces = api->spaces;
    find_route(intake, method, path);
    check_head(intake, connection);
    if (!intake->is_refused) {
        find_space(intake);
    }
    return MHD_YES;
}

// -- the body --

// A body that is refused is read and dropped up to here, so that its sender sees the answer.
static bool drop_body(struct intake *intake, size_t len)
{
    enum { DROP_MAX = 64 * 1024 * 1024 };
    intake->dropped += len;
    return intake->dropped <= DROP_MAX;
}

static bool add_body(struct intake *intake, const char *bytes, size_t len)
{
    size_t max = intake->route == NULL ? 0 : intake->route->body_max;
    if (!intake->is_refused && intake->call.media == MEDIA_NONE) {
        refuse(intake, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "content_type",
               "a body needs its content type");
    }
    if (!intake->is_refused && len > max - intake->call.body_len) {
        refuse(intake, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
               "the body is larger than this page takes");
    }
    if (intake->is_refused) {
        return drop_body(intake, len);
    }
    size_t needed = intake->call.body_len + len;
    size_t size = intake->body_size == 0 ? BODY_FIRST : intake->body_size;
    while (size < needed) {
        size *= 2;
    }
    if (size > intake->body_size) {
        uint8_t *body = realloc(intake->body, size);
        if (body == NULL) {
            return false;
        }
        intake->body = body;
        intake->body_size = size;
        intake->call.body = body;
    }
    memcpy(intake->body + intake->call.body_len, bytes, len);
    intake->call.body_len = needed;
    return true;
}

static enum MHD_Result end_request(struct intake *intake, struct MHD_Connection *connection)
{
    // A handler may wait longer than a connection may be idle.
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    if (!intake->is_refused) {
        if (intake->body == NULL) {
            intake->call.body = (const uint8_t *)"";
        }
        intake->route->handle(&intake->call);
    }
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S);
    return reply_send(&intake->call.reply, connection);
}

// NOLINTNEXTLINE(readability-function-size): the library's callback has these parameters
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_len, void **request_context)
{
    (void)version;
    struct intake *intake = *request_context;
    if (intake == NULL) {
        return begin_request(context, connection, method, path, request_context);
    }
    if (*upload_len > 0) {
        bool is_taken = add_body(intake, upload, *upload_len);
        *upload_len = 0;
        return is_taken ? MHD_YES : MHD_NO;
    }
    return end_request(intake, connection);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    struct intake *intake = *request_context;
    if (intake == NULL) {
        return;
    }
    reply_fini(&intake->call.reply);
    spaces_put(intake->call.spaces, intake->call.view);
    free(intake->tail);
    free(intake->body);
    free(intake);
    *request_context = NULL;
}

// -- the server --

__attribute__((format(printf, 2, 0))) static void on_log(void *context, const char *format,
                                                         va_list args)
{
    (void)context;
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    log_write(LOG_LEVEL_DEBUG, "api-http", "text=%s", text);
}

static struct MHD_Daemon *start_daemon(struct api *api, int fd)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, api, MHD_OPTION_EXTERNAL_LOGGER,
                            on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)HEAD_BYTES, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, NULL, MHD_OPTION_END);
}

enum err api_open(struct api **api, const char *socket_path, struct desk *desk,
                  char why[static 256])
{
    int fd = -1;
    enum err err = ERR_NO_SPACE;
    why[0] = '\0';
    json_object_seed(0); // once, before there are threads
    struct api *made = calloc(1, sizeof *made);
    if (made == NULL) {
        goto out;
    }
    made->spaces = spaces_create();
    if (made->spaces == NULL) {
        goto out;
    }
    err = spaces_add(made->spaces, "", desk);
    if (err == ERR_OK) {
        err = listener_open(socket_path, &fd, why);
    }
    if (err != ERR_OK) {
        goto out;
    }
    snprintf(made->path, sizeof made->path, "%s", socket_path);
    made->daemon = start_daemon(made, fd);
    if (made->daemon == NULL) {
        snprintf(why, 256, "the HTTP server does not start");
        err = ERR_IO;
        goto out;
    }
    fd = -1; // the server has it now
    *api = made;
    made = NULL;
out:
    if (fd >= 0) {
        close(fd);
    }
    if (err == ERR_NO_SPACE && why[0] == '\0') {
        snprintf(why, 256, "no memory for the API");
    }
    api_close(&made);
    return err;
}

enum err api_add_space(struct api *api, const char *name, struct desk *desk)
{
    return spaces_add(api->spaces, name, desk);
}

void api_close(struct api **api)
{
    struct api *old = *api;
    if (old == NULL) {
        return;
    }
    if (old->path[0] != '\0') {
        unlink(old->path);
    }
    if (old->daemon != NULL) {
        MHD_stop_daemon(old->daemon);
    }
    spaces_destroy(&old->spaces);
    free(old);
    *api = NULL;
}
