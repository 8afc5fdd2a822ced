// SPDX-License-Identifier: EUPL-1.2
// Opening, closing and growing the store, and what it says about itself. Neither reads nor writes
// records.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sodium.h>

#include "store/store_private.h"

enum { READERS_MAX = 256 };
#define MAP_BYTES_DEFAULT (UINT64_C(256) << 20)
#define RESERVE_BYTES_DEFAULT (UINT64_C(64) << 20)

static const char *const table_names[TABLES] = {"entries", "index", "chains", "facts",
                                                "facts_copy"};

static bool join_path(char out[static PATH_LEN], const char *dir, const char *name)
{
    int len = snprintf(out, PATH_LEN, "%s/%s", dir, name);
    return len > 0 && len < PATH_LEN;
}

enum err store_suspect_path(const char *dir, char out[static STORE_PATH_LEN])
{
    return join_path(out, dir, "suspect") ? ERR_OK : ERR_LIMIT;
}

void store_suspect(const struct store *store)
{
    char path[PATH_LEN];
    if (store_suspect_path(store->dir, path) != ERR_OK) {
        return; // store_open has tried
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
}

bool store_is_suspect(const struct store *store)
{
    char path[PATH_LEN];
    return store_suspect_path(store->dir, path) == ERR_OK && access(path, F_OK) == 0;
}

uint64_t store_disk_free(const struct store *store)
{
    struct statvfs disk;
    if (statvfs(store->dir, &disk) != 0) {
        return 0;
    }
    return (uint64_t)disk.f_bavail * disk.f_frsize;
}

enum err store_err(const struct store *store, int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return ERR_OK;
    case MDB_NOTFOUND:
        return ERR_NOT_FOUND;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return ERR_NO_SPACE;
    case EIO: // LMDB's answer to a short write, so a full disk looks like a broken one
        return store_disk_free(store) < SPACE_SLACK ? ERR_NO_SPACE : ERR_IO;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_CURSOR_FULL:
    case MDB_KEYEXIST: // an arrival number that is taken
    case MDB_BAD_TXN:
    case MDB_BAD_VALSIZE:
    case MDB_BAD_DBI:
    case MDB_PAGE_FULL:
        store_suspect(store);
        return ERR_CORRUPT;
    default:
        return ERR_IO;
    }
}

bool store_is_network_fs(unsigned long type)
{
    static const unsigned long network[] = {
        0x6969,     // NFS
        0x517b,     // SMB
        0xfe534d42, // SMB2
        0xff534d42, // CIFS
        0x01021997, // 9P
        0x00c36400, // Ceph
        0x5346414f, // AFS
        0x73757245, // Coda
        0x0bd00bd0, // Lustre
    };
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++) {
        if ((type & 0xffffffff) == network[i]) {
            return true;
        }
    }
    return false;
}

static enum err sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    int failed = fsync(fd);
    close(fd);
    return failed ? ERR_IO : ERR_OK;
}

static enum err make_dir(const char *dir)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    }
    struct statfs fs;
    if (statfs(dir, &fs) != 0) {
        return ERR_IO;
    }
    char parent[PATH_LEN];
    if (store_is_network_fs((unsigned long)fs.f_type) || !join_path(parent, dir, "..")) {
        return ERR_DENIED;
    }
    return sync_dir(parent);
}

enum err store_grow(struct store *store)
{
    uint64_t bytes = 2 * atomic_load(&store->map_bytes);
    if (bytes > MAP_BYTES_MAX) {
        return ERR_NO_SPACE;
    }
    pthread_rwlock_wrlock(&store->map_lock);
    int code = mdb_env_set_mapsize(store->env, bytes);
    pthread_rwlock_unlock(&store->map_lock);
    if (code == MDB_SUCCESS) {
        atomic_store(&store->map_bytes, bytes);
    }
    return store_err(store, code);
}

// The first size of the map: what was asked for, and room for as much again as there is.
static uint64_t first_map_bytes(const char *path, uint64_t wanted)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    struct stat file;
    uint64_t bytes = wanted == 0 ? MAP_BYTES_DEFAULT : wanted;
    if (stat(path, &file) == 0 && (uint64_t)file.st_size * 2 > bytes) {
        bytes = (uint64_t)file.st_size * 2;
    }
    // A damaged page number can have made the file a huge one, with nothing in it.
    bytes = bytes > MAP_BYTES_MAX ? MAP_BYTES_MAX : bytes;
    return (bytes + page - 1) / page * page;
}

