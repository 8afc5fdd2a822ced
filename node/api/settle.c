// SPDX-License-Identifier: EUPL-1.2
// POST /v1/items/NAME: settles an item on one of its versions, or takes a proposal over: says that
// version anew, in place of all heads.
#include <stdlib.h>
#include <string.h>

#include "api/body_json.h"
#include "api/content_json.h"
#include "api/entry.h"
#include "api/items.h"
#include "api/publish.h"
#include "api/refs.h"
#include "api/situation.h"
#include "api/view.h"

enum {
    SETTLED_ROOM = 32 + PICTURE_PARENTS_MAX * REF_MAX + REF_MAX
}; // what item and supersedes add

struct settling {
    struct call *call;
    struct ref item;
    struct ref replaced[PICTURE_PARENTS_MAX]; // ascending
    size_t count;
    bool is_one_of_them; // what is taken is a head, or proposed
};

static int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

// A head, or a proposal nobody has answered.
static bool stands(const struct picture_version *version)
{
    return !version->is_replaced &&
           (version->standing == STANDING_COUNTS || version->standing == STANDING_PROPOSED);
}

// What is taken, and as many heads as one version may replace: of more than that the others stay.
static enum err gather(struct settling *settling, struct picture *picture, uint32_t began,
                       const struct ref *taken)
{
    size_t count = picture_versions(picture, began, NULL, 0);
    uint32_t *places = calloc(count + 1, sizeof *places);
    struct picture_version version;

    if (places == NULL) {
        return ERR_NO_SPACE;
    }
    (void)picture_versions(picture, began, places, count);
    picture_version(picture, began, &version);
    settling->item = version.ref;
    settling->replaced[settling->count++] = *taken;
    for (size_t i = 0; i < count; i++) {
        picture_version(picture, places[i], &version);
        const bool is_taken = ref_compare(&version.ref, taken) == 0;
        settling->is_one_of_them |= is_taken && stands(&version);
        if (!is_taken && stands(&version) && version.standing == STANDING_COUNTS &&
            settling->count < PICTURE_PARENTS_MAX) {
            settling->replaced[settling->count++] = version.ref;
        }
    }
    qsort(settling->replaced, settling->count, sizeof *settling->replaced, compare_refs);
    free(places);
    return ERR_OK;
}

// Finds what is to be replaced. False: it was said why not.
static bool look(struct settling *settling, const struct ref *item, const struct ref *taken)
{
    struct call *call = settling->call;
    struct picture_version version = {.item = PICTURE_NONE};
    struct picture *picture;

    enum err err = situation_get(call->view->situation, call->view, &picture);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    const uint32_t place = picture_find(picture, item);
    if (place != PICTURE_NONE) {
        picture_version(picture, place, &version);
    }
    if (version.item != PICTURE_NONE) {
        err = gather(settling, picture, version.item, taken);
    }
    situation_put(call->view->situation);
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else if (version.item == PICTURE_NONE) {
        item_refuse(call);
    } else if (!settling->is_one_of_them) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    "\"take\" must be one of its versions that hold, or are proposed "
                    "('sitrep item show')");
    }
    return err == ERR_OK && version.item != PICTURE_NONE && settling->is_one_of_them;
}

static void reply_settled(struct call *call, const struct desk_published *published,
                          bool is_proposal)
{
    char name[NAME_SIZE];
    struct text *out = reply_json(&call->reply, MHD_HTTP_CREATED);

    publish_name(call->view, published, name);
    text_open(out, '{');
    view_write_space(call->view, out);
    text_key(out, "name");
    text_string(out, name);
    if (is_proposal) {
        text_key(out, "proposed");
        text_bool(out, true);
    }
    text_close(out, '}');
}

// As urgent as what is taken, and for the same group.
static void publish(struct settling *settling, const struct view *view)
{
    struct call *call = settling->call;
    const size_t size = view->content.len + SETTLED_ROOM;
    uint8_t *body = malloc(size);
    struct desk_published published;
    size_t failed = 0;

    if (body == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    struct cbor_writer writer;
    cbor_write(&writer, body, size);
    content_settle(view->content, &settling->item, settling->replaced, settling->count, &writer);
    struct desk_entry entry = {.content = {body, cbor_written(&writer)},
                               .precedence = view->header.precedence};
    memcpy(entry.group, view->header.group, TAG_LEN);
    bool is_proposal = false;
    char why[WHY_SIZE];
    enum err err = entry.content.len == 0 || entry.content.len > CONTENT_MAX
                       ? ERR_LIMIT
                       : situation_foresee(call->view, entry.content, &is_proposal, why);
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "%s", why);
    } else if (err != ERR_OK ||
               (err = desk_publish(call->view->desk, &entry, 1, &published, &failed)) != ERR_OK) {
        publish_failed(call->view, &call->reply, err);
    } else {
        reply_settled(call, &published, is_proposal);
    }
    free(body);
}

static void settle(struct settling *settling, const struct ref *taken)
{
    struct call *call = settling->call;
    struct record_set set = {0};
    struct view view = {.is_named = true};
    struct sealer *sealer = sealers_get(call->view->sealers);

    if (sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    if (refs_find(call->view, taken, &view.named) == ERR_OK &&
        store_read(desk_store(call->view->desk), view.named.chain.number, taken->seq, 1, 1, &set) ==
            ERR_OK &&
        set.count == 1) {
        view.record = &set.records[0];
        view_open(call->view, sealer, &view);
    }
    if (view.record != NULL && view.state == VIEW_OPEN) {
        publish(settling, &view);
    } else {
        reply_failed(&call->reply, ERR_CORRUPT, "the version to take");
    }
    sealers_put(call->view->sealers, sealer);
    record_set_fini(&set);
}

void item_post(struct call *call)
{
    struct settling settling = {.call = call};
    const struct content_names names = refs_names(call->view);
    char why[WHY_SIZE] = "";
    struct ref item;
    struct ref taken;

    json_t *json = body_parse(call->body, call->body_len, why);
    const char *name = json_string_value(json_object_get(json, "take"));
    if (json != NULL && (name == NULL || json_object_size(json) != 1)) {
        snprintf(why, WHY_SIZE, "only \"take\" may stand here: the name of a version");
    }
    if (why[0] != '\0' || names.read_ref(names.context, name, &taken, why) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (item_find(call, &item) && look(&settling, &item, &taken)) {
        settle(&settling, &taken);
    }
    json_decref(json);
}
