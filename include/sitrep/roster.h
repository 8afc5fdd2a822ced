// SPDX-License-Identifier: EUPL-1.2
// The roster: who is in the federation, and who may change that. PROTOCOL.md 5.
//
// A struct roster is one decoded version. It owns one copy of the signed bytes, and everything in
// it points there.
#ifndef SITREP_ROSTER_H
#define SITREP_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/cose.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

// What one roster, centre or node may have of each.
enum { ROSTER_PARENTS_MAX = 8, ROSTER_TITLES_MAX = 16, ROSTER_ENDPOINTS_MAX = 8 };

struct roster_index; // its nodes and centres, sorted by key and name

struct roster_title {
    struct span lang; // BCP 47
    struct span text;
};

struct roster_centre {
    struct span code;
    struct roster_title *titles; // at least one
    size_t titles_count;
    struct span country;    // empty when null
    struct span level;      // empty when null
    struct span extensions; // the encoded map, kept as it came
};

struct roster_endpoint {
    struct span sync; // tcp://HOST:PORT
    struct span live;
};

struct roster_node {
    struct span name;
    uint32_t centre;          // index
    const uint8_t *signing;   // SIGN_KEY_LEN bytes
    const uint8_t *transport; // BOX_KEY_LEN bytes
    // A second one, admitted as well, while it changes [5.12]: BOX_KEY_LEN bytes, or NULL.
    const uint8_t *transport_also;
    struct roster_endpoint *endpoints;
    size_t endpoints_count;
    bool is_revoked;
    uint64_t revoked_epoch; // the last epoch and seq that count
    uint64_t revoked_seq;
    struct span extensions;
};

struct roster_signature {     // valid, by one who may not be an authority of this version
    const uint8_t *authority; // SIGN_KEY_LEN bytes
    const uint8_t *signature; // SIGNATURE_LEN bytes
};

// When people say that a key shall have been replaced [5.19].
struct roster_expiry {
    const uint8_t *key; // 32 bytes, of an authority or a node
    uint64_t expires_ms;
};

struct roster {
    uint64_t version;
    uint8_t federation[ID_LEN]; // of version 1 too, where the document has null
    uint8_t hash[ID_LEN];
    const uint8_t (*parents)[ID_LEN];
    size_t parents_count;
    struct span name;
    uint32_t threshold;
    const uint8_t **authorities; // SIGN_KEY_LEN bytes each
    size_t authorities_count;
    struct roster_centre *centres;
    size_t centres_count;
    struct roster_node *nodes;
    size_t nodes_count;
    uint64_t expires_ms;                  // 0 when it does not expire
    const struct roster_expiry *expiries; // ascending by key; what `extensions` says of them
    size_t expiries_count;
    struct span extensions;
    struct span document;        // the roster's own bytes
    struct span signed_document; // the signed roster's bytes
    const struct roster_signature *signatures;
    size_t signatures_count;
    const struct roster_index *index;
    // What stands while several rosters are in force: these, 2 or more, ascending by hash, and
    // owned by this one, which nobody signed (roster_stand). None for a roster that somebody
    // signed.
    const struct roster *const *rivals;
    size_t rivals_count;
};

// Decodes a signed roster and checks its shape and every rule that needs no other version
// (5.1-5.4, 5.8, 5.9), that each signature in it is valid and by one of `authorities` of this or,
// for versions above 1, possibly of the version before (then it is left to roster_check_next), and
// the threshold among its own authorities. Errors: ERR_MALFORMED, ERR_LIMIT, ERR_DENIED
// (signatures, weak keys), ERR_NO_SPACE (memory). On success the caller owns *roster
// (roster_destroy).
CHECKED enum err roster_decode(const uint8_t *bytes, size_t len, struct roster **roster);

void roster_destroy(struct roster **roster);

// Whether `next` may follow `current` [5.5-5.7, 5.10]; where rivals are in force it settles them,
// all of them [5.18]. Errors: ERR_STATE (not the version after), ERR_DENIED (parents, signatures,
// federation), ERR_MALFORMED (a list shrank, an index changed its meaning, or a revoked node came
// back).
CHECKED enum err roster_check_next(const struct roster *current, const struct roster *next);

// The same for a `next` whose parents are these, in any order, 1..ROSTER_PARENTS_MAX of them; each
// was signed. `next` may go on from one of several rivals: then the fork goes on with it [5.18].
CHECKED enum err roster_check_follows(const struct roster *const *parents, size_t count,
                                      const struct roster *next);

