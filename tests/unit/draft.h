// SPDX-License-Identifier: EUPL-1.2
// A roster put together by hand, sound or not, and signed by whom one likes. Authorities and nodes
// have the keys of small seeds: authority 1 is the key of 32 bytes of 01.
#ifndef TESTS_UNIT_DRAFT_H
#define TESTS_UNIT_DRAFT_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/roster.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

enum { DRAFT_LISTS = 8, DRAFT_SIGNERS_MAX = 8 };

struct draft {
    struct roster roster;
    struct roster_centre centres[DRAFT_LISTS];
    struct roster_title titles[DRAFT_LISTS];
    struct roster_node nodes[DRAFT_LISTS];
    struct roster_endpoint endpoints[DRAFT_LISTS];
    const uint8_t *authorities[DRAFT_LISTS];
    uint8_t parents[DRAFT_LISTS][ID_LEN];
    uint8_t authority_keys[256][SIGN_KEY_LEN];
    uint8_t signing_keys[256][SIGN_KEY_LEN];
    uint8_t transport_keys[256][BOX_KEY_LEN];
    uint8_t signers[DRAFT_SIGNERS_MAX]; // authority numbers, 0 after the last
};

// The key of authority `number`, 1..99.
static inline void draft_authority(uint8_t number, struct signing_key *key,
                                   uint8_t public_key[static SIGN_KEY_LEN])
{
    uint8_t seed[SIGN_KEY_LEN];
    memset(seed, number, sizeof seed);
    signing_key_from_seed(key, seed, public_key);
}

// The keys of node `number`, 1..: seeds of 100 + number and 150 + number.
static inline void draft_node_keys(uint8_t number, struct signing_key *signing,
                                   uint8_t signing_public[static SIGN_KEY_LEN],
                                   uint8_t transport_public[static BOX_KEY_LEN],
                                   uint8_t transport_secret[static BOX_KEY_LEN])
{
    uint8_t seed[SIGN_KEY_LEN];
    memset(seed, 100 + number, sizeof seed);
    signing_key_from_seed(signing, seed, signing_public);
    memset(seed, 150 + number, sizeof seed);
    crypto_box_seed_keypair(transport_public, transport_secret, seed);
}

static inline struct span draft_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

// Version 1 with authority 1, two centres and two nodes, signed by authority 1.
static inline void draft_init(struct draft *draft)
{
    static const char *const codes[] = {"be-nccn", "nl-kcr2"};
    static const char *const syncs[] = {"tcp://10.0.0.1:7000", "tcp://[2001:db8::2]:7000"};
    static const char *const lives[] = {"tcp://10.0.0.1:7001", "tcp://kcr2.example:7001"};
    memset(draft, 0, sizeof *draft);
    struct signing_key key;
    uint8_t secret[BOX_KEY_LEN];
    for (unsigned i = 0; i < 100; i++) {
        draft_authority((uint8_t)i, &key, draft->authority_keys[i]);
        draft_node_keys((uint8_t)i, &key, draft->signing_keys[i], draft->transport_keys[i], secret);
    }
    for (uint32_t i = 0; i < 2; i++) {
        draft->titles[i] = (struct roster_title){draft_text("und"), draft_text("A centre")};
        draft->centres[i] = (struct roster_centre){
            .code = draft_text(codes[i]), .titles = &draft->titles[i], .titles_count = 1};
        draft->endpoints[i] = (struct roster_endpoint){draft_text(syncs[i]), draft_text(lives[i])};
        draft->nodes[i] = (struct roster_node){.name = draft_text(codes[i]),
                                               .centre = i,
                                               .signing = draft->signing_keys[i + 1],
                                               .transport = draft->transport_keys[i + 1],
                                               .endpoints = &draft->endpoints[i],
                                               .endpoints_count = 1};
    }
    draft->authorities[0] = draft->authority_keys[1];
    draft->signers[0] = 1;
    draft->roster = (struct roster){.version = 1,
                                    .parents = (const uint8_t(*)[ID_LEN])draft->parents,
                                    .name = draft_text("Rhine and Meuse"),
                                    .threshold = 1,
                                    .authorities = draft->authorities,
                                    .authorities_count = 1,
                                    .centres = draft->centres,
                                    .centres_count = 2,
                                    .nodes = draft->nodes,
                                    .nodes_count = 2};
}

