// SPDX-License-Identifier: EUPL-1.2
// Gathers what is going on. Authors' clocks only order what is shown; they decide nothing.
#include "picture/overview.h"

#include <stdlib.h>
#include <string.h>

#include "sitrep/seal.h"

void overview_fini(struct overview *overview)
{
    for (size_t i = 0; i < OVERVIEW_LISTS; i++) {
        places_fini(&overview->lists[i]);
    }
}

bool overview_is_head(const struct picture_version *version)
{
    return version->is_here && version->standing == STANDING_COUNTS && !version->is_replaced;
}

static bool is_in_state(const struct picture_version *version, const char *state)
{
    return version->state != STATE_NONE &&
           strcmp(version->kind->states[version->state], state) == 0;
}

// -- items --

// By kind, the list an item may be in, and of which states.
static const struct {
    const char *kind;
    enum overview_list list;
    const char *states[2];
} wanted[] = {
    {"incident", LIST_INCIDENTS, {"open", NULL}},
    {"phase", LIST_PHASES, {"declared", "changed"}},
    {"measure", LIST_MEASURES, {"in-force", NULL}},
    {"request", LIST_REQUESTS, {"requested", NULL}},
};

static bool is_wanted(const struct picture_version *version, size_t row)
{
    for (size_t i = 0; i < 2 && wanted[row].states[i] != NULL; i++) {
        if (is_in_state(version, wanted[row].states[i])) {
            return true;
        }
    }
    return false;
}

static enum err sort_in(struct picture *picture, const struct picture_item *item,
                        struct places *versions, struct overview *overview)
{
    size_t row = 0;

    while (row < OVERVIEW_LISTS && strcmp(item->kind->name, wanted[row].kind) != 0) {
        row++;
    }
    if (row == OVERVIEW_LISTS) {
        return ERR_OK;
    }
    versions->count = 0;
    const enum err err = places_add_versions(versions, picture, item->began);
    for (size_t i = 0; err == ERR_OK && i < versions->count; i++) {
        struct picture_version version;
        picture_version(picture, versions->list[i], &version);
        if (overview_is_head(&version) && is_wanted(&version, row)) {
            return places_add(&overview->lists[wanted[row].list], item->began);
        }
    }
    return err;
}

uint64_t overview_written_ms(struct picture *picture, uint32_t began)
{
    struct places versions = {0};
    uint64_t latest = 0;

    if (places_add_versions(&versions, picture, began) == ERR_OK) {
        for (size_t i = 0; i < versions.count; i++) {
            struct picture_version version;
            picture_version(picture, versions.list[i], &version);
            latest = overview_is_head(&version) && version.written_ms > latest ? version.written_ms
                                                                               : latest;
        }
    }
    places_fini(&versions);
    return latest;
}

struct dated {
    uint64_t written_ms;
    struct ref ref;
    uint32_t place;
};

static int dated_compare(const void *left, const void *right)
{
    const struct dated *a = left;
    const struct dated *b = right;

    if (a->written_ms != b->written_ms) {
        return a->written_ms > b->written_ms ? -1 : 1;
    }
    return ref_compare(&a->ref, &b->ref);
}

// The newest first: `written` tells when.
static enum err sort_by_age(struct picture *picture, struct places *places,
                            uint64_t (*written)(struct picture *picture, uint32_t place))
{
    struct dated *dated = malloc((places->count + 1) * sizeof *dated);

    if (dated == NULL) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < places->count; i++) {
        struct picture_version version;
        picture_version(picture, places->list[i], &version);
        dated[i] = (struct dated){written(picture, places->list[i]), version.ref, places->list[i]};
    }
    if (places->count > 0) {
        qsort(dated, places->count, sizeof *dated, dated_compare);
    }
    for (size_t i = 0; i < places->count; i++) {
        places->list[i] = dated[i].place;
    }
    free(dated);
    return ERR_OK;
}

enum err overview_sort_items(struct picture *picture, struct places *items)
{
    return sort_by_age(picture, items, overview_written_ms);
}

enum err overview_gather(struct picture *picture, struct overview *overview)
{
    struct places versions = {0};
    const uint32_t *items;
    size_t count;

    *overview = (struct overview){.conflicts = 0};
    enum err err = picture_items(picture, &items, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct picture_item item;
        picture_item(picture, items[i], &item);
        overview->conflicts += item.is_conflicting ? 1 : 0;
        overview->proposals += item.proposals > 0 ? 1 : 0;
        err = item.versions > 0 ? sort_in(picture, &item, &versions, overview) : ERR_OK;
    }
    places_fini(&versions);
    for (size_t i = 0; err == ERR_OK && i < OVERVIEW_LISTS; i++) {
        err = overview_sort_items(picture, &overview->lists[i]);
    }
    return err;
}

// -- reports --

// Of whom the report is: of the centre of the author that began it.
static uint32_t centre_of(struct picture *picture, const struct picture_version *version)
{
    struct picture_version began;

    picture_version(picture, version->item, &began);
    return began.centre;
}

