// SPDX-License-Identifier: EUPL-1.2
// The key files of a home: made, wrapped, read. The wrapping itself is proto's (keyfile.h); asking
// for the passphrase is passphrase.c's.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "home/why.h"
#include "sitrep/keyfile.h"

static const char node_file[] = "keys/node.key";
static const char groups_file[] = "keys/groups.key";
static const char authority_file[] = "keys/authority.key";

enum {
    NODE_SECRET_LEN = SIGN_KEY_LEN + BOX_KEY_LEN, // seed | transport secret
    GROUP_SECRET_LEN = TAG_LEN + SECRET_LEN,      // group | secret
    FILE_MAX = KEYFILE_SECRET_MAX + KEYFILE_OVERHEAD
};
static_assert(GROUP_KEYS_MAX * GROUP_SECRET_LEN <= KEYFILE_SECRET_MAX, "all group keys fit");

// Memory for secrets; running out of it ends the process, as everywhere in node/.
static void *secret_alloc(size_t len)
{
    void *memory = sodium_malloc(len);
    if (memory == NULL) {
        abort();
    }
    sodium_memzero(memory, len);
    return memory;
}

struct secret_file {
    const char *name; // in the home
    const char *kind; // as keyfile.h wants it
};

static enum err save_secret(struct home *home, struct secret_file file, const char *passphrase,
                            const uint8_t *secret, size_t len)
{
    uint8_t random[40];
    randombytes_buf(random, sizeof random);
    uint8_t *wrapped = secret_alloc(len + KEYFILE_OVERHEAD);
    size_t wrapped_len = 0;
    enum err err = keyfile_wrap(file.kind, passphrase, random, secret, len, wrapped, &wrapped_len);
    if (err != ERR_OK) {
        err = home_fail(home, err, "%s cannot be wrapped: %s", file.name, err_text(err));
    } else {
        err = home_write(home, file.name, wrapped, wrapped_len);
    }
    sodium_free(wrapped);
    return err;
}

struct secret {
    uint8_t *bytes; // from sodium_malloc
    size_t len;
};

static enum err unwrap(struct home *home, const char *path, const char *kind,
                       const char *passphrase, struct secret *secret)
{
    struct file_bytes file = {NULL, 0};
    enum err err = home_read_path(home, path, FILE_MAX, &file);
    if (err != ERR_OK) {
        return err;
    }
    int needs = 0;
    err = keyfile_needs_passphrase(file.bytes, file.len, &needs);
    if (err != ERR_OK) {
        err = home_fail(home, err, "%s is not a key file", path);
    } else if (needs && passphrase == NULL) {
        err = home_fail(home, ERR_DENIED, "%s needs its passphrase", path);
    } else {
        secret->bytes = secret_alloc(file.len);
        err = keyfile_unwrap(kind, needs ? passphrase : NULL, file.bytes, file.len, secret->bytes,
                             &secret->len);
        if (err == ERR_DENIED) {
            (void)home_fail(home, err, "%s: the passphrase is wrong, or the file is damaged", path);
        } else if (err != ERR_OK) {
            (void)home_fail(home, err, "%s: %s", path, err_text(err));
        }
    }
    if (err != ERR_OK) {
        sodium_free(secret->bytes);
        secret->bytes = NULL;
    }
    sodium_memzero(file.bytes, file.len);
    free(file.bytes);
    return err;
}

static enum err load_secret(struct home *home, struct secret_file file, const char *passphrase,
                            struct secret *secret)
{
    char path[4096];
    const enum err err = home_path(home, file.name, path);
    return err == ERR_OK ? unwrap(home, path, file.kind, passphrase, secret) : err;
}

static const struct secret_file node_secret = {node_file, "node"};
static const struct secret_file groups_secret = {groups_file, "groups"};
static const struct secret_file authority_secret = {authority_file, "authority"};

// False when the transport secret is no good one, which only damage can bring about.
static bool node_keys_fill(struct node_keys *keys, const uint8_t secret[static NODE_SECRET_LEN])
{
    signing_key_from_seed(&keys->signing, secret, keys->signing_public);
    memcpy(keys->transport_secret, secret + SIGN_KEY_LEN, BOX_KEY_LEN);
    return crypto_scalarmult_base(keys->transport_public, keys->transport_secret) == 0;
}

enum err home_create_node_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    uint8_t *secret = secret_alloc(NODE_SECRET_LEN);
    randombytes_buf(secret, NODE_SECRET_LEN);
    struct node_keys *made = secret_alloc(sizeof *made);
    const bool is_good = node_keys_fill(made, secret);
    assert(is_good);
    (void)is_good;
    const enum err err = save_secret(home, node_secret, passphrase, secret, NODE_SECRET_LEN);
    sodium_free(secret);
    if (err != ERR_OK) {
        node_keys_destroy(&made);
        return err;
    }
    *keys = made;
    return ERR_OK;
}

