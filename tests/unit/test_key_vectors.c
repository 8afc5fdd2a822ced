// SPDX-License-Identifier: EUPL-1.2
// Vectors of the messages that bring group keys. tests/vectors.h says how the file is written anew.
#include "edit.h"
#include "roundtrip_trust.h"
#include "vectors.h"

enum { REQUESTER = 7, KEY_MESSAGE_MAX = 128 };

// Sealed with fixed bytes in the place of random ones.
static void seal(const struct group_key *key, const uint8_t transport[static BOX_KEY_LEN],
                 struct sealed_key *sealed)
{
    uint8_t random[32];
    memset(random, 4, sizeof random);
    assert_int_equal(group_key_seal(key, transport, random, sealed), ERR_OK);
}

static size_t put_key(const struct sealed_key *sealed, uint8_t out[static KEY_MESSAGE_MAX])
{
    const struct message_key message = {.requester = REQUESTER, .sealed = *sealed};
    struct cbor_writer writer;
    cbor_write(&writer, out, KEY_MESSAGE_MAX);
    message_put_key(&writer, &message);
    return cbor_written(&writer);
}

static json_t *make_context(void)
{
    json_t *const context = json_object();
    struct group_key key;
    uint8_t hash[DIGEST_LEN];
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];

    roundtrip_wanted(&key, transport, transport_secret);
    group_key_hash(key.group, key.secret, hash);
    edit_set_hex(context, "group", key.group, TAG_LEN);
    edit_set_hex(context, "group secret", key.secret, SECRET_LEN);
    edit_set_hex(context, "key", hash, DIGEST_LEN);
    edit_set_hex(context, "transport", transport, BOX_KEY_LEN);
    edit_set_hex(context, "transport secret", transport_secret, BOX_KEY_LEN);
    return context;
}

// Messages that are sound as such, and bring no key, or another.
static void add_denied(json_t *file, const struct group_key *key,
                       const uint8_t transport[static BOX_KEY_LEN])
{
    struct group_key other = *key;
    struct sealed_key sealed;
    uint8_t bytes[KEY_MESSAGE_MAX];
    uint8_t another_transport[BOX_KEY_LEN];
    uint8_t secret[SECRET_LEN] = {9};
    uint8_t seed[crypto_box_SEEDBYTES] = {9};

    crypto_box_seed_keypair(another_transport, secret, seed);
    seal(key, another_transport, &sealed);
    vectors_add_refused(file, "sealed to another node", bytes, put_key(&sealed, bytes), ERR_DENIED);
    seal(key, transport, &sealed);
    sealed.sealed[79] ^= 1;
    vectors_add_refused(file, "changed on its way", bytes, put_key(&sealed, bytes), ERR_DENIED);
    seal(key, transport, &sealed);
    sealed.group[0] ^= 1;
    vectors_add_refused(file, "for another group", bytes, put_key(&sealed, bytes), ERR_DENIED);
    seal(key, transport, &sealed);
    sealed.key[7] ^= 1;
    vectors_add_refused(file, "for another key id", bytes, put_key(&sealed, bytes), ERR_DENIED);
    other.secret[31] ^= 1;
    seal(&other, transport, &sealed);
    vectors_add_refused(file, "another secret under the key id", bytes, put_key(&sealed, bytes),
                        ERR_DENIED);
    group_key_derive(&other, key->group, secret);
    seal(&other, transport, &sealed);
    vectors_add_refused(file, "another key of the group", bytes, put_key(&sealed, bytes),
                        ERR_DENIED);
}

static json_t *make_key(void)
{
    json_t *const file =
        vectors_file("Key messages, PROTOCOL.md 8.11, opened with the context's transport secret "
                     "and held against its key.");
    struct message_key_want want = {.requester = REQUESTER, .hops = KEY_HOPS_MAX};
    struct group_key key;
    struct sealed_key sealed;
    struct cbor_writer writer;
    uint8_t bytes[KEY_MESSAGE_MAX];
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];

    json_object_set_new(file, "context", make_context());
    roundtrip_wanted(&key, transport, transport_secret);
    memcpy(want.group, key.group, TAG_LEN);
    memcpy(want.key, key.id, TAG_LEN);
    cbor_write(&writer, bytes, sizeof bytes);
    message_put_key_want(&writer, &want);
    const size_t want_len = cbor_written(&writer);
    json_t *json = vectors_add_accepted(file, "question", bytes, want_len);
    edit_set_number(json, "requester", REQUESTER);
    edit_set_number(json, "hops", want.hops);
    vectors_add_splice(file, bytes, want_len,
                       &(struct vectors_splice){"nine hops", want_len - 1, 1, "09", ERR_LIMIT});
    seal(&key, transport, &sealed);
    const size_t key_len = put_key(&sealed, bytes);
    json = vectors_add_accepted(file, "answer", bytes, key_len);
    edit_set_number(json, "requester", REQUESTER);
    vectors_add_splice(
        file, bytes, key_len,
        &(struct vectors_splice){"last byte missing", key_len - 1, 1, "", ERR_MALFORMED});
    add_denied(file, &key, transport);
    return file;
}

static void test_key(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"key", make_key, roundtrip_key_message, NULL});
}

// Who passes an answer on has the sealed key and cannot open it.
static void test_only_the_requester_opens_it(void **state)
{
    (void)state;
    struct group_key key;
    struct group_key opened;
    struct sealed_key sealed;
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];
    uint8_t relay[BOX_KEY_LEN];
    uint8_t relay_secret[BOX_KEY_LEN];
    const uint8_t seed[crypto_box_SEEDBYTES] = {8};

    roundtrip_wanted(&key, transport, transport_secret);
    crypto_box_seed_keypair(relay, relay_secret, seed);
    seal(&key, transport, &sealed);
    assert_int_equal(group_key_unseal(&sealed, relay, relay_secret, &opened), ERR_DENIED);
    assert_int_equal(group_key_unseal(&sealed, transport, relay_secret, &opened), ERR_DENIED);
    assert_int_equal(group_key_unseal(&sealed, transport, transport_secret, &opened), ERR_OK);
    assert_memory_equal(opened.secret, key.secret, SECRET_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_only_the_requester_opens_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
