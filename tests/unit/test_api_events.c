// SPDX-License-Identifier: EUPL-1.2
// The stream of events over the API: what is told of entries, where it is resumed, who is slow.
#include "fake_events.h"
#include "sim/random.h"

// "name state, ..." of a list of heads.
static void check_heads(const json_t *data, const char *which, const char *wanted)
{
    char got[512] = "";
    size_t i;
    json_t *head;

    json_array_foreach(json_object_get(data, which), i, head)
    {
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s %s", i == 0 ? "" : ", ", text_of(head, "name"),
                 text_of(head, "state"));
    }
    assert_string_equal(got, wanted);
}

static void test_the_state_comes_first_and_then_what_happens(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    size_t at = 0;

    body_begin(&body, "incident");
    body_text(&body, "name", "Flood");
    struct ref incident = write_body(fixture, 0);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    events_await(&reader, 1);
    assert_string_equal(reader.events[0].name, "state");
    assert_string_not_equal(reader.events[0].id, "");
    const json_t *links = json_object_get(reader.events[0].data, "links");
    assert_string_equal(text_of(json_array_get(links, 0), "node"), "nl-kcr2-b");
    assert_string_equal(text_of(json_array_get(links, 0), "state"), "converged");

    begin_measure();
    body_ref(&body, "incident", &incident);
    struct ref item = write_body(fixture, 0);
    struct ref one = change_measure(fixture, 0, &item, &item, 1, "in-force");
    struct ref other = change_measure(fixture, 0, &item, &item, 1, "lifted");
    const json_t *data = events_find(&reader, "new", &at);
    assert_string_equal(text_of(data, "kind"), "measure");
    assert_string_equal(text_of(data, "item"), "be-nccn/2");
    assert_string_equal(text_of(data, "centre"), "be-nccn");
    assert_string_equal(text_of(data, "precedence"), "routine");
    assert_string_equal(text_of(data, "incident"), "be-nccn/1");
    assert_string_equal(text_of(data, "time"), "2025-06-15T15:06:40.000Z");
    data = events_find(&reader, "changed", &at);
    assert_string_equal(text_of(data, "item"), "be-nccn/2");
    assert_string_equal(text_of(data, "incident"), "be-nccn/1");
    check_heads(data, "before", "be-nccn/2 planned");
    check_heads(data, "after", "be-nccn/3 in-force");
    data = events_find(&reader, "conflicting", &at);
    check_heads(data, "after", "be-nccn/3 in-force, be-nccn/4 lifted");

    struct ref both[] = {one, other};
    (void)change_measure(fixture, 0, &item, both, 2, "lifted");
    data = events_find(&reader, "settled", &at);
    check_heads(data, "before", "be-nccn/3 in-force, be-nccn/4 lifted");
    check_heads(data, "after", "be-nccn/5 lifted");
    struct ref five = {.seq = 5};
    memcpy(five.tag, fixture->desk.chains[0].head_id, TAG_LEN);
    (void)change_measure(fixture, 1, &item, &five, 1, "lifted");
    data = events_find(&reader, "proposed", &at);
    assert_string_equal(text_of(data, "name"), "nl-kcr2-b/1");
    check_told(&reader, "new be-nccn/2; changed be-nccn/3; changed be-nccn/4; "
                        "conflicting be-nccn/4; changed be-nccn/5; settled be-nccn/5; "
                        "proposed nl-kcr2-b/1");
    events_close(&reader);

    // Who comes now sees it as it stands.
    events_open(&reader, fixture->path, "/v1/events?space=real", NULL);
    events_await(&reader, 1);
    assert_int_equal(json_integer_value(json_object_get(reader.events[0].data, "conflicts_count")),
                     0);
    events_close(&reader);
}

