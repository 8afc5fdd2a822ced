// SPDX-License-Identifier: EUPL-1.2
// Questions about pictures of 10,000 to 1,000,000 entries, while entries come: before each question
// one more. Incidents, reports that count people, resources, measures and requests, by ten nodes of
// five centres. In memory: opening what is shown is a matter of how much that is.
#include "bench/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/overview.h"
#include "bench/measure.h"
#include "sitrep/sums.h"

enum {
    WRITERS = 10,
    CYCLE = 20,     // entries after which all kinds have come
    INCIDENTS = 50, // of which reports are
    TYPES = 200,    // of resources
    ASKED = 100,    // times each
    BODY_SIZE = 512,
    BUDGETED = 100000, // entries, of which
};

static const double budget_s = 0.1; // an answer takes at most so long

static const unsigned sizes[] = {10000, 100000, 1000000};

struct world {
    struct picture *picture;
    uint32_t count; // entries so far
};

// -- entries --

// All versions of a measure are of one centre.
static struct ref ref_of(uint32_t i)
{
    struct ref ref = {.author = i % CYCLE == 12 ? 0 : i % WRITERS, .epoch = 0, .seq = i + 1};
    const uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    memcpy(ref.tag, &mixed, sizeof ref.tag);
    return ref;
}

static void put_text(struct cbor_writer *writer, const char *key, const char *text)
{
    cbor_put_text(writer, key, strlen(key));
    cbor_put_text(writer, text, strlen(text));
}

static void put_count(struct cbor_writer *writer, const char *key, uint64_t count)
{
    cbor_put_text(writer, key, strlen(key));
    cbor_put_uint(writer, count);
}

static void put_ref(struct cbor_writer *writer, const char *key, uint32_t i)
{
    const struct ref ref = ref_of(i);

    cbor_put_text(writer, key, strlen(key));
    ref_put(writer, &ref);
}

static void put_incident(struct cbor_writer *writer)
{
    cbor_put_map(writer, 2);
    put_text(writer, "kind", "incident");
    put_text(writer, "name", "High water");
}

// To date and of a minute in turns. The first entries of all cycles are incidents.
static void put_report(struct cbor_writer *writer, uint32_t i)
{
    const uint32_t cycle = i / CYCLE;

    cbor_put_map(writer, 5);
    put_text(writer, "kind", "report");
    put_ref(writer, "incident", cycle % INCIDENTS * CYCLE);
    put_count(writer, "period_to", UINT64_C(60000) * (i + 1));
    cbor_put_text(writer, "casualties", strlen("casualties"));
    cbor_put_array(writer, 1);
    cbor_put_map(writer, 2);
    put_text(writer, "basis", i % 3 == 0 ? "to-date" : "period");
    cbor_put_text(writer, "population", strlen("population"));
    cbor_put_map(writer, 2);
    put_count(writer, "dead", i % 7);
    put_count(writer, "injured", i % 31);
    put_count(writer, "period_from", UINT64_C(60000) * i);
}

static void put_resource(struct cbor_writer *writer, uint32_t i)
{
    char type[16];

    (void)snprintf(type, sizeof type, "pump-%u", (unsigned)(i / CYCLE % TYPES));
    cbor_put_map(writer, 4);
    put_text(writer, "kind", "resource");
    put_text(writer, "type", type);
    put_count(writer, "as_of", UINT64_C(1000) * i);
    put_count(writer, "available", i % 40);
}

static void put_request(struct cbor_writer *writer)
{
    cbor_put_map(writer, 3);
    put_text(writer, "kind", "request");
    put_count(writer, "quantity", 4);
    put_text(writer, "capability", "pump");
}

// Begun, put in force, and by every tenth cycle lifted and left alone at once.
static void put_measure(struct cbor_writer *writer, uint32_t i)
{
    const uint32_t step = i % CYCLE - 10;

    cbor_put_map(writer, step == 0 ? 2 : 5);
    if (step > 0) {
        put_ref(writer, "item", i - step);
    }
    put_text(writer, "kind", "measure");
    put_text(writer, "type", "evacuate");
    if (step > 0) {
        const struct ref before = ref_of(i - (step == 1 || i / CYCLE % 10 != 0 ? 1 : step));
        put_text(writer, "state", step == 1 ? "in-force" : "lifted");
        cbor_put_text(writer, "supersedes", strlen("supersedes"));
        cbor_put_array(writer, 1);
        ref_put(writer, &before);
    }
}

