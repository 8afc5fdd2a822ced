// SPDX-License-Identifier: EUPL-1.2
// What a shift asks over the API: what is new, what the last one left, who answered a test, what
// was measured.
#include "event_reader.h"
#include "fake_items.h"
#include "sitrep/content.h"

#define EVENING_MS UINT64_C(1750000000000) // 2025-06-15T15:06:40Z

static json_t *ask(struct fixture *fixture, const char *target, int status)
{
    struct http_reply reply;

    http_get(fixture->path, target, &reply);
    if (reply.status != status) {
        fail_msg("%s: %d %s", target, reply.status, reply.body);
    }
    json_t *json = parse(reply.body);
    http_reply_fini(&reply);
    return json;
}

static void refuse(struct fixture *fixture, const char *target, int status, const char *wanted)
{
    json_t *json = ask(fixture, target, status);
    const char *message = text_of(json_object_get(json, "error"), "message");

    if (strstr(message, wanted) == NULL) {
        fail_msg("%s: %s", target, message);
    }
    json_decref(json);
}

static json_t *post(struct fixture *fixture, const char *target, const char *body, int status)
{
    struct http_reply reply;

    http_post(fixture->path, target, "application/json", body, &reply);
    if (reply.status != status) {
        fail_msg("%s: %d %s", body, reply.status, reply.body);
    }
    json_t *json = parse(reply.body);
    http_reply_fini(&reply);
    return json;
}

// "item kind: name name; ..." of all that is new.
static void check_news(struct fixture *fixture, const char *query, const char *wanted, int more)
{
    char target[128];
    char got[512] = "";
    size_t i;
    size_t j;
    json_t *group;
    json_t *entry;

    snprintf(target, sizeof target, "/v1/news%s", query);
    json_t *news = ask(fixture, target, 200);
    json_array_foreach(json_object_get(news, "items"), i, group)
    {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s %s:", i == 0 ? "" : "; ",
                 text_of(group, "item"), text_of(group, "kind"));
        json_array_foreach(json_object_get(group, "entries"), j, entry)
        {
            const bool is_version = json_is_string(json_object_get(group, "item"));
            snprintf(got + strlen(got), sizeof got - strlen(got), " %s", text_of(entry, "name"));
            assert_string_equal(text_of(entry, "standing"), is_version ? "counts" : "(none)");
        }
    }
    assert_string_equal(got, wanted);
    assert_int_equal(json_integer_value(json_object_get(news, "more")), more);
    json_decref(news);
}

// By the node of the other centre: "nl-kcr2-b/1" and on.
static void store_there(struct fixture *fixture, const char *content, size_t len, bool is_foreign)
{
    fake_store(&fixture->desk,
               &(struct fake_entry){.chain = 1,
                                    .key = is_foreign ? &fixture->desk.foreign : NULL,
                                    .is_foreign = is_foreign,
                                    .content = (const uint8_t *)content,
                                    .content_len = len});
}

static const char incident[] = "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\"}}";
static const char incident_update[] = "{\"kind\":\"incident\",\"text\":\"rising\",\"fields\":{"
                                      "\"name\":\"Flood\",\"item\":\"be-nccn/1\","
                                      "\"supersedes\":[\"be-nccn/1\"]}}";

