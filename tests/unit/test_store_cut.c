// SPDX-License-Identifier: EUPL-1.2
// A data file that ends too early, as a copy does that broke off: opening it never crashes, and
// after a rebuild the store opens again with nothing wrong in it.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "store/store_private.h"
#include "unit/test_store.h"

enum { CHAINS = 3, ROUNDS = 40, PER_ROUND = 5, PAGE_LEN = 4096, HANGS_AFTER_S = 60 };

struct fixture {
    char base[200];
    char dir[256];
    char file[300];
    char whole[300]; // copies of the data file before it is cut, and of the key's
    char key[300];
    uint64_t len;
};

static void copy_file(const char *from, const char *to)
{
    uint8_t bytes[65536];
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0);
    assert_true(out >= 0);
    ssize_t got;
    while ((got = read(in, bytes, sizeof bytes)) > 0) {
        assert_int_equal(write(out, bytes, (size_t)got), got);
    }
    assert_int_equal(got, 0);
    close(in);
    close(out);
}

// Bodies that fit a page and bodies that take several.
static struct test_log make_log(void)
{
    struct test_log log = test_log_make(CHAINS, 448);
    log.signed_every = 3;
    return log;
}

static void choose_len(struct test_log *log, uint64_t seq)
{
    log->sealed_len = seq % 16 == 0 ? 9000 : 448;
}

static void fill(struct store *store)
{
    static uint8_t sealed[TEST_SEALED_MAX];
    struct test_log log = make_log();
    for (uint32_t i = 0; i < ROUNDS * PER_ROUND; i++) {
        struct chain *chain = &log.chains[i / PER_ROUND % CHAINS];
        choose_len(&log, chain->head_seq + 1);
        struct record record = test_next(&log, chain->number, sealed);
        test_submit_one(&log, store, &record, chain);
    }
}

static const char *lock_path(const struct fixture *fixture, char path[static 400])
{
    assert_true(snprintf(path, 400, "%s/lock", fixture->dir) > 0);
    return path;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char path[400];
    struct stat file;
    test_make_dir(fixture->base, sizeof fixture->base);
    assert_true(snprintf(fixture->dir, sizeof fixture->dir, "%s/store", fixture->base) > 0);
    assert_true(snprintf(fixture->file, sizeof fixture->file, "%s/data.mdb", fixture->dir) > 0);
    assert_true(snprintf(fixture->whole, sizeof fixture->whole, "%s/whole", fixture->base) > 0);
    assert_true(snprintf(fixture->key, sizeof fixture->key, "%s/key", fixture->base) > 0);
    struct store *store = test_open(fixture->dir);
    fill(store);
    store_close(&store);
    copy_file(fixture->file, fixture->whole);
    copy_file(lock_path(fixture, path), fixture->key);
    assert_int_equal(stat(fixture->file, &file), 0);
    fixture->len = (uint64_t)file.st_size;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    test_remove_dir(fixture->base);
    free(fixture);
    return 0;
}

static void ignore_damage(void *context, uint32_t chain, uint64_t seq)
{
    (void)context;
    (void)chain;
    (void)seq;
}

// The entries read of a chain before the first one missing; SIZE_MAX when one is wrong.
static size_t count_right(struct store *store, struct test_log *log, uint32_t number)
{
    static uint8_t sealed[TEST_SEALED_MAX];
    struct record_set set = {0};
    size_t count = 0;
    while (store_read(store, number, count + 1, 1, UINT32_MAX, &set) == ERR_OK && set.count == 1) {
        choose_len(log, count + 1);
        struct record expected = test_next(log, number, sealed);
        if (!test_is_same(&set.records[0], &expected)) {
            count = SIZE_MAX;
            break;
        }
        count++;
    }
    record_set_fini(&set);
    return count;
}

// Adds the first entry of a new chain, without asserting: a child must not run on in the tests.
static bool writes(struct store *store)
{
    static uint8_t sealed[TEST_SEALED_MAX];
    struct test_log log = test_log_make(CHAINS + 1, 448);
    struct chain *chain = &log.chains[CHAINS];
    struct record record = test_next(&log, CHAINS, sealed);
    struct store_result result = {0};
    struct effect_persist persist = {
        .ticket = 1, .records = &record, .records_count = 1, .chains = chain, .chains_count = 1};
    if (store_submit(store, &persist) != ERR_OK) {
        return false;
    }
    while (store_next_result(store, &result) != ERR_OK) {
        struct pollfd wait = {.fd = store_results_fd(store), .events = POLLIN};
        if (poll(&wait, 1, -1) < 0 && errno != EINTR) {
            return false;
        }
    }
    return result.err == ERR_OK;
}

enum { OPENED_AND_WHOLE, OPENED, OPENED_WRONG, CORRUPT, NOT_OPENED };

// Opens, reads all there is and writes one more entry.
static int use(const char *dir)
{
    struct store_options options = test_options();
    struct test_log log = make_log();
    struct store *store;
    size_t count = 0;
    uint64_t at = 0;
    enum err err = store_open(&store, dir, &options);
    if (err != ERR_OK) {
        return err == ERR_CORRUPT ? CORRUPT : NOT_OPENED;
    }
    for (uint32_t i = 0; i < CHAINS; i++) {
        size_t right = count_right(store, &log, i);
        if (right == SIZE_MAX) {
            return OPENED_WRONG;
        }
        count += right;
    }
    while (store_scrub(store, &at, 50, ignore_damage, NULL) == ERR_OK) {
    }
    bool is_written = writes(store);
    store_close(&store);
    if (!is_written) {
        return OPENED_WRONG;
    }
    return count == ROUNDS * PER_ROUND ? OPENED_AND_WHOLE : OPENED;
}

// In a child, because what is looked for are crashes.
static int use_in_child(const char *dir)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
        for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
            signal(crashes[i], SIG_DFL); // a sanitizer's or cmocka's
        }
        alarm(HANGS_AFTER_S);
        _exit(use(dir));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int cut_and_use(struct fixture *fixture, uint64_t len)
{
    char path[400];
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    assert_true(len <= fixture->len);
    print_message("cut to %llu of %llu\n", (unsigned long long)len,
                  (unsigned long long)fixture->len);
    copy_file(fixture->whole, fixture->file);
    copy_file(fixture->key, lock_path(fixture, path)); // a rebuilt store has another
    assert_int_equal(truncate(fixture->file, (off_t)len), 0);
    int found = use_in_child(fixture->dir);
    if (found == CORRUPT) {
        assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
        assert_in_range(use_in_child(fixture->dir), OPENED_AND_WHOLE, OPENED);
        assert_true(snprintf(path, sizeof path, "%s.damaged-1", fixture->dir) > 0);
        test_remove_dir(path);
    }
    return found;
}

static void a_cut_file_never_crashes(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t lens[] = {1,
                             100,
                             PAGE_LEN,
                             5000,
                             2 * PAGE_LEN,
                             9000,
                             40000,
                             fixture->len / 2,
                             fixture->len - PAGE_LEN,
                             fixture->len - 1};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        assert_int_equal(cut_and_use(fixture, lens[i]), CORRUPT);
    }
    // Nothing is left to tell an empty file from a store that never was.
    assert_int_equal(cut_and_use(fixture, 0), OPENED);
    assert_int_equal(cut_and_use(fixture, fixture->len), OPENED_AND_WHOLE);
}

static void a_cut_at_any_page_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t pages = 1; pages < fixture->len / PAGE_LEN; pages += 3) {
        assert_int_equal(cut_and_use(fixture, pages * PAGE_LEN + pages % 2 * 777), CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cut_file_never_crashes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_at_any_page_is_noticed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
