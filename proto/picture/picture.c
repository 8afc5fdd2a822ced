// SPDX-License-Identifier: EUPL-1.2
// What comes into the picture, and what is asked of it. Items are judged when somebody asks: what
// comes only marks them.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"

enum err picture_create(struct picture **out, const uint8_t key[static PICTURE_KEY_LEN])
{
    static_assert(PICTURE_KEY_LEN == crypto_shorthash_KEYBYTES, "the key of the buckets");

    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return ERR_NO_SPACE;
    }
    (*out)->moment_ms = UINT64_MAX;
    (*out)->first_latest = PICTURE_NONE;
    memcpy((*out)->key, key, PICTURE_KEY_LEN);
    return ERR_OK;
}

void picture_destroy(struct picture **handle)
{
    struct picture *picture = *handle;

    if (picture == NULL) {
        return;
    }
    for (size_t i = 0; i < picture->places_count; i++) {
        free(picture->places[i].kept);
    }
    free(picture->places);
    free(picture->edges);
    free(picture->links);
    free(picture->latest);
    free(picture->buckets);
    free(picture->holdings);
    free(picture->receipts);
    free(picture->known_ms);
    free(picture->centres);
    free(picture->queue);
    free(picture->items);
    free(picture->counting);
    free(picture);
    *handle = NULL;
}

static void doubt_all(struct picture *picture)
{
    for (size_t i = 0; i < picture->items_count; i++) {
        picture->places[picture->items[i]].is_dirty = true;
    }
    picture->is_latest_dirty = true;
    picture->are_holdings_dirty = true;
}

enum err picture_set_centres(struct picture *picture, const uint32_t *centres, size_t nodes)
{
    uint32_t *copy = malloc((nodes + 1) * sizeof *copy);

    if (copy == NULL) {
        return ERR_NO_SPACE;
    }
    memcpy(copy, centres, nodes * sizeof *copy);
    free(picture->centres);
    picture->centres = copy;
    picture->centres_count = nodes;
    doubt_all(picture);
    return ERR_OK;
}

void picture_set_moment(struct picture *picture, uint64_t arrived_ms)
{
    if (picture->moment_ms != arrived_ms || picture->known_ms != NULL) {
        free(picture->known_ms);
        picture->known_ms = NULL;
        picture->moment_ms = arrived_ms;
        doubt_all(picture);
    }
}

enum err picture_set_view(struct picture *picture, const struct picture_view *view)
{
    uint64_t *known_ms = malloc((picture->places_count + 1) * sizeof *known_ms);

    if (known_ms == NULL) {
        return ERR_NO_SPACE;
    }
    picture_set_moment(picture, UINT64_MAX);
    receipts_know(picture, view, known_ms);
    picture->known_ms = known_ms;
    picture->known_count = picture->places_count;
    picture->moment_ms = view->written_ms;
    doubt_all(picture);
    return ERR_OK;
}

// -- what comes --

static bool is_kept(const struct content *content, size_t place)
{
    const struct field *field = kind_field(content->kind, place);

    return content->values[place].bytes != NULL && field->is_kept &&
           (field->kept_with == NULL || content_has(content, field->kept_with));
}

static size_t count_kept(const struct content *content, size_t *size)
{
    size_t count = 0;

    *size = 1; // of the map, of less than 24 pairs
    for (size_t i = 0; kind_field(content->kind, i) != NULL; i++) {
        if (is_kept(content, i)) {
            *size += 1 + strlen(kind_field(content->kind, i)->name) + content->values[i].len;
            count++;
        }
    }
    return count;
}

// What is kept of a body, which the caller frees; NULL with `len` 0: nothing. Not in the order of
// 1.1, as nobody gets it. Errors: ERR_NO_SPACE.
static enum err keep(const struct content *content, uint8_t **kept, uint16_t *len)
{
    size_t size;
    const size_t count = count_kept(content, &size);
    struct cbor_writer writer;

