// SPDX-License-Identifier: EUPL-1.2
// Warnings of expiry under a clock of the test's own: which there are, and that each is told once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "draft.h"
#include "expiry.h"
#include "trust/expiries.h"

enum { TOLD_SIZE = 1024 };

static const uint64_t day = UINT64_C(86400000);
static const uint64_t begun = UINT64_C(1750000000000);

// What was told, as text, to be compared at once.
struct told {
    char text[TOLD_SIZE];
    size_t len;
};

static void tell(void *context, const struct expiry *expiry)
{
    struct told *told = context;
    assert_int_not_equal(expiry->stage, EXPIRY_FAR);
    const int len = snprintf(told->text + told->len, TOLD_SIZE - told->len, "%s%s %u %s\n",
                             expiry->is_roster ? "roster" : key_kind_text(expiry->key.kind),
                             expiry->key.is_second ? " second" : "", (unsigned)expiry->key.index,
                             expiry_stage_text(expiry->stage));
    assert_in_range(len, 1, TOLD_SIZE - told->len - 1);
    told->len += (size_t)len;
}

static void expect_told(struct told *told, const char *expected)
{
    assert_string_equal(told->text, expected);
    *told = (struct told){.len = 0};
}

struct moment {
    const uint8_t *key;
    uint64_t expires_ms;
};

// Two nodes, the second with a second transport key, and these expiries.
static struct roster *make_roster(struct draft *draft, const struct moment *moments, size_t count)
{
    struct expiries expiries;
    uint8_t *extensions = NULL;
    size_t len = 0;
    struct roster *roster = NULL;
    assert_int_equal(expiries_init(&expiries, NULL), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(expiries_set(&expiries, moments[i].key, moments[i].expires_ms), ERR_OK);
    }
    assert_int_equal(expiries_write(&expiries, (struct span){NULL, 0}, &extensions, &len), ERR_OK);
    expiries_fini(&expiries);
    draft->nodes[1].transport_also = draft->transport_keys[9];
    draft->roster.extensions = (struct span){extensions, len};
    assert_int_equal(draft_decode(draft, &roster), ERR_OK);
    free(extensions);
    return roster;
}

static void all_that_is_near_is_told(void **state)
{
    (void)state;
    struct draft draft;
    struct told told = {.len = 0};
    draft_init(&draft);
    draft.roster.expires_ms = begun + 80 * day;
    const struct moment moments[] = {
        {draft.authority_keys[1], begun + 30 * day},
        {draft.signing_keys[1], begun - 1},
        {draft.signing_keys[2], begun + 91 * day},
        {draft.transport_keys[9], begun + 6 * day},
    };
    struct roster *roster = make_roster(&draft, moments, 4);
    expiry_each(roster, begun, tell, &told);
    expect_told(&told, "roster 0 expires in 90 days or less\n"
                       "authority 0 expires in 30 days or less\n"
                       "signing 0 has expired\n"
                       "transport second 1 expires in 7 days or less\n");
    roster_destroy(&roster);
    draft_init(&draft);
    roster = make_roster(&draft, NULL, 0);
    expiry_each(roster, begun, tell, &told);
    expect_told(&told, "");
    roster_destroy(&roster);
}

static void each_threshold_is_told_once(void **state)
{
    (void)state;
    struct draft draft;
    struct told told = {.len = 0};
    struct expiry_watch watch = {.roster = NULL};
    draft_init(&draft);
    const struct moment moments[] = {{draft.signing_keys[2], begun + 100 * day}};
    struct roster *roster = make_roster(&draft, moments, 1);
    static const struct {
        uint64_t days;
        const char *told;
    } steps[] = {
        {0, ""},
        {9, ""},
        {10, "signing 1 expires in 90 days or less\n"},
        {11, ""},
        {69, ""},
        {70, "signing 1 expires in 30 days or less\n"},
        {70, ""},
        {92, ""},
        {93, "signing 1 expires in 7 days or less\n"},
        {99, ""},
        {100, "signing 1 has expired\n"},
        {101, ""},
        {500, ""},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        expiry_watch(&watch, roster, begun + steps[i].days * day, tell, &told);
        expect_told(&told, steps[i].told);
    }
    // A clock that was set back makes it come nearer again.
    expiry_watch(&watch, roster, begun, tell, &told);
    expect_told(&told, "");
    expiry_watch(&watch, roster, begun + 95 * day, tell, &told);
    expect_told(&told, "signing 1 expires in 7 days or less\n");
    roster_destroy(&roster);
}

static void a_start_tells_all_and_a_new_version_what_is_new(void **state)
{
    (void)state;
    struct draft draft;
    struct told told = {.len = 0};
    struct expiry_watch watch = {.roster = NULL};
    draft_init(&draft);
    const struct moment moments[] = {{draft.signing_keys[1], begun + 20 * day},
                                     {draft.signing_keys[2], begun + 60 * day},
                                     {draft.transport_keys[2], begun + 3 * day}};
    const struct moment later[] = {{draft.signing_keys[1], begun + 20 * day},
                                   {draft.signing_keys[2], begun + 5 * day},
                                   {draft.authority_keys[1], begun}};
    struct roster *roster = make_roster(&draft, moments, 3);
    struct roster *next = make_roster(&draft, later, 3);
    expiry_watch(&watch, roster, begun, tell, &told);
    expect_told(&told, "signing 0 expires in 30 days or less\n"
                       "signing 1 expires in 90 days or less\n"
                       "transport 1 expires in 7 days or less\n");
    expiry_watch(&watch, next, begun, tell, &told);
    expect_told(&told, "authority 0 has expired\nsigning 1 expires in 7 days or less\n");
    expiry_watch(&watch, next, begun, tell, &told);
    expect_told(&told, "");
    roster_destroy(&roster);
    roster_destroy(&next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_near_is_told),
        cmocka_unit_test(each_threshold_is_told_once),
        cmocka_unit_test(a_start_tells_all_and_a_new_version_what_is_new),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
