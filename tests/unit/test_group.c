// SPDX-License-Identifier: EUPL-1.2
// How groups stand, by their changes [14]: a table of scenes, and properties of histories drawn at
// random.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "group_story.h"

// A founding by node 0 and its first key (changes 0 and 1), and what follows (changes 2...), as
// story_read has it.
struct scene {
    const char *name;
    uint32_t centres, owners; // of the founding, as bits
    const char *changes;
    uint32_t members_after, owners_after;
    const char *effects; // of all changes: a letter each, see letter_of
    int current;         // the change that brought the current key, or -1
};

static char letter_of(enum group_effect effect)
{
    static const char letters[] = {
        [GROUP_COUNTS] = 'c',   [GROUP_OVERRULED] = 'o', [GROUP_UNAUTHORISED] = 'n',
        [GROUP_REVOKED] = 'r',  [GROUP_UNRELATED] = 'u', [GROUP_UNREADABLE] = 'x',
        [GROUP_TOO_MANY] = 'm',
    };
    return letters[effect];
}

static const struct scene scenes[] = {
    {"founded", 0x7, 0x3, "", 0x7, 0x3, "cc", 1},
    {"an owner adds", 0x3, 0x1, "0+4@1", 0x13, 0x1, "ccc", 1},
    {"another node of the owner's centre adds", 0x3, 0x1, "8+4@1", 0x13, 0x1, "ccc", 1},
    {"a member who is no owner may not", 0x3, 0x1, "1+4@1", 0x3, 0x1, "ccn", 1},
    {"nor a stranger", 0x3, 0x1, "5+5@1", 0x3, 0x1, "ccn", 1},
    {"nor may they remove, own, disown, rekey", 0x3, 0x1, "1-0@1 1o1@1 1d0@1 1k@1", 0x3, 0x1,
     "ccnnnn", 1},
    {"what an unauthorised change would allow is not allowed", 0x3, 0x1, "1o1@1 1+4@2", 0x3, 0x1,
     "ccnn", 1},
    {"a new owner adds", 0x3, 0x1, "0o1@1 1+4@2", 0x13, 0x3, "cccc", 1},
    {"but not before it knew that it was one", 0x3, 0x1, "0o1@1 1+4@1", 0x3, 0x3, "cccn", 1},
    {"an owner has to be a member", 0x3, 0x1, "0o4@1 4+5@2", 0x3, 0x1, "cccn", 1},
    {"and becomes an owner by being added, too", 0x3, 0x1, "0o4@1 0+4@2 4+5@3", 0x33, 0x11, "ccccc",
     1},
    {"a removed centre is out, and the key is new", 0x7, 0x1, "0-2@1", 0x3, 0x1, "ccc", 2},
    {"a removed owner has no say any more", 0x7, 0x3, "0-1@1 1+4@2", 0x5, 0x1, "cccn", 2},
    {"added again it is a member and no owner", 0x7, 0x3, "0-1@1 0+1@2 1+4@3", 0x7, 0x1, "ccccn",
     2},
    {"removal wins over a concurrent addition", 0x3, 0x3, "0+4@1 1-4@1", 0x3, 0x3, "cccc", 3},
    {"also where the centre was a member before", 0x7, 0x3, "0+2@1 1-2@1", 0x3, 0x3, "cccc", 3},
    {"and over a removal and addition elsewhere", 0x7, 0x3, "0-2@1 0+2@2 1-2@1", 0x3, 0x3, "ccccc",
     2},
    {"who knows of both removals may add again", 0x7, 0x3, "0-2@1 1-2@1 0+2@23", 0x7, 0x3, "ccccc",
     2},
    {"an addition by a concurrently disowned centre does not count", 0x7, 0x3, "1+4@1 0d1@1", 0x7,
     0x1, "ccoc", 1},
    {"nor does what was built on it", 0x7, 0x3, "1o2@1 2+4@2 2o4@3 4+5@4 0d1@1", 0x7, 0x1,
     "ccooooc", 1},
    {"also when the disowning comes up earlier", 0x7, 0x3, "1o2@1#55 2+4@2#66 0d1@1#0f", 0x7, 0x1,
     "ccooc", 1},
    {"what was added before it was disowned stays", 0x7, 0x3, "1+4@1 0d1@2", 0x17, 0x1, "cccc", 1},
    {"its removals count all the same", 0x7, 0x3, "1-2@1 0d1@1", 0x3, 0x1, "cccc", 2},
    {"owners who disown each other leave it to the lowest", 0x7, 0x3, "0d1@1 1d0@1 0+4@23", 0x17,
     0x1, "ccccc", 1},
    {"no owner left: the member with the lowest index", 0x7, 0x3, "0-1@1 1-0@1 2+4@23 4+5@4", 0x14,
     0x4, "cccccn", -1},
    {"who knows of one removal only is no such owner", 0x7, 0x3, "0-1@1 1-0@1 2+4@2", 0x4, 0x4,
     "ccccn", -1},
    {"the member with the lowest index may bring a key", 0x7, 0x3, "0-1@1 1-0@1 2k@23", 0x4, 0x4,
     "ccccc", 4},
    {"nobody left", 0x1, 0x1, "0-0@1 0+0@2", 0x0, 0x0, "cccn", -1},
    {"who removes itself leaves no usable key", 0x7, 0x3, "1-1@1", 0x5, 0x1, "ccc", -1},
    {"two removals at once need a new key", 0xf, 0x3, "0-2@1 1-3@1", 0x3, 0x3, "cccc", -1},
    {"which either owner brings", 0xf, 0x3, "0-2@1 1-3@1 1k@23", 0x3, 0x3, "ccccc", 4},
    {"of two new keys that of the smaller id", 0x7, 0x3, "0k@1#77 1k@1#66", 0x7, 0x3, "cccc", 3},
    {"of one after the other the later", 0x7, 0x3, "0k@1#66 1k@2#77", 0x7, 0x3, "cccc", 3},
    {"of several branches the latest of each, then the smaller", 0x7, 0x3,
     "0k@1#88 0k@2#66 1k@1#77", 0x7, 0x3, "ccccc", 3},
    {"the key of who is concurrently disowned does not serve", 0x7, 0x3, "1k@1 0d1@1", 0x7, 0x1,
     "ccoc", 1},
};

