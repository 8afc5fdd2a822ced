// SPDX-License-Identifier: EUPL-1.2
// A revocation, in every order: the entries before it, after it, astride it; the roster at a start
// and on the way. That nodes agree in the end is the simulation's.
#include "solo.h"

enum { PEER = 2, POINT = 10 };

struct trial {
    struct solo solo;
    struct roster *revoking; // version 2: a third node, and the author revoked at POINT
};

static void begin(struct trial *trial)
{
    solo_begin(&trial->solo, LOG);
    struct draft *draft = &trial->solo.draft;
    draft_follow(draft, trial->solo.roster);
    draft->nodes[PEER] = draft->nodes[AUTHOR];
    draft->nodes[PEER].name = draft_text("lu-hcpn");
    draft->nodes[PEER].signing = draft->signing_keys[PEER + 1];
    draft->nodes[PEER].transport = draft->transport_keys[PEER + 1];
    draft->roster.nodes_count = PEER + 1;
    draft->nodes[AUTHOR].is_revoked = true;
    draft->nodes[AUTHOR].revoked_seq = POINT;
    assert_int_equal(draft_decode(draft, &trial->revoking), ERR_OK);
}

static void end(struct trial *trial)
{
    engine_destroy(&trial->solo.engine);
    roster_destroy(&trial->revoking);
    roster_destroy(&trial->solo.roster);
}

static void revoke(struct trial *trial)
{
    solo_step(&trial->solo, (struct event){.type = EVENT_ROSTER, .roster = trial->revoking});
}

// Version 2 is there from the start; the store held the log up to `head`.
static void begin_again(struct trial *trial, uint64_t head)
{
    struct solo *solo = &trial->solo;
    engine_destroy(&solo->engine);
    const struct engine_options options = {.roster = trial->revoking,
                                           .signing_key = &solo->signing};
    assert_int_equal(engine_create(&solo->engine, &options), ERR_OK);
    if (head > 0) {
        solo_restore(solo, head);
    }
    solo_step(solo, (struct event){.type = EVENT_TICK});
}

static void begin_revoked(struct trial *trial, uint64_t head)
{
    begin(trial);
    begin_again(trial, head);
}

static void answer(struct solo *solo, uint64_t to, uint64_t signed_at)
{
    struct record records[LOG];
    assert_int_equal(solo->effects.reads_count, 1);
    const struct effect_read read = solo->effects.reads[0];
    struct event event = {.type = EVENT_RECORDS};
    to = to - read.from + 1 > read.count_max ? read.from + read.count_max - 1 : to;
    event.records.tag = read.tag;
    event.records.records = records;
    event.records.count = read.from > to ? 0 : to - read.from + 1;
    solo_make_records(solo, read.from, to, records);
    for (size_t i = 0; i < event.records.count; i++) {
        records[i].is_signed = records[i].seq == signed_at;
        memcpy(records[i].signature, solo->signatures[records[i].seq], SIGNATURE_LEN);
    }
    solo_step(solo, event);
}

static void check_counts(const struct solo *solo, uint64_t entries, uint64_t quarantined)
{
    struct engine_status status;
    engine_get_status(solo->engine, &status);
    assert_int_equal(status.entries, entries);
    assert_int_equal(status.quarantined, quarantined);
}

static void fingerprint(const struct solo *solo, uint8_t out[static FINGERPRINT_LEN])
{
    struct engine_status status;
    engine_get_status(solo->engine, &status);
    memcpy(out, status.fingerprint, FINGERPRINT_LEN);
}

// That of a node which never held more than what counts.
static void fingerprint_of_point(uint8_t out[static FINGERPRINT_LEN])
{
    struct solo solo;
    solo_begin(&solo, LOG);
    solo_restore(&solo, POINT);
    fingerprint(&solo, out);
    solo_end(&solo);
}

static void check_fingerprint(const struct solo *solo)
{
    uint8_t wanted[FINGERPRINT_LEN];
    uint8_t got[FINGERPRINT_LEN];
    fingerprint_of_point(wanted);
    fingerprint(solo, got);
    assert_memory_equal(got, wanted, FINGERPRINT_LEN);
}

static void persisted(struct solo *solo)
{
    struct event event = {.type = EVENT_PERSISTED};
    event.persist.ticket = solo->effects.persist.ticket;
    assert_int_not_equal(event.persist.ticket, 0);
    solo_step(solo, event);
}

static void send(struct solo *solo, uint32_t peer, const struct cbor_writer *writer)
{
    struct event event = {.type = EVENT_FRAME, .peer = peer};
    event.frame.bytes = (struct span){writer->start, cbor_written(writer)};
    solo_step(solo, event);
}

