// SPDX-License-Identifier: EUPL-1.2
// The entry a client means.
#ifndef NODE_API_ENTRY_H
#define NODE_API_ENTRY_H

#include "api/call.h"

// False: the reply says that `text` is no name, or names none or several. Whether the entry itself
// is held is for the store to say.
bool entry_find(struct call *call, const char *text, struct named *named);

// The entry itself, in `set`, which the caller releases either way. False: the reply says why not.
bool entry_read(struct call *call, const char *text, struct named *named, struct record_set *set);

// Replies with the entry, as `format` of the query wants it.
void entry_show(struct call *call, const struct named *named);

#endif
