// SPDX-License-Identifier: EUPL-1.2
// The home folder itself: opening, checking modes, reading and replacing whole files, the lock.
// What is in the files is the business of keys.c, rosters.c and guard.c.
#include "home/home.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "home/why.h"

enum { OPEN_TO_OTHERS = S_IRWXG | S_IRWXO };

enum err home_fail(struct home *home, enum err err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(home->why, sizeof home->why, format, arguments);
    va_end(arguments);
    return err;
}

enum err home_path(struct home *home, const char *name, char out[static 4096])
{
    const int len = snprintf(out, 4096, "%s/%s", home->path, name);
    if (len < 0 || len >= 4096) {
        return home_fail(home, ERR_LIMIT, "the path of %s is too long", name);
    }
    return ERR_OK;
}

static enum err check_owner(struct home *home, const char *path, const struct stat *status)
{
    if (status->st_uid != geteuid()) {
        return home_fail(home, ERR_DENIED,
                         "%s belongs to user %lu and this is user %lu: run as its owner", path,
                         (unsigned long)status->st_uid, (unsigned long)geteuid());
    }
    if ((status->st_mode & OPEN_TO_OTHERS) != 0) {
        return home_fail(home, ERR_DENIED, "%s is open to others (mode %04o): chmod %s '%s'", path,
                         (unsigned)(status->st_mode & 07777),
                         S_ISDIR(status->st_mode) ? "700" : "600", path);
    }
    return ERR_OK;
}

enum err home_check_folder(struct home *home, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno == ENOENT) {
            return home_fail(home, ERR_NOT_FOUND, "there is no folder %s", path);
        }
        return home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return home_fail(home, ERR_STATE, "%s is not a folder", path);
    }
    return check_owner(home, path, &status);
}

static const char *const folders[] = {"keys", "roster", "store"}; // the store is looked at last
enum { FOLDERS_COUNT = sizeof folders / sizeof *folders };

static enum err remember_path(struct home *home, const char *path)
{
    memset(home, 0, sizeof *home);
    const size_t len = strlen(path);
    if (len == 0 || len >= sizeof home->path) {
        return home_fail(home, ERR_LIMIT, "the path of the home is empty or too long");
    }
    memcpy(home->path, path, len + 1);
    return ERR_OK;
}

static enum err open_folder(struct home *home, const char *name)
{
    char folder[4096];
    enum err err = home_path(home, name, folder);
    if (err == ERR_OK) {
        err = home_check_folder(home, folder);
    }
    // What the store held can be had from the peers again; a copy may well leave it out.
    if (err == ERR_NOT_FOUND && strcmp(name, "store") == 0) {
        err = mkdir(folder, 0700) == 0 ? home_check_folder(home, folder)
                                       : home_fail(home, ERR_IO, "%s: %s", folder, strerror(errno));
    }
    return err;
}

enum err home_open(struct home *home, const char *path)
{
    enum err err = remember_path(home, path);
    if (err == ERR_OK) {
        err = home_check_folder(home, path);
    }
    for (size_t i = 0; i < FOLDERS_COUNT && err == ERR_OK; i++) {
        err = open_folder(home, folders[i]);
    }
    if (err == ERR_NOT_FOUND) {
        return home_fail(
            home, err,
            "there is no node in %s: make one with 'sitrep found' or 'sitrep join request'", path);
    }
    return err;
}

enum err home_sync_folder(struct home *home, const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        const int error = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return home_fail(home, ERR_IO, "%s: %s", path, strerror(error));
    }
    (void)close(fd);
    return ERR_OK;
}

// Makes PATH and the folders above it that are missing, each for this user alone.
static enum err make_folders(struct home *home, const char *path)
{
    char part[sizeof home->path];
    (void)snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        const char ended_by = *at;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return home_fail(home, ERR_IO, "%s: %s", part, strerror(errno));
        }
        *at = ended_by;
        if (ended_by == '\0') {
            return ERR_OK;
        }
    }
}

