// SPDX-License-Identifier: EUPL-1.2
// What an engine does otherwise where it was told what the line to a peer passes: pushes what
// became durable, and says less often how it is; and serves what takes long in a message of its
// own. What that is good for, the simulation shows.
#include "solo.h"

enum { PEER = 2, THIN = 2400 };

static void set_line(struct solo *solo, struct link_settings line)
{
    solo_step(solo, (struct event){.type = EVENT_LINE, .peer = PEER, .line = line});
}

static void set_rate(struct solo *solo, uint32_t rate, bool is_own)
{
    set_line(solo, (struct link_settings){.rate = rate, .is_rate_own = is_own});
}

// With a third node, to which the line is thin.
static void begin_thin(struct solo *solo, uint32_t rate)
{
    solo_begin(solo, LOG);
    struct draft *draft = &solo->draft;
    struct roster *before = solo->roster;
    draft_follow(draft, before);
    draft->nodes[PEER] = draft->nodes[AUTHOR];
    draft->nodes[PEER].name = draft_text("lu-hcpn");
    draft->nodes[PEER].signing = draft->signing_keys[PEER + 1];
    draft->nodes[PEER].transport = draft->transport_keys[PEER + 1];
    draft->roster.nodes_count = PEER + 1;
    assert_int_equal(draft_decode(draft, &solo->roster), ERR_OK);
    solo_step(solo, (struct event){.type = EVENT_ROSTER, .roster = solo->roster});
    roster_destroy(&before);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    set_rate(solo, rate, true);
}

// The author brings from..to, and they become durable; what is read to be pushed, or NULL.
static const struct effect_read *take_in(struct solo *solo, uint64_t from, uint64_t to)
{
    solo_bring_run(solo, from, to);
    const uint64_t ticket = solo->effects.persist.ticket;
    assert_true(ticket > 0);
    struct event event = {.type = EVENT_PERSISTED};
    event.persist.ticket = ticket;
    solo_step(solo, event);
    for (size_t i = 0; i < solo->effects.reads_count; i++) {
        const struct effect_read *read = &solo->effects.reads[i];
        if (read->from == from && read->count_max == to - from + 1) {
            return read;
        }
    }
    return NULL;
}

static void answer(struct solo *solo, uint64_t tag, uint64_t from, uint64_t to)
{
    struct record records[LOG];
    solo_make_records(solo, from, to, records);
    struct record *last = &records[to - from];
    last->is_signed = true;
    memcpy(last->signature, solo->signatures[to], SIGNATURE_LEN);
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = tag;
    event.records.records = records;
    event.records.count = to - from + 1;
    solo_step(solo, event);
}

static size_t count_sends(const struct solo *solo, uint32_t peer, enum message_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        const struct effect_send *send = &solo->effects.sends[i];
        struct message_reader reader;
        message_read(&reader, send->bytes);
        if (send->peer == peer && reader.type == type) {
            assert_int_equal(send->lane, type == MESSAGE_RUNS ? ROUTINE : LANE_CONTROL);
            count++;
        }
    }
    return count;
}

static void test_what_follows_is_pushed(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, THIN);
    for (uint64_t from = 1; from < 9; from += 4) {
        const struct effect_read *read = take_in(&solo, from, from + 3);
        assert_non_null(read);
        answer(&solo, read->tag, from, from + 3);
        assert_int_equal(count_sends(&solo, PEER, MESSAGE_RUNS), 1);
        assert_int_equal(count_sends(&solo, AUTHOR, MESSAGE_RUNS), 0);
    }
    // What is ahead of what the peer holds, and not urgent, waits until it is asked for.
    assert_null(take_in(&solo, 20, 24));
    solo_end(&solo);
}

static void test_nothing_is_pushed_over_other_lines(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    assert_null(take_in(&solo, 1, 4));
    set_rate(&solo, THIN, true);
    solo_step(&solo, (struct event){.type = EVENT_PEER_DOWN, .peer = PEER});
    assert_null(take_in(&solo, 5, 8));
    solo_end(&solo);
}