static void send_beacon(struct solo *solo, uint32_t peer, const struct roster *roster)
{
    uint8_t buffer[128];
    struct cbor_writer writer;
    struct message_beacon beacon = {.roster_version = roster->version, .time_ms = 1};
    roster_tag(roster, beacon.time_ms, beacon.roster_tag);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    send(solo, peer, &writer);
}

// The peer tells one head of the author's log, and asks for ours.
static void send_head(struct solo *solo, uint64_t seq)
{
    uint8_t buffer[128];
    struct cbor_writer writer;
    const struct message_heads fixed = {.reply = true, .first = 0, .last = NODES_MAX - 1};
    struct message_head head = {.author = AUTHOR, .seq = seq};
    memcpy(head.id, solo->ids[seq], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, &head, 1);
    send(solo, PEER, &writer);
}

// The first message of that type that was sent, or false.
static bool find_sent(const struct solo *solo, uint64_t type, struct message_reader *reader)
{
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        message_read(reader, solo->effects.sends[i].bytes);
        if (reader->type == type) {
            return true;
        }
    }
    return false;
}

static size_t count_refused(const struct solo *solo)
{
    size_t count = 0;
    for (size_t i = 0; i < solo->effects.notes_count; i++) {
        const struct note *note = &solo->effects.notes[i];
        count += note->type == NOTE_REFUSED && note->refusal == REFUSED_REVOKED;
    }
    return count;
}

static void test_what_was_held_before(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial);
    solo_restore(&trial.solo, 40);
    check_counts(&trial.solo, 40, 0);
    revoke(&trial);
    assert_int_equal(trial.solo.effects.reads[0].from, POINT);
    answer(&trial.solo, LOG, 0);
    check_counts(&trial.solo, POINT, 40 - POINT);
    check_fingerprint(&trial.solo);
    assert_int_equal(trial.solo.effects.persist.ticket, 0); // the store keeps what it has
    end(&trial);
}

static void test_a_start_with_entries_beyond(void **state)
{
    (void)state;
    struct trial trial;
    begin_revoked(&trial, 40);
    answer(&trial.solo, LOG, 0);
    check_counts(&trial.solo, POINT, 40 - POINT);
    check_fingerprint(&trial.solo);
    end(&trial);
    begin_revoked(&trial, POINT); // nothing to ask
    assert_int_equal(trial.solo.effects.reads_count, 0);
    check_counts(&trial.solo, POINT, 0);
    check_fingerprint(&trial.solo);
    end(&trial);
}

// The entry behind the last one that counts names it too.
static void test_the_last_that_counts_is_damaged(void **state)
{
    (void)state;
    struct trial trial;
    begin_revoked(&trial, 40);
    assert_int_equal(trial.solo.effects.reads[0].from, POINT);
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = trial.solo.effects.reads[0].tag;
    solo_step(&trial.solo, event);
    const struct effects *effects = &trial.solo.effects;
    const struct effect_read *behind = NULL;
    for (size_t i = 0; i < effects->reads_count; i++) { // beside those of the repair
        behind = effects->reads[i].from == POINT + 1 ? &effects->reads[i] : behind;
    }
    assert_non_null(behind);
    struct record record;
    solo_make_records(&trial.solo, POINT + 1, POINT + 1, &record);
    event.records.tag = behind->tag;
    event.records.records = &record;
    event.records.count = 1;
    solo_step(&trial.solo, event);
    check_counts(&trial.solo, POINT, 40 - POINT);
    check_fingerprint(&trial.solo);
    end(&trial);
}

// Taken whole: its one signature is behind the point.
static void test_a_run_astride(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    begin_revoked(&trial, 0);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    solo_bring_run_by(solo, PEER, 1, POINT + 2);
    assert_int_equal(solo->effects.persist.records_count, POINT + 2);
    assert_int_equal(solo->effects.persist.chains[0].head_seq, POINT + 2);
    persisted(solo);
    const struct note *note = &solo->effects.notes[0];
    assert_int_equal(note->type, NOTE_STORED);
    assert_int_equal(note->seq, POINT);
    assert_int_equal(note->index, POINT);
    assert_int_equal(solo->effects.reads_count, 0); // the id at the point came with it
    check_counts(solo, POINT, 2);
    check_fingerprint(solo);
    solo_bring_run_by(solo, PEER, POINT - 1, POINT + 5); // brings nothing that counts
    assert_int_equal(solo->effects.persist.ticket, 0);
    check_counts(solo, POINT, 2);
    end(&trial);
}

