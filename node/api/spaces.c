// SPDX-License-Identifier: EUPL-1.2
// The list of spaces: one lock, one condition for those that go. Opens and closes no store.
#include "api/spaces.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "clock.h"
#include "picture/follower.h"
#include "picture/situation.h"

// A picture of so many entries is read before anybody asks; a larger one, which takes seconds and
// as much memory as all else, when somebody does.
enum { READ_AHEAD_MAX = 250000 };

enum { NAMES_SIZE = EXERCISES_MAX * (NAME_MAX_LEN + 2) + 1 };

struct served {
    struct desk_view view; // first, so that a pointer to it is a pointer to all
    struct served *next;
    char name[NAME_MAX_LEN + 1];
    size_t holders;
    bool is_leaving;
    bool has_reader;
    pthread_t reader; // of the picture, once
};

struct spaces {
    pthread_mutex_t lock;
    pthread_cond_t left; // by the last holder
    struct sealers *sealers;
    struct served *first;
};

struct spaces *spaces_create(void)
{
    struct spaces *spaces = calloc(1, sizeof *spaces);
    if (spaces == NULL) {
        return NULL;
    }
    spaces->sealers = sealers_create();
    if (spaces->sealers == NULL) {
        free(spaces);
        return NULL;
    }
    pthread_mutex_init(&spaces->lock, NULL);
    clock_condition_init(&spaces->left);
    return spaces;
}

static void *read_picture(void *context)
{
    const struct served *served = context;
    struct picture *picture;

    // What keeps it from being read is told to whoever asks.
    if (situation_get(served->view.situation, &served->view, &picture) == ERR_OK) {
        situation_put(served->view.situation);
    }
    return NULL;
}

// Without a thread for it, it is read when somebody asks.
static void read_ahead(struct served *served)
{
    struct store_stats stats;

    store_get_stats(desk_store(served->view.desk), &stats);
    served->has_reader = stats.entries > 0 && stats.entries <= READ_AHEAD_MAX &&
                         pthread_create(&served->reader, NULL, read_picture, served) == 0;
}

// Its desk has been stopped, or nobody reads any more.
static void served_destroy(struct served *served)
{
    if (served->has_reader) {
        (void)pthread_join(served->reader, NULL);
    }
    naming_destroy(&served->view.naming);
    alerts_destroy(&served->view.alerts);
    follower_destroy(&served->view.follower);
    situation_destroy(&served->view.situation);
    free(served);
}

void spaces_destroy(struct spaces **handle)
{
    struct spaces *spaces = *handle;
    if (spaces == NULL) {
        return;
    }
    while (spaces->first != NULL) {
        struct served *served = spaces->first;
        spaces->first = served->next;
        served_destroy(served);
    }
    sealers_destroy(&spaces->sealers);
    pthread_cond_destroy(&spaces->left);
    pthread_mutex_destroy(&spaces->lock);
    free(spaces);
    *handle = NULL;
}

enum err spaces_add(struct spaces *spaces, const char *name, struct desk *desk)
{
    struct served *served = calloc(1, sizeof *served);
    enum err err = ERR_NO_SPACE;
    if (served == NULL) {
        return err;
    }
    assert(strlen(name) <= NAME_MAX_LEN);
    memcpy(served->name, name, strlen(name) + 1);
    served->view.desk = desk;
    served->view.sealers = spaces->sealers;
    served->view.alerts = alerts_create();
    served->view.situation = situation_create();
    served->view.follower = follower_create();
    if (served->view.alerts != NULL && served->view.situation != NULL &&
        served->view.follower != NULL) {
        err = naming_create(&served->view.naming, desk_store(desk));
    }
    if (err != ERR_OK) {
        served_destroy(served);
        return err;
    }
    pthread_mutex_lock(&spaces->lock);
    struct served **at = &spaces->first;
    while (*at != NULL && strcmp((*at)->name, name) < 0) {
        at = &(*at)->next;
    }
    served->next = *at;
    *at = served;
    read_ahead(served);
    pthread_mutex_unlock(&spaces->lock);
    return ERR_OK;
}

// Under the lock.
static struct served *find(const struct spaces *spaces, const char *name)
{
    struct served *served = spaces->first;
    while (served != NULL && strcmp(served->name, name) != 0) {
        served = served->next;
    }
    return served;
}

const struct desk_view *spaces_get(struct spaces *spaces, const char *name)
{
    pthread_mutex_lock(&spaces->lock);
    struct served *served = find(spaces, name);
    if (served != NULL && served->is_leaving) {
        served = NULL;
    }
    if (served != NULL) {
        served->holders++;
    }
    pthread_mutex_unlock(&spaces->lock);
    return served == NULL ? NULL : &served->view;
}

void spaces_put(struct spaces *spaces, const struct desk_view *view)
{
    if (view == NULL) {
        return;
    }
    pthread_mutex_lock(&spaces->lock);
    struct served *served = spaces->first;
    while (&served->view != view) {
        served = served->next;
    }
    assert(served->holders > 0);
    served->holders--;
    pthread_cond_broadcast(&spaces->left);
    pthread_mutex_unlock(&spaces->lock);
}

static void unlink_served(struct spaces *spaces, const struct served *served)
{
    struct served **at = &spaces->first;
    while (*at != served) {
        at = &(*at)->next;
    }
    *at = served->next;
}

enum err spaces_remove(struct spaces *spaces, const char *name, uint32_t timeout_ms)
{
    const uint64_t until_ms = clock_now_ms() + timeout_ms;
    bool is_in_time = true;
    pthread_mutex_lock(&spaces->lock);
    struct served *served = find(spaces, name);
    if (served != NULL) {
        served->is_leaving = true;
    }
    while (served != NULL && served->holders > 0 && is_in_time) {
        is_in_time = clock_wait_until(&spaces->left, &spaces->lock, until_ms);
        served = find(spaces, name); // another thread may have removed it meanwhile
    }
    if (served != NULL && served->holders > 0) {
        pthread_mutex_unlock(&spaces->lock);
        return ERR_AGAIN;
    }
    if (served != NULL) {
        unlink_served(spaces, served);
        served_destroy(served);
    }
    pthread_mutex_unlock(&spaces->lock);
    return ERR_OK;
}

bool spaces_has(struct spaces *spaces, const char *name)
{
    pthread_mutex_lock(&spaces->lock);
    const bool has = find(spaces, name) != NULL;
    pthread_mutex_unlock(&spaces->lock);
    return has;
}

// With commas between.
static void list_exercises(struct spaces *spaces, char out[static NAMES_SIZE])
{
    size_t len = 0;
    out[0] = '\0';
    pthread_mutex_lock(&spaces->lock);
    for (const struct served *served = spaces->first; served != NULL; served = served->next) {
        if (served->name[0] != '\0' && !served->is_leaving && len < NAMES_SIZE) {
            len += (size_t)snprintf(out + len, NAMES_SIZE - len, "%s%s", len > 0 ? ", " : "",
                                    served->name);
        }
    }
    pthread_mutex_unlock(&spaces->lock);
}

void spaces_refuse(struct spaces *spaces, struct reply *reply, const char *name)
{
    char names[NAMES_SIZE];
    list_exercises(spaces, names);
    reply_error(reply, MHD_HTTP_NOT_FOUND, "no_such_space",
                "this node takes part in no exercise '%s'; %s%s", name,
                names[0] != '\0' ? "there is: " : "there is none here", names);
}
