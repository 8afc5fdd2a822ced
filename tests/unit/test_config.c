// SPDX-License-Identifier: EUPL-1.2
// node.conf: what is accepted, and that every mistake is told with its line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"

static void an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "    # an indented remark",
                                        "sync\nlive\nstore\nlog\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config config;
        char mistakes[256];
        assert_int_equal(config_parse(texts[i], &config, mistakes, sizeof mistakes), ERR_OK);
        assert_string_equal(mistakes, "");
        assert_string_equal(config.bind_sync, "");
        assert_string_equal(config.bind_live, "");
        assert_true(config.has_live_plane);
        assert_int_equal(config.beacon_ms, 1000);
        assert_int_equal(config.retry_ms, 3000);
        assert_int_equal(config.window_kib, 4096);
        assert_int_equal(config.peers_max, 64);
        assert_int_equal(config.reserve_mib, 64);
        assert_int_equal(config.scrub_per_s, 2000);
        assert_int_equal(config.own_log_wait_ms, 3000);
        assert_string_equal(config.log_level, "info");
        assert_string_equal(config.socks, "");
        assert_string_equal(config.socks_login, "");
    }
}

static void every_key_is_read(void **state)
{
    (void)state;
    struct config config;
    char mistakes[256];
    const char *text = "# a node\r\n"
                       "sync\n"
                       "    bind = \"tcp://*:5670\"  # all addresses\n"
                       "    beacon_ms = 100\n"
                       "    retry_ms=60000\n"
                       "    window_kib = '64'\n"
                       "    peers_max = 256\n"
                       "    own_log_wait_ms = 0\n"
                       "\n"
                       "live\n"
                       "    bind = tcp://[2001:db8::7]:5671\n"
                       "    enabled = 0\n"
                       "transport\n"
                       "    socks = [2001:db8::1]:1080\n"
                       "    socks_login = \"/etc/sitrep/proxy login\"\n"
                       "store\n"
                       "    reserve_mib = 1048576\n"
                       "    scrub_per_s = 0\n"
                       "log\n"
                       "    level = debug";
    assert_int_equal(config_parse(text, &config, mistakes, sizeof mistakes), ERR_OK);
    assert_string_equal(config.bind_sync, "tcp://*:5670");
    assert_string_equal(config.bind_live, "tcp://[2001:db8::7]:5671");
    assert_int_equal(config.beacon_ms, 100);
    assert_int_equal(config.retry_ms, 60000);
    assert_int_equal(config.window_kib, 64);
    assert_int_equal(config.peers_max, 256);
    assert_int_equal(config.own_log_wait_ms, 0);
    assert_false(config.has_live_plane);
    assert_int_equal(config.reserve_mib, 1048576);
    assert_int_equal(config.scrub_per_s, 0);
    assert_string_equal(config.log_level, "debug");
    assert_string_equal(config.socks, "[2001:db8::1]:1080");
    assert_string_equal(config.socks_login, "/etc/sitrep/proxy login");
    assert_int_equal(config.socks_login_line, 15);
}

