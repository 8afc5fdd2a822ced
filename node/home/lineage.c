// SPDX-License-Identifier: EUPL-1.2
// The rosters of a home as the files they lie in. What may follow what is proto's (roster.h).
#include "home/lineage.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/why.h"

enum {
    SIGNED_MAX = ROSTER_MAX + AUTHORITIES_MAX * 256, // the document and its signatures
    HEX_LEN = 2 * ID_LEN,
    ROSTER_NAME_MAX = 32 + HEX_LEN,
};

static const char suffix[] = ".roster";

static void name_file(const struct lineage_link *link, char out[static ROSTER_NAME_MAX])
{
    char hex[HEX_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, link->hash, ID_LEN);
    (void)snprintf(out, ROSTER_NAME_MAX, "roster/%" PRIu64 "%s%s%s", link->version,
                   link->is_rival ? "-" : "", link->is_rival ? hex : "", suffix);
}

// Whether that is the name of a roster as we write it; reads the version, and of a rival the hash.
static bool read_name(const char *name, struct lineage_link *link)
{
    char *end = NULL;
    if (*name < '1' || *name > '9') {
        return false;
    }
    errno = 0;
    link->version = strtoull(name, &end, 10);
    link->is_rival = *end == '-';
    if (errno != 0 || link->version > SEQ_MAX) {
        return false;
    }
    if (link->is_rival) {
        size_t len = 0;
        const char *hex = end + 1;
        if (strlen(hex) != HEX_LEN + strlen(suffix) ||
            sodium_hex2bin(link->hash, ID_LEN, hex, HEX_LEN, NULL, &len, NULL) != 0 ||
            len != ID_LEN) {
            return false;
        }
        end += 1 + HEX_LEN;
    }
    return strcmp(end, suffix) == 0;
}

static void add_link(struct lineage *lineage, const struct lineage_link *link)
{
    struct lineage_link *grown =
        realloc(lineage->links, (lineage->count + 1) * sizeof *lineage->links);
    if (grown == NULL) {
        abort();
    }
    lineage->links = grown;
    size_t at = lineage->count++;
    while (at > 0 && grown[at - 1].version > link->version) {
        grown[at] = grown[at - 1];
        at--;
    }
    grown[at] = *link;
}

static enum err list(struct lineage *lineage)
{
    char path[4096] = "";
    const enum err err = home_path(lineage->home, "roster", path);
    if (err != ERR_OK) {
        return err;
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return home_fail(lineage->home, ERR_IO, "%s: %s", path, strerror(errno));
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct lineage_link link = {0};
        if (read_name(entry->d_name, &link)) {
            add_link(lineage, &link);
        }
    }
    (void)closedir(folder);
    return ERR_OK;
}

static const struct lineage_link *find(const struct lineage *lineage,
                                       const uint8_t hash[static ID_LEN])
{
    for (size_t i = 0; i < lineage->count; i++) {
        if (memcmp(lineage->links[i].hash, hash, ID_LEN) == 0) {
            return &lineage->links[i];
        }
    }
    return NULL;
}

bool lineage_holds(const struct lineage *lineage, const uint8_t hash[static ID_LEN])
{
    return find(lineage, hash) != NULL;
}

