// SPDX-License-Identifier: EUPL-1.2
// Items over the API: as they stand, with who wrote what, when keys come later, and in what order.
#include "fake_items.h"
#include "sitrep/content.h"

static void test_items_stand_as_their_versions_make_them(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, measure);
    json_t *lines = list(fixture, "");
    assert_int_equal(json_array_size(lines), 1);
    check_versions(json_array_get(lines, 0), "heads", "be-nccn/1 planned");
    json_decref(lines);

    change(fixture, "\"be-nccn/1\"", "in-force");
    change(fixture, "\"be-nccn/1\"", "lifted");
    lines = list(fixture, "");
    const json_t *item = json_array_get(lines, 0);
    assert_string_equal(text_of(item, "item"), "be-nccn/1");
    assert_string_equal(text_of(item, "kind"), "measure");
    assert_true(json_is_true(json_object_get(item, "conflicting")));
    assert_true(json_is_false(json_object_get(item, "gaps")));
    assert_int_equal(json_integer_value(json_object_get(item, "versions")), 3);
    check_versions(item, "heads", "be-nccn/2 in-force, be-nccn/3 lifted");
    assert_null(json_object_get(item, "all"));
    json_decref(lines);

    change(fixture, "\"be-nccn/3\",\"be-nccn/2\"", "lifted");
    json_t *whole = one(fixture, "be-nccn/2", 200);
    assert_true(json_is_false(json_object_get(whole, "conflicting")));
    check_versions(whole, "heads", "be-nccn/4 lifted");
    check_versions(whole, "all",
                   "be-nccn/1 planned, be-nccn/2 in-force, be-nccn/3 lifted, be-nccn/4 lifted");
    const json_t *second = json_array_get(json_object_get(whole, "all"), 1);
    assert_string_equal(text_of(second, "standing"), "counts");
    assert_true(json_is_true(json_object_get(second, "replaced")));
    assert_string_equal(text_of(second, "text"), "Stay inside.");
    assert_string_equal(text_of(json_object_get(second, "fields"), "item"), "be-nccn/1");
    json_decref(whole);
}

// By the node of another centre.
static void test_what_others_write_is_proposed(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;

    publish(fixture, measure);
    publish(fixture, "{\"kind\":\"journal\",\"text\":\"no item\"}");
    change(fixture, "\"be-nccn/1\"", "lifted");
    // The other node says the same as our third entry.
    struct record_set set = {0};
    assert_int_equal(store_read(desk->store, 0, 3, 1, 1, &set), ERR_OK);
    const struct span sealed = {set.records[0].sealed, set.records[0].sealed_len};
    struct header header = {.epoch = 0, .seq = 3};
    struct span content;
    memcpy(header.author, desk->public_key[0], SIGN_KEY_LEN);
    memcpy(header.group, set.records[0].group, TAG_LEN);
    memcpy(header.key, set.records[0].key, TAG_LEN);
    assert_int_equal(seal_open(desk->sealer, &desk->key, &header, sealed, &content), ERR_OK);
    uint8_t *copy = malloc(content.len);
    assert_non_null(copy);
    memcpy(copy, content.bytes, content.len);
    fake_store(desk, &(struct fake_entry){.chain = 1, .content = copy, .content_len = content.len});
    free(copy);
    record_set_fini(&set);

    json_t *whole = one(fixture, "nl-kcr2-b/1", 200);
    check_versions(whole, "heads", "be-nccn/3 lifted");
    check_versions(whole, "proposals", "nl-kcr2-b/1 lifted");
    json_decref(whole);
    json_t *error = one(fixture, "be-nccn/2", 404);
    assert_string_equal(text_of(json_object_get(error, "error"), "code"), "not_found");
    json_decref(error);
    json_decref(one(fixture, "be-nccn/99", 404));
    json_decref(one(fixture, "nonsense", 400));
}

