// SPDX-License-Identifier: EUPL-1.2
// The commands of groups and releases against a node that says what it is told to: what they ask,
// and what people read.
#include "sitrep/command.h"
#include "sitrep/groups/groups.h"
#include "unit/capture.h"
#include "unit/prepared_node.h"

#define OK_JSON "200 OK\r\nConnection: close\r\n\r\n"
#define CREATED "201 Created\r\nConnection: close\r\n\r\n"
#define REFUSED "409 Conflict\r\nConnection: close\r\n\r\n"

static const struct command table[] = {
    {"group list", "", 0, 0, "", "", NULL, command_group_list},
    {"group show", "NAME", 1, 1, "", "", NULL, command_group_show},
    {"group create", "NAME", 1, 1, "", "", group_create_options, command_group_create},
    {"group add", "NAME CENTRE", 2, 2, "", "", NULL, command_group_add},
    {"group remove", "NAME CENTRE", 2, 2, "", "", NULL, command_group_remove},
    {"group own", "NAME CENTRE", 2, 2, "", "", NULL, command_group_own},
    {"group disown", "NAME CENTRE", 2, 2, "", "", NULL, command_group_disown},
    {"group rekey", "NAME", 1, 1, "", "", NULL, command_group_rekey},
    {"release", "REF", 1, 1, "", "", release_options, command_release},
    {"publish", "KIND", 0, 2, "", "", publish_options, command_publish},
    {"show", "REF", 1, 1, "", "", show_options, command_show},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

enum { SAID_SIZE = 4096 };

struct said {
    enum exit_code code;
    char out[SAID_SIZE];
    char err[SAID_SIZE];
};

// Reads `words` as a command line, runs the command, and keeps what it says.
static void run(const struct node *node, struct said *said, const char *const *words)
{
    char *argv[24] = {(char[]){"sitrep"}, (char[]){"--home"}, strdup(node->home)};
    int argc = 3;
    while (*words != NULL) {
        argv[argc++] = strdup(*words++);
    }
    struct arguments arguments;
    struct capture out;
    struct capture err;
    capture_begin(&out, stdout);
    capture_begin(&err, stderr);
    said->code = EXIT_DONE;
    if (options_read(table, argc, argv, &arguments, &said->code)) {
        said->code = arguments.command->run(&arguments);
    }
    capture_end(&err, said->err, sizeof said->err);
    capture_end(&out, said->out, sizeof said->out);
    for (int i = 2; i < argc; i++) {
        free(argv[i]);
    }
}

#define RUN(node, said, ...) run(node, said, (const char *const[]){__VA_ARGS__, NULL})

static void check_has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) {
        fail_msg("'%s' is not in: %s", wanted, text);
    }
}

static void groups_are_listed(void **state)
{
    struct node *node = *state;
    struct said said;
    static const char *const answers[] = {
        OK_JSON
        "{\"groups\":[{\"name\":\"all\",\"all_members\":true,\"reading\":\"held\","
        "\"members\":[\"be-nccn\",\"lu-hcpn\",\"nl-kcr2\"]},"
        "{\"name\":\"police\",\"reading\":\"awaited\",\"members\":[\"be-nccn\",\"lu-hcpn\"]},"
        "{\"name\":\"radiology@nl-kcr2\",\"reading\":\"closed\",\"members\":[\"nl-kcr2\"]},"
        "{\"name\":\"old\",\"reading\":\"needed\",\"members\":[\"be-nccn\"]}]}",
        OK_JSON "{\"groups\":[{\"name\":\"all\",\"all_members\":true,\"reading\":\"held\","
                "\"members\":[\"be-nccn\"]}]}",
        NULL};
    start(node, answers);
    RUN(node, &said, "group", "list");
    assert_int_equal(said.code, EXIT_DONE);
    assert_string_equal(said.out, "all                key held     every centre, 3 now\n"
                                  "police             key awaited  be-nccn, lu-hcpn\n"
                                  "radiology@nl-kcr2  no member    nl-kcr2\n"
                                  "old                needs a key  be-nccn\n");
    assert_string_equal(said.err, "");
    RUN(node, &said, "group", "list");
    check_has(said.err, "group create NAME");
    check_has(node->asked[0], "GET /v1/groups HTTP/1.1\r\n");
}

