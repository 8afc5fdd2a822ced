// SPDX-License-Identifier: EUPL-1.2
// Names derived from a space: exercises, the group of all members, key ids [3.8, 4.8].
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/exercise.h"
#include "sitrep/group.h"
#include "sitrep/seal.h"

// BLAKE2b-256(key; label | rest), `label` without its NUL.
static void derive(uint8_t hash[static 32], const uint8_t key[static 32], const char *label,
                   const void *rest, size_t rest_len)
{
    crypto_generichash_blake2b_state state;
    int failed = crypto_generichash_blake2b_init(&state, key, 32, 32);
    failed |= crypto_generichash_blake2b_update(&state, (const uint8_t *)label, strlen(label));
    failed |= crypto_generichash_blake2b_update(&state, rest, rest_len);
    failed |= crypto_generichash_blake2b_final(&state, hash, 32);
    assert(!failed);
    (void)failed;
    sodium_memzero(&state, sizeof state);
}

void group_key_hash(const uint8_t group[static TAG_LEN], const uint8_t secret[static SECRET_LEN],
                    uint8_t hash[static DIGEST_LEN])
{
    derive(hash, secret, "sitrep/key/1", group, TAG_LEN);
}

void group_key_derive(struct group_key *key, const uint8_t group[static TAG_LEN],
                      const uint8_t secret[static SECRET_LEN])
{
    assert(key);
    uint8_t hash[DIGEST_LEN];
    group_key_hash(group, secret, hash);
    memcpy(key->id, hash, TAG_LEN);
    memmove(key->group, group, TAG_LEN);
    memmove(key->secret, secret, SECRET_LEN);
}

void group_id_derive(const uint8_t founding[static ID_LEN], uint8_t group[static TAG_LEN])
{
    uint8_t hash[32];
    derive(hash, founding, "sitrep/group/1", NULL, 0);
    memcpy(group, hash, TAG_LEN);
}

void group_all_members(const uint8_t space[static ID_LEN], uint8_t group[static TAG_LEN])
{
    uint8_t hash[32];
    derive(hash, space, "sitrep/group/1", "all", 3);
    memcpy(group, hash, TAG_LEN);
}

void space_of_exercise(const uint8_t federation[static ID_LEN], const char *name,
                       uint8_t space[static ID_LEN])
{
    assert(name);
    uint8_t hash[32];
    derive(hash, federation, "exercise", name, strlen(name));
    memcpy(space, hash, ID_LEN);
}
