// SPDX-License-Identifier: EUPL-1.2
// A way for one connection of libzmq's through a SOCKS proxy: libzmq connects to a local socket,
// and a thread carries the bytes between it and the proxy. Private to this folder.
#ifndef NODE_TRANSPORT_TUNNEL_H
#define NODE_TRANSPORT_TUNNEL_H

#include "transport/socks.h"

struct tunnel;

enum { TUNNEL_ADDRESS_SIZE = 64 };

// Waits for one connection of this process to `address` (ipc://, for zmq_connect), then dials
// `endpoint`. When that fails or either side ends, both end. NULL when the system has no more
// descriptors or threads. `proxy` is copied.
struct tunnel *tunnel_open(const struct socks_proxy *proxy, const char *endpoint,
                           char address[static TUNNEL_ADDRESS_SIZE]);
void tunnel_close(struct tunnel **handle);

// Why the connection it was opened for ended or never came to be; LINK_NO_TROUBLE while nothing is
// known, and after the proxy has put it through.
enum link_trouble tunnel_trouble(const struct tunnel *tunnel);

#endif
