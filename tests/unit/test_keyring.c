// SPDX-License-Identifier: EUPL-1.2
// What a home and /v1/keys say of keys without their secrets.
#include <jansson.h>

#include "api/api.h"
#include "api/call.h"
#include "fake_desk.h"
#include "home/keyring.h"
#include "unix_http.h"

struct fixture {
    struct desk desk;
    struct api *api;
    char path[SCRATCH_PATH_MAX];
    struct node_keys *keys;
    struct signing_key *authority;
    uint8_t authority_public[SIGN_KEY_LEN];
};

// A home whose keys are those of the first of two nodes, and both versions of its roster.
static void fill_home(struct fixture *fixture)
{
    struct home *home = &fixture->desk.home;
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *first = NULL;
    struct roster *second = NULL;
    struct request request = {.centre_code = "nl-kcr2",
                              .centre_title = "Second centre",
                              .node_name = "nl-kcr2",
                              .sync_endpoint = "tcp://127.0.0.1:7002",
                              .live_endpoint = "tcp://127.0.0.1:7003"};
    assert_int_equal(home_create_node_keys(home, NULL, &fixture->keys), ERR_OK);
    assert_int_equal(
        home_create_authority(home, NULL, NULL, &fixture->authority, fixture->authority_public),
        ERR_OK);
    const struct roster_founding founding = {.name = "Test federation",
                                             .centre_code = "be-nccn",
                                             .centre_title = "Crisis centre",
                                             .node_name = "be-nccn",
                                             .sync_endpoint = "tcp://127.0.0.1:7000",
                                             .live_endpoint = "tcp://127.0.0.1:7001",
                                             .signing = fixture->keys->signing_public,
                                             .transport = fixture->keys->transport[0].public_key,
                                             .keys_expire_ms = 1000};
    assert_int_equal(roster_found(&founding, fixture->authority, &bytes, &len), ERR_OK);
    assert_int_equal(home_add_roster(home, bytes, len, &first), ERR_OK);
    free(bytes);
    memcpy(request.signing, fixture->desk.public_key[1], SIGN_KEY_LEN);
    memcpy(request.transport, fixture->desk.roster->nodes[1].transport, BOX_KEY_LEN);
    assert_int_equal(roster_admit(first, &request, fixture->authority, &bytes, &len), ERR_OK);
    assert_int_equal(home_add_roster(home, bytes, len, &second), ERR_OK);
    free(bytes);
    roster_destroy(&first);
    roster_destroy(&second);
    static struct group_keys groups;
    groups = (struct group_keys){.count = 1, .keys = {fixture->desk.key}};
    assert_int_equal(home_save_group_keys(home, NULL, &groups), ERR_OK);
}

