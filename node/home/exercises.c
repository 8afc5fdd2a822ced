// SPDX-License-Identifier: EUPL-1.2
// The folders of exercises: HOME/exercise/NAME, and the mark that one leaves behind. What is in
// them is the store's and the guard's.
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "home/home.h"
#include "home/why.h"
#include "sitrep/exercise.h"

static const char all_folder[] = "exercise";
static const char purged[] = ".purged";

enum { PATH_SIZE = 4096, OPEN_FILES_MAX = 16 };

void home_space_file(const char *exercise, const char *file, char out[static EXERCISE_FILE_MAX])
{
    int len;
    if (*exercise != '\0') {
        assert(exercise_name_is_valid(exercise));
        len = snprintf(out, EXERCISE_FILE_MAX, "%s/%s/%s", all_folder, exercise, file);
    } else if (strcmp(file, "store") == 0) {
        len = snprintf(out, EXERCISE_FILE_MAX, "store/real");
    } else {
        len = snprintf(out, EXERCISE_FILE_MAX, "%s", file);
    }
    assert(len > 0 && len < EXERCISE_FILE_MAX);
    (void)len;
}

// exercise/NAME with `suffix` behind it.
static enum err folder_path(struct home *home, const char *name, const char *suffix,
                            char out[static PATH_SIZE])
{
    char file[EXERCISE_FILE_MAX];
    const int len = snprintf(file, sizeof file, "%s/%s%s", all_folder, name, suffix);
    assert(len > 0 && len < (int)sizeof file);
    (void)len;
    return home_path(home, file, out);
}

static enum err fail_at(struct home *home, const char *path)
{
    const enum err err = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
    return home_fail(home, err, "%s: %s", path, strerror(errno));
}

static enum err make_folder(struct home *home, const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? ERR_OK : fail_at(home, path);
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

enum err home_make_exercise(struct home *home, const char *name)
{
    char all[PATH_SIZE];
    char folder[PATH_SIZE];
    char mark[PATH_SIZE];
    assert(exercise_name_is_valid(name));
    enum err err = home_path(home, all_folder, all);
    if (err == ERR_OK) {
        err = folder_path(home, name, "", folder);
    }
    if (err == ERR_OK) {
        err = folder_path(home, name, purged, mark);
    }
    if (err == ERR_OK) {
        err = make_folder(home, all);
    }
    if (err != ERR_OK) {
        return err;
    }
    if (is_there(mark)) {
        return home_fail(home, ERR_DENIED, "%s is there: this node threw an exercise '%s' away",
                         mark, name);
    }
    if (is_there(folder)) {
        return home_fail(home, ERR_STATE, "%s is there already", folder);
    }
    err = make_folder(home, folder);
    return err == ERR_OK ? home_sync_folder(home, all) : err;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

static enum err remove_folder(struct home *home, const char *name)
{
    char folder[PATH_SIZE];
    enum err err = folder_path(home, name, "", folder);
    if (err == ERR_OK && is_there(folder) &&
        nftw(folder, remove_one, OPEN_FILES_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        err = fail_at(home, folder);
    }
    return err;
}

enum err home_purge_exercise(struct home *home, const char *name)
{
    char file[EXERCISE_FILE_MAX];
    assert(exercise_name_is_valid(name));
    (void)snprintf(file, sizeof file, "%s/%s%s", all_folder, name, purged);
    const enum err err = home_write(home, file, (const uint8_t *)"", 0);
    return err == ERR_OK ? remove_folder(home, name) : err;
}

// What is not called like an exercise is none of ours, and stays.
static enum err visit(struct home *home, const char *name,
                      enum err (*each)(void *context, const char *name), void *context)
{
    char folder[PATH_SIZE];
    char mark[PATH_SIZE];
    if (!exercise_name_is_valid(name)) {
        return ERR_OK;
    }
    enum err err = folder_path(home, name, "", folder);
    if (err == ERR_OK) {
        err = folder_path(home, name, purged, mark);
    }
    if (err != ERR_OK) {
        return err;
    }
    if (is_there(mark)) {
        return remove_folder(home, name);
    }
    err = home_check_folder(home, folder);
    return err == ERR_OK ? each(context, name) : err;
}

enum err home_each_exercise(struct home *home, enum err (*each)(void *context, const char *name),
                            void *context)
{
    char all[PATH_SIZE];
    enum err err = home_path(home, all_folder, all);
    if (err != ERR_OK || !is_there(all)) {
        return err;
    }
    err = home_check_folder(home, all);
    if (err != ERR_OK) {
        return err;
    }
    DIR *folder = opendir(all);
    if (folder == NULL) {
        return fail_at(home, all);
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL && err == ERR_OK;
         entry = readdir(folder)) {
        err = visit(home, entry->d_name, each, context);
    }
    (void)closedir(folder);
    return err;
}
