// SPDX-License-Identifier: EUPL-1.2
// Opens and closes the groups of a space, and is their thread: it follows the store, takes keys,
// brings those that are due, and shows a new view when something changed. What any of that means is
// the other files' business.
#include "groups/groups.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "clock.h"
#include "groups/state.h"

enum {
    NICENESS = 10,        // replication comes first
    PACE_MS = 20,         // between two looks, so that few entries at a time cost little
    VIEW_MS = 500,        // a long way is shown in steps
    MANY = 2000,          // entries that are a catch-up: it goes first,
    QUIET_MS = 200,       // until nothing has come for so long,
    YIELD_MS = 2000,      // or it was waited for so long
    PATIENCE_MS = 300000, // for a key that somebody brought and nobody gives
    BOOKMARK_MS = 60000,  // between two bookmarks
    BOOKMARK_FAR = 100000 // entries that are worth one
};

enum err groups_open(struct groups **out, const struct groups_options *options)
{
    struct groups *const groups = calloc(1, sizeof *groups);
    *out = NULL;
    if (groups == NULL) {
        abort();
    }
    memcpy(groups->space, options->space, ID_LEN);
    group_all_members(options->space, groups->all);
    groups->self = options->self;
    groups->roster = options->roster;
    groups->keys = options->keys;
    groups->secrets = options->secrets;
    groups->real = options->real;
    groups->store = options->store;
    groups->brings_keys = options->brings_keys;
    groups->is_real = memcmp(options->space, options->roster->federation, ID_LEN) == 0;
    groups->patience_ms = options->patience_ms > 0 ? options->patience_ms : PATIENCE_MS;
    groups->home = *options->home;
    pthread_mutex_init(&groups->lock, NULL);
    pthread_mutex_init(&groups->changing, NULL);
    clock_condition_init(&groups->wake);
    clock_condition_init(&groups->shown_on);
    *out = groups;
    groups->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (groups->event_fd < 0) {
        return ERR_IO;
    }
    groups->spare = sodium_malloc(sizeof *groups->spare);
    if (groups->spare == NULL || follower_open(groups) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    sodium_memzero(groups->spare, sizeof *groups->spare);
    gathering_begin_all(groups);
    if (options->bookmark != NULL) {
        assert(strlen(options->bookmark) < sizeof groups->bookmark);
        memcpy(groups->bookmark, options->bookmark, strlen(options->bookmark) + 1);
    }
    if (!options->is_rebuilt) {
        bookmark_load(groups);
    }
    groups->durable = store_last_arrival(groups->store);
    groups->shown = groups->follower.arrival;
    groups->has_caught_up = groups->shown >= groups->durable;
    held_view_make(groups, true);
    return ERR_OK;
}

void groups_close(struct groups **handle)
{
    struct groups *const groups = *handle;
    if (groups == NULL) {
        return;
    }
    pthread_mutex_lock(&groups->lock);
    groups->is_stopping = true;
    pthread_cond_broadcast(&groups->wake);
    pthread_cond_broadcast(&groups->shown_on);
    pthread_mutex_unlock(&groups->lock);
    if (groups->has_thread) {
        pthread_join(groups->thread, NULL);
        bookmark_save(groups);
    }
    held_view_put(groups->view);
    follower_close(groups);
    proposals_close(groups);
    sodium_free(groups->released);
    sodium_free(groups->spare);
    free(groups->dues);
    if (groups->event_fd >= 0) {
        close(groups->event_fd);
    }
    pthread_cond_destroy(&groups->shown_on);
    pthread_cond_destroy(&groups->wake);
    pthread_mutex_destroy(&groups->changing);
    pthread_mutex_destroy(&groups->lock);
    free(groups);
    *handle = NULL;
}

// -- for the loop --

int groups_fd(const struct groups *groups)
{
    return groups->event_fd;
}

void groups_changed(struct groups *groups)
{
    uint64_t count;
    const ssize_t got = read(groups->event_fd, &count, sizeof count);
    (void)got; // nothing was there
}

void groups_set_arrival(struct groups *groups, uint64_t arrival)
{
    pthread_mutex_lock(&groups->lock);
    if (arrival > groups->durable) {
        groups->durable = arrival;
        groups->durable_ms = clock_now_ms();
        pthread_cond_signal(&groups->wake);
    }
    pthread_mutex_unlock(&groups->lock);
}

void groups_set_roster(struct groups *groups, const struct roster *roster)
{
    pthread_mutex_lock(&groups->lock);
    groups->roster = roster;
    groups->has_new_roster = true;
    pthread_cond_signal(&groups->wake);
    pthread_mutex_unlock(&groups->lock);
}

void groups_look_again(struct groups *groups, uint32_t chain, uint64_t seq)
{
    pthread_mutex_lock(&groups->lock);
    if (groups->repaired_count == INBOX_MAX) {
        groups->must_start_over = true;
    } else {
        groups->repaired[groups->repaired_count++] = (struct repaired){chain, seq};
    }
    pthread_cond_signal(&groups->wake);
    pthread_mutex_unlock(&groups->lock);
}

void groups_use_keys(struct groups *groups)
{
    pthread_mutex_lock(&groups->lock);
    groups->has_new_keys = true;
    pthread_cond_signal(&groups->wake);
    pthread_mutex_unlock(&groups->lock);
}

enum err groups_catch_up(struct groups *groups, uint32_t timeout_ms)
{
    const uint64_t wanted = store_last_arrival(groups->store);
    const uint64_t deadline_ms = clock_now_ms() + timeout_ms;
    pthread_mutex_lock(&groups->lock);
    groups->durable = wanted > groups->durable ? wanted : groups->durable;
    groups->waiting++;
    pthread_cond_signal(&groups->wake);
    while (groups->shown < wanted && !groups->is_stopping && clock_now_ms() < deadline_ms) {
        (void)clock_wait_until(&groups->shown_on, &groups->lock, deadline_ms);
    }
    groups->waiting--;
    const enum err err = groups->shown >= wanted ? ERR_OK : ERR_AGAIN;
    pthread_mutex_unlock(&groups->lock);
    return err;
}

// -- the thread --

// What the thread is to do, taken over at once.
struct inbox {
    bool is_stopping;
    bool has_new_roster;
    bool must_start_over;
    bool has_new_keys;
    uint64_t durable;
    struct sealed_key came[INBOX_MAX];
    size_t came_count;
    struct repaired repaired[INBOX_MAX];
    size_t repaired_count;
};

static bool has_work(const struct groups *groups)
{
    return groups->is_stopping || groups->has_new_roster || groups->must_start_over ||
           groups->has_new_keys || groups->came_count > 0 || groups->repaired_count > 0 ||
           (groups->follower.arrival < groups->durable &&
            groups->follower.stuck_at != groups->durable) ||
           groups->follower.second_at <= groups->follower.second_to;
}

// Until when what came is left alone: a moment, and longer while many come at a time.
static uint64_t earliest_ms(const struct groups *groups, uint64_t looked_ms)
{
    const bool is_urgent = groups->is_stopping || groups->waiting > 0 || groups->has_new_roster ||
                           groups->came_count > 0;
    if (is_urgent) {
        return 0;
    }
    if (groups->durable < groups->follower.arrival + MANY) {
        return looked_ms + PACE_MS;
    }
    const uint64_t quiet_ms = groups->durable_ms + QUIET_MS;
    const uint64_t latest_ms = looked_ms + YIELD_MS;
    return quiet_ms < latest_ms ? quiet_ms : latest_ms;
}

// Waits for something to do or to be due.
static void wait_for_work(struct groups *groups, uint64_t looked_ms, struct inbox *inbox)
{
    const uint64_t next_ms = dues_next_ms(groups);
    const uint64_t due_ms = next_ms > looked_ms + PACE_MS ? next_ms : looked_ms + PACE_MS;
    pthread_mutex_lock(&groups->lock);
    for (;;) {
        const uint64_t begin_ms = has_work(groups) ? earliest_ms(groups, looked_ms) : due_ms;
        if (clock_now_ms() >= begin_ms) {
            break;
        }
        (void)clock_wait_until(&groups->wake, &groups->lock, begin_ms);
    }
    inbox->is_stopping = groups->is_stopping;
    inbox->has_new_roster = groups->has_new_roster;
    inbox->must_start_over = groups->must_start_over;
    inbox->has_new_keys = groups->has_new_keys;
    inbox->durable = groups->durable;
    inbox->came_count = groups->came_count;
    memcpy(inbox->came, groups->came, groups->came_count * sizeof *groups->came);
    inbox->repaired_count = groups->repaired_count;
    memcpy(inbox->repaired, groups->repaired, groups->repaired_count * sizeof *groups->repaired);
    groups->follower.roster = groups->roster;
    groups->has_new_roster = false;
    groups->must_start_over = false;
    groups->has_new_keys = false;
    groups->came_count = 0;
    groups->repaired_count = 0;
    pthread_mutex_unlock(&groups->lock);
}

// Up to what was durable, or to where it is time to show what there is.
static void follow(struct groups *groups, const struct inbox *inbox)
{
    const uint64_t until_ms = clock_now_ms() + VIEW_MS;
    struct follower *const follower = &groups->follower;
    bool goes_on = true;
    if (inbox->must_start_over) {
        follower->arrival = 0; // more was repaired than could be told
    }
    if (inbox->has_new_keys) {
        follower_use_keys(groups);
    }
    for (size_t i = 0; i < inbox->repaired_count; i++) {
        follower_look_at_repaired(groups, &inbox->repaired[i]);
    }
    while (goes_on && clock_now_ms() < until_ms) {
        goes_on = follower->arrival < inbox->durable && follower_go_on(groups, inbox->durable);
        goes_on |= follower_look_back(groups);
    }
}

static void show(struct groups *groups, const struct inbox *inbox)
{
    struct follower *const follower = &groups->follower;
    if (follower->has_news || inbox->has_new_roster || inbox->has_new_keys ||
        inbox->came_count > 0) {
        held_view_make(groups, inbox->has_new_roster);
        dues_look(groups, clock_now_ms());
    }
    pthread_mutex_lock(&groups->lock);
    groups->shown = follower->arrival;
    groups->has_caught_up = groups->has_caught_up || groups->shown >= inbox->durable;
    pthread_cond_broadcast(&groups->shown_on);
    pthread_mutex_unlock(&groups->lock);
}

static void *run(void *context)
{
    struct groups *const groups = context;
    struct follower *const follower = &groups->follower;
    struct inbox *const inbox = calloc(1, sizeof *inbox);
    uint64_t looked_ms = 0;
    uint64_t saved_ms = clock_now_ms();
    uint64_t saved = follower->arrival;
    if (inbox == NULL) {
        abort();
    }
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    dues_look(groups, clock_now_ms());
    if (follower->has_proposals) { // by the bookmark
        proposals_take(groups);
    }
    for (;;) {
        wait_for_work(groups, looked_ms, inbox);
        if (inbox->is_stopping) {
            break;
        }
        if (inbox->came_count > 0) {
            keys_take(groups, inbox->came, inbox->came_count);
        }
        follow(groups, inbox);
        if (follower->has_proposals || inbox->has_new_roster) {
            proposals_take(groups);
        }
        show(groups, inbox);
        looked_ms = clock_now_ms();
        if (follower->arrival >= inbox->durable) {
            dues_run(groups, looked_ms);
        }
        if (looked_ms > saved_ms + BOOKMARK_MS &&
            (follower->has_new_marks || follower->arrival > saved + BOOKMARK_FAR)) {
            bookmark_save(groups);
            saved_ms = looked_ms;
            saved = follower->arrival;
        }
    }
    free(inbox);
    return NULL;
}

enum err groups_start(struct groups *groups, struct desk *desk)
{
    assert(!groups->has_thread);
    groups->desk = desk;
    groups->has_thread = pthread_create(&groups->thread, NULL, run, groups) == 0;
    return groups->has_thread ? ERR_OK : ERR_IO;
}
