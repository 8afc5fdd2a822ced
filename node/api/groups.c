// SPDX-License-Identifier: EUPL-1.2
// GET /v1/groups and GET /v1/groups/NAME: who shares keys with whom, and how that came to be. Never
// a secret.
#include "groups/groups.h"

#include <string.h>

#include <sodium.h>

#include "api/group_choice.h"
#include "reading/group_text.h"
#include "reading/view.h"

enum { IDLE_SHOWN = 256 }; // the newest changes that do not count

static const struct groups_step *find_step(const struct groups_item *item,
                                           const uint8_t id[static ID_LEN])
{
    for (size_t i = 0; i < item->steps_count; i++) {
        if (memcmp(item->steps[i].entry.id, id, ID_LEN) == 0) {
            return &item->steps[i];
        }
    }
    return NULL;
}

// Members for whom nobody reads: no node of theirs is left that was not revoked.
static void find_deserted(const struct group *group, const struct roster *roster,
                          struct centre_set *deserted)
{
    *deserted = group->members;
    for (size_t i = 0; i < roster->nodes_count; i++) {
        const uint32_t centre = roster->nodes[i].centre;
        if (!roster->nodes[i].is_revoked) {
            deserted->words[centre / 64] &= ~(UINT64_C(1) << (centre % 64));
        }
    }
}

// The members every list of groups has.
static void write_item(struct text *out, const struct desk_view *view,
                       const struct groups_view *groups, const struct groups_item *item)
{
    const struct group *group = item->group;
    const struct groups_step *founding = group->is_all ? NULL : find_step(item, group->founding);
    struct centre_set deserted;
    text_key(out, "name");
    text_string(out, item->name);
    text_key(out, "id");
    text_hex(out, group->id, TAG_LEN);
    text_key(out, "all_members");
    text_bool(out, group->is_all);
    text_key(out, "history");
    text_bool(out, group->has_history);
    text_key(out, "reading");
    text_string(out, group_reading(item));
    text_key(out, "member");
    text_bool(out, item->is_member);
    text_key(out, "owner");
    text_bool(out, item->is_owner);
    group_write_centres(out, "members", &group->members, groups->roster);
    group_write_centres(out, "owners", &group->owners, groups->roster);
    find_deserted(group, groups->roster, &deserted);
    group_write_centres(out, "deserted", &deserted, groups->roster);
    text_key(out, "founding");
    if (founding == NULL) {
        text_null(out);
        return;
    }
    text_open(out, '{');
    group_write_origin(out, view, &founding->entry);
    text_close(out, '}');
}

void groups_get(struct call *call)
{
    const struct groups_view *view = groups_hold(desk_groups(call->view->desk));
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "groups");
    text_open(out, '[');
    for (size_t i = 0; i < view->count; i++) {
        text_open(out, '{');
        write_item(out, call->view, view, &view->items[i]);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_close(out, '}');
    groups_release(view);
}

// -- one group --

static const char *held_text(const struct desk_view *view, const struct groups_view *groups,
                             const struct group *group, const struct group_keying *keying)
{
    struct group_key key;
    const enum err err = groups_find_key(desk_groups(view->desk), group->id, keying->hash, &key);
    sodium_memzero(&key, sizeof key);
    if (err == ERR_OK) {
        return "yes";
    }
    return group_entitled(group, groups->roster, desk_self(view->desk), keying->hash) ? "awaited"
                                                                                      : "no";
}

static void write_keys(struct text *out, const struct desk_view *view,
                       const struct groups_view *groups, const struct groups_item *item)
{
    const struct group *group = item->group;
    text_key(out, "keys");
    text_open(out, '[');
    for (size_t i = 0; i < group->keys_count; i++) {
        const struct group_keying *keying = &group->keys[i];
        const struct groups_step *step = find_step(item, keying->change);
        text_open(out, '{');
        text_key(out, "id");
        text_hex(out, keying->hash, TAG_LEN);
        text_key(out, "current");
        text_bool(out, keying == group->current);
        text_key(out, "usable");
        text_bool(out, keying->is_usable);
        text_key(out, "held");
        text_string(out, held_text(view, groups, group, keying));
        if (step != NULL) {
            group_write_origin(out, view, &step->entry);
        }
        text_close(out, '}');
    }
    text_close(out, ']');
}

static const char *effect_text(enum group_effect effect)
{
    switch (effect) {
    case GROUP_COUNTS:
        return "counts";
    case GROUP_OVERRULED:
        return "overruled";
    case GROUP_UNAUTHORISED:
        return "unauthorised";
    case GROUP_REVOKED:
        return "revoked";
    case GROUP_UNRELATED:
        return "unrelated";
    case GROUP_UNREADABLE:
        return "unreadable";
    case GROUP_TOO_MANY:
        break;
    }
    return "too_many";
}

// What the entry of a change says; *body is left alone where it cannot be read now: damaged, say.
static void read_body(const struct desk_view *view, struct sealer *sealer,
                      const struct groups_entry *entry, struct group_body *body)
{
    struct record_set set = {0};
    struct view seen;
    struct group_body read;
    if (store_read(desk_store(view->desk), entry->chain, entry->seq, 1, 1, &set) == ERR_OK &&
        set.count == 1 && view_name(view, &set.records[0], &seen) == ERR_OK) {
        view_open(view, sealer, &seen);
        if (seen.state == VIEW_OPEN && group_body_decode(seen.content, &read) == ERR_OK) {
            *body = read;
        }
    }
    record_set_fini(&set);
}

static size_t count_idle(const struct groups_item *item)
{
    size_t count = 0;
    for (size_t i = 0; i < item->steps_count; i++) {
        count += item->group->effects[i] != GROUP_COUNTS;
    }
    return count;
}

// Any member can write as many changes that do not count as it likes.
static void write_changes(struct call *call, struct text *out, const struct groups_view *groups,
                          const struct groups_item *item)
{
    struct sealer *sealer = sealers_get(call->view->sealers);
    const size_t idle_count = count_idle(item);
    const size_t left_out = idle_count > IDLE_SHOWN ? idle_count - IDLE_SHOWN : 0;
    size_t idle = 0;
    text_key(out, "left_out");
    text_uint(out, left_out);
    text_key(out, "changes");
    text_open(out, '[');
    for (size_t i = 0; i < item->steps_count; i++) {
        const struct groups_step *step = &item->steps[i];
        idle += item->group->effects[i] != GROUP_COUNTS;
        if (item->group->effects[i] != GROUP_COUNTS && idle <= left_out) {
            continue;
        }
        struct group_body body = {.op = step->op, .centre = step->centre};
        text_open(out, '{');
        group_write_origin(out, call->view, &step->entry);
        if (sealer != NULL) {
            read_body(call->view, sealer, &step->entry, &body);
        }
        group_write_body(out, &body, groups->roster);
        text_key(out, "effect");
        text_string(out, effect_text(item->group->effects[i]));
        text_close(out, '}');
    }
    text_close(out, ']');
    if (sealer != NULL) {
        sealers_put(call->view->sealers, sealer);
    }
}

void group_get(struct call *call)
{
    const struct groups_view *view = groups_hold(desk_groups(call->view->desk));
    const struct groups_item *item = group_named(&call->reply, view, call->tail);
    if (item != NULL) {
        struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
        text_open(out, '{');
        write_item(out, call->view, view, item);
        write_keys(out, call->view, view, item);
        write_changes(call, out, view, item);
        text_close(out, '}');
    }
    groups_release(view);
}
