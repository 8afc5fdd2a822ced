// SPDX-License-Identifier: EUPL-1.2
// A desk without a loop, for tests of the API and of names: a real store, a real roster of two
// nodes, and what the tests want the desk to answer. Defines every desk_ function, so that the
// daemon's own are not linked.
#ifndef TESTS_UNIT_FAKE_DESK_H
#define TESTS_UNIT_FAKE_DESK_H

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "desk.h"
#include "groups/groups.h"
#include "scratch.h"
#include "sitrep/invitation.h"

enum { AUTHORS = 2, BRANCHES = 6, REPORTS = 64 };

struct desk {
    char path[SCRATCH_PATH_MAX];
    struct home home; // an empty one
    struct store *store;
    struct roster *roster;
    struct signing_key authority;
    struct signing_key signing[AUTHORS];
    uint8_t public_key[AUTHORS][SIGN_KEY_LEN];
    struct group_key key;        // of all members
    struct group_key foreign;    // of a group this node is not in
    struct node_keys *node_keys; // of the first node
    struct secrets *secrets;
    struct groups *groups; // not started: they know of no group but that of all members
    struct sealer *sealer;
    struct chain chains[BRANCHES]; // 0 and 1 are the logs of the two nodes
    uint64_t ticket;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_stopping;
    enum err publish_err; // what desk_publish answers
    size_t publish_failed;
    size_t publish_calls;
    struct {
        uint32_t chain;
        uint64_t seq;
    } reports[REPORTS];
    size_t reports_count;
    int cut[AUTHORS];
    struct choice choice;                 // for the link to author 1
    bool is_revoked, lacks_transport_key; // what desk_status says of this node
    bool has_met_late_roster;
    uint32_t forks;                       // and how many forks it knows
    uint64_t ahead;                       // and entries ahead of gaps
    struct engine_claims claims;          // of the second node's log
    uint64_t claimed;                     // of the first node's log, by the second
    uint64_t taken_version;               // of the roster that desk_add_roster took last
    char exercise_name[NAME_MAX_LEN + 1]; // whose desk it is
    bool has_ended;
    struct desk_exercises exercises; // what desk_exercises answers
    enum err exercise_err;           // what desk_exercise answers
    enum exercise_order exercise_order;
    char exercise_named[NAME_MAX_LEN + 1];
};

// The wall clock of the store; the tests move it.
static _Atomic uint64_t fake_now_ms = UINT64_C(1750000000000);

static inline uint64_t fake_wall_ms(void)
{
    return fake_now_ms;
}

// -- entries --

// What an entry is made of; zero fields take the usual.
struct fake_entry {
    uint32_t chain;
    const struct group_key *key; // NULL: that of all members
    const uint8_t *space;        // it was written in; NULL: the real world
    const uint8_t *content;      // NULL: kind "note"
    size_t content_len;
    uint8_t precedence;
    int64_t ahead_ms; // of its author's clock
    bool is_unsigned;
    bool is_ahead;   // of a gap
    bool is_foreign; // for a group this node is not in
    bool is_damaged; // its id is not that of its bytes
    bool has_bad_signature;
};

static const uint8_t fake_note[] = "\xa1\x64kind\x64note";

// Durable when it returns.
static inline void fake_submit(struct desk *desk, const struct effect_persist *persist)
{
    struct store_result result = {0};
    assert_int_equal(store_submit(desk->store, persist), ERR_OK);
    while (store_next_result(desk->store, &result) != ERR_OK) {
        struct pollfd fd = {.fd = store_results_fd(desk->store), .events = POLLIN};
        poll(&fd, 1, -1);
    }
    assert_int_equal(result.err, ERR_OK);
}

