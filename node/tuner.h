// SPDX-License-Identifier: EUPL-1.2
// Finds the rate a line passes from how it does at the one that holds. PROTOCOL.md 17.
//
// While more waits than the line takes, the rate goes up: twofold, until more was let out than
// passes, which shows in what the kernel cannot send or in round trips that grow. Then it goes down
// to what did pass, and comes near to the rate that failed again only after a while, which is
// longer each time. A rate of its own, and not the profile that fits best: these lie so far apart
// that a line of 9.6 kbit/s would run at a quarter of it. Measures nothing itself, has no clock.
#ifndef NODE_TUNER_H
#define NODE_TUNER_H

#include <stdbool.h>
#include <stdint.h>

#include "transport/transport.h"

enum {
    TUNER_START = 2400,       // bit/s, where nothing is known of a line
    TUNER_MAX = 100000000,    // and no more than that
    TUNER_INTERVAL_MS = 5000, // a rate is tried at least so long, also four round trips, and parts
};

enum tuner_verdict {
    TUNER_UNTRIED,  // it was not used to the full yet
    TUNER_PASSED,   // all of it passes
    TUNER_TOO_MUCH, // more than this did not pass
};

struct tuner { // zeroed: the rate that holds is untried
    struct transport_measured first;
    uint64_t first_ms;        // when this try began; 0: it did not
    uint64_t settled_ms;      // what was too much has left the line by then, unless round trips
    uint32_t settling_rtt_ms; // come down further from here
    uint32_t samples, congested;
    uint32_t failed;     // rate that was too much; 0: none known
    uint64_t shunned_ms; // until when the failed one is kept away from
    uint32_t shunned_s;  // for how long that was
    enum tuner_verdict verdict;
};

struct tuner_sample {
    uint64_t now_ms;
    uint32_t rate;                             // that holds
    bool is_waiting;                           // more was there than was let out
    bool is_clogged;                           // the kernel has more to send than it should
    const struct transport_measured *measured; // NULL: nothing is known
};

// Once a second: the rate that is to hold from now on, PACER_RATE_MIN or more.
uint32_t tuner_note(struct tuner *tuner, const struct tuner_sample *sample);

const char *tuner_verdict_text(enum tuner_verdict verdict);

#endif
