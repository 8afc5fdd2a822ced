// SPDX-License-Identifier: EUPL-1.2
// Commands that ask the node more than once: what they make of its answers.
#include "capture.h"
#include "sitrep/command.h"
#include "sitrep/officers/officers.h"
#include "unit/prepared_node.h"

#define GIVEN "200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define MISSING                                                                                    \
    "404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"                 \
    "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no such entry here\"}}"

enum { SAID_MAX = 8192 };

struct said {
    enum exit_code code;
    char out[SAID_MAX];
    char err[SAID_MAX];
};

static void run(struct said *said, enum exit_code (*command)(const struct arguments *),
                const struct arguments *arguments)
{
    struct capture out;
    struct capture err;

    capture_begin(&out, stdout);
    capture_begin(&err, stderr);
    said->code = command(arguments);
    capture_end(&err, said->err, sizeof said->err);
    capture_end(&out, said->out, sizeof said->out);
}

static void check_has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) {
        fail_msg("no '%s' in:\n%s", wanted, text);
    }
}

// What is open is told by name and gist, what is not here by its name alone.
static void a_handover_tells_what_is_open(void **state)
{
    static const char *const answers[] = {
        GIVEN
        "{\"name\":\"be-nccn/9\",\"kind\":\"handover\",\"fields\":{\"open\":["
        "\"be-nccn/2\",\"nl-kcr2/7\",\"nl-kcr2/8#0102030405060708\"],\"points\":[\"Pumps.\"]}}",
        GIVEN "{\"name\":\"be-nccn/2\",\"kind\":\"request\",\"precedence\":\"priority\","
              "\"time\":\"2026-03-01T12:00:05Z\",\"fields\":{\"capability\":\"pump\","
              "\"quantity\":4}}",
        MISSING, NULL};
    struct node *node = *state;
    const struct arguments arguments = arguments_of(node);
    struct said said;

    start(node, answers);
    run(&said, command_handover_show, &arguments);
    assert_int_equal(said.code, EXIT_DONE);
    check_has(said.out, "\nOpen then ('sitrep item show' tells more):\n"
                        "2026-03-01 12:00:05 UTC  be-nccn/2  PRIORITY  request  pump, 4\n"
                        "nl-kcr2/7  (cannot be read here)\n"
                        "nl-kcr2/8#0102030405060708  (cannot be read here)\n"
                        "\nOpen points:\n- Pumps.\n");
    assert_string_equal(said.err, "");
    assert_int_equal(node->asked_count, 3);
    check_has(node->asked[0], "GET /v1/handover ");
    check_has(node->asked[1], "GET /v1/entries/be-nccn/2 ");
}

#define REQUEST                                                                                    \
    GIVEN "{\"item\":\"be-nccn/2\",\"kind\":\"request\",\"heads\":[{\"name\":\"be-nccn/2\","       \
          "\"kind\":\"request\",\"state\":\"requested\",\"text\":\"Pumps.\"}],\"all\":[]}"
#define LINES "200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
#define OFFER "\"kind\":\"offer\",\"standing\":\"counts\",\"time\":\"2026-03-01T12:00:05Z\","

static void show_item(struct node *node, const char *const *answers, struct said *said)
{
    struct arguments arguments = arguments_of(node);
    char item[] = "be-nccn/2";

    arguments.operands = (char *[]){item};
    arguments.operands_count = 1;
    start(node, answers);
    run(said, command_item_show, &arguments);
    assert_int_equal(said->code, EXIT_DONE);
}

// Each offer as it stands, without what was replaced or is only proposed.
static void a_request_tells_what_is_offered(void **state)
{
    static const char *const answers[] = {
        REQUEST,
        LINES "{\"name\":\"be-nccn/2\",\"kind\":\"request\",\"standing\":\"counts\"}\n"
              "{\"name\":\"nl-kcr2/3\"," OFFER
              "\"replaced\":true,\"state\":\"offered\",\"text\":\"Two pumps.\"}\n"
              "{\"name\":\"be-nccn/4\",\"kind\":\"offer\",\"standing\":\"proposed\"}\n"
              "{\"name\":\"be-nccn/5\"," OFFER "\"state\":\"accepted\",\"text\":\"Yes, two.\"}\n"
              "{\"name\":\"lu-hcpn/1\"," OFFER "\"state\":\"offered\",\"text\":\"One pump.\"}\n",
        NULL};
    struct node *node = *state;
    struct said said;

    show_item(node, answers, &said);
    check_has(said.out, "\noffers:\n"
                        "  accepted    2026-03-01 12:00:05 UTC  be-nccn/5  offer  Yes, two.\n"
                        "  offered     2026-03-01 12:00:05 UTC  lu-hcpn/1  offer  One pump.\n");
    assert_null(strstr(said.out, "nl-kcr2/3"));
    assert_null(strstr(said.out, "be-nccn/4"));
    check_has(node->asked[1], "GET /v1/items/be-nccn/2/timeline ");
}

