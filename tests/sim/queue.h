// SPDX-License-Identifier: EUPL-1.2
// What is going to happen, in order of virtual time; at the same millisecond in order of
// scheduling.
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/selection.h"

enum happening_type {
    HAPPENS_FRAME,     // to `node` from instance `other`; `bytes`
    HAPPENS_LINK_UP,   // `node` notices session `number` with `other`
    HAPPENS_LINK_DOWN, // `node` notices the end of it
    HAPPENS_PACE,      // what waits at `node` for the line to `other` may go on
    HAPPENS_LINE_TOLD, // `node` heard from member `other` that their line passes `number` bit/s
    HAPPENS_COMMIT,    // the disk of `node` finishes a commit
    HAPPENS_PERSISTED, // `node` is told: `number` is the ticket
    HAPPENS_PERSIST_FAILED,
    HAPPENS_STORE_READY,
    HAPPENS_READ,        // `node` reads: number tag, other chain, from, count_max, bytes_max
    HAPPENS_DAMAGED,     // `node` is told: other chain, from seq
    HAPPENS_ROSTER,      // `node` is given the roster `number` of the federation
    HAPPENS_ROSTER_COPY, // `node` sends it to member `other`
    HAPPENS_ROSTER_ASK,  // `node` asks member `other` for the roster whose hash `bytes` are
    HAPPENS_START,       // `node` starts
    HAPPENS_KEYS,        // `node` looks which keys it lacks
    HAPPENS_KEY_VERDICT, // `node` judges a question: number cookie, other requester, `bytes` the
                         // key
    HAPPENS_OWN_LOG,     // `node` has waited for peers long enough
    HAPPENS_WEATHER,     // the weather of kind `number` strikes
    HAPPENS_DISK_SPACE,
    HAPPENS_HEAL // a fault of the network ends
};

struct happening {
    uint64_t at_ms;
    uint64_t serial;
    enum happening_type type;
    uint32_t node;
    uint32_t life; // of the node when it was scheduled; a node that died since does not see it
    uint32_t other;
    uint64_t number;
    uint64_t from;
    uint32_t count_max, bytes_max;
    bool is_search; // READ: down to `to`, what `selection` takes
    uint64_t to;
    struct selection selection;
    uint32_t session;
    bool is_live;
    uint8_t *bytes; // owned
    size_t len;
};

struct queue {
    struct happening *heap;
    size_t count, capacity;
    uint64_t serial;
};

void queue_put(struct queue *queue, const struct happening *happening);
// The time of the next one; UINT64_MAX when there is none.
uint64_t queue_next_ms(const struct queue *queue);
// Takes the next one out; the caller frees its bytes.
struct happening queue_take(struct queue *queue);
void queue_fini(struct queue *queue);

#endif