static void check_scene(const struct scene *scene)
{
    static struct story story;
    char effects[16] = "";

    story_begin(&story);
    story_found(&story, 0, scene->centres, scene->owners, true);
    story_read(&story, scene->changes);
    assert_true(story.count < sizeof effects);
    struct group *group = story_evaluate(&story);
    for (size_t i = 0; i < story.count; i++) {
        effects[i] = letter_of(group->effects[i]);
    }
    if (strcmp(effects, scene->effects) != 0 || group->members.words[0] != scene->members_after ||
        group->owners.words[0] != scene->owners_after) {
        fail_msg("%s: effects %s, members %lx, owners %lx", scene->name, effects,
                 (unsigned long)group->members.words[0], (unsigned long)group->owners.words[0]);
    }
    const struct group_change *const expected =
        scene->current < 0 ? NULL : &story.changes[scene->current];
    if ((expected == NULL) != (group->current == NULL) ||
        (expected != NULL && memcmp(expected->id, group->current->change, ID_LEN) != 0)) {
        fail_msg("%s: current key of change %02x", scene->name,
                 group->current != NULL ? group->current->change[0] : 0u);
    }
    assert_int_equal(group->needs_key, group->current == NULL);
    story_demand_any_order(&story, group);
    group_destroy(&group);
    assert_null(group);
    group_destroy(&group);
}

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        check_scene(&scenes[i]);
    }
}

static enum err evaluate(const struct story *story, struct group **group)
{
    const struct group_changes changes = {story->changes, story->count};
    return group_evaluate(story->space, story->group, &story->roster, changes, group);
}

static void demand_effects(const struct story *story, const char *expected)
{
    struct group *group = story_evaluate(story);
    assert_int_equal(strlen(expected), story->count);
    for (size_t i = 0; i < story->count; i++) {
        assert_int_equal(letter_of(group->effects[i]), expected[i]);
    }
    story_demand_any_order(story, group);
    group_destroy(&group);
}

static void test_what_is_no_founding(void **state)
{
    (void)state;
    static struct story story;
    struct group *group = NULL;
    story_begin(&story);
    memset(story.group, 7, TAG_LEN);
    assert_int_equal(evaluate(&story, &group), ERR_NOT_FOUND);
    story_found(&story, 2, 0x7, 0x3, true); // node 2's centre is none of the owners
    assert_int_equal(evaluate(&story, &group), ERR_NOT_FOUND);
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story.group[0] ^= 1; // it founds another group
    assert_int_equal(evaluate(&story, &group), ERR_NOT_FOUND);
    story.group[0] ^= 1;
    story_revoke(&story, 0, 0, 9);
    assert_int_equal(evaluate(&story, &group), ERR_NOT_FOUND);
    story.nodes[0].is_revoked = false;
    story.changes[0].author = STORY_NODES; // in no roster
    assert_int_equal(evaluate(&story, &group), ERR_NOT_FOUND);
    assert_null(group);
}

