// SPDX-License-Identifier: EUPL-1.2
// The public keys a roster names, one by one, and how people compare keys. PROTOCOL.md 5 and 11.6.
#ifndef SITREP_ROSTER_KEYS_H
#define SITREP_ROSTER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/roster.h"

enum key_kind { KEY_SIGNING, KEY_TRANSPORT, KEY_AUTHORITY, KEY_GROUP, KEY_KINDS };

enum { KEY_LEN = 32, KEY_FINGERPRINT_LEN = 16 };
static_assert((int)KEY_LEN == (int)SIGN_KEY_LEN && (int)KEY_LEN == (int)BOX_KEY_LEN,
              "keys of a roster have one length");

// "signing", "transport", "authority", "group"; never NULL.
const char *key_kind_text(enum key_kind kind);

// What people compare of a public key [11.6]; a group key is compared by its id.
void key_fingerprint(const uint8_t key[static KEY_LEN], uint8_t out[static KEY_FINGERPRINT_LEN]);

struct roster_key {
    enum key_kind kind;   // never KEY_GROUP
    const uint8_t *bytes; // KEY_LEN bytes, in the roster's; NULL where the node has no second key
    uint32_t index;       // of the node, or of the authority
    bool is_second;       // the node's second transport key [5.12]
};

// The places of keys in order: the authorities', then for each node the signing key, the transport
// key, and the second transport key where it has one. `at` is below the count.
size_t roster_keys_count(const struct roster *roster);
struct roster_key roster_key_at(const struct roster *roster, size_t at);

// Where that key stands in the order above, or -1.
int32_t roster_find_key(const struct roster *roster, enum key_kind kind,
                        const uint8_t bytes[static KEY_LEN]);

// Whether that key is an authority's or a node's, of whatever kind.
bool roster_names_key(const struct roster *roster, const uint8_t bytes[static KEY_LEN]);

// -- expiry [5.19]: advice for people, which nothing is refused for --

// Since 1970; 0: never.
uint64_t roster_key_expires_ms(const struct roster *roster, const uint8_t bytes[static KEY_LEN]);

enum expiry_stage {
    EXPIRY_FAR,
    EXPIRY_IN_90_DAYS,
    EXPIRY_IN_30_DAYS,
    EXPIRY_IN_7_DAYS,
    EXPIRY_PAST
};

// How near that moment is; 0 (never) is far.
enum expiry_stage expiry_stage(uint64_t expires_ms, uint64_t now_ms);

#endif
