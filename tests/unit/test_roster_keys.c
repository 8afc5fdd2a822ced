// SPDX-License-Identifier: EUPL-1.2
// The keys of a roster, one by one; their fingerprints and expiry.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draft.h"
#include "sitrep/roster_keys.h"

// Computed apart: BLAKE2b-256 of the prefix and 32 bytes of 1, cut to 16 bytes.
static void the_fingerprint_is_as_written(void **state)
{
    (void)state;
    uint8_t key[KEY_LEN];
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    char hex[2 * KEY_FINGERPRINT_LEN + 1];
    memset(key, 1, sizeof key);
    key_fingerprint(key, fingerprint);
    (void)sodium_bin2hex(hex, sizeof hex, fingerprint, sizeof fingerprint);
    assert_string_equal(hex, "988eec55daf3f5c2c00a03d579769b63");
}

static void every_key_is_found_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        enum key_kind kind;
        uint32_t index;
        bool is_second;
    } places[] = {
        {KEY_AUTHORITY, 0, false}, {KEY_AUTHORITY, 1, false}, {KEY_SIGNING, 0, false},
        {KEY_TRANSPORT, 0, false}, {KEY_TRANSPORT, 0, true},  {KEY_SIGNING, 1, false},
        {KEY_TRANSPORT, 1, false}, {KEY_TRANSPORT, 1, true},
    };
    enum { COUNT = sizeof places / sizeof *places, ABSENT = 4 };
    static const uint8_t nobody[KEY_LEN] = {1};
    struct draft draft;
    struct roster *roster = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 2, 2);
    draft.nodes[1].transport_also = draft.transport_keys[9];
    assert_int_equal(draft_decode(&draft, &roster), ERR_OK);
    assert_int_equal(roster_keys_count(roster), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct roster_key key = roster_key_at(roster, i);
        assert_int_equal(key.kind, places[i].kind);
        assert_int_equal(key.index, places[i].index);
        assert_int_equal(key.is_second, places[i].is_second);
        assert_int_equal(key.bytes == NULL, i == ABSENT);
        for (enum key_kind kind = KEY_SIGNING; kind < KEY_GROUP && i != ABSENT; kind++) {
            assert_int_equal(roster_find_key(roster, kind, key.bytes),
                             kind == places[i].kind ? (int)i : -1);
            assert_int_equal(roster_find_key(roster, kind, nobody), -1);
            assert_true(roster_names_key(roster, key.bytes));
        }
    }
    assert_false(roster_names_key(roster, nobody));
    assert_memory_equal(roster_key_at(roster, 1).bytes, draft.authority_keys[2], KEY_LEN);
    assert_memory_equal(roster_key_at(roster, 5).bytes, draft.signing_keys[2], KEY_LEN);
    assert_memory_equal(roster_key_at(roster, 6).bytes, draft.transport_keys[2], KEY_LEN);
    assert_memory_equal(roster_key_at(roster, 7).bytes, draft.transport_keys[9], KEY_LEN);
    roster_destroy(&roster);
}

static void expiry_comes_nearer_in_steps(void **state)
{
    (void)state;
    static const uint64_t day = UINT64_C(86400000);
    static const uint64_t now = UINT64_C(1750000000000);
    static const struct {
        uint64_t expires_ms;
        enum expiry_stage stage;
    } cases[] = {
        {0, EXPIRY_FAR},
        {SEQ_MAX, EXPIRY_FAR},
        {now + 90 * day + 1, EXPIRY_FAR},
        {now + 90 * day, EXPIRY_IN_90_DAYS},
        {now + 30 * day + 1, EXPIRY_IN_90_DAYS},
        {now + 30 * day, EXPIRY_IN_30_DAYS},
        {now + 7 * day + 1, EXPIRY_IN_30_DAYS},
        {now + 7 * day, EXPIRY_IN_7_DAYS},
        {now + 1, EXPIRY_IN_7_DAYS},
        {now, EXPIRY_PAST},
        {1, EXPIRY_PAST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(expiry_stage(cases[i].expires_ms, now), cases[i].stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fingerprint_is_as_written),
        cmocka_unit_test(every_key_is_found_where_it_stands),
        cmocka_unit_test(expiry_comes_nearer_in_steps),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
