// SPDX-License-Identifier: EUPL-1.2
// Founds a federation and admits its members one by one, as the tools do. No faults live here.
#include "sim/federation.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/invitation.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

enum { DOCUMENT_MAX = 8192 };

static void seed_of(uint64_t run, uint32_t number, uint8_t seed[static 32])
{
    uint8_t input[16];
    memcpy(input, &run, 8);
    memcpy(input + 8, &(uint64_t){number}, 8);
    crypto_generichash(seed, 32, input, sizeof input, NULL, 0);
}

static struct roster *decode(uint8_t *bytes, size_t len)
{
    struct roster *roster = NULL;
    enum err err = roster_decode(bytes, len, &roster);
    assert(err == ERR_OK);
    (void)err;
    free(bytes);
    return roster;
}

static void found(struct federation *federation, const struct signing_key *authority)
{
    struct roster_founding founding = {.name = "simulated",
                                       .centre_code = "centre-a",
                                       .centre_title = "Centre A",
                                       .node_name = "node-a",
                                       .sync_endpoint = "tcp://10.0.0.1:7000",
                                       .live_endpoint = "tcp://10.0.0.1:7001",
                                       .signing = federation->public_keys[0],
                                       .transport = federation->transports[0]};
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = roster_found(&founding, authority, &bytes, &len);
    assert(err == ERR_OK);
    (void)err;
    federation->rosters[0] = decode(bytes, len);
}

static void admit(struct federation *federation, const struct signing_key *authority,
                  uint32_t member)
{
    struct request request = {.time_ms = UINT64_C(1790000000000)};
    char letter = (char)('a' + (int)member);
    snprintf(request.centre_code, sizeof request.centre_code, "centre-%c", letter);
    snprintf(request.centre_title, sizeof request.centre_title, "Centre %c", letter);
    snprintf(request.node_name, sizeof request.node_name, "node-%c", letter);
    snprintf(request.sync_endpoint, sizeof request.sync_endpoint, "tcp://10.0.0.%u:7000",
             member + 1);
    snprintf(request.live_endpoint, sizeof request.live_endpoint, "tcp://10.0.0.%u:7001",
             member + 1);
    memcpy(request.signing, federation->public_keys[member], SIGN_KEY_LEN);
    memcpy(request.transport, federation->transports[member], BOX_KEY_LEN);
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = roster_admit(federation->rosters[member - 1], &request, authority, &bytes, &len);
    assert(err == ERR_OK);
    (void)err;
    federation->rosters[member] = decode(bytes, len);
}

void federation_init(struct federation *federation, uint32_t members, uint64_t seed)
{
    assert(members >= 1);
    assert(members <= MEMBERS_MAX);
    memset(federation, 0, sizeof *federation);
    federation->members = members;
    uint8_t bytes[32];
    for (uint32_t i = 0; i < members; i++) {
        seed_of(seed, i, bytes);
        signing_key_from_seed(&federation->keys[i], bytes, federation->public_keys[i]);
        seed_of(seed, 1000 + i, bytes);
        crypto_box_seed_keypair(federation->transports[i], federation->transport_secrets[i], bytes);
    }
    seed_of(seed, 2000, bytes);
    signing_key_from_seed(&federation->outsider, bytes, federation->outsider_public);
    uint8_t authority_public[SIGN_KEY_LEN];
    seed_of(seed, 2001, bytes);
    signing_key_from_seed(&federation->authority, bytes, authority_public);
    found(federation, &federation->authority);
    for (uint32_t i = 1; i < members; i++) {
        admit(federation, &federation->authority, i);
    }
    federation->versions = members;
    memcpy(federation->space, federation->rosters[0]->federation, ID_LEN);
    uint8_t group[TAG_LEN];
    group_all_members(federation->space, group);
    seed_of(seed, 2002, bytes);
    group_key_derive(&federation->group_key, group, bytes);
}

