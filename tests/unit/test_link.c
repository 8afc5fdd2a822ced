// SPDX-License-Identifier: EUPL-1.2
// What 'sitrep link' asks of the node, and what it makes of the answer.
#include "capture.h"
#include "sitrep/command.h"
#include "unit/prepared_node.h"

enum { SHOWN_MAX = 2048 };

struct given {
    const char *name, *value;
};

// Runs the command with these options; the answer is `link`. `shown` is what goes to `stream`.
static enum exit_code run(struct node *node, const struct given *given, const char *link,
                          FILE *stream, char shown[static SHOWN_MAX])
{
    char answer[1024];
    char peer[] = "nl-kcr2";
    char *operands[] = {peer};
    const char *const answers[] = {answer, NULL};
    struct capture capture;
    (void)snprintf(answer, sizeof answer, "200 OK\r\nConnection: close\r\n\r\n{\"node\":\"%s\",%s}",
                   peer, link);
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    arguments.operands = operands;
    arguments.operands_count = 1;
    for (; given != NULL && given->name != NULL; given++) {
        arguments.given[arguments.given_count].name = given->name;
        arguments.given[arguments.given_count++].value = given->value;
    }
    capture_begin(&capture, stream);
    const enum exit_code code = command_link(&arguments);
    capture_end(&capture, shown, SHOWN_MAX);
    return code;
}

#define RADIO                                                                                      \
    "\"profile\":\"radio\",\"rate\":2400,\"rate_by\":\"here\",\"beacon_ms\":30000,\"live\":false"

static void what_is_set_is_shown(void **state)
{
    struct node *node = *state;
    char shown[SHOWN_MAX];
    assert_int_equal(run(node, NULL, RADIO, stdout, shown), EXIT_DONE);
    assert_non_null(strstr(node->asked[0], "GET /v1/links/nl-kcr2 HTTP/1.1\r\n"));
    assert_string_equal(shown, "node          nl-kcr2\n"
                               "line          2400 bit/s (radio)\n"
                               "beacon        every 30 s\n"
                               "fetches       everything\n"
                               "live          off: a thin line has no room for it\n");
}

static void a_link_nobody_spoke_of_is_shown(void **state)
{
    char shown[SHOWN_MAX];
    assert_int_equal(run(*state, NULL,
                         "\"profile\":null,\"rate\":0,\"rate_by\":\"nobody\",\"beacon_ms\":null,"
                         "\"live\":true",
                         stdout, shown),
                     EXIT_DONE);
    assert_string_equal(shown, "node          nl-kcr2\n"
                               "line          no limit told\n"
                               "beacon        as usual\n"
                               "fetches       everything\n"
                               "live          on\n");
}

static void the_peers_word_is_shown_as_such(void **state)
{
    char shown[SHOWN_MAX];
    assert_int_equal(run(*state, NULL,
                         "\"profile\":null,\"rate\":9600,\"rate_by\":\"peer\",\"beacon_ms\":7500,"
                         "\"live\":false",
                         stdout, shown),
                     EXIT_DONE);
    assert_non_null(strstr(shown, "line          9600 bit/s (as nl-kcr2 says)\n"));
    assert_non_null(strstr(shown, "beacon        every 7.5 s\n"));
}

static void what_is_wanted_is_shown(void **state)
{
    char shown[SHOWN_MAX];
    assert_int_equal(run(*state, NULL,
                         "\"profile\":null,\"rate\":0,\"rate_by\":\"nobody\",\"beacon_ms\":null,"
                         "\"precedence\":\"immediate\",\"groups\":[\"fire\",\"flood\",\"police\"],"
                         "\"live\":false",
                         stdout, shown),
                     EXIT_DONE);
    assert_non_null(strstr(
        shown, "fetches       only immediate and flash entries for fire, flood and police\n"));
}

static void what_is_wanted_is_sent(void **state)
{
    struct node *node = *state;
    static const struct given given[] = {
        {"precedence", "flash"}, {"groups", "fire,police"}, {NULL, NULL}};
    char shown[SHOWN_MAX];
    assert_int_equal(run(node, given, RADIO, stdout, shown), EXIT_DONE);
    assert_string_equal(body_of(node->asked[0]),
                        "{\"precedence\":\"flash\",\"groups\":[\"fire\",\"police\"]}");
    assert_non_null(strstr(shown, "fetches       everything\n"));
}

static void only_what_was_typed_is_sent(void **state)
{
    struct node *node = *state;
    static const struct given given[] = {
        {"profile", "manual"}, {"rate", "9600"}, {"beacon", "5"}, {"live", "off"}, {NULL, NULL}};
    char shown[SHOWN_MAX];
    assert_int_equal(run(node, given, RADIO, stderr, shown), EXIT_DONE);
    assert_non_null(strstr(node->asked[0], "POST /v1/links/nl-kcr2 HTTP/1.1\r\n"));
    assert_string_equal(body_of(node->asked[0]), "{\"profile\":\"manual\",\"rate\":9600,"
                                                 "\"beacon_ms\":5000,\"live\":false}");
    assert_non_null(strstr(shown, "no more than 2400 bit/s from here"));
    assert_non_null(strstr(shown, "A beacon goes every 30 s: more often"));
}

static void a_setting_alone_is_sent_alone(void **state)
{
    struct node *node = *state;
    static const struct given given[] = {{"beacon", "0"}, {NULL, NULL}};
    char shown[SHOWN_MAX];
    assert_int_equal(run(node, given, RADIO, stderr, shown), EXIT_DONE);
    assert_string_equal(body_of(node->asked[0]), "{\"beacon_ms\":0}");
    assert_string_equal(shown, "");
}

static void what_makes_no_sense_is_not_sent(void **state)
{
    static const struct given rows[] = {{"rate", "9k6"},  {"rate", "-1"}, {"rate", ""},
                                        {"beacon", "5s"}, {"live", "On"}, {"live", ""}};
    struct node *node = *state;
    struct arguments arguments = arguments_of(node);
    char peer[] = "nl-kcr2";
    char *operands[] = {peer};
    arguments.operands = operands;
    arguments.operands_count = 1;
    arguments.given_count = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arguments.given[0].name = rows[i].name;
        arguments.given[0].value = rows[i].value;
        assert_int_equal(command_link(&arguments), EXIT_USAGE);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_set_is_shown),
        TEST(a_link_nobody_spoke_of_is_shown),
        TEST(the_peers_word_is_shown_as_such),
        TEST(only_what_was_typed_is_sent),
        TEST(what_is_wanted_is_shown),
        TEST(what_is_wanted_is_sent),
        TEST(a_setting_alone_is_sent_alone),
        TEST(what_makes_no_sense_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
