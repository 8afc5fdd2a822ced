// SPDX-License-Identifier: EUPL-1.2
// Knows everything that was given to any node for publication, and what it was told about it.
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/engine.h"

struct world;
struct random;

enum issue_state {
    ISSUE_WAITING,   // given to the engine
    ISSUE_PUBLISHED, // acknowledged: must never be lost
    ISSUE_FAILED,    // refused: must be nowhere
    ISSUE_UNKNOWN    // the node died before it answered: may be anywhere or nowhere
};

struct issue {
    uint32_t instance;
    uint64_t step;   // of the world, when it was given
    uint32_t author; // roster index
    uint64_t cookie; // of its publication: the number of its first issue
    enum issue_state state;
    uint64_t epoch, seq;
    uint8_t digest[DIGEST_LEN]; // of the content
    bool is_excused;            // its last copy vanished with a restored backup
    bool is_found;              // by the last audit
};

struct oracle {
    struct issue *issues; // index + 1 is the number in the content
    size_t count, capacity;
    size_t waiting, published, failed;
    uint32_t publisher; // instance of the publication being made
};

enum { CONTENT_ROOM = 70000 };

// The cookie of the next publication, by `instance`, and the number that its first content says.
uint64_t oracle_begin(struct world *world, uint32_t instance);
// Makes the next content in `out`, of about `size` bytes, and remembers it as part of the
// publication `cookie`.
struct span oracle_issue(struct world *world, uint64_t cookie, size_t size,
                         uint8_t out[static CONTENT_ROOM]);
// Remembers a content that says its number, as oracle_issue does one of its own.
void oracle_enter(struct world *world, uint64_t cookie, struct span content);
// The number in a content, 0 when it is none of ours.
uint64_t oracle_number(struct span content);

void oracle_note(struct world *world, uint32_t instance, const struct note *note);
// The node died: what it had not answered stays unknown.
void oracle_crashed(struct world *world, uint32_t instance);
// The node is about to go back to `snapshot`: excuse what is held nowhere else.
struct disk_state;
void oracle_restored(struct world *world, uint32_t instance, const struct disk_state *snapshot);
void oracle_fini(struct oracle *oracle);

#endif
