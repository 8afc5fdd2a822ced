// SPDX-License-Identifier: EUPL-1.2
// POST /v1/items/NAME with a change: the version that holds, with some of its fields altered. Who
// changes what has several versions that hold, or what another has replaced, is told so: nobody's
// newer edit is passed over unseen.
#include <stdlib.h>
#include <string.h>

#include "api/items.h"
#include "api/version.h"
#include "api/wish.h"
#include "json/content_json.h"
#include "json/rfc3339.h"
#include "picture/situation.h"
#include "reading/refs.h"

enum { NAMES_SIZE = 4 * REF_TEXT_SIZE + 16, STEPS_SIZE = STATES_MAX * (KIND_MAX_LEN + 2) };

struct change {
    struct call *call;
    struct wish wish;
    struct picture_version head; // what it is made from
};

// -- what it is made from --

static void name_of(const struct call *call, const struct ref *ref, char out[static REF_TEXT_SIZE])
{
    const struct content_names names = refs_names(call->view);

    if (ref->author < names.roster->nodes_count) {
        names.write_ref(names.context, ref, out);
    } else {
        snprintf(out, REF_TEXT_SIZE, "(of a node to come)");
    }
}

static void refuse_several(struct change *change, const struct ref *heads, size_t count)
{
    enum { NAMED = 4 };
    char names[NAMES_SIZE] = "";
    char name[REF_TEXT_SIZE];
    size_t len = 0;

    for (size_t i = 0; i < count && i < NAMED && len < sizeof names; i++) {
        name_of(change->call, &heads[i], name);
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i == 0 ? "" : ", ", name);
    }
    reply_error(&change->call->reply, MHD_HTTP_CONFLICT, "conflict",
                "%zu versions of it hold: %s%s; settle which first ('sitrep settle %s --take "
                "VERSION')",
                count, names, count > NAMED ? " ..." : "", change->call->tail);
}

// `named` is a version, and not the one that holds.
static void refuse_outdated(struct change *change, const struct picture_version *named)
{
    const struct roster *roster = desk_roster(change->call->view->desk);
    const struct picture_version *head = &change->head;
    const struct span code = head->centre < roster->centres_count
                                 ? roster->centres[head->centre].code
                                 : (struct span){(const uint8_t *)"?", 1};
    char old[REF_TEXT_SIZE];
    char now[REF_TEXT_SIZE];
    char moment[RFC3339_SIZE];

    name_of(change->call, &named->ref, old);
    name_of(change->call, &head->ref, now);
    if (rfc3339_format(head->written_ms, moment) != ERR_OK) {
        snprintf(moment, sizeof moment, "a time to come");
    }
    reply_error(&change->call->reply, MHD_HTTP_CONFLICT, "outdated",
                "%s %s: %s holds now, which %.*s wrote at %s; look at it ('sitrep item show %s') "
                "and change that",
                old, named->is_replaced ? "is replaced" : "does not hold", now, (int)code.len,
                (const char *)code.bytes, moment, now);
}

static int compare_versions(const void *a, const void *b)
{
    const struct picture_version *left = a;
    const struct picture_version *right = b;

    return ref_compare(&left->ref, &right->ref);
}

// The versions that hold, ascending, malloc'ed; NULL: no memory.
static struct picture_version *list_heads(struct picture *picture, uint32_t began, size_t *count)
{
    const size_t all = picture_versions(picture, began, NULL, 0);
    uint32_t *places = calloc(all + 1, sizeof *places);
    struct picture_version *heads = calloc(all + 1, sizeof *heads);

    *count = 0;
    if (places != NULL && heads != NULL) {
        (void)picture_versions(picture, began, places, all);
        for (size_t i = 0; i < all; i++) {
            struct picture_version *version = &heads[*count];
            picture_version(picture, places[i], version);
            *count += version->standing == STANDING_COUNTS && !version->is_replaced;
        }
        qsort(heads, *count, sizeof *heads, compare_versions);
    } else {
        free(heads);
        heads = NULL;
    }
    free(places);
    return heads;
}

// Whether what was named is the version that holds. The item itself goes by the name of its first
// version, too: only "change" means no more than that.
static bool is_head(struct change *change, struct picture *picture, uint32_t place)
{
    struct picture_version named;

    picture_version(picture, place, &named);
    if (named.item == change->head.item && ref_compare(&named.ref, &change->head.ref) == 0) {
        return true;
    }
    refuse_outdated(change, &named);
    return false;
}

