// SPDX-License-Identifier: EUPL-1.2
// GET and POST /v1/exercises, POST /v1/exercises/NAME: the exercises this node takes part in. What
// is in them is asked of the other pages, with ?space=NAME.
#include <string.h>

#include "api/publish.h"
#include "json/body_json.h"
#include "reading/view.h"
#include "sitrep/exercise.h"

enum { PURGE_WAIT_MS = 20000 };

static void write_count(struct text *out, const char *name, uint64_t count)
{
    text_key(out, name);
    text_uint(out, count);
}

static void write_end(const struct roster *roster, const struct exercise_end *end, struct text *out)
{
    char text[NAME_SIZE];
    text_key(out, "ended");
    if (!end->is_there || end->node >= roster->nodes_count) {
        text_null(out);
        return;
    }
    const struct span node = roster->nodes[end->node].name;
    struct name name = {.epoch = end->epoch, .seq = end->seq};
    memcpy(name.node, node.bytes, node.len);
    name_format(&name, text);
    text_open(out, '{');
    text_key(out, "by");
    text_string(out, text);
    text_key(out, "time");
    text_time(out, end->time_ms);
    text_close(out, '}');
}

static void write_held(const struct roster *roster, const struct desk_exercise *exercise,
                       struct text *out)
{
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, exercise->name);
    text_key(out, "id");
    text_hex(out, exercise->id, ID_LEN);
    write_count(out, "entries", exercise->entries);
    write_count(out, "bytes_used", exercise->bytes_used);
    write_count(out, "peers", exercise->peers);
    write_end(roster, &exercise->end, out);
    text_close(out, '}');
}

static void write_strange(const struct roster *roster, const struct strange_space *strange,
                          struct text *out)
{
    text_open(out, '{');
    text_key(out, "id");
    text_hex(out, strange->id, TAG_LEN);
    text_key(out, "peer");
    if (strange->peer < roster->nodes_count) {
        text_span(out, roster->nodes[strange->peer].name);
    } else {
        text_null(out);
    }
    write_count(out, "messages", strange->frames);
    text_key(out, "last_heard");
    text_time(out, strange->heard_ms);
    text_close(out, '}');
}

void exercises_get(struct call *call)
{
    const struct roster *roster = desk_roster(call->view->desk);
    struct desk_exercises exercises;
    if (desk_exercises(call->view->desk, &exercises) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the node is stopping");
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "exercises");
    text_open(out, '[');
    for (size_t i = 0; i < exercises.held_count; i++) {
        write_held(roster, &exercises.held[i], out);
    }
    text_close(out, ']');
    text_key(out, "unknown");
    text_open(out, '[');
    for (size_t i = 0; i < exercises.strange_count; i++) {
        write_strange(roster, &exercises.strange[i], out);
    }
    text_close(out, ']');
    text_close(out, '}');
}

static void reply_named(struct call *call, unsigned status, const char *name)
{
    struct text *out = reply_json(&call->reply, status);
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, name);
    text_close(out, '}');
}

static void refuse_order(struct call *call, enum err err, const char *name)
{
    switch ((int)err) {
    case ERR_STATE:
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the node is stopping");
        return;
    case ERR_DENIED:
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "purged",
                    "this node took part in an exercise '%s' and purged it; its log there must not "
                    "begin anew: agree on another name",
                    name);
        return;
    case ERR_LIMIT:
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "too_many",
                    "a node takes part in at most %d exercises at once: purge one that is over",
                    EXERCISES_MAX);
        return;
    case ERR_NO_SPACE:
        reply_error(&call->reply, MHD_HTTP_INSUFFICIENT_STORAGE, "disk_full",
                    "the disk is full: make room and try again");
        return;
    default:
        reply_failed(&call->reply, err, "the exercise");
        return;
    }
}

// The only member of the body; NULL after a refusal.
static const char *take_member(struct call *call, json_t *json, const char *key,
                               const char *expected)
{
    const json_t *value = json_object_get(json, key);
    if (json_object_size(json) == 1 && json_is_string(value)) {
        return json_string_value(value);
    }
    reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "the body must be %s", expected);
    return NULL;
}

