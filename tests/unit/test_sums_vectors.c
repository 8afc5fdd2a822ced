// SPDX-License-Identifier: EUPL-1.2
// Vectors of what entries add up to [18.17, 18.18]: stories made by hand and some by chance, in the
// end and at moments before. tests/vectors.h says how the file is written.
#include "sim/random.h"
#include "sitrep/sums.h"
#include "unit/story_vectors.h"
#include "unit/sums_tales.h"

#define PATH "proto/vectors/picture/sums.json"

enum { NODES = 8, SEEDS = 8, BODY_MAX = 1024 };

// -- stories --

static json_t *make_told(const struct sums_tale *tale)
{
    json_t *const story = story_json(tale->name, NODES);

    for (size_t i = 0; i < SUMS_TALE_ENTRIES && tale->entries[i].ref != NULL; i++) {
        add_told(story, tale->entries[i].ref, tale->entries[i].body, 1000 + i);
    }
    return story;
}

// What was written so far, by author: references count up.
struct chance {
    struct random random;
    char refs[STORY_SHOWN_MAX][24];
    bool is_incident[STORY_SHOWN_MAX];
    size_t items[STORY_SHOWN_MAX]; // what each is a version of
    size_t count;
    unsigned seqs[NODES + 2];
};

static size_t any_of(struct chance *chance, bool is_incident)
{
    size_t at = random_below(&chance->random, (uint32_t)chance->count);

    while (chance->is_incident[at] != is_incident) {
        at = (at + 1) % chance->count;
    }
    return at;
}

