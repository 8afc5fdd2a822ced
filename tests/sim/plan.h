// SPDX-License-Identifier: EUPL-1.2
// What one seed's run is like: every rate and probability, drawn once per seed, so that some runs
// know only crashes, some only a thin link, and some everything at once.
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "sim/random.h"
#include "sitrep/engine.h"

struct plan_network {
    uint32_t links_permille; // of the pairs beyond what keeps the graph connected
    uint32_t latency_ms, jitter_ms;
    uint32_t bytes_per_s;
    uint32_t rate; // bit/s a line passes, everything counted; 0: nodes are told nothing of it
    enum plan_told { TOLD_BOTH, TOLD_LOWER, TOLD_HIGHER, TOLD_MIXED } told; // which ends are
    bool is_sparse; // some ends want only the more urgent entries
    uint32_t again; // permille of frames that TCP sends again, as it does what a thin line lost
    uint32_t loss, duplicate, reorder, corrupt, live_loss; // permille
};

// Mean intervals between events of a kind, in ms; 0: never.
struct plan_weather {
    uint32_t publish_ms;
    uint32_t flap_ms;
    uint32_t blackhole_ms;
    uint32_t partition_ms;
    uint32_t crash_ms;
    uint32_t disk_full_ms;
    uint32_t damage_ms;
    uint32_t snapshot_ms;
    uint32_t restore_ms;
    uint32_t clock_ms;
    uint32_t mischief_ms;
};

struct plan {
    uint64_t seed;
    uint32_t members; // of the roster in the end, the malicious one included
    uint32_t storm_ms;
    uint32_t publish_max; // publications in all
    uint32_t batch_max;
    uint32_t large_permille; // publications of several KiB
    uint32_t commit_ms_max, read_ms_max;
    bool has_live_plane;
    bool has_late; // the last member is admitted in the middle
    bool has_clone;
    bool has_malicious;     // the member before the late one, if any
    uint32_t revoked;       // the member that is revoked in the middle; 0: none
    uint32_t revocations;   // roster versions that say so; a second one moves the point
    bool is_restore_gentle; // backups are restored only when the others hold all that is lost
    bool has_wild_clocks;
    uint32_t group_changes; // made at random times of the storm
    struct plan_network network;
    struct plan_weather weather;
    struct engine_limits limits;
};

struct plan_bounds {
    uint32_t nodes_min, nodes_max;
    bool is_honest; // no member lies
};

// Draws a plan for `seed`.
void plan_draw(struct plan *plan, struct random *random, const struct plan_bounds *bounds);

// A plan without any fault, for scenarios.
void plan_calm(struct plan *plan, uint32_t nodes);

#endif
