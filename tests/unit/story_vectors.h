// SPDX-License-Identifier: EUPL-1.2
// Stories as vectors have them: entries as they came, and pictures of them. What is asked of a
// picture, and which stories there are, is for the tests.
#ifndef TESTS_UNIT_STORY_VECTORS_H
#define TESTS_UNIT_STORY_VECTORS_H

#include "sitrep/picture.h"
#include "unit/body_text.h"
#include "unit/story_json.h"

enum { STORY_CENTRES_MAX = 16, STORY_SHOWN_MAX = 512 };

static inline json_t *story_json(const char *name, uint32_t nodes)
{
    json_t *const centres = json_array();

    for (uint32_t i = 0; i < nodes; i++) {
        json_array_append_new(centres, json_integer(i / 2));
    }
    return json_pack("{s:s,s:o,s:[],s:[]}", "name", name, "centres", centres, "entries",
                     "expected");
}

static inline void add_entry(json_t *story, const struct ref *ref, struct span body,
                             uint64_t arrived_ms)
{
    json_array_append_new(json_object_get(story, "entries"),
                          json_pack("{s:o,s:o,s:I}", "ref", ref_json(ref), "body",
                                    vectors_hex(body.bytes, body.len), "arrived",
                                    (json_int_t)arrived_ms));
}

// A body as body_text.h has it.
static inline void add_told(json_t *story, const char *name, const char *text, uint64_t arrived_ms)
{
    json_t *const body = body_json(text);
    const struct ref ref = ref_told(name);
    size_t len;
    uint8_t *const bytes = body_encode(body, &len);

    add_entry(story, &ref, (struct span){bytes, len}, arrived_ms);
    free(bytes);
    json_decref(body);
}

static inline void show(struct picture *picture, const json_t *entry)
{
    const json_t *const body = json_object_get(entry, "body");
    size_t len;
    uint8_t *const bytes = vectors_bytes(json_string_value(body), &len);
    const struct picture_entry shown = {
        .ref = ref_of(json_object_get(entry, "ref")),
        .arrived_ms = (uint64_t)json_integer_value(json_object_get(entry, "arrived")),
        .body = {bytes, len},
    };

    assert_int_equal(picture_add(picture, &shown), ERR_OK);
    free(bytes);
}

// All entries, the first or the last of them first.
static inline struct picture *picture_of(const json_t *story, bool is_backwards)
{
    const json_t *const entries = json_object_get(story, "entries");
    const json_t *const nodes = json_object_get(story, "centres");
    const size_t count = json_array_size(entries);
    uint32_t centres[STORY_CENTRES_MAX];
    struct picture *picture = NULL;
    size_t node;
    const json_t *centre;

    json_array_foreach(nodes, node, centre)
    {
        assert_true(node < STORY_CENTRES_MAX);
        centres[node] = (uint32_t)json_integer_value(centre);
    }
    assert_int_equal(picture_create(&picture, (const uint8_t *)"a picture's key.."), ERR_OK);
    assert_int_equal(picture_set_centres(picture, centres, json_array_size(nodes)), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        show(picture, json_array_get(entries, is_backwards ? count - 1 - i : i));
    }
    return picture;
}

static inline int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

static inline json_t *refs_json(struct ref *refs, size_t count)
{
    json_t *const json = json_array();

    qsort(refs, count, sizeof *refs, compare_refs);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(json, ref_json(&refs[i]));
    }
    return json;
}

static inline int compare_moments(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a;
    const uint64_t other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

// When a third and two thirds of the entries had come.
static inline void choose_moments(const json_t *story, uint64_t moments[2])
{
    uint64_t arrived[STORY_SHOWN_MAX];
    const json_t *const entries = json_object_get(story, "entries");
    const size_t count = json_array_size(entries);

    for (size_t i = 0; i < count; i++) {
        const json_t *const entry = json_array_get(entries, i);
        arrived[i] = (uint64_t)json_integer_value(json_object_get(entry, "arrived"));
    }
    qsort(arrived, count, sizeof *arrived, compare_moments);
    moments[0] = arrived[(count - 1) / 3];
    moments[1] = arrived[2 * (count - 1) / 3];
}

// All entries twice, in the other order: it changes nothing.
static inline void add_again(struct picture *picture, const json_t *story)
{
    const json_t *const entries = json_object_get(story, "entries");

    for (size_t i = json_array_size(entries); i > 0; i--) {
        show(picture, json_array_get(entries, i - 1));
    }
}

// Adds to the story what is told of its pictures at two moments and in the end. Whoever got the
// entries in another order, or twice, tells the same.
static inline json_t *expect(json_t *story,
                             json_t *(*tell)(struct picture *picture, const json_t *story,
                                             uint64_t moment_ms))
{
    uint64_t moments[3] = {0, 0, UINT64_MAX};
    struct picture *picture = picture_of(story, false);
    struct picture *other = picture_of(story, true);
    json_t *const expected = json_object_get(story, "expected");

    add_again(picture, story);
    choose_moments(story, moments);
    for (size_t i = moments[0] == moments[1]; i < 3; i++) {
        json_t *const told = tell(picture, story, moments[i]);
        json_t *const told_by_other = tell(other, story, moments[i]);
        assert_true(json_equal(told, told_by_other));
        json_array_append_new(expected, told);
        json_decref(told_by_other);
    }
    picture_destroy(&picture);
    picture_destroy(&other);
    return story;
}

#endif
