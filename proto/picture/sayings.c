// SPDX-License-Identifier: EUPL-1.2
// Who says what of people hurt, by incident and centre, in order [18.17]. What it adds up to is not
// known here.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"
#include "picture/tally.h"

enum { MERGES_MAX = 64, GROUPS = 2 };

static const char *const groups[GROUPS] = {"responders", "population"};
static const char *const fields[CASUALTY_NUMBERS / GROUPS] = {
    "dead", "injured", "missing", "trapped", "evacuated", "exposed", "hospitalised"};

const char *casualty_group(size_t number)
{
    assert(number < CASUALTY_NUMBERS);
    return groups[number / (CASUALTY_NUMBERS / GROUPS)];
}

const char *casualty_field(size_t number)
{
    assert(number < CASUALTY_NUMBERS);
    return fields[number % (CASUALTY_NUMBERS / GROUPS)];
}

// -- heads --

static bool is_head(const struct picture *picture, const struct place *place)
{
    return place_is_seen(picture, place) && place->standing == STANDING_COUNTS &&
           !place->is_replaced;
}

static bool is_in_state(const struct place *place, const char *state)
{
    const struct kind *kind = &kinds[place->kind];

    return place->state != STATE_NONE && strcmp(kind->states[place->state], state) == 0;
}

// What a merged head goes on in; PICTURE_NONE: it is not merged.
static uint32_t merged_into(const struct picture *picture, uint32_t at)
{
    const struct place *place = &picture->places[at];
    uint32_t into;

    return strcmp(kinds[place->kind].name, "incident") == 0 && is_in_state(place, "merged") &&
                   picture_named(picture, at, "merged_into", &into, 1) == 1
               ? into
               : PICTURE_NONE;
}

// What all heads of the incident are merged into; PICTURE_NONE: they are not, or not into one.
static uint32_t next_incident(struct picture *picture, uint32_t began)
{
    struct picture_item item;
    uint32_t next = PICTURE_NONE;
    bool is_first = true;
    bool is_of_one = true;

    picture_item(picture, began, &item); // judges it
    for (uint32_t at = picture->places[began].first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        if (!is_head(picture, &picture->places[at])) {
            continue;
        }
        const uint32_t into = merged_into(picture, at);
        is_of_one &= is_first || into == next;
        is_first = false;
        next = into;
    }
    return is_of_one ? next : PICTURE_NONE;
}

uint32_t picture_incident(struct picture *picture, uint32_t began)
{
    uint32_t incident = began;

    assert(began < picture->places_count);
    for (int i = 0; i <= MERGES_MAX; i++) {
        const uint32_t next = next_incident(picture, incident);
        if (next == PICTURE_NONE) {
            return incident;
        }
        incident = next;
    }
    return began; // a circle
}

// -- what a head says --

static uint64_t time_of(const struct place *place, const char *name)
{
    const struct span value = place_value(place, name);
    struct cbor_reader reader;

    if (value.bytes == NULL) {
        return NEVER;
    }
    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_uint(&reader);
}

static uint64_t end_of(const struct place *place, bool is_to_date)
{
    const uint64_t to_ms = time_of(place, "period_to");

    return to_ms == NEVER && is_to_date ? time_of(place, "observed") : to_ms;
}

static size_t name_index(const char *const *names, size_t count, struct span name)
{
    size_t at = 0;

    while (at < count && !span_is(name, names[at])) {
        at++;
    }
    return at;
}

static void read_group(struct cbor_reader *reader, struct saying *saying, size_t group)
{
    const size_t each = CASUALTY_NUMBERS / GROUPS;

    for (size_t left = cbor_get_map(reader); left > 0; left--) {
        const size_t field = name_index(fields, each, cbor_get_text(reader));
        if (field < each) {
            saying->counts[group * each + field] = (uint32_t)cbor_get_uint(reader);
            saying->fates[group * each + field] = FATE_TAKEN; // until it is added up
        } else {
            (void)cbor_skip(reader);
        }
    }
}

static void read_element(struct cbor_reader *reader, struct saying *saying)
{
    for (size_t left = cbor_get_map(reader); left > 0; left--) {
        const struct span key = cbor_get_text(reader);
        const size_t group = name_index(groups, GROUPS, key);
        if (group < GROUPS) {
            read_group(reader, saying, group);
        } else if (span_is(key, "basis")) {
            saying->is_to_date = span_is(cbor_get_text(reader), "to-date");
        } else {
            (void)cbor_skip(reader);
        }
    }
}

// What a head says of each basis: of two elements of one the first. Returns how many sayings.
static size_t read_head(const struct place *head, const struct saying *whose,
                        struct saying sayings[static 2])
{
    const struct span value = place_value(head, "casualties");
    struct cbor_reader reader;
    size_t count = 0;

    if (value.bytes == NULL || is_in_state(head, "withdrawn")) {
        return 0;
    }
    cbor_read(&reader, value.bytes, value.len);
    for (size_t left = cbor_get_array(&reader); left > 0; left--) {
        struct saying saying = *whose;
        read_element(&reader, &saying);
        saying.from_ms = time_of(head, "period_from");
        saying.to_ms = end_of(head, saying.is_to_date);
        if (count == 0 || sayings[0].is_to_date != saying.is_to_date) {
            sayings[count++] = saying;
        }
    }
    return count;
}

