// SPDX-License-Identifier: EUPL-1.2
// The store from its door: what was submitted is there, in every order it can be asked for, also
// after closing and opening. Damage is test_store_damage.c, failures are test_store_crash.c.
#include "unit/test_store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/store_private.h"

struct fixture {
    char dir[256];
    struct store *store;
    struct test_log log;
    struct record_set set;
    uint8_t sealed[TEST_SEALED_MAX];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char base[200];
    test_make_dir(base, sizeof base);
    assert_true(snprintf(fixture->dir, sizeof fixture->dir, "%s/store", base) > 0);
    fixture->store = test_open(fixture->dir);
    fixture->log = test_log_make(3, 100);
    fixture->log.signed_every = 4;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char *slash = strrchr(fixture->dir, '/');
    store_close(&fixture->store);
    record_set_fini(&fixture->set);
    *slash = '\0';
    test_remove_dir(fixture->dir);
    free(fixture);
    return 0;
}

static void reopen(struct fixture *fixture)
{
    store_close(&fixture->store);
    fixture->store = test_open(fixture->dir);
}

// That the chain holds exactly its entries up to `head`.
static void assert_chain(struct fixture *fixture, uint32_t number, uint64_t head)
{
    struct test_log log = fixture->log;
    struct chain *chain = &log.chains[number];
    chain->head_seq = 0;
    for (uint64_t seq = 1; seq <= head;) {
        assert_int_equal(store_read(fixture->store, number, seq, 50, UINT32_MAX, &fixture->set),
                         ERR_OK);
        assert_true(fixture->set.count > 0);
        for (size_t i = 0; i < fixture->set.count; i++, seq++) {
            struct record expected = test_next(&log, number, fixture->sealed);
            uint8_t id[ID_LEN];
            assert_true(test_is_same(&fixture->set.records[i], &expected));
            assert_int_equal(store_read_id(fixture->store, number, seq, id), ERR_OK);
            assert_memory_equal(id, expected.id, ID_LEN);
        }
    }
    assert_int_equal(store_read(fixture->store, number, head + 1, 50, UINT32_MAX, &fixture->set),
                     ERR_OK);
    assert_int_equal(fixture->set.count, 0);
}

static void round_trip_and_reopen(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t lengths[] = {SEALED_MIN, 448, 3000, SEALED_MAX};
    for (size_t i = 0; i < 4; i++) {
        uint8_t prev[ID_LEN];
        memset(prev, 7, sizeof prev);
        fixture->log.sealed_len = lengths[i];
        struct chain chain = fixture->log.chains[0];
        chain.number = (uint32_t)i + 10;
        struct record record = test_record(&fixture->log, &chain, 1, prev, fixture->sealed);
        chain.head_seq = 1;
        memcpy(chain.head_id, record.id, ID_LEN);
        test_submit_one(&fixture->log, fixture->store, &record, &chain);
        for (int pass = 0; pass < 2; pass++) {
            struct chain found;
            struct header header;
            assert_int_equal(store_read(fixture->store, chain.number, 1, 9, 1, &fixture->set),
                             ERR_OK);
            assert_int_equal(fixture->set.count, 1);
            assert_true(test_is_same(&fixture->set.records[0], &record));
            assert_int_equal(fixture->set.records[0].arrival, i + 1);
            assert_int_equal(store_get_chain(fixture->store, chain.number, &found), ERR_OK);
            assert_memory_equal(&found.head_id, chain.head_id, ID_LEN);
            assert_int_equal(
                record_check(&fixture->set.records[0], test_options().space, &found, &header),
                ERR_OK);
            assert_int_equal(header.size, record.sealed_len);
            reopen(fixture);
        }
    }
    assert_int_equal(store_last_arrival(fixture->store), 4);
    struct chain none;
    assert_int_equal(store_get_chain(fixture->store, 999, &none), ERR_NOT_FOUND);
    assert_int_equal(store_get_chain(fixture->store, CHAIN_NONE, &none), ERR_NOT_FOUND);
    assert_int_equal(store_read(fixture->store, 999, 1, 1, 1, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 0);
    uint8_t id[ID_LEN];
    assert_int_equal(store_read_id(fixture->store, 999, 1, id), ERR_NOT_FOUND);
    assert_int_equal(store_read_id(fixture->store, 10, 2, id), ERR_NOT_FOUND);
}

static void check_finds_each_change(void **state)
{
    struct fixture *fixture = *state;
    struct header header;
    struct chain chain = fixture->log.chains[1];
    uint8_t prev[ID_LEN] = {9};
    struct record good = test_record(&fixture->log, &chain, 5, prev, fixture->sealed);
    assert_int_equal(record_check(&good, test_options().space, &chain, &header), ERR_OK);
    struct record changed[9];
    for (size_t i = 0; i < 9; i++) {
        changed[i] = good;
    }
    changed[0].seq = 6;
    changed[1].prev[31] ^= 1;
    changed[2].time ^= 1;
    changed[3].precedence ^= 1;
    changed[4].group[0] ^= 1;
    changed[5].key[7] ^= 1;
    changed[6].sealed_len--;
    changed[7].id[0] ^= 1;
    changed[8].time |= UINT64_C(1) << 63;
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(record_check(&changed[i], test_options().space, &chain, &header),
                         ERR_CORRUPT);
    }
    fixture->sealed[50] ^= 1;
    assert_int_equal(record_check(&good, test_options().space, &chain, &header), ERR_CORRUPT);
    fixture->sealed[50] ^= 1;
    chain.epoch++;
    assert_int_equal(record_check(&good, test_options().space, &chain, &header), ERR_CORRUPT);
}

