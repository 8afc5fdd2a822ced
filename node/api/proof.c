// SPDX-License-Identifier: EUPL-1.2
// Gathers the proof of an entry from the store. How it is handed out is for others.
#include "api/proof.h"

#include <string.h>

#include "sitrep/cose.h"
#include "sitrep/header.h"

enum { READ_BYTES = SEALED_MAX };

// Adds one record. Errors: ERR_CORRUPT (does not match its id, or does not follow the one before).
static enum err proof_add(struct proof *proof, const struct desk_view *desk_view,
                          const struct record *record, const struct named *named)
{
    struct header header;
    const uint8_t *space = desk_space(desk_view->desk);
    enum err err = record_check(record, space, &named->chain, &header);
    if (err == ERR_OK && proof->count > 0) {
        uint8_t id[ID_LEN];
        header_id(space, proof->headers[proof->count - 1].bytes,
                  proof->headers[proof->count - 1].len, id);
        err = memcmp(id, header.prev, ID_LEN) == 0 ? ERR_OK : ERR_CORRUPT;
    }
    if (err != ERR_OK) {
        desk_report_damaged(desk_view->desk, record->chain, record->seq);
        return err;
    }
    proof->headers[proof->count].len = header_encode(&header, proof->headers[proof->count].bytes);
    proof->count++;
    return ERR_OK;
}

// The signature is not part of the id, so that record_check cannot tell when it is damaged.
static enum err proof_verify(struct proof *proof, const struct desk_view *desk_view,
                             const struct record *record, const struct named *named)
{
    struct span aad = {desk_space(desk_view->desk), ID_LEN};
    struct span payload = {proof->headers[proof->count - 1].bytes,
                           proof->headers[proof->count - 1].len};
    if (cose_verify(named->chain.author, aad, payload, record->signature) != ERR_OK) {
        desk_report_damaged(desk_view->desk, record->chain, record->seq);
        return ERR_CORRUPT;
    }
    memcpy(proof->signature, record->signature, SIGNATURE_LEN);
    proof->signer = named->name;
    proof->signer.seq = record->seq;
    return ERR_OK;
}

// Adds records until one is signed. ERR_AGAIN: none of them is.
static enum err proof_add_set(struct proof *proof, const struct desk_view *desk_view,
                              const struct record_set *set, const struct named *named)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct record *record = &set->records[i];
        enum err err = proof_add(proof, desk_view, record, named);
        if (err != ERR_OK) {
            return err;
        }
        if (record->is_signed) {
            return proof_verify(proof, desk_view, record, named);
        }
    }
    return ERR_AGAIN;
}

enum err proof_make(struct proof *proof, const struct desk_view *desk_view,
                    const struct named *named, uint64_t seq)
{
    struct store *store = desk_store(desk_view->desk);
    struct record_set set = {0};
    enum err err = ERR_AGAIN;
    proof->count = 0;
    while (err == ERR_AGAIN && proof->count < PROOF_MAX) {
        err = store_read(store, named->chain.number, seq + proof->count,
                         (uint32_t)(PROOF_MAX - proof->count), READ_BYTES, &set);
        if (err == ERR_OK) {
            err = set.count == 0 ? ERR_NOT_FOUND : proof_add_set(proof, desk_view, &set, named);
        }
    }
    record_set_fini(&set);
    return err == ERR_AGAIN ? ERR_NOT_FOUND : err;
}
