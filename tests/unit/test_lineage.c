// SPDX-License-Identifier: EUPL-1.2
// The rosters of a home: rivals lie beside each other, and whatever came first, the same is in
// force.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "home/lineage.h"
#include "roster_forks.h"
#include "unit/scratch.h"

struct place {
    char path[SCRATCH_PATH_MAX];
    struct home home;
    struct roster *first, *one, *other, *further, *settled;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    scratch_make(place->path);
    assert_int_equal(home_create(&place->home, place->path), ERR_OK);
    place->first = make_first();
    place->one = make_next(place->first, no_change);
    place->other = make_next(place->first, revoke_early);
    place->further = make_next(place->one, rename_federation);
    const struct roster *rivals[] = {place->other, place->further};
    place->settled = settle(rivals, 2, revoke_late);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    struct roster *made[] = {place->first, place->one, place->other, place->further,
                             place->settled};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        roster_destroy(&made[i]);
    }
    scratch_remove(place->path);
    free(place);
    return 0;
}

static struct lineage *reopen(struct place *place, struct lineage *lineage)
{
    struct lineage *again = NULL;
    lineage_close(&lineage);
    assert_int_equal(lineage_open(&place->home, &again), ERR_OK);
    return again;
}

static enum err add(struct lineage *lineage, const struct roster *roster)
{
    struct lineage_report report;
    return lineage_add(lineage, roster->signed_document, &report);
}

static void expect_standing(struct lineage *lineage, uint64_t version, size_t rivals)
{
    struct roster *standing = NULL;
    assert_int_equal(lineage_stand(lineage, &standing), ERR_OK);
    assert_int_equal(standing->version, version);
    assert_int_equal(standing->rivals_count, rivals);
    roster_destroy(&standing);
}

static void a_fork_is_kept_and_settled(void **state)
{
    struct place *place = *state;
    struct lineage *lineage = reopen(place, NULL);
    assert_int_equal(add(lineage, place->first), ERR_OK);
    assert_int_equal(add(lineage, place->one), ERR_OK);
    expect_standing(lineage, 2, 0);
    assert_int_equal(add(lineage, place->other), ERR_OK);
    expect_standing(lineage, 2, 2);
    assert_int_equal(add(lineage, place->other), ERR_STATE);
    lineage = reopen(place, lineage);
    expect_standing(lineage, 2, 2);
    assert_int_equal(add(lineage, place->further), ERR_OK); // the fork goes on
    expect_standing(lineage, 3, 2);
    assert_int_equal(add(lineage, place->settled), ERR_OK);
    lineage = reopen(place, lineage);
    expect_standing(lineage, 4, 0);
    lineage_close(&lineage);
}

// Each one is taken as soon as those it follows are there, and the end is the same.
static void any_order_ends_alike(void **state)
{
    struct place *place = *state;
    const struct roster *made[] = {place->one, place->other, place->further, place->settled};
    static const size_t orders[][4] = {{3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}, {1, 0, 2, 3}};
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        struct lineage *lineage = reopen(place, NULL);
        const enum err first = add(lineage, place->first);
        assert_true(first == (o == 0 ? ERR_OK : ERR_STATE));
        for (size_t round = 0; round < 4; round++) {
            for (size_t i = 0; i < 4; i++) {
                struct lineage_report report;
                const struct roster *roster = made[orders[o][i]];
                const enum err err = lineage_add(lineage, roster->signed_document, &report);
                assert_true(err == ERR_OK || err == ERR_STATE || err == ERR_NOT_FOUND);
                assert_true((report.missing_count > 0) == (err == ERR_NOT_FOUND));
            }
        }
        expect_standing(lineage, 4, 0);
        assert_int_equal(lineage->count, 5);
        while (lineage->count > 1) {
            char name[128];
            const struct lineage_link *last = &lineage->links[--lineage->count];
            char hex[2 * ID_LEN + 1];
            (void)sodium_bin2hex(hex, sizeof hex, last->hash, ID_LEN);
            (void)snprintf(name, sizeof name, "roster/%llu%s%s.roster",
                           (unsigned long long)last->version, last->is_rival ? "-" : "",
                           last->is_rival ? hex : "");
            assert_int_equal(home_remove(&place->home, name), ERR_OK);
        }
        lineage_close(&lineage);
    }
}

