// SPDX-License-Identifier: EUPL-1.2
// Two locks: one for the list, held for moments, and one for who writes the file, which takes a
// second where Argon2id wraps it. Which key a node may have is not decided here.
#include "groups/secrets.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

struct secrets {
    pthread_mutex_t lock;   // of keys
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

enum err secrets_find(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                      const uint8_t key[static TAG_LEN], struct group_key *out)
{
    pthread_mutex_lock(&secrets->lock);
    const struct group_key *const found = find(secrets->keys, group, key);
    if (found != NULL) {
        *out = *found;
    }
    pthread_mutex_unlock(&secrets->lock);
    return found != NULL ? ERR_OK : ERR_NOT_FOUND;
}

bool secrets_have(struct secrets *secrets, const uint8_t group[static TAG_LEN],
                  const uint8_t key[static TAG_LEN])
{
    pthread_mutex_lock(&secrets->lock);
    const bool have = find(secrets->keys, group, key) != NULL;
    pthread_mutex_unlock(&secrets->lock);
    return have;
}

size_t secrets_count(struct secrets *secrets, const uint8_t group[static TAG_LEN])
{
    size_t count = 0;
    pthread_mutex_lock(&secrets->lock);
    for (size_t i = 0; i < secrets->keys->count; i++) {
        count += memcmp(secrets->keys->keys[i].group, group, TAG_LEN) == 0 ? 1 : 0;
    }
    pthread_mutex_unlock(&secrets->lock);
    return count;
}

enum err secrets_at(struct secrets *secrets, const uint8_t group[static TAG_LEN], size_t at,
                    struct group_key *out)
{
    enum err err = ERR_NOT_FOUND;
    pthread_mutex_lock(&secrets->lock);
    for (size_t i = 0; i < secrets->keys->count && err != ERR_OK; i++) {
        const struct group_key *const key = &secrets->keys->keys[i];
        if (memcmp(key->group, group, TAG_LEN) == 0 && at-- == 0) {
            *out = *key;
            err = ERR_OK;
        }
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
