// SPDX-License-Identifier: EUPL-1.2
// Vectors of requests and invitations.
#include "draft.h"
#include "edit.h"
#include "roundtrip_trust.h"

static void make_request_struct(struct request *request, struct signing_key *key)
{
    uint8_t secret[BOX_KEY_LEN];

    *request = (struct request){.centre_code = "nl-kcr2",
                                .centre_title = "Knooppunt Co\xc3\xb6rdinatie",
                                .node_name = "nl-kcr2-a",
                                .sync_endpoint = "tcp://[2001:db8::1]:7000",
                                .live_endpoint = "tcp://kcr2.example:7001",
                                .time_ms = 1700000000000};
    draft_node_keys(2, key, request->signing, request->transport, secret);
}

static const struct edit request_edits[] = {
    {"centre code in capitals", BYTES("\x87\x67nl-kcr2"), BYTES("\x87\x67NL-KCR2"), ERR_MALFORMED},
    {"no titles", BYTES("\xa1\x63und\x76Knooppunt Co\xc3\xb6rdinatie"), BYTES("\xa0"),
     ERR_MALFORMED},
    {"empty title", BYTES("\x76Knooppunt Co\xc3\xb6rdinatie"), BYTES("\x60"), ERR_MALFORMED},
    {"title that is not UTF-8", BYTES("Co\xc3\xb6r"), BYTES("Co\xc3\xc3r"), ERR_MALFORMED},
    {"title with an escape", BYTES("Knooppunt"), BYTES("Knoop\x1b[2m"), ERR_MALFORMED},
    {"node name of 33", BYTES("\x69nl-kcr2-a"), BYTES("\x78\x21nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"),
     ERR_LIMIT},
    {"node name with a slash", BYTES("nl-kcr2-a"), BYTES("nl-kcr2/a"), ERR_MALFORMED},
    {"no endpoint", BYTES("\x81\x82\x78\x18tcp://[2001:db8::1]:7000\x77tcp://kcr2.example:7001"),
     BYTES("\x80"), ERR_MALFORMED},
    {"port 0", BYTES("\x77tcp://kcr2.example:7001"), BYTES("\x74tcp://kcr2.example:0"),
     ERR_MALFORMED},
    {"source address in an endpoint", BYTES("kcr2.example"), BYTES("k;r2.example"), ERR_MALFORMED},
    {"time above 2^53", BYTES("\x1b\x00\x00\x01\x8b"), BYTES("\x1b\x01\x00\x01\x8b"), ERR_LIMIT},
    {"array of 8", BYTES("\x87\x67nl-kcr2"), BYTES("\x88\x00\x67nl-kcr2"), ERR_MALFORMED},
};

#define EXPIRY BYTES("\x1b\x00\x00\x01\xba\x60\xd3\x38\x00")
static const struct edit expiring_edits[] = {
    {"expiry 0", EXPIRY, BYTES("\x00"), ERR_MALFORMED},
    {"expiry null", EXPIRY, BYTES("\xf6"), ERR_MALFORMED},
    {"expiry above 2^53", EXPIRY, BYTES("\x1b\x00\x20\x00\x00\x00\x00\x00\x01"), ERR_LIMIT},
    {"array of 7 with an expiry", BYTES("\x88\x67nl-kcr2"), BYTES("\x87\x67nl-kcr2"),
     ERR_MALFORMED},
    {"array of 8 without an expiry", EXPIRY, BYTES(""), ERR_MALFORMED},
    {"array of 9", BYTES("\x88\x67nl-kcr2"), BYTES("\x89\x67nl-kcr2"), ERR_MALFORMED},
};

// The COSE object of `payload` signed for `use` by the key.
static void add_refused_object(json_t *file, const char *name, struct span payload,
                               const struct signing_key *key, const char *use, enum err err)
{
    uint8_t signature[SIGNATURE_LEN];
    uint8_t *const whole = malloc(payload.len + 80);

    assert_non_null(whole);
    assert_int_equal(
        cose_sign(key, (struct span){(const uint8_t *)use, strlen(use)}, payload, signature),
        ERR_OK);
    const size_t len = cose_encode(payload, signature, whole, payload.len + 80);
    vectors_add_refused(file, name, whole, len, err);
    free(whole);
}

static json_t *add_request(json_t *file, const char *name, const struct request *request,
                           struct span bytes)
{
    json_t *const json = vectors_add_accepted(file, name, bytes.bytes, bytes.len);
    char words[WORDS_TEXT_MAX];

