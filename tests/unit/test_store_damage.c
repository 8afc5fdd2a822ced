// SPDX-License-Identifier: EUPL-1.2
// Damaged files: no wrong byte leaves the store unnoticed, all that is damaged is found, and what
// is repaired is whole again.
#include <fcntl.h>
#include <sys/wait.h>

#include "store/store_private.h"
#include "unit/test_store.h"

enum { RECORDS_MAX = 512, PAGE_LEN = 4096, FLIPS = 260, HANGS_AFTER_S = 60 };

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

static void add(struct fixture *fixture, const struct record *record)
{
    struct written *written = &fixture->written;
    assert_true(written->count < RECORDS_MAX);
    written->records[written->count] = *record;
    written->count++;
    written->records[written->count - 1].arrival = written->count;
}

static uint8_t *room_for(struct fixture *fixture, uint32_t sealed_len)
{
    fixture->log.sealed_len = sealed_len;
    uint8_t *room = malloc(sealed_len);
    assert_non_null(room);
    return room;
}

// Four chains with bodies of many lengths, a branch, and entries ahead of a gap.
static void fill(struct fixture *fixture)
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

static int set_up(void **state)
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

static int tear_down(void **state)
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

static const struct record *find_written(const struct written *written, uint32_t chain,
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

static void on_damage(void *context, uint32_t chain, uint64_t seq)
{
    struct found *found = context;
    if (found->count < 4 * RECORDS_MAX) {
        found->places[found->count].chain = chain;
        found->places[found->count++].seq = seq;
    }
}

static bool is_found(const struct found *found, uint32_t chain, uint64_t seq)
{
    for (size_t i = 0; i < found->count; i++) {
        if (found->places[i].chain == chain && found->places[i].seq == seq) {
            return true;
        }
    }
    return false;
}

static void scrub_arrivals(struct store *store, struct found *found)
{
    uint64_t at = 0;
    for (int i = 0; i < 100 && store_scrub(store, &at, 50, on_damage, found) == ERR_OK; i++) {
    }
}

static void scrub_chains(struct store *store, uint32_t count, struct found *found)
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

static bool checks(const struct record *record, const struct chain *chain)
{
    struct header header;
    return record_check(record, test_options().space, chain, &header) == ERR_OK;
}

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

// -- bit flips --

static void copy_file(const char *from, const char *to)
{
    struct stat file;
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    assert_int_equal(fstat(in, &file), 0);
    uint8_t *content = malloc((size_t)file.st_size);
    assert_int_equal(read(in, content, (size_t)file.st_size), file.st_size);
    assert_int_equal(write(out, content, (size_t)file.st_size), file.st_size);
    free(content);
    close(in);
    close(out);
}

struct flip {
    off_t offset;
    uint8_t mask;
};

// A third each in the meta pages, in the heads of pages, anywhere.
static struct flip choose_flip(uint64_t *random, off_t size)
{
    uint64_t page = test_random(random) % (uint64_t)(size / PAGE_LEN);
    uint64_t within = test_random(random);
    uint8_t mask = (uint8_t)(1U << (test_random(random) >> 20) % 8);
    switch (test_random(random) % 3) {
    case 0:
        return (struct flip){(off_t)(page % 2 * PAGE_LEN + within % 152), mask};
    case 1:
        return (struct flip){(off_t)(page * PAGE_LEN + within % 64), mask};
    default:
        return (struct flip){(off_t)(page * PAGE_LEN + within % PAGE_LEN), mask};
    }
}

static void apply(const char *path, struct flip flip)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, flip.offset), 1);
    byte ^= flip.mask;
    assert_int_equal(pwrite(fd, &byte, 1, flip.offset), 1);
    close(fd);
}

enum verdict { VERDICT_GOOD, VERDICT_CORRUPT, VERDICT_WRONG, VERDICT_SILENT, VERDICT_NOT_OPENED };

struct judging {
    const struct written *written;
    bool is_wrong;
};

