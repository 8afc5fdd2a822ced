// SPDX-License-Identifier: EUPL-1.2
// Who may look at the picture, and what is asked of it beside what proto answers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "picture/situation_private.h"
#include "picture/told.h"
#include "reading/refs.h"
#include "reading/view.h"

struct situation *situation_create(void)
{
    struct situation *situation = calloc(1, sizeof *situation);

    if (situation != NULL) {
        pthread_mutex_init(&situation->mutex, NULL);
        pthread_mutex_init(&situation->changing, NULL);
        situation->told = told_create();
    }
    if (situation != NULL && situation->told == NULL) {
        situation_destroy(&situation);
    }
    return situation;
}

void situation_destroy(struct situation **handle)
{
    struct situation *situation = *handle;

    if (situation == NULL) {
        return;
    }
    pthread_mutex_destroy(&situation->mutex);
    pthread_mutex_destroy(&situation->changing);
    picture_destroy(&situation->picture);
    told_destroy(&situation->told);
    record_set_fini(&situation->set);
    free(situation->sealed);
    free(situation->groups);
    arrival_list_fini(&situation->arrived);
    arrival_list_fini(&situation->former.arrived);
    free(situation->damaged.list);
    free(situation->returned.list);
    free(situation);
    *handle = NULL;
}

enum err situation_get(struct situation *situation, const struct desk_view *desk_view,
                       struct picture **picture)
{
    pthread_mutex_lock(&situation->mutex);
    const enum err err = intake_read(situation, desk_view);
    *picture = situation->picture;
    if (err != ERR_OK) {
        pthread_mutex_unlock(&situation->mutex);
    }
    return err;
}

const struct told *situation_told(const struct situation *situation)
{
    return situation->told;
}

void situation_put(struct situation *situation)
{
    pthread_mutex_unlock(&situation->mutex);
}

void situation_begin_change(struct situation *situation)
{
    pthread_mutex_lock(&situation->changing);
}

void situation_end_change(struct situation *situation)
{
    pthread_mutex_unlock(&situation->changing);
}

struct arrivals situation_arrivals(const struct situation *situation)
{
    return (struct arrivals){situation->arrived.list, situation->arrived.count, situation->life};
}

uint32_t situation_keys(const struct situation *situation)
{
    return situation->keys;
}

size_t situation_take_returned(struct situation *situation, uint64_t *arrivals, size_t max)
{
    struct numbers *returned = &situation->returned;
    const size_t count = returned->count < max ? returned->count : max;

    returned->count -= count;
    if (count > 0) {
        memcpy(arrivals, returned->list + returned->count, count * sizeof *arrivals);
    }
    return count;
}

size_t situation_sealed_since(const struct situation *situation, struct since since,
                              uint64_t *arrivals, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < situation->sealed_count; i++) {
        const struct sealed *sealed = &situation->sealed[i];
        if (sealed->arrival <= since.after || sealed->arrived_ms < since.moment_ms) {
            continue;
        }
        if (count < max) {
            arrivals[count] = sealed->arrival;
        }
        count++;
    }
    return count;
}

// Whether it is in the picture, and of another kind; *at is the first there that came no earlier.
static bool is_of_another_kind(const struct situation *situation, const struct kind *kind,
                               uint64_t arrival, size_t *at)
{
    struct picture_version version;

    while (*at < situation->arrived.count && situation->arrived.list[*at].arrival < arrival) {
        (*at)++;
    }
    if (*at == situation->arrived.count || situation->arrived.list[*at].arrival != arrival) {
        return false;
    }
    picture_version(situation->picture, situation->arrived.list[*at].place, &version);
    return version.kind != NULL && version.kind != kind;
}

struct run situation_run_of_kind(struct situation *situation, const struct kind *kind,
                                 uint64_t after, uint32_t max)
{
    struct run run = {after + 1, max};

    if (pthread_mutex_trylock(&situation->mutex) != 0) {
        return run;
    }
    if (situation->picture != NULL) {
        size_t at = arrivals_find(situation_arrivals(situation), after + 1);
        while (is_of_another_kind(situation, kind, run.from, &at)) {
            run.from++;
        }
        run.count = 1;
        while (run.count < max && !is_of_another_kind(situation, kind, run.from + run.count, &at)) {
            run.count++;
        }
    }
    pthread_mutex_unlock(&situation->mutex);
    return run;
}

