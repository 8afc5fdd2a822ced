// SPDX-License-Identifier: EUPL-1.2
// Writes changes of groups and releases. Whether a change counts is not said here.
#include "reading/acts.h"

#include <string.h>

#include <sodium.h>

#include "reading/group_text.h"

static bool is_kind(const struct view *view, const char *kind)
{
    return view->kind.len == strlen(kind) && memcmp(view->kind.bytes, kind, view->kind.len) == 0;
}

static void begin(const char *kind, struct text *out)
{
    text_key(out, "kind");
    text_string(out, kind);
    text_key(out, "fields");
    text_open(out, '{');
}

static bool write_change(const struct desk_view *desk_view, const struct view *view,
                         struct text *out)
{
    struct group_body body;
    uint8_t all[TAG_LEN];
    group_all_members(desk_space(desk_view->desk), all);
    // Sealed for another group it is no change, whatever it says [14.1].
    if (memcmp(view->header.group, all, TAG_LEN) != 0 ||
        group_body_decode(view->content, &body) != ERR_OK) {
        return false;
    }
    if (body.op == GROUP_CREATE) {
        group_id_derive(view->record->id, body.group);
    }
    const struct groups_view *groups = groups_hold(desk_groups(desk_view->desk));
    const struct groups_item *item = groups_find(groups, body.group);
    begin("group", out);
    text_key(out, "group");
    if (item != NULL) {
        text_string(out, item->name);
    } else if (body.op == GROUP_CREATE) {
        text_string(out, body.name); // not looked at yet, or none that counts
    } else {
        text_null(out);
    }
    text_key(out, "group_id");
    text_hex(out, body.group, TAG_LEN);
    group_write_body(out, &body, groups->roster);
    text_close(out, '}');
    groups_release(groups);
    return true;
}

static bool write_release(const struct desk_view *desk_view, const struct view *view,
                          struct text *out)
{
    struct release release;
    const struct roster *roster = desk_roster(desk_view->desk);
    if (release_decode(view->content, &release) != ERR_OK) {
        return false;
    }
    sodium_memzero(release.key, sizeof release.key);
    begin("release", out);
    text_key(out, "entry");
    if (release.author < roster->nodes_count) {
        // Without the letter of a branch: the id tells which it is.
        const struct span node = roster->nodes[release.author].name;
        struct name name = {.epoch = release.epoch, .seq = release.seq};
        char text[NAME_SIZE];
        memcpy(name.node, node.bytes, node.len);
        name_format(&name, text);
        text_string(out, text);
    } else {
        text_null(out);
    }
    text_key(out, "entry_id");
    text_hex(out, release.id, ID_LEN);
    text_close(out, '}');
    return true;
}

bool act_write(const struct desk_view *desk_view, const struct view *view, struct text *out)
{
    if (is_kind(view, "group")) {
        return write_change(desk_view, view, out);
    }
    return is_kind(view, "release") && write_release(desk_view, view, out);
}