static enum err open_env(struct store *store, const struct store_options *options)
{
    char path[PATH_LEN];
    if (!join_path(path, store->dir, "data.mdb")) {
        return ERR_IO;
    }
    enum err err = pages_check(path);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        return err;
    }
    atomic_store(&store->map_bytes, first_map_bytes(path, options->map_bytes));
    int code = mdb_env_create(&store->env);
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_mapsize(store->env, atomic_load(&store->map_bytes));
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxdbs(store->env, TABLES);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_set_maxreaders(store->env, READERS_MAX);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_env_open(store->env, store->dir, MDB_NOTLS, 0600);
    }
    int stale = 0;
    if (code == MDB_SUCCESS) {
        code = mdb_reader_check(store->env, &stale);
    }
    return code == MDB_SUCCESS ? sync_dir(store->dir) : store_err(store, code);
}

// A new store: its tables, the fact about itself, and an empty tail, in one transaction.
static int create_tables(struct store *store, MDB_txn *txn)
{
    struct fact_store about;
    struct fact fact;
    memcpy(about.space, store->space, ID_LEN);
    memcpy(about.check_key, store->codec.check_key, CHECK_KEY_LEN);
    fact_of_store(&about, &fact);
    int code = MDB_SUCCESS;
    for (int i = 0; i < TABLES && code == MDB_SUCCESS; i++) {
        code = mdb_dbi_open(txn, table_names[i], MDB_CREATE, &store->tables[i]);
    }
    if (code == MDB_SUCCESS) {
        code = writer_put_fact(store, txn, &fact);
    }
    return code == MDB_SUCCESS ? writer_put_tail(store, txn, 0) : code;
}

static int try_create(struct store *store)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code != MDB_SUCCESS) {
        return code;
    }
    code = create_tables(store, txn);
    if (code == MDB_SUCCESS) {
        return mdb_txn_commit(txn);
    }
    mdb_txn_abort(txn);
    return code;
}

static enum err create(struct store *store, bool *has_key)
{
    if (!*has_key) {
        randombytes_buf(store->codec.check_key, CHECK_KEY_LEN);
        enum err err = store_keep_key(store->lock_fd, store->codec.check_key);
        if (err != ERR_OK) {
            return err;
        }
        *has_key = true;
    }
    int code = try_create(store);
    while (code == MDB_MAP_FULL) {
        enum err err = store_grow(store);
        if (err != ERR_OK) {
            return err;
        }
        code = try_create(store);
    }
    return store_err(store, code);
}

// Table names are there, or nothing at all is: then *is_new.
static enum err open_tables(struct store *store, bool *is_new)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (code != MDB_SUCCESS) {
        return store_err(store, code);
    }
    for (int i = 0; i < TABLES && code == MDB_SUCCESS; i++) {
        code = mdb_dbi_open(txn, table_names[i], 0, &store->tables[i]);
    }
    MDB_envinfo info;
    mdb_env_info(store->env, &info);
    *is_new = code == MDB_NOTFOUND && info.me_last_txnid == 0;
    if (code == MDB_SUCCESS) {
        code = mdb_txn_commit(txn); // keeps the handles
    } else {
        mdb_txn_abort(txn);
    }
    return code == MDB_NOTFOUND ? ERR_CORRUPT : store_err(store, code);
}

static enum err start(struct store *store)
{
    // Signals are the loop's; a write to a full pipe cannot happen here.
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV); // a damaged page must reach the handler that marks the store
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    store->has_writer = pthread_create(&store->writer, NULL, writer_run, store) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return store->has_writer ? ERR_OK : ERR_IO;
}

static enum err open_files(struct store *store, const struct store_options *options)
{
    bool has_key = false;
    bool is_new = false;
    char suspect[PATH_LEN];
    if (!join_path(suspect, store->dir, "suspect")) {
        return ERR_IO;
    }
    enum err err = make_dir(store->dir);
    if (err == ERR_OK) {
        err = store_lock(store->dir, &store->lock_fd, store->codec.check_key, &has_key);
    }
    if (err == ERR_OK && access(suspect, F_OK) == 0) {
        err = ERR_CORRUPT;
    }
    if (err == ERR_OK) {
        err = open_env(store, options);
    }
    if (err == ERR_OK) {
        err = open_tables(store, &is_new);
    }
    if (err == ERR_CORRUPT && is_new) {
        err = create(store, &has_key);
    }
    return err == ERR_OK ? store_check_opened(store, has_key) : err;
}

