// SPDX-License-Identifier: EUPL-1.2
// A fork of the roster: what stands while it lasts, and what settles it [5.7, 5.18].
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "roster_forks.h"
#include "sitrep/proposal.h"
#include "sitrep/roster.h"
#include "sitrep/roster_edit.h"
#include "sitrep/roster_keys.h"

// -- what stands --

struct wish {
    const char *name;
    void (*one)(struct draft *draft);
    void (*other)(struct draft *draft);
    void (*check)(const struct roster *standing);
};

static void check_all_stands(const struct roster *standing)
{
    assert_int_equal(standing->nodes_count, 2);
    assert_false(standing->nodes[0].is_revoked);
    assert_false(standing->nodes[1].is_revoked);
    assert_int_equal(standing->threshold, 2);
    assert_int_equal(standing->authorities_count, 3);
}
static void check_third_is_shut_out(const struct roster *standing)
{
    assert_int_equal(standing->nodes_count, 3);
    assert_true(standing->nodes[2].is_revoked);
    assert_int_equal(roster_counts_to(standing, 2, 0), 0);
    assert_false(standing->nodes[0].is_revoked);
}
static void check_both_are_shut_out(const struct roster *standing)
{
    check_third_is_shut_out(standing);
    // One of the two has the index, and the other none.
    const bool has_three = roster_find_name(standing, "be-three", 8) == 2;
    const bool has_four = roster_find_name(standing, "be-four", 7) == 2;
    assert_true(has_three != has_four);
}
static void check_all_four_are_shut_out(const struct roster *standing)
{
    assert_int_equal(standing->nodes_count, 4);
    assert_int_equal(roster_counts_to(standing, 2, 0), 0);
    assert_int_equal(roster_counts_to(standing, 3, 0), 0);
}
static void check_revoked_early(const struct roster *standing)
{
    assert_int_equal(roster_counts_to(standing, 1, 0), SEQ_MAX);
    assert_int_equal(roster_counts_to(standing, 1, 1), 9);
    assert_int_equal(roster_counts_to(standing, 1, 2), 0);
}
static void check_common_key(const struct roster *standing)
{
    struct draft draft;
    draft_init(&draft);
    assert_false(standing->nodes[1].is_revoked);
    assert_memory_equal(standing->nodes[1].transport, draft.transport_keys[2], BOX_KEY_LEN);
    assert_null(standing->nodes[1].transport_also);
}
static void check_both_keys(const struct roster *standing)
{
    struct draft draft;
    draft_init(&draft);
    assert_int_equal(roster_find_transport(standing, draft.transport_keys[2]), 1);
    assert_int_equal(roster_find_transport(standing, draft.transport_keys[7]), 1);
}
static void check_no_key(const struct roster *standing)
{
    // Admitted nowhere, and all it wrote counts.
    assert_true(standing->nodes[1].is_revoked);
    assert_int_equal(roster_counts_to(standing, 1, 0), SEQ_MAX);
    assert_int_equal(roster_counts_to(standing, 1, EPOCH_MAX), SEQ_MAX);
}
static void check_both_endpoints(const struct roster *standing)
{
    assert_int_equal(standing->nodes[1].endpoints_count, 2);
    assert_int_equal(standing->nodes[0].endpoints_count, 1);
}
static void check_authorities_2_3(const struct roster *standing)
{
    assert_int_equal(standing->authorities_count, 2);
    assert_int_equal(standing->threshold, 2);
}
static void check_centre_has_nobody(const struct roster *standing)
{
    assert_int_equal(standing->centres_count, 3);
    check_third_is_shut_out(standing);
}

static const struct wish wishes[] = {
    {"differ in the federation's name", no_change, rename_federation, check_all_stands},
    {"a node in one only", no_change, add_three, check_third_is_shut_out},
    {"two nodes at one index", add_three, add_four, check_both_are_shut_out},
    {"one node at two indexes", add_three, add_four_three, check_all_four_are_shut_out},
    {"two centres at one index", add_centre_three, add_centre_four, check_centre_has_nobody},
    {"revoked in one", no_change, revoke_early, check_revoked_early},
    {"revoked at two points", revoke_late, revoke_early, check_revoked_early},
    {"a second key in one", no_change, announce_key, check_common_key},
    {"two keys, in turn", announce_key, use_other_key, check_both_keys},
    {"no key in common", announce_key, use_new_key_only, check_no_key},
    {"two endpoints", no_change, move_endpoint, check_both_endpoints},
    {"an authority replaced", no_change, authorities_2_3_4, check_authorities_2_3},
};

static void test_what_stands(void **state)
{
    (void)state;
    struct roster *first = make_first();
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct roster *standing =
            stand(make_next(first, wishes[i].one), make_next(first, wishes[i].other));
        assert_int_equal(standing->version, 2);
        assert_memory_equal(standing->federation, first->federation, ID_LEN);
        assert_memory_equal(standing->parents[0], standing->rivals[0]->hash, ID_LEN);
        assert_memory_equal(standing->parents[1], standing->rivals[1]->hash, ID_LEN);
        print_message("%s\n", wishes[i].name);
        wishes[i].check(standing);
        roster_destroy(&standing);
        // Which came first makes no difference.
        standing = stand(make_next(first, wishes[i].other), make_next(first, wishes[i].one));
        wishes[i].check(standing);
        roster_destroy(&standing);
    }
    roster_destroy(&first);
}

