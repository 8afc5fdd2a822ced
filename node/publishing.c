// SPDX-License-Identifier: EUPL-1.2
// Publications on their way from the desk through the engine: cut into pieces it takes, never
// signed above the guard's ceiling, answered when durable.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "clock.h"
#include "node.h"

enum {
    CEILING_STEP = 8192, // entries signed between two raises of the guard, each a few milliseconds
    PIECE_BYTES = 2 * 1024 * 1024, // content in one piece; sealed it fits the engine's memory
    CLOSED_GRACE_MS = 2000,        // beyond the wait for the own log
};

void publishing_add(struct space *space, struct errand *errand)
{
    struct errand **at = &space->waiting;
    // A new key comes first: what is there may be waiting for it.
    bool is_first = errand->publish.entries[0].key != NULL;

    errand->publish.deadline_ms =
        clock_now_ms() + space->node->config.own_log_wait_ms + CLOSED_GRACE_MS;
    while (*at != NULL && !is_first) {
        at = &(*at)->next;
    }
    errand->next = *at;
    *at = errand;
}

static void remove_waiting(struct space *space, const struct errand *errand)
{
    struct errand **at = &space->waiting;

    while (*at != NULL && *at != errand) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = errand->next;
    }
}

// Every piece of the errand that the engine still has is let go; then it is answered.
static void fail(struct space *space, struct errand *errand, enum err err)
{
    for (size_t c = 0; c < CHUNKS_MAX; c++) {
        if (space->chunks[c].errand == errand) {
            space->chunks[c].errand = NULL;
        }
    }
    errand->publish.failed = errand->publish.done;
    remove_waiting(space, errand);
    desk_answer(space->desk, errand, err);
}

void publishing_done(struct space *space, const struct note *note)
{
    struct chunk *chunk = &space->chunks[note->cookie % CHUNKS_MAX];
    struct errand *errand = chunk->errand;

    space->done_cookie++;
    if (errand == NULL) {
        return;
    }
    chunk->errand = NULL;
    if (note->type == NOTE_PUBLISH_FAILED) {
        fail(space, errand, note->err);
        return;
    }
    for (size_t i = 0; i < chunk->count; i++) {
        errand->publish.published[chunk->first + i] =
            (struct desk_published){note->epoch, note->seq - chunk->count + 1 + i};
    }
    errand->publish.done += chunk->count;
    if (errand->publish.done == errand->publish.count) {
        remove_waiting(space, errand);
        desk_answer(space->desk, errand, ERR_OK);
    }
}

// -- the guard --

static enum err raise_ceiling(struct space *space, const struct engine_status *status, size_t count)
{
    struct guard guard = {.epoch = status->own_epoch,
                          .ceiling = status->own_next + count + CEILING_STEP,
                          .floor = status->own_head};
    bool is_under = space->guard.epoch == status->own_epoch && !space->guard.is_exact &&
                    status->own_next + count - 1 <= space->guard.ceiling;
    enum err err = is_under ? ERR_OK : guard_save(&space->node->home, space->name, &guard);

    if (err == ERR_OK && !is_under) {
        space->guard = guard;
    }
    return err;
}

void publishing_tighten_guard(struct space *space)
{
    struct engine_status status;
    struct guard guard;

    engine_get_status(space->engine, &status);
    if (status.own_head + 1 != status.own_next ||
        (space->guard.is_exact && space->guard.epoch == status.own_epoch &&
         space->guard.ceiling == status.own_head)) {
        return;
    }
    guard = (struct guard){.epoch = status.own_epoch,
                           .ceiling = status.own_head,
                           .floor = status.own_head,
                           .is_exact = true};
    if (guard_save(&space->node->home, space->name, &guard) == ERR_OK) {
        space->guard = guard;
    }
}

void publishing_load_guard(struct space *space)
{
    struct engine_status status;
    enum err err = guard_load(&space->node->home, space->name, &space->guard);

    engine_get_status(space->engine, &status);
    if (err == ERR_NOT_FOUND) {
        space->is_suspicious = status.own_head > 0;
    } else {
        space->is_suspicious =
            err != ERR_OK || space->guard.was_moved || space->guard.epoch > status.own_epoch ||
            (space->guard.epoch == status.own_epoch && space->guard.floor > status.own_head);
    }
    if (space->is_suspicious) {
        log_write(LOG_LEVEL_WARNING, "own-log-suspicious", "held=%llu guard=%llu space=%s",
                  (unsigned long long)status.own_head, (unsigned long long)space->guard.floor,
                  space_title(space));
    }
}

// -- pieces --

