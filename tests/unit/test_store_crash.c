// SPDX-License-Identifier: EUPL-1.2
// The store when things go wrong around it: full disks, killed processes, too much at once. What
// was reported as durable is there afterwards.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "store/store_private.h"
#include "unit/test_store.h"

struct fixture {
    char base[200];
    char dir[256];
    struct store *store;
    struct test_log log;
    struct record_set set;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    test_make_dir(fixture->base, sizeof fixture->base);
    assert_true(snprintf(fixture->dir, sizeof fixture->dir, "%s/store", fixture->base) > 0);
    fixture->log = test_log_make(4, 300);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    store_close(&fixture->store);
    record_set_fini(&fixture->set);
    test_remove_dir(fixture->base);
    free(fixture);
    return 0;
}

// That chain `number` holds its entries up to `acknowledged` at least, each as it was written.
static void assert_holds(struct fixture *fixture, uint32_t number, uint64_t acknowledged)
{
    uint8_t sealed[5000];
    struct test_log log = test_log_make(4, fixture->log.sealed_len);
    struct chain stored = {0};
    uint64_t seq = 1;
    if (acknowledged > 0) {
        assert_int_equal(store_get_chain(fixture->store, number, &stored), ERR_OK);
        assert_true(stored.head_seq >= acknowledged);
    }
    while (seq <= stored.head_seq) {
        assert_int_equal(store_read(fixture->store, number, seq, 1000, UINT32_MAX, &fixture->set),
                         ERR_OK);
        assert_true(fixture->set.count > 0);
        for (size_t i = 0; i < fixture->set.count; i++, seq++) {
            struct record expected = test_next(&log, number, sealed);
            assert_true(test_is_same(&fixture->set.records[i], &expected));
        }
    }
    assert_int_equal(seq, stored.head_seq + 1);
}

static void on_damage(void *context, uint32_t chain, uint64_t seq)
{
    (void)chain;
    (void)seq;
    (*(uint64_t *)context)++;
}

static void assert_clean(struct fixture *fixture)
{
    uint64_t at = 0;
    uint64_t damaged = 0;
    enum err err;
    do {
        err = store_scrub(fixture->store, &at, 1000, on_damage, &damaged);
    } while (err == ERR_OK);
    assert_int_equal(err, ERR_NOT_FOUND);
    assert_int_equal(at, store_last_arrival(fixture->store) + 1);
    assert_int_equal(damaged, 0);
}

struct acknowledged {
    uint32_t chain;
    uint64_t head;
};

// Submits until it is killed, and tells the parent what became durable.
static void write_until_killed(const char *dir, int out)
{
    struct store_options options = test_options();
    struct test_log log = test_log_make(4, 300);
    struct store *store;
    if (store_open(&store, dir, &options) != ERR_OK) {
        _exit(10);
    }
    for (uint32_t i = 0; i < 4; i++) {
        enum err err = store_get_chain(store, i, &log.chains[i]);
        if (err != ERR_OK && err != ERR_NOT_FOUND) {
            _exit(11);
        }
    }
    struct acknowledged waiting[16];
    uint64_t told = 0;
    for (;;) {
        uint64_t ticket = log.ticket + 1;
        uint32_t number = (uint32_t)ticket % 4;
        test_submit(&log, store, number, 1 + ticket % 20);
        waiting[ticket % 16] = (struct acknowledged){number, log.chains[number].head_seq};
        if (ticket - told < 15) {
            continue;
        }
        struct store_result result = test_wait(store, told + 1);
        for (; result.err == ERR_OK && told < result.ticket; told++) {
            if (write(out, &waiting[(told + 1) % 16], sizeof waiting[0]) < 0) {
                _exit(12);
            }
        }
    }
}

static void kill_while_writing(struct fixture *fixture, uint64_t heads[static 4], int count)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(fixture->dir, ends[1]);
    }
    close(ends[1]);
    struct acknowledged told;
    for (int i = 0; read(ends[0], &told, sizeof told) == (ssize_t)sizeof told; i++) {
        heads[told.chain] = told.head;
        if (i == count) {
            kill(child, SIGKILL);
        }
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void acknowledged_survives_kill(void **state)
{
    struct fixture *fixture = *state;
    uint64_t heads[4] = {0};
    for (int round = 0; round < 12; round++) {
        kill_while_writing(fixture, heads, 20 + round * 7);
        fixture->store = test_open(fixture->dir);
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(heads[i] > 0);
            assert_holds(fixture, i, heads[i]);
        }
        assert_clean(fixture);
        store_close(&fixture->store);
    }
}

// A small file system of this process's own; false when this machine does not let us have one.
static bool mount_small_disk(const char *at)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", at, "tmpfs", 0, "size=8m") == 0;
}

