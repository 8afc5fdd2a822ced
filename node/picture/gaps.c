// SPDX-License-Identifier: EUPL-1.2
// Finds the gaps of the logs a store holds. Who fetches what is missing is the engine's.
#include "picture/gaps.h"

#include <stdlib.h>
#include <string.h>

struct search {
    struct store *store;
    const struct roster *roster;
    struct gap *gaps;
    size_t count;
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

static enum err see_ahead(void *context, const struct record *record)
{
    struct search *search = context;
    struct gap gap = {.chain = record->chain};

    if (!search->has_chain || search->chain.number != record->chain) {
        const enum err err = store_get_chain(search->store, record->chain, &search->chain);
        if (err != ERR_OK) {
            return err == ERR_NOT_FOUND ? ERR_OK : err;
        }
        search->has_chain = true;
        search->last = search->chain.head_seq;
    }
    gap.epoch = search->chain.epoch;
    gap.from = search->last + 1;
    gap.to = record->seq - 1;
    if (record->seq > search->last + 1 && search->count < GAPS_MAX &&
        find_author(search, &gap.node)) {
        search->gaps[search->count++] = gap;
    }
    search->last = record->seq > search->last ? record->seq : search->last;
    return ERR_OK;
}

enum err gaps_list(struct store *store, const struct roster *roster,
                   struct gap gaps[static GAPS_MAX], size_t *count)
{
    struct search search = {.store = store, .roster = roster, .gaps = gaps};
    const enum err err = store_each_ahead(store, see_ahead, &search);

    *count = search.count;
    return err;
}