// Stores one entry at the head of its chain, durable when it returns.
static inline void fake_store(struct desk *desk, const struct fake_entry *entry)
{
    struct chain *chain = &desk->chains[entry->chain];
    size_t author = memcmp(chain->author, desk->public_key[0], SIGN_KEY_LEN) == 0 ? 0 : 1;
    struct header header = {.epoch = chain->epoch,
                            .seq = chain->head_seq + 1,
                            .time = (fake_now_ms + (uint64_t)entry->ahead_ms) << 16,
                            .precedence = entry->precedence};
    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    if (header.seq > 1) {
        memcpy(header.prev, chain->head_id, ID_LEN);
    }
    uint8_t salt[SALT_LEN];
    static uint8_t sealed[SEALED_MAX];
    randombytes_buf(salt, sizeof salt);
    struct span content = {fake_note, sizeof fake_note - 1};
    if (entry->content != NULL) {
        content = (struct span){entry->content, entry->content_len};
    }
    const struct group_key *key = entry->is_foreign ? &desk->foreign : &desk->key;
    key = entry->key != NULL ? entry->key : key;
    assert_int_equal(seal_body(desk->sealer, key, salt, content, &header, sealed), ERR_OK);
    uint8_t bytes[HEADER_MAX];
    size_t len = header_encode(&header, bytes);
    struct record record = {.chain = chain->number,
                            .seq = header.seq,
                            .time = header.time,
                            .precedence = header.precedence,
                            .is_signed = !entry->is_unsigned,
                            .is_ahead = entry->is_ahead,
                            .sealed = sealed,
                            .sealed_len = header.size};
    const uint8_t *space = entry->space != NULL ? entry->space : desk->roster->federation;
    header_id(space, bytes, len, record.id);
    memcpy(record.prev, header.prev, ID_LEN);
    memcpy(record.group, header.group, TAG_LEN);
    memcpy(record.key, header.key, TAG_LEN);
    cose_sign(&desk->signing[author], (struct span){space, ID_LEN}, (struct span){bytes, len},
              record.signature);
    chain->head_seq = header.seq;
    memcpy(chain->head_id, record.id, ID_LEN);
    sealed[header.size - 1] ^= entry->is_damaged;
    record.signature[0] ^= entry->has_bad_signature;
    fake_submit(desk, &(struct effect_persist){.ticket = ++desk->ticket,
                                               .records = &record,
                                               .records_count = 1,
                                               .chains = chain,
                                               .chains_count = 1});
}

// Puts the entry that was stored as damaged there once more, as it was.
static inline void fake_repair(struct desk *desk, uint32_t chain, uint64_t seq)
{
    static uint8_t sealed[SEALED_MAX];
    struct record_set set = {0};
    assert_int_equal(store_read(desk->store, chain, seq, 1, UINT32_MAX, &set), ERR_OK);
    assert_int_equal(set.count, 1);
    struct record *record = &set.records[0];
    memcpy(sealed, record->sealed, record->sealed_len);
    sealed[record->sealed_len - 1] ^= 1;
    record->sealed = sealed;
    fake_submit(desk, &(struct effect_persist){.ticket = ++desk->ticket,
                                               .records = record,
                                               .records_count = 1,
                                               .is_repair = true});
    record_set_fini(&set);
}

// A branch that leaves `parent` so that its first entry is `first_seq`.
static inline void fake_branch(struct desk *desk, uint32_t number, uint32_t parent,
                               uint64_t first_seq)
{
    struct record_set set = {0};
    desk->chains[number] = desk->chains[parent];
    desk->chains[number].number = number;
    desk->chains[number].parent = parent;
    desk->chains[number].first_seq = first_seq;
    desk->chains[number].head_seq = first_seq - 1;
    if (first_seq > 1) {
        assert_int_equal(store_read(desk->store, parent, first_seq - 1, 1, 1, &set), ERR_OK);
        assert_int_equal(set.count, 1);
        memcpy(desk->chains[number].head_id, set.records[0].id, ID_LEN);
    }
    record_set_fini(&set);
}

// -- making and ending --

// Within which the first node's keys and the authority's expire: 20 days.
#define FAKE_EXPIRY_MS UINT64_C(1728000000)

