// SPDX-License-Identifier: EUPL-1.2
// Who holds what since when [18.13 to 18.15]: stories made by hand, with what should come out of
// them; and vectors of all that comes out. tests/vectors.h says how the file is written.
#include "picture_story.h"
#include "unit/body_text.h"
#include "unit/story_json.h"

#define PATH "proto/vectors/picture/receipts.json"

enum { TALE_ENTRIES = 10, TALE_CHECKS = 6, TALE_VIEWS = 4, NODES = 6 };

// Node n is of centre n / 2.
struct tale {
    const char *name;
    struct told {
        const char *ref;
        uint64_t written_ms;
        const char *body;
    } entries[TALE_ENTRIES];
    struct {
        size_t entry;
        uint32_t node;
        const char *by; // what shows that it was held; NULL: nothing
        uint64_t from_ms, until_ms;
    } checks[TALE_CHECKS];
    struct {
        uint32_t centre;
        uint64_t written_ms;
        const char *knows; // by entry 'x' or '-'
    } views[TALE_VIEWS];
};

#define JOURNAL "{'kind':'journal','text':'16:05 dry'}"
#define HEADS(heads) "{'kind':'receipt','heads':[" heads "]}"
#define NTH(number, heads) "{'kind':'receipt','number':" number ",'heads':[" heads "]}"
#define A_TWIN(seq) "[0,0," seq ",'0xaaaaaaaaaaaaaaaa']"

static const struct tale tales[] = {
    {"a receipt shows all up to its head, since the receipt before it",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 200, JOURNAL},
      {"2/0/1", 150, HEADS("'@0/0/1'")},
      {"2/0/2", 300, HEADS("'@0/0/3'")},
      {"0/0/3", 210, JOURNAL},
      {"0/0/4", 220, JOURNAL}},
     {{0, 2, "2/0/1", 100, 150},
      {1, 2, "2/0/2", 200, 300},
      {4, 2, "2/0/2", 210, 300},
      {5, 2, NULL, 300, UINT64_MAX},
      {0, 0, "0/0/1", 100, 100},
      {0, 4, NULL, 0, UINT64_MAX}},
     {{1, 149, "------"}, {1, 150, "x-x---"}, {1, 300, "xxxxx-"}, {0, 200, "xx----"}}},
    {"not before the last receipt, whatever the author's clock says",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 120, JOURNAL},
      {"2/0/1", 150, HEADS("'@0/0/1'")},
      {"2/0/2", 300, HEADS("'@0/0/2'")},
      {"0/0/3", 900, JOURNAL},
      {"2/0/3", 400, HEADS("'@0/0/3'")}},
     {{1, 2, "2/0/2", 150, 300}, {4, 2, "2/0/3", 300, 400}},
     {{1, 399, "xxxx--"}, {1, 400, "xxxxxx"}}},
    {"what is ahead of a gap is held, and nothing before it",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 110, JOURNAL},
      {"0/0/3", 120, JOURNAL},
      {"2/0/1", 200, "{'kind':'receipt','heads':['@0/0/1'],'ahead':['@0/0/3']}"},
      {"2/0/2", 300, HEADS("'@0/0/3'")}},
     {{0, 2, "2/0/1", 100, 200}, {1, 2, "2/0/2", 200, 300}, {2, 2, "2/0/1", 120, 200}},
     {{1, 299, "x-xx-"}, {1, 300, "xxxxx"}}},
    {"who names an entry has it, in whichever field, but not who names its item",
     {{"0/0/1", 100, "{'kind':'measure','type':'evacuate'}"},
      {"0/0/2", 110, "{'kind':'measure','type':'shelter','item':'@0/0/1','supersedes':['@0/0/1']}"},
      {"2/0/1", 160, "{'kind':'ack','of':['@0/0/2'],'as':'seen'}"},
      {"4/0/1", 170, "{'kind':'measure','type':'iodine','item':'@0/0/1','supersedes':['@0/0/2']}"},
      {"4/0/2", 180, HEADS("'@0/0/2'")}},
     {{1, 2, "2/0/1", 110, 160},
      {0, 2, NULL, 0, UINT64_MAX},
      {1, 4, "4/0/1", 110, 170},
      {0, 4, "4/0/2", 100, 180}},
     {{1, 160, "-xx--"}, {2, 170, "-x-x-"}}},
    {"a later receipt that came first, and an older one that tells more",
     {{"0/0/1", 100, JOURNAL},
      {"2/0/2", 300, HEADS("'@0/0/1'")},
      {"2/0/1", 200, HEADS("'@0/0/9'")}},
     {{0, 2, "2/0/1", 100, 200}},
     {{1, 200, "x-x"}}},
    {"of a log that forked a head shows itself alone",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 110, JOURNAL},
      {"0/0/2/aa", 111, JOURNAL},
      {"0/0/3", 120, JOURNAL},
      {"2/0/1", 200, HEADS("'@0/0/3'")},
      {"4/0/1", 210, HEADS(A_TWIN("2"))}},
     {{0, 2, "2/0/1", 100, 200},
      {1, 2, NULL, 0, UINT64_MAX},
      {3, 2, "2/0/1", 120, 200},
      {2, 4, "4/0/1", 111, 210},
      {0, 4, "4/0/1", 100, 210},
      {1, 4, NULL, 210, UINT64_MAX}},
     {{1, 200, "x--xx-"}}},
    {"a head behind a fork tells not which branch was held, nor which was not",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 110, JOURNAL},
      {"0/0/2/aa", 111, JOURNAL},
      {"2/0/1", 150, HEADS("'@0/0/1'")},
      {"2/0/2", 200, HEADS("'@0/0/3'")},
      {"2/0/3", 300, HEADS("'@0/0/4'")},
      {"2/0/4", 400, "{'kind':'ack','of':['@0/0/2'],'as':'seen'}"}},
     {{0, 2, "2/0/1", 100, 150}, {1, 2, "2/0/4", 150, 400}, {2, 2, NULL, 150, UINT64_MAX}},
     {{1, 399, "x--xxx-"}, {1, 400, "xx-xxxx"}}},
    {"a receipt denies nothing while one before it is missing",
     {{"0/0/1", 100, JOURNAL},
      {"0/0/2", 110, JOURNAL},
      {"0/0/3", 120, JOURNAL},
      {"2/0/1", 150, NTH("1", "'@0/0/1'")},
      {"2/0/3", 250, NTH("3", "'@4/0/1'")},
      {"2/0/4", 300, NTH("4", "'@0/0/2'")},
      {"4/0/1", 90, JOURNAL}},
     {{0, 2, "2/0/1", 100, 150},
      {1, 2, "2/0/4", 150, 300},
      {2, 2, NULL, 150, UINT64_MAX},
      {6, 2, "2/0/3", 150, 250}},
     {{1, 250, "x--xx-x"}, {1, 300, "xx-xxxx"}}},
    {"a centre knows what one of its nodes holds; another epoch is another log",
     {{"0/0/1", 100, JOURNAL},
      {"0/1/1", 110, JOURNAL},
      {"3/0/1", 200, HEADS("'@0/0/1'")},
      {"2/0/1", 300, HEADS("'@0/1/4'")}},
     {{0, 3, "3/0/1", 100, 200}, {0, 2, NULL, 300, UINT64_MAX}, {1, 2, "2/0/1", 110, 300}},
     {{1, 250, "x-x-"}, {1, 300, "xxxx"}}},
};

