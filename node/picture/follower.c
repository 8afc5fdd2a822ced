// SPDX-License-Identifier: EUPL-1.2
// Where each reader is, and who is told what next. What an entry changed is change.c's, and how it
// is said event_text.c's.
#include "picture/follower.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "picture/state.h"
#include "picture/telling.h"

enum {
    LIVE_COUNT = 1024,            // arrivals told at once; of more that came unwatched the last one
    REPLAY_COUNT = 1024,          // arrivals told again at once
    OUT_BYTES = 256 * 1024,       // about as much is written at once
    WAIT_MS = 1000,               // then it is looked whether the client is still there
    RETURNED_COUNT = 64,          // taken at once
    CLOCK_OFF_MS = 5 * 60 * 1000, // ahead of ours: no clock follows that [3.3]
};

struct follower {
    pthread_mutex_t lock;
    struct ring ring;
    struct deadlines deadlines;
    struct lookout lookout;
    bool has_begun;
    bool needs_state;     // readers are to be told how all stands
    struct position told; // into the ring
    uint64_t due_ms;      // deadlines that are told before it were looked at
    uint32_t keys;        // of the home, that opened what there is
};

struct follower *follower_create(void)
{
    struct follower *follower = calloc(1, sizeof *follower);

    if (follower != NULL) {
        pthread_mutex_init(&follower->lock, NULL);
    }
    return follower;
}

void follower_destroy(struct follower **handle)
{
    struct follower *follower = *handle;

    if (follower == NULL) {
        return;
    }
    pthread_mutex_destroy(&follower->lock);
    ring_fini(&follower->ring);
    deadlines_fini(&follower->deadlines);
    lookout_fini(&follower->lookout);
    free(follower);
    *handle = NULL;
}

static void on_lookout(void *context, const char *event, const struct text *data)
{
    struct work *work = context;

    text_clear(&work->framed);
    event_frame(&work->framed, NULL, event, data);
    ring_add(&work->follower->ring, NULL, &work->framed);
    work->follower->needs_state |= strcmp(event, "roster") == 0;
}

// -- into the ring --

// Of those that nobody watched arrive, the last one alone, so that its events are counted: who was
// away is told all from the picture.
static size_t choose_first(struct work *work)
{
    struct follower *follower = work->follower;
    const size_t at = arrivals_find(work->arrivals, follower->told.arrival + 1);

    if (work->arrivals.count == 0 ||
        (follower->has_begun && work->arrivals.count - at <= LIVE_COUNT)) {
        return at;
    }
    ring_forget(&follower->ring);
    follower->has_begun = true;
    follower->told = (struct position){.keys = follower->keys};
    follower->due_ms = 0;
    return work->arrivals.count - 1;
}

// What passed behind the last arrival that was told.
static void tell_passed(struct work *work, uint64_t until_ms)
{
    struct follower *follower = work->follower;
    const size_t at = arrivals_find(work->arrivals, follower->told.arrival);

    if (at == work->arrivals.count || work->arrivals.list[at].arrival != follower->told.arrival) {
        return; // there is none, or it counts no more
    }
    const uint64_t from_ms = later(work->arrivals.list[at].moment_ms, follower->due_ms);
    telling_at(work, at, follower->told.count);
    telling_deadlines(work, from_ms, until_ms);
    follower->told = work->position;
    follower->due_ms = later(follower->due_ms, until_ms);
}

static void look_at_clock(struct work *work, const struct arrived *arrived)
{
    struct picture_version version;

    picture_version(work->writer.picture, arrived->place, &version);
    const struct look look = {&work->follower->lookout, work->writer.view, on_lookout, work};
    lookout_see_clock(&look, version.ref.author,
                      version.written_ms > version.arrived_ms + CLOCK_OFF_MS);
}

// When not all could be told: it will be told again.
static void forget_failed(struct work *work)
{
    if (work->err != ERR_OK) {
        work->follower->has_begun = false;
        ring_forget(&work->follower->ring);
    }
}

static void tell_arrivals(struct work *work)
{
    struct follower *follower = work->follower;
    const uint64_t now_ms = follower->lookout.wall_ms;
    const size_t first = choose_first(work);

    telling_hide(work, first, true);
    if (first < work->arrivals.count) {
        tell_passed(work, work->arrivals.list[first].moment_ms);
    }
    for (size_t i = first; i < work->arrivals.count; i++) {
        work->told_ms = follower->due_ms;
        const uint64_t until_ms =
            i + 1 < work->arrivals.count
                ? work->arrivals.list[i + 1].moment_ms
                : later(later(now_ms, work->arrivals.list[i].moment_ms), follower->due_ms);
        telling_arrival(work, i, until_ms);
        look_at_clock(work, &work->arrivals.list[i]);
        follower->told = work->position;
        follower->due_ms = later(follower->due_ms, until_ms);
    }
    work->told_ms = 0;
    follower->has_begun = true;
    tell_passed(work, now_ms);
    forget_failed(work);
}

