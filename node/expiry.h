// SPDX-License-Identifier: EUPL-1.2
// Warnings of what expires [5.10, 5.19]: which there are, and when one is new. Nothing else follows
// from expiry.
#ifndef NODE_EXPIRY_H
#define NODE_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "sitrep/roster_keys.h"

// Something that expires within 90 days, or has.
struct expiry {
    bool is_roster; // the roster itself; no key then
    struct roster_key key;
    uint64_t expires_ms;
    enum expiry_stage stage; // never EXPIRY_FAR
};

typedef void expiry_tell(void *context, const struct expiry *expiry);

// Tells of all there are, the roster first, then by place in the roster's order of keys.
void expiry_each(const struct roster *roster, uint64_t now_ms, expiry_tell *tell, void *context);

// Up to when a watcher knows.
struct expiry_watch {
    const struct roster *roster; // the one it went by; must live on. NULL: it knows nothing yet
    uint64_t now_ms;
};

// Tells of what came nearer by a stage since the last call, and of all there are at the first one.
void expiry_watch(struct expiry_watch *watch, const struct roster *roster, uint64_t now_ms,
                  expiry_tell *tell, void *context);

// "in less than 30 days", "has expired"; of EXPIRY_FAR "".
const char *expiry_stage_text(enum expiry_stage stage);

#endif
