// SPDX-License-Identifier: EUPL-1.2
// What the kernel knows of one TCP connection of libzmq's. Private to this folder.
//
// The descriptor is libzmq's, whose threads may close it at any moment, after which the system
// gives its number to another connection. So it is only ever asked, and only believed when the
// socket behind it is still the one that was met first.
#ifndef NODE_TRANSPORT_METER_H
#define NODE_TRANSPORT_METER_H

#include "transport/transport.h"

struct meter { // zeroed: of no connection
    int fd;
    uint64_t cookie; // the kernel's number of that very socket; 0: unknown
};

void meter_learn(struct meter *meter, int fd);
void meter_forget(struct meter *meter);
// Errors: ERR_NOT_FOUND (never learnt, gone since, or the kernel does not say).
CHECKED enum err meter_read(const struct meter *meter, struct transport_measured *measured);

#endif
