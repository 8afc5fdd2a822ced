// SPDX-License-Identifier: EUPL-1.2
// Names of a roster in messages to people.
#ifndef NODE_JSON_ROSTER_TEXT_H
#define NODE_JSON_ROSTER_TEXT_H

#include "sitrep/group.h"
#include "sitrep/roster.h"

// "be-nccn, lu-hcpn and 3 more", or "nobody": of those centres; NULL: of all.
enum { CENTRES_TEXT_SIZE = 8 * (NAME_MAX_LEN + 2) + 32 };
void roster_centres_text(const struct roster *roster, const struct centre_set *centres,
                         char out[static CENTRES_TEXT_SIZE]);

// A sentence that tells of a code or a name that the roster does not have, and which it has.
enum { UNKNOWN_TEXT_SIZE = CENTRES_TEXT_SIZE + 128 };
void roster_no_centre_text(const struct roster *roster, const char *code,
                           char out[static UNKNOWN_TEXT_SIZE]);
void roster_no_node_text(const struct roster *roster, const char *name,
                         char out[static UNKNOWN_TEXT_SIZE]);

#endif