static const char shown_group[] = OK_JSON
    "{\"name\":\"police\",\"id\":\"0011223344556677\",\"all_members\":false,\"history\":false,"
    "\"reading\":\"needed\",\"members\":[\"be-nccn\",\"nl-kcr2\"],\"owners\":[\"be-nccn\"],"
    "\"deserted\":[\"nl-kcr2\"],\"founding\":{\"entry\":\"be-nccn/"
    "3\",\"node\":\"be-nccn\",\"centre\":\"be-nccn\","
    "\"time\":\"2026-03-01T12:00:00Z\"},"
    "\"keys\":[{\"id\":\"aa\",\"entry\":\"be-nccn/3\",\"current\":false,\"usable\":false,"
    "\"held\":\"yes\"},{\"id\":\"bb\",\"entry\":\"be-nccn/5\",\"current\":true,\"usable\":true,"
    "\"held\":\"awaited\"},{\"id\":\"cc\",\"entry\":\"be-nccn/4\",\"usable\":false,"
    "\"held\":\"no\"}],"
    "\"left_out\":7,\"changes\":[{\"entry\":\"be-nccn/"
    "3\",\"node\":\"be-nccn\",\"centre\":\"be-nccn\","
    "\"time\":\"2026-03-01T12:00:00Z\",\"op\":\"create\",\"centres\":[\"be-nccn\",\"nl-kcr2\"],"
    "\"owners\":[\"be-nccn\"],\"key\":\"aa\",\"effect\":\"counts\"},"
    "{\"entry\":\"kcr2-b/9\",\"node\":\"kcr2-b\",\"centre\":\"nl-kcr2\","
    "\"time\":\"2026-03-01T12:01:00Z\",\"op\":\"add\",\"about\":\"lu-hcpn\",\"key\":null,"
    "\"effect\":\"unauthorised\"},"
    "{\"entry\":\"be-nccn/5\",\"node\":\"be-nccn\",\"centre\":\"be-nccn\","
    "\"time\":\"2026-03-01T12:02:00Z\",\"op\":\"rekey\",\"key\":\"bb\",\"effect\":\"counts\"}]}";

static void a_group_is_explained(void **state)
{
    struct node *node = *state;
    struct said said;
    static const char *const answers[] = {shown_group, NULL};
    start(node, answers);
    RUN(node, &said, "group", "show", "police");
    assert_int_equal(said.code, EXIT_DONE);
    assert_string_equal(
        said.out,
        "police\n"
        "members       be-nccn, an owner\n"
        "              nl-kcr2, whose nodes were all revoked\n"
        "founded       2026-03-01 12:00:00 UTC, by be-nccn, as be-nccn/3\n"
        "history       closed: who is added reads only what is written from then on\n"
        "id            0011223344556677\n"
        "this node     writes nothing for it until an owner brings a new key\n"
        "              a node of an owner does that by itself once it is reached: be-nccn\n"
        "              and 'sitrep group rekey' does it at once there\n"
        "keys          aa, former, held here, brought by be-nccn/3\n"
        "              bb, current, awaited here, brought by be-nccn/5\n"
        "              cc, former, not for this node, brought by be-nccn/4\n"
        "changes       2026-03-01 12:00:00 UTC  be-nccn/3\n"
        "                founds it with be-nccn, nl-kcr2, owned by be-nccn\n"
        "              2026-03-01 12:01:00 UTC  kcr2-b/9  of nl-kcr2\n"
        "                adds lu-hcpn\n"
        "                does not count: it was no owner then\n"
        "              2026-03-01 12:02:00 UTC  be-nccn/5\n"
        "                brings a new key\n"
        "              and 7 earlier ones that do not count\n");
    check_has(node->asked[0], "GET /v1/groups/police HTTP/1.1\r\n");
}

static void names_that_are_none_are_not_asked_for(void **state)
{
    struct node *node = *state;
    struct said said;
    static const char *const names[] = {"", "Police", "a b", "a?b", "a%2f"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        RUN(node, &said, "group", "show", names[i]);
        assert_int_equal(said.code, EXIT_USAGE);
        RUN(node, &said, "group", "rekey", names[i]);
        assert_int_equal(said.code, EXIT_USAGE);
    }
    RUN(node, &said, "release", "nonsense!", "--to", "police");
    assert_int_equal(said.code, EXIT_USAGE);
}