enum err home_load_node_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    struct secret secret = {NULL, 0};
    enum err err = load_secret(home, node_secret, passphrase, &secret);
    if (err != ERR_OK) {
        return err;
    }
    struct node_keys *loaded = secret_alloc(sizeof *loaded);
    if (secret.len == NODE_SECRET_LEN && node_keys_fill(loaded, secret.bytes)) {
        *keys = loaded;
    } else {
        err =
            home_fail(home, ERR_CORRUPT, "%s holds something other than a node's keys", node_file);
        node_keys_destroy(&loaded);
    }
    sodium_free(secret.bytes);
    return err;
}

void node_keys_destroy(struct node_keys **keys)
{
    sodium_free(*keys); // wipes
    *keys = NULL;
}

enum err home_create_authority(struct home *home, const char *passphrase, struct signing_key **key,
                               uint8_t public_key[static SIGN_KEY_LEN])
{
    uint8_t *seed = secret_alloc(SIGN_KEY_LEN);
    randombytes_buf(seed, SIGN_KEY_LEN);
    const enum err err = save_secret(home, authority_secret, passphrase, seed, SIGN_KEY_LEN);
    if (err == ERR_OK) {
        *key = secret_alloc(sizeof **key);
        signing_key_from_seed(*key, seed, public_key);
    }
    sodium_free(seed);
    return err;
}

enum err home_load_authority(struct home *home, const char *path, const char *passphrase,
                             struct signing_key **key, uint8_t public_key[static SIGN_KEY_LEN])
{
    struct secret secret = {NULL, 0};
    enum err err = path == NULL ? load_secret(home, authority_secret, passphrase, &secret)
                                : unwrap(home, path, authority_secret.kind, passphrase, &secret);
    if (err != ERR_OK) {
        return err;
    }
    if (secret.len == SIGN_KEY_LEN) {
        *key = secret_alloc(sizeof **key);
        signing_key_from_seed(*key, secret.bytes, public_key);
    } else {
        err = home_fail(home, ERR_CORRUPT, "%s holds something other than an authority's key",
                        path == NULL ? authority_file : path);
    }
    sodium_free(secret.bytes);
    return err;
}

void signing_key_destroy(struct signing_key **key)
{
    sodium_free(*key);
    *key = NULL;
}

enum err home_save_group_keys(struct home *home, const char *passphrase,
                              const struct group_keys *keys)
{
    assert(keys->count >= 1);
    assert(keys->count <= GROUP_KEYS_MAX);
    const size_t len = keys->count * GROUP_SECRET_LEN;
    uint8_t *secret = secret_alloc(len);
    for (size_t i = 0; i < keys->count; i++) {
        memcpy(secret + i * GROUP_SECRET_LEN, keys->keys[i].group, TAG_LEN);
        memcpy(secret + i * GROUP_SECRET_LEN + TAG_LEN, keys->keys[i].secret, SECRET_LEN);
    }
    const enum err err = save_secret(home, groups_secret, passphrase, secret, len);
    sodium_free(secret);
    return err;
}

enum err home_load_group_keys(struct home *home, const char *passphrase, struct group_keys **keys)
{
    struct secret secret = {NULL, 0};
    enum err err = load_secret(home, groups_secret, passphrase, &secret);
    if (err != ERR_OK) {
        return err;
    }
    if (secret.len % GROUP_SECRET_LEN != 0 || secret.len / GROUP_SECRET_LEN > GROUP_KEYS_MAX) {
        err = home_fail(home, ERR_CORRUPT, "%s holds something other than group keys", groups_file);
    } else {
        *keys = secret_alloc(sizeof **keys);
        (*keys)->count = secret.len / GROUP_SECRET_LEN;
        for (size_t i = 0; i < (*keys)->count; i++) {
            const uint8_t *at = secret.bytes + i * GROUP_SECRET_LEN;
            group_key_derive(&(*keys)->keys[i], at, at + TAG_LEN);
        }
    }
    sodium_free(secret.bytes);
    return err;
}

void group_keys_destroy(struct group_keys **keys)
{
    sodium_free(*keys);
    *keys = NULL;
}

static enum err needs_passphrase(struct home *home, const char *path, bool *needs)
{
    struct file_bytes file = {NULL, 0};
    enum err err = home_read_path(home, path, FILE_MAX, &file);
    if (err != ERR_OK) {
        return err;
    }
    int answer = 0;
    err = keyfile_needs_passphrase(file.bytes, file.len, &answer);
    if (err == ERR_OK) {
        *needs = answer != 0;
    } else {
        err = home_fail(home, err, "%s is not a key file", path);
    }
    sodium_memzero(file.bytes, file.len);
    free(file.bytes);
    return err;
}

enum err home_needs_passphrase(struct home *home, bool *needs)
{
    char path[4096];
    const enum err err = home_path(home, node_file, path);
    return err == ERR_OK ? needs_passphrase(home, path, needs) : err;
}

enum err home_authority_needs_passphrase(struct home *home, const char *path, bool *needs)
{
    char own[4096];
    if (path != NULL) {
        return needs_passphrase(home, path, needs);
    }
    const enum err err = home_path(home, authority_file, own);
    return err == ERR_OK ? needs_passphrase(home, own, needs) : err;
}
