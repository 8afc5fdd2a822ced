// SPDX-License-Identifier: EUPL-1.2
// Proposals of rosters that come as entries: which are kept, what copies amount to, and that one
// which enough have signed is handed on, whoever carried it.
#include "clock.h"
#include "fake_desk.h"
#include "sitrep/proposal.h"
#include "sitrep/roster_edit.h"

enum { PATIENCE_MS = 10000 };

static void start(struct desk *desk)
{
    assert_int_equal(groups_start(desk->groups, desk), ERR_OK);
}

// The next version, with this name of the federation, signed by the one authority or by nobody.
static struct proposal *propose(struct desk *desk, const char *name, bool is_signed)
{
    struct roster_edit *edit = NULL;
    struct proposal *proposal = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(roster_edit_begin(desk->roster, &edit), ERR_OK);
    assert_int_equal(roster_edit_name(edit, name), ERR_OK);
    assert_int_equal(roster_edit_finish(edit, &bytes, &len), ERR_OK);
    assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
    if (is_signed) {
        assert_int_equal(proposal_sign(desk->roster, proposal, &desk->authority), ERR_OK);
    }
    roster_edit_destroy(&edit);
    free(bytes);
    return proposal;
}

// Stores it as an entry of node `author`, whose seq then is one more.
static void carry(struct desk *desk, uint32_t author, const struct proposal *proposal)
{
    uint8_t content[8192];
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    const size_t content_len =
        proposal_body_encode((struct span){bytes, len}, content, sizeof content);
    assert_true(content_len > 0);
    pthread_mutex_lock(&desk->mutex);
    fake_store(desk, &(struct fake_entry){
                         .chain = author, .content = content, .content_len = content_len});
    pthread_mutex_unlock(&desk->mutex);
    free(bytes);
    assert_int_equal(groups_catch_up(desk->groups, PATIENCE_MS), ERR_OK);
}

static void carry_new(struct desk *desk, uint32_t author, const char *name, bool is_signed)
{
    struct proposal *proposal = propose(desk, name, is_signed);
    carry(desk, author, proposal);
    proposal_destroy(&proposal);
}

// How many there are, and of the first one the entries and signatures.
static void check(struct desk *desk, size_t count, size_t entries, size_t signatures)
{
    struct groups_proposal *list = NULL;
    const size_t got = groups_proposals(desk->groups, desk->roster, &list);
    assert_int_equal(got, count);
    assert_int_equal(groups_proposals_open(desk->groups), count);
    if (got > 0) {
        assert_int_equal(list[0].entries_count, entries);
        assert_int_equal(list[0].proposal->signatures_count, signatures);
    }
    groups_proposals_free(&list, got);
}

static void test_copies_are_merged(void **state)
{
    struct desk *desk = *state;
    start(desk);
    check(desk, 0, 0, 0);
    carry_new(desk, 0, "one", false);
    check(desk, 1, 1, 0);
    carry_new(desk, 1, "two", false);
    check(desk, 2, 1, 0);
    carry_new(desk, 1, "one", false);
    check(desk, 2, 2, 0);
    struct groups_proposal *list = NULL;
    const size_t count = groups_proposals(desk->groups, desk->roster, &list);
    assert_int_equal(list[0].entries[0].author, 0);
    assert_int_equal(list[0].entries[1].author, 1);
    assert_int_equal(list[0].entries[1].seq, 2);
    groups_proposals_free(&list, count);
}

static void await_taken(struct desk *desk, uint64_t version)
{
    struct timespec until;
    int err = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&desk->mutex);
    while (desk->taken_version != version && err == 0) {
        err = pthread_cond_timedwait(&desk->changed, &desk->mutex, &until);
    }
    assert_int_equal(desk->taken_version, version);
    pthread_mutex_unlock(&desk->mutex);
}

static void test_the_last_signature_puts_it_in_force(void **state)
{
    struct desk *desk = *state;
    start(desk);
    carry_new(desk, 0, "one", false);
    assert_int_equal(desk->taken_version, 0);
    carry_new(desk, 1, "one", true);
    await_taken(desk, desk->roster->version + 1);
}

