// SPDX-License-Identifier: EUPL-1.2
// Questions for group keys, this node's own and those of others [8.11], message by message. That
// keys reach whoever may have them, over many nodes, is the simulation's.
#include "solo.h"

enum { NODES = DRAFT_LISTS, SELF = 0, FAR = 7 };

static const uint64_t retry_ms = 3000;

static const struct key_ref key_a = {.group = "groupA", .key = "keyA"};
static const struct key_ref key_b = {.group = "groupB", .key = "keyB"};

struct trial {
    struct solo solo;
    struct roster *roster; // of eight nodes
};

static void begin(struct trial *trial, uint32_t peers)
{
    static const char *const names[NODES] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct draft *draft = &trial->solo.draft;
    solo_begin(&trial->solo, LOG);
    draft_follow(draft, trial->solo.roster);
    for (uint32_t i = 2; i < NODES; i++) {
        draft->nodes[i] = draft->nodes[1];
        draft->nodes[i].name = draft_text(names[i]);
        draft->nodes[i].signing = draft->signing_keys[i + 1];
        draft->nodes[i].transport = draft->transport_keys[i + 1];
    }
    draft->roster.nodes_count = NODES;
    assert_int_equal(draft_decode(draft, &trial->roster), ERR_OK);
    solo_step(&trial->solo, (struct event){.type = EVENT_ROSTER, .roster = trial->roster});
    for (uint32_t i = 1; i <= peers; i++) {
        solo_step(&trial->solo, (struct event){.type = EVENT_PEER_UP, .peer = i});
    }
}

static void end(struct trial *trial)
{
    solo_end(&trial->solo);
    roster_destroy(&trial->roster);
}

static void pass_time(struct trial *trial, uint64_t ms)
{
    trial->solo.now_ms += ms;
    solo_step(&trial->solo, (struct event){.type = EVENT_TICK});
}

static void want(struct trial *trial, const struct key_ref *list, size_t count)
{
    struct event event = {.type = EVENT_KEYS_WANTED};
    event.keys_wanted.list = list;
    event.keys_wanted.count = count;
    solo_step(&trial->solo, event);
}

static void bring(struct trial *trial, uint32_t peer, enum plane plane,
                  const struct cbor_writer *writer)
{
    struct event event = {.type = EVENT_FRAME, .peer = peer};
    event.frame.plane = plane;
    event.frame.bytes = (struct span){writer->start, cbor_written(writer)};
    assert_true(event.frame.bytes.len > 0);
    solo_step(&trial->solo, event);
}

