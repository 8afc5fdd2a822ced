// SPDX-License-Identifier: EUPL-1.2
// How versions of items stand: by what they replace, who wrote them, and which step they take.
#include "unit/picture_checks.h"

static void the_newer_version_holds(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref second = go_on(story, NCCN_TOO, "measure", &first, &first, "in-force");

    story_show_all(story, picture);
    check_standing(picture, &first, STANDING_COUNTS, true);
    check_standing(picture, &second, STANDING_COUNTS, false);
    check_item(picture, &first, 1, 0, false);
    assert_string_equal(story_item(picture, &first).kind->name, "measure");
    assert_int_equal(story_version(picture, &second).state, 1);
    picture_destroy(&picture);
}

static void two_at_once_stand_side_by_side_until_settled(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref one = go_on(story, NCCN, "measure", &first, &first, "in-force");
    const struct ref other = go_on(story, NCCN_TOO, "measure", &first, &first, "lifted");

    story_show_all(story, picture);
    check_item(picture, &first, 2, 0, true);
    check_standing(picture, &one, STANDING_COUNTS, false);
    check_standing(picture, &other, STANDING_COUNTS, false);
    change("measure", &first, &one, &other);
    body_text(&body, "state", "lifted");
    const struct ref settled = story_write(story, NCCN, &body);
    story_show(story, 3, picture);
    check_item(picture, &first, 1, 0, false);
    check_standing(picture, &settled, STANDING_COUNTS, false);
    check_standing(picture, &one, STANDING_COUNTS, true);
    check_standing(picture, &other, STANDING_COUNTS, true);
    picture_destroy(&picture);
}

static void what_others_write_is_proposed_until_taken_over(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref measure = begin(story, NCCN, "measure");
    const struct ref proposal = go_on(story, KCR2, "measure", &measure, &measure, "lifted");

    story_show_all(story, picture);
    check_standing(picture, &proposal, STANDING_PROPOSED, false);
    check_standing(picture, &measure, STANDING_COUNTS, false);
    check_item(picture, &measure, 1, 1, false);

    // A better one of the same centre takes its place; another centre's does not.
    change("measure", &measure, &measure, &proposal);
    const struct ref better = story_write(story, KCR2, &body);
    change("measure", &measure, &measure, &proposal);
    const struct ref third = story_write(story, LUX, &body);
    story_show_all(story, picture);
    check_standing(picture, &proposal, STANDING_PROPOSED, true);
    check_standing(picture, &better, STANDING_PROPOSED, false);
    check_standing(picture, &third, STANDING_PROPOSED, false);
    check_item(picture, &measure, 1, 2, false);

    change("measure", &measure, &measure, &better);
    const struct ref taken = story_write(story, NCCN_TOO, &body);
    story_show_all(story, picture);
    check_standing(picture, &taken, STANDING_COUNTS, false);
    check_standing(picture, &better, STANDING_PROPOSED, true);
    check_item(picture, &measure, 1, 1, false);
    picture_destroy(&picture);
}

static void editors_may_change_and_outsiders_not_make_themselves_editors(void **state)
{
    static const uint32_t lux[] = {LUX / 2};
    static const uint32_t nrw[] = {NRW / 2};
    struct story *story = *state;
    struct picture *picture = story_picture();

    body_begin(&body, "measure");
    body_text(&body, "type", "iodine");
    body_centres(&body, "editors", lux, 1);
    const struct ref first = story_write(story, NCCN, &body);
    const struct ref by_editor = go_on(story, LUX, "measure", &first, &first, "in-force");
    change("measure", &first, &by_editor, NULL);
    body_text(&body, "state", "in-force");
    body_centres(&body, "editors", nrw, 1);
    const struct ref grabbed = story_write(story, NRW, &body);
    const struct ref used = go_on(story, NRW, "measure", &first, &grabbed, "lifted");
    story_show_all(story, picture);
    check_standing(picture, &by_editor, STANDING_COUNTS, false);
    check_standing(picture, &grabbed, STANDING_PROPOSED, true);
    check_standing(picture, &used, STANDING_PROPOSED, false);

    // It named no editors, so there are none behind it.
    const struct ref later = go_on(story, LUX, "measure", &first, &by_editor, "in-force");
    story_show_all(story, picture);
    check_standing(picture, &later, STANDING_PROPOSED, false);
    picture_destroy(&picture);
}

