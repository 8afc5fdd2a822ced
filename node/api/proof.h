// SPDX-License-Identifier: EUPL-1.2
// The proof that its author signed an entry: the headers from it up to the next signed one of its
// chain, and that one's signature [3.6].
#ifndef NODE_API_PROOF_H
#define NODE_API_PROOF_H

#include "api/call.h"

// A run has one signature in RUN_ENTRIES_MAX entries, so the next signed entry is near.
enum { PROOF_MAX = RUN_ENTRIES_MAX };

struct proof {
    size_t count;
    struct {
        uint8_t bytes[HEADER_MAX];
        size_t len;
    } headers[PROOF_MAX];
    uint8_t signature[SIGNATURE_LEN]; // over the last header
    struct name signer;               // of the last entry
};

// The proof of entry `seq` of `named`'s chain. Reports damage on the way to the desk. Errors:
// ERR_CORRUPT (damage), ERR_NOT_FOUND (not held, or no signature near), the store's.
CHECKED enum err proof_make(struct proof *proof, const struct desk_view *desk_view,
                            const struct named *named, uint64_t seq);

#endif