static void bring_question(struct trial *trial, uint32_t peer, uint32_t requester,
                           const struct key_ref *key, uint8_t hops)
{
    struct message_key_want message = {.requester = requester, .hops = hops};
    uint8_t buffer[128];
    struct cbor_writer writer;
    memcpy(message.group, key->group, TAG_LEN);
    memcpy(message.key, key->key, TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_key_want(&writer, &message);
    bring(trial, peer, PLANE_SYNC, &writer);
}

static struct sealed_key seal(const struct key_ref *key, uint8_t byte)
{
    struct sealed_key sealed;
    memcpy(sealed.group, key->group, TAG_LEN);
    memcpy(sealed.key, key->key, TAG_LEN);
    memset(sealed.sealed, byte, sizeof sealed.sealed);
    return sealed;
}

static void bring_answer(struct trial *trial, uint32_t peer, uint32_t requester,
                         const struct key_ref *key, uint8_t byte)
{
    const struct message_key message = {.requester = requester, .sealed = seal(key, byte)};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_key(&writer, &message);
    bring(trial, peer, PLANE_SYNC, &writer);
}

static void judge(struct trial *trial, uint64_t cookie, enum key_verdict verdict,
                  const struct sealed_key *sealed)
{
    struct event event = {.type = EVENT_KEY_VERDICT};
    event.key_verdict.cookie = cookie;
    event.key_verdict.verdict = verdict;
    event.key_verdict.sealed = sealed;
    solo_step(&trial->solo, event);
}

// Which peers the last step sent a question to, as bits; each has `requester`, `key` and `hops`.
static unsigned asked(const struct trial *trial, uint32_t requester, const struct key_ref *key,
                      uint8_t hops)
{
    const struct effects *effects = &trial->solo.effects;
    unsigned peers = 0;
    for (size_t i = 0; i < effects->sends_count; i++) {
        struct message_reader reader;
        struct message_key_want message;
        message_read(&reader, effects->sends[i].bytes);
        if (reader.type != MESSAGE_KEY_WANT) {
            continue;
        }
        message_get_key_want(&reader, &message);
        assert_int_equal(message_finish(&reader), ERR_OK);
        if (memcmp(message.group, key->group, TAG_LEN) == 0 &&
            memcmp(message.key, key->key, TAG_LEN) == 0) {
            assert_int_equal(message.requester, requester);
            assert_int_equal(message.hops, hops);
            assert_int_equal(peers >> effects->sends[i].peer & 1, 0);
            peers |= 1u << effects->sends[i].peer;
        }
    }
    return peers;
}

// Likewise answers, with what is sealed in them.
static unsigned answered(const struct trial *trial, uint32_t requester, uint8_t byte)
{
    const struct effects *effects = &trial->solo.effects;
    unsigned peers = 0;
    for (size_t i = 0; i < effects->sends_count; i++) {
        struct message_reader reader;
        struct message_key message;
        message_read(&reader, effects->sends[i].bytes);
        if (reader.type != MESSAGE_KEY) {
            continue;
        }
        message_get_key(&reader, &message);
        assert_int_equal(message_finish(&reader), ERR_OK);
        assert_int_equal(message.requester, requester);
        assert_int_equal(message.sealed.sealed[0], byte);
        peers |= 1u << effects->sends[i].peer;
    }
    return peers;
}

static const struct note *find_note(const struct trial *trial, enum note_type type)
{
    const struct effects *effects = &trial->solo.effects;
    for (size_t i = 0; i < effects->notes_count; i++) {
        if (effects->notes[i].type == type) {
            return &effects->notes[i];
        }
    }
    return NULL;
}

static void expect_refused(const struct trial *trial, enum refusal refusal)
{
    const struct note *note = find_note(trial, NOTE_REFUSED);
    assert_non_null(note);
    assert_int_equal(note->refusal, refusal);
    assert_int_equal(trial->solo.effects.notes_count, 1);
}

static uint64_t expect_question(const struct trial *trial, uint32_t peer, uint32_t requester,
                                const struct key_ref *key)
{
    const struct note *note = find_note(trial, NOTE_KEY_WANTED);
    assert_non_null(note);
    assert_int_equal(note->peer, peer);
    assert_int_equal(note->index, requester);
    assert_memory_equal(note->sealed_key.group, key->group, TAG_LEN);
    assert_memory_equal(note->sealed_key.key, key->key, TAG_LEN);
    return note->cookie;
}

// -- this node's own questions --

static void test_neighbours_first_then_everybody(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 4);
    want(&trial, &key_a, 1);
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 0x0e);
    pass_time(&trial, retry_ms - 1);
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 0);
    pass_time(&trial, 1);
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 0x10);
    for (uint32_t round = 1; round < 4; round++) { // pauses of 6, 12 and 24 seconds
        const uint8_t hops = round == 1 ? 2 : KEY_HOPS_MAX;
        pass_time(&trial, (retry_ms << round) - 1);
        assert_int_equal(asked(&trial, SELF, &key_a, 0), 0);
        pass_time(&trial, 1);
        assert_int_equal(asked(&trial, SELF, &key_a, hops), 0x0e);
        pass_time(&trial, retry_ms);
        assert_int_equal(asked(&trial, SELF, &key_a, hops), 0x10);
    }
    end(&trial);
}

