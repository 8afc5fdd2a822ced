// SPDX-License-Identifier: EUPL-1.2
// roundtrip.h for what trust/ decodes: what is accepted encodes to the same bytes [1.5]. Where
// bytes are signed, a second way in signs them first, or a fuzzer would never get past that.
#ifndef TESTS_ROUNDTRIP_TRUST_H
#define TESTS_ROUNDTRIP_TRUST_H

#include <sodium.h>

#include "roundtrip.h"
#include "sealing.h"
#include "sitrep/fork_proof.h"
#include "sitrep/group.h"
#include "sitrep/invitation.h"
#include "sitrep/keyfile.h"
#include "sitrep/release.h"
#include "sitrep/roster.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

static inline enum err roundtrip_roster(const uint8_t *bytes, size_t len)
{
    struct roster *roster = NULL;
    const enum err err = roster_decode(bytes, len, &roster);

    if (err != ERR_OK) {
        roundtrip_demand(roster == NULL);
        return err;
    }
    uint8_t *const again = malloc(len);
    struct cbor_writer writer;
    roundtrip_demand(again != NULL);
    cbor_write(&writer, again, len);
    roster_document_put(&writer, roster);
    roundtrip_compare(roster->document.bytes, roster->document.len, again, cbor_written(&writer));
    cbor_write(&writer, again, len);
    signed_roster_put(&writer, roster->document, roster->signatures, roster->signatures_count);
    roundtrip_compare(bytes, len, again, cbor_written(&writer));
    for (size_t i = 0; i < roster->nodes_count; i++) {
        const struct roster_node *const node = &roster->nodes[i];
        roundtrip_demand(roster_find_signing(roster, node->signing) == (int32_t)i);
        roundtrip_demand(roster_find_transport(roster, node->transport) == (int32_t)i);
    }
    free(again);
    roster_destroy(&roster);
    return ERR_OK;
}

static inline void roundtrip_key(uint8_t seed_byte, struct signing_key *key)
{
    uint8_t seed[SIGN_KEY_LEN];
    uint8_t public_key[SIGN_KEY_LEN];

    memset(seed, seed_byte, sizeof seed);
    signing_key_from_seed(key, seed, public_key);
}

// Signs the document in `bytes`, or `bytes` themselves, as authority 1 and decodes that.
static inline enum err roundtrip_roster_signed(const uint8_t *bytes, size_t len)
{
    struct cbor_reader reader;
    struct cbor_writer writer;
    struct signing_key key;
    uint8_t signature[SIGNATURE_LEN];

    cbor_read(&reader, bytes, len);
    cbor_get_array_of(&reader, 2);
    struct span document = cbor_get_bytes(&reader);
    if (reader.err != ERR_OK) {
        document = (struct span){bytes, len};
    }
    roundtrip_key(1, &key);
    roundtrip_demand(roster_sign(&key, document, signature) == ERR_OK);
    uint8_t *const whole = malloc(document.len + 160);
    roundtrip_demand(whole != NULL);
    cbor_write(&writer, whole, document.len + 160);
    const struct roster_signature signed_by = {key.bytes + SIGN_KEY_LEN, signature};
    signed_roster_put(&writer, document, &signed_by, 1);
    const enum err err = roundtrip_roster(whole, cbor_written(&writer));
    free(whole);
    return err;
}

// The COSE object of the payload in `bytes`, or of `bytes` themselves, signed by the key of
// `seed_byte` for `use`. The caller frees it.
static inline uint8_t *roundtrip_sign(const uint8_t *bytes, size_t *len, uint8_t seed_byte,
                                      const char *use)
{
    struct span payload;
    struct signing_key key;
    uint8_t signature[SIGNATURE_LEN];

    if (cose_decode(bytes, *len, &payload, signature) != ERR_OK) {
        payload = (struct span){bytes, *len};
    }
    roundtrip_key(seed_byte, &key);
    const struct span aad = {(const uint8_t *)use, strlen(use)};
    roundtrip_demand(cose_sign(&key, aad, payload, signature) == ERR_OK);
    uint8_t *const whole = malloc(payload.len + 80);
    roundtrip_demand(whole != NULL);
    *len = cose_encode(payload, signature, whole, payload.len + 80);
    return whole;
}

