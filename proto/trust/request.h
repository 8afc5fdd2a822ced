// SPDX-License-Identifier: EUPL-1.2
// The rules a request keeps, whoever made it.
#ifndef TRUST_REQUEST_H
#define TRUST_REQUEST_H

#include "sitrep/invitation.h"

// Errors: ERR_MALFORMED (a field breaks 5.8 or 5.9), ERR_DENIED (a weak key).
CHECKED enum err request_check(const struct request *request);

#endif
