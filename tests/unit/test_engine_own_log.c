// SPDX-License-Identifier: EUPL-1.2
// When an engine that was put back from an old copy may publish again. That no log forks is the
// simulation's.
#include "solo.h"

enum { HELD = 7, WRITTEN = 14, SELF = 0 };

static void begin_restored(struct solo *solo)
{
    struct chain chain = {
        .parent = CHAIN_NONE, .first_seq = 1, .head_seq = HELD, .head_id = {HELD}};
    solo_begin(solo, LOG);
    memcpy(chain.author, solo->draft.signing_keys[SELF + 1], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(solo->engine, &chain), ERR_OK);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

static void bring(struct solo *solo, enum plane plane, const struct cbor_writer *writer)
{
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.plane = plane;
    event.frame.bytes = (struct span){writer->start, cbor_written(writer)};
    solo_step(solo, event);
}

// Something differs: the engine sends its list, and waits for the answer.
static void bring_beacon(struct solo *solo)
{
    const struct message_beacon beacon = {.fingerprint = {1}, .roster_version = 1, .time_ms = 1};
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_beacon(&writer, &beacon);
    bring(solo, PLANE_SYNC, &writer);
    solo_step(solo, (struct event){.type = EVENT_TICK});
}

static void bring_heads(struct solo *solo, enum plane plane, const struct message_heads *fixed,
                        const struct message_head *head)
{
    uint8_t buffer[128];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, fixed, head, 1);
    bring(solo, plane, &writer);
}

static bool is_ready(const struct solo *solo)
{
    struct engine_status status;
    engine_get_status(solo->engine, &status);
    return status.is_own_log_ready;
}

static const struct message_head own_head = {.author = SELF, .seq = WRITTEN, .id = {WRITTEN}};
static const struct message_head other_head = {.author = AUTHOR, .seq = 1, .id = {1}};

// The peer holds what this node had written since. Word of a new large entry, on the live plane, is
// no answer that takes it back.
static void test_a_hint_answers_nothing(void **state)
{
    (void)state;
    const struct message_heads all = {.reply = true, .first = 0, .last = NODES_MAX - 1};
    const struct message_heads hint = {.first = 1, .last = 0};
    struct solo solo;
    begin_restored(&solo);
    bring_beacon(&solo);
    bring_heads(&solo, PLANE_SYNC, &all, &own_head);
    assert_false(is_ready(&solo));
    bring_heads(&solo, PLANE_LIVE, &hint, &other_head);
    assert_false(is_ready(&solo));
    bring_heads(&solo, PLANE_LIVE, &all, &other_head);
    assert_false(is_ready(&solo));
    solo_end(&solo);
}

// Who told of it is gone, and did not deliver: what lies there was published, so the log goes on in
// the next epoch.
static void test_what_a_lost_peer_told_is_not_forgotten(void **state)
{
    (void)state;
    const struct message_heads all = {.reply = true, .first = 0, .last = NODES_MAX - 1};
    struct solo solo;
    begin_restored(&solo);
    bring_heads(&solo, PLANE_SYNC, &all, &own_head);
    solo_step(&solo, (struct event){.type = EVENT_PEER_DOWN, .peer = AUTHOR});
    assert_false(is_ready(&solo));
    solo_step(&solo, (struct event){.type = EVENT_OWN_LOG_CLEAR});
    assert_true(is_ready(&solo));
    assert_int_equal(solo.effects.notes_count, 1);
    assert_int_equal(solo.effects.notes[0].type, NOTE_OWN_LOG_READY);
    assert_int_equal(solo.effects.notes[0].epoch, 1);
    solo_end(&solo);
}

// The answer to the own list, on the other hand, names all that is lacking.
static void test_an_answer_ends_the_wait(void **state)
{
    (void)state;
    const struct message_heads answer = {.first = 1, .last = 0};
    struct solo solo;
    begin_restored(&solo);
    bring_beacon(&solo);
    assert_false(is_ready(&solo));
    bring_heads(&solo, PLANE_SYNC, &answer, &other_head);
    assert_true(is_ready(&solo));
    solo_end(&solo);
}

