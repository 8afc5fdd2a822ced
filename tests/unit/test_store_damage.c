// SPDX-License-Identifier: EUPL-1.2
// Records damaged in the file: each is found, and what is repaired is whole again.
#include <fcntl.h>

#include "store/store_private.h"
#include "unit/damaged_store.h"

// Changes all occurrences of `bytes` in the closed file; returns how many there were.
static size_t damage(const char *path, const uint8_t *bytes, size_t len, size_t at)
{
    struct stat file;
    size_t count = 0;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &file), 0);
    uint8_t *content = malloc((size_t)file.st_size);
    assert_int_equal(pread(fd, content, (size_t)file.st_size, 0), file.st_size);
    for (size_t i = 0; i + len <= (size_t)file.st_size; i++) {
        if (memcmp(content + i, bytes, len) == 0) {
            uint8_t changed = (uint8_t)(bytes[at] ^ 0x10);
            assert_int_equal(pwrite(fd, &changed, 1, (off_t)(i + at)), 1);
            count++;
        }
    }
    free(content);
    close(fd);
    return count;
}

static void repair(struct fixture *fixture, const struct record *record)
{
    struct effect_persist persist = {
        .ticket = ++fixture->log.ticket, .records = record, .records_count = 1, .is_repair = true};
    assert_int_equal(store_submit(fixture->store, &persist), ERR_OK);
    assert_int_equal(test_wait(fixture->store, persist.ticket).err, ERR_OK);
}

static bool is_whole(struct fixture *fixture, const struct record *record)
{
    assert_int_equal(
        store_read(fixture->store, record->chain, record->seq, 1, UINT32_MAX, &fixture->set),
        ERR_OK);
    return fixture->set.count == 1 && test_is_same(&fixture->set.records[0], record) &&
           checks(&fixture->set.records[0], &fixture->written.chains[record->chain]);
}

// That it is reported, both ways of looking. The entry after it may be, too: while its prev cannot
// be told it cannot be checked.
static void assert_only_damaged(struct fixture *fixture, uint32_t chain, uint64_t seq)
{
    struct found found = {0};
    for (int i = 0; i < 2; i++) {
        found.count = 0;
        if (i == 0) {
            scrub_arrivals(fixture->store, &found);
        } else {
            scrub_chains(fixture->store, 4, &found);
        }
        assert_true(is_found(&found, chain, seq));
        assert_int_equal(found.count, 1U + is_found(&found, chain, seq + 1));
    }
}

static void assert_sound(struct fixture *fixture)
{
    struct found found = {0};
    scrub_arrivals(fixture->store, &found);
    scrub_chains(fixture->store, 4, &found);
    assert_int_equal(found.count, 0);
    for (size_t i = 0; i < fixture->written.count; i++) {
        assert_true(is_whole(fixture, &fixture->written.records[i]));
    }
}

// That the store tells of that repair since it was opened, or with 0 of none.
static void assert_repaired(struct fixture *fixture, uint64_t wanted)
{
    uint64_t at = 0;
    uint64_t arrival = 0;
    if (wanted != 0) {
        assert_int_equal(store_repaired(fixture->store, &at, &arrival), ERR_OK);
        assert_int_equal(arrival, wanted);
    }
    assert_int_equal(store_repaired(fixture->store, &at, &arrival), ERR_NOT_FOUND);
}

static void what_was_repaired_is_kept_up_to_a_limit(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    uint64_t at = 0;
    uint64_t arrival = 0;

    for (uint64_t i = 1; i <= STORE_REPAIRS_KEPT; i++) {
        repairs_add(&store->repairs, &i, 1);
    }
    for (uint64_t i = 1; i <= STORE_REPAIRS_KEPT; i++) {
        assert_int_equal(store_repaired(store, &at, &arrival), ERR_OK);
        assert_int_equal(arrival, i);
    }
    repairs_add(&store->repairs, &(uint64_t){7}, 1);
    assert_int_equal(store_repaired(store, &at, &arrival), ERR_OK);
    assert_int_equal(arrival, 7);
    at = 0;
    assert_int_equal(store_repaired(store, &at, &arrival), ERR_LIMIT);
    assert_int_equal(store_repaired(store, &at, &arrival), ERR_NOT_FOUND);
}

enum part { PART_BODY, PART_SIGNATURE, PART_INDEX_VALUE, PART_INDEX_KEY };

