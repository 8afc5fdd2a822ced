// SPDX-License-Identifier: EUPL-1.2
// What came long ago and can be read, or counts, only now: the picture has it, and who follows, or
// was away, is told.
#include "fake_events.h"

// -- keys --

static void test_what_is_opened_later_is_told_without_an_id(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct event_reader reader;
    struct event_reader again;
    char id[EVENT_ID_MAX];
    size_t at = 0;
    size_t here = 0;

    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    begin_measure();
    (void)write_entry(fixture, (struct fake_entry){.chain = 1, .is_foreign = true});
    begin_measure();
    (void)write_body(fixture, 0);
    (void)events_find(&reader, "new", &at);
    memcpy(id, reader.events[at - 1].id, sizeof id);
    assert_int_equal(secrets_keep(desk->secrets, &desk->foreign, 1), ERR_OK);
    wake(desk);
    const json_t *data = events_find(&reader, "new", &at);
    assert_string_equal(text_of(data, "name"), "nl-kcr2-b/1");
    assert_true(json_is_true(json_object_get(data, "late")));
    assert_string_equal(reader.events[at - 1].id, "");
    begin_measure();
    (void)write_body(fixture, 0);
    (void)events_find(&reader, "new", &at);

    // Who was away is told the same.
    events_open(&again, fixture->path, "/v1/events", id);
    data = events_find(&again, "new", &here);
    assert_string_equal(text_of(data, "name"), "nl-kcr2-b/1");
    assert_true(json_is_true(json_object_get(data, "late")));
    (void)events_find(&again, "new", &here);
    check_told(&again, "new be-nccn/2");
    events_close(&again);
    // And who had it before is not.
    here = 0;
    memcpy(id, reader.events[at - 1].id, sizeof id);
    events_open(&again, fixture->path, "/v1/events", id);
    (void)events_find(&again, "state", &here);
    begin_measure();
    (void)write_body(fixture, 0);
    data = events_find(&again, "new", &here);
    assert_string_equal(text_of(data, "name"), "be-nccn/3");
    events_close(&again);
    // And who reads it all finds it in its place.
    events_open(&again, fixture->path, "/v1/events?after=0", NULL);
    events_await(&again, 5);
    check_told(&again, "new nl-kcr2-b/1; new be-nccn/1; new be-nccn/2; new be-nccn/3");
    events_close(&again);
    events_close(&reader);
}

static void restart(struct fixture *fixture)
{
    char why[256];

    end_readers(fixture);
    api_close(&fixture->api);
    fixture->desk.is_stopping = false;
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_OK);
}

// The names of what is told as late until something else is.
static void check_late(struct event_reader *reader, const char *wanted)
{
    char got[512] = "";
    size_t at = 0;

    for (;;) {
        const json_t *data = events_find(reader, "new", &at);
        const json_t *late = json_object_get(data, "late");
        const size_t len = strlen(got);
        if (!json_is_true(late)) {
            break;
        }
        assert_string_equal(reader->events[at - 1].id, "");
        snprintf(got + len, sizeof got - len, "%s%s", len == 0 ? "" : " ", text_of(data, "name"));
    }
    assert_string_equal(got, wanted);
}

