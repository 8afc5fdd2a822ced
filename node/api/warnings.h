// SPDX-License-Identifier: EUPL-1.2
// What people should do something about: in /v1/status as sentences, in /v1/metrics as numbers.
#ifndef NODE_API_WARNINGS_H
#define NODE_API_WARNINGS_H

#include "desk.h"
#include "json/text.h"

enum warning {
    WARNING_ROSTER_EXPIRY,
    WARNING_KEY_EXPIRY,
    WARNING_REVOKED,       // this node is
    WARNING_TRANSPORT_KEY, // this node lacks the one that the roster names
    WARNING_SUCCESSOR,     // of this node, admitted and not yet in use [5.22]
    WARNING_GROUP_KEY,     // a group of this node's centre, and no key to write for it
    WARNING_ROSTER_FORK,   // rosters that contradict each other [5.18]
    WARNING_ROSTER_LATE,   // one was refused that a replaced authority signed [5.23]
    WARNING_PROPOSAL,      // of a roster, which authorities are to look at
    WARNING_FORK,          // of anybody's log
    WARNINGS
};

// As "about" has it; never NULL.
const char *warning_text(enum warning warning);

// The member "warnings": an array, empty when all is well. Of very many forks it has the first
// ones.
void warnings_write(struct desk *desk, const struct desk_status *status, struct text *out);

// How many there are of each kind.
void warnings_count(struct desk *desk, const struct desk_status *status,
                    uint64_t counts[static WARNINGS]);

#endif
