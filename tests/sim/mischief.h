// SPDX-License-Identifier: EUPL-1.2
// The malicious admitted member: holds a valid key and a link, and no good will.
#ifndef SIM_MISCHIEF_H
#define SIM_MISCHIEF_H

#include <stdbool.h>

struct world;
struct node;
struct happening;
struct cbor_writer;

// A frame arrived at it.
void mischief_receive(struct world *world, struct node *node, const struct happening *frame);
// Does one bad thing.
void mischief_strike(struct world *world, struct node *node);

// Sends what was written to one of its peers, over the live plane perhaps where that may be.
void mischief_deliver(struct world *world, const struct node *node,
                      const struct cbor_writer *writer, bool may_be_live);

#endif
