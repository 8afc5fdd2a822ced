// SPDX-License-Identifier: EUPL-1.2
// The queue between the loop and the writer thread: batches one way, results the other. It knows
// nothing of LMDB.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/store_private.h"

enum err queue_init(struct queue *queue)
{
    *queue = (struct queue){.results_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    queue->last = &queue->first;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->wakeup, NULL);
    return queue->results_fd < 0 ? ERR_IO : ERR_OK;
}

static void free_batches(struct batch *batch)
{
    while (batch != NULL) {
        struct batch *next = batch->next;
        free(batch->arena);
        free(batch);
        batch = next;
    }
}

void queue_fini(struct queue *queue)
{
    free_batches(queue->first);
    free_batches(queue->pool);
    if (queue->results_fd >= 0) {
        close(queue->results_fd);
    }
    pthread_cond_destroy(&queue->wakeup);
    pthread_mutex_destroy(&queue->lock);
}

static struct batch *take_from_pool(struct queue *queue)
{
    struct batch *batch = queue->pool;
    if (batch != NULL) {
        queue->pool = batch->next;
        queue->pool_bytes -= batch->capacity;
    }
    return batch;
}

// One arena holds records, chains and sealed bytes, in this order.
static void fill_batch(struct batch *batch, const struct effect_persist *persist, size_t len)
{
    if (batch->capacity < len || batch->arena == NULL) {
        free(batch->arena);
        batch->arena = store_realloc(NULL, len);
        batch->capacity = len;
    }
    batch->len = len;
    batch->ticket = persist->ticket;
    batch->records_count = persist->records_count;
    batch->chains_count = persist->chains_count;
    batch->records = (struct record *)(void *)batch->arena;
    batch->chains = (struct chain *)(void *)(batch->records + persist->records_count);
    uint8_t *sealed = (uint8_t *)(batch->chains + persist->chains_count);
    for (size_t i = 0; i < persist->records_count; i++) {
        struct record *copy = &batch->records[i];
        *copy = persist->records[i];
        memcpy(sealed, copy->sealed, copy->sealed_len);
        copy->sealed = sealed;
        sealed += copy->sealed_len;
    }
    if (persist->chains_count > 0) {
        memcpy(batch->chains, persist->chains, persist->chains_count * sizeof *batch->chains);
    }
    assert(sealed == batch->arena + len);
}

enum err queue_put(struct queue *queue, const struct effect_persist *persist, enum batch_kind kind)
{
    static_assert(_Alignof(struct record) >= _Alignof(struct chain), "one arena");
    assert(persist->ticket > 0);
    size_t len = persist->records_count * sizeof(struct record) +
                 persist->chains_count * sizeof(struct chain);
    for (size_t i = 0; i < persist->records_count; i++) {
        len += persist->records[i].sealed_len;
    }
    pthread_mutex_lock(&queue->lock);
    bool is_full = queue->waiting_bytes + len > WAITING_BYTES_MAX && queue->waiting_bytes > 0;
    struct batch *batch = is_full ? NULL : take_from_pool(queue);
    pthread_mutex_unlock(&queue->lock);
    if (is_full) {
        return ERR_AGAIN;
    }
    if (batch == NULL) {
        batch = store_realloc(NULL, sizeof *batch);
        *batch = (struct batch){0};
    }
    fill_batch(batch, persist, len);
    batch->kind = kind;
    batch->next = NULL;
    pthread_mutex_lock(&queue->lock);
    queue->waiting_bytes += len;
    *queue->last = batch;
    queue->last = &batch->next;
    pthread_cond_signal(&queue->wakeup);
    pthread_mutex_unlock(&queue->lock);
    return ERR_OK;
}

