// SPDX-License-Identifier: EUPL-1.2
// One arrival after the other: what it changed, and which deadlines passed behind it. The picture
// is held, and all that came later is hidden in it.
#include "picture/telling.h"

#include <string.h>

#include "picture/situation.h"

// Into the ring without an id, or to the reader.
void telling_put(struct work *work, const struct position *position, const char *event)
{
    char id[POSITION_SIZE];
    struct text *framed = work->out != NULL ? work->out : &work->framed;

    if (position != NULL) {
        position_format(position, id);
    }
    if (work->out == NULL) {
        text_clear(framed);
    }
    event_frame(framed, position != NULL ? id : NULL, event, &work->writer.data);
    if (work->out == NULL) {
        ring_add(work->ring, position, framed);
    }
}

static void put_telling(struct work *work, const struct telling *telling,
                        const struct awaited *awaited)
{
    if (!work->is_late && ++work->position.count <= work->skipped) {
        return;
    }
    event_write(&work->writer, telling, awaited, work->is_late);
    telling_put(work, work->is_late ? NULL : &work->position, told_text(telling->told));
}

static void on_change(void *context, const struct telling *telling)
{
    put_telling(context, telling, NULL);
}

static bool is_past(const struct deadline *deadline, uint64_t told_ms)
{
    return deadline->at_ms + DEADLINE_GRACE_MS < told_ms;
}

// Whether a head of its item had missed a time of its own by then, without this version: then it is
// nothing new.
static bool was_missed(struct work *work, const struct deadline *deadline, uint32_t item,
                       uint64_t told_ms)
{
    struct picture *picture = work->writer.picture;
    const struct deadlines *all = work->deadlines;
    bool was = false;

    picture_hide(picture, deadline->place, true);
    for (size_t i = 0; i < all->count && is_past(&all->list[i], told_ms) && !was; i++) {
        struct picture_version version;
        struct awaited awaited;
        picture_version(picture, all->list[i].place, &version);
        if (version.item == item && !all->list[i].is_ack && work->err == ERR_OK) {
            work->err = deadline_look(work->writer.view, picture, &all->list[i], &was, &awaited);
        }
    }
    picture_hide(picture, deadline->place, false);
    return was;
}

static void tell_missed(struct work *work, const struct deadline *deadline)
{
    struct picture_version version;
    struct awaited awaited;
    bool is_missed = false;

    if (work->err != ERR_OK) {
        return;
    }
    work->err =
        deadline_look(work->writer.view, work->writer.picture, deadline, &is_missed, &awaited);
    if (work->err != ERR_OK || !is_missed) {
        return;
    }
    picture_version(work->writer.picture, deadline->place, &version);
    const struct telling telling = {
        .told = TOLD_OVERDUE, .place = deadline->place, .item = version.item, .deadline = deadline};
    put_telling(work, &telling, &awaited);
}

// Those told from `from_ms` to before `until_ms`, of all that have come up to the position.
void telling_deadlines(struct work *work, uint64_t from_ms, uint64_t until_ms)
{
    const struct deadlines *all = work->deadlines;

    for (size_t i = deadlines_from(all, from_ms);
         i < all->count && is_past(&all->list[i], until_ms); i++) {
        if (all->list[i].arrival <= work->position.arrival) {
            tell_missed(work, &all->list[i]);
        }
    }
}

// Those of an entry that had passed before it came.
static void tell_own_deadlines(struct work *work, const struct arrived *arrived, uint64_t before_ms,
                               uint64_t until_ms)
{
    struct deadline own[2];
    struct picture_version version;
    const size_t count = deadlines_of(work->writer.picture, arrived, own);

    picture_version(work->writer.picture, arrived->place, &version);
    for (size_t i = 0; i < count; i++) {
        const bool is_version = version.item != PICTURE_NONE && version.item != arrived->place;
        if (is_past(&own[i], before_ms) && is_past(&own[i], until_ms) &&
            (own[i].is_ack || !is_version || !was_missed(work, &own[i], version.item, before_ms))) {
            tell_missed(work, &own[i]);
        }
    }
}

void telling_at(struct work *work, size_t at, uint32_t count)
{
    const struct arrived *arrived = &work->arrivals.list[at];
    struct picture_version version;

    picture_version(work->writer.picture, arrived->place, &version);
    work->position = (struct position){
        .arrival = arrived->arrival, .count = count, .keys = work->keys, .has_tag = true};
    memcpy(work->position.tag, version.ref.tag, TAG_LEN);
}

void telling_show(struct work *work, size_t at)
{
    const enum err err =
        change_show(work->writer.picture, work->arrivals.list[at].place, on_change, work);

    work->err = work->err == ERR_OK ? err : work->err;
}

// What the arrival at that place of the list changed, which is hidden as all behind it are; and
// what passed behind it, until `until_ms`.
void telling_arrival(struct work *work, size_t at, uint64_t until_ms)
{
    const struct arrived *arrived = &work->arrivals.list[at];
    const uint64_t from_ms = later(arrived->moment_ms, work->told_ms);

    telling_at(work, at, 0);
    telling_show(work, at);
    tell_own_deadlines(work, arrived, from_ms, until_ms);
    telling_deadlines(work, from_ms, until_ms);
}

void telling_hide(struct work *work, size_t at, bool is_hidden)
{
    for (size_t i = at; i < work->arrivals.count; i++) {
        picture_hide(work->writer.picture, work->arrivals.list[i].place, is_hidden);
    }
}
