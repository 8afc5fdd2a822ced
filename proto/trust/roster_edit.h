// SPDX-License-Identifier: EUPL-1.2
// A roster's successor while it is edited, as the files that edit it share it.
#ifndef TRUST_ROSTER_EDIT_H
#define TRUST_ROSTER_EDIT_H

#include "sitrep/roster_edit.h"
#include "trust/expiries.h"
#include "trust/roster_settle.h"

// Memory of the edit's own: titles and endpoints that replace those of the roster.
struct piece {
    struct piece *next;
    union {
        struct roster_title titles[ROSTER_TITLES_MAX];
        struct roster_endpoint endpoint;
    };
};

struct roster_edit {
    const struct roster *current;
    struct roster next; // its lists of centres and nodes are the edit's own
    const uint8_t *authorities[AUTHORITIES_MAX];
    struct expiries expiries;
    uint8_t *extensions; // the roster's, written anew at the end
    struct piece *pieces;
    struct settlement *settlement;
    size_t changes;
};

// Whether it is among the successor's authorities as they stand.
bool roster_edit_has_authority(const struct roster_edit *edit,
                               const uint8_t key[static SIGN_KEY_LEN]);

#endif