static void test_news_are_grouped_by_what_they_are_about(void **state)
{
    struct fixture *fixture = *state;
    static const char receipt[] = "\xa1\x64kind\x67receipt";
    static const char journal[] = "\xa2\x64kind\x67journal\x64text\x62no";

    check_news(fixture, "", "", 0);
    fake_now_ms = EVENING_MS;
    publish(fixture, incident);
    fake_now_ms += 60000;
    store_there(fixture, journal, sizeof journal - 1, false);
    publish(fixture, measure); // be-nccn/2
    store_there(fixture, receipt, sizeof receipt - 1, false);
    store_there(fixture, journal, sizeof journal - 1, true);
    publish(fixture, incident_update); // be-nccn/3
    check_news(fixture, "?since=2025-06-01T00:00:00Z",
               "be-nccn/1 incident: be-nccn/1 be-nccn/3; (none) (none): nl-kcr2-b/1 nl-kcr2-b/3; "
               "be-nccn/2 measure: be-nccn/2",
               0);
    // From the second on which the clock stands when the first had come.
    check_news(fixture, "?since=2025-06-15T15:07:00Z",
               "(none) (none): nl-kcr2-b/1 nl-kcr2-b/3; be-nccn/2 measure: be-nccn/2; "
               "be-nccn/1 incident: be-nccn/3",
               0);
    check_news(fixture, "?since=be-nccn/2",
               "(none) (none): nl-kcr2-b/3; be-nccn/1 incident: be-nccn/3", 0);
    check_news(fixture, "?since=be-nccn/3", "", 0);
    json_t *news = ask(fixture, "/v1/news?since=nl-kcr2-b/2", 200);
    const json_t *sealed = json_array_get(
        json_object_get(json_array_get(json_object_get(news, "items"), 0), "entries"), 0);
    assert_true(json_is_true(json_object_get(sealed, "sealed")));
    assert_string_equal(text_of(news, "last"), "be-nccn/3");
    json_decref(news);
    refuse(fixture, "/v1/news?since=yesterday", 400, "since must be handover");
    refuse(fixture, "/v1/news?since=be-nccn/99", 404, "there is no entry be-nccn/99");
    refuse(fixture, "/v1/news?since=be/nccn/9", 400, "after the slash");
}

// Nothing that could be read tells when they came.
static void test_what_cannot_be_read_is_new_by_when_it_came(void **state)
{
    struct fixture *fixture = *state;
    static const char journal[] = "\xa2\x64kind\x67journal\x64text\x62no";

    fake_now_ms = EVENING_MS;
    store_there(fixture, journal, sizeof journal - 1, true);
    fake_now_ms += 60000;
    store_there(fixture, journal, sizeof journal - 1, true);
    check_news(fixture, "?since=2025-06-01T00:00:00Z", "(none) (none): nl-kcr2-b/1 nl-kcr2-b/2", 0);
    check_news(fixture, "?since=2025-06-15T15:07:00Z", "(none) (none): nl-kcr2-b/2", 0);
}

static void test_much_news_come_in_parts(void **state)
{
    struct fixture *fixture = *state;
    enum { ENTRIES = 505, LINE = 64 };
    char *lines = calloc(ENTRIES, LINE);
    struct http_reply reply;
    size_t len = 0;

    assert_non_null(lines);
    for (int i = 0; i < ENTRIES; i++) {
        len += (size_t)snprintf(lines + len, LINE, "{\"kind\":\"journal\",\"text\":\"%d\"}\n", i);
    }
    http_post(fixture->path, "/v1/entries", "application/x-ndjson", lines, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    free(lines);
    json_t *news = ask(fixture, "/v1/news?since=2025-06-01T00:00:00Z", 200);
    const json_t *group = json_array_get(json_object_get(news, "items"), 0);
    assert_int_equal(json_array_size(json_object_get(group, "entries")), 500);
    assert_int_equal(json_integer_value(json_object_get(news, "more")), 5);
    assert_string_equal(text_of(news, "last"), "be-nccn/500");
    json_decref(news);
    check_news(fixture, "?since=be-nccn/500",
               "(none) (none): be-nccn/501 be-nccn/502 be-nccn/503 be-nccn/504 be-nccn/505", 0);
}

static void check_refs(const json_t *entry, const char *field, const char *wanted)
{
    char got[256] = "";
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(json_object_get(entry, "fields"), field), i, name)
    {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i == 0 ? "" : " ",
                 json_string_value(name));
    }
    assert_string_equal(got, wanted);
}

#define TAKEN "\"taken_at\":\"2025-06-15T15:06:40Z\""

