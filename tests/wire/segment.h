// SPDX-License-Identifier: EUPL-1.2
// What an IPv4 packet tells of TCP.
#ifndef TESTS_WIRE_SEGMENT_H
#define TESTS_WIRE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
    uint32_t source, destination; // addresses
    uint16_t source_port, destination_port;
    uint32_t sequence;    // of the first byte of the payload
    uint32_t payload_len; // bytes
    bool is_first;        // SYN: what this side sends begins here
    bool is_opening;      // SYN that answers none
};

// Whether the packet is a whole TCP segment over IPv4. Anything else, fragments included, is not.
bool segment_read(struct segment *segment, const uint8_t *packet, size_t len);

#endif
