// SPDX-License-Identifier: EUPL-1.2
// What the store's tests share: folders of their own, and entries with right ids. Signatures are
// made up, because the store does not verify them.
#ifndef TESTS_UNIT_TEST_STORE_H
#define TESTS_UNIT_TEST_STORE_H

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sitrep/header.h"
#include "store/store.h"

enum { TEST_CHAINS_MAX = 64, TEST_SEALED_MAX = 70000 };

#define TEST_TIME_MS UINT64_C(1790000000000)

static inline uint64_t test_wall_ms(void)
{
    return TEST_TIME_MS + 500;
}

static inline struct store_options test_options(void)
{
    struct store_options options = {.reserve_bytes = 1, .wall_ms = test_wall_ms};
    memset(options.space, 0x5a, sizeof options.space);
    return options;
}

// A new folder; what it is to be removed with.
static inline void test_make_dir(char *dir, size_t size)
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(dir, size, "%s/sitrep-store-XXXXXX", base == NULL ? "/tmp" : base);
    assert_in_range(len, 1, size - 1);
    assert_non_null(mkdtemp(dir));
}

static inline void test_remove_dir(const char *dir)
{
    char path[STORE_PATH_LEN];
    DIR *listing = opendir(dir);
    struct dirent *entry;
    if (listing == NULL) {
        return;
    }
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_true(snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) > 0);
            if (unlink(path) != 0) {
                test_remove_dir(path);
            }
        }
    }
    closedir(listing);
    rmdir(dir);
}

// Authors writing logs, and the entries as an engine would hand them over.
struct test_log {
    struct chain chains[TEST_CHAINS_MAX];
    uint32_t chains_count;
    uint32_t sealed_len;
    uint32_t signed_every; // 0: never
    uint64_t ticket;
    uint64_t random;
};

static inline struct test_log test_log_make(uint32_t chains, uint32_t sealed_len)
{
    struct test_log log = {.chains_count = chains, .sealed_len = sealed_len, .random = 1};
    for (uint32_t i = 0; i < chains; i++) {
        log.chains[i] =
            (struct chain){.number = i, .epoch = i % 3, .parent = CHAIN_NONE, .first_seq = 1};
        memset(log.chains[i].author, (int)(i + 1), SIGN_KEY_LEN);
    }
    return log;
}

static inline uint64_t test_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// The entry `seq` of `chain` after the one with the id `prev`; always the same bytes for the same
// arguments. `sealed` is where the body goes.
static inline struct record test_record(const struct test_log *log, const struct chain *chain,
                                        uint64_t seq, const uint8_t *prev, uint8_t *sealed)
{
    struct store_options options = test_options();
    struct record record = {
        .chain = chain->number,
        .seq = seq,
        .time = (TEST_TIME_MS + seq) << 16 | (seq & 7),
        .precedence = (uint8_t)(seq % PRECEDENCES),
        .is_signed = log->signed_every > 0 && seq % log->signed_every == 0,
        .sealed = sealed,
        .sealed_len = log->sealed_len,
    };
    uint64_t random = (seq << 20 | chain->number << 1 | 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = 0; i < log->sealed_len; i++) {
        sealed[i] = (uint8_t)(test_random(&random) >> 24);
    }
    memset(record.group, 0x11, TAG_LEN);
    memset(record.key, (int)(seq / 1000 + 1), TAG_LEN);
    if (record.is_signed) {
        memset(record.signature, (int)(seq & 0xff), SIGNATURE_LEN);
    }
    struct header header = {
        .epoch = chain->epoch,
        .seq = seq,
        .time = record.time,
        .precedence = record.precedence,
        .size = record.sealed_len,
    };
    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    if (seq > 1) {
        memcpy(record.prev, prev, ID_LEN);
    }
    memcpy(header.prev, record.prev, ID_LEN);
    memcpy(header.group, record.group, TAG_LEN);
    memcpy(header.key, record.key, TAG_LEN);
    header_digest(sealed, record.sealed_len, header.digest);
    uint8_t bytes[HEADER_MAX];
    size_t len = header_encode(&header, bytes);
    header_id(options.space, bytes, len, record.id);
    return record;
}

// The next entry of the chain, whose head it becomes.
static inline struct record test_next(struct test_log *log, uint32_t number, uint8_t *sealed)
{
    struct chain *chain = &log->chains[number];
    struct record record = test_record(log, chain, chain->head_seq + 1, chain->head_id, sealed);
    chain->head_seq++;
    memcpy(chain->head_id, record.id, ID_LEN);
    return record;
}

static inline struct store_result test_wait(struct store *store, uint64_t ticket)
{
    struct store_result result = {0};
    while (result.ticket < ticket) {
        struct pollfd wait = {.fd = store_results_fd(store), .events = POLLIN};
        assert_true(poll(&wait, 1, 60000) != 0);
        if (store_next_result(store, &result) == ERR_NOT_FOUND) {
            continue;
        }
        if (result.err != ERR_OK) {
            break;
        }
    }
    return result;
}

// Appends `count` entries to one chain and submits them; returns the ticket.
static inline uint64_t test_submit(struct test_log *log, struct store *store, uint32_t number,
                                   size_t count)
{
    struct record *records = calloc(count, sizeof *records);
    uint8_t *sealed = malloc(count * log->sealed_len);
    assert_non_null(records);
    assert_non_null(sealed);
    for (size_t i = 0; i < count; i++) {
        records[i] = test_next(log, number, sealed + i * log->sealed_len);
    }
    struct effect_persist persist = {
        .ticket = ++log->ticket,
        .records = records,
        .records_count = count,
        .chains = &log->chains[number],
        .chains_count = 1,
    };
    assert_int_equal(store_submit(store, &persist), ERR_OK);
    free(records);
    free(sealed);
    return persist.ticket;
}

static inline void test_submit_one(struct test_log *log, struct store *store,
                                   const struct record *record, const struct chain *chain)
{
    struct effect_persist persist = {
        .ticket = ++log->ticket,
        .records = record,
        .records_count = record == NULL ? 0 : 1,
        .chains = chain,
        .chains_count = chain == NULL ? 0 : 1,
    };
    assert_int_equal(store_submit(store, &persist), ERR_OK);
    assert_int_equal(test_wait(store, persist.ticket).err, ERR_OK);
}

static inline struct store *test_open(const char *dir)
{
    struct store_options options = test_options();
    struct store *store;
    assert_int_equal(store_open(&store, dir, &options), ERR_OK);
    return store;
}

// That `found` is what its author and the node wrote.
static inline bool test_is_same(const struct record *found, const struct record *record)
{
    return found->chain == record->chain && found->seq == record->seq &&
           memcmp(found->id, record->id, ID_LEN) == 0 &&
           memcmp(found->prev, record->prev, ID_LEN) == 0 && found->time == record->time &&
           found->arrived_ms == test_wall_ms() && found->precedence == record->precedence &&
           memcmp(found->group, record->group, TAG_LEN) == 0 &&
           memcmp(found->key, record->key, TAG_LEN) == 0 && found->is_signed == record->is_signed &&
           found->is_ahead == record->is_ahead &&
           memcmp(found->signature, record->signature, SIGNATURE_LEN) == 0 &&
           found->sealed_len == record->sealed_len &&
           memcmp(found->sealed, record->sealed, record->sealed_len) == 0;
}

#endif
