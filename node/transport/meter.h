// SPDX-License-Identifier: EUPL-1.2
// What the kernel knows of one TCP connection of libzmq's, and what it is told of its line. Private
// to this folder.
//
// The descriptor is libzmq's, whose threads may close it at any moment, after which the system
// gives its number to another connection. So what it says is only believed when the socket behind
// it is still the one that was met first, and all it is told is what does no other one harm.
#ifndef NODE_TRANSPORT_METER_H
#define NODE_TRANSPORT_METER_H

#include "transport/socket.h"
#include "transport/transport.h"

struct meter { // zeroed: of no connection
    int fd;
    uint64_t cookie; // the kernel's number of that very socket; 0: unknown
};

void meter_learn(struct meter *meter, int fd);
void meter_forget(struct meter *meter);
// The line may be thin or far: what is lost on it is sent again at even intervals for a while, as
// it comes and goes, and signs of life are waited for as long as by a patient socket. For as long
// as it lives; of one that listens, also for whoever it accepts.
void meter_make_patient(const struct meter *meter);
// Errors: ERR_NOT_FOUND (never learnt, gone since, or the kernel does not say).
CHECKED enum err meter_read(const struct meter *meter, struct transport_measured *measured);
// Bytes that wait and never left; of a local socket those that the other end has not taken, and
// what the kernel needs to keep them. 0 when unknown.
uint64_t meter_unsent(const struct meter *meter);

#endif
