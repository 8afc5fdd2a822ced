// SPDX-License-Identifier: EUPL-1.2
// One number, of one incident and centre, out of what its reports say [18.17].
#ifndef PICTURE_TALLY_H
#define PICTURE_TALLY_H

#include "sitrep/sums.h"

#define NEVER UINT64_MAX // no such time is said

// What one head of a report says, of one basis.
struct saying {
    uint32_t incident, centre, author, report; // what it is added up by; `author` 0 in a roster
    struct ref incident_ref, report_ref, ref;  // what it is ordered by
    uint32_t place;
    uint32_t heads; // that the report has
    bool is_to_date;
    uint64_t from_ms, to_ms; // of the period; `to_ms` of what is to date its end; NEVER
    uint32_t counts[CASUALTY_NUMBERS];
    uint8_t fates[CASUALTY_NUMBERS];
};

struct sayings {
    struct saying *list;
    size_t count;
};

struct incidents { // their places, ascending; PICTURE_NONE stands for none
    const uint32_t *list;
    size_t count;
};

// What all reports say that hold and name one of these incidents (NULL: whatever they name), by
// incident, centre, basis, report and version. The caller frees the list, also of an error.
// Errors: ERR_NO_SPACE.
CHECKED enum err sayings_collect(struct picture *picture, const struct incidents *named,
                                 struct sayings *sayings);

// A report, as far as it tells the number: for how tally.c works.
struct teller {
    struct saying *first; // those of its heads, told or not, follow each other
    size_t count;
    bool is_certain; // all its heads tell the number
    bool is_alone;   // it has one head, and so a place in a log
    enum fate fate;
    uint64_t from_ms, to_ms; // NEVER: it says none
    uint64_t least, most;
};

// Adds the number up, out of `count` sayings of one centre, those of one report beside each other,
// and sets their fates. `room` is for as many tellers.
struct sum tally_number(struct saying *sayings, size_t count, size_t number, struct teller *room);

#endif
