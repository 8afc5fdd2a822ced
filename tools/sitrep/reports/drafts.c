// SPDX-License-Identifier: EUPL-1.2
// Drafts as files: 0600, in folders of 0700. What stands in them is draft_text.h's.
#include "sitrep/reports/drafts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sitrep/print.h"
#include "sitrep/reports/draft_text.h"
#include "sitrep/space.h"

enum { OF_ONE_NUMBER_MAX = 100 };

// An exercise is never sent into the real world, nor the other way round.
static enum exit_code find_folder(const struct arguments *arguments,
                                  char path[static DRAFT_PATH_MAX])
{
    const char *space = space_named(arguments);
    const int len = snprintf(path, DRAFT_PATH_MAX, "%s/drafts%s%s", arguments->home,
                             space == NULL ? "" : "/", space == NULL ? "" : space);

    return len > 0 && len < DRAFT_PATH_MAX - DRAFT_NAME_MAX
               ? EXIT_DONE
               : complain(EXIT_USAGE, "the home's path is too long");
}

static enum exit_code make_folder(const char *path)
{
    return mkdir(path, S_IRWXU) == 0 || errno == EEXIST
               ? EXIT_DONE
               : complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
}

static enum exit_code make_folders(const struct arguments *arguments,
                                   char path[static DRAFT_PATH_MAX])
{
    enum exit_code code = find_folder(arguments, path);

    if (code == EXIT_DONE && space_named(arguments) != NULL) {
        char *slash = strrchr(path, '/');
        *slash = '\0';
        code = make_folder(path);
        *slash = '/';
    }
    return code == EXIT_DONE ? make_folder(path) : code;
}

static enum exit_code write_file(int fd, const char *path, const json_t *report)
{
    FILE *file = fdopen(fd, "w");

    if (file == NULL) {
        (void)close(fd);
        return complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
    }
    draft_write(file, report);
    const bool has_failed = ferror(file) != 0;
    if (fclose(file) != 0 || has_failed) {
        (void)unlink(path);
        return complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
    }
    return EXIT_DONE;
}

enum exit_code drafts_make(const struct arguments *arguments, const json_t *report,
                           char name[static DRAFT_NAME_MAX])
{
    const json_t *fields = json_object_get(report, "fields");
    const json_t *number = json_object_get(fields, "number");
    char folder[DRAFT_PATH_MAX];
    char path[DRAFT_PATH_MAX + DRAFT_NAME_MAX];
    enum exit_code code = make_folders(arguments, folder);

    for (int i = 1; code == EXIT_DONE && i < OF_ONE_NUMBER_MAX; i++) {
        (void)snprintf(name, DRAFT_NAME_MAX, "%.32s-%lld", json_text(fields, "type"),
                       json_is_integer(number) ? (long long)json_integer_value(number)
                                               : strtoll(json_text(fields, "number"), NULL, 10));
        if (i > 1) {
            (void)snprintf(name + strlen(name), DRAFT_NAME_MAX - strlen(name), "-%d", i);
        }
        (void)snprintf(path, sizeof path, "%s/%s", folder, name);
        const int fd =
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd >= 0) {
            return write_file(fd, path, report);
        }
        if (errno != EEXIST) {
            code = complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
        }
    }
    return code == EXIT_DONE ? complain(EXIT_REFUSED, "there are too many drafts: send them, or "
                                                      "'sitrep report discard' them")
                             : code;
}

static bool is_name(const char *name)
{
    const size_t len = strlen(name);

    return len > 0 && len < DRAFT_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool is_file(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

enum exit_code drafts_find(const struct arguments *arguments, const char *name,
                           char path[static DRAFT_PATH_MAX])
{
    const enum exit_code code = find_folder(arguments, path);

    if (code != EXIT_DONE) {
        return code;
    }
    const size_t len = strlen(path);
    (void)snprintf(path + len, DRAFT_PATH_MAX - len, "/%s", is_name(name) ? name : "");
    return is_name(name) && is_file(path)
               ? EXIT_DONE
               : complain(EXIT_REFUSED, "there is no draft '%s': 'sitrep report drafts' lists them",
                          name);
}

enum exit_code drafts_each(const struct arguments *arguments,
                           void (*take)(const struct arguments *arguments, const char *name,
                                        const char *path))
{
    char folder[DRAFT_PATH_MAX];
    char path[DRAFT_PATH_MAX + DRAFT_NAME_MAX];
    struct dirent **found = NULL;
    const enum exit_code code = find_folder(arguments, folder);
    const int count = code == EXIT_DONE ? scandir(folder, &found, NULL, alphasort) : 0;
    int listed = 0;

    if (count < 0 && errno != ENOENT) {
        return complain(EXIT_FAILED, "%s: %s", folder, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        const char *name = found[i]->d_name;
        (void)snprintf(path, sizeof path, "%s/%.*s", folder, DRAFT_NAME_MAX - 1, name);
        if (is_name(name) && is_file(path)) {
            take(arguments, name, path);
            listed++;
        }
        free(found[i]);
    }
    free((void *)found);
    if (code == EXIT_DONE && listed == 0 && !arguments->is_json) {
        tell("There is no draft in %s.", folder);
    }
    return code;
}

enum exit_code drafts_edit(const char *path)
{
    int status = 0;

    (void)fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        (void)umask(S_IRWXG | S_IRWXO); // editors write anew
        (void)execl("/bin/sh", "sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path,
                    (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return complain(EXIT_FAILED, "the editor failed: set VISUAL or EDITOR; the draft is %s",
                        path);
    }
    return EXIT_DONE;
}
