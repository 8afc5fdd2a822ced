// SPDX-License-Identifier: EUPL-1.2
// A home's keys and rosters: what is made comes back, wrapped or not; chains are held whole.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "home/home.h"
#include "sitrep/invitation.h"
#include "unit/scratch.h"

struct place {
    char path[SCRATCH_PATH_MAX];
    struct home home;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    scratch_make(place->path);
    *state = place;
    return home_create(&place->home, place->path) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct place *place = *state;
    scratch_remove(place->path);
    free(place);
    return 0;
}

static void node_keys_come_back(void **state)
{
    struct place *place = *state;
    struct node_keys *made = NULL;
    struct node_keys *loaded = NULL;
    bool needs = true;
    assert_int_equal(home_load_node_keys(&place->home, NULL, &loaded), ERR_NOT_FOUND);
    assert_int_equal(home_create_node_keys(&place->home, NULL, &made), ERR_OK);
    assert_int_equal(home_needs_passphrase(&place->home, &needs), ERR_OK);
    assert_false(needs);
    assert_int_equal(home_load_node_keys(&place->home, NULL, &loaded), ERR_OK);
    assert_memory_equal(made, loaded, sizeof *made);
    node_keys_destroy(&loaded);

    // A passphrase that is not needed does no harm.
    assert_int_equal(home_load_node_keys(&place->home, "not needed", &loaded), ERR_OK);
    assert_memory_equal(made, loaded, sizeof *made);
    node_keys_destroy(&made);
    node_keys_destroy(&loaded);
    assert_null(loaded);
}

static void a_passphrase_wraps_them(void **state)
{
    struct place *place = *state;
    struct node_keys *made = NULL;
    struct node_keys *loaded = NULL;
    bool needs = false;
    assert_int_equal(home_create_node_keys(&place->home, "correct horse", &made), ERR_OK);
    assert_int_equal(home_needs_passphrase(&place->home, &needs), ERR_OK);
    assert_true(needs);
    assert_int_equal(home_load_node_keys(&place->home, NULL, &loaded), ERR_DENIED);
    assert_non_null(strstr(place->home.why, "needs its passphrase"));
    assert_int_equal(home_load_node_keys(&place->home, "wrong horse", &loaded), ERR_DENIED);
    assert_null(loaded);
    assert_int_equal(home_load_node_keys(&place->home, "correct horse", &loaded), ERR_OK);
    assert_memory_equal(made, loaded, sizeof *made);

    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(home_read(&place->home, "keys/node.key", 4096, &bytes, &len), ERR_OK);
    assert_null(memmem(bytes, len, made->signing.bytes, 32));
    assert_null(memmem(bytes, len, made->transport[0].secret, 32));
    free(bytes);
    node_keys_destroy(&made);
    node_keys_destroy(&loaded);
}

static void a_transport_key_is_added(void **state)
{
    struct place *place = *state;
    struct node_keys *made = NULL;
    struct node_keys *loaded = NULL;
    assert_int_equal(home_create_node_keys(&place->home, "correct horse", &made), ERR_OK);
    const struct transport_pair first = made->transport[0];
    assert_int_equal(home_add_transport(&place->home, "correct horse", made, made->signing_public),
                     ERR_NOT_FOUND);
    assert_int_equal(made->transport_count, 1);
    assert_int_equal(home_add_transport(&place->home, "correct horse", made, first.public_key),
                     ERR_OK);
    assert_int_equal(made->transport_count, 2);
    assert_memory_equal(&made->transport[0], &first, sizeof first);
    assert_ptr_equal(node_keys_find(made, first.public_key), &made->transport[0]);
    assert_int_equal(home_load_node_keys(&place->home, "correct horse", &loaded), ERR_OK);
    assert_memory_equal(made, loaded, sizeof *made);
    node_keys_destroy(&loaded);

    // The next one takes the place of the one that is no longer in use.
    const struct transport_pair second = made->transport[1];
    assert_memory_not_equal(first.public_key, second.public_key, BOX_KEY_LEN);
    assert_int_equal(home_add_transport(&place->home, "correct horse", made, second.public_key),
                     ERR_OK);
    assert_int_equal(made->transport_count, 2);
    assert_memory_equal(&made->transport[0], &second, sizeof second);
    assert_null(node_keys_find(made, first.public_key));
    node_keys_destroy(&made);
}

