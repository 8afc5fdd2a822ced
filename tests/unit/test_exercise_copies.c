// SPDX-License-Identifier: EUPL-1.2
// What an exercise's files hold, brought into the real world's: records, the whole store, proofs of
// forks, releases and changes of groups. What comes by frames is test_engine_spaces.c.
//
// The keys are the same in both spaces here, so that the space alone makes the difference.
#include "clock.h"
#include "fake_desk.h"
#include "sitrep/exercise.h"
#include "sitrep/fork_proof.h"

enum { PATIENCE_MS = 10000, COPIES = 3 };

struct copies {
    struct desk desk; // of the real world
    uint8_t spring[ID_LEN];
    struct record_set set;
};

static int setup(void **state)
{
    struct copies *copies = calloc(1, sizeof *copies);
    assert_non_null(copies);
    fake_open(&copies->desk);
    space_of_exercise(copies->desk.roster->federation, "spring", copies->spring);
    *state = copies;
    return 0;
}

static int teardown(void **state)
{
    struct copies *copies = *state;
    record_set_fini(&copies->set);
    fake_close(&copies->desk);
    free(copies);
    return 0;
}

static const uint8_t *real_of(const struct copies *copies)
{
    return copies->desk.roster->federation;
}

// The record of log 0 at `seq`, as the store gives it.
static const struct record *read_one(struct copies *copies, uint64_t seq)
{
    assert_int_equal(store_read(copies->desk.store, 0, seq, 1, UINT32_MAX, &copies->set), ERR_OK);
    assert_int_equal(copies->set.count, 1);
    return &copies->set.records[0];
}

static enum err check_in(struct copies *copies, const uint8_t *space, const struct record *record)
{
    struct header header;
    return record_check(record, space, &copies->desk.chains[0], &header);
}

static void count_damaged(void *context, uint32_t chain, uint64_t seq)
{
    (void)chain;
    (void)seq;
    (*(size_t *)context)++;
}

static size_t damaged(struct store *store)
{
    size_t count = 0;
    uint64_t at = 0;
    enum err err;
    do {
        err = store_scrub(store, &at, 64, count_damaged, &count);
    } while (err == ERR_OK);
    assert_int_equal(err, ERR_NOT_FOUND);
    return count;
}

// -- records --

static void test_records_in_the_real_store(void **state)
{
    struct copies *copies = *state;
    struct desk *desk = &copies->desk;
    fake_store(desk, &(struct fake_entry){0});
    fake_store(desk, &(struct fake_entry){.space = copies->spring});
    fake_store(desk, &(struct fake_entry){.space = copies->spring});
    assert_int_equal(check_in(copies, real_of(copies), read_one(copies, 1)), ERR_OK);
    for (uint64_t seq = 2; seq <= 3; seq++) {
        const struct record *record = read_one(copies, seq);
        assert_int_equal(check_in(copies, copies->spring, record), ERR_OK);
        assert_int_equal(check_in(copies, real_of(copies), record), ERR_CORRUPT);
    }
    assert_int_equal(damaged(desk->store), 2);
}

// With the id it would have in the real world: then its author never signed that.
static void test_records_under_another_id(void **state)
{
    struct copies *copies = *state;
    uint8_t bytes[HEADER_MAX];
    struct header header;
    fake_store(&copies->desk, &(struct fake_entry){.space = copies->spring});
    struct record record = *read_one(copies, 1);
    const struct chain *const chain = &copies->desk.chains[0];
    assert_int_equal(record_check(&record, copies->spring, chain, &header), ERR_OK);
    const struct span signed_bytes = {bytes, header_encode(&header, bytes)};
    header_id(real_of(copies), signed_bytes.bytes, signed_bytes.len, record.id);
    assert_int_equal(record_check(&record, real_of(copies), chain, &header), ERR_OK);
    assert_int_equal(cose_verify(header.author, (struct span){copies->spring, ID_LEN}, signed_bytes,
                                 record.signature),
                     ERR_OK);
    assert_int_equal(cose_verify(header.author, (struct span){real_of(copies), ID_LEN},
                                 signed_bytes, record.signature),
                     ERR_DENIED);
}

// -- the whole store --

struct file {
    uint8_t bytes[1 << 20];
    size_t len;
};