static void a_step_that_is_not_the_kinds_is_none(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref lifted = go_on(story, NCCN, "measure", &first, &first, "lifted");
    const struct ref again = go_on(story, NCCN, "measure", &first, &lifted, "in-force");

    story_show_all(story, picture);
    check_standing(picture, &again, STANDING_MISSTEP, false);
    check_standing(picture, &lifted, STANDING_COUNTS, false);
    check_item(picture, &first, 1, 0, false);
    picture_destroy(&picture);
}

static struct ref offer(struct story *story, uint32_t author, const struct ref *request,
                        const struct ref *item, const struct ref *from, const char *step)
{
    struct ref parent = from != NULL ? *from : *request;

    body_begin(&body, "offer");
    body_ref(&body, "request", request);
    body_count(&body, "quantity", 4);
    if (from != NULL) {
        body_ref(&body, "item", item);
        body_refs(&body, "supersedes", &parent, 1);
        body_text(&body, "state", step);
    }
    return story_write(story, author, &body);
}

static void each_step_of_an_offer_is_taken_by_its_side(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();

    body_begin(&body, "request");
    body_text(&body, "capability", "high-capacity pump");
    body_count(&body, "quantity", 4);
    const struct ref request = story_write(story, NCCN, &body);
    const struct ref first = offer(story, KCR2, &request, NULL, NULL, NULL);
    const struct ref by_itself = offer(story, KCR2, &request, &first, &first, "accepted");
    const struct ref accepted = offer(story, NCCN_TOO, &request, &first, &first, "accepted");
    const struct ref by_asker = offer(story, NCCN, &request, &first, &accepted, "committed");
    const struct ref committed = offer(story, KCR2, &request, &first, &accepted, "committed");
    const struct ref on_site = offer(story, KCR2, &request, &first, &committed, "on-site");
    story_show_all(story, picture);
    check_standing(picture, &by_itself, STANDING_PROPOSED, false);
    check_standing(picture, &accepted, STANDING_COUNTS, true);
    check_standing(picture, &by_asker, STANDING_PROPOSED, false);
    check_standing(picture, &committed, STANDING_COUNTS, false);
    check_standing(picture, &on_site, STANDING_MISSTEP, false); // not yet under way
    picture_destroy(&picture);
}

static void who_is_addressed_takes_a_task(void **state)
{
    static const uint32_t lux[] = {LUX / 2};
    struct story *story = *state;
    struct picture *picture = story_picture();

    body_begin(&body, "task");
    body_text(&body, "text", "close the lock");
    body_centres(&body, "to", lux, 1);
    const struct ref first = story_write(story, NCCN, &body);
    const struct ref stranger = go_on(story, KCR2, "task", &first, &first, "taken");
    const struct ref taken = go_on(story, LUX, "task", &first, &first, "taken");
    const struct ref for_all = begin(story, NCCN, "task");
    const struct ref anyone = go_on(story, NRW, "task", &for_all, &for_all, "taken");
    story_show_all(story, picture);
    check_standing(picture, &stranger, STANDING_PROPOSED, false);
    check_standing(picture, &taken, STANDING_COUNTS, false);
    check_standing(picture, &anyone, STANDING_COUNTS, false);
    picture_destroy(&picture);
}

static void all_members_change_an_incident(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "incident");
    const struct ref closed = go_on(story, NRW, "incident", &first, &first, "closed");

    story_show_all(story, picture);
    check_standing(picture, &closed, STANDING_COUNTS, false);
    picture_destroy(&picture);
}

