// SPDX-License-Identifier: EUPL-1.2
// The API's page of a link: cut and healed for drills, and told what its line passes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_api.h"

// The order to the link of `node` is answered with that status, and `said` is in the answer.
static void order(const struct fixture *fixture, const char *node, const char *body, int status,
                  const char *said)
{
    struct http_reply reply;
    char page[64] = "/v1/links/";
    strcat(page, node);
    http_post(fixture->path, page, "application/json", body, &reply);
    if (reply.status != status || strstr(reply.body, said) == NULL) {
        fail_msg("%s: %d: %s", body, reply.status, reply.body);
    }
    http_reply_fini(&reply);
}

static void check_peer(const struct fixture *fixture, const char *said)
{
    struct http_reply reply;
    http_get(fixture->path, "/v1/peers", &reply);
    if (strstr(reply.body, said) == NULL) {
        fail_msg("not %s: %s", said, reply.body);
    }
    http_reply_fini(&reply);
}

static void test_links_are_cut_and_healed(void **state)
{
    struct fixture *fixture = *state;
    order(fixture, "nl-kcr2-b", "{\"cut\":true}", 200, "{\"node\":\"nl-kcr2-b\",\"cut\":true}");
    assert_int_equal(fixture->desk.cut[1], 1);
    check_peer(fixture, "\"state\":\"cut\"");
    order(fixture, "nl-kcr2-b", "{\"cut\":false}", 200, "\"cut\":false");
    assert_int_equal(fixture->desk.cut[1], 0);
    check_peer(fixture, "\"state\":\"converged\"");
}

static void check_link(const struct fixture *fixture, const char *said)
{
    struct http_reply reply;
    http_get(fixture->path, "/v1/links/nl-kcr2-b", &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, said);
    http_reply_fini(&reply);
}

static void test_a_line_gets_a_rate(void **state)
{
    struct fixture *fixture = *state;
    struct choice *choice = &fixture->desk.choice;
    order(fixture, "nl-kcr2-b", "{\"profile\":\"radio\"}", 200,
          "{\"node\":\"nl-kcr2-b\",\"profile\":\"radio\",\"rate\":2400,\"rate_by\":\"here\",");
    assert_int_equal(choice->settings.rate, 2400);
    check_peer(
        fixture,
        "\"profile\":\"radio\",\"rate\":2400,\"rate_by\":\"here\",\"precedence\":\"routine\","
        "\"groups\":[],\"rate_verdict\":null,\"waiting\":"
        "{\"control\":0,\"flash\":300,\"immediate\":0,\"priority\":0,\"routine\":0}");
    check_peer(fixture, "\"measured\":{\"rate_in\":800,\"rate_out\":2300,\"rtt_ms\":2100,"
                        "\"sent\":5000,\"resent\":490,\"unsent\":60,\"under_way\":1400},"
                        "\"converged_in_s\":75");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"radio\",\"rate\":9600}", 200, "9600");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"manual\",\"rate\":1200}", 200, "1200");
    assert_int_equal(choice->settings.rate, 1200);
    order(fixture, "nl-kcr2-b", "{\"profile\":\"measured\"}", 200, "\"measured\",\"rate\":2400,");
    check_peer(fixture, "\"profile\":\"measured\",\"rate\":2400,\"rate_by\":\"here\","
                        "\"precedence\":\"routine\",\"groups\":[],\"rate_verdict\":\"too_much\"");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"measured\",\"rate\":9600}", 200, ":9600,");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"fibre\"}", 200, "\"rate\":0");
    assert_int_equal(choice->settings.rate, 0);
    assert_true(choice->settings.is_rate_own);
    check_peer(fixture, "\"measured\":{\"rate_in\":null,\"rate_out\":null,\"rtt_ms\":null,"
                        "\"sent\":null,\"resent\":null,\"unsent\":null,\"under_way\":null},"
                        "\"converged_in_s\":null");
}

