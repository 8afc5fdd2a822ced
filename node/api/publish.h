// SPDX-License-Identifier: EUPL-1.2
// Publishing for the API's handlers: what the desk answers, as a reply.
#ifndef NODE_API_PUBLISH_H
#define NODE_API_PUBLISH_H

#include <jansson.h>

#include "api/call.h"

// One entry, a JSON object as POST /v1/entries takes it, in a request of its own; and what is in
// the request's body, to become one of that kind: an object with that "kind" and "fields", which
// the caller drops. NULL: the reply says what is wrong.
void publish_one(struct call *call, json_t *json);
json_t *publish_parse(struct call *call, const char *kind);

// The refusal of a publication, for a person.
void publish_failed(const struct desk_view *view, struct reply *reply, enum err err);

// The name of an entry this node has just published.
void publish_name(const struct desk_view *view, const struct desk_published *published,
                  char out[static NAME_SIZE]);

#endif
