// SPDX-License-Identifier: EUPL-1.2
// What /v1/status warns of.
#ifndef NODE_API_WARNINGS_H
#define NODE_API_WARNINGS_H

#include "api/text.h"
#include "sitrep/roster.h"

// The member "warnings": an array, empty when all is well.
void warnings_write(const struct roster *roster, uint32_t self, uint64_t wall_ms, struct text *out);

#endif
