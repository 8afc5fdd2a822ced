// SPDX-License-Identifier: EUPL-1.2
// Several rosters in force at once [5.18]: what they have in common, and where they differ.
#ifndef TRUST_RIVALS_H
#define TRUST_RIVALS_H

#include "trust/roster_check.h"

// The one whose lists of centres and nodes are taken as they are: with the most nodes, of several
// the one with the lowest hash. It keeps every index it has, so none of its own is there twice.
const struct roster *rivals_base(struct roster_front rivals);

// Whether all of them have the same node at that index of the base, in the same centre.
bool rivals_agree(struct roster_front rivals, size_t node);

// Revokes `node` where one of them revokes its signing key, at the lowest point that one has.
void rivals_revoke(struct roster_front rivals, struct roster_node *node);

// Its endpoints in any of them, the node's own first, each once, as many as a node may have.
// Returns their number.
size_t rivals_endpoints(struct roster_front rivals, const struct roster_node *node,
                        struct roster_endpoint out[static ROSTER_ENDPOINTS_MAX]);

// The authorities all of them have; where there are none, those of the lowest hash. *threshold is a
// majority of them, and the highest there is of rivals where they are that many. Returns their
// number.
size_t rivals_authorities(struct roster_front rivals, const uint8_t *out[static AUTHORITIES_MAX],
                          uint32_t *threshold);

#endif
