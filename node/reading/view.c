// SPDX-License-Identifier: EUPL-1.2
// Entries as readers see them. Nothing unchecked is written: a record that does not match its id
// comes out as its name and "damaged", and is reported.
#include "reading/view.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "json/body_json.h"
#include "reading/acts.h"
#include "reading/group_text.h"
#include "reading/refs.h"

static const char *const precedence_texts[PRECEDENCES] = {
    [ROUTINE] = "routine",
    [PRIORITY] = "priority",
    [IMMEDIATE] = "immediate",
    [FLASH] = "flash",
};

const char *precedence_text(unsigned precedence)
{
    assert(precedence < PRECEDENCES);
    return precedence_texts[precedence];
}

enum err precedence_parse(const char *text, uint8_t *precedence)
{
    for (int i = 0; i < PRECEDENCES; i++) {
        if (strcmp(text, precedence_texts[i]) == 0) {
            *precedence = (uint8_t)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

enum err view_name(const struct desk_view *desk_view, const struct record *record,
                   struct view *view)
{
    *view = (struct view){.record = record, .state = VIEW_DAMAGED};
    const struct roster *roster = desk_roster(desk_view->desk);
    enum err err = naming_of(desk_view->naming, roster, record, &view->named);
    view->is_named = err == ERR_OK;
    return err;
}

enum err view_open_released(const struct desk_view *desk_view, struct sealer *sealer,
                            struct view *view, struct groups_released *released)
{
    const struct release_entry entry = {
        .space = desk_space(desk_view->desk),
        .roster = desk_roster(desk_view->desk),
        .header = &view->header,
        .sealed = {view->record->sealed, view->record->sealed_len},
    };
    for (size_t at = 0; groups_find_release(desk_groups(desk_view->desk), view->record->id, at,
                                            released) == ERR_OK;
         at++) {
        if (release_open(sealer, &released->release, &entry, &view->content) == ERR_OK) {
            view->is_released = true;
            view->release = released->by;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

// Errors: ERR_NOT_FOUND (no such key here), ERR_CORRUPT (not a body).
static enum err open_content(const struct desk_view *desk_view, struct sealer *sealer,
                             struct view *view)
{
    struct group_key key;
    const struct header *header = &view->header;
    const struct span sealed = {view->record->sealed, view->record->sealed_len};
    enum err err = groups_find_key(desk_groups(desk_view->desk), header->group, header->key, &key);
    if (err != ERR_OK) {
        struct groups_released released;
        err = view_open_released(desk_view, sealer, view, &released);
        sodium_memzero(&released, sizeof released);
        return err;
    }
    err = seal_open(sealer, &key, header, sealed, &view->content);
    sodium_memzero(&key, sizeof key);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

void view_open(const struct desk_view *desk_view, struct sealer *sealer, struct view *view)
{
    const struct record *record = view->record;
    view->state = VIEW_DAMAGED;
    if (!view->is_named || record_check(record, desk_space(desk_view->desk), &view->named.chain,
                                        &view->header) != ERR_OK) {
        desk_report_damaged(desk_view->desk, record->chain, record->seq);
        return;
    }
    enum err err = open_content(desk_view, sealer, view);
    if (err == ERR_NOT_FOUND) {
        view->state = VIEW_SEALED;
    } else if (err != ERR_OK || body_check(view->content, &view->kind) != ERR_OK) {
        view->state = VIEW_UNREADABLE;
    } else {
        view->state = VIEW_OPEN;
    }
}

static void write_origin(const struct desk_view *desk_view, const struct view *view,
                         struct text *out)
{
    const struct roster *roster = desk_roster(desk_view->desk);
    const struct roster_node *node = &roster->nodes[view->named.node];
    text_key(out, "node");
    text_span(out, node->name);
    text_key(out, "centre");
    text_span(out, roster->centres[node->centre].code);
    text_key(out, "epoch");
    text_uint(out, view->named.name.epoch);
    text_key(out, "seq");
    text_uint(out, view->named.name.seq);
    if (view->named.name.fork != 0) {
        char fork[2] = {view->named.name.fork, '\0'};
        text_key(out, "fork");
        text_string(out, fork);
    }
}

// Whether this node may have the key that the entry is sealed with.
static const char *key_text(const struct desk_view *desk_view, const struct groups_view *groups,
                            const struct groups_item *item, const struct header *header)
{
    if (item == NULL || group_find_key(item->group, header->key) == NULL) {
        return "unknown"; // a change that has not come yet
    }
    return group_entitled(item->group, groups->roster, desk_self(desk_view->desk), header->key)
               ? "awaited"
               : "closed";
}

// What all members can read needs no words.
static void write_group(const struct desk_view *desk_view, const struct view *view,
                        struct text *out)
{
    uint8_t all[TAG_LEN];
    const bool is_sealed = view->state == VIEW_SEALED;
    group_all_members(desk_space(desk_view->desk), all);
    if (!is_sealed && memcmp(view->header.group, all, TAG_LEN) == 0) {
        return;
    }
    const struct groups_view *groups = groups_hold(desk_groups(desk_view->desk));
    const struct groups_item *item = groups_find(groups, view->header.group);
    if (item != NULL) {
        text_key(out, "group");
        text_string(out, item->name);
    }
    text_key(out, "group_id");
    text_hex(out, view->header.group, TAG_LEN);
    if (is_sealed) {
        text_key(out, "sealed");
        text_bool(out, true);
        text_key(out, "key");
        text_string(out, key_text(desk_view, groups, item, &view->header));
    }
    groups_release(groups);
}

static void write_released(const struct desk_view *desk_view, const struct view *view,
                           struct text *out)
{
    text_key(out, "released");
    text_open(out, '{');
    group_write_origin(out, desk_view, &view->release);
    text_close(out, '}');
}

// Until when it is current, if it ever gets old.
static void write_age(const struct view *view, struct text *out)
{
    struct content content;
    struct content_fault why;

    if (content_read(view->content, &content, &why) != ERR_OK) {
        return;
    }
    const uint64_t until_ms =
        body_current_until(view->content, content.kind, content.state, view->header.time >> 16);
    if (until_ms != CURRENT_ALWAYS) {
        text_key(out, "current_until");
        text_time(out, until_ms);
    }
}

static void write_content(const struct desk_view *desk_view, const struct view *view,
                          struct text *out)
{
    write_group(desk_view, view, out);
    if (view->state == VIEW_UNREADABLE) {
        text_key(out, "unreadable");
        text_bool(out, true);
        return;
    }
    if (view->state != VIEW_OPEN) {
        return;
    }
    if (view->is_released) {
        write_released(desk_view, view, out);
    }
    write_age(view, out);
    // What a release opens is text and nothing else [15.5].
    if (view->is_released || !act_write(desk_view, view, out)) {
        const struct content_names names = refs_names(desk_view);
        body_to_json(view->content, &names, out);
    }
}

void view_write_space(const struct desk_view *desk_view, struct text *out)
{
    const char *name = desk_exercise_name(desk_view->desk);
    if (name[0] != '\0') {
        text_key(out, "space");
        text_string(out, name);
    }
}

void view_write(const struct desk_view *desk_view, const struct view *view, struct text *out)
{
    view_write_space(desk_view, out);
    text_key(out, "name");
    if (view->is_named) {
        char name[NAME_SIZE];
        name_format(&view->named.name, name);
        text_string(out, name);
        write_origin(desk_view, view, out);
    } else {
        text_null(out);
    }
    if (view->is_named && view->named.is_quarantined) {
        text_key(out, "quarantined");
        text_bool(out, true);
    }
    text_key(out, "arrival");
    text_uint(out, view->record->arrival);
    if (view->state == VIEW_DAMAGED) {
        text_key(out, "damaged");
        text_bool(out, true);
        return;
    }
    text_key(out, "arrived");
    text_time(out, view->record->arrived_ms);
    text_key(out, "time");
    text_time(out, view->header.time >> 16);
    text_key(out, "precedence");
    text_string(out, precedence_text(view->header.precedence));
    text_key(out, "ahead");
    text_bool(out, view->record->is_ahead);
    write_content(desk_view, view, out);
}