static size_t damage_part(struct fixture *fixture, const struct record *record, enum part part)
{
    uint8_t row[INDEX_KEY_LEN + ARRIVAL_LEN];
    uint8_t tail[ID_LEN + SIGNATURE_LEN];
    memcpy(tail, record->id, ID_LEN);
    memcpy(tail + ID_LEN, record->signature, SIGNATURE_LEN);
    index_key(record->chain, record->seq, row);
    put_be(row + INDEX_KEY_LEN, record->arrival, ARRIVAL_LEN);
    switch (part) {
    case PART_BODY:
        return damage(fixture->file, record->sealed, record->sealed_len, 9);
    case PART_SIGNATURE:
        return damage(fixture->file, tail, sizeof tail, ID_LEN + 3);
    case PART_INDEX_VALUE:
        return damage(fixture->file, row, sizeof row, sizeof row - 1);
    case PART_INDEX_KEY:
        return damage(fixture->file, row, sizeof row, 5);
    }
    return 0;
}

static void rebuild(struct fixture *fixture)
{
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    store_close(&fixture->store);
    assert_int_equal(store_open(&fixture->store, fixture->dir, &options), ERR_CORRUPT);
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
    assert_int_equal(rebuilt.kept, fixture->written.count);
    assert_int_equal(rebuilt.lost, 0);
    fixture->store = test_open(fixture->dir);
}

static void damage_and_repair(void **state)
{
    struct fixture *fixture = *state;
    assert_sound(fixture);
    for (int part = PART_BODY; part <= PART_INDEX_KEY; part++) {
        const struct record *record = find_written(&fixture->written, 0, 81 + 3 * (uint64_t)part);
        bool is_index = part == PART_INDEX_VALUE;
        assert_true(record->is_signed);
        store_close(&fixture->store);
        assert_true(damage_part(fixture, record, (enum part)part) > 0);
        fixture->store = test_open(fixture->dir);
        assert_false(is_whole(fixture, record));
        uint64_t last = store_last_arrival(fixture->store);
        assert_int_equal(
            store_read(fixture->store, 0, record->seq - 2, 2, UINT32_MAX, &fixture->set), ERR_OK);
        assert_int_equal(fixture->set.count, 2);
        if (part == PART_INDEX_KEY) {
            // Keys out of order hide others, which only the rebuild brings back.
            struct found found = {0};
            scrub_chains(fixture->store, 4, &found);
            assert_true(is_found(&found, 0, record->seq));
            scrub_arrivals(fixture->store, &found);
            assert_true(store_is_suspect(fixture->store));
            rebuild(fixture);
            assert_sound(fixture);
            continue;
        }
        assert_only_damaged(fixture, 0, record->seq);
        repair(fixture, record);
        assert_repaired(fixture, is_index ? 0 : record->arrival);
        assert_int_equal(store_last_arrival(fixture->store), last + is_index);
        assert_true(is_whole(fixture, record));
        assert_int_equal(fixture->set.records[0].arrival, is_index ? last + 1 : record->arrival);
        assert_sound(fixture);
        // Each entry is seen once, also where two lie.
        assert_int_equal(store_read_arrivals(fixture->store, 1, false, 9999, &fixture->set),
                         ERR_OK);
        assert_int_equal(fixture->set.count, fixture->written.count);
        if (is_index) {
            rebuild(fixture); // makes the index anew, with the place it first had
            assert_true(is_whole(fixture, record));
            assert_int_equal(fixture->set.records[0].arrival, record->arrival);
            assert_sound(fixture);
        }
    }
}

