// SPDX-License-Identifier: EUPL-1.2
// Runs of another kind: storms as run.c's, in which officers of 7 centres write what is published.
// They see what their node has, change the same items at once, settle, propose, take steps that are
// none, write receipts and for groups, are cut off and return. Each looks at a picture that grows
// from what the engine of its node hands to the store, in the order and at the times it does.
//
// What must hold, then and in the end: who has the same entries sees the same, now and at each
// moment before (officers_audit.c); and nobody is said to have known what it had not
// (officers_claims.c).
#ifndef SIM_OFFICERS_H
#define SIM_OFFICERS_H

#include "sim/run.h"

void officers_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                   struct run_result *result);

// -- what the other rooms of the simulation call; each does nothing in a run without officers --

// One of them writes. False: there are none.
bool officers_write(struct world *world);

enum look {
    LOOK_ON,   // something was stored, a key came, or a record was mended
    LOOK_ANEW, // the node starts, or goes by another roster
};
// The node's officer looks at what its store has.
void officers_look(struct world *world, struct node *node, enum look look);
// At rest: all must agree, about every moment.
void officers_audit(struct world *world);

#endif
