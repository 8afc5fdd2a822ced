// SPDX-License-Identifier: EUPL-1.2
// A few transports on loopback in one process, driven in turn until something has happened. For
// tests of node/transport only; rosters are made by hand, as no signature matters here.
#ifndef TESTS_UNIT_FEDERATION_H
#define TESTS_UNIT_FEDERATION_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <zmq.h>

#include "transport/transport.h"

enum { MEMBERS = 3, DEADLINE_S = 20, KEPT = 128 };

static const uint8_t group_all[TAG_LEN] = "allmemb";
static const uint8_t group_other[TAG_LEN] = "another";

struct member_node {
    struct transport *transport; // NULL when it does not run
    uint8_t public_key[BOX_KEY_LEN];
    uint8_t secret_key[BOX_KEY_LEN];
    char sync[40], live[40];
    uint64_t ups[MEMBERS], downs[MEMBERS], troubles[MEMBERS];
    const char *proxy; // HOST:PORT; NULL: none
    uint64_t frames[MEMBERS][2];
    size_t last_len[MEMBERS][2];
    uint8_t last[MEMBERS][2][KEPT]; // how the last frame began
};

struct federation {
    struct member_node nodes[MEMBERS];
    struct roster_node roster_nodes[MEMBERS];
    struct roster_endpoint endpoints[MEMBERS];
    struct roster roster;
    char names[MEMBERS][8];
};

static inline uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// A port nobody listens on; the descriptor keeps it from being found twice.
static inline int find_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

static inline struct span text_span(const char *text)
{
    return (struct span){.bytes = (const uint8_t *)text, .len = strlen(text)};
}

static inline int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, BOX_KEY_LEN);
}

// Keys ascend, so who of two connects first is known.
static inline void make_keys(struct federation *federation)
{
    uint8_t pairs[MEMBERS][2][BOX_KEY_LEN];
    for (size_t i = 0; i < MEMBERS; i++) {
        crypto_box_keypair(pairs[i][0], pairs[i][1]);
    }
    qsort(pairs, MEMBERS, sizeof pairs[0], compare_keys);
    for (size_t i = 0; i < MEMBERS; i++) {
        memcpy(federation->nodes[i].public_key, pairs[i][0], BOX_KEY_LEN);
        memcpy(federation->nodes[i].secret_key, pairs[i][1], BOX_KEY_LEN);
    }
}

// The roster names `count` of the MEMBERS nodes.
static inline void found(struct federation *federation, size_t count)
{
    int fds[2 * MEMBERS];
    *federation = (struct federation){0};
    assert_true(sodium_init() >= 0);
    make_keys(federation);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct member_node *node = &federation->nodes[i];
        snprintf(federation->names[i], sizeof federation->names[i], "node-%zu", i);
        snprintf(node->sync, sizeof node->sync, "tcp://127.0.0.1:%d", find_port(&fds[2 * i]));
        snprintf(node->live, sizeof node->live, "tcp://127.0.0.1:%d", find_port(&fds[2 * i + 1]));
        federation->endpoints[i].sync = text_span(node->sync);
        federation->endpoints[i].live = text_span(node->live);
        federation->roster_nodes[i] = (struct roster_node){
            .name = text_span(federation->names[i]),
            .signing = node->public_key,
            .transport = node->public_key,
            .endpoints = &federation->endpoints[i],
            .endpoints_count = 1,
        };
    }
    for (size_t i = 0; i < 2 * MEMBERS; i++) {
        close(fds[i]);
    }
    federation->roster.version = 1;
    federation->roster.nodes = federation->roster_nodes;
    federation->roster.nodes_count = count;
}

static inline void start_with(struct federation *federation, size_t index,
                              const struct roster *roster)
{
    struct member_node *node = &federation->nodes[index];
    struct transport_options options = {
        .bind_sync = node->sync,
        .bind_live = node->live,
        .secret_key = node->secret_key,
        .roster = roster,
        .has_live_plane = true,
        .proxy = {.address = node->proxy},
    };
    memcpy(options.public_key, node->public_key, BOX_KEY_LEN);
    char why[256] = "";
    enum err err = transport_open(&node->transport, &options, why);
    if (err != ERR_OK) {
        fail_msg("%s", why);
    }
    transport_set_groups(node->transport, &group_all, 1);
}

static inline void start(struct federation *federation, size_t index)
{
    start_with(federation, index, &federation->roster);
}

static inline void end(struct federation *federation)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        transport_close(&federation->nodes[i].transport);
    }
}

