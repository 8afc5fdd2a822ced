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

void publishing_add(struct node *node, struct errand *errand)
{
    struct errand **at = &node->waiting;

    errand->next = NULL;
    errand->publish.deadline_ms = clock_now_ms() + node->config.own_log_wait_ms + CLOSED_GRACE_MS;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = errand;
}

static void remove_waiting(struct node *node, const struct errand *errand)
{
    struct errand **at = &node->waiting;

    while (*at != NULL && *at != errand) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = errand->next;
    }
}

// Every piece of the errand that the engine still has is let go; then it is answered.
static void fail(struct node *node, struct errand *errand, enum err err)
{
    for (size_t c = 0; c < CHUNKS_MAX; c++) {
        if (node->chunks[c].errand == errand) {
            node->chunks[c].errand = NULL;
        }
    }
    errand->publish.failed = errand->publish.done;
    remove_waiting(node, errand);
    desk_answer(node->desk, errand, err);
}

void publishing_done(struct node *node, const struct note *note)
{
    struct chunk *chunk = &node->chunks[note->cookie % CHUNKS_MAX];
    struct errand *errand = chunk->errand;

    node->done_cookie++;
    if (errand == NULL) {
        return;
    }
    chunk->errand = NULL;
    if (note->type == NOTE_PUBLISH_FAILED) {
        fail(node, errand, note->err);
        return;
    }
    for (size_t i = 0; i < chunk->count; i++) {
        errand->publish.published[chunk->first + i] =
            (struct desk_published){note->epoch, note->seq - chunk->count + 1 + i};
    }
    errand->publish.done += chunk->count;
    if (errand->publish.done == errand->publish.count) {
        remove_waiting(node, errand);
        desk_answer(node->desk, errand, ERR_OK);
    }
}

// -- the guard --

static enum err raise_ceiling(struct node *node, const struct engine_status *status, size_t count)
{
    struct guard guard = {.epoch = status->own_epoch,
                          .ceiling = status->own_next + count + CEILING_STEP,
                          .floor = status->own_head};
    bool is_under = node->guard.epoch == status->own_epoch && !node->guard.is_exact &&
                    status->own_next + count - 1 <= node->guard.ceiling;
    enum err err = is_under ? ERR_OK : guard_save(&node->home, &guard);

    if (err == ERR_OK && !is_under) {
        node->guard = guard;
    }
    return err;
}

void publishing_tighten_guard(struct node *node)
{
    struct engine_status status;
    struct guard guard;

    engine_get_status(node->engine, &status);
    if (status.own_head + 1 != status.own_next ||
        (node->guard.is_exact && node->guard.epoch == status.own_epoch &&
         node->guard.ceiling == status.own_head)) {
        return;
    }
    guard = (struct guard){.epoch = status.own_epoch,
                           .ceiling = status.own_head,
                           .floor = status.own_head,
                           .is_exact = true};
    if (guard_save(&node->home, &guard) == ERR_OK) {
        node->guard = guard;
    }
}

void publishing_load_guard(struct node *node)
{
    struct engine_status status;
    enum err err = guard_load(&node->home, &node->guard);

    engine_get_status(node->engine, &status);
    if (err == ERR_NOT_FOUND) {
        node->is_suspicious = status.own_head > 0;
    } else {
        node->is_suspicious =
            err != ERR_OK || node->guard.was_moved || node->guard.epoch > status.own_epoch ||
            (node->guard.epoch == status.own_epoch && node->guard.floor > status.own_head);
    }
    if (node->is_suspicious) {
        log_write(LOG_LEVEL_WARNING, "own-log-suspicious", "held=%llu guard=%llu",
                  (unsigned long long)status.own_head, (unsigned long long)node->guard.floor);
    }
}

// -- pieces --

static size_t cut_piece(const struct errand *errand)
{
    size_t count = 0;
    size_t bytes = 0;

    while (errand->publish.taken + count < errand->publish.count && count < ENGINE_PUBLISH_MAX) {
        bytes += errand->publish.entries[errand->publish.taken + count].content.len;
        if (count > 0 && bytes > PIECE_BYTES) {
            break;
        }
        count++;
    }
    return count;
}

static void hand_over(struct node *node, struct errand *errand, size_t count)
{
    struct publication items[ENGINE_PUBLISH_MAX];
    uint64_t cookie = node->next_cookie++;
    struct event event = {.type = EVENT_PUBLISH,
                          .publish = {.cookie = cookie, .items = items, .count = count}};

    for (size_t i = 0; i < count; i++) {
        const struct desk_entry *entry = &errand->publish.entries[errand->publish.taken + i];

        items[i].content = entry->content;
        items[i].precedence = entry->precedence;
        items[i].key = node->all_members_key;
        randombytes_buf(items[i].salt, SALT_LEN);
    }
    node->chunks[cookie % CHUNKS_MAX] = (struct chunk){errand, errand->publish.taken, count};
    errand->publish.taken += count;
    node->published_ms = clock_now_ms();
    node_step(node, &event);
}

static struct errand *next_untaken(const struct node *node)
{
    struct errand *errand = node->waiting;

    while (errand != NULL && errand->publish.taken == errand->publish.count) {
        errand = errand->next;
    }
    return errand;
}

// Whether the errand's next piece may be handed over; ERR_AGAIN: later.
static enum err may_hand_over(struct node *node, const struct errand *errand, size_t count)
{
    struct engine_status status;

    engine_get_status(node->engine, &status);
    if (status.is_revoked) {
        return ERR_DENIED;
    }
    if (status.is_store_failed) {
        return ERR_NO_SPACE;
    }
    if (!status.is_own_log_ready) {
        return clock_now_ms() < errand->publish.deadline_ms ? ERR_AGAIN : ERR_STATE;
    }
    return raise_ceiling(node, &status, count);
}

void publishing_continue(struct node *node)
{
    struct errand *errand;

    while ((errand = next_untaken(node)) != NULL &&
           node->next_cookie - node->done_cookie < CHUNKS_MAX) {
        size_t count = cut_piece(errand);
        enum err err = may_hand_over(node, errand, count);

        if (err == ERR_AGAIN) {
            return;
        }
        if (err == ERR_OK) {
            hand_over(node, errand, count);
        } else {
            fail(node, errand, err == ERR_STATE ? ERR_AGAIN : err);
        }
    }
}

void publishing_stop(struct node *node)
{
    while (node->waiting != NULL) {
        fail(node, node->waiting, ERR_STATE);
    }
}
