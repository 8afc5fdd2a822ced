// SPDX-License-Identifier: EUPL-1.2
// Parts of messages, and what is held of them, between structs and bytes [17.2, 17.6].
#include "wire/part.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

enum { PART_FIELDS = 4, PART_FIELDS_FIRST = 6, HELD_FIELDS = 2 };

void part_tag(struct span message, uint8_t tag[static TAG_LEN])
{
    static const char label[] = "sitrep/part/1";
    uint8_t hash[DIGEST_LEN];

    const int failed = crypto_generichash_blake2b(hash, sizeof hash, message.bytes, message.len,
                                                  (const uint8_t *)label, sizeof label - 1);
    assert(!failed);
    (void)failed;
    memcpy(tag, hash, TAG_LEN);
}

void part_get(struct message_reader *reader, struct part *part)
{
    struct cbor_reader *const cbor = &reader->cbor;

    assert(reader->type == MESSAGE_PART);
    *part = (struct part){.is_first = reader->fields == PART_FIELDS_FIRST, .total = MESSAGE_MAX};
    part->lane = (uint8_t)cbor_get_uint_max(cbor, LANES - 1);
    part->offset = (uint32_t)cbor_get_uint_max(cbor, MESSAGE_MAX - 1);
    if (part->is_first) {
        part->total = (uint32_t)cbor_get_uint_max(cbor, MESSAGE_MAX);
        cbor_get_exact(cbor, part->tag, TAG_LEN);
    } else if (reader->fields != PART_FIELDS || part->offset == 0) {
        cbor_fail(cbor, ERR_MALFORMED); // [17.2]
    }
    part->bytes = cbor_get_bytes(cbor);
    if (part->bytes.len < 1 || part->bytes.len > part->total ||
        part->offset > part->total - part->bytes.len) {
        cbor_fail(cbor, ERR_MALFORMED); // [17.2]
    }
}

void part_put(struct cbor_writer *writer, const struct part *part)
{
    assert(part->lane < LANES && part->bytes.len >= 1);
    assert(part->is_first || part->offset > 0);
    assert(part->offset + part->bytes.len <= MESSAGE_MAX);
    cbor_put_array(writer, part->is_first ? PART_FIELDS_FIRST : PART_FIELDS);
    cbor_put_uint(writer, MESSAGE_PART);
    cbor_put_uint(writer, part->lane);
    cbor_put_uint(writer, part->offset);
    if (part->is_first) {
        assert(part->offset + part->bytes.len <= part->total && part->total <= MESSAGE_MAX);
        cbor_put_uint(writer, part->total);
        cbor_put_bytes(writer, part->tag, TAG_LEN);
    }
    cbor_put_bytes(writer, part->bytes.bytes, part->bytes.len);
}

size_t held_get(struct message_reader *reader, struct held list[static HELD_MAX])
{
    struct cbor_reader *const cbor = &reader->cbor;

    assert(reader->type == MESSAGE_HELD);
    const size_t items = cbor_get_array(cbor);
    const size_t count = items / HELD_FIELDS;
    if (items == 0 || items % HELD_FIELDS != 0) {
        cbor_fail(cbor, ERR_MALFORMED); // [17.6]
    } else if (count > HELD_MAX) {
        cbor_fail(cbor, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && cbor->err == ERR_OK; i++) {
        cbor_get_exact(cbor, list[i].tag, TAG_LEN);
        list[i].len = (uint32_t)cbor_get_uint_max(cbor, MESSAGE_MAX - 1);
        if (list[i].len == 0) {
            cbor_fail(cbor, ERR_MALFORMED);
        }
    }
    return cbor->err == ERR_OK ? count : 0;
}

void held_put(struct cbor_writer *writer, const struct held *list, size_t count)
{
    assert(count >= 1 && count <= HELD_MAX);
    cbor_put_array(writer, 2);
    cbor_put_uint(writer, MESSAGE_HELD);
    cbor_put_array(writer, count * HELD_FIELDS);
    for (size_t i = 0; i < count; i++) {
        assert(list[i].len >= 1 && list[i].len < MESSAGE_MAX);
        cbor_put_bytes(writer, list[i].tag, TAG_LEN);
        cbor_put_uint(writer, list[i].len);
    }
}
