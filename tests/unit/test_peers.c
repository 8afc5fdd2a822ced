// SPDX-License-Identifier: EUPL-1.2
// What 'sitrep peers' makes of an answer.
#include "capture.h"
#include "sitrep/command.h"
#include "unit/prepared_node.h"

enum { SHOWN_MAX = 8192 };

static void show(struct node *node, const char *peer, char shown[static SHOWN_MAX])
{
    char answer[4096];
    const char *const answers[] = {answer, NULL};
    struct capture capture;
    (void)snprintf(answer, sizeof answer,
                   "200 OK\r\nConnection: close\r\n\r\n{\"peers\":[{\"node\":\"nl-kcr2\",%s}]}",
                   peer);
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    capture_begin(&capture, stdout);
    const enum exit_code code = command_peers(&arguments);
    capture_end(&capture, shown, SHOWN_MAX);
    assert_int_equal(code, EXIT_DONE);
}

static void check(const char *shown, const char *line)
{
    if (strstr(shown, line) == NULL) {
        fail_msg("not '%s' in\n%s", line, shown);
    }
}

static void a_busy_thin_line_is_shown(void **state)
{
    char shown[SHOWN_MAX];
    show(*state,
         "\"centre\":\"nl-kcr2\",\"state\":\"syncing\",\"converged\":false,\"missing_here\":1,"
         "\"missing_there\":340,\"rtt_ms\":5200,\"endpoint\":\"tcp://10.0.0.1:5670\","
         "\"profile\":\"radio\",\"rate\":2400,\"rate_by\":\"peer\","
         "\"waiting\":{\"control\":0,\"flash\":0,\"immediate\":0,\"priority\":40,\"routine\":9000},"
         "\"measured\":{\"rate_in\":310,\"rate_out\":2290,\"rtt_ms\":3900,\"sent\":50000,"
         "\"resent\":4900,\"unsent\":120,\"under_way\":900},\"converged_in_s\":719",
         shown);
    check(shown, "nl-kcr2\n  state       syncing\n");
    check(shown, "  missing     1 entry here, 340 entries there\n");
    check(shown, "  converged   in about 12 minutes, if the line keeps\n");
    check(shown, "  line        2400 bit/s (radio, as nl-kcr2 says); used: 310 bit/s received, "
                 "2290 bit/s sent\n");
    check(shown, "  waiting     0 bytes flash, 0 immediate, 40 priority, 9000 routine\n");
    check(shown, "  round trip  5200 ms\n");
    check(shown, "  TCP         3900 ms round trip, 9.8 % loss, 120 bytes unsent\n");
}

static void a_rate_that_was_found_says_how_it_does(void **state)
{
    char shown[SHOWN_MAX];
    show(*state,
         "\"centre\":\"nl-kcr2\",\"state\":\"syncing\",\"converged\":false,\"rate\":8700,"
         "\"profile\":\"measured\",\"rate_by\":\"here\",\"rate_verdict\":\"too_much\"",
         shown);
    check(shown, "  line        8700 bit/s (measured), more did not pass; used: unknown\n");
}

static void what_is_not_known_is_not_made_up(void **state)
{
    char shown[SHOWN_MAX];
    show(*state,
         "\"centre\":\"nl-kcr2\",\"state\":\"down\",\"converged\":false,\"missing_here\":0,"
         "\"missing_there\":3,\"rtt_ms\":null,\"endpoint\":\"\",\"profile\":null,\"rate\":0,"
         "\"rate_by\":\"nobody\","
         "\"waiting\":{\"control\":0,\"flash\":0,\"immediate\":0,\"priority\":0,\"routine\":0},"
         "\"measured\":{\"rate_in\":null,\"rate_out\":null,\"rtt_ms\":null,\"sent\":null,"
         "\"resent\":null,\"unsent\":null,\"under_way\":null},\"converged_in_s\":null",
         shown);
    check(shown, "  converged   when is not known\n");
    check(shown, "  line        no limit told; used: unknown\n");
    assert_null(strstr(shown, "TCP"));
    assert_null(strstr(shown, "round trip"));
    assert_null(strstr(shown, "waiting"));
}

static void what_others_wrote_is_escaped(void **state)
{
    char shown[SHOWN_MAX];
    show(*state,
         "\"centre\":\"a\\u001b[2J\",\"state\":\"converged\\u001b\",\"converged\":true,"
         "\"endpoint\":\"tcp://\\u001b]0;x\\u0007\",\"rate\":0",
         shown);
    assert_null(strchr(shown, '\033'));
    assert_null(strchr(shown, '\a'));
    assert_null(strstr(shown, "not known"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_busy_thin_line_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rate_that_was_found_says_how_it_does, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_not_made_up, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_wrote_is_escaped, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