static void a_group_is_founded(void **state)
{
    struct node *node = *state;
    struct said said;
    static const char *const answers[] = {
        CREATED "{\"group\":\"police\",\"id\":\"00\",\"entry\":\"be-nccn/3\",\"history\":true,"
                "\"members\":[\"be-nccn\",\"nl-kcr2\"]}",
        REFUSED "{\"error\":{\"code\":\"x\",\"message\":\"there is no centre 'nl'\"}}", NULL};
    start(node, answers);
    RUN(node, &said, "group", "create", "police", "--centre", "nl-kcr2", "--centre", "lu-hcpn",
        "--owner", "lu-hcpn", "--history");
    assert_int_equal(said.code, EXIT_DONE);
    assert_string_equal(said.out, "be-nccn/3\n");
    check_has(said.err, "police is founded, with be-nccn, nl-kcr2.");
    check_has(node->asked[0], "POST /v1/groups HTTP/1.1\r\n");
    assert_string_equal(body_of(node->asked[0]),
                        "{\"name\":\"police\",\"centres\":[\"nl-kcr2\",\"lu-hcpn\"],"
                        "\"owners\":[\"lu-hcpn\"],\"history\":true}");
    RUN(node, &said, "--json", "group", "create", "police", "--centre", "nl");
    assert_int_equal(said.code, EXIT_REFUSED);
    assert_string_equal(said.out, "");
    check_has(said.err, "there is no centre 'nl'");
    RUN(node, &said, "group", "create", "police");
    assert_int_equal(said.code, EXIT_USAGE);
}

static void changes_are_made_and_explained(void **state)
{
    struct node *node = *state;
    struct said said;
    static const struct {
        const char *words[5];
        const char *body;
        const char *told;
    } rows[] = {
        {{"group", "add", "police", "lu-hcpn"},
         "{\"op\":\"add\",\"centre\":\"lu-hcpn\"}",
         "lu-hcpn is a member of police from now on, and reads nothing that was written before."},
        {{"group", "remove", "police", "lu-hcpn"},
         "{\"op\":\"remove\",\"centre\":\"lu-hcpn\"}",
         "closed to it. What it has read, it keeps."},
        {{"group", "own", "police", "lu-hcpn"},
         "{\"op\":\"own\",\"centre\":\"lu-hcpn\"}",
         "lu-hcpn owns police, too"},
        {{"group", "disown", "police", "lu-hcpn"},
         "{\"op\":\"disown\",\"centre\":\"lu-hcpn\"}",
         "lu-hcpn owns police no more"},
        {{"group", "rekey", "police"}, "{\"op\":\"rekey\"}", "police has a new key."},
    };
    static const char done[] = CREATED "{\"group\":\"police\",\"entry\":\"be-nccn/4\"}";
    static const char *const answers[] = {done, done, done, done, done, NULL};
    start(node, answers);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(node, &said, rows[i].words);
        assert_int_equal(said.code, EXIT_DONE);
        assert_string_equal(said.out, "be-nccn/4\n");
        check_has(said.err, rows[i].told);
        check_has(node->asked[i], "POST /v1/groups/police HTTP/1.1\r\n");
        assert_string_equal(body_of(node->asked[i]), rows[i].body);
    }
}

static const char plain_entry[] = OK_JSON "{\"name\":\"nl-kcr2/4\",\"centre\":\"nl-kcr2\","
                                          "\"kind\":\"report\",\"fields\":{}}";
static const char red_entry[] = OK_JSON "{\"name\":\"nl-kcr2/4\",\"centre\":\"nl-kcr2\",\"kind\":"
                                        "\"report\",\"fields\":{\"handling\":\"RED\"}}";
static const char target_group[] = OK_JSON "{\"name\":\"police\",\"members\":[\"lu-hcpn\"]}";
static const char released[] = CREATED "{\"name\":\"be-nccn/8\",\"group\":\"police\","
                                       "\"opened_to\":[\"lu-hcpn\"]}";

static void an_entry_is_released(void **state)
{
    struct node *node = *state;
    struct said said;
    static const char *const answers[] = {plain_entry,  target_group, released, red_entry,
                                          target_group, released,     NULL};
    start(node, answers);
    RUN(node, &said, "release", "nl-kcr2/4", "--to", "police");
    assert_int_equal(said.code, EXIT_DONE);
    assert_string_equal(said.out, "be-nccn/8\n");
    check_has(said.err, "nl-kcr2/4 is open to police now. Who could not read it before: lu-hcpn.");
    check_has(node->asked[0], "GET /v1/entries/nl-kcr2/4 HTTP/1.1\r\n");
    check_has(node->asked[1], "GET /v1/groups/police HTTP/1.1\r\n");
    check_has(node->asked[2], "POST /v1/releases HTTP/1.1\r\n");
    assert_string_equal(body_of(node->asked[2]), "{\"entry\":\"nl-kcr2/4\",\"group\":\"police\"}");
    // What its author marked is not released in passing.
    RUN(node, &said, "release", "nl-kcr2/4", "--to", "police", "--yes");
    assert_int_equal(said.code, EXIT_DONE);
    check_has(said.err, "is marked RED by nl-kcr2");
    check_has(said.err, "it is read by: lu-hcpn. That cannot be taken back.");
    RUN(node, &said, "release", "nl-kcr2/4");
    assert_int_equal(said.code, EXIT_USAGE);
}