// Nothing is in the standing roster that a rival does not have as well.
static void admits_no_more(const struct roster *standing, const struct roster *rival)
{
    for (size_t i = 0; i < standing->nodes_count; i++) {
        const struct roster_node *node = &standing->nodes[i];
        const int32_t at = roster_find_signing(rival, node->signing);
        for (uint64_t epoch = 0; epoch < 4; epoch++) {
            const uint64_t counts = roster_counts_to(standing, (uint32_t)i, epoch);
            const uint64_t there = at < 0 ? 0 : roster_counts_to(rival, (uint32_t)at, epoch);
            assert_true(counts <= there);
        }
        if (!node->is_revoked) {
            assert_int_equal(at, i);
            assert_int_equal(roster_find_transport(rival, node->transport), i);
            assert_true(!node->transport_also ||
                        roster_find_transport(rival, node->transport_also) == at);
            assert_false(rival->nodes[at].is_revoked);
        }
    }
}

static struct roster *copy(const struct roster *roster)
{
    struct roster *made = NULL;
    assert_int_equal(
        roster_decode(roster->signed_document.bytes, roster->signed_document.len, &made), ERR_OK);
    return made;
}

static struct roster *stand_in_order(struct roster *const *rosters, const size_t *order,
                                     size_t count)
{
    struct roster *copies[ROSTER_PARENTS_MAX];
    struct roster *standing = NULL;
    for (size_t i = 0; i < count; i++) {
        copies[i] = copy(rosters[order[i]]);
    }
    assert_int_equal(roster_stand(copies, count, &standing), ERR_OK);
    return standing;
}

// Any three successors in any order: the same bytes, and never more than any two of them allow.
static void test_any_order_stands_alike(void **state)
{
    (void)state;
    static void (*const changes[])(struct draft * draft) = {
        no_change,         add_three,         add_four,          add_four_three,
        add_centre_three,  add_centre_four,   revoke_early,      revoke_late,
        announce_key,      use_other_key,     use_new_key_only,  move_endpoint,
        rename_federation, authorities_2_3_4, authorities_5_6_7, add_three_revoked};
    enum { CHANGES = sizeof changes / sizeof *changes };
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}};
    struct roster *first = make_first();
    struct roster *made[CHANGES];
    for (size_t i = 0; i < CHANGES; i++) {
        made[i] = make_next(first, changes[i]);
    }
    for (size_t a = 0; a < CHANGES; a++) {
        for (size_t b = a + 1; b < CHANGES; b++) {
            struct roster *const two[] = {made[a], made[b]};
            struct roster *pair = stand_in_order(two, orders[0], 2);
            admits_no_more(pair, made[a]);
            admits_no_more(pair, made[b]);
            for (size_t c = b + 1; c < CHANGES; c++) {
                struct roster *const three[] = {made[a], made[b], made[c]};
                struct roster *standing = stand_in_order(three, orders[0], 3);
                for (size_t o = 1; o < 4; o++) {
                    struct roster *again = stand_in_order(three, orders[o], 3);
                    assert_memory_equal(again->hash, standing->hash, ID_LEN);
                    roster_destroy(&again);
                }
                admits_no_more(standing, made[c]);
                admits_no_more(standing, pair);
                roster_destroy(&standing);
            }
            roster_destroy(&pair);
        }
    }
    for (size_t i = 0; i < CHANGES; i++) {
        roster_destroy(&made[i]);
    }
    roster_destroy(&first);
}

// -- what settles --

static void test_settlements(void **state)
{
    (void)state;
    struct roster *first = make_first();
    for (size_t i = 0; i < sizeof settlings / sizeof *settlings; i++) {
        const struct settling *settling = &settlings[i];
        struct roster *standing =
            stand(make_next(first, settling->one), make_next(first, settling->other));
        struct roster *next = settle(standing->rivals, 2, settling->settle);
        const enum err err = roster_check_next(standing, next);
        if (err != settling->err) {
            fail_msg("%s: %s", settling->name, err_text(err));
        }
        // The same for the rosters themselves, in any order.
        const struct roster *const turned[] = {standing->rivals[1], standing->rivals[0]};
        assert_int_equal(roster_check_follows(turned, 2, next), err);
        roster_destroy(&next);
        roster_destroy(&standing);
    }
    roster_destroy(&first);
}

