// SPDX-License-Identifier: EUPL-1.2
// The deadlines of a picture in the order of time, and what is still awaited at one. No clock is
// read here.
#include "picture/deadline.h"

#include <stdlib.h>
#include <string.h>

#include "groups/groups.h"
#include "sitrep/seal.h"

enum { ROOM_FIRST = 64 };

void deadlines_fini(struct deadlines *deadlines)
{
    free(deadlines->list);
    *deadlines = (struct deadlines){.list = NULL};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_deadlines(const void *left, const void *right)
{
    const struct deadline *a = left;
    const struct deadline *b = right;
    int order = compare_numbers(a->at_ms, b->at_ms);

    order = order != 0 ? order : compare_numbers(a->arrival, b->arrival);
    return order != 0 ? order : compare_numbers(a->is_ack, b->is_ack);
}

static bool read_time(struct span kept, const char *name, uint64_t *at_ms)
{
    return body_find_uint(kept, name, at_ms) == ERR_OK && *at_ms < UINT64_MAX - DEADLINE_GRACE_MS;
}

size_t deadlines_of(struct picture *picture, const struct arrived *arrived,
                    struct deadline out[static 2])
{
    struct deadline deadline = {.arrival = arrived->arrival, .place = arrived->place};
    struct picture_version version;
    size_t count = 0;

    picture_version(picture, arrived->place, &version);
    if (read_time(version.kept, "ack_by", &deadline.at_ms)) {
        deadline.is_ack = true;
        out[count++] = deadline;
    }
    if (read_time(version.kept, "deadline", &deadline.at_ms)) {
        deadline.is_ack = false;
        out[count++] = deadline;
    }
    if (count == 2 && compare_deadlines(&out[0], &out[1]) > 0) {
        deadline = out[0];
        out[0] = out[1];
        out[1] = deadline;
    }
    return count;
}

static bool reserve(struct deadlines *deadlines, size_t more)
{
    size_t room = deadlines->room == 0 ? ROOM_FIRST : deadlines->room;

    while (room < deadlines->count + more) {
        room *= 2;
    }
    struct deadline *grown =
        room == deadlines->room ? deadlines->list : realloc(deadlines->list, room * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    deadlines->list = grown;
    deadlines->room = room;
    return true;
}

enum err deadlines_read(struct deadlines *deadlines, struct picture *picture,
                        struct arrivals arrivals, bool is_anew)
{
    if (is_anew || deadlines->life != arrivals.life) {
        deadlines->life = arrivals.life;
        deadlines->count = deadlines->seen = 0;
    }
    const size_t before = deadlines->count;
    for (; deadlines->seen < arrivals.count; deadlines->seen++) {
        if (!reserve(deadlines, 2)) {
            return ERR_NO_SPACE;
        }
        deadlines->count += deadlines_of(picture, &arrivals.list[deadlines->seen],
                                         deadlines->list + deadlines->count);
    }
    if (deadlines->count > before) {
        qsort(deadlines->list, deadlines->count, sizeof *deadlines->list, compare_deadlines);
    }
    return ERR_OK;
}

size_t deadlines_from(const struct deadlines *deadlines, uint64_t told_ms)
{
    size_t low = 0;
    size_t high = deadlines->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (deadlines->list[middle].at_ms + DEADLINE_GRACE_MS < told_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// -- who is awaited --

// By centre: whether it is awaited.
struct call_list {
    bool *is_awaited;
    size_t count;
};

// Those the entry is for. False: it does not say.
static bool take_addressed(struct call_list *list, const struct picture_version *version)
{
    static const char to[] = "to"; // a time, in some kinds
    const struct field *field =
        field_find(version->kind->fields, (struct span){(const uint8_t *)to, sizeof to - 1});
    struct cbor_reader reader;
    struct span value;

    if (field->name == NULL || field->type != VALUE_CENTRE || version->kept.bytes == NULL ||
        body_find(version->kept, to, &value) != ERR_OK) {
        return false;
    }
    cbor_read(&reader, value.bytes, value.len);
    for (size_t left = cbor_get_array(&reader); left > 0; left--) {
        const uint64_t centre = cbor_get_uint(&reader);
        if (centre < list->count) {
            list->is_awaited[centre] = true;
        }
    }
    return true;
}

static enum err take_readers(struct call_list *list, const struct desk_view *view,
                             const struct deadline *deadline)
{
    const struct roster *roster = desk_roster(view->desk);
    struct record_set set = {0};

    const enum err err =
        store_read_arrivals(desk_store(view->desk), deadline->arrival, false, 1, &set);
    if (err != ERR_OK || set.count == 0) {
        record_set_fini(&set);
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    const struct groups_view *groups = groups_hold(desk_groups(view->desk));
    const struct groups_item *item = groups_find(groups, set.records[0].group);
    for (size_t i = 0; i < roster->nodes_count; i++) {
        const uint32_t centre = roster->nodes[i].centre;
        if (!roster->nodes[i].is_revoked && item != NULL &&
            (item->group->is_all || centre_set_has(&item->group->members, centre))) {
            list->is_awaited[centre] = true;
        }
    }
    groups_release(groups);
    record_set_fini(&set);
    return ERR_OK;
}

static void strike_answers(struct call_list *list, struct picture *picture, uint32_t place,
                           const char *field)
{
    const size_t most = picture_naming(picture, place, field, NULL, 0);
    uint32_t *places = calloc(most + 1, sizeof *places);
    size_t count = places == NULL ? 0 : picture_naming(picture, place, field, places, most);

    for (size_t i = 0; i < count; i++) {
        struct picture_version version;
        picture_version(picture, places[i], &version);
        if (version.centre < list->count) {
            list->is_awaited[version.centre] = false;
        }
    }
    free(places);
}

static bool is_comtest(const struct kind *kind)
{
    return strcmp(kind->name, "comtest") == 0;
}

// Those that the entry does not ask, or that have acknowledged it [18.19].
static void strike_acks(struct call_list *list, const struct picture *picture, uint32_t place)
{
    for (uint32_t i = 0; i < list->count; i++) {
        list->is_awaited[i] = list->is_awaited[i] && picture_asks(picture, place, i) &&
                              picture_acks(picture, place, i, NULL, 0) == 0;
    }
}

static void strike_all_answers(struct call_list *list, struct picture *picture,
                               const struct deadline *deadline,
                               const struct picture_version *version)
{
    if (version->centre < list->count) {
        list->is_awaited[version->centre] = false;
    }
    if (is_comtest(version->kind)) {
        strike_answers(list, picture, deadline->place, "comtest");
        strike_answers(list, picture, version->item, "comtest");
    }
}

static void count_awaited(const struct call_list *list, struct awaited *awaited)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!list->is_awaited[i]) {
            continue;
        }
        if (awaited->count < AWAITED_MAX) {
            awaited->centres[awaited->count] = i;
        }
        awaited->count++;
    }
}

static enum err find_awaited(const struct desk_view *view, struct picture *picture,
                             const struct deadline *deadline, const struct picture_version *version,
                             struct awaited *awaited)
{
    struct call_list list = {.count = desk_roster(view->desk)->centres_count};
    enum err err = ERR_OK;

    list.is_awaited = calloc(list.count + 1, sizeof *list.is_awaited);
    if (list.is_awaited == NULL) {
        return ERR_NO_SPACE;
    }
    if (deadline->is_ack) {
        err = take_readers(&list, view, deadline);
        strike_acks(&list, picture, deadline->place);
    } else {
        if (!take_addressed(&list, version) && is_comtest(version->kind)) {
            err = take_readers(&list, view, deadline);
        }
        strike_all_answers(&list, picture, deadline, version);
    }
    count_awaited(&list, awaited);
    free(list.is_awaited);
    return err;
}

// Whether what the deadline is of still stands as it was when it was set: replaced, the newer
// version says until when; and something done awaits nothing. A kind with deadlines is open in the
// states it begins in.
static bool is_open(const struct deadline *deadline, const struct picture_version *version)
{
    if (!version->is_here || version->kind == NULL ||
        (version->item != PICTURE_NONE &&
         (version->is_replaced || version->standing != STANDING_COUNTS))) {
        return false;
    }
    return deadline->is_ack || (version->state != STATE_NONE &&
                                (version->kind->states_begin >> version->state & 1) != 0);
}

enum err deadline_look(const struct desk_view *view, struct picture *picture,
                       const struct deadline *deadline, bool *is_missed, struct awaited *awaited)
{
    struct picture_version version;
    enum err err = ERR_OK;

    *awaited = (struct awaited){.count = 0};
    picture_version(picture, deadline->place, &version);
    *is_missed = is_open(deadline, &version);
    if (*is_missed) {
        err = find_awaited(view, picture, deadline, &version, awaited);
    }
    if (deadline->is_ack || (*is_missed && is_comtest(version.kind))) {
        *is_missed = *is_missed && awaited->count > 0;
    }
    return err;
}