// Saves a guard, and takes the next identity; what the guard says then.
static struct guard take(struct place *place, const struct node_keys *next)
{
    struct guard guard = {.epoch = 3, .ceiling = 64, .floor = 10};
    assert_int_equal(guard_save(&place->home, "", &guard), ERR_OK);
    assert_int_equal(home_take_next_keys(&place->home, "secret", next), ERR_OK);
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    return guard;
}

static void the_next_identity_is_taken_whole(void **state)
{
    struct place *place = *state;
    struct node_keys *former = NULL;
    struct node_keys *next = NULL;
    struct node_keys *loaded = NULL;
    uint8_t signing[SIGN_KEY_LEN];
    assert_int_equal(home_create_node_keys(&place->home, "secret", &former), ERR_OK);
    assert_int_equal(home_next_signing(&place->home, signing), ERR_NOT_FOUND);
    assert_int_equal(home_load_next_keys(&place->home, "secret", &loaded), ERR_NOT_FOUND);
    assert_int_equal(home_create_next_keys(&place->home, "secret", &next), ERR_OK);
    assert_int_equal(home_next_signing(&place->home, signing), ERR_OK);
    assert_memory_equal(signing, next->signing_public, SIGN_KEY_LEN);
    assert_int_equal(home_load_next_keys(&place->home, "wrong", &loaded), ERR_DENIED);

    // Until it is taken the node is who it was.
    assert_int_equal(home_load_node_keys(&place->home, "secret", &loaded), ERR_OK);
    assert_memory_equal(loaded, former, sizeof *former);
    node_keys_destroy(&loaded);

    // Twice, as if the first time had been cut off before its end.
    assert_int_equal(home_write(&place->home, "request", signing, sizeof signing), ERR_OK);
    for (int i = 0; i < 2; i++) {
        const struct guard guard = take(place, next);
        assert_int_equal(guard.epoch, 0);
        assert_int_equal(guard.ceiling, 0);
        assert_true(guard.is_exact);
        assert_int_equal(home_load_node_keys(&place->home, "secret", &loaded), ERR_OK);
        assert_memory_equal(loaded, next, sizeof *next);
        node_keys_destroy(&loaded);
        assert_int_equal(home_next_signing(&place->home, signing), ERR_NOT_FOUND);
        assert_int_equal(home_remove(&place->home, "request"), ERR_NOT_FOUND);
        assert_int_equal(home_write(&place->home, HOME_NEXT_FILE, signing, sizeof signing), ERR_OK);
    }
    node_keys_destroy(&former);
    node_keys_destroy(&next);
}

// A guard that came back from a copy goes on telling it, whoever the node is by then.
static void a_copy_is_noticed_by_the_next_identity(void **state)
{
    struct place *place = *state;
    struct node_keys *next = NULL;
    struct guard guard = {.epoch = 3, .ceiling = 64, .floor = 10};
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(home_create_next_keys(&place->home, NULL, &next), ERR_OK);
    assert_int_equal(guard_save(&place->home, "", &guard), ERR_OK);
    assert_int_equal(home_read(&place->home, "guard", 4096, &bytes, &len), ERR_OK);
    assert_int_equal(home_write(&place->home, "guard", bytes, len), ERR_OK);
    assert_int_equal(home_take_next_keys(&place->home, NULL, next), ERR_OK);
    assert_int_equal(guard_load(&place->home, "", &guard), ERR_OK);
    assert_true(guard.was_moved);
    free(bytes);
    node_keys_destroy(&next);
}

