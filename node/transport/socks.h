// SPDX-License-Identifier: EUPL-1.2
// Asking a SOCKS5 proxy (RFC 1928, login by RFC 1929) for a connection to an endpoint. Private to
// this folder.
//
// libzmq has this, too, but as it is in 4.3.4 the process aborts when a socket is closed between
// two attempts, a silent proxy is waited for without end, and no reason for a failure is told.
#ifndef NODE_TRANSPORT_SOCKS_H
#define NODE_TRANSPORT_SOCKS_H

#include <stdint.h>

#include "transport/transport.h"

enum {
    SOCKS_TEXT_MAX = 255, // bytes of a user, a password or a name [RFC 1928, 1929]
    // The proxy may lie behind a thin line itself, and try long to get through.
    SOCKS_REACH_MS = 20000,
    SOCKS_ANSWER_MS = 25000,
};

// Fixed once it is in use; to lie in memory from sodium_malloc, for the password's sake.
struct socks_proxy {
    char host[ENDPOINT_MAX_LEN + 1];
    char port[6];
    char user[SOCKS_TEXT_MAX + 1]; // empty: no login
    char password[SOCKS_TEXT_MAX + 1];
    uint32_t reach_ms;  // how long the proxy is tried to be reached
    uint32_t answer_ms; // how long, once reached, for its last answer
};

// From HOST:PORT, where an IPv6 address stands in brackets; false when that is something else.
bool socks_read_address(struct socks_proxy *proxy, const char *text);

// A connection through the proxy to `endpoint`, tcp://HOST:PORT, whose name the proxy resolves.
// Blocks; comes back soon once `stop_fd` is readable, but for resolving the proxy's own name. The
// descriptor does not block and is the caller's; -1 with the reason, which is LINK_NO_TROUBLE when
// stopped.
int socks_dial(const struct socks_proxy *proxy, const char *endpoint, int stop_fd,
               enum link_trouble *trouble);

#endif
