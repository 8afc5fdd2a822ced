// SPDX-License-Identifier: EUPL-1.2
// Opens versions, and publishes what replaces them.
#include "api/version.h"

#include <stdlib.h>
#include <string.h>

#include "api/publish.h"
#include "json/content_json.h"
#include "picture/situation.h"
#include "reading/refs.h"

enum {
    REPLACING_ROOM = 32 + PICTURE_PARENTS_MAX * REF_MAX + REF_MAX
}; // what item and supersedes add

bool version_open(struct call *call, const struct ref *ref, struct version *version)
{
    const struct desk_view *desk_view = call->view;

    *version = (struct version){.sealer = NULL};
    version->sealer = sealers_get(desk_view->sealers);
    if (version->sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return false;
    }
    if (!refs_open(desk_view, version->sealer, ref, &version->set, &version->view) ||
        version->view.state != VIEW_OPEN) {
        reply_failed(&call->reply, ERR_CORRUPT, "the version it is made from");
        return false;
    }
    return true;
}

void version_close(struct call *call, struct version *version)
{
    if (version->sealer != NULL) {
        sealers_put(call->view->sealers, version->sealer);
    }
    record_set_fini(&version->set);
}

static void reply_published(struct call *call, const struct desk_published *published,
                            bool is_proposal, const char *over)
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
    if (over != NULL) {
        text_key(out, "over");
        text_string(out, over);
    }
    text_close(out, '}');
}

static void publish(struct call *call, const struct desk_entry *entry, const char *over)
{
    struct desk_published published;
    size_t failed = 0;
    bool is_proposal = false;
    char why[WHY_SIZE];

    enum err err = entry->content.len == 0 || entry->content.len > CONTENT_MAX
                       ? ERR_LIMIT
                       : content_may_be_published(entry->content, why);
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return;
    }
    if (err == ERR_OK) {
        err = situation_foresee(call->view, entry->content, &is_proposal, why);
    }
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "%s", why);
    } else if (err != ERR_OK ||
               (err = desk_publish(call->view->desk, entry, 1, &published, &failed)) != ERR_OK) {
        publish_failed(call->view, &call->reply, err);
    } else {
        reply_published(call, &published, is_proposal, over);
    }
}

void version_publish(struct call *call, const struct replacing *replacing, struct span body,
                     const struct header *like)
{
    const size_t size = body.len + REPLACING_ROOM;
    uint8_t *bytes = malloc(size);
    struct cbor_writer writer;

    if (bytes == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    cbor_write(&writer, bytes, size);
    content_settle(body, &replacing->item, replacing->replaced, replacing->count, &writer);
    struct desk_entry entry = {.content = {bytes, cbor_written(&writer)},
                               .precedence = like->precedence};
    memcpy(entry.group, like->group, TAG_LEN);
    publish(call, &entry, replacing->over);
    free(bytes);
}
