// SPDX-License-Identifier: EUPL-1.2
// One thread for each tunnel, since resolving the proxy's name may block for long; it ends with the
// connection. Understands nothing of what it carries.
#include "transport/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#include "transport/hub.h"

enum {
    STACK_SIZE = 256 * 1024, // getaddrinfo needs most of it
    BUFFER_SIZE = 16 * 1024, // each way; what is queued here no flash entry overtakes
};

// Shared by who opened it and its thread; who leaves last frees it.
struct tunnel {
    atomic_int holders;
    atomic_int trouble;
    int stop_fd;
    int listener;
    struct socks_proxy *proxy; // sodium_malloc; gone once it was dialled
    char endpoint[ENDPOINT_MAX_LEN + 1];
};

static void release(struct tunnel *tunnel)
{
    if (atomic_fetch_sub(&tunnel->holders, 1) > 1) {
        return;
    }
    if (tunnel->listener >= 0) {
        (void)close(tunnel->listener);
    }
    if (tunnel->stop_fd >= 0) {
        (void)close(tunnel->stop_fd);
    }
    sodium_free(tunnel->proxy);
    free(tunnel);
}

// -- the thread --

// The names of such sockets are no secret: only this process may use the proxy's login.
static bool is_own(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid == getpid();
}

static int take_connection(const struct tunnel *tunnel)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = tunnel->listener, .events = POLLIN},
                               {.fd = tunnel->stop_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return -1;
        }
        if (fds[1].revents != 0) {
            return -1;
        }
        const int fd = accept4(tunnel->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && is_own(fd)) {
            return fd;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

// Bytes on their way in one direction. What comes is only taken when it can go on: what waits in
// front of the tunnel, who sends it can know of.
struct stream {
    int from, to;
    bool has_more;
    size_t begin, end; // of what was read and not yet written
    uint8_t bytes[BUFFER_SIZE];
};

static bool has_failed(ssize_t moved)
{
    return moved == 0 || (moved < 0 && errno != EAGAIN && errno != EINTR);
}

static bool wants_out(const struct stream *stream)
{
    return stream->has_more || stream->begin < stream->end;
}

// False when the connection is over.
static bool move(struct stream *stream)
{
    if (stream->begin == stream->end) {
        const ssize_t got = recv(stream->from, stream->bytes, sizeof stream->bytes, 0);
        if (has_failed(got)) {
            return false;
        }
        stream->has_more = false;
        stream->begin = 0;
        stream->end = got > 0 ? (size_t)got : 0;
    }
    if (stream->begin < stream->end) {
        const ssize_t sent = send(stream->to, stream->bytes + stream->begin,
                                  stream->end - stream->begin, MSG_NOSIGNAL);
        if (has_failed(sent)) {
            return false;
        }
        stream->begin += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

// Takes what poll said of where the stream comes from and where it goes.
static bool go_on(struct stream *stream, short from, short to)
{
    stream->has_more |= (from & POLLIN) != 0;
    return (to & POLLOUT) == 0 || !wants_out(stream) || move(stream);
}

static short wanted(const struct stream *in, const struct stream *out)
{
    return (short)((wants_out(in) ? 0 : POLLIN) | (wants_out(out) ? POLLOUT : 0));
}

// A side that hung up while the other one takes nothing would be told again and again.
static bool is_over(short events)
{
    return (events & (POLLERR | POLLNVAL)) != 0 || events == POLLHUP;
}

static void carry(struct stream *there, struct stream *back, int stop_fd)
{
    bool is_alive = true;
    while (is_alive) {
        struct pollfd fds[] = {{.fd = there->from, .events = wanted(there, back)},
                               {.fd = back->from, .events = wanted(back, there)},
                               {.fd = stop_fd, .events = POLLIN}};
        const int count = poll(fds, 3, -1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        is_alive = count > 0 && fds[2].revents == 0 && !is_over(fds[0].revents) &&
                   !is_over(fds[1].revents) && go_on(there, fds[0].revents, fds[1].revents) &&
                   go_on(back, fds[1].revents, fds[0].revents);
    }
}

static void connect_through(struct tunnel *tunnel, int near)
{
    enum link_trouble trouble;
    const int far = socks_dial(tunnel->proxy, tunnel->endpoint, tunnel->stop_fd, &trouble);
    sodium_free(tunnel->proxy);
    tunnel->proxy = NULL;
    atomic_store(&tunnel->trouble, (int)trouble);
    if (far < 0) {
        return;
    }
    struct stream *streams = hub_alloc(2, sizeof *streams);
    streams[0] = (struct stream){.from = near, .to = far};
    streams[1] = (struct stream){.from = far, .to = near};
    carry(&streams[0], &streams[1], tunnel->stop_fd);
    free(streams);
    (void)close(far);
}

static void *run(void *argument)
{
    struct tunnel *tunnel = argument;
    const int near = take_connection(tunnel);
    if (near >= 0) {
        connect_through(tunnel, near);
        (void)close(near); // behind the trouble it was: who notices asks for it
    }
    release(tunnel);
    return NULL;
}

// -- what the transport calls --

static bool listen_at(struct tunnel *tunnel, char address[static TUNNEL_ADDRESS_SIZE])
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    uint8_t number[16];
    char text[2 * sizeof number + 1];
    randombytes_buf(number, sizeof number);
    (void)sodium_bin2hex(text, sizeof text, number, sizeof number);
    // In the abstract namespace: no file, and gone with its socket.
    (void)snprintf(address, TUNNEL_ADDRESS_SIZE, "ipc://@sitrep-%s", text);
    const char *path = address + strlen("ipc://@");
    memcpy(name.sun_path + 1, path, strlen(path));
    tunnel->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const socklen_t name_len =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(path));
    return tunnel->listener >= 0 &&
           bind(tunnel->listener, (const struct sockaddr *)&name, name_len) == 0 &&
           listen(tunnel->listener, 2) == 0;
}

static bool start(struct tunnel *tunnel)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    atomic_fetch_add(&tunnel->holders, 1);
    const bool is_running = pthread_create(&thread, &attributes, run, tunnel) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (!is_running) {
        atomic_fetch_sub(&tunnel->holders, 1);
    }
    return is_running;
}

struct tunnel *tunnel_open(const struct socks_proxy *proxy, const char *endpoint,
                           char address[static TUNNEL_ADDRESS_SIZE])
{
    struct tunnel *tunnel = hub_alloc(1, sizeof *tunnel);
    *tunnel = (struct tunnel){.holders = 1, .trouble = LINK_NO_TROUBLE, .listener = -1};
    tunnel->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    tunnel->proxy = sodium_malloc(sizeof *tunnel->proxy);
    if (tunnel->proxy != NULL && tunnel->stop_fd >= 0 && strlen(endpoint) <= ENDPOINT_MAX_LEN &&
        listen_at(tunnel, address)) {
        *tunnel->proxy = *proxy;
        memcpy(tunnel->endpoint, endpoint, strlen(endpoint) + 1);
        if (start(tunnel)) {
            return tunnel;
        }
    }
    release(tunnel);
    return NULL;
}

void tunnel_close(struct tunnel **handle)
{
    struct tunnel *tunnel = *handle;
    *handle = NULL;
    if (tunnel != NULL) {
        (void)eventfd_write(tunnel->stop_fd, 1);
        release(tunnel);
    }
}

enum link_trouble tunnel_trouble(const struct tunnel *tunnel)
{
    return (enum link_trouble)atomic_load(&tunnel->trouble);
}
