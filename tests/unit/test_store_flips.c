// SPDX-License-Identifier: EUPL-1.2
// Bits flipped anywhere in the file: no wrong byte leaves the store, and none goes unnoticed.
#include <fcntl.h>
#include <sys/wait.h>

#include "unit/damaged_store.h"

enum { FLIPS = 260 };

static void copy_file(const char *from, const char *to)
{
    struct stat file;
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    assert_int_equal(fstat(in, &file), 0);
    uint8_t *content = malloc((size_t)file.st_size);
    assert_int_equal(read(in, content, (size_t)file.st_size), file.st_size);
    assert_int_equal(write(out, content, (size_t)file.st_size), file.st_size);
    free(content);
    close(in);
    close(out);
}

struct flip {
    off_t offset;
    uint8_t mask;
};

// A third each in the meta pages, in the heads of pages, anywhere.
static struct flip choose_flip(uint64_t *random, off_t size)
{
    uint64_t page = test_random(random) % (uint64_t)(size / PAGE_LEN);
    uint64_t within = test_random(random);
    uint8_t mask = (uint8_t)(1U << (test_random(random) >> 20) % 8);
    switch (test_random(random) % 3) {
    case 0:
        return (struct flip){(off_t)(page % 2 * PAGE_LEN + within % 152), mask};
    case 1:
        return (struct flip){(off_t)(page * PAGE_LEN + within % 64), mask};
    default:
        return (struct flip){(off_t)(page * PAGE_LEN + within % PAGE_LEN), mask};
    }
}

static void apply(const char *path, struct flip flip)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, flip.offset), 1);
    byte ^= flip.mask;
    assert_int_equal(pwrite(fd, &byte, 1, flip.offset), 1);
    close(fd);
}

enum verdict { VERDICT_GOOD, VERDICT_CORRUPT, VERDICT_WRONG, VERDICT_SILENT, VERDICT_NOT_OPENED };

struct judging {
    const struct written *written;
    bool is_wrong;
};

static void judge(struct judging *judging, const struct record *record)
{
    const struct record *original = find_written(judging->written, record->chain, record->seq);
    struct chain none = {0};
    const struct chain *chain = record->chain < judging->written->chains_count
                                    ? &judging->written->chains[record->chain]
                                    : &none;
    if (checks(record, chain) && (original == NULL || !test_is_same(record, original))) {
        judging->is_wrong = true;
    }
}

static enum err judge_ahead(void *context, const struct record *record)
{
    judge(context, record);
    return ERR_OK;
}

// Reads all there is in every way. No record may pass the check and differ.
static bool reads_nothing_wrong(struct store *store, const struct written *written)
{
    struct judging judging = {.written = written};
    struct record_set set = {0};
    for (uint32_t i = 0; i < written->chains_count; i++) {
        for (uint64_t seq = 1; seq <= 150; seq += 1 + set.count) {
            if (store_read(store, i, seq, 40, UINT32_MAX, &set) != ERR_OK) {
                break;
            }
            for (size_t j = 0; j < set.count; j++) {
                judge(&judging, &set.records[j]);
            }
        }
    }
    for (int is_backward = 0; is_backward < 2; is_backward++) {
        enum err err = store_read_arrivals(store, is_backward ? UINT64_MAX : 0, is_backward,
                                           4 * RECORDS_MAX, &set);
        for (size_t j = 0; err == ERR_OK && j < set.count; j++) {
            judge(&judging, &set.records[j]);
        }
    }
    enum err err = store_each_ahead(store, judge_ahead, &judging);
    (void)err; // damage may end it early
    record_set_fini(&set);
    return !judging.is_wrong;
}

// How much is asked of a damaged store.
enum strictness {
    STRICT,         // each record is right, or known to be damaged
    STRICT_REBUILT, // except what lay ahead of gaps
    MANY_REBUILT    // and what follows a head that was forgotten with all later entries
};

static bool is_beyond_head(struct store *store, const struct record *record)
{
    struct chain chain;
    return store_get_chain(store, record->chain, &chain) == ERR_OK && record->seq > chain.head_seq;
}

static bool knows_all_damage(struct store *store, const struct written *written,
                             enum strictness strictness)
{
    static struct found found;
    struct record_set set = {0};
    bool is_known = true;
    scrub_arrivals(store, &found);
    scrub_chains(store, written->chains_count, &found);
    for (size_t i = 0; i < written->count && is_known; i++) {
        const struct record *record = &written->records[i];
        enum err err = store_read(store, record->chain, record->seq, 1, UINT32_MAX, &set);
        bool is_right = err == ERR_OK && set.count == 1 && test_is_same(&set.records[0], record);
        is_known = is_right || (record->is_ahead && strictness != STRICT) ||
                   (strictness == MANY_REBUILT && is_beyond_head(store, record)) ||
                   is_found(&found, record->chain, record->seq);
    }
    record_set_fini(&set);
    return is_known;
}