static int put(char *out, int len, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int put(char *out, int len, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int added = vsnprintf(out + len, (size_t)(BODY_MAX - len), format, arguments);
    va_end(arguments);
    assert_true(added >= 0 && len + added < BODY_MAX);
    return len + added;
}

// A version of something, now and then of what was replaced; else something new.
static int put_change(struct chance *chance, bool is_incident, char *body, int len)
{
    const size_t parent = any_of(chance, is_incident);

    chance->items[chance->count] = chance->items[parent];
    return put(body, len, ",'item':'@%s','supersedes':['@%s']", chance->refs[chance->items[parent]],
               chance->refs[parent]);
}

static int put_counts(struct chance *chance, const char *group, char *body, int len)
{
    static const char *const fields[] = {"dead", "injured", "missing"};
    bool is_first = true;

    len = put(body, len, ",'%s':{", group);
    for (size_t i = 0; i < 3; i++) {
        if (random_permille(&chance->random, 600)) {
            len = put(body, len, "%s'%s':%u", is_first ? "" : ",", fields[i],
                      (unsigned)random_below(&chance->random, 30));
            is_first = false;
        }
    }
    return put(body, len, "}");
}

static int put_element(struct chance *chance, char *body, int len)
{
    const bool is_to_date = random_permille(&chance->random, 400);

    len = put(body, len, "{'basis':'%s'", is_to_date ? "to-date" : "period");
    len = put_counts(chance, "population", body, len);
    if (random_permille(&chance->random, 300)) {
        len = put_counts(chance, "responders", body, len);
    }
    return put(body, len, "}");
}

static void write_report(struct chance *chance, char *body)
{
    struct random *random = &chance->random;
    const unsigned from = random_below(random, 12);
    int len = put(body, 0, "{'kind':'report'");

    if (chance->count > 8 && random_permille(random, 450)) {
        len = put_change(chance, false, body, len);
        len = random_permille(random, 100) ? put(body, len, ",'state':'withdrawn'") : len;
    }
    if (random_permille(random, 900)) {
        len =
            put(body, len, ",'incident':'@%s'", chance->refs[chance->items[any_of(chance, true)]]);
    }
    if (random_permille(random, 900)) {
        len = put(body, len, ",'period_from':%u", from);
    }
    if (random_permille(random, 850)) {
        len = put(body, len, ",'period_to':%u", from + (unsigned)random_below(random, 6));
    }
    if (random_permille(random, 300)) {
        len = put(body, len, ",'observed':%u", (unsigned)random_below(random, 18));
    }
    if (random_permille(random, 900)) {
        len = put(body, len, ",'casualties':[");
        len = put_element(chance, body, len);
        if (random_permille(random, 300)) {
            len = put_element(chance, body, put(body, len, ","));
        }
        len = put(body, len, "]");
    }
    (void)put(body, len, "}");
}

static void write_incident(struct chance *chance, char *body)
{
    int len = put(body, 0, "{'kind':'incident','name':'Flood'");

    chance->is_incident[chance->count] = true;
    if (chance->count > 3) {
        len = put_change(chance, true, body, len);
        if (random_permille(&chance->random, 700)) {
            len = put(body, len, ",'state':'merged','merged_into':'@%s'",
                      chance->refs[chance->items[any_of(chance, true)]]);
        }
    }
    (void)put(body, len, "}");
}

static void write_resource(struct chance *chance, char *body)
{
    static const char *const numbers[] = {"total", "available", "committed", "unavailable"};
    static const char *const types[] = {"boat", "boats", "pump"};
    struct random *random = &chance->random;
    int len = put(body, 0, "{'kind':'resource','type':'%s','as_of':%u",
                  types[random_below(random, 3)], (unsigned)random_below(random, 5));

    for (size_t i = 0; i < 4; i++) {
        if (random_permille(random, 500)) {
            len = put(body, len, ",'%s':%u", numbers[i], (unsigned)random_below(random, 20));
        }
    }
    (void)put(body, len, "}");
}

// It arrives in another order than it was written, some of it never.
static json_t *make_by_chance(uint64_t seed)
{
    static struct chance chance;
    char name[32];
    char body[BODY_MAX];

    memset(&chance, 0, sizeof chance);
    random_init(&chance.random, seed);
    (void)snprintf(name, sizeof name, "by chance, %d", (int)seed);
    json_t *const story = story_json(name, NODES);
    const size_t count = random_between(&chance.random, 30, 80);
    while (chance.count < count) {
        const uint32_t author = random_permille(&chance.random, 900)
                                    ? random_below(&chance.random, 4)
                                    : random_below(&chance.random, NODES + 2);
        const uint32_t what = random_below(&chance.random, 10);
        chance.items[chance.count] = chance.count;
        (void)snprintf(chance.refs[chance.count], sizeof *chance.refs, "%u/0/%u", (unsigned)author,
                       ++chance.seqs[author]);
        if (chance.count < 3 || what == 0) {
            write_incident(&chance, body);
        } else if (what < 3 && chance.count > 8) {
            write_resource(&chance, body);
            chance.is_incident[chance.count] = true; // nothing is a version of it
            chance.items[chance.count] = 0;
        } else {
            write_report(&chance, body);
        }
        if (random_permille(&chance.random, 950)) {
            add_told(story, chance.refs[chance.count], body,
                     1000 + random_below(&chance.random, 100000));
        }
        chance.count++;
    }
    return story;
}

// -- what a picture makes of them --

static json_t *sum_json(const struct sum *sum)
{
    return json_pack("[I,I]", (json_int_t)sum->least, (json_int_t)sum->most);
}

static json_t *place_json(struct picture *picture, uint32_t place)
{
    struct picture_version version;

    picture_version(picture, place, &version);
    return ref_json(&version.ref);
}

// A centre's number, or that of a node that stands for itself.
static json_t *whose_json(uint32_t centre, uint32_t author)
{
    return centre != PICTURE_NONE ? json_pack("{s:I}", "centre", (json_int_t)centre)
                                  : json_pack("{s:I}", "node", (json_int_t)author);
}

static json_t *number_name(size_t number)
{
    return json_sprintf("%s.%s", casualty_group(number), casualty_field(number));
}

static json_t *hurt_json(const struct sum sums[static CASUALTY_NUMBERS])
{
    json_t *const json = json_object();

    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        if (sums[i].is_told) {
            json_t *const name = number_name(i);
            json_object_set_new(json, json_string_value(name), sum_json(&sums[i]));
            json_decref(name);
        }
    }
    return json;
}

