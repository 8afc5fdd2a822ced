// SPDX-License-Identifier: EUPL-1.2
// Events as the command line reads and shows them, and what it does when the node goes.
#include "capture.h"
#include "sitrep/command.h"
#include "sitrep/event.h"
#include "unit/prepared_node.h"

// Hands over each line; whether the last one made an event whole.
static bool take(struct event *event, const char *text)
{
    bool is_whole = false;

    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");
        is_whole = event_take_line(event, text, len);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return is_whole;
}

static void events_are_put_together_from_lines(void **state)
{
    (void)state;
    struct event event = {.data = NULL};

    assert_true(take(&event, "id: 7.1.0-00\nevent: new\ndata: {\"name\":\"be-nccn/7\"}\n\n"));
    assert_string_equal(event.id, "7.1.0-00");
    assert_string_equal(event.name, "new");
    assert_string_equal(json_string_value(json_object_get(event.data, "name")), "be-nccn/7");
    event_clear(&event);
    assert_true(take(&event, "event: link\ndata: {}\n\n"));
    assert_string_equal(event.id, "");
    event_clear(&event);
    // Not whole, not understood, or not an event at all.
    static const char *const none[] = {"\n",
                                       ": alive\n\n",
                                       "event: new\n\n",
                                       "data: {}\n\n",
                                       "event: new\ndata: {\n\n",
                                       "event:new\ndata:{}\n\n"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(take(&event, none[i]));
        event_clear(&event);
    }
    char longest[EVENT_ID_SIZE + 64];
    memset(longest, '1', sizeof longest);
    memcpy(longest, "id: ", 4);
    assert_false(event_take_line(&event, longest, sizeof longest));
    assert_string_equal(event.id, "");
    event_clear(&event);
}

static void check_line(const char *name, const char *data, const char *wanted)
{
    struct event event = {.data = json_loads(data, 0, NULL)};
    struct capture capture;
    char out[4096];

    assert_non_null(event.data);
    (void)snprintf(event.name, sizeof event.name, "%s", name);
    capture_begin(&capture, stdout);
    event_print(&event, NULL);
    capture_end(&capture, out, sizeof out);
    assert_string_equal(out, wanted);
    event_clear(&event);
}

static void what_needs_somebody_is_marked(void **state)
{
    (void)state;
    static const char at[] = "\"at\":\"2026-11-22T03:00:00.000Z\"";
    char data[512];

    check_line(
        "conflicting",
        "{\"item\":\"be-nccn/2\",\"kind\":\"measure\",\"arrived\":\"2026-11-22T03:00:00Z\","
        "\"after\":[{\"name\":\"be-nccn/3\",\"state\":\"lifted\"},{\"name\":\"nl-kcr2/1\"}]}",
        "! CONFLICT   2026-11-22 03:00:00 UTC  be-nccn/2  measure  be-nccn/3 lifted, "
        "nl-kcr2/1\n");
    check_line("overdue",
               "{\"name\":\"be-nccn/5\",\"kind\":\"report\",\"until\":\"2026-11-22T03:00:00Z\","
               "\"wanted\":\"ack\",\"awaited\":[\"nl-kcr2\",\"lu-hcpn\"],\"awaited_count\":5}",
               "! OVERDUE    2026-11-22 03:00:00 UTC  be-nccn/5  report  not acknowledged by "
               "nl-kcr2, lu-hcpn and 3 more\n");
    (void)snprintf(data, sizeof data,
                   "{\"node\":\"nl-kcr2\",\"state\":\"silent\",\"before\":\"converged\",%s}", at);
    check_line("link", data,
               "! LINK       2026-11-22 03:00:00 UTC  nl-kcr2 silent, was converged\n");
    (void)snprintf(data, sizeof data,
                   "{\"node\":\"nl-kcr2\",\"epoch\":1,\"from\":3,\"to\":9,\"open\":true,%s}", at);
    check_line("gap", data,
               "! GAP        2026-11-22 03:00:00 UTC  nl-kcr2.1/3 to 9 are missing here, and later "
               "ones are not\n");
    (void)snprintf(data, sizeof data, "{\"version\":3,\"changed\":\"1 node admitted\",%s}", at);
    check_line("roster", data,
               "  ROSTER     2026-11-22 03:00:00 UTC  version 3: 1 node admitted\n");
    (void)snprintf(data, sizeof data, "{\"node\":\"nl-kcr2\",\"seq\":4,\"healed\":false,%s}", at);
    check_line("fork", data,
               "! FORK       2026-11-22 03:00:00 UTC  nl-kcr2 wrote several entries 4 ('sitrep "
               "forks')\n");
    (void)snprintf(data, sizeof data, "{\"node\":\"nl-kcr2\",\"ahead\":true,%s}", at);
    check_line("clock", data,
               "! CLOCK      2026-11-22 03:00:00 UTC  the clock of nl-kcr2 is more than 5 minutes "
               "ahead of ours\n");
    check_line("unheard-of", "{}", "  OTHER      unheard-of\n");
}