// In a child: opens the damaged store and looks at everything.
static enum verdict inspect(const char *dir, const struct written *written,
                            enum strictness strictness)
{
    struct store_options options = test_options();
    struct store *store;
    enum err err = store_open(&store, dir, &options);
    if (err == ERR_CORRUPT) {
        return VERDICT_CORRUPT;
    }
    if (err != ERR_OK) {
        return VERDICT_NOT_OPENED;
    }
    enum verdict verdict = VERDICT_GOOD;
    if (!reads_nothing_wrong(store, written)) {
        verdict = VERDICT_WRONG;
    } else if (!knows_all_damage(store, written, strictness)) {
        verdict = VERDICT_SILENT;
    }
    store_close(&store);
    return verdict;
}

// The child's verdict; crashing counts as noticing.
static enum verdict inspect_in_child(const char *dir, const struct written *written,
                                     enum strictness strictness)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
        for (size_t i = 0; i < 4; i++) {
            signal(crashes[i], SIG_DFL); // a sanitizer's or cmocka's
        }
        int quiet = open("/dev/null", O_WRONLY);
        dup2(quiet, STDERR_FILENO); // LMDB's assertions
        alarm(HANGS_AFTER_S);
        _exit((int)inspect(dir, written, strictness));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_not_equal(WTERMSIG(status), SIGALRM);
        return VERDICT_CORRUPT;
    }
    return (enum verdict)WEXITSTATUS(status);
}

static void mark_dir(const char *dir)
{
    char path[400];
    assert_true(snprintf(path, sizeof path, "%s/suspect", dir) > 0);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

struct trial {
    char dir[256];
    char file[300];
    size_t rebuilt;
    size_t lost;
};

static void make_trial(struct trial *trial, const struct fixture *fixture)
{
    char lock[300], lock_copy[300];
    assert_true(snprintf(trial->dir, sizeof trial->dir, "%s/trial", fixture->base) > 0);
    assert_true(snprintf(trial->file, sizeof trial->file, "%s/data.mdb", trial->dir) > 0);
    assert_true(snprintf(lock, sizeof lock, "%s/lock", fixture->dir) > 0);
    assert_true(snprintf(lock_copy, sizeof lock_copy, "%s/lock", trial->dir) > 0);
    test_remove_dir(trial->dir);
    assert_int_equal(mkdir(trial->dir, 0700), 0);
    copy_file(fixture->file, trial->file);
    copy_file(lock, lock_copy);
}

// Opens, reads and, where that is what it takes, rebuilds. Nothing may be wrong at any time.
static void try_damaged(struct trial *trial, const struct written *written,
                        enum strictness strictness)
{
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    char aside[300];
    enum verdict verdict = inspect_in_child(trial->dir, written, STRICT);
    if (verdict == VERDICT_CORRUPT) {
        mark_dir(trial->dir);
        assert_int_equal(store_rebuild(trial->dir, &options, &rebuilt), ERR_OK);
        trial->rebuilt++;
        trial->lost += rebuilt.lost;
        verdict = inspect_in_child(trial->dir, written, strictness);
        assert_true(snprintf(aside, sizeof aside, "%s.damaged-1", trial->dir) > 0);
        test_remove_dir(aside);
    }
    assert_int_equal(verdict, VERDICT_GOOD);
}

static void no_flip_goes_unnoticed(void **state)
{
    struct fixture *fixture = *state;
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? 20250117 : strtoull(given, NULL, 0);
    uint64_t random = seed * 2 + 1;
    struct trial trial = {0};
    struct stat file;
    store_close(&fixture->store);
    assert_int_equal(stat(fixture->file, &file), 0);
    print_message("seed %llu, %lld pages\n", (unsigned long long)seed,
                  (long long)file.st_size / PAGE_LEN);
    struct flip flips[FLIPS];
    for (size_t i = 0; i < FLIPS; i++) {
        flips[i] = choose_flip(&random, file.st_size);
        make_trial(&trial, fixture);
        apply(trial.file, flips[i]);
        print_message("flip %lld %02x\n", (long long)flips[i].offset, flips[i].mask);
        try_damaged(&trial, &fixture->written, STRICT_REBUILT);
    }
    make_trial(&trial, fixture);
    for (size_t i = 0; i < FLIPS; i++) {
        apply(trial.file, flips[i]);
    }
    try_damaged(&trial, &fixture->written, MANY_REBUILT);
    assert_true(trial.rebuilt > 10);
    print_message("%zu of %d rebuilt, %zu records lost in all\n", trial.rebuilt, FLIPS + 1,
                  trial.lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_flip_goes_unnoticed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
