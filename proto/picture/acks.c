// SPDX-License-Identifier: EUPL-1.2
// Whose acknowledgement an entry asks for, and who gave it [18.19]. Who can read it, and what time
// it is, is not known here.
#include <assert.h>
#include <string.h>

#include "picture/places.h"

uint64_t picture_ack_by(struct picture *picture, uint32_t place)
{
    struct picture_version version;
    struct cbor_reader reader;

    assert(place < picture->places_count);
    const struct span ack_by = place_value(&picture->places[place], "ack_by");
    if (ack_by.bytes == NULL) {
        return UINT64_MAX;
    }
    picture_version(picture, place, &version);
    if (!version.is_here || version.is_replaced) {
        return UINT64_MAX;
    }
    cbor_read(&reader, ack_by.bytes, ack_by.len);
    return cbor_get_uint(&reader);
}

static bool names_centre(struct span centres, uint32_t centre)
{
    struct cbor_reader reader;
    bool is_named = false;

    cbor_read(&reader, centres.bytes, centres.len);
    for (size_t left = cbor_get_array(&reader); left > 0; left--) {
        is_named |= cbor_get_uint(&reader) == centre;
    }
    return is_named;
}

// Of some kinds `to` is a time, and says nothing of that.
static bool is_addressed(const struct place *place)
{
    static const char to[] = "to";
    const struct field *field =
        field_find(kinds[place->kind].fields, (struct span){(const uint8_t *)to, sizeof to - 1});

    return field->name != NULL && field->type == VALUE_CENTRE;
}

bool picture_asks(const struct picture *picture, uint32_t place, uint32_t centre)
{
    assert(place < picture->places_count);
    const struct place *asking = &picture->places[place];
    const struct span to = place_value(asking, "to");

    return to.bytes != NULL && is_addressed(asking) ? names_centre(to, centre)
                                                    : place_centre(picture, asking) != centre;
}

size_t picture_acks(const struct picture *picture, uint32_t place, uint32_t centre,
                    uint32_t *places, size_t max)
{
    size_t count = 0;

    assert(place < picture->places_count);
    for (uint32_t at = picture->places[place].first_naming; at != PICTURE_NONE;
         at = picture->links[at].next_naming) {
        const struct link *link = &picture->links[at];
        const struct place *from = &picture->places[link->from];
        const char *field = kind_field(&kinds[from->kind], link->field)->name;
        if (!place_is_seen(picture, from) || strcmp(field, "of") != 0 ||
            place_centre(picture, from) != centre) {
            continue;
        }
        if (count < max) {
            places[count] = picture->links[at].from;
        }
        count++;
    }
    return count;
}