static void test_a_handover_says_what_is_held_and_open(void **state)
{
    struct fixture *fixture = *state;
    static const char journal[] = "\xa2\x64kind\x67journal\x64text\x62no";

    refuse(fixture, "/v1/handover", 404, "has not handed over yet");
    json_decref(post(fixture, "/v1/handover", "{\"fields\":{" TAKEN "}}", 201));
    json_t *first = ask(fixture, "/v1/handover", 200);
    check_refs(first, "complete", "");
    check_refs(first, "open", "");
    json_decref(first);

    publish(fixture, "{\"kind\":\"request\",\"fields\":{\"capability\":\"pump\",\"quantity\":4}}");
    publish(fixture, incident);
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Fire\"}}");
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Fire\",\"state\":\"closed\","
                     "\"item\":\"be-nccn/4\",\"supersedes\":[\"be-nccn/4\"]}}");
    store_there(fixture, journal, sizeof journal - 1, false);
    json_decref(post(fixture, "/v1/handover",
                     "{\"kind\":\"handover\",\"text\":\"Quiet.\",\"fields\":{" TAKEN
                     ",\"points\":[\"Pumps.\"]}}",
                     201));
    json_t *last = ask(fixture, "/v1/handover", 200);
    assert_string_equal(text_of(last, "name"), "be-nccn/6");
    assert_string_equal(text_of(last, "text"), "Quiet.");
    assert_true(json_is_true(json_object_get(last, "verified")));
    check_refs(last, "complete", "be-nccn/5 nl-kcr2-b/1");
    check_refs(last, "open", "be-nccn/2 be-nccn/3");
    check_refs(last, "cites", "");
    check_refs(last, "points", "Pumps.");
    json_decref(last);

    publish(fixture, measure);
    check_news(fixture, "", "be-nccn/7 measure: be-nccn/7", 0);
    json_t *news = ask(fixture, "/v1/news?since=handover", 200);
    assert_string_equal(text_of(news, "handover"), "be-nccn/6");
    json_decref(news);
}

// Told of what is here until the entry came, as "new be-nccn/1; ...".
static void check_told(struct fixture *fixture, const char *until, const char *wanted)
{
    static const struct read_event *told[EVENTS_MAX];
    struct event_reader reader;
    char got[512] = "";
    size_t at = 0;

    events_open(&reader, fixture->path, "/v1/events?after=0", NULL);
    while (strcmp(text_of(events_find(&reader, "new", &at), "name"), until) != 0) {
    }
    const size_t count = events_durable(&reader, told);
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s %s", i == 0 ? "" : "; ", told[i]->name,
                 text_of(told[i]->data, "name"));
    }
    events_close(&reader);
    assert_string_equal(got, wanted);
}

// It says how it was when it was handed over: what becomes of that is no news of the handover, but
// where a person cites it.
static void test_a_handover_is_not_outdated_by_what_was_open(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, incident);
    json_decref(post(fixture, "/v1/handover", "{\"fields\":{" TAKEN "}}", 201));
    json_decref(
        post(fixture, "/v1/handover", "{\"fields\":{" TAKEN ",\"cites\":[\"be-nccn/1\"]}}", 201));
    publish(fixture, incident_update);
    publish(fixture, measure);
    check_told(fixture, "be-nccn/5",
               "new be-nccn/1; new be-nccn/2; new be-nccn/3; changed be-nccn/4; "
               "outdated be-nccn/3; new be-nccn/5");
    json_t *last = ask(fixture, "/v1/handover", 200);
    check_refs(last, "open", "be-nccn/1");
    json_decref(last);
}

// An entry has to hold it, and the thinnest line to pass it.
static void test_a_handover_stays_small(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 70; i++) {
        publish(fixture, i == 0 ? measure : incident);
    }
    json_decref(post(fixture, "/v1/handover", "{\"fields\":{" TAKEN "}}", 201));
    json_t *last = ask(fixture, "/v1/handover", 200);
    const json_t *fields = json_object_get(last, "fields");
    assert_int_equal(json_array_size(json_object_get(fields, "open")), 64);
    json_decref(last);
}

static void test_what_a_handover_says_itself_is_kept(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, incident);
    publish(fixture, measure);
    json_decref(post(fixture, "/v1/handover",
                     "{\"fields\":{" TAKEN ",\"complete\":[],\"cites\":[\"be-nccn/1\"],"
                     "\"open\":[\"be-nccn/2\"]}}",
                     201));
    json_t *last = ask(fixture, "/v1/handover", 200);
    check_refs(last, "complete", "");
    check_refs(last, "cites", "be-nccn/1");
    check_refs(last, "open", "be-nccn/2");
    json_decref(last);
    json_decref(post(fixture, "/v1/handover", "{\"kind\":\"journal\",\"text\":\"x\"}", 400));
    json_decref(post(fixture, "/v1/handover", "{\"fields\":[]}", 400));
    json_decref(post(fixture, "/v1/handover", "{}", 400)); // taken_at is needed
}

