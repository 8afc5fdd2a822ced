// SPDX-License-Identifier: EUPL-1.2
// The key files of a home: made, wrapped, read. The wrapping itself is proto's (keyfile.h); asking
// for the passphrase is passphrase.c's, listing what there is keyring.c's.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "home/why.h"
#include "sitrep/keyfile.h"

enum {
    // Seed | transport secret, and a second one where there is one.
    NODE_SECRET_LEN = SIGN_KEY_LEN + BOX_KEY_LEN,
    NODE_SECRET_MAX = NODE_SECRET_LEN + BOX_KEY_LEN,
    GROUP_SECRET_LEN = TAG_LEN + SECRET_LEN, // group | secret
    GROUP_PUBLIC_LEN = TAG_LEN + TAG_LEN,    // group | key id
    PUBLIC_MAX = GROUP_KEYS_MAX * GROUP_PUBLIC_LEN,
    FILE_MAX = KEYFILE_SECRET_MAX + KEYFILE_PUBLIC_MAX + KEYFILE_OVERHEAD
};
static_assert(GROUP_KEYS_MAX * GROUP_SECRET_LEN <= KEYFILE_SECRET_MAX, "all group keys fit");
static_assert(GROUP_KEYS_MAX * GROUP_PUBLIC_LEN <= KEYFILE_PUBLIC_MAX, "and their public parts");

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

// What a secret's public part is [11.4]; the length written, or 0 when it is no secret of that
// kind.
typedef size_t derive_public(const uint8_t *secret, size_t len, uint8_t *out);

struct secret_file {
    const char *name; // in the home
    const char *kind; // as keyfile.h wants it
    derive_public *derive;
};

static size_t derive_signing(const uint8_t *seed, uint8_t out[static SIGN_KEY_LEN])
{
    struct signing_key key;
    signing_key_from_seed(&key, seed, out);
    sodium_memzero(&key, sizeof key);
    return SIGN_KEY_LEN;
}

static size_t derive_authority(const uint8_t *secret, size_t len, uint8_t *out)
{
    return len == SIGN_KEY_LEN ? derive_signing(secret, out) : 0;
}

static size_t derive_node(const uint8_t *secret, size_t len, uint8_t *out)
{
    if (len != NODE_SECRET_LEN && len != NODE_SECRET_MAX) {
        return 0;
    }
    for (size_t at = SIGN_KEY_LEN; at < len; at += BOX_KEY_LEN) {
        if (crypto_scalarmult_base(out + at, secret + at) != 0) {
            return 0;
        }
    }
    (void)derive_signing(secret, out);
    return len;
}

static size_t derive_groups(const uint8_t *secret, size_t len, uint8_t *out)
{
    const size_t count = len / GROUP_SECRET_LEN;
    if (count == 0 || count > GROUP_KEYS_MAX || len % GROUP_SECRET_LEN != 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct group_key key;
        const uint8_t *at = secret + i * GROUP_SECRET_LEN;
        group_key_derive(&key, at, at + TAG_LEN);
        memcpy(out + i * GROUP_PUBLIC_LEN, key.group, TAG_LEN);
        memcpy(out + i * GROUP_PUBLIC_LEN + TAG_LEN, key.id, TAG_LEN);
        sodium_memzero(&key, sizeof key);
    }
    return count * GROUP_PUBLIC_LEN;
}

static const struct secret_file node_secret = {HOME_NODE_FILE, "node", derive_node};
static const struct secret_file next_secret = {HOME_NEXT_FILE, "node", derive_node};
static const struct secret_file groups_secret = {HOME_GROUPS_FILE, "groups", derive_groups};
static const struct secret_file authority_secret = {HOME_AUTHORITY_FILE, "authority",
                                                    derive_authority};

