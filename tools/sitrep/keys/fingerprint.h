// SPDX-License-Identifier: EUPL-1.2
// The fingerprint of a public key, as 'sitrep keys' shows it and people read it to each other.
#ifndef SITREP_KEYS_FINGERPRINT_H
#define SITREP_KEYS_FINGERPRINT_H

#include "sitrep/roster_keys.h"

enum { FINGERPRINT_TEXT_MAX = 2 * KEY_FINGERPRINT_LEN + 1 };

// In hexadecimal digits, NUL-terminated [11.6].
void fingerprint_text(const uint8_t key[static KEY_LEN], char out[static FINGERPRINT_TEXT_MAX]);

#endif
