// SPDX-License-Identifier: EUPL-1.2
// The answer to a request: the roster, and group keys sealed to the recipient [6.2, 6.3].
#include "sitrep/invitation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/roster.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

static const uint8_t use[] = {'s', 'i', 't', 'r', 'e', 'p', '/', 'i', 'n', 'v',
                              'i', 't', 'a', 't', 'i', 'o', 'n', '/', '1'}; // [2.3]

enum {
    SEALED_KEY_LEN = crypto_box_SEALBYTES + SECRET_LEN,
    KEY_ITEM_MAX = 1 + 9 + 9 + 82,
    // Bytes besides the roster: heads, two keys, the sealed keys.
    PAYLOAD_EXTRA = 1 + 5 + 34 + 34 + 2 + INVITATION_KEYS_MAX * KEY_ITEM_MAX,
    COSE_EXTRA = 80,
    INVITATION_MAX = SIGNED_ROSTER_MAX + PAYLOAD_EXTRA + COSE_EXTRA,
};

static_assert(SEALED_KEY_LEN == sizeof(((struct sealed_key *)0)->sealed), "6.3");

// BLAKE2b-192(ephemeral | recipient), as libsodium's sealed box has it [6.3].
static void seal_nonce(uint8_t nonce[static crypto_box_NONCEBYTES],
                       const uint8_t ephemeral[static BOX_KEY_LEN],
                       const uint8_t recipient[static BOX_KEY_LEN])
{
    uint8_t both[2 * BOX_KEY_LEN];
    memcpy(both, ephemeral, BOX_KEY_LEN);
    memcpy(both + BOX_KEY_LEN, recipient, BOX_KEY_LEN);
    crypto_generichash_blake2b(nonce, crypto_box_NONCEBYTES, both, sizeof both, NULL, 0);
}

enum err group_key_seal(const struct group_key *key, const uint8_t transport[static BOX_KEY_LEN],
                        uint8_t random[static 32], struct sealed_key *out)
{
    assert(key && out);
    uint8_t ephemeral_secret[crypto_box_SECRETKEYBYTES];
    uint8_t nonce[crypto_box_NONCEBYTES];
    crypto_box_seed_keypair(out->sealed, ephemeral_secret, random);
    sodium_memzero(random, 32);
    seal_nonce(nonce, out->sealed, transport);
    const int failed = crypto_box_easy(out->sealed + BOX_KEY_LEN, key->secret, SECRET_LEN, nonce,
                                       transport, ephemeral_secret);
    sodium_memzero(ephemeral_secret, sizeof ephemeral_secret);
    if (failed) {
        sodium_memzero(out, sizeof *out);
        return ERR_DENIED;
    }
    memcpy(out->group, key->group, TAG_LEN);
    memcpy(out->key, key->id, TAG_LEN);
    return ERR_OK;
}

enum err group_key_unseal(const struct sealed_key *sealed,
                          const uint8_t transport[static BOX_KEY_LEN],
                          const uint8_t transport_secret[static BOX_KEY_LEN], struct group_key *key)
{
    assert(sealed && key);
    uint8_t secret[SECRET_LEN];
    if (crypto_box_seal_open(secret, sealed->sealed, sizeof sealed->sealed, transport,
                             transport_secret)) {
        return ERR_DENIED;
    }
    group_key_derive(key, sealed->group, secret);
    sodium_memzero(secret, sizeof secret);
    if (memcmp(key->id, sealed->key, TAG_LEN) != 0) {
        sodium_memzero(key, sizeof *key);
        return ERR_DENIED; // [4.8]
    }
    return ERR_OK;
}