// Compared in full only where node 2 signed, whose key is at hand.
static inline enum err roundtrip_request(const uint8_t *bytes, size_t len)
{
    struct request request;
    struct signing_key key;
    uint8_t again[REQUEST_MAX];
    char words[WORDS_TEXT_MAX];
    const enum err err = request_decode(bytes, len, &request);

    request_words(bytes, len, words);
    roundtrip_demand(strlen(words) < WORDS_TEXT_MAX);
    if (err != ERR_OK) {
        return err;
    }
    roundtrip_key(102, &key);
    if (memcmp(key.bytes + SIGN_KEY_LEN, request.signing, SIGN_KEY_LEN) == 0) {
        roundtrip_compare(bytes, len, again, request_encode(&request, &key, again));
    }
    return ERR_OK;
}

static inline enum err roundtrip_request_signed(const uint8_t *bytes, size_t len)
{
    uint8_t *const whole = roundtrip_sign(bytes, &len, 102, "sitrep/request/1");
    const enum err err = roundtrip_request(whole, len);

    free(whole);
    return err;
}

static inline enum err roundtrip_invitation(const uint8_t *bytes, size_t len)
{
    static struct invitation invitation;
    struct signing_key key;
    uint8_t *again = NULL;
    size_t again_len = 0;
    const enum err err = invitation_decode(bytes, len, &invitation);

    roundtrip_key(1, &key);
    if (err == ERR_OK &&
        memcmp(key.bytes + SIGN_KEY_LEN, invitation.authority, SIGN_KEY_LEN) == 0) {
        roundtrip_demand(invitation_encode(&invitation, &key, &again, &again_len) == ERR_OK);
        roundtrip_compare(bytes, len, again, again_len);
        free(again);
    }
    return err;
}

static inline enum err roundtrip_invitation_signed(const uint8_t *bytes, size_t len)
{
    uint8_t *const whole = roundtrip_sign(bytes, &len, 1, "sitrep/invitation/1");
    const enum err err = roundtrip_invitation(whole, len);

    free(whole);
    return err;
}

// Armour forgives how lines are broken, so only the bytes inside come back the same.
static inline enum err roundtrip_armour(const uint8_t *bytes, size_t len)
{
    uint8_t *inside = NULL;
    uint8_t *again = NULL;
    size_t inside_len = 0;
    size_t again_len = 0;
    char *text = NULL;
    const enum err err = armour_decode("REQUEST", (const char *)bytes, len, &inside, &inside_len);

    if (err != ERR_OK) {
        return err;
    }
    roundtrip_demand(armour_encode("REQUEST", inside, inside_len, &text) == ERR_OK);
    roundtrip_demand(armour_decode("REQUEST", text, strlen(text), &again, &again_len) == ERR_OK);
    roundtrip_compare(inside, inside_len, again, again_len);
    free(inside);
    free(again);
    free(text);
    return ERR_OK;
}

static inline enum err roundtrip_body(const uint8_t *bytes, size_t len)
{
    struct span kind;
    struct span value;
    const enum err err = body_check((struct span){bytes, len}, &kind);
    const enum err found = body_find((struct span){bytes, len}, "kind", &value);

    if (err == ERR_OK) {
        roundtrip_demand(found == ERR_OK);
        roundtrip_demand(value.bytes + value.len == kind.bytes + kind.len);
    }
    return err;
}

static inline enum err roundtrip_fork(const uint8_t *bytes, size_t len)
{
    static struct fork_proof proof;
    static uint8_t again[FORK_PROOF_MAX];
    const enum err err = fork_proof_decode(bytes, len, &proof);

    if (err == ERR_OK) {
        roundtrip_compare(bytes, len, again, fork_proof_encode(&proof, again));
    }
    return err;
}

