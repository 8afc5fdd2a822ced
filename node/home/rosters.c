// SPDX-License-Identifier: EUPL-1.2
// The roster versions of a home: HOME/roster/N.roster, one unbroken chain from the first one held.
// The rules are proto's (roster.h).
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home/home.h"
#include "home/why.h"

enum {
    SIGNED_MAX = ROSTER_MAX + AUTHORITIES_MAX * 128, // the document and its signatures
    ROSTER_NAME_MAX = 48
};

static void roster_file(uint64_t version, char out[static ROSTER_NAME_MAX])
{
    (void)snprintf(out, ROSTER_NAME_MAX, "roster/%" PRIu64 ".roster", version);
}

// 0 for a name that is not N.roster as we write it.
static uint64_t version_of(const char *name)
{
    if (*name < '1' || *name > '9') {
        return 0;
    }
    char *end = NULL;
    errno = 0;
    const uint64_t version = strtoull(name, &end, 10);
    return errno == 0 && version <= SEQ_MAX && strcmp(end, ".roster") == 0 ? version : 0;
}

struct versions {
    uint64_t first;
    uint64_t last;
    uint64_t count;
};

static enum err list_versions(struct home *home, struct versions *versions)
{
    char path[4096] = "";
    const enum err err = home_path(home, "roster", path);
    if (err != ERR_OK) {
        return err;
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
    }
    *versions = (struct versions){UINT64_MAX, 0, 0};
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const uint64_t version = version_of(entry->d_name);
        if (version != 0) {
            versions->first = version < versions->first ? version : versions->first;
            versions->last = version > versions->last ? version : versions->last;
            versions->count++;
        }
    }
    (void)closedir(folder);
    if (versions->count == 0) {
        return home_fail(home, ERR_NOT_FOUND, "%s has joined no federation yet", home->path);
    }
    if (versions->count != versions->last - versions->first + 1) {
        return home_fail(home, ERR_CORRUPT, "a roster version is missing in %s", path);
    }
    return ERR_OK;
}

enum err home_read_roster(struct home *home, uint64_t version, uint8_t **bytes, size_t *len)
{
    char name[ROSTER_NAME_MAX];
    roster_file(version, name);
    return home_read(home, name, SIGNED_MAX, bytes, len);
}

static enum err load_version(struct home *home, uint64_t version, struct roster **roster)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = home_read_roster(home, version, &bytes, &len);
    if (err != ERR_OK) {
        return err;
    }
    err = roster_decode(bytes, len, roster);
    free(bytes);
    if (err != ERR_OK) {
        return home_fail(home, ERR_CORRUPT, "%s/roster/%" PRIu64 ".roster: %s", home->path, version,
                         err_text(err));
    }
    if ((*roster)->version != version) {
        roster_destroy(roster);
        return home_fail(home, ERR_CORRUPT, "%s/roster/%" PRIu64 ".roster is another version",
                         home->path, version);
    }
    return ERR_OK;
}

enum err home_load_roster(struct home *home, struct roster **roster)
{
    struct versions versions = {0, 0, 0};
    enum err err = list_versions(home, &versions);
    struct roster *current = NULL;
    if (err == ERR_OK) {
        err = load_version(home, versions.first, &current);
    }
    for (uint64_t v = versions.first + 1; err == ERR_OK && v <= versions.last; v++) {
        struct roster *next = NULL;
        err = load_version(home, v, &next);
        if (err == ERR_OK && roster_check_next(current, next) != ERR_OK) {
            err = home_fail(home, ERR_CORRUPT,
                            "roster version %" PRIu64 " in %s does not follow the one before", v,
                            home->path);
        }
        roster_destroy(&current);
        current = next;
    }
    if (err != ERR_OK) {
        roster_destroy(&current);
        return err;
    }
    *roster = current;
    return ERR_OK;
}

enum err home_add_roster(struct home *home, const uint8_t *bytes, size_t len,
                         struct roster **roster)
{
    struct roster *current = NULL;
    struct roster *next = NULL;
    enum err err = home_load_roster(home, &current);
    if (err == ERR_NOT_FOUND) {
        err = ERR_OK; // the first one held is the anchor
    }
    if (err != ERR_OK) {
        goto out;
    }
    err = roster_decode(bytes, len, &next);
    if (err == ERR_OK && current != NULL) {
        err = roster_check_next(current, next);
    }
    if (err != ERR_OK) {
        (void)home_fail(home, err, "the roster is refused: %s", err_text(err));
        goto out;
    }
    char name[ROSTER_NAME_MAX];
    roster_file(next->version, name);
    err = home_write(home, name, bytes, len);
    if (err == ERR_OK) {
        *roster = next;
        next = NULL;
    }
out:
    roster_destroy(&current);
    roster_destroy(&next);
    return err;
}