static struct picture_entry entry_of(const struct told *told, uint8_t **bytes)
{
    json_t *const body = body_json(told->body);
    size_t len;

    *bytes = body_encode(body, &len);
    json_decref(body);
    return (struct picture_entry){
        .ref = ref_told(told->ref), .written_ms = told->written_ms, .body = {*bytes, len}};
}

static size_t count_of(const struct tale *tale)
{
    size_t count = 0;

    while (count < TALE_ENTRIES && tale->entries[count].ref != NULL) {
        count++;
    }
    return count;
}

static struct picture *picture_of(const struct tale *tale, bool is_backwards)
{
    const size_t count = count_of(tale);
    struct picture *picture = story_picture();

    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes;
        const struct picture_entry entry =
            entry_of(&tale->entries[is_backwards ? count - 1 - i : i], &bytes);
        assert_int_equal(picture_add(picture, &entry), ERR_OK);
        free(bytes);
    }
    return picture;
}

static uint32_t place_told(const struct picture *picture, const char *text)
{
    const struct ref ref = ref_told(text);

    return picture_find(picture, &ref);
}

static bool is_same(const struct picture_holding *a, const struct picture_holding *b)
{
    return a->shown_by == b->shown_by && a->from_ms == b->from_ms && a->until_ms == b->until_ms;
}