static void every_mistake_has_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *told;
    } rows[] = {
        {"sync\n    beacon_ms = 99\n", "node.conf:2: sync/beacon_ms is '99', and must be a whole "
                                       "number from 100 to 60000\n"},
        {"sync\n    beacon_ms = 60001\n", "node.conf:2: sync/beacon_ms is '60001'"},
        {"sync\n    beacon_ms = -1\n", "node.conf:2: sync/beacon_ms is '-1'"},
        {"sync\n    beacon_ms = 1e3\n", "node.conf:2: sync/beacon_ms is '1e3'"},
        {"sync\n    beacon_ms = 99999999999999999999\n", "node.conf:2: sync/beacon_ms is '9999"},
        {"sync\n    beacon_ms = \"\"\n", "node.conf:2: sync/beacon_ms is ''"},
        {"sync\n    beacon_ms =\n", "node.conf:2: 'beacon_ms =' is not 'key = value'\n"},
        {"sync\n    beacon_ms 5\n", "node.conf:2: 'beacon_ms 5' is not 'key = value'\n"},
        {"sync\n    beacon_ms = 500 ms\n", "node.conf:2: 'beacon_ms = 500 ms' is not"},
        {"sync\n    bind = \"tcp://*:5\n", "node.conf:2: 'bind = \"tcp://*:5' is not"},
        {"sync\n    beacon_mx = 500\n", "node.conf:2: there is no 'beacon_mx' in section sync\n"},
        {"sync\n    beacon_ms = 500\n    beacon_ms = 600\n",
         "node.conf:3: sync/beacon_ms is already set on line 2\n"},
        {"sync\n    beacon_ms = 500\nlive\nsync\n    beacon_ms = 600\n",
         "node.conf:5: sync/beacon_ms is already set on line 2\n"},
        {"sink\n    beacon_ms = 500\n",
         "node.conf:1: there is no section 'sink' (sync, live, transport, store, log)\n"},
        {"    beacon_ms = 500\n", "node.conf:1: 'beacon_ms' stands in no section\n"},
        {"sync\n  beacon_ms = 500\n", "node.conf:2: a key is indented by four blanks"},
        {"sync\n        beacon_ms = 500\n", "node.conf:2: a key is indented by four blanks"},
        {"sync\n\tbeacon_ms = 500\n", "node.conf:2: a tab or another control character"},
        {"beacon_ms = 500\n", "node.conf:1: 'beacon_ms = 500' is neither a section's name nor"},
        {"live\n    enabled = yes\n", "node.conf:2: live/enabled is 'yes', and must be a whole "
                                      "number from 0 to 1\n"},
        {"log\n    level = loud\n", "node.conf:2: log/level is 'loud', and must be error, warning, "
                                    "info or debug\n"},
        {"sync\n    bind = ipc:///tmp/x\n",
         "node.conf:2: sync/bind is 'ipc:///tmp/x', and must be"},
        {"sync\n    bind = tcp://*:0\n", "node.conf:2: sync/bind is 'tcp://*:0'"},
        {"sync\n    bind = tcp://*:65536\n", "node.conf:2: sync/bind is 'tcp://*:65536'"},
        {"sync\n    bind = tcp://:5670\n", "node.conf:2: sync/bind is 'tcp://:5670'"},
        {"sync\n    bind = 'tcp://a b:5670'\n", "node.conf:2: sync/bind is 'tcp://a b:5670'"},
        {"sync\n    bind = 'tcp://\xc3\xa9:5670'\n", "node.conf:2: sync/bind is 'tcp://??:5670'"},
        {"transport\n    socks = socks5://proxy:1080\n",
         "node.conf:2: transport/socks is 'socks5://proxy:1080', and must be ADDRESS:PORT"},
        {"transport\n    socks = proxy\n", "node.conf:2: transport/socks is 'proxy', and must be"},
        {"transport\n    socks = *:1080\n", "node.conf:2: transport/socks is '*:1080'"},
        {"transport\n    socks = proxy:0\n", "node.conf:2: transport/socks is 'proxy:0'"},
        {"transport\n    socks = proxy:1080\n    socks_login = \"\"\n",
         "node.conf:3: transport/socks_login is ''"},
        {"transport\n    socks = proxy:1080\n    socks_login = 'caf\xe9'\n",
         "node.conf:3: transport/socks_login is 'caf?', and must be a path in ASCII"},
        {"transport\n    socks_login = login\n",
         "node.conf:2: transport/socks_login is for the proxy that transport/socks names"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config config;
        char mistakes[1024];
        assert_int_equal(config_parse(rows[i].text, &config, mistakes, sizeof mistakes),
                         ERR_MALFORMED);
        if (strncmp(mistakes, rows[i].told, strlen(rows[i].told)) != 0 ||
            strchr(mistakes, '\n') != mistakes + strlen(mistakes) - 1) {
            fail_msg("row %zu: %s", i, mistakes);
        }
    }
}

static void all_mistakes_are_told_at_once(void **state)
{
    (void)state;
    struct config config;
    char mistakes[1024];
    const char *text = "sync\n    beacon_mx = 1\nsink\nlog\n    level\nsync\n    retry_ms = 1\n"
                       "    retry_ms = 5000\n";
    assert_int_equal(config_parse(text, &config, mistakes, sizeof mistakes), ERR_MALFORMED);
    assert_non_null(strstr(mistakes, "node.conf:2: "));
    assert_non_null(strstr(mistakes, "node.conf:3: "));
    assert_non_null(strstr(mistakes, "node.conf:5: "));
    assert_non_null(strstr(mistakes, "node.conf:7: sync/retry_ms is '1'"));
    assert_non_null(strstr(mistakes, "node.conf:8: sync/retry_ms is already set on line 7"));
}

static void too_many_mistakes_are_cut_and_said_so(void **state)
{
    (void)state;
    char *text = calloc(1, 8000);
    for (int i = 0; i < 200; i++) {
        (void)strcat(text, "no good line\n");
    }
    for (size_t size = 0; size < 600; size++) {
        struct config config;
        char mistakes[600];
        memset(mistakes, 'x', sizeof mistakes);
        assert_int_equal(config_parse(text, &config, mistakes, size), ERR_MALFORMED);
        if (size > 0) {
            assert_non_null(memchr(mistakes, '\0', size));
        }
        if (size > 64) {
            const char *more = strstr(mistakes, "node.conf: and more mistakes\n");
            assert_non_null(more);
            assert_string_equal(more, "node.conf: and more mistakes\n");
            assert_null(strchr(mistakes, 'x'));
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(every_mistake_has_its_line),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(too_many_mistakes_are_cut_and_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
