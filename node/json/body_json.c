// SPDX-License-Identifier: EUPL-1.2
// JSON to the CBOR body of an entry, and back. Recursion is bounded by NEST_MAX in one direction
// and by the scan before parsing in the other.
#include "json/body_json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "json/content_json.h"
#include "sitrep/limits.h"

enum {
    // An entry's object, its "fields" and a {"$bytes"} each are a level in JSON and none in CBOR.
    JSON_NEST_MAX = NEST_MAX + 3,
    PAIRS_ON_STACK = 24,
};

// -- from JSON --

// jansson recurses per level and has no limit of its own that fits a small stack.
static bool is_nested_too_deep(const char *bytes, size_t len)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char byte = bytes[i];
        if (in_string && byte == '\\') {
            i++;
        } else if (byte == '"') {
            in_string = !in_string;
        } else if (!in_string && (byte == '{' || byte == '[')) {
            depth++;
        } else if (!in_string && (byte == '}' || byte == ']')) {
            depth--;
        }
        if (depth > JSON_NEST_MAX) {
            return true;
        }
    }
    return false;
}

// jansson's words may quote the input, which is not always whole UTF-8 where it was cut.
static void copy_plain(char *out, const char *text)
{
    size_t len = 0;
    for (; text[len] != '\0' && len < WHY_SIZE - 40; len++) {
        out[len] = text[len];
        if (text[len] < ' ' || text[len] > '~') {
            out[len] = '?';
        }
    }
    out[len] = '\0';
}

json_t *body_parse(const void *bytes, size_t len, char why[static WHY_SIZE])
{
    if (is_nested_too_deep(bytes, len)) {
        snprintf(why, WHY_SIZE, "nested deeper than %d levels", NEST_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        const enum json_error_code code = json_error_code(&error);
        if (code == json_error_null_character || code == json_error_null_byte_in_key) {
            snprintf(why, WHY_SIZE, "a text may not hold the character U+0000 (at byte %d)",
                     error.position);
            return NULL;
        }
        char plain[WHY_SIZE];
        copy_plain(plain, error.text);
        snprintf(why, WHY_SIZE, "not JSON: %.*s (at byte %d)", WHY_SIZE - 40, plain,
                 error.position);
        return NULL;
    }
    if (!json_is_object(json)) {
        snprintf(why, WHY_SIZE, "not a JSON object");
        json_decref(json);
        return NULL;
    }
    return json;
}

size_t body_bound(size_t len)
{
    // The name of an entry may be six characters with quotes and comma, and a reference 27 bytes;
    // nothing else grows as much.
    return len * 5 + 16;
}

struct encoder {
    struct cbor_writer *out;
    char *why;         // WHY_SIZE bytes
    const char *field; // of the first level, for messages
    enum err err;      // sticky
};

static bool is_quotable(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        if (name[i] < ' ' || name[i] > '~') {
            return false;
        }
    }
    return len >= 1 && len <= 40;
}

