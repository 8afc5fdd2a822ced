// SPDX-License-Identifier: EUPL-1.2
// Reads deterministic CBOR from foreign bytes and refuses everything else. PROTOCOL.md 1.1-1.3.
//
// After a failure `at` equals `end`, so the fast paths need one test for both "nothing left" and
// "failed before".
#include <assert.h>
#include <string.h>

#include "sitrep/cbor.h"
#include "sitrep/limits.h"

enum major {
    MAJOR_UINT,
    MAJOR_NINT,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_ARRAY,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE
};

// The only simple values there are [1.2], as whole first bytes.
enum { FIRST_FALSE = 0xf4, FIRST_TRUE = 0xf5, FIRST_NULL = 0xf6 };

// An array or map whose items are still being walked.
struct level {
    const uint8_t *start;
    uint64_t left; // items to come; a pair counts as two
    bool is_map;
    struct span key; // the last one seen; empty before the first
};

// What an empty span points at, so that no span is ever NULL.
static const uint8_t nothing[1] = {0};

static size_t left_in(const struct cbor_reader *reader)
{
    assert(reader->at <= reader->end);
    return (size_t)(reader->end - reader->at);
}

static struct span empty_span(void)
{
    return (struct span){nothing, 0};
}

bool span_is(struct span span, const char *text)
{
    const size_t len = strlen(text);

    return span.len == len && (len == 0 || memcmp(span.bytes, text, len) == 0);
}

void cbor_read(struct cbor_reader *reader, const uint8_t *bytes, size_t len)
{
    assert(bytes != NULL || len == 0);
    if (bytes == NULL) {
        bytes = nothing;
    }
    *reader = (struct cbor_reader){.at = bytes, .end = bytes + len, .err = ERR_OK};
}

void cbor_fail(struct cbor_reader *reader, enum err err)
{
    assert(err != ERR_OK);
    if (reader->err == ERR_OK) {
        reader->err = err;
    }
    reader->at = reader->end;
}

// The value that follows first byte 0x18..0x1b of any major type. Only the shortest form is let
// through [1.1], and no indefinite length [1.2].
static bool take_long(struct cbor_reader *reader, uint64_t *value)
{
    static const uint64_t shorter_max[] = {23, UINT8_MAX, UINT16_MAX, UINT32_MAX};
    const unsigned size = (*reader->at & 0x1fU) - 24;

    if (size > 3 || left_in(reader) <= (size_t)1 << size) {
        cbor_fail(reader, ERR_MALFORMED);
        return false;
    }
    uint64_t sum = 0;
    for (size_t i = 1; i <= (size_t)1 << size; i++) {
        sum = sum << 8 | reader->at[i];
    }
    if (sum <= shorter_max[size]) {
        cbor_fail(reader, ERR_MALFORMED);
        return false;
    }
    reader->at += 1 + ((size_t)1 << size);
    *value = sum;
    return true;
}

static inline enum major next_major(const struct cbor_reader *reader)
{
    assert(reader->at < reader->end);
    return (enum major)(*reader->at >> 5);
}

// Consumes an item's first bytes and gives the value in them, 0 after a failure.
static inline bool take_value(struct cbor_reader *reader, uint64_t *value)
{
    const unsigned low = *reader->at & 0x1fU;

    if (low >= 24) {
        return take_long(reader, value);
    }
    *value = low;
    reader->at++;
    return true;
}

static inline bool take_head(struct cbor_reader *reader, enum major major, uint64_t *value)
{
    *value = 0;
    if (reader->at == reader->end || next_major(reader) != major) {
        cbor_fail(reader, ERR_MALFORMED);
        return false;
    }
    return take_value(reader, value);
}

// `len` comes from outside: it is compared in 64 bits before it is narrowed.
static inline struct span take_span(struct cbor_reader *reader, uint64_t len)
{
    if (len > left_in(reader)) {
        cbor_fail(reader, ERR_MALFORMED);
        return empty_span();
    }
    const struct span span = {reader->at, (size_t)len};
    reader->at += span.len;
    return span;
}

enum cbor_type cbor_peek(const struct cbor_reader *reader)
{
    static const enum cbor_type types[] = {
        [MAJOR_UINT] = CBOR_UINT, [MAJOR_NINT] = CBOR_NINT,   [MAJOR_BYTES] = CBOR_BYTES,
        [MAJOR_TEXT] = CBOR_TEXT, [MAJOR_ARRAY] = CBOR_ARRAY, [MAJOR_MAP] = CBOR_MAP,
        [MAJOR_TAG] = CBOR_END,   [MAJOR_SIMPLE] = CBOR_END,
    };

