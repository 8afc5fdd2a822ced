// SPDX-License-Identifier: EUPL-1.2
// Groups as people name them and read of them.
#ifndef SITREP_GROUPS_GROUPS_H
#define SITREP_GROUPS_GROUPS_H

#include <jansson.h>

#include "sitrep/client.h"

// "/v1/groups/NAME", for a name as people type it. Complains when it can be none.
enum exit_code group_path(const char *name, char path[static CLIENT_PATH_MAX]);

// "be-nccn, lu-hcpn", from an array of texts; malloc'ed.
char *group_list_text(const json_t *list);

// What a change does: "adds lu-hcpn, with a new key". What does not fit is left out.
enum { GROUP_WORDS_MAX = 512 };
void group_change_words(const json_t *change, char *out, size_t size);

#endif