static void batches_commit_in_order(void **state)
{
    struct fixture *fixture = *state;
    uint64_t ticket = 0;
    for (uint32_t i = 0; i < 60; i++) {
        ticket = test_submit(&fixture->log, fixture->store, i % 3, 1 + i % 7);
    }
    struct store_result result = test_wait(fixture->store, ticket);
    assert_int_equal(result.ticket, ticket);
    assert_int_equal(result.err, ERR_OK);
    assert_int_equal(store_next_result(fixture->store, &result), ERR_NOT_FOUND);
    for (uint32_t i = 0; i < 3; i++) {
        assert_chain(fixture, i, fixture->log.chains[i].head_seq);
    }
    struct store_stats stats;
    store_get_stats(fixture->store, &stats);
    assert_int_equal(stats.entries, store_last_arrival(fixture->store));
    assert_in_range(stats.commits, 1, 60);
    assert_false(stats.is_failed);
    reopen(fixture);
    for (uint32_t i = 0; i < 3; i++) {
        assert_chain(fixture, i, fixture->log.chains[i].head_seq);
    }
}

static void reads_stop_at_their_bounds(void **state)
{
    struct fixture *fixture = *state;
    test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, 20));
    assert_int_equal(store_read(fixture->store, 0, 3, 4, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 4);
    assert_int_equal(fixture->set.records[0].seq, 3);
    assert_int_equal(store_read(fixture->store, 0, 3, 20, 250, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 2); // of 100 bytes each
    assert_int_equal(store_read(fixture->store, 0, 3, 20, 1, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 1);
    assert_int_equal(store_read(fixture->store, 0, 3, 0, 1, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 0);
    assert_int_equal(store_read(fixture->store, 0, 0, 20, 1, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 0);
}

static void searches_go_down(void **state)
{
    enum { COUNT = ENGINE_SEARCH_MAX + 100 };
    struct fixture *fixture = *state;
    struct effect_read read = {.is_search = true,
                               .from = 20,
                               .to = 1,
                               .count_max = 32,
                               .bytes_max = UINT32_MAX,
                               .selection = {.precedence = FLASH}};
    uint64_t searched;
    fixture->log.signed_every = 5;
    test_wait(fixture->store, test_submit(&fixture->log, fixture->store, 0, COUNT));
    // Each fourth is a flash entry. It comes with what follows, up to the signature.
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_OK);
    assert_int_equal(fixture->set.count, 2);
    assert_int_equal(fixture->set.records[0].seq, 19);
    assert_true(fixture->set.records[1].is_signed);
    read.from = 18;
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_OK);
    assert_int_equal(fixture->set.count, 1);
    assert_int_equal(fixture->set.records[0].seq, 15);
    read.to = 16;
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_OK);
    assert_int_equal(fixture->set.count, 0);
    assert_int_equal(searched, 16);
    // Of another group there is none, which is looked at piece by piece; nor of entries not held.
    read.selection.groups_count = 1;
    read.from = COUNT;
    read.to = 1;
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_OK);
    assert_int_equal(fixture->set.count, 0);
    assert_int_equal(searched, COUNT - ENGINE_SEARCH_MAX + 1);
    memset(read.selection.groups[0], 0x11, TAG_LEN);
    read.from = COUNT + 2;
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_OK);
    assert_int_equal(fixture->set.records[0].seq, COUNT / 4 * 4 - 1);
    read.chain = 999;
    assert_int_equal(store_search(fixture->store, &read, &fixture->set, &searched), ERR_NOT_FOUND);
}