static void read_file(const char *folder, const char *name, struct file *file)
{
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, folder, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const ssize_t len = read(fd, file->bytes, sizeof file->bytes);
    assert_in_range(len, 1, sizeof file->bytes - 1);
    file->len = (size_t)len;
    close(fd);
}

static void write_file(const char *folder, const char *name, const struct file *file)
{
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, folder, name);
    const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file->bytes, file->len), file->len);
    close(fd);
}

// The exercise's store with COPIES entries, closed; its folder.
static void make_exercise_store(struct copies *copies, char folder[static SCRATCH_PATH_MAX])
{
    struct desk *desk = &copies->desk;
    struct store_options options = {.wall_ms = fake_wall_ms, .reserve_bytes = 1};
    struct store *real = desk->store;
    scratch_join(folder, desk->path, "spring");
    memcpy(options.space, copies->spring, ID_LEN);
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_OK);
    for (size_t i = 0; i < COPIES; i++) {
        fake_store(desk, &(struct fake_entry){.space = copies->spring});
    }
    assert_int_equal(damaged(desk->store), 0);
    store_close(&desk->store);
    desk->store = real;
}

// Puts the real id wherever the exercise's is; returns in how many places.
static size_t rename_space(const struct copies *copies, uint8_t *bytes, size_t len)
{
    size_t count = 0;
    uint8_t *at = bytes;
    while ((at = memmem(at, len - (size_t)(at - bytes), copies->spring, ID_LEN)) != NULL) {
        memcpy(at, real_of(copies), ID_LEN);
        count++;
    }
    return count;
}

static void test_the_store_in_place_of_the_real_one(void **state)
{
    struct copies *copies = *state;
    struct desk *desk = &copies->desk;
    struct store_options options = {.wall_ms = fake_wall_ms, .reserve_bytes = 1};
    struct store_rebuilt rebuilt;
    static struct file data, lock;
    char spring[SCRATCH_PATH_MAX];
    char folder[SCRATCH_PATH_MAX];
    make_exercise_store(copies, spring);
    read_file(spring, "data.mdb", &data);
    read_file(spring, "lock", &lock);
    scratch_join(folder, desk->path, "store");
    memcpy(options.space, real_of(copies), ID_LEN);
    store_close(&desk->store);
    write_file(folder, "data.mdb", &data);
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_STATE);
    assert_int_equal(store_rebuild(folder, &options, &rebuilt), ERR_STATE);
    write_file(folder, "lock", &lock); // with the key of its checksums
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_STATE);

    // With the real world's id in it, which its checksums do not cover: nothing of it is saved.
    assert_true(rename_space(copies, data.bytes, data.len) > 0);
    write_file(folder, "data.mdb", &data);
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_CORRUPT);
    assert_int_equal(store_rebuild(folder, &options, &rebuilt), ERR_OK);
    assert_int_equal(rebuilt.kept, 0);
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_OK);
    assert_int_equal(store_last_arrival(desk->store), 0);
}

// -- proofs of forks --

struct leaf {
    uint8_t bytes[HEADER_MAX];
    struct fork_branch branch;
};

// Node 0's first entry, written in that space.
static void write_leaf(const struct copies *copies, const uint8_t *space, uint8_t variant,
                       struct leaf *leaf)
{
    struct header header = {.seq = 1, .time = 1, .size = SEALED_MIN};
    memcpy(header.author, copies->desk.public_key[0], SIGN_KEY_LEN);
    memset(header.digest, variant, DIGEST_LEN);
    *leaf = (struct leaf){.branch.headers_count = 1};
    leaf->branch.headers[0] = (struct span){leaf->bytes, header_encode(&header, leaf->bytes)};
    cose_sign(&copies->desk.signing[0], (struct span){space, ID_LEN}, leaf->branch.headers[0],
              leaf->branch.signature);
}

