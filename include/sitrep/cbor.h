// SPDX-License-Identifier: EUPL-1.2
// Deterministic CBOR, the subset of PROTOCOL.md 1.1-1.5: a bounded, allocation-free reader and
// writer.
//
// Both have a sticky fault: after the first failure every read yields zero or an empty string,
// every write does nothing, and one check at the end tells. Neither recurses.
#ifndef SITREP_CBOR_H
#define SITREP_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"

enum cbor_type {
    CBOR_END, // nothing is left, the reader has failed, or what comes is refused by 1.2
    CBOR_UINT,
    CBOR_NINT, // a negative integer
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_BOOL,
    CBOR_NULL
};

struct span {
    const uint8_t *bytes;
    size_t len;
};

// Whether it has just those bytes.
bool span_is(struct span span, const char *text);

struct cbor_reader {
    const uint8_t *at;
    const uint8_t *end;
    enum err err; // the first failure; ERR_OK until then
};

// Read from `bytes[0..len)`, which the caller keeps alive while the reader or any span from it is
// used.
void cbor_read(struct cbor_reader *reader, const uint8_t *bytes, size_t len);

// The type of the next item, without consuming it.
enum cbor_type cbor_peek(const struct cbor_reader *reader);

uint64_t cbor_get_uint(struct cbor_reader *reader);
uint64_t cbor_get_uint_max(struct cbor_reader *reader, uint64_t max); // over max: ERR_LIMIT
int64_t cbor_get_int(struct cbor_reader *reader);
bool cbor_get_bool(struct cbor_reader *reader);
void cbor_get_null(struct cbor_reader *reader);
bool cbor_take_null(struct cbor_reader *reader); // consumes a null when one is next, and says so
struct span cbor_get_bytes(struct cbor_reader *reader);
struct span cbor_get_text(struct cbor_reader *reader); // valid UTF-8, not NUL-terminated
// Copies a byte string of exactly `len` bytes to `out` (zeroes it on failure).
void cbor_get_exact(struct cbor_reader *reader, uint8_t *out, size_t len);
// The number of items (arrays) or pairs (maps) that follow. Never more than the bytes left could
// hold.
size_t cbor_get_array(struct cbor_reader *reader);
size_t cbor_get_map(struct cbor_reader *reader);
// An array of exactly `count` items, else ERR_MALFORMED.
void cbor_get_array_of(struct cbor_reader *reader, size_t count);
// Consumes one whole item of any kind, checking all of 1.1 and 1.2 inside it, and returns its
// bytes. Levels are counted from this item.
struct span cbor_skip(struct cbor_reader *reader);
// Marks the reader as failed with `err`, unless it already is. For checks of the caller's own.
void cbor_fail(struct cbor_reader *reader, enum err err);
// ERR_OK when nothing failed and every byte was consumed; bytes left over are ERR_MALFORMED.
CHECKED enum err cbor_finish(const struct cbor_reader *reader);
// ERR_OK when `bytes` are exactly one item that keeps 1.1 and 1.2.
CHECKED enum err cbor_check(const uint8_t *bytes, size_t len);

struct cbor_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool is_full; // sticky: something did not fit
};

// Write into `buffer[0..size)`.
void cbor_write(struct cbor_writer *writer, uint8_t *buffer, size_t size);

void cbor_put_uint(struct cbor_writer *writer, uint64_t value);
void cbor_put_int(struct cbor_writer *writer, int64_t value);
void cbor_put_bool(struct cbor_writer *writer, bool value);
void cbor_put_null(struct cbor_writer *writer);
void cbor_put_bytes(struct cbor_writer *writer, const uint8_t *bytes, size_t len);
void cbor_put_text(struct cbor_writer *writer, const char *text, size_t len);
void cbor_put_array(struct cbor_writer *writer, size_t count);
void cbor_put_map(struct cbor_writer *writer, size_t count); // the caller sorts the pairs [1.1]
// Copies bytes that already are encoded CBOR.
void cbor_put_raw(struct cbor_writer *writer, const uint8_t *bytes, size_t len);
// Bytes written, or 0 when something did not fit.
CHECKED size_t cbor_written(const struct cbor_writer *writer);

#endif
