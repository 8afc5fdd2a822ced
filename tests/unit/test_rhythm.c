// SPDX-License-Identifier: EUPL-1.2
// When a node may write a receipt [18.16].
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "receipts.h"

enum { INTERVAL = 300000, SLOT = INTERVAL / 20 + 1, CAME = 1000000 };

// One behind the other, all within the interval.
static void nodes_take_turns(void **state)
{
    struct rhythm rhythm = {.interval_ms = INTERVAL, .nodes = 20};
    uint64_t before_ms = CAME;
    (void)state;

    for (; rhythm.self < rhythm.nodes; rhythm.self++) {
        const uint64_t due_ms = rhythm_due_ms(&rhythm, CAME, 0);
        assert_int_equal(due_ms, before_ms + SLOT);
        before_ms = due_ms;
    }
    assert_in_range(before_ms, CAME + INTERVAL, CAME + INTERVAL + 20);
    rhythm.nodes = 21;
    assert_int_equal(rhythm_due_ms(&rhythm, CAME, 0), CAME + SLOT);
}

static void receipts_stay_apart(void **state)
{
    const struct rhythm rhythm = {.interval_ms = INTERVAL, .self = 3, .nodes = 4};
    (void)state;

    assert_int_equal(rhythm_due_ms(&rhythm, CAME, CAME - INTERVAL), CAME + 4 * SLOT);
    assert_int_equal(rhythm_due_ms(&rhythm, CAME, CAME - 1), CAME - 1 + INTERVAL);
    assert_int_equal(rhythm_late_ms(&rhythm, CAME), CAME + 4 * INTERVAL);
}

// All together write no more than one in a slot.
static void many_nodes_write_less_often(void **state)
{
    const struct rhythm rhythm = {.interval_ms = INTERVAL, .self = 0, .nodes = 2000};
    (void)state;

    assert_int_equal(rhythm_due_ms(&rhythm, CAME, CAME), CAME + 2000 * SLOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_take_turns),
        cmocka_unit_test(receipts_stay_apart),
        cmocka_unit_test(many_nodes_write_less_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