static void keys_of_another_kind_or_damaged_are_refused(void **state)
{
    struct place *place = *state;
    struct node_keys *made = NULL;
    struct signing_key *authority = NULL;
    uint8_t public_key[SIGN_KEY_LEN];
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(home_create_node_keys(&place->home, NULL, &made), ERR_OK);
    node_keys_destroy(&made);
    assert_int_equal(home_read(&place->home, "keys/node.key", 4096, &bytes, &len), ERR_OK);
    assert_int_equal(home_write(&place->home, "keys/authority.key", bytes, len), ERR_OK);
    assert_int_equal(home_load_authority(&place->home, NULL, NULL, &authority, public_key),
                     ERR_DENIED);
    assert_non_null(strstr(place->home.why, "another kind than 'authority'"));
    assert_null(authority);
    free(bytes);

    assert_int_equal(home_create_node_keys(&place->home, "correct horse", &made), ERR_OK);
    node_keys_destroy(&made);
    assert_int_equal(home_read(&place->home, "keys/node.key", 4096, &bytes, &len), ERR_OK);
    bytes[len - 20] ^= 1;
    assert_int_equal(home_write(&place->home, "keys/node.key", bytes, len), ERR_OK);
    assert_int_equal(home_load_node_keys(&place->home, "correct horse", &made), ERR_DENIED);
    assert_int_equal(home_write(&place->home, "keys/node.key", bytes, 3), ERR_OK);
    assert_int_not_equal(home_load_node_keys(&place->home, NULL, &made), ERR_OK);
    bool needs = false;
    assert_int_equal(home_needs_passphrase(&place->home, &needs), ERR_MALFORMED);
    free(bytes);
}

