// SPDX-License-Identifier: EUPL-1.2
// Bodies as tests write them: JSON with ' for ", in which "@3/1/7" is a reference to the entry of
// author 3, epoch 1 and seq 7, "0xab" are bytes, and "#9" are nine bytes of zero.
#ifndef TESTS_UNIT_BODY_TEXT_H
#define TESTS_UNIT_BODY_TEXT_H

#include <assert.h>

#include "sitrep/content.h"
#include "vectors.h"

enum { BODY_KEYS_MAX = 64 };

// The caller drops the result.
static inline json_t *body_json(const char *text)
{
    json_error_t error;
    char *const quoted = strdup(text);

    assert_non_null(quoted);
    for (char *at = strchr(quoted, '\''); at != NULL; at = strchr(at, '\'')) {
        *at = '"';
    }
    json_t *const json =
        json_loads(quoted, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json == NULL) {
        fail_msg("%s: %s", text, error.text);
    }
    free(quoted);
    return json;
}

static inline void body_put_ref(struct cbor_writer *writer, const char *text)
{
    struct ref ref;
    char *at;

    ref.author = (uint32_t)strtoul(text, &at, 10);
    assert_int_equal(*at, '/');
    ref.epoch = (uint32_t)strtoul(at + 1, &at, 10);
    assert_int_equal(*at, '/');
    ref.seq = strtoull(at + 1, &at, 10);
    memset(ref.tag, (int)(ref.seq & 0xff), TAG_LEN);
    ref_put(writer, &ref);
}

static inline void body_put_zeros(struct cbor_writer *writer, size_t len)
{
    uint8_t *const zeros = calloc(1, len + 1);

    assert_non_null(zeros);
    cbor_put_bytes(writer, zeros, len);
    free(zeros);
}

static inline void body_put_text(struct cbor_writer *writer, const json_t *json)
{
    const char *const text = json_string_value(json);
    size_t len = json_string_length(json);

    if (text[0] == '@') {
        body_put_ref(writer, text + 1);
    } else if (text[0] == '#') {
        body_put_zeros(writer, strtoul(text + 1, NULL, 10));
    } else if (strncmp(text, "0x", 2) == 0) {
        uint8_t *const bytes = vectors_bytes(text + 2, &len);
        cbor_put_bytes(writer, bytes, len);
        free(bytes);
    } else {
        cbor_put_text(writer, text, len);
    }
}

// The order of keys [1.1].
static inline int body_compare_keys(const void *a, const void *b)
{
    const char *const one = *(const char *const *)a;
    const char *const other = *(const char *const *)b;
    const size_t len = strlen(one);
    const size_t other_len = strlen(other);

    return len != other_len ? (len > other_len) - (len < other_len) : strcmp(one, other);
}

static inline void body_put(struct cbor_writer *writer, json_t *json);

static inline void body_put_map(struct cbor_writer *writer, json_t *json)
{
    const char *keys[BODY_KEYS_MAX];
    const char *key;
    json_t *value;
    size_t count = 0;

    json_object_foreach(json, key, value)
    {
        assert_true(count < BODY_KEYS_MAX);
        keys[count++] = key;
    }
    qsort(keys, count, sizeof *keys, body_compare_keys);
    cbor_put_map(writer, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_text(writer, keys[i], strlen(keys[i]));
        body_put(writer, json_object_get(json, keys[i]));
    }
}

static inline void body_put(struct cbor_writer *writer, json_t *json)
{
    if (json_is_object(json)) {
        body_put_map(writer, json);
    } else if (json_is_array(json)) {
        cbor_put_array(writer, json_array_size(json));
        for (size_t i = 0; i < json_array_size(json); i++) {
            body_put(writer, json_array_get(json, i));
        }
    } else if (json_is_string(json)) {
        body_put_text(writer, json);
    } else if (json_is_integer(json)) {
        cbor_put_int(writer, json_integer_value(json));
    } else if (json_is_boolean(json)) {
        cbor_put_bool(writer, json_is_true(json));
    } else {
        assert_true(json_is_null(json));
        cbor_put_null(writer);
    }
}

// The caller frees the result, which is of exactly that length.
static inline uint8_t *body_encode(json_t *json, size_t *len)
{
    static uint8_t room[CONTENT_MAX];
    struct cbor_writer writer;

    cbor_write(&writer, room, sizeof room);
    body_put(&writer, json);
    *len = cbor_written(&writer);
    assert(*len > 0);
    uint8_t *const bytes = malloc(*len);
    assert_non_null(bytes);
    memcpy(bytes, room, *len);
    return bytes;
}

// A body, and what is read from it.
struct body_reading {
    uint8_t *bytes; // the values of `content` lie there
    enum err err;
    struct content content;
    struct content_fault why;
};

// Demands that `content` is left alone where it is not written.
static inline void body_read(struct body_reading *reading, uint8_t *bytes, size_t len)
{
    const uint8_t *const content = (const uint8_t *)&reading->content;

    memset(reading, 0xa5, sizeof *reading);
    reading->bytes = bytes;
    reading->err = content_read((struct span){bytes, len}, &reading->content, &reading->why);
    if (reading->err != ERR_OK) {
        for (size_t i = 0; i < sizeof reading->content; i++) {
            assert_int_equal(content[i], 0xa5);
        }
    } else {
        assert_int_equal(reading->why.fault, FAULT_NONE);
    }
}

static inline void body_read_json(struct body_reading *reading, json_t *json)
{
    size_t len;
    uint8_t *const bytes = body_encode(json, &len);

    body_read(reading, bytes, len);
}

static inline void body_read_text(struct body_reading *reading, const char *text)
{
    json_t *const json = body_json(text);

    body_read_json(reading, json);
    json_decref(json);
}

#endif
