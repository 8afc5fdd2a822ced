// SPDX-License-Identifier: EUPL-1.2
// A binary heap of happenings.
#include "sim/queue.h"

#include <assert.h>
#include <stdlib.h>

static bool is_before(const struct happening *a, const struct happening *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->serial < b->serial;
}

void queue_put(struct queue *queue, const struct happening *happening)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? queue->capacity * 2 : 256;
        queue->heap = realloc(queue->heap, queue->capacity * sizeof *queue->heap);
        assert(queue->heap);
    }
    struct happening item = *happening;
    item.serial = ++queue->serial;
    size_t i = queue->count++;
    while (i > 0 && is_before(&item, &queue->heap[(i - 1) / 2])) {
        queue->heap[i] = queue->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    queue->heap[i] = item;
}

uint64_t queue_next_ms(const struct queue *queue)
{
    return queue->count ? queue->heap[0].at_ms : UINT64_MAX;
}

struct happening queue_take(struct queue *queue)
{
    assert(queue->count > 0);
    struct happening top = queue->heap[0];
    struct happening last = queue->heap[--queue->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= queue->count) {
            break;
        }
        if (child + 1 < queue->count && is_before(&queue->heap[child + 1], &queue->heap[child])) {
            child++;
        }
        if (!is_before(&queue->heap[child], &last)) {
            break;
        }
        queue->heap[i] = queue->heap[child];
        i = child;
    }
    queue->heap[i] = last;
    return top;
}

void queue_fini(struct queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        free(queue->heap[i].bytes);
    }
    free(queue->heap);
    *queue = (struct queue){0};
}
