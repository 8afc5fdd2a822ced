// SPDX-License-Identifier: EUPL-1.2
// Vectors of proposals: what may follow the version in force, whose signatures count, and what
// copies amount to when they are merged. The known attacks on update systems are among them.
#include "edit.h"
#include "roundtrip_proposal.h"

enum { FALSE_BY = 100 }; // a signer of 100 + n: authority n, with a false signature

// How a proposal of version 3 differs from the sound one, whose signers are 1 and 2.
struct proposed {
    const char *name;
    void (*change)(struct draft *draft);
    enum err err;
};

static void as_it_is(struct draft *draft)
{
    (void)draft;
}
static void unsigned_yet(struct draft *draft)
{
    memset(draft->signers, 0, sizeof draft->signers);
}
static void one_signature(struct draft *draft)
{
    draft->signers[1] = 0;
}
static void all_three(struct draft *draft)
{
    draft->signers[2] = 3;
}
static void new_authorities(struct draft *draft) // 4, 5, 6 instead of 1, 2, 3; signed by all
{
    for (size_t i = 0; i < 3; i++) {
        draft->authorities[i] = draft->authority_keys[4 + i];
    }
    draft->signers[2] = 4;
    draft->signers[3] = 5;
}
static void of_the_new_only(struct draft *draft)
{
    new_authorities(draft);
    memcpy(draft->signers, (uint8_t[DRAFT_SIGNERS_MAX]){4, 5, 6}, DRAFT_SIGNERS_MAX);
}
static void of_the_old_only(struct draft *draft)
{
    new_authorities(draft);
    memcpy(draft->signers, (uint8_t[DRAFT_SIGNERS_MAX]){1, 2, 3}, DRAFT_SIGNERS_MAX);
}
static void one_of_each(struct draft *draft) // two signatures, but neither side has two
{
    new_authorities(draft);
    memcpy(draft->signers, (uint8_t[DRAFT_SIGNERS_MAX]){1, 4}, DRAFT_SIGNERS_MAX);
}
static void counts_for_both(struct draft *draft) // 3 replaced by 4: 1 and 2 are of both
{
    draft->authorities[2] = draft->authority_keys[4];
}
static void higher_threshold(struct draft *draft) // 3 of 3, signed by two
{
    draft->roster.threshold = 3;
}
static void a_false_signature(struct draft *draft)
{
    draft->signers[2] = FALSE_BY + 3;
}
static void a_false_one_of_two(struct draft *draft)
{
    draft->signers[1] = FALSE_BY + 2;
}
static void strangers(struct draft *draft)
{
    draft->signers[2] = 9;
    draft->signers[3] = 10;
}
static void one_and_strangers(struct draft *draft)
{
    strangers(draft);
    draft->signers[1] = 11;
}
static void revoked_further(struct draft *draft)
{
    draft->nodes[1].revoked_epoch = 1;
    draft->nodes[1].revoked_seq = 0;
}

static const struct proposed accepted[] = {
    {"complete", as_it_is, ERR_OK},
    {"not signed yet", unsigned_yet, ERR_OK},
    {"one signature of two", one_signature, ERR_OK},
    {"more signatures than needed", all_three, ERR_OK},
    {"other authorities, signed by both sides", new_authorities, ERR_OK},
    {"signed by the new authorities only", of_the_new_only, ERR_OK},
    {"signed by the old authorities only", of_the_old_only, ERR_OK},
    {"one signature of each side", one_of_each, ERR_OK},
    {"one authority replaced, the others count for both sides", counts_for_both, ERR_OK},
    {"its own threshold is higher than that before", higher_threshold, ERR_OK},
    {"a false signature beside enough genuine ones", a_false_signature, ERR_OK},
    {"one of two signatures is false", a_false_one_of_two, ERR_OK},
    {"strangers sign beside the authorities", strangers, ERR_OK},
    {"strangers sign instead of the second authority", one_and_strangers, ERR_OK},
    {"revoked at another entry", revoked_further, ERR_OK},
};

