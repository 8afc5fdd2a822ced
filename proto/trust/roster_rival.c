// SPDX-License-Identifier: EUPL-1.2
// Whether a roster may still fork what is in force [5.23]: not over a change of authorities that it
// reaches back behind. That it is valid in itself is decided in roster_next.c.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/roster.h"
#include "trust/roster_signing.h"

// Rosters held, and marks on some of them.
struct past {
    const struct roster *const *list;
    size_t count;
    bool *is_behind_rival; // the rival follows it
    bool *is_behind_tip;   // the tip being looked at follows it, or is it
    size_t *walk;          // room for all
};

static size_t find(const struct past *past, const uint8_t hash[static ID_LEN])
{
    size_t i = 0;
    while (i < past->count && memcmp(past->list[i]->hash, hash, ID_LEN) != 0) {
        i++;
    }
    return i;
}

// Marks the parents that are held and have no mark yet, and puts them on the walk.
static void mark_parents(const struct past *past, const struct roster *roster, bool *marks,
                         size_t *left)
{
    for (size_t p = 0; p < roster->parents_count; p++) {
        const size_t parent = find(past, roster->parents[p]);
        if (parent < past->count && !marks[parent]) {
            marks[parent] = true;
            past->walk[(*left)++] = parent;
        }
    }
}

// Marks what `roster` follows, as far as it is held.
static void mark(const struct past *past, const struct roster *roster, bool *marks)
{
    size_t left = 0;
    mark_parents(past, roster, marks, &left);
    while (left > 0) {
        mark_parents(past, past->list[past->walk[--left]], marks, &left);
    }
}

static bool has_parent(const struct roster *roster, const struct roster *parent)
{
    for (size_t p = 0; p < roster->parents_count; p++) {
        if (memcmp(roster->parents[p], parent->hash, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_in_force(const struct past *past, size_t at)
{
    for (size_t i = 0; i < past->count; i++) {
        if (has_parent(past->list[i], past->list[at])) {
            return false;
        }
    }
    return true;
}

static bool reaches(const struct roster *signed_roster, const struct roster *other)
{
    return roster_count_signatures(signed_roster, other) >= other->threshold;
}

// Of the line that leads to the tip, from where the rival leaves it.
static bool is_late(const struct past *past, size_t tip, const struct roster *rival)
{
    size_t length = 0;
    bool reaches_all = true;
    memset(past->is_behind_tip, 0, past->count * sizeof *past->is_behind_tip);
    past->is_behind_tip[tip] = true;
    mark(past, past->list[tip], past->is_behind_tip);
    for (size_t i = 0; i < past->count; i++) {
        if (past->is_behind_tip[i] && !past->is_behind_rival[i]) {
            length++;
            reaches_all = reaches_all && reaches(rival, past->list[i]);
        }
    }
    return !reaches_all && (length > 1 || !reaches(past->list[tip], rival));
}

static bool is_late_for_any(const struct past *past, const struct roster *rival)
{
    mark(past, rival, past->is_behind_rival);
    for (size_t i = 0; i < past->count; i++) {
        if (!past->is_behind_rival[i] && is_in_force(past, i) && is_late(past, i, rival)) {
            return true;
        }
    }
    return false;
}

enum err roster_check_rival(const struct roster *const *held, size_t count,
                            const struct roster *rival)
{
    assert(held && count > 0 && rival);
    struct past past = {.list = held,
                        .count = count,
                        .is_behind_rival = calloc(count, sizeof(bool)),
                        .is_behind_tip = calloc(count, sizeof(bool)),
                        .walk = calloc(count, sizeof(size_t))};
    enum err err = ERR_NO_SPACE;
    if (past.is_behind_rival && past.is_behind_tip && past.walk) {
        err = is_late_for_any(&past, rival) ? ERR_DENIED : ERR_OK;
    }
    free(past.is_behind_rival);
    free(past.is_behind_tip);
    free(past.walk);
    return err;
}
