// SPDX-License-Identifier: EUPL-1.2
// What happens in a space that is no entry: links, gaps in logs, the roster, forks, clocks. Looked
// at once a second, told when it is another than before, and as it stands to whoever comes.
#ifndef NODE_PICTURE_LOOKOUT_H
#define NODE_PICTURE_LOOKOUT_H

#include "forks.h"
#include "json/text.h"
#include "picture/gaps.h"
#include "reading/desk_view.h"

enum { LOOK_EVERY_MS = 1000, GAPS_TOLD = 256 };

struct seen_link {
    uint32_t node;      // index in the roster
    const char *state;  // that was told
    unsigned unsettled; // looks since, that saw it catch up
    uint64_t missing_here, missing_there;
};

struct lookout {
    bool has_looked;
    uint64_t looked_ms; // clock_now_ms
    uint64_t wall_ms;   // as it was then
    const struct roster *roster;
    struct seen_link *links; // in roster order
    size_t links_count;
    struct gap gaps[GAPS_TOLD]; // the first of them
    size_t gaps_count;
    struct fork *forks; // malloc'ed
    size_t forks_count;
    bool *are_clocks_off; // by node
    size_t clocks_count;
};

// Where it is told that `event` happened; `data` is its object.
struct look {
    struct lookout *lookout;
    const struct desk_view *view;
    void (*tell)(void *context, const char *event, const struct text *data);
    void *context;
};

void lookout_fini(struct lookout *lookout);
// Looks, when it is time to; nothing is told of the first look. Errors: ERR_STATE (the node stops),
// ERR_NO_SPACE, and the store's.
CHECKED enum err lookout_look(const struct look *look);
// An entry of that node came: whether its author's clock is off.
void lookout_see_clock(const struct look *look, uint32_t node, bool is_off);
// The members of `state`: "roster_version", "links", "gaps", "forks" and "clocks".
void lookout_write(const struct lookout *lookout, struct text *out);

#endif
