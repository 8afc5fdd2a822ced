// SPDX-License-Identifier: EUPL-1.2
// A link in words: its state, and the members about its rate and who says so.
#include "reading/link_text.h"

#include "groups/groups.h"
#include "reading/view.h"

const char *link_state_text(const struct roster_node *node, const struct desk_peer *peer)
{
    if (node->is_revoked) {
        return "revoked";
    }
    return peer->link.is_cut && peer->status.state == PEER_DOWN
               ? "cut"
               : peer_state_text(peer->status.state);
}

static const char *teller_of(const struct link_settings *settings)
{
    if (settings->is_rate_own) {
        return "here";
    }
    return settings->rate != 0 ? "peer" : "nobody";
}

// By their names, or where this node knows none by their ids.
static void write_groups(struct text *out, struct desk *desk, const struct selection *wanted)
{
    const struct groups_view *view = groups_hold(desk_groups(desk));
    text_key(out, "groups");
    text_open(out, '[');
    for (size_t i = 0; i < wanted->groups_count; i++) {
        const struct groups_item *item = groups_find(view, wanted->groups[i]);
        if (item != NULL) {
            text_string(out, item->name);
        } else {
            text_hex(out, wanted->groups[i], TAG_LEN);
        }
    }
    text_close(out, ']');
    groups_release(view);
}

void link_write_choice(struct text *out, struct desk *desk, const struct choice *choice)
{
    text_key(out, "profile");
    if (choice->profile != PROFILE_NONE) {
        text_string(out, profile_name(choice->profile));
    } else {
        text_null(out);
    }
    text_key(out, "rate");
    text_uint(out, choice->settings.rate);
    text_key(out, "rate_by");
    text_string(out, teller_of(&choice->settings));
    text_key(out, "precedence");
    text_string(out, precedence_text(choice->settings.wanted.precedence));
    write_groups(out, desk, &choice->settings.wanted);
}