static void check_held(const struct tale *tale, struct picture *picture)
{
    for (size_t i = 0; i < TALE_CHECKS && tale->checks[i].until_ms != 0; i++) {
        const struct picture_holding wanted = {
            .shown_by =
                tale->checks[i].by == NULL ? PICTURE_NONE : place_told(picture, tale->checks[i].by),
            .until_ms = tale->checks[i].until_ms,
            .from_ms = tale->checks[i].from_ms,
        };
        struct picture_holding holding;
        picture_held(picture, place_told(picture, tale->entries[tale->checks[i].entry].ref),
                     tale->checks[i].node, &holding);
        if (!is_same(&holding, &wanted)) {
            fail_msg("%s: check %zu: from %ju until %ju", tale->name, i, (uintmax_t)holding.from_ms,
                     (uintmax_t)holding.until_ms);
        }
    }
}

static void tell_known(const struct tale *tale, struct picture *picture, char *knows)
{
    const size_t count = count_of(tale);

    for (size_t i = 0; i < count; i++) {
        const struct ref ref = ref_told(tale->entries[i].ref);
        knows[i] = story_version(picture, &ref).is_here ? 'x' : '-';
    }
    knows[count] = '\0';
}

static void check_views(const struct tale *tale, struct picture *picture)
{
    char knows[TALE_ENTRIES + 1];

    for (size_t i = 0; i < TALE_VIEWS && tale->views[i].knows != NULL; i++) {
        const struct picture_view view = {.centre = tale->views[i].centre,
                                          .written_ms = tale->views[i].written_ms};
        assert_int_equal(picture_set_view(picture, &view), ERR_OK);
        tell_known(tale, picture, knows);
        if (strcmp(knows, tale->views[i].knows) != 0) {
            fail_msg("%s: view %zu: %s", tale->name, i, knows);
        }
        picture_set_moment(picture, UINT64_MAX);
    }
}

static void tales_end_as_they_should(void **state)
{
    (void)state;

    for (size_t i = 0; i < 2 * (sizeof tales / sizeof *tales); i++) {
        const struct tale *tale = &tales[i / 2];
        struct picture *picture = picture_of(tale, i % 2 == 1);
        check_held(tale, picture);
        check_views(tale, picture);
        check_held(tale, picture); // as if nobody had looked
        picture_destroy(&picture);
    }
}

// Who is not in a group did not read what it held.
static void show_a_centre_what_it_reads(void **state)
{
    const struct ref ref = ref_told("0/0/1");
    const bool reads[] = {true, false};
    struct picture_view view = {.centre = 0, .written_ms = 100, .reads = reads, .groups_count = 2};
    struct picture *picture = story_picture();
    uint8_t *bytes;
    struct picture_entry entry = entry_of(&tales[0].entries[0], &bytes);
    (void)state;

    entry.group = 1;
    assert_int_equal(picture_add(picture, &entry), ERR_OK);
    assert_int_equal(picture_set_view(picture, &view), ERR_OK);
    assert_false(story_version(picture, &ref).is_here);
    view.groups_count = 1;
    assert_int_equal(picture_set_view(picture, &view), ERR_OK);
    assert_true(story_version(picture, &ref).is_here);
    picture_set_moment(picture, UINT64_MAX);
    free(bytes);
    picture_destroy(&picture);
}

static void look_around_a_moment(void **state)
{
    struct picture *picture = picture_of(&tales[1], false);
    uint64_t before_ms;
    uint64_t after_ms;
    (void)state;

    picture_receipts_around(picture, 1, 300, &before_ms, &after_ms);
    assert_int_equal(before_ms, 300);
    assert_int_equal(after_ms, 400);
    picture_receipts_around(picture, 1, 100, &before_ms, &after_ms);
    assert_int_equal(before_ms, 0);
    assert_int_equal(after_ms, 150);
    picture_receipts_around(picture, 0, 100, &before_ms, &after_ms);
    assert_int_equal(before_ms, 0);
    assert_true(after_ms == UINT64_MAX);
    picture_destroy(&picture);
}

// Of what a receipt tells that came ahead of another one, not all is here.
static void look_around_for_what_is_whole(void **state)
{
    const struct tale *tale = &tales[7];
    struct picture *picture = picture_of(tale, false);
    uint64_t before_ms;
    uint64_t after_ms;
    (void)state;

    picture_receipts_around(picture, 1, 260, &before_ms, &after_ms);
    assert_int_equal(before_ms, 150);
    assert_int_equal(after_ms, 300);
    picture_destroy(&picture);
}

