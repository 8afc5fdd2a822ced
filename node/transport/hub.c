// SPDX-License-Identifier: EUPL-1.2
// The context, the keys and the one epoll set all sockets are waited for in. Knows no peers and no
// messages.
#include "transport/hub.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

enum {
    FILES_MIN = 65536,
    SOCKETS_MAX = 8192, // of the context: 64 links of 6 (two sockets, two monitors' ends), those
                        // still being closed, and room
    FDS_MAX = 32,
};

// One for the bound sockets, one for the connecting ones: a name that resolves slowly blocks its
// thread, and must not keep others from reaching us. All of one socket stays on one thread, so its
// monitor's events and its frames are told in the order in which they happened; routes rely on it.
enum { IO_THREADS = 2 };

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_MIN) {
        return;
    }
    struct rlimit wanted = {.rlim_cur = FILES_MIN, .rlim_max = limit.rlim_max};
    if (wanted.rlim_max < FILES_MIN) {
        wanted.rlim_max = FILES_MIN;
        if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) {
            return;
        }
        wanted = (struct rlimit){.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    }
    // What is refused here shows in accepts_failed when it matters.
    (void)setrlimit(RLIMIT_NOFILE, &wanted);
}

void hub_set_keys(struct hub *hub, const uint8_t public_key[static BOX_KEY_LEN],
                  const uint8_t secret_key[static BOX_KEY_LEN])
{
    memcpy(hub->public_key, public_key, BOX_KEY_LEN);
    memcpy(hub->secret_key, secret_key, BOX_KEY_LEN);
}

enum err hub_open(struct hub *hub, const uint8_t public_key[static BOX_KEY_LEN],
                  const uint8_t secret_key[static BOX_KEY_LEN])
{
    *hub = (struct hub){.epoll_fd = -1};
    if (sodium_init() < 0) {
        return ERR_STATE;
    }
    raise_file_limit();
    hub->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    hub->context = zmq_ctx_new();
    hub->secret_key = sodium_malloc(BOX_KEY_LEN);
    if (hub->epoll_fd < 0 || hub->context == NULL || hub->secret_key == NULL ||
        zmq_ctx_set(hub->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0 ||
        zmq_ctx_set(hub->context, ZMQ_IO_THREADS, IO_THREADS) != 0 ||
        zmq_ctx_set(hub->context, ZMQ_BLOCKY, 0) != 0) {
        hub_close(hub);
        return ERR_IO;
    }
    hub_set_keys(hub, public_key, secret_key);
    return ERR_OK;
}

void hub_close(struct hub *hub)
{
    while (hub->context != NULL && zmq_ctx_term(hub->context) != 0 && errno == EINTR) {
    }
    hub->context = NULL;
    sodium_free(hub->secret_key);
    hub->secret_key = NULL;
    sodium_free(hub->proxy);
    hub->proxy = NULL;
    if (hub->epoll_fd >= 0) {
        (void)close(hub->epoll_fd);
    }
    hub->epoll_fd = -1;
}

void hub_watch(struct hub *hub, struct inlet *inlet)
{
    size_t len = sizeof inlet->fd;
    int rc = zmq_getsockopt(inlet->zmq, ZMQ_FD, &inlet->fd, &len);
    assert(rc == 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = inlet};
    rc = epoll_ctl(hub->epoll_fd, EPOLL_CTL_ADD, inlet->fd, &event);
    // A socket that could not be watched would be served once a second only; better to end here.
    if (rc != 0) {
        abort();
    }
    hub_set_ready(hub, inlet);
}

void hub_unwatch(struct hub *hub, struct inlet *inlet)
{
    (void)epoll_ctl(hub->epoll_fd, EPOLL_CTL_DEL, inlet->fd, NULL);
    *inlet = (struct inlet){.fd = -1};
}

void hub_set_ready(struct hub *hub, struct inlet *inlet)
{
    inlet->is_ready = true;
    hub->has_ready = true;
}

static void mark_inlets(struct hub *hub)
{
    struct epoll_event events[64];
    int count = epoll_wait(hub->epoll_fd, events, 64, 0);
    for (int i = 0; i < count; i++) {
        hub_set_ready(hub, events[i].data.ptr);
    }
}

void hub_wait(struct hub *hub, const int *fds, bool *ready, size_t fds_count, int timeout_ms)
{
    assert(fds_count <= FDS_MAX);
    struct pollfd polled[1 + FDS_MAX] = {{.fd = hub->epoll_fd, .events = POLLIN}};
    for (size_t i = 0; i < fds_count; i++) {
        polled[1 + i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        ready[i] = false;
    }
    if (poll(polled, (nfds_t)(1 + fds_count), timeout_ms) <= 0) {
        return;
    }
    for (size_t i = 0; i < fds_count; i++) {
        ready[i] = polled[1 + i].revents != 0;
    }
    if (polled[0].revents != 0) {
        mark_inlets(hub);
    }
}

uint64_t hub_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t hub_jitter_ms(uint64_t base_ms)
{
    return base_ms * 3 / 4 + randombytes_uniform((uint32_t)(base_ms * 3 / 4) + 1);
}

void *hub_alloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}
