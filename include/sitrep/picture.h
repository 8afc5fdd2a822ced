// SPDX-License-Identifier: EUPL-1.2
// The shared operational picture: from entries in any order to items, each with its versions, those
// that hold, and what contradicts what. PROTOCOL.md 18.
//
// Deterministic: from the same entries and the same roster follows the same picture, in whatever
// order they came, and however often. It reads no clock and opens nothing: who has the entries says
// what is in them.
#ifndef SITREP_PICTURE_H
#define SITREP_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/content.h"
#include "sitrep/err.h"

#define PICTURE_NONE UINT32_MAX

enum { PICTURE_PARENTS_MAX = 16 }; // versions that one replaces [18.5]

struct picture;

// An entry that counts, opened.
struct picture_entry {
    struct ref ref;
    uint64_t written_ms; // by its author's clock
    uint64_t arrived_ms; // by ours; what was known at a moment follows from it, nothing else
    uint8_t precedence;  // enum precedence
    uint16_t group;      // it is sealed for, by a number of the caller's; see struct picture_view
    struct span body;
};

// How a version stands [18.6].
enum standing {
    STANDING_COUNTS,
    STANDING_PROPOSED, // by a centre that may only propose it
    STANDING_MISSTEP,  // there is no such step from any version it replaces
    STANDING_WAITS,    // for what it replaces; or what began the item is of another kind
    STANDINGS
};

// What is known of one entry.
struct picture_version {
    struct ref ref;
    const struct kind *kind; // NULL: not known, not sound, or not here
    uint32_t item;           // the entry that began it; PICTURE_NONE: no version of anything
    uint32_t centre;         // its author's; PICTURE_NONE: not in the roster
    uint8_t state;           // of its kind, or STATE_NONE
    uint8_t precedence;
    enum standing standing;
    bool is_here;       // else others only name it
    bool is_replaced;   // by a version that counts; what counts and is not is a head
    bool lacks_parents; // some of what it replaces is not here
    uint64_t written_ms, arrived_ms;
    struct span kept; // a body of the fields that the table keeps; until the picture's end
};

// How an item stands.
struct picture_item {
    uint32_t began; // the entry it began with, which may not be here
    const struct kind *kind;
    size_t versions, heads, proposals;
    bool is_conflicting; // several heads, and nothing that is missing could explain them
    bool has_gaps;       // something that a counting version replaces is not here
};

enum { PICTURE_KEY_LEN = 16 };

// Memory grows with what is added. `key` is random, so that nobody can slow the picture down;
// nothing else depends on it. Errors: ERR_NO_SPACE.
CHECKED enum err picture_create(struct picture **out, const uint8_t key[static PICTURE_KEY_LEN]);
void picture_destroy(struct picture **handle);

// The centre of each node, by its index in the roster. Later rosters may only add to it; what was
// judged before is judged anew. Errors: ERR_NO_SPACE.
CHECKED enum err picture_set_centres(struct picture *picture, const uint32_t *centres,
                                     size_t nodes);

// Adds one entry, in any order; one that is there already changes nothing. What its body says is
// copied. Errors: ERR_NO_SPACE (nothing changed).
CHECKED enum err picture_add(struct picture *picture, const struct picture_entry *entry);

// From now on, questions are answered from what had arrived up to that moment; UINT64_MAX: all.
void picture_set_moment(struct picture *picture, uint64_t arrived_ms);

// What a centre knew at a moment of its own clocks.
struct picture_view {
    uint32_t centre;
    uint64_t written_ms;
    const bool *reads; // by `group` of the entries, whether it reads them; it reads those beyond
    size_t groups_count;
};
// From now on, and until a moment is set, questions are answered from what the nodes of that centre
// surely knew then, as far as what is here tells [18.15]; nothing is added before that.
// Errors: ERR_NO_SPACE (nothing changed but that there is no view and no moment).
CHECKED enum err picture_set_view(struct picture *picture, const struct picture_view *view);
// Whether the entry of that place was added; else others only name it.
bool picture_has(const struct picture *picture, uint32_t place);
// From now on, questions are answered as if that entry had not been added, or again as it was. What
// the latest of its centre replaces is left as it is [18.10]: nothing else depends on it.
void picture_hide(struct picture *picture, uint32_t place, bool is_hidden);
// What began the items that may stand otherwise with the entry than without it, its own first; at
// most `max`. Returns how many those are.
size_t picture_touched(const struct picture *picture, uint32_t place, uint32_t *items, size_t max);