static void test_what_builds_on_replaced_facts_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    size_t at = 0;

    begin_measure();
    struct ref fact = write_body(fixture, 0);
    body_begin(&body, "report");
    body_refs(&body, "cites", &fact, 1);
    (void)write_body(fixture, 1);
    (void)change_measure(fixture, 0, &fact, &fact, 1, "in-force");
    body_begin(&body, "journal");
    body_text(&body, "text", "as it was");
    body_refs(&body, "cites", &fact, 1);
    (void)write_body(fixture, 0);
    events_open(&reader, fixture->path, "/v1/events?after=0", NULL);
    const json_t *data = events_find(&reader, "outdated", &at);
    assert_string_equal(text_of(data, "name"), "nl-kcr2-b/1");
    assert_string_equal(text_of(data, "base"), "be-nccn/1");
    data = events_find(&reader, "outdated", &at);
    assert_string_equal(text_of(data, "name"), "be-nccn/3");
    check_told(&reader, "new be-nccn/1; new nl-kcr2-b/1; changed be-nccn/2; outdated nl-kcr2-b/1; "
                        "new be-nccn/3; outdated be-nccn/3");
    events_close(&reader);
}

// -- time --

static uint64_t now_ms(void)
{
    return fake_now_ms;
}

static void test_what_is_overdue_is_told_when_its_time_has_passed(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    size_t at = 0;

    body_begin(&body, "report"); // acknowledged in time
    body_count(&body, "ack_by", now_ms() + 60000);
    struct ref report = write_body(fixture, 0);
    body_begin(&body, "report"); // not at all
    body_count(&body, "ack_by", now_ms() + 60001);
    (void)write_body(fixture, 0);
    body_begin(&body, "request"); // open
    body_text(&body, "capability", "pump");
    body_count(&body, "quantity", 4);
    body_count(&body, "deadline", now_ms() + 60002);
    struct ref request = write_body(fixture, 0);
    body_begin(&body, "request"); // closed in time
    body_text(&body, "capability", "boat");
    body_count(&body, "quantity", 4);
    body_count(&body, "deadline", now_ms() + 60000);
    struct ref boats = write_body(fixture, 0);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    events_await(&reader, 1);
    assert_int_equal(json_integer_value(json_object_get(reader.events[0].data, "overdue_count")),
                     0);
    body_begin(&body, "ack");
    body_refs(&body, "of", &report, 1);
    body_text(&body, "as", "seen");
    (void)write_body(fixture, 1);
    body_begin(&body, "request");
    body_text(&body, "capability", "boat");
    body_count(&body, "quantity", 4);
    body_ref(&body, "item", &boats);
    body_refs(&body, "supersedes", &boats, 1);
    body_text(&body, "state", "closed");
    (void)write_body(fixture, 0);
    (void)events_find(&reader, "changed", &at);
    fake_now_ms += 70000;
    const json_t *data = events_find(&reader, "overdue", &at);
    assert_string_equal(text_of(data, "name"), "be-nccn/2");
    assert_string_equal(text_of(data, "wanted"), "ack");
    const json_t *awaited = json_object_get(data, "awaited");
    assert_int_equal(json_array_size(awaited), 1);
    assert_string_equal(json_string_value(json_array_get(awaited, 0)), "nl-kcr2");
    data = events_find(&reader, "overdue", &at);
    assert_string_equal(text_of(data, "name"), "be-nccn/3");
    assert_string_equal(text_of(data, "wanted"), "deadline");

    // More of what is overdue anyway is nothing new; a time that passed before it came is.
    body_begin(&body, "request");
    body_text(&body, "capability", "pump");
    body_count(&body, "quantity", 5);
    body_count(&body, "deadline", now_ms() - 60000);
    body_ref(&body, "item", &request);
    body_refs(&body, "supersedes", &request, 1);
    (void)write_body(fixture, 0);
    body_begin(&body, "report");
    body_count(&body, "ack_by", now_ms() - 50000);
    (void)write_body(fixture, 1);
    data = events_find(&reader, "overdue", &at);
    assert_string_equal(text_of(data, "name"), "nl-kcr2-b/2");
    check_told(&reader, "new nl-kcr2-b/1; changed be-nccn/5; overdue be-nccn/2; overdue be-nccn/3; "
                        "changed be-nccn/6; new nl-kcr2-b/2; overdue nl-kcr2-b/2");
    events_close(&reader);

    // It is told again in the same places.
    struct event_reader again;
    events_open(&again, fixture->path, "/v1/events?after=0", NULL);
    at = 0;
    const json_t *whole = events_find(&again, "state", &at);
    assert_int_equal(json_integer_value(json_object_get(whole, "overdue_count")), 3);
    events_await(&again, 12);
    check_told(&again, "new be-nccn/1; new be-nccn/2; new be-nccn/3; new be-nccn/4; "
                       "new nl-kcr2-b/1; changed be-nccn/5; overdue be-nccn/2; overdue be-nccn/3; "
                       "changed be-nccn/6; new nl-kcr2-b/2; overdue nl-kcr2-b/2");
    events_close(&again);
}

