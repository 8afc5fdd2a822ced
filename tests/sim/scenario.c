// SPDX-License-Identifier: EUPL-1.2
// The stage for scenarios, and the list of them.
#include "sim/scenario.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run.h"
#include "sitrep/seal.h"

static const struct scenario scenarios[] = {
    {.name = "first contact", .nodes = 2, .play = scenario_first_contact},
    {.name = "first contact without a live plane",
     .nodes = 2,
     .play = scenario_first_contact,
     .has_no_live_plane = true},
    {.name = "a gap is filled", .nodes = 2, .play = scenario_gap},
    {.name = "partition and heal", .nodes = 4, .play = scenario_partition},
    {.name = "a late joiner catches up",
     .nodes = 2,
     .play = scenario_catch_up,
     .window_bytes = 65536},
    {.name = "both branches of a fork", .nodes = 3, .play = scenario_fork},
    {.name = "a restored backup asks first", .nodes = 2, .play = scenario_backup},
    {.name = "a restored backup alone", .nodes = 2, .play = scenario_backup_alone},
    {.name = "a full disk", .nodes = 2, .play = scenario_full_disk},
    {.name = "damage is repaired", .nodes = 2, .play = scenario_damage},
    {.name = "what was held before a revocation", .nodes = 3, .play = scenario_revoked_before},
    {.name = "the revoked one hears of it", .nodes = 3, .play = scenario_revoked_self},
    {.name = "a run astride a revocation", .nodes = 3, .play = scenario_revoked_astride},
    {.name = "a run beyond a revocation", .nodes = 3, .play = scenario_revoked_beyond},
    {.name = "revoked in the middle of a catch-up", .nodes = 3, .play = scenario_revoked_midway},
    {.name = "the point of a revocation moves", .nodes = 3, .play = scenario_revoked_anew},
    {.name = "two rosters for a while", .nodes = 3, .play = scenario_revoked_mixed},
    {.name = "a revoked log with a fork", .nodes = 4, .play = scenario_revoked_fork},
    {.name = "two rosters of one version", .nodes = 4, .play = scenario_roster_fork},
    {.name = "settled before it was heard of", .nodes = 4, .play = scenario_roster_fork_missed},
    {.name = "a stale roster for days",
     .nodes = 4,
     .play = scenario_stale_roster,
     .has_malicious = true,
     .beacon_ms = 10000},
    {.name = "more branches than are kept",
     .nodes = 4,
     .play = scenario_branches,
     .has_malicious = true},
    {.name = "a flood through a relay",
     .nodes = 4,
     .play = scenario_flood_relayed,
     .has_malicious = true,
     .bytes_per_s = 125000},
    {.name = "a flood beside",
     .nodes = 4,
     .play = scenario_flood_beside,
     .has_malicious = true,
     .bytes_per_s = 125000},
    {.name = "the urgent of a backlog first",
     .nodes = 2,
     .play = scenario_line_backlog,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 300,
     .beacon_ms = 1000},
    {.name = "only what is urgent is wanted",
     .nodes = 2,
     .play = scenario_line_wanted,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 300},
    {.name = "flash over a backlog at 2.4 kbit/s",
     .nodes = 2,
     .play = scenario_line_flash,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 300},
    {.name = "flash through a relay at 9.6 kbit/s",
     .nodes = 3,
     .play = scenario_line_relay,
     .has_no_live_plane = true,
     .rate = 9600,
     .latency_ms = 600},
    {.name = "an idle line at 2.4 kbit/s",
     .nodes = 2,
     .play = scenario_line_idle,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 2000},
    {.name = "flash over a backlog, one end told",
     .nodes = 2,
     .play = scenario_line_flash,
     .has_no_live_plane = true,
     .rate = 2400,
     .told = TOLD_HIGHER,
     .latency_ms = 300},
    {.name = "an idle line, one end told",
     .nodes = 2,
     .play = scenario_line_idle,
     .has_no_live_plane = true,
     .rate = 2400,
     .told = TOLD_LOWER,
     .latency_ms = 2000},
    {.name = "told at one end, then at the other",
     .nodes = 2,
     .play = scenario_line_told,
     .has_no_live_plane = true,
     .rate = 2400,
     .told = TOLD_LOWER,
     .latency_ms = 1000},
    {.name = "a large entry over a line that flaps",
     .nodes = 2,
     .play = scenario_line_flap,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 300},
    {.name = "two large entries over a line that flaps",
     .nodes = 3,
     .play = scenario_line_flap_two,
     .has_no_live_plane = true,
     .rate = 2400,
     .latency_ms = 300},
    {.name = "a flood of many logs",
     .nodes = 4,
     .play = scenario_flood_logs,
     .has_malicious = true,
     .bytes_per_s = 125000},
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Sorts the lines of `text` in place.
static void sort_lines(char *text)
{
    enum { LINES_MAX = 256 };
    char *copy = strdup(text);
    char *lines[LINES_MAX];
    size_t count = 0;
    assert(copy);
    char *state = NULL;
    for (char *line = strtok_r(copy, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        assert(count < LINES_MAX);
        lines[count++] = line;
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(lines[i]);
        memcpy(text, lines[i], len);
        text[len] = '\n';
        text += len + 1;
    }
    free(copy);
}

static void expect(struct world *world, const char *expected, const char *told)
{
    if (!world->failure[0] && strcmp(told, expected) != 0) {
        world_fail(world, "the transcript differs");
        printf("-- expected\n%s-- told\n%s--\n", expected, told);
    }
    free(world->transcript);
    world->transcript = NULL;
    world->transcript_len = 0;
}

void scene_expect(struct world *world, const char *transcript)
{
    expect(world, transcript, world->transcript ? world->transcript : "");
}

void scene_expect_any_order(struct world *world, const char *transcript)
{
    char *expected = strdup(transcript);
    char *told = strdup(world->transcript ? world->transcript : "");
    assert(expected);
    assert(told);
    sort_lines(expected);
    sort_lines(told);
    expect(world, expected, told);
    free(expected);
    free(told);
}

void scene_pass(struct world *world, uint32_t ms)
{
    world_run(world, world->now_ms + ms);
}

void scene_rest(struct world *world)
{
    enum { LIMIT_MS = 120000 };
    (void)run_to_rest(world, LIMIT_MS);
}

void scene_publish(struct world *world, uint32_t node)
{
    if (!world->failure[0]) {
        world->is_routine = !world->is_urgent; // what is urgent cuts runs short
        node_publish(world, &world->nodes[node], 1, 100);
        world->is_routine = false;
    }
}

void scene_cut(struct world *world, uint32_t a, uint32_t b, bool is_cut)
{
    network_link(world, a, b)->is_cut = is_cut;
    network_refresh(world);
}

bool scene_holds(const struct world *world, uint32_t node, uint32_t author, uint64_t seq)
{
    const struct disk_state *state = &world->nodes[node].disk.state;
    for (uint32_t i = 0; i < state->chains_count; i++) {
        if (disk_has_chain(state, i) && state->chains[i].epoch == 0 &&
            memcmp(state->chains[i].author, world->federation.public_keys[author], SIGN_KEY_LEN) ==
                0) {
            return disk_find(state, i, seq) != NULL;
        }
    }
    return false;
}

uint64_t scene_next(const struct world *world, uint32_t node)
{
    struct engine_status status;
    engine_get_status(world->nodes[node].engine, &status);
    return status.own_next;
}

void scene_check(struct world *world, bool is_true, const char *claim)
{
    if (!is_true) {
        world_fail(world, "not so: %s", claim);
    }
}

static bool play(const struct scenario *scenario, bool is_verbose)
{
    static struct world world; // too large for the stack
    struct plan plan;
    plan_calm(&plan, scenario->nodes);
    plan.seed = 1;
    plan.network.links_permille = 1000;
    plan.has_live_plane = !scenario->has_no_live_plane;
    plan.has_malicious = scenario->has_malicious;
    plan.network.bytes_per_s =
        scenario->bytes_per_s > 0 ? scenario->bytes_per_s : plan.network.bytes_per_s;
    if (scenario->rate > 0) {
        plan.network.rate = scenario->rate;
        plan.network.told = scenario->told;
        plan.network.bytes_per_s = scenario->rate / 8;
    }
    if (scenario->latency_ms > 0) {
        plan.network.latency_ms = scenario->latency_ms;
    }
    plan.limits.beacon_ms = scenario->beacon_ms > 0 ? scenario->beacon_ms : plan.limits.beacon_ms;
    if (scenario->window_bytes > 0) {
        plan.limits.window_bytes = scenario->window_bytes;
    }
    struct sealer *sealer = sealer_create();
    if (is_verbose) {
        printf("-- %s\n", scenario->name);
    }
    world_init(&world, &plan, sealer);
    world.has_transcript = true;
    world.is_verbose = is_verbose;
    scenario->play(&world);
    bool is_right = !world.failure[0];
    if (!is_right) {
        printf("scenario \"%s\" failed %s\n", scenario->name, world.failure);
    }
    world_fini(&world);
    sealer_destroy(&sealer);
    return is_right;
}

unsigned scenarios_run(bool is_verbose)
{
    unsigned wrong = 0;
    size_t count = sizeof scenarios / sizeof *scenarios;
    for (size_t i = 0; i < count; i++) {
        wrong += !play(&scenarios[i], is_verbose);
    }
    printf("sim: %zu of %zu scenarios as written\n", count - wrong, count);
    return wrong;
}
