// SPDX-License-Identifier: EUPL-1.2
// Who may still fork the roster: not those whose place others have taken since [5.23].
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
#include "sitrep/roster.h"

// The authorities a version has, by number, and who signs it; a letter names it.
struct version {
    const char *authorities; // digits; NULL after the last version
    uint32_t threshold;
    const char *signers;
};

enum { VERSIONS_MAX = 6 };

struct scene {
    const char *name;
    struct version line[VERSIONS_MAX]; // one after another
    size_t leaves;                     // the rival follows the version at this place, from 0
    struct version rival;
    enum err err;
};

static const struct scene scenes[] = {
    {"two of one three", {{"123", 2, "12"}, {"123", 2, "12"}}, 0, {"123", 2, "23"}, ERR_OK},
    {"found only later",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"123", 2, "13"}, {"123", 2, "12"}},
     0,
     {"123", 2, "23"},
     ERR_OK},
    {"found later, and replaces one",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"123", 2, "13"}},
     0,
     {"234", 2, "23"},
     ERR_OK},
    {"one replaced here at the same time",
     {{"123", 2, "12"}, {"234", 2, "23"}},
     0,
     {"123", 2, "12"},
     ERR_OK}, // 2 and 3 are two of its three: they can settle it
    {"one replaced on each side",
     {{"123", 2, "12"}, {"234", 2, "23"}},
     0,
     {"125", 2, "12"},
     ERR_DENIED},
    {"a thief of the founder's key, at once",
     {{"1", 1, "1"}, {"234", 2, "123"}},
     0,
     {"9", 1, "19"},
     ERR_DENIED},
    {"the founder's key against the first three",
     {{"1", 1, "1"}, {"123", 2, "12"}},
     0,
     {"1", 1, "1"},
     ERR_OK}, // 1 is in both, and both can be settled
    {"the founder's key, after they went on",
     {{"1", 1, "1"}, {"123", 2, "12"}, {"123", 2, "23"}},
     0,
     {"1", 1, "1"},
     ERR_DENIED},
    {"the founder's key, long ago replaced",
     {{"1", 1, "1"}, {"1", 1, "1"}, {"1", 1, "1"}, {"123", 2, "12"}, {"234", 2, "23"}},
     1,
     {"1", 1, "1"},
     ERR_DENIED},
    {"and given to whom the thief likes",
     {{"1", 1, "1"}, {"1", 1, "1"}, {"1", 1, "1"}, {"123", 2, "12"}, {"234", 2, "23"}},
     2,
     {"189", 2, "189"},
     ERR_DENIED},
    {"a replaced one and one that stayed, behind the replacement",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"234", 2, "23"}},
     0,
     {"123", 2, "12"},
     ERR_DENIED},
    {"two who stayed, behind a replacement",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"234", 2, "23"}},
     0,
     {"123", 2, "23"},
     ERR_OK},
    {"a threshold raised since",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"123", 3, "123"}},
     0,
     {"123", 2, "23"},
     ERR_DENIED},
    {"signed by all, behind a raised threshold",
     {{"123", 2, "12"}, {"123", 2, "12"}, {"123", 3, "123"}},
     0,
     {"123", 2, "123"},
     ERR_OK},
};

static struct roster *make(const struct version *version, const struct roster *before, char title)
{
    struct draft draft;
    struct roster *made = NULL;
    char name[] = "Version ?";
    name[sizeof name - 2] = title;
    draft_init(&draft);
    draft.roster.name = draft_text(name);
    draft.roster.threshold = version->threshold;
    draft.roster.authorities_count = strlen(version->authorities);
    for (size_t i = 0; i < draft.roster.authorities_count; i++) {
        draft.authorities[i] = draft.authority_keys[version->authorities[i] - '0'];
    }
    memset(draft.signers, 0, sizeof draft.signers);
    for (size_t i = 0; i < strlen(version->signers); i++) {
        draft.signers[i] = (uint8_t)(version->signers[i] - '0');
    }
    if (before != NULL) {
        draft_follow(&draft, before);
    }
    assert_int_equal(draft_decode(&draft, &made), ERR_OK);
    if (before != NULL) {
        assert_int_equal(roster_check_next(before, made), ERR_OK);
    }
    return made;
}

struct stage {
    struct roster *line[VERSIONS_MAX];
    size_t count;
    struct roster *rival;
};

static void stage_open(struct stage *stage, const struct scene *scene)
{
    *stage = (struct stage){0};
    for (; stage->count < VERSIONS_MAX && scene->line[stage->count].authorities != NULL;
         stage->count++) {
        stage->line[stage->count] =
            make(&scene->line[stage->count],
                 stage->count > 0 ? stage->line[stage->count - 1] : NULL, 'a');
    }
    stage->rival = make(&scene->rival, stage->line[scene->leaves], 'z');
}

static void stage_close(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        roster_destroy(&stage->line[i]);
    }
    roster_destroy(&stage->rival);
}

// In any order of what is held.
static void check_scene(const struct scene *scene)
{
    struct stage stage;
    stage_open(&stage, scene);
    for (size_t turn = 0; turn < stage.count; turn++) {
        const struct roster *held[VERSIONS_MAX];
        for (size_t v = 0; v < stage.count; v++) {
            held[v] = stage.line[(v + turn) % stage.count];
        }
        print_message("%s\n", scene->name);
        assert_int_equal(roster_check_rival(held, stage.count, stage.rival), scene->err);
    }
    stage_close(&stage);
}

static void test_who_may_fork(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        check_scene(&scenes[i]);
    }
}

// Whichever of the two is held first, what may be a fork is one.
static void test_either_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        const struct scene *scene = &scenes[i];
        struct stage stage;
        stage_open(&stage, scene);
        const struct roster *held[VERSIONS_MAX + 1];
        size_t count = 0;
        for (; count <= scene->leaves; count++) {
            held[count] = stage.line[count];
        }
        held[count++] = stage.rival;
        const enum err err = roster_check_rival(held, count, stage.line[scene->leaves + 1]);
        assert_true(scene->err != ERR_OK || err == ERR_OK);
        stage_close(&stage);
    }
}

// While a fork lasts, a third one is held against both sides.
static void test_a_third(void **state)
{
    (void)state;
    const struct version first = {"123", 2, "12"};
    const struct version replaces = {"234", 2, "23"};
    const struct version second = {"123", 2, "23"};
    const struct version third = {"123", 2, "12"};
    struct roster *one = make(&first, NULL, 'a');
    struct roster *two = make(&first, one, 'b');
    struct roster *rival = make(&second, one, 'c');
    struct roster *further = make(&replaces, rival, 'd');
    struct roster *late = make(&third, one, 'e');
    const struct roster *held[] = {one, two, rival, further};
    assert_int_equal(roster_check_rival(held, 3, late), ERR_OK);
    assert_int_equal(roster_check_rival(held, 4, late), ERR_DENIED);
    roster_destroy(&one);
    roster_destroy(&two);
    roster_destroy(&rival);
    roster_destroy(&further);
    roster_destroy(&late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_may_fork),
        cmocka_unit_test(test_either_order),
        cmocka_unit_test(test_a_third),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
