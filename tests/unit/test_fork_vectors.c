// SPDX-License-Identifier: EUPL-1.2
// Vectors of fork proofs, PROTOCOL.md 10.6: what proves a fork, and what only looks like it.
#include "edit.h"
#include "roundtrip_trust.h"
#include "sitrep/header.h"

// What a branch in a vector is made of; the usual one leaves entry 4 with one signed entry.
struct draft_branch {
    uint64_t epoch;
    uint64_t seq;
    size_t count;       // of headers
    uint8_t variant;    // branches of different variants have different entries
    uint8_t author;     // whose seed
    uint8_t signer;     // whose signature; 0: the author's
    uint8_t space;      // under which it is signed; 0: the usual
    size_t stranger;    // the header, from 1 on, that another author wrote
    size_t broken;      // the header, from 1 on, whose prev is another id
    size_t jumping;     // the header, from 1 on, whose seq is one too high
    size_t other_epoch; // the header, from 1 on, that is of another epoch
};

enum { USUAL_SPACE = 7, USUAL_AUTHOR = 1, PROOF_SIZE = FORK_PROOF_MAX + 1024 };

static const struct draft_branch usual = {.seq = 5, .count = 1, .author = USUAL_AUTHOR};

static void make_key(uint8_t seed_byte, struct signing_key *key, uint8_t public_key[32])
{
    uint8_t seed[SIGN_KEY_LEN];

    memset(seed, seed_byte, sizeof seed);
    signing_key_from_seed(key, seed, public_key);
}

static void fill_header(const struct draft_branch *draft, size_t i, const uint8_t prev[ID_LEN],
                        struct header *header)
{
    struct signing_key key;

    *header = (struct header){.epoch = draft->epoch + (draft->other_epoch == i + 1),
                              .seq = draft->seq + i + (draft->jumping == i + 1),
                              .time = (UINT64_C(1700000000000) + i) << 16,
                              .size = 300};
    make_key(draft->stranger == i + 1 ? 99 : draft->author, &key, header->author);
    memcpy(header->prev, prev, ID_LEN);
    if (draft->broken == i + 1) {
        header->prev[0] ^= 1;
    }
    memset(header->group, 3, TAG_LEN);
    memset(header->key, 4, TAG_LEN);
    memset(header->digest, draft->variant, DIGEST_LEN);
}

// Writes the branch, and its first id when asked for.
static void put_branch(struct cbor_writer *writer, const struct draft_branch *draft, uint8_t *id)
{
    uint8_t space[ID_LEN];
    uint8_t signed_space[ID_LEN];
    uint8_t prev[ID_LEN] = {9};
    uint8_t bytes[HEADER_MAX];
    uint8_t public_key[SIGN_KEY_LEN];
    uint8_t signature[SIGNATURE_LEN];
    struct signing_key key;
    size_t len = 0;

    memset(space, USUAL_SPACE, sizeof space);
    memset(signed_space, draft->space != 0 ? draft->space : USUAL_SPACE, sizeof signed_space);
    cbor_put_array(writer, draft->count + 1);
    for (size_t i = 0; i < draft->count; i++) {
        struct header header;
        fill_header(draft, i, prev, &header);
        len = header_encode(&header, bytes);
        header_id(space, bytes, len, prev);
        cbor_put_bytes(writer, bytes, len);
        if (i == 0 && id != NULL) {
            memcpy(id, prev, ID_LEN);
        }
    }
    make_key(draft->signer != 0 ? draft->signer : draft->author, &key, public_key);
    cose_sign(&key, (struct span){signed_space, ID_LEN}, (struct span){bytes, len}, signature);
    cbor_put_bytes(writer, signature, SIGNATURE_LEN);
}

struct bytes {
    uint8_t bytes[PROOF_SIZE];
    size_t len;
};

static void begin(struct bytes *out, struct cbor_writer *writer, size_t count)
{
    uint8_t space[ID_LEN];

    memset(space, USUAL_SPACE, sizeof space);
    cbor_write(writer, out->bytes, sizeof out->bytes);
    cbor_put_array(writer, 2);
    cbor_put_bytes(writer, space, ID_LEN);
    cbor_put_array(writer, count);
}

// The branches in the order given.
static void put_as_given(const struct draft_branch *drafts, size_t count, struct bytes *out)
{
    struct cbor_writer writer;

    begin(out, &writer, count);
    for (size_t i = 0; i < count; i++) {
        put_branch(&writer, &drafts[i], NULL);
    }
    out->len = cbor_written(&writer);
    assert_true(out->len > 0);
}