static enum err judge(struct picture *picture, uint32_t self, struct span body, bool *is_proposal,
                      char why[static WHY_SIZE])
{
    enum standing standing = STANDING_COUNTS;
    const enum err err = picture_foresee(picture, self, body, &standing);

    if (err == ERR_STATE) {
        snprintf(why, WHY_SIZE,
                 "\"item\": must be what began something of this kind ('sitrep item show')");
        return ERR_MALFORMED;
    }
    if (err == ERR_OK && standing == STANDING_MISSTEP) {
        snprintf(why, WHY_SIZE,
                 "\"state\": no step leads there from what it replaces; 'sitrep kinds' with the "
                 "kind lists the steps");
        return ERR_MALFORMED;
    }
    *is_proposal = err == ERR_OK && standing == STANDING_PROPOSED;
    return ERR_OK;
}

enum err situation_set_view(struct situation *situation, const struct desk_view *desk_view,
                            uint32_t centre, uint64_t written_ms)
{
    const size_t count = situation->groups_count;
    bool *reads = calloc(count + 1, sizeof *reads);

    if (reads == NULL) {
        return ERR_NO_SPACE;
    }
    const struct groups_view *groups = groups_hold(desk_groups(desk_view->desk));
    for (size_t i = 0; i < count; i++) {
        const struct groups_item *item = groups_find(groups, situation->groups[i]);
        reads[i] = item != NULL && centre_set_has(&item->group->members, centre);
    }
    groups_release(groups);
    const struct picture_view view = {
        .centre = centre, .written_ms = written_ms, .reads = reads, .groups_count = count};
    const enum err err = picture_set_view(situation->picture, &view);
    free(reads);
    return err;
}

static void name_at(const struct desk_view *desk_view, struct picture *picture, uint32_t place,
                    char out[static REF_TEXT_SIZE])
{
    const struct content_names names = refs_names(desk_view);
    struct picture_version version;

    picture_version(picture, place, &version);
    names.write_ref(names.context, &version.ref, out);
}

// What it names must be what the field says, where it is here.
static enum err check_names(const struct desk_view *desk_view, struct picture *picture,
                            struct span body, char why[static WHY_SIZE])
{
    const struct field *wrong;
    struct picture_version version;
    char named[REF_TEXT_SIZE];
    char began[REF_TEXT_SIZE];
    uint32_t place;

    if (picture_check_names(picture, body, &wrong, &place) == ERR_OK) {
        return ERR_OK;
    }
    picture_version(picture, place, &version);
    name_at(desk_view, picture, place, named);
    if (version.item != PICTURE_NONE && version.item != place) {
        name_at(desk_view, picture, version.item, began);
        snprintf(why, WHY_SIZE, "\"%s\": %s is a version of %s: name that", wrong->name, named,
                 began);
    } else if (version.kind != NULL && strcmp(version.kind->name, wrong->of) == 0) {
        snprintf(why, WHY_SIZE, "\"%s\": %s cannot name itself", wrong->name, named);
    } else {
        snprintf(why, WHY_SIZE, "\"%s\": %s is no %s", wrong->name, named, wrong->of);
    }
    return ERR_MALFORMED;
}

// Whether anything there is has a say in it.
static bool names_something(struct span body)
{
    const struct field *field;
    struct span kind;
    struct span value;
    bool names = body_find(body, "item", &value) == ERR_OK;

    if (body_check(body, &kind) != ERR_OK || kind_find(kind) == NULL) {
        return false;
    }
    for (size_t i = 0; !names && (field = kind_field(kind_find(kind), i)) != NULL; i++) {
        names = field->of != NULL && body_find(body, field->name, &value) == ERR_OK;
    }
    return names;
}

enum err situation_foresee(const struct desk_view *desk_view, struct span body, bool *is_proposal,
                           char why[static WHY_SIZE])
{
    struct picture *picture;

    *is_proposal = false;
    if (!names_something(body)) {
        return ERR_OK; // no need to read what there is
    }
    enum err err = situation_get(desk_view->situation, desk_view, &picture);
    if (err == ERR_OK) {
        err = check_names(desk_view, picture, body, why);
        if (err == ERR_OK) {
            err = judge(picture, desk_self(desk_view->desk), body, is_proposal, why);
        }
        situation_put(desk_view->situation);
    }
    return err;
}