static int place_compare(const void *a, const void *b)
{
    const uint32_t one = *(const uint32_t *)a;
    const uint32_t other = *(const uint32_t *)b;

    return (one > other) - (one < other);
}

static bool is_wanted(const struct incidents *named, uint32_t incident)
{
    return named == NULL || (named->count > 0 && bsearch(&incident, named->list, named->count,
                                                         sizeof incident, place_compare) != NULL);
}

// What the heads of a report say of the incidents that are wanted. Returns how many sayings.
static size_t read_report(struct picture *picture, uint32_t began, const struct incidents *named,
                          struct saying *sayings)
{
    const struct place *report = &picture->places[began];
    const uint32_t centre = place_centre(picture, report);
    struct picture_item item;
    uint32_t heads = 0;
    size_t count = 0;

    picture_item(picture, began, &item); // judges it
    for (uint32_t at = report->first_version; at != PICTURE_NONE;
         at = picture->places[at].next_version) {
        const struct place *head = &picture->places[at];
        if (!is_head(picture, head) || strcmp(kinds[head->kind].name, "report") != 0) {
            continue;
        }
        struct saying whose = {.centre = centre,
                               .author = centre == PICTURE_NONE ? report->ref.author : 0,
                               .report = began,
                               .report_ref = report->ref,
                               .ref = head->ref,
                               .place = at};
        heads++;
        if (picture_named(picture, at, "incident", &whose.incident, 1) == 0) {
            whose.incident = PICTURE_NONE;
        }
        if (is_wanted(named, whose.incident)) {
            count += read_head(head, &whose, sayings + count);
        }
    }
    for (size_t i = 0; i < count; i++) {
        sayings[i].heads = heads;
    }
    return count;
}

// -- all of them, in order --

// Sorts; leaves each once. Returns how many.
static size_t sort_once(uint32_t *places, size_t count)
{
    size_t kept = 0;

    if (count > 0) {
        qsort(places, count, sizeof *places, place_compare);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || places[i] != places[i - 1]) {
            places[kept++] = places[i];
        }
    }
    return kept;
}

// `items` has room for one more than what counts people.
static void read_reports(struct picture *picture, const struct incidents *named, uint32_t *items,
                         struct sayings *sayings)
{
    for (size_t i = 0; i < picture->counting_count; i++) {
        items[i] = picture->places[picture->counting[i]].item;
    }
    const size_t count = sort_once(items, picture->counting_count);
    for (size_t i = 0; i < count; i++) {
        sayings->count += read_report(picture, items[i], named, sayings->list + sayings->count);
    }
}

// Follows each incident once, however many reports name it.
static enum err follow_incidents(struct picture *picture, uint32_t *named,
                                 const struct sayings *sayings)
{
    size_t count = 0;

    for (size_t i = 0; i < sayings->count; i++) {
        if (sayings->list[i].incident != PICTURE_NONE) {
            named[count++] = sayings->list[i].incident;
        }
    }
    count = sort_once(named, count);
    uint32_t *goes_on = malloc((count + 1) * sizeof *goes_on);
    if (goes_on == NULL) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < count; i++) {
        goes_on[i] = picture_incident(picture, named[i]);
    }
    for (size_t i = 0; i < sayings->count; i++) {
        struct saying *saying = &sayings->list[i];
        if (saying->incident != PICTURE_NONE) {
            const uint32_t *at =
                bsearch(&saying->incident, named, count, sizeof *named, place_compare);
            assert(at != NULL);
            saying->incident = goes_on[at - named];
            saying->incident_ref = picture->places[saying->incident].ref;
        }
    }
    free(goes_on);
    return ERR_OK;
}

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int saying_compare(const void *left, const void *right)
{
    const struct saying *a = left;
    const struct saying *b = right;
    const int order[] = {
        number_compare(a->incident == PICTURE_NONE, b->incident == PICTURE_NONE),
        ref_compare(&a->incident_ref, &b->incident_ref),
        number_compare(a->centre, b->centre),
        number_compare(a->author, b->author),
        number_compare(b->is_to_date, a->is_to_date),
        ref_compare(&a->report_ref, &b->report_ref),
        ref_compare(&a->ref, &b->ref),
    };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i] != 0) {
            return order[i];
        }
    }
    return 0;
}

enum err sayings_collect(struct picture *picture, const struct incidents *named,
                         struct sayings *sayings)
{
    const size_t most = 2 * picture->counting_count;
    uint32_t *places = malloc((most + 1) * sizeof *places);

    *sayings = (struct sayings){malloc((most + 1) * sizeof *sayings->list), 0};
    enum err err = places == NULL || sayings->list == NULL ? ERR_NO_SPACE : ERR_OK;
    if (err == ERR_OK) {
        read_reports(picture, named, places, sayings);
        err = follow_incidents(picture, places, sayings);
    }
    if (err == ERR_OK && sayings->count > 0) {
        qsort(sayings->list, sayings->count, sizeof *sayings->list, saying_compare);
    }
    free(places);
    return err;
}
