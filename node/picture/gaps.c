// SPDX-License-Identifier: EUPL-1.2
// Finds the gaps of the logs a store holds. Who fetches what is missing is the engine's.
#include "picture/gaps.h"

#include <stdlib.h>
#include <string.h>

enum { GAPS_FIRST = 16 };

struct search {
    struct store *store;
    const struct roster *roster;
    struct gaps *gaps;
    bool has_chain;
    struct chain chain; // that the last entry was of
    uint64_t last;      // that is here, of that chain
};

static bool find_author(const struct search *search, uint32_t *node)
{
    const int32_t index = roster_find_signing(search->roster, search->chain.author);

    *node = (uint32_t)index;
    return index >= 0;
}

static enum err add_gap(struct gaps *gaps, const struct gap *gap)
{
    if (gaps->count == gaps->room) {
        const size_t room = gaps->room == 0 ? GAPS_FIRST : 2 * gaps->room;
        struct gap *grown = realloc(gaps->list, room * sizeof *grown);
        if (grown == NULL) {
            return ERR_NO_SPACE;
        }
        gaps->list = grown;
        gaps->room = room;
    }
    gaps->list[gaps->count++] = *gap;
    return ERR_OK;
}

static enum err see_ahead(void *context, const struct record *record)
{
    struct search *search = context;
    struct gaps *gaps = search->gaps;
    enum err err = ERR_OK;

    if (!search->has_chain || search->chain.number != record->chain) {
        err = store_get_chain(search->store, record->chain, &search->chain);
        if (err != ERR_OK) {
            return err == ERR_NOT_FOUND ? ERR_OK : err;
        }
        search->has_chain = true;
        search->last = search->chain.head_seq;
    }
    struct gap gap = {.chain = record->chain,
                      .epoch = search->chain.epoch,
                      .from = search->last + 1,
                      .to = record->seq - 1,
                      .held_to = record->seq};
    if (!find_author(search, &gap.node) || record->seq <= search->last) {
        return ERR_OK;
    }
    search->last = record->seq;
    if (gap.from <= gap.to) {
        return add_gap(gaps, &gap);
    }
    if (gaps->count > 0 && gaps->list[gaps->count - 1].chain == record->chain) {
        gaps->list[gaps->count - 1].held_to = record->seq;
    }
    return ERR_OK;
}

enum err gaps_find(struct store *store, const struct roster *roster, struct gaps *gaps)
{
    struct search search = {.store = store, .roster = roster, .gaps = gaps};

    *gaps = (struct gaps){.list = NULL};
    return store_each_ahead(store, see_ahead, &search);
}

void gaps_fini(struct gaps *gaps)
{
    free(gaps->list);
    *gaps = (struct gaps){.list = NULL};
}
