// SPDX-License-Identifier: EUPL-1.2
// The desk: a queue with one lock, one condition for answers and one for new arrivals. Knows
// nothing of what is asked.
#include "desk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "errand.h"

struct desk {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    pthread_cond_t arrived;
    int event_fd;
    struct errand *first, *last;
    uint64_t arrival;
    bool is_stopping;
    struct desk_facts facts;
    _Atomic(const struct roster *) roster;
    atomic_bool has_ended;
};

enum err desk_open(struct desk **out, const struct desk_facts *facts, const struct roster *roster)
{
    struct desk *desk = calloc(1, sizeof *desk);

    *out = NULL;
    if (desk == NULL) {
        return ERR_IO;
    }
    desk->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (desk->event_fd < 0) {
        free(desk);
        return ERR_IO;
    }
    pthread_mutex_init(&desk->lock, NULL);
    clock_condition_init(&desk->answered);
    clock_condition_init(&desk->arrived);
    desk->facts = *facts;
    atomic_store(&desk->roster, roster);
    *out = desk;
    return ERR_OK;
}

void desk_close(struct desk **desk)
{
    if (*desk == NULL) {
        return;
    }
    close((*desk)->event_fd);
    pthread_cond_destroy(&(*desk)->arrived);
    pthread_cond_destroy(&(*desk)->answered);
    pthread_mutex_destroy(&(*desk)->lock);
    free(*desk);
    *desk = NULL;
}

// -- the loop's side --

int desk_fd(const struct desk *desk)
{
    return desk->event_fd;
}

struct errand *desk_take(struct desk *desk)
{
    uint64_t count;
    struct errand *errands;

    pthread_mutex_lock(&desk->lock);
    if (read(desk->event_fd, &count, sizeof count) < 0 && errno != EAGAIN) {
        abort(); // an eventfd of our own cannot fail
    }
    errands = desk->first;
    desk->first = desk->last = NULL;
    pthread_mutex_unlock(&desk->lock);
    return errands;
}

void desk_answer(struct desk *desk, struct errand *errand, enum err err)
{
    if (errand->type == ERRAND_DAMAGED) {
        free(errand);
        return;
    }
    pthread_mutex_lock(&desk->lock);
    errand->err = err;
    errand->is_answered = true;
    pthread_cond_broadcast(&desk->answered);
    pthread_mutex_unlock(&desk->lock);
}

void desk_set_roster(struct desk *desk, const struct roster *roster)
{
    atomic_store(&desk->roster, roster);
}

void desk_set_arrival(struct desk *desk, uint64_t arrival)
{
    pthread_mutex_lock(&desk->lock);
    desk->arrival = arrival;
    pthread_cond_broadcast(&desk->arrived);
    pthread_mutex_unlock(&desk->lock);
}

void desk_set_ended(struct desk *desk, bool has_ended)
{
    atomic_store(&desk->has_ended, has_ended);
}

void desk_stop(struct desk *desk)
{
    struct errand *errand;

    pthread_mutex_lock(&desk->lock);
    desk->is_stopping = true;
    errand = desk->first;
    desk->first = desk->last = NULL;
    pthread_cond_broadcast(&desk->arrived);
    pthread_mutex_unlock(&desk->lock);
    while (errand != NULL) {
        struct errand *next = errand->next;

        desk_answer(desk, errand, ERR_STATE);
        errand = next;
    }
}

// -- the API's side --

// Under the lock. Errors: ERR_STATE (stopping).
static enum err enqueue(struct desk *desk, struct errand *errand)
{
    const uint64_t one = 1;

    if (desk->is_stopping) {
        return ERR_STATE;
    }
    errand->next = NULL;
    if (desk->last != NULL) {
        desk->last->next = errand;
    } else {
        desk->first = errand;
    }
    desk->last = errand;
    return write(desk->event_fd, &one, sizeof one) == sizeof one ? ERR_OK : ERR_IO;
}

static enum err run_errand(struct desk *desk, struct errand *errand)
{
    enum err err;

    pthread_mutex_lock(&desk->lock);
    err = enqueue(desk, errand);
    while (err == ERR_OK && !errand->is_answered) {
        pthread_cond_wait(&desk->answered, &desk->lock);
    }
    pthread_mutex_unlock(&desk->lock);
    return err == ERR_OK ? errand->err : err;
}

enum err desk_publish(struct desk *desk, const struct desk_entry *entries, size_t count,
                      struct desk_published *published, size_t *failed)
{
    struct errand errand = {
        .type = ERRAND_PUBLISH,
        .publish = {.entries = entries, .count = count, .published = published}};
    enum err err = run_errand(desk, &errand);

