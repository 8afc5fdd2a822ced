// SPDX-License-Identifier: EUPL-1.2
// What the tests of damaged files share: a store of several chains, branches and entries ahead of
// gaps, everything that was written to it, and what its scrub tells of.
#ifndef TESTS_UNIT_DAMAGED_STORE_H
#define TESTS_UNIT_DAMAGED_STORE_H

#include "unit/test_store.h"

enum { RECORDS_MAX = 512, PAGE_LEN = 4096, HANGS_AFTER_S = 60 };

// Everything that was stored, to compare with.
struct written {
    struct record records[RECORDS_MAX];
    size_t count;
    uint8_t *sealed;
    struct chain chains[TEST_CHAINS_MAX];
    uint32_t chains_count;
};

struct fixture {
    char base[200];
    char dir[256];
    char file[300];
    struct store *store;
    struct test_log log;
    struct written written;
    struct record_set set;
};

static inline void add(struct fixture *fixture, const struct record *record)
{
    struct written *written = &fixture->written;
    assert_true(written->count < RECORDS_MAX);
    written->records[written->count] = *record;
    written->count++;
    written->records[written->count - 1].arrival = written->count;
}

static inline uint8_t *room_for(struct fixture *fixture, uint32_t sealed_len)
{
    fixture->log.sealed_len = sealed_len;
    uint8_t *room = malloc(sealed_len);
    assert_non_null(room);
    return room;
}

// Four chains with bodies of many lengths, a branch, and entries ahead of a gap.
static inline void fill(struct fixture *fixture)
{
    static const uint32_t lengths[] = {448, 448, 300, 448, 60, 448, 1500, 448, 448, 9000, 448};
    struct test_log *log = &fixture->log;
    for (size_t i = 0; i < 240; i++) {
        uint32_t number = (uint32_t)(i / 8 % 3);
        uint8_t *room = room_for(fixture, lengths[i % 11]);
        struct record record = test_next(log, number, room);
        add(fixture, &record);
        test_submit_one(log, fixture->store, &record, &log->chains[number]);
    }
    log->chains[3] = log->chains[1];
    log->chains[3].number = 3;
    log->chains[3].parent = 1;
    log->chains[3].first_seq = log->chains[3].head_seq + 1;
    struct chain held[TEST_CHAINS_MAX];
    for (size_t i = 0; i < 24; i++) {
        uint32_t number = (uint32_t)(i / 8 % 2 * 3);
        uint8_t *room = room_for(fixture, 448);
        struct record record = test_next(log, number, room);
        add(fixture, &record);
        test_submit_one(log, fixture->store, &record, &log->chains[number]);
    }
    memcpy(held, log->chains, sizeof held);
    for (size_t i = 0; i < 9; i++) {
        uint8_t *room = room_for(fixture, 200);
        struct record record = test_next(log, 2, room);
        record.is_ahead = true;
        if (i % 2 == 1) {
            add(fixture, &record);
            test_submit_one(log, fixture->store, &record, NULL);
        } else {
            free(room);
        }
    }
    memcpy(fixture->written.chains, held, sizeof held);
    fixture->written.chains_count = 4;
}

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    test_make_dir(fixture->base, sizeof fixture->base);
    assert_true(snprintf(fixture->dir, sizeof fixture->dir, "%s/store", fixture->base) > 0);
    assert_true(snprintf(fixture->file, sizeof fixture->file, "%s/data.mdb", fixture->dir) > 0);
    fixture->store = test_open(fixture->dir);
    fixture->log = test_log_make(3, 448);
    fixture->log.signed_every = 3;
    fill(fixture);
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    store_close(&fixture->store);
    record_set_fini(&fixture->set);
    for (size_t i = 0; i < fixture->written.count; i++) {
        union {
            const uint8_t *in;
            void *out;
        } body = {fixture->written.records[i].sealed};
        free(body.out);
    }
    test_remove_dir(fixture->base);
    free(fixture);
    return 0;
}

static inline const struct record *find_written(const struct written *written, uint32_t chain,
                                                uint64_t seq)
{
    for (size_t i = 0; i < written->count; i++) {
        if (written->records[i].chain == chain && written->records[i].seq == seq) {
            return &written->records[i];
        }
    }
    return NULL;
}

// What scrub and scrub_chain told of.
struct found {
    struct {
        uint32_t chain;
        uint64_t seq;
    } places[4 * RECORDS_MAX];
    size_t count;
};

static inline void on_damage(void *context, uint32_t chain, uint64_t seq)
{
    struct found *found = context;
    if (found->count < 4 * RECORDS_MAX) {
        found->places[found->count].chain = chain;
        found->places[found->count++].seq = seq;
    }
}

static inline bool is_found(const struct found *found, uint32_t chain, uint64_t seq)
{
    for (size_t i = 0; i < found->count; i++) {
        if (found->places[i].chain == chain && found->places[i].seq == seq) {
            return true;
        }
    }
    return false;
}

static inline void scrub_arrivals(struct store *store, struct found *found)
{
    uint64_t at = 0;
    for (int i = 0; i < 100 && store_scrub(store, &at, 50, on_damage, found) == ERR_OK; i++) {
    }
}

static inline void scrub_chains(struct store *store, uint32_t count, struct found *found)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t seq = 0;
        enum err err;
        int rounds = 0;
        do {
            err = store_scrub_chain(store, i, &seq, 50, on_damage, found);
        } while (err == ERR_OK && rounds++ < 100);
    }
}

static inline bool checks(const struct record *record, const struct chain *chain)
{
    struct header header;
    return record_check(record, test_options().space, chain, &header) == ERR_OK;
}

#endif
