// SPDX-License-Identifier: EUPL-1.2
// References to entries [18.2]. Whether there is such an entry is not known here.
#include <assert.h>
#include <string.h>

#include "sitrep/content.h"

void ref_put(struct cbor_writer *writer, const struct ref *ref)
{
    assert(ref->author < NODES_MAX);
    assert(ref->seq >= 1 && ref->seq <= SEQ_MAX);
    cbor_put_array(writer, 4);
    cbor_put_uint(writer, ref->author);
    cbor_put_uint(writer, ref->epoch);
    cbor_put_uint(writer, ref->seq);
    cbor_put_bytes(writer, ref->tag, TAG_LEN);
}

void ref_get(struct cbor_reader *reader, struct ref *ref)
{
    cbor_get_array_of(reader, 4);
    ref->author = (uint32_t)cbor_get_uint_max(reader, NODES_MAX - 1);
    ref->epoch = (uint32_t)cbor_get_uint_max(reader, EPOCH_MAX);
    ref->seq = cbor_get_uint_max(reader, SEQ_MAX);
    cbor_get_exact(reader, ref->tag, TAG_LEN);
    if (ref->seq == 0) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int ref_compare(const struct ref *a, const struct ref *b)
{
    const int author = number_compare(a->author, b->author);
    const int epoch = number_compare(a->epoch, b->epoch);
    const int seq = number_compare(a->seq, b->seq);
    const int place = author != 0 ? author : epoch != 0 ? epoch : seq;

    return place != 0 ? place : memcmp(a->tag, b->tag, TAG_LEN);
}