static void refuse(struct fixture *fixture, const char *body, const char *wanted)
{
    const size_t calls = fixture->desk.publish_calls;
    struct http_reply reply;

    http_post(fixture->path, "/v1/entries", "application/json", body, &reply);
    assert_int_equal(reply.status, 400);
    assert_non_null(strstr(reply.body, wanted));
    assert_int_equal(fixture->desk.publish_calls, calls);
    http_reply_fini(&reply);
}

// What would never hold is not published.
static void test_a_misstep_is_refused(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, measure);
    change(fixture, "\"be-nccn/1\"", "lifted");
    refuse(fixture,
           "{\"kind\":\"measure\",\"fields\":{\"type\":\"shelter\",\"state\":\"in-force\","
           "\"item\":\"be-nccn/1\",\"supersedes\":[\"be-nccn/2\"]}}",
           "no step leads there");
    refuse(fixture,
           "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\",\"item\":\"be-nccn/1\","
           "\"supersedes\":[\"be-nccn/1\"]}}",
           "what began something of this kind");
    refuse(fixture,
           "{\"kind\":\"measure\",\"fields\":{\"type\":\"shelter\",\"item\":\"be-nccn/2\","
           "\"supersedes\":[\"be-nccn/2\"]}}",
           "what began something of this kind");
    // At once with what is known: allowed, and seen side by side.
    change(fixture, "\"be-nccn/1\"", "in-force");
    json_t *whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/2 lifted, be-nccn/3 in-force");
    json_decref(whole);
}

// An offer for a measure, or for a later version of a request, would be found by nobody.
static void test_what_is_no_such_item_is_not_named(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, measure);
    publish(fixture, "{\"kind\":\"request\",\"fields\":{\"capability\":\"pump\",\"quantity\":4}}");
    publish(fixture, "{\"kind\":\"request\",\"fields\":{\"capability\":\"pump\",\"quantity\":5,"
                     "\"item\":\"be-nccn/2\",\"supersedes\":[\"be-nccn/2\"]}}");
    refuse(fixture, "{\"kind\":\"offer\",\"fields\":{\"request\":\"be-nccn/1\",\"quantity\":2}}",
           "be-nccn/1 is no request");
    refuse(fixture, "{\"kind\":\"offer\",\"fields\":{\"request\":\"be-nccn/3\",\"quantity\":2}}",
           "be-nccn/3 is a version of be-nccn/2: name that");
    publish(fixture, "{\"kind\":\"offer\",\"fields\":{\"request\":\"be-nccn/2\",\"quantity\":2}}");
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\"}}");
    refuse(fixture,
           "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\",\"item\":\"be-nccn/5\","
           "\"supersedes\":[\"be-nccn/5\"],\"state\":\"merged\",\"merged_into\":\"be-nccn/5\"}}",
           "be-nccn/5 cannot name itself");
}

static void test_a_proposal_is_told(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t assessment[] = "\xa2\x64kind\x6a"
                                        "assessment\x64text\x62no";
    struct http_reply reply;

    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = assessment,
                                                    .content_len = sizeof assessment - 1});
    http_post(fixture->path, "/v1/entries", "application/json",
              "{\"kind\":\"assessment\",\"text\":\"yes\",\"fields\":{\"item\":\"nl-kcr2-b/1\","
              "\"supersedes\":[\"nl-kcr2-b/1\"]}}",
              &reply);
    assert_int_equal(reply.status, 201);
    assert_non_null(strstr(reply.body, "\"proposed\":true"));
    http_reply_fini(&reply);
    settle(fixture, "nl-kcr2-b/1", "nl-kcr2-b/1", 201, "\"proposed\":true");
    publish(fixture, measure);
    settle(fixture, "be-nccn/3", "be-nccn/3", 201, "\"name\":\"be-nccn/4\"}");
}

