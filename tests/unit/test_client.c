// SPDX-License-Identifier: EUPL-1.2
// The client against a node that says what it is told to: exit codes, streams, batches of lines.
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/lines.h"
#include "unit/prepared_node.h"

static void exit_codes_follow_the_answer(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "200 OK\r\nConnection: close\r\n\r\n{\"cut\":true}",
        "404 Not Found\r\nConnection: close\r\n\r\n"
        "{\"error\":{\"code\":\"x\",\"message\":\"no\"}}",
        "507 Full\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"x\",\"message\":\"full\"}}",
        "500 Broken\r\nConnection: close\r\n\r\nnot json",
        "503 Busy\r\nConnection: close\r\n\r\n{}",
        NULL,
    };
    static const enum exit_code codes[] = {EXIT_DONE, EXIT_REFUSED, EXIT_REFUSED, EXIT_FAILED,
                                           EXIT_REFUSED};
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    char peer[] = "nl-kcr2";
    char *operands[] = {peer};
    arguments.operands = operands;
    arguments.operands_count = 1;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_int_equal(command_cut(&arguments), codes[i]);
    }
    assert_non_null(strstr(node->asked[0], "POST /v1/links/nl-kcr2 HTTP/1.1\r\n"));
    assert_non_null(strstr(node->asked[0], "Content-Type: application/json\r\n"));
    assert_string_equal(body_of(node->asked[0]), "{\"cut\":true}");
}

static void nobody_there_is_unreachable(void **state)
{
    struct node *node = *state;
    struct arguments arguments = arguments_of(node);
    (void)close(node->listener);
    assert_int_equal(command_status(&arguments), EXIT_UNREACHABLE);
    (void)snprintf(arguments.home, sizeof arguments.home, "%s/nowhere", node->home);
    assert_int_equal(command_status(&arguments), EXIT_UNREACHABLE);
    assert_int_equal(command_fsck(&arguments), EXIT_UNREACHABLE);
    node->listener = -1;
}

static void a_node_that_dies_is_unreachable(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {"200 OK\r\nContent-Length: 100\r\n\r\n{\"node\":", NULL};
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    assert_int_equal(command_status(&arguments), EXIT_UNREACHABLE);
}

// What was listed until then is not all there is.
static void a_list_that_fails_in_the_middle_fails(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "200 OK\r\nConnection: close\r\n\r\n{\"name\":\"be-nccn/1\"}\n"
        "{\"error\":{\"code\":\"failed\",\"message\":\"no memory\"}}\n",
        "200 OK\r\nConnection: close\r\n\r\n{\"item\":\"be-nccn/1\"}\n"
        "{\"error\":{\"code\":\"failed\",\"message\":\"no memory\"}}\n",
        NULL,
    };
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    assert_int_equal(command_log(&arguments), EXIT_FAILED);
    arguments.is_json = true;
    assert_int_equal(command_item_list(&arguments), EXIT_FAILED);
}

static void long_homes_are_reached(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {"200 OK\r\nConnection: close\r\n\r\n{\"peers\":[]}",
                                          NULL};
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    const size_t len = strlen(arguments.home);
    for (size_t i = 0; i < 100; i++) {
        memcpy(arguments.home + len + 2 * i, "/.", 3);
    }
    assert_int_equal(command_peers(&arguments), EXIT_DONE);
}

struct taken {
    size_t count;
    size_t stop_at;
    json_int_t sum;
};

static bool take(void *context, const json_t *line)
{
    struct taken *taken = context;
    taken->count++;
    taken->sum += json_integer_value(json_object_get(line, "n"));
    return taken->count != taken->stop_at;
}

