// SPDX-License-Identifier: EUPL-1.2
// The picture of one space, of all that this node can read. Derived from the entries, in memory,
// and brought up to date when somebody asks.
#ifndef NODE_PICTURE_SITUATION_H
#define NODE_PICTURE_SITUATION_H

#include "json/body_json.h"
#include "picture/arrivals.h"
#include "sitrep/err.h"
#include "sitrep/picture.h"

struct desk_view;
struct situation;
struct told;

struct situation *situation_create(void); // NULL when memory ran out
void situation_destroy(struct situation **handle);

// Reads what has arrived, and what keys have come for, and holds the picture for the caller alone
// until situation_put, which is called only after ERR_OK. Errors: ERR_NO_SPACE, ERR_STATE (the node
// stops), and the store's.
CHECKED enum err situation_get(struct situation *situation, const struct desk_view *desk_view,
                               struct picture **picture);
void situation_put(struct situation *situation);
// The public alerts of the picture, while it is held.
const struct told *situation_told(const struct situation *situation);

// Around what makes a version from what is seen, and publishes it: two at once would be made from
// the same, and contradict each other. The picture is not held in between.
void situation_begin_change(struct situation *situation);
void situation_end_change(struct situation *situation);

// While the picture is held: shows what a centre surely knew at a moment of its own clock [18.15],
// until a moment is set. By the groups as they stand now. Errors: ERR_NO_SPACE.
CHECKED enum err situation_set_view(struct situation *situation, const struct desk_view *desk_view,
                                    uint32_t centre, uint64_t written_ms);

// The next four only between situation_get and situation_put.
struct arrivals situation_arrivals(const struct situation *situation);
// How many keys this home had kept when the picture was brought up to date: all that they open is
// in it, and nothing that a later one opens.
uint32_t situation_keys(const struct situation *situation);
// Takes out some of those that came back. Returns how many, at most `max`; 0: there are no more.
size_t situation_take_returned(struct situation *situation, uint64_t *arrivals, size_t max);
struct since {
    uint64_t after;     // behind that arrival, and
    uint64_t moment_ms; // not before that moment
};
// The arrivals since then of what cannot be read yet, ascending, at most `max`. Returns how many
// there are.
size_t situation_sealed_since(const struct situation *situation, struct since since,
                              uint64_t *arrivals, size_t max);

// Arrivals one behind the other.
struct run {
    uint64_t from;
    uint32_t count;
};
// The first of at most `max` behind `after` that may be of that kind, as far as the picture tells
// without being brought up to date; what is not in it may be. Does not wait for who holds it.
struct run situation_run_of_kind(struct situation *situation, const struct kind *kind,
                                 uint64_t after, uint32_t max);

// Whether this node may publish that body: a version that takes no step there is would never hold.
// `is_proposal` is set when it would be one. Errors: ERR_MALFORMED (`why` says what is wrong), and
// those of situation_get.
CHECKED enum err situation_foresee(const struct desk_view *desk_view, struct span body,
                                   bool *is_proposal, char why[static WHY_SIZE]);

#endif
