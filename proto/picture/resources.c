// SPDX-License-Identifier: EUPL-1.2
// What centres have, by type, out of what is latest and holds [18.18]. Which that is, is
// latest.c's.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"
#include "sitrep/sums.h"

static const char *const fields[RESOURCE_NUMBERS] = {"total", "available", "committed",
                                                     "unavailable"};

const char *resource_field(size_t number)
{
    assert(number < RESOURCE_NUMBERS);
    return fields[number];
}

// What one centre says of one type.
struct stock {
    struct span type;
    uint32_t centre, author;
    struct ref ref;
    uint32_t place;
};

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int type_compare(struct span a, struct span b)
{
    const int order = memcmp(a.bytes, b.bytes, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : number_compare(a.len, b.len);
}

static int stock_compare(const void *left, const void *right)
{
    const struct stock *a = left;
    const struct stock *b = right;
    const int order[] = {
        type_compare(a->type, b->type),
        number_compare(a->centre, b->centre),
        number_compare(a->author, b->author),
        ref_compare(&a->ref, &b->ref),
    };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i] != 0) {
            return order[i];
        }
    }
    return 0;
}

static struct span type_of(const struct place *place)
{
    const struct span value = place_value(place, "type");
    struct cbor_reader reader;

    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_text(&reader);
}

// All that holds, in order. `places` and `stocks` have room for what is latest or was.
static size_t collect(struct picture *picture, uint32_t *places, struct stock *stocks)
{
    const size_t count = picture_latest(picture, places, picture->latest_count);

    for (size_t i = 0; i < count; i++) {
        const struct place *place = &picture->places[places[i]];
        const uint32_t centre = place_centre(picture, place);
        stocks[i] = (struct stock){.type = type_of(place),
                                   .centre = centre,
                                   .author = centre == PICTURE_NONE ? place->ref.author : 0,
                                   .ref = place->ref,
                                   .place = places[i]};
    }
    if (count > 0) {
        qsort(stocks, count, sizeof *stocks, stock_compare);
    }
    return count;
}

// The number that the place has in that field. False when it has none.
static bool read_number(const struct picture *picture, uint32_t place, const char *name,
                        uint64_t *number)
{
    const struct span value = place_value(&picture->places[place], name);
    struct cbor_reader reader;

    if (value.bytes == NULL) {
        return false;
    }
    cbor_read(&reader, value.bytes, value.len);
    *number = cbor_get_uint(&reader);
    return true;
}

static void widen(struct sum *sum, uint64_t number)
{
    sum->least = !sum->is_told || number < sum->least ? number : sum->least;
    sum->most = number > sum->most ? number : sum->most;
    sum->is_told = true;
}

static void add_stock(const struct picture *picture, const struct stock *stock,
                      struct resource_centre *centre)
{
    uint64_t number = 0;

    for (size_t i = 0; i < RESOURCE_NUMBERS; i++) {
        if (read_number(picture, stock->place, fields[i], &number)) {
            widen(&centre->sums[i], number);
        }
    }
    if (read_number(picture, stock->place, "as_of", &number) && number < centre->as_of_ms) {
        centre->as_of_ms = number;
    }
    centre->places++;
}

static void add_centre(struct resource_type *type, const struct resource_centre *centre)
{
    for (size_t i = 0; i < RESOURCE_NUMBERS; i++) {
        type->sums[i].least += centre->sums[i].least;
        type->sums[i].most += centre->sums[i].most;
        type->sums[i].is_told |= centre->sums[i].is_told;
    }
    type->as_of_ms = centre->as_of_ms < type->as_of_ms ? centre->as_of_ms : type->as_of_ms;
    type->centres++;
}

static void add_all(const struct picture *picture, const struct stock *stocks, size_t count,
                    struct resources *resources)
{
    for (size_t i = 0; i < count; i++) {
        const struct stock *stock = &stocks[i];
        const bool is_new_type = i == 0 || type_compare(stock->type, stock[-1].type) != 0;
        const bool is_new_centre =
            is_new_type || stock->centre != stock[-1].centre || stock->author != stock[-1].author;
        if (is_new_type) {
            resources->types[resources->types_count++] =
                (struct resource_type){.type = stock->type,
                                       .as_of_ms = UINT64_MAX,
                                       .first_centre = resources->centres_count};
        }
        if (is_new_centre) {
            resources->centres[resources->centres_count++] =
                (struct resource_centre){.centre = stock->centre,
                                         .author = stock->author,
                                         .as_of_ms = UINT64_MAX,
                                         .first_place = resources->places_count};
        }
        struct resource_centre *centre = &resources->centres[resources->centres_count - 1];
        resources->places[resources->places_count++] = stock->place;
        add_stock(picture, stock, centre);
        if (i + 1 == count || type_compare(stock->type, stock[1].type) != 0 ||
            stock->centre != stock[1].centre || stock->author != stock[1].author) {
            add_centre(&resources->types[resources->types_count - 1], centre);
        }
    }
}

static struct resources *make_resources(size_t count)
{
    struct resources *resources = calloc(1, sizeof *resources);

    if (resources != NULL) {
        resources->types = calloc(count + 1, sizeof *resources->types);
        resources->centres = calloc(count + 1, sizeof *resources->centres);
        resources->places = calloc(count + 1, sizeof *resources->places);
    }
    if (resources != NULL &&
        (resources->types == NULL || resources->centres == NULL || resources->places == NULL)) {
        resources_destroy(&resources);
    }
    return resources;
}

enum err picture_resources(struct picture *picture, struct resources **out)
{
    uint32_t *places = malloc((picture->latest_count + 1) * sizeof *places);
    struct stock *stocks = malloc((picture->latest_count + 1) * sizeof *stocks);
    enum err err = ERR_NO_SPACE;

    *out = NULL;
    if (places != NULL && stocks != NULL) {
        const size_t count = collect(picture, places, stocks);
        *out = make_resources(count);
        if (*out != NULL) {
            add_all(picture, stocks, count, *out);
            err = ERR_OK;
        }
    }
    free(places);
    free(stocks);
    return err;
}

void resources_destroy(struct resources **handle)
{
    if (*handle != NULL) {
        free((*handle)->types);
        free((*handle)->centres);
        free((*handle)->places);
        free(*handle);
        *handle = NULL;
    }
}
