// SPDX-License-Identifier: EUPL-1.2
// What was repaired since the store was opened, for those who had read on.
#include "store/store_private.h"

void repairs_add(struct repairs *repairs, const uint64_t *arrivals, size_t count)
{
    pthread_mutex_lock(&repairs->lock);
    for (size_t i = 0; i < count; i++) {
        repairs->arrivals[repairs->count++ % STORE_REPAIRS_KEPT] = arrivals[i];
    }
    pthread_mutex_unlock(&repairs->lock);
}

enum err store_repaired(struct store *store, uint64_t *at, uint64_t *arrival)
{
    struct repairs *repairs = &store->repairs;
    enum err err = ERR_OK;

    pthread_mutex_lock(&repairs->lock);
    if (*at == repairs->count) {
        err = ERR_NOT_FOUND;
    } else if (repairs->count - *at > STORE_REPAIRS_KEPT) {
        *at = repairs->count;
        err = ERR_LIMIT;
    } else {
        *arrival = repairs->arrivals[(*at)++ % STORE_REPAIRS_KEPT];
    }
    pthread_mutex_unlock(&repairs->lock);
    return err;
}
