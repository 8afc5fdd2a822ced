// SPDX-License-Identifier: EUPL-1.2
// The queue of batches and their commit, with the checks a store would never make: that no commit
// overwrites or forgets an entry, and that every head in it is backed by records.
#include "sim/disk.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/disk_state.h"

enum {
    CHECK_DEPTH = 512,
    SEARCH_MAX = 20, // far fewer than the store's, so that searches go on as well
    CHAINS_ROOM = 4096
}; // how far below a head its records are looked for at each commit

__attribute__((format(printf, 2, 3))) static void fault(struct disk *disk, const char *format, ...)
{
    if (disk->fault[0]) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(disk->fault, sizeof disk->fault, format, arguments);
    va_end(arguments);
}

static void batch_fini(struct batch *batch)
{
    for (size_t i = 0; i < batch->blobs_count; i++) {
        blob_put(batch->blobs[i]);
    }
    free(batch->blobs);
    free(batch->chains);
}

void disk_fini(struct disk *disk)
{
    disk_drop(disk);
    free(disk->pending);
    disk_state_fini(&disk->state);
    for (size_t i = 0; i < disk->snapshots_count; i++) {
        disk_state_fini(&disk->snapshots[i]);
    }
    memset(disk, 0, sizeof *disk);
}

void disk_submit(struct disk *disk, const struct effect_persist *persist)
{
    if (disk->pending_count == disk->pending_capacity) {
        disk->pending_capacity = disk->pending_capacity ? disk->pending_capacity * 2 : 16;
        disk->pending = realloc(disk->pending, disk->pending_capacity * sizeof *disk->pending);
        assert(disk->pending);
    }
    struct batch *batch = &disk->pending[disk->pending_count++];
    *batch = (struct batch){.ticket = persist->ticket,
                            .blobs_count = persist->records_count,
                            .chains_count = persist->chains_count,
                            .is_repair = persist->is_repair};
    batch->blobs =
        calloc(batch->blobs_count + 1, sizeof(struct blob *)); // NOLINT(bugprone-sizeof-expression)
    batch->chains = calloc(batch->chains_count + 1, sizeof *batch->chains);
    assert(batch->blobs && batch->chains);
    for (size_t i = 0; i < batch->blobs_count; i++) {
        batch->blobs[i] = blob_create(&persist->records[i]);
    }
    if (batch->chains_count > 0) {
        memcpy(batch->chains, persist->chains, batch->chains_count * sizeof *batch->chains);
    }
}

bool disk_begin(struct disk *disk)
{
    if (disk->writing > 0 || disk->pending_count == 0 || disk->has_failed) {
        return false;
    }
    disk->writing = disk->pending_count;
    return true;
}

static void put_record(struct disk *disk, struct blob *blob, bool is_repair)
{
    const struct record *record = &blob->record;
    struct slot *slot = disk_find(&disk->state, record->chain, record->seq);
    if (!slot) {
        blob->record.arrival = ++disk->state.arrivals;
        state_insert(&disk->state, blob);
        return;
    }
    bool is_below_head = record->chain < disk->state.chains_count &&
                         record->seq <= disk->state.chains[record->chain].head_seq;
    bool is_same = memcmp(slot->blob->record.id, record->id, ID_LEN) == 0;
    if (is_same && slot->is_damaged) {
        disk->repairs++;
        slot->is_damaged = false;
    }
    if (is_repair && !is_same && is_below_head) {
        fault(disk, "repair of chain %u seq %" PRIu64 " brings another entry", record->chain,
              record->seq);
    }
    blob->record.arrival = is_same ? slot->blob->record.arrival : ++disk->state.arrivals;
    blob->refs++;
    struct blob *old = slot->blob;
    slot->blob = blob;
    if (!is_same && is_below_head) {
        // The entry that lay here must have found another place in the same transaction. One that
        // was held ahead of a gap may have been of another branch: it will be fetched again.
        state_note_moved(&disk->state, old);
    }
    blob_put(old);
}

static void put_chain(struct disk *disk, const struct chain *chain)
{
    struct disk_state *state = &disk->state;
    if (chain->number >= CHAINS_ROOM) {
        fault(disk, "chain %u is beyond all limits", chain->number);
        return;
    }
    if (disk_has_chain(state, chain->number)) {
        const struct chain *old = &state->chains[chain->number];
        bool is_same = old->epoch == chain->epoch && old->parent == chain->parent &&
                       old->first_seq == chain->first_seq &&
                       memcmp(old->author, chain->author, SIGN_KEY_LEN) == 0;
        if (!is_same) {
            fault(disk, "chain %u changed what it is", chain->number);
        } else if (chain->head_seq < old->head_seq) {
            fault(disk, "chain %u went back from %" PRIu64 " to %" PRIu64, chain->number,
                  old->head_seq, chain->head_seq);
        }
    }
    state_put_chain(state, chain);
}

