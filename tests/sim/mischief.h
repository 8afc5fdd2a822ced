// SPDX-License-Identifier: EUPL-1.2
// The malicious admitted member: holds a valid key and a link, and no good will.
#ifndef SIM_MISCHIEF_H
#define SIM_MISCHIEF_H

#include <stdbool.h>
#include <stdint.h>

#include "sitrep/limits.h"

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
// Writes a run of one valid entry of its own log in epoch 0, behind `prev` (ID_LEN bytes; NULL at
// seq 1), and gives its id.
void mischief_write_own(struct world *world, const struct node *node, uint64_t seq,
                        const uint8_t *prev, struct cbor_writer *writer, uint8_t id[static ID_LEN]);

#endif
