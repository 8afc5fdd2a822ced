// SPDX-License-Identifier: EUPL-1.2
// All sums of a picture in one hash, for two that must come to the same; with what must hold of any
// sums.
#ifndef TESTS_SUMS_DIGEST_H
#define TESTS_SUMS_DIGEST_H

#include <sodium.h>

#include "roundtrip.h"
#include "sitrep/sums.h"

static inline void sums_add_place(crypto_generichash_state *state, struct picture *picture,
                                  uint32_t place)
{
    struct picture_version version;

    picture_version(picture, place, &version);
    (void)crypto_generichash_update(state, (const uint8_t *)&version.ref.author,
                                    sizeof version.ref.author);
    (void)crypto_generichash_update(state, (const uint8_t *)&version.ref.epoch,
                                    sizeof version.ref.epoch);
    (void)crypto_generichash_update(state, (const uint8_t *)&version.ref.seq,
                                    sizeof version.ref.seq);
    (void)crypto_generichash_update(state, version.ref.tag, TAG_LEN);
}

static inline void sums_add(crypto_generichash_state *state, const struct sum *sums, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t numbers[] = {sums[i].least, sums[i].most, sums[i].is_told};
        roundtrip_demand(sums[i].least <= sums[i].most);
        roundtrip_demand(sums[i].is_told || sums[i].most == 0);
        (void)crypto_generichash_update(state, (const uint8_t *)numbers, sizeof numbers);
    }
}

// A number that is taken makes its centre tell it, and its sum at least as large as the least.
static inline void sums_add_source(crypto_generichash_state *state, struct picture *picture,
                                   const struct casualty_centre *centre,
                                   const struct casualty_source *source)
{
    struct picture_version version;

    picture_version(picture, source->place, &version);
    roundtrip_demand(version.standing == STANDING_COUNTS && !version.is_replaced);
    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        if (source->fates[i] == FATE_TAKEN) {
            roundtrip_demand(centre->sums[i].is_told);
            roundtrip_demand(source->counts[i] <= centre->sums[i].most);
        }
    }
    sums_add_place(state, picture, source->place);
    (void)crypto_generichash_update(state, source->fates, sizeof source->fates);
}

static inline void sums_add_casualties(crypto_generichash_state *state, struct picture *picture)
{
    struct casualties *all;

    roundtrip_demand(picture_casualties(picture, &all) == ERR_OK);
    for (size_t i = 0; i < all->incidents_count; i++) {
        const struct casualty_incident *incident = &all->incidents[i];
        if (incident->incident != PICTURE_NONE) {
            sums_add_place(state, picture, incident->incident);
        }
        sums_add(state, incident->sums, CASUALTY_NUMBERS);
    }
    for (size_t i = 0; i < all->centres_count; i++) {
        const struct casualty_centre *centre = &all->centres[i];
        sums_add(state, centre->sums, CASUALTY_NUMBERS);
        for (size_t j = 0; j < centre->sources; j++) {
            sums_add_source(state, picture, centre, &all->sources[centre->first_source + j]);
        }
    }
    casualties_destroy(&all);
}

static inline void sums_add_resources(crypto_generichash_state *state, struct picture *picture)
{
    struct resources *all;

    roundtrip_demand(picture_resources(picture, &all) == ERR_OK);
    roundtrip_demand(all->places_count == picture_latest(picture, NULL, 0));
    for (size_t i = 0; i < all->types_count; i++) {
        (void)crypto_generichash_update(state, all->types[i].type.bytes, all->types[i].type.len);
        sums_add(state, all->types[i].sums, RESOURCE_NUMBERS);
    }
    for (size_t i = 0; i < all->places_count; i++) {
        sums_add_place(state, picture, all->places[i]);
    }
    resources_destroy(&all);
}

static inline void sums_digest(struct picture *picture, uint8_t digest[static DIGEST_LEN])
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, DIGEST_LEN);
    sums_add_casualties(&state, picture);
    sums_add_resources(&state, picture);
    (void)crypto_generichash_final(&state, digest, DIGEST_LEN);
}

#endif
