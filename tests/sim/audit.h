// SPDX-License-Identifier: EUPL-1.2
// The invariants. Each failure is one sentence in world->failure.
#ifndef SIM_AUDIT_H
#define SIM_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "sitrep/cbor.h"
#include "sitrep/engine.h"

struct world;
struct node;

// A message an honest node sends: its size, and that everything it shows is durable there.
void audit_send(struct world *world, struct node *node, struct span bytes);
// What a node writes to its own log: its clock may be ahead of the wall clock by no more than 3.3
// allows, whatever times others claim.
void audit_persist(struct world *world, const struct node *node,
                   const struct effect_persist *effect);
// A refusal is an alarm when nobody in this run lies and nothing is corrupted.
void audit_refusal(struct world *world, const struct node *node, const struct note *note);
// After each step: memory, floats, deadline, and what the disk noticed.
void audit_step(struct world *world, struct node *node, enum event_type type);
// Whether all nodes say that they have converged and nothing is under way. `why` gets the first
// reason against it.
bool audit_is_settled(struct world *world, char *why, size_t why_size);
// In the end: all hold the same entries, each of them authentic and as published, and nothing
// acknowledged is missing.
void audit_final(struct world *world);

#endif
