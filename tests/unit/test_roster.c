// SPDX-License-Identifier: EUPL-1.2
// Rosters: what one version may say, which version may follow which, and that changes are sound.
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
#include "trust/roster_rules.h"

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_valid;
    } cases[] = {
        {"a", true},
        {"be-nccn", true},
        {"a1", true},
        {"a--b", true},
        {"", false},
        {"1a", false},
        {"-a", false},
        {"a-", false},
        {"A", false},
        {"a_b", false},
        {"a b", false},
        {"\xc3\xa9", false},
        {"a.b", false},
        {"a\n", false},
        {"abcdefghijklmnopqrstuvwxyz012345", true},
        {"abcdefghijklmnopqrstuvwxyz0123456", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(roster_name_is_valid(cases[i].name, strlen(cases[i].name)),
                         cases[i].is_valid);
    }
    assert_false(roster_name_is_valid("a\0b", 3));
}

static void test_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint;
        bool is_valid;
    } cases[] = {
        {"tcp://127.0.0.1:7000", true},
        {"tcp://node.be-nccn.example:1", true},
        {"tcp://Node:65535", true},
        {"tcp://[::1]:7000", true},
        {"tcp://[2001:db8::192.0.2.1]:7000", true},
        {"", false},
        {"tcp://", false},
        {"tcp://host", false},
        {"tcp://host:", false},
        {"tcp://:7000", false},
        {"tcp://host:0", false},
        {"tcp://host:07", false},
        {"tcp://host:65536", false},
        {"tcp://host:123456", false},
        {"tcp://host:7000/", false},
        {"tcp://host:*", false},
        {"tcp://*:7000", false},
        {"tcp://a;b:7000", false},
        {"tcp://1.2.3.4:1;host:7000", false},
        {"tcp://ho st:7000", false},
        {"tcp://host:7000\n", false},
        {"tcp://.host:7000", false},
        {"tcp://host.:7000", false},
        {"tcp://ho..st:7000", false},
        {"tcp://-host:7000", false},
        {"tcp://host-:7000", false},
        {"tcp://host-.b:7000", false},
        {"tcp://a@host:7000", false},
        {"tcp://[]:7000", false},
        {"tcp://[host]:7000", false},
        {"tcp://[::1%eth0]:7000", false},
        {"tcp://::1:7000", false},
        {"TCP://host:7000", false},
        {"udp://host:7000", false},
        {"ipc:///tmp/socket", false},
        {"inproc://zeromq.zap.01", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const bool is_valid =
            roster_endpoint_is_valid(cases[i].endpoint, strlen(cases[i].endpoint));
        if (is_valid != cases[i].is_valid) {
            fail_msg("%s", cases[i].endpoint);
        }
    }
    char longest[300] = "tcp://";
    memset(longest + 6, 'h', 244);
    memcpy(longest + 250, ":7000", 6);
    assert_true(roster_endpoint_is_valid(longest, 255));
    memset(longest + 6, 'h', 245);
    memcpy(longest + 251, ":7000", 6);
    assert_false(roster_endpoint_is_valid(longest, 256));
}

// Every encoding of a point of small order is refused, by our table and by the library alike.
static void test_weak_keys(void **state)
{
    (void)state;
    unsigned weak = 0;
    uint8_t scalar[32] = {8};
    uint8_t shared[32];
    for (unsigned last = 0; last < 256; last++) {
        for (unsigned first = 0; first < 256; first++) {
            uint8_t key[32] = {0};
            memset(key + 1, (last & 0x7f) == 0x7f ? 0xff : 0, 30);
            key[0] = (uint8_t)first;
            key[31] = (uint8_t)last;
            const bool is_weak = transport_key_is_weak(key);
            if (is_weak || first >= 0xe0 || first < 8) { // the library is slow, so not all
                assert_int_equal(is_weak, crypto_scalarmult(shared, scalar, key) != 0);
            }
            weak += is_weak;
        }
    }
    assert_int_equal(weak, 10); // 0, 1, p - 1, p, p + 1, each with either top bit
    struct draft draft;
    draft_init(&draft);
    assert_false(signing_key_is_weak(draft.signing_keys[1]));
    assert_false(transport_key_is_weak(draft.transport_keys[1]));
    static const char *const signing_hex[] = {
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t i = 0; i < sizeof signing_hex / sizeof *signing_hex; i++) {
        uint8_t key[32];
        assert_int_equal(sodium_hex2bin(key, 32, signing_hex[i], 64, NULL, NULL, NULL), 0);
        assert_true(signing_key_is_weak(key));
    }
    static const char *const transport_hex[] = {
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    };
    for (size_t i = 0; i < sizeof transport_hex / sizeof *transport_hex; i++) {
        uint8_t key[32];
        assert_int_equal(sodium_hex2bin(key, 32, transport_hex[i], 64, NULL, NULL, NULL), 0);
        assert_true(transport_key_is_weak(key));
        assert_int_not_equal(crypto_scalarmult(shared, scalar, key), 0);
    }
}

