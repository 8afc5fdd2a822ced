// SPDX-License-Identifier: EUPL-1.2
// A picture with entries hidden is the picture of the others, and what one of them changes is where
// it is said to be: over stories written by chance.
#include "picture_pen.h"
#include "unit/picture_checks.h"

enum { STORIES = 300, CHANGES = 60, TOUCHED_MAX = 16 };

static void write_by_chance(struct story *story, struct random *random)
{
    struct picture *picture = story_picture();
    struct pen pen = {.story = story, .random = random};

    for (size_t i = 0; i < CHANGES; i++) {
        if (random_permille(random, 300)) {
            pen_begin(&pen);
        } else if (!pen_change(&pen, picture)) {
            continue;
        }
        (void)story_write(story, random_below(random, STORY_NODES), &pen.body);
        if (random_permille(random, 700)) { // else it is on its way yet
            story_show(story, story->count - 1, picture);
        }
    }
    picture_destroy(&picture);
}

static void shuffle(struct story *story, struct random *random)
{
    for (size_t i = story->count; i > 1; i--) {
        const size_t other = random_below(random, (uint32_t)i);
        const struct story_entry kept = story->entries[i - 1];
        story->entries[i - 1] = story->entries[other];
        story->entries[other] = kept;
    }
}

static void check_same(struct picture *a, struct picture *b)
{
    uint8_t left[DIGEST_LEN];
    uint8_t right[DIGEST_LEN];

    assert_int_equal(picture_digest(a, left), ERR_OK);
    assert_int_equal(picture_digest(b, right), ERR_OK);
    assert_memory_equal(left, right, DIGEST_LEN);
}

static bool is_listed(const uint32_t *items, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == item) {
            return true;
        }
    }
    return false;
}

// Shows one more entry, and looks at all items for what it changed.
static void reveal(struct picture *picture, uint32_t place)
{
    static struct picture_item before[4 * STORY_ENTRIES];
    uint32_t touched[TOUCHED_MAX];
    const uint32_t *items;
    size_t count;

    assert_int_equal(picture_items(picture, &items, &count), ERR_OK);
    assert_true(count <= sizeof before / sizeof *before);
    for (size_t i = 0; i < count; i++) {
        picture_item(picture, items[i], &before[i]);
    }
    const size_t touched_count = picture_touched(picture, place, touched, TOUCHED_MAX);
    picture_hide(picture, place, false);
    for (size_t i = 0; i < count; i++) {
        struct picture_item after;
        picture_item(picture, items[i], &after);
        if (!is_listed(touched, touched_count, items[i])) {
            assert_memory_equal(&after, &before[i], sizeof after);
        }
    }
}

static void what_is_hidden_has_no_say(void **state)
{
    struct story *story = *state;
    struct random random;

    for (uint64_t seed = 1; seed <= STORIES; seed++) {
        random_init(&random, seed);
        story_end(story);
        write_by_chance(story, &random);
        shuffle(story, &random);
        struct picture *whole = story_picture();
        struct picture *part = story_picture();
        story_show_all(story, whole);
        uint8_t all[DIGEST_LEN];
        uint8_t again[DIGEST_LEN];
        assert_int_equal(picture_digest(whole, all), ERR_OK);
        for (size_t i = 0; i < story->count; i++) {
            picture_hide(whole, picture_find(whole, &story->entries[i].ref), true);
        }
        check_same(whole, part);
        for (size_t i = 0; i < story->count; i++) {
            story_show(story, i, part);
            reveal(whole, picture_find(whole, &story->entries[i].ref));
            check_same(whole, part);
        }
        assert_int_equal(picture_digest(whole, again), ERR_OK);
        assert_memory_equal(all, again, DIGEST_LEN);
        picture_destroy(&whole);
        picture_destroy(&part);
    }
}

static void what_is_only_named_is_not_there(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref next = go_on(story, NCCN, "measure", &first, &first, "in-force");

    story_show(story, 1, picture);
    assert_true(picture_has(picture, picture_find(picture, &next)));
    assert_false(picture_has(picture, picture_find(picture, &first)));
    picture_hide(picture, picture_find(picture, &next), true);
    assert_true(picture_has(picture, picture_find(picture, &next)));
    assert_false(story_version(picture, &next).is_here);
    picture_destroy(&picture);
}

// A version may replace, by mistake, what is of another item: it lacks that as long as it is not
// here.
static void other_items_that_replace_it_are_touched(void **state)
{
    struct story *story = *state;
    struct picture *picture = story_picture();
    const struct ref first = begin(story, NCCN, "measure");
    const struct ref other = begin(story, NCCN, "measure");
    uint32_t touched[TOUCHED_MAX];

    (void)go_on(story, NCCN, "measure", &first, &other, NULL);
    story_show_all(story, picture);
    const uint32_t at_first = picture_find(picture, &first);
    const uint32_t at_other = picture_find(picture, &other);
    assert_int_equal(picture_touched(picture, at_other, touched, TOUCHED_MAX), 2);
    assert_int_equal(touched[0], at_other);
    assert_int_equal(touched[1], at_first);
    assert_int_equal(picture_touched(picture, at_other, touched, 1), 1);
    assert_false(story_item(picture, &first).has_gaps);
    picture_hide(picture, at_other, true);
    assert_true(story_item(picture, &first).has_gaps);
    picture_hide(picture, at_other, false);
    assert_false(story_item(picture, &first).has_gaps);
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_hidden_has_no_say),
        TEST(what_is_only_named_is_not_there),
        TEST(other_items_that_replace_it_are_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
