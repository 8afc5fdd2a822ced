// SPDX-License-Identifier: EUPL-1.2
// The option profile of every socket, whole messages, monitor events. Knows no peers.
//
// Each option answers a measured failure of libzmq's defaults; none may be set after bind or
// connect.
#include "transport/socket.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "transport/socks.h"

// Behind the DRAFT macro in zmq.h, but honoured by the library. Without it a server whose handler
// does not answer lets everyone in.
enum { ZAP_ENFORCE_DOMAIN = 93 };

enum {
    // A frame of MESSAGE_MAX with room; also what an unauthenticated peer can make us keep.
    FRAME_MAX = 128 * 1024,
    // What reaches a publisher are topics of 10 bytes; the CURVE handshake needs 276.
    SUBSCRIPTION_MAX = 512,
    // Messages. The engine's credit of 1 MiB in messages of 64 KiB stays far below.
    QUEUE_MAX = 256,
    // Few, so that a flood of subscriptions waits in the peer, not here.
    SUBSCRIPTIONS_QUEUE_MAX = 16,
    RECONNECT_MIN_MS = 200,
    RECONNECT_MAX_MS = 5000,
    RECONNECT_PATIENT_MAX_MS = 2000, // less than TCP's own intervals, after CONNECT_TIMEOUT
    BACKLOG = 512,
    HEARTBEAT_MS = 30000,
    HEARTBEAT_TIMEOUT_MS = 90000,
    // Until a client that hears nothing gives the connection up. libzmq 4.3.4 reckons it in 16 bits
    // of milliseconds: 90 s became 24, less than from one heartbeat to the next.
    HEARTBEAT_TTL_MS = 60000,
    PATIENT_MS = 60000,
};

// A good line's client finds another way soon. A thin line's waits: at 2.4 kbit/s with round trips
// of 2 s and 10 % loss everything comes in the end. A server serves both.
static const struct patience brisk = {5000, 3000, 10000, 10, 5, 3};
static const struct patience patient = {PATIENT_MS, 8000, PATIENT_UNACKNOWLEDGED_MS, 90, 15, 4};
static const struct patience serving = {30000, 20000, PATIENT_UNACKNOWLEDGED_MS, 90, 15, 4};

static_assert(HEARTBEAT_TTL_MS > HEARTBEAT_MS && HEARTBEAT_TTL_MS <= UINT16_MAX, "see there");
static_assert(SOCKS_REACH_MS + SOCKS_ANSWER_MS < PATIENT_MS, "a proxy's answer comes before");
static_assert(MESSAGE_MAX + 64 <= FRAME_MAX, "CURVE adds 33 bytes to a message");

static const int socket_types[] = {
    [SYNC_SERVER] = ZMQ_ROUTER,
    [LIVE_SERVER] = ZMQ_XPUB,
    [SYNC_CLIENT] = ZMQ_DEALER,
    [LIVE_CLIENT] = ZMQ_SUB,
};

const struct patience *socket_patience(bool is_patient)
{
    return is_patient ? &patient : &brisk;
}

struct option {
    int name;
    int value;
};

static bool set_options(void *zmq, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(zmq, options[i].name, &options[i].value, sizeof options[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static bool set_common(void *zmq, enum socket_role role, const struct patience *patience)
{
    const bool is_client = role == SYNC_CLIENT || role == LIVE_CLIENT;
    const uint64_t io_thread = is_client ? 2 : 1; // a set of bits
    const int64_t frame_max = role == LIVE_SERVER ? SUBSCRIPTION_MAX : FRAME_MAX;
    const struct option options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_IPV6, 1},
        {ZMQ_HANDSHAKE_IVL, patience->handshake_ms},
        {ZMQ_SNDHWM, QUEUE_MAX},
        {ZMQ_RCVHWM, role == LIVE_SERVER ? SUBSCRIPTIONS_QUEUE_MAX : QUEUE_MAX},
        {ZMQ_CONNECT_TIMEOUT, patience->connect_ms},
        {ZMQ_TCP_MAXRT, patience->unacknowledged_ms},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, patience->idle_s},
        {ZMQ_TCP_KEEPALIVE_INTVL, patience->interval_s},
        {ZMQ_TCP_KEEPALIVE_CNT, patience->probes},
    };
    return zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
           zmq_setsockopt(zmq, ZMQ_AFFINITY, &io_thread, sizeof io_thread) == 0 &&
           set_options(zmq, options, sizeof options / sizeof *options);
}

