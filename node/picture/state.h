// SPDX-License-Identifier: EUPL-1.2
// How a space stands, for who begins to read its events.
#ifndef NODE_PICTURE_STATE_H
#define NODE_PICTURE_STATE_H

#include "picture/event_text.h"
#include "picture/lookout.h"

// Writes the object of a `state` event into the writer's data. `opened`: how many entries the
// reader could not have been told of, as they could not be read when they came. Nothing is hidden
// in the picture. Errors: the store's, ERR_NO_SPACE.
CHECKED enum err state_write(struct event_writer *writer, const struct deadlines *deadlines,
                             const struct lookout *lookout);

#endif