static void test_decodes_what_was_written(void **state)
{
    (void)state;
    struct draft draft;
    draft_init(&draft);
    draft.centres[0].country = draft_text("BE");
    draft.centres[0].level = draft_text("national");
    draft.roster.expires_ms = 1900000000000;
    draft.nodes[1].is_revoked = true;
    draft.nodes[1].revoked_epoch = 2;
    draft.nodes[1].revoked_seq = 17;
    const uint8_t extensions[] = {0xa1, 0x61, 'x', 0x01};
    draft.roster.extensions = (struct span){extensions, sizeof extensions};
    draft.nodes[0].extensions = draft.roster.extensions;
    draft.centres[1].extensions = draft.roster.extensions;

    struct roster *roster = NULL;
    assert_int_equal(draft_decode(&draft, &roster), ERR_OK);
    assert_int_equal(roster->version, 1);
    assert_memory_equal(roster->federation, roster->hash, ID_LEN);
    uint8_t hash[ID_LEN];
    crypto_generichash(hash, ID_LEN, roster->document.bytes, roster->document.len,
                       (const uint8_t *)"sitrep/roster/1", 15);
    assert_memory_equal(roster->hash, hash, ID_LEN);
    assert_int_equal(roster->signatures_count, 1);
    assert_int_equal(roster->nodes_count, 2);
    assert_memory_equal(roster->centres[0].country.bytes, "BE", 2);
    assert_int_equal(roster->centres[1].country.len, 0);
    assert_int_equal(roster->expires_ms, 1900000000000);
    assert_false(roster->nodes[0].is_revoked);
    assert_true(roster->nodes[1].is_revoked);
    assert_int_equal(roster->nodes[1].revoked_epoch, 2);
    assert_int_equal(roster->nodes[1].revoked_seq, 17);

    assert_int_equal(roster_find_name(roster, "nl-kcr2", 7), 1);
    assert_int_equal(roster_find_name(roster, "nl-kcr", 6), -1);
    assert_int_equal(roster_find_centre(roster, "be-nccn", 7), 0);
    assert_int_equal(roster_find_centre(roster, "be-ncc", 6), -1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(roster_find_signing(roster, draft.signing_keys[i + 1]), i);
        assert_int_equal(roster_find_transport(roster, draft.transport_keys[i + 1]), i);
    }
    assert_int_equal(roster_find_signing(roster, draft.signing_keys[3]), -1);
    assert_int_equal(roster_find_transport(roster, draft.signing_keys[1]), -1);

    uint8_t again[DRAFT_MAX];
    struct cbor_writer writer;
    cbor_write(&writer, again, sizeof again);
    roster_document_put(&writer, roster);
    assert_int_equal(cbor_written(&writer), roster->document.len);
    assert_memory_equal(again, roster->document.bytes, roster->document.len);
    roster_destroy(&roster);
    assert_null(roster);
    roster_destroy(&roster);
}