static bool set_server(void *zmq, enum socket_role role)
{
    const struct option options[] = {
        {ZMQ_CURVE_SERVER, 1},
        {ZAP_ENFORCE_DOMAIN, 1},
        {ZMQ_BACKLOG, BACKLOG},
    };
    // None on the sync plane, where beacons tell that a peer lives: a heartbeat and its answer
    // every 30 s are as many bytes as a thin line's beacons. None on connecting sockets either:
    // where the reader stalls they abort the process (libzmq 4.3.4 and later).
    const struct option heartbeats[] = {
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS},
    };
    const struct option router[] = {{ZMQ_ROUTER_MANDATORY, 1}, {ZMQ_ROUTER_HANDOVER, 0}};
    const char *domain = role == SYNC_SERVER ? DOMAIN_SYNC : DOMAIN_LIVE;
    return zmq_setsockopt(zmq, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 &&
           set_options(zmq, options, sizeof options / sizeof *options) &&
           (role == SYNC_SERVER
                ? set_options(zmq, router, sizeof router / sizeof *router)
                : set_options(zmq, heartbeats, sizeof heartbeats / sizeof *heartbeats));
}

static bool set_client(void *zmq, const struct socket_end *end)
{
    const struct option options[] = {
        {ZMQ_IMMEDIATE, 1},
        {ZMQ_RECONNECT_IVL, (int)hub_jitter_ms(RECONNECT_MIN_MS)},
        {ZMQ_RECONNECT_IVL_MAX, end->is_patient ? RECONNECT_PATIENT_MAX_MS : RECONNECT_MAX_MS},
    };
    return zmq_setsockopt(zmq, ZMQ_CURVE_SERVERKEY, end->server_key, BOX_KEY_LEN) == 0 &&
           set_options(zmq, options, sizeof options / sizeof *options);
}

static bool set_profile(const struct hub *hub, void *zmq, const struct socket_end *end)
{
    const uint8_t *server_key = end->server_key;
    const enum socket_role role = end->role;
    const struct patience *patience =
        server_key != NULL ? socket_patience(end->is_patient) : &serving;
    return set_common(zmq, role, patience) &&
           zmq_setsockopt(zmq, ZMQ_CURVE_PUBLICKEY, hub->public_key, BOX_KEY_LEN) == 0 &&
           zmq_setsockopt(zmq, ZMQ_CURVE_SECRETKEY, hub->secret_key, BOX_KEY_LEN) == 0 &&
           (server_key != NULL ? set_client(zmq, end) : set_server(zmq, role));
}

// The monitor's queue must have no limit: libzmq's I/O thread blocks on a full one.
static void *open_monitor(struct hub *hub, void *zmq)
{
    const int events = ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_CONNECTED |
                       ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    const struct option options[] = {{ZMQ_LINGER, 0}, {ZMQ_RCVHWM, 0}};
    char name[40];
    (void)snprintf(name, sizeof name, "inproc://monitor-%u", hub->monitors_made++);
    if (zmq_socket_monitor(zmq, name, events) != 0) {
        return NULL;
    }
    void *monitor = zmq_socket(hub->context, ZMQ_PAIR);
    if (monitor != NULL && (!set_options(monitor, options, sizeof options / sizeof *options) ||
                            zmq_connect(monitor, name) != 0)) {
        (void)zmq_close(monitor);
        monitor = NULL;
    }
    if (monitor == NULL) {
        (void)zmq_socket_monitor(zmq, NULL, 0);
    }
    return monitor;
}

