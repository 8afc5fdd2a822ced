// SPDX-License-Identifier: EUPL-1.2
// Changes of a group: what people order, and new keys that are due [14.10]. A key is in the home
// before the change that names it is published. Whether a change counts is group_evaluate's to say.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "clock.h"
#include "desk.h"
#include "groups/state.h"
#include "log.h"

enum {
    CATCH_UP_MS = 5000,
    // Of several owners who could bring a key the first in the roster does, then the next ...
    DUE_FIRST_MS = 300,
    DUE_RANK_MS = 2000,
    DUE_LONGEST_MS = 60000,
    DUE_FOUNDER_MS = 3000, // who founds a group brings its key at once, if nothing is in the way
    DUE_AGAIN_MS = 1000,
    DUE_FAILED_MS = 10000
};

// -- what a change says --

static bool are_centres(const struct centre_set *set, const struct roster *roster)
{
    for (uint32_t centre = (uint32_t)roster->centres_count; centre < CENTRES_MAX; centre++) {
        if (centre_set_has(set, centre)) {
            return false;
        }
    }
    return true;
}

static bool is_none(const struct centre_set *set)
{
    const struct centre_set none = {0};
    return memcmp(set, &none, sizeof none) == 0;
}

static enum err fill_founding(const struct groups *groups, const struct groups_view *view,
                              const struct groups_order *order, struct group_body *body)
{
    const uint32_t own = view->roster->nodes[groups->self].centre;
    if (!are_centres(&order->centres, view->roster) || !are_centres(&order->owners, view->roster)) {
        return ERR_NOT_FOUND;
    }
    *body = (struct group_body){.op = GROUP_CREATE,
                                .centres = order->centres,
                                .owners = order->owners,
                                .has_history = order->has_history};
    memcpy(body->name, order->name, sizeof body->name);
    if (is_none(&body->owners)) {
        centre_set_add(&body->owners, own);
        centre_set_add(&body->centres, own);
    }
    return centre_set_has(&body->owners, own) ? ERR_OK : ERR_DENIED; // [14.6]
}

// Whether the change would change anything.
static enum err check_effect(const struct group *group, const struct groups_order *order)
{
    const bool is_member = centre_set_has(&group->members, order->centre);
    const bool is_owner = centre_set_has(&group->owners, order->centre);
    switch (order->op) {
    case GROUP_ADD:
        return is_member ? ERR_STATE : ERR_OK;
    case GROUP_REMOVE:
        return is_member ? ERR_OK : ERR_STATE;
    case GROUP_OWN:
        return is_member && !is_owner ? ERR_OK : ERR_STATE;
    case GROUP_DISOWN:
        return is_owner ? ERR_OK : ERR_STATE;
    case GROUP_REKEY:
        return ERR_OK;
    case GROUP_CREATE:
    case GROUP_OPS:
        break;
    }
    assert(false);
    return ERR_STATE;
}

static enum err fill_later(bool is_real, const struct groups_view *view,
                           const struct groups_item *item, const struct groups_order *order,
                           struct group_body *body)
{
    const struct group *const group = item->group;
    if (group->is_all && (order->op != GROUP_REKEY || !is_real)) {
        return ERR_STATE; // [14.11]; in an exercise its keys follow from those of the real world
    }
    if (!item->is_owner) {
        return ERR_DENIED;
    }
    if (order->op != GROUP_REKEY && order->centre >= view->roster->centres_count) {
        return ERR_NOT_FOUND;
    }
    const enum err err = check_effect(group, order);
    if (err != ERR_OK) {
        return err;
    }
    *body = (struct group_body){.op = order->op,
                                .centre = order->op == GROUP_REKEY ? 0 : order->centre,
                                .after_count = group->latest_count};
    memcpy(body->group, group->id, TAG_LEN);
    memcpy(body->after, group->latest, group->latest_count * ID_LEN);
    // Without history the new member may not have the key there is [14.9].
    body->has_key = order->op == GROUP_REMOVE || order->op == GROUP_REKEY ||
                    (order->op == GROUP_ADD && !group->has_history);
    group_revoked_nodes(view->roster, &body->revoked);
    return ERR_OK;
}

// -- keys --

// One that was kept for this group and not published is used first, or each failure would leave
// another one behind.
static enum err make_key(struct groups *groups, const struct group *group,
                         uint8_t hash[static DIGEST_LEN])
{
    struct group_key *const spare = groups->spare;
    uint8_t secret[SECRET_LEN];
    enum err err = ERR_OK;
    if (memcmp(spare->group, group->id, TAG_LEN) != 0 || group_find_key(group, spare->id) != NULL) {
        randombytes_buf(secret, sizeof secret);
        group_key_derive(spare, group->id, secret);
        sodium_memzero(secret, sizeof secret);
        err = secrets_keep(groups->secrets, spare, 1);
    }
    group_key_hash(spare->group, spare->secret, hash);
    return err;
}

