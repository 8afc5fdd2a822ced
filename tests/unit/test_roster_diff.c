// SPDX-License-Identifier: EUPL-1.2
// What people are shown before they sign: every difference, in words; and the numbers and names of
// authorities they type.
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
#include "sitrep/keys/fingerprint.h"
#include "sitrep/number.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/diff.h"
#include "trust/expiries.h"

static const uint8_t unknown[] = {0xa1, 0x61, 'x', 0x01}; // {"x": 1}

static void change_nothing(struct draft *next)
{
    (void)next;
}
static void change_name(struct draft *next)
{
    next->roster.name = draft_text("Five countries");
}
static void change_threshold(struct draft *next)
{
    next->roster.threshold = 3;
}
static void change_authority(struct draft *next)
{
    next->authorities[2] = next->authority_keys[4];
}
static void change_title(struct draft *next)
{
    next->titles[1].text = draft_text("Another");
}
static void change_lang(struct draft *next)
{
    next->titles[1].lang = draft_text("nl");
}
static void change_country(struct draft *next)
{
    next->centres[1].country = draft_text("NL");
}
static void change_level(struct draft *next)
{
    next->centres[0].level = draft_text("national");
}
static void change_centre_extensions(struct draft *next)
{
    next->centres[0].extensions = (struct span){unknown, sizeof unknown};
}
static void change_new_centre(struct draft *next)
{
    next->centres[2] = next->centres[0];
    next->centres[2].code = draft_text("lu-hcpn");
    next->roster.centres_count = 3;
}
static void change_new_node(struct draft *next)
{
    next->nodes[2] = next->nodes[0];
    next->nodes[2].name = draft_text("be-nccn-2");
    next->nodes[2].signing = next->signing_keys[3];
    next->nodes[2].transport = next->transport_keys[3];
    next->roster.nodes_count = 3;
}
static void change_revoke(struct draft *next)
{
    next->nodes[0].is_revoked = true;
    next->nodes[0].revoked_epoch = 2;
    next->nodes[0].revoked_seq = 41;
}
static void change_revocation(struct draft *next)
{
    next->nodes[1].revoked_seq = 8;
}
static void change_endpoint(struct draft *next)
{
    next->endpoints[0].live = draft_text("tcp://10.0.0.9:1");
}
static void change_no_endpoint(struct draft *next)
{
    next->nodes[0].endpoints_count = 0;
}
static void change_transport(struct draft *next)
{
    next->nodes[0].transport = next->transport_keys[9];
}
static void change_second_transport(struct draft *next)
{
    next->nodes[0].transport_also = next->transport_keys[9];
}
static void change_second_transport_and_more(struct draft *next)
{
    change_second_transport(next);
    next->nodes[0].extensions = (struct span){unknown, sizeof unknown};
}
static void change_node_extensions(struct draft *next)
{
    next->nodes[1].extensions = (struct span){unknown, sizeof unknown};
}
static void change_expiry(struct draft *next)
{
    next->roster.expires_ms = UINT64_C(1900000000000);
}
static void change_extensions(struct draft *next)
{
    next->roster.extensions = (struct span){unknown, sizeof unknown};
}

// A key of each kind, all from this moment on.
static void set_expiries(struct draft *next, const uint8_t *const *keys, size_t count)
{
    static uint8_t map[512];
    struct expiries expiries;
    uint8_t *made = NULL;
    size_t len = 0;
    assert_int_equal(expiries_init(&expiries, NULL), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(expiries_set(&expiries, keys[i], UINT64_C(1900000000000)), ERR_OK);
    }
    assert_int_equal(expiries_write(&expiries, next->roster.extensions, &made, &len), ERR_OK);
    expiries_fini(&expiries);
    assert_true(len <= sizeof map);
    memcpy(map, made, len);
    free(made);
    next->roster.extensions = (struct span){map, len};
}
static void change_key_expiries(struct draft *next)
{
    const uint8_t *const keys[] = {next->authority_keys[2], next->signing_keys[1],
                                   next->transport_keys[2]};
    set_expiries(next, keys, 3);
}
static void change_authority_expiry(struct draft *next)
{
    const uint8_t *const keys[] = {next->authority_keys[2]};
    set_expiries(next, keys, 1);
}
static void change_key_expiry_and_more(struct draft *next)
{
    const uint8_t *const keys[] = {next->signing_keys[1]};
    next->roster.extensions = (struct span){unknown, sizeof unknown};
    set_expiries(next, keys, 1);
}

static struct roster *make(void (*change)(struct draft *next), const struct roster *before)
{
    struct draft draft;
    struct roster *roster = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft.signers[2] = 3;
    draft.nodes[1].is_revoked = true;
    draft.nodes[1].revoked_seq = 7;
    if (before != NULL) {
        draft_follow(&draft, before);
        change(&draft);
        draft.signers[3] = 4;
    }
    assert_int_equal(draft_decode(&draft, &roster), ERR_OK);
    return roster;
}