// What is damaged in the store leaves as little as anything else that is not as it was signed.
static void test_what_is_damaged_is_not_pushed(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, THIN);
    const struct effect_read *read = take_in(&solo, 1, 4);
    assert_non_null(read);
    struct record records[4];
    solo_make_records(&solo, 1, 4, records);
    records[3].is_signed = true;
    records[1].time = 2;
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = read->tag;
    event.records.records = records;
    event.records.count = 4;
    solo_step(&solo, event);
    assert_int_equal(count_sends(&solo, PEER, MESSAGE_RUNS), 0);
    solo_end(&solo);
}

static void bring_want(struct solo *solo, uint64_t from, uint64_t to)
{
    const struct message_want want = {.author = AUTHOR, .from = from, .to = to};
    const struct message_wants fixed = {.credit = 65536};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_wants(&writer, &fixed, &want, 1);
    struct event event = {.type = EVENT_FRAME, .peer = PEER};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

// What is read from `from` on to be served is first..to, signed at `first` and at the end; the one
// run that is sent of it.
static void serve(struct solo *solo, uint64_t first, uint64_t to, struct run *run)
{
    struct record records[LOG];
    struct message_reader reader;
    const uint64_t from = solo->effects.reads[0].from;
    solo_make_records(solo, from, to, records);
    for (uint64_t seq = from; seq <= to; seq++) {
        records[seq - from].is_signed = seq == first || seq == to;
        memcpy(records[seq - from].signature, solo->signatures[seq], SIGNATURE_LEN);
    }
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = solo->effects.reads[0].tag;
    event.records.records = records;
    event.records.count = to - from + 1;
    solo_step(solo, event);
    assert_int_equal(count_sends(solo, PEER, MESSAGE_RUNS), 1);
    message_read(&reader, solo->effects.sends[0].bytes);
    message_get_runs(&reader);
    assert_true(message_next_run(&reader, run));
    assert_int_equal(message_finish(&reader), ERR_OK); // there is no other
}

// Else a break would change the message, and nothing of it could go on.
static void test_what_takes_long_goes_alone(void **state)
{
    enum { SHORT = 2, END = 20 };
    (void)state;
    struct solo solo;
    struct run run;
    begin_thin(&solo, PACER_RATE_MIN);
    assert_true((END - SHORT) * sizeof solo_body > pacer_moment_bytes(PACER_RATE_MIN));
    (void)take_in(&solo, 1, END);
    bring_want(&solo, 1, END);
    assert_int_equal(solo.effects.reads_count, 1);
    serve(&solo, SHORT, END, &run);
    assert_int_equal(run.count, SHORT);
    serve(&solo, SHORT, END, &run);
    assert_int_equal(run.count, END - SHORT);
    assert_int_equal(run.prev_len, ID_LEN);
    solo_end(&solo);
}

// Ten minutes of beacons; the peer that has no thin line gets one each second.
static void test_beacons_take_a_fiftieth(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, THIN);
    size_t thin = 0;
    size_t other = 0;
    for (solo.now_ms = 1000; solo.now_ms < 601000; solo.now_ms += 100) {
        solo_step(&solo, (struct event){.type = EVENT_TICK});
        thin += count_sends(&solo, PEER, MESSAGE_BEACON);
        other += count_sends(&solo, AUTHOR, MESSAGE_BEACON);
    }
    assert_in_range(thin, 19, 21); // 180 bytes of 300 x 30
    assert_in_range(other, 590, 610);
    struct peer_status status;
    assert_int_equal(engine_get_peer(solo.engine, PEER, &status), ERR_OK);
    assert_int_equal(status.state, PEER_SILENT);
    // A part of a message is a sign of life.
    solo_step(&solo, (struct event){.type = EVENT_PART, .peer = PEER});
    assert_int_equal(engine_get_peer(solo.engine, PEER, &status), ERR_OK);
    assert_int_equal(status.state, PEER_UNVERIFIED);
    solo_end(&solo);
}

static void push(struct solo *solo, uint64_t from, uint64_t to, size_t *wire_bytes)
{
    const struct effect_read *read = take_in(solo, from, to);
    assert_non_null(read);
    answer(solo, read->tag, from, to);
    assert_int_equal(count_sends(solo, PEER, MESSAGE_RUNS), 1);
    *wire_bytes += pacer_wire_bytes(solo->effects.sends[0].bytes.len);
}

static void bring(struct solo *solo, const struct message_beacon *beacon)
{
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, beacon);
    struct event event = {.type = EVENT_FRAME, .peer = PEER};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

