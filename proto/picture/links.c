// SPDX-License-Identifier: EUPL-1.2
// Which entries name which, by the fields that the table calls links: found from either end. What
// the naming means is not known here, but for what an entry builds on [18.12].
#include <assert.h>
#include <string.h>

#include "picture/places.h"

// Walks over all references of a body's links.
struct walk {
    struct picture *picture; // NULL: they are only counted
    uint32_t from;
    uint8_t field; // its place in the kind
    size_t count;
};

static void take_ref(struct walk *walk, struct cbor_reader *reader)
{
    struct ref ref;

    ref_get(reader, &ref);
    walk->count++;
    if (walk->picture != NULL) {
        const uint32_t to = place_of(walk->picture, &ref);
        place_link(walk->picture, walk->from, to, walk->field);
    }
}

static void take_refs(struct walk *walk, struct cbor_reader *reader, const struct field *field)
{
    const size_t count = field->items_max == 0 ? 1 : cbor_get_array(reader);

    for (size_t i = 0; i < count; i++) {
        take_ref(walk, reader);
    }
}

static uint8_t place_named(const struct kind *kind, const char *name)
{
    size_t place = 0;

    while (strcmp(kind_field(kind, place)->name, name) != 0) {
        place++;
    }
    return (uint8_t)place;
}

static void take_part(struct walk *walk, struct cbor_reader *reader, const struct kind *kind,
                      const struct field *part)
{
    if (!part->is_link) {
        (void)cbor_skip(reader);
        return;
    }
    walk->field = place_named(kind, part->name);
    take_refs(walk, reader, part);
}

// What parts name, they name for the whole: as the field of that name does.
static void take_parts(struct walk *walk, struct cbor_reader *reader, const struct kind *kind,
                       const struct field *field)
{
    const size_t count = field->items_max == 0 ? 1 : cbor_get_array(reader);

    for (size_t i = 0; i < count; i++) {
        for (size_t left = cbor_get_map(reader); left > 0; left--) {
            take_part(walk, reader, kind, field_find(field->parts, cbor_get_text(reader)));
        }
    }
}

static void walk_links(struct walk *walk, const struct content *content)
{
    const struct field *field;
    struct cbor_reader reader;

    for (size_t i = 0; (field = kind_field(content->kind, i)) != NULL; i++) {
        const struct span value = content->values[i];
        if (value.bytes == NULL) {
            continue;
        }
        cbor_read(&reader, value.bytes, value.len);
        walk->field = (uint8_t)i;
        if (field->is_link) {
            take_refs(walk, &reader, field);
        } else if (field->type == VALUE_PARTS) {
            take_parts(walk, &reader, content->kind, field);
        }
        assert(reader.err == ERR_OK);
    }
}

size_t links_count(const struct content *content)
{
    struct walk walk = {.picture = NULL};

    walk_links(&walk, content);
    return walk.count;
}

void links_join(struct picture *picture, uint32_t from, const struct content *content)
{
    struct walk walk = {.picture = picture, .from = from};

    walk_links(&walk, content);
}

// -- what is asked --

static bool is_of(const struct picture *picture, uint32_t at, const char *of)
{
    const struct place *place = &picture->places[at];

    return place->kind != KIND_NONE && place->item == at &&
           strcmp(kinds[place->kind].name, of) == 0;
}

// Whether the body is a version of what the reference names.
static bool is_version_of(const struct content *content, const struct ref *ref)
{
    const struct span item = content_get(content, "item");
    struct cbor_reader reader;
    struct ref began;

    if (item.bytes == NULL) {
        return false;
    }
    cbor_read(&reader, item.bytes, item.len);
    ref_get(&reader, &began);
    return ref_compare(&began, ref) == 0;
}

enum err picture_check_names(const struct picture *picture, struct span body,
                             const struct field **wrong, uint32_t *named)
{
    struct content content;
    struct content_fault why;

    if (content_read(body, &content, &why) != ERR_OK) {
        return ERR_OK; // who publishes it is told elsewhere
    }
    for (size_t i = 0; (*wrong = kind_field(content.kind, i)) != NULL; i++) {
        struct cbor_reader reader;
        struct ref ref;
        if ((*wrong)->of == NULL || content.values[i].bytes == NULL) {
            continue;
        }
        cbor_read(&reader, content.values[i].bytes, content.values[i].len);
        ref_get(&reader, &ref);
        *named = picture_find(picture, &ref);
        if (*named != PICTURE_NONE && place_is_seen(picture, &picture->places[*named]) &&
            (!is_of(picture, *named, (*wrong)->of) || is_version_of(&content, &ref))) {
            return ERR_STATE;
        }
    }
    return ERR_OK;
}

static const char *name_of(const struct picture *picture, const struct link *link)
{
    return kind_field(&kinds[picture->places[link->from].kind], link->field)->name;
}

size_t picture_named(const struct picture *picture, uint32_t place, const char *field,
                     uint32_t *places, size_t max)
{
    size_t count = 0;

    assert(place < picture->places_count);
    for (uint32_t at = picture->places[place].first_named; at != PICTURE_NONE;
         at = picture->links[at].next_named) {
        const struct link *link = &picture->links[at];
        if (strcmp(name_of(picture, link), field) != 0) {
            continue;
        }
        if (count < max) {
            places[count] = link->to;
        }
        count++;
    }
    return count;
}

size_t picture_naming(const struct picture *picture, uint32_t place, const char *field,
                      uint32_t *places, size_t max)
{
    size_t count = 0;

    assert(place < picture->places_count);
    for (uint32_t at = picture->places[place].first_naming; at != PICTURE_NONE;
         at = picture->links[at].next_naming) {
        const struct link *link = &picture->links[at];
        if (!place_is_seen(picture, &picture->places[link->from]) ||
            strcmp(name_of(picture, link), field) != 0) {
            continue;
        }
        if (count < max) {
            places[count] = link->from;
        }
        count++;
    }
    return count;
}

bool picture_is_outdated(struct picture *picture, uint32_t place)
{
    static const char *const basis[] = {"cites", "translation_of"};
    struct picture_version version;

    assert(place < picture->places_count);
    for (uint32_t at = picture->places[place].first_named; at != PICTURE_NONE;
         at = picture->links[at].next_named) {
        const struct link link = picture->links[at];
        const char *name = name_of(picture, &link);
        if (strcmp(name, basis[0]) != 0 && strcmp(name, basis[1]) != 0) {
            continue;
        }
        picture_version(picture, link.to, &version);
        if (version.is_here && version.item != PICTURE_NONE && version.is_replaced) {
            return true;
        }
    }
    return false;
}
