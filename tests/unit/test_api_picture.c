// SPDX-License-Identifier: EUPL-1.2
// The overview over the API: what is open, at a moment, what it adds up to, and timelines.
#include "fake_api.h"
#include "sitrep/content.h"

static json_t *ask(struct fixture *fixture, const char *target, int status)
{
    struct http_reply reply;
    json_error_t error;

    http_get(fixture->path, target, &reply);
    if (reply.status != status) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    json_t *json = json_loads(reply.body, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s: %s: %s", target, error.text, reply.body);
    }
    http_reply_fini(&reply);
    return json;
}

// As this node, a second after what was before; names count up from be-nccn/1.
static void publish(struct fixture *fixture, const char *kind, const char *fields)
{
    struct http_reply reply;
    char body[2048];

    fake_now_ms += 1000;
    snprintf(body, sizeof body, "{\"kind\":\"%s\",\"text\":\"so\",\"fields\":{%s}}", kind, fields);
    for (char *at = strchr(body, '\''); at != NULL; at = strchr(at, '\'')) {
        *at = '"';
    }
    http_post(fixture->path, "/v1/entries", "application/json", body, &reply);
    if (reply.status != 201) {
        fail_msg("%s: %s", body, reply.body);
    }
    http_reply_fini(&reply);
}

// As the node of the other centre: "nl-kcr2-b/1" and on.
static void publish_there(struct fixture *fixture, const char *body, size_t len)
{
    fake_now_ms += 1000;
    fake_store(
        &fixture->desk,
        &(struct fake_entry){.chain = 1, .content = (const uint8_t *)body, .content_len = len});
}

static void check_list(const json_t *overview, const char *list, const char *name,
                       const char *wanted)
{
    char got[512] = "";
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(overview, list), i, item)
    {
        const size_t len = strlen(got);
        const char *text = json_string_value(json_object_get(item, name));
        snprintf(got + len, sizeof got - len, "%s%s", len == 0 ? "" : " ",
                 text == NULL ? "(null)" : text);
    }
    if (strcmp(got, wanted) != 0) {
        fail_msg("%s: \"%s\", not \"%s\"", list, got, wanted);
    }
}

static int number_of(const json_t *object, const char *name)
{
    assert_true(json_is_integer(json_object_get(object, name)));
    return (int)json_integer_value(json_object_get(object, name));
}

static void test_what_is_open_is_shown(void **state)
{
    struct fixture *fixture = *state;
    static const char offer[] = "\xa2\x64kind\x67journal\x64text\x62no";

    json_t *overview = ask(fixture, "/v1/picture", 200);
    check_list(overview, "incidents", "item", "");
    assert_true(json_is_null(json_object_get(overview, "at")));
    json_decref(overview);

    publish(fixture, "incident", "'name':'Flood'");
    publish(fixture, "incident", "'name':'Fire'");
    publish(fixture, "incident",
            "'name':'Fire','state':'closed','item':'be-nccn/2','supersedes':['be-nccn/2']");
    publish(fixture, "phase", "'authority':'Governor','scheme':'be','level':'provincial'");
    publish(fixture, "measure", "'type':'shelter'");
    publish(fixture, "measure", "'type':'iodine','state':'in-force'"); // 6
    publish(fixture, "request", "'capability':'pump','quantity':10");
    publish(fixture, "offer", "'request':'be-nccn/7','quantity':4");
    publish(fixture, "offer", "'request':'be-nccn/7','quantity':3");
    publish(fixture, "offer",
            "'request':'be-nccn/7','quantity':3,'state':'accepted','item':'be-nccn/9',"
            "'supersedes':['be-nccn/9']");                // 10
    publish(fixture, "report", "'incident':'be-nccn/1'"); // 11
    publish(fixture, "report", "'incident':'be-nccn/1'"); // 12
    publish_there(fixture, offer, sizeof offer - 1);
    overview = ask(fixture, "/v1/picture", 200);
    check_list(overview, "incidents", "item", "be-nccn/1");
    check_list(overview, "phases", "item", "be-nccn/4");
    check_list(overview, "measures", "item", "be-nccn/6");
    check_list(overview, "requests", "item", "be-nccn/7");
    const json_t *request = json_array_get(json_object_get(overview, "requests"), 0);
    assert_int_equal(number_of(request, "wanted"), 10);
    assert_int_equal(number_of(request, "offered"), 4);
    assert_int_equal(number_of(request, "accepted"), 3);
    assert_int_equal(number_of(request, "lacking"), 7);
    check_list(request, "offers", "item", "be-nccn/9 be-nccn/8");
    const json_t *incident = json_array_get(json_object_get(overview, "incidents"), 0);
    check_list(incident, "reports", "name", "be-nccn/12");
    assert_int_equal(number_of(overview, "conflicts"), 0);
    json_decref(overview);
    overview = ask(fixture, "/v1/phases", 200);
    check_list(overview, "phases", "item", "be-nccn/4");
    json_decref(overview);
}

