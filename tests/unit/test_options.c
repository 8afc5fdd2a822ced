// SPDX-License-Identifier: EUPL-1.2
// The command line: what is read, what is complained about, where the home is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sitrep/options.h"

static const struct option_spec write_options[] = {
    {"to", "NAME", "whom", true},
    {"also", "NAME", "whom else", false},
    {"fast", NULL, "quickly", false},
    {NULL, NULL, NULL, false},
};

static enum exit_code run(const struct arguments *arguments)
{
    (void)arguments;
    return EXIT_DONE;
}

static const struct command commands[] = {
    {"write", "TEXT", 1, 2, "write it", "sitrep write x", write_options, run},
    {"read all", "", 0, 0, "read it", "sitrep read all", NULL, run},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

enum { WORDS_MAX = 16 };

// Reads a line of words parted by blanks; what it complains about is left in `said`.
static bool read_words(const char *line, struct arguments *arguments, enum exit_code *code,
                       char said[static 512])
{
    static char copy[512]; // the arguments point into it
    static char *words[WORDS_MAX];
    int count = 0;
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    words[count] = NULL;

    FILE *errors = tmpfile();
    const int before = dup(STDERR_FILENO);
    assert_true(dup2(fileno(errors), STDERR_FILENO) >= 0);
    const bool is_good = options_read(commands, count, words, arguments, code);
    (void)fflush(stderr);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    (void)close(before);
    rewind(errors);
    const size_t len = fread(said, 1, 511, errors);
    said[len] = '\0';
    (void)fclose(errors);
    return is_good;
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "sitrep --home /h --json write --to a --also b --also c --fast text",
        "sitrep write text --fast --to x --to a --also b --json --also c --home /h",
        "sitrep write --to=a --also=b text --also=c --fast --home=/h --json",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arguments arguments;
        enum exit_code code;
        char said[512];
        assert_true(read_words(rows[i], &arguments, &code, said));
        assert_string_equal(arguments.command->name, "write");
        assert_string_equal(arguments.home, "/h");
        assert_true(arguments.is_json);
        assert_true(arguments_has(&arguments, "fast"));
        assert_string_equal(arguments_get(&arguments, "to"), "a");
        assert_int_equal(arguments.operands_count, 1);
        assert_string_equal(arguments.operands[0], "text");
        size_t at = 0;
        assert_string_equal(arguments_next(&arguments, "also", &at), "b");
        assert_string_equal(arguments_next(&arguments, "also", &at), "c");
        assert_null(arguments_next(&arguments, "also", &at));
    }
}

static void two_words_and_a_dash_are_read(void **state)
{
    (void)state;
    struct arguments arguments;
    enum exit_code code;
    char said[512];
    assert_true(read_words("sitrep read all --home /h", &arguments, &code, said));
    assert_string_equal(arguments.command->name, "read all");
    assert_true(read_words("sitrep write --home /h --to a kind -", &arguments, &code, said));
    assert_int_equal(arguments.operands_count, 2);
    assert_string_equal(arguments.operands[1], "-");
    assert_true(read_words("sitrep write --home /h --to a -- --fast", &arguments, &code, said));
    assert_string_equal(arguments.operands[0], "--fast");
    assert_false(arguments_has(&arguments, "fast"));
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *said;
    } rows[] = {
        {"sitrep", "which command?"},
        {"sitrep --home", "--home needs a value"},
        {"sitrep --fast write", "--fast is not an option here"},
        {"sitrep fly", "'fly' is not a command"},
        {"sitrep read", "'read' is not a command of its own: there is read all\n"},
        {"sitrep help fly", "'fly' is not a command"},
        {"sitrep read some", "'read' is not a command of its own"},
        {"sitrep write text", "write needs --to NAME"},
        {"sitrep write --to", "--to needs a value"},
        {"sitrep write --to a", "write needs TEXT"},
        {"sitrep write --to a b c d", "write does not take 'd'"},
        {"sitrep write --to a --slow b",
         "--slow is not an option here: it goes like 'sitrep write x', see 'sitrep write --help'"},
        {"sitrep write --to a --fast=1 b", "--fast=1 is not an option here"},
        {"sitrep incident fly", "incident has no 'fly': 'sitrep incident --help' lists what"},
        {"sitrep help incident fly", "incident has no 'fly'"},
        {"sitrep request new", "request new needs --capability TEXT"},
        {"sitrep read all x", "read all does not take 'x'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arguments arguments;
        enum exit_code code;
        char said[512];
        assert_false(read_words(rows[i].line, &arguments, &code, said));
        assert_int_equal(code, EXIT_USAGE);
        if (strstr(said, rows[i].said) == NULL) {
            fail_msg("%s: %s", rows[i].line, said);
        }
    }
}

static void too_many_options_are_refused(void **state)
{
    (void)state;
    static char texts[][16] = {"sitrep", "write", "text", "--to=a", "--also=b"};
    static char *words[GIVEN_MAX + 8];
    int count = 0;
    while (count < GIVEN_MAX + 7) {
        words[count] = texts[count < 4 ? count : 4];
        count++;
    }
    struct arguments arguments;
    enum exit_code code = EXIT_DONE;
    assert_false(options_read(commands, count, words, &arguments, &code));
    assert_int_equal(code, EXIT_USAGE);
}

static void the_home_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *line, *sitrep_home, *state_home, *user_home, *home;
    } rows[] = {
        {"sitrep read all --home /a", "/b", "/c", "/d", "/a"},
        {"sitrep read all", "/b", "/c", "/d", "/b"},
        {"sitrep read all", "", "/c", "/d", "/c/sitrep"},
        {"sitrep read all", NULL, "/c", "/d", "/c/sitrep"},
        {"sitrep read all", NULL, "not/absolute", "/d", "/d/.local/state/sitrep"},
        {"sitrep read all", NULL, NULL, "/d", "/d/.local/state/sitrep"},
        {"sitrep read all", NULL, NULL, NULL, NULL},
    };
    static const char *const names[] = {"SITREP_HOME", "XDG_STATE_HOME", "HOME"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const values[] = {rows[i].sitrep_home, rows[i].state_home, rows[i].user_home};
        for (size_t n = 0; n < 3; n++) {
            (void)(values[n] != NULL ? setenv(names[n], values[n], 1) : unsetenv(names[n]));
        }
        struct arguments arguments;
        enum exit_code code;
        char said[512];
        const bool is_good = read_words(rows[i].line, &arguments, &code, said);
        assert_true(is_good == (rows[i].home != NULL));
        if (is_good) {
            assert_string_equal(arguments.home, rows[i].home);
        }
    }
}

int main(void)
{
    (void)setenv("SITREP_HOME", "/tmp", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere), cmocka_unit_test(two_words_and_a_dash_are_read),
        cmocka_unit_test(wrong_usage_is_told),    cmocka_unit_test(too_many_options_are_refused),
        cmocka_unit_test(the_home_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