static void judge(struct judging *judging, const struct record *record)
{
    const struct record *original = find_written(judging->written, record->chain, record->seq);
    struct chain none = {0};
    const struct chain *chain = record->chain < judging->written->chains_count
                                    ? &judging->written->chains[record->chain]
                                    : &none;
    if (checks(record, chain) && (original == NULL || !test_is_same(record, original))) {
        judging->is_wrong = true;
    }
}

static enum err judge_ahead(void *context, const struct record *record)
{
    judge(context, record);
    return ERR_OK;
}

// Reads all there is in every way. No record may pass the check and differ.
static bool reads_nothing_wrong(struct store *store, const struct written *written)
{
    struct judging judging = {.written = written};
    struct record_set set = {0};
    for (uint32_t i = 0; i < written->chains_count; i++) {
        for (uint64_t seq = 1; seq <= 150; seq += 1 + set.count) {
            if (store_read(store, i, seq, 40, UINT32_MAX, &set) != ERR_OK) {
                break;
            }
            for (size_t j = 0; j < set.count; j++) {
                judge(&judging, &set.records[j]);
            }
        }
    }
    for (int is_backward = 0; is_backward < 2; is_backward++) {
        enum err err = store_read_arrivals(store, is_backward ? UINT64_MAX : 0, is_backward,
                                           4 * RECORDS_MAX, &set);
        for (size_t j = 0; err == ERR_OK && j < set.count; j++) {
            judge(&judging, &set.records[j]);
        }
    }
    enum err err = store_each_ahead(store, judge_ahead, &judging);
    (void)err; // damage may end it early
    record_set_fini(&set);
    return !judging.is_wrong;
}

// How much is asked of a damaged store.
enum strictness {
    STRICT,         // each record is right, or known to be damaged
    STRICT_REBUILT, // except what lay ahead of gaps
    MANY_REBUILT    // and what follows a head that was forgotten with all later entries
};

static bool is_beyond_head(struct store *store, const struct record *record)
{
    struct chain chain;
    return store_get_chain(store, record->chain, &chain) == ERR_OK && record->seq > chain.head_seq;
}

static bool knows_all_damage(struct store *store, const struct written *written,
                             enum strictness strictness)
{
    static struct found found;
    struct record_set set = {0};
    bool is_known = true;
    scrub_arrivals(store, &found);
    scrub_chains(store, written->chains_count, &found);
    for (size_t i = 0; i < written->count && is_known; i++) {
        const struct record *record = &written->records[i];
        enum err err = store_read(store, record->chain, record->seq, 1, UINT32_MAX, &set);
        bool is_right = err == ERR_OK && set.count == 1 && test_is_same(&set.records[0], record);
        is_known = is_right || (record->is_ahead && strictness != STRICT) ||
                   (strictness == MANY_REBUILT && is_beyond_head(store, record)) ||
                   is_found(&found, record->chain, record->seq);
    }
    record_set_fini(&set);
    return is_known;
}

// In a child: opens the damaged store and looks at everything.
static enum verdict inspect(const char *dir, const struct written *written,
                            enum strictness strictness)
{
    struct store_options options = test_options();
    struct store *store;
    enum err err = store_open(&store, dir, &options);
    if (err == ERR_CORRUPT) {
        return VERDICT_CORRUPT;
    }
    if (err != ERR_OK) {
        return VERDICT_NOT_OPENED;
    }
    enum verdict verdict = VERDICT_GOOD;
    if (!reads_nothing_wrong(store, written)) {
        verdict = VERDICT_WRONG;
    } else if (!knows_all_damage(store, written, strictness)) {
        verdict = VERDICT_SILENT;
    }
    store_close(&store);
    return verdict;
}

