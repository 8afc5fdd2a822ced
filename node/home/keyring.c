// SPDX-License-Identifier: EUPL-1.2
// Lists the keys of a home and of its rosters. Opens no secret: keys.c does.
#include "home/keyring.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "home/why.h"
#include "sitrep/keyfile.h"

enum {
    FILE_MAX = KEYFILE_SECRET_MAX + KEYFILE_PUBLIC_MAX + KEYFILE_OVERHEAD,
    GROUP_PUBLIC_LEN = 2 * TAG_LEN
};

struct key_file {
    const char *name;
    const char *kind; // as keyfile.h wants it
};

static uint64_t written_ms(struct home *home, const char *name)
{
    char path[4096];
    struct stat status;
    if (home_path(home, name, path) != ERR_OK || lstat(path, &status) != 0 ||
        status.st_mtim.tv_sec < 0) {
        return 0;
    }
    return (uint64_t)status.st_mtim.tv_sec * 1000 + (uint64_t)status.st_mtim.tv_nsec / 1000000;
}

static void add(struct keyring *keyring, const struct own_key *key)
{
    struct own_key *grown =
        realloc(keyring->own, (keyring->own_count + 1) * sizeof(struct own_key));
    if (grown == NULL) {
        abort();
    }
    keyring->own = grown;
    grown[keyring->own_count++] = *key;
}

static void add_key(struct keyring *keyring, struct own_key key, enum key_kind kind,
                    const uint8_t public_key[static KEY_LEN])
{
    key.kind = kind;
    memcpy(key.public_key, public_key, KEY_LEN);
    add(keyring, &key);
}

// The keys a public part names [11.4]; false when it is none of that kind.
static bool add_public(struct keyring *keyring, const char *kind, struct span public,
                       const struct own_key *like)
{
    if (strcmp(kind, "node") == 0 &&
        (public.len == (size_t)2 * KEY_LEN || public.len == (size_t)3 * KEY_LEN)) {
        add_key(keyring, *like, KEY_SIGNING, public.bytes);
        for (size_t at = KEY_LEN; at < public.len; at += KEY_LEN) {
            add_key(keyring, *like, KEY_TRANSPORT, public.bytes + at);
        }
        return true;
    }
    if (strcmp(kind, "authority") == 0 && public.len == KEY_LEN) {
        add_key(keyring, *like, KEY_AUTHORITY, public.bytes);
        return true;
    }
    if (strcmp(kind, "groups") != 0 || public.len % GROUP_PUBLIC_LEN != 0) {
        return false;
    }
    for (size_t i = 0; i < public.len; i += GROUP_PUBLIC_LEN) {
        struct own_key key = *like;
        key.kind = KEY_GROUP;
        memcpy(key.public_key, public.bytes + i, GROUP_PUBLIC_LEN);
        add(keyring, &key);
    }
    return true;
}

static enum err inspect(struct home *home, struct key_file file, struct span bytes,
                        struct keyfile_facts *facts)
{
    const enum err err = keyfile_inspect(bytes.bytes, bytes.len, facts);
    if (err != ERR_OK || facts->kind.len != strlen(file.kind) ||
        memcmp(facts->kind.bytes, file.kind, facts->kind.len) != 0) {
        return home_fail(home, ERR_MALFORMED, "%s/%s is not a key file of kind %s", home->path,
                         file.name, file.kind);
    }
    return ERR_OK;
}

static enum err add_file(struct home *home, struct key_file file, struct keyring *keyring)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct keyfile_facts facts;
    enum err err = home_read(home, file.name, FILE_MAX, &bytes, &len);
    if (err != ERR_OK) {
        return err;
    }
    err = inspect(home, file, (struct span){bytes, len}, &facts);
    if (err == ERR_OK) {
        const struct own_key like = {.written_ms = written_ms(home, file.name),
                                     .is_wrapped = facts.is_wrapped,
                                     .is_next = strcmp(file.name, HOME_NEXT_FILE) == 0,
                                     .at = -1};
        if (!add_public(keyring, file.kind, facts.public, &like)) {
            err = home_fail(home, ERR_CORRUPT, "%s/%s does not name its public keys", home->path,
                            file.name);
        }
    }
    sodium_memzero(bytes, len);
    free(bytes);
    return err;
}

