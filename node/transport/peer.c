// SPDX-License-Identifier: EUPL-1.2
// The peers: which ones we connect to and when, by what way they are up, and what became of them.
// Moves no frames.
//
// One connection between two nodes is enough, whoever opened it. So none is opened while the peer's
// own is alive, and the node with the larger key leaves the other a moment to be first.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "transport/state.h"

enum {
    GRACE_MS = 1500,
    GRACE_THIN_MS = 20000, // a handshake of 1,800 bytes takes some seconds there
};

static bool has_endpoint(const struct roster_node *node)
{
    for (size_t i = 0; i < node->endpoints_count; i++) {
        const struct roster_endpoint *endpoint = &node->endpoints[i];
        if (roster_endpoint_is_valid((const char *)endpoint->sync.bytes, endpoint->sync.len) &&
            roster_endpoint_is_valid((const char *)endpoint->live.bytes, endpoint->live.len)) {
            return true;
        }
    }
    return false;
}

static void copy_address(struct span from, char to[static ENDPOINT_MAX_LEN + 1])
{
    assert(from.len <= ENDPOINT_MAX_LEN);
    memcpy(to, from.bytes, from.len);
    to[from.len] = '\0';
}

// Only what the roster's own rules accept is ever handed to libzmq, which knows other transports.
// False when there is no such endpoint.
static bool choose_address(const struct transport *transport, struct peer *peer, uint32_t index,
                           enum socket_role role, char address[static ENDPOINT_MAX_LEN + 1])
{
    const struct roster_node *node = &transport->roster->nodes[index];
    for (size_t i = 0; i < node->endpoints_count; i++) {
        size_t at = (peer->endpoint + i) % node->endpoints_count;
        struct span sync = node->endpoints[at].sync;
        struct span live = node->endpoints[at].live;
        if (roster_endpoint_is_valid((const char *)sync.bytes, sync.len) &&
            roster_endpoint_is_valid((const char *)live.bytes, live.len)) {
            peer->endpoint = at;
            copy_address(role == SYNC_CLIENT ? sync : live, address);
            return true;
        }
    }
    return false;
}

void peers_call(struct transport *transport, uint64_t at_ms)
{
    if (at_ms < transport->due_ms) {
        transport->due_ms = at_ms;
    }
}

static bool has_new_trouble(const struct peer *peer)
{
    return !peer->is_up && peer->sync.trouble != LINK_NO_TROUBLE &&
           peer->sync.trouble != peer->told_trouble;
}

static void note_change(struct transport *transport, struct peer *peer)
{
    if (!peer->has_change) {
        peer->has_change = true;
        transport->changes_count++;
    }
}

static enum outlet choose_outlet(const struct peer *peer)
{
    const bool has_line = peer->is_member && peer->sync.is_up;
    const bool has_route = peer->is_member && peer->route.is_alive;
    if (peer->outlet == BY_ROUTE && has_route) {
        return BY_ROUTE;
    }
    return has_line ? BY_LINE : has_route ? BY_ROUTE : BY_NOTHING;
}

// The link is another one, and what was on its way is lost.
static void bounce(struct transport *transport, struct peer *peer)
{
    if (peer->is_announced) {
        peer->has_bounced = true;
        note_change(transport, peer);
    }
}

void peer_refresh(struct transport *transport, struct peer *peer)
{
    const enum outlet before = peer->outlet;
    peer->outlet = choose_outlet(peer);
    const bool is_up = peer->outlet != BY_NOTHING;
    peers_call(transport, transport->now_ms);
    if (is_up == peer->is_up) {
        if (peer->outlet != before) {
            bounce(transport, peer);
        }
        if (has_new_trouble(peer)) {
            note_change(transport, peer);
        }
        return;
    }
    peer->is_up = is_up;
    peer->told_trouble = LINK_NO_TROUBLE;
    // What its live plane refused before says nothing now.
    peer->live.failures = 0;
    peer->live.retry_at_ms = 0;
    peer->has_bounced |= !is_up && peer->is_announced;
    note_change(transport, peer);
}