// What one version may not say. Each spoils a sound draft.
static void spoil_threshold_minority(struct draft *draft)
{
    draft_authorities(draft, 4, 2);
}
static void spoil_threshold_zero(struct draft *draft)
{
    draft->roster.threshold = 0;
}
static void spoil_threshold_too_high(struct draft *draft)
{
    draft->roster.threshold = 2;
}
static void spoil_no_authority(struct draft *draft)
{
    draft->roster.authorities_count = 0;
}
static void spoil_authority_twice(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->authorities[2] = draft->authority_keys[1];
}
static void spoil_too_few_signers(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->signers[1] = 0;
}
static void spoil_signer_twice(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->signers[1] = 1;
}
static void spoil_stranger_signs_first_version(struct draft *draft)
{
    draft->signers[1] = 9;
}
static void spoil_only_stranger_signs(struct draft *draft)
{
    draft->signers[0] = 9;
}
static void spoil_only_stranger_signs_second(struct draft *draft)
{
    draft->roster.version = 2;
    draft->roster.parents_count = 1;
    draft->signers[0] = 9;
}
static void spoil_name_empty(struct draft *draft)
{
    draft->roster.name = draft_text("");
}
static void spoil_name_control(struct draft *draft)
{
    draft->roster.name = draft_text("a\x1b[31m");
}
static void spoil_name_not_utf8(struct draft *draft)
{
    draft->roster.name = draft_text("\xff");
}
static void spoil_code(struct draft *draft)
{
    draft->centres[1].code = draft_text("NL");
}
static void spoil_code_twice(struct draft *draft)
{
    draft->centres[1].code = draft->centres[0].code;
}
static void spoil_node_name(struct draft *draft)
{
    draft->nodes[0].name = draft_text("be/nccn");
}
static void spoil_node_name_twice(struct draft *draft)
{
    draft->nodes[1].name = draft->nodes[0].name;
}
static void spoil_signing_twice(struct draft *draft)
{
    draft->nodes[1].signing = draft->nodes[0].signing;
}
static void spoil_transport_twice(struct draft *draft)
{
    draft->nodes[1].transport = draft->nodes[0].transport;
}
static void spoil_signing_weak(struct draft *draft)
{
    memset(draft->signing_keys[1], 0, SIGN_KEY_LEN);
}
static void spoil_transport_weak(struct draft *draft)
{
    memset(draft->transport_keys[2], 0, BOX_KEY_LEN);
}
static void spoil_centre_index(struct draft *draft)
{
    draft->nodes[1].centre = 2;
}
static void spoil_endpoint(struct draft *draft)
{
    draft->endpoints[1].live = draft_text("udp://10.0.0.1:7001");
}
static void spoil_title_empty(struct draft *draft)
{
    draft->titles[0].text = draft_text("");
}
static void spoil_lang(struct draft *draft)
{
    draft->titles[0].lang = draft_text("d e");
}
static void spoil_titles_unsorted(struct draft *draft)
{
    draft->titles[0].lang = draft_text("nl");
    draft->titles[1].lang = draft_text("fr");
    draft->centres[0].titles_count = 2;
}
static void spoil_extension_key(struct draft *draft)
{
    static const uint8_t extensions[] = {0xa1, 0x01, 0x01};
    draft->nodes[0].extensions = (struct span){extensions, sizeof extensions};
}
static void spoil_extension_order(struct draft *draft)
{
    static const uint8_t extensions[] = {0xa2, 0x61, 'b', 0x01, 0x61, 'a', 0x01};
    draft->roster.extensions = (struct span){extensions, sizeof extensions};
}
static void spoil_extensions_no_map(struct draft *draft)
{
    static const uint8_t extensions[] = {0x80};
    draft->centres[0].extensions = (struct span){extensions, sizeof extensions};
}
static void spoil_expires(struct draft *draft)
{
    draft->roster.expires_ms = SEQ_MAX + 1;
}
static void spoil_revoked_epoch(struct draft *draft)
{
    draft->nodes[0].is_revoked = true;
    draft->nodes[0].revoked_epoch = EPOCH_MAX + 1;
}