// Authorities 1..count, signed by as many as the threshold asks.
static inline void draft_authorities(struct draft *draft, uint8_t count, uint8_t threshold)
{
    memset(draft->signers, 0, sizeof draft->signers);
    for (uint8_t i = 0; i < count; i++) {
        draft->authorities[i] = draft->authority_keys[i + 1];
        if (i < threshold) {
            draft->signers[i] = (uint8_t)(i + 1);
        }
    }
    draft->roster.authorities_count = count;
    draft->roster.threshold = threshold;
}

// What follows `current`, otherwise like the draft.
static inline void draft_follow(struct draft *draft, const struct roster *current)
{
    draft->roster.version = current->version + 1;
    memcpy(draft->roster.federation, current->federation, ID_LEN);
    memcpy(draft->parents[0], current->hash, ID_LEN);
    draft->roster.parents_count = 1;
}

// What follows all of them, its parents ascending [5.5].
static inline void draft_settle(struct draft *draft, const struct roster *const *rosters,
                                size_t count)
{
    draft_follow(draft, rosters[0]);
    for (size_t i = 1; i < count; i++) {
        size_t at = i;
        for (; at > 0 && memcmp(draft->parents[at - 1], rosters[i]->hash, ID_LEN) > 0; at--) {
            memcpy(draft->parents[at], draft->parents[at - 1], ID_LEN);
        }
        memcpy(draft->parents[at], rosters[i]->hash, ID_LEN);
        if (rosters[i]->version >= draft->roster.version) {
            draft->roster.version = rosters[i]->version + 1;
        }
    }
    draft->roster.parents_count = count;
}

// Numbers of authorities, ascending by their keys [5.4].
static inline void draft_sort_signers(struct draft *draft)
{
    uint8_t *signers = draft->signers;
    for (size_t i = 1; i < DRAFT_SIGNERS_MAX && signers[i] != 0; i++) {
        for (size_t j = i; j > 0 && memcmp(draft->authority_keys[signers[j - 1]],
                                           draft->authority_keys[signers[j]], SIGN_KEY_LEN) > 0;
             j--) {
            const uint8_t swap = signers[j];
            signers[j] = signers[j - 1];
            signers[j - 1] = swap;
        }
    }
}

// Signs `document` by the draft's signers, in their order, into out[0..size).
static inline size_t draft_sign(const struct draft *draft, struct span document, uint8_t *out,
                                size_t size)
{
    size_t count = 0;
    while (count < DRAFT_SIGNERS_MAX && draft->signers[count] != 0) {
        count++;
    }
    struct cbor_writer writer;
    cbor_write(&writer, out, size);
    cbor_put_array(&writer, 2);
    cbor_put_bytes(&writer, document.bytes, document.len);
    cbor_put_array(&writer, count);
    for (size_t i = 0; i < count; i++) {
        struct signing_key key;
        uint8_t public_key[SIGN_KEY_LEN];
        uint8_t signature[SIGNATURE_LEN];
        draft_authority(draft->signers[i], &key, public_key);
        if (roster_sign(&key, document, signature)) {
            abort();
        }
        cbor_put_array(&writer, 2);
        cbor_put_bytes(&writer, public_key, SIGN_KEY_LEN);
        cbor_put_bytes(&writer, signature, SIGNATURE_LEN);
    }
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    return len;
}

enum { DRAFT_MAX = 8192 };

// The draft as a signed roster; returns its length.
static inline size_t draft_write(struct draft *draft, uint8_t out[static DRAFT_MAX])
{
    uint8_t document[DRAFT_MAX / 2];
    struct cbor_writer writer;
    cbor_write(&writer, document, sizeof document);
    roster_document_put(&writer, &draft->roster);
    draft_sort_signers(draft);
    return draft_sign(draft, (struct span){document, cbor_written(&writer)}, out, DRAFT_MAX);
}

static inline enum err draft_decode(struct draft *draft, struct roster **roster)
{
    uint8_t bytes[DRAFT_MAX];
    const size_t len = draft_write(draft, bytes);
    return roster_decode(bytes, len, roster);
}

#endif