struct placed {
    struct draft_branch draft;
    uint8_t id[ID_LEN];
};

static int compare_placed(const void *left, const void *right)
{
    return memcmp(((const struct placed *)left)->id, ((const struct placed *)right)->id, ID_LEN);
}

// Sorts the branches by id, upwards or downwards.
static void sort_drafts(struct draft_branch *drafts, size_t count, bool is_upward)
{
    static struct bytes scratch;
    struct placed placed[BRANCHES_MAX + 1];

    for (size_t i = 0; i < count; i++) {
        struct cbor_writer writer;
        placed[i].draft = drafts[i];
        cbor_write(&writer, scratch.bytes, sizeof scratch.bytes);
        put_branch(&writer, &drafts[i], placed[i].id);
    }
    qsort(placed, count, sizeof *placed, compare_placed);
    for (size_t i = 0; i < count; i++) {
        drafts[i] = placed[is_upward ? i : count - 1 - i].draft;
    }
}

static void put_sorted(struct draft_branch *drafts, size_t count, struct bytes *out)
{
    sort_drafts(drafts, count, true);
    put_as_given(drafts, count, out);
}

// A usual branch of variant 1 beside one that differs from the usual as `draft` says.
static void add_pair(json_t *file, const char *name, struct draft_branch draft, enum err err)
{
    static struct bytes out;
    struct draft_branch drafts[] = {usual, draft};

    drafts[0].variant = 1;
    put_sorted(drafts, 2, &out);
    vectors_add_refused(file, name, out.bytes, out.len, err);
}

static void add_accepted(json_t *file, const char *name, const struct bytes *out)
{
    static struct fork_proof proof;
    json_t *const json = vectors_add_accepted(file, name, out->bytes, out->len);
    json_t *const ids = json_array();

    assert_int_equal(fork_proof_decode(out->bytes, out->len, &proof), ERR_OK);
    edit_set_hex(json, "space", proof.space, ID_LEN);
    edit_set_hex(json, "author", proof.author, SIGN_KEY_LEN);
    edit_set_number(json, "epoch", proof.epoch);
    edit_set_number(json, "seq", proof.seq);
    for (size_t i = 0; i < proof.branches_count; i++) {
        json_array_append_new(ids, vectors_hex(proof.branches[i].id, ID_LEN));
    }
    json_object_set_new(json, "ids", ids);
}

static void add_all_accepted(json_t *file)
{
    static struct bytes out;
    struct draft_branch two[] = {usual, usual};
    struct draft_branch largest[BRANCHES_MAX];

    two[1].variant = 1;
    put_sorted(two, 2, &out);
    add_accepted(file, "two entries, both signed", &out);
    two[0].seq = two[1].seq = 1;
    two[0].epoch = two[1].epoch = EPOCH_MAX;
    put_sorted(two, 2, &out);
    add_accepted(file, "at the first entry", &out);
    two[0] = two[1] = usual;
    two[1].variant = 1;
    two[1].count = RUN_ENTRIES_MAX;
    two[0].epoch = two[1].epoch = EPOCH_MAX;
    put_sorted(two, 2, &out);
    add_accepted(file, "one entry signed, one covered by a later one", &out);
    for (size_t i = 0; i < BRANCHES_MAX; i++) {
        largest[i] = usual;
        largest[i].variant = (uint8_t)i;
        largest[i].count = 2;
    }
    put_sorted(largest, BRANCHES_MAX, &out);
    add_accepted(file, "eight branches", &out);
}

static void add_refused_lists(json_t *file)
{
    static struct bytes out;
    struct draft_branch drafts[BRANCHES_MAX + 1];

    for (size_t i = 0; i <= BRANCHES_MAX; i++) {
        drafts[i] = usual;
        drafts[i].variant = (uint8_t)i;
    }
    put_as_given(drafts, 0, &out);
    vectors_add_refused(file, "no branch", out.bytes, out.len, ERR_MALFORMED);
    put_as_given(drafts, 1, &out);
    vectors_add_refused(file, "one branch", out.bytes, out.len, ERR_MALFORMED);
    put_sorted(drafts, BRANCHES_MAX + 1, &out);
    vectors_add_refused(file, "nine branches", out.bytes, out.len, ERR_LIMIT);
    sort_drafts(drafts, 3, false);
    put_as_given(drafts, 2, &out);
    vectors_add_refused(file, "branches not in order", out.bytes, out.len, ERR_MALFORMED);
    drafts[1] = drafts[0];
    put_as_given(drafts, 2, &out);
    vectors_add_refused(file, "one branch twice", out.bytes, out.len, ERR_MALFORMED);
    drafts[1].count = 2;
    put_as_given(drafts, 2, &out);
    vectors_add_refused(file, "the same entry twice, once covered by a later one", out.bytes,
                        out.len, ERR_MALFORMED);
}