// `path` NULL: in the home, replacing what is there; else a new file.
static enum err save_secret_at(struct home *home, const struct secret_file *file, const char *path,
                               const char *passphrase, struct span secret)
{
    uint8_t public[PUBLIC_MAX];
    uint8_t random[40];
    randombytes_buf(random, sizeof random);
    const size_t public_len = file->derive(secret.bytes, secret.len, public);
    assert(public_len > 0);
    const struct keyfile_content content = {file->kind, {public, public_len}, secret};
    uint8_t *wrapped = secret_alloc(secret.len + public_len + KEYFILE_OVERHEAD);
    size_t wrapped_len = 0;
    enum err err = keyfile_wrap(&content, passphrase, random, wrapped, &wrapped_len);
    if (err != ERR_OK) {
        err = home_fail(home, err, "%s cannot be wrapped: %s", path == NULL ? file->name : path,
                        err_text(err));
    } else if (path == NULL) {
        err = home_write(home, file->name, wrapped, wrapped_len);
    } else {
        err = home_create_path(home, path, wrapped, wrapped_len);
    }
    sodium_free(wrapped);
    return err;
}

static enum err save_secret(struct home *home, const struct secret_file *file,
                            const char *passphrase, struct span secret)
{
    return save_secret_at(home, file, NULL, passphrase, secret);
}

struct secret {
    uint8_t *bytes; // from sodium_malloc
    size_t len;
};

struct opening {
    const char *path;
    const struct secret_file *file; // what it must be; its name is not used
    const char *passphrase;
};

// Whether the file's public part is that of the secret: the only check there is of a file that no
// passphrase protects [11.5].
static enum err check_public(struct home *home, const struct opening *opening,
                             const struct secret *secret, struct span said)
{
    uint8_t public[PUBLIC_MAX];
    const size_t len = opening->file->derive(secret->bytes, secret->len, public);
    if (len == 0) {
        return home_fail(home, ERR_CORRUPT, "%s holds something other than %s keys", opening->path,
                         opening->file->kind);
    }
    if (len != said.len || memcmp(public, said.bytes, len) != 0) {
        return home_fail(home, ERR_CORRUPT,
                         "%s is damaged: its public part is not that of its secret; put back a "
                         "copy of the file",
                         opening->path);
    }
    return ERR_OK;
}

static enum err open_file(struct home *home, const struct opening *opening, struct file_bytes file,
                          struct secret *secret)
{
    struct keyfile_facts facts;
    enum err err = keyfile_inspect(file.bytes, file.len, &facts);
    if (err != ERR_OK) {
        return home_fail(home, err, "%s is not a key file", opening->path);
    }
    if (facts.kind.len != strlen(opening->file->kind) ||
        memcmp(facts.kind.bytes, opening->file->kind, facts.kind.len) != 0) {
        return home_fail(home, ERR_DENIED, "%s is a key file of another kind than '%s'",
                         opening->path, opening->file->kind);
    }
    if (facts.is_wrapped && opening->passphrase == NULL) {
        return home_fail(home, ERR_DENIED, "%s needs its passphrase", opening->path);
    }
    secret->bytes = secret_alloc(file.len);
    err = keyfile_unwrap(opening->file->kind, facts.is_wrapped ? opening->passphrase : NULL,
                         file.bytes, file.len, secret->bytes, &secret->len);
    if (err == ERR_DENIED) {
        return home_fail(home, err,
                         facts.is_wrapped ? "%s: the passphrase is wrong, or the file is damaged"
                                          : "%s is damaged; put back a copy of the file",
                         opening->path);
    }
    if (err != ERR_OK) {
        return home_fail(home, err, "%s: %s", opening->path, err_text(err));
    }
    return check_public(home, opening, secret, facts.public);
}

static enum err unwrap(struct home *home, const struct opening *opening, struct secret *secret)
{
    struct file_bytes file = {NULL, 0};
    enum err err = home_read_path(home, opening->path, FILE_MAX, &file);
    if (err != ERR_OK) {
        return err;
    }
    err = open_file(home, opening, file, secret);
    if (err != ERR_OK) {
        sodium_free(secret->bytes);
        secret->bytes = NULL;
    }
    sodium_memzero(file.bytes, file.len);
    free(file.bytes);
    return err;
}

static enum err load_secret(struct home *home, const struct secret_file *file,
                            const char *passphrase, struct secret *secret)
{
    char path[4096];
    const enum err err = home_path(home, file->name, path);
    return err == ERR_OK ? unwrap(home, &(struct opening){path, file, passphrase}, secret) : err;
}

