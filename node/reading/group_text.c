// SPDX-License-Identifier: EUPL-1.2
// Groups in JSON and in messages. How a group stands is worked out elsewhere.
#include "reading/group_text.h"

void group_write_centres(struct text *out, const char *name, const struct centre_set *centres,
                         const struct roster *roster)
{
    text_key(out, name);
    text_open(out, '[');
    for (uint32_t i = 0; i < roster->centres_count; i++) {
        if (centre_set_has(centres, i)) {
            text_span(out, roster->centres[i].code);
        }
    }
    text_close(out, ']');
}

static const char *op_text(enum group_op op)
{
    static const char *const texts[GROUP_OPS] = {
        [GROUP_CREATE] = "create", [GROUP_ADD] = "add",       [GROUP_REMOVE] = "remove",
        [GROUP_OWN] = "own",       [GROUP_DISOWN] = "disown", [GROUP_REKEY] = "rekey"};
    return texts[op];
}

void group_write_body(struct text *out, const struct group_body *body, const struct roster *roster)
{
    text_key(out, "op");
    text_string(out, op_text(body->op));
    if (body->op == GROUP_CREATE) {
        group_write_centres(out, "centres", &body->centres, roster);
        group_write_centres(out, "owners", &body->owners, roster);
        text_key(out, "history");
        text_bool(out, body->has_history);
    } else if (body->op != GROUP_REKEY) {
        text_key(out, "about");
        if (body->centre < roster->centres_count) {
            text_span(out, roster->centres[body->centre].code);
        } else {
            text_null(out); // of a later roster
        }
    }
    if (body->has_key) {
        text_key(out, "key");
        text_hex(out, body->key_hash, TAG_LEN);
    }
}

void group_write_origin(struct text *out, const struct desk_view *view,
                        const struct groups_entry *entry)
{
    const struct roster *roster = desk_roster(view->desk);
    const struct record record = {.chain = entry->chain, .seq = entry->seq};
    struct named named;
    text_key(out, "entry");
    if (naming_of(view->naming, roster, &record, &named) == ERR_OK) {
        char name[NAME_SIZE];
        name_format(&named.name, name);
        text_string(out, name);
    } else {
        text_null(out);
    }
    if (entry->author < roster->nodes_count) {
        const struct roster_node *node = &roster->nodes[entry->author];
        text_key(out, "node");
        text_span(out, node->name);
        text_key(out, "centre");
        text_span(out, roster->centres[node->centre].code);
    }
    text_key(out, "time");
    text_time(out, entry->time >> 16);
}

const char *group_reading(const struct groups_item *item)
{
    if (item->is_held) {
        return "held";
    }
    if (!item->is_member) {
        return "closed";
    }
    return item->group->current == NULL ? "needed" : "awaited";
}
