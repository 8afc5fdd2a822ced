// SPDX-License-Identifier: EUPL-1.2
// Which roster version may follow which, and that the versions we make may.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
#include "sitrep/invitation.h"
#include "sitrep/roster.h"

// Changes of a sound version 2, and what version 1 says to them. Version 1 has authorities 1, 2, 3
// and threshold 2; version 2 is signed by 1 and 2 unless changed.
static void change_nothing(struct draft *next)
{
    (void)next;
}
static void change_signers_2_and_3(struct draft *next)
{
    next->signers[0] = 3;
}
static void change_same_version(struct draft *next)
{
    next->roster.version = 1;
    next->roster.parents_count = 0;
    next->roster.name = draft_text("Other");
}
static void change_skip_version(struct draft *next)
{
    next->roster.version = 3;
}
static void change_fast_forward(struct draft *next)
{
    next->roster.version = SEQ_MAX;
}
static void change_federation(struct draft *next)
{
    next->roster.federation[0] ^= 1;
}
static void change_parent(struct draft *next)
{
    next->parents[0][0] ^= 1;
}
static void change_two_parents(struct draft *next)
{
    memset(next->parents[1], 0xff, ID_LEN); // they ascend
    next->roster.parents_count = 2;
}
static void change_authorities(struct draft *next) // to 2, 3, 4, signed by enough of both
{
    next->authorities[0] = next->authority_keys[4];
    next->signers[0] = 2;
    next->signers[1] = 3;
}
static void change_all_authorities(struct draft *next) // to 4, signed by 1, 2 and 4
{
    next->authorities[0] = next->authority_keys[4];
    next->roster.authorities_count = 1;
    next->roster.threshold = 1;
    next->signers[2] = 4;
}
static void change_takeover(struct draft *next) // to 4, signed by 4 only
{
    change_all_authorities(next);
    next->signers[0] = 4;
    next->signers[1] = 0;
    next->signers[2] = 0;
}
static void change_takeover_by_one(struct draft *next) // to 4, signed by 1 and 4
{
    change_all_authorities(next);
    next->signers[1] = 4;
    next->signers[2] = 0;
}
static void change_stranger_adds_weight(struct draft *next)
{
    next->signers[2] = 9;
}
static void change_drop_centre(struct draft *next)
{
    next->roster.centres_count = 1;
    next->nodes[1].centre = 0;
}
static void change_drop_node(struct draft *next)
{
    next->roster.nodes_count = 1;
}
static void change_swap_nodes(struct draft *next)
{
    struct roster_node swap = next->nodes[0];
    next->nodes[0] = next->nodes[1];
    next->nodes[1] = swap;
}
static void change_code(struct draft *next)
{
    next->centres[1].code = draft_text("nl-new");
}
static void change_node_name(struct draft *next)
{
    next->nodes[1].name = draft_text("nl-new");
}
static void change_node_centre(struct draft *next)
{
    next->nodes[1].centre = 0;
}
static void change_signing(struct draft *next)
{
    next->nodes[1].signing = next->signing_keys[5];
}
static void change_transport(struct draft *next)
{
    next->nodes[1].transport = next->transport_keys[5];
}
static void change_titles_and_endpoints(struct draft *next)
{
    next->titles[1].text = draft_text("Another title");
    next->endpoints[0].sync = draft_text("tcp://10.9.9.9:7000");
    next->nodes[1].endpoints_count = 0;
}
static void change_revoke(struct draft *next)
{
    next->nodes[1].is_revoked = true;
}
static void change_add(struct draft *next)
{
    next->nodes[2] = next->nodes[0];
    next->nodes[2].name = draft_text("be-nccn-2");
    next->nodes[2].signing = next->signing_keys[3];
    next->nodes[2].transport = next->transport_keys[3];
    next->roster.nodes_count = 3;
}

