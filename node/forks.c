// SPDX-License-Identifier: EUPL-1.2
// Finds the forks among the chains of a store. Reads no entry; what an entry is called is
// naming.c's.
#include "forks.h"

#include <stdlib.h>
#include <string.h>

struct chains {
    struct chain *list; // sorted by author, epoch, number
    size_t count, size;
};

// The chains of one log, a part of the list above.
struct log {
    const struct chain *chains;
    size_t count;
};

static enum err add_chain(void *context, const struct chain *chain)
{
    struct chains *chains = context;
    if (chains->count == chains->size) {
        const size_t size = chains->size == 0 ? 64 : chains->size * 2;
        struct chain *grown = realloc(chains->list, size * sizeof *grown);
        if (grown == NULL) {
            return ERR_NO_SPACE;
        }
        chains->list = grown;
        chains->size = size;
    }
    chains->list[chains->count++] = *chain;
    return ERR_OK;
}

static int compare_logs(const struct chain *a, const struct chain *b)
{
    const int author = memcmp(a->author, b->author, SIGN_KEY_LEN);
    return author != 0 ? author : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

static int compare_chains(const void *left, const void *right)
{
    const struct chain *a = left;
    const struct chain *b = right;
    const int log = compare_logs(a, b);
    return log != 0 ? log : (a->number > b->number) - (a->number < b->number);
}

static const struct chain *find(const struct log *log, uint32_t number)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->chains[i].number == number) {
            return &log->chains[i];
        }
    }
    return NULL;
}

// The chain that holds what comes before the branch: its parent, or an ancestor of that. NULL for a
// branch that begins with the log.
static const struct chain *stem_of(const struct log *log, const struct chain *branch)
{
    const struct chain *stem = NULL;
    uint32_t number = branch->parent;
    // Parents have smaller numbers, so this ends.
    while (number < branch->number) {
        stem = find(log, number);
        if (stem == NULL || stem->first_seq < branch->first_seq || stem->parent >= number) {
            return stem;
        }
        number = stem->parent;
    }
    return stem;
}

static bool parts_there(const struct log *log, const struct chain *branch, const struct chain *stem,
                        uint64_t seq)
{
    return branch->first_seq == seq && branch->head_seq >= seq && stem_of(log, branch) == stem;
}

// The fork where `branch` begins; nothing when an earlier chain of the log has told it, or nothing
// else is held there.
static bool make_fork(const struct log *log, const struct chain *branch, struct fork *fork)
{
    const uint64_t seq = branch->first_seq;
    const struct chain *stem = stem_of(log, branch);
    *fork = (struct fork){.epoch = branch->epoch, .seq = seq};
    if (stem != NULL && stem->head_seq >= seq) {
        fork->chains[fork->chains_count++] = stem->number;
    }
    for (size_t i = 0; i < log->count && fork->chains_count < BRANCHES_MAX; i++) {
        const struct chain *chain = &log->chains[i];
        if (!parts_there(log, chain, stem, seq)) {
            continue;
        }
        if (chain->number < branch->number) {
            return false;
        }
        fork->chains[fork->chains_count++] = chain->number;
    }
    return fork->chains_count > 1;
}

struct found {
    struct fork *list;
    size_t count;
};

static enum err add_fork(struct found *found, const struct fork *fork)
{
    struct fork *grown = realloc(found->list, (found->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return ERR_NO_SPACE;
    }
    found->list = grown;
    grown[found->count++] = *fork;
    return ERR_OK;
}

// The newest epoch after `fork`'s in which its author has written.
static void look_for_later(const struct chains *chains, const struct chain *any, struct fork *fork)
{
    for (size_t i = 0; i < chains->count; i++) {
        const struct chain *chain = &chains->list[i];
        if (chain->head_seq > 0 && chain->epoch > fork->epoch &&
            chain->epoch >= fork->later_epoch &&
            memcmp(chain->author, any->author, SIGN_KEY_LEN) == 0) {
            fork->is_healed = true;
            fork->later_epoch = chain->epoch;
        }
    }
}

static enum err add_forks_of_log(const struct chains *chains, const struct log *log,
                                 const struct roster *roster, uint32_t node, struct found *found)
{
    const uint64_t limit = roster_counts_to(roster, node, log->chains[0].epoch);
    enum err err = ERR_OK;
    for (size_t i = 0; i < log->count && err == ERR_OK; i++) {
        struct fork fork;
        // What parts beyond a revocation is in quarantine, whichever branch it is of.
        if (log->chains[i].first_seq <= limit && make_fork(log, &log->chains[i], &fork)) {
            fork.node = node;
            look_for_later(chains, &log->chains[i], &fork);
            err = add_fork(found, &fork);
        }
    }
    return err;
}

static enum err add_forks(const struct chains *chains, const struct roster *roster,
                          struct found *found)
{
    enum err err = ERR_OK;
    size_t from = 0;
    for (size_t to = 1; to <= chains->count && err == ERR_OK; to++) {
        if (to < chains->count && compare_logs(&chains->list[from], &chains->list[to]) == 0) {
            continue;
        }
        const struct log log = {&chains->list[from], to - from};
        const int32_t node = roster_find_signing(roster, log.chains[0].author);
        if (log.count > 1 && node >= 0) {
            err = add_forks_of_log(chains, &log, roster, (uint32_t)node, found);
        }
        from = to;
    }
    return err;
}

static int compare_forks(const void *left, const void *right)
{
    const struct fork *a = left;
    const struct fork *b = right;
    if (a->node != b->node) {
        return a->node < b->node ? -1 : 1;
    }
    if (a->epoch != b->epoch) {
        return a->epoch < b->epoch ? -1 : 1;
    }
    return (a->seq > b->seq) - (a->seq < b->seq);
}

enum err forks_list(struct store *store, const struct roster *roster, struct fork **forks,
                    size_t *count)
{
    struct chains chains = {0};
    struct found found = {0};
    enum err err = store_each_chain(store, add_chain, &chains);
    if (err == ERR_OK && chains.count > 0) {
        qsort(chains.list, chains.count, sizeof *chains.list, compare_chains);
        err = add_forks(&chains, roster, &found);
    }
    free(chains.list);
    if (err != ERR_OK) {
        free(found.list);
        return err;
    }
    if (found.count > 0) {
        qsort(found.list, found.count, sizeof *found.list, compare_forks);
    }
    *forks = found.list;
    *count = found.count;
    return ERR_OK;
}
