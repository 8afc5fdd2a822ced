// SPDX-License-Identifier: EUPL-1.2
// Virtual time: takes what happens next, or the next deadline of an engine, whichever is sooner.
#include "sim/world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/line.h"

enum { WALL_YEAR_S = 31557600, LINE_MAX_LEN = 256 };

static void draw_clocks(struct world *world, struct node *node)
{
    node->clock_offset_ms = random_below(&world->random, 1000000);
    if (world->plan.has_wild_clocks && random_permille(&world->random, 500)) {
        int64_t s =
            (int64_t)random_below(&world->random, 40u * WALL_YEAR_S) - INT64_C(20) * WALL_YEAR_S;
        node->wall_offset_ms = s * 1000;
    }
}

void world_init(struct world *world, const struct plan *plan, struct sealer *sealer)
{
    memset(world, 0, sizeof *world);
    world->plan = *plan;
    world->sealer = sealer;
    random_init(&world->random, plan->seed ^ UINT64_C(0x5157e9));
    federation_init(&world->federation, plan->members, plan->seed);
    uint32_t late = plan->has_late ? plan->members - 1 : UINT32_MAX;
    uint32_t malicious = UINT32_MAX;
    if (plan->has_malicious) {
        malicious = plan->members - (plan->has_late ? 2 : 1);
    }
    world->nodes_count = plan->members;
    for (uint32_t i = 0; i < plan->members; i++) {
        struct node *node = &world->nodes[i];
        node->index = i;
        node->peer = i;
        node->is_used = true;
        node->is_malicious = i == malicious;
        node->version = i == late || !plan->has_late ? plan->members : plan->members - 1;
        draw_clocks(world, node);
    }
    network_build(world);
    lines_plan(world);
    for (uint32_t i = 0; i < plan->members; i++) {
        if (i != late) {
            node_start(world, &world->nodes[i]);
        }
    }
}

void world_fini(struct world *world)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        engine_destroy(&world->nodes[i].engine);
        lines_destroy(&world->nodes[i]);
        disk_fini(&world->nodes[i].disk);
    }
    queue_fini(&world->queue);
    oracle_fini(&world->oracle);
    federation_fini(&world->federation);
    for (size_t i = 0; i < MEMORIES_MAX; i++) {
        free(world->memories[i].bytes);
    }
    free(world->transcript);
}

void world_after(struct world *world, uint64_t delay_ms, struct happening happening)
{
    happening.at_ms = world->now_ms + delay_ms;
    happening.life = world->nodes[happening.node].life;
    queue_put(&world->queue, &happening);
}

static struct node *next_due(struct world *world)
{
    struct node *due = NULL;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_alive && !node->is_malicious &&
            (!due || node->deadline_ms < due->deadline_ms)) {
            due = node;
        }
    }
    return due;
}

static void happen(struct world *world)
{
    struct happening happening = queue_take(&world->queue);
    struct node *node = &world->nodes[happening.node];
    switch (happening.type) {
    case HAPPENS_WEATHER:
    case HAPPENS_DISK_SPACE:
    case HAPPENS_HEAL:
        weather_strike(world, &happening);
        break;
    case HAPPENS_START:
        if (!node->is_alive && node->life == happening.life) {
            node_start(world, node);
        }
        break;
    case HAPPENS_FRAME:
    case HAPPENS_LINK_UP:
    case HAPPENS_LINK_DOWN:
    case HAPPENS_PACE:
    case HAPPENS_LINE_TOLD:
    case HAPPENS_COMMIT:
    case HAPPENS_PERSISTED:
    case HAPPENS_PERSIST_FAILED:
    case HAPPENS_STORE_READY:
    case HAPPENS_READ:
    case HAPPENS_DAMAGED:
    case HAPPENS_ROSTER:
    case HAPPENS_ROSTER_COPY:
    case HAPPENS_KEYS:
    case HAPPENS_KEY_VERDICT:
    case HAPPENS_ROSTER_ASK:
    case HAPPENS_OWN_LOG:
        if (node->is_alive && node->life == happening.life) {
            node_happens(world, node, &happening);
        }
        break;
    }
    free(happening.bytes);
}

void world_run(struct world *world, uint64_t until_ms)
{
    while (!world->failure[0]) {
        struct node *due = next_due(world);
        uint64_t tick_ms = due ? due->deadline_ms : UINT64_MAX;
        uint64_t next_ms = queue_next_ms(&world->queue);
        if ((tick_ms < next_ms ? tick_ms : next_ms) > until_ms) {
            break;
        }
        if (next_ms <= tick_ms) {
            assert(next_ms >= world->now_ms);
            world->now_ms = next_ms;
            happen(world);
        } else {
            assert(tick_ms >= world->now_ms);
            world->now_ms = tick_ms;
            struct event event = {.type = EVENT_TICK};
            node_step(world, due, &event);
        }
    }
    if (!world->failure[0]) {
        world->now_ms = until_ms;
    }
}

void world_fail(struct world *world, const char *format, ...)
{
    if (world->failure[0]) {
        return;
    }
    int at = snprintf(world->failure, sizeof world->failure, "at %" PRIu64 " ms: ", world->now_ms);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->failure + at, sizeof world->failure - (size_t)at, format, arguments);
    va_end(arguments);
}

static void say(const struct world *world, const char *line)
{
    if (world->is_verbose) {
        printf("%8" PRIu64 " %s\n", world->now_ms, line);
    }
}

void world_say(struct world *world, const char *format, ...)
{
    if (!world->is_verbose) {
        return;
    }
    char line[LINE_MAX_LEN];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say(world, line);
}

void world_tell(struct world *world, const char *format, ...)
{
    if (!world->is_verbose && !world->has_transcript) {
        return;
    }
    char line[LINE_MAX_LEN];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say(world, line);
    if (world->has_transcript) {
        size_t len = strlen(line);
        world->transcript = realloc(world->transcript, world->transcript_len + len + 2);
        assert(world->transcript);
        memcpy(world->transcript + world->transcript_len, line, len);
        world->transcript_len += len;
        world->transcript[world->transcript_len++] = '\n';
        world->transcript[world->transcript_len] = '\0';
    }
}

char node_letter(const struct world *world, const struct node *node)
{
    bool is_clone = node->index >= world->plan.members;
    return (char)((is_clone ? 'A' : 'a') + (int)node->peer);
}

bool world_has_revoked(const struct world *world, const struct node *node)
{
    return federation_last(&world->federation)->nodes[node->peer].is_revoked;
}

uint64_t world_counts_to(const struct world *world, const struct node *node,
                         const struct chain *log)
{
    const struct roster *roster = world->federation.rosters[node->version - 1];
    int32_t author = roster_find_signing(roster, log->author);
    return author < 0 ? SEQ_MAX : roster_counts_to(roster, (uint32_t)author, log->epoch);
}