static void test_a_pause_grows_no_further(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 1);
    want(&trial, &key_a, 1);
    for (uint32_t round = 1; round < 7; round++) {
        pass_time(&trial, retry_ms << round);
    }
    for (uint32_t round = 0; round < 3; round++) {
        pass_time(&trial, (retry_ms << 7) - 1);
        assert_int_equal(asked(&trial, SELF, &key_a, 0), 0);
        pass_time(&trial, 1);
        assert_int_equal(asked(&trial, SELF, &key_a, KEY_HOPS_MAX), 2);
    }
    end(&trial);
}

static void test_wanted_no_more(void **state)
{
    (void)state;
    const struct key_ref both[] = {key_a, key_b};
    struct trial trial;
    begin(&trial, 1);
    want(&trial, both, 2);
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 2);
    assert_int_equal(asked(&trial, SELF, &key_b, 0), 2);
    want(&trial, &key_b, 1); // has its turn already
    assert_int_equal(asked(&trial, SELF, &key_b, 0), 0);
    pass_time(&trial, 2 * retry_ms);
    assert_int_equal(asked(&trial, SELF, &key_a, 2), 0);
    assert_int_equal(asked(&trial, SELF, &key_b, 2), 2);
    want(&trial, NULL, 0);
    for (uint32_t round = 0; round < 9; round++) {
        pass_time(&trial, retry_ms << 7);
        assert_int_equal(asked(&trial, SELF, &key_b, KEY_HOPS_MAX), 0);
    }
    end(&trial);
}

// The engine itself wants to be woken for it; not while there is nobody to ask.
static void test_the_deadline_is_the_next_question(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 0);
    want(&trial, &key_a, 1);
    assert_true(engine_deadline_ms(trial.solo.engine) == UINT64_MAX);
    solo_step(&trial.solo, (struct event){.type = EVENT_PEER_UP, .peer = 1});
    const uint64_t due_ms = trial.solo.now_ms + retry_ms;
    while (trial.solo.now_ms < due_ms) { // beacons come between
        trial.solo.now_ms = engine_deadline_ms(trial.solo.engine);
        assert_true(trial.solo.now_ms <= due_ms);
        pass_time(&trial, 0);
    }
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 2);
    end(&trial);
}

static void test_who_comes_is_asked_at_once(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 0);
    want(&trial, &key_a, 1);
    assert_int_equal(trial.solo.effects.sends_count, 0);
    solo_step(&trial.solo, (struct event){.type = EVENT_PEER_UP, .peer = 3});
    assert_int_equal(asked(&trial, SELF, &key_a, 0), 8);
    bring_answer(&trial, 3, SELF, &key_a, 7);
    assert_non_null(find_note(&trial, NOTE_KEY_CAME));
    end(&trial);
}

static void test_too_many_keys(void **state)
{
    (void)state;
    struct key_ref many[ENGINE_KEYS_MAX + 1] = {0};
    struct trial trial;
    begin(&trial, 1);
    for (size_t i = 0; i <= ENGINE_KEYS_MAX; i++) {
        many[i].key[0] = (uint8_t)i;
    }
    want(&trial, many, ENGINE_KEYS_MAX + 1);
    for (size_t i = 0; i <= ENGINE_KEYS_MAX; i++) {
        assert_int_equal(asked(&trial, SELF, &many[i], 0), i < ENGINE_KEYS_MAX ? 2 : 0);
    }
    end(&trial);
}

// Only what was asked, of whom it was asked, and not without end.
static void test_answers_taken(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 2);
    bring_answer(&trial, 1, SELF, &key_a, 1); // nobody asked for anything
    expect_refused(&trial, REFUSED_UNEXPECTED);
    want(&trial, &key_a, 1);
    bring_answer(&trial, 1, SELF, &key_b, 1);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    solo_step(&trial.solo, (struct event){.type = EVENT_PEER_DOWN, .peer = 2});
    for (uint8_t i = 0; i < 4; i++) {
        bring_answer(&trial, 1, SELF, &key_a, i);
        const struct note *note = find_note(&trial, NOTE_KEY_CAME);
        assert_non_null(note);
        const struct sealed_key came = seal(&key_a, i);
        assert_int_equal(note->peer, 1);
        assert_memory_equal(&note->sealed_key, &came, sizeof came);
    }
    bring_answer(&trial, 1, SELF, &key_a, 9);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    pass_time(&trial, 2 * retry_ms); // none of them was right: it is asked again
    assert_int_equal(asked(&trial, SELF, &key_a, 2), 2);
    bring_answer(&trial, 1, SELF, &key_a, 9);
    assert_non_null(find_note(&trial, NOTE_KEY_CAME));
    want(&trial, NULL, 0);
    bring_answer(&trial, 1, SELF, &key_a, 9);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    end(&trial);
}

