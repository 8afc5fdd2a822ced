// SPDX-License-Identifier: EUPL-1.2
// Requests, sealed group keys and invitations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "draft.h"
#include "sitrep/invitation.h"

struct joining {
    struct signing_key authority;
    uint8_t authority_public[SIGN_KEY_LEN];
    struct signing_key signing; // node 2's
    uint8_t transport_secret[BOX_KEY_LEN];
    struct request request;
    struct group_key key;
    struct draft draft;
    uint8_t signed_roster[DRAFT_MAX];
    struct invitation invitation;
};

static struct joining *joining_create(void)
{
    struct joining *joining = calloc(1, sizeof *joining);
    assert_non_null(joining);
    draft_authority(1, &joining->authority, joining->authority_public);
    joining->request = (struct request){.centre_code = "nl-kcr2",
                                        .centre_title = "Knooppunt Co\xc3\xb6rdinatie",
                                        .node_name = "nl-kcr2",
                                        .sync_endpoint = "tcp://kcr2.example:7000",
                                        .live_endpoint = "tcp://kcr2.example:7001",
                                        .time_ms = 1700000000000};
    draft_node_keys(2, &joining->signing, joining->request.signing, joining->request.transport,
                    joining->transport_secret);
    const uint8_t group[TAG_LEN] = {7};
    const uint8_t secret[SECRET_LEN] = {8};
    group_key_derive(&joining->key, group, secret);
    draft_init(&joining->draft);
    joining->invitation.signed_roster =
        (struct span){joining->signed_roster, draft_write(&joining->draft, joining->signed_roster)};
    memcpy(joining->invitation.recipient, joining->request.signing, SIGN_KEY_LEN);
    memcpy(joining->invitation.authority, joining->authority_public, SIGN_KEY_LEN);
    uint8_t random[32] = {9};
    assert_int_equal(group_key_seal(&joining->key, joining->request.transport, random,
                                    &joining->invitation.keys[0]),
                     ERR_OK);
    assert_true(sodium_is_zero(random, sizeof random));
    joining->invitation.keys_count = 1;
    return joining;
}

static void test_request_comes_back(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    uint8_t bytes[REQUEST_MAX];
    struct request read;
    const size_t len = request_encode(&joining->request, &joining->signing, bytes);
    assert_true(len > 0);
    assert_int_equal(request_decode(bytes, len, &read), ERR_OK);
    assert_memory_equal(&read, &joining->request, sizeof read);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 1;
        assert_int_not_equal(request_decode(bytes, len, &read), ERR_OK);
        bytes[i] ^= 1;
        assert_int_not_equal(request_decode(bytes, i, &read), ERR_OK);
    }
    free(joining);
}

static void test_longest_request(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    struct request *request = &joining->request;
    memset(request->centre_code, 'c', NAME_MAX_LEN);
    memset(request->node_name, 'n', NAME_MAX_LEN);
    memset(request->centre_title, 't', TITLE_MAX_LEN);
    memset(request->sync_endpoint, 'h', ENDPOINT_MAX_LEN);
    memcpy(request->sync_endpoint, "tcp://", 6);
    memcpy(request->sync_endpoint + ENDPOINT_MAX_LEN - 6, ":65535", 7);
    memcpy(request->live_endpoint, request->sync_endpoint, ENDPOINT_MAX_LEN + 1);
    request->time_ms = SEQ_MAX;
    uint8_t bytes[REQUEST_MAX];
    struct request read;
    const size_t len = request_encode(request, &joining->signing, bytes);
    assert_true(len > 0);
    assert_int_equal(request_decode(bytes, len, &read), ERR_OK);
    assert_memory_equal(&read, request, sizeof read);
    free(joining);
}

static void test_request_is_not_written_against_the_rules(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    const struct request good = joining->request;
    uint8_t bytes[REQUEST_MAX];

    joining->request.centre_code[0] = 'N';
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    joining->request.node_name[0] = '\0';
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    joining->request.centre_title[0] = '\0';
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    joining->request.live_endpoint[0] = 'u';
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    joining->request.time_ms = SEQ_MAX + 1;
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    memset(joining->request.transport, 0, BOX_KEY_LEN);
    assert_int_equal(request_encode(&joining->request, &joining->signing, bytes), 0);
    joining->request = good;
    assert_int_equal(request_encode(&joining->request, &joining->authority, bytes), 0);
    free(joining);
}

// The box is libsodium's own: crypto_box_seal_open opens it, and crypto_box_seal's opens here.
static void test_sealed_key_is_a_sealed_box(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    const struct sealed_key *sealed = &joining->invitation.keys[0];
    uint8_t secret[SECRET_LEN];
    assert_int_equal(crypto_box_seal_open(secret, sealed->sealed, sizeof sealed->sealed,
                                          joining->request.transport, joining->transport_secret),
                     0);
    assert_memory_equal(secret, joining->key.secret, SECRET_LEN);

    struct sealed_key theirs = *sealed;
    struct group_key key;
    crypto_box_seal(theirs.sealed, joining->key.secret, SECRET_LEN, joining->request.transport);
    assert_int_equal(
        group_key_unseal(&theirs, joining->request.transport, joining->transport_secret, &key),
        ERR_OK);
    assert_memory_equal(&key, &joining->key, sizeof key);
    free(joining);
}

