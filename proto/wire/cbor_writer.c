// SPDX-License-Identifier: EUPL-1.2
// Writes deterministic CBOR: shortest forms and definite lengths. PROTOCOL.md 1.1. Sorting a map's
// pairs is left to the caller.
#include <assert.h>
#include <string.h>

#include "sitrep/cbor.h"

// First bytes: the major type in the upper three bits.
enum {
    FIRST_UINT = 0x00,
    FIRST_NINT = 0x20,
    FIRST_BYTES = 0x40,
    FIRST_TEXT = 0x60,
    FIRST_ARRAY = 0x80,
    FIRST_MAP = 0xa0,
    FIRST_FALSE = 0xf4,
    FIRST_TRUE = 0xf5,
    FIRST_NULL = 0xf6
};

void cbor_write(struct cbor_writer *writer, uint8_t *buffer, size_t size)
{
    assert(buffer != NULL);
    writer->start = buffer;
    writer->at = buffer;
    writer->end = buffer + size;
    writer->is_full = false;
}

// Room for `len` bytes, or NULL, from then on for good.
static inline uint8_t *take(struct cbor_writer *writer, size_t len)
{
    assert(writer->at <= writer->end);
    if (writer->is_full || (size_t)(writer->end - writer->at) < len) {
        writer->is_full = true;
        return NULL;
    }
    uint8_t *const room = writer->at;
    writer->at += len;
    return room;
}

static void put_long(struct cbor_writer *writer, uint8_t first, uint64_t value)
{
    const unsigned size = value <= UINT8_MAX    ? 0
                          : value <= UINT16_MAX ? 1
                          : value <= UINT32_MAX ? 2
                                                : 3;
    const size_t len = (size_t)1 << size;
    uint8_t *const room = take(writer, 1 + len);

    if (room == NULL) {
        return;
    }
    room[0] = (uint8_t)(first + 24 + size);
    for (size_t i = len; i > 0; i--) {
        room[i] = (uint8_t)value;
        value >>= 8;
    }
}

static inline void put_head(struct cbor_writer *writer, uint8_t first, uint64_t value)
{
    if (value >= 24) {
        put_long(writer, first, value);
        return;
    }
    uint8_t *const room = take(writer, 1);
    if (room != NULL) {
        *room = (uint8_t)(first + value);
    }
}

void cbor_put_uint(struct cbor_writer *writer, uint64_t value)
{
    put_head(writer, FIRST_UINT, value);
}

void cbor_put_int(struct cbor_writer *writer, int64_t value)
{
    if (value < 0) {
        put_head(writer, FIRST_NINT, (uint64_t)(-1 - value));
    } else {
        put_head(writer, FIRST_UINT, (uint64_t)value);
    }
}

void cbor_put_bool(struct cbor_writer *writer, bool value)
{
    const uint8_t byte = value ? FIRST_TRUE : FIRST_FALSE;

    cbor_put_raw(writer, &byte, 1);
}

void cbor_put_null(struct cbor_writer *writer)
{
    const uint8_t byte = FIRST_NULL;

    cbor_put_raw(writer, &byte, 1);
}

void cbor_put_bytes(struct cbor_writer *writer, const uint8_t *bytes, size_t len)
{
    put_head(writer, FIRST_BYTES, len);
    cbor_put_raw(writer, bytes, len);
}

void cbor_put_text(struct cbor_writer *writer, const char *text, size_t len)
{
    put_head(writer, FIRST_TEXT, len);
    cbor_put_raw(writer, (const uint8_t *)text, len);
}

void cbor_put_array(struct cbor_writer *writer, size_t count)
{
    put_head(writer, FIRST_ARRAY, count);
}

void cbor_put_map(struct cbor_writer *writer, size_t count)
{
    put_head(writer, FIRST_MAP, count);
}

void cbor_put_raw(struct cbor_writer *writer, const uint8_t *bytes, size_t len)
{
    assert(bytes != NULL || len == 0);
    uint8_t *const room = take(writer, len);

    if (room != NULL && len > 0) {
        memcpy(room, bytes, len);
    }
}

size_t cbor_written(const struct cbor_writer *writer)
{
    return writer->is_full ? 0 : (size_t)(writer->at - writer->start);
}
