// SPDX-License-Identifier: EUPL-1.2
// Scenarios: a few nodes, no chance, and the transcript of what they noted, written down before.
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim/world.h"

// What was told since the last time must be these lines, each ending in a line feed.
void scene_expect(struct world *world, const char *transcript);
// The same lines, in any order: between nodes there is none.
void scene_expect_any_order(struct world *world, const char *transcript);
void scene_pass(struct world *world, uint32_t ms);
// Runs until all have converged, and audits what they hold.
void scene_rest(struct world *world);
void scene_publish(struct world *world, uint32_t node);
// Whether the store of `node` has that entry of the author's first log, also ahead of a gap.
bool scene_holds(const struct world *world, uint32_t node, uint32_t author, uint64_t seq);
// The number of the next entry that the node will write.
uint64_t scene_next(const struct world *world, uint32_t node);
void scene_cut(struct world *world, uint32_t a, uint32_t b, bool is_cut);
// Fails the scenario when `is_true` is not.
void scene_check(struct world *world, bool is_true, const char *claim);

struct scenario {
    const char *name;
    uint32_t nodes;
    void (*play)(struct world *world);
    uint32_t window_bytes; // 0: the engine's default
    bool has_no_live_plane;
    bool has_malicious;   // the last node
    uint32_t bytes_per_s; // of each link, each way; 0: plenty
    uint32_t beacon_ms;   // 0: the engine's default
    uint32_t rate;        // bit/s of each link, each way, everything counted, and told to the nodes
    enum plan_told told;  // which ends are told
    uint32_t latency_ms;  // 0: 10
};

void scenario_first_contact(struct world *world);
void scenario_gap(struct world *world);
void scenario_partition(struct world *world);
void scenario_catch_up(struct world *world);
void scenario_fork(struct world *world);
void scenario_backup(struct world *world);
void scenario_backup_alone(struct world *world);
void scenario_full_disk(struct world *world);
void scenario_damage(struct world *world);
void scenario_revoked_before(struct world *world);
void scenario_revoked_self(struct world *world);
void scenario_revoked_astride(struct world *world);
void scenario_revoked_beyond(struct world *world);
void scenario_revoked_midway(struct world *world);
void scenario_revoked_anew(struct world *world);
void scenario_revoked_mixed(struct world *world);
void scenario_revoked_fork(struct world *world);
void scenario_roster_fork(struct world *world);
void scenario_roster_fork_missed(struct world *world);
void scenario_stale_roster(struct world *world);
void scenario_branches(struct world *world);
void scenario_flood_relayed(struct world *world);
void scenario_flood_beside(struct world *world);
void scenario_flood_logs(struct world *world);
void scenario_line_flash(struct world *world);
void scenario_line_relay(struct world *world);
void scenario_line_backlog(struct world *world);
void scenario_line_wanted(struct world *world);
void scenario_line_idle(struct world *world);
void scenario_line_told(struct world *world);
void scenario_line_flap(struct world *world);
void scenario_line_flap_two(struct world *world);

#endif
