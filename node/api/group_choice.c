// SPDX-License-Identifier: EUPL-1.2
// Finds groups by name, and says why one cannot be written for. How a group stands is worked out
// elsewhere.
#include "api/group_choice.h"

#include <stdio.h>

#include <sodium.h>

#include "json/roster_text.h"
#include "reading/group_text.h"

enum { NAMED_MAX = 8 }; // groups a message names

// "all, police, radiology and 2 more"
static void name_items(const struct groups_item *items, size_t count,
                       char out[static NAMED_MAX * (GROUP_TEXT_SIZE + 2)])
{
    const size_t size = (size_t)NAMED_MAX * (GROUP_TEXT_SIZE + 2);
    const size_t named = count <= NAMED_MAX ? count : NAMED_MAX - 1;
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < named; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "", items[i].name);
    }
    if (named < count) {
        snprintf(out + len, size - len, " and %zu more", count - named);
    }
}

const struct groups_item *group_named(struct reply *reply, const struct groups_view *view,
                                      const char *name)
{
    const struct groups_item *item = NULL;
    size_t count = 0;
    char names[NAMED_MAX * (GROUP_TEXT_SIZE + 2)];
    const enum err err = groups_find_name(view, name, &item, &count);
    if (err == ERR_OK) {
        return item;
    }
    if (err == ERR_STATE) {
        name_items(item, count, names);
        reply_error(reply, MHD_HTTP_CONFLICT, "ambiguous",
                    "there are %zu groups of that name: say which by %s", count, names);
    } else {
        name_items(view->items, view->count, names);
        reply_error(reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "there is no group '%.80s' here; there are: %s", name, names);
    }
    return NULL;
}

bool group_may_write(struct call *call, const struct groups_view *view,
                     const struct groups_item *item)
{
    struct group_key key;
    char centres[CENTRES_TEXT_SIZE];
    const enum err err = groups_seal_key(desk_groups(call->view->desk), item->group->id, &key);
    sodium_memzero(&key, sizeof key);
    if (err == ERR_OK) {
        return true;
    }
    if (err == ERR_DENIED) {
        roster_centres_text(view->roster, &item->group->members, centres);
        reply_error(&call->reply, MHD_HTTP_FORBIDDEN, "not_a_member",
                    "nothing was published: this node's centre is no member of %s, which has "
                    "%s",
                    item->name, centres);
    } else if (err == ERR_AGAIN && item->group->current == NULL) {
        roster_centres_text(view->roster, &item->group->owners, centres);
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "needs_key",
                    "nothing was published: %s has no key to write with until an owner's node "
                    "brings a new one, which it does by itself once it is reached; owned by %s",
                    item->name, centres);
    } else if (err == ERR_AGAIN) {
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "key_awaited",
                    "nothing was published: the key of %s has not come yet; this node asks its "
                    "peers for it, try again in a moment",
                    item->name);
    } else {
        reply_failed(&call->reply, err, "nothing was published: the group's key");
    }
    return false;
}
