// SPDX-License-Identifier: EUPL-1.2
// Links to the other nodes: CURVE over TCP, PUB/SUB for the live plane, ROUTER/DEALER for sync. The
// only place that knows ZeroMQ. Owned by the loop thread; every call is the loop thread's.
//
// A peer is an index into the roster. Who sent a frame is decided by the CURVE key ZAP admitted for
// that very connection (User-Id), looked up in the roster as it stands now; routing ids and
// addresses decide nothing.
#ifndef NODE_TRANSPORT_H
#define NODE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/engine.h"
#include "sitrep/err.h"
#include "sitrep/roster.h"

struct transport;

// Of the SOCKS5 proxy all connections that this node opens go through; names are resolved there.
struct transport_proxy {
    const char *address;  // HOST:PORT; NULL: there is none
    const char *user;     // at most 255 bytes, like the password; NULL or empty: no login
    const char *password; // borrowed for the call
};

struct transport_options {
    const char *bind_sync; // tcp://ADDRESS:PORT to listen on
    const char *bind_live;
    uint8_t public_key[BOX_KEY_LEN]; // CURVE key pair of this node
    const uint8_t *secret_key;       // borrowed for the call
    const struct roster *roster;     // borrowed until the next transport_set_roster
    bool has_live_plane;             // false: binds and connects no PUB/SUB
    struct transport_proxy proxy;
};

// Binds ZAP first, then the two sockets, then connects to every other node of the roster that has
// an endpoint. Errors: ERR_IO (address in use or not ours; `why` says which), ERR_STATE (no CURVE
// or ZAP enforcement in this libzmq; no address of a proxy).
CHECKED enum err transport_open(struct transport **transport,
                                const struct transport_options *options, char why[static 256]);
void transport_close(struct transport **handle);

// Admits exactly the keys of `roster`'s nodes that are not revoked, from now on; cuts links of keys
// that are no longer in it, connects to new nodes and changed endpoints.
void transport_set_roster(struct transport *transport, const struct roster *roster);

// Makes and takes connections under this key pair from now on; those there are end. For when the
// roster puts another transport key in the place of the one before [5.12]. `secret_key` is
// borrowed for the call.
void transport_set_keys(struct transport *transport, const uint8_t public_key[static BOX_KEY_LEN],
                        const uint8_t *secret_key);

// Not connecting to `peer` and refusing what comes from it, or no longer so; for drills and tests.
void transport_cut(struct transport *transport, uint32_t peer, bool is_cut);

// What holds of the link to `peer` now; from the start, nothing is set. A thin line has no room for
// a second connection, and what is opened over it from now on waits longer for everything; where
// the live plane is off none is opened, either.
void transport_set_line(struct transport *transport, uint32_t peer,
                        const struct link_settings *settings);

// The groups whose entries this node follows on the live plane, instead of those before. None at
// first. At most TRANSPORT_GROUPS_MAX, copied.
enum { TRANSPORT_GROUPS_MAX = 16 }; // with 4 precedences each, the 64 topics of 9.1
void transport_set_groups(struct transport *transport, const uint8_t (*groups)[TAG_LEN],
                          size_t count);

// Why the proxy gives no connection.
enum link_trouble {
    LINK_NO_TROUBLE,
    LINK_PROXY_UNKNOWN,
    LINK_PROXY_UNREACHABLE,
    LINK_PROXY_SILENT,
    LINK_PROXY_HANGS_UP,
    LINK_PROXY_FOREIGN,
    LINK_PROXY_WANTS_LOGIN,
    LINK_PROXY_LOGIN_REFUSED,
    LINK_PROXY_FORBIDS,
    LINK_PROXY_NO_WAY,
    LINK_PROXY_CANNOT,
};
// For people; empty without trouble.
const char *link_trouble_text(enum link_trouble trouble);
// Whether it is the proxy's, and so the same whatever the peer; else it is about the one endpoint.
bool link_trouble_is_of_proxy(enum link_trouble trouble);

enum transport_event_type { TRANSPORT_UP, TRANSPORT_DOWN, TRANSPORT_TROUBLE, TRANSPORT_FRAME };

struct transport_event {
    enum transport_event_type type;
    uint32_t peer;
    enum link_trouble trouble; // TROUBLE: another one than before; it is tried again all the same
    enum plane plane;          // FRAME
    struct span bytes;         // FRAME; valid until the next call of transport_also
};

// Waits until a socket or one of `fds` is readable or `timeout_ms` passed (at most 1000; every
// socket is touched at least once a second). ready[i] says whether fds[i] is. fds_count at most 32.
void transport_wait(struct transport *transport, const int *fds, bool *ready, size_t fds_count,
                    uint32_t timeout_ms);

// The next event. Serves sync before live, peers in turn. Errors: ERR_NOT_FOUND (nothing waits).
CHECKED enum err transport_next(struct transport *transport, struct transport_event *event);

// Errors: ERR_AGAIN (that link's queue is full), ERR_NOT_FOUND (no link). What is not sent is lost;
// the engine asks again.
CHECKED enum err transport_send(struct transport *transport, uint32_t peer, struct span bytes);

void transport_publish(struct transport *transport, uint8_t precedence,
                       const uint8_t group[static TAG_LEN], struct span bytes);

struct transport_link {
    uint32_t peer;
    bool is_connected; // an authenticated connection in either direction
    bool is_incoming;  // only the one the peer opened
    bool is_cut;       // by transport_cut
    uint64_t reconnects;
    enum link_trouble trouble; // of the last attempt; none while connected
    char endpoint[ENDPOINT_MAX_LEN + 1];
};
// Errors: ERR_NOT_FOUND.
CHECKED enum err transport_get_link(struct transport *transport, uint32_t peer,
                                    struct transport_link *link);

// What the kernel knows of the connection over which `peer` is sent to. Bytes are those TCP
// carries, since that connection was opened, unless they are said to be of the line: IP and TCP are
// counted there.
struct transport_measured {
    uint64_t connection; // another one has another number
    uint32_t rtt_ms;     // smoothed
    uint32_t rtt_min_ms; // the shortest of the last minutes
    uint64_t sent;       // as often as they were
    uint64_t resent;     // those of them that had been sent before
    uint64_t unsent;     // wait in the kernel and were never sent
    uint64_t under_way;  // sent, and not known to have arrived
    uint32_t timeouts;   // in a row, after which something was sent again, without an answer
    uint64_t line_out, line_in;
    uint64_t line_resent;
};
// Errors: ERR_NOT_FOUND (no link, or nothing is known of it).
CHECKED enum err transport_measure(const struct transport *transport, uint32_t peer,
                                   struct transport_measured *measured);
// Bytes sent to `peer` that wait in the kernel and never left it, as far as is known; also in front
// of a proxy, of whose connections nothing else is.
uint64_t transport_unsent(const struct transport *transport, uint32_t peer);

struct transport_stats {
    uint64_t admitted, denied;  // ZAP answers
    uint64_t handshakes_failed; // by the monitors
    uint64_t accepts_failed;    // no descriptors left
    uint64_t frames_in, frames_out, bytes_in, bytes_out;
    uint64_t dropped_unauthenticated; // frames without a User-Id of the roster
    uint64_t dropped_malformed;       // wrong number of frames, too large
    uint64_t subscriptions_refused;
    uint64_t sends_refused; // queue full
};
void transport_get_stats(const struct transport *transport, struct transport_stats *stats);

#endif
