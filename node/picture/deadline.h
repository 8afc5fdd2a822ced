// SPDX-License-Identifier: EUPL-1.2
// Times until which entries want something: an acknowledgement (`ack_by`), or to be carried out
// (`deadline`). Whether they are missed, and by whom.
#ifndef NODE_PICTURE_DEADLINE_H
#define NODE_PICTURE_DEADLINE_H

#include "picture/situation.h"
#include "reading/desk_view.h"

// How long after the time it is told: what came in time may take as long to be on the disk, and is
// looked at first.
enum { DEADLINE_GRACE_MS = 2000 };

struct deadline {
    uint64_t at_ms;
    uint64_t arrival; // of the entry
    uint32_t place;
    bool is_ack;
};

struct deadlines {
    struct deadline *list; // by time, then arrival
    size_t count, room;
    size_t seen;   // of the arrivals
    uint64_t life; // of the picture
};

void deadlines_fini(struct deadlines *deadlines);
// Adds what has come since, or begins anew. The picture is held. Errors: ERR_NO_SPACE.
CHECKED enum err deadlines_read(struct deadlines *deadlines, struct picture *picture,
                                struct arrivals arrivals, bool is_anew);
// The place in the list of the first that is told at that time or later.
size_t deadlines_from(const struct deadlines *deadlines, uint64_t told_ms);
// Those of one entry, at most two, the earlier first. Returns how many.
size_t deadlines_of(struct picture *picture, const struct arrived *arrived,
                    struct deadline out[static 2]);

enum { AWAITED_MAX = 64 };

struct awaited {                   // who has not answered
    uint32_t centres[AWAITED_MAX]; // the first of them
    size_t count;                  // all
};

// Whether it is missed, as the picture stands. The centres that are awaited are those it is for,
// or else all that can read it, but its author's. Errors: the store's, ERR_NO_SPACE.
CHECKED enum err deadline_look(const struct desk_view *view, struct picture *picture,
                               const struct deadline *deadline, bool *is_missed,
                               struct awaited *awaited);

#endif
