// SPDX-License-Identifier: EUPL-1.2
// One ZeroMQ socket with its monitor, set up the only way this program sets up sockets. Private to
// this folder.
#ifndef NODE_TRANSPORT_SOCKET_H
#define NODE_TRANSPORT_SOCKET_H

#include <zmq.h>

#include "transport/hub.h"

enum socket_role { SYNC_SERVER, LIVE_SERVER, SYNC_CLIENT, LIVE_CLIENT };

// ZAP domains; the handler may refuse a key on the live plane alone.
#define DOMAIN_SYNC "sitrep"
#define DOMAIN_LIVE "sitrep.live"

enum { PATIENT_UNACKNOWLEDGED_MS = 120000 }; // what TCP waits for on a thin or far line

struct socket {
    struct inlet data;
    struct inlet monitor;
};

// A received message of up to two frames, alive until the next receive into it.
struct delivery {
    zmq_msg_t frames[2];
    size_t count; // 3 stands for more than two, all dropped
};

// How long a connection is waited for.
struct patience {
    int handshake_ms; // CURVE takes 1,768 bytes and two round trips
    int connect_ms;
    int unacknowledged_ms;
    int idle_s, interval_s, probes; // TCP's own signs of life
};
// A client's.
const struct patience *socket_patience(bool is_patient);

// One end of connections.
struct socket_end {
    enum socket_role role;
    const uint8_t *server_key; // of clients
    bool is_patient; // a client over a line that passes next to nothing, or is far or lossy
};

// Opens a socket that is not yet bound or connected. Errors: ERR_STATE (this libzmq lacks an option
// we cannot do without).
CHECKED enum err socket_open(struct hub *hub, struct socket *socket, const struct socket_end *end);
void socket_close(struct hub *hub, struct socket *socket);

// False when nothing is there.
bool socket_receive(struct socket *socket, struct delivery *delivery);

struct socket_event {
    uint16_t type; // ZMQ_EVENT_*
    int fd;        // for ZMQ_EVENT_LISTENING, ZMQ_EVENT_CONNECTED and ZMQ_EVENT_DISCONNECTED
};
// The monitor's next event. False when nothing is there.
bool socket_next_event(struct socket *socket, struct socket_event *event);

// Whether something is there to receive; lets the socket process its commands, as each one must now
// and then even when nothing comes.
void socket_touch(struct hub *hub, struct socket *socket);

void delivery_init(struct delivery *delivery);
void delivery_fini(struct delivery *delivery);

#endif
