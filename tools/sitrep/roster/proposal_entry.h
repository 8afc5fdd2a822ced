// SPDX-License-Identifier: EUPL-1.2
// Proposals that travel as entries [5.24]: sent by the running node, and read from it.
#ifndef SITREP_ROSTER_PROPOSAL_ENTRY_H
#define SITREP_ROSTER_PROPOSAL_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sitrep/options.h"
#include "sitrep/proposal.h"

// Whether `typed` is an entry's name, such as be-nccn/12, and no file of that name is there.
bool proposal_is_entry(const char *typed);

// The proposal that the entry carries, with all signatures that have come for it. Complains when
// there is none that may still follow.
enum exit_code proposal_fetch(const struct arguments *arguments, const char *entry,
                              struct proposal **proposal);

// Publishes it for all members, and prints the entry's name, or with --json `json` with that as
// "entry". Complains when it fails. Releases `json`.
enum exit_code proposal_send(const struct arguments *arguments, const struct proposal *proposal,
                             json_t *json);

// The first entry with another proposal of the same version that this authority has signed, into
// `entry`; "" when there is none, or no node to ask.
enum { PROPOSAL_ENTRY_MAX = 96 };
void proposal_find_rival(const struct arguments *arguments, const struct proposal *proposal,
                         const uint8_t authority[static SIGN_KEY_LEN],
                         char entry[static PROPOSAL_ENTRY_MAX]);

#endif
