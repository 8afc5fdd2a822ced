// SPDX-License-Identifier: EUPL-1.2
// The keys of a roster in one order, and fingerprints. What a key may do is not known here.
#include "sitrep/roster_keys.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

const char *key_kind_text(enum key_kind kind)
{
    static const char *const texts[KEY_KINDS] = {"signing", "transport", "authority", "group"};
    assert(kind < KEY_KINDS);
    return texts[kind];
}

void key_fingerprint(const uint8_t key[static KEY_LEN], uint8_t out[static KEY_FINGERPRINT_LEN])
{
    static const uint8_t prefix[] = "sitrep/fingerprint/1";
    uint8_t hash[DIGEST_LEN];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    (void)crypto_generichash_update(&state, prefix, sizeof prefix - 1);
    (void)crypto_generichash_update(&state, key, KEY_LEN);
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(out, hash, KEY_FINGERPRINT_LEN);
}

size_t roster_keys_count(const struct roster *roster)
{
    assert(roster);
    return roster->authorities_count + 2 * roster->nodes_count;
}

struct roster_key roster_key_at(const struct roster *roster, size_t at)
{
    assert(at < roster_keys_count(roster));
    if (at < roster->authorities_count) {
        return (struct roster_key){KEY_AUTHORITY, roster->authorities[at], (uint32_t)at};
    }
    at -= roster->authorities_count;
    const struct roster_node *node = &roster->nodes[at / 2];
    return at % 2 == 0 ? (struct roster_key){KEY_SIGNING, node->signing, (uint32_t)(at / 2)}
                       : (struct roster_key){KEY_TRANSPORT, node->transport, (uint32_t)(at / 2)};
}

static int32_t find_authority(const struct roster *roster, const uint8_t bytes[static KEY_LEN])
{
    for (size_t i = 0; i < roster->authorities_count; i++) {
        if (memcmp(roster->authorities[i], bytes, KEY_LEN) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t roster_find_key(const struct roster *roster, enum key_kind kind,
                        const uint8_t bytes[static KEY_LEN])
{
    assert(roster && kind < KEY_GROUP);
    if (kind == KEY_AUTHORITY) {
        return find_authority(roster, bytes);
    }
    const int32_t node = kind == KEY_SIGNING ? roster_find_signing(roster, bytes)
                                             : roster_find_transport(roster, bytes);
    return node < 0 ? -1 : (int32_t)roster->authorities_count + 2 * node + (kind == KEY_TRANSPORT);
}