static void what_is_missing_makes_no_conflict(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref second = go_on(story, NCCN, "measure", &first, &first, "in-force");
    const struct ref third = go_on(story, NCCN, "measure", &first, &second, "lifted");

    story_show(story, 0, picture);
    story_show(story, 2, picture);
    check_standing(picture, &third, STANDING_COUNTS, false);
    check_standing(picture, &first, STANDING_COUNTS, false);
    assert_true(story_version(picture, &third).lacks_parents);
    assert_false(story_version(picture, &second).is_here);
    check_item(picture, &first, 2, 0, false);
    assert_true(story_item(picture, &first).has_gaps);
    story_show(story, 1, picture);
    check_item(picture, &first, 1, 0, false);
    assert_false(story_item(picture, &first).has_gaps);
    picture_destroy(&picture);
}

static void others_wait_for_what_they_replace(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref own = go_on(story, NCCN, "measure", &first, &first, "in-force");
    const struct ref foreign = go_on(story, KCR2, "measure", &first, &own, "lifted");

    story_show(story, 2, picture);
    check_standing(picture, &foreign, STANDING_WAITS, false);
    check_item(picture, &first, 0, 0, false);
    assert_string_equal(story_item(picture, &first).kind->name, "measure");
    story_show(story, 1, picture);
    check_standing(picture, &own, STANDING_COUNTS, false);
    check_standing(picture, &foreign, STANDING_PROPOSED, false);
    story_show(story, 0, picture);
    check_standing(picture, &foreign, STANDING_PROPOSED, false);
    check_item(picture, &first, 1, 1, false);
    picture_destroy(&picture);
}

static void what_changes_another_kind_or_no_item_waits_for_ever(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref other = go_on(story, NCCN, "incident", &first, &first, NULL);
    const struct ref line = begin(story, NCCN, "journal");
    const struct ref on_line = go_on(story, NCCN, "measure", &line, &line, NULL);
    const struct ref second = go_on(story, NCCN, "measure", &first, &first, NULL);
    const struct ref on_second = go_on(story, NCCN, "measure", &second, &second, NULL);

    story_show_all(story, picture);
    check_standing(picture, &other, STANDING_WAITS, false);
    check_standing(picture, &on_line, STANDING_WAITS, false);
    check_standing(picture, &on_second, STANDING_WAITS, false);
    check_standing(picture, &second, STANDING_COUNTS, false);
    check_item(picture, &first, 1, 0, false);
    picture_destroy(&picture);
}

// Else who writes of another kind would replace what others may not, for as long as the item's
// kind cannot be told.
static void another_kind_is_no_ground(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "task");
    const struct ref second = go_on(story, NCCN, "task", &first, &first, NULL);
    const struct ref other = go_on(story, NRW, "incident", &first, &second, NULL);

    story_show(story, 1, picture);
    story_show(story, 2, picture);
    check_standing(picture, &second, STANDING_COUNTS, false);
    check_standing(picture, &other, STANDING_MISSTEP, false);
    story_show(story, 0, picture);
    check_standing(picture, &second, STANDING_COUNTS, false);
    check_standing(picture, &other, STANDING_WAITS, false);
    picture_destroy(&picture);
}

static void what_waits_is_here_and_hides_no_conflict(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref missing = story_ref(NRW, 1000);
    const struct ref waiting = go_on(story, KCR2, "measure", &first, &missing, NULL);
    const struct ref astray = go_on(story, KCR2, "incident", &first, &missing, NULL);

    (void)go_on(story, NCCN, "measure", &first, &first, NULL);
    change("measure", &first, &first, &waiting);
    const struct ref second = story_write(story, NCCN_TOO, &body);
    story_show_all(story, picture);
    check_standing(picture, &waiting, STANDING_WAITS, true);
    assert_true(story_version(picture, &waiting).lacks_parents);
    assert_true(story_version(picture, &astray).lacks_parents);
    assert_false(story_version(picture, &second).lacks_parents);
    assert_false(story_item(picture, &first).has_gaps);
    check_item(picture, &first, 2, 0, true);
    picture_destroy(&picture);
}