static void a_request_tells_that_nothing_is_offered(void **state)
{
    static const char *const answers[] = {
        REQUEST, LINES "{\"name\":\"be-nccn/2\",\"kind\":\"request\",\"standing\":\"counts\"}\n",
        NULL};
    struct said said;

    show_item(*state, answers, &said);
    check_has(said.out, "\nno offers yet\n");
}

// Nothing else is asked for that.
static void other_items_have_no_offers(void **state)
{
    static const char *const answers[] = {
        GIVEN "{\"item\":\"be-nccn/2\",\"kind\":\"task\",\"heads\":[],\"all\":[]}", NULL};
    struct node *node = *state;
    struct said said;

    show_item(node, answers, &said);
    assert_null(strstr(said.out, "offers"));
}

#define STATUS GIVEN "{\"node\":\"nl-kcr2-b\",\"centre\":\"nl-kcr2\"}"
#define ACKED(by)                                                                                  \
    "{\"name\":\"nl-kcr2/8\",\"time\":\"2026-03-01T12:00:05Z\",\"text\":\"We come.\",\"fields\":{" \
    "\"as\":\"accepted\"" by "}}"
#define OFFICER ",\"by\":{\"function\":\"duty officer\"}"
#define DELIVERY(by)                                                                               \
    GIVEN "{\"centres\":[{\"centre\":\"be-nccn\",\"acks\":[" ACKED("") "," ACKED(                  \
        OFFICER) "]},"                                                                             \
                 "{\"centre\":\"nl-kcr2\",\"acks\":[" ACKED(by) "]}]}"
#define PUBLISHED                                                                                  \
    "201 Created\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"                   \
    "{\"name\":\"nl-kcr2/9\"}"

static void acknowledge(struct node *node, const char *const *answers, const char *text,
                        struct said *said)
{
    struct arguments arguments = arguments_of(node);
    char one[] = "be-nccn/12";
    char other[] = "be-nccn/13";

    arguments.operands = (char *[]){one, other};
    arguments.operands_count = 2;
    arguments.given[arguments.given_count].name = "accepted";
    arguments.given[arguments.given_count++].value = "";
    arguments.given[arguments.given_count].name = "text";
    arguments.given[arguments.given_count++].value = text;
    start(node, answers);
    run(said, command_ack, &arguments);
    assert_int_equal(said->code, EXIT_DONE);
}

static void what_was_acknowledged_is_not_again(void **state)
{
    static const char *const answers[] = {STATUS, DELIVERY(""), DELIVERY(""), NULL};
    struct node *node = *state;
    struct said said;

    acknowledge(node, answers, "We come.", &said);
    assert_string_equal(said.out, "");
    check_has(said.err, "be-nccn/12: your centre has said so already, 2026-03-01 12:00:05 UTC "
                        "(nl-kcr2/8)\n");
    check_has(said.err, "be-nccn/13: your centre has said so already");
    assert_int_equal(node->asked_count, 3);
    check_has(node->asked[1], "GET /v1/deliveries/be-nccn/12 ");
}

// Only what has not been; and what nothing is known of is for the node to judge.
static void what_is_left_is_acknowledged(void **state)
{
    static const char *const answers[] = {STATUS, DELIVERY(""), MISSING, PUBLISHED, NULL};
    struct node *node = *state;
    struct said said;

    acknowledge(node, answers, "We come.", &said);
    assert_string_equal(said.out, "nl-kcr2/9\n");
    assert_null(strstr(said.err, "be-nccn/13"));
    assert_string_equal(
        body_of(node->asked[3]),
        "{\"kind\":\"ack\",\"fields\":{\"of\":[\"be-nccn/13\"],\"as\":\"accepted\"},"
        "\"text\":\"We come.\"}");
}

static void other_words_are_said(void **state)
{
    static const char *const answers[] = {STATUS, DELIVERY(OFFICER), DELIVERY(OFFICER), PUBLISHED,
                                          NULL};
    struct said said;

    acknowledge(*state, answers, "We come.", &said);
    assert_string_equal(said.out, "nl-kcr2/9\n");
    assert_string_equal(said.err, "");
}

static void another_text_is_said(void **state)
{
    static const char *const answers[] = {STATUS, DELIVERY(""), DELIVERY(""), PUBLISHED, NULL};
    struct said said;

    acknowledge(*state, answers, "We do not.", &said);
    assert_string_equal(said.out, "nl-kcr2/9\n");
    assert_string_equal(said.err, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_handover_tells_what_is_open),
        TEST(a_request_tells_what_is_offered),
        TEST(a_request_tells_that_nothing_is_offered),
        TEST(other_items_have_no_offers),
        TEST(what_was_acknowledged_is_not_again),
        TEST(what_is_left_is_acknowledged),
        TEST(other_words_are_said),
        TEST(another_text_is_said),
    };
    (void)setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
