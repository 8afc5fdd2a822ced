// SPDX-License-Identifier: EUPL-1.2
// How the versions of one item stand, and which are its heads [18.7, 18.8]. Each is judged behind
// what it replaces, from that alone: so the order of arrival does not matter, nor does a clock.
#include <assert.h>

#include "picture/places.h"

struct item {
    struct picture *picture;
    uint32_t began;
    uint32_t centre; // of what began it
};

static struct place *place_at(const struct item *item, uint32_t at)
{
    return &item->picture->places[at];
}

// Another version of this item that is here; only such are replaced.
static bool is_version(const struct item *item, uint32_t at)
{
    const struct place *place = place_at(item, at);

    return place->item == item->began && place_is_seen(item->picture, place);
}

static bool lists_centre(struct span centres, uint32_t centre)
{
    struct cbor_reader reader;

    if (centres.bytes == NULL || centre == PICTURE_NONE) {
        return false;
    }
    cbor_read(&reader, centres.bytes, centres.len);
    for (size_t left = cbor_get_array(&reader); left > 0; left--) {
        if (cbor_get_uint(&reader) == centre) {
            return true;
        }
    }
    return false;
}

static bool is_editor(const struct item *item, uint32_t centre, const struct place *of)
{
    return (centre != PICTURE_NONE && centre == item->centre) ||
           (of->editors != PICTURE_NONE &&
            lists_centre(place_value(place_at(item, of->editors), "editors"), centre));
}

// The centre whose request the version answers: of the request's author.
static uint32_t asker(const struct item *item, uint32_t of)
{
    uint32_t request;

    return picture_named(item->picture, of, "request", &request, 1) == 1
               ? place_centre(item->picture, place_at(item, request))
               : PICTURE_NONE;
}

// Whether the centre may take a step of that side from the version `of`.
static bool is_of_side(const struct item *item, enum side side, uint32_t centre, uint32_t at)
{
    const struct place *of = place_at(item, at);
    struct span to;

    switch (side) {
    case SIDE_MEMBERS:
        return true;
    case SIDE_ASKER:
        return centre != PICTURE_NONE && centre == asker(item, at);
    case SIDE_ADDRESSED:
        to = place_value(of, "to");
        return to.bytes == NULL || lists_centre(to, centre) || is_editor(item, centre, of);
    case SIDE_EDITORS:
        return is_editor(item, centre, of);
    case SIDES:
        break;
    }
    return false;
}

// What was found about the versions that one replaces.
struct grounds {
    bool has_parents; // that are here
    bool is_allowed;  // by a counting one, and the step is its author's
    bool is_foreign;  // by one that is proposed, or the step is somebody else's
    bool is_missing;  // one is not here
    bool is_waiting;  // one waits itself
    uint32_t editors;
};

static void look_at_parent(const struct item *item, const struct place *version, uint32_t at,
                           struct grounds *grounds)
{
    const struct place *parent = place_at(item, at);
    const uint32_t centre = place_centre(item->picture, version);
    enum side side;

    if (!is_version(item, at)) {
        grounds->is_missing |= !place_is_seen(item->picture, parent);
        return;
    }
    grounds->has_parents = true;
    grounds->is_waiting |= parent->standing == STANDING_WAITS;
    // While what began the item is missing, versions of other kinds may be among them.
    if (parent->kind != version->kind ||
        (parent->standing != STANDING_COUNTS && parent->standing != STANDING_PROPOSED) ||
        !kind_allows(&kinds[version->kind], parent->state, version->state, &side)) {
        return;
    }
    if (parent->standing == STANDING_PROPOSED || !is_of_side(item, side, centre, at)) {
        grounds->is_foreign = true;
        return;
    }
    // Of several grounds the first in the order of references, so that all nodes take the same.
    if (!grounds->is_allowed ||
        ref_compare(&parent->ref, &place_at(item, grounds->editors)->ref) < 0) {
        grounds->editors = at;
    }
    grounds->is_allowed = true;
}

// Nothing it replaces is here: what its author may do in any case.
static enum standing judge_alone(const struct item *item, const struct place *version)
{
    const uint32_t centre = place_centre(item->picture, version);
    const bool is_own = centre != PICTURE_NONE && centre == item->centre;

    return is_own || kinds[version->kind].side == SIDE_MEMBERS ? STANDING_COUNTS : STANDING_WAITS;
}