    *kept = NULL;
    *len = 0;
    if (count == 0) {
        return ERR_OK;
    }
    assert(count < 24);
    assert(size <= UINT16_MAX); // numbers, times, codes and centres: the table bounds them
    *kept = malloc(size);
    if (*kept == NULL) {
        return ERR_NO_SPACE;
    }
    cbor_write(&writer, *kept, size);
    cbor_put_map(&writer, count);
    for (size_t i = 0; kind_field(content->kind, i) != NULL; i++) {
        if (is_kept(content, i)) {
            const char *name = kind_field(content->kind, i)->name;
            cbor_put_text(&writer, name, strlen(name));
            cbor_put_raw(&writer, content->values[i].bytes, content->values[i].len);
        }
    }
    *len = (uint16_t)cbor_written(&writer);
    assert(*len == size);
    return ERR_OK;
}

static void join_parents(struct picture *picture, uint32_t at, struct span supersedes)
{
    struct cbor_reader reader;
    struct ref ref;

    cbor_read(&reader, supersedes.bytes, supersedes.len);
    for (size_t left = cbor_get_array(&reader); left > 0; left--) {
        ref_get(&reader, &ref);
        place_join(picture, place_of(picture, &ref), at);
    }
}

static void enlist(struct picture *picture, uint32_t at, const struct content *content)
{
    const struct span item = content_get(content, "item");
    struct cbor_reader reader;
    struct ref began;

    if (content->kind->merge == MERGE_LATEST) {
        picture->places[at].next_version = picture->first_latest;
        picture->first_latest = at;
        picture->latest_count++;
        picture->is_latest_dirty = true;
    }
    if (content->kind->merge != MERGE_VERSIONS) {
        return;
    }
    if (content_has(content, "casualties")) {
        picture->counting[picture->counting_count++] = at;
    }
    if (item.bytes == NULL) {
        place_enlist(picture, at, at);
        return;
    }
    cbor_read(&reader, item.bytes, item.len);
    ref_get(&reader, &began);
    place_enlist(picture, at, place_of(picture, &began));
    join_parents(picture, at, content_get(content, "supersedes"));
}

void picture_doubt(struct picture *picture, uint32_t at)
{
    struct place *place = &picture->places[at];

    place->is_dirty = true;
    for (uint32_t edge = place->first_child; edge != PICTURE_NONE;
         edge = picture->edges[edge].next_child) {
        const uint32_t item = picture->places[picture->edges[edge].child].item;
        if (item != PICTURE_NONE) {
            picture->places[item].is_dirty = true;
        }
    }
}

static uint64_t place_ms(uint64_t ms)
{
    return ms < PLACE_MS_MAX ? ms : PLACE_MS_MAX;
}

enum err picture_add(struct picture *picture, const struct picture_entry *entry)
{
    struct content content;
    struct content_fault why;
    uint8_t *kept = NULL;
    uint16_t len = 0;