static void test_proofs_of_forks(void **state)
{
    struct copies *copies = *state;
    static struct leaf mine, other, drill, drills;
    static struct fork_proof proof, read;
    static uint8_t bytes[FORK_PROOF_MAX];
    write_leaf(copies, real_of(copies), 1, &mine);
    write_leaf(copies, real_of(copies), 2, &other);
    write_leaf(copies, copies->spring, 3, &drill);
    write_leaf(copies, copies->spring, 4, &drills);

    // What was written once in each space is no fork in either.
    memcpy(proof.space, real_of(copies), ID_LEN);
    assert_int_equal(fork_proof_add(&proof, &mine.branch), ERR_OK);
    assert_int_equal(fork_proof_add(&proof, &drill.branch), ERR_DENIED);
    assert_int_equal(fork_proof_add(&proof, &other.branch), ERR_OK);
    const size_t len = fork_proof_encode(&proof, bytes);
    assert_int_equal(fork_proof_decode(bytes, len, &read), ERR_OK);
    proof = (struct fork_proof){0};
    memcpy(proof.space, copies->spring, ID_LEN);
    assert_int_equal(fork_proof_add(&proof, &drill.branch), ERR_OK);
    assert_int_equal(fork_proof_add(&proof, &mine.branch), ERR_DENIED);

    // An exercise's fork says that it is one, and is none when it says another thing.
    assert_int_equal(fork_proof_add(&proof, &drills.branch), ERR_OK);
    const size_t drill_len = fork_proof_encode(&proof, bytes);
    assert_int_equal(fork_proof_decode(bytes, drill_len, &read), ERR_OK);
    assert_memory_equal(read.space, copies->spring, ID_LEN);
    assert_int_equal(rename_space(copies, bytes, drill_len), 1);
    assert_int_not_equal(fork_proof_decode(bytes, drill_len, &read), ERR_OK);
}

static bool is_first(const struct fork_branch *branch, const struct leaf *leaf)
{
    return memcmp(branch->signature, leaf->branch.signature, SIGNATURE_LEN) == 0;
}

// As bytes: a whole proof, of which one branch's signature is exchanged for that of the exercise.
static void test_mixed_proofs_of_forks(void **state)
{
    struct copies *copies = *state;
    static struct leaf leaves[2], drill;
    static struct fork_proof proof, read;
    static uint8_t bytes[FORK_PROOF_MAX];
    memcpy(proof.space, real_of(copies), ID_LEN);
    write_leaf(copies, proof.space, 1, &leaves[0]);
    write_leaf(copies, proof.space, 2, &leaves[1]);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fork_proof_add(&proof, &leaves[i].branch), ERR_OK);
    }
    const struct fork_proof good = proof;
    for (size_t i = 0; i < 2; i++) {
        proof = good;
        assert_int_equal(fork_proof_decode(bytes, fork_proof_encode(&proof, bytes), &read), ERR_OK);
        // The same header, signed in the exercise.
        write_leaf(copies, copies->spring, is_first(&good.branches[i], &leaves[0]) ? 1 : 2, &drill);
        memcpy(proof.branches[i].signature, drill.branch.signature, SIGNATURE_LEN);
        assert_int_equal(fork_proof_decode(bytes, fork_proof_encode(&proof, bytes), &read),
                         ERR_DENIED);
    }
}

// -- releases --

static void test_releases(void **state)
{
    struct copies *copies = *state;
    struct desk *desk = &copies->desk;
    struct header header;
    struct release in_real, in_spring;
    struct span content;
    fake_store(desk, &(struct fake_entry){.space = copies->spring});
    const struct record *record = read_one(copies, 1);
    assert_int_equal(record_check(record, copies->spring, &desk->chains[0], &header), ERR_OK);
    const struct span sealed = {record->sealed, record->sealed_len};
    const struct release_entry drill = {copies->spring, desk->roster, &header, sealed};
    const struct release_entry real = {real_of(copies), desk->roster, &header, sealed};
    assert_int_equal(release_make(desk->sealer, &desk->key, &drill, &in_spring), ERR_OK);
    assert_int_equal(release_make(desk->sealer, &desk->key, &real, &in_real), ERR_OK);
    assert_int_equal(release_open(desk->sealer, &in_spring, &drill, &content), ERR_OK);
    assert_int_equal(release_open(desk->sealer, &in_spring, &real, &content), ERR_DENIED);
    assert_int_equal(release_open(desk->sealer, &in_real, &drill, &content), ERR_DENIED);
    // What in_real names, no store of the real world gives out as good.
    assert_int_equal(check_in(copies, real_of(copies), record), ERR_CORRUPT);
}

// -- the groups of the real world --

