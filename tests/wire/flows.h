// SPDX-License-Identifier: EUPL-1.2
// Which bytes of TCP connections have passed already, in one direction.
#ifndef TESTS_WIRE_FLOWS_H
#define TESTS_WIRE_FLOWS_H

#include "wire/segment.h"

enum {
    FLOWS_MAX = 256, // connections remembered; then the one that was quiet longest is forgotten
    GAPS_MAX = 32,   // in one connection; then the lowest counts as passed
};

// Positions are sequence numbers that do not wrap.
struct gap {
    uint64_t begin, end;
};

struct flow {
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    uint32_t first; // sequence number of the first byte seen
    uint64_t used;  // 0: free
    uint64_t end;   // everything below has passed, but for the gaps
    struct gap gaps[GAPS_MAX];
    size_t gap_count;
};

struct flows {
    uint64_t bytes;       // of payload
    uint64_t twice;       // of these: bytes that had passed before
    uint64_t connections; // opened in this direction
    uint64_t clock;
    struct flow flows[FLOWS_MAX];
};

// Counts a segment that passes. All zero is a table in which none has.
void flows_note(struct flows *flows, const struct segment *segment);

#endif
