// SPDX-License-Identifier: EUPL-1.2
// What is done about once a second: the scrub, the probe for space, the guard at rest, the wait for
// the own log, expiry, the watchdog.
#include <stdio.h>

#include <sodium.h>
#include <systemd/sd-daemon.h>

#include "api/rfc3339.h"
#include "clock.h"
#include "node.h"

enum { UPKEEP_MS = 1000, QUIET_MS = 1000, EXPIRY_MS = 60000, DAMAGES_MAX = 64 };

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

static void tell_damages(struct node *node, const struct damages *damages)
{
    for (size_t i = 0; i < damages->count; i++) {
        struct event event = {.type = EVENT_DAMAGED,
                              .damaged = {damages->list[i].chain, damages->list[i].seq}};

        node_step(node, &event);
    }
}

// The first chain from `number` on, or CHAIN_NONE.
static uint32_t chain_from(const struct node *node, uint32_t number)
{
    struct chain chain;

    while (number < node->chains_max && engine_get_chain(node->engine, number, &chain) != ERR_OK) {
        number++;
    }
    return number < node->chains_max ? number : CHAIN_NONE;
}

// First the records as they lie, then each chain from its first entry to its head, where what is
// missing shows; then anew.
static void scrub_some(struct node *node, uint32_t count, struct damages *damages)
{
    enum err err = node->scrub_chain == CHAIN_NONE
                       ? store_scrub(node->store, &node->scrub_at, count, collect, damages)
                       : store_scrub_chain(node->store, node->scrub_chain, &node->scrub_at, count,
                                           collect, damages);

    if (err != ERR_OK) { // that part is done, or cannot be read
        node->scrub_chain =
            chain_from(node, node->scrub_chain == CHAIN_NONE ? 0 : node->scrub_chain + 1);
        node->scrub_at = 0;
    }
}

static void scrub(struct node *node)
{
    struct damages damages = {0};

    if (node->config.scrub_per_s == 0) {
        return;
    }
    scrub_some(node, node->config.scrub_per_s, &damages);
    tell_damages(node, &damages);
}

// After a rebuild: what is missing below the heads is looked for at once, not in the course of the
// scrub.
void upkeep_after_rebuild(struct node *node)
{
    for (uint32_t c = chain_from(node, 0); c != CHAIN_NONE; c = chain_from(node, c + 1)) {
        uint64_t seq = 0;
        enum err err = ERR_OK;

        while (err == ERR_OK) {
            struct damages damages = {0};

            err = store_scrub_chain(node->store, c, &seq, DAMAGES_MAX, collect, &damages);
            tell_damages(node, &damages);
        }
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

static void log_expiry(void *context, const struct expiry *expiry)
{
    const struct node *node = context;
    const struct roster_key *key = &expiry->key;
    char owner[NAME_MAX_LEN + 1] = "";
    char expires[RFC3339_SIZE] = "";
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    char hex[2 * KEY_FINGERPRINT_LEN + 1];

    if (rfc3339_format(expiry->expires_ms, expires) != ERR_OK) {
        expires[0] = '\0';
    }
    if (expiry->is_roster) {
        log_write(LOG_LEVEL_WARNING, "roster-expiry", "state=%s expires=%s",
                  expiry_stage_text(expiry->stage), expires);
        return;
    }
    if (key->kind != KEY_AUTHORITY) {
        const struct span name = node->roster->nodes[key->index].name;
        (void)snprintf(owner, sizeof owner, "%.*s", (int)name.len, (const char *)name.bytes);
    }
    key_fingerprint(key->bytes, fingerprint);
    (void)sodium_bin2hex(hex, sizeof hex, fingerprint, sizeof fingerprint);
    log_write(LOG_LEVEL_WARNING, "key-expiry", "kind=%s node=%s state=%s expires=%s key=%s",
              key_kind_text(key->kind), owner, expiry_stage_text(expiry->stage), expires, hex);
}

// At once after a start and when another roster is used, else now and then: each threshold is
// logged once.
static void watch_expiry(struct node *node, uint64_t now)
{
    if (node->expiry_watch.roster == node->roster && now < node->expiry_ms) {
        return;
    }
    node->expiry_ms = now + EXPIRY_MS;
    expiry_watch(&node->expiry_watch, node->roster, clock_wall_ms(), log_expiry, node);
}

// Whoever reads may meet damage that only a rebuild mends, and the next start rebuilds.
static void end_if_suspect(struct node *node)
{
    if (!node->must_restart && store_is_suspect(node->store)) {
        log_write(LOG_LEVEL_ERROR, "store-suspect", "action=%s", "restarting to rebuild it");
        node_mark_suspect(node);
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
    watch_expiry(node, now);
    scrub(node);
    end_if_suspect(node);
    if (now >= node->published_ms + QUIET_MS) {
        publishing_tighten_guard(node);
    }
}
