// SPDX-License-Identifier: EUPL-1.2
// A version of an item, for the handlers that publish another one in its place: opened, and said
// anew. Which one, and what it then says, is theirs.
#ifndef NODE_API_VERSION_H
#define NODE_API_VERSION_H

#include "api/call.h"
#include "reading/sealers.h"
#include "reading/view.h"
#include "sitrep/picture.h"

struct version {
    struct record_set set;
    struct sealer *sealer;
    struct view view;
};

// What a new version replaces.
struct replacing {
    struct ref item;
    struct ref replaced[PICTURE_PARENTS_MAX]; // ascending
    size_t count;
    const char *over; // the state that it stays in, when that is over; else NULL
};

// Opens what the picture has; version_close is called either way. False: the reply says why not.
bool version_open(struct call *call, const struct ref *ref, struct version *version);
void version_close(struct call *call, struct version *version);

// Publishes the body anew in place of those, for the group of `like` and as urgent as that, and
// replies.
void version_publish(struct call *call, const struct replacing *replacing, struct span body,
                     const struct header *like);

#endif