// -- the questions of others --

static void test_an_answer(void **state)
{
    (void)state;
    const struct sealed_key sealed = seal(&key_a, 5);
    struct trial trial;
    begin(&trial, 3);
    bring_question(&trial, 1, FAR, &key_a, 4);
    const uint64_t cookie = expect_question(&trial, 1, FAR, &key_a);
    assert_int_equal(asked(&trial, FAR, &key_a, 3), 0); // not before it is judged
    bring_question(&trial, 2, FAR, &key_a, 3);
    assert_int_equal(trial.solo.effects.notes_count, 0);
    judge(&trial, cookie, KEY_ANSWER, &sealed);
    assert_int_equal(answered(&trial, FAR, 5), 0x06); // both who asked
    assert_int_equal(asked(&trial, FAR, &key_a, 3), 0);
    judge(&trial, cookie, KEY_ANSWER, &sealed); // once
    assert_int_equal(answered(&trial, FAR, 5), 0);
    bring_question(&trial, 3, FAR, &key_a, 8); // who asks for it again gets the same
    assert_int_equal(answered(&trial, FAR, 5), 0x08);
    assert_int_equal(trial.solo.effects.notes_count, 0);
    end(&trial);
}

static void test_not_entitled(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 3);
    bring_question(&trial, 1, 1, &key_a, 8);
    judge(&trial, expect_question(&trial, 1, 1, &key_a), KEY_DENY, NULL);
    assert_int_equal(asked(&trial, 1, &key_a, 7), 0);
    assert_int_equal(answered(&trial, 1, 0), 0);
    bring_question(&trial, 1, 1, &key_a, 8);
    assert_int_equal(trial.solo.effects.notes_count, 0);
    bring_answer(&trial, 2, 1, &key_a, 1); // nor is what others say passed on
    expect_refused(&trial, REFUSED_UNEXPECTED);
    trial.solo.now_ms += 3 * retry_ms; // it may have become so
    bring_question(&trial, 1, 1, &key_a, 8);
    (void)expect_question(&trial, 1, 1, &key_a);
    end(&trial);
}

static void test_passed_on_and_back(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 5);
    bring_question(&trial, 2, 1, &key_a, 2);
    judge(&trial, expect_question(&trial, 2, 1, &key_a), KEY_PASS, NULL);
    // Neither to who asked nor to who wants it.
    assert_int_equal(asked(&trial, 1, &key_a, 1), 0x38);
    bring_answer(&trial, 4, 1, &key_a, 6);
    assert_int_equal(answered(&trial, 1, 6), 0x04);
    assert_int_equal(trial.solo.effects.notes_count, 0);
    bring_answer(&trial, 5, 1, &key_a, 7); // the first may have been wrong
    assert_int_equal(answered(&trial, 1, 7), 0x04);
    bring_answer(&trial, 5, 1, &key_b, 7);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    bring_answer(&trial, 5, 3, &key_a, 7);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    trial.solo.now_ms += 10 * retry_ms;
    bring_answer(&trial, 5, 1, &key_a, 7); // forgotten
    expect_refused(&trial, REFUSED_UNEXPECTED);
    end(&trial);
}