static void arrivals_both_ways(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 30; i++) {
        test_wait(fixture->store, test_submit(&fixture->log, fixture->store, i % 3, 1));
    }
    static const struct {
        uint64_t from;
        bool is_backward;
        uint32_t count_max;
        uint64_t first;
        size_t count;
    } cases[] = {
        {0, false, 100, 1, 30},       {1, false, 10, 1, 10},  {25, false, 10, 25, 6},
        {31, false, 10, 0, 0},        {30, true, 10, 30, 10}, {5, true, 10, 5, 5},
        {UINT64_MAX, true, 3, 30, 3}, {0, true, 3, 0, 0},     {UINT64_MAX, false, 3, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(store_read_arrivals(fixture->store, cases[i].from, cases[i].is_backward,
                                             cases[i].count_max, &fixture->set),
                         ERR_OK);
        assert_int_equal(fixture->set.count, cases[i].count);
        for (size_t j = 0; j < fixture->set.count; j++) {
            const struct record *record = &fixture->set.records[j];
            struct header header;
            assert_int_equal(record->arrival,
                             cases[i].is_backward ? cases[i].first - j : cases[i].first + j);
            assert_int_equal(record->chain, (record->arrival - 1) % 3);
            assert_int_equal(record->seq, (record->arrival - 1) / 3 + 1);
            assert_int_equal(record_check(record, test_options().space,
                                          &fixture->log.chains[record->chain], &header),
                             ERR_OK);
        }
    }
}

static enum err collect(void *context, const struct record *record)
{
    struct record_set *set = context;
    record_set_append(set, record);
    return ERR_OK;
}

static enum err stop_at_once(void *context, const struct record *record)
{
    (void)context;
    (void)record;
    return ERR_LIMIT;
}

