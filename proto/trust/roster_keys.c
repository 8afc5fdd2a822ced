// SPDX-License-Identifier: EUPL-1.2
// The keys of a roster in one order, their expiry, and fingerprints. What a key may do is not known
// here.
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

enum { PLACES_OF_NODE = 3 };

size_t roster_keys_count(const struct roster *roster)
{
    assert(roster);
    return roster->authorities_count + PLACES_OF_NODE * roster->nodes_count;
}

struct roster_key roster_key_at(const struct roster *roster, size_t at)
{
    assert(at < roster_keys_count(roster));
    if (at < roster->authorities_count) {
        return (struct roster_key){KEY_AUTHORITY, roster->authorities[at], (uint32_t)at, false};
    }
    at -= roster->authorities_count;
    const uint32_t index = (uint32_t)(at / PLACES_OF_NODE);
    const struct roster_node *node = &roster->nodes[index];
    switch (at % PLACES_OF_NODE) {
    case 0:
        return (struct roster_key){KEY_SIGNING, node->signing, index, false};
    case 1:
        return (struct roster_key){KEY_TRANSPORT, node->transport, index, false};
    default:
        return (struct roster_key){KEY_TRANSPORT, node->transport_also, index, true};
    }
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
    if (node < 0) {
        return -1;
    }
    const int32_t first = (int32_t)roster->authorities_count + PLACES_OF_NODE * node;
    if (kind == KEY_SIGNING) {
        return first;
    }
    return memcmp(roster->nodes[node].transport, bytes, KEY_LEN) == 0 ? first + 1 : first + 2;
}

bool roster_names_key(const struct roster *roster, const uint8_t bytes[static KEY_LEN])
{
    return roster_find_signing(roster, bytes) >= 0 || roster_find_transport(roster, bytes) >= 0 ||
           find_authority(roster, bytes) >= 0;
}

uint64_t roster_key_expires_ms(const struct roster *roster, const uint8_t bytes[static KEY_LEN])
{
    size_t low = 0;
    size_t high = roster->expiries_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = memcmp(roster->expiries[middle].key, bytes, KEY_LEN);
        if (order == 0) {
            return roster->expiries[middle].expires_ms;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

enum expiry_stage expiry_stage(uint64_t expires_ms, uint64_t now_ms)
{
    static const uint64_t day_ms = UINT64_C(24) * 3600 * 1000;
    if (expires_ms == 0) {
        return EXPIRY_FAR;
    }
    if (expires_ms <= now_ms) {
        return EXPIRY_PAST;
    }
    const uint64_t left_ms = expires_ms - now_ms;
    if (left_ms <= 7 * day_ms) {
        return EXPIRY_IN_7_DAYS;
    }
    if (left_ms <= 30 * day_ms) {
        return EXPIRY_IN_30_DAYS;
    }
    return left_ms <= 90 * day_ms ? EXPIRY_IN_90_DAYS : EXPIRY_FAR;
}