static inline enum err roundtrip_group(const uint8_t *bytes, size_t len)
{
    static uint8_t again[GROUP_BODY_MAX];
    struct group_body body;
    struct span kind;
    const enum err err = group_body_decode((struct span){bytes, len}, &body);

    if (err == ERR_OK) {
        roundtrip_demand(body_check((struct span){bytes, len}, &kind) == ERR_OK);
        roundtrip_compare(bytes, len, again, group_body_encode(&body, again, sizeof again));
    }
    return err;
}

// What key messages in vectors and fuzz inputs are for: the key of all bytes 1 of the group of all
// bytes 2, for a node whose transport seed is of all bytes 3.
static inline void roundtrip_wanted(struct group_key *key, uint8_t transport[static BOX_KEY_LEN],
                                    uint8_t transport_secret[static BOX_KEY_LEN])
{
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];
    uint8_t seed[crypto_box_SEEDBYTES];

    memset(secret, 1, sizeof secret);
    memset(group, 2, sizeof group);
    memset(seed, 3, sizeof seed);
    group_key_derive(key, group, secret);
    crypto_box_seed_keypair(transport, transport_secret, seed);
}

// A question or an answer of 8.11; an answer is opened and held against the key that was wanted.
static inline enum err roundtrip_key_message(const uint8_t *bytes, size_t len)
{
    struct message_reader reader;
    struct message_key message;
    struct group_key wanted;
    struct group_key opened;
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];
    enum err err = roundtrip_message(bytes, len);

    if (err != ERR_OK) {
        return err;
    }
    message_read(&reader, (struct span){bytes, len});
    if (reader.type != MESSAGE_KEY) {
        return reader.type == MESSAGE_KEY_WANT ? ERR_OK : ERR_NOT_FOUND;
    }
    message_get_key(&reader, &message);
    roundtrip_wanted(&wanted, transport, transport_secret);
    err = group_key_unseal(&message.sealed, transport, transport_secret, &opened);
    if (err == ERR_OK && memcmp(&opened, &wanted, sizeof opened) != 0) {
        err = ERR_DENIED;
    }
    return err;
}

enum { RELEASED = 2, RELEASED_CONTENT = 13 };

// Entries of node 1, signing seed of all bytes 102, that vectors and fuzz inputs may release: the
// second follows eight later in another epoch, under the same group key and salt.
struct released {
    uint8_t space[ID_LEN];
    uint8_t keys[2][SIGN_KEY_LEN];
    struct roster_node nodes[2];
    struct roster roster;
    struct group_key group_key;
    struct header headers[RELEASED];
    uint8_t ids[RELEASED][ID_LEN];
    uint8_t sealed[RELEASED][128];
    struct release_entry entries[RELEASED];
};

static inline void roundtrip_released(struct released *released)
{
    static const uint8_t plain[1 + RELEASED_CONTENT] = "\0\xa1\x64kind\x66notice";
    const uint8_t salt[SALT_LEN] = {4};
    uint8_t bytes[HEADER_MAX];
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];
    struct signing_key key;

    *released = (struct released){.roster = {.nodes = released->nodes, .nodes_count = 2}};
    memset(released->space, 5, ID_LEN);
    roundtrip_wanted(&released->group_key, transport, transport_secret);
    for (size_t i = 0; i < 2; i++) {
        roundtrip_key((uint8_t)(101 + i), &key);
        memcpy(released->keys[i], key.bytes + SIGN_KEY_LEN, SIGN_KEY_LEN);
        released->nodes[i].signing = released->keys[i];
    }
    for (size_t i = 0; i < RELEASED; i++) {
        struct header *const header = &released->headers[i];
        *header = (struct header){.epoch = i, .seq = 1 + 8 * i, .time = UINT64_C(1) << 56};
        memcpy(header->author, released->keys[1], SIGN_KEY_LEN);
        memset(header->prev, i == 0 ? 0 : 6, ID_LEN);
        sealing_by_hand(&released->group_key, salt, (struct span){plain, sizeof plain}, header,
                        released->sealed[i]);
        const size_t len = header_encode(header, bytes);
        header_id(released->space, bytes, len, released->ids[i]);
        released->entries[i] = (struct release_entry){
            released->space, &released->roster, header, {released->sealed[i], header->size}};
    }
}