static void test_an_item_is_settled_on_one_of_its_versions(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, measure);
    change(fixture, "\"be-nccn/1\"", "in-force");
    change(fixture, "\"be-nccn/1\"", "lifted");
    settle(fixture, "be-nccn/1", "be-nccn/1", 409, "one of its versions that hold");
    settle(fixture, "be-nccn/1", "be-nccn/9", 400, "there is no entry be-nccn/9 here");
    settle(fixture, "be-nccn/9", "be-nccn/2", 404, "be-nccn/9");
    settle(fixture, "be-nccn/3", "be-nccn/2", 201, "be-nccn/4");
    json_t *whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/4 in-force");
    const json_t *head = json_array_get(json_object_get(whole, "heads"), 0);
    assert_string_equal(text_of(head, "text"), "Stay inside.");
    const json_t *fields = json_object_get(head, "fields");
    assert_string_equal(text_of(fields, "type"), "shelter");
    assert_int_equal(json_array_size(json_object_get(fields, "supersedes")), 2);
    json_decref(whole);
    // Saying what holds anew is allowed, too.
    settle(fixture, "be-nccn/1", "be-nccn/4", 201, "be-nccn/5");
    whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/5 in-force");
    json_decref(whole);
    struct http_reply reply;
    http_post(fixture->path, "/v1/items/be-nccn/1", "application/json", "{\"drop\":1}", &reply);
    assert_int_equal(reply.status, 400);
    http_reply_fini(&reply);
}

static void test_the_list_is_whole_ordered_and_of_one_kind(void **state)
{
    struct fixture *fixture = *state;
    enum { INCIDENTS = 40 };

    publish(fixture, measure);
    for (int i = 0; i < INCIDENTS; i++) {
        publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\"}}");
    }
    json_t *lines = list(fixture, "");
    assert_int_equal(json_array_size(lines), INCIDENTS + 1);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        char name[32];
        snprintf(name, sizeof name, "be-nccn/%zu", i + 1);
        assert_string_equal(text_of(json_array_get(lines, i), "item"), name);
    }
    json_decref(lines);
    lines = list(fixture, "?kind=measure");
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    lines = list(fixture, "?kind=incident");
    assert_int_equal(json_array_size(lines), INCIDENTS);
    json_decref(lines);
    lines = list(fixture, "?kind=task");
    assert_int_equal(json_array_size(lines), 0);
    json_decref(lines);
    struct http_reply reply;
    http_get(fixture->path, "/v1/items?kind=weather", &reply);
    assert_int_equal(reply.status, 400);
    http_reply_fini(&reply);
}

// "item item ..." of a list, and how many it says that it leaves out.
static void check_items(struct fixture *fixture, const char *query, const char *wanted, int left)
{
    char got[256] = "";
    json_t *lines = list(fixture, query);
    size_t i;
    json_t *line;
    int said = 0;

    json_array_foreach(lines, i, line)
    {
        if (json_object_get(line, "over") != NULL) {
            said = (int)(json_integer_value(json_object_get(line, "over")) +
                         json_integer_value(json_object_get(line, "more")));
            assert_int_equal(i + 1, json_array_size(lines));
            assert_true(said > 0);
            continue;
        }
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i == 0 ? "" : " ",
                 text_of(line, "item"));
    }
    json_decref(lines);
    if (strcmp(got, wanted) != 0 || said != left) {
        fail_msg("%s: \"%s\" and %d left out", query, got, said);
    }
}

