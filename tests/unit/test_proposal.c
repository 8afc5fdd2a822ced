// SPDX-License-Identifier: EUPL-1.2
// Proposals signed one by one. Which bytes are refused is in test_proposal_vectors.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "roundtrip_proposal.h"
#include "sitrep/roster_edit.h"

// A change of the version in force, as its copies begin.
static struct proposal *propose(const struct roster *current, const char *name)
{
    struct roster_edit *edit = NULL;
    struct proposal *proposal = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(roster_edit_begin(current, &edit), ERR_OK);
    assert_int_equal(roster_edit_name(edit, name), ERR_OK);
    assert_int_equal(roster_edit_finish(edit, &bytes, &len), ERR_OK);
    assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
    assert_int_equal(proposal_check(current, proposal), ERR_OK);
    roster_edit_destroy(&edit);
    free(bytes);
    return proposal;
}

static enum err sign_by(struct proposal *proposal, uint8_t number)
{
    struct signing_key key;
    uint8_t public_key[SIGN_KEY_LEN];
    draft_authority(number, &key, public_key);
    return proposal_sign(roundtrip_in_force(), proposal, &key);
}

static bool is_complete(const struct proposal *proposal)
{
    struct proposal_tally tally;
    proposal_count(roundtrip_in_force(), proposal, &tally);
    return tally.is_complete;
}

static void test_signed_one_by_one(void **state)
{
    (void)state;
    struct proposal *proposal = propose(roundtrip_in_force(), "Another name");
    struct draft draft;
    uint8_t *bytes = NULL;
    size_t len = 0;
    draft_init(&draft);
    assert_false(is_complete(proposal));
    assert_int_equal(sign_by(proposal, 3), ERR_OK);
    assert_int_equal(sign_by(proposal, 3), ERR_OK);
    assert_int_equal(proposal->signatures_count, 1);
    assert_true(proposal_is_signed_by(proposal, draft.authority_keys[3]));
    assert_false(proposal_is_signed_by(proposal, draft.authority_keys[1]));
    assert_int_equal(sign_by(proposal, 9), ERR_DENIED);
    assert_int_equal(proposal->signatures_count, 1);
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    assert_false(roundtrip_takes_effect(bytes, len));
    free(bytes);
    assert_int_equal(sign_by(proposal, 1), ERR_OK);
    assert_true(is_complete(proposal));
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    assert_true(roundtrip_takes_effect(bytes, len));
    free(bytes);
    proposal_destroy(&proposal);
}

static void test_only_copies_are_merged(void **state)
{
    (void)state;
    struct proposal *one = propose(roundtrip_in_force(), "One name");
    struct proposal *copy = propose(roundtrip_in_force(), "One name");
    struct proposal *other = propose(roundtrip_in_force(), "Other name");
    assert_int_equal(sign_by(one, 1), ERR_OK);
    assert_int_equal(sign_by(copy, 2), ERR_OK);
    assert_int_equal(sign_by(other, 2), ERR_OK);
    assert_int_equal(proposal_merge(one, other), ERR_STATE);
    assert_false(is_complete(one));
    assert_int_equal(proposal_merge(one, copy), ERR_OK);
    assert_true(is_complete(one));
    proposal_destroy(&one);
    proposal_destroy(&copy);
    proposal_destroy(&other);
}

// Everything a key may be over-counted by: all subsets of old and new authorities and a stranger,
// with 3 replaced by 4. The step takes effect exactly with two of 1, 2, 3 and two of 1, 2, 4.
static void test_every_set_of_signers(void **state)
{
    (void)state;
    static const uint8_t numbers[] = {1, 2, 3, 4, 9};
    const struct roster *current = roundtrip_in_force();
    for (unsigned set = 0; set < 1U << sizeof numbers; set++) {
        struct draft draft;
        uint8_t bytes[DRAFT_MAX];
        struct proposal *proposal = NULL;
        size_t count = 0;
        draft_init(&draft);
        draft_authorities(&draft, 3, 2);
        draft_follow(&draft, current);
        draft.nodes[1].is_revoked = true;
        draft.nodes[1].revoked_seq = 7;
        draft.authorities[2] = draft.authority_keys[4];
        memset(draft.signers, 0, sizeof draft.signers);
        for (size_t i = 0; i < sizeof numbers; i++) {
            if ((set >> i & 1) != 0) {
                draft.signers[count++] = numbers[i];
            }
        }
        const size_t len = draft_write(&draft, bytes);
        assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
        assert_int_equal(proposal_check(current, proposal), ERR_OK);
        const unsigned both = (set & 1) + (set >> 1 & 1);
        const bool is_enough = both + (set >> 2 & 1) >= 2 && both + (set >> 3 & 1) >= 2;
        assert_int_equal(is_complete(proposal), is_enough);
        uint8_t *out = NULL;
        size_t out_len = 0;
        assert_int_equal(proposal_encode(proposal, &out, &out_len), ERR_OK);
        assert_int_equal(roundtrip_takes_effect(out, out_len), is_enough);
        free(out);
        proposal_destroy(&proposal);
    }
}

// A changed byte in the roster is another proposal or none, and takes every signature's effect.
static void test_every_changed_byte(void **state)
{
    (void)state;
    struct proposal *proposal = propose(roundtrip_in_force(), "Another name");
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(sign_by(proposal, 1), ERR_OK);
    assert_int_equal(sign_by(proposal, 2), ERR_OK);
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    for (size_t at = 0; at < len; at++) {
        struct proposal *changed = NULL;
        bytes[at] ^= 1;
        if (proposal_decode(bytes, len, &changed) == ERR_OK &&
            proposal_check(roundtrip_in_force(), changed) == ERR_OK) {
            assert_true(changed->signatures_count < 2);
            assert_true(changed->dropped > 0);
            assert_false(is_complete(changed));
        }
        bytes[at] ^= 1;
        proposal_destroy(&changed);
    }
    free(bytes);
    proposal_destroy(&proposal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_one_by_one),
        cmocka_unit_test(test_only_copies_are_merged),
        cmocka_unit_test(test_every_set_of_signers),
        cmocka_unit_test(test_every_changed_byte),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
