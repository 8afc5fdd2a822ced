// SPDX-License-Identifier: EUPL-1.2
// Changes of a roster: what each does to the successor, and what is impossible.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "roundtrip_proposal.h"
#include "sitrep/roster_edit.h"
#include "sitrep/roster_keys.h"

// Authorities 1, 2, 3 with threshold 2; nodes be-nccn, and nl-kcr2 revoked at entry 7.
struct editing {
    struct draft keys;
    struct request request;
    struct roster_edit *edit;
};

static void begin(struct editing *editing)
{
    struct signing_key key;
    uint8_t secret[BOX_KEY_LEN];
    draft_init(&editing->keys);
    editing->request = (struct request){.centre_code = "lu-hcpn",
                                        .centre_title = "HCPN",
                                        .node_name = "lu-hcpn",
                                        .sync_endpoint = "tcp://hcpn.example:7000",
                                        .live_endpoint = "tcp://hcpn.example:7001",
                                        .time_ms = 1700000000000};
    draft_node_keys(3, &key, editing->request.signing, editing->request.transport, secret);
    assert_int_equal(roster_edit_begin(roundtrip_in_force(), &editing->edit), ERR_OK);
}

// The proposed version, which may follow the one in force by all but its signatures.
static struct proposal *finish(struct editing *editing)
{
    struct proposal *proposal = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(roster_edit_finish(editing->edit, &bytes, &len), ERR_OK);
    assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
    assert_int_equal(proposal_check(roundtrip_in_force(), proposal), ERR_OK);
    assert_int_equal(proposal->signatures_count, 0);
    assert_int_equal(proposal->roster->version, roundtrip_in_force()->version + 1);
    roster_edit_destroy(&editing->edit);
    free(bytes);
    return proposal;
}

static bool is_text(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.bytes, text, span.len) == 0;
}

static void test_nothing_is_no_change(void **state)
{
    (void)state;
    struct editing editing;
    uint8_t *bytes = NULL;
    size_t len = 0;
    begin(&editing);
    assert_int_equal(roster_edit_finish(editing.edit, &bytes, &len), ERR_STATE);
    assert_null(bytes);
    roster_edit_destroy(&editing.edit);
    roster_edit_destroy(&editing.edit);
}

static void test_all_at_once(void **state)
{
    (void)state;
    struct editing editing;
    begin(&editing);
    struct roster_edit *edit = editing.edit;
    const struct draft *keys = &editing.keys;
    assert_int_equal(roster_edit_add(edit, &editing.request), ERR_OK);
    assert_int_equal(roster_edit_revoke(edit, "be-nccn", 2, 41), ERR_OK);
    assert_int_equal(roster_edit_endpoint(edit, "lu-hcpn", "tcp://10.0.0.9:1", "tcp://10.0.0.9:2"),
                     ERR_OK);
    assert_int_equal(roster_edit_endpoint(edit, "be-nccn", NULL, NULL), ERR_OK);
    assert_int_equal(roster_edit_title(edit, "nl-kcr2", "nl", "Knooppunt"), ERR_OK);
    assert_int_equal(roster_edit_title(edit, "nl-kcr2", "und", "KCR2"), ERR_OK);
    assert_int_equal(roster_edit_title(edit, "lu-hcpn", "de", "Hochkommissariat"), ERR_OK);
    assert_int_equal(roster_edit_name(edit, "Five countries"), ERR_OK);
    assert_int_equal(roster_edit_add_authority(edit, keys->authority_keys[4]), ERR_OK);
    assert_int_equal(
        roster_edit_replace_authority(edit, keys->authority_keys[1], keys->authority_keys[5]),
        ERR_OK);
    assert_int_equal(roster_edit_remove_authority(edit, keys->authority_keys[2]), ERR_OK);
    assert_int_equal(roster_edit_threshold(edit, 3), ERR_OK);
    uint32_t threshold = 0;
    assert_int_equal(roster_edit_authorities(edit, &threshold), 3);
    assert_int_equal(threshold, 3);

    struct proposal *proposal = finish(&editing);
    const struct roster *made = proposal->roster;
    assert_true(is_text(made->name, "Five countries"));
    assert_int_equal(made->nodes_count, 3);
    assert_true(is_text(made->nodes[2].name, "lu-hcpn"));
    assert_true(is_text(made->nodes[2].endpoints[0].sync, "tcp://10.0.0.9:1"));
    assert_memory_equal(made->nodes[2].signing, editing.request.signing, SIGN_KEY_LEN);
    assert_true(made->nodes[0].is_revoked);
    assert_int_equal(made->nodes[0].revoked_epoch, 2);
    assert_int_equal(made->nodes[0].revoked_seq, 41);
    assert_int_equal(made->nodes[0].endpoints_count, 0);
    assert_int_equal(made->nodes[1].revoked_seq, 7);
    assert_int_equal(made->centres_count, 3);
    assert_int_equal(made->centres[1].titles_count, 2); // "nl" stands before "und"
    assert_true(is_text(made->centres[1].titles[0].text, "Knooppunt"));
    assert_true(is_text(made->centres[1].titles[1].text, "KCR2"));
    assert_true(is_text(made->centres[2].titles[0].text, "Hochkommissariat"));
    assert_true(is_text(made->centres[2].titles[1].text, "HCPN"));
    assert_int_equal(made->authorities_count, 3);
    assert_memory_equal(made->authorities[0], keys->authority_keys[5], SIGN_KEY_LEN);
    assert_memory_equal(made->authorities[1], keys->authority_keys[3], SIGN_KEY_LEN);
    assert_memory_equal(made->authorities[2], keys->authority_keys[4], SIGN_KEY_LEN);
    assert_int_equal(made->threshold, 3);
    proposal_destroy(&proposal);
}