static void test_what_does_no_harm(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "0+4@1 0+5@2 0+6@1 0k@ 0+7@4");
    story.changes[2].id[0] ^= 1; // so change 3 names one that is not here
    story.bodies[4][0] ^= 1;     // no body any more
    demand_effects(&story, "ccccxcc");
    story_found(&story, 0, 0x7, 0x3, true); // another group
    story_read(&story, "0+4@1");            // and one of its changes
    group_id_derive(story.changes[0].id, story.group);
    demand_effects(&story, "ccccxccuuu");
}

// A node's changes beyond its last one that counts do not, and what stands on them neither; who
// named them goes on.
static void test_revoked_authors(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "1+4@1 1o2@2 2+5@3 0+6@4");
    demand_effects(&story, "cccccc");
    story_revoke(&story, 1, 1, 3); // change 2 has seq 3
    demand_effects(&story, "cccrnc");
    story.nodes[1].revoked_epoch = 0;
    demand_effects(&story, "ccrrnc");
    story.nodes[1].revoked_epoch = 2;
    story.nodes[1].revoked_seq = 0;
    demand_effects(&story, "cccccc");
}

// What a thief did with an owner's key is undone by revoking it.
static void test_a_revoked_removal_removes_nobody(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "1-0@1 0+4@2");
    demand_effects(&story, "cccn");
    story_revoke(&story, 1, 1, 1);
    demand_effects(&story, "ccrc");
}

static void test_revocation_makes_keys_unusable(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_revoke(&story, 15, 1, 1); // of centre 7, which is no member
    struct group *group = story_evaluate(&story);
    assert_false(group->needs_key);
    group_destroy(&group);
    story_revoke(&story, 10, 1, 1); // of centre 2
    group = story_evaluate(&story);
    assert_true(group->needs_key);
    assert_null(group->current);
    assert_false(group->keys[0].is_usable);
    group_destroy(&group);
    story_read(&story, "1k@1"); // its author knows of both
    group = story_evaluate(&story);
    assert_false(group->needs_key);
    assert_memory_equal(group->current->change, story.changes[2].id, ID_LEN);
    group_destroy(&group);
    story_revoke(&story, 2, 1, 1);
    group = story_evaluate(&story);
    assert_true(group->needs_key);
    group_destroy(&group);
}

static bool entitled(const struct group *group, const struct story *story, uint32_t node,
                     size_t change)
{
    struct group_key key;
    story_key(story, change, &key);
    return group_entitled(group, &story->roster, node, key.id);
}

static void test_who_may_have_which_key(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "0-2@1 0+4@2");
    struct group *group = story_evaluate(&story);
    assert_true(entitled(group, &story, 2, 1)); // it read with it before
    assert_false(entitled(group, &story, 2, 2));
    assert_true(entitled(group, &story, 4, 1)); // the history
    assert_true(entitled(group, &story, 4, 2));
    assert_true(entitled(group, &story, 12, 2)); // another node of that centre
    assert_false(entitled(group, &story, 5, 1));
    assert_false(entitled(group, &story, STORY_NODES, 1));
    assert_false(entitled(group, &story, 0, 6)); // no key of this group
    group_destroy(&group);
    story_revoke(&story, 4, 9, 9);
    group = story_evaluate(&story);
    assert_false(entitled(group, &story, 4, 2));
    assert_true(entitled(group, &story, 12, 2));
    group_destroy(&group);
}

static void test_closed_history(void **state)
{
    (void)state;
    static struct story story;
    const struct story_act keyed = {
        .author = 0, .op = GROUP_ADD, .centre = 5, .after = 4, .has_key = true};
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, false);
    story_read(&story, "0+4@1");
    struct group *group = story_evaluate(&story);
    assert_false(entitled(group, &story, 4, 1));
    assert_true(group->needs_key); // one the new member may have
    group_destroy(&group);
    story_tell(&story, &keyed);
    group = story_evaluate(&story);
    assert_false(group->needs_key);
    assert_false(entitled(group, &story, 4, 1));
    assert_true(entitled(group, &story, 4, 3));
    assert_true(entitled(group, &story, 5, 3));
    assert_true(entitled(group, &story, 1, 1));
    group_destroy(&group);
}

