// SPDX-License-Identifier: EUPL-1.2
// A node's end of each thin line: what the daemon has between engine and sockets, a pacer for each
// instance it is linked with. Only where the plan has a rate.
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include <stdbool.h>

#include "sim/world.h"

// The link to instance `other` came up anew, which the engine is told after this.
void line_begin(struct world *world, struct node *node, uint32_t other);
void line_send(struct world *world, struct node *node, uint32_t other,
               const struct effect_send *send);
// TCP sent so many bytes again, and the pacer hears of it.
void line_charge(struct world *world, struct node *node, uint32_t other, size_t bytes);
// Lets out what the line passes now.
void line_go_on(struct world *world, struct node *node, uint32_t other);
// Takes a frame; line_next gives the messages that are whole with it. False when it is not a good
// one.
bool line_receive(struct world *world, struct node *node, uint32_t other, struct span frame);
bool line_next(struct world *world, struct node *node, uint32_t other, struct span *message);
// Before the first link comes up: which ends the plan tells what.
void lines_plan(struct world *world);
// Its operator tells `node` of the line to `other`; 0: takes that back.
void line_tell(struct world *world, struct node *node, uint32_t other, uint32_t rate);
// Its operator wants of `other` only what is of at least that precedence.
void line_want(struct world *world, struct node *node, uint32_t other, uint8_t precedence);
// The member says what their line passes; 0: nothing.
void line_told(struct world *world, struct node *node, uint32_t member, uint32_t rate);
// bit/s at which `node` sends; 0: as fast as it can.
uint32_t line_rate(struct world *world, const struct node *node, uint32_t other);
// In the calm after the storm: no line is thin any more, and everything is wanted.
void lines_widen(struct world *world);
// Nobody must then go on with what nobody says.
void lines_audit(struct world *world);
void lines_destroy(struct node *node);

#endif
