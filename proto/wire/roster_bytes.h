// SPDX-License-Identifier: EUPL-1.2
// A roster's bytes and its struct: shape and bounds of 5.1-5.4 and 5.9. What the fields may say is
// trust/'s business.
#ifndef WIRE_ROSTER_BYTES_H
#define WIRE_ROSTER_BYTES_H

#include "sitrep/roster.h"

enum {
    // Authorities of this version and of the one before [5.6].
    ROSTER_SIGNATURES_MAX = 2 * AUTHORITIES_MAX,
    ROSTER_SIGNATURE_LEN = 1 + 34 + 66,
    SIGNED_ROSTER_MAX = ROSTER_MAX + 16 + ROSTER_SIGNATURES_MAX * ROSTER_SIGNATURE_LEN,
};

// Names of extensions.
#define EXTENSION_TRANSPORT_ALSO "transport-also" // of a node [5.12]
#define EXTENSION_KEY_EXPIRES "key-expires"       // of a roster [5.19]

// A decoded roster with the memory behind it.
struct roster_memory {
    struct roster roster; // first, so that a pointer to it is a pointer to all
    uint8_t parents[ROSTER_PARENTS_MAX][ID_LEN];
    const uint8_t *authorities[AUTHORITIES_MAX];
    struct roster_signature signatures[ROSTER_SIGNATURES_MAX];
    struct roster_title *titles; // of all centres, titles_used of them
    size_t titles_used;
    struct roster_endpoint *endpoints; // of all nodes
    size_t endpoints_used;
    struct roster_expiry *expiries;
    struct roster_index *index; // trust/ makes and destroys it, and the rivals
    struct roster *rivals[ROSTER_PARENTS_MAX];
    uint8_t bytes[]; // the signed document
};

struct roster_bounds {
    size_t signatures_min;
    size_t document_max; // bytes: ROSTER_MAX for what travels
};

// Copies `bytes` and reads them; fewer signatures are ERR_MALFORMED, a longer document ERR_LIMIT.
// `federation` stays zero in version 1, `hash` and `index` in all. Errors: ERR_MALFORMED,
// ERR_LIMIT, ERR_NO_SPACE.
CHECKED enum err roster_memory_read(const uint8_t *bytes, size_t len, struct roster_bounds bounds,
                                    struct roster_memory **memory);
void roster_memory_destroy(struct roster_memory **memory);

// Writes the roster document [5.1]: not the hash, the signatures, or the spans of the documents.
// What an extension says and a field too, it takes from the field.
void roster_document_put(struct cbor_writer *writer, const struct roster *roster);

// Writes `extensions` of a roster with these expiries in them, ascending by key, or with none
// [5.19]. `value` is room for their encoding, at most EXPIRY_LEN bytes each and 3 more.
enum { EXPIRY_LEN = 1 + 34 + 9 };
void roster_extensions_put(struct cbor_writer *writer, struct span extensions,
                           const struct roster_expiry *expiries, size_t count,
                           struct cbor_writer *value);

// Writes a document with signatures, which are ascending by authority [5.4].
void signed_roster_put(struct cbor_writer *writer, struct span document,
                       const struct roster_signature *signatures, size_t count);

#endif
