// SPDX-License-Identifier: EUPL-1.2
// The home folder: modes, files, the lock.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "home/home.h"
#include "unit/scratch.h"

struct place {
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX]; // of the home
    struct home home;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    scratch_make(place->folder);
    scratch_join(place->path, place->folder, "deep/er/home");
    *state = place;
    return home_create(&place->home, place->path) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct place *place = *state;
    scratch_remove(place->folder);
    free(place);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void created_home_is_private_and_opens(void **state)
{
    struct place *place = *state;
    static const char *const folders[] = {"", "keys", "roster", "store"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        assert_int_equal(home_path(&place->home, folders[i], path), ERR_OK);
        assert_int_equal(mode_of(path), 0700);
    }
    struct home again;
    assert_int_equal(home_open(&again, place->path), ERR_OK);
    assert_string_equal(again.path, place->path);
}

static void create_refuses_what_is_not_empty(void **state)
{
    struct place *place = *state;
    struct home again;
    assert_int_equal(home_create(&again, place->path), ERR_STATE);
    assert_non_null(strstr(again.why, "not empty"));
}

static void open_tells_what_is_missing(void **state)
{
    struct place *place = *state;
    struct home none;
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, place->folder, "nowhere");
    assert_int_equal(home_open(&none, path), ERR_NOT_FOUND);
    assert_non_null(strstr(none.why, "sitrep found"));
    assert_int_equal(home_open(&none, ""), ERR_LIMIT);
}

static void a_missing_store_is_made_anew(void **state)
{
    struct place *place = *state;
    static const char *const folders[] = {"store", "roster", "keys"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        assert_int_equal(home_path(&place->home, folders[i], path), ERR_OK);
        assert_int_equal(rmdir(path), 0);
        struct home home;
        assert_int_equal(home_open(&home, place->path), i == 0 ? ERR_OK : ERR_NOT_FOUND);
        assert_true(access(path, F_OK) == (i == 0 ? 0 : -1));
    }
}

static void open_refuses_modes_and_names_the_command(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *name;
        mode_t mode;
    } rows[] = {{"", 0755},     {"", 0710},       {"", 0701},
                {"keys", 0750}, {"roster", 0704}, {"store", 0777}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[4096];
        char command[4200];
        assert_int_equal(home_path(&place->home, rows[i].name, path), ERR_OK);
        assert_int_equal(chmod(path, rows[i].mode), 0);
        struct home home;
        assert_int_equal(home_open(&home, place->path), ERR_DENIED);
        (void)snprintf(command, sizeof command, "chmod 700 '%s",
                       rows[i].name[0] != '\0' ? path : place->path);
        assert_non_null(strstr(home.why, command));
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(home_open(&home, place->path), ERR_OK);
    }
}

static void another_users_home_is_refused(void **state)
{
    struct place *place = *state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(place->path, 12345, 12345), 0);
    struct home home;
    assert_int_equal(home_open(&home, place->path), ERR_DENIED);
    assert_non_null(strstr(home.why, "user 12345"));
}

static void files_are_replaced_whole_and_private(void **state)
{
    struct place *place = *state;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(home_read(&place->home, "note", 100, &bytes, &len), ERR_NOT_FOUND);
    assert_int_equal(home_write(&place->home, "note", (const uint8_t *)"one", 3), ERR_OK);
    assert_int_equal(home_write(&place->home, "note", (const uint8_t *)"second", 6), ERR_OK);
    assert_int_equal(home_read(&place->home, "note", 6, &bytes, &len), ERR_OK);
    assert_int_equal(len, 6);
    assert_string_equal((const char *)bytes, "second");
    free(bytes);
    assert_int_equal(home_read(&place->home, "note", 5, &bytes, &len), ERR_LIMIT);

    char path[4096];
    assert_int_equal(home_path(&place->home, "note", path), ERR_OK);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(home_path(&place->home, ".note.new", path), ERR_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(home_remove(&place->home, "note"), ERR_OK);
    assert_int_equal(home_remove(&place->home, "note"), ERR_NOT_FOUND);
}

static void leftover_of_a_killed_writer_is_replaced(void **state)
{
    struct place *place = *state;
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, place->path, ".note.new");
    scratch_write(path, "half", 0600);
    assert_int_equal(home_write(&place->home, "note", (const uint8_t *)"whole", 5), ERR_OK);
    assert_int_equal(access(path, F_OK), -1);
}

static void reading_refuses_what_is_no_private_plain_file(void **state)
{
    struct place *place = *state;
    char path[SCRATCH_PATH_MAX];
    char target[SCRATCH_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t len = 0;

    scratch_join(target, place->path, "target");
    scratch_write(target, "secret", 0640);
    assert_int_equal(home_read(&place->home, "target", 100, &bytes, &len), ERR_DENIED);
    assert_non_null(strstr(place->home.why, "chmod 600"));
    assert_int_equal(chmod(target, 0600), 0);

    scratch_join(path, place->path, "link");
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(home_read(&place->home, "link", 100, &bytes, &len), ERR_IO);

    scratch_join(path, place->path, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(home_read(&place->home, "pipe", 100, &bytes, &len), ERR_DENIED);
    assert_int_equal(home_read(&place->home, "keys", 100, &bytes, &len), ERR_DENIED);
}

static void write_does_not_follow_a_link(void **state)
{
    struct place *place = *state;
    char path[SCRATCH_PATH_MAX];
    char target[SCRATCH_PATH_MAX];
    scratch_join(target, place->folder, "victim");
    scratch_write(target, "kept", 0600);
    scratch_join(path, place->path, "note");
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(home_write(&place->home, "note", (const uint8_t *)"new", 3), ERR_OK);

    char text[8] = "";
    const int fd = open(target, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof text), 4);
    (void)close(fd);
    assert_memory_equal(text, "kept", 4);
}

static void long_paths_are_refused(void **state)
{
    (void)state;
    char path[4000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct home home;
    assert_int_equal(home_open(&home, path), ERR_LIMIT);
    assert_int_equal(home_create(&home, path), ERR_LIMIT);
}

static void one_process_holds_the_lock(void **state)
{
    struct place *place = *state;
    assert_int_equal(home_lock(&place->home), ERR_OK);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct home other;
        const bool is_refused = home_open(&other, place->path) == ERR_OK &&
                                home_lock(&other) == ERR_STATE &&
                                strstr(other.why, "another process, number ") != NULL;
        _exit(is_refused ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_HOME(created_home_is_private_and_opens),
        IN_A_HOME(create_refuses_what_is_not_empty),
        IN_A_HOME(open_tells_what_is_missing),
        IN_A_HOME(a_missing_store_is_made_anew),
        IN_A_HOME(open_refuses_modes_and_names_the_command),
        IN_A_HOME(another_users_home_is_refused),
        IN_A_HOME(files_are_replaced_whole_and_private),
        IN_A_HOME(leftover_of_a_killed_writer_is_replaced),
        IN_A_HOME(reading_refuses_what_is_no_private_plain_file),
        IN_A_HOME(write_does_not_follow_a_link),
        cmocka_unit_test(long_paths_are_refused),
        IN_A_HOME(one_process_holds_the_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
