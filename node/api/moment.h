// SPDX-License-Identifier: EUPL-1.2
// The picture a request asks for: as it is, or as it was here at the moment that `at` names, or as
// the centre that `as` names surely knew it then.
#ifndef NODE_API_MOMENT_H
#define NODE_API_MOMENT_H

#include "api/items.h"

struct told;

struct moment {
    struct writing writing;  // the caller sets `out`
    const struct told *told; // public alerts
    uint64_t now_ms;         // of our wall clock, or that moment
    bool is_past;
    uint32_t centre;           // whose view it is; PICTURE_NONE: this node's
    uint64_t told_ms, next_ms; // of that centre, when it wrote receipts around that moment
};

// Holds the picture for the caller alone until moment_put. False: the reply says why there is none.
bool moment_get(struct call *call, struct moment *moment);
void moment_put(struct moment *moment);

// Members "at", the moment, or null when it is as it is now; and "as", null where it is of this
// node.
void moment_write(const struct moment *moment);

#endif
