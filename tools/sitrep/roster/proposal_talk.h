// SPDX-License-Identifier: EUPL-1.2
// A proposal in plain words: what it changes, who has signed, who is missing.
#ifndef SITREP_ROSTER_PROPOSAL_TALK_H
#define SITREP_ROSTER_PROPOSAL_TALK_H

#include <jansson.h>

#include "sitrep/proposal.h"

// {"version", "federation", "in_force", "complete", "changes", "signed_by", "before", "own"}.
json_t *proposal_json(const struct roster *current, const struct proposal *proposal);

// The same as lines on stderr.
void proposal_tell(const struct roster *current, const struct proposal *proposal);

// One sentence on stderr about what is missing, or that nothing is and what to do then.
void proposal_tell_missing(const struct roster *current, const struct proposal *proposal);

#endif
