// SPDX-License-Identifier: EUPL-1.2
// How a link stands and what is set for it, as the API says it.
#ifndef NODE_READING_LINK_TEXT_H
#define NODE_READING_LINK_TEXT_H

#include "desk.h"
#include "json/text.h"
#include "profiles.h"

// The state of the link to that node; static. One that is held down on purpose is "cut": no trouble
// to look for.
const char *link_state_text(const struct roster_node *node, const struct desk_peer *peer);

// The members "profile", "rate", "rate_by", "precedence" and "groups".
void link_write_choice(struct text *out, struct desk *desk, const struct choice *choice);

#endif
