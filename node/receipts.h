// SPDX-License-Identifier: EUPL-1.2
// Writes receipts: what this node holds of what others wrote, once in a while, when something came
// [18.13, 18.16]. What they show is proto/picture's.
//
// A thread of its own follows the store, so that the loop waits for nothing here. It publishes
// through the desk, as any client does.
#ifndef NODE_RECEIPTS_H
#define NODE_RECEIPTS_H

#include <stdint.h>

#include "sitrep/err.h"

struct desk;
struct receipts;

// When a node writes one.
struct rhythm {
    uint64_t interval_ms; // from one to the next, at least; above 0
    uint32_t self, nodes; // of the roster
};
// The moment from which one may be written; `came_ms` is when something came that none tells of,
// `written_ms` when the last one was written, 0: never.
uint64_t rhythm_due_ms(const struct rhythm *rhythm, uint64_t came_ms, uint64_t written_ms);
// From then on it is written although entries wait.
uint64_t rhythm_late_ms(const struct rhythm *rhythm, uint64_t due_ms);

// Begins to follow the desk's store. `interval_s` above 0. Errors: ERR_NO_SPACE, ERR_IO (no
// thread).
CHECKED enum err receipts_start(struct receipts **out, struct desk *desk, uint32_t interval_s);
// Ends the thread. The desk has been stopped.
void receipts_close(struct receipts **handle);

#endif
