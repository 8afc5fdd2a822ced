// SPDX-License-Identifier: EUPL-1.2
// References to entries, as people name them: `be-nccn/12`; with the first bytes of its id behind
// `#` when no entry of that name and id is here.
#ifndef NODE_READING_REFS_H
#define NODE_READING_REFS_H

#include "json/content_json.h"
#include "reading/desk_view.h"
#include "reading/view.h"

// Which entry is meant, if it is here, and the entry alone in `set`, unless that is NULL; the
// caller frees it, also after an error. Errors: ERR_NOT_FOUND.
CHECKED enum err refs_read(const struct desk_view *view, const struct ref *ref, struct named *named,
                           struct record_set *set);

// A sentence: there is no entry of that name here, or not even its node in the roster.
void refs_not_found_text(const struct roster *roster, const struct name *name,
                         char why[static WHY_SIZE]);

// Names of entries by what this node holds. `view` is borrowed for as long as the result is used.
struct content_names refs_names(const struct desk_view *view);

// The name with the first bytes of its id behind it, which is right whatever is here; its author is
// in the roster.
void refs_format(const struct roster *roster, const struct ref *ref,
                 char out[static REF_TEXT_SIZE]);

// The same, for a body that is published from it.
json_t *refs_json(const struct roster *roster, const struct ref *ref);

// The member `key`: the entry's name, null when its author is not in the roster.
void refs_write_name(const struct desk_view *view, const char *key, const struct ref *ref,
                     struct text *out);

// The entry that is meant, and the group it is sealed for; NULL: that is not known here.
// Errors: ERR_NOT_FOUND (the entry is not here).
CHECKED enum err refs_group(const struct desk_view *view, const struct groups_view *groups,
                            const struct ref *ref, struct named *named, const struct group **group);

// Opens the entry, of which `entry` then borrows `set`, released by the caller either way. False:
// it is not here.
bool refs_open(const struct desk_view *view, struct sealer *sealer, const struct ref *ref,
               struct record_set *set, struct view *entry);

// The members of the entry's own object, without its braces, when it can be read; else its `name`.
void refs_write_entry(const struct desk_view *view, struct sealer *sealer, const struct ref *ref,
                      struct text *out);

#endif
