// SPDX-License-Identifier: EUPL-1.2
// What the parts of the picture share: a place for each entry that is here or that others name, and
// the edges between versions. Nothing outside proto/picture sees this.
//
//   places.c   finds places, makes them, joins them
//   merge.c    how the versions of one item stand [18.7, 18.8]
//   links.c    which entries name which
//   items.c    what began something, in order
//   latest.c   what the latest of its centre replaces [18.10]
//   digest.c   all of it in one hash
//   settle.c   a body said anew
//   picture.c  what comes in, and what is asked
#ifndef PICTURE_PLACES_H
#define PICTURE_PLACES_H

#include <sodium.h>

#include "sitrep/picture.h"

struct place {
    struct ref ref;
    uint64_t written_ms, arrived_ms;
    uint8_t *kept; // of its body
    uint32_t kept_len;
    uint32_t next_hash;                 // in the same bucket
    uint32_t item;                      // place of what began it, or PICTURE_NONE
    uint32_t next_version;              // of the same item
    uint32_t first_version;             // of what began an item; PICTURE_NONE: it is none
    uint32_t first_parent, first_child; // edges
    uint32_t first_named, first_naming; // links
    uint32_t open;                      // parents not yet judged; only while judging
    uint32_t editors;                   // place whose editors hold for this version; as last judged
    uint8_t kind;                       // index in `kinds`, or KIND_NONE
    uint8_t state, precedence;
    uint8_t standing; // enum standing; with the next two, as last judged
    bool is_replaced, lacks_parents;
    bool is_here;
    bool is_dirty; // of what began an item: to be judged anew
};

struct edge { // `child` replaces `parent`
    uint32_t parent, child;
    uint32_t next_parent; // of the same child
    uint32_t next_child;  // of the same parent
};

struct link { // `from` names `to`
    uint32_t from, to;
    uint32_t next_named;  // by the same entry
    uint32_t next_naming; // the same entry
    uint8_t field;        // its place in the kind of `from`
};

struct latest { // by what it is compared with others
    uint32_t centre;
    uint32_t author, epoch;
    uint64_t as_of_ms, seq;
    struct span type;
    uint32_t place;
};

enum { KIND_NONE = 0xff };

struct picture {
    struct place *places;
    struct edge *edges;
    struct link *links;
    uint32_t *buckets; // by hash of the reference
    uint32_t *centres; // of nodes
    uint32_t *queue;   // room for the versions of any item, while judging and in answers
    uint32_t *items;   // places that began something; the first `items_sorted` in order
    size_t places_count, places_room;
    size_t edges_count, edges_room;
    size_t links_count, links_room;
    size_t queue_room;
    size_t buckets_count; // a power of two
    size_t centres_count;
    size_t items_count, items_sorted, items_room;
    struct latest *latest; // room for all there are
    size_t latest_count, latest_room;
    uint32_t first_latest; // of what the latest replaces
    bool is_latest_dirty;
    uint64_t moment_ms;
    uint8_t key[crypto_shorthash_KEYBYTES]; // of the buckets
};

// Makes room for one entry, what began its item, all it replaces and so many links: then the four
// below do not fail. Errors: ERR_NO_SPACE.
CHECKED enum err places_reserve(struct picture *picture, size_t links);
// The place of the reference, made when there is none.
uint32_t place_of(struct picture *picture, const struct ref *ref);
// Says that `child` replaces `parent`.
void place_join(struct picture *picture, uint32_t parent, uint32_t child);
// Says that `from` names `to` in that field of its kind.
void place_link(struct picture *picture, uint32_t from, uint32_t to, uint8_t field);
// Makes `place` a version of the item that `began` begins.
void place_enlist(struct picture *picture, uint32_t place, uint32_t began);

// How many references the links of a body have.
size_t links_count(const struct content *content);
// Links the entry to all of them.
void links_join(struct picture *picture, uint32_t from, const struct content *content);

// Judges all that the latest replaces.
void latest_settle(struct picture *picture);

// Puts places in the order of their references. Errors: ERR_NO_SPACE.
CHECKED enum err places_sort(const struct picture *picture, uint32_t *places, size_t count);
// Puts all items in order. Errors: ERR_NO_SPACE.
CHECKED enum err items_sort(struct picture *picture);

// Whether it is here at the moment asked for.
static inline bool place_is_seen(const struct picture *picture, const struct place *place)
{
    return place->is_here && place->arrived_ms <= picture->moment_ms;
}

// The centre of a node; PICTURE_NONE: the roster has no such node.
static inline uint32_t place_centre(const struct picture *picture, const struct place *place)
{
    return place->ref.author < picture->centres_count ? picture->centres[place->ref.author]
                                                      : PICTURE_NONE;
}

// The value of a field that is kept; `bytes` NULL when it is absent.
struct span place_value(const struct place *place, const char *name);

struct replaced { // by a version that is still to be written; PICTURE_NONE: not here
    uint32_t places[PICTURE_PARENTS_MAX];
    size_t count;
};

// How a version would stand, in an item that is judged. `version` has its author, kind and state.
// Errors: ERR_STATE (what began the item is of another kind, or begins nothing).
CHECKED enum err merge_foresee(struct picture *picture, uint32_t began, const struct place *version,
                               const struct replaced *replaced, enum standing *standing);

// Judges all versions of the item.
void merge_versions(struct picture *picture, uint32_t began);

#endif