void peer_set_route(struct transport *transport, struct peer *peer, const struct route *route)
{
    // The peer opens another connection when it has lost the one before; that we did not notice
    // that end, yet, must not keep it from the engines.
    if (peer->outlet == BY_ROUTE) {
        bounce(transport, peer);
    }
    peer->route = *route;
    peer_refresh(transport, peer);
}

static bool leaves_first_to(const struct transport *transport, const struct peer *peer)
{
    return memcmp(transport->hub.public_key, peer->keys[0], BOX_KEY_LEN) > 0 &&
           transport->self != UINT32_MAX &&
           has_endpoint(&transport->roster->nodes[transport->self]);
}

void peer_grant_grace(struct transport *transport, struct peer *peer)
{
    if (leaves_first_to(transport, peer)) {
        peer->sync.retry_at_ms =
            transport->now_ms + hub_jitter_ms(peer->sync.is_thin ? GRACE_THIN_MS : GRACE_MS);
    }
}

void peer_drop_route(struct transport *transport, struct peer *peer)
{
    if (peer->route.is_alive) {
        peer->route.is_alive = false;
        peer_grant_grace(transport, peer);
        peer_refresh(transport, peer);
    }
}

static void close_links(struct transport *transport, struct peer *peer)
{
    line_close(&transport->hub, &peer->sync);
    line_close(&transport->hub, &peer->live);
    peer->route.is_alive = false;
    peer_refresh(transport, peer);
}

void peers_close_links(struct transport *transport)
{
    for (size_t i = 0; i < transport->peers_count; i++) {
        close_links(transport, transport->peers[i]);
    }
}

static void destroy_peer(struct transport *transport, struct peer *peer)
{
    line_close(&transport->hub, &peer->sync);
    line_close(&transport->hub, &peer->live);
    transport->changes_count -= peer->has_change;
    free(peer->topics);
    free(peer);
}

void peers_destroy(struct transport *transport)
{
    for (size_t i = 0; i < transport->peers_count; i++) {
        destroy_peer(transport, transport->peers[i]);
    }
    free(transport->peers);
    transport->peers = NULL;
    transport->peers_count = 0;
}

static void resize(struct transport *transport, size_t count)
{
    // Rosters only grow [5.7]; the engine's indices stay good.
    assert(count >= transport->peers_count);
    struct peer **peers = hub_alloc(count, sizeof(struct peer *));
    for (size_t i = 0; i < count; i++) {
        peers[i] =
            i < transport->peers_count ? transport->peers[i] : hub_alloc(1, sizeof(struct peer));
    }
    free(transport->peers);
    transport->peers = peers;
    transport->peers_count = count;
}

// Whether an open line still leads to an endpoint the roster names.
static bool is_current(const struct roster_node *node, const struct line *line)
{
    for (size_t i = 0; i < node->endpoints_count; i++) {
        if (span_is(node->endpoints[i].sync, line->address) ||
            span_is(node->endpoints[i].live, line->address)) {
            return true;
        }
    }
    return false;
}

static void take_keys(struct peer *peer, const struct roster_node *node)
{
    peer->keys_count = 0;
    memcpy(peer->keys[peer->keys_count++], node->transport, BOX_KEY_LEN);
    if (node->transport_also != NULL) {
        memcpy(peer->keys[peer->keys_count++], node->transport_also, BOX_KEY_LEN);
    }
}