static void test_hops(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 3);
    bring_question(&trial, 1, FAR, &key_a, 0);
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_PASS, NULL);
    assert_int_equal(asked(&trial, FAR, &key_a, 0), 0);
    bring_question(&trial, 2, FAR, &key_a, 0); // another way, no further
    assert_int_equal(trial.solo.effects.notes_count, 0);
    bring_question(&trial, 1, FAR, &key_a, 8); // further: judged anew
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_PASS, NULL);
    assert_int_equal(asked(&trial, FAR, &key_a, 7), 0x08);
    bring_question(&trial, 1, FAR, &key_a, 8); // not at once again
    assert_int_equal(trial.solo.effects.notes_count, 0);
    trial.solo.now_ms += 3 * retry_ms;
    bring_question(&trial, 1, FAR, &key_a, 8);
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_PASS, NULL);
    assert_int_equal(asked(&trial, FAR, &key_a, 7), 0x08);
    end(&trial);
}

// Who answers without end does not use up what is passed back of the others' answers.
static void test_a_liar_beside_a_relay(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 3);
    bring_question(&trial, 1, FAR, &key_a, 2);
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_PASS, NULL);
    uint32_t passed = 0;
    for (uint32_t i = 0; i < 100; i++) {
        bring_answer(&trial, 2, FAR, &key_a, (uint8_t)(100 + i));
        passed += answered(&trial, FAR, (uint8_t)(100 + i)) == 2;
    }
    assert_int_equal(passed, 8);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    bring_answer(&trial, 3, FAR, &key_a, 2);
    assert_int_equal(answered(&trial, FAR, 2), 2);
    end(&trial);
}

// Three nodes that asked each other would else pass it round and round.
static void test_an_answer_that_comes_round(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 3);
    bring_question(&trial, 1, FAR, &key_a, 8);
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_PASS, NULL);
    bring_question(&trial, 2, FAR, &key_a, 7);
    bring_answer(&trial, 3, FAR, &key_a, 5);
    assert_int_equal(answered(&trial, FAR, 5), 6);
    bring_answer(&trial, 2, FAR, &key_a, 5);
    assert_int_equal(answered(&trial, FAR, 5), 0);
    assert_int_equal(trial.solo.effects.notes_count, 0); // and nobody is to blame
    bring_answer(&trial, 2, FAR, &key_a, 6);
    assert_int_equal(answered(&trial, FAR, 6), 2);
    end(&trial);
}

static void test_a_flood_of_questions(void **state)
{
    (void)state;
    enum { FLOOD = 5000 };
    struct trial trial;
    struct engine_status before;
    struct engine_status after;
    uint32_t noted = 0;
    begin(&trial, 3);
    engine_get_status(trial.solo.engine, &before);
    for (uint32_t i = 0; i < FLOOD; i++) {
        struct key_ref junk = {.group = "junk"};
        memcpy(junk.key, &i, sizeof i);
        bring_question(&trial, 1, 2 + i % 5, &junk, 8);
        const struct note *note = find_note(&trial, NOTE_KEY_WANTED);
        noted += note != NULL;
        if (note == NULL) {
            expect_refused(&trial, REFUSED_LIMIT);
        } else {
            judge(&trial, note->cookie, KEY_PASS, NULL);
        }
    }
    assert_int_equal(noted, 32);
    bring_question(&trial, 2, 2, &key_a, 8); // the others' have their places
    judge(&trial, expect_question(&trial, 2, 2, &key_a), KEY_PASS, NULL);
    trial.solo.now_ms += 4000; // and among the flood there is a chance after a while
    bring_question(&trial, 1, 2, &key_b, 8);
    judge(&trial, expect_question(&trial, 1, 2, &key_b), KEY_PASS, NULL);
    bring_answer(&trial, 3, 2, &key_b, 4);
    assert_int_equal(answered(&trial, 2, 4), 2);
    bring_answer(&trial, 3, 2, &key_a, 4);
    assert_int_equal(answered(&trial, 2, 4), 4);
    engine_get_status(trial.solo.engine, &after);
    assert_int_equal(after.memory, before.memory);
    end(&trial);
}

