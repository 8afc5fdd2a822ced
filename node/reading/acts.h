// SPDX-License-Identifier: EUPL-1.2
// Entries the node itself acts on, changes of groups and releases, as people read them: with names
// in the place of numbers, and without keys.
#ifndef NODE_READING_ACTS_H
#define NODE_READING_ACTS_H

#include "reading/view.h"

// Writes the members "kind" and "fields" of an open entry of those kinds. False, and nothing is
// written: it is none of them.
bool act_write(const struct desk_view *desk_view, const struct view *view, struct text *out);

#endif
