// SPDX-License-Identifier: EUPL-1.2
// Accidents of stores.
#ifndef SIM_ACCIDENT_H
#define SIM_ACCIDENT_H

#include <stdint.h>

struct world;
struct node;

// Damages some records that another node could mend.
void accident_damage(struct world *world);
// Puts a backup back at a random node, as the plan allows.
void accident_restore(struct world *world);
// Clones a random node.
void accident_clone(struct world *world);

// The node, crashed, gets the state of its store's snapshot `pick` back.
void accident_restore_node(struct world *world, struct node *node, uint32_t pick);
// A second instance with the same key and store starts beside the node.
void accident_clone_node(struct world *world, struct node *original);

#endif
