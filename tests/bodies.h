// SPDX-License-Identifier: EUPL-1.2
// Bodies of entries, written field by field in any order.
#ifndef TESTS_BODIES_H
#define TESTS_BODIES_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/content.h"

enum { BODY_FIELDS = 24, BODY_VALUE = 512, BODY_BYTES = BODY_FIELDS * (BODY_VALUE + 40) };

struct body {
    struct body_field {
        const char *name;
        uint8_t value[BODY_VALUE];
        size_t len;
    } fields[BODY_FIELDS];
    size_t count;
    uint8_t bytes[BODY_BYTES];
};

static inline struct cbor_writer body_open(struct body *body, const char *name)
{
    struct cbor_writer writer;

    assert(body->count < BODY_FIELDS);
    body->fields[body->count].name = name;
    cbor_write(&writer, body->fields[body->count].value, BODY_VALUE);
    return writer;
}

static inline void body_close(struct body *body, const struct cbor_writer *writer)
{
    body->fields[body->count].len = cbor_written(writer);
    assert(body->fields[body->count].len > 0);
    body->count++;
}

static inline void body_text(struct body *body, const char *name, const char *text)
{
    struct cbor_writer writer = body_open(body, name);

    cbor_put_text(&writer, text, strlen(text));
    body_close(body, &writer);
}

static inline void body_count(struct body *body, const char *name, uint64_t count)
{
    struct cbor_writer writer = body_open(body, name);

    cbor_put_uint(&writer, count);
    body_close(body, &writer);
}

static inline void body_ref(struct body *body, const char *name, const struct ref *ref)
{
    struct cbor_writer writer = body_open(body, name);

    ref_put(&writer, ref);
    body_close(body, &writer);
}

static inline int body_compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

static inline void body_refs(struct body *body, const char *name, struct ref *refs, size_t count)
{
    struct cbor_writer writer = body_open(body, name);

    qsort(refs, count, sizeof *refs, body_compare_refs);
    cbor_put_array(&writer, count);
    for (size_t i = 0; i < count; i++) {
        ref_put(&writer, &refs[i]);
    }
    body_close(body, &writer);
}

// Ascending.
static inline void body_centres(struct body *body, const char *name, const uint32_t *centres,
                                size_t count)
{
    struct cbor_writer writer = body_open(body, name);

    cbor_put_array(&writer, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_uint(&writer, centres[i]);
    }
    body_close(body, &writer);
}

static inline void body_begin(struct body *body, const char *kind)
{
    body->count = 0;
    body_text(body, "kind", kind);
}

static inline int body_compare_fields(const void *a, const void *b)
{
    const struct body_field *left = a;
    const struct body_field *right = b;
    const size_t left_len = strlen(left->name);
    const size_t right_len = strlen(right->name);

    return left_len != right_len ? (left_len < right_len ? -1 : 1)
                                 : memcmp(left->name, right->name, left_len);
}

// The whole; it lies in `body`.
static inline struct span body_end(struct body *body)
{
    struct cbor_writer writer;

    qsort(body->fields, body->count, sizeof *body->fields, body_compare_fields);
    cbor_write(&writer, body->bytes, sizeof body->bytes);
    cbor_put_map(&writer, body->count);
    for (size_t i = 0; i < body->count; i++) {
        cbor_put_text(&writer, body->fields[i].name, strlen(body->fields[i].name));
        cbor_put_raw(&writer, body->fields[i].value, body->fields[i].len);
    }
    return (struct span){body->bytes, cbor_written(&writer)};
}

#endif
