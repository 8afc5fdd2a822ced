// SPDX-License-Identifier: EUPL-1.2
// The malicious admitted member: holds a valid key and a link, and no good will.
#ifndef SIM_MISCHIEF_H
#define SIM_MISCHIEF_H

struct world;
struct node;
struct happening;

// A frame arrived at it.
void mischief_receive(struct world *world, struct node *node, const struct happening *frame);
// Does one bad thing.
void mischief_strike(struct world *world, struct node *node);

#endif