static void write_filler(const char *path, size_t len)
{
    static const uint8_t zeros[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    for (size_t written = 0; written < len; written += sizeof zeros) {
        assert_int_equal(write(fd, zeros, sizeof zeros), sizeof zeros);
    }
    close(fd);
}

// Entries just above a page take two: more than the store can foresee, so LMDB meets the end.
enum { FILLING_LEN = 4100, FILLING_COUNT = 100 };

// Submits entries until some are refused.
static struct store_result fill_disk(struct fixture *fixture, struct chain *before)
{
    for (;;) {
        *before = fixture->log.chains[0];
        struct store_result result =
            test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, FILLING_COUNT));
        if (result.err != ERR_OK) {
            return result;
        }
    }
}

static void full_disk(struct fixture *fixture, uint64_t reserve_bytes)
{
    char filler[300];
    struct chain before;
    struct store_stats stats;
    struct store_options options = test_options();
    assert_true(snprintf(filler, sizeof filler, "%s/filler", fixture->base) > 0);
    write_filler(filler, 5 << 20);
    options.reserve_bytes = reserve_bytes;
    fixture->log = test_log_make(4, FILLING_LEN);
    assert_int_equal(store_open(&fixture->store, fixture->dir, &options), ERR_OK);

    struct store_result result = fill_disk(fixture, &before);
    assert_int_equal(result.err, ERR_NO_SPACE);
    assert_int_equal(result.first_failed, fixture->log.ticket);
    store_get_stats(fixture->store, &stats);
    assert_true(stats.is_failed);
    if (reserve_bytes > 1) {
        assert_true(stats.disk_free > reserve_bytes / 2);
    }
    assert_false(store_has_space(fixture->store));

    // Reading goes on; what comes after is refused with it, though it might fit.
    assert_holds(fixture, 0, before.head_seq);
    uint64_t first_failed = result.first_failed;
    result = test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, 1));
    assert_int_equal(result.err, ERR_NO_SPACE);
    assert_int_equal(result.first_failed, first_failed);
    assert_int_equal(result.ticket, fixture->log.ticket);

    assert_int_equal(unlink(filler), 0);
    result = test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, 1));
    assert_int_equal(result.err, ERR_NO_SPACE);
    assert_true(store_has_space(fixture->store));
    fixture->log.chains[0] = before;
    result = test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, 5));
    assert_int_equal(result.err, ERR_OK);
    assert_holds(fixture, 0, before.head_seq + 5);
    assert_clean(fixture);
    store_close(&fixture->store);
    fixture->store = test_open(fixture->dir);
    assert_holds(fixture, 0, before.head_seq + 5);
    store_close(&fixture->store);
    test_remove_dir(fixture->dir);
}

static void full_disk_is_an_answer(void **state)
{
    struct fixture *fixture = *state;
    if (!mount_small_disk(fixture->base)) {
        print_message("SKIP: a tmpfs cannot be mounted here (needs root)\n");
        skip();
    }
    full_disk(fixture, 1);       // LMDB itself runs into the end
    full_disk(fixture, 1 << 20); // and here stops before
    assert_int_equal(umount(fixture->base), 0);
}

static void too_much_at_once(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 1000 };
    struct record *records = calloc(COUNT, sizeof *records);
    uint8_t *body = calloc(1, SEALED_MAX);
    fixture->store = test_open(fixture->dir);
    for (uint64_t i = 0; i < COUNT; i++) {
        records[i] = (struct record){
            .seq = i + 1, .sealed = body, .sealed_len = SEALED_MAX, .is_ahead = true};
    }
    struct effect_persist persist = {.records = records, .records_count = COUNT};
    enum err err;
    do {
        persist.ticket++;
        err = store_submit(fixture->store, &persist);
    } while (err == ERR_OK && persist.ticket < 50);
    assert_int_equal(err, ERR_AGAIN);
    assert_int_equal(test_wait(fixture->store, persist.ticket - 1).err, ERR_OK);
    assert_int_equal(store_submit(fixture->store, &persist), ERR_OK);
    assert_int_equal(test_wait(fixture->store, persist.ticket).err, ERR_OK);
    free(records);
    free(body);
}

// Closing commits what was submitted.
static void close_commits(void **state)
{
    struct fixture *fixture = *state;
    fixture->store = test_open(fixture->dir);
    for (uint32_t i = 0; i < 40; i++) {
        test_submit(&fixture->log, fixture->store, i % 4, 100);
    }
    store_close(&fixture->store);
    fixture->store = test_open(fixture->dir);
    for (uint32_t i = 0; i < 4; i++) {
        assert_holds(fixture, i, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(acknowledged_survives_kill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_much_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(close_commits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(full_disk_is_an_answer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