// The release of entry `which`, made by hand.
static inline void roundtrip_release_fill(const struct released *released, size_t which,
                                          struct release *release)
{
    const struct header *const header = &released->headers[which];

    *release = (struct release){.author = 1, .epoch = header->epoch, .seq = header->seq};
    memcpy(release->id, released->ids[which], ID_LEN);
    sealing_entry_key(&released->group_key, released->sealed[which], header, release->key);
}

// Decodes a release and opens with it whichever of the entries it names.
static inline enum err roundtrip_release(const uint8_t *bytes, size_t len)
{
    static struct released released;
    static struct sealer *sealer; // one for all inputs: making it takes longer than using it
    struct release release;
    struct span content;
    uint8_t again[RELEASE_BODY_MAX];
    enum err err = release_decode((struct span){bytes, len}, &release);

    if (err != ERR_OK) {
        return err;
    }
    roundtrip_compare(bytes, len, again, release_encode(&release, again));
    roundtrip_demand(body_check((struct span){bytes, len}, &content) == ERR_OK);
    if (sealer == NULL) {
        sealer = sealer_create();
        roundtrip_released(&released);
    }
    roundtrip_demand(sealer != NULL);
    err = ERR_DENIED;
    for (size_t i = 0; i < RELEASED && err != ERR_OK; i++) {
        err = release_open(sealer, &release, &released.entries[i], &content);
    }
    roundtrip_demand(err != ERR_OK || content.len == RELEASED_CONTENT);
    return err;
}

// Wrapped files are only read, for what they ask of Argon2id takes too long.
static inline enum err roundtrip_keyfile(const uint8_t *bytes, size_t len)
{
    char kind[33] = "";
    struct keyfile_facts facts;
    enum err err = keyfile_inspect(bytes, len, &facts);

    if (err != ERR_OK || facts.is_wrapped) {
        return err;
    }
    roundtrip_demand(facts.kind.len < sizeof kind);
    memcpy(kind, facts.kind.bytes, facts.kind.len);
    if (strlen(kind) != facts.kind.len) {
        return ERR_OK; // a NUL inside: a kind nobody can ask for
    }
    uint8_t *const secret = malloc(len);
    uint8_t *const again = malloc(len + KEYFILE_OVERHEAD);
    size_t secret_len = 0;
    size_t again_len = 0;
    const uint8_t random[40] = {0};
    roundtrip_demand(secret && again);
    err = keyfile_unwrap(kind, NULL, bytes, len, secret, &secret_len);
    roundtrip_demand(err == ERR_OK);
    const struct keyfile_content content = {kind, facts.public, {secret, secret_len}};
    err = keyfile_wrap(&content, NULL, random, again, &again_len);
    roundtrip_demand(err == ERR_OK);
    roundtrip_compare(bytes, len, again, again_len);
    free(secret);
    free(again);
    return ERR_OK;
}

// What the sealed bodies of vectors and fuzz inputs are sealed for: all bytes distinct, and numbers
// whose every byte shows.
static inline void roundtrip_sealing(struct group_key *key, struct header *header)
{
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];

    memset(secret, 1, sizeof secret);
    memset(group, 2, sizeof group);
    group_key_derive(key, group, secret);
    *header = (struct header){.epoch = 0x01020304, .seq = UINT64_C(0x0001020304050607)};
    memset(header->author, 3, SIGN_KEY_LEN);
    memcpy(header->group, key->group, TAG_LEN);
    memcpy(header->key, key->id, TAG_LEN);
}

static inline enum err roundtrip_seal(const uint8_t *bytes, size_t len)
{
    static struct sealer *sealer; // one for all inputs: making it takes longer than using it
    struct group_key key;
    struct header header;
    struct span content;

    if (sealer == NULL) {
        sealer = sealer_create();
    }
    roundtrip_demand(sealer != NULL);
    roundtrip_sealing(&key, &header);
    const enum err err = seal_open(sealer, &key, &header, (struct span){bytes, len}, &content);
    if (err == ERR_OK) {
        roundtrip_demand(content.len <= CONTENT_MAX);
    }
    return err;
}

#endif