// Who begins with a later version asks backwards until it can judge the rival.
static void a_late_joiner_follows_a_fork(void **state)
{
    struct place *place = *state;
    struct lineage *lineage = reopen(place, NULL);
    struct lineage_report report;
    assert_int_equal(add(lineage, place->further), ERR_OK);
    const struct roster *wanted[] = {place->one, place->first};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lineage_add(lineage, place->other->signed_document, &report),
                         ERR_NOT_FOUND);
        assert_int_equal(report.missing_count, 1);
        assert_memory_equal(report.missing[0], wanted[i]->hash, ID_LEN);
        assert_int_equal(lineage_add(lineage, wanted[i]->signed_document, &report), ERR_OK);
        assert_false(report.is_news);
        lineage = reopen(place, lineage);
        expect_standing(lineage, 3, 0);
    }
    assert_int_equal(lineage_add(lineage, place->other->signed_document, &report), ERR_OK);
    assert_true(report.is_news);
    expect_standing(lineage, 3, 2);
    lineage_close(&lineage);
}

static void what_is_not_signed_enough_is_not_kept(void **state)
{
    struct place *place = *state;
    struct lineage *lineage = reopen(place, NULL);
    struct draft draft;
    struct roster *forged = NULL;
    assert_int_equal(add(lineage, place->first), ERR_OK);
    assert_int_equal(add(lineage, place->one), ERR_OK);
    draft_init(&draft);
    draft.authorities[0] = draft.authority_keys[9];
    draft.signers[0] = 9;
    draft_follow(&draft, place->first);
    assert_int_equal(draft_decode(&draft, &forged), ERR_OK);
    assert_int_equal(add(lineage, forged), ERR_DENIED);
    // Nor when somebody puts it there.
    char name[128];
    char hex[2 * ID_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, forged->hash, ID_LEN);
    (void)snprintf(name, sizeof name, "roster/2-%s.roster", hex);
    assert_int_equal(
        home_write(&place->home, name, forged->signed_document.bytes, forged->signed_document.len),
        ERR_OK);
    lineage_close(&lineage);
    assert_int_equal(lineage_open(&place->home, &lineage), ERR_CORRUPT);
    assert_null(lineage);
    roster_destroy(&forged);
}

// The keys that were replaced do not reach back over their replacement [5.23].
static void who_was_replaced_forks_nothing(void **state)
{
    struct place *place = *state;
    struct lineage *lineage = reopen(place, NULL);
    struct lineage_report report;
    struct roster *replaced = make_next(place->first, authorities_5_6_7);
    struct draft draft;
    struct roster *after = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    authorities_5_6_7(&draft);
    draft_follow(&draft, replaced);
    memset(draft.signers, 0, sizeof draft.signers);
    draft.signers[0] = 5;
    draft.signers[1] = 6;
    assert_int_equal(draft_decode(&draft, &after), ERR_OK);
    assert_int_equal(add(lineage, place->first), ERR_OK);
    assert_int_equal(add(lineage, replaced), ERR_OK);
    assert_int_equal(add(lineage, after), ERR_OK);
    assert_int_equal(lineage_add(lineage, place->other->signed_document, &report), ERR_DENIED);
    assert_true(report.is_late);
    expect_standing(lineage, 3, 0);
    lineage_close(&lineage);
    roster_destroy(&replaced);
    roster_destroy(&after);
}

static void a_ninth_in_force_is_refused(void **state)
{
    struct place *place = *state;
    struct lineage *lineage = reopen(place, NULL);
    assert_int_equal(add(lineage, place->first), ERR_OK);
    for (unsigned i = 0; i < 9; i++) {
        struct draft draft;
        struct roster *rival = NULL;
        char name[16];
        draft_init(&draft);
        draft_authorities(&draft, 3, 2);
        draft_follow(&draft, place->first);
        (void)snprintf(name, sizeof name, "Rival %u", i);
        draft.roster.name = draft_text(name);
        assert_int_equal(draft_decode(&draft, &rival), ERR_OK);
        assert_int_equal(add(lineage, rival), i < 8 ? ERR_OK : ERR_LIMIT);
        roster_destroy(&rival);
    }
    expect_standing(lineage, 2, 8);
    lineage_close(&lineage);
}

int main(void)
{
    if (sodium_init() < 0) {
        return 1;
    }
#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_HOME(a_fork_is_kept_and_settled),     IN_A_HOME(any_order_ends_alike),
        IN_A_HOME(a_late_joiner_follows_a_fork),   IN_A_HOME(what_is_not_signed_enough_is_not_kept),
        IN_A_HOME(who_was_replaced_forks_nothing), IN_A_HOME(a_ninth_in_force_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
