// SPDX-License-Identifier: EUPL-1.2
// What the body of an entry says, field by field. PROTOCOL.md 18.
#ifndef SITREP_CONTENT_H
#define SITREP_CONTENT_H

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/kind.h"
#include "sitrep/limits.h"

// An entry, as others name it [18.2].
struct ref {
    uint32_t author; // index in the roster
    uint32_t epoch;
    uint64_t seq;
    uint8_t tag[TAG_LEN]; // of its id
};

enum { REF_MAX = 1 + 3 + 5 + 9 + 1 + TAG_LEN }; // bytes of one

void ref_put(struct cbor_writer *writer, const struct ref *ref);
// Fails the reader when no reference is next.
void ref_get(struct cbor_reader *reader, struct ref *ref);
// Below, at or above 0: the order of references [18.2].
int ref_compare(const struct ref *a, const struct ref *b);

// A body of a known kind that keeps 18. The values lie in the body, and are absent when their
// `bytes` are NULL.
struct content {
    const struct kind *kind;
    struct span values[FIELDS_MAX]; // by the place of kind_field
    uint8_t state;                  // of the kind's states, or STATE_NONE
};

enum fault {
    FAULT_NONE,
    FAULT_MISSING,    // a field that is needed
    FAULT_VALUE,      // is not what the field takes
    FAULT_STATE,      // the kind has no such state
    FAULT_BEGIN,      // nothing of the kind begins in that state
    FAULT_UNCHANGING, // entries of the kind are never changed: no item, supersedes, editors
    FAULT_SUPERSEDES, // goes with item, and only with it
};

// What is wrong with a body. `part` is the one of `field`'s parts that is to blame, or NULL.
struct content_fault {
    enum fault fault;
    const struct kind *kind;
    const struct field *field, *part;
};

// Reads a body that body_check accepts. `content` is written only on success, `why` always.
// Errors: ERR_NOT_FOUND (its kind is not known, and all of it is allowed), ERR_MALFORMED.
CHECKED enum err content_read(struct span body, struct content *content, struct content_fault *why);

// The value of the field `name`, which the kind must have; `bytes` is NULL when it is absent.
struct span content_get(const struct content *content, const char *name);
// Whether the kind has such a field, and the body a value of it.
bool content_has(const struct content *content, const char *name);

#define CURRENT_ALWAYS UINT64_MAX

// Until when what a sound body says is current, in ms since 1970; afterwards it is old [18.20].
// `kind` and `state` are its own. CURRENT_ALWAYS: it does not get old.
uint64_t body_current_until(struct span body, const struct kind *kind, uint8_t state,
                            uint64_t written_ms);

// What a field takes, in English words, as "text of 1 to 120 bytes on one line". Cut to `size`.
void field_rule(const struct field *field, char *out, size_t size);
// What is wrong, in English words, as "\"quantity\" is needed". Cut to `size`.
void content_fault_text(const struct content_fault *why, char *out, size_t size);

#endif
