// SPDX-License-Identifier: EUPL-1.2
// What operators set for the link to a peer: the profiles that are built in, one change, and
// HOME/links, which is ZPL with a section for each peer for which something was set. Which nodes
// there are is not known here, nor what a setting does.
#ifndef NODE_PROFILES_H
#define NODE_PROFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/limits.h"
#include "sitrep/link.h"

// Kinds of lines. Of the manual one nothing is known but its rate; of the measured one that is
// looked for, and what it is set to is where that begins.
enum profile {
    PROFILE_NONE,
    PROFILE_FIBRE,
    PROFILE_4G,
    PROFILE_SATELLITE,
    PROFILE_RADIO,
    PROFILE_MANUAL,
    PROFILE_MEASURED,
    PROFILES
};
const char *profile_name(enum profile profile);
// False when there is none of that name. `name` may be NULL.
bool profile_find(const char *name, enum profile *profile);
// The one for lines of `rate` bit/s; PROFILE_NONE when there is none.
enum profile profile_of_rate(uint32_t rate);

// What was set; all zero: nothing.
struct choice {
    enum profile profile; // where the rate comes from
    struct link_settings settings;
};

struct choice_change { // what is not said stays
    bool has_profile, has_rate, has_beacon, has_live, has_precedence, has_groups;
    enum profile profile; // sets everything to what is usual for it; NONE: as if nothing were set
    uint32_t rate;        // instead of the profile's; alone it makes it manual
    uint32_t beacon_ms;
    bool is_live;
    struct selection wanted; // its precedence, its groups
};
// Whether nothing is said.
bool choice_change_is_empty(const struct choice_change *change);
void choice_change(struct choice *choice, const struct choice_change *change);

struct choice_of { // a section of HOME/links
    char node[NAME_MAX_LEN + 1];
    struct choice choice;
};

// *list is malloc'ed. Sections without a good name, with anything in them that is no good, or with
// nothing, are left out and counted in *ignored. Errors: ERR_MALFORMED (not ZPL), ERR_NO_SPACE.
CHECKED enum err choices_read(const char *text, struct choice_of **list, size_t *count,
                              size_t *ignored);
// *text is malloc'ed. Errors: ERR_NO_SPACE.
CHECKED enum err choices_write(const struct choice_of *list, size_t count, char **text);

#endif
