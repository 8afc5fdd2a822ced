// SPDX-License-Identifier: EUPL-1.2
// The ZAP handler (ZeroMQ RFC 27): answers 200 or 400, nothing else, from a table swapped under a
// lock that is never held for longer than a look-up. Reads no roster and touches no store.
//
// Were this thread to end, handshakes would hang; so whatever ends it, but closing, ends the
// process.
#include "transport/zap.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "transport/socket.h"

enum {
    USER_ID_LEN = 40, // a key in Z85
    // Frames of a CURVE request: version, request id, domain, address, routing id, mechanism, key.
    REQUEST_FRAMES = 7,
};

enum request_frame { VERSION, REQUEST_ID, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, KEY };

struct zap {
    void *context;
    void *handler;
    pthread_t thread;
    pthread_mutex_t lock;
    struct members *members; // under the lock
    atomic_bool is_closing;
    atomic_uint_fast64_t admitted, denied;
};

struct members *members_create(size_t capacity)
{
    return hub_alloc(1, sizeof(struct members) + capacity * sizeof(struct member));
}

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct member *)a)->key, ((const struct member *)b)->key, BOX_KEY_LEN);
}

void members_sort(struct members *members)
{
    qsort(members->list, members->count, sizeof *members->list, compare);
}

const struct member *members_find(const struct members *members,
                                  const uint8_t key[static BOX_KEY_LEN])
{
    // The key comes first in a member.
    static_assert(offsetof(struct member, key) == 0, "a key compares as a member");
    return bsearch(key, members->list, members->count, sizeof *members->list, compare);
}

const struct member *members_find_sender(const struct members *members, zmq_msg_t *frame)
{
    uint8_t key[BOX_KEY_LEN];
    const char *user_id = zmq_msg_gets(frame, "User-Id");
    if (user_id == NULL || strlen(user_id) != USER_ID_LEN || zmq_z85_decode(key, user_id) == NULL) {
        return NULL;
    }
    return members_find(members, key);
}

static bool frame_is(zmq_msg_t *frame, const char *text)
{
    size_t len = strlen(text);
    return zmq_msg_size(frame) == len && memcmp(zmq_msg_data(frame), text, len) == 0;
}

static bool is_admitted(struct zap *zap, zmq_msg_t *request)
{
    if (!frame_is(&request[VERSION], "1.0") || !frame_is(&request[MECHANISM], "CURVE") ||
        zmq_msg_size(&request[KEY]) != BOX_KEY_LEN) {
        return false;
    }
    bool is_sync = frame_is(&request[DOMAIN], DOMAIN_SYNC);
    bool is_live = frame_is(&request[DOMAIN], DOMAIN_LIVE);
    pthread_mutex_lock(&zap->lock);
    const struct member *member = members_find(zap->members, zmq_msg_data(&request[KEY]));
    bool may = member != NULL && ((is_sync && member->may_sync) || (is_live && member->may_listen));
    pthread_mutex_unlock(&zap->lock);
    return may;
}

// Whether the context ends. Any other failure leaves handshakes unanswered: end the process.
static bool is_done(int rc)
{
    if (rc < 0 && errno != EINTR && errno != ETERM) {
        abort();
    }
    return rc < 0 && errno == ETERM;
}

// Receives a request of any number of frames, keeping the first ones. False when the context ends.
static bool receive_request(struct zap *zap, zmq_msg_t *request, size_t *count)
{
    *count = 0;
    for (;;) {
        zmq_msg_t *frame = &request[*count < REQUEST_FRAMES ? *count : REQUEST_FRAMES];
        int rc = zmq_msg_recv(frame, zap->handler, 0);
        if (is_done(rc)) {
            return false;
        }
        *count += rc >= 0;
        if (rc >= 0 && !zmq_msg_more(frame)) {
            return true;
        }
    }
}

static void reply_frame(struct zap *zap, const void *bytes, size_t len, int flags)
{
    int rc;
    do {
        rc = zmq_send(zap->handler, bytes, len, flags);
    } while (!is_done(rc) && rc < 0);
}

static void answer(struct zap *zap, zmq_msg_t *request, size_t count)
{
    bool may = count == REQUEST_FRAMES && is_admitted(zap, request);
    char user_id[USER_ID_LEN + 1] = "";
    if (may) {
        (void)zmq_z85_encode(user_id, zmq_msg_data(&request[KEY]), BOX_KEY_LEN);
    }
    atomic_fetch_add(may ? &zap->admitted : &zap->denied, 1);
    const char *text = may ? "OK" : "not a member";
    reply_frame(zap, "1.0", 3, ZMQ_SNDMORE);
    reply_frame(zap, zmq_msg_data(&request[REQUEST_ID]), zmq_msg_size(&request[REQUEST_ID]),
                ZMQ_SNDMORE);
    reply_frame(zap, may ? "200" : "400", 3, ZMQ_SNDMORE);
    reply_frame(zap, text, strlen(text), ZMQ_SNDMORE);
    reply_frame(zap, user_id, strlen(user_id), ZMQ_SNDMORE);
    reply_frame(zap, "", 0, 0);
}

static void *run(void *argument)
{
    struct zap *zap = argument;
    zmq_msg_t request[REQUEST_FRAMES + 1]; // the last one takes what is too much
    for (size_t i = 0; i <= REQUEST_FRAMES; i++) {
        zmq_msg_init(&request[i]);
    }
    size_t count;
    while (receive_request(zap, request, &count)) {
        answer(zap, request, count);
    }
    for (size_t i = 0; i <= REQUEST_FRAMES; i++) {
        (void)zmq_msg_close(&request[i]);
    }
    (void)zmq_close(zap->handler);
    if (!atomic_load(&zap->is_closing)) {
        abort();
    }
    return NULL;
}

static bool start_thread(struct zap *zap)
{
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool is_started = pthread_create(&zap->thread, NULL, run, zap) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

enum err zap_open(struct zap **out, void *context)
{
    struct zap *zap = hub_alloc(1, sizeof *zap);
    zap->context = context;
    zap->members = members_create(0);
    pthread_mutex_init(&zap->lock, NULL);
    int linger = 0;
    zap->handler = zmq_socket(context, ZMQ_REP);
    // Bound here, before the thread runs, so that it stands before anything listens.
    if (zap->handler == NULL ||
        zmq_setsockopt(zap->handler, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_bind(zap->handler, "inproc://zeromq.zap.01") != 0 || !start_thread(zap)) {
        if (zap->handler != NULL) {
            (void)zmq_close(zap->handler);
        }
        pthread_mutex_destroy(&zap->lock);
        free(zap->members);
        free(zap);
        return ERR_STATE;
    }
    *out = zap;
    return ERR_OK;
}

void zap_admit(struct zap *zap, struct members *members)
{
    pthread_mutex_lock(&zap->lock);
    struct members *before = zap->members;
    zap->members = members;
    pthread_mutex_unlock(&zap->lock);
    free(before);
}

void zap_close(struct zap **handle)
{
    struct zap *zap = *handle;
    if (zap == NULL) {
        return;
    }
    *handle = NULL;
    atomic_store(&zap->is_closing, true);
    (void)zmq_ctx_shutdown(zap->context);
    (void)pthread_join(zap->thread, NULL);
    pthread_mutex_destroy(&zap->lock);
    free(zap->members);
    free(zap);
}

void zap_get_counts(const struct zap *zap, uint64_t *admitted, uint64_t *denied)
{
    *admitted = atomic_load(&zap->admitted);
    *denied = atomic_load(&zap->denied);
}
