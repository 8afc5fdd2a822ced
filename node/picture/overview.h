// SPDX-License-Identifier: EUPL-1.2
// What is going on, gathered from a picture: items by what is open of them.
#ifndef NODE_PICTURE_OVERVIEW_H
#define NODE_PICTURE_OVERVIEW_H

#include "picture/family.h"

enum overview_list {
    LIST_INCIDENTS, // open
    LIST_PHASES,    // not ended
    LIST_MEASURES,  // in force
    LIST_REQUESTS,  // not closed
    OVERVIEW_LISTS
};

// Items of each list, what was changed last first.
struct overview {
    struct places lists[OVERVIEW_LISTS];
    size_t conflicts; // items that contradict themselves
    size_t proposals; // items of which something is proposed
};

// The caller frees it with overview_fini, also after an error. Errors: ERR_NO_SPACE.
CHECKED enum err overview_gather(struct picture *picture, struct overview *overview);
void overview_fini(struct overview *overview);

// Of each centre the report that holds and was written last, of this incident and those that were
// merged into it; the newest first. Errors: ERR_NO_SPACE.
CHECKED enum err overview_reports(struct picture *picture, uint32_t incident,
                                  struct places *reports);

// Whether it is a version that holds.
bool overview_is_head(const struct picture_version *version);

struct request_state {
    uint64_t wanted;   // the most that a version which holds asks for
    uint64_t offered;  // and not answered yet
    uint64_t accepted; // committed, on its way and on site, too
    struct places offers;
};

// The caller frees its offers, also after an error. Errors: ERR_NO_SPACE.
CHECKED enum err overview_request(struct picture *picture, uint32_t request,
                                  struct request_state *state);

// Entries by when they were written, the newest first. Errors: ERR_NO_SPACE.
CHECKED enum err overview_sort_written(struct picture *picture, struct places *places);

// Items by when they were changed, what was last first. Errors: ERR_NO_SPACE.
CHECKED enum err overview_sort_items(struct picture *picture, struct places *items);

// When the last version of it that holds was written, by its author's clock.
uint64_t overview_written_ms(struct picture *picture, uint32_t began);

#endif
