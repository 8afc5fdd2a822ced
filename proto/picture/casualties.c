// SPDX-License-Identifier: EUPL-1.2
// People hurt, by incident and centre [18.17]: the sums, and what made them up. Who says what is
// sayings.c's, and how one number of one centre comes about tally.c's.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "picture/tally.h"

const char *fate_name(enum fate fate)
{
    static const char *const names[FATES] = {"not told", "taken",    "passed",
                                             "covered",  "overlaps", "unplaced"};

    assert(fate < FATES);
    return names[fate];
}

static void add_sum(struct sum *to, const struct sum *sum)
{
    to->least += sum->least;
    to->most += sum->most;
    to->is_told |= sum->is_told;
}

static void add_centre(struct casualties *casualties, struct saying *sayings, size_t count,
                       struct teller *room)
{
    struct casualty_incident *incident = &casualties->incidents[casualties->incidents_count - 1];
    struct casualty_centre *centre = &casualties->centres[casualties->centres_count++];

    *centre = (struct casualty_centre){.centre = sayings->centre,
                                       .author = sayings->author,
                                       .first_source = casualties->sources_count,
                                       .sources = count};
    for (size_t i = 0; i < CASUALTY_NUMBERS; i++) {
        centre->sums[i] = tally_number(sayings, count, i, room);
        add_sum(&incident->sums[i], &centre->sums[i]);
    }
    incident->centres++;
    for (size_t i = 0; i < count; i++) {
        struct casualty_source *source = &casualties->sources[casualties->sources_count++];
        source->place = sayings[i].place;
        source->is_to_date = sayings[i].is_to_date;
        memcpy(source->counts, sayings[i].counts, sizeof source->counts);
        memcpy(source->fates, sayings[i].fates, sizeof source->fates);
    }
}

static bool is_same_incident(const struct saying *a, const struct saying *b)
{
    return a->incident == b->incident;
}

static bool is_same_centre(const struct saying *a, const struct saying *b)
{
    return is_same_incident(a, b) && a->centre == b->centre && a->author == b->author;
}

static void add_all(struct casualties *casualties, const struct sayings *sayings,
                    struct teller *room)
{
    size_t next = 0;

    for (size_t i = 0; i < sayings->count; i = next) {
        struct saying *first = &sayings->list[i];
        for (next = i + 1; next < sayings->count && is_same_centre(&sayings->list[next], first);) {
            next++;
        }
        if (i == 0 || !is_same_incident(first, first - 1)) {
            casualties->incidents[casualties->incidents_count++] = (struct casualty_incident){
                .incident = first->incident, .first_centre = casualties->centres_count};
        }
        add_centre(casualties, first, next - i, room);
    }
}

// How many parts the sayings have, where those that are the same follow each other.
static size_t count_parts(const struct sayings *sayings,
                          bool (*is_same)(const struct saying *a, const struct saying *b))
{
    size_t count = 0;

    for (size_t i = 0; i < sayings->count; i++) {
        count += i == 0 || !is_same(&sayings->list[i], &sayings->list[i - 1]) ? 1 : 0;
    }
    return count;
}

static struct casualties *make_casualties(const struct sayings *sayings)
{
    struct casualties *casualties = calloc(1, sizeof *casualties);

    if (casualties != NULL) {
        casualties->incidents =
            calloc(count_parts(sayings, is_same_incident) + 1, sizeof *casualties->incidents);
        casualties->centres =
            calloc(count_parts(sayings, is_same_centre) + 1, sizeof *casualties->centres);
        casualties->sources = calloc(sayings->count + 1, sizeof *casualties->sources);
    }
    if (casualties != NULL && (casualties->incidents == NULL || casualties->centres == NULL ||
                               casualties->sources == NULL)) {
        casualties_destroy(&casualties);
    }
    return casualties;
}

static enum err add_up(struct picture *picture, const struct incidents *named,
                       struct casualties **out)
{
    struct sayings sayings;
    struct teller *room = NULL;

    *out = NULL;
    enum err err = sayings_collect(picture, named, &sayings);
    if (err == ERR_OK) {
        room = malloc((sayings.count + 1) * sizeof *room);
        *out = make_casualties(&sayings);
        err = room == NULL || *out == NULL ? ERR_NO_SPACE : ERR_OK;
    }
    if (err == ERR_OK) {
        add_all(*out, &sayings, room);
    } else {
        casualties_destroy(out);
    }
    free(room);
    free(sayings.list);
    return err;
}

enum err picture_casualties(struct picture *picture, struct casualties **out)
{
    return add_up(picture, NULL, out);
}

enum err picture_casualties_of(struct picture *picture, const uint32_t *named, size_t count,
                               struct casualties **out)
{
    return add_up(picture, &(struct incidents){named, count}, out);
}

void casualties_destroy(struct casualties **handle)
{
    if (*handle != NULL) {
        free((*handle)->incidents);
        free((*handle)->centres);
        free((*handle)->sources);
        free(*handle);
        *handle = NULL;
    }
}
