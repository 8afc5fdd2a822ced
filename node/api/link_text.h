// SPDX-License-Identifier: EUPL-1.2
// What is set for a link, as the API says it.
#ifndef NODE_API_LINK_TEXT_H
#define NODE_API_LINK_TEXT_H

#include "api/text.h"
#include "profiles.h"

// The members "profile", "rate" and "rate_by".
void link_write_choice(struct text *out, const struct choice *choice);

#endif