static uint64_t version_written_ms(struct picture *picture, uint32_t place)
{
    struct picture_version version;

    picture_version(picture, place, &version);
    return version.written_ms;
}

static bool is_report(struct picture *picture, uint32_t place)
{
    struct picture_version version;

    picture_version(picture, place, &version);
    return overview_is_head(&version) && strcmp(version.kind->name, "report") == 0 &&
           is_in_state(&version, "sent");
}

enum err overview_sort_written(struct picture *picture, struct places *places)
{
    return sort_by_age(picture, places, version_written_ms);
}

static enum err add_reports(struct picture *picture, uint32_t incident, struct places *reports)
{
    struct places naming = {0};
    enum err err = places_add_naming(&naming, picture, incident, "incident");

    for (size_t i = 0; err == ERR_OK && i < naming.count; i++) {
        if (is_report(picture, naming.list[i])) {
            err = places_add(reports, naming.list[i]);
        }
    }
    places_fini(&naming);
    return err;
}

// Sorted: the first of each centre stays.
static void keep_first(struct picture *picture, struct places *reports)
{
    bool has_spoken[CENTRES_MAX] = {false};
    size_t kept = 0;

    for (size_t i = 0; i < reports->count; i++) {
        struct picture_version version;
        picture_version(picture, reports->list[i], &version);
        const uint32_t centre = centre_of(picture, &version);
        if (centre < CENTRES_MAX && !has_spoken[centre]) {
            has_spoken[centre] = true;
            reports->list[kept++] = reports->list[i];
        }
    }
    reports->count = kept;
}

enum err overview_reports(struct picture *picture, uint32_t incident, struct places *reports)
{
    struct places family = {0};
    enum err err = family_find(picture, incident, &family);

    for (size_t i = 0; err == ERR_OK && i < family.count; i++) {
        err = add_reports(picture, family.list[i], reports);
    }
    places_fini(&family);
    if (err == ERR_OK) {
        err = overview_sort_written(picture, reports);
    }
    if (err == ERR_OK) {
        keep_first(picture, reports);
    }
    return err;
}

// -- requests --

static uint64_t quantity_of(const struct picture_version *version)
{
    uint64_t quantity = 0;

    return body_find_uint(version->kept, "quantity", &quantity) == ERR_OK ? quantity : 0;
}

// What an offer comes to, while its heads contradict each other the least of what they say.
static enum err add_offer(struct picture *picture, uint32_t offer, struct request_state *state)
{
    struct places versions = {0};
    uint64_t offered = UINT64_MAX;
    uint64_t accepted = UINT64_MAX;
    const enum err err = places_add_versions(&versions, picture, offer);

    for (size_t i = 0; err == ERR_OK && i < versions.count; i++) {
        struct picture_version version;
        picture_version(picture, versions.list[i], &version);
        if (!overview_is_head(&version)) {
            continue;
        }
        const bool is_open = is_in_state(&version, "offered");
        const bool is_taken = is_in_state(&version, "accepted") ||
                              is_in_state(&version, "committed") ||
                              is_in_state(&version, "en-route") || is_in_state(&version, "on-site");
        const uint64_t quantity = quantity_of(&version);
        offered = is_open ? (quantity < offered ? quantity : offered) : 0;
        accepted = is_taken ? (quantity < accepted ? quantity : accepted) : 0;
    }
    places_fini(&versions);
    state->offered += offered == UINT64_MAX ? 0 : offered;
    state->accepted += accepted == UINT64_MAX ? 0 : accepted;
    return err;
}

static enum err find_offers(struct picture *picture, uint32_t request, struct places *offers)
{
    struct places naming = {0};
    enum err err = places_add_naming(&naming, picture, request, "request");

    for (size_t i = 0; err == ERR_OK && i < naming.count; i++) {
        struct picture_version version;
        picture_version(picture, naming.list[i], &version);
        if (version.item != PICTURE_NONE) {
            err = places_add(offers, version.item);
        }
    }
    places_fini(&naming);
    places_sort_once(offers);
    return err == ERR_OK ? overview_sort_items(picture, offers) : err;
}

enum err overview_request(struct picture *picture, uint32_t request, struct request_state *state)
{
    struct places versions = {0};

    *state = (struct request_state){.wanted = 0};
    enum err err = places_add_versions(&versions, picture, request);
    for (size_t i = 0; err == ERR_OK && i < versions.count; i++) {
        struct picture_version version;
        picture_version(picture, versions.list[i], &version);
        if (overview_is_head(&version) && quantity_of(&version) > state->wanted) {
            state->wanted = quantity_of(&version);
        }
    }
    places_fini(&versions);
    err = err == ERR_OK ? find_offers(picture, request, &state->offers) : err;
    for (size_t i = 0; err == ERR_OK && i < state->offers.count; i++) {
        err = add_offer(picture, state->offers.list[i], state);
    }
    return err;
}
