// SPDX-License-Identifier: EUPL-1.2
// roundtrip.h for proposals: what is accepted encodes to the same bytes but for the signatures that
// do not count, and is a roster in force exactly when it counts as complete.
#ifndef TESTS_ROUNDTRIP_PROPOSAL_H
#define TESTS_ROUNDTRIP_PROPOSAL_H

#include "roundtrip.h"
#include "sitrep/proposal.h"
#include "unit/draft.h"

// The version in force for vectors and fuzz inputs: version 2, authorities 1, 2, 3 of which two
// must sign, the second node revoked.
static inline const struct roster *roundtrip_in_force(void)
{
    static struct roster *second; // one for all inputs
    if (second == NULL) {
        struct draft *const draft = malloc(sizeof *draft);
        struct roster *first = NULL;
        roundtrip_demand(draft != NULL);
        draft_init(draft);
        draft_authorities(draft, 3, 2);
        roundtrip_demand(draft_decode(draft, &first) == ERR_OK);
        draft_follow(draft, first);
        draft->nodes[1].is_revoked = true;
        draft->nodes[1].revoked_seq = 7;
        roundtrip_demand(draft_decode(draft, &second) == ERR_OK);
        roundtrip_demand(roster_check_next(first, second) == ERR_OK);
        roster_destroy(&first);
        free(draft);
    }
    return second;
}

static inline bool roundtrip_takes_effect(const uint8_t *bytes, size_t len)
{
    struct roster *roster = NULL;
    const bool is_next = roster_decode(bytes, len, &roster) == ERR_OK &&
                         roster_check_next(roundtrip_in_force(), roster) == ERR_OK;
    roster_destroy(&roster);
    return is_next;
}

// A checked proposal: its bytes take effect if and only if it counts as complete.
static inline void roundtrip_proposal_checked(struct proposal *proposal)
{
    struct proposal_tally tally;
    uint8_t *bytes = NULL;
    size_t len = 0;
    const size_t count = proposal->signatures_count;

    proposal_count(roundtrip_in_force(), proposal, &tally);
    roundtrip_demand(proposal_encode(proposal, &bytes, &len) == ERR_OK);
    roundtrip_demand(roundtrip_takes_effect(bytes, len) == tally.is_complete);
    free(bytes);
    roundtrip_demand(proposal_merge(proposal, proposal) == ERR_OK);
    roundtrip_demand(proposal->signatures_count == count);
}

static inline enum err roundtrip_proposal(const uint8_t *bytes, size_t len)
{
    struct proposal *proposal = NULL;
    uint8_t *again = NULL;
    size_t again_len = 0;
    enum err err = proposal_decode(bytes, len, &proposal);

    if (err != ERR_OK) {
        roundtrip_demand(proposal == NULL);
        roundtrip_demand(!roundtrip_takes_effect(bytes, len));
        return err;
    }
    roundtrip_demand(proposal->roster->signatures_count == 0);
    roundtrip_demand(proposal_encode(proposal, &again, &again_len) == ERR_OK);
    if (proposal->dropped == 0) {
        roundtrip_compare(bytes, len, again, again_len);
    } else {
        struct proposal *other = NULL;
        roundtrip_demand(proposal_decode(again, again_len, &other) == ERR_OK);
        roundtrip_demand(other->dropped == 0);
        roundtrip_demand(other->signatures_count == proposal->signatures_count);
        proposal_destroy(&other);
    }
    free(again);
    err = proposal_check(roundtrip_in_force(), proposal);
    if (err == ERR_OK) {
        roundtrip_proposal_checked(proposal);
    } else {
        roundtrip_demand(!roundtrip_takes_effect(bytes, len));
    }
    proposal_destroy(&proposal);
    return err;
}

// As the body of an entry: what is read comes out as the same bytes.
static inline enum err roundtrip_proposal_body(const uint8_t *bytes, size_t len)
{
    struct span proposal;
    uint8_t *again;
    const enum err err = proposal_body_decode((struct span){bytes, len}, &proposal);
    if (err != ERR_OK) {
        return err;
    }
    roundtrip_demand(proposal.len < len);
    again = malloc(len);
    roundtrip_demand(again != NULL);
    roundtrip_compare(bytes, len, again, proposal_body_encode(proposal, again, len));
    free(again);
    return ERR_OK;
}

// The document in `bytes`, or `bytes` themselves, signed by authorities 1 and 2: a fuzzer does not
// find signatures by itself.
static inline enum err roundtrip_proposal_signed(const uint8_t *bytes, size_t len)
{
    struct cbor_reader reader;
    cbor_read(&reader, bytes, len);
    cbor_get_array_of(&reader, 2);
    struct span document = cbor_get_bytes(&reader);
    if (reader.err != ERR_OK) {
        document = (struct span){bytes, len};
    }
    static struct draft draft; // for its signers
    if (draft.signers[0] == 0) {
        draft_init(&draft);
        draft_authorities(&draft, 3, 2);
        draft_sort_signers(&draft);
    }
    uint8_t *const whole = malloc(document.len + 512);
    roundtrip_demand(whole != NULL);
    const size_t whole_len = draft_sign(&draft, document, whole, document.len + 512);
    const enum err err = roundtrip_proposal(whole, whole_len);
    free(whole);
    return err;
}

#endif