static enum err add_name_taken(struct editing *editing)
{
    memcpy(editing->request.node_name, "be-nccn", 8);
    return roster_edit_add(editing->edit, &editing->request);
}
static enum err add_revoked_key(struct editing *editing)
{
    memcpy(editing->request.signing, editing->keys.signing_keys[2], SIGN_KEY_LEN);
    return roster_edit_add(editing->edit, &editing->request);
}
static enum err add_twice(struct editing *editing)
{
    assert_int_equal(roster_edit_add(editing->edit, &editing->request), ERR_OK);
    return roster_edit_add(editing->edit, &editing->request);
}
static enum err add_weak_key(struct editing *editing)
{
    memset(editing->request.transport, 0, BOX_KEY_LEN);
    return roster_edit_add(editing->edit, &editing->request);
}
static enum err add_bad_endpoint(struct editing *editing)
{
    memcpy(editing->request.live_endpoint, "udp", 3);
    return roster_edit_add(editing->edit, &editing->request);
}
static enum err revoke_unknown(struct editing *editing)
{
    return roster_edit_revoke(editing->edit, "lu-hcpn", 0, 1);
}
static enum err revoke_as_it_is(struct editing *editing)
{
    return roster_edit_revoke(editing->edit, "nl-kcr2", 0, 7);
}
static enum err revoke_beyond_epochs(struct editing *editing)
{
    return roster_edit_revoke(editing->edit, "be-nccn", EPOCH_MAX + 1, 0);
}
static enum err revoke_beyond_seqs(struct editing *editing)
{
    return roster_edit_revoke(editing->edit, "be-nccn", 0, SEQ_MAX + 1);
}
static enum err endpoint_of_unknown(struct editing *editing)
{
    return roster_edit_endpoint(editing->edit, "lu", "tcp://h:1", "tcp://h:2");
}
static enum err endpoint_wildcard(struct editing *editing)
{
    return roster_edit_endpoint(editing->edit, "be-nccn", "tcp://*:1", "tcp://h:2");
}
static enum err endpoint_as_it_is(struct editing *editing)
{
    return roster_edit_endpoint(editing->edit, "be-nccn", "tcp://10.0.0.1:7000",
                                "tcp://10.0.0.1:7001");
}
static enum err endpoint_none_twice(struct editing *editing)
{
    assert_int_equal(roster_edit_endpoint(editing->edit, "be-nccn", NULL, NULL), ERR_OK);
    return roster_edit_endpoint(editing->edit, "be-nccn", NULL, NULL);
}
static enum err title_of_unknown(struct editing *editing)
{
    return roster_edit_title(editing->edit, "lu", "nl", "L");
}
static enum err title_as_it_is(struct editing *editing)
{
    return roster_edit_title(editing->edit, "be-nccn", "und", "A centre");
}
static enum err title_with_an_escape(struct editing *editing)
{
    return roster_edit_title(editing->edit, "be-nccn", "nl", "\033[2J");
}
static enum err title_without_language(struct editing *editing)
{
    return roster_edit_title(editing->edit, "be-nccn", "", "T");
}
static enum err title_number_17(struct editing *editing)
{
    static const char *const langs[] = {"aa", "ab", "ac", "ad", "ae", "af", "ag", "ah",
                                        "ai", "aj", "ak", "al", "am", "an", "ao"};
    for (size_t i = 0; i < sizeof langs / sizeof *langs; i++) {
        assert_int_equal(roster_edit_title(editing->edit, "be-nccn", langs[i], "T"), ERR_OK);
    }
    return roster_edit_title(editing->edit, "be-nccn", "ap", "T");
}
static enum err name_empty(struct editing *editing)
{
    return roster_edit_name(editing->edit, "");
}
static enum err name_as_it_is(struct editing *editing)
{
    return roster_edit_name(editing->edit, "Rhine and Meuse");
}
static enum err authority_there(struct editing *editing)
{
    return roster_edit_add_authority(editing->edit, editing->keys.authority_keys[3]);
}
static enum err authority_weak(struct editing *editing)
{
    static const uint8_t zero[SIGN_KEY_LEN];
    return roster_edit_add_authority(editing->edit, zero);
}
static enum err authority_number_65(struct editing *editing)
{
    for (unsigned i = 4; i <= 64; i++) {
        assert_int_equal(roster_edit_add_authority(editing->edit, editing->keys.authority_keys[i]),
                         ERR_OK);
    }
    return roster_edit_add_authority(editing->edit, editing->keys.authority_keys[65]);
}
static enum err authority_unknown(struct editing *editing)
{
    return roster_edit_remove_authority(editing->edit, editing->keys.authority_keys[9]);
}
static enum err replace_unknown(struct editing *editing)
{
    return roster_edit_replace_authority(editing->edit, editing->keys.authority_keys[9],
                                         editing->keys.authority_keys[4]);
}
static enum err replace_by_one_there(struct editing *editing)
{
    return roster_edit_replace_authority(editing->edit, editing->keys.authority_keys[1],
                                         editing->keys.authority_keys[2]);
}
static enum err threshold_as_it_is(struct editing *editing)
{
    return roster_edit_threshold(editing->edit, 2);
}