static void test_lists_say_how_many_are_left_out(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 53; i++) {
        publish(fixture, "phase", "'authority':'Governor','scheme':'be','level':'provincial'");
    }
    json_t *overview = ask(fixture, "/v1/phases", 200);
    const json_t *phases = json_object_get(overview, "phases");
    assert_int_equal(json_array_size(phases), 50);
    assert_string_equal(json_string_value(json_object_get(json_array_get(phases, 0), "item")),
                        "be-nccn/53");
    assert_int_equal(number_of(overview, "more_phases"), 3);
    json_decref(overview);
}

static void publish_alert(struct fixture *fixture, const char *identifier, const char *sender,
                          const char *expires, const char *more)
{
    char fields[1024];

    snprintf(fields, sizeof fields,
             "'cap':{'identifier':'%s','sender':'%s','sent':'2025-06-15T15:00:00+00:00',"
             "'info':[{'event':'Flood'%s%s%s}]%s}",
             identifier, sender, *expires == '\0' ? "" : ",'expires':'", expires,
             *expires == '\0' ? "" : "'", more);
    publish(fixture, "alert", fields);
}

#define REFERS(to) ",'references':'other,x,y " to ",2025-06-15T15:00:00+00:00'"

// The clock of these tests begins at 2025-06-15T15:06:40Z.
static void check_alerts(struct fixture *fixture, const char *clock, const char *wanted)
{
    char target[96];

    snprintf(target, sizeof target, "/v1/picture?at=2025-06-15T%sZ", clock);
    json_t *overview = ask(fixture, target, 200);
    check_list(overview, "alerts", "name", wanted);
    json_decref(overview);
}

static void test_alerts_hold_until_they_expire_or_are_replaced(void **state)
{
    struct fixture *fixture = *state;

    publish_alert(fixture, "A", "be", "2025-06-15T19:00:00+02:00", ",'msgType':'Alert'");
    publish_alert(fixture, "B", "be", "2025-06-15T15:00:00+00:00", ",'msgType':'Alert'");
    publish_alert(fixture, "C", "be", "", "");
    publish_alert(fixture, "D", "be", "2025-06-15T18:00:00+00:00", ",'msgType':'Alert'");
    check_alerts(fixture, "15:07:00", "be-nccn/1 be-nccn/3 be-nccn/4");
    publish_alert(fixture, "E", "be", "2025-06-15T18:00:00+00:00",
                  ",'msgType':'Update'" REFERS("be,A"));
    publish_alert(fixture, "F", "be", "", ",'msgType':'Cancel'" REFERS("be,C"));
    publish_alert(fixture, "G", "nl", "", ",'msgType':'Cancel'" REFERS("be,D"));
    publish_alert(fixture, "H", "nl", "2095-06-15T15:00:00+00:00", ",'msgType':'Alert'");
    check_alerts(fixture, "15:07:00", "be-nccn/4 be-nccn/5 be-nccn/8");
    check_alerts(fixture, "15:06:44.500", "be-nccn/1 be-nccn/3 be-nccn/4"); // before E
    check_alerts(fixture, "18:00:00", "be-nccn/8");
    json_t *overview = ask(fixture, "/v1/picture", 200);
    check_list(overview, "alerts", "name", "be-nccn/8");
    json_decref(overview);
}

static void check_sum(const json_t *one, const char *of, const char *number, int least, int most)
{
    const json_t *sums = json_object_get(one, "sums");
    const json_t *sum = json_object_get(of == NULL ? sums : json_object_get(sums, of), number);

    assert_int_equal(number_of(sum, "least"), least);
    assert_int_equal(number_of(sum, "most"), most);
}

