// SPDX-License-Identifier: EUPL-1.2
// Vectors of what entries make up: stories made by hand and some by chance, and what a picture
// shows of each in the end and at moments before. tests/vectors.h says how the file is written.
#include "picture_pen.h"
#include "unit/picture_tales.h"
#include "unit/story_vectors.h"

#define PATH "proto/vectors/picture/stories.json"

enum { NODES = 8, NODES_BY_CHANCE = 12, SEEDS = 6, SHOWN_MAX = 256 };

static const char *const standings[STANDINGS] = {"counts", "proposed", "misstep", "waits"};

// -- stories --

static json_t *make_told(const struct tale *tale)
{
    json_t *const story = story_json(tale->name, NODES);

    for (size_t i = 0; i < TALE_ENTRIES && tale->entries[i].ref != NULL; i++) {
        add_told(story, tale->entries[i].ref, tale->entries[i].body, 1000 + i);
    }
    return story;
}

// Officers who mostly see all that was written, half of them of two centres.
static void write_by_chance(struct story *written, struct random *random)
{
    static struct pen pen;
    const uint32_t count = random_between(random, 60, 130);
    struct picture *picture = story_picture();

    pen.story = written;
    pen.random = random;
    while (written->count < count) {
        const uint32_t what = random_below(random, 10);
        if (what == 0) {
            pen_count(&pen);
        } else if (what < 3) {
            pen_begin(&pen);
        } else if (!pen_change(&pen, picture)) {
            continue;
        }
        const uint32_t nodes = random_permille(random, 600) ? 4 : STORY_NODES;
        (void)story_write(written, random_below(random, nodes), &pen.body);
        if (random_permille(random, 700)) {
            story_show(written, written->count - 1, picture);
        }
    }
    picture_destroy(&picture);
}

// What they wrote arrives here in another order, some of it never.
static json_t *make_by_chance(uint64_t seed)
{
    static struct story written;
    static struct random random;
    char name[32];

    random_init(&random, seed);
    story_begin(&written);
    write_by_chance(&written, &random);
    assert_true(snprintf(name, sizeof name, "by chance, %d", (int)seed) < (int)sizeof name);
    json_t *const story = story_json(name, NODES_BY_CHANCE);
    for (size_t i = 0; i < written.count; i++) {
        const struct story_entry *entry = &written.entries[i];
        if (random_permille(&random, 950)) {
            add_entry(story, &entry->ref, (struct span){entry->bytes, entry->len},
                      1000 + random_below(&random, 100000));
        }
    }
    story_end(&written);
    return story;
}

// -- what a picture shows of them --

static json_t *tell_entry(struct picture *picture, const struct ref *ref)
{
    struct picture_version version;
    const uint32_t place = picture_find(picture, ref);

    picture_version(picture, place, &version);
    if (!version.is_here) {
        return json_null();
    }
    const bool is_outdated = picture_is_outdated(picture, place);
    if (version.item == PICTURE_NONE) {
        return json_pack("{s:n,s:b}", "standing", "outdated", is_outdated);
    }
    return json_pack("{s:s,s:b,s:b,s:b}", "standing", standings[version.standing], "replaced",
                     version.is_replaced, "lacks", version.lacks_parents, "outdated", is_outdated);
}

// The versions of the item that stand so and are not replaced.
static json_t *tell_open(struct picture *picture, uint32_t began, enum standing standing)
{
    uint32_t places[SHOWN_MAX];
    struct ref refs[SHOWN_MAX];
    struct picture_version version;
    size_t open = 0;
    const size_t count = picture_versions(picture, began, places, SHOWN_MAX);

    assert_true(count <= SHOWN_MAX);
    for (size_t i = 0; i < count; i++) {
        picture_version(picture, places[i], &version);
        if (version.standing == standing && !version.is_replaced) {
            refs[open++] = version.ref;
        }
    }
    return refs_json(refs, open);
}

