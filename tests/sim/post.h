// SPDX-License-Identifier: EUPL-1.2
// Where an officer sits: the picture of one node, and beside it, kept by the simulation alone, what
// the node has had since when. Shared by the officers' files.
#ifndef SIM_POST_H
#define SIM_POST_H

#include "picture_pen.h"
#include "sim/world.h"

enum { STORY_BUCKETS = 4 * STORY_ENTRIES, SIGHTINGS_MAX = 2048 };

struct post { // of one instance; by number in the story, 0 stands for never
    struct picture *picture;
    uint64_t seen;                     // arrivals up to this one were looked at
    bool is_behind;                    // some of them could not be read
    uint64_t shown_ms[STORY_ENTRIES];  // when what is in the picture came, by the node's clock
    uint64_t held_ms[STORY_ENTRIES];   // when what the store has came, readable or not
    uint64_t held_step[STORY_ENTRIES]; // of the world, when it came first, whatever was lost since
    uint16_t told_by[STORY_ENTRIES];   // 1 + number of the own receipt that tells of it
    uint64_t receipt;                  // number of the last one it wrote, in the oracle
    bool is_torn;                      // it lost what it had, or has a twin
    uint64_t set;                      // what is in the picture, as a sum
};

struct fact {            // what the simulation knows of an entry of the story
    uint64_t number;     // in the oracle
    uint64_t written_ms; // by its author's clock
    uint8_t precedence;
    uint16_t group; // as pictures number them: 0 is that of all members
    bool is_receipt;
    bool is_of_fork; // another has its place in its log
};

// A receipt that an officer wrote: by number in the story what it tells of, and what its node had.
struct telling {
    uint64_t number; // of the receipt, in the oracle
    uint64_t rank;   // among its node's, from 1
    bool tells[STORY_ENTRIES], holds[STORY_ENTRIES];
};

// What those see who have just these entries.
struct sighting {
    uint64_t set;
    uint8_t digest[DIGEST_LEN];
    uint32_t instance; // who saw it first
};

struct officers {
    struct story story; // what was stored anywhere, in that order
    struct fact facts[STORY_ENTRIES];
    uint16_t buckets[STORY_BUCKETS]; // 1 + number in the story, by tag
    struct telling tellings[STORY_ENTRIES];
    size_t tellings_count;
    struct post posts[INSTANCES_MAX];
    struct sighting sightings[SIGHTINGS_MAX];
    size_t sightings_count;
    uint32_t centres[STORY_NODES];
    struct pen pen;
};

// The entry's number in the story; SIZE_MAX: it is not there.
size_t story_find(const struct officers *officers, const struct ref *ref);
// The number of what the slot holds; SIZE_MAX: it is not there.
size_t story_at(const struct world *world, const struct node *node, const struct slot *slot);
// Puts what the slot holds into the story, unless it is there or there is no room. Returns its
// number, SIZE_MAX without one.
size_t story_take(struct world *world, const struct node *node, const struct slot *slot);

// The receipt of that number in the oracle; NULL: it is none of an officer's.
const struct telling *telling_find(const struct officers *officers, uint64_t number);

// A picture without entries.
struct picture *post_picture(const struct officers *officers);
// Adds one as it came to the post.
void post_show(const struct officers *officers, const struct post *post, size_t entry,
               struct picture *picture);
// Looks at what came to the store since the last time, and again at what could not be read.
void post_look(struct world *world, struct node *node);
// Forgets the picture, and looks at all the store has.
void post_look_anew(struct world *world, struct node *node);
// Compares what the post sees with what others saw who had the same.
void post_compare(struct world *world, const struct node *node);

// Whether the instance had the entry at that step of the world.
static inline bool post_had(const struct post *post, size_t entry, uint64_t step)
{
    return post->held_step[entry] != 0 && post->held_step[entry] <= step;
}

// The digest of a picture, and of what is asked beside [18.12, 18.19].
void post_see(const struct officers *officers, struct picture *picture,
              uint8_t digest[static DIGEST_LEN]);

struct order { // of entries by number in the story, some of them twice
    size_t entries[2 * STORY_ENTRIES];
    size_t count;
};
// What one would see who got just these now, in another order and some again, and looked at it now
// and then.
void post_see_anew(struct world *world, const struct post *post, struct order *order,
                   uint8_t digest[static DIGEST_LEN]);

// What must hold of what one post sees, at a moment that it is asked for.
void post_check_moment(struct world *world, const struct node *node, uint64_t moment_ms);
// And of what it says others had and knew, now.
void post_check_others(struct world *world, const struct node *node);

#endif
