// SPDX-License-Identifier: EUPL-1.2
// An engine that begins with what its store holds. What follows is the simulation's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
#include "sitrep/engine.h"

enum { ROOM = 4 };

struct start {
    struct draft draft;
    struct roster *roster;
    struct signing_key signing;
    struct group_key group;
    struct engine *engine;
};

static void begin(struct start *start)
{
    uint8_t keys[3][32];
    uint8_t group[TAG_LEN] = "all";
    uint8_t secret[SECRET_LEN] = {1};
    draft_init(&start->draft);
    assert_int_equal(draft_decode(&start->draft, &start->roster), ERR_OK);
    draft_node_keys(1, &start->signing, keys[0], keys[1], keys[2]);
    group_key_derive(&start->group, group, secret);
    const struct engine_options options = {.limits = {.floats_max = ROOM},
                                           .roster = start->roster,
                                           .signing_key = &start->signing,
                                           .group_key = &start->group};
    assert_int_equal(engine_create(&start->engine, &options), ERR_OK);
    struct chain chain = {.parent = CHAIN_NONE, .first_seq = 1, .head_seq = 1};
    memcpy(chain.author, start->draft.signing_keys[2], SIGN_KEY_LEN);
    assert_int_equal(engine_restore_chain(start->engine, &chain), ERR_OK);
}

static void end(struct start *start)
{
    engine_destroy(&start->engine);
    roster_destroy(&start->roster);
}

static enum err restore_ahead(struct start *start, uint32_t chain, uint64_t seq)
{
    const struct record record = {.chain = chain, .seq = seq, .is_ahead = true};
    return engine_restore_ahead(start->engine, &record);
}

// A forking author can leave more of them in a store than the engine keeps: no reason not to start.
static void test_more_ahead_than_there_is_room_for(void **state)
{
    (void)state;
    struct start start;
    struct engine_status status;
    begin(&start);
    for (uint64_t seq = 3; seq < 3 + 2 * ROOM; seq++) {
        assert_int_equal(restore_ahead(&start, 0, seq), ERR_OK);
        engine_get_status(start.engine, &status);
        assert_int_equal(status.ahead, seq - 2 < ROOM ? seq - 2 : ROOM);
    }
    assert_int_equal(status.entries, 1);
    end(&start);
}

static void test_what_does_not_fit_the_chains(void **state)
{
    (void)state;
    struct start start;
    struct engine_status status;
    begin(&start);
    assert_int_equal(restore_ahead(&start, 1, 3), ERR_CORRUPT);
    assert_int_equal(restore_ahead(&start, 0, 1), ERR_OK); // the head is there already
    assert_int_equal(restore_ahead(&start, 0, 3), ERR_OK);
    assert_int_equal(restore_ahead(&start, 0, 3), ERR_OK);
    engine_get_status(start.engine, &status);
    assert_int_equal(status.ahead, 1);
    end(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_ahead_than_there_is_room_for),
        cmocka_unit_test(test_what_does_not_fit_the_chains),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