static void test_sealed_key_is_refused(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    struct sealed_key sealed = joining->invitation.keys[0];
    struct group_key key;
    for (size_t i = 0; i < sizeof sealed.sealed; i++) {
        sealed.sealed[i] ^= 1;
        assert_int_equal(
            group_key_unseal(&sealed, joining->request.transport, joining->transport_secret, &key),
            ERR_DENIED);
        sealed.sealed[i] ^= 1;
    }
    sealed.sealed[BOX_KEY_LEN - 1] ^= 0x80; // the same point, but another nonce
    assert_int_equal(
        group_key_unseal(&sealed, joining->request.transport, joining->transport_secret, &key),
        ERR_DENIED);
    sealed.sealed[BOX_KEY_LEN - 1] ^= 0x80;
    sealed.group[0] ^= 1; // the secret of another group's key
    assert_int_equal(
        group_key_unseal(&sealed, joining->request.transport, joining->transport_secret, &key),
        ERR_DENIED);
    assert_true(sodium_is_zero((uint8_t *)&key, sizeof key));
    sealed.group[0] ^= 1;
    sealed.key[7] ^= 1;
    assert_int_equal(
        group_key_unseal(&sealed, joining->request.transport, joining->transport_secret, &key),
        ERR_DENIED);

    uint8_t random[32] = {1};
    const uint8_t weak[BOX_KEY_LEN] = {1};
    assert_int_equal(group_key_seal(&joining->key, weak, random, &sealed), ERR_DENIED);
    assert_true(sodium_is_zero(sealed.sealed, sizeof sealed.sealed));
    free(joining);
}

static enum err encode_and_decode(struct joining *joining, const struct signing_key *authority)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct invitation read;
    enum err err = invitation_encode(&joining->invitation, authority, &bytes, &len);
    if (!err) {
        err = invitation_decode(bytes, len, &read);
    }
    free(bytes);
    return err;
}

static void test_invitation_comes_back(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct invitation read;
    assert_int_equal(invitation_encode(&joining->invitation, &joining->authority, &bytes, &len),
                     ERR_OK);
    assert_int_equal(invitation_decode(bytes, len, &read), ERR_OK);
    assert_memory_equal(read.recipient, joining->request.signing, SIGN_KEY_LEN);
    assert_memory_equal(read.authority, joining->authority_public, SIGN_KEY_LEN);
    assert_int_equal(read.keys_count, 1);
    assert_memory_equal(&read.keys[0], &joining->invitation.keys[0], sizeof read.keys[0]);
    assert_int_equal(read.signed_roster.len, joining->invitation.signed_roster.len);
    assert_memory_equal(read.signed_roster.bytes, joining->signed_roster, read.signed_roster.len);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 1;
        assert_int_not_equal(invitation_decode(bytes, len, &read), ERR_OK);
        bytes[i] ^= 1;
        assert_int_not_equal(invitation_decode(bytes, i, &read), ERR_OK);
    }
    free(bytes);
    free(joining);
}

static void test_who_may_invite_whom(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    struct signing_key stranger;
    uint8_t stranger_public[SIGN_KEY_LEN];
    draft_authority(9, &stranger, stranger_public);
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_OK);
    assert_int_equal(encode_and_decode(joining, &stranger), ERR_DENIED);

    memcpy(joining->invitation.recipient, stranger_public, SIGN_KEY_LEN);
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_DENIED);
    memcpy(joining->invitation.recipient, joining->request.signing, SIGN_KEY_LEN);

    joining->signed_roster[joining->invitation.signed_roster.len - 1] ^= 1;
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_DENIED);
    joining->invitation.signed_roster.len--;
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_MALFORMED);

    joining->draft.nodes[1].is_revoked = true;
    joining->invitation.signed_roster.len = draft_write(&joining->draft, joining->signed_roster);
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_DENIED);
    free(joining);
}

static void test_number_of_keys(void **state)
{
    (void)state;
    struct joining *joining = joining_create();
    joining->invitation.keys_count = 0;
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_OK);
    joining->invitation.keys_count = INVITATION_KEYS_MAX;
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_OK);
    joining->invitation.keys_count = INVITATION_KEYS_MAX + 1;
    assert_int_equal(encode_and_decode(joining, &joining->authority), ERR_LIMIT);
    free(joining);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_comes_back),
        cmocka_unit_test(test_longest_request),
        cmocka_unit_test(test_request_is_not_written_against_the_rules),
        cmocka_unit_test(test_sealed_key_is_a_sealed_box),
        cmocka_unit_test(test_sealed_key_is_refused),
        cmocka_unit_test(test_invitation_comes_back),
        cmocka_unit_test(test_who_may_invite_whom),
        cmocka_unit_test(test_number_of_keys),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