// -- resuming --

enum { CHANGES = 80, HEADS = 3 };

struct item { // as whoever writes knows it
    struct ref began;
    struct ref heads[HEADS];
    size_t count;
};

// Something new, or a change of it from some of what holds, at times from what was replaced long
// ago; with deadlines that pass.
static void write_by_chance(struct fixture *fixture, struct random *random, struct item *items,
                            size_t *count)
{
    const uint32_t node = random_below(random, 2);
    struct item *item = *count == 0 ? NULL : &items[random_below(random, (uint32_t)*count)];
    const bool is_new = item == NULL || random_permille(random, 300);

    body_begin(&body, "incident");
    body_text(&body, "name", "Flood");
    if (random_permille(random, 300)) {
        body_count(&body, "ack_by", now_ms() - 5000 + random_below(random, 30000));
    }
    if (item != NULL && random_permille(random, 200)) {
        body_refs(&body, "cites", &item->began, 1);
    }
    if (is_new) {
        item = &items[(*count)++];
        item->began = item->heads[0] = write_body(fixture, node);
        item->count = 1;
    } else {
        const size_t replaced = 1 + random_below(random, (uint32_t)item->count);
        struct ref from[HEADS];
        memcpy(from, item->heads, sizeof from);
        body_ref(&body, "item", &item->began);
        body_refs(&body, "supersedes", from, replaced);
        const struct ref written = write_body(fixture, node);
        item->heads[item->count < HEADS ? item->count++ : random_below(random, HEADS)] = written;
    }
    fake_now_ms += random_below(random, 4000);
}

static void check_same(const struct read_event *const *wanted, size_t count,
                       const struct event_reader *reader)
{
    static const struct read_event *got[EVENTS_MAX];

    assert_int_equal(events_durable(reader, got), count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(got[i]->id, wanted[i]->id);
        assert_string_equal(got[i]->name, wanted[i]->name);
        assert_true(json_equal(got[i]->data, wanted[i]->data));
    }
}

static size_t count_durable(const struct event_reader *reader)
{
    static const struct read_event *durable[EVENTS_MAX];

    return events_durable(reader, durable);
}

// Reads from `id` on, by the header or the query, until as many have come as there should be.
static void check_rest(struct fixture *fixture, const char *id, bool is_header,
                       const struct read_event *const *wanted, size_t count)
{
    struct event_reader reader;
    char target[160];

    snprintf(target, sizeof target, "/v1/events%s%s",
             is_header ? "" : "?after=", is_header ? "" : id);
    events_open(&reader, fixture->path, target, is_header ? id : NULL);
    while (!events_more(&reader)) { // those that were closed still take up connections
        assert_int_equal(reader.raw_len, 0);
        events_close(&reader);
        events_open(&reader, fixture->path, target, is_header ? id : NULL);
    }
    events_await(&reader, 1);
    assert_string_equal(reader.events[0].name, "state");
    assert_string_equal(reader.events[0].id, ""); // it would else be taken to have read on
    while (count_durable(&reader) < count) {
        assert_true(events_more(&reader));
    }
    check_same(wanted, count, &reader);
    events_close(&reader);
}

static void open_again(struct fixture *fixture)
{
    char why[256];

    api_close(&fixture->api);
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_OK);
}

