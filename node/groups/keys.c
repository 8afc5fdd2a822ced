// SPDX-License-Identifier: EUPL-1.2
// Which keys this node uses, lacks, gives and takes. How a question travels is the engine's.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "groups/state.h"
#include "log.h"
#include "sitrep/exercise.h"

enum err groups_find_key(struct groups *groups, const uint8_t group[static TAG_LEN],
                         const uint8_t key[static TAG_LEN], struct group_key *out)
{
    return secrets_find(groups->secrets, group, key, out);
}

size_t groups_keys_kept(struct groups *groups)
{
    return secrets_kept(groups->secrets);
}

enum err groups_key_number(struct groups *groups, const uint8_t group[static TAG_LEN],
                           const uint8_t key[static TAG_LEN], uint32_t *number)
{
    return secrets_number(groups->secrets, group, key, number);
}

enum err groups_open_body(struct groups *groups, struct sealer *sealer, const struct record *record,
                          const struct chain *chain, struct span *content)
{
    const struct span sealed = {record->sealed, record->sealed_len};
    struct header header = {.epoch = chain->epoch, .seq = record->seq}; // what the seal binds
    struct group_key key;
    enum err err = groups_find_key(groups, record->group, record->key, &key);

    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    memcpy(header.group, record->group, TAG_LEN);
    memcpy(header.key, record->key, TAG_LEN);
    if (err == ERR_OK) {
        err = seal_open(sealer, &key, &header, sealed, content);
        sodium_memzero(&key, sizeof key);
    }
    return err;
}

// -- to seal with --

static bool hold(struct groups *groups, const struct group *group,
                 const struct group_keying *keying, struct group_key *out)
{
    return out == NULL ? secrets_have(groups->secrets, group->id, keying->hash)
                       : secrets_find(groups->secrets, group->id, keying->hash, out) == ERR_OK;
}

// The first key of the group of all members [14.11]: the oldest here that no change brought.
static bool find_first(struct groups *groups, const struct group *group, struct group_key *out)
{
    struct group_key key;
    bool is_found = false;
    for (size_t at = 0; !is_found && secrets_at(groups->secrets, group->id, at, &key) == ERR_OK;
         at++) {
        is_found = group_find_key(group, key.id) == NULL;
    }
    if (is_found && out != NULL) {
        *out = key;
    }
    sodium_memzero(&key, sizeof key);
    return is_found;
}

bool keys_find_usable(struct groups *groups, const struct group *group, struct group_key *out)
{
    if (group->current != NULL && hold(groups, group, group->current, out)) {
        return true;
    }
    for (size_t i = group->keys_count; i > 0; i--) {
        if (group->keys[i - 1].is_usable && hold(groups, group, &group->keys[i - 1], out)) {
            return true;
        }
    }
    return group->is_all && group->keys_count == 0 && !group->needs_key &&
           find_first(groups, group, out);
}

bool keys_find_last(struct groups *groups, const struct group *group, struct group_key *out)
{
    for (size_t i = group->keys_count; i > 0; i--) {
        if (hold(groups, group, &group->keys[i - 1], out)) {
            return true;
        }
    }
    return find_first(groups, group, out);
}

// [16.3] What goes with the key that the real world uses.
static enum err derive_seal_key(struct groups *groups, struct group_key *out)
{
    struct group_key key;
    const enum err err = groups_seal_key(groups->real, groups->real->all, &key);
    if (err == ERR_OK) {
        exercise_group_key(out, groups->space, key.secret);
    }
    sodium_memzero(&key, sizeof key);
    return err;
}

enum err groups_seal_key(struct groups *groups, const uint8_t group[static TAG_LEN],
                         struct group_key *out)
{
    if (groups->real != NULL && memcmp(group, groups->all, TAG_LEN) == 0) {
        return derive_seal_key(groups, out);
    }
    const struct groups_view *const view = groups_hold(groups);
    const struct groups_item *const item = groups_find(view, group);
    enum err err = ERR_OK;
    if (item == NULL) {
        pthread_mutex_lock(&groups->lock);
        err = groups->has_caught_up ? ERR_NOT_FOUND : ERR_AGAIN;
        pthread_mutex_unlock(&groups->lock);
    } else if (!item->is_member) {
        err = ERR_DENIED;
    } else if (!keys_find_usable(groups, item->group, out)) {
        err = ERR_AGAIN;
    }
    groups_release(view);
    return err;
}

// -- to ask for --