// An answer of the other centre, so long after now by its clock.
static void answer_there(struct fixture *fixture, uint64_t seq, int64_t ahead_ms)
{
    struct desk *desk = &fixture->desk;
    struct record_set set = {0};
    struct cbor_writer writer;
    uint8_t body[64];

    assert_int_equal(store_read(desk->store, 0, seq, 1, 1, &set), ERR_OK);
    struct ref ref = {.author = 0, .seq = seq};
    memcpy(ref.tag, set.records[0].id, TAG_LEN);
    record_set_fini(&set);
    cbor_write(&writer, body, sizeof body);
    cbor_put_map(&writer, 2);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "answer", 6);
    cbor_put_text(&writer, "comtest", 7);
    ref_put(&writer, &ref);
    fake_store(desk, &(struct fake_entry){.chain = 1,
                                          .ahead_ms = ahead_ms,
                                          .content = body,
                                          .content_len = cbor_written(&writer)});
}

// "centre answer late, ..."
static void check_answers(struct fixture *fixture, const char *name, const char *wanted)
{
    char target[64];
    char got[256] = "";
    size_t i;
    json_t *row;
    int answered = 0;

    snprintf(target, sizeof target, "/v1/items/%s/answers", name);
    json_t *answers = ask(fixture, target, 200);
    json_array_foreach(json_object_get(answers, "centres"), i, row)
    {
        const bool is_late = json_is_true(json_object_get(row, "late"));
        answered += json_is_true(json_object_get(row, "answered"));
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s %s%s", i == 0 ? "" : ", ",
                 text_of(row, "centre"), text_of(row, "name"), is_late ? " late" : "");
    }
    assert_string_equal(got, wanted);
    assert_int_equal(json_integer_value(json_object_get(answers, "answered")), answered);
    assert_int_equal(json_integer_value(json_object_get(answers, "called")), i);
    json_decref(answers);
}

static void test_a_test_has_a_table_of_answers(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "{\"kind\":\"comtest\",\"fields\":{\"deadline\":\"2025-06-15T15:30:00Z\"}}");
    check_answers(fixture, "be-nccn/1", "be-nccn (none), nl-kcr2 (none)");
    answer_there(fixture, 1, INT64_C(4) * 3600000);
    check_answers(fixture, "be-nccn/1", "be-nccn (none), nl-kcr2 nl-kcr2-b/1 late");
    answer_there(fixture, 1, 0); // in time, though it came later
    publish(fixture,
            "{\"kind\":\"comtest\",\"fields\":{\"deadline\":\"2025-06-15T15:30:00Z\","
            "\"state\":\"closed\",\"item\":\"be-nccn/1\",\"supersedes\":[\"be-nccn/1\"]}}");
    check_answers(fixture, "be-nccn/2", "be-nccn (none), nl-kcr2 nl-kcr2-b/2");

    publish(fixture, "{\"kind\":\"comtest\",\"fields\":{\"deadline\":\"2025-06-15T15:30:00Z\","
                     "\"to\":\"be-nccn\"}}");
    check_answers(fixture, "be-nccn/3", "be-nccn (none)");
    answer_there(fixture, 3, 0); // not called, and answered
    check_answers(fixture, "be-nccn/3", "be-nccn (none), nl-kcr2 nl-kcr2-b/3");
    publish(fixture, measure);
    refuse(fixture, "/v1/items/be-nccn/4/answers", 409,
           "be-nccn/4 is of kind measure, not comtest");
    refuse(fixture, "/v1/items/nl-kcr2-b/1/answers", 404, "is no version of anything");
    refuse(fixture, "/v1/items/be-nccn/9/answers", 404, "there is no entry be-nccn/9");
}

static void measured(struct fixture *fixture, const char *quantity, const char *more)
{
    char body[256];

    fake_now_ms += 1000;
    snprintf(body, sizeof body,
             "{\"kind\":\"measurement\",\"fields\":{\"station\":\"be-nccn/1\",\"quantity\":\"%s\","
             "\"value\":3.4,\"unit\":\"m\"%s}}",
             quantity, more);
    publish(fixture, body);
}

