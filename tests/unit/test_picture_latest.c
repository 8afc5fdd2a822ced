// SPDX-License-Identifier: EUPL-1.2
// What the latest of its centre replaces.
#include "unit/picture_checks.h"

static struct ref count_pumps(struct story *story, uint32_t author, const char *type,
                              uint64_t as_of)
{
    body_begin(&body, "resource");
    body_text(&body, "type", type);
    body_count(&body, "as_of", as_of);
    return story_write(story, author, &body);
}

static void the_latest_of_each_centre_holds(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    uint32_t places[8];
    const struct ref old = count_pumps(story, NCCN, "pump", 100);
    const struct ref latest = count_pumps(story, NCCN_TOO, "pump", 200);
    const struct ref late = count_pumps(story, NCCN, "pump", 150); // told later, of before
    const struct ref other_type = count_pumps(story, NCCN, "pumps", 50);
    const struct ref other_centre = count_pumps(story, KCR2, "pump", 10);

    story_show_all(story, picture);
    assert_int_equal(picture_latest(picture, places, 8), 3);
    check_standing(picture, &old, STANDING_COUNTS, true);
    check_standing(picture, &late, STANDING_COUNTS, true);
    check_standing(picture, &latest, STANDING_COUNTS, false);
    check_standing(picture, &other_type, STANDING_COUNTS, false);
    check_standing(picture, &other_centre, STANDING_COUNTS, false);

    // Of the same time the last in one log holds, and both of two nodes.
    const struct ref beside = count_pumps(story, NCCN, "pump", 200);
    const struct ref corrected = count_pumps(story, NCCN, "pump", 200);
    story_show_all(story, picture);
    assert_int_equal(picture_latest(picture, places, 8), 4);
    check_standing(picture, &latest, STANDING_COUNTS, false);
    check_standing(picture, &beside, STANDING_COUNTS, true);
    check_standing(picture, &corrected, STANDING_COUNTS, false);
    picture_set_moment(picture, story->entries[0].arrived_ms);
    assert_int_equal(picture_latest(picture, places, 8), 1);
    check_standing(picture, &old, STANDING_COUNTS, false);
    picture_destroy(&picture);
}

// So one of them does not take the place of another.
static void two_of_no_centre_are_not_one(void **state)
{
    struct story *story = *state;
    struct picture *picture = NULL;
    uint32_t places[4];
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref one = go_on(story, KCR2, "measure", &first, &first, "in-force");

    change("measure", &first, &first, &one);
    const struct ref other = story_write(story, LUX, &body);
    const struct ref old = count_pumps(story, KCR2, "pump", 100);
    const struct ref latest = count_pumps(story, LUX, "pump", 200);
    const struct ref corrected = count_pumps(story, KCR2, "pump", 150);
    assert_int_equal(picture_create(&picture, (const uint8_t *)"a picture's key.."), ERR_OK);
    story_show_all(story, picture);
    check_standing(picture, &one, STANDING_PROPOSED, false);
    check_standing(picture, &other, STANDING_PROPOSED, false);
    assert_int_equal(picture_latest(picture, places, 4), 2);
    check_standing(picture, &old, STANDING_COUNTS, true);
    check_standing(picture, &latest, STANDING_COUNTS, false);
    check_standing(picture, &corrected, STANDING_COUNTS, false);
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_latest_of_each_centre_holds),
        TEST(two_of_no_centre_are_not_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