// The child's verdict; crashing counts as noticing.
static enum verdict inspect_in_child(const char *dir, const struct written *written,
                                     enum strictness strictness)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
        for (size_t i = 0; i < 4; i++) {
            signal(crashes[i], SIG_DFL); // a sanitizer's or cmocka's
        }
        int quiet = open("/dev/null", O_WRONLY);
        dup2(quiet, STDERR_FILENO); // LMDB's assertions
        alarm(HANGS_AFTER_S);
        _exit((int)inspect(dir, written, strictness));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_not_equal(WTERMSIG(status), SIGALRM);
        return VERDICT_CORRUPT;
    }
    return (enum verdict)WEXITSTATUS(status);
}

static void mark_dir(const char *dir)
{
    char path[400];
    assert_true(snprintf(path, sizeof path, "%s/suspect", dir) > 0);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

struct trial {
    char dir[256];
    char file[300];
    size_t rebuilt;
    size_t lost;
};

static void make_trial(struct trial *trial, const struct fixture *fixture)
{
    char lock[300], lock_copy[300];
    assert_true(snprintf(trial->dir, sizeof trial->dir, "%s/trial", fixture->base) > 0);
    assert_true(snprintf(trial->file, sizeof trial->file, "%s/data.mdb", trial->dir) > 0);
    assert_true(snprintf(lock, sizeof lock, "%s/lock", fixture->dir) > 0);
    assert_true(snprintf(lock_copy, sizeof lock_copy, "%s/lock", trial->dir) > 0);
    test_remove_dir(trial->dir);
    assert_int_equal(mkdir(trial->dir, 0700), 0);
    copy_file(fixture->file, trial->file);
    copy_file(lock, lock_copy);
}

// Opens, reads and, where that is what it takes, rebuilds. Nothing may be wrong at any time.
static void try_damaged(struct trial *trial, const struct written *written,
                        enum strictness strictness)
{
    struct store_options options = test_options();
    struct store_rebuilt rebuilt;
    char aside[300];
    enum verdict verdict = inspect_in_child(trial->dir, written, STRICT);
    if (verdict == VERDICT_CORRUPT) {
        mark_dir(trial->dir);
        assert_int_equal(store_rebuild(trial->dir, &options, &rebuilt), ERR_OK);
        trial->rebuilt++;
        trial->lost += rebuilt.lost;
        verdict = inspect_in_child(trial->dir, written, strictness);
        assert_true(snprintf(aside, sizeof aside, "%s.damaged-1", trial->dir) > 0);
        test_remove_dir(aside);
    }
    assert_int_equal(verdict, VERDICT_GOOD);
}

static void no_flip_goes_unnoticed(void **state)
{
    struct fixture *fixture = *state;
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? 20250117 : strtoull(given, NULL, 0);
    uint64_t random = seed * 2 + 1;
    struct trial trial = {0};
    struct stat file;
    store_close(&fixture->store);
    assert_int_equal(stat(fixture->file, &file), 0);
    print_message("seed %llu, %lld pages\n", (unsigned long long)seed,
                  (long long)file.st_size / PAGE_LEN);
    struct flip flips[FLIPS];
    for (size_t i = 0; i < FLIPS; i++) {
        flips[i] = choose_flip(&random, file.st_size);
        make_trial(&trial, fixture);
        apply(trial.file, flips[i]);
        print_message("flip %lld %02x\n", (long long)flips[i].offset, flips[i].mask);
        try_damaged(&trial, &fixture->written, STRICT_REBUILT);
    }
    make_trial(&trial, fixture);
    for (size_t i = 0; i < FLIPS; i++) {
        apply(trial.file, flips[i]);
    }
    try_damaged(&trial, &fixture->written, MANY_REBUILT);
    assert_true(trial.rebuilt > 10);
    print_message("%zu of %d rebuilt, %zu records lost in all\n", trial.rebuilt, FLIPS + 1,
                  trial.lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(damage_and_repair, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suspect_is_rebuilt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_pages_are_repaired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loss_is_no_suspicion, set_up, tear_down),
        cmocka_unit_test_setup_teardown(holes_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_key_is_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_flip_goes_unnoticed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