static void an_authority_lies_where_one_likes(void **state)
{
    struct place *place = *state;
    struct home nowhere = {.path = ""};
    struct signing_key *made = NULL;
    struct signing_key *loaded = NULL;
    uint8_t made_public[SIGN_KEY_LEN];
    uint8_t loaded_public[SIGN_KEY_LEN];
    char path[SCRATCH_PATH_MAX];
    struct stat status;
    bool needs = false;
    scratch_join(path, place->path, "mine.key");
    assert_int_equal(home_create_authority(&nowhere, path, "correct horse", &made, made_public),
                     ERR_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(home_authority_needs_passphrase(&nowhere, path, &needs), ERR_OK);
    assert_true(needs);
    assert_int_equal(home_load_authority(&nowhere, path, "wrong horse", &loaded, loaded_public),
                     ERR_DENIED);
    assert_int_equal(home_load_authority(&nowhere, path, "correct horse", &loaded, loaded_public),
                     ERR_OK);
    assert_memory_equal(made->bytes, loaded->bytes, sizeof made->bytes);
    assert_memory_equal(made_public, loaded_public, SIGN_KEY_LEN);
    signing_key_destroy(&made);
    signing_key_destroy(&loaded);

    // A key that is there is never written over.
    assert_int_equal(home_create_authority(&nowhere, path, NULL, &made, made_public), ERR_STATE);
    assert_null(made);
    assert_int_equal(home_load_authority(&nowhere, path, "correct horse", &loaded, made_public),
                     ERR_OK);
    assert_memory_equal(made_public, loaded_public, SIGN_KEY_LEN);
    signing_key_destroy(&loaded);
    scratch_join(path, place->path, "no/such/folder.key");
    assert_int_equal(home_create_authority(&nowhere, path, NULL, &made, made_public), ERR_IO);
    assert_non_null(strstr(nowhere.why, "folder.key"));
}

static void group_keys_come_back(void **state)
{
    struct place *place = *state;
    struct group_keys *made = sodium_malloc(sizeof *made);
    struct group_keys *loaded = NULL;
    sodium_memzero(made, sizeof *made);
    static const size_t counts[] = {1, 2, GROUP_KEYS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        made->count = counts[i];
        for (size_t k = 0; k < made->count; k++) {
            uint8_t group[TAG_LEN];
            uint8_t secret[SECRET_LEN];
            randombytes_buf(group, sizeof group);
            randombytes_buf(secret, sizeof secret);
            group_key_derive(&made->keys[k], group, secret);
        }
        assert_int_equal(home_save_group_keys(&place->home, NULL, made), ERR_OK);
        assert_int_equal(home_load_group_keys(&place->home, NULL, &loaded), ERR_OK);
        assert_memory_equal(made, loaded, sizeof *made);
        group_keys_destroy(&loaded);
    }
    group_keys_destroy(&made);
}

// Whether every bit of a file that no passphrase protects is noticed when it changes, but for those
// of a transport secret that X25519 ignores: those give the same keys.
static void check_flips(struct place *place, const char *name, bool (*loads_as_before)(void *),
                        void *made)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    size_t harmless = 0;
    assert_int_equal(home_read(&place->home, name, 4096, &bytes, &len), ERR_OK);
    for (size_t i = 0; i < len * 8; i++) {
        bytes[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(home_write(&place->home, name, bytes, len), ERR_OK);
        harmless += loads_as_before(made);
        bytes[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    assert_int_equal(harmless, strcmp(name, HOME_NODE_FILE) == 0 ? 5 : 0);
    free(bytes);
}

struct made_node {
    struct place *place;
    struct node_keys *keys;
};

// False when they are refused; different keys must never be taken.
static bool node_loads(void *context)
{
    struct made_node *made = context;
    struct node_keys *loaded = NULL;
    if (home_load_node_keys(&made->place->home, NULL, &loaded) != ERR_OK) {
        assert_null(loaded);
        return false;
    }
    assert_memory_equal(&loaded->signing, &made->keys->signing, sizeof loaded->signing);
    assert_memory_equal(loaded->transport[0].public_key, made->keys->transport[0].public_key,
                        BOX_KEY_LEN);
    node_keys_destroy(&loaded);
    return true;
}

static bool authority_loads(void *context)
{
    struct place *place = context;
    struct signing_key *loaded = NULL;
    uint8_t public_key[SIGN_KEY_LEN];
    const enum err err = home_load_authority(&place->home, NULL, NULL, &loaded, public_key);
    signing_key_destroy(&loaded);
    return err == ERR_OK;
}

static bool groups_load(void *context)
{
    struct place *place = context;
    struct group_keys *loaded = NULL;
    const enum err err = home_load_group_keys(&place->home, NULL, &loaded);
    group_keys_destroy(&loaded);
    return err == ERR_OK;
}

static void a_flipped_bit_is_noticed_without_a_passphrase(void **state)
{
    struct place *place = *state;
    struct made_node made = {.place = place};
    struct signing_key *authority = NULL;
    uint8_t public_key[SIGN_KEY_LEN];
    struct group_keys groups = {.count = 2};
    const uint8_t group[TAG_LEN] = {1};
    const uint8_t secrets[2][SECRET_LEN] = {{2}, {3}};
    assert_int_equal(home_create_node_keys(&place->home, NULL, &made.keys), ERR_OK);
    check_flips(place, HOME_NODE_FILE, node_loads, &made);
    assert_non_null(strstr(place->home.why, "node.key"));
    node_keys_destroy(&made.keys);

    assert_int_equal(home_create_authority(&place->home, NULL, NULL, &authority, public_key),
                     ERR_OK);
    signing_key_destroy(&authority);
    check_flips(place, HOME_AUTHORITY_FILE, authority_loads, place);

    for (size_t i = 0; i < groups.count; i++) {
        group_key_derive(&groups.keys[i], group, secrets[i]);
    }
    assert_int_equal(home_save_group_keys(&place->home, NULL, &groups), ERR_OK);
    check_flips(place, HOME_GROUPS_FILE, groups_load, place);
}

static void key_files_open_to_others_are_refused(void **state)
{
    struct place *place = *state;
    static const mode_t modes[] = {0640, 0604, 0660, 0622, 0611, 0666};
    struct node_keys *keys = NULL;
    char path[SCRATCH_PATH_MAX];
    bool needs = false;
    assert_int_equal(home_create_node_keys(&place->home, NULL, &keys), ERR_OK);
    node_keys_destroy(&keys);
    scratch_join(path, place->path, HOME_NODE_FILE);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(home_load_node_keys(&place->home, NULL, &keys), ERR_DENIED);
        assert_non_null(strstr(place->home.why, "chmod 600"));
        assert_non_null(strstr(place->home.why, path));
        assert_int_equal(home_needs_passphrase(&place->home, &needs), ERR_DENIED);
    }
    assert_int_equal(chmod(path, 0400), 0); // stricter is fine
    assert_int_equal(home_load_node_keys(&place->home, NULL, &keys), ERR_OK);
    node_keys_destroy(&keys);
}

static void passphrases_come_from_files(void **state)
{
    struct place *place = *state;
    char path[SCRATCH_PATH_MAX];
    char *passphrase = NULL;
    scratch_join(path, place->path, "passphrase");
    (void)setenv("SITREP_PASSPHRASE_FILE", path, 1);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_IO);
    scratch_write(path, "correct horse\nsecond line\n", 0600);
    assert_int_equal(home_ask_passphrase(&place->home, true, &passphrase), ERR_OK);
    assert_string_equal(passphrase, "correct horse");
    passphrase_destroy(&passphrase);

    scratch_write(path, "7 bytes\n", 0600);
    assert_int_equal(home_ask_passphrase(&place->home, true, &passphrase), ERR_STATE);
    assert_non_null(strstr(place->home.why, "at least 8 bytes"));
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_OK);
    passphrase_destroy(&passphrase);

    scratch_write(path, "correct horse", 0640);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_DENIED);
    assert_non_null(strstr(place->home.why, "chmod 600"));
    scratch_write(path, "\n", 0600);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_STATE);
    static char large[4096];
    memset(large, 'a', sizeof large - 1);
    scratch_write(path, large, 0600);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_LIMIT);
    assert_null(passphrase);
    scratch_write(path, "of the node", 0600);
    assert_int_equal(home_ask_authority_passphrase(&place->home, false, &passphrase), ERR_OK);
    assert_string_equal(passphrase, "of the node");
    passphrase_destroy(&passphrase);
    char other[SCRATCH_PATH_MAX];
    scratch_join(other, place->path, "authority-passphrase");
    scratch_write(other, "of the authority", 0600);
    (void)setenv("SITREP_AUTHORITY_PASSPHRASE_FILE", other, 1);
    assert_int_equal(home_ask_authority_passphrase(&place->home, false, &passphrase), ERR_OK);
    assert_string_equal(passphrase, "of the authority");
    passphrase_destroy(&passphrase);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_OK);
    assert_string_equal(passphrase, "of the node");
    passphrase_destroy(&passphrase);
    (void)unsetenv("SITREP_AUTHORITY_PASSPHRASE_FILE");
    (void)unsetenv("SITREP_PASSPHRASE_FILE");

    scratch_write(path, "from the manager", 0440);
    (void)setenv("CREDENTIALS_DIRECTORY", place->path, 1);
    assert_int_equal(home_ask_passphrase(&place->home, false, &passphrase), ERR_OK);
    assert_string_equal(passphrase, "from the manager");
    passphrase_destroy(&passphrase);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