// A key that went round while its members did not yet know of a removal is not for the removed.
static void test_audience_without_the_concurrently_removed(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "0k@1 1-2@1 0-1@23 1+5@1 1k@5");
    struct group *group = story_evaluate(&story);
    assert_true(entitled(group, &story, 2, 1));
    assert_false(entitled(group, &story, 2, 2)); // removed at the same time
    assert_true(entitled(group, &story, 1, 2));  // removed later
    assert_true(entitled(group, &story, 1, 3));
    assert_false(entitled(group, &story, 1, 4));
    assert_int_equal(group->effects[5], GROUP_OVERRULED);
    assert_int_equal(group->effects[6], GROUP_OVERRULED);
    assert_true(entitled(group, &story, 0, 6));  // somebody may have written with it
    assert_false(entitled(group, &story, 5, 6)); // but who added centre 5 had no say
    group_destroy(&group);
}

static void test_a_key_is_held_against_its_change(void **state)
{
    (void)state;
    static struct story story;
    struct group_key key;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "0k@1");
    struct group *group = story_evaluate(&story);
    story_key(&story, 2, &key);
    assert_int_equal(group_check_key(group, &key), ERR_OK);
    key.secret[31] ^= 1; // another secret for the same id
    assert_int_equal(group_check_key(group, &key), ERR_DENIED);
    key.secret[31] ^= 1;
    key.group[0] ^= 1;
    assert_int_equal(group_check_key(group, &key), ERR_NOT_FOUND);
    story_key(&story, 3, &key);
    assert_int_equal(group_check_key(group, &key), ERR_NOT_FOUND);
    group_destroy(&group);
}

// A key id that comes again is the key it was, whoever its new change is for.
static void test_a_key_brought_twice(void **state)
{
    (void)state;
    static struct story story;
    struct group_body body;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    story_read(&story, "0-2@1");
    assert_int_equal(group_body_decode(story.changes[2].content, &body), ERR_OK);
    struct group_key key;
    story_key(&story, 1, &key);
    group_key_hash(story.group, key.secret, body.key_hash);
    assert_int_equal(group_body_encode(&body, story.bodies[2], STORY_BODY_MAX),
                     story.changes[2].content.len);
    struct group *group = story_evaluate(&story);
    assert_int_equal(group->keys_count, 1);
    assert_true(group->needs_key);
    group_destroy(&group);
}

static void test_the_group_of_all_members(void **state)
{
    (void)state;
    static struct story story;
    struct group *group = NULL;
    story_begin(&story);
    group_all_members(story.space, story.group);
    assert_int_equal(evaluate(&story, &group), ERR_OK);
    assert_true(group->is_all);
    assert_false(group->needs_key); // the first key came by invitation
    group_destroy(&group);
    story_revoke(&story, 15, 1, 2);
    group = story_evaluate(&story);
    assert_true(group->needs_key);
    group_destroy(&group);
    story_read(&story, "3k@#22 4k@#33 5+6@0 5k@01 15k@0"); // node 15 has no change 5 that counts
    demand_effects(&story, "ccncr");
    group = story_evaluate(&story);
    assert_memory_equal(group->current->change, story.changes[3].id, ID_LEN);
    assert_int_equal(group->latest_count, 3);
    for (uint32_t node = 0; node < STORY_NODES; node++) {
        assert_int_equal(entitled(group, &story, node, 3), node != 15);
    }
    group_destroy(&group);
}

// [16.3] Whoever says otherwise, all members' key in an exercise is that of the real world's.
static void test_no_rekey_of_all_members_in_an_exercise(void **state)
{
    (void)state;
    static struct story story;
    struct group *group = NULL;
    story_begin(&story);
    story.roster.federation[0] ^= 1; // so the story's space is another
    group_all_members(story.space, story.group);
    story_read(&story, "3k@#22 4k@#33");
    demand_effects(&story, "nn");
    assert_int_equal(evaluate(&story, &group), ERR_OK);
    assert_true(group->is_all && !group->needs_key);
    assert_null(group->current);
    assert_int_equal(group->keys_count, 0);
    group_destroy(&group);
}

