// SPDX-License-Identifier: EUPL-1.2
// Where a version that settles a fork begins: with everybody whom one of the rivals has
// [5.7, 5.18].
#ifndef TRUST_ROSTER_SETTLE_H
#define TRUST_ROSTER_SETTLE_H

#include "trust/roster_check.h"

struct settlement; // what the lists point to beside the rivals

// Gives `next` lists of centres and nodes, malloc'ed. They keep 5.7 for all of them: a place that
// they give to different centres is nobody's, one that they give to different nodes is the base's
// (rivals.h), and who is left without a place comes at the end, unless its name or a key is taken.
// Errors: ERR_LIMIT (too many centres), ERR_NO_SPACE; then nothing is to be freed.
CHECKED enum err roster_settle(struct roster_front front, struct roster *next,
                               struct settlement **settlement);

// Bytes of a document with these lists, before it is edited.
size_t settlement_room(const struct settlement *settlement);

void settlement_destroy(struct settlement **settlement);

#endif