static void test_refused_versions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct draft *draft);
        enum err err;
    } cases[] = {
        {"threshold is no majority", spoil_threshold_minority, ERR_MALFORMED},
        {"threshold 0", spoil_threshold_zero, ERR_MALFORMED},
        {"threshold above authorities", spoil_threshold_too_high, ERR_MALFORMED},
        {"no authority", spoil_no_authority, ERR_MALFORMED},
        {"authority listed twice", spoil_authority_twice, ERR_MALFORMED},
        {"too few signatures", spoil_too_few_signers, ERR_DENIED},
        {"one key signs twice", spoil_signer_twice, ERR_MALFORMED},
        {"stranger signs version 1", spoil_stranger_signs_first_version, ERR_DENIED},
        {"only a stranger signs", spoil_only_stranger_signs, ERR_DENIED},
        {"only a stranger signs version 2", spoil_only_stranger_signs_second, ERR_DENIED},
        {"no name", spoil_name_empty, ERR_MALFORMED},
        {"name with escape", spoil_name_control, ERR_MALFORMED},
        {"name not UTF-8", spoil_name_not_utf8, ERR_MALFORMED},
        {"centre code", spoil_code, ERR_MALFORMED},
        {"centre code twice", spoil_code_twice, ERR_MALFORMED},
        {"node name", spoil_node_name, ERR_MALFORMED},
        {"node name twice", spoil_node_name_twice, ERR_MALFORMED},
        {"signing key twice", spoil_signing_twice, ERR_MALFORMED},
        {"transport key twice", spoil_transport_twice, ERR_MALFORMED},
        {"weak signing key", spoil_signing_weak, ERR_DENIED},
        {"weak transport key", spoil_transport_weak, ERR_DENIED},
        {"centre that is not there", spoil_centre_index, ERR_MALFORMED},
        {"endpoint", spoil_endpoint, ERR_MALFORMED},
        {"empty title", spoil_title_empty, ERR_MALFORMED},
        {"language", spoil_lang, ERR_MALFORMED},
        {"titles not sorted", spoil_titles_unsorted, ERR_MALFORMED},
        {"extension key is no text", spoil_extension_key, ERR_MALFORMED},
        {"extensions not sorted", spoil_extension_order, ERR_MALFORMED},
        {"extensions are no map", spoil_extensions_no_map, ERR_MALFORMED},
        {"expires after 2^53", spoil_expires, ERR_LIMIT},
        {"revoked after the last epoch", spoil_revoked_epoch, ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct draft draft;
        struct roster *roster = NULL;
        draft_init(&draft);
        cases[i].spoil(&draft);
        const enum err err = draft_decode(&draft, &roster);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, err_text(err));
        }
        assert_null(roster);
    }
}

static void test_every_changed_byte_is_refused(void **state)
{
    (void)state;
    struct draft draft;
    uint8_t bytes[DRAFT_MAX];
    struct roster *roster = NULL;
    draft_init(&draft);
    const size_t len = draft_write(&draft, bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 0x01;
        assert_int_not_equal(roster_decode(bytes, len, &roster), ERR_OK);
        bytes[i] ^= 0x01;
        assert_int_not_equal(roster_decode(bytes, i, &roster), ERR_OK);
    }
    assert_int_equal(roster_decode(bytes, len, &roster), ERR_OK);
    roster_destroy(&roster);
}

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
    memset(next->parents[1], 0xab, ID_LEN);
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
        {"two parents, one of them ours", change_two_parents, ERR_OK},
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

// A signature that is listed must be genuine, even one that the threshold does not need.
static void test_false_signature_among_enough(void **state)
{
    (void)state;
    struct draft draft;
    uint8_t bytes[DRAFT_MAX];
    struct roster *roster = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft.signers[2] = 3;
    const size_t len = draft_write(&draft, bytes);
    assert_int_equal(roster_decode(bytes, len, &roster), ERR_OK);
    roster_destroy(&roster);
    for (size_t i = 0; i < 3; i++) {
        bytes[len - 1 - i * 101] ^= 1; // the last byte of each signature
        assert_int_equal(roster_decode(bytes, len, &roster), ERR_DENIED);
        bytes[len - 1 - i * 101] ^= 1;
    }
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
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_weak_keys),
        cmocka_unit_test(test_decodes_what_was_written),
        cmocka_unit_test(test_refused_versions),
        cmocka_unit_test(test_every_changed_byte_is_refused),
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_revoked_stays_revoked),
        cmocka_unit_test(test_false_signature_among_enough),
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
