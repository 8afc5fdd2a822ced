// SPDX-License-Identifier: EUPL-1.2
// POST /v1/entries: one entry as JSON, or many as newline-delimited JSON, all or none. Bodies are
// made here; sealing, signing and durability are the desk's.
#include "api/publish.h"

#include <stdlib.h>
#include <string.h>

#include "api/group_choice.h"
#include "json/body_json.h"
#include "json/content_json.h"
#include "picture/situation.h"
#include "reading/group_text.h"
#include "reading/refs.h"
#include "reading/view.h"

enum { PUBLISH_LINES_MAX = 4096 };

// What one request publishes: entries and the bytes their bodies lie in.
struct batch {
    struct call *call;
    const struct groups_view *groups; // NULL until one is named
    const char *group;                // of entries that name none; NULL: all members
    const struct groups_item *chosen; // the one named last
    struct desk_entry *entries;
    size_t *lines; // of each entry in the request's body, from 1
    size_t count;
    size_t size;
    uint8_t *arena;
    size_t arena_used;
    size_t arena_size;
    bool is_single;
    bool is_proposal; // the entry added last
};

static void batch_fini(struct batch *batch)
{
    if (batch->groups != NULL) {
        groups_release(batch->groups);
    }
    free(batch->entries);
    free(batch->lines);
    free(batch->arena);
}

static enum err batch_init(struct batch *batch, size_t lines, size_t bytes)
{
    batch->size = lines;
    // Each line's bound is made of its own length; together they are no more than this.
    batch->arena_size = body_bound(bytes) + lines * body_bound(0);
    batch->entries = calloc(lines, sizeof *batch->entries);
    batch->lines = calloc(lines, sizeof *batch->lines);
    batch->arena = malloc(batch->arena_size);
    if (batch->entries == NULL || batch->lines == NULL || batch->arena == NULL) {
        return ERR_NO_SPACE;
    }
    return ERR_OK;
}

// What the node itself acts on is made by the pages of its own.
static const char *reserved(const json_t *kind)
{
    const char *text = json_string_value(kind);
    if (text != NULL && strcmp(text, "group") == 0) {
        return "\"kind\": entries of kind group are made by /v1/groups ('sitrep group')";
    }
    if (text != NULL && strcmp(text, "release") == 0) {
        return "\"kind\": entries of kind release are made by /v1/releases ('sitrep release')";
    }
    return NULL;
}

// Takes the members of an entry's object apart; its group is looked at later. False: `why` says
// what is wrong.
static bool take_members(json_t *json, struct body_parts *parts, uint8_t *precedence,
                         char why[static WHY_SIZE])
{
    size_t known = json_object_get(json, "group") != NULL;
    json_t *named = json_object_get(json, "precedence");
    *parts = (struct body_parts){.kind = json_object_get(json, "kind"),
                                 .text = json_object_get(json, "text"),
                                 .fields = json_object_get(json, "fields")};
    known += parts->kind != NULL;
    known += parts->text != NULL;
    known += parts->fields != NULL;
    known += named != NULL;
    *precedence = ROUTINE;
    const char *wrong = reserved(parts->kind);
    if (json_object_size(json) != known) {
        wrong = "only \"kind\", \"precedence\", \"group\", \"text\" and \"fields\" may stand here; "
                "all else belongs into \"fields\"";
    } else if (named != NULL &&
               (!json_is_string(named) ||
                precedence_parse(json_string_value(named), precedence) != ERR_OK)) {
        wrong = "\"precedence\": must be routine, priority, immediate or flash";
    }
    if (wrong != NULL) {
        snprintf(why, WHY_SIZE, "%s", wrong);
    }
    return wrong == NULL;
}

// The group the object names, or else the request. ERR_STATE: the reply says why not.
static enum err take_group(struct batch *batch, const json_t *json, struct desk_entry *entry,
                           char why[static WHY_SIZE])
{
    const json_t *named = json_object_get(json, "group");
    const char *name = named != NULL ? json_string_value(named) : batch->group;
    if (named != NULL && name == NULL) {
        snprintf(why, WHY_SIZE, "\"group\": must be the name of a group");
        return ERR_MALFORMED;
    }
    if (name == NULL) {
        return ERR_OK;
    }
    if (batch->groups == NULL) {
        batch->groups = groups_hold(desk_groups(batch->call->view->desk));
    }
    const struct groups_item *item = group_named(&batch->call->reply, batch->groups, name);
    if (item == NULL ||
        (item != batch->chosen && !group_may_write(batch->call, batch->groups, item))) {
        return ERR_STATE;
    }
    batch->chosen = item;
    memcpy(entry->group, item->group->id, TAG_LEN);
    return ERR_OK;
}