// As a reader who was there all the time has it, one who was cut off anywhere gets it: nothing is
// lost, nothing comes twice.
static void test_nothing_is_lost_or_twice_wherever_it_is_cut(void **state)
{
    static const struct read_event *wanted[EVENTS_MAX];
    static struct item items[CHANGES];
    struct fixture *fixture = *state;
    struct event_reader live;
    struct random random;
    size_t items_count = 0;
    size_t at = 0;

    random_init(&random, 7);
    events_open(&live, fixture->path, "/v1/events", NULL);
    events_await(&live, 1);
    for (size_t i = 0; i < CHANGES; i++) {
        write_by_chance(fixture, &random, items, &items_count);
        if (random_permille(&random, 200)) { // what passed meanwhile is told before the next comes
            const size_t seen = live.count;
            begin_measure();
            (void)write_body(fixture, 0);
            events_await(&live, seen + 1);
        }
    }
    fake_now_ms += 60000; // whatever is wanted is overdue
    body_begin(&body, "journal");
    body_text(&body, "text", "the end");
    (void)write_body(fixture, 0);
    do {
        (void)events_find(&live, "new", &at);
    } while (strcmp(text_of(live.events[at - 1].data, "kind"), "journal") != 0);
    const size_t count = events_durable(&live, wanted);
    assert_true(count > CHANGES);
    check_rest(fixture, "0", false, wanted, count);
    check_rest(fixture, live.events[0].id, true, wanted, count);
    for (size_t i = 0; i < count; i++) {
        check_rest(fixture, wanted[i]->id, i % 2 == 0, wanted + i + 1, count - i - 1);
    }
    open_again(fixture);
    check_rest(fixture, "0", true, wanted, count);
    for (size_t i = 0; i < count; i += 7) {
        check_rest(fixture, wanted[i]->id, i % 2 == 0, wanted + i + 1, count - i - 1);
    }
    events_close(&live);
}

static void test_since_a_moment(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;

    begin_measure();
    (void)write_body(fixture, 0);
    fake_now_ms = UINT64_C(1800000000000);
    begin_measure();
    (void)write_body(fixture, 0);
    begin_measure();
    (void)write_body(fixture, 0);
    events_open(&reader, fixture->path, "/v1/events?since=2027-01-15T08:00:00Z", NULL);
    events_await(&reader, 3);
    check_told(&reader, "new be-nccn/2; new be-nccn/3");
    events_close(&reader);
    events_open(&reader, fixture->path, "/v1/events?since=2028-01-01T00:00:00Z", NULL);
    events_await(&reader, 1);
    begin_measure();
    (void)write_body(fixture, 0);
    events_await(&reader, 2);
    check_told(&reader, "new be-nccn/4");
    events_close(&reader);
}

static void test_an_id_of_another_store_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    static const char *const strange[] = {"1.1.0-0011223344556677", "77.1.0-0011223344556677"};

    begin_measure();
    (void)write_body(fixture, 0);
    for (size_t i = 0; i < 2; i++) {
        events_open(&reader, fixture->path, "/v1/events", strange[i]);
        events_await(&reader, 2);
        assert_string_equal(reader.events[0].name, "restart");
        assert_string_not_equal(reader.events[0].id, "");
        assert_string_equal(reader.events[1].name, "state");
        assert_string_equal(reader.events[1].id, reader.events[0].id);
        check_told(&reader, "");
        events_close(&reader);
    }
    static const char *const wrong[] = {"",    "x",       "1",
                                        "1.1", "1.1.1-0", "1.1.1-00112233445566778",
                                        "-1",  "0.0.0",   "99999999999999999999.1.1-0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct http_reply reply;
        char target[128];
        snprintf(target, sizeof target, "/v1/events?after=%s", wrong[i]);
        http_get(fixture->path, target, &reply);
        assert_int_equal(reply.status, 400);
        http_reply_fini(&reply);
    }
    struct http_reply reply;
    http_get(fixture->path, "/v1/events?since=yesterday", &reply);
    assert_int_equal(reply.status, 400);
    http_reply_fini(&reply);
}