// What the change itself is sealed with: for the group of all members, and the new key of that with
// the one that the others have.
static bool find_sealing(struct groups *groups, const struct groups_view *view, bool is_new_key,
                         struct group_key *key)
{
    return groups_seal_key(groups, groups->all, key) == ERR_OK ||
           (is_new_key && keys_find_last(groups, view->items[0].group, key));
}

// -- publishing --

static enum err publish(struct groups *groups, const struct group_body *body,
                        const struct group_key *key, struct groups_done *done)
{
    uint8_t *const bytes = malloc(GROUP_BODY_MAX);
    if (bytes == NULL) {
        abort();
    }
    struct desk_published published;
    size_t failed;
    enum err err = ERR_MALFORMED;
    const size_t len = group_body_encode(body, bytes, GROUP_BODY_MAX);
    if (len > 0) {
        const struct desk_entry entry = {
            .content = {bytes, len}, .precedence = PRIORITY, .key = key};
        err = desk_publish(groups->desk, &entry, 1, &published, &failed);
    }
    if (err == ERR_OK) {
        done->epoch = published.epoch;
        done->seq = published.seq;
    }
    free(bytes);
    return err;
}

// Makes the change by that view.
static enum err change(struct groups *groups, const struct groups_view *view,
                       const struct groups_order *order, struct groups_done *done)
{
    const struct groups_item *const item =
        order->op == GROUP_CREATE ? NULL : groups_find(view, order->group);
    struct group_body body;
    if (order->op != GROUP_CREATE && item == NULL) {
        return ERR_NOT_FOUND;
    }
    enum err err = item == NULL ? fill_founding(groups, view, order, &body)
                                : fill_later(groups->is_real, view, item, order, &body);
    if (err != ERR_OK) {
        return err;
    }
    struct group_key sealing;
    const bool is_new_key = item != NULL && item->group->is_all;
    if (!find_sealing(groups, view, is_new_key, &sealing)) {
        return ERR_AGAIN;
    }
    if (body.has_key) {
        err = make_key(groups, item->group, body.key_hash);
    }
    if (err == ERR_OK) {
        err = publish(groups, &body, &sealing, done);
    }
    sodium_memzero(&sealing, sizeof sealing);
    if (item != NULL) {
        memcpy(done->group, item->group->id, TAG_LEN);
    }
    if (err == ERR_OK && body.has_key) {
        sodium_memzero(groups->spare, sizeof *groups->spare);
    }
    return err;
}

// Whether the entry `done` of this node's log founded that group.
static bool was_founded_by(const struct groups_item *item, uint32_t self,
                           const struct groups_done *done)
{
    for (size_t i = 0; i < item->steps_count; i++) {
        const struct groups_entry *const entry = &item->steps[i].entry;
        if (item->steps[i].op == GROUP_CREATE && entry->author == self &&
            entry->epoch == done->epoch && entry->seq == done->seq) {
            return true;
        }
    }
    return false;
}

static bool find_founded(const struct groups *groups, const struct groups_view *view,
                         struct groups_done *done)
{
    for (size_t i = 0; i < view->count; i++) {
        if (was_founded_by(&view->items[i], groups->self, done)) {
            memcpy(done->group, view->items[i].group->id, TAG_LEN);
            return true;
        }
    }
    return false;
}

// [14.2] The first key follows the founding. Where that does not succeed it is due, like any.
static void bring_first_key(struct groups *groups, struct groups_done *done)
{
    const struct groups_view *const view = groups_hold(groups);
    struct groups_order order = {.op = GROUP_REKEY};
    enum err err = ERR_AGAIN;
    if (find_founded(groups, view, done)) {
        memcpy(order.group, done->group, TAG_LEN);
        err = change(groups, view, &order, done);
    }
    groups_release(view);
    if (err == ERR_OK) {
        err = groups_catch_up(groups, CATCH_UP_MS);
    }
    if (err != ERR_OK) {
        log_write(LOG_LEVEL_WARNING, "group-key-late", "reason=%s", err_text(err));
    }
}

enum err groups_change(struct groups *groups, const struct groups_order *order,
                       struct groups_done *done)
{
    *done = (struct groups_done){0};
    pthread_mutex_lock(&groups->changing);
    enum err err = groups_catch_up(groups, CATCH_UP_MS);
    if (err == ERR_OK) {
        const struct groups_view *const view = groups_hold(groups);
        err = change(groups, view, order, done);
        groups_release(view);
    }
    if (err == ERR_OK) {
        const enum err late = groups_catch_up(groups, CATCH_UP_MS);
        if (late == ERR_OK && order->op == GROUP_CREATE) {
            bring_first_key(groups, done);
        }
    }
    pthread_mutex_unlock(&groups->changing);
    return err;
}

