// SPDX-License-Identifier: EUPL-1.2
// What is done about once a second: in each space the scrub, the probe for free space, the guard at
// rest, the wait for the own log; for the node expiry and the watchdog.
#include <stdio.h>

#include <sodium.h>
#include <systemd/sd-daemon.h>

#include "clock.h"
#include "json/rfc3339.h"
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

static void tell_damages(struct space *space, const struct damages *damages)
{
    for (size_t i = 0; i < damages->count; i++) {
        struct event event = {.type = EVENT_DAMAGED,
                              .damaged = {damages->list[i].chain, damages->list[i].seq}};

        space_step(space, &event);
    }
}

// The first chain from `number` on, or CHAIN_NONE.
static uint32_t chain_from(const struct space *space, uint32_t number)
{
    struct chain chain;

    while (number < space->chains_max &&
           engine_get_chain(space->engine, number, &chain) != ERR_OK) {
        number++;
    }
    return number < space->chains_max ? number : CHAIN_NONE;
}

// First the records as they lie, then each chain from its first entry to its head, where what is
// missing shows; then anew.
static void scrub_some(struct space *space, uint32_t count, struct damages *damages)
{
    enum err err = space->scrub_chain == CHAIN_NONE
                       ? store_scrub(space->store, &space->scrub_at, count, collect, damages)
                       : store_scrub_chain(space->store, space->scrub_chain, &space->scrub_at,
                                           count, collect, damages);

    if (err != ERR_OK) { // that part is done, or cannot be read
        space->scrub_chain =
            chain_from(space, space->scrub_chain == CHAIN_NONE ? 0 : space->scrub_chain + 1);
        space->scrub_at = 0;
    }
}

static void scrub(struct space *space)
{
    struct damages damages = {0};

    if (space->node->config.scrub_per_s == 0) {
        return;
    }
    scrub_some(space, space->node->config.scrub_per_s, &damages);
    tell_damages(space, &damages);
}

// After a rebuild: what is missing below the heads is looked for at once, not in the course of the
// scrub.
void space_look_for_damage(struct space *space)
{
    for (uint32_t c = chain_from(space, 0); c != CHAIN_NONE; c = chain_from(space, c + 1)) {
        uint64_t seq = 0;
        enum err err = ERR_OK;

        while (err == ERR_OK) {
            struct damages damages = {0};

            err = store_scrub_chain(space->store, c, &seq, DAMAGES_MAX, collect, &damages);
            tell_damages(space, &damages);
        }
    }
}

static void probe_space(struct space *space)
{
    struct event event = {.type = EVENT_STORE_READY};

    if (space->is_store_failed && store_has_space(space->store)) {
        space->is_store_failed = false;
        log_write(LOG_LEVEL_INFO, "store-ready", "space=%s", space_title(space));
        space_step(space, &event);
    }
}

static void end_wait_for_own_log(struct space *space, uint64_t now_ms)
{
    struct event event = {.type = EVENT_OWN_LOG_CLEAR, .new_epoch = space->is_suspicious};
    struct engine_status status;

    if (space->own_log_deadline_ms == 0 || now_ms < space->own_log_deadline_ms) {
        return;
    }
    space->own_log_deadline_ms = 0;
    engine_get_status(space->engine, &status);
    if (!status.is_own_log_ready) {
        space_step(space, &event);
    }
}

// Whoever reads may meet damage that only a rebuild mends, and the next start rebuilds.
static void end_if_suspect(struct space *space)
{
    if (space->node->restart != RESTART_TO_REBUILD && store_is_suspect(space->store)) {
        log_write(LOG_LEVEL_ERROR, "store-suspect", "action=%s", "restarting to rebuild it");
        space_mark_suspect(space);
    }
}

static void keep_space(struct space *space, uint64_t now_ms)
{
    probe_space(space);
    scrub(space);
    end_if_suspect(space);
    if (now_ms >= space->published_ms + QUIET_MS) {
        publishing_tighten_guard(space);
    }
}

// -- of the node --

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

void node_upkeep(struct node *node)
{
    uint64_t now = clock_now_ms();

    for (size_t i = 0; i < node->spaces_count; i++) {
        end_wait_for_own_log(node->spaces[i], now);
    }
    if (node->restart == RESTART_NOT && node->restart_ms != 0 && now >= node->restart_ms) {
        node->restart = RESTART_WITH_ROSTER;
    }
    if (now < node->upkeep_ms) {
        return;
    }
    node->upkeep_ms = now + UPKEEP_MS;
    sd_notify(0, "WATCHDOG=1");
    watch_expiry(node, now);
    thin_measure(node);
    for (size_t i = 0; i < node->spaces_count; i++) {
        keep_space(node->spaces[i], now);
    }
}