static void want(struct groups *groups, struct held_view *view, const struct group *group,
                 const struct group_keying *keying)
{
    if (view->wanted_count == ENGINE_KEYS_MAX ||
        secrets_have(groups->secrets, group->id, keying->hash) ||
        !group_entitled(group, view->public.roster, groups->self, keying->hash)) {
        return;
    }
    struct key_ref *const wanted = &view->wanted[view->wanted_count++];
    memcpy(wanted->group, group->id, TAG_LEN);
    memcpy(wanted->key, keying->hash, TAG_LEN);
}

static void want_others(struct groups *groups, struct held_view *view, const struct group *group)
{
    for (size_t i = group->keys_count; i > 0; i--) {
        if (&group->keys[i - 1] != group->current) {
            want(groups, view, group, &group->keys[i - 1]);
        }
    }
}

void keys_list_wanted(struct groups *groups, struct held_view *view)
{
    for (size_t i = 0; i < view->public.count; i++) {
        const struct group *const group = view->items[i].group;
        if (group->current != NULL) {
            want(groups, view, group, group->current);
        }
    }
    for (size_t i = 0; i < view->public.count; i++) {
        want_others(groups, view, view->items[i].group);
    }
}

size_t groups_wanted(struct groups *groups, struct key_ref list[static ENGINE_KEYS_MAX])
{
    pthread_mutex_lock(&groups->lock);
    const size_t count = groups->view->wanted_count;
    memcpy(list, groups->view->wanted, count * sizeof *list);
    pthread_mutex_unlock(&groups->lock);
    return count;
}

// -- to give --

static enum key_verdict seal_to(const struct roster *roster, uint32_t requester,
                                const struct group_key *key, struct sealed_key *sealed)
{
    uint8_t random[32];
    randombytes_buf(random, sizeof random);
    const enum err err = group_key_seal(key, roster->nodes[requester].transport, random, sealed);
    return err == ERR_OK ? KEY_ANSWER : KEY_DENY;
}

enum key_verdict groups_verdict(struct groups *groups, uint32_t requester,
                                struct sealed_key *sealed)
{
    pthread_mutex_lock(&groups->lock);
    const struct roster *const roster = groups->roster; // who is revoked is so at once
    pthread_mutex_unlock(&groups->lock);
    const struct groups_view *const view = groups_hold(groups);
    const struct groups_item *const item = groups_find(view, sealed->group);
    enum key_verdict verdict = KEY_PASS;
    struct group_key key;
    if (item == NULL || group_find_key(item->group, sealed->key) == NULL) {
        verdict = KEY_PASS; // its change may not be here yet
    } else if (!group_entitled(item->group, roster, requester, sealed->key)) {
        verdict = KEY_DENY;
    } else if (secrets_find(groups->secrets, sealed->group, sealed->key, &key) == ERR_OK) {
        verdict = seal_to(roster, requester, &key, sealed);
        sodium_memzero(&key, sizeof key);
    }
    groups_release(view);
    return verdict;
}

// -- to take --

void groups_take_key(struct groups *groups, const struct sealed_key *sealed)
{
    pthread_mutex_lock(&groups->lock);
    if (groups->came_count < INBOX_MAX) { // else it is asked for again
        groups->came[groups->came_count++] = *sealed;
        pthread_cond_signal(&groups->wake);
    }
    pthread_mutex_unlock(&groups->lock);
}

static bool unseal(const struct groups *groups, const struct sealed_key *sealed,
                   struct group_key *key)
{
    for (size_t i = 0; i < groups->keys->transport_count; i++) {
        const struct transport_pair *const pair = &groups->keys->transport[i];
        if (group_key_unseal(sealed, pair->public_key, pair->secret, key) == ERR_OK) {
            return true;
        }
    }
    return false;
}

// [8.11] Only the secret that a change promised.
static bool is_promised(struct groups *groups, const struct group_key *key)
{
    const struct groups_view *const view = groups_hold(groups);
    const struct groups_item *const item = groups_find(view, key->group);
    const bool is = item != NULL && group_check_key(item->group, key) == ERR_OK;
    groups_release(view);
    return is;
}

void keys_take(struct groups *groups, const struct sealed_key *came, size_t count)
{
    struct group_key *const fresh = sodium_allocarray(INBOX_MAX, sizeof *fresh);
    if (fresh == NULL) {
        abort();
    }
    assert(count <= INBOX_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (unseal(groups, &came[i], &fresh[kept]) && is_promised(groups, &fresh[kept])) {
            kept++;
        }
    }
    const enum err err = secrets_keep(groups->secrets, fresh, kept);
    sodium_free(fresh);
    if (err != ERR_OK) {
        log_write(LOG_LEVEL_ERROR, "group-keys-not-kept", "reason=%s", err_text(err));
        return;
    }
    if (kept > 0) {
        log_write(LOG_LEVEL_INFO, "group-keys", "count=%zu", kept);
    }
    follower_use_keys(groups);
}
