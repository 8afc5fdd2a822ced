// SPDX-License-Identifier: EUPL-1.2
// The hash of a roster and the signatures over it. How many are enough is decided by the callers.
#include "trust/roster_signing.h"

#include <string.h>

#include <sodium.h>

static const uint8_t use[] = {'s', 'i', 't', 'r', 'e', 'p', '/', 'r',
                              'o', 's', 't', 'e', 'r', '/', '1'}; // [2.3, 5.4]

void roster_hash(struct span document, uint8_t hash[static ID_LEN])
{
    crypto_generichash_blake2b(hash, ID_LEN, document.bytes, document.len, use, sizeof use);
}

enum err roster_sign(const struct signing_key *authority, struct span document,
                     uint8_t signature[static SIGNATURE_LEN])
{
    return cose_sign(authority, (struct span){use, sizeof use}, document, signature);
}

enum err roster_verify(const uint8_t authority[static SIGN_KEY_LEN], struct span document,
                       const uint8_t signature[static SIGNATURE_LEN])
{
    return cose_verify(authority, (struct span){use, sizeof use}, document, signature);
}

bool roster_has_authority(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN])
{
    for (size_t i = 0; i < roster->authorities_count; i++) {
        if (memcmp(roster->authorities[i], key, SIGN_KEY_LEN) == 0) {
            return true;
        }
    }
    return false;
}

bool roster_is_signed_by(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN])
{
    for (size_t i = 0; i < roster->signatures_count; i++) {
        if (memcmp(roster->signatures[i].authority, key, SIGN_KEY_LEN) == 0) {
            return true;
        }
    }
    return false;
}

size_t roster_count_signatures(const struct roster *roster, const struct roster *signed_by)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->signatures_count; i++) {
        // The list is strictly ascending [5.4], so each key is met once.
        if (roster_has_authority(signed_by, roster->signatures[i].authority)) {
            count++;
        }
    }
    return count;
}
