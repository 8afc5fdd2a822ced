// SPDX-License-Identifier: EUPL-1.2
// Two locks: one for the list, held for moments, and one for who writes the file, which takes a
// second where Argon2id wraps it. Which key a node may have is not decided here.
#include "groups/secrets.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/exercise.h"

struct derived { // an exercise, whose keys of all members are not kept but worked out
    uint8_t space[ID_LEN];
    uint8_t group[TAG_LEN];
    uint8_t real[TAG_LEN]; // the group they follow from
};

struct secrets {
    pthread_mutex_t lock; // of keys and derived
    struct derived derived[EXERCISES_MAX];
    size_t derived_count;
    pthread_mutex_t saving; // held before `lock`
    struct home home;       // a copy, for its `why` is one thread's
    char *passphrase;
    struct group_keys *keys; // only who saves changes it, under both locks
};

void secrets_open(struct secrets **out, const struct home *home, char **passphrase,
                  struct group_keys **keys)
{
    struct secrets *const secrets = calloc(1, sizeof *secrets);
    if (secrets == NULL) {
        abort();
    }
    pthread_mutex_init(&secrets->lock, NULL);
    pthread_mutex_init(&secrets->saving, NULL);
    secrets->home = *home;
    secrets->passphrase = *passphrase;
    secrets->keys = *keys;
    *passphrase = NULL;
    *keys = NULL;
    *out = secrets;
}

void secrets_close(struct secrets **handle)
{
    struct secrets *const secrets = *handle;
    if (secrets == NULL) {
        return;
    }
    passphrase_destroy(&secrets->passphrase);
    group_keys_destroy(&secrets->keys);
    pthread_mutex_destroy(&secrets->saving);
    pthread_mutex_destroy(&secrets->lock);
    free(secrets);
    *handle = NULL;
}

static const struct group_key *find(const struct group_keys *keys,
                                    const uint8_t group[static TAG_LEN],
                                    const uint8_t key[static TAG_LEN])
{
    for (size_t i = 0; i < keys->count; i++) {
        if (memcmp(keys->keys[i].id, key, TAG_LEN) == 0 &&
            memcmp(keys->keys[i].group, group, TAG_LEN) == 0) {
            return &keys->keys[i];
        }
    }
    return NULL;
}

// -- exercises --

static size_t find_space(const struct secrets *secrets, const uint8_t space[static ID_LEN])
{
    size_t i = 0;
    while (i < secrets->derived_count && memcmp(secrets->derived[i].space, space, ID_LEN) != 0) {
        i++;
    }
    return i;
}

enum err secrets_add_exercise(struct secrets *secrets, const uint8_t federation[static ID_LEN],
                              const uint8_t space[static ID_LEN])
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&secrets->lock);
    const size_t at = find_space(secrets, space);
    if (at == EXERCISES_MAX) {
        err = ERR_LIMIT;
    } else if (at == secrets->derived_count) {
        struct derived *const derived = &secrets->derived[secrets->derived_count++];
        memcpy(derived->space, space, ID_LEN);
        group_all_members(space, derived->group);
        group_all_members(federation, derived->real);
    }
    pthread_mutex_unlock(&secrets->lock);
    return err;
}

void secrets_remove_exercise(struct secrets *secrets, const uint8_t space[static ID_LEN])
{
    pthread_mutex_lock(&secrets->lock);
    const size_t at = find_space(secrets, space);
    if (at < secrets->derived_count) {
        secrets->derived[at] = secrets->derived[--secrets->derived_count];
    }
    pthread_mutex_unlock(&secrets->lock);
}

static const struct derived *find_derived(const struct secrets *secrets,
                                          const uint8_t group[static TAG_LEN])
{
    for (size_t i = 0; i < secrets->derived_count; i++) {
        if (memcmp(secrets->derived[i].group, group, TAG_LEN) == 0) {
            return &secrets->derived[i];
        }
    }
    return NULL;
}

// -- what there is --

