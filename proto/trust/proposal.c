// SPDX-License-Identifier: EUPL-1.2
// Proposals: a roster version while its signatures are collected [5.13, 5.14]. What a version may
// say, and which may follow which, is in roster.c and roster_next.c.
#include "sitrep/proposal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trust/roster_check.h"
#include "trust/roster_signing.h"

static_assert((int)PROPOSAL_SIGNATURES_MAX == (int)ROSTER_SIGNATURES_MAX, "a roster is a proposal");

// Where the signature of that key is, or would stand.
static size_t place_of(const struct proposal *proposal,
                       const uint8_t authority[static SIGN_KEY_LEN])
{
    size_t at = 0;
    while (at < proposal->signatures_count &&
           memcmp(proposal->signatures[at].authority, authority, SIGN_KEY_LEN) < 0) {
        at++;
    }
    return at;
}

bool proposal_is_signed_by(const struct proposal *proposal,
                           const uint8_t authority[static SIGN_KEY_LEN])
{
    const size_t at = place_of(proposal, authority);
    return at < proposal->signatures_count &&
           memcmp(proposal->signatures[at].authority, authority, SIGN_KEY_LEN) == 0;
}

// A genuine signature. A key counts once, by its bytes; the one that is there stays [5.14]. Three
// rivals can have more authorities than a proposal has signatures: what finds no room is dropped.
static void take(struct proposal *proposal, const uint8_t authority[static SIGN_KEY_LEN],
                 const uint8_t signature[static SIGNATURE_LEN])
{
    if (proposal_is_signed_by(proposal, authority)) {
        return;
    }
    if (proposal->signatures_count == PROPOSAL_SIGNATURES_MAX) {
        proposal->dropped++;
        return;
    }
    const size_t at = place_of(proposal, authority);
    memmove(&proposal->signatures[at + 1], &proposal->signatures[at],
            (proposal->signatures_count - at) * sizeof *proposal->signatures);
    memcpy(proposal->signatures[at].authority, authority, SIGN_KEY_LEN);
    memcpy(proposal->signatures[at].signature, signature, SIGNATURE_LEN);
    proposal->signatures_count++;
}

// Moves the genuine signatures from the roster as it was read to the proposal.
static enum err take_genuine(struct proposal *proposal)
{
    struct roster *roster = proposal->roster;
    for (size_t i = 0; i < roster->signatures_count; i++) {
        const struct roster_signature *signature = &roster->signatures[i];
        const enum err err =
            roster_verify(signature->authority, roster->document, signature->signature);
        if (err == ERR_OK) {
            take(proposal, signature->authority, signature->signature);
        } else if (err == ERR_DENIED) {
            proposal->dropped++;
        } else {
            return err;
        }
    }
    roster->signatures = NULL;
    roster->signatures_count = 0;
    roster->signed_document = (struct span){NULL, 0};
    return ERR_OK;
}

enum err proposal_decode(const uint8_t *bytes, size_t len, struct proposal **proposal)
{
    assert(proposal);
    struct roster_memory *memory = NULL;
    enum err err = roster_read(bytes, len, (struct roster_bounds){0, ROSTER_MAX}, &memory);
    if (err) {
        return err;
    }
    struct roster *roster = &memory->roster;
    struct proposal *made = calloc(1, sizeof *made);
    if (!made) {
        roster_destroy(&roster);
        return ERR_NO_SPACE;
    }
    made->roster = roster;
    err = take_genuine(made);
    if (err) {
        proposal_destroy(&made);
        return err;
    }
    *proposal = made;
    return ERR_OK;
}

void proposal_destroy(struct proposal **proposal)
{
    assert(proposal);
    if (*proposal) {
        roster_destroy(&(*proposal)->roster);
        free(*proposal);
        *proposal = NULL;
    }
}

// Whether that key has a say in the step from `current` to the proposed version [5.6].
static bool may_sign(const struct roster *current, const struct proposal *proposal,
                     const uint8_t key[static SIGN_KEY_LEN])
{
    return roster_front_has(roster_front(&current), key) ||
           roster_has_authority(proposal->roster, key);
}

enum err proposal_check(const struct roster *current, struct proposal *proposal)
{
    assert(current && proposal);
    const enum err err = roster_check_succession(roster_front(&current), proposal->roster);
    if (err) {
        return err;
    }
    size_t kept = 0;
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        if (may_sign(current, proposal, proposal->signatures[i].authority)) {
            proposal->signatures[kept++] = proposal->signatures[i];
        }
    }
    proposal->dropped += proposal->signatures_count - kept;
    proposal->signatures_count = kept;
    return ERR_OK;
}

enum err proposal_merge(struct proposal *proposal, const struct proposal *other)
{
    assert(proposal && other);
    if (memcmp(proposal->roster->hash, other->roster->hash, ID_LEN) != 0) {
        return ERR_STATE;
    }
    for (size_t i = 0; i < other->signatures_count; i++) {
        take(proposal, other->signatures[i].authority, other->signatures[i].signature);
    }
    proposal->dropped += other->dropped;
    return ERR_OK;
}

enum err proposal_sign(const struct roster *current, struct proposal *proposal,
                       const struct signing_key *authority)
{
    assert(current && proposal && authority);
    const uint8_t *key = authority->bytes + SIGN_KEY_LEN;
    uint8_t signature[SIGNATURE_LEN];
    if (!may_sign(current, proposal, key)) {
        return ERR_DENIED;
    }
    const enum err err = roster_sign(authority, proposal->roster->document, signature);
    if (!err) {
        take(proposal, key, signature);
    }
    return err;
}

static size_t count_of(const struct proposal *proposal, const struct roster *signed_by)
{
    size_t count = 0;
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        count += roster_has_authority(signed_by, proposal->signatures[i].authority);
    }
    return count;
}

void proposal_count(const struct roster *current, const struct proposal *proposal,
                    struct proposal_tally *tally)
{
    assert(current && proposal && tally);
    assert(proposal->roster->version == current->version + 1); // by proposal_check
    const struct roster_front front = roster_front(&current);
    *tally = (struct proposal_tally){.own = count_of(proposal, proposal->roster),
                                     .own_needed = proposal->roster->threshold};
    size_t lacking_most = 0;
    for (size_t p = 0; p < front.count; p++) {
        const size_t have = count_of(proposal, front.list[p]);
        const size_t needed = front.list[p]->threshold;
        const size_t lacking = have < needed ? needed - have : 0;
        if (p == 0 || lacking > lacking_most) {
            lacking_most = lacking;
            tally->before = have;
            tally->before_needed = needed;
        }
    }
    tally->is_complete = lacking_most == 0 && tally->own >= tally->own_needed; // [5.6]
}

enum err proposal_encode(const struct proposal *proposal, uint8_t **out, size_t *out_len)
{
    assert(proposal && out && out_len);
    struct roster_signature signatures[PROPOSAL_SIGNATURES_MAX];
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        signatures[i].authority = proposal->signatures[i].authority;
        signatures[i].signature = proposal->signatures[i].signature;
    }
    const size_t size = proposal->roster->document.len + 16 +
                        proposal->signatures_count * (size_t)ROSTER_SIGNATURE_LEN;
    uint8_t *bytes = malloc(size);
    if (!bytes) {
        return ERR_NO_SPACE;
    }
    struct cbor_writer writer;
    cbor_write(&writer, bytes, size);
    signed_roster_put(&writer, proposal->roster->document, signatures, proposal->signatures_count);
    *out_len = cbor_written(&writer);
    assert(*out_len > 0);
    *out = bytes;
    return ERR_OK;
}
