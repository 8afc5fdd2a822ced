// SPDX-License-Identifier: EUPL-1.2
// Forks found in a store, and what the API says of them.
#include "fake_api.h"
#include "forks.h"
#include "sitrep/fork_proof.h"

static void store_entries(struct desk *desk, uint32_t chain, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fake_store(desk, &(struct fake_entry){.chain = chain});
    }
}

// Another log of the author of `chain`.
static void fake_log(struct desk *desk, uint32_t number, uint32_t chain, uint64_t epoch)
{
    desk->chains[number] =
        (struct chain){.number = number, .parent = CHAIN_NONE, .first_seq = 1, .epoch = epoch};
    memcpy(desk->chains[number].author, desk->chains[chain].author, SIGN_KEY_LEN);
}

static void check_forks(struct desk *desk, const struct fork *expected, size_t count)
{
    struct fork *forks = NULL;
    size_t found = 0;
    assert_int_equal(forks_list(desk->store, desk->roster, &forks, &found), ERR_OK);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(forks[i].node, expected[i].node);
        assert_int_equal(forks[i].epoch, expected[i].epoch);
        assert_int_equal(forks[i].seq, expected[i].seq);
        assert_int_equal(forks[i].is_healed, expected[i].is_healed);
        assert_int_equal(forks[i].later_epoch, expected[i].later_epoch);
        assert_int_equal(forks[i].chains_count, expected[i].chains_count);
        for (size_t c = 0; c < expected[i].chains_count; c++) {
            assert_int_equal(forks[i].chains[c], expected[i].chains[c]);
        }
    }
    free(forks);
}

static void logs_without_forks_have_none(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    check_forks(desk, NULL, 0);
    store_entries(desk, 0, 3);
    store_entries(desk, 1, 1);
    fake_log(desk, 2, 0, 1); // the next epoch is no fork
    store_entries(desk, 2, 1);
    check_forks(desk, NULL, 0);
}

static void a_branch_that_only_goes_on_is_no_fork(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    store_entries(desk, 0, 2);
    fake_branch(desk, 2, 0, 3);
    store_entries(desk, 2, 1);
    check_forks(desk, NULL, 0);
}

static void what_parts_beyond_a_revocation_is_not_told(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    store_entries(desk, 0, 4);
    fake_branch(desk, 2, 0, 3);
    store_entries(desk, 2, 3);
    fake_branch(desk, 3, 2, 5);
    store_entries(desk, 3, 1);
    fake_revoke(desk, 0, 4);
    check_forks(desk, (struct fork[]){{0, 0, 3, {0, 2}, 2, false, 0}}, 1);
    fake_revoke(desk, 0, 2);
    check_forks(desk, NULL, 0);
}

static void forks_are_found_wherever_branches_part(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    store_entries(desk, 0, 4);
    fake_branch(desk, 2, 0, 3);
    store_entries(desk, 2, 3);
    check_forks(desk, (struct fork[]){{0, 0, 3, {0, 2}, 2, false, 0}}, 1);

    // A third branch there, although it was given the second as its parent; one that leaves the
    // second later on; and a fork of the other node at its first entry.
    fake_branch(desk, 3, 2, 3);
    store_entries(desk, 3, 1);
    fake_branch(desk, 4, 2, 5);
    store_entries(desk, 4, 1);
    fake_log(desk, 5, 1, 0);
    store_entries(desk, 1, 1);
    store_entries(desk, 5, 2);
    check_forks(desk,
                (struct fork[]){{0, 0, 3, {0, 2, 3}, 3, false, 0},
                                {0, 0, 5, {2, 4}, 2, false, 0},
                                {1, 0, 1, {1, 5}, 2, false, 0}},
                3);
}

static void the_next_epoch_heals(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    store_entries(desk, 0, 2);
    fake_branch(desk, 2, 0, 2);
    store_entries(desk, 2, 1);
    fake_log(desk, 3, 0, 1);
    store_entries(desk, 3, 2);
    fake_branch(desk, 4, 3, 2);
    store_entries(desk, 4, 1);
    check_forks(desk,
                (struct fork[]){{0, 0, 2, {0, 2}, 2, true, 1}, {0, 1, 2, {3, 4}, 2, false, 0}}, 2);
    fake_log(desk, 5, 1, 7); // another author's
    store_entries(desk, 5, 1);
    check_forks(desk,
                (struct fork[]){{0, 0, 2, {0, 2}, 2, true, 1}, {0, 1, 2, {3, 4}, 2, false, 0}}, 2);
}

// -- the API --

