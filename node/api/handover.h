// SPDX-License-Identifier: EUPL-1.2
// The last change of shift at this node's own centre.
#ifndef NODE_API_HANDOVER_H
#define NODE_API_HANDOVER_H

#include "api/call.h"
#include "sitrep/picture.h"

struct arrived;

// The handover by a node of this centre that arrived last, while the picture is held; NULL: there
// is none.
const struct arrived *handover_last(const struct desk_view *view, struct picture *picture);

#endif