// How a version with that body would stand if the node with that index published it now.
// Errors: ERR_NOT_FOUND (it changes nothing that is known here), ERR_STATE (what its `item` names
// is of another kind, or begins nothing).
CHECKED enum err picture_foresee(struct picture *picture, uint32_t author, struct span body,
                                 enum standing *standing);

// Whether what a body names where it should name an item of a kind is what began another one, if it
// is here. Errors: ERR_STATE (*wrong is the field, and *named the place of what it names).
CHECKED enum err picture_check_names(const struct picture *picture, struct span body,
                                     const struct field **wrong, uint32_t *named);

// The entry's place in the picture, for the calls below; PICTURE_NONE: nobody named it. A place
// stays the entry's for as long as the picture is there.
uint32_t picture_find(const struct picture *picture, const struct ref *ref);
// Places are numbered from 0: how many there are.
uint32_t picture_count(const struct picture *picture);
void picture_version(struct picture *picture, uint32_t at, struct picture_version *version);

// The places of what began items, in the order of references; valid until something is added.
// Errors: ERR_NO_SPACE.
CHECKED enum err picture_items(struct picture *picture, const uint32_t **places, size_t *count);
// `began` is one of those. An item none of whose versions had arrived at the moment has no
// versions.
void picture_item(struct picture *picture, uint32_t began, struct picture_item *item);
// The versions of such an item that had arrived, in no order, at most `max`. Returns how many there
// are.
size_t picture_versions(struct picture *picture, uint32_t began, uint32_t *versions, size_t max);

// The entries that `place` names in a field that the table calls a link, here or not; and those
// that had arrived and name `place` in it. In no order, at most `max`. Return how many there are.
size_t picture_named(const struct picture *picture, uint32_t place, const char *field,
                     uint32_t *places, size_t max);
size_t picture_naming(const struct picture *picture, uint32_t place, const char *field,
                      uint32_t *places, size_t max);
// Whether what the entry builds on, or translates, was replaced since [18.12].
bool picture_is_outdated(struct picture *picture, uint32_t place);

// What is the latest of its centre and holds, in no order, at most `max`. Returns how many there
// are.
size_t picture_latest(struct picture *picture, uint32_t *places, size_t max);

// Since when a node has held an entry, by its own clock [18.14].
struct picture_holding {
    uint32_t shown_by; // the place of its first entry that shows it; PICTURE_NONE: none does
    uint64_t until_ms; // when that was written: it held it then, or before
    // Not before that, as an earlier receipt of it does not show it, or the entry itself was not
    // written; 0: nothing tells. While none shows it: up to then it did not hold it. Of a log that
    // forked, receipts tell no more once one may tell of either branch; and none does that came
    // while one before it is missing.
    uint64_t from_ms;
};
void picture_held(struct picture *picture, uint32_t place, uint32_t node,
                  struct picture_holding *holding);
// When nodes of that centre wrote receipts: the last time up to a moment of their clocks with all
// before it here, and the first time after it. 0 and UINT64_MAX: never.
void picture_receipts_around(struct picture *picture, uint32_t centre, uint64_t written_ms,
                             uint64_t *before_ms, uint64_t *after_ms);

// Until when the entry asks to be acknowledged, in ms since 1970; UINT64_MAX: it does not, any
// more, or is not here [18.19].
uint64_t picture_ack_by(struct picture *picture, uint32_t place);
// Whether it asks that centre, if it can read it.
bool picture_asks(const struct picture *picture, uint32_t place, uint32_t centre);
// The acknowledgements of it by nodes of that centre, in no order, at most `max`. Returns how many
// there are.
size_t picture_acks(const struct picture *picture, uint32_t place, uint32_t centre,
                    uint32_t *places, size_t max);

// BLAKE2b-256 of how all stands at the moment asked for: the same on nodes
// that hold the same [18.11]. Errors: ERR_NO_SPACE.
CHECKED enum err picture_digest(struct picture *picture, uint8_t digest[static DIGEST_LEN]);

// Writes the body of a version, a sound one, anew: as a version of the item that began with `item`,
// which replaces `replaced`, ascending, 1 to PICTURE_PARENTS_MAX.
void content_settle(struct span body, const struct ref *item, const struct ref *replaced,
                    size_t count, struct cbor_writer *writer);

// Writes a body anew, a sound one, with what `changes` (a sound body, too) says in place of what it
// said of the same; what is null there is taken away, all else is kept. Needs no more room than
// both have together, and 9 bytes.
void content_alter(struct span body, struct span changes, struct cbor_writer *writer);

#endif