static void test_transitions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(struct draft *next);
        enum err err;
    } cases[] = {
        {"nothing but the version", change_nothing, ERR_OK},
        {"signed by 2 and 3", change_signers_2_and_3, ERR_OK},
        {"two parents, one of them ours", change_two_parents, ERR_DENIED},
        {"authorities change, signed by both", change_authorities, ERR_OK},
        {"all authorities change, signed by both", change_all_authorities, ERR_OK},
        {"transport key changes", change_transport, ERR_OK},
        {"titles and endpoints change", change_titles_and_endpoints, ERR_OK},
        {"node revoked", change_revoke, ERR_OK},
        {"node added", change_add, ERR_OK},
        {"same version again", change_same_version, ERR_STATE},
        {"version skipped", change_skip_version, ERR_STATE},
        {"fast-forward", change_fast_forward, ERR_STATE},
        {"another federation", change_federation, ERR_DENIED},
        {"another parent", change_parent, ERR_DENIED},
        {"signed by the new authority only", change_takeover, ERR_DENIED},
        {"signed by too few of the former", change_takeover_by_one, ERR_DENIED},
        {"signed by a stranger too", change_stranger_adds_weight, ERR_DENIED},
        {"centre dropped", change_drop_centre, ERR_MALFORMED},
        {"node dropped", change_drop_node, ERR_MALFORMED},
        {"nodes swapped", change_swap_nodes, ERR_MALFORMED},
        {"centre code changed", change_code, ERR_MALFORMED},
        {"node name changed", change_node_name, ERR_MALFORMED},
        {"node's centre changed", change_node_centre, ERR_MALFORMED},
        {"node's signing key changed", change_signing, ERR_MALFORMED},
    };
    struct draft draft;
    struct roster *first = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    assert_int_equal(draft_decode(&draft, &first), ERR_OK);
    draft_follow(&draft, first);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct roster *second = NULL;
        struct draft next;
        draft_init(&next);
        draft_authorities(&next, 3, 2);
        draft_follow(&next, first);
        cases[i].change(&next);
        assert_int_equal(draft_decode(&next, &second), ERR_OK);
        const enum err err = roster_check_next(first, second);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, err_text(err));
        }
        if (err == ERR_OK) { // and never back
            assert_int_equal(roster_check_next(second, first), ERR_STATE);
            assert_int_equal(roster_check_next(second, second), ERR_STATE);
        }
        roster_destroy(&second);
    }
    roster_destroy(&first);
}

static void test_revoked_stays_revoked(void **state)
{
    (void)state;
    struct draft draft;
    struct roster *first = NULL;
    struct roster *second = NULL;
    struct roster *third = NULL;
    draft_init(&draft);
    assert_int_equal(draft_decode(&draft, &first), ERR_OK);
    draft_follow(&draft, first);
    change_revoke(&draft);
    assert_int_equal(draft_decode(&draft, &second), ERR_OK);
    assert_int_equal(roster_check_next(first, second), ERR_OK);
    draft_follow(&draft, second);
    assert_int_equal(draft_decode(&draft, &third), ERR_OK);
    assert_int_equal(roster_check_next(second, third), ERR_OK);
    roster_destroy(&third);
    draft.nodes[1].is_revoked = false;
    assert_int_equal(draft_decode(&draft, &third), ERR_OK);
    assert_int_equal(roster_check_next(second, third), ERR_MALFORMED);
    roster_destroy(&first);
    roster_destroy(&second);
    roster_destroy(&third);
}

struct founder {
    struct signing_key authority;
    uint8_t authority_public[SIGN_KEY_LEN];
    uint8_t signing[SIGN_KEY_LEN];
    uint8_t transport[BOX_KEY_LEN];
    struct roster_founding founding;
};

static void founder_init(struct founder *founder)
{
    struct signing_key key;
    uint8_t secret[BOX_KEY_LEN];
    draft_authority(1, &founder->authority, founder->authority_public);
    draft_node_keys(1, &key, founder->signing, founder->transport, secret);
    founder->founding = (struct roster_founding){.name = "Rhine and Meuse",
                                                 .centre_code = "be-nccn",
                                                 .centre_title = "Crisiscentrum",
                                                 .node_name = "be-nccn",
                                                 .sync_endpoint = "tcp://127.0.0.1:7000",
                                                 .live_endpoint = "tcp://127.0.0.1:7001",
                                                 .signing = founder->signing,
                                                 .transport = founder->transport};
}