static enum err check_empty(struct home *home)
{
    DIR *folder = opendir(home->path);
    if (folder == NULL) {
        return home_fail(home, ERR_IO, "%s: %s", home->path, strerror(errno));
    }
    enum err err = ERR_OK;
    for (const struct dirent *entry = readdir(folder); entry != NULL && err == ERR_OK;
         entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            err = home_fail(home, ERR_STATE, "%s is not empty (it holds %s): name another folder",
                            home->path, entry->d_name);
        }
    }
    (void)closedir(folder);
    return err;
}

enum err home_create(struct home *home, const char *path)
{
    enum err err = remember_path(home, path);
    if (err == ERR_OK) {
        err = make_folders(home, path);
    }
    if (err == ERR_OK) {
        err = home_check_folder(home, path);
    }
    if (err == ERR_OK) {
        err = check_empty(home);
    }
    for (size_t i = 0; i < FOLDERS_COUNT && err == ERR_OK; i++) {
        char folder[4096];
        err = home_path(home, folders[i], folder);
        if (err == ERR_OK && mkdir(folder, 0700) != 0) {
            err = home_fail(home, ERR_IO, "%s: %s", folder, strerror(errno));
        }
    }
    return err == ERR_OK ? home_sync_folder(home, home->path) : err;
}

static enum err read_all(struct home *home, int fd, const char *path, uint8_t *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        const ssize_t got = read(fd, bytes + done, len - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return home_fail(home, ERR_IO, "%s: %s", path,
                             got < 0 ? strerror(errno) : "became shorter while it was read");
        }
        done += (size_t)got;
    }
    return ERR_OK;
}

enum err home_read_path(struct home *home, const char *path, size_t max, struct file_bytes *file)
{
    // O_NONBLOCK: a FIFO put in the file's place must not hang the reader.
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return home_fail(home, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                         strerror(errno));
    }
    enum err err = ERR_OK;
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct stat status;
    if (fstat(fd, &status) != 0) {
        err = home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(status.st_mode)) {
        err = home_fail(home, ERR_DENIED, "%s is not a plain file", path);
        goto out;
    }
    err = check_owner(home, path, &status);
    if (err != ERR_OK) {
        goto out;
    }
    len = (size_t)status.st_size;
    if (len > max) {
        err = home_fail(home, ERR_LIMIT, "%s has %zu bytes, and at most %zu are allowed", path, len,
                        max);
        goto out;
    }
    bytes = malloc(len + 1);
    if (bytes == NULL) {
        err = home_fail(home, ERR_IO, "out of memory");
        goto out;
    }
    bytes[len] = 0;
    err = read_all(home, fd, path, bytes, len);
    if (err == ERR_OK) {
        *file = (struct file_bytes){bytes, len};
        bytes = NULL;
    }
out:
    if (bytes != NULL) {
        sodium_memzero(bytes, len); // it may have been a key
        free(bytes);
    }
    (void)close(fd);
    return err;
}

enum err home_read(struct home *home, const char *name, size_t max, uint8_t **bytes, size_t *len)
{
    char path[4096];
    enum err err = home_path(home, name, path);
    struct file_bytes file = {NULL, 0};
    if (err == ERR_OK) {
        err = home_read_path(home, path, max, &file);
    }
    if (err == ERR_OK) {
        *bytes = file.bytes;
        *len = file.len;
    }
    return err;
}

static enum err write_all(int fd, const uint8_t *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        const ssize_t put = write(fd, bytes + done, len - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
        }
        done += (size_t)put;
    }
    return ERR_OK;
}

enum err home_create_path(struct home *home, const char *path, const uint8_t *bytes, size_t len)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return home_fail(home, errno == EEXIST ? ERR_STATE : ERR_IO, "%s: %s", path,
                         strerror(errno));
    }
    enum err err = write_all(fd, bytes, len);
    if (err == ERR_OK && fsync(fd) != 0) {
        err = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
    }
    const int error = errno;
    (void)close(fd);
    if (err != ERR_OK) {
        (void)unlink(path);
        return home_fail(home, err, "%s: %s", path, strerror(error));
    }
    char folder[4096];
    const char *slash = strrchr(path, '/');
    const int folder_len = slash == NULL ? 1 : (int)(slash - path) + 1;
    const int written = snprintf(folder, sizeof folder, "%.*s", folder_len, slash ? path : ".");
    assert(written > 0 && (size_t)written < sizeof folder); // it was opened, so it is no longer
    return home_sync_folder(home, folder);
}