// Two entries of one step, for two groups.
static void test_each_is_sealed_with_its_own_key(void **state)
{
    (void)state;
    const uint8_t group[TAG_LEN] = "few";
    const uint8_t secret[SECRET_LEN] = {2};
    const struct span content = {(const uint8_t *)"\xa1\x64kind\x61x", 8};
    struct sealer *sealer = sealer_create();
    struct group_key few;
    struct solo solo;
    assert_non_null(sealer);
    group_key_derive(&few, group, secret);
    solo_begin(&solo, LOG);
    solo_step(&solo, (struct event){.type = EVENT_OWN_LOG_CLEAR});
    const struct publication items[2] = {{.content = content, .key = &few},
                                         {.content = content, .key = &solo.group}};
    struct event event = {.type = EVENT_PUBLISH};
    event.publish.items = items;
    event.publish.count = 2;
    solo_step(&solo, event);
    assert_int_equal(solo.effects.persist.records_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct record *record = &solo.effects.persist.records[i];
        struct header header = {
            .seq = record->seq, .time = record->time, .size = (uint32_t)record->sealed_len};
        struct span opened;
        assert_memory_equal(record->group, items[i].key->group, TAG_LEN);
        assert_memory_equal(record->key, items[i].key->id, TAG_LEN);
        memcpy(header.author, solo.draft.signing_keys[SELF + 1], SIGN_KEY_LEN);
        memcpy(header.group, record->group, TAG_LEN);
        memcpy(header.key, record->key, TAG_LEN);
        header_digest(record->sealed, record->sealed_len, header.digest);
        assert_int_equal(seal_open(sealer, items[i].key, &header,
                                   (struct span){record->sealed, record->sealed_len}, &opened),
                         ERR_OK);
        assert_int_equal(opened.len, content.len);
        assert_memory_equal(opened.bytes, content.bytes, content.len);
    }
    sealer_destroy(&sealer);
    solo_end(&solo);
}

static uint64_t published_time(struct solo *solo)
{
    const struct publication item = {.content = {(const uint8_t *)"\xa1\x64kind\x61x", 8},
                                     .key = &solo->group};
    struct event event = {.type = EVENT_PUBLISH};
    event.publish.items = &item;
    event.publish.count = 1;
    solo_step(solo, event);
    assert_int_equal(solo->effects.persist.records_count, 1);
    return solo->effects.persist.records[0].time;
}

// The wall clock was set back while the node was down: its log goes on behind what it has. But it
// does not follow what was written by a clock that was wrong.
static void test_the_clock_goes_on_behind_the_last_entry(void **state)
{
    enum { NOW_MS = 1000000, AHEAD_MS = 300000, SHIFT = 16 };
    const uint64_t near = ((uint64_t)(NOW_MS + AHEAD_MS) << SHIFT) + 5;
    const uint64_t far = (uint64_t)(NOW_MS + AHEAD_MS + 1) << SHIFT;
    struct solo solo;
    (void)state;
    solo_begin(&solo, LOG);
    solo.now_ms = NOW_MS;
    engine_restore_clock(solo.engine, NOW_MS, near);
    engine_restore_clock(solo.engine, NOW_MS, far);
    engine_restore_clock(solo.engine, NOW_MS, near - 1);
    solo_step(&solo, (struct event){.type = EVENT_OWN_LOG_CLEAR});
    assert_int_equal(published_time(&solo), near + 1);
    solo.now_ms = NOW_MS + AHEAD_MS + 1;
    assert_int_equal(published_time(&solo), far);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hint_answers_nothing),
        cmocka_unit_test(test_what_a_lost_peer_told_is_not_forgotten),
        cmocka_unit_test(test_an_answer_ends_the_wait),
        cmocka_unit_test(test_each_is_sealed_with_its_own_key),
        cmocka_unit_test(test_the_clock_goes_on_behind_the_last_entry),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