static void test_latest(void **state)
{
    (void)state;
    static struct story story;
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x7, true);
    struct group *group = story_evaluate(&story);
    assert_int_equal(group->latest_count, 1); // the founding goes without saying
    group_destroy(&group);
    story_read(&story, "1k@1 1k@2 2k@3 0k@4 0k@5");
    group = story_evaluate(&story);
    assert_int_equal(group->latest_count, 3); // what is after all, and the last of nodes 1 and 2
    assert_memory_equal(group->latest[0], story.changes[3].id, ID_LEN);
    assert_memory_equal(group->latest[1], story.changes[4].id, ID_LEN);
    assert_memory_equal(group->latest[2], story.changes[6].id, ID_LEN);
    group_destroy(&group);
    for (int i = 0; i < 20; i++) {
        story_read(&story, "0k@6");
    }
    group = story_evaluate(&story);
    assert_int_equal(group->latest_count, GROUP_AFTER_MAX);
    for (size_t i = 0; i < group->latest_count; i++) {
        assert_memory_equal(group->latest[i], story.changes[11 + i].id, ID_LEN);
    }
    group_destroy(&group);
}

// More changes than count: the first in order do, from whatever end they are handed over.
static void test_too_many(void **state)
{
    (void)state;
    enum { MANY = GROUP_CHANGES_MAX + 3, LEN_MAX = 256 };
    static struct story story;
    static struct group_change changes[MANY];
    static uint8_t bodies[MANY][LEN_MAX];
    story_begin(&story);
    story_found(&story, 0, 0x7, 0x3, true);
    changes[0] = story.changes[0];
    struct group_body body = {.op = GROUP_OWN, .centre = 1, .after_count = 1};
    memcpy(body.group, story.group, TAG_LEN);
    for (size_t i = 1; i < MANY; i++) {
        body.op = i % 3 == 0 ? GROUP_OWN : (i % 3 == 1 ? GROUP_DISOWN : GROUP_ADD);
        memcpy(body.after[0], changes[i - 1].id, ID_LEN);
        const size_t len = group_body_encode(&body, bodies[i], LEN_MAX);
        assert_true(len > 0);
        changes[i] = (struct group_change){.content = {bodies[i], len}, .seq = i + 1, .epoch = 1};
        crypto_generichash(changes[i].id, ID_LEN, (const uint8_t *)&i, sizeof i, NULL, 0);
    }
    for (size_t i = 0; i < MANY / 2; i++) {
        const struct group_change swap = changes[i];
        changes[i] = changes[MANY - 1 - i];
        changes[MANY - 1 - i] = swap;
    }
    struct group *group = NULL;
    const struct group_changes all = {changes, MANY};
    assert_int_equal(group_evaluate(story.space, story.group, &story.roster, all, &group), ERR_OK);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(group->effects[MANY - 1 - i],
                         i < GROUP_CHANGES_MAX ? GROUP_COUNTS : GROUP_TOO_MANY);
    }
    assert_memory_equal(group->latest[0], changes[MANY - GROUP_CHANGES_MAX].id, ID_LEN);
    group_destroy(&group);
}

enum { DRAWN = 300, DRAWN_LEN = 30 };

// What a revocation left to quarantine makes no difference, whether a node holds it or not.
static void test_what_does_not_count_may_be_missing(void **state)
{
    (void)state;
    static struct story story;
    size_t missing = 0;
    for (uint32_t seed = 0; seed < DRAWN; seed++) {
        story_draw(&story, seed, DRAWN_LEN);
        story_revoke(&story, 1 + seed % 3, 1, seed % DRAWN_LEN);
        struct group *whole = story_evaluate(&story);
        size_t kept = 0;
        for (size_t i = 0; i < DRAWN_LEN; i++) {
            if (whole->effects[i] != GROUP_REVOKED) {
                story.changes[kept] = story.changes[i];
                kept++;
            }
        }
        story.count = kept;
        missing += DRAWN_LEN - kept;
        struct group *rest = story_evaluate(&story);
        assert_true(story_is_same(whole, rest));
        group_destroy(&whole);
        group_destroy(&rest);
    }
    assert_true(missing > DRAWN);
}