static void test_sums_say_what_made_them_up(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "incident", "'name':'Flood'");
    publish(fixture, "report",
            "'incident':'be-nccn/1','period_to':'2025-06-15T12:00:00Z',"
            "'casualties':[{'basis':'to-date','population':{'dead':3}}]");
    publish(fixture, "report",
            "'incident':'be-nccn/1','period_to':'2025-06-15T13:00:00Z',"
            "'casualties':[{'basis':'to-date','population':{'dead':5}}]");
    publish(fixture, "report", "'casualties':[{'basis':'to-date','population':{'dead':1}}]");
    publish(fixture, "resource", "'type':'pump','as_of':'2025-06-15T12:00:00Z','available':4");
    json_t *json = ask(fixture, "/v1/casualties?incident=be-nccn/1", 200);
    const json_t *list = json_object_get(json, "casualties");
    assert_int_equal(json_array_size(list), 1);
    const json_t *incident = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(incident, "title")), "Flood");
    check_sum(incident, "population", "dead", 5, 5);
    const json_t *centre = json_array_get(json_object_get(incident, "centres"), 0);
    check_list(centre, "entries", "name", "be-nccn/2 be-nccn/3");
    const json_t *entry = json_array_get(json_object_get(centre, "entries"), 0);
    check_list(entry, "numbers", "fate", "passed");
    json_decref(json);
    json = ask(fixture, "/v1/casualties", 200);
    assert_int_equal(json_array_size(json_object_get(json, "casualties")), 2);
    json_decref(json);
    json = ask(fixture, "/v1/picture", 200);
    check_list(json, "casualties", "title", "Flood (null)");
    json_decref(json);
    publish(fixture, "incident",
            "'name':'Flood','state':'closed','item':'be-nccn/1','supersedes':['be-nccn/1']");
    json = ask(fixture, "/v1/picture", 200);
    check_list(json, "casualties", "title", "(null)"); // of no incident
    json_decref(json);
    json_decref(ask(fixture, "/v1/casualties?incident=be-nccn/9", 404));
    json_decref(ask(fixture, "/v1/casualties?incident=nonsense", 400));
    json = ask(fixture, "/v1/resources", 200);
    const json_t *type = json_array_get(json_object_get(json, "resources"), 0);
    check_sum(type, NULL, "available", 4, 4);
    assert_null(json_object_get(json_object_get(type, "sums"), "total"));
    json_decref(json);
}

static void test_a_moment_is_what_had_arrived(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "incident", "'name':'Flood'"); // at 15:06:41
    publish(fixture, "incident",
            "'name':'Flood','state':'closed','item':'be-nccn/1','supersedes':['be-nccn/1']");
    json_t *overview = ask(fixture, "/v1/picture", 200);
    check_list(overview, "incidents", "item", "");
    json_decref(overview);
    char at[96];
    const time_t seconds = (time_t)((fake_now_ms - 500) / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(at, sizeof at, "/v1/picture?at=%Y-%m-%dT%H:%M:%SZ", &utc);
    overview = ask(fixture, at, 200);
    check_list(overview, "incidents", "item", "be-nccn/1");
    assert_true(json_is_string(json_object_get(overview, "at")));
    json_decref(overview);
    overview = ask(fixture, "/v1/picture", 200); // as it is, once more
    check_list(overview, "incidents", "item", "");
    json_decref(overview);
    json_decref(ask(fixture, "/v1/picture?at=teatime", 400));
}

// The names of all lines.
static void check_timeline(struct fixture *fixture, const char *name, const char *wanted)
{
    struct http_reply reply;
    char target[128];
    char got[512] = "";

    snprintf(target, sizeof target, "/v1/items/%s/timeline", name);
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.raw, "Content-Type: application/x-ndjson\r\n"));
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *entry = json_loads(line, 0, NULL);
        const size_t len = strlen(got);
        assert_non_null(entry);
        assert_null(json_object_get(entry, "offset_ms"));
        snprintf(got + len, sizeof got - len, "%s%s", len == 0 ? "" : " ",
                 json_string_value(json_object_get(entry, "name")));
        json_decref(entry);
    }
    assert_string_equal(got, wanted);
    http_reply_fini(&reply);
}