static json_t *get_json(struct fixture *fixture, const char *path)
{
    struct http_reply reply;
    http_get(fixture->path, path, &reply);
    assert_int_equal(reply.status, 200);
    json_t *json = json_loadb(reply.body, reply.body_len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    http_reply_fini(&reply);
    return json;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "(none)";
}

// A fork at entry 2 of the own log, its second branch stored an hour after the first.
static void make_fork(struct desk *desk)
{
    fake_now_ms = UINT64_C(1750000000000);
    store_entries(desk, 0, 2);
    fake_now_ms += 3600000;
    fake_branch(desk, 2, 0, 2);
    store_entries(desk, 2, 1);
}

static void a_fork_is_told_with_its_branches(void **state)
{
    struct fixture *fixture = *state;
    make_fork(&fixture->desk);
    json_t *json = get_json(fixture, "/v1/forks");
    const json_t *forks = json_object_get(json, "forks");
    assert_int_equal(json_array_size(forks), 1);
    const json_t *fork = json_array_get(forks, 0);
    assert_string_equal(text_of(fork, "node"), "be-nccn");
    assert_string_equal(text_of(fork, "centre"), "be-nccn");
    assert_true(json_is_true(json_object_get(fork, "own")));
    assert_int_equal(json_integer_value(json_object_get(fork, "epoch")), 0);
    assert_int_equal(json_integer_value(json_object_get(fork, "seq")), 2);
    assert_string_equal(text_of(fork, "noticed"), "2025-06-15T16:06:40.000Z");
    assert_true(json_is_null(json_object_get(fork, "later_epoch")));
    const json_t *branches = json_object_get(fork, "branches");
    assert_int_equal(json_array_size(branches), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *branch = json_array_get(branches, i);
        char path[64];
        (void)snprintf(path, sizeof path, "/v1/entries/be-nccn/2%c", "ab"[i]);
        json_t *entry = get_json(fixture, path);
        assert_string_equal(text_of(branch, "name"), path + strlen("/v1/entries/"));
        assert_string_equal(text_of(branch, "id"), text_of(entry, "id"));
        assert_string_equal(text_of(branch, "arrived"), text_of(entry, "arrived"));
        json_decref(entry);
    }
    json_decref(json);
    fake_log(&fixture->desk, 3, 0, 4);
    store_entries(&fixture->desk, 3, 1);
    json = get_json(fixture, "/v1/forks");
    fork = json_array_get(json_object_get(json, "forks"), 0);
    assert_int_equal(json_integer_value(json_object_get(fork, "later_epoch")), 4);
    json_decref(json);
}

static void its_proof_convinces(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    static struct fork_proof proof;
    static const char *const names[] = {"/v1/forks/be-nccn/2", "/v1/forks/be-nccn/2b"};
    store_entries(desk, 0, 1);
    fake_store(desk, &(struct fake_entry){.is_unsigned = true});
    store_entries(desk, 0, 1); // covers the one before
    fake_branch(desk, 2, 0, 2);
    store_entries(desk, 2, 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct http_reply reply;
        http_get(fixture->path, names[i], &reply);
        assert_int_equal(reply.status, 200);
        assert_non_null(strstr(reply.raw, "application/cbor"));
        assert_int_equal(fork_proof_decode((const uint8_t *)reply.body, reply.body_len, &proof),
                         ERR_OK);
        assert_memory_equal(proof.space, desk->roster->federation, ID_LEN);
        assert_memory_equal(proof.author, desk->public_key[0], SIGN_KEY_LEN);
        assert_int_equal(proof.seq, 2);
        assert_int_equal(proof.branches_count, 2);
        assert_int_equal(proof.branches[0].headers_count + proof.branches[1].headers_count, 3);
        http_reply_fini(&reply);
    }
}

static void check_refused(struct fixture *fixture, const char *path, int status, const char *text)
{
    struct http_reply reply;
    http_get(fixture->path, path, &reply);
    if (reply.status != status || strstr(reply.body, text) == NULL) {
        fail_msg("%s: %d %s", path, reply.status, reply.body);
    }
    http_reply_fini(&reply);
}

static void only_what_is_forked_can_be_proven(void **state)
{
    struct fixture *fixture = *state;
    make_fork(&fixture->desk);
    check_refused(fixture, "/v1/forks/be-nccn/1", 404, "no fork begins at be-nccn/1");
    check_refused(fixture, "/v1/forks/be-nccn.1/2", 404, "not_found");
    check_refused(fixture, "/v1/forks/nl-kcr2-b/2", 404, "not_found");
    check_refused(fixture, "/v1/forks/nobody/2", 404, "not_found");
    check_refused(fixture, "/v1/forks/be-nccn", 400, "for instance");
}

static void a_damaged_branch_is_told_and_proves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct desk *desk = &fixture->desk;
    store_entries(desk, 0, 2);
    fake_branch(desk, 2, 0, 2);
    fake_store(desk, &(struct fake_entry){.chain = 2, .is_damaged = true});
    json_t *json = get_json(fixture, "/v1/forks");
    assert_int_equal(json_array_size(json_object_get(json, "forks")), 1);
    json_decref(json);
    check_refused(fixture, "/v1/forks/be-nccn/2", 503, "damaged");
    assert_true(desk->reports_count > 0);
    assert_int_equal(desk->reports[0].chain, 2);
}

int main(void)
{
#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        AT_A_DESK(logs_without_forks_have_none),
        AT_A_DESK(a_branch_that_only_goes_on_is_no_fork),
        AT_A_DESK(forks_are_found_wherever_branches_part),
        AT_A_DESK(what_parts_beyond_a_revocation_is_not_told),
        AT_A_DESK(the_next_epoch_heals),
        AT_A_DESK(a_fork_is_told_with_its_branches),
        AT_A_DESK(its_proof_convinces),
        AT_A_DESK(only_what_is_forked_can_be_proven),
        AT_A_DESK(a_damaged_branch_is_told_and_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