// Who is a member, owner and key follow from the set of changes alone.
static void test_any_order_gives_the_same(void **state)
{
    (void)state;
    static struct story story;
    size_t effects[GROUP_TOO_MANY + 1] = {0};
    for (uint32_t seed = 0; seed < DRAWN; seed++) {
        story_draw(&story, seed, DRAWN_LEN);
        struct group *group = story_evaluate(&story);
        story_demand_any_order(&story, group);
        for (size_t i = 0; i < story.count; i++) {
            effects[group->effects[i]]++;
        }
        group_destroy(&group);
    }
    assert_true(effects[GROUP_COUNTS] > DRAWN); // or the histories try out nothing
    assert_true(effects[GROUP_OVERRULED] > DRAWN);
    assert_true(effects[GROUP_UNAUTHORISED] > DRAWN);
}

// Changes that arrive later never make one count that did not, or the other way round.
static void test_whether_a_change_counts_is_settled(void **state)
{
    (void)state;
    static struct story story;
    for (uint32_t seed = 0; seed < DRAWN; seed++) {
        story_draw(&story, seed, DRAWN_LEN);
        struct group *whole = story_evaluate(&story);
        for (size_t count = 1; count < DRAWN_LEN; count++) {
            story.count = count;
            struct group *part = story_evaluate(&story);
            const enum group_effect now = part->effects[count - 1];
            const enum group_effect later = whole->effects[count - 1];
            assert_int_equal(now == GROUP_UNAUTHORISED, later == GROUP_UNAUTHORISED);
            assert_true(now != GROUP_OVERRULED || later == GROUP_OVERRULED);
            group_destroy(&part);
        }
        group_destroy(&whole);
    }
}

static bool is_before(const struct story *story, size_t earlier, size_t later)
{
    struct group_body body;
    assert_int_equal(group_body_decode(story->changes[later].content, &body), ERR_OK);
    for (size_t i = 0; i < body.after_count; i++) {
        for (size_t at = earlier; at < later; at++) {
            if (memcmp(body.after[i], story->changes[at].id, ID_LEN) == 0 &&
                (at == earlier || is_before(story, earlier, at))) {
                return true;
            }
        }
    }
    return false;
}

// Whom a removal that counts names is out, unless somebody who knew of it added the centre again;
// and what is current is open to no one who is out.
static void test_the_removed_are_out(void **state)
{
    (void)state;
    static struct story story;
    size_t removed = 0;
    for (uint32_t seed = 0; seed < DRAWN; seed++) {
        story_draw(&story, seed, DRAWN_LEN);
        struct group *group = story_evaluate(&story);
        for (size_t i = 1; i < story.count; i++) {
            struct group_body body;
            assert_int_equal(group_body_decode(story.changes[i].content, &body), ERR_OK);
            bool is_back = body.op != GROUP_REMOVE || group->effects[i] != GROUP_COUNTS;
            for (size_t j = i + 1; j < story.count && !is_back; j++) {
                struct group_body other;
                assert_int_equal(group_body_decode(story.changes[j].content, &other), ERR_OK);
                is_back = other.op == GROUP_ADD && other.centre == body.centre &&
                          group->effects[j] == GROUP_COUNTS && is_before(&story, i, j);
            }
            assert_true(is_back || !centre_set_has(&group->members, body.centre));
            removed += is_back ? 0 : 1;
        }
        for (uint32_t node = 0; group->current != NULL && node < STORY_NODES; node++) {
            const bool is_member = centre_set_has(&group->members, story.nodes[node].centre);
            assert_int_equal(group_entitled(group, &story.roster, node, group->current->hash),
                             is_member);
        }
        group_destroy(&group);
    }
    assert_true(removed > DRAWN / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_what_is_no_founding),
        cmocka_unit_test(test_what_does_no_harm),
        cmocka_unit_test(test_revoked_authors),
        cmocka_unit_test(test_a_revoked_removal_removes_nobody),
        cmocka_unit_test(test_revocation_makes_keys_unusable),
        cmocka_unit_test(test_who_may_have_which_key),
        cmocka_unit_test(test_closed_history),
        cmocka_unit_test(test_audience_without_the_concurrently_removed),
        cmocka_unit_test(test_a_key_is_held_against_its_change),
        cmocka_unit_test(test_a_key_brought_twice),
        cmocka_unit_test(test_the_group_of_all_members),
        cmocka_unit_test(test_no_rekey_of_all_members_in_an_exercise),
        cmocka_unit_test(test_latest),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_what_does_not_count_may_be_missing),
        cmocka_unit_test(test_any_order_gives_the_same),
        cmocka_unit_test(test_whether_a_change_counts_is_settled),
        cmocka_unit_test(test_the_removed_are_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