static void mark_suspect(const struct fixture *fixture)
{
    char path[STORE_PATH_LEN];
    assert_int_equal(store_suspect_path(fixture->dir, path), ERR_OK);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void suspect_is_rebuilt(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    char aside[300];
    mark_suspect(fixture);
    for (int i = 1; i <= 2; i++) {
        store_close(&fixture->store);
        assert_int_equal(store_open(&fixture->store, fixture->dir, &options),
                         i == 1 ? ERR_CORRUPT : ERR_OK);
        store_close(&fixture->store);
        assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
        assert_int_equal(rebuilt.kept, fixture->written.count);
        assert_int_equal(rebuilt.lost, 0);
        assert_true(snprintf(aside, sizeof aside, "%s.damaged-%d", fixture->dir, i) > 0);
        assert_int_equal(access(aside, F_OK), 0);
        fixture->store = test_open(fixture->dir);
        assert_sound(fixture);
        for (size_t j = 0; j < fixture->written.count; j++) {
            assert_true(is_whole(fixture, &fixture->written.records[j]));
            assert_int_equal(fixture->set.records[0].arrival, j + 1);
        }
    }
    assert_true(snprintf(aside, sizeof aside, "%s.rebuild", fixture->dir) > 0);
    assert_int_equal(access(aside, F_OK), -1);
}

// Two pages in three are gone, but the heads are remembered and the rest is repaired.
static void lost_pages_are_repaired(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    struct stat file;
    uint8_t zeros[PAGE_LEN] = {0};
    store_close(&fixture->store);
    assert_int_equal(stat(fixture->file, &file), 0);
    int fd = open(fixture->file, O_WRONLY);
    for (off_t at = PAGE_LEN * 10; at < file.st_size; at += PAGE_LEN * 4) {
        assert_int_equal(pwrite(fd, zeros, sizeof zeros, at), sizeof zeros);
    }
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 0), sizeof zeros);
    close(fd);
    assert_int_equal(store_open(&fixture->store, fixture->dir, &options), ERR_CORRUPT);
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
    assert_true(rebuilt.kept > 10);
    assert_true(rebuilt.lost > 10);
    assert_true(rebuilt.kept + rebuilt.lost <= fixture->written.count);
    fixture->store = test_open(fixture->dir);
    struct found found = {0};
    scrub_chains(fixture->store, 4, &found);
    size_t repaired = found.count;
    assert_int_equal(repaired, rebuilt.lost);
    for (size_t i = 0; i < repaired; i++) {
        repair(fixture,
               find_written(&fixture->written, found.places[i].chain, found.places[i].seq));
    }
    for (uint32_t i = 0; i < 4; i++) {
        struct chain chain;
        assert_int_equal(store_get_chain(fixture->store, i, &chain), ERR_OK);
        assert_int_equal(chain.head_seq, fixture->written.chains[i].head_seq);
        assert_memory_equal(chain.head_id, fixture->written.chains[i].head_id, ID_LEN);
        for (uint64_t seq = chain.first_seq; seq <= chain.head_seq; seq++) {
            assert_true(is_whole(fixture, find_written(&fixture->written, i, seq)));
        }
    }
}

// What a rebuild could not save is repaired, and does not lead to another rebuild.
static void loss_is_no_suspicion(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    struct found found = {0};
    const struct record *record = find_written(&fixture->written, 1, 20);
    store_close(&fixture->store);
    assert_true(damage_part(fixture, record, PART_BODY) > 0);
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
    assert_int_equal(rebuilt.lost, 1);
    fixture->store = test_open(fixture->dir);
    scrub_arrivals(fixture->store, &found);
    scrub_chains(fixture->store, 4, &found);
    assert_true(is_found(&found, 1, 20));
    assert_false(store_is_suspect(fixture->store));
    repair(fixture, record);
    assert_true(is_whole(fixture, record));
    assert_sound(fixture);
    assert_false(store_is_suspect(fixture->store));
}

// A damaged page number has made the file larger than any disk. Nothing is in it.
static void holes_are_passed_over(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    store_close(&fixture->store);
    assert_int_equal(truncate(fixture->file, (off_t)1 << 41), 0);
    mark_suspect(fixture);
    alarm(HANGS_AFTER_S);
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
    alarm(0);
    assert_int_equal(rebuilt.kept, fixture->written.count);
    fixture->store = test_open(fixture->dir);
    assert_sound(fixture);
}

static void lost_key_is_found_again(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    char path[300];
    assert_true(snprintf(path, sizeof path, "%s/lock", fixture->dir) > 0);
    store_close(&fixture->store);
    assert_int_equal(truncate(path, 0), 0);
    fixture->store = test_open(fixture->dir);
    assert_sound(fixture);
    store_close(&fixture->store);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_true(file.st_size > 0);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_OK);
    assert_int_equal(rebuilt.kept, fixture->written.count);
    fixture->store = test_open(fixture->dir);
    assert_sound(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(damage_and_repair, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_repaired_is_kept_up_to_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suspect_is_rebuilt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_pages_are_repaired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loss_is_no_suspicion, set_up, tear_down),
        cmocka_unit_test_setup_teardown(holes_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_key_is_found_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
