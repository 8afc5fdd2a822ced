// SPDX-License-Identifier: EUPL-1.2
// What a change of an item asks for, as POST /v1/items/NAME has it. Whether it can be had is
// change.c's.
#ifndef NODE_API_WISH_H
#define NODE_API_WISH_H

#include <jansson.h>

#include "api/call.h"
#include "json/body_json.h"
#include "sitrep/content.h"

// All borrowed from the JSON it was read from.
struct wish {
    const char *kind;  // the item must be of it; NULL: of any
    const char *state; // NULL: it stays as it is
    json_t *text;      // NULL: it stays; null: there is none any more
    json_t *fields;
    bool has_from;
    struct ref from; // the version that is thought to hold
    bool has_precedence;
    uint8_t precedence;
};

// Errors: ERR_MALFORMED (`why` says what).
CHECKED enum err wish_read(const struct call *call, const json_t *json, struct wish *wish,
                           char why[static WHY_SIZE]);

#endif
