// SPDX-License-Identifier: EUPL-1.2
// The two bound sockets: whose frame it is that comes in, by what way the peer is reached back, and
// what may be subscribed to. Opens no connection itself.
//
// The publisher is not in libzmq's manual mode: there, 4.3.4 keeps every topic a peer names,
// refused or not, and a peer that leaves right after asking leaves a dangling pipe behind. Instead
// messages to it are tiny, and a peer that asks for what cannot exist is put out and refused from
// then on.
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "transport/state.h"

enum { EVENTS_PER_TURN = 256, SUBSCRIPTIONS_PER_TURN = 64 };

enum err server_open(struct transport *transport, struct server *server, enum socket_role role,
                     const char *address)
{
    if (strlen(address) > ENDPOINT_MAX_LEN || strncmp(address, "tcp://", 6) != 0) {
        errno = EPROTONOSUPPORT;
        return ERR_IO;
    }
    *server = (struct server){.role = role};
    memcpy(server->address, address, strlen(address) + 1);
    enum err err =
        socket_open(&transport->hub, &server->socket, &(struct socket_end){.role = role});
    if (err != ERR_OK) {
        return err;
    }
    server->is_open = true;
    if (zmq_bind(server->socket.data.zmq, address) != 0) {
        int reason = errno;
        server_close(transport, server);
        errno = reason;
        return ERR_IO;
    }
    // Before anybody is accepted.
    server_serve_monitor(transport, server);
    // Where the system chose the port, it stays the same from now on.
    size_t len = sizeof server->address;
    (void)zmq_getsockopt(server->socket.data.zmq, ZMQ_LAST_ENDPOINT, server->address, &len);
    return ERR_OK;
}

static void forget_peers(struct transport *transport, enum socket_role role)
{
    for (size_t i = 0; i < transport->peers_count; i++) {
        struct peer *peer = transport->peers[i];
        if (role == SYNC_SERVER) {
            peer_drop_route(transport, peer);
        } else {
            free(peer->topics);
            peer->topics = NULL;
        }
    }
}

void server_close(struct transport *transport, struct server *server)
{
    if (server->is_open) {
        (void)zmq_unbind(server->socket.data.zmq, server->address);
        socket_close(&transport->hub, &server->socket);
        server->is_open = false;
        forget_peers(transport, server->role);
    }
}

void server_maintain(struct transport *transport, struct server *server)
{
    if (server->must_reopen) {
        server->must_reopen = false;
        server->retry_at_ms = transport->now_ms;
        server_close(transport, server);
    }
    if (server->is_open || server->address[0] == '\0') {
        return;
    }
    if (transport->now_ms >= server->retry_at_ms) {
        char address[sizeof server->address];
        memcpy(address, server->address, sizeof address);
        // libzmq gives the address back a little later than it closes the socket.
        if (server_open(transport, server, server->role, address) != ERR_OK) {
            server->retry_at_ms = transport->now_ms + REBIND_MS;
        }
    }
    if (!server->is_open) {
        peers_call(transport, server->retry_at_ms);
    }
}

static void lose_connection(struct transport *transport, int fd)
{
    for (size_t i = 0; i < transport->peers_count; i++) {
        struct peer *peer = transport->peers[i];
        if (peer->route.is_alive && peer->route.meter.fd == fd) {
            peer_drop_route(transport, peer);
        }
    }
}

// Nobody here finds another way sooner: who opened the connection does, when it thinks so. libzmq
// sets what it knows of patience for each connection; this is for the rest.
static void serve_patiently(int listener)
{
    struct meter meter;
    meter_learn(&meter, listener);
    meter_make_patient(&meter);
}

static void take_event(struct transport *transport, const struct server *server,
                       const struct socket_event *event)
{
    switch (event->type) {
    case ZMQ_EVENT_LISTENING:
        serve_patiently(event->fd);
        break;
    case ZMQ_EVENT_ACCEPT_FAILED:
        transport->stats.accepts_failed++;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        transport->stats.handshakes_failed++;
        break;
    case ZMQ_EVENT_DISCONNECTED:
        if (server->role == SYNC_SERVER) {
            lose_connection(transport, event->fd);
        }
        break;
    default:
        break;
    }
}

void server_serve_monitor(struct transport *transport, struct server *server)
{
    struct socket_event event;
    for (int i = 0; i < EVENTS_PER_TURN && socket_next_event(&server->socket, &event); i++) {
        take_event(transport, server, &event);
    }
}

// The ids our ROUTER makes up are numbers, one more for each connection.
static uint32_t number_of(const uint8_t id[static ROUTE_ID_LEN])
{
    return (uint32_t)id[1] << 24 | (uint32_t)id[2] << 16 | (uint32_t)id[3] << 8 | id[4];
}