static inline void take(struct member_node *node, const struct transport_event *event)
{
    uint32_t peer = event->peer;
    assert_true(peer < MEMBERS);
    switch (event->type) {
    case TRANSPORT_UP:
        assert_int_equal(node->ups[peer], node->downs[peer]);
        node->ups[peer]++;
        break;
    case TRANSPORT_DOWN:
        node->downs[peer]++;
        assert_int_equal(node->ups[peer], node->downs[peer]);
        break;
    case TRANSPORT_TROUBLE:
        assert_int_equal(node->ups[peer], node->downs[peer]);
        node->troubles[peer]++;
        break;
    case TRANSPORT_FRAME:
        // Frames come between up and down only.
        assert_int_equal(node->ups[peer], node->downs[peer] + 1);
        node->frames[peer][event->plane]++;
        node->last_len[peer][event->plane] = event->bytes.len;
        memcpy(node->last[peer][event->plane], event->bytes.bytes,
               event->bytes.len < KEPT ? event->bytes.len : KEPT);
        break;
    }
    if (event->type == TRANSPORT_UP) {
        // Like the engine's first beacon: what makes us known to a peer that waits for us.
        enum err err = transport_send(node->transport, peer, text_span("hello"));
        assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
    }
}

static inline void pump(struct federation *federation)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        struct member_node *node = &federation->nodes[i];
        struct transport_event event;
        if (node->transport == NULL) {
            continue;
        }
        transport_wait(node->transport, NULL, NULL, 0, 2);
        while (node->transport != NULL && transport_next(node->transport, &event) == ERR_OK) {
            take(node, &event);
        }
    }
}

static inline struct transport_stats stats_of(struct federation *federation, size_t index)
{
    struct transport_stats stats;
    transport_get_stats(federation->nodes[index].transport, &stats);
    return stats;
}

static inline bool is_up(struct federation *federation, size_t index, uint32_t peer)
{
    return federation->nodes[index].ups[peer] > federation->nodes[index].downs[peer];
}

// Drives everything until the condition holds; fails after DEADLINE_S.
#define AWAIT(federation, condition)                                                               \
    do {                                                                                           \
        const uint64_t until_ms = now_ms() + DEADLINE_S * 1000;                                    \
        while (!(condition)) {                                                                     \
            if (now_ms() > until_ms) {                                                             \
                fail_msg("never came true: %s", #condition);                                       \
            }                                                                                      \
            pump(federation);                                                                      \
        }                                                                                          \
    } while (0)

static inline void send_text(struct federation *federation, size_t from, uint32_t to,
                             const char *text)
{
    assert_int_equal(transport_send(federation->nodes[from].transport, to, text_span(text)),
                     ERR_OK);
}

static inline bool has_last(struct federation *federation, size_t index, uint32_t peer,
                            enum plane plane, const char *text)
{
    const struct member_node *node = &federation->nodes[index];
    size_t len = strlen(text);
    return node->last_len[peer][plane] == len && memcmp(node->last[peer][plane], text, len) == 0;
}

// Publishes and drives once; subscriptions travel, so the first ones may be lost.
static inline void publish(struct federation *federation, size_t from, const char *text)
{
    transport_publish(federation->nodes[from].transport, 1, group_all, text_span(text));
    pump(federation);
}

// A socket of somebody else, with libzmq's defaults.
struct client {
    void *context;
    void *socket;
};

static inline void set_int(void *socket, int option, int value)
{
    assert_int_equal(zmq_setsockopt(socket, option, &value, sizeof value), 0);
}

// Speaks CURVE with a pair of keys when there is one.
static inline struct client client_open(int type, const uint8_t *public_key,
                                        const uint8_t *secret_key, const uint8_t *server_key)
{
    struct client client = {.context = zmq_ctx_new()};
    client.socket = zmq_socket(client.context, type);
    assert_non_null(client.socket);
    set_int(client.socket, ZMQ_LINGER, 0);
    if (public_key != NULL) {
        zmq_setsockopt(client.socket, ZMQ_CURVE_PUBLICKEY, public_key, BOX_KEY_LEN);
        zmq_setsockopt(client.socket, ZMQ_CURVE_SECRETKEY, secret_key, BOX_KEY_LEN);
        zmq_setsockopt(client.socket, ZMQ_CURVE_SERVERKEY, server_key, BOX_KEY_LEN);
    }
    return client;
}

// A client with the keys of `as`, who does not run, for the socket of `at`.
static inline struct client client_of(struct federation *federation, int type, size_t as, size_t at)
{
    const struct member_node *node = &federation->nodes[as];
    return client_open(type, node->public_key, node->secret_key, federation->nodes[at].public_key);
}

static inline void client_connect(struct client *client, const char *address)
{
    assert_int_equal(zmq_connect(client->socket, address), 0);
}

static inline bool client_has(struct client *client)
{
    zmq_pollitem_t item = {.socket = client->socket, .events = ZMQ_POLLIN};
    return zmq_poll(&item, 1, 0) == 1;
}

static inline void client_close(struct client *client)
{
    zmq_close(client->socket);
    zmq_ctx_term(client->context);
}

#endif