static void test_lists_have_what_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    struct http_reply reply;

    publish(fixture, measure);                                                   // 1
    change(fixture, "\"be-nccn/1\"", "in-force");                                // 2
    publish(fixture, measure);                                                   // 3
    change(fixture, "\"be-nccn/1\"", "lifted");                                  // 4
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Flood\"}}"); // 5
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Water\"}}"); // 6
    publish(fixture,
            "{\"kind\":\"task\",\"text\":\"Pump.\",\"fields\":{\"incident\":\"be-nccn/6\"}}");
    fake_now_ms += 1000;
    publish(fixture,
            "{\"kind\":\"task\",\"text\":\"Pump.\",\"fields\":{\"incident\":\"be-nccn/5\"}}");
    check_items(fixture, "?kind=measure&conflicting=1", "be-nccn/1", 0);
    check_items(fixture, "?conflicting=1", "be-nccn/1", 0);
    check_items(fixture, "?open=1", "be-nccn/1 be-nccn/3 be-nccn/5 be-nccn/6 be-nccn/7 be-nccn/8",
                0);
    settle(fixture, "be-nccn/1", "be-nccn/4", 201, "be-nccn/9");
    check_items(fixture, "?conflicting=1", "", 0);
    check_items(fixture, "?open=1&kind=measure", "be-nccn/3", 1);
    check_items(fixture, "?open=0&kind=measure", "be-nccn/1 be-nccn/3", 0);
    check_items(fixture, "?incident=be-nccn/5", "be-nccn/8", 0);
    publish(fixture, "{\"kind\":\"incident\",\"fields\":{\"name\":\"Water\",\"state\":\"merged\","
                     "\"merged_into\":\"be-nccn/5\",\"item\":\"be-nccn/6\","
                     "\"supersedes\":[\"be-nccn/6\"]}}"); // 10
    check_items(fixture, "?incident=be-nccn/5", "be-nccn/7 be-nccn/8", 0);
    check_items(fixture, "?incident=be-nccn/10&kind=task&open=1", "be-nccn/7 be-nccn/8", 0);
    check_items(fixture, "?kind=incident&open=1", "be-nccn/5", 1);
    check_items(fixture, "?kind=task&limit=1", "be-nccn/8", 1);
    check_items(fixture, "?kind=task&limit=2", "be-nccn/7 be-nccn/8", 0);
    check_items(fixture, "?open=1&limit=1", "be-nccn/8", 5);
    http_get(fixture->path, "/v1/items?limit=0", &reply);
    assert_int_equal(reply.status, 400);
    http_reply_fini(&reply);
    http_get(fixture->path, "/v1/items?open=yes", &reply);
    assert_int_equal(reply.status, 400);
    http_reply_fini(&reply);
    http_get(fixture->path, "/v1/items?incident=be-nccn/99", &reply);
    assert_int_equal(reply.status, 404);
    http_reply_fini(&reply);
}

// Settled on what is over, and yet somebody proposes otherwise: it is to be seen, until it is
// settled on what holds.
static void test_what_is_over_and_proposed_otherwise_is_listed(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct record_set set = {0};
    struct cbor_writer writer;
    uint8_t body[128];

    publish(fixture, measure);
    assert_int_equal(store_read(desk->store, 0, 1, 1, 1, &set), ERR_OK);
    struct ref ref = {.author = 0, .seq = 1};
    memcpy(ref.tag, set.records[0].id, TAG_LEN);
    record_set_fini(&set);
    change(fixture, "\"be-nccn/1\"", "lifted");
    check_items(fixture, "?open=1", "", 1);
    check_items(fixture, "?proposed=1", "", 0);
    cbor_write(&writer, body, sizeof body);
    cbor_put_map(&writer, 4);
    cbor_put_text(&writer, "item", 4);
    ref_put(&writer, &ref);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "measure", 7);
    cbor_put_text(&writer, "type", 4);
    cbor_put_text(&writer, "shelter", 7);
    cbor_put_text(&writer, "supersedes", 10);
    cbor_put_array(&writer, 1);
    ref_put(&writer, &ref);
    fake_store(desk, &(struct fake_entry){
                         .chain = 1, .content = body, .content_len = cbor_written(&writer)});
    check_items(fixture, "?open=1", "be-nccn/1", 0);
    publish(fixture, measure);
    check_items(fixture, "?proposed=1", "be-nccn/1", 0);
    settle(fixture, "be-nccn/1", "be-nccn/2", 201, "be-nccn/4");
    check_items(fixture, "?open=1", "be-nccn/3", 1);
    check_items(fixture, "?proposed=1", "", 0);
    json_t *whole = one(fixture, "be-nccn/1", 200);
    check_versions(whole, "heads", "be-nccn/4 lifted");
    check_versions(whole, "proposals", "");
    json_decref(whole);
}