    *failed = errand.publish.failed;
    return err;
}

enum err desk_status(struct desk *desk, struct desk_status *status)
{
    struct errand errand = {.type = ERRAND_STATUS, .status = status};

    return run_errand(desk, &errand);
}

enum err desk_peers(struct desk *desk, struct desk_peer **peers, size_t *count)
{
    struct errand errand = {.type = ERRAND_PEERS};
    enum err err = run_errand(desk, &errand);

    *peers = errand.peers.list;
    *count = errand.peers.count;
    return err;
}

enum err desk_claims(struct desk *desk, uint32_t node, struct engine_claims *claims)
{
    struct errand errand = {.type = ERRAND_CLAIMS, .claims = {node, claims}};

    return run_errand(desk, &errand);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the loop writes through it
enum err desk_claim(struct desk *desk, uint32_t chain, uint64_t seq, enum peer_claim *claims,
                    size_t count)
{
    struct errand errand = {
        .type = ERRAND_CLAIM,
        .claim = {.chain = chain, .seq = seq, .claims = claims, .count = count}};

    return run_errand(desk, &errand);
}

enum err desk_add_roster(struct desk *desk, struct span signed_roster)
{
    struct errand errand = {.type = ERRAND_ADD_ROSTER, .signed_roster = signed_roster};

    return run_errand(desk, &errand);
}

enum err desk_cut(struct desk *desk, uint32_t peer, bool is_cut)
{
    struct errand errand = {.type = ERRAND_CUT, .cut = {peer, is_cut}};

    return run_errand(desk, &errand);
}

enum err desk_link(struct desk *desk, uint32_t peer, const struct choice_change *change,
                   struct desk_link *link)
{
    struct errand errand = {.type = ERRAND_LINK, .link = {peer, change, link}};

    return run_errand(desk, &errand);
}

enum err desk_exercise(struct desk *desk, enum exercise_order order, const char *name)
{
    struct errand errand = {.type = ERRAND_EXERCISE, .exercise = {order, name}};

    return run_errand(desk, &errand);
}

enum err desk_exercises(struct desk *desk, struct desk_exercises *exercises)
{
    struct errand errand = {.type = ERRAND_EXERCISES, .exercises = exercises};

    return run_errand(desk, &errand);
}

void desk_report_damaged(struct desk *desk, uint32_t chain, uint64_t seq)
{
    struct errand *errand = calloc(1, sizeof *errand);
    enum err err;

    if (errand == NULL) {
        return; // the scrub finds it again
    }
    errand->type = ERRAND_DAMAGED;
    errand->damaged.chain = chain;
    errand->damaged.seq = seq;
    pthread_mutex_lock(&desk->lock);
    err = enqueue(desk, errand);
    pthread_mutex_unlock(&desk->lock);
    if (err == ERR_STATE) {
        free(errand);
    }
}

uint64_t desk_wait_arrival(struct desk *desk, uint64_t arrival, uint32_t timeout_ms)
{
    uint64_t deadline_ms = clock_now_ms() + timeout_ms;
    uint64_t newest;

    pthread_mutex_lock(&desk->lock);
    while (desk->arrival <= arrival && !desk->is_stopping &&
           clock_wait_until(&desk->arrived, &desk->lock, deadline_ms)) {
    }
    newest = desk->arrival;
    pthread_mutex_unlock(&desk->lock);
    return newest;
}

bool desk_is_stopping(struct desk *desk)
{
    bool is_stopping;

    pthread_mutex_lock(&desk->lock);
    is_stopping = desk->is_stopping;
    pthread_mutex_unlock(&desk->lock);
    return is_stopping;
}

const struct roster *desk_roster(struct desk *desk)
{
    return atomic_load(&desk->roster);
}

uint32_t desk_self(struct desk *desk)
{
    return desk->facts.self;
}

const uint8_t *desk_space(struct desk *desk)
{
    return desk->facts.space;
}

const char *desk_exercise_name(struct desk *desk)
{
    return desk->facts.exercise;
}

bool desk_has_ended(struct desk *desk)
{
    return atomic_load(&desk->has_ended);
}

struct store *desk_store(struct desk *desk)
{
    return desk->facts.store;
}

const struct home *desk_home(struct desk *desk)
{
    return &desk->facts.home;
}

struct groups *desk_groups(struct desk *desk)
{
    return desk->facts.groups;
}
