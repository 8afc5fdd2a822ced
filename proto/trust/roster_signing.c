// SPDX-License-Identifier: EUPL-1.2
// The hash of a roster and the signatures over it. How many are enough is decided by the callers.
#include "trust/roster_signing.h"

#include <string.h>

#include <sodium.h>

#include "wire/roster_bytes.h"

static const uint8_t use[] = {'s', 'i', 't', 'r', 'e', 'p', '/', 'r',
                              'o', 's', 't', 'e', 'r', '/', '1'}; // [2.3, 5.4]

void roster_hash(struct span document, uint8_t hash[static ID_LEN])
{
    crypto_generichash_blake2b(hash, ID_LEN, document.bytes, document.len, use, sizeof use);
}

size_t roster_hashes(const struct roster *roster, const uint8_t (**hashes)[ID_LEN])
{
    *hashes = roster->rivals_count > 0 ? roster->parents : &roster->hash;
    return roster->rivals_count > 0 ? roster->rivals_count : 1;
}

static bool has_parent(const struct roster *roster, const uint8_t hash[static ID_LEN])
{
    for (size_t i = 0; i < roster->parents_count; i++) {
        if (memcmp(roster->parents[i], hash, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_common_parent(const struct roster *one, const struct roster *other)
{
    for (size_t i = 0; i < one->parents_count; i++) {
        if (has_parent(other, one->parents[i])) {
            return true;
        }
    }
    return false;
}

static bool signed_another(const struct roster *roster, size_t rival, const uint8_t *key)
{
    for (size_t r = 0; r < roster->rivals_count; r++) {
        if (r != rival && has_common_parent(roster->rivals[r], roster->rivals[rival]) &&
            roster_is_signed_by(roster->rivals[r], key)) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const uint8_t *const *keys, size_t count, const uint8_t *key)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i], key, SIGN_KEY_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static size_t add_signers(const struct roster *roster, size_t rival, const uint8_t **signers,
                          size_t count)
{
    const struct roster *of = roster->rivals[rival];
    for (size_t i = 0; i < of->signatures_count; i++) {
        const uint8_t *key = of->signatures[i].authority;
        if (count < ROSTER_SIGNATURES_MAX && signed_another(roster, rival, key) &&
            !is_listed(signers, count, key)) {
            signers[count++] = key;
        }
    }
    return count;
}

size_t roster_fork_signers(const struct roster *roster,
                           const uint8_t *signers[static 2 * AUTHORITIES_MAX])
{
    size_t count = 0;
    for (size_t r = 0; r < roster->rivals_count; r++) {
        count = add_signers(roster, r, signers, count);
    }
    return count;
}

void roster_tag(const struct roster *roster, uint64_t time_ms, uint8_t tag[static TAG_LEN])
{
    static const uint8_t key[] = {'s', 'i', 't', 'r', 'e', 'p', '/', 'r', 'o', 's',
                                  't', 'e', 'r', '-', 't', 'a', 'g', '/', '1'}; // [8.2]
    uint8_t bytes[8 + ROSTER_PARENTS_MAX * ID_LEN];
    uint8_t hash[ID_LEN];
    const uint8_t(*hashes)[ID_LEN];
    const size_t count = roster_hashes(roster, &hashes);
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(time_ms >> (56 - 8 * i));
    }
    memcpy(bytes + 8, hashes, count * ID_LEN);
    crypto_generichash_blake2b(hash, sizeof hash, bytes, 8 + count * ID_LEN, key, sizeof key);
    memcpy(tag, hash, TAG_LEN);
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