static void check_log(struct fixture *fixture, const char *query, const char *wanted)
{
    struct http_reply reply;
    char target[128];
    char got[256] = "";

    snprintf(target, sizeof target, "/v1/entries?%s", query);
    http_get(fixture->path, target, &reply);
    assert_int_equal(reply.status, 200);
    for (char *line = strtok(reply.body, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *entry = parse(line);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", *got == '\0' ? "" : " ",
                 text_of(entry, "name"));
        json_decref(entry);
    }
    http_reply_fini(&reply);
    assert_string_equal(got, wanted);
}

// What the picture knows to be of another kind is not opened; it makes no difference but in time.
static void test_a_log_of_one_kind_has_all_of_it(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    static const uint8_t unsound[] = "\xa2\x64kind\x67measure\x64type\x01";

    for (int i = 0; i < 40; i++) {
        publish(fixture, "{\"kind\":\"journal\",\"text\":\"quiet\"}");
    }
    publish(fixture, measure);
    fake_store(desk, &(struct fake_entry){.chain = 1}); // of a kind nobody knows
    fake_store(desk, &(struct fake_entry){.chain = 1, .key = &desk->foreign, .is_foreign = true});
    fake_store(desk, &(struct fake_entry){
                         .chain = 1, .content = unsound, .content_len = sizeof unsound - 1});
    publish(fixture, "{\"kind\":\"journal\",\"text\":\"quiet\"}");
    for (int is_read = 0; is_read < 2; is_read++) {
        check_log(fixture, "kind=measure", "be-nccn/41 nl-kcr2-b/3");
        check_log(fixture, "kind=note", "nl-kcr2-b/1");
        check_log(fixture, "kind=contact", "");
        check_log(fixture, "kind=journal&after=39", "be-nccn/40 be-nccn/42");
        check_log(fixture, "kind=measure&limit=1", "be-nccn/41");
        json_decref(list(fixture, "?kind=task")); // the picture is there from now on
    }
    publish(fixture, measure);
    check_log(fixture, "kind=measure", "be-nccn/41 nl-kcr2-b/3 be-nccn/43");
}

static void test_what_cannot_be_read_is_in_no_picture(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t incident[] = "\xa2\x64kind\x68incident\x64name\x65"
                                      "Flood";

    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .key = &fixture->desk.foreign,
                                                    .is_foreign = true,
                                                    .content = incident,
                                                    .content_len = sizeof incident - 1});
    fake_store(
        &fixture->desk,
        &(struct fake_entry){.chain = 1, .content = incident, .content_len = sizeof incident - 1});
    json_t *lines = list(fixture, "");
    assert_int_equal(json_array_size(lines), 1);
    assert_string_equal(text_of(json_array_get(lines, 0), "item"), "nl-kcr2-b/2");
    json_decref(lines);
    json_decref(one(fixture, "nl-kcr2-b/1", 404));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_items_stand_as_their_versions_make_them),
        TEST(test_what_others_write_is_proposed),
        TEST(test_a_misstep_is_refused),
        TEST(test_what_is_no_such_item_is_not_named),
        TEST(test_a_proposal_is_told),
        TEST(test_an_item_is_settled_on_one_of_its_versions),
        TEST(test_the_list_is_whole_ordered_and_of_one_kind),
        TEST(test_lists_have_what_is_asked_for),
        TEST(test_what_is_over_and_proposed_otherwise_is_listed),
        TEST(test_a_log_of_one_kind_has_all_of_it),
        TEST(test_what_cannot_be_read_is_in_no_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