enum err socket_open(struct hub *hub, struct socket *socket, const struct socket_end *end)
{
    assert((end->server_key != NULL) == (end->role == SYNC_CLIENT || end->role == LIVE_CLIENT));
    *socket = (struct socket){.data = {.fd = -1}, .monitor = {.fd = -1}};
    void *zmq = zmq_socket(hub->context, socket_types[end->role]);
    if (zmq == NULL) {
        return ERR_IO;
    }
    void *monitor = set_profile(hub, zmq, end) ? open_monitor(hub, zmq) : NULL;
    if (monitor == NULL) {
        (void)zmq_close(zmq);
        return ERR_STATE;
    }
    socket->data.zmq = zmq;
    socket->monitor.zmq = monitor;
    hub_watch(hub, &socket->data);
    hub_watch(hub, &socket->monitor);
    return ERR_OK;
}

void socket_close(struct hub *hub, struct socket *socket)
{
    if (socket->data.zmq == NULL) {
        return;
    }
    void *zmq = socket->data.zmq;
    void *monitor = socket->monitor.zmq;
    hub_unwatch(hub, &socket->data);
    hub_unwatch(hub, &socket->monitor);
    (void)zmq_socket_monitor(zmq, NULL, 0);
    (void)zmq_close(monitor);
    (void)zmq_close(zmq);
}

static bool receive_frame(struct inlet *inlet, zmq_msg_t *frame)
{
    while (zmq_msg_recv(frame, inlet->zmq, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            assert(errno == EAGAIN);
            inlet->is_ready = false;
            return false;
        }
    }
    return true;
}

static void drop_rest(struct inlet *inlet)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (receive_frame(inlet, &frame) && zmq_msg_more(&frame)) {
    }
    (void)zmq_msg_close(&frame);
}

bool socket_receive(struct socket *socket, struct delivery *delivery)
{
    delivery->count = 0;
    if (!receive_frame(&socket->data, &delivery->frames[0])) {
        return false;
    }
    delivery->count = 1;
    // libzmq hands out whole messages only, so the other frames are there.
    if (zmq_msg_more(&delivery->frames[0]) && receive_frame(&socket->data, &delivery->frames[1])) {
        delivery->count = 2;
        if (zmq_msg_more(&delivery->frames[1])) {
            drop_rest(&socket->data);
            delivery->count = 3;
        }
    }
    return true;
}

bool socket_next_event(struct socket *socket, struct socket_event *event)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    bool has_event = receive_frame(&socket->monitor, &frame);
    if (has_event) {
        uint32_t value;
        assert(zmq_msg_size(&frame) == sizeof event->type + sizeof value);
        const uint8_t *bytes = zmq_msg_data(&frame);
        memcpy(&event->type, bytes, sizeof event->type);
        memcpy(&value, bytes + sizeof event->type, sizeof value);
        event->fd = (int)value;
        drop_rest(&socket->monitor);
    }
    (void)zmq_msg_close(&frame);
    return has_event;
}

static void touch(struct hub *hub, struct inlet *inlet)
{
    int events = 0;
    size_t len = sizeof events;
    inlet->is_ready =
        zmq_getsockopt(inlet->zmq, ZMQ_EVENTS, &events, &len) != 0 || (events & ZMQ_POLLIN) != 0;
    hub->has_ready |= inlet->is_ready;
}

void socket_touch(struct hub *hub, struct socket *socket)
{
    if (socket->data.zmq != NULL) {
        touch(hub, &socket->data);
        touch(hub, &socket->monitor);
    }
}

void delivery_init(struct delivery *delivery)
{
    zmq_msg_init(&delivery->frames[0]);
    zmq_msg_init(&delivery->frames[1]);
    delivery->count = 0;
}

void delivery_fini(struct delivery *delivery)
{
    (void)zmq_msg_close(&delivery->frames[0]);
    (void)zmq_msg_close(&delivery->frames[1]);
}