// Parents that do not ascend, or come twice, are no roster at all.
static void test_parents_ascend(void **state)
{
    (void)state;
    struct roster *first = make_first();
    struct draft draft;
    struct roster *next = NULL;
    for (uint8_t second = 0; second < 2; second++) {
        draft_init(&draft);
        draft_authorities(&draft, 3, 2);
        draft_follow(&draft, first);
        memcpy(draft.parents[1], draft.parents[0], ID_LEN);
        draft.parents[1][0] = second == 0 ? draft.parents[0][0] : 0;
        draft.parents[0][0] = second == 0 ? draft.parents[0][0] : 1;
        draft.roster.parents_count = 2;
        assert_int_equal(draft_decode(&draft, &next), ERR_MALFORMED);
    }
    roster_destroy(&first);
}

// A fork of three; a fork that goes on with one of its sides; and a fork of settlements.
static void test_forks_go_on(void **state)
{
    (void)state;
    struct roster *first = make_first();
    struct roster *made[] = {make_next(first, no_change), make_next(first, add_three),
                             make_next(first, revoke_early)};
    const struct roster *three[] = {made[0], made[1], made[2]};
    struct roster *all = settle(three, 3, add_three);
    assert_int_equal(roster_check_follows(three, 3, all), ERR_MALFORMED); // brings nl-kcr2 back
    roster_destroy(&all);
    all = settle(three, 3, add_three_without_nl);
    assert_int_equal(roster_check_follows(three, 3, all), ERR_OK);
    assert_int_equal(roster_check_follows(three, 2, all), ERR_DENIED);

    // Version 3 goes on from the second; what settles is version 4, of parents 2 and 3.
    struct roster *further = make_next(three[1], add_three);
    const struct roster *uneven[] = {three[0], further};
    struct roster *settled = settle(uneven, 2, add_three);
    assert_int_equal(settled->version, 4);
    assert_int_equal(roster_check_follows(uneven, 2, settled), ERR_OK);
    const struct roster *past[] = {three[0], three[1]};
    assert_int_equal(roster_check_follows(past, 2, settled), ERR_STATE);

    // Two settlements of one fork are a fork, and are settled like one.
    struct roster *other = settle(uneven, 2, add_three_revoked);
    assert_int_equal(roster_check_follows(uneven, 2, other), ERR_OK);
    const struct roster *settlements[] = {settled, other};
    struct roster *last = settle(settlements, 2, add_three_revoked);
    assert_int_equal(roster_check_follows(settlements, 2, last), ERR_OK);
    assert_int_equal(roster_check_next(settled, last), ERR_DENIED);
    struct roster *gone[] = {first, made[0], made[1], made[2], all, further, settled, other, last};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        roster_destroy(&gone[i]);
    }
}

// -- the edit that settles --

static void test_the_edit_settles(void **state)
{
    (void)state;
    static void (*const pairs[][2])(struct draft * draft) = {
        {no_change, rename_federation},     {add_three, add_four},
        {add_three, add_four_three},        {add_centre_three, add_centre_four},
        {no_change, revoke_early},          {add_three_revoked, add_four},
        {announce_key, use_new_key_only},   {no_change, authorities_2_3_4},
        {add_centre_three, add_four_three},
    };
    struct roster *first = make_first();
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct roster *standing =
            stand(make_next(first, pairs[i][0]), make_next(first, pairs[i][1]));
        struct roster_edit *edit = NULL;
        struct proposal *proposal = NULL;
        struct roster *next = NULL;
        struct proposal_tally tally;
        uint8_t *bytes = NULL;
        size_t len = 0;
        assert_int_equal(roster_edit_begin(standing, &edit), ERR_OK);
        assert_int_equal(roster_edit_finish(edit, &bytes, &len), ERR_OK);
        assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
        free(bytes);
        assert_int_equal(proposal_check(standing, proposal), ERR_OK);
        for (uint8_t number = 1; number <= 4; number++) { // each counts for who knows it
            struct signing_key key;
            uint8_t public_key[SIGN_KEY_LEN];
            draft_authority(number, &key, public_key);
            proposal_count(standing, proposal, &tally);
            assert_true(number > 2 || !tally.is_complete);
            const enum err err = proposal_sign(standing, proposal, &key);
            assert_true(err == ERR_OK || number == 4);
        }
        proposal_count(standing, proposal, &tally);
        assert_true(tally.is_complete);
        assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
        assert_int_equal(roster_decode(bytes, len, &next), ERR_OK);
        assert_int_equal(roster_check_next(standing, next), ERR_OK);
        // Everybody whom a rival has is in it.
        for (size_t r = 0; r < 2; r++) {
            for (size_t n = 0; n < standing->rivals[r]->nodes_count; n++) {
                assert_true(roster_find_signing(next, standing->rivals[r]->nodes[n].signing) >= 0);
            }
        }
        free(bytes);
        proposal_destroy(&proposal);
        roster_edit_destroy(&edit);
        roster_destroy(&next);
        roster_destroy(&standing);
    }
    roster_destroy(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stands), cmocka_unit_test(test_any_order_stands_alike),
        cmocka_unit_test(test_settlements), cmocka_unit_test(test_parents_ascend),
        cmocka_unit_test(test_forks_go_on), cmocka_unit_test(test_the_edit_settles),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
