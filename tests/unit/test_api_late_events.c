// SPDX-License-Identifier: EUPL-1.2
// What came long ago and can be read, or counts, only now: the picture has it, and who follows, or
// was away, is told.
#include "fake_events.h"
#include "sim/random.h"

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

// -- by chance --

enum { STEPS = 80, KEYS = 4 };

struct told_names {
    bool has[AUTHORS][STEPS + 2]; // by author and seq
};

struct cut { // where a reader may have left
    char id[EVENT_ID_MAX];
    struct told_names told; // by then
};

struct chances {
    struct fixture *fixture;
    struct random random;
    struct group_key keys[KEYS];
    size_t keys_kept;
    uint64_t damaged[STEPS]; // seqs of the second node's
    size_t damaged_count;
    bool has_damage; // else the node is restarted
    struct event_reader reader;
    size_t read;
    struct told_names told;
    struct cut cuts[2 * STEPS];
    size_t cuts_count;
};

static void note_told(struct told_names *told, const struct read_event *event)
{
    const char *name = text_of(event->data, "name");
    const char *slash = strchr(name, '/');

    if (strcmp(event->name, "new") == 0 && slash != NULL) {
        told->has[name[0] == 'n'][strtoul(slash + 1, NULL, 10)] = true;
    }
}

// Reads on until the last entry of the first node is told.
static void follow(struct chances *chances, bool may_be_cut)
{
    const uint64_t last = chances->fixture->desk.chains[0].head_seq;

    while (!chances->told.has[0][last]) {
        events_await(&chances->reader, chances->read + 1);
        const struct read_event *event = &chances->reader.events[chances->read++];
        note_told(&chances->told, event);
        if (may_be_cut && event->id[0] != '\0') {
            struct cut *cut = &chances->cuts[chances->cuts_count++];
            memcpy(cut->id, event->id, sizeof cut->id);
            cut->told = chances->told;
        }
    }
}

static void begin_again(struct chances *chances)
{
    const struct cut last = chances->cuts[chances->cuts_count - 1];

    events_close(&chances->reader);
    restart(chances->fixture);
    events_open(&chances->reader, chances->fixture->path, "/v1/events", last.id);
    chances->read = 0;
}

static void keep_key(struct chances *chances)
{
    if (chances->keys_kept < KEYS) {
        assert_int_equal(
            secrets_keep(chances->fixture->desk.secrets, &chances->keys[chances->keys_kept++], 1),
            ERR_OK);
    }
}

static void repair_one(struct chances *chances)
{
    if (chances->damaged_count > 0) {
        fake_repair(&chances->fixture->desk, 1, chances->damaged[--chances->damaged_count]);
    }
}

static void take_step(struct chances *chances)
{
    struct fake_entry entry = {.chain = 1};

    switch (random_below(&chances->random, 8)) {
    case 0:
        keep_key(chances);
        return;
    case 1:
        repair_one(chances);
        return;
    case 2:
        if (!chances->has_damage && chances->cuts_count > 0) {
            begin_again(chances);
        }
        return;
    case 3:
        begin_measure();
        (void)write_body(chances->fixture, 0);
        follow(chances, true);
        return;
    case 4:
        entry.is_damaged = chances->has_damage;
        break;
    default:
        entry.key = &chances->keys[random_below(&chances->random, KEYS)];
    }
    begin_measure();
    const struct ref ref = write_entry(chances->fixture, entry);
    if (entry.is_damaged) {
        chances->damaged[chances->damaged_count++] = ref.seq;
    }
}

static void check_all_told(const struct chances *chances, const struct told_names *told)
{
    for (size_t author = 0; author < AUTHORS; author++) {
        for (uint64_t seq = 1; seq <= chances->fixture->desk.chains[author].head_seq; seq++) {
            assert_true(told->has[author][seq]);
        }
    }
}

static void take_chances(struct fixture *fixture, bool has_damage)
{
    struct chances *chances = calloc(1, sizeof *chances);

    assert_non_null(chances);
    chances->fixture = fixture;
    chances->has_damage = has_damage;
    random_init(&chances->random, has_damage ? 3 : 4);
    for (uint8_t i = 0; i < KEYS; i++) {
        const uint8_t secret[SECRET_LEN] = {i + 1};
        group_key_derive(&chances->keys[i], fixture->desk.foreign.group, secret);
    }
    events_open(&chances->reader, fixture->path, "/v1/events?after=0", NULL);
    for (size_t i = 0; i < STEPS; i++) {
        take_step(chances);
    }
    while (chances->keys_kept < KEYS || chances->damaged_count > 0) {
        keep_key(chances);
        repair_one(chances);
    }
    begin_measure();
    (void)write_body(fixture, 0);
    follow(chances, true);
    check_all_told(chances, &chances->told);
    assert_true(chances->cuts_count > 5);
    for (size_t i = 0; i + 1 < chances->cuts_count; i++) { // the last one was told all
        const struct cut *cut = &chances->cuts[i];
        events_close(&chances->reader);
        events_open(&chances->reader, fixture->path, "/v1/events", cut->id);
        chances->read = 0;
        chances->told = cut->told;
        follow(chances, false);
        check_all_told(chances, &chances->told);
    }
    events_close(&chances->reader);
    free(chances);
}

// Wherever a reader left, with what it is told when it comes back it has been told everything.
static void test_who_comes_back_has_been_told_all(void **state)
{
    take_chances(*state, false);
}

static void test_who_comes_back_has_been_told_all_that_was_damaged(void **state)
{
    take_chances(*state, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_opened_later_is_told_without_an_id),
        TEST(test_what_a_former_process_opened_is_told_to_who_was_away),
        TEST(test_what_was_damaged_counts_when_it_is_repaired),
        TEST(test_what_counts_again_is_told_to_who_was_away),
        TEST(test_who_comes_back_has_been_told_all),
        TEST(test_who_comes_back_has_been_told_all_that_was_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