static void test_refused_changes(void **state)
{
    (void)state;
    static const struct {
        enum err (*change)(struct editing *editing);
        enum err err;
    } cases[] = {
        {add_name_taken, ERR_STATE},
        {add_revoked_key, ERR_STATE},
        {add_twice, ERR_STATE},
        {add_weak_key, ERR_DENIED},
        {add_bad_endpoint, ERR_MALFORMED},
        {revoke_unknown, ERR_NOT_FOUND},
        {revoke_as_it_is, ERR_STATE},
        {revoke_beyond_epochs, ERR_LIMIT},
        {revoke_beyond_seqs, ERR_LIMIT},
        {endpoint_of_unknown, ERR_NOT_FOUND},
        {endpoint_wildcard, ERR_MALFORMED},
        {endpoint_as_it_is, ERR_STATE},
        {endpoint_none_twice, ERR_STATE},
        {title_of_unknown, ERR_NOT_FOUND},
        {title_as_it_is, ERR_STATE},
        {title_with_an_escape, ERR_MALFORMED},
        {title_without_language, ERR_MALFORMED},
        {title_number_17, ERR_LIMIT},
        {name_empty, ERR_MALFORMED},
        {name_as_it_is, ERR_STATE},
        {authority_there, ERR_STATE},
        {authority_weak, ERR_DENIED},
        {authority_number_65, ERR_LIMIT},
        {authority_unknown, ERR_NOT_FOUND},
        {replace_unknown, ERR_NOT_FOUND},
        {replace_by_one_there, ERR_STATE},
        {threshold_as_it_is, ERR_STATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct editing editing;
        begin(&editing);
        const enum err err = cases[i].change(&editing);
        if (err != cases[i].err) {
            fail_msg("case %zu: %s", i, err_text(err));
        }
        // The refusal has left the edit fit for use.
        assert_int_equal(roster_edit_name(editing.edit, "Another"), ERR_OK);
        if (cases[i].change != authority_number_65) { // no majority any more
            struct proposal *proposal = finish(&editing);
            proposal_destroy(&proposal);
        }
        roster_edit_destroy(&editing.edit);
    }
}

static void test_threshold_is_a_majority(void **state)
{
    (void)state;
    for (uint32_t authorities = 3; authorities <= 8; authorities++) {
        for (uint32_t threshold = 0; threshold <= 9; threshold++) {
            struct editing editing;
            uint8_t *bytes = NULL;
            size_t len = 0;
            begin(&editing);
            for (uint32_t i = 4; i <= authorities; i++) {
                assert_int_equal(
                    roster_edit_add_authority(editing.edit, editing.keys.authority_keys[i]),
                    ERR_OK);
            }
            assert_int_equal(roster_edit_threshold(editing.edit, threshold),
                             threshold == 2 ? ERR_STATE : ERR_OK);
            assert_int_equal(roster_edit_name(editing.edit, "Another"), ERR_OK);
            const bool is_majority = threshold <= authorities && 2 * threshold > authorities;
            assert_int_equal(roster_edit_finish(editing.edit, &bytes, &len),
                             is_majority ? ERR_OK : ERR_DENIED);
            free(bytes);
            roster_edit_destroy(&editing.edit);
        }
    }
}

static void test_last_authority(void **state)
{
    (void)state;
    struct editing editing;
    uint8_t *bytes = NULL;
    size_t len = 0;
    begin(&editing);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(roster_edit_remove_authority(editing.edit, editing.keys.authority_keys[i]),
                         ERR_OK);
    }
    assert_int_equal(roster_edit_finish(editing.edit, &bytes, &len), ERR_DENIED);
    roster_edit_destroy(&editing.edit);
}