    edit_set_text(json, "centre", draft_text(request->centre_code));
    edit_set_text(json, "title", draft_text(request->centre_title));
    edit_set_text(json, "node", draft_text(request->node_name));
    edit_set_text(json, "sync", draft_text(request->sync_endpoint));
    edit_set_text(json, "live", draft_text(request->live_endpoint));
    edit_set_hex(json, "signing", request->signing, SIGN_KEY_LEN);
    edit_set_hex(json, "transport", request->transport, BOX_KEY_LEN);
    edit_set_number(json, "time ms", request->time_ms);
    request_words(bytes.bytes, bytes.len, words);
    edit_set_text(json, "words", draft_text(words));
    return json;
}

static void add_edited_requests(json_t *file, struct span payload, const struct signing_key *key,
                                const struct edit *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t edited_len;
        uint8_t *const edited = edit_apply(&edits[i], payload, &edited_len);
        add_refused_object(file, edits[i].name, (struct span){edited, edited_len}, key,
                           "sitrep/request/1", edits[i].err);
        free(edited);
    }
}

static json_t *make_request(void)
{
    json_t *const file = vectors_file("Requests, PROTOCOL.md 6.1 and 6.5.");
    struct request request;
    struct signing_key key;
    uint8_t bytes[REQUEST_MAX];
    uint8_t signature[SIGNATURE_LEN];
    struct span payload;

    make_request_struct(&request, &key);
    size_t len = request_encode(&request, &key, bytes);
    assert_int_equal(cose_decode(bytes, len, &payload, signature), ERR_OK);
    (void)add_request(file, "request", &request, (struct span){bytes, len});
    add_edited_requests(file, payload, &key, request_edits,
                        sizeof request_edits / sizeof *request_edits);
    add_refused_object(file, "signed for another use", payload, &key, "sitrep/invitation/1",
                       ERR_DENIED);
    struct signing_key other;
    uint8_t public_key[SIGN_KEY_LEN];
    draft_authority(1, &other, public_key);
    add_refused_object(file, "signed by another key", payload, &other, "sitrep/request/1",
                       ERR_DENIED);
    vectors_add_splice(file, bytes, len,
                       &(struct vectors_splice){"byte after the end", len, 0, "00", ERR_MALFORMED});

    request.expires_ms = 1900000000000;
    len = request_encode(&request, &key, bytes);
    assert_int_equal(cose_decode(bytes, len, &payload, signature), ERR_OK);
    json_t *const expiring =
        add_request(file, "with an expiry", &request, (struct span){bytes, len});
    edit_set_number(expiring, "expires ms", request.expires_ms);
    add_edited_requests(file, payload, &key, expiring_edits,
                        sizeof expiring_edits / sizeof *expiring_edits);
    return file;
}

struct guests {
    struct draft draft;
    uint8_t signed_roster[DRAFT_MAX];
    uint8_t transport_secret[BOX_KEY_LEN];
    uint8_t transport[BOX_KEY_LEN];
    struct group_key key;
    struct signing_key authority;
    struct invitation invitation;
};

static void guests_init(struct guests *guests)
{
    struct signing_key signing;
    uint8_t random[32];
    uint8_t secret[SECRET_LEN];
    uint8_t group[TAG_LEN];
    struct roster *roster = NULL;

    memset(guests, 0, sizeof *guests);
    draft_init(&guests->draft);
    const size_t len = draft_write(&guests->draft, guests->signed_roster);
    guests->invitation.signed_roster = (struct span){guests->signed_roster, len};
    draft_node_keys(2, &signing, guests->invitation.recipient, guests->transport,
                    guests->transport_secret);
    draft_authority(1, &guests->authority, guests->invitation.authority);
    assert_int_equal(roster_decode(guests->signed_roster, len, &roster), ERR_OK);
    group_all_members(roster->federation, group);
    roster_destroy(&roster);
    memset(secret, 5, sizeof secret);
    group_key_derive(&guests->key, group, secret);
    memset(random, 6, sizeof random);
    assert_int_equal(
        group_key_seal(&guests->key, guests->transport, random, &guests->invitation.keys[0]),
        ERR_OK);
    guests->invitation.keys_count = 1;
}

static void add_refused_invitation(json_t *file, const char *name, const struct guests *guests,
                                   const struct signing_key *key, enum err err)
{
    uint8_t *bytes = NULL;
    size_t len = 0;

    assert_int_equal(invitation_encode(&guests->invitation, key, &bytes, &len), ERR_OK);
    vectors_add_refused(file, name, bytes, len, err);
    free(bytes);
}

