// SPDX-License-Identifier: EUPL-1.2
// A roster version on its way: proposed, signed one by one, in force when enough have signed.
// PROTOCOL.md 5.13, 5.14.
#ifndef SITREP_PROPOSAL_H
#define SITREP_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cose.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"
#include "sitrep/roster.h"

enum { PROPOSAL_SIGNATURES_MAX = 2 * AUTHORITIES_MAX }; // of the version before and of its own

struct proposal_signature { // genuine
    uint8_t authority[SIGN_KEY_LEN];
    uint8_t signature[SIGNATURE_LEN];
};

struct proposal {
    // The version proposed, as if nobody had signed it: it has no signatures and no
    // signed_document, and never stands for a roster that is in force.
    struct roster *roster;
    struct proposal_signature signatures[PROPOSAL_SIGNATURES_MAX]; // ascending by authority
    size_t signatures_count;
    size_t dropped; // signatures that came with it, or with what was merged, and do not count
};

// Decodes a proposal, or a signed roster, and checks what needs no other version: 5.1-5.3, 5.8,
// 5.9, the threshold. Signatures that are not genuine are dropped. Errors: ERR_MALFORMED,
// ERR_LIMIT, ERR_DENIED (a node's key is weak), ERR_NO_SPACE (memory). On success the caller owns
// *proposal (proposal_destroy).
CHECKED enum err proposal_decode(const uint8_t *bytes, size_t len, struct proposal **proposal);
void proposal_destroy(struct proposal **proposal);

// Whether it may follow `current`, the version in force, once it is signed; drops the signatures
// of whoever is an authority of neither [5.14]. To be called before any of the functions below.
// Errors: ERR_STATE (not the version after), ERR_DENIED (parents, federation), ERR_MALFORMED (as
// roster_check_next).
CHECKED enum err proposal_check(const struct roster *current, struct proposal *proposal);

// Adds the signatures of `other`, a copy of the same proposal that was checked against the same
// version. What is there stays. Errors: ERR_STATE (it is another proposal).
CHECKED enum err proposal_merge(struct proposal *proposal, const struct proposal *other);

// Signs it; signing again changes nothing. Errors: ERR_DENIED (the key is an authority neither of
// `current` nor of the proposed version), ERR_NO_SPACE (memory).
CHECKED enum err proposal_sign(const struct roster *current, struct proposal *proposal,
                               const struct signing_key *authority);

bool proposal_is_signed_by(const struct proposal *proposal,
                           const uint8_t authority[static SIGN_KEY_LEN]);

// How many signatures there are and how many are needed, by the authorities of the version in
// force and by those of the proposed version. One key may count for both. Of rivals in force it is
// the one that lacks most [5.18].
struct proposal_tally {
    size_t before, before_needed;
    size_t own, own_needed;
    bool is_complete; // enough of both, and of every rival [5.6]
};
void proposal_count(const struct roster *current, const struct proposal *proposal,
                    struct proposal_tally *tally);

// The proposal's bytes with the signatures it has; *out is malloc'ed. When proposal_count finds it
// complete they are the signed roster [5.4]. Errors: ERR_NO_SPACE (memory).
CHECKED enum err proposal_encode(const struct proposal *proposal, uint8_t **out, size_t *out_len);

// -- as an entry [5.24] --

#define PROPOSAL_KIND "roster-proposal"

// The body of an entry that carries these proposal's bytes. Returns its length, 0 when it does not
// fit; 64 bytes more than the proposal has are enough.
size_t proposal_body_encode(struct span proposal, uint8_t *out, size_t size);
// *proposal points into the content, and is not checked. Errors: ERR_MALFORMED, ERR_LIMIT.
CHECKED enum err proposal_body_decode(struct span content, struct span *proposal);

#endif