static void foreign_text_does_nothing_to_the_terminal(void **state)
{
    (void)state;
    check_line("new",
               "{\"name\":\"be-nccn/5\\u001b[2J\",\"kind\":\"a\\nb\",\"precedence\":\"flash\","
               "\"time\":\"2026-11-22T03:00:00Z\",\"space\":\"spring\"}",
               "! NEW        EXERCISE spring  2026-11-22 03:00:00 UTC  be-nccn/5\\u{1b}[2J  FLASH  "
               "a\\u{a}b\n");
}

// It comes back with the last id it had.
static void a_node_that_went_is_asked_again(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 500\r\n\r\n"
        "id: 5.1.0-0011223344556677\nevent: changed\ndata: {\"name\":\"be-nccn/5\"}\n\n"
        "id: 6.1.0-0011223344556677\nevent: changed\ndata: {\"name\":",
        "404 Not Found\r\nConnection: close\r\n\r\n"
        "{\"error\":{\"code\":\"no_such_space\",\"message\":\"not yet\"}}",
        "200 OK\r\nConnection: close\r\n\r\n"
        "id: 6.1.0-0011223344556677\nevent: changed\ndata: {\"name\":\"be-nccn/6\"}\n\n",
        "500 Broken\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"x\",\"message\":\"no\"}}",
        NULL};
    struct arguments arguments = arguments_of(node);
    struct capture capture;
    struct capture talk;
    char out[4096];
    char said[4096];

    start(node, answers);
    arguments.is_json = true;
    capture_begin(&capture, stdout);
    capture_begin(&talk, stderr);
    const enum exit_code code = command_watch(&arguments);
    capture_end(&talk, said, sizeof said);
    capture_end(&capture, out, sizeof out);
    assert_int_equal(code, EXIT_FAILED);
    assert_string_equal(out, "{\"event\":\"changed\",\"id\":\"5.1.0-0011223344556677\",\"name\":"
                             "\"be-nccn/5\"}\n"
                             "{\"event\":\"changed\",\"id\":\"6.1.0-0011223344556677\",\"name\":"
                             "\"be-nccn/6\"}\n");
    assert_non_null(strstr(said, "stopped: waiting until it answers again"));
    assert_non_null(strstr(said, "the node answers again"));
    assert_null(strstr(said, "not yet"));
    assert_non_null(strstr(said, "no\n"));
    assert_int_equal(node->asked_count, 4);
    assert_non_null(strstr(node->asked[0], "GET /v1/events HTTP/1.1\r\n"));
    assert_non_null(
        strstr(node->asked[1], "GET /v1/events?after=5.1.0-0011223344556677 HTTP/1.1\r\n"));
    assert_string_equal(node->asked[2], node->asked[1]);
    assert_non_null(
        strstr(node->asked[3], "GET /v1/events?after=6.1.0-0011223344556677 HTTP/1.1\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_put_together_from_lines),
        cmocka_unit_test(what_needs_somebody_is_marked),
        cmocka_unit_test(foreign_text_does_nothing_to_the_terminal),
        cmocka_unit_test_setup_teardown(a_node_that_went_is_asked_again, setup, teardown),
    };
    (void)setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