// Whether `rival` may come into force beside the newest of those held, whose signed versions these
// are, 1.. in any order, all that they follow among them. `rival` is valid and follows some of
// them; not asked of what goes on from all that it parts from, or settles a fork. Quadratic in
// `count`. Errors: ERR_DENIED (late: it reaches back behind a change of authorities [5.23]),
// ERR_NO_SPACE (memory).
CHECKED enum err roster_check_rival(const struct roster *const *held, size_t count,
                                    const struct roster *rival);

// What stands of the rosters in force, 1..ROSTER_PARENTS_MAX of them in any order, each signed and
// none twice: the one there is, or what all of them allow [5.18]. On success *standing owns them.
// Errors: ERR_NO_SPACE (memory).
CHECKED enum err roster_stand(struct roster *const *rosters, size_t count,
                              struct roster **standing);

// Whether `one` and `other` are two different versions that may both follow `before`: a fork of the
// roster, which proves that somebody signed both [5.18]. On success `signers` are the authorities
// of `before` who did, as pointers into `before`, at least one. Errors: ERR_STATE (they are the
// same), else those of roster_check_next, for either.
CHECKED enum err roster_check_fork(const struct roster *before, const struct roster *one,
                                   const struct roster *other,
                                   const uint8_t *signers[static AUTHORITIES_MAX], size_t *count);

// The hashes of the rosters in force, ascending: its own, or its rivals'. Returns their number;
// they are the roster's.
size_t roster_hashes(const struct roster *roster, const uint8_t (**hashes)[ID_LEN]);

// What a beacon with that time says of them [8.2].
void roster_tag(const struct roster *roster, uint64_t time_ms, uint8_t tag[static TAG_LEN]);

// The authorities that signed two of its rivals with a parent in common, each once: what an honest
// one never does. They are the roster's.
size_t roster_fork_signers(const struct roster *roster,
                           const uint8_t *signers[static 2 * AUTHORITIES_MAX]);

// The index of the node with that key or name, or -1. Revoked nodes are found too, and
// nodes by either transport key.
int32_t roster_find_signing(const struct roster *roster,
                            const uint8_t signing[static SIGN_KEY_LEN]);
int32_t roster_find_transport(const struct roster *roster,
                              const uint8_t transport[static BOX_KEY_LEN]);
int32_t roster_find_name(const struct roster *roster, const char *name, size_t len);
int32_t roster_find_centre(const struct roster *roster, const char *code, size_t len);
// Whether a node of that centre is not revoked.
bool roster_has_node(const struct roster *roster, uint32_t centre);

// The last seq of that node's log in `epoch` that counts [5.11]: SEQ_MAX where nothing is revoked,
// 0 where nothing counts. `node` is an index of the roster.
uint64_t roster_counts_to(const struct roster *roster, uint32_t node, uint64_t epoch);

// What a new version is made from. All text is NUL-terminated and borrowed for the call.
struct roster_founding {
    const char *name; // of the federation
    const char *centre_code, *centre_title;
    const char *node_name;
    const char *sync_endpoint, *live_endpoint;
    const uint8_t *signing, *transport; // the first node's public keys
    uint64_t keys_expire_ms;            // these and the authority's, since 1970; 0: never
};

// Encodes and signs version 1 with one authority and threshold 1. *out is malloc'ed.
// Errors: ERR_MALFORMED, ERR_LIMIT (a name, title or endpoint breaks 5.8 or 5.9).
CHECKED enum err roster_found(const struct roster_founding *founding,
                              const struct signing_key *authority, uint8_t **out, size_t *out_len);

struct request; // sitrep/invitation.h

// Encodes and signs the version after `current` in which the requested node (and its centre, when
// new) is admitted. *out is malloc'ed. Errors: ERR_STATE (its name or keys are already there, the
// threshold asks for more than one signature, or rivals are in force), ERR_DENIED (authority is not
// of `current`), ERR_MALFORMED (the request breaks 5.8 or 5.9), ERR_LIMIT.
CHECKED enum err roster_admit(const struct roster *current, const struct request *request,
                              const struct signing_key *authority, uint8_t **out, size_t *out_len);

// Rules 5.8 and 5.9 for what people type.
bool roster_name_is_valid(const char *name, size_t len);
bool roster_endpoint_is_valid(const char *endpoint, size_t len);

#endif