static struct roster *found(struct founder *founder)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *roster = NULL;
    assert_int_equal(roster_found(&founder->founding, &founder->authority, &bytes, &len), ERR_OK);
    assert_int_equal(roster_decode(bytes, len, &roster), ERR_OK);
    free(bytes);
    return roster;
}

static void request_init(struct request *request, uint8_t number)
{
    struct signing_key key;
    uint8_t secret[BOX_KEY_LEN];
    *request = (struct request){.centre_code = "nl-kcr2",
                                .centre_title = "KCR2",
                                .node_name = "nl-kcr2",
                                .sync_endpoint = "tcp://kcr2.example:7000",
                                .live_endpoint = "tcp://kcr2.example:7001",
                                .time_ms = 1700000000000};
    draft_node_keys(number, &key, request->signing, request->transport, secret);
}

static void test_founding(void **state)
{
    (void)state;
    struct founder founder;
    founder_init(&founder);
    struct roster *roster = found(&founder);
    assert_int_equal(roster->version, 1);
    assert_int_equal(roster->threshold, 1);
    assert_int_equal(roster->nodes_count, 1);
    assert_memory_equal(roster->authorities[0], founder.authority_public, SIGN_KEY_LEN);
    assert_memory_equal(roster->centres[0].titles[0].lang.bytes, "und", 3);
    assert_memory_equal(roster->nodes[0].endpoints[0].live.bytes, "tcp://127.0.0.1:7001", 20);
    roster_destroy(&roster);

    uint8_t *bytes = NULL;
    size_t len = 0;
    founder.founding.centre_code = "BE";
    assert_int_equal(roster_found(&founder.founding, &founder.authority, &bytes, &len),
                     ERR_MALFORMED);
    founder_init(&founder);
    founder.founding.live_endpoint = "tcp://*:7000";
    assert_int_equal(roster_found(&founder.founding, &founder.authority, &bytes, &len),
                     ERR_MALFORMED);
    founder_init(&founder);
    memset(founder.transport, 0, BOX_KEY_LEN);
    assert_int_equal(roster_found(&founder.founding, &founder.authority, &bytes, &len), ERR_DENIED);
    assert_null(bytes);
}

static struct roster *admit(const struct roster *current, const struct request *request,
                            const struct founder *founder)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *next = NULL;
    assert_int_equal(roster_admit(current, request, &founder->authority, &bytes, &len), ERR_OK);
    assert_int_equal(roster_decode(bytes, len, &next), ERR_OK);
    assert_int_equal(roster_check_next(current, next), ERR_OK);
    free(bytes);
    return next;
}

static void test_admission(void **state)
{
    (void)state;
    struct founder founder;
    struct request request;
    founder_init(&founder);
    struct roster *first = found(&founder);
    request_init(&request, 2);
    struct roster *second = admit(first, &request, &founder);
    assert_int_equal(second->nodes_count, 2);
    assert_int_equal(second->centres_count, 2);
    assert_int_equal(second->nodes[1].centre, 1);
    assert_int_equal(roster_find_signing(second, request.signing), 1);

    request_init(&request, 3); // a second node of a centre that is there
    memcpy(request.centre_code, "be-nccn", 8);
    memcpy(request.node_name, "be-nccn-2", 10);
    struct roster *third = admit(second, &request, &founder);
    assert_int_equal(third->nodes_count, 3);
    assert_int_equal(third->centres_count, 2);
    assert_int_equal(third->nodes[2].centre, 0);
    assert_memory_equal(third->federation, first->hash, ID_LEN);
    roster_destroy(&first);
    roster_destroy(&second);
    roster_destroy(&third);
}