static size_t cut_piece(const struct errand *errand)
{
    size_t count = 0;
    size_t bytes = 0;

    const struct desk_entry *first = &errand->publish.entries[errand->publish.taken];

    while (errand->publish.taken + count < errand->publish.count && count < ENGINE_PUBLISH_MAX) {
        const struct desk_entry *entry = &first[count];

        bytes += entry->content.len;
        if (count > 0 && (bytes > PIECE_BYTES || entry->key != first->key ||
                          memcmp(entry->group, first->group, TAG_LEN) != 0)) {
            break;
        }
        count++;
    }
    return count;
}

// What the entry is sealed with. For the key of all members it waits, and what comes behind waits
// too: after a revocation an owner brings one within seconds. Errors: as groups_seal_key, but
// ERR_STATE for ERR_AGAIN when it waits no longer.
static enum err find_key(struct space *space, const struct errand *errand,
                         const struct desk_entry *entry, struct group_key *key)
{
    static const uint8_t none[TAG_LEN];
    bool is_for_all = memcmp(entry->group, none, TAG_LEN) == 0;
    uint8_t all[TAG_LEN];
    enum err err;

    if (entry->key != NULL) {
        *key = *entry->key;
        return ERR_OK;
    }
    group_all_members(space->id, all);
    err = groups_seal_key(space->groups, is_for_all ? all : entry->group, key);
    if (err == ERR_AGAIN && (!is_for_all || clock_now_ms() >= errand->publish.deadline_ms)) {
        return ERR_STATE;
    }
    return err;
}

// What the next piece is sealed with; before the first one, whether there is a key for every piece.
static enum err find_keys(struct space *space, const struct errand *errand, struct group_key *key)
{
    const struct desk_entry *entries = errand->publish.entries;
    enum err err = ERR_OK;

    for (size_t i = 1; errand->publish.taken == 0 && i < errand->publish.count && err == ERR_OK;
         i++) {
        if (memcmp(entries[i].group, entries[i - 1].group, TAG_LEN) != 0) {
            err = find_key(space, errand, &entries[i], key);
        }
    }
    return err == ERR_OK ? find_key(space, errand, &entries[errand->publish.taken], key) : err;
}

// One group's entries, sealed with one key.
static void hand_over(struct space *space, struct errand *errand, size_t count,
                      const struct group_key *key)
{
    struct publication items[ENGINE_PUBLISH_MAX];
    uint64_t cookie = space->next_cookie++;
    struct event event = {.type = EVENT_PUBLISH,
                          .publish = {.cookie = cookie, .items = items, .count = count}};

    for (size_t i = 0; i < count; i++) {
        const struct desk_entry *entry = &errand->publish.entries[errand->publish.taken + i];

        items[i].content = entry->content;
        items[i].precedence = entry->precedence;
        items[i].key = key;
        randombytes_buf(items[i].salt, SALT_LEN);
    }
    space->chunks[cookie % CHUNKS_MAX] = (struct chunk){errand, errand->publish.taken, count};
    errand->publish.taken += count;
    space->published_ms = clock_now_ms();
    space_step(space, &event);
}

static struct errand *next_untaken(const struct space *space)
{
    struct errand *errand = space->waiting;

    while (errand != NULL && errand->publish.taken == errand->publish.count) {
        errand = errand->next;
    }
    return errand;
}

static bool is_end(const struct errand *errand)
{
    struct span kind;

    return errand->publish.count == 1 &&
           body_check(errand->publish.entries[0].content, &kind) == ERR_OK && ending_is_kind(kind);
}

// Whether the errand's next piece may be handed over; ERR_AGAIN: later.
static enum err may_hand_over(struct space *space, const struct errand *errand, size_t count)
{
    struct engine_status status;

    engine_get_status(space->engine, &status);
    if (status.is_revoked) {
        return ERR_DENIED;
    }
    if (space->end.is_there && !is_end(errand)) {
        return ERR_DENIED; // [16.4]
    }
    if (status.is_store_failed) {
        return ERR_NO_SPACE;
    }
    if (!status.is_own_log_ready) {
        return clock_now_ms() < errand->publish.deadline_ms ? ERR_AGAIN : ERR_STATE;
    }
    return raise_ceiling(space, &status, count);
}

void publishing_continue(struct space *space)
{
    struct errand *errand;

    while ((errand = next_untaken(space)) != NULL &&
           space->next_cookie - space->done_cookie < CHUNKS_MAX) {
        size_t count = cut_piece(errand);
        struct group_key key;
        enum err err = may_hand_over(space, errand, count);

        if (err == ERR_OK) {
            err = find_keys(space, errand, &key);
        }
        if (err == ERR_AGAIN) {
            return;
        }
        if (err == ERR_OK) {
            hand_over(space, errand, count, &key);
            sodium_memzero(&key, sizeof key);
        } else {
            fail(space, errand, err == ERR_STATE ? ERR_AGAIN : err);
        }
    }
}

void publishing_stop(struct space *space)
{
    while (space->waiting != NULL) {
        fail(space, space->waiting, ERR_STATE);
    }
}