static enum err add_files(struct home *home, struct keyring *keyring)
{
    static const struct key_file files[] = {{HOME_NODE_FILE, "node"},
                                            {HOME_NEXT_FILE, "node"},
                                            {HOME_AUTHORITY_FILE, "authority"},
                                            {HOME_GROUPS_FILE, "groups"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const enum err err = add_file(home, files[i], keyring);
        // Only a node's own keys are always there.
        if (err != ERR_OK && (i == 0 || err != ERR_NOT_FOUND)) {
            return err;
        }
    }
    return ERR_OK;
}

// Which of the newest roster's keys `older` has too; those go back to its version.
static bool go_back(struct keyring *keyring, const struct roster *older)
{
    bool has_any = false;
    for (size_t i = 0; i < roster_keys_count(keyring->roster); i++) {
        const struct roster_key key = roster_key_at(keyring->roster, i);
        if (key.bytes != NULL && keyring->since[i] == older->version + 1 &&
            roster_find_key(older, key.kind, key.bytes) >= 0) {
            keyring->since[i] = older->version;
            has_any = true;
        }
    }
    return has_any;
}

static enum err date_keys(struct home *home, struct keyring *keyring)
{
    const size_t count = roster_keys_count(keyring->roster);
    bool goes_on = true;
    keyring->since = calloc(count, sizeof *keyring->since);
    if (keyring->since == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        keyring->since[i] = keyring->roster->version;
    }
    for (uint64_t v = keyring->roster->version - 1; v > 0 && goes_on; v--) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        struct roster *older = NULL;
        enum err err = home_read_roster(home, v, &bytes, &len);
        if (err == ERR_NOT_FOUND) {
            return ERR_OK; // the first one held may be a later one
        }
        if (err == ERR_OK) {
            err = roster_decode(bytes, len, &older);
            free(bytes);
        }
        if (err != ERR_OK) {
            return err;
        }
        goes_on = go_back(keyring, older);
        roster_destroy(&older);
    }
    return ERR_OK;
}

static void place_own(struct keyring *keyring)
{
    for (size_t i = 0; i < keyring->own_count; i++) {
        struct own_key *own = &keyring->own[i];
        if (own->kind != KEY_GROUP) {
            own->at = roster_find_key(keyring->roster, own->kind, own->public_key);
        }
    }
}

enum err keyring_load(struct home *home, struct keyring *keyring)
{
    *keyring = (struct keyring){0};
    enum err err = add_files(home, keyring);
    if (err == ERR_OK) {
        err = home_load_roster(home, &keyring->roster);
        if (err == ERR_OK) {
            place_own(keyring);
            err = date_keys(home, keyring);
        } else if (err == ERR_NOT_FOUND) {
            err = ERR_OK; // not joined yet
        }
    }
    if (err != ERR_OK) {
        keyring_fini(keyring);
    }
    return err;
}

enum err home_next_signing(struct home *home, uint8_t signing[static SIGN_KEY_LEN])
{
    struct keyring keyring = {0};
    enum err err = add_file(home, (struct key_file){HOME_NEXT_FILE, "node"}, &keyring);
    if (err == ERR_OK) {
        assert(keyring.own_count > 0);
        memcpy(signing, keyring.own[0].public_key, SIGN_KEY_LEN);
    }
    keyring_fini(&keyring);
    return err;
}

void keyring_fini(struct keyring *keyring)
{
    free(keyring->own);
    free(keyring->since);
    roster_destroy(&keyring->roster);
    *keyring = (struct keyring){0};
}
