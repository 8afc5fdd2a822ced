// SPDX-License-Identifier: EUPL-1.2
// What may stand in one field of a roster or a request [5.8, 5.9].
#ifndef TRUST_ROSTER_RULES_H
#define TRUST_ROSTER_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sitrep/cbor.h"
#include "sitrep/limits.h"

// What people typed, as a roster holds it.
static inline struct span roster_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

// A title, federation name, country or level: 1..TITLE_MAX_LEN bytes of UTF-8 without control
// characters.
bool roster_title_is_valid(struct span text);

// A language tag: 1..35 letters, digits and `-`.
bool roster_lang_is_valid(struct span lang);

// Points of small order, in any encoding: they are nobody's key [5.8].
bool signing_key_is_weak(const uint8_t key[static SIGN_KEY_LEN]);
bool transport_key_is_weak(const uint8_t key[static BOX_KEY_LEN]);

#endif