// The entry that is mended with it carried the signature, and does not any more.
static void test_mended_by_a_run_astride(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    begin_revoked(&trial, POINT);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    struct event event = {.type = EVENT_DAMAGED};
    event.damaged.seq = POINT;
    solo_step(solo, event);
    while (solo->effects.reads_count > 0) {
        answer(solo, POINT - 1, 0);
    }
    solo_bring_run_by(solo, PEER, 5, POINT + 2);
    const struct effect_persist *persist = &solo->effects.persist;
    assert_int_equal(persist->records_count, 3);
    assert_int_equal(persist->records[0].seq, POINT);
    assert_false(persist->records[0].is_signed);
    assert_int_equal(persist->records[2].seq, POINT + 2);
    assert_true(persist->records[2].is_signed);
    persisted(solo);
    check_counts(solo, POINT, 2);
    check_fingerprint(solo);
    end(&trial);
}

static void test_a_run_astride_that_was_not_stored(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    begin_revoked(&trial, 0);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    solo_bring_run_by(solo, PEER, 1, POINT + 2);
    struct event event = {.type = EVENT_PERSIST_FAILED};
    event.persist.ticket = solo->effects.persist.ticket;
    event.persist.err = ERR_NO_SPACE;
    solo_step(solo, event);
    check_counts(solo, 0, 0);
    solo_step(solo, (struct event){.type = EVENT_STORE_READY});
    solo_bring_run_by(solo, PEER, 1, POINT + 2);
    persisted(solo);
    check_counts(solo, POINT, 2);
    check_fingerprint(solo);
    end(&trial);
}

// The roster comes between the run and its commit.
static void test_revoked_before_it_was_durable(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    begin(&trial);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    solo_bring_run(solo, 1, POINT + 2);
    uint64_t ticket = solo->effects.persist.ticket;
    revoke(&trial);
    check_counts(solo, 0, 0);
    struct event event = {.type = EVENT_PERSISTED};
    event.persist.ticket = ticket;
    solo_step(solo, event);
    answer(solo, LOG, 0);
    check_counts(solo, POINT, 2);
    check_fingerprint(solo);
    end(&trial);
}

static void test_a_run_beyond(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    begin_revoked(&trial, POINT);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    send_beacon(solo, PEER, solo->roster);
    solo_bring_run_by(solo, PEER, POINT + 1, POINT + 3);
    assert_int_equal(count_refused(solo), 0); // it cannot know
    send_beacon(solo, PEER, trial.revoking);
    solo_bring_run_by(solo, PEER, POINT + 1, POINT + 3);
    assert_int_equal(count_refused(solo), 1);
    assert_int_equal(solo->effects.persist.ticket, 0);
    check_counts(solo, POINT, 0);
    end(&trial);
}

static void test_heads_end_at_the_point(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    struct message_reader reader;
    struct message_heads fixed;
    struct message_head head;
    begin_revoked(&trial, 40);
    answer(solo, LOG, 0);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    send_head(solo, 3);
    assert_true(find_sent(solo, MESSAGE_HEADS, &reader));
    message_get_heads(&reader, &fixed);
    assert_true(message_next_head(&reader, &head));
    assert_int_equal(head.seq, POINT);
    assert_memory_equal(head.id, solo->ids[POINT], TAG_LEN);
    assert_false(message_next_head(&reader, &head));
    send_head(solo, 40); // of one that goes on: it holds what is held here
    assert_false(find_sent(solo, MESSAGE_TRACE, &reader));
    assert_false(find_sent(solo, MESSAGE_WANT, &reader));
    end(&trial);
}

