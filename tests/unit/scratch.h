// SPDX-License-Identifier: EUPL-1.2
// A folder of its own for one test, and its removal.
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_PATH_MAX = 256 };

static inline void scratch_make(char path[static SCRATCH_PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(path, SCRATCH_PATH_MAX, "%s/sitrep-test-XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(path) == NULL) {
        perror(path);
        abort();
    }
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void scratch_remove(const char *path)
{
    (void)nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_join(char out[static SCRATCH_PATH_MAX], const char *folder,
                                const char *name)
{
    const int len = snprintf(out, SCRATCH_PATH_MAX, "%s/%s", folder, name);
    if (len < 0 || len >= SCRATCH_PATH_MAX) {
        abort();
    }
}

static inline void scratch_write(const char *path, const char *text, mode_t mode)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode) != 0) {
        perror(path);
        abort();
    }
    (void)close(fd);
}

#endif
