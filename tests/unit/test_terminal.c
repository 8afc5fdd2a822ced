// SPDX-License-Identifier: EUPL-1.2
// What reaches a terminal: text of others is shown and does nothing else.
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sitrep/line.h"
#include "sitrep/terminal.h"
#include "unit/capture.h"

static void what_acts_is_escaped_and_what_shows_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } rows[] = {
        {"plain ~ text", "plain ~ text"},
        {"", ""},
        {"Li\xc3\xa8ge, \xd0\x9a\xd0\xb8\xd1\x97\xd0\xb2, \xe6\x9d\xb1\xe4\xba\xac, "
         "\xf0\x9f\x9a\x92",
         "Li\xc3\xa8ge, \xd0\x9a\xd0\xb8\xd1\x97\xd0\xb2, \xe6\x9d\xb1\xe4\xba\xac, "
         "\xf0\x9f\x9a\x92"},
        {"\033[2J\033]0;title\a", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"},
        {"a\rb\tc\bd\x7f", "a\\u{d}b\\u{9}c\\u{8}d\\u{7f}"},
        {"a\nb", "a\\u{a}b"},
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"},                                                 // CSI in C1
        {"\xe2\x80\xae evil \xe2\x80\xac", "\\u{202e} evil \\u{202c}"}, // bidi overrides
        {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"},           // bidi isolates
        {"\xd8\x9c", "\\u{61c}"},
        {"a\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf"
         "b",
         "a\\u{200b}\\u{200d}\\u{feff}b"},
        {"\xc2\xad", "\\u{ad}"},
        {"\xe2\x80\xa8", "\\u{2028}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"}, // a tag
        {"\x80", "\\x80"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc0\xaf", "\\xc0\\xaf"},                   // overlong
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},          // overlong
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          // surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, // beyond Unicode
        {"\xc3", "\\xc3"},                            // cut short
        {"\xe2\x80", "\\xe2\\x80"},                   // cut short
        {"\xc3(", "\\xc3("},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[256];
        const size_t len = terminal_escape(shown, sizeof shown, rows[i].text, strlen(rows[i].text),
                                           BREAKS_ESCAPED);
        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(len, strlen(shown));
    }
}

static void breaks_are_kept_where_asked(void **state)
{
    (void)state;
    char shown[64];
    (void)terminal_escape(shown, sizeof shown, "a\n\033b\0c", 6, BREAKS_KEPT);
    assert_string_equal(shown, "a\n\\u{1b}b\\u{0}c");
}

static void every_byte_pair_comes_out_harmless(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        const char text[3] = {(char)(pair >> 8), (char)(pair & 0xff), '\xa9'};
        char shown[64];
        const size_t len = terminal_escape(shown, sizeof shown, text, 3, BREAKS_ESCAPED);
        for (size_t i = 0; i < len; i++) {
            const unsigned char byte = (unsigned char)shown[i];
            assert_true(byte >= ' ');
            assert_true(byte != 0x7f);
            // A C1 character would be c2 80..9f.
            assert_false(byte == 0xc2 && (unsigned char)shown[i + 1] < 0xa0);
        }
    }
}

static void short_buffers_end_between_characters(void **state)
{
    (void)state;
    for (size_t size = 1; size < 20; size++) {
        char shown[20];
        memset(shown, 'x', sizeof shown);
        const size_t len =
            terminal_escape(shown, size, "\xc3\xa9\xc3\xa9\033\xc3\xa9", 7, BREAKS_ESCAPED);
        assert_true(len < size);
        assert_int_equal(strlen(shown), len);
        assert_true(len == 0 || (unsigned char)shown[len - 1] != 0xc3);
    }
}

// What `print` writes to stdout.
static void print_into(void (*print)(const json_t *), const json_t *entry, char out[static 2048])
{
    struct capture capture;
    capture_begin(&capture, stdout);
    print(entry);
    capture_end(&capture, out, 2048);
}

