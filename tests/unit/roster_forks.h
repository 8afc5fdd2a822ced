// SPDX-License-Identifier: EUPL-1.2
// Forks of a roster in pairs, and what may settle them: for tests and vectors.
#ifndef TESTS_UNIT_ROSTER_FORKS_H
#define TESTS_UNIT_ROSTER_FORKS_H

#include "draft.h"
#include "sitrep/roster.h"

static inline void no_change(struct draft *draft)
{
    (void)draft;
}
static inline void put_node(struct draft *draft, size_t at, const char *name, uint8_t keys)
{
    draft->nodes[at] = draft->nodes[0];
    draft->nodes[at].name = draft_text(name);
    draft->nodes[at].signing = draft->signing_keys[keys];
    draft->nodes[at].transport = draft->transport_keys[keys];
    draft->roster.nodes_count =
        at + 1 > draft->roster.nodes_count ? at + 1 : draft->roster.nodes_count;
}
static inline void put_centre(struct draft *draft, size_t at, const char *code)
{
    draft->centres[at] = draft->centres[0];
    draft->centres[at].code = draft_text(code);
    draft->roster.centres_count = at + 1;
}
static inline void add_three(struct draft *draft)
{
    put_node(draft, 2, "be-three", 3);
}
static inline void add_four(struct draft *draft)
{
    put_node(draft, 2, "be-four", 4);
}
static inline void add_four_three(struct draft *draft) // the same node at another index
{
    put_node(draft, 2, "be-four", 4);
    put_node(draft, 3, "be-three", 3);
}
static inline void add_centre_three(struct draft *draft)
{
    put_centre(draft, 2, "lu-cgdis");
    put_node(draft, 2, "lu-cgdis", 3);
    draft->nodes[2].centre = 2;
}
static inline void add_centre_four(struct draft *draft)
{
    put_centre(draft, 2, "fr-cogic");
    put_node(draft, 2, "fr-cogic", 4);
    draft->nodes[2].centre = 2;
}
static inline void revoke_at(struct draft *draft, size_t node, uint64_t epoch, uint64_t seq)
{
    draft->nodes[node].is_revoked = true;
    draft->nodes[node].revoked_epoch = epoch;
    draft->nodes[node].revoked_seq = seq;
}
static inline void revoke_early(struct draft *draft)
{
    revoke_at(draft, 1, 1, 9);
}
static inline void revoke_late(struct draft *draft)
{
    revoke_at(draft, 1, 2, 3);
}
static inline void add_three_revoked(struct draft *draft)
{
    add_three(draft);
    revoke_at(draft, 2, 0, 5);
}
static inline void add_three_without_nl(struct draft *draft)
{
    add_three(draft);
    revoke_early(draft);
}
static inline void announce_key(struct draft *draft)
{
    draft->nodes[1].transport_also = draft->transport_keys[7];
}
static inline void use_other_key(struct draft *draft)
{
    draft->nodes[1].transport = draft->transport_keys[7];
    draft->nodes[1].transport_also = draft->transport_keys[2];
}
static inline void use_new_key_only(struct draft *draft)
{
    draft->nodes[1].transport = draft->transport_keys[8];
}
static inline void move_endpoint(struct draft *draft)
{
    draft->endpoints[1].sync = draft_text("tcp://10.9.9.9:7000");
}
static inline void rename_federation(struct draft *draft)
{
    draft->roster.name = draft_text("Another name");
}
static inline void authorities_2_3_4(struct draft *draft)
{
    draft->authorities[0] = draft->authority_keys[4];
    draft->signers[0] = 2;
    draft->signers[1] = 3;
}
static inline void authorities_5_6_7(struct draft *draft)
{
    for (uint8_t i = 0; i < 3; i++) {
        draft->authorities[i] = draft->authority_keys[5 + i];
    }
    const uint8_t signers[] = {1, 2, 5, 6};
    memcpy(draft->signers, signers, sizeof signers);
}

// Version 1: authorities 1, 2, 3, of whom two must sign; nodes be-nccn and nl-kcr2.
static inline struct roster *make_first(void)
{
    struct draft draft;
    struct roster *first = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    assert_int_equal(draft_decode(&draft, &first), ERR_OK);
    return first;
}

static inline struct roster *make_next(const struct roster *current,
                                       void (*change)(struct draft *draft))
{
    struct draft draft;
    struct roster *next = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft_follow(&draft, current);
    change(&draft);
    assert_int_equal(draft_decode(&draft, &next), ERR_OK);
    assert_int_equal(roster_check_next(current, next), ERR_OK);
    return next;
}

static inline struct roster *stand(struct roster *one, struct roster *other)
{
    struct roster *rosters[] = {one, other};
    struct roster *standing = NULL;
    assert_int_equal(roster_stand(rosters, 2, &standing), ERR_OK);
    assert_int_equal(standing->rivals_count, 2);
    assert_int_equal(standing->signatures_count, 0);
    return standing;
}

