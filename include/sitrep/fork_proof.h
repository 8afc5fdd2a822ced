// SPDX-License-Identifier: EUPL-1.2
// The proof of a fork: signed headers that show that one author wrote different entries in one
// place. Needs nothing but itself and, to know whose key it is, a roster. PROTOCOL.md 10.6.
#ifndef SITREP_FORK_PROOF_H
#define SITREP_FORK_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

// From the entry where the branches part up to the next signed one.
struct fork_branch {
    struct span headers[RUN_ENTRIES_MAX]; // encoded; borrowed, or in the decoded bytes
    size_t headers_count;                 // at least one
    uint8_t signature[SIGNATURE_LEN];     // over the last
    uint8_t id[ID_LEN];                   // of the first
    uint64_t time;                        // of the first: what its author's clock said [3.3]
};

struct fork_proof {
    uint8_t space[ID_LEN];
    uint8_t author[SIGN_KEY_LEN];
    uint64_t epoch;
    uint64_t seq;                              // of the first entry of each branch
    struct fork_branch branches[BRANCHES_MAX]; // ascending by id
    size_t branches_count;                     // at least two, once it is whole
};

enum { FORK_PROOF_MAX = 64 * 1024 }; // bytes of the longest

// Checks everything: the shape, that headers follow each other, and the signatures. The proof
// points into `bytes`. Errors: ERR_MALFORMED, ERR_LIMIT, ERR_DENIED (a signature is not the
// author's over these bytes).
CHECKED enum err fork_proof_decode(const uint8_t *bytes, size_t len, struct fork_proof *proof);

// Puts a branch where its id belongs; of the branch, `headers`, `headers_count` and `signature` are
// filled in. The first one says what the proof is about; `space` is. Checks what
// fork_proof_decode checks of a branch. Errors: ERR_MALFORMED (the branch is none, or none of that
// place), ERR_STATE (it is there), ERR_LIMIT (there are BRANCHES_MAX), ERR_DENIED.
CHECKED enum err fork_proof_add(struct fork_proof *proof, const struct fork_branch *branch);

// The bytes of a whole proof; returns their length.
size_t fork_proof_encode(const struct fork_proof *proof, uint8_t out[static FORK_PROOF_MAX]);

#endif