// The key of that group at `*at` in the file or behind it, and where to go on; false at the end.
static bool next_key(const struct secrets *secrets, const uint8_t group[static TAG_LEN], size_t *at,
                     struct group_key *out)
{
    const struct derived *const derived = find_derived(secrets, group);
    const uint8_t *const kept = derived == NULL ? group : derived->real;
    while (*at < secrets->keys->count) {
        const struct group_key *const key = &secrets->keys->keys[(*at)++];
        if (memcmp(key->group, kept, TAG_LEN) != 0) {
            continue;
        }
        if (derived == NULL) {
            *out = *key;
        } else {
            exercise_group_key(out, derived->space, key->secret);
        }
        return true;
    }
    return false;
}

// *number is left alone where there is none.
static enum err find_numbered(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                              const uint8_t key[static TAG_LEN], struct group_key *out,
                              uint32_t *number)
{
    struct group_key one;
    size_t at = 0;
    bool is_found = false;
    pthread_mutex_lock(&secrets->lock);
    while (!is_found && next_key(secrets, group, &at, &one)) {
        is_found = memcmp(one.id, key, TAG_LEN) == 0;
    }
    pthread_mutex_unlock(&secrets->lock);
    if (is_found) {
        *out = one;
        *number = (uint32_t)(at - 1);
    }
    sodium_memzero(&one, sizeof one);
    return is_found ? ERR_OK : ERR_NOT_FOUND;
}

enum err secrets_find(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                      const uint8_t key[static TAG_LEN], struct group_key *out)
{
    uint32_t number;

    return find_numbered(secrets, group, key, out, &number);
}

enum err secrets_number(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                        const uint8_t key[static TAG_LEN], uint32_t *number)
{
    struct group_key one;
    const enum err err = find_numbered(secrets, group, key, &one, number);

    sodium_memzero(&one, sizeof one);
    return err;
}

size_t secrets_kept(struct secrets *secrets)
{
    pthread_mutex_lock(&secrets->lock);
    const size_t count = secrets->keys->count;
    pthread_mutex_unlock(&secrets->lock);
    return count;
}

bool secrets_have(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                  const uint8_t key[static TAG_LEN])
{
    struct group_key one;
    const bool have = secrets_find(secrets, group, key, &one) == ERR_OK;
    sodium_memzero(&one, sizeof one);
    return have;
}

size_t secrets_count(struct secrets *secrets, const uint8_t group[static TAG_LEN])
{
    struct group_key one;
    size_t count = 0;
    size_t at = 0;
    pthread_mutex_lock(&secrets->lock);
    while (next_key(secrets, group, &at, &one)) {
        count++;
    }
    pthread_mutex_unlock(&secrets->lock);
    sodium_memzero(&one, sizeof one);
    return count;
}

enum err secrets_at(struct secrets *secrets, const uint8_t group[static TAG_LEN], size_t at,
                    struct group_key *out)
{
    size_t next = 0;
    enum err err = ERR_OK;
    pthread_mutex_lock(&secrets->lock);
    for (size_t i = 0; i <= at && err == ERR_OK; i++) {
        err = next_key(secrets, group, &next, out) ? ERR_OK : ERR_NOT_FOUND;
    }
    pthread_mutex_unlock(&secrets->lock);
    return err;
}

// Adds to `keys` what it has not. Errors: ERR_LIMIT.
static enum err add(struct group_keys *keys, const struct group_key *more, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (find(keys, more[i].group, more[i].id) != NULL) {
            continue;
        }
        if (keys->count == GROUP_KEYS_MAX) {
            return ERR_LIMIT;
        }
        keys->keys[keys->count++] = more[i];
    }
    return ERR_OK;
}

enum err secrets_keep(struct secrets *secrets, const struct group_key *keys, size_t count)
{
    struct group_keys *grown = sodium_malloc(sizeof *grown);
    if (grown == NULL) {
        abort();
    }
    pthread_mutex_lock(&secrets->saving);
    *grown = *secrets->keys; // no other thread changes it meanwhile
    enum err err = add(grown, keys, count);
    if (err == ERR_OK && grown->count > secrets->keys->count) {
        err = home_save_group_keys(&secrets->home, secrets->passphrase, grown);
        if (err == ERR_OK) {
            pthread_mutex_lock(&secrets->lock);
            struct group_keys *const old = secrets->keys;
            secrets->keys = grown;
            grown = old;
            pthread_mutex_unlock(&secrets->lock);
        }
    }
    pthread_mutex_unlock(&secrets->saving);
    group_keys_destroy(&grown);
    return err;
}
