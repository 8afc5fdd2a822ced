// SPDX-License-Identifier: EUPL-1.2
// The ring of events. Its owner's lock is held.
#include "picture/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void drop_first(struct ring *ring)
{
    struct ring_event *event = &ring->events[ring->first % RING_EVENTS];

    ring->bytes -= event->len;
    free(event->bytes);
    *event = (struct ring_event){.bytes = NULL};
    ring->first++;
}

void ring_fini(struct ring *ring)
{
    while (ring->first < ring->next) {
        drop_first(ring);
    }
}

void ring_forget(struct ring *ring)
{
    ring_fini(ring);
    ring->first = ++ring->next;
}

void ring_add(struct ring *ring, const struct position *position, const struct text *framed)
{
    char *bytes = framed->has_failed ? NULL : malloc(framed->len + 1);

    if (bytes == NULL) {
        ring_forget(ring);
        return;
    }
    while (ring->first < ring->next &&
           (ring->next - ring->first == RING_EVENTS || ring->bytes + framed->len > RING_BYTES)) {
        drop_first(ring);
    }
    struct ring_event *event = &ring->events[ring->next++ % RING_EVENTS];
    memcpy(bytes, framed->bytes, framed->len);
    *event =
        (struct ring_event){.bytes = bytes, .len = framed->len, .has_position = position != NULL};
    if (position != NULL) {
        event->position = *position;
    }
    ring->bytes += framed->len;
}

const struct ring_event *ring_at(const struct ring *ring, uint64_t number)
{
    assert(ring->first <= number && number < ring->next);
    return &ring->events[number % RING_EVENTS];
}