static void init_map_lock(struct store *store)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    // Readers that come one after the other must not keep the map from growing.
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&store->map_lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

enum err store_open(struct store **out, const char *dir, const struct store_options *options)
{
    *out = NULL;
    assert(options->wall_ms != NULL);
    if (sodium_init() < 0) {
        return ERR_IO;
    }
    struct store *store = store_realloc(NULL, sizeof *store);
    *store = (struct store){
        .lock_fd = -1,
        .reserve_bytes =
            options->reserve_bytes == 0 ? RESERVE_BYTES_DEFAULT : options->reserve_bytes,
        .wall_ms = options->wall_ms,
    };
    memcpy(store->space, options->space, ID_LEN);
    init_map_lock(store);
    pthread_mutex_init(&store->repairs.lock, NULL);
    enum err err = queue_init(&store->queue);
    int len = snprintf(store->dir, sizeof store->dir, "%s", dir);
    if (err == ERR_OK) {
        err = len > 0 && len < PATH_LEN ? open_files(store, options) : ERR_IO;
    }
    if (err == ERR_OK) {
        err = start(store);
    }
    if (err != ERR_OK) {
        store_close(&store);
    }
    *out = store;
    return err;
}

void store_close(struct store **store)
{
    struct store *closing = *store;
    *store = NULL;
    if (closing == NULL) {
        return;
    }
    if (closing->has_writer) {
        pthread_mutex_lock(&closing->queue.lock);
        closing->queue.is_stopping = true;
        pthread_cond_signal(&closing->queue.wakeup);
        pthread_mutex_unlock(&closing->queue.lock);
        pthread_join(closing->writer, NULL);
    }
    if (closing->env != NULL) {
        mdb_env_close(closing->env);
    }
    if (closing->lock_fd >= 0) {
        close(closing->lock_fd);
    }
    queue_fini(&closing->queue);
    pthread_rwlock_destroy(&closing->map_lock);
    pthread_mutex_destroy(&closing->repairs.lock);
    sodium_memzero(closing->codec.check_key, CHECK_KEY_LEN);
    free(closing);
}

uint64_t store_last_arrival(struct store *store)
{
    return atomic_load(&store->last_arrival);
}

// LMDB shows a commit in what it says of itself before those who begin to read see it, for as long
// as the disk takes.
uint64_t store_version(struct store *store)
{
    MDB_txn *txn;
    uint64_t version = 0;

    pthread_rwlock_rdlock(&store->map_lock);
    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) == MDB_SUCCESS) {
        version = mdb_txn_id(txn);
        mdb_txn_abort(txn);
    }
    pthread_rwlock_unlock(&store->map_lock);
    return version;
}

bool store_is_version(struct store *store, uint64_t version)
{
    MDB_envinfo info;

    pthread_rwlock_rdlock(&store->map_lock); // the newest meta page is read through the map
    mdb_env_info(store->env, &info);
    pthread_rwlock_unlock(&store->map_lock);
    return version != 0 && (version == info.me_last_txnid || version == store_version(store));
}

void store_get_stats(struct store *store, struct store_stats *stats)
{
    MDB_envinfo info;
    MDB_stat stat = {0};
    struct reading reading;
    *stats = (struct store_stats){.disk_free = store_disk_free(store)};
    if (reading_begin(&reading, store) == ERR_OK) {
        mdb_stat(reading.txn, store->tables[TABLE_ENTRIES], &stat);
        mdb_env_info(store->env, &info);
        stats->entries = stat.ms_entries;
        stats->bytes_used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
        reading_end(&reading);
    }
    stats->bytes_map = atomic_load(&store->map_bytes);
    stats->commits = atomic_load(&store->commits);
    stats->last_commit_us = atomic_load(&store->last_commit_us);
    pthread_mutex_lock(&store->queue.lock);
    stats->is_failed = store->queue.failed != ERR_OK;
    pthread_mutex_unlock(&store->queue.lock);
}
