// SPDX-License-Identifier: EUPL-1.2
// The expiries of a roster that is being made [5.19].
#ifndef TRUST_EXPIRIES_H
#define TRUST_EXPIRIES_H

#include "sitrep/roster.h"

struct expiries {
    struct roster_expiry *list; // ascending by key; the keys are borrowed
    size_t count;
};

// Begins with those of a roster; with none for NULL. Errors: ERR_NO_SPACE.
CHECKED enum err expiries_init(struct expiries *expiries, const struct roster *roster);
void expiries_fini(struct expiries *expiries);

// 0: never. Errors: ERR_STATE (so it stands), ERR_LIMIT (over 2^53), ERR_NO_SPACE.
CHECKED enum err expiries_set(struct expiries *expiries, const uint8_t key[static SIGN_KEY_LEN],
                              uint64_t expires_ms);
void expiries_remove(struct expiries *expiries, size_t at);

// The map `extensions` with these in it, malloc'ed. Errors: ERR_NO_SPACE.
CHECKED enum err expiries_write(const struct expiries *expiries, struct span extensions,
                                uint8_t **out, size_t *out_len);

#endif