static void test_text_is_utf8(void **state)
{
    (void)state;
    struct editing editing;
    uint8_t *bytes = NULL;
    size_t len = 0;
    begin(&editing);
    assert_int_equal(roster_edit_name(editing.edit, "Li\xe8ge"), ERR_OK);
    assert_int_equal(roster_edit_finish(editing.edit, &bytes, &len), ERR_MALFORMED);
    assert_null(bytes);
    roster_edit_destroy(&editing.edit);
}

// As many changes as are needed to outgrow what one of them may take.
static void test_many_changes(void **state)
{
    (void)state;
    enum { COUNT = 64 };
    static struct request requests[COUNT];
    struct editing editing;
    begin(&editing);
    for (unsigned i = 0; i < COUNT; i++) {
        uint8_t seed[32] = {(uint8_t)i, 9};
        struct signing_key key;
        uint8_t secret[BOX_KEY_LEN];
        requests[i] = editing.request;
        memset(requests[i].centre_title, 't', TITLE_MAX_LEN);
        memset(requests[i].sync_endpoint + 6, 'h', 200);
        memcpy(requests[i].sync_endpoint + 206, ":1", 3);
        (void)snprintf(requests[i].centre_code, sizeof requests[i].centre_code, "c%u", i);
        (void)snprintf(requests[i].node_name, sizeof requests[i].node_name, "n%u", i);
        signing_key_from_seed(&key, seed, requests[i].signing);
        crypto_box_seed_keypair(requests[i].transport, secret, seed);
        assert_int_equal(roster_edit_add(editing.edit, &requests[i]), ERR_OK);
    }
    struct proposal *proposal = finish(&editing);
    assert_int_equal(proposal->roster->nodes_count, 2 + COUNT);
    assert_int_equal(proposal->roster->centres_count, 2 + COUNT);
    proposal_destroy(&proposal);
}

