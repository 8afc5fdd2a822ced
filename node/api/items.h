// SPDX-License-Identifier: EUPL-1.2
// The item a request names.
#ifndef NODE_API_ITEMS_H
#define NODE_API_ITEMS_H

#include <jansson.h>

#include "api/call.h"
#include "sitrep/content.h"

// The reference of the entry in the request's path, a version of what is asked for. False: the
// reply says why there is none.
bool item_find(struct call *call, struct ref *ref);

// Says that version of the item anew, in place of all heads, and replies.
void item_settle(struct call *call, const struct ref *item, const struct ref *taken);

// Publishes the version of the item that holds with what `json` (of POST /v1/items/NAME) changes,
// and replies. The values in `json` are changed, too.
void item_change(struct call *call, const struct ref *item, json_t *json);

// Replies that the entry is no version of anything.
void item_refuse(struct call *call);

#endif
