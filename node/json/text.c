// SPDX-License-Identifier: EUPL-1.2
// JSON text, written to a growing buffer. Strings are taken as valid UTF-8; nothing is checked
// here.
#include "json/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "json/rfc3339.h"

enum { TEXT_FIRST_SIZE = 1024 };

void text_fini(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->has_failed = false;
    text->needs_comma = false;
}

// Room for `len` more bytes, or NULL.
static char *text_grow(struct text *text, size_t len)
{
    if (text->has_failed) {
        return NULL;
    }
    if (len <= text->size - text->len) {
        return text->bytes + text->len;
    }
    size_t size = text->size == 0 ? TEXT_FIRST_SIZE : text->size;
    while (size < SIZE_MAX / 4 && size - text->len < len) {
        size *= 2;
    }
    char *bytes = size - text->len < len ? NULL : realloc(text->bytes, size);
    if (bytes == NULL) {
        text->has_failed = true;
        return NULL;
    }
    text->bytes = bytes;
    text->size = size;
    return bytes + text->len;
}

void text_raw(struct text *text, const void *bytes, size_t len)
{
    char *at = len == 0 ? NULL : text_grow(text, len);
    if (at == NULL) {
        return;
    }
    memcpy(at, bytes, len);
    text->len += len;
}

// A value begins: the comma before it, when one is due.
static void text_begin(struct text *text)
{
    if (text->needs_comma) {
        text_raw(text, ",", 1);
    }
    text->needs_comma = true;
}

void text_open(struct text *text, char bracket)
{
    text_begin(text);
    text_raw(text, &bracket, 1);
    text->needs_comma = false;
}

void text_close(struct text *text, char bracket)
{
    text_raw(text, &bracket, 1);
    text->needs_comma = true;
}

static void text_escape(struct text *text, unsigned char byte)
{
    switch (byte) {
    case '"':
        text_raw(text, "\\\"", 2);
        return;
    case '\\':
        text_raw(text, "\\\\", 2);
        return;
    case '\n':
        text_raw(text, "\\n", 2);
        return;
    case '\t':
        text_raw(text, "\\t", 2);
        return;
    default: {
        char escaped[8];
        snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        text_raw(text, escaped, 6);
    }
    }
}

static void text_quote(struct text *text, struct span value)
{
    text_raw(text, "\"", 1);
    size_t plain = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = value.bytes[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
            continue;
        }
        text_raw(text, value.bytes + plain, i - plain);
        text_escape(text, byte);
        plain = i + 1;
    }
    text_raw(text, value.bytes + plain, value.len - plain);
    text_raw(text, "\"", 1);
}

void text_key_span(struct text *text, struct span name)
{
    text_begin(text);
    text_quote(text, name);
    text_raw(text, ":", 1);
    text->needs_comma = false;
}

void text_key(struct text *text, const char *name)
{
    text_key_span(text, (struct span){(const uint8_t *)name, strlen(name)});
}

void text_span(struct text *text, struct span value)
{
    text_begin(text);
    text_quote(text, value);
}

void text_string(struct text *text, const char *value)
{
    text_span(text, (struct span){(const uint8_t *)value, strlen(value)});
}

void text_uint(struct text *text, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    text_begin(text);
    text_raw(text, digits, (size_t)len);
}

void text_int(struct text *text, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, value);
    text_begin(text);
    text_raw(text, digits, (size_t)len);
}

void text_number(struct text *text, const char *digits)
{
    text_begin(text);
    text_raw(text, digits, strlen(digits));
}

void text_bool(struct text *text, bool value)
{
    text_begin(text);
    text_raw(text, value ? "true" : "false", value ? 4 : 5);
}

void text_null(struct text *text)
{
    text_begin(text);
    text_raw(text, "null", 4);
}

void text_hex(struct text *text, const uint8_t *bytes, size_t len)
{
    text_begin(text);
    text_raw(text, "\"", 1);
    char *at = text_grow(text, len * 2 + 1);
    if (at != NULL) {
        sodium_bin2hex(at, len * 2 + 1, bytes, len);
        text->len += len * 2;
    }
    text_raw(text, "\"", 1);
}

void text_base64(struct text *text, struct span bytes)
{
    text_begin(text);
    text_raw(text, "\"", 1);
    size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *at = text_grow(text, size);
    if (at != NULL) {
        sodium_bin2base64(at, size, bytes.bytes, bytes.len, sodium_base64_VARIANT_ORIGINAL);
        text->len += size - 1;
    }
    text_raw(text, "\"", 1);
}

void text_time(struct text *text, uint64_t ms)
{
    char time[RFC3339_SIZE];
    if (ms == 0 || rfc3339_format(ms, time) != ERR_OK) {
        text_null(text);
    } else {
        text_string(text, time);
    }
}

void text_end_line(struct text *text)
{
    text_raw(text, "\n", 1);
    text->needs_comma = false;
}
