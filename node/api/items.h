// SPDX-License-Identifier: EUPL-1.2
// The item a request names.
#ifndef NODE_API_ITEMS_H
#define NODE_API_ITEMS_H

#include "api/call.h"
#include "sitrep/content.h"

// The reference of the entry in the request's path, a version of what is asked for. False: the
// reply says why there is none.
bool item_find(struct call *call, struct ref *ref);

// Replies that the entry is no version of anything.
void item_refuse(struct call *call);

#endif