static void freeze(struct draft *draft) // version 2 again
{
    struct roster *first = NULL;
    draft_init(draft);
    draft_authorities(draft, 3, 2);
    assert_int_equal(draft_decode(draft, &first), ERR_OK);
    draft_follow(draft, first);
    roster_destroy(&first);
}
static void rollback(struct draft *draft) // version 1 again
{
    draft_init(draft);
    draft_authorities(draft, 3, 2);
}
static void jump(struct draft *draft)
{
    draft->roster.version = 4;
}
static void fast_forward(struct draft *draft)
{
    draft->roster.version = SEQ_MAX;
}
static void key_listed_twice(struct draft *draft) // one key in two places of the list
{
    draft->authorities[2] = draft->authority_keys[1];
}
static void key_signs_twice(struct draft *draft)
{
    draft->signers[1] = 1;
}
static void no_majority(struct draft *draft)
{
    draft_authorities(draft, 4, 2);
}
static void threshold_of_none(struct draft *draft)
{
    draft->roster.threshold = 0;
}
static void another_parent(struct draft *draft)
{
    draft->parents[0][0] ^= 1;
}
static void another_federation(struct draft *draft)
{
    draft->roster.federation[0] ^= 1;
}
static void back_from_revocation(struct draft *draft)
{
    draft->nodes[1].is_revoked = false;
}
static void node_dropped(struct draft *draft)
{
    draft->roster.nodes_count = 1;
}
static void node_with_another_key(struct draft *draft)
{
    draft->nodes[1].signing = draft->signing_keys[5];
}
static void weak_key(struct draft *draft)
{
    memset(draft->transport_keys[1], 0, BOX_KEY_LEN);
}

static const struct proposed refused[] = {
    {"freeze: the version in force again", freeze, ERR_STATE},
    {"rollback: the version before it", rollback, ERR_STATE},
    {"fast-forward by one", jump, ERR_STATE},
    {"fast-forward to the highest version", fast_forward, ERR_STATE},
    {"one key listed twice as an authority", key_listed_twice, ERR_MALFORMED},
    {"one key signs twice", key_signs_twice, ERR_MALFORMED},
    {"threshold is no majority", no_majority, ERR_MALFORMED},
    {"threshold 0", threshold_of_none, ERR_MALFORMED},
    {"another parent", another_parent, ERR_DENIED},
    {"another federation", another_federation, ERR_DENIED},
    {"a revoked node comes back", back_from_revocation, ERR_MALFORMED},
    {"a node is dropped", node_dropped, ERR_MALFORMED},
    {"a node's signing key is replaced", node_with_another_key, ERR_MALFORMED},
    {"transport key of small order", weak_key, ERR_DENIED},
};

// The sound version 3: as the version in force, with a higher number.
static void draft_third(struct draft *draft)
{
    draft_init(draft);
    draft_authorities(draft, 3, 2);
    draft_follow(draft, roundtrip_in_force());
    draft->nodes[1].is_revoked = true;
    draft->nodes[1].revoked_seq = 7;
}

// The draft as a proposal, its false signers included.
static size_t write_proposal(struct draft *draft, uint8_t out[static DRAFT_MAX])
{
    uint8_t by = 0;
    for (size_t i = 0; i < DRAFT_SIGNERS_MAX; i++) {
        if (draft->signers[i] > FALSE_BY) {
            draft->signers[i] = (uint8_t)(draft->signers[i] - FALSE_BY);
            by = draft->signers[i];
        }
    }
    const size_t len = draft_write(draft, out);
    const uint8_t *const key = draft->authority_keys[by];
    uint8_t *const found = by == 0 ? NULL : memmem(out + len - 101 * 4, 101 * 4, key, SIGN_KEY_LEN);
    if (found != NULL) {
        found[SIGN_KEY_LEN + 2] ^= 1;
    }
    assert_true(by == 0 || found != NULL);
    return len;
}

static struct proposal *open_proposal(const uint8_t *bytes, size_t len)
{
    struct proposal *proposal = NULL;
    assert_int_equal(proposal_decode(bytes, len, &proposal), ERR_OK);
    assert_int_equal(proposal_check(roundtrip_in_force(), proposal), ERR_OK);
    return proposal;
}

// What it amounts to: who signed with effect, and the signed roster if that is enough.
static void describe(json_t *json, const struct proposal *proposal)
{
    struct proposal_tally tally;
    uint8_t *bytes = NULL;
    size_t len = 0;
    json_t *const signers = json_array();

    proposal_count(roundtrip_in_force(), proposal, &tally);
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        json_array_append_new(signers,
                              vectors_hex(proposal->signatures[i].authority, SIGN_KEY_LEN));
    }
    json_object_set_new(json, "signed by", signers);
    edit_set_number(json, "before", tally.before);
    edit_set_number(json, "before needed", tally.before_needed);
    edit_set_number(json, "own", tally.own);
    edit_set_number(json, "own needed", tally.own_needed);
    assert_int_equal(proposal_encode(proposal, &bytes, &len), ERR_OK);
    if (tally.is_complete) {
        edit_set_hex(json, "signed roster", bytes, len);
    } else {
        json_object_set_new(json, "signed roster", json_null());
    }
    free(bytes);
}