static inline void fake_roster(struct desk *desk)
{
    uint8_t seed[SIGN_KEY_LEN];
    uint8_t authority[SIGN_KEY_LEN];
    uint8_t transport[AUTHORS][BOX_KEY_LEN];
    uint8_t secret[AUTHORS][BOX_KEY_LEN];
    uint8_t *signed_roster;
    size_t len;
    struct roster *first;
    for (size_t i = 0; i < AUTHORS; i++) {
        memset(seed, (int)i + 1, sizeof seed);
        signing_key_from_seed(&desk->signing[i], seed, desk->public_key[i]);
        crypto_box_seed_keypair(transport[i], secret[i], seed);
    }
    desk->node_keys = sodium_malloc(sizeof *desk->node_keys);
    assert_non_null(desk->node_keys);
    desk->node_keys->transport_count = 1;
    memcpy(desk->node_keys->transport[0].secret, secret[0], BOX_KEY_LEN);
    memcpy(desk->node_keys->transport[0].public_key, transport[0], BOX_KEY_LEN);
    memset(seed, 9, sizeof seed);
    signing_key_from_seed(&desk->authority, seed, authority);
    struct roster_founding founding = {.name = "Test federation",
                                       .centre_code = "be-nccn",
                                       .centre_title = "Crisis centre",
                                       .node_name = "be-nccn",
                                       .sync_endpoint = "tcp://127.0.0.1:7000",
                                       .live_endpoint = "tcp://127.0.0.1:7001",
                                       .signing = desk->public_key[0],
                                       .transport = transport[0],
                                       .keys_expire_ms = fake_now_ms + FAKE_EXPIRY_MS};
    assert_int_equal(roster_found(&founding, &desk->authority, &signed_roster, &len), ERR_OK);
    assert_int_equal(roster_decode(signed_roster, len, &first), ERR_OK);
    free(signed_roster);
    struct request request = {.centre_code = "nl-kcr2",
                              .centre_title = "Second centre",
                              .node_name = "nl-kcr2-b",
                              .sync_endpoint = "tcp://127.0.0.1:7002",
                              .live_endpoint = "tcp://127.0.0.1:7003",
                              .time_ms = 1};
    memcpy(request.signing, desk->public_key[1], SIGN_KEY_LEN);
    memcpy(request.transport, transport[1], BOX_KEY_LEN);
    assert_int_equal(roster_admit(first, &request, &desk->authority, &signed_roster, &len), ERR_OK);
    assert_int_equal(roster_decode(signed_roster, len, &desk->roster), ERR_OK);
    free(signed_roster);
    roster_destroy(&first);
}

// A next version of the roster, in which that node counts up to `seq` of log 0.
static inline void fake_revoke(struct desk *desk, size_t author, uint64_t seq)
{
    desk->roster->nodes[author].is_revoked = true;
    desk->roster->nodes[author].revoked_seq = seq;
    desk->roster->version++;
    desk->roster->hash[0]++; // it is another one
}

// The groups and their keys, as the home of the first node has them.
static inline void fake_groups_open(struct desk *desk, const char *bookmark)
{
    char *passphrase = NULL;
    struct group_keys *keys = sodium_malloc(sizeof *keys);
    assert_non_null(keys);
    keys->count = 1;
    keys->keys[0] = desk->key;
    if (desk->secrets == NULL) {
        secrets_open(&desk->secrets, &desk->home, &passphrase, &keys);
    }
    group_keys_destroy(&keys);
    struct groups_options options = {.roster = desk->roster,
                                     .keys = desk->node_keys,
                                     .secrets = desk->secrets,
                                     .store = desk->store,
                                     .brings_keys = true,
                                     .patience_ms = 200,
                                     .home = &desk->home,
                                     .bookmark = bookmark};
    memcpy(options.space, desk->roster->federation, ID_LEN);
    assert_int_equal(groups_open(&desk->groups, &options), ERR_OK);
}

static inline void fake_open(struct desk *desk)
{
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN] = {7};
    assert_true(sodium_init() >= 0);
    *desk = (struct desk){0};
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->changed, NULL);
    fake_roster(desk);
    group_all_members(desk->roster->federation, group);
    group_key_derive(&desk->key, group, secret);
    memset(group, 5, sizeof group);
    group_key_derive(&desk->foreign, group, secret);
    for (uint32_t i = 0; i < AUTHORS; i++) {
        desk->chains[i] = (struct chain){.number = i, .parent = CHAIN_NONE, .first_seq = 1};
        memcpy(desk->chains[i].author, desk->public_key[i], SIGN_KEY_LEN);
    }
    scratch_make(desk->path);
    char folder[SCRATCH_PATH_MAX];
    scratch_join(folder, desk->path, "store");
    struct store_options options = {.wall_ms = fake_wall_ms, .reserve_bytes = 1};
    memcpy(options.space, desk->roster->federation, ID_LEN);
    assert_int_equal(store_open(&desk->store, folder, &options), ERR_OK);
    desk->sealer = sealer_create();
    assert_non_null(desk->sealer);
    scratch_join(folder, desk->path, "home");
    assert_int_equal(home_create(&desk->home, folder), ERR_OK);
    fake_groups_open(desk, NULL);
}