static int setup(void **state)
{
    char why[256];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fake_open(&fixture->desk);
    fill_home(fixture);
    scratch_join(fixture->path, fixture->desk.path, "api.sock");
    assert_int_equal(api_open(&fixture->api, fixture->path, &fixture->desk, why), ERR_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    api_close(&fixture->api);
    node_keys_destroy(&fixture->keys);
    signing_key_destroy(&fixture->authority);
    fake_close(&fixture->desk);
    free(fixture);
    return 0;
}

static json_t *get_keys(struct fixture *fixture)
{
    struct http_reply reply;
    http_get(fixture->path, "/v1/keys", &reply);
    assert_int_equal(reply.status, 200);
    json_t *json = json_loadb(reply.body, reply.body_len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    http_reply_fini(&reply);
    return json;
}

static void check_text(const json_t *object, const char *name, const char *text)
{
    const char *got = json_string_value(json_object_get(object, name));
    if (got == NULL || strcmp(got, text) != 0) {
        fail_msg("%s is %s, not %s", name, got != NULL ? got : "absent", text);
    }
}

static void check_key(const json_t *json, const char *kind, const uint8_t key[static KEY_LEN],
                      int since)
{
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    char hex[2 * KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(key, fingerprint);
    (void)sodium_bin2hex(hex, sizeof hex, fingerprint, sizeof fingerprint);
    check_text(json, "kind", kind);
    check_text(json, "fingerprint", hex);
    assert_int_equal(json_integer_value(json_object_get(json, "since_version")), since);
}

static void a_home_tells_its_keys_and_its_rosters(void **state)
{
    struct fixture *fixture = *state;
    json_t *json = get_keys(fixture);
    const json_t *own = json_object_get(json, "own");
    const json_t *others = json_object_get(json, "others");
    assert_int_equal(json_array_size(own), 4);
    check_key(json_array_get(own, 0), "signing", fixture->keys->signing_public, 1);
    check_key(json_array_get(own, 1), "transport", fixture->keys->transport[0].public_key, 1);
    check_key(json_array_get(own, 2), "authority", fixture->authority_public, 1);
    char hex[2 * TAG_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, fixture->desk.key.id, TAG_LEN);
    check_text(json_array_get(own, 3), "kind", "group");
    check_text(json_array_get(own, 3), "fingerprint", hex);
    (void)sodium_bin2hex(hex, sizeof hex, fixture->desk.key.group, TAG_LEN);
    check_text(json_array_get(own, 3), "group", hex);
    assert_true(json_is_boolean(json_object_get(json_array_get(own, 3), "all_members")));
    for (size_t i = 0; i < 4; i++) {
        check_text(json_array_get(own, i), "kept", "none");
        if (i < 3) {
            check_text(json_array_get(own, i), "expires", "1970-01-01T00:00:01.000Z");
        }
        assert_non_null(json_string_value(json_object_get(json_array_get(own, i), "written")));
    }
    assert_int_equal(json_array_size(others), 2);
    check_key(json_array_get(others, 0), "signing", fixture->desk.public_key[1], 2);
    check_key(json_array_get(others, 1), "transport", fixture->desk.roster->nodes[1].transport, 2);
    check_text(json_array_get(others, 0), "node", "nl-kcr2");
    assert_true(json_is_null(json_object_get(json_array_get(others, 0), "expires")));
    assert_true(json_is_false(json_object_get(json_array_get(others, 0), "revoked")));
    json_decref(json);
}

// Nothing in the answer is a part of a secret, as bytes, hexadecimal or base64.
static void no_secret_is_told(void **state)
{
    struct fixture *fixture = *state;
    const uint8_t *secrets[] = {fixture->keys->signing.bytes, fixture->keys->transport[0].secret,
                                fixture->authority->bytes, fixture->desk.key.secret};
    struct http_reply reply;
    http_get(fixture->path, "/v1/keys", &reply);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        char hex[17];
        char base64[17];
        (void)sodium_bin2hex(hex, sizeof hex, secrets[i], 8);
        (void)sodium_bin2base64(base64, sizeof base64, secrets[i], 9,
                                sodium_base64_VARIANT_ORIGINAL);
        assert_null(memmem(reply.body, reply.body_len, secrets[i], 8));
        assert_null(memmem(reply.body, reply.body_len, hex, 16));
        assert_null(memmem(reply.body, reply.body_len, base64, 10));
    }
    http_reply_fini(&reply);
}

static void what_protects_the_files_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct node_keys *keys = NULL;
    char path[SCRATCH_PATH_MAX];
    assert_int_equal(home_create_node_keys(&fixture->desk.home, "correct horse", &keys), ERR_OK);
    node_keys_destroy(&keys);
    json_t *json = get_keys(fixture);
    const json_t *own = json_object_get(json, "own");
    check_text(json_array_get(own, 0), "kept", "passphrase");
    check_text(json_array_get(own, 1), "kept", "passphrase");
    check_text(json_array_get(own, 2), "kept", "none");
    assert_true(json_is_null(json_object_get(json_array_get(own, 0), "since_version")));
    json_decref(json);

    scratch_join(path, fixture->desk.path, "passphrase");
    scratch_write(path, "correct horse", 0400);
    (void)setenv("CREDENTIALS_DIRECTORY", fixture->desk.path, 1);
    json = get_keys(fixture);
    check_text(json_array_get(json_object_get(json, "own"), 0), "kept", "credential");
    check_text(json_array_get(json_object_get(json, "own"), 2), "kept", "none");
    json_decref(json);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void what_cannot_be_read_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct home *home = &fixture->desk.home;
    struct keyring keyring;
    struct http_reply reply;
    char path[4096];
    assert_int_equal(home_path(home, HOME_GROUPS_FILE, path), ERR_OK);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(keyring_load(home, &keyring), ERR_DENIED);
    assert_non_null(strstr(home->why, "chmod 600"));
    http_get(fixture->path, "/v1/keys", &reply);
    assert_int_equal(reply.status, 403);
    http_reply_fini(&reply);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(home_write(home, HOME_GROUPS_FILE, (const uint8_t *)"no key", 6), ERR_OK);
    assert_int_equal(keyring_load(home, &keyring), ERR_MALFORMED);
    assert_int_equal(home_remove(home, HOME_GROUPS_FILE), ERR_OK);
    assert_int_equal(keyring_load(home, &keyring), ERR_OK); // it has asked, and not joined
    assert_int_equal(keyring.own_count, 3);
    keyring_fini(&keyring);
    assert_int_equal(home_remove(home, HOME_NODE_FILE), ERR_OK);
    assert_int_equal(keyring_load(home, &keyring), ERR_NOT_FOUND);
}

static void a_home_without_a_roster_has_its_own_keys(void **state)
{
    struct fixture *fixture = *state;
    struct home *home = &fixture->desk.home;
    struct keyring keyring;
    assert_int_equal(home_remove(home, "roster/2.roster"), ERR_OK);
    assert_int_equal(home_remove(home, "roster/1.roster"), ERR_OK);
    assert_int_equal(keyring_load(home, &keyring), ERR_OK);
    assert_null(keyring.roster);
    assert_int_equal(keyring.own[0].at, -1);
    keyring_fini(&keyring);
}

int main(void)
{
#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        AT_A_DESK(a_home_tells_its_keys_and_its_rosters),
        AT_A_DESK(no_secret_is_told),
        AT_A_DESK(what_protects_the_files_is_told),
        AT_A_DESK(what_cannot_be_read_is_refused),
        AT_A_DESK(a_home_without_a_roster_has_its_own_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
