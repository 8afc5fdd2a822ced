// SPDX-License-Identifier: EUPL-1.2
// What is done about once a second: the scrub, the probe for space, the guard at rest, the wait for
// the own log, the watchdog.
#include <systemd/sd-daemon.h>

#include "clock.h"
#include "node.h"

enum { UPKEEP_MS = 1000, QUIET_MS = 1000, DAMAGES_MAX = 64 };

struct damages { // found by one scrub, told after it
    size_t count;
    struct {
        uint32_t chain;
        uint64_t seq;
    } list[DAMAGES_MAX];
};

static void collect(void *context, uint32_t chain, uint64_t seq)
{
    struct damages *damages = context;

    if (damages->count < DAMAGES_MAX) {
        damages->list[damages->count].chain = chain;
        damages->list[damages->count++].seq = seq;
    }
}

static void scrub(struct node *node)
{
    struct damages damages = {0};

    if (node->config.scrub_per_s == 0) {
        return;
    }
    if (store_scrub(node->store, &node->scrub_at, node->config.scrub_per_s, collect, &damages) !=
        ERR_OK) {
        node->scrub_at = 0; // the end, or unreadable: begin anew
    }
    for (size_t i = 0; i < damages.count; i++) {
        struct event event = {.type = EVENT_DAMAGED,
                              .damaged = {damages.list[i].chain, damages.list[i].seq}};

        node_step(node, &event);
    }
}

static void probe_space(struct node *node)
{
    struct event event = {.type = EVENT_STORE_READY};

    if (node->is_store_failed && store_has_space(node->store)) {
        node->is_store_failed = false;
        log_write(LOG_LEVEL_INFO, "store-ready", "space=%s", "yes");
        node_step(node, &event);
    }
}

static void end_wait_for_own_log(struct node *node)
{
    struct event event = {.type = EVENT_OWN_LOG_CLEAR, .new_epoch = node->is_suspicious};
    struct engine_status status;

    if (node->own_log_deadline_ms == 0 || clock_now_ms() < node->own_log_deadline_ms) {
        return;
    }
    node->own_log_deadline_ms = 0;
    engine_get_status(node->engine, &status);
    if (!status.is_own_log_ready) {
        node_step(node, &event);
    }
}

void upkeep(struct node *node)
{
    uint64_t now = clock_now_ms();

    end_wait_for_own_log(node);
    if (now < node->upkeep_ms) {
        return;
    }
    node->upkeep_ms = now + UPKEEP_MS;
    sd_notify(0, "WATCHDOG=1");
    probe_space(node);
    scrub(node);
    if (now >= node->published_ms + QUIET_MS) {
        publishing_tighten_guard(node);
    }
}