static void tell_late(struct work *work, size_t at)
{
    work->is_late = true;
    picture_hide(work->writer.picture, work->arrivals.list[at].place, true);
    telling_show(work, at);
    work->is_late = false;
}

// What came up to what was told, and is opened by keys that came since.
static void tell_opened(struct work *work, uint32_t keys)
{
    const struct position *told = &work->follower->told;
    const size_t end = arrivals_find(work->arrivals, told->arrival + 1);

    for (size_t i = 0; i < end; i++) {
        if (work->arrivals.list[i].key >= told->keys && work->arrivals.list[i].key < keys) {
            tell_late(work, i);
        }
    }
}

// One that is there again, if it came up to what was told.
static void tell_returned(struct work *work, uint64_t arrival)
{
    const struct follower *follower = work->follower;
    const size_t at = arrivals_find(work->arrivals, arrival);

    if (follower->has_begun && arrival <= follower->told.arrival && at < work->arrivals.count &&
        work->arrivals.list[at].arrival == arrival) {
        tell_late(work, at);
    }
}

// True: there are some.
static bool tell_all_returned(struct work *work)
{
    struct situation *situation = work->writer.view->situation;
    uint64_t returned[RETURNED_COUNT];
    bool are_some = false;
    size_t count;

    while ((count = situation_take_returned(situation, returned, RETURNED_COUNT)) > 0) {
        are_some = true;
        for (size_t i = 0; i < count; i++) {
            tell_returned(work, returned[i]);
        }
    }
    return are_some;
}

static void put_state(struct work *work, const struct position *position)
{
    const enum err err =
        state_write(&work->writer, &work->follower->deadlines, &work->follower->lookout);

    work->err = work->err == ERR_OK ? err : work->err;
    if (err == ERR_OK) {
        telling_put(work, position, "state");
    }
}

static void advance(struct work *work)
{
    struct follower *follower = work->follower;
    const uint32_t keys = situation_keys(work->writer.view->situation);
    const bool has_keys = keys != follower->keys;
    const bool are_returned = tell_all_returned(work);

    if (has_keys && follower->has_begun) {
        tell_opened(work, keys);
    }
    forget_failed(work);
    follower->keys = follower->told.keys = work->keys = keys;
    const enum err err = deadlines_read(&follower->deadlines, work->writer.picture, work->arrivals,
                                        has_keys || are_returned);
    work->err = work->err == ERR_OK ? err : work->err;
    if (work->err == ERR_OK) {
        tell_arrivals(work);
    }
    if (work->err == ERR_OK && follower->needs_state) {
        follower->needs_state = false;
        put_state(work, NULL);
    }
}

// -- to a reader --

