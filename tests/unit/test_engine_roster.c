// SPDX-License-Identifier: EUPL-1.2
// What the engine tells and asks of rosters [8.2, 8.8]. Which of them are valid is the shell's
// business and trust's.
#include "solo.h"

enum { PEER = AUTHOR };

static void bring(struct solo *solo, const struct cbor_writer *writer)
{
    struct event event = {.type = EVENT_FRAME, .peer = PEER};
    event.frame.bytes = (struct span){writer->start, cbor_written(writer)};
    solo_step(solo, event);
}

// The peer says that it holds this version, and has that roster in force.
static void bring_beacon(struct solo *solo, uint64_t version, const struct roster *roster)
{
    struct message_beacon beacon = {.roster_version = version, .time_ms = 77};
    uint8_t buffer[128];
    struct cbor_writer writer;
    roster_tag(roster, beacon.time_ms, beacon.roster_tag);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    bring(solo, &writer);
}

static void bring_told(struct solo *solo, const uint8_t (*hashes)[ID_LEN], size_t count)
{
    uint8_t buffer[512];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_roster_is(&writer, hashes, count);
    bring(solo, &writer);
}

static void bring_want(struct solo *solo, const struct message_roster_want *want)
{
    uint8_t buffer[64];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_roster_want(&writer, want);
    bring(solo, &writer);
}

// The first message of that type that was sent to the peer.
static bool find_sent(const struct solo *solo, enum message_type type,
                      struct message_reader *reader)
{
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        const struct effect_send *send = &solo->effects.sends[i];
        message_read(reader, send->bytes);
        if (send->peer == PEER && reader->type == type) {
            return true;
        }
    }
    return false;
}

static const struct note *find_note(const struct solo *solo, enum note_type type)
{
    for (size_t i = 0; i < solo->effects.notes_count; i++) {
        if (solo->effects.notes[i].type == type) {
            return &solo->effects.notes[i];
        }
    }
    return NULL;
}

static void begin(struct solo *solo)
{
    solo_begin(solo, 16);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = PEER});
}

// Another roster of the same version: only its hash matters here.
static struct roster make_rival(const struct solo *solo)
{
    struct roster rival = *solo->roster;
    rival.hash[0] ^= 1;
    return rival;
}

static void test_the_same_is_not_told(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    begin(&solo);
    bring_beacon(&solo, 1, solo.roster);
    assert_false(find_sent(&solo, MESSAGE_ROSTER_IS, &reader));
    assert_false(find_sent(&solo, MESSAGE_ROSTER_WANT, &reader));
    solo_end(&solo);
}

static void test_another_of_the_same_version_is_told(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    struct message_roster_is is;
    begin(&solo);
    const struct roster rival = make_rival(&solo);
    bring_beacon(&solo, 1, &rival);
    assert_true(find_sent(&solo, MESSAGE_ROSTER_IS, &reader));
    message_get_roster_is(&reader, &is);
    assert_int_equal(message_finish(&reader), ERR_OK);
    assert_int_equal(is.count, 1);
    assert_memory_equal(is.hashes[0], solo.roster->hash, ID_LEN);
    solo_end(&solo);
}

static void test_rivals_are_told(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    struct message_roster_is is;
    begin(&solo);
    const struct roster rival = make_rival(&solo);
    const struct roster *rivals[] = {solo.roster, &rival};
    const uint8_t parents[2][ID_LEN] = {{1}, {2}};
    struct roster standing = *solo.roster;
    standing.rivals = rivals;
    standing.rivals_count = standing.parents_count = 2;
    standing.parents = parents;
    solo_step(&solo, (struct event){.type = EVENT_ROSTER, .roster = &standing});
    bring_beacon(&solo, 1, &rival);
    assert_true(find_sent(&solo, MESSAGE_ROSTER_IS, &reader));
    message_get_roster_is(&reader, &is);
    assert_int_equal(is.count, 2);
    assert_memory_equal(is.hashes, parents, sizeof parents);
    // Nobody signed what stands, so nobody is given it: the shell has the rivals.
    bring_want(&solo, &(struct message_roster_want){.version = 1});
    assert_false(find_sent(&solo, MESSAGE_ROSTER, &reader));
    assert_non_null(find_note(&solo, NOTE_ROSTER_WANTED));
    solo_end(&solo);
}

static void test_a_higher_version_comes_first(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    struct message_roster_want want;
    begin(&solo);
    const struct roster rival = make_rival(&solo);
    bring_beacon(&solo, 9, &rival);
    assert_false(find_sent(&solo, MESSAGE_ROSTER_IS, &reader));
    assert_true(find_sent(&solo, MESSAGE_ROSTER_WANT, &reader));
    message_get_roster_want(&reader, &want);
    assert_true(!want.has_hash && want.version == 2);
    bring_told(&solo, &rival.hash, 1);
    assert_null(find_note(&solo, NOTE_ROSTER_TOLD));
    solo_end(&solo);
}

static void test_what_is_told_is_asked_for(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    struct message_roster_want want;
    begin(&solo);
    const struct roster rival = make_rival(&solo);
    bring_told(&solo, &rival.hash, 1);
    assert_null(find_note(&solo, NOTE_ROSTER_TOLD)); // its version is not known yet
    bring_beacon(&solo, 1, &rival);
    bring_told(&solo, &rival.hash, 1);
    const struct note *note = find_note(&solo, NOTE_ROSTER_TOLD);
    assert_non_null(note);
    assert_int_equal(note->peer, PEER);
    assert_memory_equal(note->hash, rival.hash, ID_LEN);
    struct event event = {.type = EVENT_ROSTER_ASK, .peer = PEER};
    event.roster_hash = rival.hash;
    solo_step(&solo, event);
    assert_true(find_sent(&solo, MESSAGE_ROSTER_WANT, &reader));
    message_get_roster_want(&reader, &want);
    assert_true(want.has_hash);
    assert_memory_equal(want.hash, rival.hash, ID_LEN);
    solo_end(&solo);
}

static void test_what_is_asked_for_is_given(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    begin(&solo);
    bring_want(&solo, &(struct message_roster_want){.version = 1});
    assert_true(find_sent(&solo, MESSAGE_ROSTER, &reader));
    bring_want(&solo, &(struct message_roster_want){.version = 2});
    assert_null(find_note(&solo, NOTE_ROSTER_WANTED)); // there is none yet
    bring_want(&solo, &(struct message_roster_want){.has_hash = true, .hash = {5}});
    const struct note *note = find_note(&solo, NOTE_ROSTER_WANTED);
    assert_non_null(note);
    assert_true(note->has_hash && note->hash[0] == 5);
    solo_end(&solo);
}

// A beacon of one time says nothing about another.
static void test_tags_differ_by_time(void **state)
{
    (void)state;
    struct solo solo;
    uint8_t one[TAG_LEN];
    uint8_t other[TAG_LEN];
    begin(&solo);
    roster_tag(solo.roster, 1, one);
    roster_tag(solo.roster, 2, other);
    assert_memory_not_equal(one, other, TAG_LEN);
    const struct roster rival = make_rival(&solo);
    roster_tag(&rival, 1, other);
    assert_memory_not_equal(one, other, TAG_LEN);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_is_not_told),
        cmocka_unit_test(test_another_of_the_same_version_is_told),
        cmocka_unit_test(test_rivals_are_told),
        cmocka_unit_test(test_a_higher_version_comes_first),
        cmocka_unit_test(test_what_is_told_is_asked_for),
        cmocka_unit_test(test_what_is_asked_for_is_given),
        cmocka_unit_test(test_tags_differ_by_time),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
