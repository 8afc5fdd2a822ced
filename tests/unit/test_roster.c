// SPDX-License-Identifier: EUPL-1.2
// Rosters: what one version may say. Which may follow which is in test_roster_change.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
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
    draft.nodes[0].transport_also = draft.transport_keys[9];

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
    assert_int_equal(roster_counts_to(roster, 0, 2), SEQ_MAX);
    assert_int_equal(roster_counts_to(roster, 1, 1), SEQ_MAX);
    assert_int_equal(roster_counts_to(roster, 1, 2), 17);
    assert_int_equal(roster_counts_to(roster, 1, 3), 0);

    assert_memory_equal(roster->nodes[0].transport_also, draft.transport_keys[9], BOX_KEY_LEN);
    assert_null(roster->nodes[1].transport_also);

    assert_int_equal(roster_find_name(roster, "nl-kcr2", 7), 1);
    assert_int_equal(roster_find_transport(roster, draft.transport_keys[9]), 0);
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
    draft->centres[0].extensions = (struct span){extensions, sizeof extensions};
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

// The draft in memory of its own, for what DRAFT_MAX does not hold.
static enum err decode_large(const struct draft *draft, struct roster **roster)
{
    const size_t size = 2 * ROSTER_MAX;
    uint8_t *document = malloc(size);
    uint8_t *bytes = malloc(size);
    struct cbor_writer writer;
    assert_non_null(document);
    assert_non_null(bytes);
    cbor_write(&writer, document, size);
    roster_document_put(&writer, &draft->roster);
    const struct span whole = {document, cbor_written(&writer)};
    assert_true(whole.len > 0);
    const size_t len = draft_sign(draft, whole, bytes, size);
    const enum err err = roster_decode(bytes, len, roster);
    free(document);
    free(bytes);
    return err;
}

// One more than is allowed is refused, as many as are allowed are not.
static void test_limits(void **state)
{
    (void)state;
    struct roster_endpoint endpoints[ROSTER_ENDPOINTS_MAX + 1];
    struct roster_title titles[ROSTER_TITLES_MAX + 1];
    char langs[ROSTER_TITLES_MAX + 1][2];
    struct draft draft;
    struct roster *roster = NULL;
    draft_init(&draft);
    for (size_t i = 0; i <= ROSTER_ENDPOINTS_MAX; i++) {
        endpoints[i] = draft.endpoints[0];
    }
    for (size_t i = 0; i <= ROSTER_TITLES_MAX; i++) {
        langs[i][0] = 'a';
        langs[i][1] = (char)('a' + i);
        titles[i] = (struct roster_title){{(const uint8_t *)langs[i], 2}, draft_text("T")};
    }
    draft.nodes[0].endpoints = endpoints;
    draft.centres[0].titles = titles;
    draft.nodes[0].endpoints_count = ROSTER_ENDPOINTS_MAX;
    draft.centres[0].titles_count = ROSTER_TITLES_MAX;
    assert_int_equal(decode_large(&draft, &roster), ERR_OK);
    assert_int_equal(roster->nodes[0].endpoints_count, ROSTER_ENDPOINTS_MAX);
    assert_int_equal(roster->nodes[1].endpoints_count, 1);
    assert_int_equal(roster->centres[0].titles_count, ROSTER_TITLES_MAX);
    roster_destroy(&roster);
    draft.nodes[0].endpoints_count = ROSTER_ENDPOINTS_MAX + 1;
    assert_int_equal(decode_large(&draft, &roster), ERR_LIMIT);
    draft.nodes[0].endpoints_count = 0;
    draft.centres[0].titles_count = ROSTER_TITLES_MAX + 1;
    assert_int_equal(decode_large(&draft, &roster), ERR_LIMIT);
}

struct crowd {
    uint8_t keys[NODES_MAX + 1][2][32];
    char names[NODES_MAX + 1][8];
    struct roster_node nodes[NODES_MAX + 1];
    struct roster_centre centres[CENTRES_MAX + 1];
};

static void test_largest(void **state)
{
    (void)state;
    struct crowd *crowd = calloc(1, sizeof *crowd);
    struct draft draft;
    struct roster *roster = NULL;
    assert_non_null(crowd);
    draft_init(&draft);
    const uint8_t seed[randombytes_SEEDBYTES] = {1};
    randombytes_buf_deterministic(crowd->keys, sizeof crowd->keys, seed);
    for (uint32_t i = 0; i <= NODES_MAX; i++) {
        (void)snprintf(crowd->names[i], sizeof crowd->names[i], "n%u", (unsigned)i);
        crowd->nodes[i] = draft.nodes[0];
        crowd->nodes[i].name = draft_text(crowd->names[i]);
        crowd->nodes[i].signing = crowd->keys[i][0];
        crowd->nodes[i].transport = crowd->keys[i][1];
    }
    for (uint32_t i = 0; i <= CENTRES_MAX; i++) {
        crowd->centres[i] = draft.centres[0];
        crowd->centres[i].code = crowd->nodes[i].name;
    }
    draft.roster.nodes = crowd->nodes;
    draft.roster.centres = crowd->centres;
    draft.roster.nodes_count = NODES_MAX;
    draft.roster.centres_count = CENTRES_MAX;
    assert_int_equal(decode_large(&draft, &roster), ERR_OK);
    for (int32_t i = 0; i < NODES_MAX; i++) {
        assert_int_equal(roster_find_signing(roster, crowd->keys[i][0]), i);
        assert_int_equal(roster_find_transport(roster, crowd->keys[i][1]), i);
    }
    roster_destroy(&roster);
    draft.roster.nodes_count++;
    assert_int_equal(decode_large(&draft, &roster), ERR_LIMIT);
    draft.roster.nodes_count--;
    draft.roster.centres_count++;
    assert_int_equal(decode_large(&draft, &roster), ERR_LIMIT);
    draft.roster.centres_count--;
    crowd->nodes[NODES_MAX - 1].signing = crowd->keys[0][0];
    assert_int_equal(decode_large(&draft, &roster), ERR_MALFORMED);
    crowd->nodes[NODES_MAX - 1].signing = crowd->keys[NODES_MAX][0];
    const size_t blob_len = ROSTER_MAX;
    uint8_t *blob = calloc(1, blob_len);
    assert_non_null(blob);
    struct cbor_writer writer;
    cbor_write(&writer, blob, blob_len);
    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "x", 1);
    uint8_t *zeroes = calloc(1, blob_len);
    assert_non_null(zeroes);
    cbor_put_bytes(&writer, zeroes, blob_len - 8);
    draft.roster.extensions = (struct span){blob, cbor_written(&writer)};
    assert_true(draft.roster.extensions.len > 0);
    assert_int_equal(decode_large(&draft, &roster), ERR_LIMIT);
    free(zeroes);
    free(blob);
    free(crowd);
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
        cmocka_unit_test(test_false_signature_among_enough),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_largest),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