// It holds nobody up, and is told all the same: what has an id in order, and the rest as it stands.
static void test_who_is_slow_misses_nothing(void **state)
{
    enum { MANY = 1500 }; // more than the ring has, and a socket takes
    static const struct read_event *durable[EVENTS_MAX];
    struct fixture *fixture = *state;
    struct event_reader slow;
    struct event_reader quick;

    events_open(&slow, fixture->path, "/v1/events", NULL);
    events_await(&slow, 1);
    events_open(&quick, fixture->path, "/v1/events", NULL);
    events_await(&quick, 1);
    for (size_t i = 0; i < MANY; i++) {
        begin_measure();
        (void)write_body(fixture, 0);
        if (i % 100 == 99) { // it keeps up
            while (count_durable(&quick) < i + 1) {
                assert_true(events_more(&quick));
            }
        }
    }
    while (count_durable(&slow) < MANY) {
        assert_true(events_more(&slow));
    }
    const size_t count = events_durable(&slow, durable);
    assert_int_equal(count, MANY);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "be-nccn/%zu", i + 1);
        assert_string_equal(text_of(durable[i]->data, "name"), name);
    }
    size_t states = 0;
    for (size_t i = 0; i < slow.count; i++) {
        states += strcmp(slow.events[i].name, "state") == 0 ? 1 : 0;
    }
    assert_in_range(states, 2, 8);
    events_close(&slow);
    events_close(&quick);
}

// -- what is no entry --

static void test_links_are_told_without_an_id(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    size_t at = 0;

    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    fixture->desk.cut[1] = 1;
    const json_t *data = events_find(&reader, "link", &at);
    assert_string_equal(reader.events[at - 1].id, "");
    assert_string_equal(text_of(data, "node"), "nl-kcr2-b");
    assert_string_equal(text_of(data, "before"), "converged");
    assert_string_equal(text_of(data, "state"), "cut");
    struct event_reader other;
    size_t there = 0;
    events_open(&other, fixture->path, "/v1/events", NULL);
    data = json_array_get(json_object_get(events_find(&other, "state", &there), "links"), 0);
    assert_string_equal(text_of(data, "state"), "cut");
    fixture->desk.cut[1] = 0;
    data = events_find(&reader, "link", &at);
    assert_string_equal(text_of(data, "state"), "converged");
    (void)events_find(&other, "link", &there);
    assert_int_equal(there, 2); // not that it was cut: that was told
    events_close(&other);
    events_close(&reader);
}

static void test_forks_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct event_reader reader;
    size_t at = 0;

    begin_measure();
    (void)write_body(fixture, 1);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    fake_branch(desk, 2, 1, 1);
    body_begin(&body, "journal");
    body_text(&body, "text", "another first one");
    const struct span bytes = body_end(&body);
    fake_store(desk,
               &(struct fake_entry){.chain = 2, .content = bytes.bytes, .content_len = bytes.len});
    desk->forks = 1;
    wake(desk);
    const json_t *data = events_find(&reader, "fork", &at);
    assert_string_equal(text_of(data, "node"), "nl-kcr2-b");
    assert_int_equal(json_integer_value(json_object_get(data, "seq")), 1);
    events_close(&reader);
}

static void keep_chain(struct desk *desk, const struct chain *chain)
{
    struct effect_persist persist = {.ticket = ++desk->ticket, .chains = chain, .chains_count = 1};
    struct store_result result = {0};

    assert_int_equal(store_submit(desk->store, &persist), ERR_OK);
    while (store_next_result(desk->store, &result) != ERR_OK) {
        struct pollfd fd = {.fd = store_results_fd(desk->store), .events = POLLIN};
        poll(&fd, 1, -1);
    }
    assert_int_equal(result.err, ERR_OK);
}

