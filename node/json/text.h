// SPDX-License-Identifier: EUPL-1.2
// A growing buffer of JSON text, written front to back. Knows commas and escapes, nothing of what
// it says.
//
// Running out of memory is sticky: later calls do nothing, and has_failed tells at the end.
#ifndef NODE_JSON_TEXT_H
#define NODE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"

struct text {
    char *bytes; // not NUL-terminated
    size_t len;
    size_t size;
    bool has_failed;
    bool needs_comma;
};

void text_fini(struct text *text);
void text_clear(struct text *text); // keeps the memory

void text_open(struct text *text, char bracket); // '{' or '['
void text_close(struct text *text, char bracket);
void text_key(struct text *text, const char *name); // plain ASCII, needs no escapes
void text_key_span(struct text *text, struct span name);
void text_string(struct text *text, const char *value); // UTF-8
void text_span(struct text *text, struct span value);   // UTF-8
void text_uint(struct text *text, uint64_t value);
void text_int(struct text *text, int64_t value);
void text_number(struct text *text, const char *digits); // a JSON number as it is
void text_bool(struct text *text, bool value);
void text_null(struct text *text);
void text_hex(struct text *text, const uint8_t *bytes, size_t len);
void text_base64(struct text *text, struct span bytes);
void text_time(struct text *text, uint64_t ms); // RFC 3339, UTC; null when 0 or past the year 9999
void text_end_line(struct text *text);          // of newline-delimited JSON

// As they are, without comma or quotes.
void text_raw(struct text *text, const void *bytes, size_t len);

#endif
