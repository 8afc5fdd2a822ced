// SPDX-License-Identifier: EUPL-1.2
// The picture a request asks for: as it is, or as it was here at the moment that `at` names.
#ifndef NODE_API_MOMENT_H
#define NODE_API_MOMENT_H

#include "api/items.h"

struct told;

struct moment {
    struct writing writing;  // the caller sets `out`
    const struct told *told; // public alerts
    uint64_t now_ms;         // of our wall clock, or that moment
    bool is_past;
};

// Holds the picture for the caller alone until moment_put. False: the reply says why there is none.
bool moment_get(struct call *call, struct moment *moment);
void moment_put(struct moment *moment);

// A member "at": the moment, or null when it is as it is now.
void moment_write(const struct moment *moment);

#endif