// Of a kind that is known, fields come as people write them, and must be sound.
static enum err make_body(struct batch *batch, const struct body_parts *parts,
                          struct cbor_writer *out, char why[static WHY_SIZE])
{
    const char *name = json_string_value(parts->kind);
    const struct kind *kind =
        name == NULL ? NULL : kind_find((struct span){(const uint8_t *)name, strlen(name)});
    const struct content_names names = refs_names(batch->call->view);
    enum err err = ERR_OK;
    if (kind != NULL && kind->merge != MERGE_SYSTEM) {
        err = content_lower(kind, parts->fields, &names, why);
    }
    if (err == ERR_OK) {
        err = body_from_json(parts, out, why);
    }
    const struct span body = {out->start, err == ERR_OK ? cbor_written(out) : 0};
    if (err == ERR_OK && body.len <= CONTENT_MAX) {
        err = content_may_be_published(body, why);
    }
    if (err == ERR_OK && body.len <= CONTENT_MAX && kind != NULL) {
        err = situation_foresee(batch->call->view, body, &batch->is_proposal, why);
    }
    return err;
}

// ERR_STATE: the reply has been written.
static enum err batch_add(struct batch *batch, json_t *json, size_t number,
                          char why[static WHY_SIZE])
{
    struct body_parts parts;
    struct desk_entry *entry = &batch->entries[batch->count];
    struct cbor_writer out;
    cbor_write(&out, batch->arena + batch->arena_used, batch->arena_size - batch->arena_used);
    enum err err = ERR_MALFORMED;
    if (take_members(json, &parts, &entry->precedence, why)) {
        err = make_body(batch, &parts, &out, why);
    }
    if (err == ERR_OK) {
        err = take_group(batch, json, entry, why);
    }
    if (err != ERR_OK) {
        return err;
    }
    entry->content = (struct span){out.start, cbor_written(&out)};
    batch->arena_used += entry->content.len;
    batch->lines[batch->count++] = number;
    return entry->content.len > CONTENT_MAX ? ERR_LIMIT : ERR_OK;
}

static enum err batch_add_line(struct batch *batch, struct span line, size_t number,
                               char why[static WHY_SIZE])
{
    json_t *json = body_parse(line.bytes, line.len, why);
    const enum err err = json == NULL ? ERR_MALFORMED : batch_add(batch, json, number, why);

    json_decref(json);
    return err;
}

static void refuse_line(struct call *call, const struct batch *batch, enum err err, const char *why)
{
    if (err == ERR_STATE) {
        return; // said where it was found out
    }
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (err == ERR_LIMIT) {
        reply_error(&call->reply, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                    "%s is larger than an entry may be: %d KiB, or %d KiB once compressed",
                    batch->is_single ? "it" : "this line", CONTENT_MAX / 1024, SEALED_MAX / 1024);
    } else {
        reply_failed(&call->reply, err, "memory");
    }
}

void publish_failed(const struct desk_view *view, struct reply *reply, enum err err)
{
    if (err == ERR_DENIED && desk_has_ended(view->desk)) {
        reply_error(reply, MHD_HTTP_CONFLICT, "ended",
                    "nothing was published: the exercise '%s' has ended",
                    desk_exercise_name(view->desk));
        return;
    }
    switch ((int)err) {
    case ERR_NO_SPACE:
        reply_error(reply, MHD_HTTP_INSUFFICIENT_STORAGE, "disk_full",
                    "the disk is full: nothing was published; make room and try again");
        return;
    case ERR_STATE:
        reply_error(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping",
                    "nothing was published: the node is stopping");
        return;
    case ERR_DENIED:
        reply_error(reply, MHD_HTTP_FORBIDDEN, "revoked",
                    "nothing was published: this node was revoked, and what it writes counts "
                    "nowhere any more");
        return;
    case ERR_AGAIN:
        reply_error(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "not_ready",
                    "nothing was published: the node is still comparing its own log with its "
                    "peers, or waits for the key to seal with; try again in a moment");
        return;
    case ERR_LIMIT:
        reply_error(reply, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                    "it is larger than an entry may be: %d KiB, or %d KiB once compressed",
                    CONTENT_MAX / 1024, SEALED_MAX / 1024);
        return;
    default:
        reply_failed(reply, err, "nothing was published");
        return;
    }
}

void publish_name(const struct desk_view *view, const struct desk_published *published,
                  char out[static NAME_SIZE])
{
    const struct roster *roster = desk_roster(view->desk);
    const struct roster_node *self = &roster->nodes[desk_self(view->desk)];
    struct name name = {.epoch = published->epoch, .seq = published->seq};
    memcpy(name.node, self->name.bytes, self->name.len);
    name_format(&name, out);
}

static void reply_published(struct call *call, const struct batch *batch,
                            const struct desk_published *published)
{
    char name[NAME_SIZE];
    struct text *out = reply_json(&call->reply, MHD_HTTP_CREATED);
    text_open(out, '{');
    view_write_space(call->view, out);
    if (batch->is_single) {
        publish_name(call->view, &published[0], name);
        text_key(out, "name");
        text_string(out, name);
        text_key(out, "epoch");
        text_uint(out, published[0].epoch);
        text_key(out, "seq");
        text_uint(out, published[0].seq);
        if (batch->is_proposal) {
            text_key(out, "proposed");
            text_bool(out, true);
        }
    } else {
        text_key(out, "names");
        text_open(out, '[');
        for (size_t i = 0; i < batch->count; i++) {
            publish_name(call->view, &published[i], name);
            text_string(out, name);
        }
        text_close(out, ']');
    }
    text_close(out, '}');
}