// What a peer with the former roster holds at the point is asked, and then that is fetched.
static void test_a_head_beyond(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    struct message_reader reader;
    struct message_trace trace;
    struct message_wants wants;
    struct message_want want;
    uint8_t buffer[128];
    struct cbor_writer writer;
    begin_revoked(&trial, 3);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    send_head(solo, 40);
    assert_false(find_sent(solo, MESSAGE_WANT, &reader));
    assert_true(find_sent(solo, MESSAGE_TRACE, &reader));
    message_get_trace(&reader, &trace);
    assert_int_equal(trace.to, 40);
    assert_int_equal(trace.at, POINT);
    trace.is_answer = trace.has_id = true;
    memcpy(trace.id, solo->ids[POINT], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_trace(&writer, &trace);
    send(solo, PEER, &writer);
    assert_true(find_sent(solo, MESSAGE_WANT, &reader));
    message_get_wants(&reader, &wants);
    assert_true(message_next_want(&reader, &want));
    assert_int_equal(want.from, 4);
    assert_int_equal(want.to, POINT);
    assert_true(want.has_tip);
    assert_memory_equal(want.tip, solo->ids[POINT], TAG_LEN);
    end(&trial);
}

static void send_want(struct solo *solo, uint64_t from)
{
    const struct message_wants fixed = {.restart = true, .credit = MESSAGE_MAX};
    const struct message_want want = {.author = AUTHOR, .from = from, .to = 40};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_wants(&writer, &fixed, &want, 1);
    send(solo, PEER, &writer);
}

// Served up to the first signature at or behind the point.
static void check_served(uint64_t signed_at, uint64_t last)
{
    struct trial trial;
    struct solo *solo = &trial.solo;
    struct message_reader reader;
    struct run run;
    uint64_t seq = 0;
    begin_revoked(&trial, 40);
    answer(solo, LOG, 0);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    send_want(solo, 1);
    answer(solo, 40, signed_at);
    if (find_sent(solo, MESSAGE_RUNS, &reader)) {
        message_get_runs(&reader);
        while (message_next_run(&reader, &run)) {
            seq = run.seq + run.count - 1;
        }
    }
    assert_int_equal(seq, last);
    end(&trial);
}

static void test_what_is_served(void **state)
{
    (void)state;
    check_served(POINT, POINT);
    check_served(POINT + 2, POINT + 2);
    check_served(RUN_ENTRIES_MAX, RUN_ENTRIES_MAX);
    check_served(RUN_ENTRIES_MAX + 1, 0);
}

// Revoked while the store was asked for what lies beyond: that nothing of it can be sent is no
// damage.
static void test_revoked_while_it_was_read(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    struct record records[10];
    begin(&trial);
    struct roster_node nodes[PEER + 1];
    struct roster revoking = *trial.revoking;
    memcpy(nodes, revoking.nodes, sizeof nodes);
    revoking.nodes = nodes;
    revoking.version = 3;
    trial.revoking->nodes[AUTHOR].is_revoked = false;
    begin_again(&trial, 40);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
    send_want(solo, POINT + 1);
    assert_int_equal(solo->effects.reads_count, 1);
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = solo->effects.reads[0].tag;
    event.records.records = records;
    event.records.count = 10;
    solo_step(solo, (struct event){.type = EVENT_ROSTER, .roster = &revoking});
    solo_make_records(solo, POINT + 1, POINT + 10, records);
    records[9].is_signed = true;
    memcpy(records[9].signature, solo->signatures[POINT + 10], SIGNATURE_LEN);
    solo_step(solo, event);
    assert_int_equal(solo->effects.sends_count, 0);
    assert_int_equal(solo->effects.notes_count, 0);
    assert_int_equal(solo->effects.reads_count, 0);
    end(&trial);
}

static void test_the_revoked_is_no_peer(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    struct peer_status peer;
    begin(&trial);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    send_beacon(solo, AUTHOR, solo->roster);
    assert_int_equal(engine_get_peer(solo->engine, AUTHOR, &peer), ERR_OK);
    assert_int_not_equal(peer.state, PEER_DOWN);
    revoke(&trial);
    assert_int_equal(engine_get_peer(solo->engine, AUTHOR, &peer), ERR_OK);
    assert_int_equal(peer.state, PEER_DOWN);
    solo_bring_run(solo, 1, 3); // on its way when the roster came; it would count
    assert_int_equal(solo->effects.persist.ticket, 0);
    assert_int_equal(solo->effects.sends_count, 0);
    end(&trial);
}

static void test_the_revoked_publishes_nothing(void **state)
{
    (void)state;
    struct trial trial;
    struct solo *solo = &trial.solo;
    const struct publication item = {.content = {(const uint8_t *)"\xa1\x64kind\x61x", 8},
                                     .key = &solo->group};
    struct event event = {.type = EVENT_PUBLISH};
    event.publish.cookie = 7;
    event.publish.items = &item;
    event.publish.count = 1;
    begin(&trial);
    trial.revoking->nodes[0].is_revoked = true;
    trial.revoking->nodes[0].revoked_seq = SEQ_MAX; // all it wrote counts, and it is out
    revoke(&trial);
    solo_step(solo, event);
    assert_int_equal(solo->effects.notes_count, 1);
    assert_int_equal(solo->effects.notes[0].type, NOTE_PUBLISH_FAILED);
    assert_int_equal(solo->effects.notes[0].err, ERR_DENIED);
    struct engine_status status;
    engine_get_status(solo->engine, &status);
    assert_true(status.is_revoked);
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_held_before),
        cmocka_unit_test(test_a_start_with_entries_beyond),
        cmocka_unit_test(test_the_last_that_counts_is_damaged),
        cmocka_unit_test(test_a_run_astride),
        cmocka_unit_test(test_mended_by_a_run_astride),
        cmocka_unit_test(test_a_run_astride_that_was_not_stored),
        cmocka_unit_test(test_revoked_before_it_was_durable),
        cmocka_unit_test(test_a_run_beyond),
        cmocka_unit_test(test_heads_end_at_the_point),
        cmocka_unit_test(test_a_head_beyond),
        cmocka_unit_test(test_what_is_served),
        cmocka_unit_test(test_revoked_while_it_was_read),
        cmocka_unit_test(test_the_revoked_is_no_peer),
        cmocka_unit_test(test_the_revoked_publishes_nothing),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