    if (reader->at == reader->end) {
        return CBOR_END;
    }
    if (*reader->at == FIRST_FALSE || *reader->at == FIRST_TRUE) {
        return CBOR_BOOL;
    }
    if (*reader->at == FIRST_NULL) {
        return CBOR_NULL;
    }
    return types[next_major(reader)];
}

uint64_t cbor_get_uint(struct cbor_reader *reader)
{
    uint64_t value;

    return take_head(reader, MAJOR_UINT, &value) ? value : 0;
}

uint64_t cbor_get_uint_max(struct cbor_reader *reader, uint64_t max)
{
    const uint64_t value = cbor_get_uint(reader);

    if (value > max) {
        cbor_fail(reader, ERR_LIMIT);
        return 0;
    }
    return value;
}

int64_t cbor_get_int(struct cbor_reader *reader)
{
    const bool is_negative = cbor_peek(reader) == CBOR_NINT;
    uint64_t value;

    if (!take_head(reader, is_negative ? MAJOR_NINT : MAJOR_UINT, &value)) {
        return 0;
    }
    if (value > INT64_MAX) {
        cbor_fail(reader, ERR_LIMIT);
        return 0;
    }
    return is_negative ? -1 - (int64_t)value : (int64_t)value;
}

bool cbor_get_bool(struct cbor_reader *reader)
{
    if (cbor_peek(reader) != CBOR_BOOL) {
        cbor_fail(reader, ERR_MALFORMED);
        return false;
    }
    return *reader->at++ == FIRST_TRUE;
}

bool cbor_take_null(struct cbor_reader *reader)
{
    if (cbor_peek(reader) != CBOR_NULL) {
        return false;
    }
    reader->at++;
    return true;
}