static void add_refused_bytes(json_t *file)
{
    static struct bytes out;
    struct draft_branch drafts[] = {usual, usual};

    drafts[1].variant = 1;
    put_sorted(drafts, 2, &out);
    // Offsets: 0 array, 1 space, 35 branches, 36 branch, 37 its header.
    const struct vectors_splice splices[] = {
        {"array of 3", 0, 1, "83", ERR_MALFORMED},
        {"space of 31 bytes", 1, 3, "581f", ERR_MALFORMED},
        {"another space", 3, 1, "08", ERR_DENIED},
        {"branch of a signature alone", 36, 1, "81", ERR_MALFORMED},
        {"empty branch", 36, 1, "80", ERR_MALFORMED},
        {"header changed", 80, 1, "ff", ERR_DENIED},
        {"signature changed", out.len - 1, 1, "00", ERR_DENIED},
        {"byte after the end", out.len, 0, "00", ERR_MALFORMED},
        {"last byte missing", out.len - 1, 1, "", ERR_MALFORMED},
    };

    for (size_t i = 0; i < sizeof splices / sizeof *splices; i++) {
        vectors_add_splice(file, out.bytes, out.len, &splices[i]);
    }
}

static json_t *make_fork(void)
{
    json_t *const file = vectors_file(
        "Proofs of forks, PROTOCOL.md 10.6: [space, [branch, ...]], a branch being headers that "
        "follow each other and the signature of the last.");
    struct draft_branch draft;

    add_all_accepted(file);
    add_refused_lists(file);
    add_refused_bytes(file);
    draft = usual;
    draft.seq = 6;
    add_pair(file, "another number", draft, ERR_MALFORMED);
    draft = usual;
    draft.epoch = 1;
    add_pair(file, "another epoch", draft, ERR_MALFORMED);
    draft = usual;
    draft.author = 2;
    add_pair(file, "another author", draft, ERR_MALFORMED);
    draft = usual;
    draft.signer = 2;
    add_pair(file, "signed by another key", draft, ERR_DENIED);
    draft = usual;
    draft.space = 8;
    add_pair(file, "signed for another space", draft, ERR_DENIED);
    draft = usual;
    draft.count = RUN_ENTRIES_MAX + 1;
    add_pair(file, "33 headers", draft, ERR_LIMIT);
    draft = usual;
    draft.count = 3;
    draft.broken = 2;
    add_pair(file, "a header that does not follow by its prev", draft, ERR_MALFORMED);
    draft.broken = 0;
    draft.jumping = 3;
    add_pair(file, "a header that does not follow by its number", draft, ERR_MALFORMED);
    draft.jumping = 0;
    draft.other_epoch = 3;
    add_pair(file, "a header of another epoch in between", draft, ERR_MALFORMED);
    draft.other_epoch = 0;
    draft.stranger = 2;
    add_pair(file, "a header of another author in between", draft, ERR_MALFORMED);
    return file;
}

static void test_fork(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"fork", make_fork, roundtrip_fork, NULL});
}

// In whatever order branches come, the proof is the same; what is there is not taken twice.
static void test_branches_are_put_in_order(void **state)
{
    (void)state;
    static struct bytes out;
    static struct bytes again;
    static struct fork_proof decoded;
    static struct fork_proof made;
    struct draft_branch drafts[3] = {usual, usual, usual};

    drafts[1].variant = 1;
    drafts[2].variant = 2;
    put_sorted(drafts, 3, &out);
    assert_int_equal(fork_proof_decode(out.bytes, out.len, &decoded), ERR_OK);
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        made = (struct fork_proof){0};
        memcpy(made.space, decoded.space, ID_LEN);
        for (size_t b = 0; b < 3; b++) {
            const struct fork_branch *branch = &decoded.branches[orders[i][b]];
            assert_int_equal(fork_proof_add(&made, branch), ERR_OK);
            assert_int_equal(fork_proof_add(&made, branch), ERR_STATE);
        }
        again.len = fork_proof_encode(&made, again.bytes);
        assert_int_equal(again.len, out.len);
        assert_memory_equal(again.bytes, out.bytes, out.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_branches_are_put_in_order),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
