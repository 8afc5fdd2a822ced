// SPDX-License-Identifier: EUPL-1.2
// Entries as readers see them. Nothing unchecked is written: a record that does not match its id
// comes out as its name and "damaged", and is reported.
#include "api/view.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "api/body_json.h"
#include "groups/groups.h"

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

enum err view_content(const struct desk_view *desk_view, struct sealer *sealer,
                      const struct record *record, const struct header *header,
                      struct span *content)
{
    struct group_key key;
    const struct span sealed = {record->sealed, record->sealed_len};
    enum err err = groups_find_key(desk_groups(desk_view->desk), header->group, header->key, &key);
    if (err != ERR_OK) {
        return err;
    }
    err = seal_open(sealer, &key, header, sealed, content);
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
    enum err err = view_content(desk_view, sealer, record, &view->header, &view->content);
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

static void write_content(const struct view *view, struct text *out)
{
    switch (view->state) {
    case VIEW_OPEN:
        body_to_json(view->content, out);
        return;
    case VIEW_SEALED:
        text_key(out, "sealed");
        text_bool(out, true);
        text_key(out, "group");
        text_hex(out, view->header.group, TAG_LEN);
        return;
    case VIEW_UNREADABLE:
        text_key(out, "unreadable");
        text_bool(out, true);
        return;
    case VIEW_DAMAGED:
        return;
    }
}

void view_write(const struct desk_view *desk_view, const struct view *view, struct text *out)
{
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
    write_content(view, out);
}
