// SPDX-License-Identifier: EUPL-1.2
// POST /v1/releases: opens one entry to another group [15]. Says who could not read it before.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/entry.h"
#include "api/group_choice.h"
#include "api/publish.h"
#include "json/body_json.h"
#include "json/roster_text.h"
#include "reading/group_text.h"
#include "reading/view.h"

struct releasing {
    struct call *call;
    const struct groups_view *view;
    const struct groups_item *target;
    struct named named;          // the entry
    char name[NAME_SIZE];        // its
    uint8_t precedence;          // its
    struct centre_set newcomers; // who cannot read it yet
    struct release release;      // to be wiped
};

__attribute__((format(printf, 3, 4))) static bool refuse(struct releasing *releasing,
                                                         const char *code, const char *format, ...)
{
    char why[WHY_SIZE + CENTRES_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    reply_error(&releasing->call->reply, MHD_HTTP_CONFLICT, code, "%s", why);
    return false;
}

// Members of the target who could not read the entry by its own group.
static void find_newcomers(struct releasing *releasing, const struct header *header)
{
    const struct groups_item *own = groups_find(releasing->view, header->group);
    const struct group_keying *keying =
        own == NULL ? NULL : group_find_key(own->group, header->key);
    const struct centre_set *members = &releasing->target->group->members;
    for (uint32_t i = 0; i < releasing->view->roster->centres_count; i++) {
        const bool is_reader =
            own != NULL &&
            (own->group->is_all || (keying != NULL && centre_set_has(&keying->audience, i)) ||
             (own->group->has_history && centre_set_has(&own->group->members, i)));
        if (centre_set_has(members, i) && !is_reader) {
            centre_set_add(&releasing->newcomers, i);
        }
    }
}

// The release of an entry that was itself released to this node has the same key.
static bool make_release(struct releasing *releasing, struct sealer *sealer, struct view *view)
{
    const struct desk_view *desk_view = releasing->call->view;
    const struct release_entry entry = {
        .space = desk_space(desk_view->desk),
        .roster = desk_roster(desk_view->desk),
        .header = &view->header,
        .sealed = {view->record->sealed, view->record->sealed_len},
    };
    struct group_key key;
    struct groups_released released;
    enum err err =
        groups_find_key(desk_groups(desk_view->desk), view->header.group, view->header.key, &key);
    if (err == ERR_OK) {
        err = release_make(sealer, &key, &entry, &releasing->release);
    } else {
        err = view_open_released(desk_view, sealer, view, &released);
        releasing->release = released.release;
    }
    sodium_memzero(&key, sizeof key);
    sodium_memzero(&released, sizeof released);
    return err == ERR_OK || refuse(releasing, "conflict", "%s cannot be released", releasing->name);
}

// Whether the entry as it is read here may be released, and to whom that is news.
static bool check_view(struct releasing *releasing, const struct view *view)
{
    if (view->state == VIEW_DAMAGED) {
        reply_error(&releasing->call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "damaged",
                    "%s is damaged in the store here; it is being fetched again from another node",
                    releasing->name);
        return false;
    }
    if (view->named.is_quarantined) {
        return refuse(releasing, "conflict",
                      "%s was written beyond its author's revocation and counts nowhere",
                      releasing->name);
    }
    if (view->state != VIEW_OPEN) {
        return refuse(releasing, "sealed",
                      "this node cannot read %s, and releases nothing it cannot read",
                      releasing->name);
    }
    if (view->kind.len == strlen("release") && memcmp(view->kind.bytes, "release", 7) == 0) {
        return refuse(releasing, "conflict", "%s is a release itself: release the entry it opens",
                      releasing->name);
    }
    releasing->precedence = view->header.precedence;
    find_newcomers(releasing, &view->header);
    char nobody[CENTRES_TEXT_SIZE];
    roster_centres_text(releasing->view->roster, &releasing->newcomers, nobody);
    return strcmp(nobody, "nobody") != 0
               ? true
               : refuse(releasing, "already", "every member of %s can read %s already",
                        releasing->target->name, releasing->name);
}

// Whether a release to that group opens it already; the first of each node is looked at.
static bool is_released_already(struct releasing *releasing, const struct view *view)
{
    struct groups_released released;
    struct groups *groups = desk_groups(releasing->call->view->desk);
    bool is_same = false;
    for (size_t at = 0;
         !is_same && groups_find_release(groups, view->record->id, at, &released) == ERR_OK; at++) {
        is_same = memcmp(released.by.group, releasing->target->group->id, TAG_LEN) == 0 &&
                  memcmp(released.release.key, releasing->release.key, ENTRY_KEY_LEN) == 0;
    }
    sodium_memzero(&released, sizeof released);
    if (is_same) {
        (void)refuse(releasing, "already", "%s has been released to %s already", releasing->name,
                     releasing->target->name);
    }
    return is_same;
}

static bool read_entry(struct releasing *releasing)
{
    const struct desk_view *view = releasing->call->view;
    struct record_set set = {0};
    bool is_made = false;
    const enum err err = store_read(desk_store(view->desk), releasing->named.chain.number,
                                    releasing->named.name.seq, 1, 1, &set);
    struct sealer *sealer = sealers_get(view->sealers);
    if (sealer == NULL) {
        reply_failed(&releasing->call->reply, ERR_IO, "no memory");
    } else if (err != ERR_OK || set.count != 1) {
        reply_error(&releasing->call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "there is no entry %s here", releasing->name);
    } else {
        struct view seen = {.record = &set.records[0], .is_named = true, .named = releasing->named};
        view_open(view, sealer, &seen);
        is_made = check_view(releasing, &seen) && make_release(releasing, sealer, &seen) &&
                  !is_released_already(releasing, &seen);
    }
    if (sealer != NULL) {
        sealers_put(view->sealers, sealer);
    }
    record_set_fini(&set);
    return is_made;
}

static void publish(struct releasing *releasing)
{
    uint8_t bytes[RELEASE_BODY_MAX];
    struct call *call = releasing->call;
    struct desk_entry entry = {.content = {bytes, release_encode(&releasing->release, bytes)},
                               .precedence = releasing->precedence};
    struct desk_published published;
    size_t failed = 0;
    memcpy(entry.group, releasing->target->group->id, TAG_LEN);
    const enum err err = desk_publish(call->view->desk, &entry, 1, &published, &failed);
    sodium_memzero(bytes, sizeof bytes);
    if (err != ERR_OK) {
        publish_failed(call->view, &call->reply, err);
        return;
    }
    char name[NAME_SIZE];
    publish_name(call->view, &published, name);
    struct text *out = reply_json(&call->reply, MHD_HTTP_CREATED);
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, name);
    text_key(out, "group");
    text_string(out, releasing->target->name);
    group_write_centres(out, "opened_to", &releasing->newcomers, releasing->view->roster);
    text_close(out, '}');
}

static void release_to(struct call *call, const char *entry, const char *group)
{
    struct releasing releasing = {.call = call, .view = groups_hold(desk_groups(call->view->desk))};
    releasing.target = group_named(&call->reply, releasing.view, group);
    if (releasing.target != NULL && entry_find(call, entry, &releasing.named)) {
        name_format(&releasing.named.name, releasing.name);
        if (group_may_write(call, releasing.view, releasing.target) && read_entry(&releasing)) {
            publish(&releasing);
        }
    }
    sodium_memzero(&releasing.release, sizeof releasing.release);
    groups_release(releasing.view);
}

void releases_post(struct call *call)
{
    char why[WHY_SIZE];
    json_t *json = body_parse(call->body, call->body_len, why);
    const char *entry = json_string_value(json_object_get(json, "entry"));
    const char *group = json_string_value(json_object_get(json, "group"));
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (json_object_size(json) != 2 || entry == NULL || group == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the body must be {\"entry\", \"group\"}, both names");
    } else {
        release_to(call, entry, group);
    }
    json_decref(json);
}
