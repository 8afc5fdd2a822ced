// SPDX-License-Identifier: EUPL-1.2
// All rosters a home holds, and which of them are in force [5.18, 5.21]. HOME/roster/N.roster is
// the one of version N that came first, HOME/roster/N-HASH.roster a rival of it.
#ifndef NODE_HOME_LINEAGE_H
#define NODE_HOME_LINEAGE_H

#include "home/home.h"

struct lineage_link {
    uint64_t version;
    uint8_t hash[ID_LEN];
    uint8_t federation[ID_LEN];
    uint8_t parents[ROSTER_PARENTS_MAX][ID_LEN];
    size_t parents_count;
    bool is_rival; // named by its hash as well
};

struct lineage {
    struct home *home; // borrowed
    struct lineage_link *links;
    size_t count; // ascending by version
};

// Reads and checks all of them. A home that holds none has none. Errors: ERR_CORRUPT, ERR_IO.
CHECKED enum err lineage_open(struct home *home, struct lineage **lineage);
void lineage_close(struct lineage **lineage);

// What stands of those in force (roster_stand); the caller's. Errors: ERR_NOT_FOUND (none is held),
// ERR_CORRUPT, ERR_IO.
CHECKED enum err lineage_stand(struct lineage *lineage, struct roster **standing);

// What came of adding one.
struct lineage_report {
    bool is_news; // what is in force is another now
    bool is_late; // refused for that: people should hear of it [5.23]
    // Those it lacks here, of whom to ask first [8.8]; none but with ERR_NOT_FOUND.
    uint8_t missing[ROSTER_PARENTS_MAX][ID_LEN];
    size_t missing_count;
};

// Checks a signed roster against those it follows and keeps it; the first one is taken as it is.
// Errors: ERR_STATE (it is held), ERR_NOT_FOUND (one it follows is not), ERR_LIMIT (a ninth in
// force), ERR_DENIED (late, or of another federation), those of roster_decode and
// roster_check_follows, ERR_IO.
CHECKED enum err lineage_add(struct lineage *lineage, struct span signed_roster,
                             struct lineage_report *report);

bool lineage_holds(const struct lineage *lineage, const uint8_t hash[static ID_LEN]);
// Whether no other held one follows it.
bool lineage_is_in_force(const struct lineage *lineage, const struct lineage_link *link);
// The signed bytes of one, malloc'ed. Errors: ERR_NOT_FOUND, ERR_IO.
CHECKED enum err lineage_read(struct lineage *lineage, const struct lineage_link *link,
                              uint8_t **bytes, size_t *len);
CHECKED enum err lineage_load(struct lineage *lineage, const struct lineage_link *link,
                              struct roster **roster);

#endif
