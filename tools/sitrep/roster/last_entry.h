// SPDX-License-Identifier: EUPL-1.2
// The last entry of a node that is to count when it is revoked [5.11].
#ifndef SITREP_ROSTER_LAST_ENTRY_H
#define SITREP_ROSTER_LAST_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "sitrep/options.h"

// EPOCH:SEQ as typed. False when it is something else.
bool last_entry_read(const char *typed, uint64_t *epoch, uint64_t *seq);

// The last one that the running node holds; 0, 0 when it holds none. Says which that is, how many
// more its peers say they hold, and who cannot be asked. Complains when it fails.
enum exit_code last_entry_ask(const struct arguments *arguments, const char *node, uint64_t *epoch,
                              uint64_t *seq);

#endif
