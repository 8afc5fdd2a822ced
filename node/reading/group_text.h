// SPDX-License-Identifier: EUPL-1.2
// Groups in JSON and in messages.
#ifndef NODE_READING_GROUP_TEXT_H
#define NODE_READING_GROUP_TEXT_H

#include "groups/groups.h"
#include "json/text.h"
#include "reading/desk_view.h"

// The member `name`: the codes of those centres.
void group_write_centres(struct text *out, const char *name, const struct centre_set *centres,
                         const struct roster *roster);

// The members of a change: "op", and "about", "key", "centres", "owners", "history" where it has
// them.
void group_write_body(struct text *out, const struct group_body *body, const struct roster *roster);

// The entry's name, null when it cannot be named; and the members "node", "centre" and "time".
void group_write_origin(struct text *out, const struct desk_view *view,
                        const struct groups_entry *entry);

// How this node stands to a group: "held", "awaited", "needed" or "closed".
const char *group_reading(const struct groups_item *item);

#endif
