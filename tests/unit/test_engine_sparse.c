// SPDX-License-Identifier: EUPL-1.2
// What an engine asks of a peer of which only some entries are wanted [17.8], and what it sends one
// that wants only some. What comes of it is the simulation's.
#include "solo.h"

enum { HEAD = 40, AGAIN_MS = 600000 };

static void begin(struct solo *solo)
{
    solo_begin(solo, LOG);
    solo_step(solo, (struct event){.type = EVENT_PEER_UP, .peer = AUTHOR});
}

static void want_only(struct solo *solo, const struct selection *selection)
{
    struct event event = {.type = EVENT_LINE, .peer = AUTHOR};
    event.line.wanted = *selection;
    solo_step(solo, event);
}

static void bring_heads(struct solo *solo, uint64_t seq)
{
    const struct message_heads fixed = {.first = 0, .last = NODES_MAX - 1};
    struct message_head head = {.author = AUTHOR, .seq = seq};
    uint8_t buffer[128];
    struct cbor_writer writer;
    memcpy(head.id, solo->ids[seq], TAG_LEN);
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_heads(&writer, &fixed, &head, 1);
    struct event event = {.type = EVENT_FRAME, .peer = AUTHOR};
    event.frame.bytes = (struct span){buffer, cbor_written(&writer)};
    solo_step(solo, event);
}

// The one want that was sent, and its one range; false when there was none.
static bool find_want(const struct solo *solo, struct message_wants *wants,
                      struct message_want *want)
{
    bool is_found = false;
    for (size_t i = 0; i < solo->effects.sends_count; i++) {
        struct message_reader reader;
        message_read(&reader, solo->effects.sends[i].bytes);
        if (reader.type == MESSAGE_WANT) {
            assert_false(is_found);
            message_get_wants(&reader, wants);
            assert_true(message_next_want(&reader, want));
            assert_false(message_next_want(&reader, &(struct message_want){0}));
            assert_int_equal(message_finish(&reader), ERR_OK);
            is_found = true;
        }
    }
    return is_found;
}

static void test_asks_for_what_is_wanted_once(void **state)
{
    const struct selection urgent = {.precedence = IMMEDIATE, .groups_count = 1, .groups = {{7}}};
    struct message_wants wants;
    struct message_want want;
    struct solo solo;
    (void)state;
    begin(&solo);
    want_only(&solo, &urgent);
    bring_heads(&solo, HEAD);
    assert_true(find_want(&solo, &wants, &want));
    assert_true(wants.has_pick && wants.pick.only);
    assert_memory_equal(&wants.pick.selection, &urgent, sizeof urgent);
    assert_true(want.from == 1 && want.to == HEAD);
    bring_heads(&solo, HEAD);
    assert_false(find_want(&solo, &wants, &want));
    // More of it, and what came ahead is said to be held.
    solo_bring_run(&solo, 20, 21);
    bring_heads(&solo, HEAD + 2);
    assert_true(find_want(&solo, &wants, &want));
    assert_true(want.from == HEAD + 1 && want.to == HEAD + 2);
    assert_int_equal(wants.held_count, 0);
    solo.now_ms += AGAIN_MS;
    solo_step(&solo, (struct event){.type = EVENT_TICK});
    assert_true(find_want(&solo, &wants, &want));
    assert_true(want.from == 1 && want.to == HEAD + 2);
    assert_int_equal(wants.held_count, 1);
    assert_true(wants.held[0].first == 20 && wants.held[0].last == 21);
    assert_memory_equal(wants.held[0].id, solo.ids[21], TAG_LEN);
    solo_end(&solo);
}

static void test_asks_for_all_when_all_is_wanted(void **state)
{
    const struct selection urgent = {.precedence = FLASH};
    struct message_wants wants;
    struct message_want want;
    struct solo solo;
    (void)state;
    begin(&solo);
    bring_heads(&solo, HEAD);
    assert_true(find_want(&solo, &wants, &want));
    assert_false(wants.has_pick);
    want_only(&solo, &urgent);
    assert_true(find_want(&solo, &wants, &want));
    assert_true(wants.restart && wants.has_pick && wants.pick.only);
    want_only(&solo, &(struct selection){0});
    assert_true(find_want(&solo, &wants, &want));
    assert_true(wants.restart && wants.has_pick && !wants.pick.only);
    assert_true(want.from == 1 && want.to == HEAD);
    solo_end(&solo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks_for_what_is_wanted_once),
        cmocka_unit_test(test_asks_for_all_when_all_is_wanted),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