static void check_series(struct fixture *fixture, const char *query, const char *wanted)
{
    char target[64];
    char got[256] = "";
    size_t i;
    json_t *entry;

    snprintf(target, sizeof target, "/v1/items/be-nccn/1/series%s", query);
    json_t *series = ask(fixture, target, 200);
    json_array_foreach(json_object_get(series, "measurements"), i, entry)
    {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i == 0 ? "" : " ",
                 text_of(entry, "name"));
    }
    assert_string_equal(got, wanted);
    assert_int_equal(json_integer_value(json_object_get(series, "more")), 0);
    json_decref(series);
}

static void test_a_series_is_in_the_order_of_when_it_was_so(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, "{\"kind\":\"station\",\"fields\":{\"name\":\"Eijsden\"}}");
    check_series(fixture, "", "");
    measured(fixture, "water-level", "");
    measured(fixture, "water-level", ",\"observed\":\"2025-03-01T12:00:00Z\"");
    measured(fixture, "flow", ",\"observed\":\"2025-03-01T11:00:00Z\"");
    measured(fixture, "water-level", "");
    publish(fixture, measure);
    check_series(fixture, "", "be-nccn/4 be-nccn/3 be-nccn/2 be-nccn/5");
    check_series(fixture, "?quantity=water-level", "be-nccn/3 be-nccn/2 be-nccn/5");
    check_series(fixture, "?quantity=water", "");
    refuse(fixture, "/v1/items/be-nccn/6/series", 409, "be-nccn/6 is of kind measure, not station");
}

// Contacts, and how many versions hold of each.
static void check_contacts(struct fixture *fixture, const char *wanted)
{
    char got[256] = "";
    json_t *lines = list(fixture, "?kind=contact");
    size_t i;
    json_t *item;

    json_array_foreach(lines, i, item)
    {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s %zu", i == 0 ? "" : ", ",
                 text_of(item, "item"), json_array_size(json_object_get(item, "heads")));
    }
    json_decref(lines);
    assert_string_equal(got, wanted);
}

#define SET(function, more) "{\"fields\":{\"function\":\"" function "\"" more "}}"

static void test_a_contact_is_replaced_by_its_function(void **state)
{
    struct fixture *fixture = *state;
    static const char there[] = "\xa2\x64kind\x67"
                                "contact\x68"
                                "function\x64"
                                "desk";

    store_there(fixture, there, sizeof there - 1, false);
    json_decref(post(fixture, "/v1/contacts", SET("desk", ",\"mail\":[\"a\"]"), 201));
    json_decref(post(fixture, "/v1/contacts", SET("mayor", ",\"name\":\"x\""), 201));
    check_contacts(fixture, "be-nccn/1 1, be-nccn/2 1, nl-kcr2-b/1 1");
    json_decref(post(fixture, "/v1/contacts", SET("Desk", ",\"name\":\"y\""), 201));
    json_t *whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/3 (none)");
    const json_t *fields =
        json_object_get(json_array_get(json_object_get(whole, "heads"), 0), "fields");
    assert_string_equal(text_of(fields, "function"), "Desk");
    assert_null(json_object_get(fields, "mail"));
    json_decref(whole);
    // What contradicts itself is replaced together.
    publish(fixture, "{\"kind\":\"contact\",\"fields\":{\"function\":\"desk\","
                     "\"item\":\"be-nccn/1\",\"supersedes\":[\"be-nccn/1\"]}}");
    json_decref(post(fixture, "/v1/contacts", SET("DESK", ""), 201));
    whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/5 (none)");
    json_decref(whole);
    json_decref(post(fixture, "/v1/contacts", "{\"fields\":{\"name\":\"x\"}}", 400));
    json_decref(post(fixture, "/v1/contacts", SET("desk", ",\"item\":\"be-nccn/1\""), 400));
    json_decref(post(fixture, "/v1/contacts",
                     "{\"group\":\"police\",\"fields\":{\"function\":\"desk\"}}", 404));
}