static bool check_name(struct call *call, const char *name)
{
    if (exercise_name_is_valid(name)) {
        return true;
    }
    reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                "an exercise's name is 1 to 32 of a-z, 0-9 and -, begins with a letter, does not "
                "end in -, and is not real");
    return false;
}

static void create(struct call *call, const char *name)
{
    const struct desk_view *held = spaces_get(call->spaces, name);
    const bool has_ended = held != NULL && desk_has_ended(held->desk);
    spaces_put(call->spaces, held);
    if (held != NULL) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    has_ended ? "the exercise '%s' has ended: agree on another name for a new one"
                              : "this node takes part in the exercise '%s' already",
                    name);
        return;
    }
    const enum err err = desk_exercise(call->view->desk, EXERCISE_CREATE, name);
    if (err == ERR_OK) {
        reply_named(call, MHD_HTTP_CREATED, name);
    } else {
        refuse_order(call, err, name);
    }
}

void exercises_post(struct call *call)
{
    char why[WHY_SIZE];
    json_t *json = body_parse(call->body, call->body_len, why);
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return;
    }
    const char *name = take_member(call, json, "name", "{\"name\": NAME}");
    if (name != NULL && check_name(call, name)) {
        create(call, name);
    }
    json_decref(json);
}

// -- one of them --

static void end(struct call *call, const struct desk_view *held)
{
    static const uint8_t body[] = "\xa1\x64kind\x6c"
                                  "exercise-end"; // [16.4]
    const struct desk_entry entry = {.content = {body, sizeof body - 1}, .precedence = FLASH};
    struct desk_published published;
    char name[NAME_SIZE];
    size_t failed;
    if (desk_has_ended(held->desk)) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "ended", "the exercise has ended already");
        return;
    }
    const enum err err = desk_publish(held->desk, &entry, 1, &published, &failed);
    if (err != ERR_OK) {
        publish_failed(held, &call->reply, err);
        return;
    }
    publish_name(held, &published, name);
    reply_named(call, MHD_HTTP_OK, name);
}

// Nobody is to use the exercise's desk any longer when the loop closes it.
static void purge(struct call *call)
{
    struct desk *real = call->view->desk;
    enum err err = desk_exercise(real, EXERCISE_STOP, call->tail);
    if (err == ERR_OK) {
        err = spaces_remove(call->spaces, call->tail, PURGE_WAIT_MS);
    }
    if (err == ERR_AGAIN) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "in_use",
                    "somebody is still reading the exercise '%s': end that, and purge again",
                    call->tail);
        return;
    }
    if (err == ERR_OK) {
        err = desk_exercise(real, EXERCISE_PURGE, call->tail);
    }
    if (err == ERR_OK) {
        reply_named(call, MHD_HTTP_OK, call->tail);
    } else {
        refuse_order(call, err, call->tail);
    }
}

static void act(struct call *call, const char *action)
{
    if (strcmp(action, "end") != 0 && strcmp(action, "purge") != 0) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the action must be end or purge");
        return;
    }
    const bool is_purge = strcmp(action, "purge") == 0;
    const struct desk_view *held = is_purge ? NULL : spaces_get(call->spaces, call->tail);
    if (is_purge && spaces_has(call->spaces, call->tail)) {
        purge(call);
    } else if (held != NULL) {
        end(call, held);
    } else {
        spaces_refuse(call->spaces, &call->reply, call->tail);
    }
    spaces_put(call->spaces, held);
}

void exercise_post(struct call *call)
{
    char why[WHY_SIZE];
    if (!check_name(call, call->tail)) {
        return;
    }
    json_t *json = body_parse(call->body, call->body_len, why);
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return;
    }
    const char *action =
        take_member(call, json, "action", "{\"action\": \"end\"} or {\"action\": \"purge\"}");
    if (action != NULL) {
        act(call, action);
    }
    json_decref(json);
}
