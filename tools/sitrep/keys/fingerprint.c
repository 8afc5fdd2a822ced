// SPDX-License-Identifier: EUPL-1.2
// Writes a key's fingerprint as digits. What it is computed from is roster_keys.h's.
#include "sitrep/keys/fingerprint.h"

#include <sodium.h>

void fingerprint_text(const uint8_t key[static KEY_LEN], char out[static FINGERPRINT_TEXT_MAX])
{
    uint8_t bytes[KEY_FINGERPRINT_LEN];
    key_fingerprint(key, bytes);
    (void)sodium_bin2hex(out, FINGERPRINT_TEXT_MAX, bytes, sizeof bytes);
}
