// SPDX-License-Identifier: EUPL-1.2
// The group that a client means.
#ifndef NODE_API_GROUP_CHOICE_H
#define NODE_API_GROUP_CHOICE_H

#include "api/call.h"
#include "groups/groups.h"

// The group people call `name` [14.12]; NULL when the reply says that there is none, or several.
const struct groups_item *group_named(struct reply *reply, const struct groups_view *view,
                                      const char *name);

// Whether this node can write for the group now. False: the reply says why not, and what happens
// next.
bool group_may_write(struct call *call, const struct groups_view *view,
                     const struct groups_item *item);

#endif