static void streams_are_handed_over_by_line(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4\r\n{\"n\"\r\n5\r\n:1}\n{\r\n1\r\n\"\r\n6\r\nn\":2}\n\r\n1\r\n\n\r\n7\r\n{\"n\":4}\r\n"
        "0\r\n\r\n",
        "200 OK\r\nConnection: close\r\n\r\n{\"n\":1}\n{\"n\":2}\n{\"n\":4}\n",
        "200 OK\r\nConnection: close\r\n\r\n{\"n\":1}\nnonsense\n{\"n\":4}\n",
        "200 OK\r\nConnection: close\r\n\r\n{\"n\":1}\n{\"n\":",
        "404 No\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"x\",\"message\":\"no\"}}",
        NULL,
    };
    static const struct {
        size_t stop_at;
        enum exit_code code;
        size_t count;
        json_int_t sum;
    } rows[] = {
        {0, EXIT_DONE, 3, 7},   {2, EXIT_DONE, 2, 3},    {0, EXIT_FAILED, 1, 1},
        {0, EXIT_FAILED, 1, 1}, {0, EXIT_REFUSED, 0, 0},
    };
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *client = client_open(&arguments);
        struct taken taken = {.stop_at = rows[i].stop_at};
        const struct call call = {.method = "GET", .path = "/v1/entries"};
        assert_int_equal(client_stream(client, &call, take, &taken), rows[i].code);
        assert_int_equal(taken.count, rows[i].count);
        assert_int_equal(taken.sum, rows[i].sum);
        client_close(&client);
    }
}

static void write_lines(const char *path, const char *text)
{
    scratch_write(path, text, 0600);
}

// The node refuses the third of four lines: the two before are sent again, the fourth never.
static void lines_stop_at_the_first_refused(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "400 Bad\r\nConnection: close\r\n\r\n"
        "{\"error\":{\"code\":\"malformed\",\"message\":\"no\",\"line\":3}}",
        "201 Created\r\nConnection: close\r\n\r\n{\"names\":[\"be-nccn/1\",\"be-nccn/2\"]}",
        NULL,
    };
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, node->home, "lines");
    write_lines(path, "{\"kind\":\"a\"}\n\n{\"kind\":\"b\"}\n{\"kind\":\"c\"}\n{\"kind\":\"d\"}\n");
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    assert_int_equal(lines_publish(&arguments, path), EXIT_REFUSED);
    assert_int_equal(node->asked_count, 2);
    assert_non_null(strstr(node->asked[0], "Content-Type: application/x-ndjson\r\n"));
    assert_string_equal(body_of(node->asked[0]), "{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n"
                                                 "{\"kind\":\"c\"}\n{\"kind\":\"d\"}\n");
    assert_string_equal(body_of(node->asked[1]), "{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n");
}

static void what_is_no_json_is_not_sent(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "201 Created\r\nConnection: close\r\n\r\n{\"names\":[\"be-nccn/1\"]}", NULL};
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, node->home, "lines");
    write_lines(path, "{\"kind\":\"a\"}\n[1]\n{\"kind\":\"b\"}\n");
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    assert_int_equal(lines_publish(&arguments, path), EXIT_REFUSED);
    assert_int_equal(node->asked_count, 1);
    assert_string_equal(body_of(node->asked[0]), "{\"kind\":\"a\"}\n");
}

static void lines_go_in_batches(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        "201 Created\r\nConnection: close\r\n\r\n{\"names\":[]}",
        "201 Created\r\nConnection: close\r\n\r\n{\"names\":[]}",
        "507 Full\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"x\",\"message\":\"full\"}}",
        NULL,
    };
    char path[SCRATCH_PATH_MAX];
    static char text[300 * 16 + 1];
    for (int i = 0; i < 300; i++) {
        (void)strcat(text, "{\"kind\":\"a\"}\n");
    }
    scratch_join(path, node->home, "lines");
    write_lines(path, text);
    start(node, answers);
    struct arguments arguments = arguments_of(node);
    assert_int_equal(lines_publish(&arguments, path), EXIT_REFUSED);
    assert_int_equal(node->asked_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(strlen(body_of(node->asked[i])), 100 * 13);
    }
}

int main(void)
{
#define WITH_A_NODE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_A_NODE(exit_codes_follow_the_answer),
        WITH_A_NODE(nobody_there_is_unreachable),
        WITH_A_NODE(a_node_that_dies_is_unreachable),
        WITH_A_NODE(a_list_that_fails_in_the_middle_fails),
        WITH_A_NODE(long_homes_are_reached),
        WITH_A_NODE(streams_are_handed_over_by_line),
        WITH_A_NODE(lines_stop_at_the_first_refused),
        WITH_A_NODE(what_is_no_json_is_not_sent),
        WITH_A_NODE(lines_go_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