// Also one that was there before the thread was, by the bookmark of the run before.
static void test_it_is_found_again_after_a_start(void **state)
{
    struct desk *desk = *state;
    start(desk);
    carry_new(desk, 0, "one", false);
    groups_close(&desk->groups);
    fake_groups_open(desk, NULL);
    start(desk);
    assert_int_equal(groups_catch_up(desk->groups, PATIENCE_MS), ERR_OK);
    check(desk, 1, 1, 0);
    carry_new(desk, 1, "one", true);
    await_taken(desk, desk->roster->version + 1);
}

// A flood of one node's displaces its own, never another's.
static void test_a_flood_displaces_nobody(void **state)
{
    struct desk *desk = *state;
    char name[32];
    start(desk);
    carry_new(desk, 0, "an honest one", false);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "flood %d", i);
        carry_new(desk, 1, name, false);
    }
    check(desk, 9, 1, 0);
    struct groups_proposal *list = NULL;
    const size_t count = groups_proposals(desk->groups, desk->roster, &list);
    assert_int_equal(list[0].entries[0].author, 0);
    assert_int_equal(list[1].entries[0].seq, 13); // the newest eight
    groups_proposals_free(&list, count);
}

static void test_what_is_none_is_left_alone(void **state)
{
    struct desk *desk = *state;
    struct proposal *proposal = propose(desk, "one", true);
    uint8_t *bytes = NULL;
    uint8_t content[8192];
    size_t len = 0;
    start(desk);
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    len = proposal_body_encode((struct span){bytes, len}, content, sizeof content);
    // Sealed for a group that is not that of all members, whose key this node has.
    struct group_key key;
    uint8_t group[TAG_LEN] = {9};
    uint8_t secret[SECRET_LEN] = {9};
    group_key_derive(&key, group, secret);
    assert_int_equal(secrets_keep(desk->secrets, &key, 1), ERR_OK);
    pthread_mutex_lock(&desk->mutex);
    fake_store(desk, &(struct fake_entry){
                         .chain = 1, .key = &key, .content = content, .content_len = len});
    // A kind of another name, and a body with a byte too many.
    content[10] ^= 1;
    fake_store(desk, &(struct fake_entry){.chain = 1, .content = content, .content_len = len});
    pthread_mutex_unlock(&desk->mutex);
    assert_int_equal(groups_catch_up(desk->groups, PATIENCE_MS), ERR_OK);
    check(desk, 0, 0, 0);
    assert_int_equal(desk->taken_version, 0);
    free(bytes);
    proposal_destroy(&proposal);
}

static void test_beyond_a_revocation_it_is_none(void **state)
{
    struct desk *desk = *state;
    desk->roster->nodes[1].is_revoked = true;
    desk->roster->nodes[1].revoked_seq = 1;
    start(desk);
    carry_new(desk, 1, "one", false);
    carry_new(desk, 1, "two", false);
    check(desk, 1, 1, 0);
    desk->roster->nodes[1].revoked_seq = 2;
    struct groups_proposal *list = NULL;
    const size_t count = groups_proposals(desk->groups, desk->roster, &list);
    assert_int_equal(count, 2); // both count again, when the point moves [5.17]
    groups_proposals_free(&list, count);
}

static void test_what_can_follow_no_more_is_forgotten(void **state)
{
    struct desk *desk = *state;
    struct proposal *proposal = propose(desk, "one", true);
    struct roster *next = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    assert_int_equal(roster_decode(bytes, len, &next), ERR_OK);
    start(desk);
    carry_new(desk, 0, "another", false);
    check(desk, 1, 1, 0);
    groups_set_roster(desk->groups, next);
    carry(desk, 0, proposal); // of the version that is in force now
    struct groups_proposal *list = NULL;
    const size_t count = groups_proposals(desk->groups, desk->roster, &list);
    assert_int_equal(count, 0);
    groups_proposals_free(&list, count);
    groups_close(&desk->groups);
    fake_groups_open(desk, NULL);
    roster_destroy(&next);
    free(bytes);
    proposal_destroy(&proposal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_copies_are_merged),
        TEST(test_the_last_signature_puts_it_in_force),
        TEST(test_it_is_found_again_after_a_start),
        TEST(test_a_flood_displaces_nobody),
        TEST(test_what_is_none_is_left_alone),
        TEST(test_beyond_a_revocation_it_is_none),
        TEST(test_what_can_follow_no_more_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