static size_t put_payload(const struct invitation *invitation, const uint8_t *authority,
                          uint8_t *out, size_t size)
{
    struct cbor_writer writer;
    cbor_write(&writer, out, size);
    cbor_put_array(&writer, 4);
    cbor_put_bytes(&writer, invitation->signed_roster.bytes, invitation->signed_roster.len);
    cbor_put_bytes(&writer, invitation->recipient, SIGN_KEY_LEN);
    cbor_put_bytes(&writer, authority, SIGN_KEY_LEN);
    cbor_put_array(&writer, invitation->keys_count);
    for (size_t i = 0; i < invitation->keys_count; i++) {
        const struct sealed_key *key = &invitation->keys[i];
        cbor_put_array(&writer, 3);
        cbor_put_bytes(&writer, key->group, TAG_LEN);
        cbor_put_bytes(&writer, key->key, TAG_LEN);
        cbor_put_bytes(&writer, key->sealed, sizeof key->sealed);
    }
    return cbor_written(&writer);
}

enum err invitation_encode(const struct invitation *invitation, const struct signing_key *authority,
                           uint8_t **out, size_t *out_len)
{
    assert(invitation && authority && out && out_len);
    if (invitation->keys_count > INVITATION_KEYS_MAX ||
        invitation->signed_roster.len > SIGNED_ROSTER_MAX) {
        return ERR_LIMIT;
    }
    const size_t size = invitation->signed_roster.len + PAYLOAD_EXTRA;
    uint8_t *payload = malloc(size);
    uint8_t *made = malloc(size + COSE_EXTRA);
    enum err err = ERR_NO_SPACE;
    if (!payload || !made) {
        goto out;
    }
    const size_t payload_len =
        put_payload(invitation, authority->bytes + SIGN_KEY_LEN, payload, size);
    assert(payload_len > 0);
    const struct span written = {payload, payload_len};
    uint8_t signature[SIGNATURE_LEN];
    err = cose_sign(authority, (struct span){use, sizeof use}, written, signature);
    if (err) {
        goto out;
    }
    *out_len = cose_encode(written, signature, made, size + COSE_EXTRA);
    assert(*out_len > 0);
    *out = made;
    made = NULL;
out:
    free(payload);
    free(made);
    return err;
}

static enum err read_payload(struct span payload, struct invitation *invitation)
{
    struct cbor_reader reader;
    cbor_read(&reader, payload.bytes, payload.len);
    cbor_get_array_of(&reader, 4);
    invitation->signed_roster = cbor_get_bytes(&reader);
    cbor_get_exact(&reader, invitation->recipient, SIGN_KEY_LEN);
    cbor_get_exact(&reader, invitation->authority, SIGN_KEY_LEN);
    const size_t count = cbor_get_array(&reader);
    if (count > INVITATION_KEYS_MAX) {
        cbor_fail(&reader, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && !reader.err; i++) {
        struct sealed_key *key = &invitation->keys[i];
        cbor_get_array_of(&reader, 3);
        cbor_get_exact(&reader, key->group, TAG_LEN);
        cbor_get_exact(&reader, key->key, TAG_LEN);
        cbor_get_exact(&reader, key->sealed, sizeof key->sealed);
        invitation->keys_count++;
    }
    return cbor_finish(&reader);
}

// Who invites must be able to, and who is invited must be in.
static enum err check_roster(const struct invitation *invitation)
{
    struct roster *roster = NULL;
    enum err err =
        roster_decode(invitation->signed_roster.bytes, invitation->signed_roster.len, &roster);
    if (err) {
        return err;
    }
    const int32_t recipient = roster_find_signing(roster, invitation->recipient);
    if (!roster_has_authority(roster, invitation->authority) || recipient < 0 ||
        roster->nodes[recipient].is_revoked) {
        err = ERR_DENIED;
    }
    roster_destroy(&roster);
    return err;
}

enum err invitation_decode(const uint8_t *bytes, size_t len, struct invitation *invitation)
{
    assert(invitation);
    if (len > INVITATION_MAX) {
        return ERR_LIMIT;
    }
    struct span payload;
    uint8_t signature[SIGNATURE_LEN];
    enum err err = cose_decode(bytes, len, &payload, signature);
    if (err) {
        return err;
    }
    struct invitation read = {0};
    err = read_payload(payload, &read);
    if (err) {
        return err;
    }
    err = cose_verify(read.authority, (struct span){use, sizeof use}, payload, signature);
    if (err) {
        return err;
    }
    err = check_roster(&read);
    if (err) {
        return err;
    }
    *invitation = read;
    return ERR_OK;
}
