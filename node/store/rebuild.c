// SPDX-License-Identifier: EUPL-1.2
// Writes what can be saved of a damaged store into a fresh one beside it, and puts that in its
// place. The old files are kept.
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sitrep/header.h"
#include "store/store_private.h"

enum { CHUNK_RECORDS = 512, CHUNK_BYTES = 1024 * 1024, KEPT_ASIDE_MAX = 10000 };

// The store being written.
struct restoring {
    struct store *store;
    struct record_set set;
    uint64_t ticket;
};

static enum err wait_for_result(struct store *store, uint64_t ticket)
{
    struct store_result result = {0};
    while (result.ticket < ticket) {
        struct pollfd wait = {.fd = store_results_fd(store), .events = POLLIN};
        if (poll(&wait, 1, -1) < 0 && errno != EINTR) {
            return ERR_IO;
        }
        if (store_next_result(store, &result) == ERR_OK && result.err != ERR_OK) {
            return result.err;
        }
    }
    return ERR_OK;
}

static enum err restore(struct restoring *restoring, const struct chain *chains, size_t count)
{
    record_set_finish(&restoring->set);
    struct effect_persist persist = {
        .ticket = ++restoring->ticket,
        .records = restoring->set.records,
        .records_count = restoring->set.count,
        .chains = chains,
        .chains_count = count,
    };
    enum err err = queue_put(&restoring->store->queue, &persist, BATCH_RESTORE);
    while (err == ERR_AGAIN) {
        err = wait_for_result(restoring->store, 1);
        if (err == ERR_OK) {
            err = queue_put(&restoring->store->queue, &persist, BATCH_RESTORE);
        }
    }
    record_set_clear(&restoring->set);
    return err;
}

// Marks the findings that match their ids, one for each chain and seq.
static void mark_good(struct salvage *salvage, const uint8_t space[static ID_LEN])
{
    bool is_found = false;
    for (size_t i = 0; i < salvage->findings_count; i++) {
        struct finding *finding = &salvage->findings[i];
        struct record record;
        struct header header;
        const struct chain *chain = salvage_chain(salvage, finding->chain);
        if (i > 0 && (finding[-1].chain != finding->chain || finding[-1].seq != finding->seq)) {
            is_found = false;
        }
        finding->is_good = !is_found && chain != NULL && finding->seq >= chain->first_seq &&
                           salvage_record(salvage, finding, &record) &&
                           record_check(&record, space, chain, &header) == ERR_OK;
        is_found = is_found || finding->is_good;
    }
}

// A chain whose row was lost begins again at its origin. An entry that was not ahead when it came
// shows that all before it were held, so the head is there or above.
static void raise_head(struct chain *chain, const struct finding *finding)
{
    if (finding->seq > chain->head_seq &&
        (!finding->is_ahead || finding->seq == chain->head_seq + 1)) {
        chain->head_seq = finding->seq;
        memcpy(chain->head_id, finding->id, ID_LEN);
    }
}

static void settle_heads(struct salvage *salvage)
{
    for (size_t i = 0; i < salvage->findings_count; i++) {
        const struct finding *finding = &salvage->findings[i];
        if (finding->is_good) {
            raise_head(salvage_chain(salvage, finding->chain), finding);
        }
    }
}

static void count_kept(const struct salvage *salvage, struct store_rebuilt *result)
{
    uint64_t expected = 0;
    for (size_t i = 0; i < salvage->chains_count; i++) {
        expected += salvage->chains[i].head_seq + 1 - salvage->chains[i].first_seq;
    }
    for (size_t i = 0; i < salvage->findings_count; i++) {
        const struct finding *finding = &salvage->findings[i];
        if (finding->is_good) {
            result->kept++;
            expected += finding->seq > salvage_chain(salvage, finding->chain)->head_seq;
        }
    }
    result->lost = expected - result->kept;
}

static int compare_by_arrival(const void *a, const void *b)
{
    const struct finding *left = a;
    const struct finding *right = b;
    return (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

static struct finding *by_arrival(const struct salvage *salvage, size_t *count)
{
    struct finding *order = store_realloc(NULL, (salvage->findings_count + 1) * sizeof *order);
    *count = 0;
    for (size_t i = 0; i < salvage->findings_count; i++) {
        if (salvage->findings[i].is_good) {
            order[(*count)++] = salvage->findings[i];
        }
    }
    qsort(order, *count, sizeof *order, compare_by_arrival);
    return order;
}

static enum err restore_all(struct salvage *salvage, struct restoring *restoring)
{
    size_t count;
    struct finding *order = by_arrival(salvage, &count);
    enum err err = ERR_OK;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct record record;
        if (!salvage_record(salvage, &order[i], &record)) {
            err = ERR_IO; // it was there a moment ago
            break;
        }
        record_set_append(&restoring->set, &record);
        if (restoring->set.count == CHUNK_RECORDS || restoring->set.bytes_len >= CHUNK_BYTES) {
            err = restore(restoring, NULL, 0);
        }
    }
    free(order);
    if (err == ERR_OK) {
        err = restore(restoring, salvage->chains, salvage->chains_count);
    }
    return err == ERR_OK ? wait_for_result(restoring->store, restoring->ticket) : err;
}

static enum err write_fresh(struct salvage *salvage, const char *dir,
                            const struct store_options *options)
{
    struct restoring restoring = {0};
    enum err err = store_open(&restoring.store, dir, options);
    if (err == ERR_OK) {
        err = restore_all(salvage, &restoring);
    }
    store_close(&restoring.store);
    record_set_fini(&restoring.set);
    return err;
}

// Removes a fresh store that was not finished; it holds plain files only.
static enum err remove_dir(const char *dir)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    char path[PATH_LEN];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int len = snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        if (len < 0 || len >= PATH_LEN || (unlink(path) != 0 && errno != ENOENT)) {
            return ERR_IO;
        }
    }
    return rmdir(dir) == 0 || errno == ENOENT ? ERR_OK : ERR_IO;
}

