// SPDX-License-Identifier: EUPL-1.2
// Opening, closing, sending and asking: what the daemon calls, put together from this folder's
// parts.
#include "transport/transport.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "transport/state.h"

static enum err open_server(struct transport *transport, struct server *server,
                            enum socket_role role, const char *address, char why[static 256])
{
    enum err err = server_open(transport, server, role, address);
    if (err == ERR_IO) {
        (void)snprintf(why, 256, "cannot listen on %.180s: %s", address, zmq_strerror(errno));
    } else if (err != ERR_OK) {
        (void)snprintf(why, 256, "this libzmq lacks CURVE or the enforcement of ZAP");
    }
    return err;
}

// Errors: ERR_STATE (no address of a proxy, or a login longer than SOCKS has room for).
static enum err set_proxy(struct hub *hub, const struct transport_proxy *proxy)
{
    const char *user = proxy->user != NULL ? proxy->user : "";
    const char *password = proxy->password != NULL ? proxy->password : "";
    if (proxy->address == NULL) {
        return ERR_OK;
    }
    hub->proxy = sodium_malloc(sizeof *hub->proxy);
    if (hub->proxy == NULL) {
        abort();
    }
    *hub->proxy = (struct socks_proxy){.reach_ms = SOCKS_REACH_MS, .answer_ms = SOCKS_ANSWER_MS};
    if (strlen(user) > SOCKS_TEXT_MAX || strlen(password) > SOCKS_TEXT_MAX ||
        !socks_read_address(hub->proxy, proxy->address)) {
        return ERR_STATE;
    }
    memcpy(hub->proxy->user, user, strlen(user) + 1);
    memcpy(hub->proxy->password, password, strlen(password) + 1);
    return ERR_OK;
}

static enum err open_all(struct transport *transport, const struct transport_options *options,
                         char why[static 256])
{
    (void)snprintf(why, 256, "no address of a SOCKS proxy: %.180s",
                   options->proxy.address != NULL ? options->proxy.address : "");
    enum err err = set_proxy(&transport->hub, &options->proxy);
    if (err != ERR_OK) {
        return err;
    }
    (void)snprintf(why, 256, "no context, or no answer to handshakes");
    err = zap_open(&transport->zap, transport->hub.context);
    if (err != ERR_OK) {
        return err;
    }
    peers_set_roster(transport, options->roster);
    err = open_server(transport, &transport->sync, SYNC_SERVER, options->bind_sync, why);
    if (err != ERR_OK || !options->has_live_plane) {
        return err;
    }
    return open_server(transport, &transport->live, LIVE_SERVER, options->bind_live, why);
}

enum err transport_open(struct transport **out, const struct transport_options *options,
                        char why[static 256])
{
    struct transport *transport = hub_alloc(1, sizeof *transport);
    delivery_init(&transport->delivery);
    transport->has_live_plane = options->has_live_plane;
    transport->now_ms = hub_now_ms();
    enum err err = hub_open(&transport->hub, options->public_key, options->secret_key);
    if (err != ERR_OK) {
        (void)snprintf(why, 256, "no ZeroMQ context");
        free(transport);
        return err;
    }
    err = open_all(transport, options, why);
    if (err != ERR_OK) {
        transport_close(&transport);
        return err;
    }
    peers_maintain(transport);
    why[0] = '\0';
    *out = transport;
    return ERR_OK;
}

void transport_close(struct transport **handle)
{
    struct transport *transport = *handle;
    if (transport == NULL) {
        return;
    }
    *handle = NULL;
    server_close(transport, &transport->sync);
    server_close(transport, &transport->live);
    peers_destroy(transport);
    delivery_fini(&transport->delivery);
    zap_close(&transport->zap);
    hub_close(&transport->hub);
    free(transport);
}

// At once, so that not even the next frame goes to those who were put out.
static void reopen_servers(struct transport *transport)
{
    server_maintain(transport, &transport->sync);
    server_maintain(transport, &transport->live);
}

void transport_set_roster(struct transport *transport, const struct roster *roster)
{
    transport->now_ms = hub_now_ms();
    peers_set_roster(transport, roster);
    reopen_servers(transport);
}

void transport_set_keys(struct transport *transport, const uint8_t public_key[static BOX_KEY_LEN],
                        const uint8_t *secret_key)
{
    transport->now_ms = hub_now_ms();
    hub_set_keys(&transport->hub, public_key, secret_key);
    peers_close_links(transport);
    transport->sync.must_reopen = true;
    transport->live.must_reopen = transport->has_live_plane;
    reopen_servers(transport);
}

void transport_cut(struct transport *transport, uint32_t peer, bool is_cut)
{
    assert(peer < transport->peers_count);
    transport->now_ms = hub_now_ms();
    transport->peers[peer]->is_cut = is_cut;
    peers_admit(transport);
    reopen_servers(transport);
}

void transport_set_line(struct transport *transport, uint32_t peer,
                        const struct link_settings *settings)
{
    assert(peer < transport->peers_count);
    struct peer *at = transport->peers[peer];
    const bool is_thin = settings->rate != 0;
    transport->now_ms = hub_now_ms();
    at->is_live_off = is_thin || settings->is_live_off;
    if (at->is_live_off) {
        line_close(&transport->hub, &at->live);
    }
    if (is_thin) {
        meter_make_patient(&at->sync.meter);
    }
    const bool is_other = at->sync.is_thin != is_thin;
    at->sync.is_thin = is_thin;
    // What is being opened may be too impatient to come up at all.
    if (is_other && !at->sync.is_up) {
        line_close(&transport->hub, &at->sync);
        peer_grant_grace(transport, at);
    }
    peers_call(transport, transport->now_ms);
}