static json_t *tell_item(struct picture *picture, uint32_t began)
{
    struct picture_item item;
    struct picture_version version;

    picture_item(picture, began, &item);
    picture_version(picture, began, &version);
    json_t *const heads = tell_open(picture, began, STANDING_COUNTS);
    json_t *const proposals = tell_open(picture, began, STANDING_PROPOSED);
    assert_int_equal(json_array_size(heads), item.heads);
    assert_int_equal(json_array_size(proposals), item.proposals);
    return json_pack("{s:o,s:o,s:o,s:b,s:b}", "item", ref_json(&version.ref), "heads", heads,
                     "proposals", proposals, "conflicting", item.is_conflicting, "gaps",
                     item.has_gaps);
}

static json_t *tell_items(struct picture *picture)
{
    json_t *const told = json_array();
    const uint32_t *items;
    size_t count;

    assert_int_equal(picture_items(picture, &items, &count), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (picture_versions(picture, items[i], NULL, 0) > 0) {
            json_array_append_new(told, tell_item(picture, items[i]));
        }
    }
    return told;
}

static json_t *tell_latest(struct picture *picture)
{
    uint32_t places[SHOWN_MAX];
    struct ref refs[SHOWN_MAX];
    struct picture_version version;
    const size_t count = picture_latest(picture, places, SHOWN_MAX);

    assert_true(count <= SHOWN_MAX);
    for (size_t i = 0; i < count; i++) {
        picture_version(picture, places[i], &version);
        refs[i] = version.ref;
    }
    return refs_json(refs, count);
}

// UINT64_MAX: the end.
static json_t *tell(struct picture *picture, const json_t *story, uint64_t moment_ms)
{
    json_t *const told = json_array();
    uint8_t digest[DIGEST_LEN];
    size_t index;
    const json_t *entry;

    picture_set_moment(picture, moment_ms);
    json_array_foreach(json_object_get(story, "entries"), index, entry)
    {
        const struct ref ref = ref_of(json_object_get(entry, "ref"));
        json_array_append_new(told, tell_entry(picture, &ref));
    }
    assert_int_equal(picture_digest(picture, digest), ERR_OK);
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "moment",
                     moment_ms == UINT64_MAX ? json_null() : json_integer((json_int_t)moment_ms),
                     "entries", told, "items", tell_items(picture), "latest", tell_latest(picture),
                     "digest", vectors_hex(digest, sizeof digest));
}

static json_t *make_stories(void)
{
    json_t *const file = json_pack(
        "{s:s,s:[]}", "about",
        "What entries make up, PROTOCOL.md 18.7 to 18.12: in the end, and of what had arrived at a "
        "moment. \"centres\" are those of nodes by index. What is told of \"entries\" is null for "
        "what is not here, its \"standing\" null for what is no version of anything.",
        "stories");
    json_t *const stories = json_object_get(file, "stories");

    for (size_t i = 0; i < sizeof tales / sizeof *tales; i++) {
        json_array_append_new(stories, expect(make_told(&tales[i]), tell));
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        json_array_append_new(stories, expect(make_by_chance(seed), tell));
    }
    return file;
}

// -- the file --

static void the_file_says_what_pictures_show(void **state)
{
    (void)state;
    story_file_check(PATH, make_stories(), 5);
}

static char letter_of(struct picture *picture, const struct told *told)
{
    const struct ref ref = ref_told(told->ref);
    const struct picture_version version = story_version(picture, &ref);

    if (version.item == PICTURE_NONE) {
        return '-';
    }
    return (version.is_replaced ? "CPMW" : "cpmw")[version.standing];
}

// What was meant, beside what comes out.
static void tales_end_as_they_should(void **state)
{
    char stands[TALE_ENTRIES + 1];
    (void)state;

    for (size_t i = 0; i < sizeof tales / sizeof *tales; i++) {
        json_t *const story = make_told(&tales[i]);
        struct picture *picture = picture_of(story, false);
        size_t count = 0;
        for (; count < TALE_ENTRIES && tales[i].entries[count].ref != NULL; count++) {
            stands[count] = letter_of(picture, &tales[i].entries[count]);
        }
        stands[count] = '\0';
        if (strcmp(stands, tales[i].stands) != 0) {
            print_error("%s: \"%s\", not \"%s\"\n", tales[i].name, stands, tales[i].stands);
        }
        assert_string_equal(stands, tales[i].stands);
        picture_destroy(&picture);
        json_decref(story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tales_end_as_they_should),
        cmocka_unit_test(the_file_says_what_pictures_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
