// SPDX-License-Identifier: EUPL-1.2
// One direction of a wire: a queue before a line of a certain rate, and what becomes of packets
// behind it. Times are in microseconds of whatever clock the caller reads.
#ifndef TESTS_WIRE_LINE_H
#define TESTS_WIRE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/random.h"
#include "wire/flows.h"
#include "wire/window.h"

enum {
    PACKET_MAX = 65535,   // bytes
    PACKETS_MAX = 16384,  // waiting and under way; more are dropped as by a full queue
    QUEUE_MS = 2000,      // what a queue holds if not told otherwise ...
    QUEUE_MIN = 2 * 1500, // ... but at least these bytes
};

struct packet {
    uint64_t due_us; // arrival; while it waits, when it came
    struct packet *previous, *next;
    size_t len;
    uint8_t bytes[];
};

struct packets {
    struct packet *first, *last;
};

// May change at any time. The rate and the length of the queue are those of the moment at which a
// packet enters the line or the queue; all else that of the moment at which it leaves the line.
struct weather {
    uint64_t rate;        // bit/s of IP packets, 0: no limit
    uint64_t queue_bytes; // 0: QUEUE_MS of the rate, at least QUEUE_MIN
    uint64_t delay_ms;
    uint64_t jitter_ms; // at most so much is added to the delay; order is kept
    uint64_t loss;      // permille
    uint64_t duplicate; // permille; the copy comes right behind
    uint64_t reorder;   // permille of packets that are held back ...
    uint64_t hold_ms;   // ... by so much, so that later ones overtake them
    uint64_t is_down;   // 1: the line takes packets, and nothing arrives
    uint64_t paced;     // bit/s for which the sender takes the line; 0: none. Changes no packet
};

struct counts {
    uint64_t packets, bytes; // that the line carried, with IP headers, lost ones included
    uint64_t dropped;        // before the line: the queue was full
    uint64_t lost, blocked;  // behind the line: by chance, and because it was down
    uint64_t duplicated, held;
    uint64_t arrived, arrived_bytes;
    uint64_t queue_most; // bytes
    uint64_t wait_most;  // us a packet waited until it was the one on the line
    uint64_t sent_bytes; // that came to the line, dropped ones included
};

struct line {
    struct weather weather;
    struct counts counts;
    struct flows flows;   // of what the line carried
    struct window window; // of what came to it, as a line of the rate it is taken for passes it
    struct random random;
    struct packets waiting, under_way;
    uint64_t waiting_bytes;
    size_t packet_count;
    uint64_t leaves_us;  // the first one waiting, which is on the line
    uint64_t ordered_us; // due time of the last one that was not held back
};

void line_init(struct line *line, uint64_t seed);
void line_fini(struct line *line);

// Puts a copy of the packet in the queue, or drops it. len is at most PACKET_MAX.
void line_put(struct line *line, const uint8_t *bytes, size_t len, uint64_t now_us);
// Forgets the highest queue, wait and window there were.
void line_forget_highest(struct line *line);
// When to look again; UINT64_MAX: nothing is there.
uint64_t line_deadline_us(const struct line *line);
// The next packet that has arrived, which the caller frees; NULL: none yet.
struct packet *line_take(struct line *line, uint64_t now_us);

#endif