    const enum err read = content_read(entry->body, &content, &why);
    if (places_reserve(picture, read == ERR_OK ? links_count(&content) : 0,
                       read == ERR_OK ? receipt_count(&content) : 0) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    if (read == ERR_OK && keep(&content, &kept, &len) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    const uint32_t at = place_of(picture, &entry->ref);
    struct place *place = &picture->places[at];
    if (place->is_here) {
        free(kept);
        return ERR_OK;
    }
    place_arrive(picture, at);
    place->precedence = entry->precedence & 3U;
    place->group = entry->group;
    place->written_ms = place_ms(entry->written_ms) & PLACE_MS_MAX;
    place->arrived_ms = place_ms(entry->arrived_ms) & PLACE_MS_MAX;
    if (read == ERR_OK) {
        place->kind = (uint8_t)(content.kind - kinds);
        place->state = content.state;
        place->kept = kept;
        place->kept_len = len;
        enlist(picture, at, &content);
        links_join(picture, at, &content);
        receipt_take(picture, at, &content);
    }
    picture_doubt(picture, at);
    return ERR_OK;
}

// -- what is asked --

static void settle(struct picture *picture, uint32_t began)
{
    if (picture->places[began].is_dirty) {
        merge_versions(picture, began);
        picture->places[began].is_dirty = false;
    }
}

// The places of what a body of versions replaces, and of what it is a version of.
static uint32_t find_replaced(const struct picture *picture, const struct content *content,
                              struct replaced *replaced)
{
    const struct span item = content_get(content, "item");
    const struct span supersedes = content_get(content, "supersedes");
    struct cbor_reader reader;
    struct ref ref;

    cbor_read(&reader, supersedes.bytes, supersedes.len);
    replaced->count = cbor_get_array(&reader);
    assert(replaced->count <= PICTURE_PARENTS_MAX);
    for (size_t i = 0; i < replaced->count; i++) {
        ref_get(&reader, &ref);
        replaced->places[i] = picture_find(picture, &ref);
    }
    cbor_read(&reader, item.bytes, item.len);
    ref_get(&reader, &ref);
    return picture_find(picture, &ref);
}

enum err picture_foresee(struct picture *picture, uint32_t author, struct span body,
                         enum standing *standing)
{
    struct content content;
    struct content_fault why;
    struct replaced replaced;

    if (content_read(body, &content, &why) != ERR_OK || content.kind->merge != MERGE_VERSIONS ||
        content_get(&content, "item").bytes == NULL) {
        return ERR_NOT_FOUND;
    }
    const uint32_t began = find_replaced(picture, &content, &replaced);
    if (began == PICTURE_NONE) {
        return ERR_NOT_FOUND;
    }
    const struct place version = {
        .ref.author = author, .kind = (uint8_t)(content.kind - kinds), .state = content.state};
    settle(picture, began);
    return merge_foresee(picture, began, &version, &replaced, standing);
}

uint32_t picture_count(const struct picture *picture)
{
    return (uint32_t)picture->places_count;
}

void picture_version(struct picture *picture, uint32_t at, struct picture_version *version)
{
    assert(at < picture->places_count);
    const struct place *place = &picture->places[at];
    const bool is_seen = place_is_seen(picture, place);

    if (place->item != PICTURE_NONE) {
        settle(picture, place->item);
    } else if (place->kind != KIND_NONE && kinds[place->kind].merge == MERGE_LATEST) {
        latest_settle(picture);
    }
    *version = (struct picture_version){
        .ref = place->ref,
        .kind = is_seen && place->kind != KIND_NONE ? &kinds[place->kind] : NULL,
        .item = is_seen ? place->item : PICTURE_NONE,
        .centre = place_centre(picture, place),
        .state = place->state,
        .precedence = place->precedence,
        .standing = (enum standing)place->standing,
        .is_here = is_seen,
        .is_replaced = place->is_replaced,
        .lacks_parents = place->lacks_parents,
        .written_ms = place->written_ms,
        .arrived_ms = place->arrived_ms,
        .kept = {place->kept, place->kept_len},
    };
}

enum err picture_items(struct picture *picture, const uint32_t **places, size_t *count)
{
    const enum err err = items_sort(picture);

    *places = picture->items;
    *count = picture->items_count;
    return err;
}

// The kind of what began it, or while that is not here that of its first version by reference.
static const struct kind *kind_of(const struct picture *picture, uint32_t began)
{
    const struct place *first = NULL;

    for (uint32_t at = picture->places[began].first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        const struct place *place = &picture->places[at];
        if (place_is_seen(picture, place) &&
            (at == began || first == NULL ||
             (first != &picture->places[began] && ref_compare(&place->ref, &first->ref) < 0))) {
            first = place;
        }
    }
    return first == NULL ? NULL : &kinds[first->kind];
}

void picture_item(struct picture *picture, uint32_t began, struct picture_item *item)
{
    assert(began < picture->places_count);
    settle(picture, began);
    *item = (struct picture_item){.began = began, .kind = kind_of(picture, began)};
    for (uint32_t at = picture->places[began].first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        const struct place *place = &picture->places[at];
        if (!place_is_seen(picture, place)) {
            continue;
        }
        item->versions++;
        item->heads += place->standing == STANDING_COUNTS && !place->is_replaced ? 1 : 0;
        item->proposals += place->standing == STANDING_PROPOSED && !place->is_replaced ? 1 : 0;
        item->has_gaps |= place->standing == STANDING_COUNTS && place->lacks_parents;
    }
    item->is_conflicting = item->heads > 1 && !item->has_gaps;
}

size_t picture_versions(struct picture *picture, uint32_t began, uint32_t *versions, size_t max)
{
    size_t count = 0;

    assert(began < picture->places_count);
    for (uint32_t at = picture->places[began].first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        if (!place_is_seen(picture, &picture->places[at])) {
            continue;
        }
        if (count < max) {
            versions[count] = at;
        }
        count++;
    }
    return count;
}