static void what_is_not_understood_is_here_and_no_version(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();

    body_begin(&body, "weather-balloon");
    body_text(&body, "text", "up");
    const struct ref unknown = story_write(story, NCCN, &body);
    body_begin(&body, "incident");
    body_count(&body, "name", 7);
    const struct ref unsound = story_write(story, NCCN, &body);
    const struct ref on_unsound = go_on(story, NCCN, "incident", &unsound, &unsound, NULL);
    story_show_all(story, picture);
    for (int i = 0; i < 2; i++) {
        const struct picture_version version = story_version(picture, i == 0 ? &unknown : &unsound);
        assert_true(version.is_here);
        assert_null(version.kind);
        assert_int_equal(version.item, PICTURE_NONE);
        assert_null(version.kept.bytes);
    }
    check_standing(picture, &on_unsound, STANDING_WAITS, false);
    picture_destroy(&picture);
}

static void a_moment_shows_what_had_arrived(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref second = go_on(story, NCCN, "measure", &first, &first, "in-force");

    story_show_all(story, picture);
    picture_set_moment(picture, story->entries[0].arrived_ms);
    check_item(picture, &first, 1, 0, false);
    check_standing(picture, &first, STANDING_COUNTS, false);
    assert_false(story_version(picture, &second).is_here);
    picture_set_moment(picture, story->entries[0].arrived_ms - 1);
    assert_int_equal(story_item(picture, &first).versions, 0);
    assert_null(story_item(picture, &first).kind);
    picture_set_moment(picture, UINT64_MAX);
    check_standing(picture, &first, STANDING_COUNTS, true);
    picture_destroy(&picture);
}

// A node that the roster does not have may propose, if that.
static void nobody_is_of_no_centre(void **state)
{
    static const uint32_t none[] = {PICTURE_NONE, PICTURE_NONE, 1};
    struct story *story = *state;
    struct picture *picture = NULL;
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref second = go_on(story, NCCN_TOO, "measure", &first, &first, "in-force");

    assert_int_equal(picture_create(&picture, (const uint8_t *)"a picture's key.."), ERR_OK);
    story_show_all(story, picture);
    check_standing(picture, &first, STANDING_COUNTS, false);
    check_standing(picture, &second, STANDING_PROPOSED, false);
    assert_int_equal(picture_set_centres(picture, none, 3), ERR_OK);
    check_standing(picture, &second, STANDING_PROPOSED, false);
    static const uint32_t same[] = {0, 0};
    assert_int_equal(picture_set_centres(picture, same, 2), ERR_OK);
    check_standing(picture, &second, STANDING_COUNTS, false);
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newer_version_holds),
        TEST(two_at_once_stand_side_by_side_until_settled),
        TEST(what_others_write_is_proposed_until_taken_over),
        TEST(editors_may_change_and_outsiders_not_make_themselves_editors),
        TEST(a_step_that_is_not_the_kinds_is_none),
        TEST(each_step_of_an_offer_is_taken_by_its_side),
        TEST(who_is_addressed_takes_a_task),
        TEST(all_members_change_an_incident),
        TEST(what_is_missing_makes_no_conflict),
        TEST(others_wait_for_what_they_replace),
        TEST(what_changes_another_kind_or_no_item_waits_for_ever),
        TEST(another_kind_is_no_ground),
        TEST(what_waits_is_here_and_hides_no_conflict),
        TEST(what_is_not_understood_is_here_and_no_version),
        TEST(a_moment_shows_what_had_arrived),
        TEST(nobody_is_of_no_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
