// SPDX-License-Identifier: EUPL-1.2
// What the node lists, in memory, for tables that need all of it.
#ifndef SITREP_OFFICERS_COLLECT_H
#define SITREP_OFFICERS_COLLECT_H

#include <jansson.h>

#include "sitrep/client.h"

// All lines of the answer, an array; the caller drops it. NULL after a complaint, with *code.
json_t *collect(struct client *client, const char *path, enum exit_code *code);

// The answer; the caller drops it. NULL after a complaint, with *code.
json_t *collect_one(struct client *client, const char *path, enum exit_code *code);

#endif
