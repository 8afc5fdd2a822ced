// SPDX-License-Identifier: EUPL-1.2
// What messages have in common: indexes, seqs, prefixes of ids and flat lists, within their bounds.
#include "wire/item.h"

#include <string.h>

uint32_t item_get_author(struct cbor_reader *cbor)
{
    return (uint32_t)cbor_get_uint_max(cbor, NODES_MAX - 1); // [5.9]
}

uint64_t item_get_seq(struct cbor_reader *cbor)
{
    const uint64_t seq = cbor_get_uint_max(cbor, SEQ_MAX); // [1.3]

    if (seq == 0) { // [3.2]
        cbor_fail(cbor, ERR_MALFORMED);
    }
    return seq;
}

// A flat list of `fields` values for each item. Returns the number of items.
size_t item_get_list(struct cbor_reader *cbor, size_t fields)
{
    const size_t count = cbor_get_array(cbor);

    if (count % fields != 0) {
        cbor_fail(cbor, ERR_MALFORMED);
        return 0;
    }
    return count / fields;
}

// Counts down the list. A failed reader has no next item, and no items left.
bool item_is_next(struct message_reader *reader)
{
    if (reader->cbor.err != ERR_OK) {
        reader->left = 0;
    }
    if (reader->left == 0) {
        return false;
    }
    reader->left--;
    return true;
}

// A prefix of an id, or null. Returns whether there is one; else `tag` is zeroes.
bool item_get_tag(struct cbor_reader *cbor, uint8_t tag[static TAG_LEN])
{
    if (cbor_take_null(cbor)) {
        memset(tag, 0, TAG_LEN);
        return false;
    }
    cbor_get_exact(cbor, tag, TAG_LEN);
    return true;
}

void item_put_tag(struct cbor_writer *writer, bool is_there, const uint8_t tag[static TAG_LEN])
{
    if (is_there) {
        cbor_put_bytes(writer, tag, TAG_LEN);
    } else {
        cbor_put_null(writer);
    }
}
