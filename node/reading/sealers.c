// SPDX-License-Identifier: EUPL-1.2
// The pool of sealers. They are made when first needed and kept.
#include "reading/sealers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct sealers {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    struct sealer *idle[SEALERS_MAX];
    size_t idle_count;
    size_t in_use;
};

struct sealers *sealers_create(void)
{
    struct sealers *sealers = calloc(1, sizeof *sealers);
    if (sealers == NULL) {
        return NULL;
    }
    pthread_mutex_init(&sealers->mutex, NULL);
    pthread_cond_init(&sealers->freed, NULL);
    return sealers;
}

void sealers_destroy(struct sealers **sealers)
{
    struct sealers *old = *sealers;
    if (old == NULL) {
        return;
    }
    assert(old->in_use == 0);
    while (old->idle_count > 0) {
        sealer_destroy(&old->idle[--old->idle_count]);
    }
    pthread_cond_destroy(&old->freed);
    pthread_mutex_destroy(&old->mutex);
    free(old);
    *sealers = NULL;
}

struct sealer *sealers_get(struct sealers *sealers)
{
    struct sealer *sealer = NULL;
    pthread_mutex_lock(&sealers->mutex);
    while (sealers->in_use == SEALERS_MAX) {
        pthread_cond_wait(&sealers->freed, &sealers->mutex);
    }
    if (sealers->idle_count > 0) {
        sealer = sealers->idle[--sealers->idle_count];
    } else {
        sealer = sealer_create();
    }
    if (sealer != NULL) {
        sealers->in_use++;
    }
    pthread_mutex_unlock(&sealers->mutex);
    return sealer;
}

void sealers_put(struct sealers *sealers, struct sealer *sealer)
{
    pthread_mutex_lock(&sealers->mutex);
    assert(sealers->in_use > 0);
    sealers->in_use--;
    sealers->idle[sealers->idle_count++] = sealer;
    pthread_cond_signal(&sealers->freed);
    pthread_mutex_unlock(&sealers->mutex);
}