struct batch *queue_take(struct queue *queue, enum err *failed)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->is_stopping) {
        pthread_cond_wait(&queue->wakeup, &queue->lock);
    }
    struct batch *group = queue->first;
    size_t bytes = 0;
    size_t records = 0;
    struct batch **end = &queue->first;
    while (*end != NULL && (bytes == 0 || (bytes + (*end)->len <= GROUP_BYTES_MAX &&
                                           records + (*end)->records_count <= GROUP_RECORDS_MAX))) {
        bytes += (*end)->len;
        records += (*end)->records_count;
        end = &(*end)->next;
    }
    if (group != NULL) {
        struct batch *rest = *end;
        *end = NULL;
        queue->first = rest;
        if (rest == NULL) {
            queue->last = &queue->first;
        }
        queue->is_busy = true;
    }
    *failed = queue->failed;
    pthread_mutex_unlock(&queue->lock);
    return group;
}

static void push_result(struct queue *queue, const struct store_result *result)
{
    // Results of one kind follow each other and merge; after a failure nothing succeeds before the
    // failure was taken. So two places are enough.
    struct store_result *newest =
        queue->results_count == 0 ? NULL : &queue->results[queue->results_count - 1];
    if (newest != NULL && (newest->err == ERR_OK) == (result->err == ERR_OK)) {
        newest->ticket = result->ticket;
    } else {
        assert(queue->results_count < sizeof queue->results / sizeof queue->results[0]);
        queue->results[queue->results_count++] = *result;
    }
    uint64_t one = 1;
    ssize_t written = write(queue->results_fd, &one, sizeof one);
    (void)written; // it can only fail when the counter is full, and then the descriptor is readable
}

void queue_done(struct queue *queue, struct batch *group, enum err err)
{
    pthread_mutex_lock(&queue->lock);
    if (err != ERR_OK && queue->failed == ERR_OK) {
        queue->failed = err;
        queue->first_failed = group->ticket;
    }
    struct store_result result = {.err = err, .first_failed = queue->first_failed};
    struct batch *excess = NULL;
    while (group != NULL) {
        struct batch *next = group->next;
        result.ticket = group->ticket;
        queue->waiting_bytes -= group->len;
        bool is_kept = queue->pool_bytes + group->capacity <= POOL_BYTES_MAX;
        struct batch **to = is_kept ? &queue->pool : &excess;
        queue->pool_bytes += is_kept ? group->capacity : 0;
        group->next = *to;
        *to = group;
        group = next;
    }
    push_result(queue, &result);
    queue->is_busy = false;
    pthread_mutex_unlock(&queue->lock);
    free_batches(excess);
}

enum err store_submit(struct store *store, const struct effect_persist *persist)
{
    return queue_put(&store->queue, persist, persist->is_repair ? BATCH_REPAIR : BATCH_NEW);
}

int store_results_fd(const struct store *store)
{
    return store->queue.results_fd;
}

enum err store_next_result(struct store *store, struct store_result *result)
{
    struct queue *queue = &store->queue;
    enum err err = ERR_NOT_FOUND;
    pthread_mutex_lock(&queue->lock);
    if (queue->results_count > 0) {
        *result = queue->results[0];
        queue->results_count--;
        queue->results[0] = queue->results[1];
        err = ERR_OK;
    }
    if (queue->results_count == 0) {
        uint64_t count;
        ssize_t got = read(queue->results_fd, &count, sizeof count);
        (void)got; // nothing to read is fine
    }
    pthread_mutex_unlock(&queue->lock);
    return err;
}

bool store_has_space(struct store *store)
{
    struct queue *queue = &store->queue;
    if (store_disk_free(store) < store->reserve_bytes + SPACE_SLACK) {
        return false;
    }
    pthread_mutex_lock(&queue->lock);
    // What was submitted before the failure was heard of must not succeed now, out of order.
    bool is_settled = queue->first == NULL && !queue->is_busy && queue->results_count == 0;
    if (is_settled) {
        queue->failed = ERR_OK;
    }
    bool is_ready = queue->failed == ERR_OK;
    pthread_mutex_unlock(&queue->lock);
    return is_ready;
}
