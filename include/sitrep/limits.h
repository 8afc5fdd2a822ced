// SPDX-License-Identifier: EUPL-1.2
// Every bound of the protocol, with its unit and where it comes from. PROTOCOL.md numbers in
// brackets.
#ifndef SITREP_LIMITS_H
#define SITREP_LIMITS_H

#include <assert.h>
#include <stdint.h>

enum {
    ID_LEN = 32,        // bytes of an entry id, a space id, a federation id, a roster hash
    DIGEST_LEN = 32,    // bytes of BLAKE2b-256
    SIGN_KEY_LEN = 32,  // bytes of an Ed25519 public key or seed
    SIGNATURE_LEN = 64, // bytes of an Ed25519 signature
    BOX_KEY_LEN = 32,   // bytes of an X25519 (CURVE transport) key
    SECRET_LEN = 32,    // bytes of a group secret
    ENTRY_KEY_LEN = 32, // bytes of the key of one entry [4.2]
    TAG_LEN = 8,        // bytes of a group id, a key id and an id's prefix
    FINGERPRINT_LEN = 16,
    SALT_LEN = 16,

    NEST_MAX = 8, // levels of CBOR arrays and maps [1.2]

    SEAL_OVERHEAD = 48,        // salt 16, commitment 16, Poly1305 tag 16 [4.1]
    SEALED_MIN = 49,           // the overhead and the compression byte [3.4]
    SEALED_MAX = 64 * 1024,    // bytes of a sealed body [3.4]
    CONTENT_MAX = 1024 * 1024, // bytes of a body before compression [4.5]
    HEADER_MAX = 192,          // longest header: 1 + 34 + 5 + 9 + 34 + 9 + 1 + 9 + 9 + 5 + 34 = 150
    COSE_HEADER_MAX = 288,     // a COSE_Sign1 of the longest header

    RUN_ENTRIES_MAX = 32,       // entries authenticated by one signature [7.4]
    RUN_SEALED_MAX = 16 * 1024, // sealed bytes in a run of several entries [7.4]
    MESSAGE_MAX =
        96 * 1024, // bytes of a message: a run of one largest entry, or several small runs [8.1]
    MESSAGE_WRAPPED_MAX = MESSAGE_MAX - 16, // of a message in one of type 15: 1 + 1 + 9 + 5
    LANES = 5,                // of a line: control, and one for each precedence [17.1]
    HELD_MAX = 8,             // messages in parts of which something is held for a peer [17.2]
    PARCEL_MAX = 32,          // messages that leave in one [17.9]
    LIVE_BODY_MAX = 8 * 1024, // sealed bytes of an entry that travels on the live plane [8.10]

    NAME_MAX_LEN = 32,   // bytes of a centre code or node name [5.8]
    TITLE_MAX_LEN = 255, // bytes of a title or federation name
    ENDPOINT_MAX_LEN = 255,
    AUTHORITIES_MAX = 64,
    CENTRES_MAX = 512,
    NODES_MAX = 4096,
    ROSTER_MAX = 1024 * 1024, // bytes of a roster document [5.9]
    KIND_MAX_LEN = 32,

    GROUP_AFTER_MAX = 16,     // latest changes of a group that one change names [14.3]
    GROUP_CHANGES_MAX = 1024, // changes of one group that count [14.6]
    KEY_HOPS_MAX = 8,         // peers a question for a key is passed on by [8.11]

    BRANCHES_MAX = 8, // branches kept of one log [10.1]
    WORDS = 6,        // words people compare [6.5]
};

#define SEQ_MAX (UINT64_C(1) << 53) // also the largest count or time in ms [1.3]
#define EPOCH_MAX UINT64_C(0xffffffff)

static_assert(SEALED_MAX + RUN_SEALED_MAX + 8192 <= MESSAGE_WRAPPED_MAX,
              "a run always fits a message");

#endif
