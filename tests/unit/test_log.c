// SPDX-License-Identifier: EUPL-1.2
// Log lines: one event a line whatever the values hold.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

static void values_are_quoted_and_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *line;
    } rows[] = {
        {"plain", "event=e a=plain n=7"},
        {"tcp://h:1", "event=e a=tcp://h:1 n=7"},
        {"", "event=e a=\"\" n=7"},
        {"two words", "event=e a=\"two words\" n=7"},
        {"b=1", "event=e a=\"b=1\" n=7"},
        {"say \"x\" \\", "event=e a=\"say \\\"x\\\" \\\\\" n=7"},
        {"line\nevent=forged", "event=e a=\"line\\x0aevent=forged\" n=7"},
        {"\033[2J", "event=e a=\"\\x1b[2J\" n=7"},
        {"\xe2\x80\xae", "event=e a=\"\\xe2\\x80\\xae\" n=7"},
        {"x\xff"
         "b=1",
         "event=e garbled=\"a=x\\xffb=1\\xffn=7\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[LOG_LINE_MAX];
        const size_t len = log_format(line, "e", "a=%s n=%d", rows[i].value, 7);
        assert_string_equal(line, rows[i].line);
        assert_int_equal(len, strlen(line));
    }
}

static void long_lines_are_cut_and_marked(void **state)
{
    (void)state;
    static char value[5000];
    for (size_t len = 900; len < sizeof value; len += 7) {
        memset(value, 'v', len);
        value[len] = '\0';
        char line[LOG_LINE_MAX];
        const size_t line_len = log_format(line, "e", "a=%s n=%d", value, 7);
        assert_true(line_len < LOG_LINE_MAX);
        assert_true(line_len > 900);
        const bool is_whole = strcmp(line + line_len - 4, " n=7") == 0;
        assert_true(is_whole || strcmp(line + line_len - 3, "...") == 0);
        assert_true(is_whole == (len <= 1005));
    }
}

// Runs `write_lines` with stderr in a pipe and returns what it wrote.
static size_t captured(void (*write_lines)(void), char *out, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const int before = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    write_lines();
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    (void)close(before);
    (void)close(ends[1]);
    const ssize_t len = read(ends[0], out, size - 1);
    (void)close(ends[0]);
    out[len > 0 ? len : 0] = '\0';
    return len > 0 ? (size_t)len : 0;
}

static void write_two_levels(void)
{
    log_open(LOG_LEVEL_WARNING);
    log_write(LOG_LEVEL_INFO, "quiet", "a=%d", 1);
    log_write(LOG_LEVEL_ERROR, "loud", "a=%d", 2);
}

static void levels_are_kept_and_the_journal_gets_priorities(void **state)
{
    (void)state;
    char text[4096];
    (void)unsetenv("JOURNAL_STREAM");
    (void)captured(write_two_levels, text, sizeof text);
    assert_null(strstr(text, "quiet"));
    assert_memory_equal(text, "time=2", 6);
    assert_non_null(strstr(text, "Z level=error event=loud a=2\n"));
    (void)setenv("JOURNAL_STREAM", "8:12345", 1);
    (void)captured(write_two_levels, text, sizeof text);
    assert_string_equal(text, "<3>event=loud a=2\n");
    (void)unsetenv("JOURNAL_STREAM");
}

static void write_many(void)
{
    struct log_limit limit = {0};
    log_open(LOG_LEVEL_INFO);
    for (int i = 0; i < 50; i++) {
        log_limited(&limit, LOG_LEVEL_WARNING, "flood", "i=%d", i);
    }
    assert_int_equal(limit.left_out, 40);
    limit.window_ms -= 60000; // a minute later
    log_limited(&limit, LOG_LEVEL_WARNING, "flood", "i=%d", 50);
}

static void floods_are_limited_and_counted(void **state)
{
    (void)state;
    char text[8192];
    (void)captured(write_many, text, sizeof text);
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    assert_int_equal(lines, 11);
    assert_non_null(strstr(text, "event=flood left_out=40 i=50\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_quoted_and_escaped),
        cmocka_unit_test(long_lines_are_cut_and_marked),
        cmocka_unit_test(levels_are_kept_and_the_journal_gets_priorities),
        cmocka_unit_test(floods_are_limited_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