static bool check_named(struct change *change, struct picture *picture, uint32_t place)
{
    struct call *call = change->call;
    struct picture_version began;

    picture_version(picture, change->head.item, &began);
    if (change->wish.kind != NULL && strcmp(change->wish.kind, change->head.kind->name) != 0) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "%s is of kind %s, not %.*s",
                    call->tail, change->head.kind->name, KIND_MAX_LEN, change->wish.kind);
        return false;
    }
    if (place != change->head.item && !is_head(change, picture, place)) {
        return false;
    }
    if (!change->wish.has_from) {
        return true;
    }
    place = picture_find(picture, &change->wish.from);
    if (place == PICTURE_NONE) {
        item_refuse(call);
        return false;
    }
    return is_head(change, picture, place);
}

static bool take_head(struct change *change, struct picture *picture, uint32_t place,
                      struct replacing *replacing)
{
    struct call *call = change->call;
    struct picture_version version;
    size_t count;

    picture_version(picture, place, &version);
    if (version.item == PICTURE_NONE) {
        item_refuse(call);
        return false;
    }
    struct picture_version *heads = list_heads(picture, version.item, &count);
    if (heads == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return false;
    }
    bool is_good = false;
    if (count == 0) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    "no version of it holds yet: what they replace is not here");
    } else if (count > 1) {
        struct ref refs[PICTURE_PARENTS_MAX];
        for (size_t i = 0; i < count && i < PICTURE_PARENTS_MAX; i++) {
            refs[i] = heads[i].ref;
        }
        refuse_several(change, refs, count);
    } else {
        change->head = heads[0];
        is_good = check_named(change, picture, place);
    }
    picture_version(picture, version.item, &version);
    *replacing =
        (struct replacing){.item = version.ref, .replaced = {change->head.ref}, .count = 1};
    if (is_good && change->wish.state == NULL && change->head.state != STATE_NONE &&
        kind_is_over(change->head.kind, change->head.state)) {
        replacing->over = change->head.kind->states[change->head.state];
    }
    free(heads);
    return is_good;
}

static bool look(struct change *change, const struct ref *item, struct replacing *replacing)
{
    struct call *call = change->call;
    struct picture *picture;

    const enum err err = situation_get(call->view->situation, call->view, &picture);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    const uint32_t place = picture_find(picture, item);
    const bool is_good = place != PICTURE_NONE && take_head(change, picture, place, replacing);
    if (place == PICTURE_NONE) {
        item_refuse(call);
    }
    situation_put(call->view->situation);
    return is_good;
}

// -- what it becomes --

static void list_steps(const struct kind *kind, uint8_t from, char out[static STEPS_SIZE])
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < kind->steps_count && len < STEPS_SIZE; i++) {
        if (kind->steps[i].from == from) {
            len += (size_t)snprintf(out + len, STEPS_SIZE - len, "%s%s", len == 0 ? "" : ", ",
                                    kind->states[kind->steps[i].to]);
        }
    }
}

// Puts the state among the fields. What ends something asks for no acknowledgement that was asked
// for before [18.19], only for one of its own.
static bool put_state(const struct kind *kind, uint8_t state, json_t *fields)
{
    const bool is_asking = !kind_is_over(kind, state) || json_object_get(fields, "ack_by") != NULL;

    return json_object_set_new(fields, "state", json_string(kind->states[state])) == 0 &&
           (is_asking || json_object_set_new(fields, "ack_by", json_null()) == 0);
}

// Puts the state among the fields, when it is another. False: no step leads there.
static bool take_state(struct change *change, json_t *fields)
{
    const struct kind *kind = change->head.kind;
    const uint8_t from = change->head.state;
    const char *state = change->wish.state;
    const size_t count = kind_states_count(kind);
    char steps[STEPS_SIZE];
    uint8_t to = 0;
    enum side side;

    if (state == NULL) {
        return true;
    }
    while (to < count && strcmp(kind->states[to], state) != 0) {
        to++;
    }
    if (count > 0 && to < count && kind_allows(kind, from, to, &side)) {
        return to == from || put_state(kind, to, fields);
    }
    if (count == 0) {
        reply_error(&change->call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "\"state\": %s has no states", kind->name);
        return false;
    }
    list_steps(kind, from, steps);
    reply_error(&change->call->reply, to < count ? MHD_HTTP_CONFLICT : MHD_HTTP_BAD_REQUEST,
                to < count ? "conflict" : "malformed",
                "\"state\": it is %s, from where no step leads to %.*s%s%s", kind->states[from],
                KIND_MAX_LEN, state, *steps == '\0' ? "; none leads on" : ", but to ", steps);
    return false;
}