static void check_chain(struct disk *disk, uint32_t number, uint64_t from)
{
    const struct chain *chain = &disk->state.chains[number];
    if (chain->parent != CHAIN_NONE && chain->first_seq > 1 &&
        !disk_resolve(&disk->state, chain->parent, chain->first_seq - 1)) {
        fault(disk, "chain %u leaves its parent where nothing is", number);
    }
    for (uint64_t seq = from; seq <= chain->head_seq; seq++) {
        if (!disk_find(&disk->state, number, seq)) {
            fault(disk, "chain %u claims head %" PRIu64 " but lacks %" PRIu64, number,
                  chain->head_seq, seq);
            return;
        }
    }
    const struct slot *head = disk_resolve(&disk->state, number, chain->head_seq);
    if (head && memcmp(head->blob->record.id, chain->head_id, ID_LEN) != 0) {
        fault(disk, "chain %u names another head at %" PRIu64, number, chain->head_seq);
    }
}

static void commit_batch(struct disk *disk, const struct batch *batch)
{
    for (size_t k = 0; k < batch->blobs_count; k++) {
        put_record(disk, batch->blobs[k], batch->is_repair);
    }
    for (size_t k = 0; k < batch->chains_count; k++) {
        put_chain(disk, &batch->chains[k]);
    }
    for (size_t k = 0; k < batch->blobs_count; k++) {
        if (!disk_has_chain(&disk->state, batch->blobs[k]->record.chain)) {
            fault(disk, "a record of the unknown chain %u", batch->blobs[k]->record.chain);
        }
    }
    for (size_t k = 0; k < batch->chains_count; k++) {
        const struct chain *chain = &batch->chains[k];
        uint64_t recent = chain->head_seq > CHECK_DEPTH ? chain->head_seq - CHECK_DEPTH : 0;
        if (disk_has_chain(&disk->state, chain->number)) {
            check_chain(disk, chain->number, recent > chain->first_seq ? recent : chain->first_seq);
        }
    }
    uint64_t gone = state_forget_moved(&disk->state);
    if (gone > 0) {
        fault(disk, "a commit overwrote the entry at seq %" PRIu64, gone);
    }
}

uint64_t disk_commit(struct disk *disk)
{
    assert(disk->writing > 0);
    assert(disk->writing <= disk->pending_count);
    uint64_t ticket = 0;
    for (size_t i = 0; i < disk->writing; i++) {
        struct batch *batch = &disk->pending[i];
        commit_batch(disk, batch);
        ticket = batch->ticket;
        batch_fini(batch);
    }
    disk->pending_count -= disk->writing;
    memmove(disk->pending, disk->pending + disk->writing,
            disk->pending_count * sizeof *disk->pending);
    disk->writing = 0;
    return ticket;
}

uint64_t disk_drop(struct disk *disk)
{
    uint64_t first = disk->pending_count > 0 ? disk->pending[0].ticket : 0;
    for (size_t i = 0; i < disk->pending_count; i++) {
        batch_fini(&disk->pending[i]);
    }
    disk->pending_count = 0;
    disk->writing = 0;
    return first;
}

uint64_t disk_search(const struct disk_state *state, const struct read_request *request,
                     bool *is_found)
{
    uint64_t seq = request->from;
    for (size_t i = 1;; i++, seq--) {
        const struct slot *slot = disk_resolve(state, request->chain, seq);
        *is_found = slot && !slot->is_damaged &&
                    selection_takes(&request->selection, slot->blob->record.precedence,
                                    slot->blob->record.group);
        if (*is_found || seq <= request->to || i == SEARCH_MAX) {
            return seq;
        }
    }
}

size_t disk_read(const struct disk_state *state, const struct read_request *request,
                 struct record *records, struct slot **damaged)
{
    size_t count = 0;
    uint64_t bytes = 0;
    *damaged = NULL;
    while (count < request->count_max) {
        struct slot *slot = disk_resolve(state, request->chain, request->from + count);
        if (!slot) {
            break;
        }
        if (slot->is_damaged) {
            *damaged = slot;
            break;
        }
        bytes += slot->blob->record.sealed_len;
        if (count > 0 && bytes > request->bytes_max) {
            break;
        }
        records[count++] = slot->blob->record;
        if (request->is_search && slot->blob->record.is_signed) {
            break;
        }
    }
    return count;
}

void disk_take_snapshot(struct disk *disk)
{
    if (disk->snapshots_count == SNAPSHOTS_MAX) {
        disk_state_fini(&disk->snapshots[0]);
        memmove(disk->snapshots, disk->snapshots + 1,
                (SNAPSHOTS_MAX - 1) * sizeof *disk->snapshots);
        disk->snapshots_count--;
    }
    disk_state_copy(&disk->snapshots[disk->snapshots_count++], &disk->state);
}