static void add_refused_invitations(json_t *file, struct guests *guests)
{
    struct signing_key stranger;
    uint8_t public_key[SIGN_KEY_LEN];
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct span payload;
    uint8_t signature[SIGNATURE_LEN];

    assert_int_equal(invitation_encode(&guests->invitation, &guests->authority, &bytes, &len),
                     ERR_OK);
    assert_int_equal(cose_decode(bytes, len, &payload, signature), ERR_OK);
    draft_authority(9, &stranger, public_key);
    add_refused_object(file, "signed by another than it names", payload, &stranger,
                       "sitrep/invitation/1", ERR_DENIED);
    add_refused_object(file, "signed for another use", payload, &guests->authority,
                       "sitrep/request/1", ERR_DENIED);
    const struct vectors_splice after = {"byte after the end", len, 0, "00", ERR_MALFORMED};
    vectors_add_splice(file, bytes, len, &after);
    free(bytes);

    add_refused_invitation(file, "authority is not of the roster", guests, &stranger, ERR_DENIED);
    memcpy(guests->invitation.recipient, public_key, SIGN_KEY_LEN);
    add_refused_invitation(file, "recipient is not of the roster", guests, &guests->authority,
                           ERR_DENIED);
    guests_init(guests);
    guests->draft.nodes[1].is_revoked = true;
    guests->invitation.signed_roster.len = draft_write(&guests->draft, guests->signed_roster);
    add_refused_invitation(file, "recipient is revoked", guests, &guests->authority, ERR_DENIED);
    guests_init(guests);
    guests->signed_roster[guests->invitation.signed_roster.len - 1] ^= 1;
    add_refused_invitation(file, "roster's signature changed", guests, &guests->authority,
                           ERR_DENIED);
}

static json_t *make_invitation(void)
{
    json_t *const file = vectors_file("Invitations, PROTOCOL.md 6.2 and 6.3.");
    struct guests *const guests = malloc(sizeof *guests);
    uint8_t *bytes = NULL;
    size_t len = 0;

    assert_non_null(guests);
    guests_init(guests);
    assert_int_equal(invitation_encode(&guests->invitation, &guests->authority, &bytes, &len),
                     ERR_OK);
    json_t *const json = vectors_add_accepted(file, "invitation with one key", bytes, len);
    edit_set_hex(json, "recipient", guests->invitation.recipient, SIGN_KEY_LEN);
    edit_set_hex(json, "authority", guests->invitation.authority, SIGN_KEY_LEN);
    edit_set_hex(json, "signed roster", guests->signed_roster,
                 guests->invitation.signed_roster.len);
    edit_set_hex(json, "transport", guests->transport, BOX_KEY_LEN);
    edit_set_hex(json, "transport secret", guests->transport_secret, BOX_KEY_LEN);
    edit_set_hex(json, "group", guests->key.group, TAG_LEN);
    edit_set_hex(json, "key id", guests->key.id, TAG_LEN);
    edit_set_hex(json, "group secret", guests->key.secret, SECRET_LEN);
    edit_set_hex(json, "sealed", guests->invitation.keys[0].sealed, 80);
    free(bytes);
    add_refused_invitations(file, guests);
    free(guests);
    return file;
}

static void check_invitation(const json_t *json)
{
    struct sealed_key sealed;
    struct group_key key;
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];
    uint8_t secret[SECRET_LEN];

    vectors_exact(json, "group", sealed.group, TAG_LEN);
    vectors_exact(json, "key id", sealed.key, TAG_LEN);
    vectors_exact(json, "sealed", sealed.sealed, sizeof sealed.sealed);
    vectors_exact(json, "transport", transport, BOX_KEY_LEN);
    vectors_exact(json, "transport secret", transport_secret, BOX_KEY_LEN);
    vectors_exact(json, "group secret", secret, SECRET_LEN);
    assert_int_equal(group_key_unseal(&sealed, transport, transport_secret, &key), ERR_OK);
    assert_memory_equal(key.secret, secret, SECRET_LEN);
}

static void test_request(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"request", make_request, roundtrip_request, NULL});
}

static void test_invitation(void **state)
{
    (void)state;
    vectors_test(
        &(struct vectors){"invitation", make_invitation, roundtrip_invitation, check_invitation});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_invitation),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
