// SPDX-License-Identifier: EUPL-1.2
// What all sockets of the process share: the ZeroMQ context, the keys, and the waiting. Private to
// this folder.
#ifndef NODE_TRANSPORT_HUB_H
#define NODE_TRANSPORT_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/limits.h"

struct socks_proxy;

struct hub {
    void *context;
    struct socks_proxy *proxy; // sodium_malloc; NULL: connections are direct
    int epoll_fd;
    uint32_t monitors_made; // names the next monitor
    bool has_ready;         // some inlet may be ready
    uint8_t public_key[BOX_KEY_LEN];
    uint8_t *secret_key; // sodium_malloc
};

// Something to receive from. libzmq's descriptor only tells that there may be news, and may stay
// silent while messages are left, so readiness is kept here until a receive finds nothing.
struct inlet {
    void *zmq; // NULL when closed
    int fd;
    bool is_ready;
};

// Also raises the limit of open descriptors, which a flood of connections would otherwise use up.
CHECKED enum err hub_open(struct hub *hub, const uint8_t public_key[static BOX_KEY_LEN],
                          const uint8_t secret_key[static BOX_KEY_LEN]);
// All inlets and threads that use the context are gone by now.
void hub_close(struct hub *hub);

// Sockets opened from here on use this pair.
void hub_set_keys(struct hub *hub, const uint8_t public_key[static BOX_KEY_LEN],
                  const uint8_t secret_key[static BOX_KEY_LEN]);

void hub_watch(struct hub *hub, struct inlet *inlet);
void hub_unwatch(struct hub *hub, struct inlet *inlet);
void hub_set_ready(struct hub *hub, struct inlet *inlet);

// Waits for any inlet or fds[i]; ready[i] says which. EINTR counts as nothing happened.
void hub_wait(struct hub *hub, const int *fds, bool *ready, size_t fds_count, int timeout_ms);

uint64_t hub_now_ms(void);
// base_ms with a random part, so that nodes that lost each other together do not return together:
// 0.75 to 1.5 times.
uint64_t hub_jitter_ms(uint64_t base_ms);
// Zeroed memory; ends the process when there is none, as libzmq does for its own.
void *hub_alloc(size_t count, size_t size);

#endif
