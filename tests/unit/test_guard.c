// SPDX-License-Identifier: EUPL-1.2
// The guard: what is saved comes back, damage and restored copies are noticed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "home/home.h"
#include "unit/scratch.h"

struct place {
    char path[SCRATCH_PATH_MAX];
    char guard[SCRATCH_PATH_MAX];
    char store[SCRATCH_PATH_MAX];
    struct home home;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    scratch_make(place->path);
    scratch_join(place->guard, place->path, "guard");
    scratch_join(place->store, place->path, "store/real");
    *state = place;
    if (home_create(&place->home, place->path) != ERR_OK || mkdir(place->store, 0700) != 0) {
        return -1;
    }
    scratch_join(place->store, place->path, "store/real/data.mdb");
    scratch_write(place->store, "store", 0600);
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    scratch_remove(place->path);
    free(place);
    return 0;
}

static void replace_by_copy(const char *path)
{
    char text[2048];
    char fresh[SCRATCH_PATH_MAX];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = read(fd, text, sizeof text - 1);
    assert_true(len > 0);
    text[len] = '\0';
    (void)close(fd);
    scratch_join(fresh, path, "");
    fresh[strlen(fresh) - 1] = '~';
    scratch_write(fresh, text, 0600);
    assert_int_equal(rename(fresh, path), 0);
}

static void what_is_saved_comes_back(void **state)
{
    struct place *place = *state;
    static const struct guard rows[] = {
        {0, 0, 0, true, false},
        {0, 64, 0, false, false},
        {3, 1024, 1000, false, false},
        {EPOCH_MAX, SEQ_MAX, SEQ_MAX, true, false},
    };
    struct guard guard;
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(guard_save(&place->home, "", &rows[i]), ERR_OK);
        assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
        assert_int_equal(guard.epoch, rows[i].epoch);
        assert_int_equal(guard.ceiling, rows[i].ceiling);
        assert_int_equal(guard.floor, rows[i].floor);
        assert_int_equal(guard.is_exact, rows[i].is_exact);
        assert_false(guard.was_moved);
    }
}

static void any_changed_byte_is_noticed(void **state)
{
    struct place *place = *state;
    const struct guard saved = {1, 128, 100, false, false};
    assert_int_equal(guard_save(&place->home, "", &saved), ERR_OK);
    char text[2048];
    const int fd = open(place->guard, O_RDWR | O_CLOEXEC);
    const ssize_t len = read(fd, text, sizeof text);
    assert_true(len > 0);
    for (ssize_t at = 0; at < len; at++) {
        const char changed = (char)(text[at] ^ 1);
        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        struct guard guard;
        assert_int_equal(guard_load(&place->home, "", &guard), ERR_CORRUPT);
        assert_int_equal(pwrite(fd, &text[at], 1, at), 1);
    }
    struct guard guard;
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    for (ssize_t shorter = 0; shorter < len; shorter++) {
        assert_int_equal(ftruncate(fd, shorter), 0);
        assert_int_equal(guard_load(&place->home, "", &guard), ERR_CORRUPT);
        assert_int_equal(pwrite(fd, text, (size_t)len, 0), len);
    }
    (void)close(fd);
}

static void a_copied_guard_was_moved(void **state)
{
    struct place *place = *state;
    const struct guard saved = {0, 64, 10, false, false};
    assert_int_equal(guard_save(&place->home, "", &saved), ERR_OK);
    replace_by_copy(place->guard);
    struct guard guard;
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_true(guard.was_moved);
    assert_int_equal(guard_save(&place->home, "", &guard), ERR_OK);
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_false(guard.was_moved);
}

static void a_copied_or_lost_store_was_moved(void **state)
{
    struct place *place = *state;
    const struct guard saved = {0, 64, 10, false, false};
    struct guard guard;
    assert_int_equal(guard_save(&place->home, "", &saved), ERR_OK);
    replace_by_copy(place->store);
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_true(guard.was_moved);

    assert_int_equal(guard_save(&place->home, "", &saved), ERR_OK);
    assert_int_equal(unlink(place->store), 0);
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_true(guard.was_moved);
}

static void a_guard_older_than_the_store_is_not_moved(void **state)
{
    struct place *place = *state;
    const struct guard saved = {0, 0, 0, true, false};
    assert_int_equal(unlink(place->store), 0);
    assert_int_equal(guard_save(&place->home, "", &saved), ERR_OK);
    scratch_write(place->store, "fresh", 0600);
    struct guard guard;
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_false(guard.was_moved);
}

static void an_old_guard_written_over_the_new_one_was_moved(void **state)
{
    struct place *place = *state;
    const struct guard old = {0, 64, 10, false, false};
    const struct guard new = {0, 128, 70, false, false};
    char text[2048] = "";
    assert_int_equal(guard_save(&place->home, "", &old), ERR_OK);
    int fd = open(place->guard, O_RDONLY | O_CLOEXEC);
    const ssize_t len = read(fd, text, sizeof text);
    (void)close(fd);
    assert_int_equal(guard_save(&place->home, "", &new), ERR_OK);
    fd = open(place->guard, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, text, (size_t)len), len);
    (void)close(fd);
    struct guard guard;
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_true(guard.was_moved);
}

int main(void)
{
#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_HOME(what_is_saved_comes_back),
        IN_A_HOME(any_changed_byte_is_noticed),
        IN_A_HOME(a_copied_guard_was_moved),
        IN_A_HOME(a_copied_or_lost_store_was_moved),
        IN_A_HOME(a_guard_older_than_the_store_is_not_moved),
        IN_A_HOME(an_old_guard_written_over_the_new_one_was_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
