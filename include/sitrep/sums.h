// SPDX-License-Identifier: EUPL-1.2
// What the picture adds up to at the moment that is set: people hurt, and what centres have, with
// nothing counted twice. PROTOCOL.md 18.17, 18.18.
//
// Where something contradicts something else a sum lies between two numbers. What made it up and
// what was left out, and why, stands beside it.
#ifndef SITREP_SUMS_H
#define SITREP_SUMS_H

#include "sitrep/picture.h"

enum { CASUALTY_NUMBERS = 14, RESOURCE_NUMBERS = 4 };

struct sum {
    uint64_t least, most;
    bool is_told; // else nobody says anything of it
};

// What became of a number that an entry tells.
enum fate {
    FATE_NOT_TOLD,
    FATE_TAKEN,
    FATE_PASSED,   // by a later report of what is to date
    FATE_COVERED,  // of a period that begins before the end of what is to date
    FATE_OVERLAPS, // of a period that another, which is taken, overlaps
    FATE_UNPLACED, // of a period, and does not say which
    FATES
};

// What one version says, of one basis.
struct casualty_source {
    uint32_t place; // the version
    bool is_to_date;
    uint32_t counts[CASUALTY_NUMBERS];
    uint8_t fates[CASUALTY_NUMBERS]; // enum fate
};

struct casualty_centre {
    uint32_t centre;
    uint32_t author; // where the roster has no such centre: a node that stands for itself
    struct sum sums[CASUALTY_NUMBERS];
    size_t first_source, sources; // in `sources` below
};

struct casualty_incident {
    uint32_t incident; // the place of what began it; PICTURE_NONE: of no incident
    struct sum sums[CASUALTY_NUMBERS];
    size_t first_centre, centres; // in `centres` below
};

// Incidents by their references, what is of none behind them; in each the centres by their number,
// and those that stand for themselves behind them; in each the sources, what is to date first, by
// report and version.
struct casualties {
    struct casualty_incident *incidents;
    struct casualty_centre *centres;
    struct casualty_source *sources;
    size_t incidents_count, centres_count, sources_count;
};

struct resource_centre {
    uint32_t centre, author; // as above
    struct sum sums[RESOURCE_NUMBERS];
    uint64_t as_of_ms;          // the oldest of what holds
    size_t first_place, places; // in `places` below: what holds; several contradict each other
};

struct resource_type {
    struct span type; // text; until the picture's end
    struct sum sums[RESOURCE_NUMBERS];
    uint64_t as_of_ms;            // the oldest
    size_t first_centre, centres; // in `centres` below
};

// Types by their bytes; in each the centres as above; in each the places by reference.
struct resources {
    struct resource_type *types;
    struct resource_centre *centres;
    uint32_t *places;
    size_t types_count, centres_count, places_count;
};

// As bodies call it, such as "population" and "dead".
const char *casualty_group(size_t number);
const char *casualty_field(size_t number);
const char *resource_field(size_t number);
const char *fate_name(enum fate fate);

// The caller frees the result. Errors: ERR_NO_SPACE.
CHECKED enum err picture_casualties(struct picture *picture, struct casualties **out);
// The same of those reports alone that name one of these: places, ascending; PICTURE_NONE among
// them: also those that name none. An incident is added up whole when all are among them that go on
// in it (picture_incident). Errors: ERR_NO_SPACE.
CHECKED enum err picture_casualties_of(struct picture *picture, const uint32_t *named, size_t count,
                                       struct casualties **out);
void casualties_destroy(struct casualties **handle);

// The caller frees the result. Errors: ERR_NO_SPACE.
CHECKED enum err picture_resources(struct picture *picture, struct resources **out);
void resources_destroy(struct resources **handle);

// Until when what the entry of that place adds to a sum is current, in ms since 1970;
// CURRENT_ALWAYS: it does not get old [18.20].
uint64_t picture_sum_until(const struct picture *picture, uint32_t at);

// The incident that one goes on in: itself, or the one it was merged into [18.17].
uint32_t picture_incident(struct picture *picture, uint32_t began);

#endif