// -- rosters --

struct versions {
    uint8_t *bytes[3];
    size_t len[3];
};

static void fill_request(struct request *request, const char *name)
{
    uint8_t seed[32];
    struct signing_key key;
    memset(request, 0, sizeof *request);
    randombytes_buf(seed, sizeof seed);
    signing_key_from_seed(&key, seed, request->signing);
    (void)crypto_scalarmult_base(request->transport, seed);
    (void)snprintf(request->centre_code, sizeof request->centre_code, "%s", name);
    (void)snprintf(request->node_name, sizeof request->node_name, "%s", name);
    (void)snprintf(request->centre_title, sizeof request->centre_title, "Centre");
    (void)snprintf(request->sync_endpoint, sizeof request->sync_endpoint, "tcp://host:5670");
    (void)snprintf(request->live_endpoint, sizeof request->live_endpoint, "tcp://host:5671");
}

static void make_versions(struct versions *versions)
{
    uint8_t seed[32];
    uint8_t public_key[SIGN_KEY_LEN];
    struct signing_key authority;
    struct request request;
    randombytes_buf(seed, sizeof seed);
    signing_key_from_seed(&authority, seed, public_key);
    fill_request(&request, "node-a");
    const struct roster_founding founding = {"Federation",    "node-a",          "Centre",
                                             "node-a",        "tcp://host:5670", "tcp://host:5671",
                                             request.signing, request.transport, 0};
    assert_int_equal(roster_found(&founding, &authority, &versions->bytes[0], &versions->len[0]),
                     ERR_OK);
    static const char *const names[] = {"node-b", "node-c"};
    for (int i = 0; i < 2; i++) {
        struct roster *current = NULL;
        assert_int_equal(roster_decode(versions->bytes[i], versions->len[i], &current), ERR_OK);
        fill_request(&request, names[i]);
        assert_int_equal(roster_admit(current, &request, &authority, &versions->bytes[i + 1],
                                      &versions->len[i + 1]),
                         ERR_OK);
        roster_destroy(&current);
    }
}

static void free_versions(struct versions *versions)
{
    for (int i = 0; i < 3; i++) {
        free(versions->bytes[i]);
    }
}