static void bring_beacon(struct solo *solo, uint32_t rate, uint32_t interval_ms)
{
    bring(solo,
          &(struct message_beacon){.roster_version = 1, .rate = rate, .interval_ms = interval_ms});
}

static void expect_peer(const struct solo *solo, enum peer_state state, uint64_t missing_there)
{
    struct peer_status status;
    assert_int_equal(engine_get_peer(solo->engine, PEER, &status), ERR_OK);
    assert_int_equal(status.state, state);
    assert_int_equal(status.missing_there, missing_there);
}

// A beacon that took that round trip.
static void bring_from_afar(struct solo *solo, uint64_t round_trip_ms)
{
    solo->now_ms += 100000;
    bring(solo, &(struct message_beacon){.roster_version = 1,
                                         .time_ms = solo->now_ms,
                                         .echo_ms = solo->now_ms - round_trip_ms});
}

static uint32_t interval_of(const struct solo *solo)
{
    struct peer_status status;
    assert_int_equal(engine_get_peer(solo->engine, PEER, &status), ERR_OK);
    return status.beacon_ms;
}

// One beacon at a time is under way, though nobody was told that the line is far.
static void test_far_beacons_are_apart(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    bring_from_afar(&solo, 600);
    const uint32_t near_ms = interval_of(&solo);
    solo_end(&solo);
    begin_thin(&solo, 0);
    bring_from_afar(&solo, 2000);
    assert_int_equal(interval_of(&solo), 3000);
    bring_from_afar(&solo, 5000); // it was busy for once
    assert_int_equal(interval_of(&solo), 3000);
    bring_from_afar(&solo, 900);
    assert_int_equal(interval_of(&solo), near_ms);
    solo_end(&solo);
    begin_thin(&solo, 0);
    bring_from_afar(&solo, 90000);
    assert_int_equal(interval_of(&solo), 9000);
    solo_end(&solo);
}

// What was sent may wait in a pacer for long, or be lost on the way: a peer holds what it shows.
static void test_what_was_sent_is_not_held(void **state)
{
    (void)state;
    struct solo solo;
    struct engine_status status;
    size_t bytes = 0;
    begin_thin(&solo, THIN);
    bring_beacon(&solo, THIN, 30000);
    expect_peer(&solo, PEER_CONVERGED, 0); // neither has anything
    push(&solo, 1, 4, &bytes);
    expect_peer(&solo, PEER_SYNCING, 4);
    push(&solo, 5, 6, &bytes);
    expect_peer(&solo, PEER_SYNCING, 6);
    engine_get_status(solo.engine, &status);
    struct message_beacon beacon = {.roster_version = 1, .interval_ms = 30000, .rate = THIN};
    memcpy(beacon.fingerprint, status.fingerprint, FINGERPRINT_LEN);
    bring(&solo, &beacon);
    expect_peer(&solo, PEER_CONVERGED, 0);
    push(&solo, 7, 7, &bytes);
    expect_peer(&solo, PEER_SYNCING, 1);
    solo_end(&solo);
}

// A beacon that shows other heads, after so many ms; whether this node tells its own in answer.
static bool tells_heads(struct solo *solo, uint64_t after_ms)
{
    solo->now_ms += after_ms;
    bring_beacon(solo, THIN, 30000);
    bool is_told = count_sends(solo, PEER, MESSAGE_HEADS) > 0;
    solo_step(solo, (struct event){.type = EVENT_TICK});
    return is_told || count_sends(solo, PEER, MESSAGE_HEADS) > 0;
}

// What the line still passes explains that the peer lacks it.
static void test_what_is_on_its_way_explains(void **state)
{
    enum { PAUSE_MS = 8000 }; // a quarter of the beacons' interval, and some
    (void)state;
    struct solo solo;
    size_t bytes = 0;
    begin_thin(&solo, THIN);
    push(&solo, 1, 1, &bytes);
    assert_true(tells_heads(&solo, PAUSE_MS));
    assert_false(tells_heads(&solo, 1000));
    assert_true(tells_heads(&solo, PAUSE_MS));
    bytes = 0;
    for (uint64_t from = 2; from + 15 <= LOG; from += 16) {
        push(&solo, from, from + 15, &bytes);
    }
    const uint64_t passing_ms = bytes * 8000 / THIN;
    assert_true(passing_ms > PAUSE_MS + 1000);
    assert_false(tells_heads(&solo, passing_ms - 100));
    assert_true(tells_heads(&solo, 200));
    solo_end(&solo);
}