// Which keys of the proposed version expire when: those of `keys`, in the order of their bytes.
static void check_expiries(struct editing *editing, const uint8_t *const *keys,
                           const uint64_t *times, size_t count)
{
    struct proposal *proposal = finish(editing);
    const struct roster *made = proposal->roster;
    assert_int_equal(made->expiries_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(roster_key_expires_ms(made, keys[i]), times[i]);
    }
    assert_int_equal(roster_key_expires_ms(made, editing->request.signing), 0);
    proposal_destroy(&proposal);
}

struct pair {
    const uint8_t *transport, *also;
};

// One step of nl-kcr2 from `before` towards its request's key; whether it ends at `after`.
static void check_step(struct pair before, struct pair after)
{
    struct editing editing;
    struct roster *current = NULL;
    struct proposal *proposal = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    begin(&editing);
    roster_edit_destroy(&editing.edit);
    editing.keys.nodes[1].transport = before.transport;
    editing.keys.nodes[1].transport_also = before.also;
    assert_int_equal(draft_decode(&editing.keys, &current), ERR_OK);
    assert_int_equal(roster_edit_begin(current, &editing.edit), ERR_OK);
    (void)strcpy(editing.request.node_name, "nl-kcr2");
    memcpy(editing.request.signing, editing.keys.signing_keys[2], SIGN_KEY_LEN);
    assert_int_equal(roster_edit_transport(editing.edit, &editing.request), ERR_OK);
    assert_int_equal(roster_edit_transport(editing.edit, &editing.request), ERR_STATE);
    assert_int_equal(roster_edit_finish(editing.edit, &bytes, &len), ERR_OK);
    assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
    assert_int_equal(proposal_check(current, proposal), ERR_OK);
    const struct roster_node *node = &proposal->roster->nodes[1];
    assert_memory_equal(node->transport, after.transport, BOX_KEY_LEN);
    assert_int_equal(node->transport_also == NULL, after.also == NULL);
    if (after.also != NULL) {
        assert_memory_equal(node->transport_also, after.also, BOX_KEY_LEN);
    }
    proposal_destroy(&proposal);
    free(bytes);
    roster_edit_destroy(&editing.edit);
    roster_destroy(&current);
}

static void test_transport_key_changes_step_by_step(void **state)
{
    (void)state;
    struct draft keys;
    draft_init(&keys);
    const uint8_t *was = keys.transport_keys[2];
    const uint8_t *asked = keys.transport_keys[3];
    check_step((struct pair){was, NULL}, (struct pair){was, asked});
    check_step((struct pair){was, asked}, (struct pair){asked, was});
    check_step((struct pair){asked, was}, (struct pair){asked, NULL});
    // Another that was announced gives way.
    check_step((struct pair){was, keys.transport_keys[4]}, (struct pair){was, asked});
}

static void test_refused_changes_of_a_transport_key(void **state)
{
    (void)state;
    struct editing editing;
    begin(&editing);
    struct roster_edit *edit = editing.edit;
    struct request *request = &editing.request;
    const struct draft *draft = &editing.keys;
    (void)strcpy(request->node_name, "nl-kcr2");
    assert_int_equal(roster_edit_transport(edit, request), ERR_NOT_FOUND); // not its signing key
    memcpy(request->signing, draft->signing_keys[2], SIGN_KEY_LEN);
    memcpy(request->transport, draft->transport_keys[1], BOX_KEY_LEN);
    assert_int_equal(roster_edit_transport(edit, request), ERR_STATE); // another node's
    memcpy(request->transport, draft->transport_keys[2], BOX_KEY_LEN);
    assert_int_equal(roster_edit_transport(edit, request), ERR_STATE); // in use, and the only one
    memset(request->transport, 0, BOX_KEY_LEN);
    assert_int_equal(roster_edit_transport(edit, request), ERR_DENIED);
    roster_edit_destroy(&editing.edit);
}

