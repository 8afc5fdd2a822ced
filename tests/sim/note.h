// SPDX-License-Identifier: EUPL-1.2
// The notes of a node's engine.
#ifndef SIM_NOTE_H
#define SIM_NOTE_H

struct world;
struct node;
struct note;

void note_take(struct world *world, struct node *node, const struct note *note);

#endif