static void add_pair(struct node_keys *keys, const uint8_t secret[static BOX_KEY_LEN])
{
    struct transport_pair *pair = &keys->transport[keys->transport_count++];
    memcpy(pair->secret, secret, BOX_KEY_LEN);
    const int failed = crypto_scalarmult_base(pair->public_key, pair->secret);
    assert(failed == 0);
    (void)failed;
}

static void node_keys_fill(struct node_keys *keys, struct span secret)
{
    signing_key_from_seed(&keys->signing, secret.bytes, keys->signing_public);
    for (size_t at = SIGN_KEY_LEN; at < secret.len; at += BOX_KEY_LEN) {
        add_pair(keys, secret.bytes + at);
    }
}

static enum err save_node_keys(struct home *home, const struct secret_file *file,
                               const char *passphrase, const struct node_keys *keys)
{
    uint8_t *secret = secret_alloc(NODE_SECRET_MAX);
    size_t len = SIGN_KEY_LEN;
    memcpy(secret, keys->signing.bytes, SIGN_KEY_LEN); // the seed comes first
    for (size_t i = 0; i < keys->transport_count; i++, len += BOX_KEY_LEN) {
        memcpy(secret + len, keys->transport[i].secret, BOX_KEY_LEN);
    }
    const enum err err = save_secret(home, file, passphrase, (struct span){secret, len});
    sodium_free(secret);
    return err;
}

static enum err create_node_keys(struct home *home, const struct secret_file *file,
                                 const char *passphrase, struct node_keys **keys)
{
    uint8_t *secret = secret_alloc(NODE_SECRET_LEN);
    randombytes_buf(secret, NODE_SECRET_LEN);
    struct node_keys *made = secret_alloc(sizeof *made);
    node_keys_fill(made, (struct span){secret, NODE_SECRET_LEN});
    sodium_free(secret);
    const enum err err = save_node_keys(home, file, passphrase, made);
    if (err != ERR_OK) {
        node_keys_destroy(&made);
        return err;
    }
    *keys = made;
    return ERR_OK;
}

enum err home_create_node_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    return create_node_keys(home, &node_secret, passphrase, keys);
}

enum err home_create_next_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    return create_node_keys(home, &next_secret, passphrase, keys);
}

static enum err load_node_keys(struct home *home, const struct secret_file *file,
                               const char *passphrase, struct node_keys **keys)
{
    struct secret secret = {NULL, 0};
    const enum err err = load_secret(home, file, passphrase, &secret);
    if (err != ERR_OK) {
        return err;
    }
    assert(secret.bytes != NULL);
    *keys = secret_alloc(sizeof **keys);
    node_keys_fill(*keys, (struct span){secret.bytes, secret.len});
    sodium_free(secret.bytes);
    return ERR_OK;
}

enum err home_load_node_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    return load_node_keys(home, &node_secret, passphrase, keys);
}

enum err home_load_next_keys(struct home *home, const char *passphrase, struct node_keys **keys)
{
    return load_node_keys(home, &next_secret, passphrase, keys);
}

// The log of another identity begins anew, in each space.
static enum err forget_guard(void *context, const char *exercise)
{
    struct home *const home = context;
    struct guard guard;
    const struct guard nothing = {.is_exact = true};
    const bool is_sound = guard_load(home, exercise, &guard) == ERR_OK && !guard.was_moved;
    return is_sound ? guard_save(home, exercise, &nothing) : ERR_OK;
}

// Until the file of the next identity goes, at the very end, this is done again. A guard that
// tells of a copy brought back goes on telling it.
enum err home_take_next_keys(struct home *home, const char *passphrase,
                             const struct node_keys *keys)
{
    enum err err = save_node_keys(home, &node_secret, passphrase, keys);
    if (err == ERR_OK) {
        err = forget_guard(home, "");
    }
    if (err == ERR_OK) {
        err = home_each_exercise(home, forget_guard, home);
    }
    if (err == ERR_OK) {
        err = home_remove(home, "request");
    }
    if (err == ERR_OK || err == ERR_NOT_FOUND) {
        err = home_remove(home, HOME_NEXT_FILE);
    }
    return err;
}

