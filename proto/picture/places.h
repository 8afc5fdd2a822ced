// SPDX-License-Identifier: EUPL-1.2
// What the parts of the picture share: a place for each entry that is here or that others name, and
// the edges between versions. Nothing outside proto/picture sees this.
//
//   places.c   finds places, makes them, joins them
//   merge.c    how the versions of one item stand [18.7, 18.8]
//   links.c    which entries name which
//   items.c    what began something, in order
//   latest.c   what the latest of its centre replaces [18.10]
//   receipts.c who holds what since when [18.13 to 18.15]
//   acks.c     whose acknowledgement is asked for [18.19]
//   sayings.c  who says what of people hurt
//   tally.c    one number out of that; casualties.c all of them [18.17]
//   resources.c  what centres have [18.18]
//   digest.c   all of it in one hash
//   settle.c   a body said anew
//   hiding.c   all of it as it would be without some entries
//   picture.c  what comes in, and what is asked
#ifndef PICTURE_PLACES_H
#define PICTURE_PLACES_H

#include <assert.h>

#include <sodium.h>

#include "sitrep/header.h"
#include "sitrep/picture.h"

#define PLACE_MS_MAX ((UINT64_C(1) << 48) - 1) // a time in a header has no more [3.3]

// A million of them are kept, and looked at one after the other: what is small shares words.
struct place {
    struct ref ref;
    uint64_t written_ms : 48;
    uint64_t group : 16; // the caller's number of it
    uint64_t arrived_ms : 48;
    uint64_t kept_len : 16;
    uint8_t *kept;                      // of its body
    uint32_t next_hash, next_twin;      // in the same bucket
    uint32_t item;                      // place of what began it, or PICTURE_NONE
    uint32_t next_version;              // of the same item
    uint32_t first_version;             // of what began an item; PICTURE_NONE: it is none
    uint32_t first_parent, first_child; // edges
    uint32_t first_named, first_naming; // links
    uint32_t open;                      // parents not yet judged; only while judging
    uint32_t editors;                   // place whose editors hold for this version; as last judged
    uint8_t kind;                       // index in `kinds`, or KIND_NONE
    uint8_t state;
    uint8_t precedence : 2;
    uint8_t standing : 2; // enum standing; with the next two, as last judged
    bool is_replaced : 1, lacks_parents : 1;
    bool is_here : 1;
    bool is_hidden : 1; // by picture_hide
    bool is_dirty : 1;  // of what began an item: to be judged anew
};

static_assert(sizeof(struct place) == 96, "a million of them are 92 MiB");
static_assert(PRECEDENCES <= 4 && STANDINGS <= 4, "they fit in two bits");

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

struct receipt {
    uint32_t node; // that wrote it
    uint32_t place;
    uint64_t written_ms;
    uint32_t number; // of its node's; 0: it says none
    bool is_whole;   // seen, and so are all before it
};

// A head that a receipt names: its node held that entry, and all before it in its log.
struct holding {
    uint32_t node, place; // of the receipt
    struct ref head;
    uint32_t
        earliest; // place of the first receipt seen that reaches as far; PICTURE_NONE: none does
};

enum { KIND_NONE = 0xff };

struct picture {
    struct place *places;
    struct edge *edges;
    struct link *links;
    uint32_t *buckets; // by hash of the reference
    uint32_t *twins;   // as many buckets, by hash of the place in a log, of what is here
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
    uint32_t *counting; // places of versions that count people hurt
    size_t counting_count, counting_room;
    struct latest *latest; // room for all there are
    size_t latest_count, latest_room;
    uint32_t first_latest; // of what the latest replaces
    bool is_latest_dirty;
    struct holding *holdings; // the first `holdings_sorted` in order
    size_t holdings_count, holdings_sorted, holdings_room;
    struct receipt *receipts; // so, too
    size_t receipts_count, receipts_sorted, receipts_room;
    bool are_holdings_dirty;
    uint64_t
        *known_ms; // by place, since when the centre knew it whose view is shown; NULL: none is
    size_t known_count;
    uint64_t moment_ms;
    uint8_t key[crypto_shorthash_KEYBYTES]; // of the buckets
};

// Makes room for one entry, what began its item, all it replaces, so many links and so many heads
// of a receipt: then the calls below do not fail. Errors: ERR_NO_SPACE.
CHECKED enum err places_reserve(struct picture *picture, size_t links, size_t heads);
// The place of the reference, made when there is none.
uint32_t place_of(struct picture *picture, const struct ref *ref);
// Says that the entry is here now.
void place_arrive(struct picture *picture, uint32_t at);
// Whether another entry that is here has its place in its log: the log has forked.
bool place_has_twin(const struct picture *picture, uint32_t at);
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

// How many heads a receipt names; 0: it is none.
size_t receipt_count(const struct content *content);
// Takes what it names.
void receipt_take(struct picture *picture, uint32_t at, const struct content *content);
// By place, since when at the latest the centre knew the entry, by its own clocks; UINT64_MAX:
// nothing says so, or it is not here.
void receipts_know(struct picture *picture, const struct picture_view *view, uint64_t *known_ms);

// Judges all that the latest replaces.
void latest_settle(struct picture *picture);

// Puts places in the order of their references. Errors: ERR_NO_SPACE.
CHECKED enum err places_sort(const struct picture *picture, uint32_t *places, size_t count);
// Puts all items in order. Errors: ERR_NO_SPACE.
CHECKED enum err items_sort(struct picture *picture);

// Whether it is here at the moment asked for.
static inline bool place_is_seen(const struct picture *picture, const struct place *place)
{
    const size_t at = (size_t)(place - picture->places);

    if (picture->known_ms != NULL) {
        return at < picture->known_count && picture->known_ms[at] <= picture->moment_ms;
    }
    return place->is_here && !place->is_hidden && place->arrived_ms <= picture->moment_ms;
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

// What waited for the entry is to be judged anew.
void picture_doubt(struct picture *picture, uint32_t at);

// Judges all versions of the item.
void merge_versions(struct picture *picture, uint32_t began);

#endif
