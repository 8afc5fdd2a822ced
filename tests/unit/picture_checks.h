// SPDX-License-Identifier: EUPL-1.2
// What tests of pictures write and check.
#ifndef TESTS_UNIT_PICTURE_CHECKS_H
#define TESTS_UNIT_PICTURE_CHECKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "picture_story.h"

// Nodes of their centres.
enum { NCCN = 0, NCCN_TOO = 1, KCR2 = 2, LUX = 4, NRW = 6 };

static struct body body;

static inline struct ref begin(struct story *story, uint32_t author, const char *kind)
{
    body_begin(&body, kind);
    if (strcmp(kind, "incident") == 0) {
        body_text(&body, "name", "High water");
    } else if (strcmp(kind, "measure") == 0) {
        body_text(&body, "type", "evacuate");
    } else {
        body_text(&body, "text", "as it is");
    }
    return story_write(story, author, &body);
}

// Goes on from one version, or two when `also` is given.
static inline void change(const char *kind, const struct ref *item, const struct ref *from,
                          const struct ref *also)
{
    struct ref parents[2] = {*from, *(also != NULL ? also : from)};

    body_begin(&body, kind);
    body_ref(&body, "item", item);
    body_refs(&body, "supersedes", parents, also != NULL ? 2 : 1);
    if (strcmp(kind, "incident") == 0) {
        body_text(&body, "name", "High water");
    } else if (strcmp(kind, "measure") == 0) {
        body_text(&body, "type", "evacuate");
    } else {
        body_text(&body, "text", "as it is now");
    }
}

static inline struct ref go_on(struct story *story, uint32_t author, const char *kind,
                               const struct ref *item, const struct ref *from, const char *state)
{
    change(kind, item, from, NULL);
    if (state != NULL) {
        body_text(&body, "state", state);
    }
    return story_write(story, author, &body);
}

static inline void check_standing(struct picture *picture, const struct ref *ref,
                                  enum standing standing, bool is_replaced)
{
    const struct picture_version version = story_version(picture, ref);

    assert_true(version.is_here);
    assert_int_equal(version.standing, standing);
    assert_int_equal(version.is_replaced, is_replaced);
}

static inline void check_item(struct picture *picture, const struct ref *began, size_t heads,
                              size_t proposals, bool is_conflicting)
{
    const struct picture_item item = story_item(picture, began);

    assert_int_equal(item.heads, heads);
    assert_int_equal(item.proposals, proposals);
    assert_int_equal(item.is_conflicting, is_conflicting);
}

static inline int setup(void **state)
{
    static struct story story;

    story_begin(&story);
    *state = &story;
    return 0;
}

static inline int teardown(void **state)
{
    story_end(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