static inline void settle_names_one(struct draft *draft)
{
    draft->roster.parents_count = 1;
}
static inline void settle_names_a_third(struct draft *draft)
{
    memset(draft->parents[2], 0xff, ID_LEN);
    draft->roster.parents_count = 3;
}
static inline void settle_another(struct draft *draft)
{
    memset(draft->parents[1], 0xff, ID_LEN);
}
static inline void settle_skips(struct draft *draft)
{
    draft->roster.version++;
}
static inline void settle_same_version(struct draft *draft)
{
    draft->roster.version--;
}
static inline void settle_by_one_side(struct draft *draft) // of 1, 2, 3 by two, of 2, 3, 4 by one
{
    draft->signers[0] = 1;
    draft->signers[1] = 2;
}
static inline void settle_by_stranger(struct draft *draft)
{
    draft->signers[2] = 9;
}
static inline void settle_restores(struct draft *draft)
{
    draft->nodes[1].is_revoked = false;
}
static inline void settle_keeps_three(struct draft *draft)
{
    put_node(draft, 2, "be-three", 3);
}
static inline void settle_keeps_four(struct draft *draft)
{
    put_node(draft, 2, "be-four", 4);
}
static inline void settle_keeps_both(struct draft *draft)
{
    put_node(draft, 2, "be-four", 4);
    put_node(draft, 3, "be-three", 3);
}
static inline void settle_keeps_neither(struct draft *draft)
{
    put_node(draft, 2, "be-five", 5);
}
static inline void settle_drops_them(struct draft *draft)
{
    draft->roster.nodes_count = 2;
}
static inline void settle_displaced_comes_back(struct draft *draft) // who was revoked under be-four
{
    put_node(draft, 2, "be-four", 4);
    put_node(draft, 3, "be-three", 3);
    draft->nodes[3].is_revoked = false;
}
static inline void settle_displaced_stays_revoked(struct draft *draft)
{
    settle_displaced_comes_back(draft);
    revoke_at(draft, 3, 0, 5);
}
static inline void settle_centre_to_one(struct draft *draft)
{
    add_centre_three(draft);
    put_centre(draft, 3, "fr-cogic");
}
static inline void settle_centre_void(struct draft *draft)
{
    put_centre(draft, 2, "void-1");
    put_centre(draft, 3, "lu-cgdis");
    put_centre(draft, 4, "fr-cogic");
    put_node(draft, 2, "lu-cgdis", 3);
    draft->nodes[2].centre = 3;
}
static inline void settle_centre_void_and_used(struct draft *draft)
{
    settle_centre_void(draft);
    put_node(draft, 3, "be-five", 5);
    draft->nodes[3].centre = 2;
}
static inline void settle_node_moved(struct draft *draft)
{
    settle_centre_void(draft);
    draft->nodes[2].centre = 4;
}

struct settling {
    const char *name;
    void (*one)(struct draft *draft);
    void (*other)(struct draft *draft);
    void (*settle)(struct draft *draft);
    enum err err;
};

static const struct settling settlings[] = {
    {"names both", no_change, rename_federation, no_change, ERR_OK},
    {"names one parent only", no_change, rename_federation, settle_names_one, ERR_DENIED},
    {"names a third", no_change, rename_federation, settle_names_a_third, ERR_DENIED},
    {"names another in the place of one", no_change, rename_federation, settle_another, ERR_DENIED},
    {"skips a version", no_change, rename_federation, settle_skips, ERR_STATE},
    {"has their version", no_change, rename_federation, settle_same_version, ERR_STATE},
    {"signed by enough of both", no_change, authorities_2_3_4, authorities_2_3_4, ERR_OK},
    {"signed by enough of one", no_change, authorities_2_3_4, settle_by_one_side, ERR_DENIED},
    {"signed by a stranger too", no_change, rename_federation, settle_by_stranger, ERR_DENIED},
    {"revoked in one, and stays so", no_change, revoke_early, revoke_late, ERR_OK},
    {"revoked in one, and comes back", no_change, revoke_early, settle_restores, ERR_MALFORMED},
    {"one keeps the place", add_three, add_four, settle_keeps_three, ERR_OK},
    {"the other keeps it", add_three, add_four, settle_keeps_four, ERR_OK},
    {"one comes at the end", add_three, add_four, settle_keeps_both, ERR_OK},
    {"somebody else gets it", add_three, add_four, settle_keeps_neither, ERR_MALFORMED},
    {"nobody gets it", add_three, add_four, settle_drops_them, ERR_MALFORMED},
    {"a node of one only is dropped", add_three, no_change, settle_drops_them, ERR_MALFORMED},
    {"a node of one only stays", add_three, no_change, settle_keeps_three, ERR_OK},
    {"revoked, displaced, and back", add_three_revoked, add_four, settle_displaced_comes_back,
     ERR_MALFORMED},
    {"revoked and displaced", add_three_revoked, add_four, settle_displaced_stays_revoked, ERR_OK},
    {"two centres, one gets the place", add_centre_three, add_centre_four, settle_centre_to_one,
     ERR_MALFORMED},
    {"two centres, nobody gets it", add_centre_three, add_centre_four, settle_centre_void, ERR_OK},
    {"two centres, and a node at the void", add_centre_three, add_centre_four,
     settle_centre_void_and_used, ERR_MALFORMED},
    {"a node to the other centre", add_centre_three, add_centre_four, settle_node_moved,
     ERR_MALFORMED},
};

static inline struct roster *settle(const struct roster *const *rosters, size_t count,
                                    void (*change)(struct draft *draft))
{
    struct draft draft;
    struct roster *next = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft_settle(&draft, rosters, count);
    change(&draft);
    assert_int_equal(draft_decode(&draft, &next), ERR_OK);
    return next;
}

#endif
