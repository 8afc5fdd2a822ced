// SPDX-License-Identifier: EUPL-1.2
// What an engine asks for at once. How fast it comes, and what waits behind it, is the
// simulation's.
#include "solo.h"

enum { SELF = 0, LOGS = 40, OF_AUTHOR = 16 };

static void restore(struct solo *solo, uint32_t number, uint32_t author, uint64_t epoch)
{
    struct chain chain = {.number = number,
                          .parent = CHAIN_NONE,
                          .first_seq = 1,
                          .head_seq = 1,
                          .epoch = epoch,
                          .head_id = {1}};
    memcpy(chain.author, solo->draft.signing_keys[author + 1], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(solo->engine, &chain), ERR_OK);
}

static void claim_all(struct solo *solo)
{
    const struct message_heads fixed = {.first = 0, .last = NODES_MAX - 1};
    struct message_head heads[LOGS + 1] = {{.author = SELF, .seq = 9, .id = {9}}};
    static uint8_t buffer[4096];
    struct cbor_writer writer;
    for (uint64_t i = 0; i < LOGS; i++) {
        heads[i + 1] = (struct message_head){.author = AUTHOR, .epoch = i, .seq = 2, .id = {2}};
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, heads, LOGS + 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    assert_true(event.frame.bytes.len > 0);
    solo_step(solo, event);
}

// Who writes many logs gets no more than a share of what is asked for.
static void test_many_logs_of_one_author(void **state)
{
    (void)state;
    struct solo solo;
    struct message_reader reader;
    struct message_wants fixed;
    struct message_want want;
    uint32_t counts[2] = {0};
    solo_begin(&solo, LOG);
    for (uint32_t i = 0; i < LOGS; i++) {
        restore(&solo, i, AUTHOR, i);
    }
    restore(&solo, LOGS, SELF, 0); // the last in every order
    solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
    claim_all(&solo);
    for (size_t i = 0; i < solo.effects.sends_count; i++) {
        message_read(&reader, solo.effects.sends[i].bytes);
        if (reader.type != MESSAGE_WANT) {
            continue;
        }
        message_get_wants(&reader, &fixed);
        assert_true(fixed.credit > 0);
        assert_true(fixed.credit <= MESSAGE_MAX);
        while (message_next_want(&reader, &want)) {
            assert_true(want.author <= AUTHOR);
            counts[want.author]++;
        }
    }
    assert_int_equal(counts[AUTHOR], OF_AUTHOR);
    assert_int_equal(counts[SELF], 1);
    solo_end(&solo);
}

// How many ranges of AUTHOR's log `epoch` are asked for when a peer claims it.
static uint32_t asked_for(struct solo *solo, uint64_t epoch)
{
    const struct message_heads fixed = {.first = AUTHOR, .last = AUTHOR};
    const struct message_head head = {.author = AUTHOR, .epoch = epoch, .seq = 1, .id = {3}};
    struct message_reader reader;
    struct message_wants wants;
    struct message_want want;
    uint32_t count = 0;
    uint8_t buffer[64];
    struct cbor_writer writer;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, &head, 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        message_read(&reader, solo->effects.sends[i].bytes);
        if (reader.type == MESSAGE_WANT) {
            message_get_wants(&reader, &wants);
            while (message_next_want(&reader, &want)) {
                count += want.epoch == epoch;
            }
        }
    }
    return count;
}

// Who opens epoch after epoch uses up its own share, an eighth, and leaves room for the others.
static void test_a_share_of_the_chains(void **state)
{
    (void)state;
    enum { SHARE = 4096 / 8 };
    for (uint32_t held = SHARE - 1; held <= SHARE; held++) {
        struct solo solo;
        solo_begin(&solo, LOG);
        for (uint32_t i = 0; i < held; i++) {
            restore(&solo, i, AUTHOR, i);
        }
        solo_step(&solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
        assert_int_equal(asked_for(&solo, SHARE + 9), held < SHARE);
        solo_end(&solo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_logs_of_one_author),
        cmocka_unit_test(test_a_share_of_the_chains),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
