// SPDX-License-Identifier: EUPL-1.2
// The forks a store holds: where an author has written different entries in one place [10.1].
#ifndef NODE_FORKS_H
#define NODE_FORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/roster.h"
#include "store/store.h"

struct fork {
    uint32_t node; // index in the roster
    uint64_t epoch, seq;
    uint32_t chains[BRANCHES_MAX]; // each holds an entry `seq` of its own
    size_t chains_count;           // at least two
    bool is_healed;                // the author has gone on in a later epoch [10.3]
    uint64_t later_epoch;          // the newest one, when healed
};

// All forks of authors in the roster, by node, epoch and seq, but none that lies beyond a
// revocation [5.11]; *forks is malloc'ed. Any thread. Errors: the store's, ERR_NO_SPACE (memory).
CHECKED enum err forks_list(struct store *store, const struct roster *roster, struct fork **forks,
                            size_t *count);

#endif
