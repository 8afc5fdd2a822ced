// SPDX-License-Identifier: EUPL-1.2
// The inside of a disk's state, for disk.c alone.
#ifndef SIM_DISK_STATE_H
#define SIM_DISK_STATE_H

#include "sim/disk.h"

struct blob *blob_create(const struct record *record);
void blob_put(struct blob *blob);

void state_insert(struct disk_state *state, struct blob *blob); // takes a reference of its own
void state_put_chain(struct disk_state *state, const struct chain *chain);
// Remembers an entry whose slot was given to another, until state_forget_moved.
void state_note_moved(struct disk_state *state, const struct blob *blob);
// Returns the seq of a remembered entry that has no slot any more; 0 when all have.
uint64_t state_forget_moved(struct disk_state *state);

#endif