static void test_what_is_not_said_stays(void **state)
{
    struct fixture *fixture = *state;
    check_link(fixture,
               "{\"node\":\"nl-kcr2-b\",\"profile\":null,\"rate\":0,\"rate_by\":\"nobody\","
               "\"precedence\":\"routine\",\"groups\":[],\"beacon_ms\":null,\"live\":true}");
    order(fixture, "nl-kcr2-b", "{\"beacon_ms\":20000}", 200, "\"beacon_ms\":20000,\"live\":true}");
    order(fixture, "nl-kcr2-b", "{\"live\":false}", 200, "\"beacon_ms\":20000,\"live\":false}");
    order(fixture, "nl-kcr2-b", "{\"rate\":9600}", 200, "\"profile\":\"manual\",\"rate\":9600,");
    check_link(fixture, "{\"node\":\"nl-kcr2-b\",\"profile\":\"manual\",\"rate\":9600,"
                        "\"rate_by\":\"here\",\"precedence\":\"routine\",\"groups\":[],"
                        "\"beacon_ms\":20000,\"live\":false}");
    order(fixture, "nl-kcr2-b", "{\"live\":true}", 409, "no room for the live plane");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"fibre\",\"beacon_ms\":1000}", 200,
          "\"profile\":\"fibre\",\"rate\":0,\"rate_by\":\"here\",\"precedence\":\"routine\","
          "\"groups\":[],\"beacon_ms\":1000,\"live\":true}");
    order(fixture, "nl-kcr2-b", "{\"profile\":\"none\"}", 200, "\"rate_by\":\"nobody\"");
    // As when the peer says so.
    fixture->desk.choice = (struct choice){PROFILE_RADIO, {.rate = 2400}};
    check_link(fixture, "{\"node\":\"nl-kcr2-b\",\"profile\":\"radio\",\"rate\":2400,"
                        "\"rate_by\":\"peer\",\"precedence\":\"routine\",\"groups\":[],"
                        "\"beacon_ms\":null,\"live\":false}");
}

static void test_only_some_entries_are_wanted(void **state)
{
    struct fixture *fixture = *state;
    const struct selection *wanted = &fixture->desk.choice.settings.wanted;
    order(fixture, "nl-kcr2-b", "{\"precedence\":\"immediate\"}", 200,
          "\"precedence\":\"immediate\",\"groups\":[]");
    assert_int_equal(wanted->precedence, IMMEDIATE);
    order(fixture, "nl-kcr2-b", "{\"groups\":[\"all\",\"all\"]}", 200,
          "\"precedence\":\"immediate\",\"groups\":[\"all\"]");
    assert_int_equal(wanted->groups_count, 1);
    order(fixture, "nl-kcr2-b", "{\"groups\":[\"nobody\"]}", 404, "there is no group 'nobody'");
    order(fixture, "nl-kcr2-b", "{\"groups\":[1]}", 404, "there is no group ''");
    order(fixture, "nl-kcr2-b", "{\"precedence\":\"urgent\"}", 400, "routine, priority");
    assert_int_equal(wanted->groups_count, 1);
    check_peer(fixture, "\"precedence\":\"immediate\",\"groups\":[\"all\"]");
    order(fixture, "nl-kcr2-b", "{\"groups\":[],\"precedence\":\"routine\"}", 200,
          "\"precedence\":\"routine\",\"groups\":[]");
    assert_false(selection_is_set(wanted));
}

static void check_no_link(const struct fixture *fixture, const char *page, int status)
{
    struct http_reply reply;
    http_get(fixture->path, page, &reply);
    assert_int_equal(reply.status, status);
    http_reply_fini(&reply);
}

static void test_bad_orders_change_nothing(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "{\"cut\":1}",
        "{\"cut\":true,\"x\":1}",
        "{\"profile\":\"manual\"}",
        "{\"profile\":\"modem\"}",
        "{\"profile\":\"measured\",\"rate\":0}",
        "{\"profile\":1}",
        "{\"profile\":\"radio\",\"rate\":\"9600\"}",
        "{\"profile\":\"radio\",\"rate\":1199}",
        "{\"profile\":\"radio\",\"rate\":-1}",
        "{\"profile\":\"radio\",\"rate\":4294967296}",
        "{\"profile\":\"radio\",\"cut\":true}",
        "{\"profile\":\"radio\",\"x\":1}",
        "{\"rate\":1199}",
        "{\"beacon_ms\":999}",
        "{\"beacon_ms\":60001}",
        "{\"beacon_ms\":-1}",
        "{\"beacon_ms\":\"20\"}",
        "{\"live\":\"on\"}",
        "{\"live\":null}",
        "{\"live\":false,\"cut\":true}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        order(fixture, "nl-kcr2-b", bodies[i], 400, "malformed");
    }
    order(fixture, "nobody", "{\"cut\":true}", 404, "not_found");
    order(fixture, "nobody", "{\"profile\":\"radio\"}", 404, "not_found");
    order(fixture, "be-nccn", "{\"cut\":true}", 409, "conflict");
    assert_int_equal(fixture->desk.cut[1], 0);
    assert_int_equal(fixture->desk.choice.profile, PROFILE_NONE);
    assert_false(fixture->desk.choice.settings.is_rate_own);
    check_no_link(fixture, "/v1/links/nobody", 404);
    check_no_link(fixture, "/v1/links/be-nccn", 409);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_links_are_cut_and_healed),  TEST(test_a_line_gets_a_rate),
        TEST(test_what_is_not_said_stays),    TEST(test_only_some_entries_are_wanted),
        TEST(test_bad_orders_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
