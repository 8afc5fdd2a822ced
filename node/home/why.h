// SPDX-License-Identifier: EUPL-1.2
// Inside node/home only: failing with a reason, and reading and replacing files step by step.
#ifndef NODE_HOME_WHY_H
#define NODE_HOME_WHY_H

#include <stdarg.h>

#include "home/home.h"

// Writes home->why and returns `err`.
enum err home_fail(struct home *home, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct file_bytes {
    uint8_t *bytes; // malloc'ed, a NUL follows
    size_t len;
};

// home_read for a path that need not lie in the home (a key kept elsewhere).
CHECKED enum err home_read_path(struct home *home, const char *path, size_t max,
                                struct file_bytes *file);

// A new file for this user alone, which need not lie in the home; synced when it returns. Errors:
// ERR_STATE (it is there already), ERR_IO, ERR_NO_SPACE.
CHECKED enum err home_create_path(struct home *home, const char *path, const uint8_t *bytes,
                                  size_t len);

// A folder that is there and open to nobody else. Errors: ERR_NOT_FOUND, ERR_STATE (no folder),
// ERR_DENIED, ERR_IO.
CHECKED enum err home_check_folder(struct home *home, const char *path);
// What was made or removed in it stays so after a crash. Errors: ERR_IO.
CHECKED enum err home_sync_folder(struct home *home, const char *path);

// A file being replaced. After begin `fd` is the new, still empty file under its passing name, so
// that its identity can be written into it.
struct replacement {
    char path[4096];
    char fresh[4096];
    size_t folder_len;
    int fd;
};
CHECKED enum err replacement_begin(struct home *home, const char *name,
                                   struct replacement *replacement);
// Writes, syncs, renames and syncs the folder; on failure nothing is left behind. Errors: ERR_IO,
// ERR_NO_SPACE.
CHECKED enum err replacement_finish(struct home *home, struct replacement *replacement,
                                    const uint8_t *bytes, size_t len);

#endif