static void publish_batch(struct call *call, const struct batch *batch)
{
    struct desk_published *published = calloc(batch->size, sizeof *published);
    size_t failed = 0;
    if (published == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    enum err err = desk_publish(call->view->desk, batch->entries, batch->count, published, &failed);
    if (err == ERR_LIMIT && !batch->is_single && failed < batch->count) {
        call->reply.line = batch->lines[failed];
    }
    if (err == ERR_LIMIT) {
        refuse_line(call, batch, err, "");
    } else if (err != ERR_OK) {
        publish_failed(call->view, &call->reply, err);
    } else {
        reply_published(call, batch, published);
    }
    free(published);
}

// The next line, without its end. False at the end of the body.
static bool next_line(struct span *rest, struct span *line)
{
    if (rest->len == 0) {
        return false;
    }
    const uint8_t *end = memchr(rest->bytes, '\n', rest->len);
    line->bytes = rest->bytes;
    line->len = end == NULL ? rest->len : (size_t)(end - rest->bytes);
    size_t taken = end == NULL ? rest->len : line->len + 1;
    rest->bytes += taken;
    rest->len -= taken;
    return true;
}

static bool is_blank(struct span line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.bytes[i] != ' ' && line.bytes[i] != '\t' && line.bytes[i] != '\r') {
            return false;
        }
    }
    return true;
}

// Counts the lines that are not blank.
static size_t count_lines(struct span rest)
{
    size_t count = 0;
    struct span line;
    while (next_line(&rest, &line)) {
        count += !is_blank(line);
    }
    return count;
}

static void publish_lines(struct call *call, struct batch *batch)
{
    char why[WHY_SIZE] = "";
    struct span rest = {call->body, call->body_len};
    struct span line;
    size_t number = 0;
    while (next_line(&rest, &line)) {
        call->reply.line = ++number; // of what may be refused
        enum err err = is_blank(line) ? ERR_OK : batch_add_line(batch, line, number, why);
        if (err != ERR_OK) {
            refuse_line(call, batch, err, why);
            return;
        }
    }
    call->reply.line = 0;
    publish_batch(call, batch);
}

void publish_one(struct call *call, json_t *json)
{
    struct batch batch = {.call = call, .group = call->args[ARG_GROUP], .is_single = true};
    char why[WHY_SIZE] = "";

    if (batch_init(&batch, 1, json_dumpb(json, NULL, 0, JSON_COMPACT)) != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else {
        const enum err err = batch_add(&batch, json, 0, why);
        if (err == ERR_OK) {
            publish_batch(call, &batch);
        } else {
            refuse_line(call, &batch, err, why);
        }
    }
    batch_fini(&batch);
}

static const char *kind_name(const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "kind"));

    return name == NULL ? "" : name;
}

json_t *publish_parse(struct call *call, const char *kind)
{
    char why[WHY_SIZE] = "";
    json_t *json = body_parse(call->body, call->body_len, why);

    if (json != NULL && json_object_get(json, "fields") == NULL) {
        (void)json_object_set_new(json, "fields", json_object());
    }
    if (json != NULL && !json_is_object(json_object_get(json, "fields"))) {
        snprintf(why, WHY_SIZE, "\"fields\": must be an object");
    } else if (json != NULL && json_object_get(json, "kind") == NULL) {
        (void)json_object_set_new(json, "kind", json_string(kind));
    } else if (json != NULL && strcmp(kind_name(json), kind) != 0) {
        snprintf(why, WHY_SIZE, "\"kind\": must be %s here, or absent", kind);
    }
    if (why[0] != '\0') {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        json_decref(json);
        return NULL;
    }
    return json;
}

static void publish_all(struct call *call, size_t lines)
{
    struct batch batch = {.call = call, .group = call->args[ARG_GROUP]};

    if (batch_init(&batch, lines, call->body_len) == ERR_OK) {
        publish_lines(call, &batch);
    } else {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    batch_fini(&batch);
}

void entries_post(struct call *call)
{
    const size_t lines = count_lines((struct span){call->body, call->body_len});
    char why[WHY_SIZE] = "";

    if (call->media == MEDIA_JSON) {
        json_t *json = body_parse(call->body, call->body_len, why);
        if (json == NULL) {
            reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        } else {
            publish_one(call, json);
        }
        json_decref(json);
    } else if (lines == 0) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "there is no line to publish");
    } else if (lines > PUBLISH_LINES_MAX) {
        reply_error(&call->reply, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                    "at most %d lines may be published at once; this is %zu", PUBLISH_LINES_MAX,
                    lines);
    } else {
        publish_all(call, lines);
    }
}
