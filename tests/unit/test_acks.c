// SPDX-License-Identifier: EUPL-1.2
// Whose acknowledgement an entry asks for, and who gave it [18.19].
#include "picture_checks.h"

enum { BY = 5000, MAX = 8 };

static struct ref ask(struct story *story, const uint32_t *to, size_t count)
{
    body_begin(&body, "task");
    body_text(&body, "text", "Close the lock.");
    body_count(&body, "ack_by", BY);
    if (count > 0) {
        body_centres(&body, "to", to, count);
    }
    return story_write(story, NCCN, &body);
}

static void acknowledge(struct story *story, uint32_t author, const struct ref *ref)
{
    struct ref of[] = {*ref};

    body_begin(&body, "ack");
    body_refs(&body, "of", of, 1);
    body_text(&body, "as", "seen");
    (void)story_write(story, author, &body);
}

// An acknowledgement of one entry that builds on another.
static void acknowledge_citing(struct story *story, uint32_t author, const struct ref *ref,
                               const struct ref *cited)
{
    struct ref of[] = {*ref};
    struct ref cites[] = {*cited};

    body_begin(&body, "ack");
    body_refs(&body, "of", of, 1);
    body_refs(&body, "cites", cites, 1);
    body_text(&body, "as", "seen");
    (void)story_write(story, author, &body);
}

static size_t count_acks(struct picture *picture, const struct ref *ref, uint32_t centre)
{
    uint32_t places[MAX];

    return picture_acks(picture, picture_find(picture, ref), centre, places, MAX);
}

static void ask_all_others(void **state)
{
    struct story *story = *state;
    const struct ref asked = ask(story, NULL, 0);
    struct picture *picture = story_picture();
    const struct ref unknown = story_ref(NRW, 9);

    acknowledge(story, KCR2, &asked);
    acknowledge(story, KCR2 + 1, &asked);
    acknowledge(story, LUX, &unknown);
    acknowledge_citing(story, LUX, &unknown, &asked);
    story_show_all(story, picture);
    const uint32_t place = picture_find(picture, &asked);
    assert_int_equal(picture_ack_by(picture, place), BY);
    assert_false(picture_asks(picture, place, NCCN / 2));
    assert_true(picture_asks(picture, place, KCR2 / 2));
    assert_int_equal(count_acks(picture, &asked, KCR2 / 2), 2);
    assert_int_equal(count_acks(picture, &asked, LUX / 2), 0);
    assert_true(picture_ack_by(picture, picture_find(picture, &unknown)) == UINT64_MAX);
    picture_set_moment(picture, 1002); // before the second of them came
    assert_int_equal(count_acks(picture, &asked, KCR2 / 2), 1);
    picture_destroy(&picture);
}

static void ask_those_it_is_for(void **state)
{
    const uint32_t to[] = {LUX / 2};
    struct story *story = *state;
    const struct ref asked = ask(story, to, 1);
    struct picture *picture = story_picture();

    story_show_all(story, picture);
    assert_true(picture_asks(picture, picture_find(picture, &asked), LUX / 2));
    assert_false(picture_asks(picture, picture_find(picture, &asked), KCR2 / 2));
    picture_destroy(&picture);
}

// Of a measure `to` is a time: until when it holds.
static void ask_all_of_what_ends_at_a_time(void **state)
{
    struct story *story = *state;

    body_begin(&body, "measure");
    body_text(&body, "type", "evacuate");
    body_count(&body, "to", BY);
    body_count(&body, "ack_by", BY);
    const struct ref asked = story_write(story, NCCN, &body);
    struct picture *picture = story_picture();

    story_show_all(story, picture);
    assert_true(picture_asks(picture, picture_find(picture, &asked), LUX / 2));
    picture_destroy(&picture);
}

// Who has read the newer version need not say that of the older one.
static void ask_nobody_once_replaced(void **state)
{
    struct story *story = *state;
    const struct ref asked = ask(story, NULL, 0);
    struct picture *picture = story_picture();

    story_show_all(story, picture);
    (void)go_on(story, NCCN, "task", &asked, &asked, NULL);
    story_show_all(story, picture);
    assert_true(picture_ack_by(picture, picture_find(picture, &asked)) == UINT64_MAX);
    picture_destroy(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ask_all_others),
        TEST(ask_those_it_is_for),
        TEST(ask_all_of_what_ends_at_a_time),
        TEST(ask_nobody_once_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