void transport_set_groups(struct transport *transport, const uint8_t (*groups)[TAG_LEN],
                          size_t count)
{
    assert(count <= TRANSPORT_GROUPS_MAX);
    memcpy(transport->groups, groups, count * TAG_LEN);
    transport->groups_count = count;
    // Opened again with the new topics.
    for (size_t i = 0; i < transport->linked_count; i++) {
        line_close(&transport->hub, &transport->linked[i]->live);
    }
    peers_call(transport, transport->now_ms);
}

static enum err send_frame(void *zmq, struct span bytes, int flags)
{
    zmq_msg_t frame;
    if (zmq_msg_init_size(&frame, bytes.len) != 0) {
        abort();
    }
    if (bytes.len > 0) {
        memcpy(zmq_msg_data(&frame), bytes.bytes, bytes.len);
    }
    int rc;
    do {
        rc = zmq_msg_send(&frame, zmq, flags | ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc >= 0) {
        return ERR_OK;
    }
    int reason = errno;
    (void)zmq_msg_close(&frame);
    return reason == EHOSTUNREACH ? ERR_NOT_FOUND : ERR_AGAIN;
}

static enum err send_by_route(struct transport *transport, struct peer *peer, struct span bytes)
{
    if (!transport->sync.is_open) {
        return ERR_NOT_FOUND;
    }
    struct inlet *inlet = &transport->sync.socket.data;
    hub_set_ready(&transport->hub, inlet);
    struct span id = {.bytes = peer->route.id, .len = ROUTE_ID_LEN};
    enum err err = send_frame(inlet->zmq, id, ZMQ_SNDMORE);
    if (err == ERR_NOT_FOUND) {
        peer_drop_route(transport, peer);
    }
    return err == ERR_OK ? send_frame(inlet->zmq, bytes, 0) : err;
}

enum err transport_send(struct transport *transport, uint32_t index, struct span bytes)
{
    assert(bytes.len <= MESSAGE_MAX);
    enum err err = ERR_NOT_FOUND;
    if (index >= transport->peers_count) {
        return err;
    }
    struct peer *peer = transport->peers[index];
    if (peer->outlet == BY_LINE) {
        // Sending makes libzmq take in what its descriptor told.
        hub_set_ready(&transport->hub, &peer->sync.socket.data);
        err = send_frame(peer->sync.socket.data.zmq, bytes, 0);
    } else if (peer->outlet == BY_ROUTE) {
        err = send_by_route(transport, peer, bytes);
    }
    if (err == ERR_OK) {
        transport->stats.frames_out++;
        transport->stats.bytes_out += bytes.len;
    }
    transport->stats.sends_refused += err == ERR_AGAIN;
    return err;
}

void transport_publish(struct transport *transport, uint8_t precedence,
                       const uint8_t group[static TAG_LEN], struct span bytes)
{
    assert(bytes.len <= MESSAGE_MAX);
    if (!transport->live.is_open) {
        return;
    }
    struct inlet *inlet = &transport->live.socket.data;
    uint8_t topic[TOPIC_LEN];
    topic_write(topic, 'o', precedence, group);
    hub_set_ready(&transport->hub, inlet);
    // A slow subscriber's copy is dropped by libzmq, the others' are not.
    if (send_frame(inlet->zmq, (struct span){topic, sizeof topic}, ZMQ_SNDMORE) == ERR_OK &&
        send_frame(inlet->zmq, bytes, 0) == ERR_OK) {
        transport->stats.frames_out++;
        transport->stats.bytes_out += bytes.len;
    }
}

enum err transport_get_link(struct transport *transport, uint32_t index,
                            struct transport_link *link)
{
    if (index >= transport->peers_count || index == transport->self) {
        return ERR_NOT_FOUND;
    }
    const struct peer *peer = transport->peers[index];
    *link = (struct transport_link){
        .peer = index,
        .is_connected = peer->is_up,
        .is_incoming = peer->outlet == BY_ROUTE,
        .is_cut = peer->is_cut,
        .trouble = peer->is_up ? LINK_NO_TROUBLE : peer->sync.trouble,
        .reconnects = peer->sync.handshakes > 0 ? peer->sync.handshakes - 1 : 0,
    };
    static_assert(sizeof link->endpoint == sizeof peer->sync.address, "one kind of address");
    memcpy(link->endpoint, peer->sync.address, sizeof link->endpoint);
    return ERR_OK;
}

// Of the connection over which the peer is sent to; NULL when there is none.
static const struct meter *meter_of(const struct transport *transport, uint32_t index)
{
    if (index >= transport->peers_count || !transport->peers[index]->is_up) {
        return NULL;
    }
    const struct peer *peer = transport->peers[index];
    return peer->outlet == BY_LINE ? &peer->sync.meter : &peer->route.meter;
}

enum err transport_measure(const struct transport *transport, uint32_t index,
                           struct transport_measured *measured)
{
    const struct meter *meter = meter_of(transport, index);
    return meter == NULL ? ERR_NOT_FOUND : meter_read(meter, measured);
}

uint64_t transport_unsent(const struct transport *transport, uint32_t peer)
{
    const struct meter *meter = meter_of(transport, peer);
    return meter == NULL ? 0 : meter_unsent(meter);
}

void transport_get_stats(const struct transport *transport, struct transport_stats *stats)
{
    *stats = transport->stats;
    zap_get_counts(transport->zap, &stats->admitted, &stats->denied);
    for (size_t i = 0; i < transport->peers_count; i++) {
        stats->handshakes_failed += transport->peers[i]->sync.handshakes_failed;
        stats->handshakes_failed += transport->peers[i]->live.handshakes_failed;
    }
}