static void test_refused_admissions(void **state)
{
    (void)state;
    struct founder founder;
    struct request request;
    uint8_t *bytes = NULL;
    size_t len = 0;
    founder_init(&founder);
    struct roster *first = found(&founder);

    request_init(&request, 2);
    struct signing_key stranger;
    uint8_t stranger_public[SIGN_KEY_LEN];
    draft_authority(9, &stranger, stranger_public);
    assert_int_equal(roster_admit(first, &request, &stranger, &bytes, &len), ERR_DENIED);
    memcpy(request.node_name, "be-nccn", 8);
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len), ERR_STATE);
    request_init(&request, 2);
    memcpy(request.signing, founder.signing, SIGN_KEY_LEN);
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len), ERR_STATE);
    request_init(&request, 2);
    memcpy(request.transport, founder.transport, BOX_KEY_LEN);
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len), ERR_STATE);
    request_init(&request, 2);
    memset(request.transport, 0, BOX_KEY_LEN);
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len), ERR_DENIED);
    request_init(&request, 2);
    request.centre_title[0] = '\n';
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len),
                     ERR_MALFORMED);
    assert_null(bytes);
    roster_destroy(&first);

    struct draft draft; // two of three must sign
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    assert_int_equal(draft_decode(&draft, &first), ERR_OK);
    request_init(&request, 3);
    assert_int_equal(roster_admit(first, &request, &founder.authority, &bytes, &len), ERR_STATE);
    roster_destroy(&first);
}

// Extensions and titles of a version made by later software survive an admission.
static void test_admission_keeps_what_it_does_not_know(void **state)
{
    (void)state;
    static const uint8_t extensions[] = {0xa1, 0x61, 'x', 0x81, 0x01};
    struct draft draft;
    struct founder founder;
    struct request request;
    struct roster *first = NULL;
    founder_init(&founder);
    draft_init(&draft);
    draft.roster.extensions = (struct span){extensions, sizeof extensions};
    draft.nodes[1].extensions = draft.roster.extensions;
    draft.titles[1].lang = draft_text("nl");
    draft.nodes[1].is_revoked = true;
    draft.nodes[1].revoked_seq = 3;
    draft.roster.expires_ms = 5;
    assert_int_equal(draft_decode(&draft, &first), ERR_OK);
    request_init(&request, 3);
    memcpy(request.node_name, "new", 4);
    struct roster *second = admit(first, &request, &founder);
    assert_int_equal(second->extensions.len, sizeof extensions);
    assert_memory_equal(second->nodes[1].extensions.bytes, extensions, sizeof extensions);
    assert_memory_equal(second->centres[1].titles[0].lang.bytes, "nl", 2);
    assert_int_equal(second->nodes[1].revoked_seq, 3);
    assert_int_equal(second->expires_ms, 5);
    roster_destroy(&first);
    roster_destroy(&second);
}

static void test_two_hundred_admissions(void **state)
{
    (void)state;
    struct founder founder;
    founder_init(&founder);
    struct roster *current = found(&founder);
    for (unsigned i = 0; i < 200; i++) {
        struct request request;
        request_init(&request, 2);
        request.node_name[0] = (char)('a' + i % 26);
        request.node_name[1] = (char)('a' + i / 26);
        request.centre_code[0] = (char)('a' + i % 13);
        uint8_t seed[32] = {(uint8_t)i, 7};
        struct signing_key key;
        uint8_t secret[BOX_KEY_LEN];
        signing_key_from_seed(&key, seed, request.signing);
        crypto_box_seed_keypair(request.transport, secret, seed);
        struct roster *next = admit(current, &request, &founder);
        assert_int_equal(roster_find_signing(next, request.signing), i + 1);
        assert_int_equal(roster_find_transport(next, request.transport), i + 1);
        assert_int_equal(roster_find_name(next, request.node_name, strlen(request.node_name)),
                         i + 1);
        roster_destroy(&current);
        current = next;
    }
    assert_int_equal(current->version, 201);
    assert_int_equal(current->centres_count, 14);
    roster_destroy(&current);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_revoked_stays_revoked),
        cmocka_unit_test(test_founding),
        cmocka_unit_test(test_admission),
        cmocka_unit_test(test_refused_admissions),
        cmocka_unit_test(test_admission_keeps_what_it_does_not_know),
        cmocka_unit_test(test_two_hundred_admissions),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
