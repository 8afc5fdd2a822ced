// SPDX-License-Identifier: EUPL-1.2
// What a transport is made of. Private to this folder.
#ifndef NODE_TRANSPORT_STATE_H
#define NODE_TRANSPORT_STATE_H

#include "transport/line.h"
#include "transport/topic.h"
#include "transport/transport.h"
#include "transport/zap.h"

enum {
    LINKS_MAX = 64,          // nodes we connect to; the engine keeps as many
    ROUTE_ID_LEN = 5,        // of ids our ROUTER makes up: 0, then a number
    TOUCH_MS = 1000,         // no socket is left alone for longer
    REBIND_MS = 10,          // until the address of a closed socket is tried again
    SILENCE_MAX_MS = 150000, // of a connection; the thinnest line has a beacon a minute
};

// The connection a peer opened to us: where its last frame came from.
struct route {
    bool is_alive;
    uint8_t id[ROUTE_ID_LEN];
    struct meter meter; // of that connection; its descriptor tells which one ended
    uint64_t last_ms;
};

// Both ends may have opened a connection. There is no order between two, so one is sent over as
// long as it lives, and another one is another link.
enum outlet { BY_NOTHING, BY_LINE, BY_ROUTE };

struct peer {
    uint8_t keys[2][BOX_KEY_LEN]; // the one the node uses, and its second [5.12]
    size_t keys_count;
    bool is_member; // not ourselves, not revoked, not cut: what follows may exist
    bool is_cut;
    bool is_live_off;     // by transport_set_line
    bool is_live_refused; // asked for topics that do not exist
    bool is_linked;       // among those we connect to
    size_t endpoint;      // of the roster's, the one tried now
    struct line sync, live;
    struct route route;
    enum outlet outlet;
    struct topic_set *topics; // NULL until it asks for one
    // Up as it is, and as it was told; has_bounced: was down since it was told to be up.
    bool is_up, is_announced, has_bounced, has_change;
    enum link_trouble told_trouble; // since it was up
};

struct server {
    enum socket_role role;
    struct socket socket;
    bool is_open;
    bool must_reopen; // so that every peer passes ZAP again
    uint64_t retry_at_ms;
    char address[ENDPOINT_MAX_LEN + 1];
};

// Whose turn it is among several sockets, and how many frames it has left.
struct turn {
    size_t at;
    uint32_t left;
};

struct transport {
    struct hub hub;
    struct zap *zap;
    const struct members *members; // owned by zap
    const struct roster *roster;   // borrowed
    uint32_t self;                 // index in the roster, UINT32_MAX when not there
    bool has_live_plane;
    struct server sync, live;
    struct peer **peers; // by index in the roster
    size_t peers_count;
    struct peer *linked[LINKS_MAX];
    size_t linked_count;
    size_t changes_count; // peers with has_change
    uint64_t now_ms;      // of the last call that asked the clock
    uint64_t due_ms;      // when links need care again
    uint64_t touch_at_ms;
    struct delivery delivery;
    bool has_held; // `held` waits for changes to be told first
    struct transport_event held;
    struct turn sync_turn, live_turn;
    uint32_t sync_streak; // sync frames since the live plane had its turn
    uint8_t groups[TRANSPORT_GROUPS_MAX][TAG_LEN];
    size_t groups_count;
    struct transport_stats stats; // what is counted here; the rest is with zap and lines
};

// peer.c: the peers, their links, and who is up.

// Takes over `roster`: makes, changes and removes peers.
void peers_set_roster(struct transport *transport, const struct roster *roster);
// After a change of who may do what: answers handshakes accordingly, closes what may no longer be.
void peers_admit(struct transport *transport);
// Opens, closes and retries what is due; sets due_ms.
void peers_maintain(struct transport *transport);
// Ends every connection we opened; those still wanted are opened again.
void peers_close_links(struct transport *transport);
void peers_destroy(struct transport *transport);
// Notes a possible change of up or down.
void peer_refresh(struct transport *transport, struct peer *peer);
// Leaves the peer a moment to connect first, when that is its turn.
void peer_grant_grace(struct transport *transport, struct peer *peer);
void peer_set_route(struct transport *transport, struct peer *peer, const struct route *route);
void peer_drop_route(struct transport *transport, struct peer *peer);
// Calls for care at `at_ms` or earlier.
void peers_call(struct transport *transport, uint64_t at_ms);
// The next change to tell. False when there is none.
bool peers_take_change(struct transport *transport, struct transport_event *event);

// server.c: the bound sockets.

// Errors: ERR_STATE, ERR_IO (with errno).
CHECKED enum err server_open(struct transport *transport, struct server *server,
                             enum socket_role role, const char *address);
void server_close(struct transport *transport, struct server *server);
// Reopens when asked to and possible.
void server_maintain(struct transport *transport, struct server *server);
void server_serve_monitor(struct transport *transport, struct server *server);
void server_serve_subscriptions(struct transport *transport);
// Takes one message from the ROUTER. False when nothing is there; has_held says if it was good.
bool server_take_frame(struct transport *transport);

// Puts the payload of transport->delivery before the engine, unless its size is wrong.
void transport_hold(struct transport *transport, uint32_t peer, enum plane plane,
                    size_t payload_frame);

#endif
