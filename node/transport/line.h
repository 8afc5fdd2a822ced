// SPDX-License-Identifier: EUPL-1.2
// One connection of ours to another node: opened, watched, and after a loss opened anew with
// back-off. Private to this folder.
//
// libzmq retries refused TCP connections by itself, but gives a connection up for good after a
// failed handshake or a message over the limit; so every loss closes the socket, and a fresh one
// follows.
//
// How patient it has to be nobody may have said. So after an attempt that took too long the next
// one is patient, and the one after that is not: most often the other end is away for a while.
#ifndef NODE_TRANSPORT_LINE_H
#define NODE_TRANSPORT_LINE_H

#include "transport/meter.h"
#include "transport/socket.h"
#include "transport/tunnel.h"

struct line {
    struct socket socket;
    struct meter meter;        // of its TCP connection, while there is one
    struct tunnel *tunnel;     // NULL where there is no proxy
    enum link_trouble trouble; // of the last attempt
    bool is_open;
    bool is_up;           // authenticated
    bool is_thin;         // set by who opens it: it is always patient
    bool is_patient;      // as it was opened last
    bool tries_patience;  // when it is opened next
    bool is_late;         // the last time TCP was waited for in vain
    uint64_t since_ms;    // when what is waited for now began: to connect, or to shake hands
    uint64_t heard_ms;    // last frame, or the handshake; set by who takes them
    uint32_t failures;    // in a row, without a handshake in between
    uint32_t refusals;    // TCP connections in a row that this address did not take
    uint64_t retry_at_ms; // not opened before
    uint32_t turned_away; // by who answered there, before a handshake was done
    uint64_t handshakes;
    uint64_t handshakes_failed;
    uint8_t server_key[BOX_KEY_LEN];
    char address[ENDPOINT_MAX_LEN + 1];
};

// Opens towards `address`, which is valid, and the node with `server_key`; `role` is a client's.
// When that fails the line stays closed, to be tried again like after a loss.
void line_open(struct hub *hub, struct line *line, enum socket_role role, const char *address,
               const uint8_t server_key[static BOX_KEY_LEN]);
void line_close(struct hub *hub, struct line *line);

// Gives up a connection that is open, as if it had been lost.
void line_drop(struct hub *hub, struct line *line, uint64_t now_ms);

// Takes what the monitor tells. Whether is_up or is_open changed.
bool line_serve(struct hub *hub, struct line *line, uint64_t now_ms);

// Whether this address should be given up: in favour of another one of the same node, or, after
// waiting for it in vain, for another attempt.
bool line_is_refused(const struct line *line);

#endif
