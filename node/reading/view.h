// SPDX-License-Identifier: EUPL-1.2
// An entry as it is read: named, checked against its id, and opened when this node holds the key.
#ifndef NODE_READING_VIEW_H
#define NODE_READING_VIEW_H

#include "groups/groups.h"
#include "json/text.h"
#include "reading/desk_view.h"
#include "sitrep/header.h"
#include "sitrep/seal.h"

enum view_state {
    VIEW_OPEN,
    VIEW_SEALED,     // with a key this node does not hold
    VIEW_UNREADABLE, // sealed with our key, but not what a body must be
    VIEW_DAMAGED,    // not the bytes its id names; the desk has been told
};

struct view {
    const struct record *record;
    bool is_named;
    struct named named; // when is_named
    enum view_state state;
    struct header header; // unless damaged
    struct span content;  // open: in the sealer's memory until it opens the next
    struct span kind;     // open
    bool is_released;     // open by `release` alone, not by a key of its group
    struct groups_entry release;
};

// Whether a record of that chain can be named and is from a node there is.
CHECKED enum err view_name(const struct desk_view *desk_view, const struct record *record,
                           struct view *view);

// Checks and opens what view_name has named. Reports damage to the desk.
void view_open(const struct desk_view *desk_view, struct sealer *sealer, struct view *view);

// Opens a checked record by what was released to this node [15.2]; *released is what opened it, to
// be wiped either way. Errors: ERR_NOT_FOUND (nothing released opens it).
CHECKED enum err view_open_released(const struct desk_view *desk_view, struct sealer *sealer,
                                    struct view *view, struct groups_released *released);

// The member "space" of an object, where it is of an exercise.
void view_write_space(const struct desk_view *desk_view, struct text *out);

// The members of the entry's object, without its braces.
void view_write(const struct desk_view *desk_view, const struct view *view, struct text *out);

const char *precedence_text(unsigned precedence);
// Errors: ERR_NOT_FOUND.
CHECKED enum err precedence_parse(const char *text, uint8_t *precedence);

#endif