static void roster_versions_are_held_in_a_chain(void **state)
{
    struct place *place = *state;
    struct versions versions;
    struct roster *roster = NULL;
    make_versions(&versions);
    assert_int_equal(home_load_roster(&place->home, &roster), ERR_NOT_FOUND);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(home_add_roster(&place->home, versions.bytes[i], versions.len[i], &roster),
                         ERR_OK);
        assert_int_equal(roster->version, i + 1);
        roster_destroy(&roster);
    }
    assert_int_equal(home_add_roster(&place->home, versions.bytes[1], versions.len[1], &roster),
                     ERR_STATE);
    assert_int_equal(home_load_roster(&place->home, &roster), ERR_OK);
    assert_int_equal(roster->version, 3);
    roster_destroy(&roster);
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(home_read_roster(&place->home, 2, &bytes, &len), ERR_OK);
    assert_int_equal(len, versions.len[1]);
    assert_memory_equal(bytes, versions.bytes[1], len);
    free(bytes);

    assert_int_equal(home_remove(&place->home, "roster/2.roster"), ERR_OK);
    assert_int_equal(home_load_roster(&place->home, &roster), ERR_CORRUPT);
    free_versions(&versions);
}

static void a_chain_may_begin_later_and_grow_backwards(void **state)
{
    struct place *place = *state;
    struct versions versions;
    struct roster *roster = NULL;
    make_versions(&versions);
    assert_int_equal(home_add_roster(&place->home, versions.bytes[1], versions.len[1], &roster),
                     ERR_OK);
    roster_destroy(&roster);
    // What a later one names is as sure as that one, and changes nothing.
    assert_int_equal(home_add_roster(&place->home, versions.bytes[0], versions.len[0], &roster),
                     ERR_OK);
    assert_int_equal(roster->version, 2);
    roster_destroy(&roster);
    assert_int_equal(home_add_roster(&place->home, versions.bytes[2], versions.len[2], &roster),
                     ERR_OK);
    roster_destroy(&roster);
    free_versions(&versions);
}

static void foreign_and_damaged_rosters_are_refused(void **state)
{
    struct place *place = *state;
    struct versions ours;
    struct versions theirs;
    struct roster *roster = NULL;
    make_versions(&ours);
    make_versions(&theirs);
    assert_int_equal(home_add_roster(&place->home, ours.bytes[0], ours.len[0], &roster), ERR_OK);
    roster_destroy(&roster);
    assert_int_equal(home_add_roster(&place->home, theirs.bytes[1], theirs.len[1], &roster),
                     ERR_DENIED);
    assert_int_not_equal(home_add_roster(&place->home, ours.bytes[1], ours.len[1] - 1, &roster),
                         ERR_OK);
    ours.bytes[0][ours.len[0] / 2] ^= 1;
    assert_int_equal(home_write(&place->home, "roster/1.roster", ours.bytes[0], ours.len[0]),
                     ERR_OK);
    assert_int_equal(home_load_roster(&place->home, &roster), ERR_CORRUPT);
    assert_int_equal(home_write(&place->home, "roster/1.roster", theirs.bytes[1], theirs.len[1]),
                     ERR_OK);
    assert_int_equal(home_load_roster(&place->home, &roster), ERR_CORRUPT);
    free_versions(&ours);
    free_versions(&theirs);
}

int main(void)
{
    if (sodium_init() < 0) {
        return 1;
    }
#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_HOME(node_keys_come_back),
        IN_A_HOME(a_passphrase_wraps_them),
        IN_A_HOME(a_transport_key_is_added),
        IN_A_HOME(the_next_identity_is_taken_whole),
        IN_A_HOME(a_copy_is_noticed_by_the_next_identity),
        IN_A_HOME(keys_of_another_kind_or_damaged_are_refused),
        IN_A_HOME(an_authority_lies_where_one_likes),
        IN_A_HOME(group_keys_come_back),
        IN_A_HOME(a_flipped_bit_is_noticed_without_a_passphrase),
        IN_A_HOME(key_files_open_to_others_are_refused),
        IN_A_HOME(passphrases_come_from_files),
        IN_A_HOME(roster_versions_are_held_in_a_chain),
        IN_A_HOME(a_chain_may_begin_later_and_grow_backwards),
        IN_A_HOME(foreign_and_damaged_rosters_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