// What the last step noted of the line: -1 when nothing.
static int64_t noted_rate(const struct solo *solo)
{
    int64_t rate = -1;
    for (size_t i = 0; i < solo->effects.notes_count; i++) {
        if (solo->effects.notes[i].type == NOTE_LINE) {
            assert_int_equal(rate, -1);
            assert_int_equal(solo->effects.notes[i].peer, PEER);
            rate = solo->effects.notes[i].rate;
        }
    }
    return rate;
}

static void test_a_peers_word_is_noted_once(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    bring_beacon(&solo, THIN, 30000);
    assert_int_equal(noted_rate(&solo), THIN);
    bring_beacon(&solo, THIN, 30000);
    assert_int_equal(noted_rate(&solo), -1);
    bring_beacon(&solo, THIN, 60000);
    assert_int_equal(noted_rate(&solo), -1);
    bring_beacon(&solo, 0, 60000);
    assert_int_equal(noted_rate(&solo), 0);
    bring_beacon(&solo, 4 * THIN, 8000);
    assert_int_equal(noted_rate(&solo), 4 * THIN);
    // Whoever holds the note of a link before hears at the next one whether it still is so.
    solo_step(&solo, (struct event){.type = EVENT_PEER_DOWN, .peer = PEER});
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    bring_beacon(&solo, 0, 0);
    assert_int_equal(noted_rate(&solo), 0);
    bring_beacon(&solo, 0, 0);
    assert_int_equal(noted_rate(&solo), -1);
    solo_end(&solo);
}

// The beacon that goes out in answer to a new setting.
static struct message_beacon told(struct solo *solo, struct link_settings line)
{
    struct message_beacon beacon = {.interval_ms = 0};
    set_line(solo, line);
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        const struct effect_send *send = &solo->effects.sends[i];
        struct message_reader reader;
        message_read(&reader, send->bytes);
        if (send->peer == PEER && reader.type == MESSAGE_BEACON) {
            message_get_beacon(&reader, &beacon);
            assert_int_equal(message_finish(&reader), ERR_OK);
        }
    }
    assert_true(beacon.interval_ms > 0);
    return beacon;
}

static void test_only_what_was_set_here_is_told(void **state)
{
    static const struct {
        struct link_settings line;
        uint32_t rate, interval_ms;
    } rows[] = {
        {{.rate = THIN, .is_rate_own = true}, THIN, 30000},
        {{.rate = THIN}, 0, 30000}, // the peer's own word
        {{.is_rate_own = true}, 0, 1000},
        {{.beacon_ms = 20000}, 0, 20000},
        {{.rate = THIN, .is_rate_own = true, .beacon_ms = 45000}, THIN, 45000},
        {{.rate = THIN, .is_rate_own = true, .beacon_ms = 5000}, THIN, 30000}, // [17.3]
        {{.rate = 2000000, .is_rate_own = true}, 2000000, 1000},
        {{.rate = PACER_RATE_MIN, .is_rate_own = true}, PACER_RATE_MIN, LINK_BEACON_MAX_MS},
    };
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct message_beacon beacon = told(&solo, rows[i].line);
        struct peer_status status;
        assert_int_equal(beacon.rate, rows[i].rate);
        assert_int_equal(beacon.interval_ms, rows[i].interval_ms);
        assert_int_equal(engine_get_peer(solo.engine, PEER, &status), ERR_OK);
        assert_int_equal(status.beacon_ms, rows[i].interval_ms);
        set_line(&solo, rows[i].line); // which the peer knows by now
        assert_int_equal(count_sends(&solo, PEER, MESSAGE_BEACON), 0);
    }
    solo_end(&solo);
}

static enum peer_state state_after(struct solo *solo, uint64_t ms)
{
    struct peer_status status;
    solo->now_ms += ms;
    solo_step(solo, (struct event){.type = EVENT_TICK});
    assert_int_equal(engine_get_peer(solo->engine, PEER, &status), ERR_OK);
    return status.state;
}