// Whether the store has that entry there, and the home as many keys.
static enum err check_position(const struct desk_view *view, const struct position *position,
                               bool *is_known)
{
    struct record_set set = {0};

    *is_known = position->arrival == 0;
    if (*is_known) {
        return ERR_OK;
    }
    const enum err err =
        store_read_arrivals(desk_store(view->desk), position->arrival, false, 1, &set);
    *is_known = err == ERR_OK && position->keys <= view->follower->keys && set.count == 1 &&
                set.records[0].arrival == position->arrival &&
                memcmp(set.records[0].id, position->tag, TAG_LEN) == 0;
    record_set_fini(&set);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

// Behind the last that came before `since_ms`.
static struct position position_before(const struct work *work, uint64_t since_ms)
{
    size_t low = 0;
    size_t high = work->arrivals.count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (work->arrivals.list[middle].moment_ms < since_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? (struct position){.keys = work->follower->keys}
                    : (struct position){.arrival = work->arrivals.list[low - 1].arrival,
                                        .count = UINT32_MAX,
                                        .keys = work->follower->keys};
}

static void tell_restart(struct work *work)
{
    struct text *data = &work->writer.data;

    text_clear(data);
    text_open(data, '{');
    text_key(data, "message");
    text_string(data, "what was read before is of another store: it goes on from here, and "
                      "/v1/entries has all there is");
    text_close(data, '}');
    telling_put(work, &work->follower->told, "restart");
}

// What it is told again begins with what keys open that came behind its position.
static void fall_behind(struct work *work, struct reader *reader)
{
    reader->is_behind = true;
    reader->keys = work->follower->keys;
    reader->late = 0;
    reader->late_end = reader->told.arrival;
    reader->number = work->follower->ring.next;
    put_state(work, NULL);
}

static void begin_reader(struct work *work, struct reader *reader)
{
    const struct follower *follower = work->follower;
    bool is_known = true;

    if (reader->has_since) {
        reader->told = position_before(work, reader->since_ms);
    } else if (reader->resumes) {
        work->err = check_position(work->writer.view, &reader->told, &is_known);
    }
    if (reader->resumes && !is_known) {
        tell_restart(work);
    }
    reader->has_begun = true;
    if ((reader->resumes && is_known) || reader->has_since) {
        fall_behind(work, reader);
        return;
    }
    reader->told = follower->told;
    reader->number = follower->ring.next;
    put_state(work, &reader->told);
}

// What came up to where it is, and could be read or counted only later. Of what came back it is not
// known whether it was told. True: that was all.
static bool tell_late_again(struct work *work, struct reader *reader)
{
    const size_t end = arrivals_find(work->arrivals, reader->late_end + 1);
    size_t i = arrivals_find(work->arrivals, reader->late + 1);

    for (; i < end && work->out->len < OUT_BYTES; i++) {
        const struct arrived *arrived = &work->arrivals.list[i];
        if (arrived->is_returned ||
            (arrived->key >= reader->told.keys && arrived->key < reader->keys)) {
            tell_late(work, i);
        }
        reader->late = arrived->arrival;
    }
    if (i == end) {
        reader->told.keys = reader->keys;
        reader->late = reader->late_end;
    }
    return i == end;
}

// Tells again what a reader has not seen, up to what is in the ring. True: that was all.
static bool tell_again(struct work *work, struct reader *reader)
{
    const struct follower *follower = work->follower;
    const struct position told = reader->told;
    const bool is_whole = told.count == UINT32_MAX;
    const size_t first = arrivals_find(work->arrivals, told.arrival + (is_whole ? 1 : 0));
    const size_t end = arrivals_find(work->arrivals, follower->told.arrival + 1);
    size_t i = first;

    work->keys = reader->keys;
    telling_hide(work, first, true);
    for (; i < end && i < first + REPLAY_COUNT && work->out->len < OUT_BYTES; i++) {
        const struct arrived *arrived = &work->arrivals.list[i];
        const uint64_t until_ms = i + 1 < end ? work->arrivals.list[i + 1].moment_ms
                                              : later(follower->due_ms, arrived->moment_ms);
        work->skipped = arrived->arrival == told.arrival ? told.count : 0;
        telling_arrival(work, i, until_ms);
        reader->told = work->position;
    }
    work->skipped = 0;
    telling_hide(work, i, false);
    return i >= end;
}

// What the ring has for the reader: all, or only what it is not told again.
static void copy_ring(struct work *work, struct reader *reader, bool has_told)
{
    const struct ring *ring = &work->follower->ring;

    for (; reader->number < ring->next && (has_told || work->out->len < OUT_BYTES);
         reader->number++) {
        const struct ring_event *event = ring_at(ring, reader->number);
        if (event->has_position && has_told) {
            continue;
        }
        text_raw(work->out, event->bytes, event->len);
        if (event->has_position) {
            reader->told = event->position;
        }
    }
}

static void tell_reader(struct work *work, struct reader *reader)
{
    const struct ring *ring = &work->follower->ring;

    if (!reader->has_begun) {
        begin_reader(work, reader);
    } else if (!reader->is_behind && reader->number < ring->first) {
        fall_behind(work, reader);
    }
    if (work->err != ERR_OK) {
        return;
    }
    if (!reader->is_behind) {
        copy_ring(work, reader, false);
    } else if (tell_late_again(work, reader) && tell_again(work, reader)) {
        if (reader->number < ring->first) { // what is not told again came and went meanwhile
            fall_behind(work, reader);
            return;
        }
        reader->is_behind = false;
        reader->told = work->follower->told;
        copy_ring(work, reader, true);
    }
}

static void work_with_picture(struct work *work, struct reader *reader, struct text *out)
{
    struct situation *situation = work->writer.view->situation;

    reader->seen = store_last_arrival(desk_store(work->writer.view->desk));
    work->err = situation_get(situation, work->writer.view, &work->writer.picture);
    if (work->err != ERR_OK) {
        return;
    }
    work->arrivals = situation_arrivals(situation);
    advance(work);
    if (work->err == ERR_OK) {
        work->out = out;
        tell_reader(work, reader);
    }
    situation_put(situation);
}

enum err follower_read(const struct desk_view *view, struct reader *reader, struct text *out)
{
    struct follower *follower = view->follower;
    struct work work = {.follower = follower,
                        .writer = {.view = view},
                        .deadlines = &follower->deadlines,
                        .ring = &follower->ring};

    pthread_mutex_lock(&follower->lock);
    const struct look look = {&follower->lookout, view, on_lookout, &work};
    work.err = lookout_look(&look);
    if (work.err == ERR_OK) {
        work_with_picture(&work, reader, out);
    }
    pthread_mutex_unlock(&follower->lock);
    text_fini(&work.writer.data);
    text_fini(&work.framed);
    return work.err;
}

void follower_wait(const struct desk_view *view, const struct reader *reader)
{
    (void)desk_wait_arrival(view->desk, reader->seen, WAIT_MS);
}
