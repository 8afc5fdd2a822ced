// SPDX-License-Identifier: EUPL-1.2
// Questions about pictures of 10,000 to 1,000,000 entries, while entries come: before each question
// one more. In memory: what opening and writing the answer takes is for api.c.
#include "bench/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/mix.h"
#include "picture/overview.h"
#include "sitrep/sums.h"

enum {
    ASKED = 100,       // times each
    BUDGETED = 100000, // entries, of which
};

static const unsigned sizes[] = {10000, 100000, 1000000};

struct world {
    struct picture *picture;
    uint32_t count; // entries so far
};

// -- entries --

static struct ref ref_of(const void *context, uint32_t i)
{
    struct ref ref = {.author = mix_writer(i), .epoch = 0, .seq = i + 1};
    const uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    (void)context;
    memcpy(ref.tag, &mixed, sizeof ref.tag);
    return ref;
}

static const struct mix mix = {.ref_of = ref_of};

static void add(struct world *world)
{
    uint8_t bytes[MIX_BODY_SIZE];
    struct cbor_writer writer;
    const uint32_t i = world->count++;

    cbor_write(&writer, bytes, sizeof bytes);
    mix_write(&mix, i, &writer);
    const size_t len = cbor_written(&writer);
    const struct picture_entry entry = {.ref = ref_of(NULL, i),
                                        .written_ms = mix_written_ms(&mix, i),
                                        .arrived_ms = mix_written_ms(&mix, i) + 1,
                                        .body = {bytes, len}};
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
    for (size_t i = 0; i < overview.lists[LIST_INCIDENTS].count; i++) {
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
    const uint32_t half = world->count / 2;
    const struct ref ref = ref_of(NULL, half - half % MIX_BLOCK + MIX_MEASURE);
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
        casualties->incidents_count < world->count / MIX_BLOCK ||
        resources->types_count != MIX_TYPES) {
        abort();
    }
    casualties_destroy(&casualties);
    resources_destroy(&resources);
}

static const struct {
    const char *name;
    void (*ask)(struct world *world);
} questions[] = {
    {"overview", ask_overview},
    {"one item", ask_item},
    {"conflicts", ask_conflicts},
    {"sums", ask_sums},
};

static void measure(struct world *world, size_t question, unsigned size)
{
    double took[ASKED];
    char name[80];

    for (size_t i = 0; i < ASKED; i++) {
        add(world);
        const double begun = bench_now_s();
        questions[question].ask(world);
        took[i] = bench_now_s() - begun;
    }
    (void)snprintf(name, sizeof name, "picture: %s of %u entries", questions[question].name, size);
    bench_times(name, took, ASKED, size == BUDGETED ? BENCH_ANSWER_MS : 0);
}

void bench_answers(void)
{
    static const uint32_t centres[MIX_WRITERS] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct world world = {.count = 0};
        if (picture_create(&world.picture, (const uint8_t *)"a picture's key..") != ERR_OK ||
            picture_set_centres(world.picture, centres, MIX_WRITERS) != ERR_OK) {
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
