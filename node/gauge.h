// SPDX-License-Identifier: EUPL-1.2
// What a link does, from what its connection was measured at: the rates at which bytes pass, and
// how long it will take until nothing is missing. Measures nothing itself.
#ifndef NODE_GAUGE_H
#define NODE_GAUGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/limits.h"
#include "transport/transport.h"

enum {
    GAUGE_MS = 10000, // rates are means over so long, or since the connection was opened
    GAUGE_SAMPLES = 11,
};

struct gauge { // zeroed: nothing was measured
    struct transport_measured samples[GAUGE_SAMPLES];
    uint64_t times_ms[GAUGE_SAMPLES];
    size_t first, count; // a ring
};

// To be called once a second; NULL: the link is down, or nothing is known of it.
void gauge_note(struct gauge *gauge, uint64_t now_ms, const struct transport_measured *measured);

struct gauge_reading {
    bool is_known;
    struct transport_measured last;
    bool has_rates;               // false: it is too early
    uint64_t rate_in, rate_out;   // bit/s of the line
    uint64_t bytes_in, bytes_out; // that passed the line in that time
};
void gauge_read(const struct gauge *gauge, struct gauge_reading *reading);

struct outlook {            // of one direction
    uint64_t missing;       // entries
    uint64_t waiting;       // bytes that wait here
    uint64_t rate, bytes;   // as read, of this direction
    uint32_t rate_told;     // bit/s the line is said to pass; 0: unknown
    uint64_t entry_len;     // mean bytes of a sealed entry; 0: unknown
    uint32_t lost_permille; // of what is sent
};
// Seconds until nothing is missing, at the rate that is measured when so much passes that it is
// that of entries, or else at the one that is told. UINT64_MAX: nothing to go by.
uint64_t gauge_outlook_s(const struct outlook *outlook);

// Of what was sent, how much had been sent before.
uint32_t gauge_lost_permille(const struct transport_measured *measured);

#endif
