// SPDX-License-Identifier: EUPL-1.2
// Sorted slots of shared blobs. Knows no batches and no rules.
#include "sim/disk_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct blob *blob_create(const struct record *record)
{
    struct blob *blob = malloc(sizeof *blob + record->sealed_len);
    assert(blob);
    blob->refs = 1;
    blob->record = *record;
    uint8_t *sealed = (uint8_t *)(blob + 1);
    if (record->sealed_len > 0) {
        memcpy(sealed, record->sealed, record->sealed_len);
    }
    blob->record.sealed = sealed;
    return blob;
}

void blob_put(struct blob *blob)
{
    if (--blob->refs == 0) {
        free(blob);
    }
}

// The first slot that is not before (chain, seq).
static size_t lower_bound(const struct disk_state *state, uint32_t chain, uint64_t seq)
{
    size_t lo = 0;
    size_t hi = state->slots_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct slot *slot = &state->slots[mid];
        if (slot->chain < chain || (slot->chain == chain && slot->seq < seq)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

struct slot *disk_find(const struct disk_state *state, uint32_t chain, uint64_t seq)
{
    size_t i = lower_bound(state, chain, seq);
    if (i == state->slots_count || state->slots[i].chain != chain || state->slots[i].seq != seq) {
        return NULL;
    }
    return &state->slots[i];
}

struct slot *disk_resolve(const struct disk_state *state, uint32_t chain, uint64_t seq)
{
    while (chain < state->chains_count && seq < state->chains[chain].first_seq) {
        chain = state->chains[chain].parent;
    }
    return chain < state->chains_count ? disk_find(state, chain, seq) : NULL;
}

struct slot *disk_find_id(const struct disk_state *state, const uint8_t id[static ID_LEN])
{
    for (size_t i = 0; i < state->slots_count; i++) {
        if (memcmp(state->slots[i].blob->record.id, id, ID_LEN) == 0) {
            return &state->slots[i];
        }
    }
    return NULL;
}

void state_insert(struct disk_state *state, struct blob *blob)
{
    if (state->slots_count == state->slots_capacity) {
        state->slots_capacity = state->slots_capacity ? state->slots_capacity * 2 : 64;
        state->slots = realloc(state->slots, state->slots_capacity * sizeof *state->slots);
        assert(state->slots);
    }
    size_t i = lower_bound(state, blob->record.chain, blob->record.seq);
    memmove(state->slots + i + 1, state->slots + i,
            (state->slots_count - i) * sizeof *state->slots);
    state->slots_count++;
    blob->refs++;
    state->slots[i] =
        (struct slot){.chain = blob->record.chain, .seq = blob->record.seq, .blob = blob};
}

void state_put_chain(struct disk_state *state, const struct chain *chain)
{
    if (chain->number >= state->chains_capacity) {
        state->chains_capacity = (size_t)chain->number * 2 + 16;
        state->chains = realloc(state->chains, state->chains_capacity * sizeof *state->chains);
        assert(state->chains);
    }
    while (state->chains_count <= chain->number) {
        state->chains[state->chains_count++] = (struct chain){0};
    }
    state->chains[chain->number] = *chain;
}

struct header disk_header(const struct chain *chain, const struct record *record)
{
    struct header header = {.epoch = chain->epoch,
                            .seq = record->seq,
                            .time = record->time,
                            .precedence = record->precedence,
                            .size = record->sealed_len};
    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    memcpy(header.prev, record->prev, ID_LEN);
    memcpy(header.group, record->group, TAG_LEN);
    memcpy(header.key, record->key, TAG_LEN);
    header_digest(record->sealed, record->sealed_len, header.digest);
    return header;
}

bool disk_has_chain(const struct disk_state *state, uint32_t chain)
{
    return chain < state->chains_count && state->chains[chain].first_seq > 0;
}

void state_note_moved(struct disk_state *state, const struct blob *blob)
{
    state->moved = realloc(state->moved, (state->moved_count + 1) * sizeof *state->moved);
    assert(state->moved);
    struct moved *moved = &state->moved[state->moved_count++];
    moved->seq = blob->record.seq;
    memcpy(moved->id, blob->record.id, ID_LEN);
}

uint64_t state_forget_moved(struct disk_state *state)
{
    uint64_t gone = 0;
    for (size_t i = 0; i < state->moved_count; i++) {
        if (!disk_find_id(state, state->moved[i].id)) {
            gone = state->moved[i].seq;
        }
    }
    state->moved_count = 0;
    return gone;
}

void disk_state_copy(struct disk_state *to, const struct disk_state *from)
{
    *to = (struct disk_state){.arrivals = from->arrivals,
                              .slots_count = from->slots_count,
                              .slots_capacity = from->slots_count + 1,
                              .chains_count = from->chains_count,
                              .chains_capacity = from->chains_count + 1};
    to->slots = calloc(to->slots_capacity, sizeof *to->slots);
    to->chains = calloc(to->chains_capacity, sizeof *to->chains);
    assert(to->slots && to->chains);
    for (size_t i = 0; i < from->slots_count; i++) {
        to->slots[i] = from->slots[i];
        to->slots[i].blob->refs++;
    }
    if (from->chains_count > 0) {
        memcpy(to->chains, from->chains, from->chains_count * sizeof *to->chains);
    }
}

void disk_state_fini(struct disk_state *state)
{
    for (size_t i = 0; i < state->slots_count; i++) {
        blob_put(state->slots[i].blob);
    }
    free(state->slots);
    free(state->chains);
    free(state->moved);
    *state = (struct disk_state){0};
}