static enum standing judge_grounds(const struct item *item, const struct place *version,
                                   const struct grounds *grounds)
{
    if (grounds->is_allowed) {
        return STANDING_COUNTS;
    }
    if (!grounds->has_parents) {
        return judge_alone(item, version);
    }
    if (grounds->is_foreign) {
        return STANDING_PROPOSED;
    }
    return grounds->is_missing || grounds->is_waiting ? STANDING_WAITS : STANDING_MISSTEP;
}

// It changes something else than what it says it does.
static bool is_astray(const struct item *item, const struct place *version)
{
    const struct place *began = place_at(item, item->began);

    return place_is_seen(item->picture, began) &&
           (began->kind != version->kind || began->item != item->began);
}

static void judge(const struct item *item, uint32_t at)
{
    struct place *version = place_at(item, at);
    struct grounds grounds = {.editors = PICTURE_NONE};

    version->editors = at;
    if (at == item->began) {
        version->standing = STANDING_COUNTS;
        return;
    }
    for (uint32_t edge = version->first_parent; edge != PICTURE_NONE;
         edge = item->picture->edges[edge].next_parent) {
        look_at_parent(item, version, item->picture->edges[edge].parent, &grounds);
    }
    version->lacks_parents = grounds.is_missing;
    if (is_astray(item, version)) {
        version->standing = STANDING_WAITS; // for ever
        return;
    }
    version->standing = (uint8_t)judge_grounds(item, version, &grounds);
    // Whoever takes a step that is not an editor's does not say who the editors are.
    if (grounds.is_allowed &&
        !is_editor(item, place_centre(item->picture, version), place_at(item, grounds.editors))) {
        version->editors = place_at(item, grounds.editors)->editors;
    }
}

// Counts for each version how many of those it replaces are still to be judged, and puts those that
// wait for none into the queue. Returns how many these are.
static size_t begin(const struct item *item)
{
    const struct picture *picture = item->picture;
    size_t ready = 0;

    for (uint32_t at = place_at(item, item->began)->first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        struct place *version = place_at(item, at);
        version->open = 0;
        version->standing = STANDING_WAITS;
        version->is_replaced = version->lacks_parents = false;
        for (uint32_t edge = version->first_parent; edge != PICTURE_NONE;
             edge = picture->edges[edge].next_parent) {
            version->open += is_version(item, picture->edges[edge].parent) ? 1 : 0;
        }
        if (version->open == 0 && is_version(item, at)) {
            picture->queue[ready++] = at;
        }
    }
    return ready;
}

// By one that counts, or by what the same centre proposes now.
static bool is_replaced(const struct item *item, const struct place *version)
{
    const struct picture *picture = item->picture;
    const uint32_t centre = place_centre(picture, version);

    for (uint32_t edge = version->first_child; edge != PICTURE_NONE;
         edge = picture->edges[edge].next_child) {
        const uint32_t at = picture->edges[edge].child;
        const struct place *child = place_at(item, at);
        if (is_version(item, at) &&
            (child->standing == STANDING_COUNTS ||
             (child->standing == STANDING_PROPOSED && version->standing == STANDING_PROPOSED &&
              centre != PICTURE_NONE && place_centre(picture, child) == centre))) {
            return true;
        }
    }
    return false;
}

// Puts those into the queue that waited for this one alone. Returns how many are in it.
static size_t release(const struct item *item, uint32_t at, size_t ready)
{
    struct picture *picture = item->picture;

    for (uint32_t edge = picture->places[at].first_child; edge != PICTURE_NONE;
         edge = picture->edges[edge].next_child) {
        const uint32_t child = picture->edges[edge].child;
        if (is_version(item, child) && --picture->places[child].open == 0) {
            picture->queue[ready++] = child;
        }
    }
    return ready;
}

// Versions that name each other in a circle, which takes 2^64 tries to make, are never ready: they
// wait.
void merge_versions(struct picture *picture, uint32_t began)
{
    const struct item item = {picture, began, place_centre(picture, &picture->places[began])};
    size_t ready = begin(&item);

    for (size_t i = 0; i < ready; i++) {
        judge(&item, picture->queue[i]);
        ready = release(&item, picture->queue[i], ready);
    }
    for (size_t i = 0; i < ready; i++) {
        struct place *version = &picture->places[picture->queue[i]];
        version->is_replaced = is_replaced(&item, version);
    }
}
