// SPDX-License-Identifier: EUPL-1.2
// A buffer of records with their bodies, and the check of a record against its id.
#include <stdlib.h>
#include <string.h>

#include "sitrep/header.h"
#include "store/store_private.h"

// Nothing can go on without memory: the process ends here and its supervisor starts it anew.
void *store_realloc(void *memory, size_t size)
{
    void *grown = realloc(memory, size);
    if (grown == NULL) {
        abort();
    }
    return grown;
}

void record_set_clear(struct record_set *set)
{
    set->count = 0;
    set->bytes_len = 0;
}

void record_set_fini(struct record_set *set)
{
    free(set->records);
    free(set->bytes);
    *set = (struct record_set){0};
}

void record_set_append(struct record_set *set, const struct record *record)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity == 0 ? 32 : 2 * set->capacity;
        set->records = store_realloc(set->records, set->capacity * sizeof *set->records);
    }
    size_t need = set->bytes_len + record->sealed_len;
    if (need > set->bytes_capacity) {
        set->bytes_capacity = need < 16384 ? 16384 : 2 * need;
        set->bytes = store_realloc(set->bytes, set->bytes_capacity);
    }
    if (record->sealed_len > 0) {
        memcpy(set->bytes + set->bytes_len, record->sealed, record->sealed_len);
    }
    set->bytes_len = need;
    set->records[set->count++] = *record;
}

void record_set_finish(struct record_set *set)
{
    const uint8_t *at = set->bytes;
    for (size_t i = 0; i < set->count; i++) {
        set->records[i].sealed = at;
        at += set->records[i].sealed_len;
    }
}

enum err record_check(const struct record *record, const uint8_t space[static ID_LEN],
                      const struct chain *chain, struct header *header)
{
    static const uint8_t zeros[ID_LEN];
    struct header built = {
        .epoch = chain->epoch,
        .seq = record->seq,
        .time = record->time,
        .precedence = record->precedence,
        .size = record->sealed_len,
    };
    // What the encoder takes for granted [3.2-3.4].
    if (record->seq == 0 || record->seq > SEQ_MAX || chain->epoch > EPOCH_MAX ||
        record->time >> 63 != 0 || record->precedence >= PRECEDENCES ||
        record->sealed_len < SEALED_MIN || record->sealed_len > SEALED_MAX ||
        (record->seq == 1 && memcmp(record->prev, zeros, ID_LEN) != 0)) {
        return ERR_CORRUPT;
    }
    memcpy(built.author, chain->author, SIGN_KEY_LEN);
    memcpy(built.prev, record->prev, ID_LEN);
    memcpy(built.group, record->group, TAG_LEN);
    memcpy(built.key, record->key, TAG_LEN);
    header_digest(record->sealed, record->sealed_len, built.digest);
    uint8_t bytes[HEADER_MAX];
    uint8_t id[ID_LEN];
    size_t len = header_encode(&built, bytes);
    header_id(space, bytes, len, id);
    if (memcmp(id, record->id, ID_LEN) != 0) {
        return ERR_CORRUPT;
    }
    *header = built;
    return ERR_OK;
}
