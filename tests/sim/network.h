// SPDX-License-Identifier: EUPL-1.2
// The virtual network: one possible link between each pair of instances, each direction with its
// own weather. A link that breaks loses what is on its way; the two ends notice at different times.
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/plan.h"
#include "sitrep/cbor.h"

enum { INSTANCES_MAX = 9 };

struct world;

struct pipe { // one direction of a link
    uint64_t busy_until_ms;
    uint64_t last_at_ms; // when the last frame in order arrives
    bool is_blackhole;   // swallows everything, silently
    bool is_live_dead;   // the live plane is cut, the sync plane not
};

struct link {
    bool exists;
    bool is_cut;      // by a partition or a flap
    uint32_t session; // ascending; 0 while it is down
    uint32_t sessions;
    struct pipe pipes[2]; // from the lower instance, from the higher
    uint32_t told[2];     // bit/s its operator told the lower instance, the higher; 0: nothing
    uint8_t wanted[2];    // the smallest precedence they want of each other
};

struct network {
    struct plan_network now;                         // the weather: rates in force
    struct link links[INSTANCES_MAX][INSTANCES_MAX]; // [lower][higher]
    bool is_healing;                                 // links come up fast
};

struct pair { // of instances, a < b
    uint32_t a, b;
};

enum { PAIRS_MAX = INSTANCES_MAX * (INSTANCES_MAX - 1) / 2 };

// All pairs of the instances there are; returns how many.
uint32_t network_pairs(const struct world *world, struct pair out[static PAIRS_MAX]);
struct link *network_link(struct world *world, uint32_t a, uint32_t b);
// Draws the topology: connected, and no instance linked with two instances of one member.
void network_build(struct world *world);
// Gives some links of the member's first instance to its second one, keeping all connected.
void network_split(struct world *world, uint32_t original, uint32_t clone);
// Brings links up and down to what they should be now.
void network_refresh(struct world *world);
// One message from instance `from` to the instance behind its peer.
void network_send(struct world *world, uint32_t from, const struct effect_send *send);
// A live message to everyone linked.
void network_publish(struct world *world, uint32_t from, struct span bytes);
// Puts a frame on the way between two instances.
struct passage {
    uint32_t from, to;
    struct span bytes;
    bool is_live;
};
void network_pass(struct world *world, const struct passage *passage);
// Good network, everything linked.
void network_heal(struct world *world);

#endif