static void report(struct fixture *fixture, const char *fields)
{
    char body[256];

    fake_now_ms += 1000;
    snprintf(body, sizeof body, "{\"kind\":\"report\",\"text\":\"so\",\"fields\":{%s}}", fields);
    publish(fixture, body);
}

static void check_last_report(struct fixture *fixture, const char *query, const char *wanted)
{
    char target[64];

    snprintf(target, sizeof target, "/v1/reports/last%s", query);
    json_t *last = ask(fixture, target, 200);
    assert_string_equal(text_of(last, "name"), wanted);
    json_decref(last);
}

static void test_the_next_report_begins_with_the_last(void **state)
{
    struct fixture *fixture = *state;
    static const char there[] = "\xa3\x64kind\x66report\x64text\x62no\x66number\x18\x63";

    refuse(fixture, "/v1/reports/last?type=situation", 404, "no report of type situation");
    report(fixture, "\"type\":\"situation\",\"number\":1");
    report(fixture, "\"type\":\"situation\",\"number\":2");
    report(fixture, "");
    report(fixture, "\"type\":\"situation\",\"number\":1,\"item\":\"be-nccn/1\","
                    "\"supersedes\":[\"be-nccn/1\"]"); // corrected after the second was sent
    store_there(fixture, there, sizeof there - 1, false);
    check_last_report(fixture, "?type=situation", "be-nccn/2");
    check_last_report(fixture, "", "be-nccn/3");
    report(fixture, "\"type\":\"situation\",\"number\":2,\"state\":\"withdrawn\","
                    "\"item\":\"be-nccn/2\",\"supersedes\":[\"be-nccn/2\"]");
    check_last_report(fixture, "?type=situation", "be-nccn/4");
    report(fixture, "\"number\":7");
    report(fixture, "\"number\":7");
    check_last_report(fixture, "?type=observation", "be-nccn/7");
}

static void check_awaited(struct fixture *fixture, size_t shown, int more, const char *first)
{
    json_t *json = ask(fixture, "/v1/deliveries", 200);
    const json_t *awaited = json_object_get(json, "awaited");

    assert_int_equal(json_array_size(awaited), shown);
    assert_int_equal(json_integer_value(json_object_get(json, "more")), more);
    assert_string_equal(text_of(json_array_get(awaited, 0), "name"), first);
    json_decref(json);
}

// Those that have waited longest are listed, and the others counted.
static void test_what_is_awaited_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    enum { ENTRIES = 503, SIZE = 128 };
    char *lines = calloc(ENTRIES, SIZE);
    struct http_reply reply;
    size_t len = 0;

    assert_non_null(lines);
    check_awaited(fixture, 0, 0, "(none)");
    publish(fixture, "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"ack_by\":2000}}");
    for (int i = 0; i < ENTRIES; i++) {
        len += (size_t)snprintf(
            lines + len, SIZE, "{\"kind\":\"journal\",\"text\":\"x\",\"fields\":{\"ack_by\":%d}}\n",
            3000 - i);
    }
    http_post(fixture->path, "/v1/entries", "application/x-ndjson", lines, &reply);
    assert_int_equal(reply.status, 201);
    http_reply_fini(&reply);
    free(lines);
    check_awaited(fixture, 500, 4, "be-nccn/1");
    json_t *json = ask(fixture, "/v1/deliveries", 200);
    const json_t *last = json_array_get(json_object_get(json, "awaited"), 499);
    assert_string_equal(text_of(last, "name"), "be-nccn/6");
    json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_news_are_grouped_by_what_they_are_about),
        TEST(test_what_cannot_be_read_is_new_by_when_it_came),
        TEST(test_much_news_come_in_parts),
        TEST(test_a_handover_says_what_is_held_and_open),
        TEST(test_a_handover_is_not_outdated_by_what_was_open),
        TEST(test_a_handover_stays_small),
        TEST(test_what_a_handover_says_itself_is_kept),
        TEST(test_a_test_has_a_table_of_answers),
        TEST(test_a_contact_is_replaced_by_its_function),
        TEST(test_the_next_report_begins_with_the_last),
        TEST(test_what_is_awaited_is_bounded),
        TEST(test_a_series_is_in_the_order_of_when_it_was_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