static void test_a_timeline_has_all_that_belongs_to_an_incident(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "incident", "'name':'Flood'");       // 1
    publish(fixture, "incident", "'name':'Flood too'");   // 2
    publish(fixture, "report", "'incident':'be-nccn/2'"); // 3
    publish(fixture, "incident",
            "'name':'Flood too','state':'merged','merged_into':'be-nccn/1','item':'be-nccn/2',"
            "'supersedes':['be-nccn/2']");                                                  // 4
    publish(fixture, "request", "'capability':'pump','quantity':1,'incident':'be-nccn/1'"); // 5
    publish(fixture, "journal", "");                                                        // 6
    publish(fixture, "offer", "'request':'be-nccn/5','quantity':1");                        // 7
    publish(fixture, "translation",
            "'into':'fr','translation_of':'be-nccn/3','method':'human'"); // 8
    publish(fixture, "ack", "'of':['be-nccn/7'],'as':'seen'");            // 9
    publish(fixture, "report",
            "'incident':'be-nccn/1','item':'be-nccn/3',"
            "'supersedes':['be-nccn/3']"); // 10
    static const char all[] = "be-nccn/1 be-nccn/2 be-nccn/3 be-nccn/4 be-nccn/5 be-nccn/7 "
                              "be-nccn/8 be-nccn/9 be-nccn/10";
    check_timeline(fixture, "be-nccn/1", all);
    check_timeline(fixture, "be-nccn/4", all);
    check_timeline(fixture, "be-nccn/5", "be-nccn/5 be-nccn/7 be-nccn/9");
    json_decref(ask(fixture, "/v1/items/be-nccn/6/timeline", 404));
    json_decref(ask(fixture, "/v1/items/be-nccn/99/timeline", 404));
    json_decref(ask(fixture, "/v1/items/timeline", 400));
}

static void check_offsets(struct fixture *fixture, const char *wanted)
{
    struct http_reply reply;
    char got[256] = "";

    http_get(fixture->path, "/v1/items/be-nccn/1/timeline", &reply);
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *entry = json_loads(line, 0, NULL);
        const json_t *offset = json_object_get(entry, "offset_ms");
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s %d, ",
                 json_string_value(json_object_get(entry, "name")),
                 (int)json_integer_value(offset));
        assert_true(offset == NULL || json_integer_value(offset) != 0);
        json_decref(entry);
    }
    assert_string_equal(got, wanted);
    http_reply_fini(&reply);
}

static void acknowledge(struct fixture *fixture, int64_t ahead_ms)
{
    uint8_t body[256];
    struct cbor_writer writer;
    struct ref ref = {.author = 0, .epoch = 0, .seq = 1};
    struct record_set set = {0};

    assert_int_equal(store_read(fixture->desk.store, 0, 1, 1, 1, &set), ERR_OK);
    memcpy(ref.tag, set.records[0].id, TAG_LEN);
    record_set_fini(&set);
    cbor_write(&writer, body, sizeof body);
    cbor_put_map(&writer, 3);
    cbor_put_text(&writer, "as", 2);
    cbor_put_text(&writer, "seen", 4);
    cbor_put_text(&writer, "of", 2);
    cbor_put_array(&writer, 1);
    ref_put(&writer, &ref);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "ack", 3);
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = body,
                                                    .content_len = cbor_written(&writer),
                                                    .ahead_ms = ahead_ms});
}

// In the order of clocks, whatever they are.
static void test_a_timeline_tells_of_clocks_that_differ(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "incident", "'name':'Flood'");
    acknowledge(fixture, 4000);
    acknowledge(fixture, 6000);
    acknowledge(fixture, -599 * 1000);
    acknowledge(fixture, -601 * 1000);
    check_offsets(fixture, "nl-kcr2-b/4 601000, nl-kcr2-b/3 0, be-nccn/1 0, nl-kcr2-b/1 0, "
                           "nl-kcr2-b/2 -6000, ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        // The first, as it names moments.
        TEST(test_alerts_hold_until_they_expire_or_are_replaced),
        TEST(test_what_is_open_is_shown),
        TEST(test_lists_say_how_many_are_left_out),
        TEST(test_sums_say_what_made_them_up),
        TEST(test_a_moment_is_what_had_arrived),
        TEST(test_a_timeline_has_all_that_belongs_to_an_incident),
        TEST(test_a_timeline_tells_of_clocks_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