static inline void fake_close(struct desk *desk)
{
    groups_close(&desk->groups);
    secrets_close(&desk->secrets);
    node_keys_destroy(&desk->node_keys);
    store_close(&desk->store);
    sealer_destroy(&desk->sealer);
    roster_destroy(&desk->roster);
    scratch_remove(desk->path);
    pthread_mutex_destroy(&desk->mutex);
    pthread_cond_destroy(&desk->changed);
}

// As cmocka's setup and teardown: *state is the desk.
static inline int fake_setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    fake_open(desk);
    *state = desk;
    return 0;
}

static inline int fake_teardown(void **state)
{
    fake_close(*state);
    free(*state);
    return 0;
}

// -- what the API asks --

// As the loop finds it; NULL: that of all members.
static inline const struct group_key *fake_seal_key(struct desk *desk,
                                                    const struct desk_entry *entry,
                                                    struct group_key *key)
{
    if (entry->key != NULL) {
        return entry->key;
    }
    if (sodium_is_zero(entry->group, TAG_LEN)) {
        return NULL;
    }
    assert_int_equal(groups_seal_key(desk->groups, entry->group, key), ERR_OK);
    return key;
}

enum err desk_publish(struct desk *desk, const struct desk_entry *entries, size_t count,
                      struct desk_published *published, size_t *failed)
{
    pthread_mutex_lock(&desk->mutex);
    enum err err = desk->publish_err;
    desk->publish_calls++;
    *failed = desk->publish_failed;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct group_key key;
        struct fake_entry entry = {.key = fake_seal_key(desk, &entries[i], &key),
                                   .content = entries[i].content.bytes,
                                   .content_len = entries[i].content.len,
                                   .precedence = entries[i].precedence};
        struct span kind;
        assert_int_equal(body_check(entries[i].content, &kind), ERR_OK);
        fake_store(desk, &entry);
        published[i] = (struct desk_published){0, desk->chains[0].head_seq};
    }
    groups_set_arrival(desk->groups, store_last_arrival(desk->store));
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
    return err;
}

enum err desk_status(struct desk *desk, struct desk_status *status)
{
    *status = (struct desk_status){.wall_ms = fake_now_ms, .started_ms = 1000, .damaged = 3};
    status->engine.entries = 42;
    status->engine.is_own_log_ready = true;
    status->engine.is_revoked = desk->is_revoked;
    status->engine.forks = desk->forks;
    status->engine.ahead = desk->ahead;
    status->lacks_transport_key = desk->lacks_transport_key;
    status->has_met_late_roster = desk->has_met_late_roster;
    status->transport.admitted = 5;
    status->refused[REFUSED_LIMIT] = 6;
    store_get_stats(desk->store, &status->store);
    return ERR_OK;
}

enum err desk_peers(struct desk *desk, struct desk_peer **peers, size_t *count)
{
    *peers = calloc(1, sizeof **peers);
    assert_non_null(*peers);
    (*peers)->status = (struct peer_status){.peer = 1,
                                            .state = desk->cut[1] ? PEER_DOWN : PEER_CONVERGED,
                                            .rtt_ms = UINT32_MAX,
                                            .last_entry_ms = 1000};
    (*peers)->link.is_cut = desk->cut[1];
    (*peers)->choice = desk->choice;
    (*peers)->verdict = TUNER_TOO_MUCH;
    (*peers)->waiting[FLASH] = desk->choice.settings.rate / 8;
    if (desk->choice.settings.rate > 0) {
        (*peers)->reading = (struct gauge_reading){
            .is_known = true,
            .last = {.rtt_ms = 2100, .sent = 5000, .resent = 490, .unsent = 60, .under_way = 1400},
            .has_rates = true,
            .rate_in = 800,
            .rate_out = 2300,
        };
        (*peers)->converged_in_s = 75;
    } else {
        (*peers)->converged_in_s = UINT64_MAX;
    }
    strcpy((*peers)->link.endpoint, "tcp://127.0.0.1:7002");
    *count = 1;
    return ERR_OK;
}