static bool has_key(const struct peer *peer, const uint8_t key[static BOX_KEY_LEN])
{
    for (size_t i = 0; i < peer->keys_count; i++) {
        if (memcmp(peer->keys[i], key, BOX_KEY_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void update_peer(struct transport *transport, uint32_t index)
{
    const struct roster_node *node = &transport->roster->nodes[index];
    struct peer *peer = transport->peers[index];
    take_keys(peer, node);
    if (!is_current(node, &peer->sync) || !has_key(peer, peer->sync.server_key)) {
        line_close(&transport->hub, &peer->sync);
    }
    if (!is_current(node, &peer->live) || !has_key(peer, peer->live.server_key)) {
        line_close(&transport->hub, &peer->live);
    }
    peer->is_live_refused = false;
    peer_refresh(transport, peer);
}

// The nodes after our own in the roster, in a circle, so that however many there are the links make
// one connected whole.
static void choose_linked(struct transport *transport)
{
    size_t first = transport->self == UINT32_MAX ? 0 : transport->self + 1;
    transport->linked_count = 0;
    for (size_t i = 0; i < transport->peers_count; i++) {
        size_t at = (first + i) % transport->peers_count;
        struct peer *peer = transport->peers[at];
        peer->is_linked = transport->linked_count < LINKS_MAX && peer->is_member &&
                          has_endpoint(&transport->roster->nodes[at]);
        if (peer->is_linked) {
            transport->linked[transport->linked_count++] = peer;
        }
    }
    transport->sync_turn = (struct turn){0};
    transport->live_turn = (struct turn){0};
}

static uint32_t find_self(const struct transport *transport, const struct roster *roster)
{
    for (size_t i = 0; i < roster->nodes_count; i++) {
        const struct roster_node *node = &roster->nodes[i];
        const uint8_t *own = transport->hub.public_key;
        if (memcmp(node->transport, own, BOX_KEY_LEN) == 0 ||
            (node->transport_also != NULL && memcmp(node->transport_also, own, BOX_KEY_LEN) == 0)) {
            return (uint32_t)i;
        }
    }
    return UINT32_MAX;
}

void peers_set_roster(struct transport *transport, const struct roster *roster)
{
    transport->roster = roster;
    transport->self = find_self(transport, roster);
    resize(transport, roster->nodes_count);
    for (size_t i = 0; i < transport->peers_count; i++) {
        update_peer(transport, (uint32_t)i);
    }
    peers_admit(transport);
}

// Keys that are no longer admitted somewhere have to be put out by reopening what they came in by.
static void reopen_if_lost(struct transport *transport, const struct members *members)
{
    for (size_t i = 0; i < transport->members->count; i++) {
        const struct member *before = &transport->members->list[i];
        const struct member *now = members_find(members, before->key);
        transport->sync.must_reopen |= before->may_sync && (now == NULL || !now->may_sync);
        transport->live.must_reopen |= before->may_listen && (now == NULL || !now->may_listen);
    }
}

// Under each of its keys.
static void add_member(struct members *members, const struct peer *peer, struct member member)
{
    for (size_t i = 0; i < peer->keys_count; i++) {
        memcpy(member.key, peer->keys[i], BOX_KEY_LEN);
        members->list[members->count++] = member;
    }
}

void peers_admit(struct transport *transport)
{
    struct members *members = members_create(2 * transport->peers_count);
    for (size_t i = 0; i < transport->peers_count; i++) {
        struct peer *peer = transport->peers[i];
        bool is_admissible = i != transport->self && !transport->roster->nodes[i].is_revoked;
        if (is_admissible && !peer->is_cut && !peer->is_member) {
            peer_grant_grace(transport, peer);
        }
        peer->is_member = is_admissible && !peer->is_cut;
        add_member(members, peer,
                   (struct member){.peer = (uint32_t)i,
                                   .is_cut = is_admissible && peer->is_cut,
                                   .may_sync = peer->is_member,
                                   .may_listen = peer->is_member && !peer->is_live_refused});
        if (!peer->is_member) {
            close_links(transport, peer);
        }
    }
    members_sort(members);
    if (transport->members != NULL) {
        reopen_if_lost(transport, members);
    }
    zap_admit(transport->zap, members);
    transport->members = members;
    peers_call(transport, transport->now_ms);
    choose_linked(transport);
    for (size_t i = 0; i < transport->peers_count; i++) {
        if (!transport->peers[i]->is_linked) {
            line_close(&transport->hub, &transport->peers[i]->sync);
            line_close(&transport->hub, &transport->peers[i]->live);
            peer_refresh(transport, transport->peers[i]);
        }
    }
}

static void subscribe(struct transport *transport, struct line *line)
{
    for (size_t i = 0; line->is_open && i < transport->groups_count; i++) {
        for (unsigned precedence = 0; precedence < PRECEDENCES; precedence++) {
            uint8_t topic[TOPIC_LEN];
            topic_write(topic, 'o', (uint8_t)precedence, transport->groups[i]);
            (void)zmq_setsockopt(line->socket.data.zmq, ZMQ_SUBSCRIBE, topic, sizeof topic);
        }
    }
}

static void tend_line(struct transport *transport, struct peer *peer, uint32_t index,
                      enum socket_role role)
{
    struct line *line = role == SYNC_CLIENT ? &peer->sync : &peer->live;
    char address[ENDPOINT_MAX_LEN + 1];
    if (line->is_open || !choose_address(transport, peer, index, role, address)) {
        return;
    }
    if (transport->now_ms >= line->retry_at_ms) {
        // Who turned us away may know the node by its other key only.
        const uint8_t *key = peer->keys[line->turned_away % peer->keys_count];
        line_open(&transport->hub, line, role, address, key);
        if (role == LIVE_CLIENT) {
            subscribe(transport, line);
        }
    }
    if (!line->is_open) {
        peers_call(transport, line->retry_at_ms);
    }
}

// What lies beyond a proxy TCP cannot tell.
static void drop_silent(struct transport *transport, struct peer *peer)
{
    if (peer->route.is_alive && transport->now_ms - peer->route.last_ms >= SILENCE_MAX_MS) {
        peer_drop_route(transport, peer);
    }
    if (peer->sync.is_up && transport->now_ms - peer->sync.heard_ms >= SILENCE_MAX_MS) {
        line_drop(&transport->hub, &peer->sync, transport->now_ms);
        peer_refresh(transport, peer);
    }
}

static void tend_peer(struct transport *transport, uint32_t index)
{
    struct peer *peer = transport->peers[index];
    drop_silent(transport, peer);
    if (!peer->is_linked) {
        return;
    }
    if (line_is_refused(&peer->sync) &&
        (peer->sync.is_late || transport->roster->nodes[index].endpoints_count > 1)) {
        line_close(&transport->hub, &peer->sync);
        line_close(&transport->hub, &peer->live);
        peer->sync.refusals = 0;
        peer->endpoint++;
    }
    if (!peer->route.is_alive) {
        tend_line(transport, peer, index, SYNC_CLIENT);
    } else if (!peer->sync.is_up) {
        line_close(&transport->hub, &peer->sync);
    }
    if (peer->is_up && transport->has_live_plane && !peer->is_live_off) {
        tend_line(transport, peer, index, LIVE_CLIENT);
    }
}

void peers_maintain(struct transport *transport)
{
    transport->due_ms = transport->now_ms + TOUCH_MS;
    for (size_t i = 0; i < transport->peers_count; i++) {
        tend_peer(transport, (uint32_t)i);
    }
}

// Down or up first, then why it does not get up. False when there is nothing to tell.
static bool take_change(struct transport *transport, struct peer *peer,
                        struct transport_event *event)
{
    bool tells_down = peer->is_announced && (!peer->is_up || peer->has_bounced);
    bool tells_up = !tells_down && peer->is_up && !peer->is_announced;
    bool tells_trouble = !tells_down && has_new_trouble(peer);
    peer->has_bounced = false;
    peer->is_announced = tells_down ? false : peer->is_announced || tells_up;
    if (tells_trouble) {
        peer->told_trouble = peer->sync.trouble;
    }
    if (peer->is_announced == peer->is_up && !has_new_trouble(peer)) {
        peer->has_change = false;
        transport->changes_count--;
    }
    event->trouble = peer->told_trouble;
    event->type = tells_up ? TRANSPORT_UP : tells_down ? TRANSPORT_DOWN : TRANSPORT_TROUBLE;
    return tells_down || tells_up || tells_trouble;
}

bool peers_take_change(struct transport *transport, struct transport_event *event)
{
    for (size_t i = 0; transport->changes_count > 0 && i < transport->peers_count; i++) {
        *event = (struct transport_event){.peer = (uint32_t)i};
        if (transport->peers[i]->has_change && take_change(transport, transport->peers[i], event)) {
            return true;
        }
    }
    return false;
}
