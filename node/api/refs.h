// SPDX-License-Identifier: EUPL-1.2
// References to entries, as people name them: `be-nccn/12`; with the first bytes of its id behind
// `#` when no entry of that name and id is here.
#ifndef NODE_API_REFS_H
#define NODE_API_REFS_H

#include "api/call.h"
#include "api/content_json.h"

// The entry that is meant, if it is here. Errors: ERR_NOT_FOUND, and the store's.
CHECKED enum err refs_find(const struct desk_view *view, const struct ref *ref,
                           struct named *named);

// Names of entries by what this node holds. `view` is borrowed for as long as the result is used.
struct content_names refs_names(const struct desk_view *view);

#endif
