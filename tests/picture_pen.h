// SPDX-License-Identifier: EUPL-1.2
// What an officer may write next, by chance: into the pen's body, from what a picture shows. Mostly
// sense, and now and then a step that is none, or a reference to what nobody wrote.
#ifndef TESTS_PICTURE_PEN_H
#define TESTS_PICTURE_PEN_H

#include "picture_story.h"
#include "sim/random.h"

enum { PEN_VERSIONS = 32, PEN_HEADS = 8 };

struct pen {
    const struct story *story;  // what was written so far
    const uint64_t *arrived_ms; // by entry, when it came to who writes, 0: never; NULL: all did
    struct random *random;
    uint32_t strays; // permille of changes that replace what may be no version of the item
    struct body body;
};

static inline const struct kind *pen_any_kind(struct pen *pen)
{
    static const char *const busy[] = {"incident", "measure", "offer", "task"};
    const struct kind *kind = NULL;

    if (random_permille(pen->random, 600)) {
        const char *name = busy[random_below(pen->random, 4)];
        return kind_find((struct span){(const uint8_t *)name, strlen(name)});
    }
    do {
        size_t count = 0;
        while (kinds[count].name != NULL) {
            count++;
        }
        kind = &kinds[random_below(pen->random, (uint32_t)count)];
    } while (kind->merge != MERGE_VERSIONS);
    return kind;
}

// Nobody names what exists and did not come.
static inline struct ref pen_any_ref(struct pen *pen)
{
    if (pen->story->count > 0 && !random_permille(pen->random, 50)) {
        const uint32_t entry = random_below(pen->random, (uint32_t)pen->story->count);
        if (pen->arrived_ms == NULL || pen->arrived_ms[entry] != 0) {
            return pen->story->entries[entry].ref;
        }
    }
    return story_ref(random_below(pen->random, STORY_NODES), 1000);
}

static inline void pen_put_centres(struct pen *pen, const char *name)
{
    uint32_t list[STORY_NODES / 2];
    size_t count = 0;

    for (uint32_t i = 0; i < STORY_NODES / 2; i++) {
        if (random_permille(pen->random, 300)) {
            list[count++] = i;
        }
    }
    if (count > 0) {
        body_centres(&pen->body, name, list, count);
    }
}

static inline void pen_put_texts(struct body *body, const struct field *field)
{
    struct cbor_writer writer = body_open(body, field->name);

    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "nl", 2);
    cbor_put_text(&writer, "rustig", 6);
    body_close(body, &writer);
}

// Something the field takes.
static inline void pen_put_needed(struct pen *pen, const struct field *field)
{
    struct ref ref;

    switch (field->type) {
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_CODE:
    case VALUE_LANGUAGE:
        body_text(&pen->body, field->name, "nl");
        break;
    case VALUE_WORD:
        body_text(&pen->body, field->name, field->words[0]);
        break;
    case VALUE_COUNT:
    case VALUE_TIME:
        body_count(&pen->body, field->name, 1);
        break;
    case VALUE_REF:
        ref = pen_any_ref(pen);
        body_ref(&pen->body, field->name, &ref);
        break;
    case VALUE_TEXTS:
        pen_put_texts(&pen->body, field);
        break;
    case VALUE_FLAG:
    case VALUE_DECIMAL:
    case VALUE_CENTRE:
    case VALUE_BYTES:
    case VALUE_GEOMETRY:
    case VALUE_PARTS:
    case VALUE_TYPES:
        assert(!"a field that is needed has a type that is not written here");
        abort();
    }
}

// What the kind needs in that state, and now and then who else may change it.
static inline void pen_fill_in(struct pen *pen, const struct kind *kind, uint8_t state)
{
    const unsigned bit = kind->states == NULL ? 1 : 1u << state;

    body_begin(&pen->body, kind->name);
    if (kind->states != NULL && state != 0) {
        body_text(&pen->body, "state", kind->states[state]);
    }
    for (size_t i = 0; kind->fields[i].name != NULL; i++) {
        const struct field *field = &kind->fields[i];
        if ((field->needed & bit) != 0) {
            pen_put_needed(pen, field);
        } else if (strcmp(field->name, "to") == 0 && field->type == VALUE_CENTRE) {
            pen_put_centres(pen, "to");
        }
    }
    pen_put_centres(pen, "editors");
}

