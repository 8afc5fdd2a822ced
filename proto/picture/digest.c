// SPDX-License-Identifier: EUPL-1.2
// All of the picture in one hash [18.11], for two nodes to see that they show the same.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "picture/places.h"

static void add_ref(crypto_generichash_state *state, const struct ref *ref)
{
    uint8_t bytes[REF_MAX];
    struct cbor_writer writer;

    cbor_write(&writer, bytes, sizeof bytes);
    ref_put(&writer, ref);
    const size_t len = cbor_written(&writer);
    (void)crypto_generichash_update(state, bytes, len);
}

static void add_version(crypto_generichash_state *state, struct picture *picture, uint32_t at)
{
    struct picture_version version;

    picture_version(picture, at, &version);
    const uint8_t stands[] = {(uint8_t)version.standing, version.is_replaced,
                              version.lacks_parents};
    uint8_t kind[KIND_MAX_LEN + 2];
    struct cbor_writer writer;
    cbor_write(&writer, kind, sizeof kind);
    cbor_put_text(&writer, version.kind->name, strlen(version.kind->name));
    const size_t len = cbor_written(&writer);
    add_ref(state, &version.ref);
    (void)crypto_generichash_update(state, kind, len);
    (void)crypto_generichash_update(state, stands, sizeof stands);
}

static enum err add_item(crypto_generichash_state *state, struct picture *picture, uint32_t began)
{
    const size_t most = picture_versions(picture, began, NULL, 0);
    uint32_t *versions = malloc((most + 1) * sizeof *versions);

    if (versions == NULL) {
        return ERR_NO_SPACE;
    }
    const size_t count = picture_versions(picture, began, versions, most);
    const enum err err = places_sort(picture, versions, count);
    if (err == ERR_OK && count > 0) {
        add_ref(state, &picture->places[began].ref);
        for (size_t i = 0; i < count; i++) {
            add_version(state, picture, versions[i]);
        }
    }
    free(versions);
    return err;
}

static enum err add_latest(crypto_generichash_state *state, struct picture *picture)
{
    uint32_t *places = malloc((picture->latest_count + 1) * sizeof *places);

    if (places == NULL) {
        return ERR_NO_SPACE;
    }
    const size_t count = picture_latest(picture, places, picture->latest_count);
    const enum err err = places_sort(picture, places, count);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        add_ref(state, &picture->places[places[i]].ref);
    }
    free(places);
    return err;
}

enum err picture_digest(struct picture *picture, uint8_t digest[static DIGEST_LEN])
{
    crypto_generichash_state state;
    const uint32_t *items;
    size_t count;

    enum err err = picture_items(picture, &items, &count);
    (void)crypto_generichash_init(&state, NULL, 0, DIGEST_LEN);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = add_item(&state, picture, items[i]);
    }
    if (err == ERR_OK) {
        err = add_latest(&state, picture);
    }
    (void)crypto_generichash_final(&state, digest, DIGEST_LEN);
    return err;
}
