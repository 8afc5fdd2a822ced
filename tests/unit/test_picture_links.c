// SPDX-License-Identifier: EUPL-1.2
// Which entries name which, what is outdated by that, and what is kept of bodies.
#include "sitrep/seal.h"
#include "unit/picture_checks.h"

// What is written stays in the store.
static void only_what_merging_needs_is_kept(void **state)
{
    static const uint32_t lux[] = {LUX / 2};
    struct story *story = *state;
    struct picture *picture = story_picture();
    struct span value;

    body_begin(&body, "measure");
    body_text(&body, "type", "iodine");
    body_text(&body, "text", "within 20 km");
    body_text(&body, "unknown", "field");
    body_centres(&body, "editors", lux, 1);
    const struct ref measure = story_write(story, NCCN, &body);
    const struct ref bare = begin(story, NCCN, "measure");
    story_show_all(story, picture);
    const struct span kept = story_version(picture, &measure).kept;
    assert_int_equal(body_find(kept, "editors", &value), ERR_OK);
    assert_int_equal(value.len, 2);
    assert_int_equal(body_find(kept, "text", &value), ERR_NOT_FOUND);
    assert_int_equal(body_find(kept, "unknown", &value), ERR_NOT_FOUND);
    assert_null(story_version(picture, &bare).kept.bytes);
    picture_destroy(&picture);
}

static void what_builds_on_replaced_facts_is_outdated(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    uint32_t places[4];
    struct ref fact = begin(story, NCCN, "report");

    body_begin(&body, "report");
    struct cbor_writer writer = body_open(&body, "sections");
    cbor_put_array(&writer, 1);
    cbor_put_map(&writer, 3);
    cbor_put_text(&writer, "text", 4);
    cbor_put_text(&writer, "As seen there.", 14);
    cbor_put_text(&writer, "cites", 5);
    cbor_put_array(&writer, 1);
    ref_put(&writer, &fact);
    cbor_put_text(&writer, "title", 5);
    cbor_put_text(&writer, "Situation", 9);
    body_close(&body, &writer);
    const struct ref citing = story_write(story, KCR2, &body);
    body_begin(&body, "translation");
    body_ref(&body, "translation_of", &fact);
    body_text(&body, "into", "de");
    body_text(&body, "method", "machine");
    body_text(&body, "text", "so wie es ist");
    const struct ref translation = story_write(story, NRW, &body);
    const struct ref newer = go_on(story, NCCN, "report", &fact, &fact, NULL);

    for (size_t i = 0; i < 3; i++) {
        story_show(story, i, picture);
    }
    const uint32_t at_citing = picture_find(picture, &citing);
    const uint32_t at_translation = picture_find(picture, &translation);
    const uint32_t at_fact = picture_find(picture, &fact);
    assert_false(picture_is_outdated(picture, at_citing));
    assert_false(picture_is_outdated(picture, at_translation));
    assert_int_equal(picture_named(picture, at_citing, "cites", places, 4), 1);
    assert_int_equal(places[0], at_fact);
    assert_int_equal(picture_naming(picture, at_fact, "cites", places, 4), 1);
    assert_int_equal(places[0], at_citing);
    assert_int_equal(picture_naming(picture, at_fact, "translation_of", places, 0), 1);
    assert_int_equal(picture_naming(picture, at_fact, "incident", places, 4), 0);
    story_show(story, 3, picture);
    assert_true(picture_is_outdated(picture, at_citing));
    assert_true(picture_is_outdated(picture, at_translation));
    assert_false(picture_is_outdated(picture, picture_find(picture, &newer)));
    picture_set_moment(picture, story->entries[1].arrived_ms);
    assert_int_equal(picture_naming(picture, at_fact, "translation_of", places, 4), 0);
    assert_false(picture_is_outdated(picture, at_citing));
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_merging_needs_is_kept),
        TEST(what_builds_on_replaced_facts_is_outdated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