// Two keys come while nobody reads, one before and one behind a restart: each reader is told what
// it has not seen, and nothing else.
static void test_what_a_former_process_opened_is_told_to_who_was_away(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct group_key other = desk->foreign;
    const uint8_t secret[SECRET_LEN] = {8};
    struct event_reader reader;
    char id[3][EVENT_ID_MAX];
    size_t at = 0;

    group_key_derive(&other, desk->foreign.group, secret);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    for (size_t i = 0; i < 3; i++) {
        if (i == 1) {
            assert_int_equal(secrets_keep(desk->secrets, &other, 1), ERR_OK);
        }
        begin_measure();
        (void)write_entry(fixture, (struct fake_entry){.chain = 1, .is_foreign = true});
        begin_measure();
        (void)write_entry(fixture, (struct fake_entry){.chain = 1, .key = &other});
        begin_measure();
        (void)write_body(fixture, 0);
        do {
            (void)events_find(&reader, "new", &at);
        } while (strcmp(text_of(reader.events[at - 1].data, "centre"), "be-nccn") != 0);
        memcpy(id[i], reader.events[at - 1].id, sizeof id[i]);
    }
    events_close(&reader);
    assert_int_equal(secrets_keep(desk->secrets, &desk->foreign, 1), ERR_OK);
    restart(fixture);

    static const char *const late[] = {"nl-kcr2-b/1 nl-kcr2-b/2", "nl-kcr2-b/1 nl-kcr2-b/3",
                                       "nl-kcr2-b/1 nl-kcr2-b/3 nl-kcr2-b/5"};
    begin_measure();
    (void)write_body(fixture, 0);
    for (size_t i = 0; i < 3; i++) {
        events_open(&reader, fixture->path, "/v1/events", id[i]);
        check_late(&reader, late[i]);
        events_close(&reader);
    }
    // The home is older than the id.
    char *keys = strrchr(id[2], '.') + 1;
    assert_int_equal(*keys, '2');
    *keys = '4';
    events_open(&reader, fixture->path, "/v1/events", id[2]);
    at = 0;
    (void)events_find(&reader, "restart", &at);
    events_close(&reader);
}

// -- what comes back --

// Writes a measure of the first node's, and returns the id under which it is told.
static void write_last(struct fixture *fixture, char id[static EVENT_ID_MAX])
{
    struct event_reader reader;
    size_t at = 0;

    events_open(&reader, fixture->path, "/v1/events?after=0", NULL);
    begin_measure();
    (void)write_body(fixture, 0);
    do {
        (void)events_find(&reader, "new", &at);
    } while (strcmp(text_of(reader.events[at - 1].data, "centre"), "be-nccn") != 0);
    memcpy(id, reader.events[at - 1].id, EVENT_ID_MAX);
    events_close(&reader);
}

static void check_all_in_place(const struct fixture *fixture, const char *wanted, size_t count)
{
    struct event_reader reader;

    events_open(&reader, fixture->path, "/v1/events?after=0", NULL);
    events_await(&reader, count + 1);
    check_told(&reader, wanted);
    events_close(&reader);
}

static void test_what_was_damaged_counts_when_it_is_repaired(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    struct event_reader again;
    char id[EVENT_ID_MAX];
    size_t at = 0;

    begin_measure();
    (void)write_entry(fixture, (struct fake_entry){.chain = 1, .is_damaged = true});
    write_last(fixture, id);
    check_all_in_place(fixture, "new be-nccn/1", 1);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    fake_repair(&fixture->desk, 1, 1);
    wake(&fixture->desk);
    begin_measure();
    (void)write_body(fixture, 0);
    check_late(&reader, "nl-kcr2-b/1");
    events_close(&reader);
    events_open(&again, fixture->path, "/v1/events", id);
    check_late(&again, "nl-kcr2-b/1");
    events_close(&again);
    check_all_in_place(fixture, "new nl-kcr2-b/1; new be-nccn/1; new be-nccn/2", 3);
}

// The point up to which a revoked node counts is moved [5.17].
static void test_what_counts_again_is_told_to_who_was_away(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    char id[EVENT_ID_MAX];

    fake_revoke(&fixture->desk, 1, 1);
    for (size_t i = 0; i < 3; i++) {
        begin_measure();
        (void)write_body(fixture, 1);
    }
    write_last(fixture, id);
    check_all_in_place(fixture, "new nl-kcr2-b/1; new be-nccn/1", 2);
    restart(fixture); // nobody reads while the roster is changed
    check_all_in_place(fixture, "new nl-kcr2-b/1; new be-nccn/1", 2);
    fake_revoke(&fixture->desk, 1, 2);
    begin_measure();
    (void)write_body(fixture, 0);
    events_open(&reader, fixture->path, "/v1/events", id);
    check_late(&reader, "nl-kcr2-b/2");
    events_close(&reader);
    check_all_in_place(fixture, "new nl-kcr2-b/1; new nl-kcr2-b/2; new be-nccn/1; new be-nccn/2",
                       4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_opened_later_is_told_without_an_id),
        TEST(test_what_a_former_process_opened_is_told_to_who_was_away),
        TEST(test_what_was_damaged_counts_when_it_is_repaired),
        TEST(test_what_counts_again_is_told_to_who_was_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