static void catch_up(struct desk *desk)
{
    groups_set_arrival(desk->groups, store_last_arrival(desk->store));
    assert_int_equal(groups_catch_up(desk->groups, PATIENCE_MS), ERR_OK);
}

static size_t groups_count(struct desk *desk)
{
    const struct groups_view *view = groups_hold(desk->groups);
    const size_t count = view->count;
    groups_release(view);
    return count;
}

// A founding by the second centre.
static size_t encode_founding(const char *name, uint8_t *bytes)
{
    struct group_body body = {.op = GROUP_CREATE};
    strcpy(body.name, name);
    centre_set_add(&body.centres, 0);
    centre_set_add(&body.centres, 1);
    centre_set_add(&body.owners, 1);
    const size_t len = group_body_encode(&body, bytes, GROUP_BODY_MAX);
    assert_true(len > 0);
    return len;
}

static void test_foundings(void **state)
{
    struct copies *copies = *state;
    struct desk *desk = &copies->desk;
    static uint8_t bytes[GROUP_BODY_MAX];
    const struct fake_entry drill = {.chain = 1,
                                     .space = copies->spring,
                                     .content = bytes,
                                     .content_len = encode_founding("river", bytes)};
    struct fake_entry real = drill;
    real.space = NULL;
    assert_int_equal(groups_start(desk->groups, desk), ERR_OK);
    const struct chain before = desk->chains[1];
    fake_store(desk, &drill);
    catch_up(desk);
    assert_int_equal(groups_count(desk), 1);
    desk->chains[1] = before;
    fake_store(desk, &real); // the same words for the real world
    groups_look_again(desk->groups, 1, 1);
    fake_store(desk, &(struct fake_entry){.chain = 1});
    catch_up(desk);
    assert_int_equal(groups_count(desk), 2);
}

// A change, and a release, of an exercise for what there is in the real world.
static void test_changes_and_releases(void **state)
{
    struct copies *copies = *state;
    struct desk *desk = &copies->desk;
    struct group_body body = {.op = GROUP_REMOVE, .centre = 0, .has_key = true};
    struct release release = {.author = 0, .seq = 1};
    struct groups_released released;
    static uint8_t bytes[GROUP_BODY_MAX];
    uint8_t group[TAG_LEN];
    size_t len = encode_founding("flood", bytes);
    fake_store(desk, &(struct fake_entry){.chain = 1, .content = bytes, .content_len = len});
    group_id_derive(desk->chains[1].head_id, group);
    memcpy(body.group, group, TAG_LEN);
    const struct chain before = desk->chains[1];
    for (size_t pass = 0; pass < 2; pass++) { // an exercise's, and then the same as real ones
        const uint8_t *space = pass == 0 ? copies->spring : NULL;
        desk->chains[1] = before;
        len = group_body_encode(&body, bytes, sizeof bytes);
        assert_true(len > 0);
        fake_store(desk, &(struct fake_entry){
                             .chain = 1, .space = space, .content = bytes, .content_len = len});
        memset(release.id, 9, ID_LEN);
        len = release_encode(&release, bytes);
        fake_store(desk, &(struct fake_entry){
                             .chain = 1, .space = space, .content = bytes, .content_len = len});
        assert_int_equal(groups_start(desk->groups, desk), ERR_OK);
        catch_up(desk);
        const struct groups_view *view = groups_hold(desk->groups);
        const struct groups_item *item = groups_find(view, group);
        assert_non_null(item);
        assert_int_equal(item->steps_count, 1 + pass);
        assert_int_equal(item->is_member, pass == 0);
        groups_release(view);
        assert_int_equal(groups_find_release(desk->groups, release.id, 0, &released),
                         pass == 0 ? ERR_NOT_FOUND : ERR_OK);
        groups_close(&desk->groups);
        fake_groups_open(desk, NULL);
    }
}

#define COPIES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPIES_TEST(test_records_in_the_real_store),
        COPIES_TEST(test_records_under_another_id),
        COPIES_TEST(test_the_store_in_place_of_the_real_one),
        COPIES_TEST(test_proofs_of_forks),
        COPIES_TEST(test_mixed_proofs_of_forks),
        COPIES_TEST(test_releases),
        COPIES_TEST(test_foundings),
        COPIES_TEST(test_changes_and_releases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
