// SPDX-License-Identifier: EUPL-1.2
// What is set for a link, as the API says it.
#ifndef NODE_API_LINK_TEXT_H
#define NODE_API_LINK_TEXT_H

#include "api/text.h"
#include "desk.h"
#include "profiles.h"

// The members "profile", "rate", "rate_by", "precedence" and "groups".
void link_write_choice(struct text *out, struct desk *desk, const struct choice *choice);

#endif