enum err desk_claims(struct desk *desk, uint32_t node, struct engine_claims *claims)
{
    *claims = node == 1 ? desk->claims : (struct engine_claims){0};
    return ERR_OK;
}

enum err desk_claim(struct desk *desk, uint32_t chain, uint64_t seq, enum peer_claim *claims,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        claims[i] = i == 1 && chain == 0 && seq <= desk->claimed ? CLAIM_HELD : CLAIM_NONE;
    }
    return ERR_OK;
}

enum err desk_add_roster(struct desk *desk, struct span signed_roster)
{
    struct roster *next;
    enum err err = roster_decode(signed_roster.bytes, signed_roster.len, &next);
    if (err == ERR_OK) {
        err = roster_check_next(desk->roster, next);
        if (err == ERR_OK) {
            pthread_mutex_lock(&desk->mutex);
            desk->taken_version = next->version;
            pthread_cond_broadcast(&desk->changed);
            pthread_mutex_unlock(&desk->mutex);
        }
        roster_destroy(&next);
    }
    return err;
}

enum err desk_link(struct desk *desk, uint32_t peer, const struct choice_change *change,
                   struct desk_link *link)
{
    assert_int_equal(peer, 1);
    if (change->has_live && change->is_live && desk->choice.settings.rate != 0) {
        return ERR_DENIED;
    }
    choice_change(&desk->choice, change);
    *link = (struct desk_link){.choice = desk->choice,
                               .beacon_ms = desk->choice.settings.beacon_ms,
                               .is_live = !desk->choice.settings.is_live_off &&
                                          desk->choice.settings.rate == 0};
    return ERR_OK;
}

enum err desk_cut(struct desk *desk, uint32_t peer, bool is_cut)
{
    assert_true(peer < AUTHORS);
    desk->cut[peer] = is_cut;
    return ERR_OK;
}

enum err desk_exercise(struct desk *desk, enum exercise_order order, const char *name)
{
    desk->exercise_order = order;
    snprintf(desk->exercise_named, sizeof desk->exercise_named, "%s", name);
    return desk->exercise_err;
}

enum err desk_exercises(struct desk *desk, struct desk_exercises *exercises)
{
    *exercises = desk->exercises;
    return ERR_OK;
}

const char *desk_exercise_name(struct desk *desk)
{
    return desk->exercise_name;
}

bool desk_has_ended(struct desk *desk)
{
    return desk->has_ended;
}

void desk_report_damaged(struct desk *desk, uint32_t chain, uint64_t seq)
{
    pthread_mutex_lock(&desk->mutex);
    if (desk->reports_count < REPORTS) {
        desk->reports[desk->reports_count].chain = chain;
        desk->reports[desk->reports_count++].seq = seq;
    }
    pthread_mutex_unlock(&desk->mutex);
}

uint64_t desk_wait_arrival(struct desk *desk, uint64_t arrival, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000) + 1;
    pthread_mutex_lock(&desk->mutex);
    while (store_last_arrival(desk->store) <= arrival && !desk->is_stopping &&
           pthread_cond_timedwait(&desk->changed, &desk->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&desk->mutex);
    return store_last_arrival(desk->store);
}

bool desk_is_stopping(struct desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    bool is_stopping = desk->is_stopping;
    pthread_mutex_unlock(&desk->mutex);
    return is_stopping;
}

const struct roster *desk_roster(struct desk *desk)
{
    return desk->roster;
}

uint32_t desk_self(struct desk *desk)
{
    (void)desk;
    return 0;
}

const uint8_t *desk_space(struct desk *desk)
{
    return desk->roster->federation;
}

struct store *desk_store(struct desk *desk)
{
    return desk->store;
}

const struct home *desk_home(struct desk *desk)
{
    return &desk->home;
}

struct groups *desk_groups(struct desk *desk)
{
    return desk->groups;
}

#endif
