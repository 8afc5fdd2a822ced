// SPDX-License-Identifier: EUPL-1.2
// What holds of the link to one peer, as operators set it. PROTOCOL.md 17.
#ifndef SITREP_LINK_H
#define SITREP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sitrep/selection.h"

// All zero: nothing was set, and the line is taken for a good one.
struct link_settings {
    uint32_t rate;      // bit/s the line passes, everything counted, PACER_RATE_MIN or more; 0: no
                        // limit worth thinking of
    bool is_rate_own;   // set at this end, also to 0; else it is what the peer says [17.5]
    uint32_t beacon_ms; // from one beacon to the next, at most LINK_BEACON_MAX_MS; 0: as usual
    bool is_live_off;   // the live plane is not used; nor is it on a thin line
    struct selection wanted; // what is fetched over it; nothing else is, while this is set
};

// By hand or by the rate. A transport may take a connection for gone that is silent for longer
// than two of them.
enum { LINK_BEACON_MIN_MS = 1000, LINK_BEACON_MAX_MS = 60000 };

#endif