// What is seen of a moment past is what had come.
static void forget_receipts_to_come(void **state)
{
    struct picture *picture = story_picture();
    struct picture_holding holding;
    (void)state;

    for (size_t i = 0; i < count_of(&tales[0]); i++) {
        uint8_t *bytes;
        struct picture_entry entry = entry_of(&tales[0].entries[i], &bytes);
        entry.arrived_ms = 1000 + i;
        assert_int_equal(picture_add(picture, &entry), ERR_OK);
        free(bytes);
    }
    picture_set_moment(picture, 1002);
    picture_held(picture, place_told(picture, "0/0/2"), 2, &holding);
    assert_int_equal(holding.shown_by, PICTURE_NONE);
    assert_int_equal(holding.from_ms, 150);
    picture_set_moment(picture, 1003);
    picture_held(picture, place_told(picture, "0/0/2"), 2, &holding);
    assert_int_equal(holding.until_ms, 300);
    picture_destroy(&picture);
}

// -- vectors --

static json_t *time_json(uint64_t time_ms)
{
    return time_ms == UINT64_MAX ? json_null() : json_integer((json_int_t)time_ms);
}

static json_t *tell_holding(struct picture *picture, uint32_t place, uint32_t node)
{
    struct picture_holding holding;
    struct picture_version by;

    picture_held(picture, place, node, &holding);
    if (holding.shown_by == PICTURE_NONE) {
        return json_pack("[n,I,n]", (json_int_t)holding.from_ms);
    }
    picture_version(picture, holding.shown_by, &by);
    return json_pack("[o,I,o]", ref_json(&by.ref), (json_int_t)holding.from_ms,
                     time_json(holding.until_ms));
}

static json_t *tell_entry(struct picture *picture, const struct told *told)
{
    const struct ref ref = ref_told(told->ref);
    json_t *const held = json_array();
    uint8_t *bytes;
    const struct picture_entry entry = entry_of(told, &bytes);
    json_t *const body = vectors_hex(entry.body.bytes, entry.body.len);

    for (uint32_t node = 0; node < NODES; node++) {
        json_array_append_new(held, tell_holding(picture, picture_find(picture, &ref), node));
    }
    free(bytes);
    return json_pack("{s:o,s:I,s:o,s:o}", "ref", ref_json(&ref), "written",
                     (json_int_t)told->written_ms, "body", body, "held", held);
}

static json_t *tell_view(const struct tale *tale, struct picture *picture, size_t i)
{
    const struct picture_view view = {.centre = tale->views[i].centre,
                                      .written_ms = tale->views[i].written_ms};
    char knows[TALE_ENTRIES + 1];
    uint8_t digest[DIGEST_LEN];

    assert_int_equal(picture_set_view(picture, &view), ERR_OK);
    tell_known(tale, picture, knows);
    assert_int_equal(picture_digest(picture, digest), ERR_OK);
    picture_set_moment(picture, UINT64_MAX);
    return json_pack("{s:I,s:I,s:s,s:o}", "centre", (json_int_t)view.centre, "moment",
                     (json_int_t)view.written_ms, "knows", knows, "digest",
                     vectors_hex(digest, sizeof digest));
}

static json_t *tell_tale(const struct tale *tale)
{
    json_t *const entries = json_array();
    json_t *const views = json_array();
    struct picture *picture = picture_of(tale, false);

    for (size_t i = 0; i < count_of(tale); i++) {
        json_array_append_new(entries, tell_entry(picture, &tale->entries[i]));
    }
    for (size_t i = 0; i < TALE_VIEWS && tale->views[i].knows != NULL; i++) {
        json_array_append_new(views, tell_view(tale, picture, i));
    }
    picture_destroy(&picture);
    return json_pack("{s:s,s:o,s:o}", "name", tale->name, "entries", entries, "views", views);
}

static void the_file_says_what_receipts_show(void **state)
{
    json_t *const stories = json_array();
    (void)state;

    for (size_t i = 0; i < sizeof tales / sizeof *tales; i++) {
        json_array_append_new(stories, tell_tale(&tales[i]));
    }
    story_file_check(
        PATH,
        json_pack("{s:s,s:o}", "about",
                  "Who holds what since when, PROTOCOL.md 18.13 to 18.15. Node n is of centre n / "
                  "2, rounded down. \"held\" tells of each node the entry that shows it, not "
                  "before when and by when it held the entry; null: nothing shows it. A view tells "
                  "what a centre surely knew at a moment, x by entry, and the digest of that.",
                  "stories", stories),
        4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tales_end_as_they_should),
        cmocka_unit_test(show_a_centre_what_it_reads),
        cmocka_unit_test(look_around_a_moment),
        cmocka_unit_test(look_around_for_what_is_whole),
        cmocka_unit_test(forget_receipts_to_come),
        cmocka_unit_test(the_file_says_what_receipts_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