static void put_body(struct cbor_writer *writer, uint32_t i)
{
    switch (i % CYCLE) {
    case 0:
        put_incident(writer);
        return;
    case 1:
    case 2:
    case 3:
        put_report(writer, i);
        return;
    case 4:
    case 5:
        put_resource(writer, i);
        return;
    case 6:
        put_request(writer);
        return;
    case 10:
    case 11:
    case 12:
        put_measure(writer, i);
        return;
    default:
        cbor_put_map(writer, 2);
        put_text(writer, "kind", "journal");
        put_text(writer, "text", "The water stands at the mark.");
        return;
    }
}

static void add(struct world *world)
{
    uint8_t bytes[BODY_SIZE];
    struct cbor_writer writer;
    const uint32_t i = world->count++;

    cbor_write(&writer, bytes, sizeof bytes);
    put_body(&writer, i);
    const size_t len = cbor_written(&writer);
    const struct picture_entry entry = {
        .ref = ref_of(i), .written_ms = i, .arrived_ms = i + 1, .body = {bytes, len}};
    if (len == 0 || picture_add(world->picture, &entry) != ERR_OK) {
        abort();
    }
}

// -- questions --

static void ask_overview(struct world *world)
{
    struct overview overview;

    if (overview_gather(world->picture, &overview) != ERR_OK ||
        overview.lists[LIST_INCIDENTS].count == 0 || overview.lists[LIST_REQUESTS].count == 0) {
        abort();
    }
    for (size_t i = 0; i < overview.lists[LIST_INCIDENTS].count && i < INCIDENTS; i++) {
        struct places reports = {0};
        if (overview_reports(world->picture, overview.lists[LIST_INCIDENTS].list[i], &reports) !=
            ERR_OK) {
            abort();
        }
        places_fini(&reports);
    }
    overview_fini(&overview);
}

static void ask_item(struct world *world)
{
    const struct ref ref = ref_of(world->count / CYCLE / 2 * CYCLE + 10);
    const uint32_t began = picture_find(world->picture, &ref);
    uint32_t versions[4];
    struct picture_item item;

    picture_item(world->picture, began, &item);
    if (item.versions != picture_versions(world->picture, began, versions, 4) ||
        item.versions != 3) {
        abort();
    }
}

static void ask_conflicts(struct world *world)
{
    const uint32_t *items;
    size_t count;
    size_t conflicts = 0;

    if (picture_items(world->picture, &items, &count) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        struct picture_item item;
        picture_item(world->picture, items[i], &item);
        conflicts += item.is_conflicting ? 1 : 0;
    }
    if (conflicts == 0) {
        abort();
    }
}

static void ask_sums(struct world *world)
{
    struct casualties *casualties;
    struct resources *resources;

    if (picture_casualties(world->picture, &casualties) != ERR_OK ||
        picture_resources(world->picture, &resources) != ERR_OK ||
        casualties->incidents_count != INCIDENTS || resources->types_count != TYPES) {
        abort();
    }
    casualties_destroy(&casualties);
    resources_destroy(&resources);
}

static int compare(const void *a, const void *b)
{
    const double one = *(const double *)a;
    const double other = *(const double *)b;

    return (one > other) - (one < other);
}

static const struct {
    const char *name;
    void (*ask)(struct world *world);
    const char *unit;
    double units; // in a second
} questions[] = {
    {"overview", ask_overview, "ms", 1e3},
    {"one item", ask_item, "us", 1e6},
    {"conflicts", ask_conflicts, "ms", 1e3},
    {"sums", ask_sums, "ms", 1e3},
};

static void measure(struct world *world, size_t question, unsigned size)
{
    double took[ASKED];
    char name[80];

    for (size_t i = 0; i < ASKED; i++) {
        add(world);
        const double begun = bench_now_s();
        questions[question].ask(world);
        took[i] = (bench_now_s() - begun) * questions[question].units;
    }
    qsort(took, ASKED, sizeof *took, compare);
    (void)snprintf(name, sizeof name, "picture: %s of %u entries, p50", questions[question].name,
                   size);
    bench_fact(name, took[ASKED / 2], questions[question].unit);
    (void)snprintf(name, sizeof name, "picture: %s of %u entries, p99", questions[question].name,
                   size);
    if (size == BUDGETED) {
        bench_row(name, took[ASKED - 2], questions[question].unit, AT_MOST,
                  budget_s * questions[question].units);
    } else {
        bench_fact(name, took[ASKED - 2], questions[question].unit);
    }
}

void bench_answers(void)
{
    static const uint32_t centres[WRITERS] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct world world = {.count = 0};
        if (picture_create(&world.picture, (const uint8_t *)"a picture's key..") != ERR_OK ||
            picture_set_centres(world.picture, centres, WRITERS) != ERR_OK) {
            abort();
        }
        while (world.count < sizes[i]) {
            add(&world);
        }
        for (size_t j = 0; j < sizeof questions / sizeof *questions; j++) {
            measure(&world, j, sizes[i]);
        }
        picture_destroy(&world.picture);
    }
}