void cbor_get_null(struct cbor_reader *reader)
{
    if (!cbor_take_null(reader)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

struct span cbor_get_bytes(struct cbor_reader *reader)
{
    uint64_t len;

    return take_head(reader, MAJOR_BYTES, &len) ? take_span(reader, len) : empty_span();
}

void cbor_get_exact(struct cbor_reader *reader, uint8_t *out, size_t len)
{
    const struct span span = cbor_get_bytes(reader);

    if (span.len == len && reader->err == ERR_OK) {
        memcpy(out, span.bytes, len);
        return;
    }
    cbor_fail(reader, ERR_MALFORMED);
    memset(out, 0, len);
}

// What may follow a first byte of UTF-8: how many bytes in all, and between which bounds the second
// lies. The bounds leave out overlong forms, surrogates, and all above U+10FFFF.
struct utf8_form {
    uint8_t lead_max;
    uint8_t len;
    uint8_t low, high;
};

// Bytes of the UTF-8 character that begins with the non-ASCII byte at[0], or 0 when it is none.
static size_t utf8_len(const uint8_t *at, size_t left)
{
    static const struct utf8_form forms[] = {
        {0xc1, 0, 0, 0},       {0xdf, 2, 0x80, 0xbf}, {0xe0, 3, 0xa0, 0xbf}, {0xec, 3, 0x80, 0xbf},
        {0xed, 3, 0x80, 0x9f}, {0xef, 3, 0x80, 0xbf}, {0xf0, 4, 0x90, 0xbf}, {0xf3, 4, 0x80, 0xbf},
        {0xf4, 4, 0x80, 0x8f}, {0xff, 0, 0, 0},
    };
    const struct utf8_form *form = forms;

    while (at[0] > form->lead_max) {
        form++;
    }
    if (form->len == 0 || form->len > left || at[1] < form->low || at[1] > form->high) {
        return 0;
    }
    for (size_t i = 2; i < form->len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return form->len;
}

static bool is_utf8(struct span text)
{
    for (size_t i = 0; i < text.len;) {
        const size_t len = text.bytes[i] < 0x80 ? 1 : utf8_len(text.bytes + i, text.len - i);

        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

static struct span take_text(struct cbor_reader *reader, uint64_t len)
{
    const struct span text = take_span(reader, len);

    if (!is_utf8(text)) { // [1.2]
        cbor_fail(reader, ERR_MALFORMED);
        return empty_span();
    }
    return text;
}

struct span cbor_get_text(struct cbor_reader *reader)
{
    uint64_t len;

    return take_head(reader, MAJOR_TEXT, &len) ? take_text(reader, len) : empty_span();
}

// Every item takes a byte or more, so a larger count is a lie: found out before any loop over it.
static uint64_t check_count(struct cbor_reader *reader, uint64_t count, size_t item_bytes)
{
    if (count > left_in(reader) / item_bytes) {
        cbor_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return count;
}

size_t cbor_get_array(struct cbor_reader *reader)
{
    uint64_t count;

    return take_head(reader, MAJOR_ARRAY, &count) ? (size_t)check_count(reader, count, 1) : 0;
}

size_t cbor_get_map(struct cbor_reader *reader)
{
    uint64_t count;

    return take_head(reader, MAJOR_MAP, &count) ? (size_t)check_count(reader, count, 2) : 0;
}

void cbor_get_array_of(struct cbor_reader *reader, size_t count)
{
    uint64_t found;

    if (take_head(reader, MAJOR_ARRAY, &found) && found != count) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

// Whether `next` comes after `last` in bytewise order [1.1]. No item's encoding is the beginning of
// another's, so the shorter length decides nothing.
static bool is_after(struct span last, struct span next)
{
    return memcmp(last.bytes, next.bytes, last.len < next.len ? last.len : next.len) < 0;
}

// Counts the item that began at `start` and has just been consumed. In a map, keys and values
// take turns, and a key must come after the one before it.
static void close_item(struct cbor_reader *reader, struct level *level, const uint8_t *start)
{
    const struct span item = {start, (size_t)(reader->at - start)};

    assert(level->left > 0);
    level->left--;
    if (!level->is_map || level->left % 2 == 0) {
        return;
    }
    if (level->key.len > 0 && !is_after(level->key, item)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    level->key = item;
}

static void skip_simple(struct cbor_reader *reader)
{
    if (*reader->at >= FIRST_FALSE && *reader->at <= FIRST_NULL) {
        reader->at++;
    } else {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

// Consumes one item, of an array or map only the head. Returns whether it was an array or map, and
// fills `level` then.
static bool open_item(struct cbor_reader *reader, struct level *level)
{
    if (reader->at == reader->end) {
        cbor_fail(reader, ERR_MALFORMED);
        return false;
    }
    const uint8_t *const start = reader->at;
    const enum major major = next_major(reader);
    if (major == MAJOR_SIMPLE) {
        skip_simple(reader);
        return false;
    }
    uint64_t value;
    if (!take_value(reader, &value)) {
        return false;
    }
    switch (major) {
    case MAJOR_UINT:
    case MAJOR_NINT:
        return false;
    case MAJOR_BYTES:
        take_span(reader, value);
        return false;
    case MAJOR_TEXT:
        take_text(reader, value);
        return false;
    case MAJOR_ARRAY:
        *level = (struct level){.start = start, .left = check_count(reader, value, 1)};
        return reader->err == ERR_OK;
    case MAJOR_MAP:
        *level = (struct level){
            .start = start, .left = 2 * check_count(reader, value, 2), .is_map = true};
        return reader->err == ERR_OK;
    case MAJOR_TAG:
    case MAJOR_SIMPLE:
        break;
    }
    cbor_fail(reader, ERR_MALFORMED); // a tag [1.2]
    return false;
}

// Closes the item that began at `start`, and every array and map that ends with it.
static size_t close_levels(struct cbor_reader *reader, struct level *levels, size_t depth,
                           const uint8_t *start)
{
    while (depth > 0 && reader->err == ERR_OK) {
        close_item(reader, &levels[depth - 1], start);
        if (levels[depth - 1].left > 0) {
            break;
        }
        start = levels[--depth].start;
    }
    return depth;
}

struct span cbor_skip(struct cbor_reader *reader)
{
    struct level levels[NEST_MAX];
    struct level opened;
    size_t depth = 0;
    const uint8_t *const first = reader->at;

    do {
        const uint8_t *const start = reader->at;
        const bool is_opened = open_item(reader, &opened);
        if (is_opened && depth == NEST_MAX) { // [1.2]
            cbor_fail(reader, ERR_LIMIT);
        } else if (is_opened && opened.left > 0) {
            levels[depth++] = opened;
        } else {
            depth = close_levels(reader, levels, depth, start);
        }
    } while (depth > 0 && reader->err == ERR_OK);
    if (reader->err != ERR_OK) {
        return empty_span();
    }
    return (struct span){first, (size_t)(reader->at - first)};
}

enum err cbor_finish(const struct cbor_reader *reader)
{
    if (reader->err != ERR_OK) {
        return reader->err;
    }
    return reader->at == reader->end ? ERR_OK : ERR_MALFORMED; // [1.2]
}

enum err cbor_check(const uint8_t *bytes, size_t len)
{
    struct cbor_reader reader;

    cbor_read(&reader, bytes, len);
    cbor_skip(&reader);
    return cbor_finish(&reader);
}
