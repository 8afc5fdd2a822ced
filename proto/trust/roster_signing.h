// SPDX-License-Identifier: EUPL-1.2
// Signatures of a roster: made, checked, counted [2.3, 5.4, 5.6].
#ifndef TRUST_ROSTER_SIGNING_H
#define TRUST_ROSTER_SIGNING_H

#include "sitrep/roster.h"

void roster_hash(struct span document, uint8_t hash[static ID_LEN]);

// Errors: ERR_NO_SPACE.
CHECKED enum err roster_sign(const struct signing_key *authority, struct span document,
                             uint8_t signature[static SIGNATURE_LEN]);

// Errors: ERR_DENIED, ERR_NO_SPACE.
CHECKED enum err roster_verify(const uint8_t authority[static SIGN_KEY_LEN], struct span document,
                               const uint8_t signature[static SIGNATURE_LEN]);

bool roster_has_authority(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN]);

bool roster_is_signed_by(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN]);

// How many of `signed_by`'s authorities signed `roster`; each counts once, by its bytes.
size_t roster_count_signatures(const struct roster *roster, const struct roster *signed_by);

#endif