static void test_every_difference_is_told(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct draft *next);
        size_t count;
        const char *says; // in the last sentence
    } cases[] = {
        {change_nothing, 0, ""},
        {change_name, 1, "called 'Five countries' instead of 'Rhine and Meuse'"},
        {change_threshold, 1, "3 of 3 authorities must sign from then on, instead of 2 of 3"},
        {change_authority, 2, "is added"},
        {change_title, 1, "centre nl-kcr2 is called 'Another' (und) instead of 'A centre'"},
        {change_lang, 2, "no longer called 'A centre' (und)"},
        {change_country, 1, "the country of centre nl-kcr2 is 'NL' instead of ''"},
        {change_level, 1, "the level of centre be-nccn is 'national'"},
        {change_centre_extensions, 1, "centre be-nccn: something this version"},
        {change_new_centre, 1, "centre lu-hcpn, 'A centre', is added"},
        {change_new_node, 4, "node be-nccn-2 is reached at tcp://10.0.0.1:7000"},
        {change_revoke, 1, "be-nccn is revoked: its entries count up to epoch 2, number 41"},
        {change_revocation, 1, "nl-kcr2 stays revoked: its entries count up to epoch 0, number 8"},
        {change_endpoint, 1, "tcp://10.0.0.9:1 (live)"},
        {change_no_endpoint, 1, "be-nccn has no endpoint"},
        {change_transport, 1, "be-nccn has the transport key "},
        {change_second_transport, 1, "be-nccn has the second transport key "},
        {change_second_transport_and_more, 2, "be-nccn: something this version"},
        {change_node_extensions, 1, "nl-kcr2: something this version"},
        {change_expiry, 1, "the roster expires on 2030-03-17"},
        {change_extensions, 1, "something about the whole"},
        {change_key_expiries, 3, "the transport key of node nl-kcr2 expires on 2030-03-17"},
        {change_authority_expiry, 1, "the key of authority '"},
        {change_key_expiry_and_more, 2, "something about the whole"},
    };
    struct roster *before = make(NULL, NULL);
    struct roster *expiring = make(change_key_expiry_and_more, before);
    struct roster *lasting = make(change_extensions, before);
    json_t *ended = roster_diff(expiring, lasting);
    assert_int_equal(json_array_size(ended), 1);
    assert_string_equal(json_string_value(json_array_get(ended, 0)),
                        "the signing key of node be-nccn does not expire any more");
    json_decref(ended);
    roster_destroy(&expiring);
    roster_destroy(&lasting);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct roster *after = make(cases[i].change, before);
        json_t *changes = roster_diff(before, after);
        const size_t count = json_array_size(changes);
        assert_int_equal(count, cases[i].count);
        if (count > 0) {
            const char *last = json_string_value(json_array_get(changes, count - 1));
            if (strstr(last, cases[i].says) == NULL) {
                fail_msg("case %zu: %s", i, last);
            }
        }
        json_decref(changes);
        roster_destroy(&after);
    }
    roster_destroy(&before);
}

static void test_authorities_are_found(void **state)
{
    (void)state;
    struct roster *roster = make(NULL, NULL);
    char words[WORDS_TEXT_MAX];
    char fingerprint[FINGERPRINT_TEXT_MAX];
    const uint8_t *found = NULL;
    authority_words(roster->authorities[1], words);
    assert_int_equal(authority_find(roster, words, &found), EXIT_DONE);
    assert_ptr_equal(found, roster->authorities[1]);
    fingerprint_text(roster->authorities[2], fingerprint);
    assert_int_equal(authority_find(roster, fingerprint, &found), EXIT_DONE);
    assert_ptr_equal(found, roster->authorities[2]);
    fingerprint[8] = '\0';
    assert_int_equal(authority_find(roster, fingerprint, &found), EXIT_DONE);
    fingerprint[7] = '\0';
    found = NULL;
    assert_int_equal(authority_find(roster, fingerprint, &found), EXIT_REFUSED);
    assert_int_equal(authority_find(roster, "", &found), EXIT_REFUSED);
    assert_null(found);
    words[0] = 'X';
    assert_int_equal(authority_find(roster, words, &found), EXIT_REFUSED);
    assert_true(authority_is_listed(roster, roster->authorities[0]));
    assert_false(authority_is_listed(roster, roster->nodes[0].signing));
    roster_destroy(&roster);
}

static void test_public_keys_are_typed(void **state)
{
    (void)state;
    uint8_t key[SIGN_KEY_LEN];
    char digits[2 * SIGN_KEY_LEN + 2];
    memset(digits, 'a', sizeof digits);
    digits[2 * SIGN_KEY_LEN] = '\0';
    assert_int_equal(authority_read(digits, key), EXIT_DONE);
    assert_int_equal(key[31], 0xaa);
    digits[3] = 'g'; // then it is a file, which is not there
    assert_int_equal(authority_read(digits, key), EXIT_FAILED);
    assert_int_equal(authority_read("/dev/null", key), EXIT_REFUSED);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool is_number;
    } cases[] = {
        {"0", 0, true},
        {"1", 0, false},
        {"9", 9, true},
        {"10", 9, false},
        {"007", 7, true},
        {"64", 64, true},
        {"65", 64, false},
        {"18446744073709551615", UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, false},
        {"99999999999999999999999", UINT64_MAX, false},
        {"", 9, false},
        {"-1", 9, false},
        {"+1", 9, false},
        {" 1", 9, false},
        {"1 ", 9, false},
        {"0x1", 9, false},
        {"1.0", 9, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t number = 12345;
        if (number_read(cases[i].text, cases[i].max, &number) != cases[i].is_number) {
            fail_msg("'%s'", cases[i].text);
        }
        assert_int_equal(number, cases[i].is_number ? strtoull(cases[i].text, NULL, 10) : 12345);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_difference_is_told),
        cmocka_unit_test(test_authorities_are_found),
        cmocka_unit_test(test_public_keys_are_typed),
        cmocka_unit_test(test_numbers),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
