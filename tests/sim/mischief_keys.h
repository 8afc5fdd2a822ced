// SPDX-License-Identifier: EUPL-1.2
// The malicious member's part in the exchange of group keys: it asks for what it may not have,
// floods, and answers falsely.
#ifndef SIM_MISCHIEF_KEYS_H
#define SIM_MISCHIEF_KEYS_H

struct world;
struct node;
struct happening;

// A frame arrived at it, perhaps a question to be answered falsely, perhaps a key.
void mischief_hear_key(struct world *world, struct node *node, const struct happening *frame);
void mischief_ask_for_keys(struct world *world, const struct node *node);
void mischief_send_keys(struct world *world, const struct node *node);

#endif