static void test_keys_expire(void **state)
{
    (void)state;
    struct editing editing;
    begin(&editing);
    const struct draft *draft = &editing.keys;
    struct roster_edit *edit = editing.edit;
    const uint8_t *const keys[] = {draft->authority_keys[1], draft->signing_keys[1],
                                   draft->transport_keys[2], editing.request.transport};
    const uint64_t times[] = {1, SEQ_MAX, 1900000000000, 5};
    assert_int_equal(roster_edit_expiry(edit, editing.request.transport, 5), ERR_NOT_FOUND);
    assert_int_equal(roster_edit_add(edit, &editing.request), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(roster_edit_expiry(edit, keys[i], 0), ERR_STATE);
        assert_int_equal(roster_edit_expiry(edit, keys[i], 7777), ERR_OK);
        assert_int_equal(roster_edit_expiry(edit, keys[i], times[i]), ERR_OK);
        assert_int_equal(roster_edit_expiry(edit, keys[i], times[i]), ERR_STATE);
        assert_int_equal(roster_edit_expiry(edit, keys[i], SEQ_MAX + 1), ERR_LIMIT);
    }
    assert_int_equal(roster_edit_expiry(edit, draft->authority_keys[9], 1), ERR_NOT_FOUND);
    check_expiries(&editing, keys, times, 4);
}

// A request's own wish comes in with its keys, and what is said of the node later goes before it.
static void test_requests_ask_for_expiry(void **state)
{
    (void)state;
    for (uint64_t decided = 0; decided < 3; decided++) {
        struct editing editing;
        begin(&editing);
        editing.request.expires_ms = 1900000000000;
        assert_int_equal(roster_edit_node_expiry(editing.edit, "lu-hcpn", 1), ERR_NOT_FOUND);
        assert_int_equal(roster_edit_add(editing.edit, &editing.request), ERR_OK);
        if (decided > 0) {
            assert_int_equal(roster_edit_node_expiry(editing.edit, "lu-hcpn", decided - 1), ERR_OK);
            assert_int_equal(roster_edit_node_expiry(editing.edit, "lu-hcpn", decided - 1),
                             ERR_STATE);
        }
        const uint64_t wanted = decided == 0 ? 1900000000000 : decided - 1;
        struct proposal *proposal = finish(&editing);
        const struct roster *made = proposal->roster;
        assert_int_equal(roster_key_expires_ms(made, editing.request.signing), wanted);
        assert_int_equal(roster_key_expires_ms(made, editing.request.transport), wanted);
        assert_int_equal(made->expiries_count, wanted > 0 ? 2 : 0);
        proposal_destroy(&proposal);
    }
}

// Taking it back is a change, too; and a key that goes takes its expiry with it.
static void test_expiries_go(void **state)
{
    (void)state;
    struct editing editing;
    begin(&editing);
    const struct draft *draft = &editing.keys;
    struct roster_edit *edit = editing.edit;
    const uint8_t *const keys[] = {draft->signing_keys[2]};
    const uint64_t times[] = {3};
    assert_int_equal(roster_edit_expiry(edit, draft->authority_keys[1], 1), ERR_OK);
    assert_int_equal(roster_edit_expiry(edit, draft->signing_keys[1], 2), ERR_OK);
    assert_int_equal(roster_edit_expiry(edit, keys[0], times[0]), ERR_OK);
    assert_int_equal(roster_edit_expiry(edit, draft->signing_keys[1], 0), ERR_OK);
    assert_int_equal(
        roster_edit_replace_authority(edit, draft->authority_keys[1], draft->authority_keys[5]),
        ERR_OK);
    check_expiries(&editing, keys, times, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_no_change),
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_refused_changes),
        cmocka_unit_test(test_last_authority),
        cmocka_unit_test(test_threshold_is_a_majority),
        cmocka_unit_test(test_text_is_utf8),
        cmocka_unit_test(test_many_changes),
        cmocka_unit_test(test_transport_key_changes_step_by_step),
        cmocka_unit_test(test_refused_changes_of_a_transport_key),
        cmocka_unit_test(test_keys_expire),
        cmocka_unit_test(test_requests_ask_for_expiry),
        cmocka_unit_test(test_expiries_go),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
