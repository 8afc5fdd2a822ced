// SPDX-License-Identifier: EUPL-1.2
// The item a request names, and items as JSON has them.
#ifndef NODE_API_ITEMS_H
#define NODE_API_ITEMS_H

#include <jansson.h>

#include "api/call.h"
#include "sitrep/picture.h"

// The reference of the entry in the request's path, a version of what is asked for. False: the
// reply says why there is none.
bool item_find(struct call *call, struct ref *ref);
// The same of another name.
bool item_find_named(struct call *call, const char *name, struct ref *ref);

// What began the item it is a version of, in the picture that is held. False: the reply says that
// it is no version of anything.
bool item_began(struct call *call, struct picture *picture, const struct ref *ref, uint32_t *began);
// What began the item that the request's path names, which must be of that kind. False: the reply
// says what is wrong.
bool item_of_kind(struct call *call, struct picture *picture, const char *kind, uint32_t *began);

// Says that version of the item anew, in place of all heads, and replies.
void item_settle(struct call *call, const struct ref *item, const struct ref *taken);

// Publishes the version of the item that holds with what `json` (of POST /v1/items/NAME) changes,
// and replies. The values in `json` are changed, too.
void item_change(struct call *call, const struct ref *item, json_t *json);

// What is written of items: of the picture, while it is held.
struct writing {
    const struct desk_view *view;
    struct picture *picture;
    struct sealer *sealer;
    struct text *out;
};

// The members of the item's object, with all its versions if it is to be whole.
// Errors: ERR_NO_SPACE.
CHECKED enum err item_write(const struct writing *writing, uint32_t began, bool is_whole);
// The members of an entry's own object, and how it stands.
void item_write_version(const struct writing *writing, const struct picture_version *version);
// How it stands, behind the others of these members.
void item_write_standing(const struct writing *writing, const struct picture_version *version);

// Replies that the entry is no version of anything.
void item_refuse(struct call *call);

#endif