// In an exercise a beacon says when to expect the next one, and nothing of the line; nor is
// anything taken from one.
static void test_exercises_leave_lines_alone(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    const struct engine_options options = {
        .is_exercise = true, .roster = solo.roster, .signing_key = &solo.signing};
    engine_destroy(&solo.engine);
    assert_int_equal(engine_create(&solo.engine, &options), ERR_OK);
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    const struct message_beacon beacon =
        told(&solo, (struct link_settings){.rate = THIN, .is_rate_own = true});
    assert_int_equal(beacon.rate, 0);
    assert_int_equal(beacon.interval_ms, 30000);
    bring_beacon(&solo, 2 * THIN, 60000);
    assert_int_equal(noted_rate(&solo), -1);
    assert_int_equal(state_after(&solo, 180000), PEER_CONVERGED);
    assert_int_equal(state_after(&solo, 1), PEER_SILENT);
    solo_end(&solo);
}

// Who says that he will be quiet is not taken for silent; but nobody is for ever.
static void test_silence_goes_by_the_slower_end(void **state)
{
    static const struct {
        uint32_t own_ms, told_ms, silent_ms;
    } rows[] = {
        {0, 0, 3000},           {0, 30000, 90000},      {30000, 0, 90000},
        {20000, 45000, 135000}, {45000, 20000, 135000}, {0, BEACON_INTERVAL_MAX_MS, 1800000},
    };
    (void)state;
    struct solo solo;
    begin_thin(&solo, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_line(&solo, (struct link_settings){.beacon_ms = rows[i].own_ms});
        bring_beacon(&solo, 0, rows[i].told_ms);
        assert_int_equal(state_after(&solo, rows[i].silent_ms), PEER_CONVERGED);
        assert_int_equal(state_after(&solo, 1), PEER_SILENT);
    }
    solo_end(&solo);
}

static size_t beacons_after(struct solo *solo, uint64_t ms)
{
    solo->now_ms += ms;
    solo_step(solo, (struct event){.type = EVENT_TICK});
    return count_sends(solo, PEER, MESSAGE_BEACON);
}

// What became durable is pushed; that it did is told behind it, and once for what follows soon.
static void test_a_beacon_leaves_entries_the_line(void **state)
{
    enum { SOON_MS = 3000 };
    (void)state;
    struct solo solo;
    begin_thin(&solo, THIN);
    (void)beacons_after(&solo, 0);
    assert_int_equal(beacons_after(&solo, 2 * SOON_MS), 0);
    const struct effect_read *read = take_in(&solo, 1, 4);
    assert_non_null(read);
    assert_int_equal(count_sends(&solo, PEER, MESSAGE_BEACON), 0);
    answer(&solo, read->tag, 1, 4);
    assert_int_equal(count_sends(&solo, PEER, MESSAGE_RUNS), 1);
    assert_int_equal(beacons_after(&solo, SOON_MS / 2), 0);
    assert_non_null(take_in(&solo, 5, 8));
    assert_int_equal(beacons_after(&solo, SOON_MS / 2 - 1), 0);
    assert_int_equal(beacons_after(&solo, 1), 1);
    solo_end(&solo);
}

// The line is told again whenever the link comes up.
static void test_the_same_line_again_is_not_told(void **state)
{
    (void)state;
    struct solo solo;
    begin_thin(&solo, THIN);
    (void)beacons_after(&solo, 0);
    set_rate(&solo, THIN, true);
    assert_int_equal(count_sends(&solo, PEER, MESSAGE_BEACON), 0);
    set_rate(&solo, 2 * THIN, true);
    assert_int_equal(count_sends(&solo, PEER, MESSAGE_BEACON), 1);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_far_beacons_are_apart),
        cmocka_unit_test(test_what_follows_is_pushed),
        cmocka_unit_test(test_nothing_is_pushed_over_other_lines),
        cmocka_unit_test(test_what_is_damaged_is_not_pushed),
        cmocka_unit_test(test_what_takes_long_goes_alone),
        cmocka_unit_test(test_beacons_take_a_fiftieth),
        cmocka_unit_test(test_what_was_sent_is_not_held),
        cmocka_unit_test(test_what_is_on_its_way_explains),
        cmocka_unit_test(test_a_peers_word_is_noted_once),
        cmocka_unit_test(test_only_what_was_set_here_is_told),
        cmocka_unit_test(test_exercises_leave_lines_alone),
        cmocka_unit_test(test_silence_goes_by_the_slower_end),
        cmocka_unit_test(test_a_beacon_leaves_entries_the_line),
        cmocka_unit_test(test_the_same_line_again_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