const struct transport_pair *node_keys_find(const struct node_keys *keys,
                                            const uint8_t transport[static BOX_KEY_LEN])
{
    for (size_t i = 0; i < keys->transport_count; i++) {
        if (memcmp(keys->transport[i].public_key, transport, BOX_KEY_LEN) == 0) {
            return &keys->transport[i];
        }
    }
    return NULL;
}

bool node_keys_are_admitted(const struct node_keys *keys, const struct roster *roster)
{
    const int32_t index = roster_find_signing(roster, keys->signing_public);
    return index >= 0 && !roster->nodes[index].is_revoked &&
           node_keys_find(keys, roster->nodes[index].transport) != NULL;
}

enum err home_add_transport(struct home *home, const char *passphrase, struct node_keys *keys,
                            const uint8_t in_use[static BOX_KEY_LEN])
{
    const struct transport_pair *kept = node_keys_find(keys, in_use);
    if (kept == NULL) {
        return home_fail(home, ERR_NOT_FOUND, "%s does not hold the transport key in use",
                         HOME_NODE_FILE);
    }
    struct node_keys *changed = secret_alloc(sizeof *changed);
    uint8_t *secret = secret_alloc(BOX_KEY_LEN);
    changed->signing = keys->signing;
    memcpy(changed->signing_public, keys->signing_public, SIGN_KEY_LEN);
    changed->transport[changed->transport_count++] = *kept;
    randombytes_buf(secret, BOX_KEY_LEN);
    add_pair(changed, secret);
    sodium_free(secret);
    const enum err err = save_node_keys(home, &node_secret, passphrase, changed);
    if (err == ERR_OK) {
        *keys = *changed;
    }
    sodium_free(changed);
    return err;
}

void node_keys_destroy(struct node_keys **keys)
{
    sodium_free(*keys); // wipes
    *keys = NULL;
}

enum err home_create_authority(struct home *home, const char *path, const char *passphrase,
                               struct signing_key **key, uint8_t public_key[static SIGN_KEY_LEN])
{
    uint8_t *seed = secret_alloc(SIGN_KEY_LEN);
    randombytes_buf(seed, SIGN_KEY_LEN);
    const enum err err = save_secret_at(home, &authority_secret, path, passphrase,
                                        (struct span){seed, SIGN_KEY_LEN});
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
    const struct opening opening = {path, &authority_secret, passphrase};
    const enum err err = path == NULL ? load_secret(home, &authority_secret, passphrase, &secret)
                                      : unwrap(home, &opening, &secret);
    if (err != ERR_OK) {
        return err;
    }
    assert(secret.bytes != NULL);
    *key = secret_alloc(sizeof **key);
    signing_key_from_seed(*key, secret.bytes, public_key);
    sodium_free(secret.bytes);
    return ERR_OK;
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
    const enum err err = save_secret(home, &groups_secret, passphrase, (struct span){secret, len});
    sodium_free(secret);
    return err;
}

enum err home_load_group_keys(struct home *home, const char *passphrase, struct group_keys **keys)
{
    struct secret secret = {NULL, 0};
    const enum err err = load_secret(home, &groups_secret, passphrase, &secret);
    if (err != ERR_OK) {
        return err;
    }
    assert(secret.bytes != NULL);
    *keys = secret_alloc(sizeof **keys);
    (*keys)->count = secret.len / GROUP_SECRET_LEN;
    for (size_t i = 0; i < (*keys)->count; i++) {
        const uint8_t *at = secret.bytes + i * GROUP_SECRET_LEN;
        group_key_derive(&(*keys)->keys[i], at, at + TAG_LEN);
    }
    sodium_free(secret.bytes);
    return ERR_OK;
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
    struct keyfile_facts facts;
    err = keyfile_inspect(file.bytes, file.len, &facts);
    if (err == ERR_OK) {
        *needs = facts.is_wrapped;
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
    const enum err err = home_path(home, HOME_NODE_FILE, path);
    return err == ERR_OK ? needs_passphrase(home, path, needs) : err;
}

enum err home_authority_needs_passphrase(struct home *home, const char *path, bool *needs)
{
    char own[4096];
    if (path != NULL) {
        return needs_passphrase(home, path, needs);
    }
    const enum err err = home_path(home, HOME_AUTHORITY_FILE, own);
    return err == ERR_OK ? needs_passphrase(home, own, needs) : err;
}
