// SPDX-License-Identifier: EUPL-1.2
// HOME/guard, and that of each exercise: under which ceiling this node has signed, kept outside the
// store so that a restored store is noticed. It says nothing about what to do then; that is the
// loop's.
//
// The file names its own inode and birth, and the store's: a copy brought back from elsewhere has
// others. Every save makes a new file, so even a copy written over the old file is told apart.
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "home/home.h"
#include "home/why.h"

enum { GUARD_MAX = 1024, CHECK_LEN = 16, CHECK_HEX = CHECK_LEN * 2 + 1 };

struct identity {
    uint64_t inode; // 0: there was no such file
    int64_t birth_s;
    uint32_t birth_ns; // both 0 where the file system does not know it
};

static struct identity identity_of(int folder, const char *path, int flags)
{
    struct statx status;
    if (statx(folder, path, flags | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &status) != 0) {
        return (struct identity){0, 0, 0};
    }
    struct identity identity = {status.stx_ino, 0, 0};
    if ((status.stx_mask & STATX_BTIME) != 0) {
        identity.birth_s = status.stx_btime.tv_sec;
        identity.birth_ns = status.stx_btime.tv_nsec;
    }
    return identity;
}

static bool identity_is(struct identity a, struct identity b)
{
    return a.inode == b.inode && a.birth_s == b.birth_s && a.birth_ns == b.birth_ns;
}

static void checksum(const char *text, size_t len, char out[static CHECK_HEX])
{
    uint8_t hash[CHECK_LEN];
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)text, len, NULL, 0);
    (void)sodium_bin2hex(out, CHECK_HEX, hash, sizeof hash);
}

static const char guard_format[] = "sitrep-guard 1\nepoch %" PRIu64 "\nceiling %" PRIu64
                                   "\nfloor %" PRIu64 "\nexact %d\nself %" PRIu64 " %" PRId64
                                   ".%" PRIu32 "\nstore %" PRIu64 " %" PRId64 ".%" PRIu32 "\n";

struct guard_file {
    struct guard guard;
    struct identity self;
    struct identity store;
};

static size_t guard_print(const struct guard_file *file, char out[static GUARD_MAX])
{
    const int len = snprintf(out, GUARD_MAX, guard_format, file->guard.epoch, file->guard.ceiling,
                             file->guard.floor, file->guard.is_exact ? 1 : 0, file->self.inode,
                             file->self.birth_s, file->self.birth_ns, file->store.inode,
                             file->store.birth_s, file->store.birth_ns);
    assert(len > 0 && len < GUARD_MAX);
    return (size_t)len;
}

// Reads what guard_print wrote, and only that: what was read is printed again and compared.
static bool guard_scan(const char *text, struct guard_file *file)
{
    memset(file, 0, sizeof *file);
    int exact = 0;
    const int fields = // NOLINTNEXTLINE(cert-err34-c): overflow is caught by the comparison below
        sscanf(text,
               "sitrep-guard 1\nepoch %" SCNu64 "\nceiling %" SCNu64 "\nfloor %" SCNu64
               "\nexact %d\nself %" SCNu64 " %" SCNd64 ".%" SCNu32 "\nstore %" SCNu64 " %" SCNd64
               ".%" SCNu32 "\n",
               &file->guard.epoch, &file->guard.ceiling, &file->guard.floor, &exact,
               &file->self.inode, &file->self.birth_s, &file->self.birth_ns, &file->store.inode,
               &file->store.birth_s, &file->store.birth_ns);
    if (fields != 10) {
        return false;
    }
    file->guard.is_exact = exact != 0;
    char again[GUARD_MAX];
    const size_t len = guard_print(file, again);
    char check[CHECK_HEX];
    checksum(again, len, check);
    return strncmp(text, again, len) == 0 && strncmp(text + len, "check ", 6) == 0 &&
           strncmp(text + len + 6, check, CHECK_HEX - 1) == 0 &&
           strcmp(text + len + 6 + CHECK_HEX - 1, "\n") == 0;
}

// The paths of the guard, in the home, and of the store's file.
static enum err find_files(struct home *home, const char *exercise,
                           char guard_name[static EXERCISE_FILE_MAX], char store_path[static 4096])
{
    char store_name[EXERCISE_FILE_MAX];
    char file_name[EXERCISE_FILE_MAX + 16];
    home_space_file(exercise, "guard", guard_name);
    home_space_file(exercise, "store", store_name);
    (void)snprintf(file_name, sizeof file_name, "%s/data.mdb", store_name);
    return home_path(home, file_name, store_path);
}

enum err guard_load(struct home *home, const char *exercise, struct guard *guard)
{
    char guard_name[EXERCISE_FILE_MAX];
    char guard_path[4096];
    char store_path[4096];
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = find_files(home, exercise, guard_name, store_path);
    if (err == ERR_OK) {
        err = home_path(home, guard_name, guard_path);
    }
    if (err == ERR_OK) {
        err = home_read(home, guard_name, GUARD_MAX, &bytes, &len);
    }
    if (err != ERR_OK) {
        return err == ERR_LIMIT ? ERR_CORRUPT : err;
    }
    struct guard_file file;
    if (strlen((const char *)bytes) != len || !guard_scan((const char *)bytes, &file)) {
        err = home_fail(home, ERR_CORRUPT, "%s is damaged", guard_path);
        goto out;
    }
    *guard = file.guard;
    guard->was_moved =
        !identity_is(file.self, identity_of(AT_FDCWD, guard_path, 0)) ||
        (file.store.inode != 0 && !identity_is(file.store, identity_of(AT_FDCWD, store_path, 0)));
out:
    free(bytes);
    return err;
}

enum err guard_save(struct home *home, const char *exercise, const struct guard *guard)
{
    assert(guard->floor <= guard->ceiling);
    assert(!guard->is_exact || guard->floor == guard->ceiling);
    char guard_name[EXERCISE_FILE_MAX];
    char store_path[4096];
    enum err err = find_files(home, exercise, guard_name, store_path);
    struct replacement replacement;
    if (err == ERR_OK) {
        err = replacement_begin(home, guard_name, &replacement);
    }
    if (err != ERR_OK) {
        return err;
    }
    const struct guard_file file = {*guard, identity_of(replacement.fd, "", AT_EMPTY_PATH),
                                    identity_of(AT_FDCWD, store_path, 0)};
    char text[GUARD_MAX];
    size_t len = guard_print(&file, text);
    char check[CHECK_HEX];
    checksum(text, len, check);
    len += (size_t)snprintf(text + len, sizeof text - len, "check %s\n", check);
    return replacement_finish(home, &replacement, (const uint8_t *)text, len);
}