static json_t *source_json(struct picture *picture, const struct casualty_source *source)
{
    json_t *const fates = json_object();

    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        if (source->fates[i] != FATE_NOT_TOLD) {
            json_t *const name = number_name(i);
            json_object_set_new(fates, json_string_value(name),
                                json_string(fate_name(source->fates[i])));
            json_decref(name);
        }
    }
    return json_pack("{s:o,s:s,s:o}", "version", place_json(picture, source->place), "basis",
                     source->is_to_date ? "to-date" : "period", "fates", fates);
}

static json_t *tell_centre(struct picture *picture, const struct casualties *casualties,
                           const struct casualty_centre *centre)
{
    json_t *const json = whose_json(centre->centre, centre->author);
    json_t *const sources = json_array();

    for (size_t i = 0; i < centre->sources; i++) {
        json_array_append_new(sources,
                              source_json(picture, &casualties->sources[centre->first_source + i]));
    }
    json_object_set_new(json, "sums", hurt_json(centre->sums));
    json_object_set_new(json, "sources", sources);
    return json;
}

static void check_same(const struct sum a[static CASUALTY_NUMBERS],
                       const struct sum b[static CASUALTY_NUMBERS])
{
    json_t *const one = hurt_json(a);
    json_t *const other = hurt_json(b);

    assert_true(json_equal(one, other));
    json_decref(one);
    json_decref(other);
}

// Asked for alone, with all that goes on in it, an incident adds up to the same.
static void check_alone(struct picture *picture, const struct casualties *all,
                        const struct casualty_incident *incident)
{
    const uint32_t places = picture_count(picture);
    uint32_t *named = calloc(places + (size_t)1, sizeof *named);
    size_t count = 0;
    struct casualties *alone;

    assert_non_null(named);
    for (uint32_t i = 0; i < places && incident->incident != PICTURE_NONE; i++) {
        if (picture_incident(picture, i) == incident->incident) {
            named[count++] = i;
        }
    }
    if (incident->incident == PICTURE_NONE) {
        named[count++] = PICTURE_NONE;
    }
    assert_int_equal(picture_casualties_of(picture, named, count, &alone), ERR_OK);
    assert_int_equal(alone->incidents_count, 1);
    assert_int_equal(alone->incidents[0].incident, incident->incident);
    assert_int_equal(alone->centres_count, incident->centres);
    check_same(alone->incidents[0].sums, incident->sums);
    for (size_t i = 0; i < incident->centres; i++) {
        const struct casualty_centre *centre = &all->centres[incident->first_centre + i];
        assert_int_equal(alone->centres[i].sources, centre->sources);
        check_same(alone->centres[i].sums, centre->sums);
    }
    casualties_destroy(&alone);
    assert_int_equal(picture_casualties_of(picture, NULL, 0, &alone), ERR_OK);
    assert_int_equal(alone->incidents_count, 0);
    casualties_destroy(&alone);
    free(named);
}

static json_t *tell_casualties(struct picture *picture)
{
    struct casualties *casualties;
    json_t *const told = json_array();

    assert_int_equal(picture_casualties(picture, &casualties), ERR_OK);
    for (size_t i = 0; i < casualties->incidents_count; i++) {
        const struct casualty_incident *incident = &casualties->incidents[i];
        json_t *const centres = json_array();
        check_alone(picture, casualties, incident);
        for (size_t j = 0; j < incident->centres; j++) {
            json_array_append_new(
                centres,
                tell_centre(picture, casualties, &casualties->centres[incident->first_centre + j]));
        }
        json_array_append_new(told,
                              json_pack("{s:o,s:o,s:o}", "incident",
                                        incident->incident == PICTURE_NONE
                                            ? json_null()
                                            : place_json(picture, incident->incident),
                                        "sums", hurt_json(incident->sums), "centres", centres));
    }
    casualties_destroy(&casualties);
    return told;
}

static json_t *had_json(const struct sum sums[static RESOURCE_NUMBERS])
{
    json_t *const json = json_object();

    for (size_t i = 0; i < RESOURCE_NUMBERS; i++) {
        if (sums[i].is_told) {
            json_object_set_new(json, resource_field(i), sum_json(&sums[i]));
        }
    }
    return json;
}