// The changes as a body. Errors: ERR_MALFORMED (`why` says what), ERR_STATE (the reply says it),
// ERR_LIMIT.
static enum err lower(struct change *change, struct cbor_writer *out, char why[static WHY_SIZE])
{
    const struct content_names names = refs_names(change->call->view);
    const struct kind *kind = change->head.kind;
    json_t *fields = change->wish.fields != NULL ? json_incref(change->wish.fields) : json_object();
    const struct body_parts parts = {.kind = json_string(kind->name),
                                     .text = json_is_string(change->wish.text) ? change->wish.text
                                                                               : NULL,
                                     .fields = fields};
    enum err err = ERR_STATE;

    if (take_state(change, fields)) {
        err = content_lower(kind, fields, &names, why);
    }
    if (err == ERR_OK) {
        err = body_from_json(&parts, out, why);
    }
    json_decref(parts.kind);
    json_decref(fields);
    return err;
}

// Into `made`, which is as large as `body`, the changes and 16 bytes are together. Returns what was
// made, in it.
static struct span alter(const struct change *change, struct span body, struct span changes,
                         struct cbor_writer *made)
{
    static const uint8_t no_text[] = "\xa1\x64text\xf6";
    static const struct span without = {no_text, sizeof no_text - 1};
    struct cbor_writer writer = *made;

    content_alter(body, changes, &writer);
    const struct span altered = {writer.start, cbor_written(&writer)};
    if (!json_is_null(change->wish.text)) {
        return altered;
    }
    cbor_write(&writer, writer.at, (size_t)(writer.end - writer.at));
    content_alter(altered, without, &writer);
    return (struct span){writer.start, cbor_written(&writer)};
}

static bool is_same(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

static void refuse(struct call *call, enum err err, const char *why)
{
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (err == ERR_LIMIT) {
        reply_error(&call->reply, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                    "it is larger than an entry may be: %d KiB", CONTENT_MAX / 1024);
    } // else said where it was found out
}

// Publishes `body` with the changes. `room` has twice the bytes of both, and 32.
static void publish(struct change *change, const struct replacing *replacing,
                    const struct view *view, struct cbor_writer *room)
{
    struct call *call = change->call;
    struct header like = view->header;
    struct cbor_writer lowered = *room;
    char why[WHY_SIZE] = "";

    enum err err = lower(change, &lowered, why);
    const struct span changes = {lowered.start, err == ERR_OK ? cbor_written(&lowered) : 0};
    if (err != ERR_OK) {
        refuse(call, err, why);
        return;
    }
    cbor_write(room, lowered.at, (size_t)(lowered.end - lowered.at));
    const struct span altered = alter(change, view->content, changes, room);
    like.precedence = change->wish.has_precedence ? change->wish.precedence : like.precedence;
    if (is_same(altered, view->content) && like.precedence == view->header.precedence) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    "that changes nothing: it says so already");
        return;
    }
    version_publish(call, replacing, altered, &like);
}

static void make(struct change *change, const struct replacing *replacing)
{
    struct call *call = change->call;
    struct version version;

    if (version_open(call, &change->head.ref, &version)) {
        const size_t bound = body_bound(call->body_len);
        const size_t size = 3 * bound + 2 * version.view.content.len + 64;
        uint8_t *bytes = malloc(size);
        struct cbor_writer room;
        if (bytes == NULL) {
            reply_failed(&call->reply, ERR_IO, "no memory");
        } else {
            cbor_write(&room, bytes, size);
            publish(change, replacing, &version.view, &room);
        }
        free(bytes);
    }
    version_close(call, &version);
}

void item_change(struct call *call, const struct ref *item, json_t *json)
{
    struct change change = {.call = call};
    struct replacing replacing;
    char why[WHY_SIZE] = "";

    const enum err err = wish_read(call, json, &change.wish, why);
    if (err != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (look(&change, item, &replacing)) {
        make(&change, &replacing);
    }
}