static void an_entry_is_published_for_a_group(void **state)
{
    struct node *node = *state;
    struct said said;
    char path[SCRATCH_PATH_MAX];
    static const char *const answers[] = {CREATED "{\"name\":\"be-nccn/4\"}",
                                          CREATED "{\"names\":[\"be-nccn/5\"]}",
                                          CREATED "{\"names\":[\"be-nccn/6\"]}", NULL};
    scratch_join(path, node->home, "lines");
    scratch_write(path, "{\"kind\":\"a\",\"group\":\"fire\"}\n", 0600);
    start(node, answers);
    RUN(node, &said, "publish", "--group", "police", "report", "Two suspects");
    assert_int_equal(said.code, EXIT_DONE);
    assert_string_equal(body_of(node->asked[0]),
                        "{\"kind\":\"report\",\"group\":\"police\",\"text\":\"Two suspects\"}");
    RUN(node, &said, "publish", "--lines", path);
    assert_int_equal(said.code, EXIT_DONE);
    check_has(node->asked[1], "POST /v1/entries HTTP/1.1\r\n");
    assert_string_equal(body_of(node->asked[1]), "{\"kind\":\"a\",\"group\":\"fire\"}\n");
    RUN(node, &said, "publish", "--lines", path, "--group", "police@be-nccn/3");
    assert_int_equal(said.code, EXIT_DONE);
    check_has(node->asked[2], "POST /v1/entries?group=police%40be-nccn%2F3 HTTP/1.1\r\n");
}

// An entry as 'show' tells of it.
static void check_shown(struct node *node, const char *wanted)
{
    struct said said;
    RUN(node, &said, "show", "be-nccn/1");
    assert_int_equal(said.code, EXIT_DONE);
    check_has(said.out, wanted);
}

static void what_cannot_be_read_says_why(void **state)
{
    struct node *node = *state;
    static const char *const answers[] = {
        OK_JSON "{\"name\":\"be-nccn/1\",\"sealed\":true,\"group\":\"police\",\"group_id\":\"05\","
                "\"key\":\"awaited\"}",
        OK_JSON "{\"name\":\"be-nccn/1\",\"sealed\":true,\"group\":\"police\",\"group_id\":\"05\","
                "\"key\":\"closed\"}",
        OK_JSON
        "{\"name\":\"be-nccn/1\",\"sealed\":true,\"group_id\":\"0505\",\"key\":\"unknown\"}",
        OK_JSON
        "{\"name\":\"be-nccn/1\",\"kind\":\"report\",\"group\":\"police\",\"group_id\":\"05\","
        "\"released\":{\"node\":\"lu-hcpn\",\"entry\":\"lu-hcpn/"
        "7\",\"time\":\"2026-03-01T12:00:00Z\"}}",
        OK_JSON "{\"name\":\"be-nccn/1\",\"kind\":\"report\"}",
        NULL};
    start(node, answers);
    check_shown(node, "(sealed for police, its key is awaited)\n");
    check_shown(node, "key           not for this node: whoever can read it may release it");
    check_shown(node, "for           0505\n");
    check_shown(node, "for           police\n"
                      "released      by lu-hcpn, 2026-03-01 12:00:00 UTC, as lu-hcpn/7\n");
    check_shown(node, "arrived here  never\nsignature"); // for all, which needs no words
}

int main(void)
{
#define WITH_A_NODE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_A_NODE(groups_are_listed),
        WITH_A_NODE(a_group_is_explained),
        WITH_A_NODE(names_that_are_none_are_not_asked_for),
        WITH_A_NODE(a_group_is_founded),
        WITH_A_NODE(changes_are_made_and_explained),
        WITH_A_NODE(an_entry_is_released),
        WITH_A_NODE(an_entry_is_published_for_a_group),
        WITH_A_NODE(what_cannot_be_read_says_why),
    };
    (void)setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
