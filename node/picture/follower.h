// SPDX-License-Identifier: EUPL-1.2
// Tells what happens in one space, event by event, to any number of readers.
//
// There is one picture, which whoever asks brings up to date (picture/situation.h), and no second
// one here. To tell what the arrival N changed, all that came later is hidden in it, then N is
// shown again, and the items it touches are compared before and after. So what is told of N follows
// from the arrivals up to N alone: it is the same live and when told again, in this process or
// after a restart, and nothing is kept of it but a ring of the last events. The picture's moment
// would not do: several entries arrive in one millisecond, and asking for another moment doubts
// every item.
//
// To tell again from N costs a reader who was away time in proportion to the arrivals since N
// (about 10 us to compare and name what each touched, and to hide and show all that is still to be
// told once for every REPLAY_COUNT that are), and no memory that grows with them: they are told
// some at a time, with the picture held meanwhile. An item of V versions is judged anew with each
// one of them, in time proportional to V. The first reader after a start pays for reading the
// picture.
//
// Deadlines are told behind the last arrival before they passed: those that passed before N came
// belong to what was told before N. They pass by the clock that arrivals have, and are told
// DEADLINE_GRACE_MS later: an entry that was on its way to the disk by then is told first.
//
// Whom a deadline without `to` awaits goes by the roster and the group as they are when it is told:
// told again after a centre was admitted, it may await that one, too, and be told where it was not.
// The same holds of entries that a revocation takes away. All else that is told stays as it was.
//
// What came sealed and was opened later is told when it is opened, without an id, as "late": told
// again, it comes at its own arrival, as if it had been readable then. An id says how many keys the
// home had kept by then, so that who was away is told what later ones open, also after a restart:
// at least once, twice when it had been told and has no later id. What was damaged and is repaired,
// or counts again as a revocation was moved, is told in the same way, but again and again to
// whoever comes back, and not behind a restart: no id says of it whether it was told.
//
// Links, gaps, the roster, forks and clocks are no entries: they are told as they are seen to
// change (lookout.h), without an id, and as they stand to whoever comes.
//
// No thread of its own: the readers' threads do the work in turns, each for all. Without readers
// nothing is done.
#ifndef NODE_PICTURE_FOLLOWER_H
#define NODE_PICTURE_FOLLOWER_H

#include "picture/event_text.h"

struct follower;

struct follower *follower_create(void); // NULL when memory ran out
void follower_destroy(struct follower **handle);

// A reader: no more than places. Zero but for `told`, it begins now; with `resumes`, behind `told`.
struct reader {
    bool resumes;
    bool has_begun;
    bool is_behind;       // it is told again what it has not seen
    bool has_since;       // and begins with what came at since_ms or later
    uint64_t since_ms;    // instead of at `told`
    struct position told; // what has an id
    uint64_t number;      // in the ring, of what it is told next, or has no id
    uint64_t seen;        // newer arrivals were not looked at
    // Behind, it is told first what these keys open of the arrivals behind `late`, up to
    // `late_end`.
    uint32_t keys;
    uint64_t late, late_end;
};

// Writes what the reader is to be told next, some of it at a time; nothing when there is nothing
// yet. Any thread. Errors: those of situation_get.
CHECKED enum err follower_read(const struct desk_view *view, struct reader *reader,
                               struct text *out);
// Waits until there may be more, a second at most.
void follower_wait(const struct desk_view *view, const struct reader *reader);

#endif