__attribute__((format(printf, 2, 3))) static void encode_fail(struct encoder *encoder,
                                                              const char *format, ...)
{
    if (encoder->err != ERR_OK) {
        return;
    }
    encoder->err = ERR_MALFORMED;
    char what[WHY_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (is_quotable(encoder->field)) {
        snprintf(encoder->why, WHY_SIZE, "\"%s\": %.*s", encoder->field, WHY_SIZE - 48, what);
    } else {
        snprintf(encoder->why, WHY_SIZE, "a field: %.*s", WHY_SIZE - 48, what);
    }
}

struct pair {
    const char *key;
    size_t len;
    json_t *value;
};

// Ascending order of the keys' encodings: a longer text has the greater head [1.1].
static int pair_compare(const void *a, const void *b)
{
    const struct pair *left = a;
    const struct pair *right = b;
    if (left->len != right->len) {
        return left->len < right->len ? -1 : 1;
    }
    return memcmp(left->key, right->key, left->len);
}

static void encode_value(struct encoder *encoder, json_t *value, int depth);

static void encode_pairs(struct encoder *encoder, struct pair *pairs, size_t count, int depth)
{
    qsort(pairs, count, sizeof *pairs, pair_compare);
    cbor_put_map(encoder->out, count);
    for (size_t i = 0; i < count && encoder->err == ERR_OK; i++) {
        if (depth == 1) {
            encoder->field = pairs[i].key;
        }
        cbor_put_text(encoder->out, pairs[i].key, pairs[i].len);
        encode_value(encoder, pairs[i].value, depth + 1);
    }
}

static void encode_bytes(struct encoder *encoder, json_t *value)
{
    size_t len = json_string_length(value);
    if (!json_is_string(value)) {
        encode_fail(encoder, "\"$bytes\" needs base64 text");
        return;
    }
    uint8_t *bytes = malloc(len + 1);
    size_t bytes_len = 0;
    if (bytes == NULL) {
        encoder->err = ERR_LIMIT;
    } else if (sodium_base642bin(bytes, len + 1, json_string_value(value), len, NULL, &bytes_len,
                                 NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        encode_fail(encoder, "\"$bytes\" is not base64");
    } else {
        cbor_put_bytes(encoder->out, bytes, bytes_len);
    }
    free(bytes);
}

static size_t collect_pairs(struct encoder *encoder, json_t *object, struct pair *pairs)
{
    size_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        pairs[count++] = (struct pair){key, strlen(key), value};
        if (key[0] == '$') {
            encode_fail(encoder,
                        "names that begin with $ are reserved; only {\"$bytes\": \"base64\"}"
                        " has a meaning");
        }
    }
    return count;
}

static void encode_object(struct encoder *encoder, json_t *object, int depth)
{
    json_t *bytes = json_object_get(object, "$bytes");
    if (bytes != NULL && json_object_size(object) == 1) {
        encode_bytes(encoder, bytes);
        return;
    }
    struct pair some[PAIRS_ON_STACK];
    size_t size = json_object_size(object);
    struct pair *pairs = size <= PAIRS_ON_STACK ? some : calloc(size, sizeof *pairs);
    if (pairs == NULL) {
        encoder->err = ERR_LIMIT;
        return;
    }
    size_t count = collect_pairs(encoder, object, pairs);
    if (encoder->err == ERR_OK) {
        encode_pairs(encoder, pairs, count, depth);
    }
    if (pairs != some) {
        free(pairs);
    }
}

static void encode_array(struct encoder *encoder, json_t *array, int depth)
{
    size_t count = json_array_size(array);
    cbor_put_array(encoder->out, count);
    for (size_t i = 0; i < count && encoder->err == ERR_OK; i++) {
        encode_value(encoder, json_array_get(array, i), depth + 1);
    }
}

// `depth` is the level an array or map here would have.
static void encode_value(struct encoder *encoder, json_t *value, int depth)
{
    bool is_bytes = json_is_object(value) && json_object_get(value, "$bytes") != NULL;
    bool is_nest = (json_is_object(value) && !is_bytes) || json_is_array(value);
    if (is_nest && depth > NEST_MAX) {
        encode_fail(encoder, "nested deeper than %d levels", NEST_MAX);
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        encode_object(encoder, value, depth);
        return;
    case JSON_ARRAY:
        encode_array(encoder, value, depth);
        return;
    case JSON_STRING:
        cbor_put_text(encoder->out, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        cbor_put_int(encoder->out, json_integer_value(value));
        return;
    case JSON_REAL:
        encode_fail(encoder, "numbers with a fraction or an exponent are not kept exactly; write "
                             "[mantissa, exponent] or text");
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        cbor_put_bool(encoder->out, json_is_true(value));
        return;
    case JSON_NULL:
        cbor_put_null(encoder->out);
        return;
    }
}

static bool is_kind(const json_t *kind)
{
    size_t len = json_string_length(kind);
    if (!json_is_string(kind) || len < 1 || len > KIND_MAX_LEN) {
        return false;
    }
    return strspn(json_string_value(kind), "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static enum err parts_check(const struct body_parts *parts, char why[static WHY_SIZE])
{
    const char *wrong = NULL;
    if (parts->kind == NULL) {
        wrong = "\"kind\" is missing";
    } else if (!is_kind(parts->kind)) {
        wrong = "\"kind\": must be 1 to 32 of a-z, 0-9 and -";
    } else if (parts->text != NULL && !json_is_string(parts->text)) {
        wrong = "\"text\": must be text";
    } else if (parts->fields != NULL && !json_is_object(parts->fields)) {
        wrong = "\"fields\": must be an object";
    } else if (parts->fields != NULL && (json_object_get(parts->fields, "kind") != NULL ||
                                         json_object_get(parts->fields, "text") != NULL)) {
        wrong = "\"fields\": may not hold \"kind\" or \"text\", which stand beside it";
    }
    if (wrong == NULL) {
        return ERR_OK;
    }
    snprintf(why, WHY_SIZE, "%s", wrong);
    return ERR_MALFORMED;
}

enum err body_from_json(const struct body_parts *parts, struct cbor_writer *out,
                        char why[static WHY_SIZE])
{
    why[0] = '\0';
    enum err err = parts_check(parts, why);
    if (err != ERR_OK) {
        return err;
    }
    struct encoder encoder = {.out = out, .why = why, .field = "fields"};
    size_t size = json_object_size(parts->fields) + 2;
    struct pair some[PAIRS_ON_STACK];
    struct pair *pairs = size <= PAIRS_ON_STACK ? some : calloc(size, sizeof *pairs);
    if (pairs == NULL) {
        return ERR_LIMIT;
    }
    size_t count = parts->fields == NULL ? 0 : collect_pairs(&encoder, parts->fields, pairs);
    pairs[count++] = (struct pair){"kind", 4, parts->kind};
    if (parts->text != NULL) {
        pairs[count++] = (struct pair){"text", 4, parts->text};
    }
    if (encoder.err == ERR_OK) {
        encode_pairs(&encoder, pairs, count, 1);
    }
    if (pairs != some) {
        free(pairs);
    }
    if (encoder.err == ERR_OK && out->is_full) {
        return ERR_LIMIT;
    }
    return encoder.err;
}

// -- to JSON --

static bool has_zero(struct span value)
{
    return value.len > 0 && memchr(value.bytes, 0, value.len) != NULL;
}

bool body_map_is_plain(struct cbor_reader cbor)
{
    size_t count = cbor_get_map(&cbor);
    for (size_t i = 0; i < count; i++) {
        struct span key = {0};
        if (cbor_peek(&cbor) != CBOR_TEXT) {
            return false;
        }
        key = cbor_get_text(&cbor);
        if (has_zero(key) || (key.len > 0 && key.bytes[0] == '$')) {
            return false;
        }
        cbor_skip(&cbor);
    }
    return true;
}

static bool is_plain(const struct cbor_reader *cbor)
{
    struct cbor_reader ahead = *cbor;
    switch (cbor_peek(&ahead)) {
    case CBOR_UINT:
    case CBOR_NINT:
        cbor_get_int(&ahead);
        return ahead.err == ERR_OK;
    case CBOR_TEXT:
        return !has_zero(cbor_get_text(&ahead));
    case CBOR_MAP:
        return body_map_is_plain(ahead);
    case CBOR_BYTES:
    case CBOR_ARRAY:
    case CBOR_BOOL:
    case CBOR_NULL:
    case CBOR_END:
        break;
    }
    return true;
}

static void put_wrapped(struct text *out, const char *name, struct span bytes)
{
    text_open(out, '{');
    text_key(out, name);
    text_base64(out, bytes);
    text_close(out, '}');
}

static void decode_value(struct cbor_reader *cbor, struct text *out);

static void decode_nest(struct cbor_reader *cbor, struct text *out)
{
    bool is_map = cbor_peek(cbor) == CBOR_MAP;
    size_t count = is_map ? cbor_get_map(cbor) : cbor_get_array(cbor);
    text_open(out, is_map ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        if (is_map) {
            text_key_span(out, cbor_get_text(cbor));
        }
        decode_value(cbor, out);
    }
    text_close(out, is_map ? '}' : ']');
}

static void decode_value(struct cbor_reader *cbor, struct text *out)
{
    if (!is_plain(cbor)) {
        put_wrapped(out, "$cbor", cbor_skip(cbor));
        return;
    }
    switch (cbor_peek(cbor)) {
    case CBOR_UINT:
    case CBOR_NINT:
        text_int(out, cbor_get_int(cbor));
        return;
    case CBOR_BYTES:
        put_wrapped(out, "$bytes", cbor_get_bytes(cbor));
        return;
    case CBOR_TEXT:
        text_span(out, cbor_get_text(cbor));
        return;
    case CBOR_ARRAY:
    case CBOR_MAP:
        decode_nest(cbor, out);
        return;
    case CBOR_BOOL:
        text_bool(out, cbor_get_bool(cbor));
        return;
    case CBOR_NULL:
    case CBOR_END:
        cbor_get_null(cbor);
        text_null(out);
        return;
    }
}

// The value of `name`, when it is text that JSON can say: that is written beside "fields".
static bool lift_text(struct span content, const char *name, struct span *value)
{
    struct cbor_reader cbor;
    cbor_read(&cbor, content.bytes, content.len);
    size_t count = cbor_get_map(&cbor);
    for (size_t i = 0; i < count; i++) {
        bool is_it = span_is(cbor_get_text(&cbor), name);
        if (is_it && cbor_peek(&cbor) == CBOR_TEXT && is_plain(&cbor)) {
            *value = cbor_get_text(&cbor);
            return true;
        }
        cbor_skip(&cbor);
    }
    return false;
}

void body_value_write(struct text *out, struct cbor_reader *value)
{
    decode_value(value, out);
}

// The field of that name; the end of a list, which has no name, when the kind has none, or the body
// is not sound.
static const struct field *field_of(const struct content *content, struct span name)
{
    static const struct field none = {.name = NULL};

    if (content->kind == NULL) {
        return &none;
    }
    const struct field *common = field_find(common_fields, name);
    return common->name != NULL ? common : field_find(content->kind->fields, name);
}

static void put_field(const struct content *content, const struct content_names *names,
                      struct cbor_reader *cbor, struct text *out)
{
    const struct span key = cbor_get_text(cbor);
    const struct field *field = field_of(content, key);

    text_key_span(out, key);
    if (field->name != NULL) {
        content_value_write(out, field, cbor_skip(cbor), names);
    } else {
        decode_value(cbor, out);
    }
}

// All but what was lifted out. A body with a name that JSON could not give back comes whole, as its
// own bytes.
static void put_fields(struct span body, bool has_text, const struct content_names *names,
                       struct text *out)
{
    struct content content;
    struct content_fault why;
    struct cbor_reader cbor;
    cbor_read(&cbor, body.bytes, body.len);
    if (!body_map_is_plain(cbor)) {
        put_wrapped(out, "$cbor", body);
        return;
    }
    if (names == NULL || content_read(body, &content, &why) != ERR_OK) {
        content = (struct content){.kind = NULL};
    }
    text_open(out, '{');
    size_t count = cbor_get_map(&cbor);
    for (size_t i = 0; i < count; i++) {
        struct cbor_reader ahead = cbor;
        struct span key = cbor_get_text(&ahead);
        if (span_is(key, "kind") || (has_text && span_is(key, "text"))) {
            cbor_skip(&ahead);
            cbor = ahead;
        } else {
            put_field(&content, names, &cbor, out);
        }
    }
    text_close(out, '}');
}

void body_to_json(struct span content, const struct content_names *names, struct text *out)
{
    struct span kind = {0};
    struct span text = {0};
    bool has_kind = lift_text(content, "kind", &kind);
    bool has_text = lift_text(content, "text", &text);
    assert(has_kind);
    text_key(out, "kind");
    text_span(out, kind);
    if (has_text) {
        text_key(out, "text");
        text_span(out, text);
    }
    text_key(out, "fields");
    put_fields(content, has_text, names, out);
}
