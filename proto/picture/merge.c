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

// The centre whose request the offer answers, by what began it: nobody moves it to another.
static uint32_t asker(const struct item *item)
{
    uint32_t request;

    return is_version(item, item->began) &&
                   picture_named(item->picture, item->began, "request", &request, 1) == 1
               ? place_centre(item->picture, place_at(item, request))
               : PICTURE_NONE;
}

// Whether the centre may take a step of that side from the version `of`.
static bool is_of_side(const struct item *item, enum side side, uint32_t centre,
                       const struct place *of)
{
    struct span to;

    switch (side) {
    case SIDE_MEMBERS:
        return true;
    case SIDE_ASKER:
        return centre != PICTURE_NONE && centre == asker(item);
    case SIDE_ADDRESSED:
        to = place_value(place_at(item, of->editors), "to");
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
    uint32_t counting[PICTURE_PARENTS_MAX]; // those of its kind that count
    size_t counting_count;
    bool has_parents; // that are here
    bool may_propose; // on top of one that is proposed itself
    bool is_missing;  // one is not here
    bool is_waiting;  // one waits itself
};

static void look_at_parent(const struct item *item, const struct place *version, uint32_t at,
                           struct grounds *grounds)
{
    const struct place *parent = place_at(item, at);
    enum side side;

    if (!is_version(item, at)) {
        grounds->is_missing |= !place_is_seen(item->picture, parent);
        return;
    }
    grounds->has_parents = true;
    grounds->is_waiting |= parent->standing == STANDING_WAITS;
    // While what began the item is missing, versions of other kinds may be among them.
    if (parent->kind != version->kind) {
        return;
    }
    if (parent->standing == STANDING_COUNTS) {
        assert(grounds->counting_count < PICTURE_PARENTS_MAX);
        grounds->counting[grounds->counting_count++] = at;
    }
    grounds->may_propose |=
        parent->standing == STANDING_PROPOSED &&
        kind_allows(&kinds[version->kind], parent->state, version->state, &side);
}

// Versions that were looked at; marked by `open`, which is free once they are judged.
struct seen {
    uint32_t *list;
    size_t count;
};

// Adds what the version replaced and is not yet among them. Returns whether `other` is.
static bool look_behind(const struct item *item, uint32_t at, uint32_t other, struct seen *seen)
{
    const struct picture *picture = item->picture;
    bool is_found = false;

    for (uint32_t edge = picture->places[at].first_parent; edge != PICTURE_NONE;
         edge = picture->edges[edge].next_parent) {
        const uint32_t parent = picture->edges[edge].parent;
        is_found |= parent == other;
        if (is_version(item, parent) && place_at(item, parent)->open == 0) {
            place_at(item, parent)->open = 1;
            seen->list[seen->count++] = parent;
        }
    }
    return is_found;
}

// Whether the one replaced the other, itself or through what it replaced.
static bool is_behind(const struct item *item, uint32_t at, uint32_t other)
{
    struct seen seen = {.list = item->picture->queue + item->picture->places_count};
    bool is_found = false;

    seen.list[seen.count++] = at;
    for (size_t i = 0; i < seen.count && !is_found; i++) {
        is_found = look_behind(item, seen.list[i], other, &seen);
    }
    for (size_t i = 0; i < seen.count; i++) {
        place_at(item, seen.list[i])->open = 0;
    }
    return is_found;
}

// Whether the version settles on the state of another that contradicts this one.
static bool is_settled(const struct item *item, const struct place *version,
                       const struct grounds *grounds, uint32_t at)
{
    for (size_t i = 0; i < grounds->counting_count; i++) {
        const uint32_t other = grounds->counting[i];
        if (other != at && place_at(item, other)->state == version->state &&
            !is_behind(item, at, other)) {
            return true;
        }
    }
    return false;
}

// Whether the version may come after this one; else `has_way` tells whether somebody's may.
static bool may_follow(const struct item *item, const struct place *version,
                       const struct grounds *grounds, uint32_t at, bool *has_way)
{
    const struct kind *kind = &kinds[version->kind];
    const struct place *parent = place_at(item, at);
    const uint32_t centre = place_centre(item->picture, version);
    enum side side;

    *has_way = kind_allows(kind, parent->state, version->state, &side);
    if (*has_way && is_of_side(item, side, centre, parent)) {
        return true;
    }
    if (is_settled(item, version, grounds, at)) {
        *has_way = true;
        return is_of_side(item, kind->side, centre, parent);
    }
    return false;
}

// Nothing it replaces is here: what its author may do in any case.
static enum standing judge_alone(const struct item *item, const struct place *version)
{
    const uint32_t centre = place_centre(item->picture, version);
    const bool is_own = centre != PICTURE_NONE && centre == item->centre;

    return is_own || kinds[version->kind].side == SIDE_MEMBERS ? STANDING_COUNTS : STANDING_WAITS;
}

// Behind all of those that count: one alone would let its author pass over what others wrote since.
static enum standing judge_grounds(const struct item *item, const struct place *version,
                                   const struct grounds *grounds)
{
    bool may_count = grounds->counting_count > 0;
    bool may_propose = may_count || grounds->may_propose;

    for (size_t i = 0; i < grounds->counting_count; i++) {
        bool has_way;
        may_count &= may_follow(item, version, grounds, grounds->counting[i], &has_way);
        may_propose &= has_way;
    }
    if (!grounds->has_parents) {
        return judge_alone(item, version);
    }
    if (may_count || may_propose) {
        return may_count ? STANDING_COUNTS : STANDING_PROPOSED;
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

// Whoever takes a step that is not an editor's does not say who the editors are, nor for whom it
// is: what holds for the version replaced goes on, of several the first by reference.
static void inherit(const struct item *item, struct place *version, const struct grounds *grounds)
{
    const uint32_t centre = place_centre(item->picture, version);
    const struct place *first = NULL;

    for (size_t i = 0; i < grounds->counting_count; i++) {
        const struct place *parent = place_at(item, grounds->counting[i]);
        if (!is_editor(item, centre, parent) &&
            (first == NULL || ref_compare(&parent->ref, &first->ref) < 0)) {
            first = parent;
        }
    }
    if (first != NULL) {
        version->editors = first->editors;
    }
}

static void judge(const struct item *item, uint32_t at)
{
    struct place *version = place_at(item, at);
    struct grounds grounds = {.counting_count = 0};

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
    version->standing = (unsigned)judge_grounds(item, version, &grounds) & 3U;
    if (version->standing == STANDING_COUNTS) {
        inherit(item, version, &grounds);
    }
}

enum err merge_foresee(struct picture *picture, uint32_t began, const struct place *version,
                       const struct replaced *replaced, enum standing *standing)
{
    const struct item item = {picture, began, place_centre(picture, &picture->places[began])};
    struct grounds grounds = {.counting_count = 0};

    for (size_t i = 0; i < replaced->count; i++) {
        if (replaced->places[i] == PICTURE_NONE) {
            grounds.is_missing = true;
        } else {
            look_at_parent(&item, version, replaced->places[i], &grounds);
        }
    }
    *standing = judge_grounds(&item, version, &grounds);
    return is_astray(&item, version) ? ERR_STATE : ERR_OK;
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