// -- what is due --

static uint32_t rank_of(const struct groups *groups, const struct roster *roster,
                        const struct group *group)
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < groups->self; i++) {
        rank +=
            !roster->nodes[i].is_revoked && centre_set_has(&group->owners, roster->nodes[i].centre)
                ? 1
                : 0;
    }
    return rank;
}

// How long others are waited for. Two who bring a key at once do no harm; it is only one too many.
static uint64_t patience_ms(const struct groups *groups, const struct roster *roster,
                            const struct group *group)
{
    const uint32_t rank = rank_of(groups, roster, group);
    uint64_t wait_ms = DUE_FIRST_MS + (uint64_t)rank * DUE_RANK_MS;
    wait_ms = wait_ms < DUE_LONGEST_MS ? wait_ms : DUE_LONGEST_MS;
    if (rank > 0) {
        wait_ms += randombytes_uniform(rank < 60 ? rank * 500 : 30000);
    }
    if (!group->is_all && group->keys_count == 0) {
        wait_ms += group->founder == groups->self ? DUE_FOUNDER_MS : 4 * DUE_FOUNDER_MS;
    }
    return wait_ms;
}

// Whether this node's centre is to bring a key: where none is usable, and where it cannot get one
// that is, whose makers may be lost with it.
static bool is_to_bring(const struct groups_item *item)
{
    return item->is_owner && (item->group->needs_key || !item->is_held);
}

static uint64_t due_before(const struct due *dues, size_t count, const struct due *due)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(dues[i].group, due->group, TAG_LEN) == 0 &&
            dues[i].needs_key == due->needs_key) {
            return dues[i].at_ms;
        }
    }
    return 0;
}

void dues_look(struct groups *groups, uint64_t now_ms)
{
    const struct groups_view *const view = groups_hold(groups);
    struct due *const dues = calloc(view->count, sizeof *dues);
    if (dues == NULL) {
        abort();
    }
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct groups_item *const item = &view->items[i];
        if (!groups->brings_keys || !is_to_bring(item) ||
            (item->group->is_all && !groups->is_real) ||
            view->roster->nodes[groups->self].is_revoked) {
            continue;
        }
        struct due *const due = &dues[count++];
        memcpy(due->group, item->group->id, TAG_LEN);
        due->needs_key = item->group->needs_key;
        due->at_ms = due_before(groups->dues, groups->dues_count, due);
        if (due->at_ms == 0) {
            due->at_ms = now_ms + patience_ms(groups, view->roster, item->group) +
                         (due->needs_key ? 0 : groups->patience_ms);
        }
    }
    groups_release(view);
    free(groups->dues);
    groups->dues = dues;
    groups->dues_count = count;
}

uint64_t dues_next_ms(const struct groups *groups)
{
    uint64_t next_ms = UINT64_MAX;
    for (size_t i = 0; i < groups->dues_count; i++) {
        next_ms = groups->dues[i].at_ms < next_ms ? groups->dues[i].at_ms : next_ms;
    }
    return next_ms;
}

// The thread itself makes the change here, so it cannot wait until that is shown.
static void bring_due(struct groups *groups, struct due *due)
{
    const struct groups_view *const view = groups_hold(groups);
    struct groups_order order = {.op = GROUP_REKEY};
    struct groups_done done;
    memcpy(order.group, due->group, TAG_LEN);
    const enum err err = change(groups, view, &order, &done);
    const struct groups_item *const item = groups_find(view, due->group);
    const char *const name = item == NULL ? "?" : item->name;
    const uint64_t now_ms = clock_now_ms();
    due->at_ms = now_ms + (err == ERR_AGAIN ? DUE_AGAIN_MS : DUE_FAILED_MS);
    if (err == ERR_OK) {
        log_write(LOG_LEVEL_INFO, "group-rekeyed", "group=%s", name);
    } else if (err != ERR_AGAIN) {
        log_write(LOG_LEVEL_WARNING, "group-not-rekeyed", "group=%s reason=%s", name,
                  err_text(err));
    }
    groups_release(view);
}

void dues_run(struct groups *groups, uint64_t now_ms)
{
    if (dues_next_ms(groups) > now_ms) {
        return;
    }
    if (pthread_mutex_trylock(&groups->changing) != 0) {
        return; // a person changes something; it is looked at again a moment later
    }
    for (size_t i = 0; i < groups->dues_count; i++) {
        if (groups->dues[i].at_ms <= now_ms) {
            bring_due(groups, &groups->dues[i]);
            break; // what the others stand on may have changed
        }
    }
    pthread_mutex_unlock(&groups->changing);
}