// Something new.
static inline void pen_begin(struct pen *pen)
{
    const struct kind *kind = pen_any_kind(pen);
    uint8_t state = 0;

    while (kind->states != NULL &&
           ((kind->states_begin >> state & 1) == 0 || random_permille(pen->random, 300))) {
        state = (uint8_t)((state + 1) % kind_states_count(kind));
    }
    pen_fill_in(pen, kind, state);
}

// What the officer sees of the item: its heads, or now and then any versions.
static inline size_t pen_choose_replaced(struct pen *pen, struct picture *picture, uint32_t item,
                                         struct ref *refs)
{
    uint32_t versions[PEN_VERSIONS];
    const bool is_careful = random_permille(pen->random, 850);
    size_t seen = picture_versions(picture, item, versions, PEN_VERSIONS);
    size_t count = 0;

    seen = seen < PEN_VERSIONS ? seen : PEN_VERSIONS;
    for (size_t i = 0; i < seen && count < PEN_HEADS; i++) {
        struct picture_version version;
        picture_version(picture, versions[i], &version);
        const bool is_head = version.standing == STANDING_COUNTS && !version.is_replaced;
        if (is_careful ? is_head : random_permille(pen->random, 400)) {
            refs[count++] = version.ref;
        }
    }
    return count;
}

// Something that may be no version of the item, unless it is among them. Returns how many they are.
static inline size_t pen_add_any(struct pen *pen, struct ref *refs, size_t count)
{
    refs[count] = pen_any_ref(pen);
    for (size_t i = 0; i < count; i++) {
        if (ref_compare(&refs[i], &refs[count]) == 0) {
            return count;
        }
    }
    return count + 1;
}

// A state to which there is a step from the first one, or just any.
static inline uint8_t pen_choose_state(struct pen *pen, const struct kind *kind, uint8_t from)
{
    const uint32_t count = (uint32_t)kind_states_count(kind);
    enum side side;
    uint8_t to = from;

    if (count == 0) {
        return STATE_NONE;
    }
    do {
        to = (uint8_t)random_below(pen->random, count);
    } while (!kind_allows(kind, from, to, &side) && random_permille(pen->random, 950));
    return to;
}

// Another version of something in the picture, or something new. False: of what was chosen nothing
// is here, and nothing is written.
static inline bool pen_change(struct pen *pen, struct picture *picture)
{
    struct picture_item item;
    struct picture_version version;
    struct ref refs[PEN_HEADS];
    const uint32_t *items;
    size_t count;

    if (picture_items(picture, &items, &count) != ERR_OK || count == 0) {
        pen_begin(pen);
        return true;
    }
    picture_item(picture, items[random_below(pen->random, (uint32_t)count)], &item);
    size_t replaced = pen_choose_replaced(pen, picture, item.began, refs);
    if (replaced == 0) {
        return false;
    }
    if (replaced < PEN_HEADS && pen->strays > 0 && random_permille(pen->random, pen->strays)) {
        replaced = pen_add_any(pen, refs, replaced);
    }
    picture_version(picture, picture_find(picture, &refs[0]), &version);
    pen_fill_in(pen, item.kind, pen_choose_state(pen, item.kind, version.state));
    picture_version(picture, item.began, &version);
    body_ref(&pen->body, "item", &version.ref);
    body_refs(&pen->body, "supersedes", refs, replaced);
    return true;
}

// Of what a centre has, two nodes of it may say different things for one time.
static inline void pen_count(struct pen *pen)
{
    static const char *const types[] = {"pump", "boat"};

    body_begin(&pen->body, "resource");
    body_text(&pen->body, "type", types[random_below(pen->random, 2)]);
    body_count(&pen->body, "as_of", random_below(pen->random, 20));
    body_count(&pen->body, "available", random_below(pen->random, 5));
}

#endif