static json_t *make_merges(void)
{
    static const struct {
        const char *name;
        uint8_t signers[3][DRAFT_SIGNERS_MAX]; // of each copy
    } merges[] = {
        {"two copies with one signature each", {{1}, {2}}},
        {"the second signature alone in the third copy", {{1}, {0}, {3}}},
        {"one key in three copies counts once", {{1}, {1}, {1}}},
        {"a false signature does not displace the genuine one", {{2}, {FALSE_BY + 2, 3}}},
        {"a false signature does not keep out the genuine one", {{FALSE_BY + 2, 3}, {2}}},
        {"false signatures in all copies", {{FALSE_BY + 1}, {FALSE_BY + 2}, {FALSE_BY + 3}}},
        {"strangers never add up", {{1, 9}, {10, 11}, {9, 12}}},
    };
    json_t *const list = json_array();
    for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
        struct proposal *whole = NULL;
        json_t *const json = json_object();
        json_t *const copies = json_array();
        for (size_t j = 0; j < 3; j++) {
            struct draft draft;
            uint8_t bytes[DRAFT_MAX];
            draft_third(&draft);
            memcpy(draft.signers, merges[i].signers[j], sizeof draft.signers);
            const size_t len = write_proposal(&draft, bytes);
            json_array_append_new(copies, vectors_hex(bytes, len));
            struct proposal *copy = open_proposal(bytes, len);
            if (whole == NULL) {
                whole = copy;
                continue;
            }
            assert_int_equal(proposal_merge(whole, copy), ERR_OK);
            proposal_destroy(&copy);
        }
        json_object_set_new(json, "name", json_string(merges[i].name));
        json_object_set_new(json, "copies", copies);
        describe(json, whole);
        proposal_destroy(&whole);
        json_array_append_new(list, json);
    }
    return list;
}

static void add_refused_bytes(json_t *file)
{
    struct draft draft;
    uint8_t bytes[DRAFT_MAX];
    draft_third(&draft);
    const size_t len = draft_write(&draft, bytes);
    const size_t count_at = len - 2 * 101 - 1;
    assert_int_equal(bytes[count_at], 0x82);
    const struct vectors_splice splices[] = {
        {"byte after the end", len, 0, "00", ERR_MALFORMED},
        {"a third signature is announced", count_at, 1, "83", ERR_MALFORMED},
        {"129 signatures are announced", count_at, 1, "9881", ERR_LIMIT},
        {"signature of 63 bytes", len - 65, 2, "3f", ERR_MALFORMED},
        {"no signatures, not an empty list of them", count_at, 1 + 2 * 101, "f6", ERR_MALFORMED},
        {"array of 3", 0, 1, "83", ERR_MALFORMED},
        {"nothing", 0, len, "", ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof splices / sizeof *splices; i++) {
        vectors_add_splice(file, bytes, len, &splices[i]);
    }
}

// The first proposal as the body of an entry, and bodies that are none [5.24].
static void add_bodies(json_t *file, const uint8_t *bytes, size_t len)
{
    uint8_t body[DRAFT_MAX + 64];
    const size_t body_len = proposal_body_encode((struct span){bytes, len}, body, sizeof body);
    assert_int_equal(roundtrip_proposal_body(body, body_len), ERR_OK);
    edit_set_hex(file, "body", body, body_len);
    assert_int_equal(proposal_body_encode((struct span){bytes, len}, body, body_len - 1), 0);
    assert_int_equal(roundtrip_proposal_body(body, body_len - 1), ERR_MALFORMED);
    for (size_t i = 0; i < 32; i++) { // the heads and names around it
        const size_t len_again = proposal_body_encode((struct span){bytes, len}, body, sizeof body);
        body[i] ^= 1;
        if (roundtrip_proposal_body(body, len_again) == ERR_OK) {
            fail_msg("accepted with another byte %zu", i);
        }
    }
}

static json_t *make_proposal(void)
{
    json_t *const file = vectors_file(
        "Proposals, PROTOCOL.md 5.13 and 5.14, for the version in force `current`, whose "
        "authorities are 1, 2, 3 with threshold 2. `body` carries the first of those accepted "
        "(5.24). "
        "`merges` are copies of one proposal and what "
        "they amount to. Authority n has the Ed25519 seed of 32 bytes n.");
    const struct span current = roundtrip_in_force()->signed_document;
    uint8_t bytes[DRAFT_MAX];
    struct draft draft;

    edit_set_hex(file, "current", current.bytes, current.len);
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        draft_third(&draft);
        accepted[i].change(&draft);
        const size_t len = write_proposal(&draft, bytes);
        struct proposal *proposal = open_proposal(bytes, len);
        describe(vectors_add_accepted(file, accepted[i].name, bytes, len), proposal);
        if (i == 0) {
            add_bodies(file, bytes, len);
        }
        proposal_destroy(&proposal);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        draft_third(&draft);
        refused[i].change(&draft);
        const size_t len = write_proposal(&draft, bytes);
        vectors_add_refused(file, refused[i].name, bytes, len, refused[i].err);
    }
    add_refused_bytes(file);
    json_object_set_new(file, "merges", make_merges());
    return file;
}

static void test_proposal(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"proposal", make_proposal, roundtrip_proposal, NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proposal),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