static void test_late_and_false_verdicts(void **state)
{
    (void)state;
    const struct sealed_key sealed = seal(&key_a, 5);
    struct trial trial;
    begin(&trial, 2);
    bring_question(&trial, 1, FAR, &key_a, 8);
    const uint64_t cookie = expect_question(&trial, 1, FAR, &key_a);
    judge(&trial, cookie + 1, KEY_ANSWER, &sealed);
    judge(&trial, cookie + (1u << 16), KEY_ANSWER, &sealed);
    judge(&trial, UINT64_MAX, KEY_ANSWER, &sealed);
    assert_int_equal(answered(&trial, FAR, 5), 0);
    trial.solo.now_ms += 10 * retry_ms;
    bring_question(&trial, 2, FAR, &key_a, 8);
    const uint64_t next = expect_question(&trial, 2, FAR, &key_a);
    judge(&trial, cookie, KEY_ANSWER, &sealed); // of the question that was forgotten
    assert_int_equal(answered(&trial, FAR, 5), 0);
    judge(&trial, next, KEY_ANSWER, &sealed);
    assert_int_equal(answered(&trial, FAR, 5), 4);
    end(&trial);
}

static void test_questions_refused(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 2);
    bring_question(&trial, 1, NODES, &key_a, 8);
    expect_refused(&trial, REFUSED_UNKNOWN_AUTHOR);
    bring_question(&trial, 1, SELF, &key_a, 8);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    uint8_t buffer[128];
    struct cbor_writer writer;
    const struct message_key_want far = {.requester = FAR, .hops = KEY_HOPS_MAX};
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_key_want(&writer, &far);
    bring(&trial, 1, PLANE_LIVE, &writer);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    buffer[cbor_written(&writer) - 1]++;
    bring(&trial, 1, PLANE_SYNC, &writer);
    expect_refused(&trial, REFUSED_MALFORMED);
    end(&trial);
}

// What was sealed by the roster before may be for a key that is not in use any more, or for a node
// that is out.
static void test_a_new_roster(void **state)
{
    (void)state;
    const struct sealed_key sealed = seal(&key_a, 5);
    struct trial trial;
    begin(&trial, 2);
    want(&trial, &key_b, 1);
    for (uint32_t round = 1; round < 4; round++) {
        pass_time(&trial, retry_ms << round);
    }
    bring_question(&trial, 1, 1, &key_a, 8);
    judge(&trial, expect_question(&trial, 1, 1, &key_a), KEY_ANSWER, &sealed);
    bring_question(&trial, 1, FAR, &key_a, 8);
    judge(&trial, expect_question(&trial, 1, FAR, &key_a), KEY_ANSWER, &sealed);
    struct roster next = *trial.roster;
    struct roster_node nodes[NODES];
    memcpy(nodes, trial.roster->nodes, sizeof nodes);
    nodes[FAR].is_revoked = true;
    next.nodes = nodes;
    next.version++;
    solo_step(&trial.solo, (struct event){.type = EVENT_ROSTER, .roster = &next});
    assert_int_equal(asked(&trial, SELF, &key_b, 0), 6); // begins anew
    bring_question(&trial, 1, 1, &key_a, 8);
    assert_int_equal(answered(&trial, 1, 5), 0);
    (void)expect_question(&trial, 1, 1, &key_a);
    bring_question(&trial, 1, FAR, &key_a, 8);
    expect_refused(&trial, REFUSED_UNEXPECTED);
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_first_then_everybody),
        cmocka_unit_test(test_a_pause_grows_no_further),
        cmocka_unit_test(test_wanted_no_more),
        cmocka_unit_test(test_the_deadline_is_the_next_question),
        cmocka_unit_test(test_who_comes_is_asked_at_once),
        cmocka_unit_test(test_too_many_keys),
        cmocka_unit_test(test_answers_taken),
        cmocka_unit_test(test_an_answer),
        cmocka_unit_test(test_not_entitled),
        cmocka_unit_test(test_passed_on_and_back),
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_a_liar_beside_a_relay),
        cmocka_unit_test(test_an_answer_that_comes_round),
        cmocka_unit_test(test_a_flood_of_questions),
        cmocka_unit_test(test_late_and_false_verdicts),
        cmocka_unit_test(test_questions_refused),
        cmocka_unit_test(test_a_new_roster),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