static json_t *tell_stock(struct picture *picture, const struct resources *resources,
                          const struct resource_centre *centre)
{
    json_t *const json = whose_json(centre->centre, centre->author);
    json_t *const places = json_array();

    for (size_t i = 0; i < centre->places; i++) {
        json_array_append_new(places,
                              place_json(picture, resources->places[centre->first_place + i]));
    }
    json_object_set_new(json, "sums", had_json(centre->sums));
    json_object_set_new(json, "as_of", json_integer((json_int_t)centre->as_of_ms));
    json_object_set_new(json, "entries", places);
    return json;
}

static json_t *tell_resources(struct picture *picture)
{
    struct resources *resources;
    json_t *const told = json_array();

    assert_int_equal(picture_resources(picture, &resources), ERR_OK);
    for (size_t i = 0; i < resources->types_count; i++) {
        const struct resource_type *type = &resources->types[i];
        json_t *const centres = json_array();
        for (size_t j = 0; j < type->centres; j++) {
            json_array_append_new(centres, tell_stock(picture, resources,
                                                      &resources->centres[type->first_centre + j]));
        }
        json_array_append_new(told, json_pack("{s:s%,s:o,s:I,s:o}", "type", type->type.bytes,
                                              type->type.len, "sums", had_json(type->sums), "as_of",
                                              (json_int_t)type->as_of_ms, "centres", centres));
    }
    resources_destroy(&resources);
    return told;
}

// UINT64_MAX: the end.
static json_t *tell(struct picture *picture, const json_t *story, uint64_t moment_ms)
{
    (void)story; // all of it is asked of the picture
    picture_set_moment(picture, moment_ms);
    return json_pack("{s:o,s:o,s:o}", "moment",
                     moment_ms == UINT64_MAX ? json_null() : json_integer((json_int_t)moment_ms),
                     "casualties", tell_casualties(picture), "resources", tell_resources(picture));
}

static json_t *make_stories(void)
{
    json_t *const file = json_pack(
        "{s:s,s:[]}", "about",
        "What entries add up to, PROTOCOL.md 18.17 and 18.18: in the end, and of what had arrived "
        "at a moment. \"centres\" are those of nodes by index. A sum is [least, most], and absent "
        "where nobody tells the number.",
        "stories");
    json_t *const stories = json_object_get(file, "stories");

    for (size_t i = 0; i < sizeof sums_tales / sizeof *sums_tales; i++) {
        json_array_append_new(stories, expect(make_told(&sums_tales[i]), tell));
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        json_array_append_new(stories, expect(make_by_chance(seed), tell));
    }
    return file;
}

static void the_file_says_what_pictures_add_up_to(void **state)
{
    (void)state;
    story_file_check(PATH, make_stories(), 5);
}

static void check_sum(const char *name, const json_t *first, const char *number, const char *wanted)
{
    const json_t *const sum = json_object_get(json_object_get(first, "sums"), number);
    char got[64] = "-";

    if (sum != NULL) {
        (void)snprintf(got, sizeof got, "%d %d", (int)json_integer_value(json_array_get(sum, 0)),
                       (int)json_integer_value(json_array_get(sum, 1)));
    }
    if (strcmp(got, wanted) != 0) {
        fail_msg("%s: \"%s\", not \"%s\"", name, got, wanted);
    }
}

// What was meant, beside what comes out.
static void tales_come_to_what_they_should(void **state)
{
    (void)state;

    for (size_t i = 0; i < sizeof sums_tales / sizeof *sums_tales; i++) {
        json_t *const story = make_told(&sums_tales[i]);
        struct picture *picture = picture_of(story, false);
        json_t *const told = tell(picture, NULL, UINT64_MAX);
        check_sum(sums_tales[i].name, json_array_get(json_object_get(told, "casualties"), 0),
                  "population.dead", sums_tales[i].dead);
        check_sum(sums_tales[i].name, json_array_get(json_object_get(told, "resources"), 0),
                  "available", sums_tales[i].available);
        json_decref(told);
        picture_destroy(&picture);
        json_decref(story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tales_come_to_what_they_should),
        cmocka_unit_test(the_file_says_what_pictures_add_up_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