// Of an older connection there may still be frames behind the first ones of the newer.
static bool is_outdated(const struct route *route, const uint8_t id[static ROUTE_ID_LEN])
{
    return route->is_alive && number_of(id) - number_of(route->id) > INT32_MAX;
}

// Not for frames that are outdated.
static void follow_route(struct transport *transport, struct peer *peer, zmq_msg_t *id,
                         zmq_msg_t *payload)
{
    if (peer->route.is_alive && memcmp(peer->route.id, zmq_msg_data(id), ROUTE_ID_LEN) == 0) {
        peer->route.last_ms = transport->now_ms;
        return;
    }
    // The end of an older connection with the same descriptor is still to be told, if it is.
    struct socket *socket = &transport->sync.socket;
    do {
        server_serve_monitor(transport, &transport->sync);
    } while (socket->monitor.is_ready);
    struct route route = {.is_alive = true, .last_ms = transport->now_ms};
    meter_learn(&route.meter, zmq_msg_get(payload, ZMQ_SRCFD));
    memcpy(route.id, zmq_msg_data(id), ROUTE_ID_LEN);
    peer_set_route(transport, peer, &route);
}

// A routing id is the peer's choice unless our socket made it up, and then it begins with zero.
static bool is_own_id(zmq_msg_t *id)
{
    return zmq_msg_size(id) == ROUTE_ID_LEN && ((const uint8_t *)zmq_msg_data(id))[0] == 0;
}

bool server_take_frame(struct transport *transport)
{
    struct delivery *delivery = &transport->delivery;
    if (!socket_receive(&transport->sync.socket, delivery)) {
        return false;
    }
    if (delivery->count != 2 || !is_own_id(&delivery->frames[0])) {
        transport->stats.dropped_malformed++;
        return true;
    }
    // From the last frame: 4.3.4 loses the first one's properties once it was polled for.
    const struct member *member = members_find_sender(transport->members, &delivery->frames[1]);
    if (member == NULL || !member->may_sync) {
        transport->stats.dropped_unauthenticated += member == NULL || !member->is_cut;
        return true;
    }
    struct peer *peer = transport->peers[member->peer];
    if (is_outdated(&peer->route, zmq_msg_data(&delivery->frames[0]))) {
        return true;
    }
    follow_route(transport, peer, &delivery->frames[0], &delivery->frames[1]);
    transport_hold(transport, member->peer, PLANE_SYNC, 1);
    return true;
}

static bool is_known_group(const struct transport *transport, const uint8_t *group)
{
    for (size_t i = 0; i < transport->groups_count; i++) {
        if (memcmp(transport->groups[i], group, TAG_LEN) == 0) {
            return true;
        }
    }
    return false;
}

// Whether the peer may stay after asking for this. Only told of topics nobody has asked for yet:
// the others cost next to nothing.
static bool take_topic(struct transport *transport, struct peer *peer, const uint8_t *message,
                       size_t len)
{
    if (len == 0 || message[0] > 1 || !topic_is_valid(message + 1, len - 1)) {
        return false;
    }
    const uint8_t *topic = message + 1;
    if (peer->topics == NULL) {
        peer->topics = hub_alloc(1, sizeof *peer->topics);
    }
    if (message[0] == 0) {
        topic_set_remove(peer->topics, topic);
        return true;
    }
    // Harmless, as nothing is ever published there, and ours the day the group becomes known.
    transport->stats.subscriptions_refused += !is_known_group(transport, topic + 2);
    return topic_set_add(peer->topics, topic);
}

static void take_subscription(struct transport *transport)
{
    struct delivery *delivery = &transport->delivery;
    zmq_msg_t *frame = &delivery->frames[0];
    const uint8_t *message = zmq_msg_data(frame);
    size_t len = zmq_msg_size(frame);
    const struct member *member = members_find_sender(transport->members, frame);
    if (member == NULL) {
        // libzmq itself takes back what nobody asks for any more; nobody else is nameless.
        bool is_withdrawal = delivery->count == 1 && len > 0 && message[0] == 0;
        transport->stats.dropped_unauthenticated += !is_withdrawal;
        transport->live.must_reopen |= !is_withdrawal;
        return;
    }
    struct peer *peer = transport->peers[member->peer];
    if (!member->may_listen || peer->is_live_refused ||
        (delivery->count == 1 && take_topic(transport, peer, message, len))) {
        return;
    }
    transport->stats.subscriptions_refused++;
    peer->is_live_refused = true;
    peers_admit(transport);
}

void server_serve_subscriptions(struct transport *transport)
{
    for (int i = 0; i < SUBSCRIPTIONS_PER_TURN && !transport->live.must_reopen &&
                    socket_receive(&transport->live.socket, &transport->delivery);
         i++) {
        take_subscription(transport);
    }
    if (transport->live.must_reopen) {
        peers_call(transport, transport->now_ms);
    }
}
