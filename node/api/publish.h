// SPDX-License-Identifier: EUPL-1.2
// Publishing for the API's handlers: what the desk answers, as a reply.
#ifndef NODE_API_PUBLISH_H
#define NODE_API_PUBLISH_H

#include "api/call.h"

// The refusal of a publication, for a person.
void publish_failed(const struct desk_view *view, struct reply *reply, enum err err);

// The name of an entry this node has just published.
void publish_name(const struct desk_view *view, const struct desk_published *published,
                  char out[static NAME_SIZE]);

#endif