static bool is_parent(const struct lineage_link *link, const uint8_t hash[static ID_LEN])
{
    for (size_t p = 0; p < link->parents_count; p++) {
        if (memcmp(link->parents[p], hash, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_named(const struct lineage *lineage, const uint8_t hash[static ID_LEN])
{
    for (size_t i = 0; i < lineage->count; i++) {
        if (is_parent(&lineage->links[i], hash)) {
            return true;
        }
    }
    return false;
}

bool lineage_is_in_force(const struct lineage *lineage, const struct lineage_link *link)
{
    return !is_named(lineage, link->hash);
}

enum err lineage_read(struct lineage *lineage, const struct lineage_link *link, uint8_t **bytes,
                      size_t *len)
{
    char name[ROSTER_NAME_MAX];
    name_file(link, name);
    return home_read(lineage->home, name, SIGNED_MAX, bytes, len);
}

enum err lineage_load(struct lineage *lineage, const struct lineage_link *link,
                      struct roster **roster)
{
    char name[ROSTER_NAME_MAX];
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *made = NULL;
    name_file(link, name);
    enum err err = lineage_read(lineage, link, &bytes, &len);
    if (err != ERR_OK) {
        return err;
    }
    err = roster_decode(bytes, len, &made);
    free(bytes);
    if (err != ERR_OK) {
        return home_fail(lineage->home, ERR_CORRUPT, "%s/%s: %s", lineage->home->path, name,
                         err_text(err));
    }
    if (made->version != link->version ||
        (link->is_rival && memcmp(made->hash, link->hash, ID_LEN) != 0)) {
        roster_destroy(&made);
        return home_fail(lineage->home, ERR_CORRUPT, "%s/%s is another version",
                         lineage->home->path, name);
    }
    *roster = made;
    return ERR_OK;
}

static void describe(struct lineage_link *link, const struct roster *roster)
{
    memcpy(link->hash, roster->hash, ID_LEN);
    memcpy(link->federation, roster->federation, ID_LEN);
    link->parents_count = roster->parents_count;
    for (size_t p = 0; p < roster->parents_count; p++) {
        memcpy(link->parents[p], roster->parents[p], ID_LEN);
    }
    link->version = roster->version;
}

static bool holds_parents(const struct lineage *lineage, const struct roster *roster)
{
    for (size_t p = 0; p < roster->parents_count; p++) {
        if (!lineage_holds(lineage, roster->parents[p])) {
            return false;
        }
    }
    return roster->parents_count > 0;
}

// All its parents are held.
static enum err check_parents(struct lineage *lineage, const struct roster *roster)
{
    struct roster *loaded[ROSTER_PARENTS_MAX] = {NULL};
    const struct roster *parents[ROSTER_PARENTS_MAX];
    enum err err = ERR_OK;
    for (size_t p = 0; p < roster->parents_count && err == ERR_OK; p++) {
        err = lineage_load(lineage, find(lineage, roster->parents[p]), &loaded[p]);
        parents[p] = loaded[p];
    }
    if (err == ERR_OK) {
        err = roster_check_follows(parents, roster->parents_count, roster);
    }
    for (size_t p = 0; p < roster->parents_count; p++) {
        roster_destroy(&loaded[p]);
    }
    return err;
}

// What was kept once was checked; it is checked again, as it lay on a disk since [5.6]. One whose
// parents are not held is the first of all, or a later one names it.
static enum err check_kept(struct lineage *lineage)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < lineage->count && err == ERR_OK; i++) {
        struct roster *roster = NULL;
        err = lineage_load(lineage, &lineage->links[i], &roster);
        if (err == ERR_OK) {
            describe(&lineage->links[i], roster);
        }
        roster_destroy(&roster);
    }
    for (size_t i = 1; i < lineage->count && err == ERR_OK; i++) {
        const struct lineage_link *link = &lineage->links[i];
        struct roster *roster = NULL;
        err = lineage_load(lineage, link, &roster);
        if (err == ERR_OK && !holds_parents(lineage, roster)) {
            err = is_named(lineage, link->hash)
                      ? ERR_OK
                      : home_fail(lineage->home, ERR_CORRUPT,
                                  "a roster before version %" PRIu64 " is missing in %s/roster",
                                  link->version, lineage->home->path);
        } else if (err == ERR_OK && check_parents(lineage, roster) != ERR_OK) {
            err = home_fail(lineage->home, ERR_CORRUPT,
                            "roster version %" PRIu64 " in %s does not follow the one before",
                            link->version, lineage->home->path);
        }
        roster_destroy(&roster);
    }
    return err;
}

enum err lineage_open(struct home *home, struct lineage **lineage)
{
    struct lineage *made = calloc(1, sizeof *made);
    if (made == NULL) {
        abort();
    }
    made->home = home;
    enum err err = list(made);
    if (err == ERR_OK) {
        err = check_kept(made);
    }
    if (err != ERR_OK) {
        lineage_close(&made);
        return err;
    }
    *lineage = made;
    return ERR_OK;
}

void lineage_close(struct lineage **lineage)
{
    if (*lineage != NULL) {
        free((*lineage)->links);
        free(*lineage);
        *lineage = NULL;
    }
}

enum err lineage_stand(struct lineage *lineage, struct roster **standing)
{
    struct roster *loaded[ROSTER_PARENTS_MAX] = {NULL};
    size_t count = 0;
    enum err err = ERR_OK;
    if (lineage->count == 0) {
        return home_fail(lineage->home, ERR_NOT_FOUND, "%s has joined no federation yet",
                         lineage->home->path);
    }
    for (size_t i = 0; i < lineage->count && err == ERR_OK; i++) {
        if (!lineage_is_in_force(lineage, &lineage->links[i])) {
            continue;
        }
        if (count == ROSTER_PARENTS_MAX) {
            err = home_fail(lineage->home, ERR_CORRUPT, "too many rosters are in force in %s",
                            lineage->home->path);
        } else {
            err = lineage_load(lineage, &lineage->links[i], &loaded[count]);
            count += err == ERR_OK;
        }
    }
    if (err == ERR_OK) {
        err = roster_stand(loaded, count, standing);
    }
    for (size_t i = 0; i < count && err != ERR_OK; i++) {
        roster_destroy(&loaded[i]);
    }
    return err;
}

// How many are in force when this one is, too.
static size_t count_in_force_with(const struct lineage *lineage, const struct lineage_link *added)
{
    size_t count = 1;
    for (size_t i = 0; i < lineage->count; i++) {
        const struct lineage_link *link = &lineage->links[i];
        count += lineage_is_in_force(lineage, link) && !is_parent(added, link->hash);
    }
    return count;
}

static void find_missing(const struct lineage *lineage, const struct lineage_link *link,
                         struct lineage_report *report)
{
    for (size_t p = 0; p < link->parents_count; p++) {
        if (!lineage_holds(lineage, link->parents[p])) {
            memcpy(report->missing[report->missing_count++], link->parents[p], ID_LEN);
        }
    }
}

static enum err refuse_missing(const struct lineage *lineage, const struct lineage_link *link,
                               struct lineage_report *report)
{
    const struct lineage_link *first = &lineage->links[0];
    find_missing(lineage, link->version > first->version ? link : first, report);
    return home_fail(lineage->home, ERR_NOT_FOUND,
                     "the roster follows one that is not held here: import that first");
}

static bool goes_on(const struct lineage *lineage, const struct lineage_link *added)
{
    for (size_t i = 0; i < lineage->count; i++) {
        if (is_parent(added, lineage->links[i].hash) &&
            lineage_is_in_force(lineage, &lineage->links[i])) {
            return true;
        }
    }
    return false;
}

// Of one that would come into force beside the others.
static enum err check_late(struct lineage *lineage, const struct roster *roster,
                           struct lineage_report *report)
{
    struct roster **held = calloc(lineage->count, sizeof(struct roster *));
    if (held == NULL) {
        abort();
    }
    enum err err = ERR_OK;
    for (size_t i = 0; i < lineage->count && err == ERR_OK; i++) {
        err = lineage_load(lineage, &lineage->links[i], &held[i]);
    }
    if (err == ERR_OK) {
        err = roster_check_rival((const struct roster *const *)held, lineage->count, roster);
        report->is_late = err == ERR_DENIED;
    }
    for (size_t i = 0; i < lineage->count; i++) {
        roster_destroy(&held[i]);
    }
    free(held);
    return !report->is_late
               ? err
               : home_fail(lineage->home, ERR_DENIED,
                           "the roster is refused: it goes back behind a change of authorities "
                           "whom those who signed it may not overrule");
}

static enum err check_new(struct lineage *lineage, const struct roster *roster,
                          const struct lineage_link *link, struct lineage_report *report)
{
    if (lineage_holds(lineage, link->hash)) {
        return home_fail(lineage->home, ERR_STATE, "the roster is held already");
    }
    if (lineage->count > 0 && memcmp(link->federation, lineage->links[0].federation, ID_LEN) != 0) {
        return home_fail(lineage->home, ERR_DENIED, "the roster is of another federation");
    }
    if (lineage->count == 0 || is_named(lineage, link->hash)) {
        return ERR_OK; // the first one held is the anchor; what it names is as sure as itself
    }
    if (!holds_parents(lineage, roster)) {
        return refuse_missing(lineage, link, report);
    }
    if (count_in_force_with(lineage, link) > ROSTER_PARENTS_MAX) {
        return home_fail(lineage->home, ERR_LIMIT, "too many rosters are in force"); // [5.20]
    }
    const enum err err = check_parents(lineage, roster);
    if (err != ERR_OK) {
        return home_fail(lineage->home, err, "the roster is refused: %s", err_text(err));
    }
    return goes_on(lineage, link) ? ERR_OK : check_late(lineage, roster, report);
}

enum err lineage_add(struct lineage *lineage, struct span signed_roster,
                     struct lineage_report *report)
{
    struct roster *roster = NULL;
    struct lineage_link link = {0};
    char name[ROSTER_NAME_MAX];
    *report = (struct lineage_report){.is_news = false};
    enum err err = roster_decode(signed_roster.bytes, signed_roster.len, &roster);
    if (err != ERR_OK) {
        return home_fail(lineage->home, err, "the roster is refused: %s", err_text(err));
    }
    describe(&link, roster);
    err = check_new(lineage, roster, &link, report);
    roster_destroy(&roster);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < lineage->count; i++) {
        link.is_rival |= lineage->links[i].version == link.version;
    }
    name_file(&link, name);
    err = home_write(lineage->home, name, signed_roster.bytes, signed_roster.len);
    if (err == ERR_OK) {
        report->is_news = lineage_is_in_force(lineage, &link);
        add_link(lineage, &link);
    }
    return err;
}
