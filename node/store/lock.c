// SPDX-License-Identifier: EUPL-1.2
// The lock file: keeps a second process out of the store's folder, and keeps the first copy of the
// key that checksums are made with.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sodium.h>

#include "store/store_private.h"

enum { CONTENT_LEN = CHECK_KEY_LEN + CHECK_LEN };

// The key's own checksum is made with itself.
static void check_of(const uint8_t key[static CHECK_KEY_LEN], uint8_t check[static CHECK_LEN])
{
    crypto_shorthash(check, key, CHECK_KEY_LEN, key);
}

enum err store_lock(const char *dir, int *lock_fd, uint8_t key[static CHECK_KEY_LEN], bool *has_key)
{
    char path[PATH_LEN];
    uint8_t content[CONTENT_LEN + 1];
    uint8_t check[CHECK_LEN];
    int len = snprintf(path, sizeof path, "%s/lock", dir);
    if (len < 0 || len >= PATH_LEN) {
        return ERR_IO;
    }
    *lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*lock_fd < 0) {
        return errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    }
    if (flock(*lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? ERR_STATE : ERR_IO;
    }
    ssize_t got = pread(*lock_fd, content, sizeof content, 0);
    if (got < 0) {
        return ERR_IO;
    }
    check_of(content, check);
    *has_key = got == CONTENT_LEN && memcmp(check, content + CHECK_KEY_LEN, CHECK_LEN) == 0;
    if (*has_key) {
        memcpy(key, content, CHECK_KEY_LEN);
    }
    return ERR_OK;
}

enum err store_keep_key(int lock_fd, const uint8_t key[static CHECK_KEY_LEN])
{
    uint8_t content[CONTENT_LEN];
    memcpy(content, key, CHECK_KEY_LEN);
    check_of(key, content + CHECK_KEY_LEN);
    if (pwrite(lock_fd, content, sizeof content, 0) != (ssize_t)sizeof content) {
        return errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    }
    return fsync(lock_fd) == 0 ? ERR_OK : ERR_IO;
}
