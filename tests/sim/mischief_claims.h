// SPDX-License-Identifier: EUPL-1.2
// What the malicious member says of logs and rosters it did not write: nearly true, or true and
// nothing behind it. It never serves what it claims to hold.
#ifndef SIM_MISCHIEF_CLAIMS_H
#define SIM_MISCHIEF_CLAIMS_H

struct world;
struct node;

// The heads that somebody really holds, some of them further on or further back.
void mischief_claim_heads(struct world *world, const struct node *node);
// Says that it holds just what another node holds.
void mischief_echo(struct world *world, const struct node *node);
// Passes on some roster version, an old one most often.
void mischief_send_roster(struct world *world, const struct node *node);
// A run of real entries, one of them changed, left out or in another's place.
void mischief_send_bad_run(struct world *world, const struct node *node);

#endif
