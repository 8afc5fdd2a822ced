// SPDX-License-Identifier: EUPL-1.2
// Runs one fuzz target over saved inputs, files or folders of them, without libFuzzer. A missing
// or empty folder is a failure: it would test nothing.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static int fail(const char *path, const char *why)
{
    fprintf(stderr, "FAIL  %s: %s\n", path, why);
    return -1;
}

// Each input gets a buffer of exactly its size, so that a sanitizer sees a read past its end.
static int replay_file(const char *path, size_t size)
{
    FILE *const file = fopen(path, "rb");
    uint8_t *const bytes = malloc(size > 0 ? size : 1);
    int result = -1;

    if (file != NULL && bytes != NULL && fread(bytes, 1, size, file) == size) {
        (void)LLVMFuzzerTestOneInput(bytes, size);
        result = 1;
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return result > 0 ? result : fail(path, "cannot be read");
}

static int replay_path(const char *path);

static int replay_folder(const char *path)
{
    DIR *const folder = opendir(path);
    int count = 0;

    if (folder == NULL) {
        return fail(path, strerror(errno));
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char child[PATH_MAX];
        if (entry->d_name[0] == '.') {
            continue;
        }
        const int len = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        const int replayed = len > 0 && (size_t)len < sizeof child ? replay_path(child) : -1;
        if (replayed < 0) {
            count = -1;
            break;
        }
        count += replayed;
    }
    closedir(folder);
    return count == 0 ? fail(path, "holds no inputs") : count;
}

// The number of inputs replayed, or -1.
static int replay_path(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return fail(path, strerror(errno));
    }
    return S_ISDIR(status.st_mode) ? replay_folder(path)
                                   : replay_file(path, (size_t)status.st_size);
}

// "cbor" of ".../cbor-replay".
static void print_result(const char *program, int count)
{
    const char *const slash = strrchr(program, '/');
    const char *const name = slash != NULL ? slash + 1 : program;
    const char *const suffix = strstr(name, "-replay");
    const size_t len = suffix != NULL ? (size_t)(suffix - name) : strlen(name);

    printf("  ok    fuzz/%.*s: %d inputs\n", (int)len, name, count);
}

int main(int argc, char **argv)
{
    int count = 0;

    if (argc < 2) {
        return fail(argv[0], "usage: TARGET-replay FILE|FOLDER...") < 0;
    }
    for (int i = 1; i < argc; i++) {
        const int replayed = replay_path(argv[i]);
        if (replayed < 0) {
            return EXIT_FAILURE;
        }
        count += replayed;
    }
    print_result(argv[0], count);
    return EXIT_SUCCESS;
}