// Entries 4 and 6 come before 3 and 5.
static void ahead_of_gaps(void **state)
{
    struct fixture *fixture = *state;
    struct record records[8];
    uint8_t bodies[8][100];
    struct chain before = {0};
    for (size_t i = 1; i < 8; i++) {
        records[i] = test_next(&fixture->log, 0, bodies[i]);
        if (i == 2) {
            before = fixture->log.chains[0];
        }
    }
    test_submit_one(&fixture->log, fixture->store, &records[1], NULL);
    test_submit_one(&fixture->log, fixture->store, &records[2], &before);
    records[6].is_ahead = true;
    records[4].is_ahead = true;
    test_submit_one(&fixture->log, fixture->store, &records[6], NULL);
    test_submit_one(&fixture->log, fixture->store, &records[4], NULL);
    struct record_set ahead = {0};
    assert_int_equal(store_each_ahead(fixture->store, collect, &ahead), ERR_OK);
    record_set_finish(&ahead);
    assert_int_equal(ahead.count, 2);
    assert_true(test_is_same(&ahead.records[0], &records[4]));
    assert_true(test_is_same(&ahead.records[1], &records[6]));
    assert_int_equal(store_each_ahead(fixture->store, stop_at_once, NULL), ERR_LIMIT);
    record_set_fini(&ahead);
    assert_int_equal(store_read(fixture->store, 0, 1, 9, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 2);
    assert_int_equal(store_read(fixture->store, 0, 4, 9, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 1);

    test_submit_one(&fixture->log, fixture->store, &records[3], NULL);
    test_submit_one(&fixture->log, fixture->store, &records[5], NULL);
    test_submit_one(&fixture->log, fixture->store, &records[7], &fixture->log.chains[0]);
    assert_int_equal(store_each_ahead(fixture->store, stop_at_once, NULL), ERR_OK);
    assert_int_equal(store_read(fixture->store, 0, 1, 9, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 7);
    for (size_t i = 1; i < 8; i++) {
        assert_true(test_is_same(&fixture->set.records[i - 1], &records[i]));
    }
}

// Chain 1 leaves chain 0 after entry 5, chain 2 leaves chain 1 after entry 8.
static void branches(void **state)
{
    struct fixture *fixture = *state;
    struct test_log *log = &fixture->log;
    test_wait(fixture->store, test_submit(log, fixture->store, 0, 5));
    for (uint32_t i = 1; i < 3; i++) {
        log->chains[i] = log->chains[i - 1];
        log->chains[i].number = i;
        log->chains[i].parent = i - 1;
        log->chains[i].first_seq = log->chains[i].head_seq + 1;
        test_wait(fixture->store, test_submit(log, fixture->store, i, 3));
    }
    test_wait(fixture->store, test_submit(log, fixture->store, 0, 7));
    for (uint64_t from = 1; from <= 11; from++) {
        assert_int_equal(store_read(fixture->store, 2, from, 100, UINT32_MAX, &fixture->set),
                         ERR_OK);
        assert_int_equal(fixture->set.count, 12 - from);
        for (size_t i = 0; i < fixture->set.count; i++) {
            const struct record *record = &fixture->set.records[i];
            struct header header;
            uint8_t id[ID_LEN];
            assert_int_equal(record->chain, record->seq > 8 ? 2 : (record->seq > 5 ? 1 : 0));
            // By the chain it lies in, and no other.
            assert_int_equal(store_read_id(fixture->store, record->chain, record->seq, id), ERR_OK);
            assert_memory_equal(id, record->id, ID_LEN);
            assert_int_equal(store_read_id(fixture->store, 2, record->seq, id),
                             record->chain == 2 ? ERR_OK : ERR_NOT_FOUND);
            assert_int_equal(record_check(record, test_options().space, &log->chains[2], &header),
                             ERR_OK);
        }
    }
    assert_int_equal(store_read(fixture->store, 0, 1, 100, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 12);
    assert_int_equal(fixture->set.records[11].chain, 0);
    reopen(fixture);
    assert_int_equal(store_read(fixture->store, 2, 1, 100, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, 11);
}

static enum err count_chain(void *context, const struct chain *chain)
{
    uint32_t *count = context;
    assert_int_equal(chain->number, *count);
    (*count)++;
    return ERR_OK;
}

static void chains_ascend(void **state)
{
    struct fixture *fixture = *state;
    fixture->log = test_log_make(TEST_CHAINS_MAX, 60);
    for (uint32_t i = TEST_CHAINS_MAX; i > 0; i--) {
        test_wait(fixture->store, test_submit(&fixture->log, fixture->store, i - 1, 2));
    }
    uint32_t count = 0;
    assert_int_equal(store_each_chain(fixture->store, count_chain, &count), ERR_OK);
    assert_int_equal(count, TEST_CHAINS_MAX);
    reopen(fixture);
    assert_chain(fixture, TEST_CHAINS_MAX - 1, 2);
}

// More groups and keys than there are numbers for are still stored.
static void many_keys(void **state)
{
    struct fixture *fixture = *state;
    enum { KEYS = PAIRS_MAX + 20 };
    struct record *records = calloc(KEYS, sizeof *records);
    uint8_t body[100];
    for (uint32_t i = 0; i < KEYS; i++) {
        records[i] = test_next(&fixture->log, 0, body);
        put_be(records[i].key, i, TAG_LEN);
        records[i].sealed = body;
    }
    struct effect_persist persist = {.ticket = 1, .records = records, .records_count = KEYS};
    persist.chains = fixture->log.chains;
    persist.chains_count = 1;
    assert_int_equal(store_submit(fixture->store, &persist), ERR_OK);
    assert_int_equal(test_wait(fixture->store, 1).err, ERR_OK);
    reopen(fixture);
    assert_int_equal(store_read(fixture->store, 0, 1, KEYS, UINT32_MAX, &fixture->set), ERR_OK);
    assert_int_equal(fixture->set.count, KEYS);
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(get_be(fixture->set.records[i].key, TAG_LEN), i);
    }
    free(records);
}

static void refuses_what_is_not_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct store *other = NULL;
    assert_int_equal(store_open(&other, fixture->dir, &options), ERR_STATE);
    assert_null(other);
    store_close(&fixture->store);
    options.space[0] ^= 1;
    assert_int_equal(store_open(&other, fixture->dir, &options), ERR_STATE);
    assert_null(other);
    struct store_rebuilt rebuilt;
    assert_int_equal(store_rebuild(fixture->dir, &options, &rebuilt), ERR_STATE);
    assert_int_equal(store_open(&other, "/proc/no/such/folder", &options), ERR_IO);
    assert_true(store_is_network_fs(0x6969));
    assert_true(store_is_network_fs(0xff534d42));
    assert_false(store_is_network_fs(0xef53));
    assert_false(store_is_network_fs(0x01021994));
}

static void files_are_private(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"", "data.mdb", "lock.mdb", "lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[512];
        struct stat file;
        assert_true(snprintf(path, sizeof path, "%s/%s", fixture->dir, names[i]) > 0);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 0777, i == 0 ? 0700 : 0600);
    }
}

// The index costs more than two pages of a tiny map: it must grow while readers read.
struct reader {
    struct store *store;
    pthread_t thread;
    atomic_bool is_done;
    uint64_t reads;
    uint64_t seen;
    bool is_wrong;
};

static void *read_on(void *context)
{
    struct reader *reader = context;
    struct record_set set = {0};
    struct chain chain = {.number = 0};
    struct header header;
    bool is_last = false;
    while (!is_last) {
        is_last = atomic_load(&reader->is_done); // one more read after the writing is done
        if (store_get_chain(reader->store, 0, &chain) != ERR_OK) {
            continue;
        }
        uint64_t from = chain.head_seq > 20 ? chain.head_seq - 20 : 1;
        reader->is_wrong |= store_read(reader->store, 0, from, 1000, UINT32_MAX, &set) != ERR_OK ||
                            set.count < chain.head_seq - from + 1;
        for (size_t i = 0; i < set.count; i++) {
            reader->is_wrong |=
                record_check(&set.records[i], test_options().space, &chain, &header) != ERR_OK;
        }
        reader->is_wrong |= store_read_arrivals(reader->store, UINT64_MAX, true, 5, &set) != ERR_OK;
        reader->seen = chain.head_seq;
        reader->reads++;
    }
    record_set_fini(&set);
    return NULL;
}

static void grows_under_readers(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = test_options();
    struct reader readers[2] = {0};
    struct store_stats stats;
    store_close(&fixture->store);
    test_remove_dir(fixture->dir);
    options.map_bytes = 65536;
    assert_int_equal(store_open(&fixture->store, fixture->dir, &options), ERR_OK);
    store_get_stats(fixture->store, &stats);
    uint64_t map_before = stats.bytes_map;
    fixture->log.sealed_len = 448;
    for (size_t i = 0; i < 2; i++) {
        readers[i].store = fixture->store;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    uint64_t ticket = 0;
    for (int i = 0; i < 100; i++) {
        ticket = test_submit(&fixture->log, fixture->store, 0, 50);
        if (i % 10 == 0) {
            assert_int_equal(test_wait(fixture->store, ticket).err, ERR_OK);
        }
    }
    assert_int_equal(test_wait(fixture->store, ticket).err, ERR_OK);
    for (size_t i = 0; i < 2; i++) {
        atomic_store(&readers[i].is_done, true);
        pthread_join(readers[i].thread, NULL);
        assert_false(readers[i].is_wrong);
        assert_int_equal(readers[i].seen, 5000);
        assert_true(readers[i].reads > 0);
    }
    store_get_stats(fixture->store, &stats);
    assert_true(stats.bytes_map >= 16 * map_before);
    assert_true(stats.bytes_used <= stats.bytes_map);
    assert_chain(fixture, 0, 5000);
}

// Disk budget: 1.3 times the sealed bytes and 200 bytes for each entry.
static void takes_little_room(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 21000 };
    fixture->log.sealed_len = 448;
    fixture->log.signed_every = 1;
    uint64_t ticket = 0;
    for (uint32_t i = 0; i < COUNT / 100; i++) {
        ticket = test_submit(&fixture->log, fixture->store, i % 3, 100);
    }
    assert_int_equal(test_wait(fixture->store, ticket).err, ERR_OK);
    struct store_stats stats;
    store_get_stats(fixture->store, &stats);
    assert_int_equal(stats.entries, COUNT);
    assert_true(stats.bytes_used * 10 <= (uint64_t)COUNT * (448 * 13 + 2000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip_and_reopen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(check_finds_each_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(batches_commit_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_stop_at_their_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(searches_go_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arrivals_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ahead_of_gaps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(branches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chains_ascend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(grows_under_readers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_little_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