static enum err sync_parent(const char *dir)
{
    char path[PATH_LEN];
    int len = snprintf(path, sizeof path, "%s/..", dir);
    int fd = len > 0 && len < PATH_LEN ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int failed = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0) {
        close(fd);
    }
    return failed ? ERR_IO : ERR_OK;
}

// Moves the folder `from` to the first free DIR.damaged-N.
static enum err keep_aside(const char *from, const char *dir)
{
    char path[PATH_LEN];
    for (int i = 1; i <= KEPT_ASIDE_MAX; i++) {
        int len = snprintf(path, sizeof path, "%s.damaged-%d", dir, i);
        if (len < 0 || len >= PATH_LEN) {
            return ERR_IO;
        }
        if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
            return sync_parent(dir);
        }
        if (errno != EEXIST && errno != ENOTEMPTY) {
            return ERR_IO;
        }
    }
    return ERR_IO;
}

// What an interrupted rebuild left: a store half written, or the damaged one, already replaced. The
// latter is marked.
static enum err clear_way(const char *fresh, const char *dir)
{
    char path[PATH_LEN];
    int len = snprintf(path, sizeof path, "%s/suspect", fresh);
    if (len < 0 || len >= PATH_LEN) {
        return ERR_IO;
    }
    return access(path, F_OK) == 0 ? keep_aside(fresh, dir) : remove_dir(fresh);
}

static enum err mark(const char *dir)
{
    char path[PATH_LEN];
    int len = snprintf(path, sizeof path, "%s/suspect", dir);
    int fd = len > 0 && len < PATH_LEN ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0) {
        return errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    }
    close(fd);
    return ERR_OK;
}

static enum err put_in_place(const char *fresh, const char *dir)
{
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
        return keep_aside(fresh, dir);
    }
    // Some file systems cannot exchange folders.
    enum err err = errno == EINVAL || errno == EXDEV ? keep_aside(dir, dir) : ERR_IO;
    if (err == ERR_OK) {
        err = rename(fresh, dir) == 0 ? sync_parent(dir) : ERR_IO;
    }
    return err;
}

static enum err rebuild(struct salvage *salvage, const char *dir, const char *fresh,
                        const struct store_options *options, struct store_rebuilt *result)
{
    if (salvage->has_space && memcmp(salvage->space, options->space, ID_LEN) != 0) {
        return ERR_STATE;
    }
    mark_good(salvage, options->space);
    settle_heads(salvage);
    count_kept(salvage, result);
    enum err err = mark(dir);
    if (err == ERR_OK) {
        err = clear_way(fresh, dir);
    }
    if (err == ERR_OK) {
        err = write_fresh(salvage, fresh, options);
    }
    if (err != ERR_OK) {
        return err;
    }
    return put_in_place(fresh, dir);
}

enum err store_rebuild(const char *dir, const struct store_options *options,
                       struct store_rebuilt *result)
{
    struct salvage *salvage = store_realloc(NULL, sizeof *salvage);
    uint8_t key[CHECK_KEY_LEN];
    char path[PATH_LEN];
    char fresh[PATH_LEN];
    bool has_key = false;
    int lock_fd = -1;
    *result = (struct store_rebuilt){0};
    *salvage = (struct salvage){.pages = {.fd = -1}};
    int len = snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fresh_len = snprintf(fresh, sizeof fresh, "%s.rebuild", dir);
    enum err err = ERR_IO;
    if (len > 0 && len < PATH_LEN && fresh_len > 0 && fresh_len < PATH_LEN) {
        err = store_lock(dir, &lock_fd, key, &has_key);
    }
    if (err == ERR_OK) {
        err = salvage_open(salvage, path, has_key ? key : NULL);
        err = err == ERR_NOT_FOUND ? ERR_OK : err; // nothing to save, but to begin anew
    }
    if (err == ERR_OK) {
        err = rebuild(salvage, dir, fresh, options, result);
    }
    salvage_close(salvage);
    free(salvage);
    if (lock_fd >= 0) {
        close(lock_fd);
    }
    return err;
}