static void log_lines_show_entries(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        const char *line;
    } rows[] = {
        {"{\"name\":\"be-nccn/12\",\"time\":\"2026-03-01T12:00:05.123Z\",\"precedence\":"
         "\"routine\",\"kind\":\"situation\",\"text\":\"Meuse above 9 m\\nmore\",\"ahead\":false}",
         "2026-03-01 13:00:05 CET  be-nccn/12  situation  Meuse above 9 m ...\n"},
        {"{\"name\":\"be-nccn/13\",\"time\":\"2026-07-01T12:00:05Z\",\"precedence\":\"flash\","
         "\"kind\":\"alert\",\"fields\":{\"cap\":{\"info\":[{\"headline\":\"Go\\u202e in\"}]}},"
         "\"ahead\":true}",
         "2026-07-01 14:00:05 CEST  be-nccn/13  FLASH  alert  Go\\u{202e} in  (beyond a gap)\n"},
        {"{\"name\":\"be-nccn/16\",\"time\":\"2026-07-01T12:00:05Z\",\"kind\":\"alert\",\"fields\":"
         "{\"cap\":{\"status\":\"Exercise\",\"info\":[{\"headline\":\"Go in\"}]}}}",
         "2026-07-01 14:00:05 CEST  be-nccn/16  alert  (Exercise)  Go in\n"},
        {"{\"name\":\"be-nccn/17\",\"time\":\"2026-07-01T12:00:05Z\",\"kind\":\"alert\",\"fields\":"
         "{\"cap\":{\"status\":\"Actual\",\"info\":[{\"headline\":\"Go in\"}]}}}",
         "2026-07-01 14:00:05 CEST  be-nccn/17  alert  Go in\n"},
        {"{\"name\":\"be-nccn/14\",\"time\":\"2026-03-01T12:00:05Z\",\"precedence\":\"immediate\","
         "\"sealed\":true,\"group_id\":\"ab\",\"key\":\"unknown\"}",
         "2026-03-01 13:00:05 CET  be-nccn/14  IMMEDIATE  (sealed for a group that is not known "
         "here)\n"},
        {"{\"name\":\"be-nccn/18\",\"time\":\"2026-03-01T12:00:05Z\",\"sealed\":true,"
         "\"group\":\"police\",\"group_id\":\"ab\",\"key\":\"awaited\"}",
         "2026-03-01 13:00:05 CET  be-nccn/18  (sealed for police, its key is awaited)\n"},
        {"{\"name\":\"be-nccn/19\",\"time\":\"2026-03-01T12:00:05Z\",\"sealed\":true,"
         "\"group\":\"police\",\"group_id\":\"ab\",\"key\":\"closed\"}",
         "2026-03-01 13:00:05 CET  be-nccn/19  (sealed for police)\n"},
        {"{\"name\":\"be-nccn/20\",\"time\":\"2026-03-01T12:00:05Z\",\"kind\":\"report\","
         "\"text\":\"Two suspects\",\"group\":\"police\",\"released\":{\"node\":\"nl-kcr2\"}}",
         "2026-03-01 13:00:05 CET  be-nccn/20  report [police]  Two suspects  (released by "
         "nl-kcr2)\n"},
        {"{\"name\":\"be-nccn/21\",\"time\":\"2026-03-01T12:00:05Z\",\"kind\":\"group\","
         "\"fields\":{\"op\":\"create\",\"group\":\"police\",\"centres\":[\"a\",\"b\"],"
         "\"owners\":[\"a\"],\"key\":\"00\"}}",
         "2026-03-01 13:00:05 CET  be-nccn/21  group  police: founds it with a, b, owned by a\n"},
        {"{\"name\":\"be-nccn/22\",\"time\":\"2026-03-01T12:00:05Z\",\"kind\":\"group\","
         "\"fields\":{\"op\":\"remove\",\"group\":\"police\",\"about\":\"b\",\"key\":\"00\"}}",
         "2026-03-01 13:00:05 CET  be-nccn/22  group  police: removes b, with a new key\n"},
        {"{\"name\":\"be-nccn/23\",\"time\":\"2026-03-01T12:00:05Z\",\"kind\":\"release\","
         "\"group\":\"police\",\"group_id\":\"ab\",\"fields\":{\"entry\":\"nl-kcr2/4\"}}",
         "2026-03-01 13:00:05 CET  be-nccn/23  release [police]  opens nl-kcr2/4\n"},
        {"{\"name\":\"be-nccn/24\",\"time\":\"2026-03-01T12:00:05Z\",\"kind\":\"release\","
         "\"fields\":{\"entry\":\"nl-kcr2/4\"}}",
         "2026-03-01 13:00:05 CET  be-nccn/24  release  opens nl-kcr2/4 to all\n"},
        {"{\"name\":\"be-nccn/25\",\"kind\":\"line\",\"text\":\"Stay in\",\"fields\":{}}",
         "never  be-nccn/25  line  Stay in\n"},
        {"{\"name\":\"be-nccn/26\",\"kind\":\"line\",\"text\":\"Stay in\",\"fields\":{"
         "\"state\":\"approved\"}}",
         "never  be-nccn/26  line, approved  Stay in\n"},
        {"{\"name\":\"be-nccn/27\",\"kind\":\"line\",\"text\":\"Stay in\",\"fields\":{"
         "\"item\":\"be-nccn/25\"},\"standing\":\"counts\"}",
         "never  be-nccn/27  line, draft  Stay in\n"},
        {"{\"name\":\"nl-kcr2/1\",\"kind\":\"line\",\"text\":\"Stay in\",\"fields\":{"
         "\"item\":\"be-nccn/25\",\"state\":\"approved\"},\"standing\":\"proposed\"}",
         "never  nl-kcr2/1  line, approved  (a proposal)  Stay in\n"},
        {"{\"name\":\"nl-kcr2/2\",\"kind\":\"line\",\"text\":\"Stay in\",\"fields\":{"
         "\"item\":\"be-nccn/25\",\"state\":\"approved\"},\"standing\":\"misstep\"}",
         "never  nl-kcr2/2  line, approved  (does not count)  Stay in\n"},
        {"{\"name\":\"nl-kcr2/3\",\"kind\":\"contact\",\"text\":\"Stay in\",\"fields\":{"
         "\"item\":\"nl-kcr2/1\",\"state\":\"odd\"}}",
         "never  nl-kcr2/3  contact  Stay in\n"},
        {"{\"name\":\"be-nccn/28\",\"kind\":\"handover\",\"text\":\"Quiet.\",\"fields\":{"
         "\"open\":[\"be-nccn/1\"]}}",
         "never  be-nccn/28  handover  Quiet.\n"},
        {"{\"name\":\"be-nccn/29\",\"kind\":\"handover\",\"fields\":{\"taken_at\":"
         "\"2026-03-01T12:00:05Z\",\"to\":{\"name\":\"night shift\"},\"open\":[\"be-nccn/1\","
         "\"be-nccn/2\"],\"complete\":[\"be-nccn/3\"],\"points\":[\"Pumps.\"]}}",
         "never  be-nccn/29  handover  to night shift, 2 open, 1 point\n"},
        {"{\"name\":\"be-nccn/30\",\"kind\":\"handover\",\"fields\":{\"taken_at\":"
         "\"2026-03-01T12:00:05Z\"}}",
         "never  be-nccn/30  handover  nothing open\n"},
        {"{\"name\":\"be-nccn/15\",\"damaged\":true}",
         "never  be-nccn/15  (damaged here, being fetched again)\n"},
        {"{}", "never      \n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[2048];
        json_t *entry = json_loads(rows[i].entry, 0, NULL);
        assert_non_null(entry);
        print_into(line_print, entry, line);
        assert_string_equal(line, rows[i].line);
        json_decref(entry);
    }
}

