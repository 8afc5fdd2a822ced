// SPDX-License-Identifier: EUPL-1.2
// Waiting, and handing out events one by one: changes first, then sync frames, then live ones, with
// a fair share for each socket. Sends nothing.
#include <assert.h>
#include <string.h>

#include "transport/state.h"

enum {
    DROPS_MAX = 256,   // messages dropped in a row before the caller gets to its other work
    SHARE = 32,        // frames one socket may deliver before the next one's turn
    SYNC_STREAK = 256, // sync frames after which the live plane gets a turn
};

void transport_hold(struct transport *transport, uint32_t peer, enum plane plane,
                    size_t payload_frame)
{
    zmq_msg_t *payload = &transport->delivery.frames[payload_frame];
    size_t len = zmq_msg_size(payload);
    if (len > MESSAGE_MAX) { // [8.1]
        transport->stats.dropped_malformed++;
        return;
    }
    transport->stats.frames_in++;
    transport->stats.bytes_in += len;
    transport->has_held = true;
    transport->held = (struct transport_event){
        .type = TRANSPORT_FRAME,
        .peer = peer,
        .plane = plane,
        .bytes = {.bytes = zmq_msg_data(payload), .len = len},
    };
}

static void serve_line(struct transport *transport, struct peer *peer, struct line *line)
{
    if (line->is_open && line->socket.monitor.is_ready &&
        line_serve(&transport->hub, line, transport->now_ms)) {
        peer_refresh(transport, peer);
    }
}

static void serve_control(struct transport *transport)
{
    if (transport->sync.is_open && transport->sync.socket.monitor.is_ready) {
        server_serve_monitor(transport, &transport->sync);
    }
    if (transport->live.is_open && transport->live.socket.monitor.is_ready) {
        server_serve_monitor(transport, &transport->live);
    }
    if (transport->live.is_open && transport->live.socket.data.is_ready) {
        server_serve_subscriptions(transport);
    }
    for (size_t i = 0; i < transport->linked_count; i++) {
        struct peer *peer = transport->linked[i];
        serve_line(transport, peer, &peer->sync);
        serve_line(transport, peer, &peer->live);
    }
}

static uint32_t index_of(const struct transport *transport, const struct peer *peer)
{
    const struct member *member = members_find(transport->members, peer->keys[0]);
    assert(member != NULL);
    return member->peer;
}

// Takes one message from a line. False when nothing is there.
static bool take_from_line(struct transport *transport, struct peer *peer, enum plane plane)
{
    struct line *line = plane == PLANE_SYNC ? &peer->sync : &peer->live;
    struct delivery *delivery = &transport->delivery;
    if (!line->is_open || !line->socket.data.is_ready || !socket_receive(&line->socket, delivery)) {
        return false;
    }
    // Its handshake was told before its first frame, but perhaps not yet heard.
    line->socket.monitor.is_ready |= !line->is_up;
    line->heard_ms = transport->now_ms;
    serve_line(transport, peer, line);
    size_t frames = plane == PLANE_SYNC ? 1 : 2;
    if (delivery->count != frames ||
        (plane == PLANE_LIVE &&
         !topic_is_valid(zmq_msg_data(&delivery->frames[0]), zmq_msg_size(&delivery->frames[0])))) {
        transport->stats.dropped_malformed++;
        return true;
    }
    // What a lost link left behind is asked for again.
    if (peer->is_up) {
        transport_hold(transport, index_of(transport, peer), plane, frames - 1);
    }
    return true;
}

// Takes one message of a plane: the ROUTER is the last in the circle of sync sockets.
static bool take_in_turn(struct transport *transport, enum plane plane)
{
    struct turn *turn = plane == PLANE_SYNC ? &transport->sync_turn : &transport->live_turn;
    size_t count = transport->linked_count + (plane == PLANE_SYNC);
    for (size_t i = 0; i <= count && count > 0; i++) {
        bool is_taken = false;
        if (turn->left > 0) {
            turn->left--;
            is_taken = turn->at < transport->linked_count
                           ? take_from_line(transport, transport->linked[turn->at], plane)
                           : transport->sync.is_open && transport->sync.socket.data.is_ready &&
                                 server_take_frame(transport);
        }
        if (is_taken) {
            return true;
        }
        turn->at = (turn->at + 1) % count;
        turn->left = SHARE;
    }
    return false;
}

static bool take_any(struct transport *transport)
{
    if (transport->sync_streak < SYNC_STREAK && take_in_turn(transport, PLANE_SYNC)) {
        transport->sync_streak++;
        return true;
    }
    transport->sync_streak = 0;
    return take_in_turn(transport, PLANE_LIVE) || take_in_turn(transport, PLANE_SYNC);
}

// The held frame, unless its link was cut since.
static bool take_held(struct transport *transport, struct transport_event *event)
{
    if (!transport->has_held) {
        return false;
    }
    transport->has_held = false;
    *event = transport->held;
    return transport->peers[event->peer]->is_announced;
}

enum err transport_next(struct transport *transport, struct transport_event *event)
{
    for (int i = 0; i < DROPS_MAX; i++) {
        if (peers_take_change(transport, event) || take_held(transport, event)) {
            return ERR_OK;
        }
        serve_control(transport);
        if (transport->changes_count == 0 && !take_any(transport)) {
            return ERR_NOT_FOUND;
        }
    }
    return ERR_NOT_FOUND;
}

static void touch_all(struct transport *transport, bool only_ready)
{
    struct socket *sockets[2 + 2 * LINKS_MAX];
    size_t count = 0;
    sockets[count++] = &transport->sync.socket;
    sockets[count++] = &transport->live.socket;
    for (size_t i = 0; i < transport->linked_count; i++) {
        sockets[count++] = &transport->linked[i]->sync.socket;
        sockets[count++] = &transport->linked[i]->live.socket;
    }
    transport->hub.has_ready = false;
    for (size_t i = 0; i < count; i++) {
        if (!only_ready || sockets[i]->data.is_ready || sockets[i]->monitor.is_ready) {
            socket_touch(&transport->hub, sockets[i]);
        }
    }
}

void transport_wait(struct transport *transport, const int *fds, bool *ready, size_t fds_count,
                    uint32_t timeout_ms)
{
    transport->now_ms = hub_now_ms();
    if (transport->now_ms >= transport->due_ms) {
        peers_maintain(transport);
        server_maintain(transport, &transport->sync);
        server_maintain(transport, &transport->live);
    }
    bool is_touch_due = transport->now_ms >= transport->touch_at_ms;
    if (is_touch_due || transport->hub.has_ready) {
        touch_all(transport, !is_touch_due);
    }
    if (is_touch_due) {
        transport->touch_at_ms = transport->now_ms + TOUCH_MS;
    }
    uint64_t until_ms =
        transport->due_ms < transport->touch_at_ms ? transport->due_ms : transport->touch_at_ms;
    uint64_t wait_ms = until_ms > transport->now_ms ? until_ms - transport->now_ms : 0;
    wait_ms = wait_ms < timeout_ms ? wait_ms : timeout_ms;
    bool is_busy = transport->hub.has_ready || transport->changes_count > 0 || transport->has_held;
    hub_wait(&transport->hub, fds, ready, fds_count, is_busy ? 0 : (int)wait_ms);
    transport->now_ms = hub_now_ms();
}