// The version after `current`, or what settles its rivals, with one revocation of its own.
static struct roster *make_revoking(const struct federation *federation,
                                    const struct roster *current, uint32_t member,
                                    struct point point)
{
    struct roster next = *current;
    struct roster_node nodes[MEMBERS_MAX];
    uint8_t document[DOCUMENT_MAX];
    uint8_t signature[SIGNATURE_LEN];
    struct cbor_writer writer;
    assert(member < current->nodes_count);
    memcpy(nodes, current->nodes, current->nodes_count * sizeof *nodes);
    nodes[member].is_revoked = true;
    nodes[member].revoked_epoch = point.epoch;
    nodes[member].revoked_seq = point.seq;
    next.nodes = nodes;
    next.version++;
    next.parents_count = roster_hashes(current, &next.parents);
    cbor_write(&writer, document, sizeof document);
    roster_document_put(&writer, &next);
    struct span written = {document, cbor_written(&writer)};
    assert(written.len > 0);
    enum err err = roster_sign(&federation->authority, written, signature);
    assert(err == ERR_OK);
    (void)err;
    uint8_t *bytes = malloc(DOCUMENT_MAX);
    assert(bytes);
    cbor_write(&writer, bytes, DOCUMENT_MAX);
    struct roster_signature signed_by = {federation->authority.bytes + SIGN_KEY_LEN, signature};
    signed_roster_put(&writer, written, &signed_by, 1);
    return decode(bytes, cbor_written(&writer));
}

static void add(struct federation *federation, struct roster *roster)
{
    assert(federation->versions < VERSIONS_MAX);
    federation->rosters[federation->versions++] = roster;
}

void federation_revoke(struct federation *federation, uint32_t member, struct point point)
{
    add(federation, make_revoking(federation, federation_last(federation), member, point));
}

static struct roster *copy(const struct roster *roster)
{
    struct roster *made = NULL;
    const struct span bytes = roster->signed_document;
    enum err err = roster_decode(bytes.bytes, bytes.len, &made);
    assert(err == ERR_OK);
    (void)err;
    return made;
}

void federation_fork(struct federation *federation, uint32_t member, struct point one,
                     struct point other)
{
    const struct roster *current = federation_last(federation);
    struct roster *rivals[] = {make_revoking(federation, current, member, one),
                               make_revoking(federation, current, member, other)};
    struct roster *copies[] = {copy(rivals[0]), copy(rivals[1])};
    struct roster *standing = NULL;
    add(federation, rivals[0]);
    add(federation, rivals[1]);
    enum err err = roster_stand(copies, 2, &standing);
    assert(err == ERR_OK);
    (void)err;
    add(federation, standing);
}

uint32_t federation_find(const struct federation *federation, const uint8_t hash[static ID_LEN])
{
    for (uint32_t i = 0; i < federation->versions; i++) {
        const struct roster *roster = federation->rosters[i];
        if (roster->rivals_count == 0 && memcmp(roster->hash, hash, ID_LEN) == 0) {
            return i + 1;
        }
    }
    return 0;
}

bool federation_holds(const struct federation *federation, uint32_t held, uint32_t number)
{
    const uint8_t(*hashes)[ID_LEN] = NULL;
    bool reached[VERSIONS_MAX] = {false};
    size_t count = roster_hashes(federation->rosters[held - 1], &hashes);
    for (size_t i = 0; i < count; i++) {
        reached[federation_find(federation, hashes[i]) - 1] = true;
    }
    // Parents were made before their children.
    for (uint32_t i = federation->versions; i-- > 0;) {
        const struct roster *roster = federation->rosters[i];
        for (size_t p = 0; reached[i] && p < roster->parents_count; p++) {
            reached[federation_find(federation, roster->parents[p]) - 1] = true;
        }
    }
    return reached[number - 1];
}

static bool has_rival(const struct roster *standing, const struct roster *rival)
{
    for (size_t i = 0; i < standing->rivals_count; i++) {
        if (memcmp(standing->rivals[i]->hash, rival->hash, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t federation_take(const struct federation *federation, uint32_t held,
                         const struct roster *given)
{
    const struct roster *current = federation->rosters[held - 1];
    if (roster_check_next(current, given) == ERR_OK) {
        return federation_find(federation, given->hash);
    }
    for (uint32_t i = 0; i < federation->versions; i++) {
        const struct roster *standing = federation->rosters[i];
        if (standing != current && memcmp(given->hash, current->hash, ID_LEN) != 0 &&
            has_rival(standing, current) && has_rival(standing, given)) {
            return i + 1;
        }
    }
    return 0;
}

const struct roster *federation_last(const struct federation *federation)
{
    return federation->rosters[federation->versions - 1];
}

void federation_fini(struct federation *federation)
{
    for (uint32_t i = 0; i < federation->versions; i++) {
        roster_destroy(&federation->rosters[i]);
    }
}