// The store has the log of the other node up to `head`, and what it has behind is ahead of a gap.
static void set_head(struct desk *desk, uint64_t head)
{
    struct chain chain = desk->chains[1];

    chain.head_seq = head;
    keep_chain(desk, &chain);
    wake(desk);
}

static void write_ahead(struct desk *desk, uint64_t seq)
{
    begin_measure();
    const struct span bytes = body_end(&body);
    desk->chains[1].head_seq = seq - 1;
    fake_store(desk,
               &(struct fake_entry){
                   .chain = 1, .content = bytes.bytes, .content_len = bytes.len, .is_ahead = true});
}

static void check_gap(const json_t *gap, json_int_t from, json_int_t to)
{
    assert_string_equal(text_of(gap, "node"), "nl-kcr2-b");
    assert_int_equal(json_integer_value(json_object_get(gap, "from")), from);
    assert_int_equal(json_integer_value(json_object_get(gap, "to")), to);
}

static void test_gaps_are_told_when_they_open_and_close(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    struct event_reader reader;
    struct event_reader other;
    size_t at = 0;
    size_t there = 0;

    begin_measure();
    (void)write_body(fixture, 1);
    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    write_ahead(desk, 5); // 2 to 4 are missing
    write_ahead(desk, 8); // and 6 and 7
    set_head(desk, 1);
    desk->ahead = 2;
    const json_t *data = events_find(&reader, "gap", &at);
    check_gap(data, 2, 4);
    assert_true(json_is_true(json_object_get(data, "open")));
    assert_string_equal(reader.events[at - 1].id, "");
    data = events_find(&reader, "gap", &at);
    check_gap(data, 6, 7);
    events_open(&other, fixture->path, "/v1/events", NULL);
    const json_t *gaps = json_object_get(events_find(&other, "state", &there), "gaps");
    assert_int_equal(json_array_size(gaps), 2);
    check_gap(json_array_get(gaps, 0), 2, 4);
    events_close(&other);
    set_head(desk, 5);
    desk->ahead = 1;
    data = events_find(&reader, "gap", &at);
    check_gap(data, 2, 4);
    assert_true(json_is_false(json_object_get(data, "open")));
    desk->ahead = 0;
    data = events_find(&reader, "gap", &at);
    check_gap(data, 6, 7);
    assert_true(json_is_false(json_object_get(data, "open")));
    events_close(&reader);
}

static void write_at(struct fixture *fixture, uint64_t time_ms)
{
    begin_measure();
    const struct span bytes = body_end(&body);
    fake_store(&fixture->desk, &(struct fake_entry){.chain = 1,
                                                    .content = bytes.bytes,
                                                    .content_len = bytes.len,
                                                    .ahead_ms = (int64_t)(time_ms - fake_now_ms)});
    wake(&fixture->desk);
}

static void test_a_clock_that_is_ahead_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    struct event_reader reader;
    size_t at = 0;

    events_open(&reader, fixture->path, "/v1/events", NULL);
    (void)events_find(&reader, "state", &at);
    write_at(fixture, now_ms() + 301000);
    const json_t *data = events_find(&reader, "clock", &at);
    assert_string_equal(text_of(data, "node"), "nl-kcr2-b");
    assert_true(json_is_true(json_object_get(data, "ahead")));
    write_at(fixture, now_ms() + 302000);
    write_at(fixture, now_ms() + 299000);
    data = events_find(&reader, "clock", &at);
    assert_true(json_is_false(json_object_get(data, "ahead")));
    events_close(&reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_state_comes_first_and_then_what_happens),
        TEST(test_what_builds_on_replaced_facts_is_told),
        TEST(test_what_is_overdue_is_told_when_its_time_has_passed),
        TEST(test_nothing_is_lost_or_twice_wherever_it_is_cut),
        TEST(test_since_a_moment),
        TEST(test_an_id_of_another_store_begins_anew),
        TEST(test_who_is_slow_misses_nothing),
        TEST(test_links_are_told_without_an_id),
        TEST(test_forks_are_told),
        TEST(test_gaps_are_told_when_they_open_and_close),
        TEST(test_a_clock_that_is_ahead_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
