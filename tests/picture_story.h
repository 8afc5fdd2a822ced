// SPDX-License-Identifier: EUPL-1.2
// Entries that officers of some centres write, and pictures of some of them in some order. Node n
// is of centre n / 2.
#ifndef TESTS_PICTURE_STORY_H
#define TESTS_PICTURE_STORY_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "bodies.h"
#include "sitrep/picture.h"

enum { STORY_NODES = 14, STORY_ENTRIES = 512 };

struct story_entry {
    struct ref ref;
    uint8_t *bytes;
    size_t len;
    uint64_t arrived_ms;
};

struct story {
    struct story_entry entries[STORY_ENTRIES];
    size_t count;
    uint64_t seqs[STORY_NODES];
};

static inline void story_begin(struct story *story)
{
    memset(story, 0, sizeof *story);
}

static inline void story_end(struct story *story)
{
    for (size_t i = 0; i < story->count; i++) {
        free(story->entries[i].bytes);
    }
    memset(story, 0, sizeof *story);
}

// The reference a node's entry of that seq has.
static inline struct ref story_ref(uint32_t author, uint64_t seq)
{
    const uint64_t place[2] = {author, seq};
    struct ref ref = {.author = author, .epoch = 0, .seq = seq};

    crypto_shorthash(ref.tag, (const uint8_t *)place, sizeof place,
                     (const uint8_t *)"picture's story.");
    return ref;
}

// An entry of that reference and body; nobody has it yet.
static inline void story_put(struct story *story, const struct ref *ref, struct span bytes)
{
    struct story_entry *entry = &story->entries[story->count++];

    assert(story->count < STORY_ENTRIES);
    entry->ref = *ref;
    entry->arrived_ms = 1000 + story->count;
    entry->len = bytes.len;
    entry->bytes = malloc(bytes.len);
    assert(entry->bytes != NULL);
    memcpy(entry->bytes, bytes.bytes, bytes.len);
}

// The node writes that. Returns its reference.
static inline struct ref story_write(struct story *story, uint32_t author, struct body *body)
{
    assert(author < STORY_NODES);
    const struct ref ref = story_ref(author, ++story->seqs[author]);

    story_put(story, &ref, body_end(body));
    return ref;
}

static inline struct picture *story_picture(void)
{
    uint32_t centres[STORY_NODES];
    struct picture *picture = NULL;

    for (uint32_t i = 0; i < STORY_NODES; i++) {
        centres[i] = i / 2;
    }
    if (picture_create(&picture, (const uint8_t *)"a picture's key..") != ERR_OK ||
        picture_set_centres(picture, centres, STORY_NODES) != ERR_OK) {
        abort();
    }
    return picture;
}

static inline void story_show(const struct story *story, size_t i, struct picture *picture)
{
    const struct story_entry *entry = &story->entries[i];
    const struct picture_entry shown = {
        .ref = entry->ref, .arrived_ms = entry->arrived_ms, .body = {entry->bytes, entry->len}};

    if (picture_add(picture, &shown) != ERR_OK) {
        abort();
    }
}

static inline void story_show_all(const struct story *story, struct picture *picture)
{
    for (size_t i = 0; i < story->count; i++) {
        story_show(story, i, picture);
    }
}

static inline struct picture_version story_version(struct picture *picture, const struct ref *ref)
{
    const uint32_t place = picture_find(picture, ref);
    struct picture_version version = {.item = PICTURE_NONE};

    if (place != PICTURE_NONE) {
        picture_version(picture, place, &version);
    }
    return version;
}

static inline struct picture_item story_item(struct picture *picture, const struct ref *began)
{
    const uint32_t place = picture_find(picture, began);
    struct picture_item item = {.began = PICTURE_NONE};

    if (place != PICTURE_NONE) {
        picture_item(picture, place, &item);
    }
    return item;
}

#endif