enum err replacement_begin(struct home *home, const char *name, struct replacement *replacement)
{
    memset(replacement, 0, sizeof *replacement);
    replacement->fd = -1;
    enum err err = home_path(home, name, replacement->path);
    if (err != ERR_OK) {
        return err;
    }
    const char *slash = strrchr(replacement->path, '/');
    assert(slash != NULL);
    replacement->folder_len = (size_t)(slash - replacement->path);
    const int len = snprintf(replacement->fresh, sizeof replacement->fresh, "%.*s/.%s.new",
                             (int)replacement->folder_len, replacement->path, slash + 1);
    if (len < 0 || (size_t)len >= sizeof replacement->fresh) {
        return home_fail(home, ERR_LIMIT, "the path of %s is too long", name);
    }
    // What a process that died here left behind; whoever writes holds the lock.
    (void)unlink(replacement->fresh);
    replacement->fd =
        open(replacement->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (replacement->fd < 0) {
        return home_fail(home, errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO, "%s: %s",
                         replacement->fresh, strerror(errno));
    }
    return ERR_OK;
}

enum err replacement_finish(struct home *home, struct replacement *replacement,
                            const uint8_t *bytes, size_t len)
{
    assert(replacement->fd >= 0);
    enum err err = write_all(replacement->fd, bytes, len);
    if (err == ERR_OK && fsync(replacement->fd) != 0) {
        err = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
    }
    const int error = errno;
    (void)close(replacement->fd);
    replacement->fd = -1;
    if (err == ERR_OK && rename(replacement->fresh, replacement->path) == 0) {
        replacement->path[replacement->folder_len] = '\0';
        return home_sync_folder(home, replacement->path);
    }
    if (err != ERR_OK) {
        err = home_fail(home, err, "%s: %s", replacement->fresh, strerror(error));
    } else {
        err = home_fail(home, ERR_IO, "%s: %s", replacement->path, strerror(errno));
    }
    (void)unlink(replacement->fresh);
    return err;
}

enum err home_write(struct home *home, const char *name, const uint8_t *bytes, size_t len)
{
    struct replacement replacement;
    const enum err err = replacement_begin(home, name, &replacement);
    return err == ERR_OK ? replacement_finish(home, &replacement, bytes, len) : err;
}

enum err home_remove(struct home *home, const char *name)
{
    char path[4096];
    enum err err = home_path(home, name, path);
    if (err != ERR_OK) {
        return err;
    }
    if (unlink(path) != 0) {
        return home_fail(home, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                         strerror(errno));
    }
    *strrchr(path, '/') = '\0';
    return home_sync_folder(home, path);
}

enum err home_lock(struct home *home)
{
    char path[4096];
    const enum err err = home_path(home, "lock", path);
    if (err != ERR_OK) {
        return err;
    }
    const int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        char pid[16] = "";
        const ssize_t got = pread(fd, pid, sizeof pid - 1, 0);
        pid[got > 0 ? strspn(pid, "0123456789") : 0] = '\0';
        (void)close(fd);
        if (error != EWOULDBLOCK) {
            return home_fail(home, ERR_IO, "%s: %s", path, strerror(error));
        }
        return home_fail(home, ERR_STATE, "another process%s%s%s is using %s",
                         *pid != '\0' ? ", number " : "", pid, *pid != '\0' ? "," : "", home->path);
    }
    char pid[16];
    const int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    // The number only serves the message above; the lock is the flock, held until the process ends.
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len) {
        (void)home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
        (void)close(fd);
        return ERR_IO;
    }
    return ERR_OK;
}
