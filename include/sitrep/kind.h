// SPDX-License-Identifier: EUPL-1.2
// The kinds of entries: which fields each has, which states it goes through, and who takes each
// step. PROTOCOL.md 18.
//
// This is the one table of them. What is decoded, what is refused, the options of commands, `sitrep
// kinds` and the API's schema all come from here.
#ifndef SITREP_KIND_H
#define SITREP_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"

// What one value is [18.3]. `most` of the field bounds it.
enum value_type {
    VALUE_LINE,     // text without control characters, at most `most` bytes
    VALUE_TEXT,     // text without U+0000, at most `most` bytes
    VALUE_WORD,     // one of `words`
    VALUE_CODE,     // of a list kept elsewhere: A-Z a-z 0-9 . _ : + / - , at most `most` bytes
    VALUE_LANGUAGE, // BCP 47
    VALUE_FLAG,     // true or false
    VALUE_COUNT,    // a whole number from `least` to `most`
    VALUE_DECIMAL,  // [mantissa, exponent]: mantissa x 10^exponent
    VALUE_TIME,     // ms since 1970, UTC
    VALUE_REF,      // an entry [18.2]
    VALUE_CENTRE,   // by its index in the roster
    VALUE_BYTES,    // at most `most`
    VALUE_TEXTS,    // a VALUE_TEXT in each of some languages: a map by VALUE_LANGUAGE
    VALUE_GEOMETRY, // [18.4]
    VALUE_PARTS,    // a map of the fields in `parts`
    VALUE_TYPES
};

enum {
    STATES_MAX = 8,
    FIELDS_MAX = 48, // of a kind, with those that all kinds have
    NEVER_NEEDED = 0,
    ALWAYS_NEEDED = 0xff,
    STATE_NONE = 0xff,
};

struct field {
    const char *name; // NULL ends a list of fields
    const char *about;
    enum value_type type;
    uint8_t needed; // bit i: in state i
    uint32_t least, most;
    uint32_t items_max;    // above 0: an array of 1 to so many
    bool is_set;           // that array ascends, with none twice
    bool is_kept;          // in memory, as merging, adding up or finding needs it
    bool is_link;          // what it names can be asked who names it
    const char *kept_with; // only beside this field, when not NULL
    const char *of;        // VALUE_REF: it names what began an item of that kind; NULL: any entry
    const char *const *words;
    const struct field *parts;
};

// Who may take a step of an item [18.8].
enum side {
    SIDE_EDITORS,   // the centre that created it, and those it names as editors
    SIDE_ASKER,     // the centre whose request it answers
    SIDE_ADDRESSED, // the centres it is meant for, or the editors
    SIDE_MEMBERS,   // whoever can read it
    SIDES
};

struct step {
    uint8_t from, to; // states
    enum side side;
};

// How entries of a kind make up what is seen [18.5].
enum merge {
    MERGE_NOTHING,  // each stands by itself and is never changed
    MERGE_VERSIONS, // an item has versions; those that none supersedes are its heads
    MERGE_LATEST,   // of one centre and `type` the latest `as_of` holds [18.10]
    MERGE_SYSTEM,   // 5.24, 14, 15 and 16.4 say what it means
};

struct kind {
    const char *name; // NULL ends the table
    const char *about;
    enum merge merge;
    enum side side;             // of changes that keep the state
    const struct field *fields; // besides those that all kinds have
    const char *const *states;  // NULL: it has none; the first is meant when an entry names none
    uint8_t states_begin;       // bit i: an item may begin in state i
    uint8_t states_over;        // bit i: what is in state i is over
    uint16_t current_h;         // hours until it is old [18.20]; 0: it does not get old by itself
    const char *until;          // a field besides valid_to until when it holds; NULL: there is none
    const struct step *steps;
    size_t steps_count;
};

// All kinds, and the fields they have in common.
extern const struct kind kinds[];
extern const struct field common_fields[];

// NULL: this build does not know it.
const struct kind *kind_find(struct span name);

// The field of that name in a list; its end, which has no name, when there is none.
const struct field *field_find(const struct field *fields, struct span name);

// The field of that place in a kind: first the common ones, then its own; NULL behind the last.
const struct field *kind_field(const struct kind *kind, size_t place);

// How many states it has; 0 when it has none.
size_t kind_states_count(const struct kind *kind);

// The place of a state of that name; STATE_NONE: the kind has none such.
uint8_t kind_state(const struct kind *kind, struct span name);

// Whether nothing more is expected of what is in that state, which may be STATE_NONE.
bool kind_is_over(const struct kind *kind, uint8_t state);

// Whether an item of that kind may go from one state to the other, and whose step that is. Staying
// in a state is one, too.
bool kind_allows(const struct kind *kind, uint8_t from, uint8_t to, enum side *side);

#endif