static void text_is_cut_to_columns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns, fits;
    } rows[] = {
        {"abc", 2, 2},
        {"abc", 3, 3},
        {"\xc3\xa9\xc3\xa9", 1, 2},
        {"\xe6\x9d\xb1\xe4\xba\xac", 3, 3},
        {"a\033b", 6, 1},
        {"a\033b", 7, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const size_t fits = terminal_fit(rows[i].text, strlen(rows[i].text), rows[i].columns);
        assert_int_equal(fits, rows[i].fits);
        assert_true(terminal_columns(rows[i].text, fits) <= rows[i].columns);
    }
}

// A line as wide as the terminal stays whole; one column less, and it is cut to fit.
static void log_lines_fit_the_terminal(void **state)
{
    (void)state;
    json_t *entry = json_pack("{s:s, s:s, s:s, s:b}", "name", "be-nccn/1", "kind", "report", "text",
                              "Meuse above nine metres", "ahead", 1);
    const char *whole = "never  be-nccn/1  report  Meuse above nine metres  (beyond a gap)";
    const char *cut = "never  be-nccn/1  report  Meuse above nine m ...  (beyond a gap)";
    for (size_t less = 0; less < 2; less++) {
        const struct winsize size = {.ws_row = 24,
                                     .ws_col = (unsigned short)(strlen(whole) - less)};
        int ours = -1;
        int theirs = -1;
        char seen[512];
        assert_int_equal(openpty(&ours, &theirs, NULL, NULL, &size), 0);
        (void)fflush(stdout);
        const int before = dup(STDOUT_FILENO);
        assert_true(dup2(theirs, STDOUT_FILENO) >= 0);
        line_print(entry);
        (void)fflush(stdout);
        assert_true(dup2(before, STDOUT_FILENO) >= 0);
        const ssize_t len = read(ours, seen, sizeof seen - 1);
        assert_true(len > 0);
        seen[len] = '\0';
        seen[strcspn(seen, "\r\n")] = '\0';
        assert_string_equal(seen, less == 0 ? whole : cut);
        (void)close(before);
        (void)close(theirs);
        (void)close(ours);
    }
    json_decref(entry);
}

static void colour_is_for_terminals(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_string_equal(terminal_colour(file, COLOUR_RED), "");
    (void)fclose(file);
}

int main(void)
{
    (void)setenv("TZ", "Europe/Brussels", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_acts_is_escaped_and_what_shows_is_kept),
        cmocka_unit_test(breaks_are_kept_where_asked),
        cmocka_unit_test(every_byte_pair_comes_out_harmless),
        cmocka_unit_test(short_buffers_end_between_characters),
        cmocka_unit_test(log_lines_show_entries),
        cmocka_unit_test(text_is_cut_to_columns),
        cmocka_unit_test(log_lines_fit_the_terminal),
        cmocka_unit_test(colour_is_for_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
