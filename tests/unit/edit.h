// SPDX-License-Identifier: EUPL-1.2
// Changes to a document or payload that is then signed again, so that a vector is refused by the
// rule it is about and not by its signature; and short ways to describe a case.
#ifndef TESTS_UNIT_EDIT_H
#define TESTS_UNIT_EDIT_H

#include "sitrep/cbor.h"
#include "vectors.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define KEY_OF_AB                                                                                  \
    "\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab"                             \
    "\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab"

// Replaces the first `find` in a document by `put`.
struct edit {
    const char *name;
    struct span find;
    struct span put;
    enum err err;
};

static inline void edit_set_hex(json_t *json, const char *name, const uint8_t *bytes, size_t len)
{
    json_object_set_new(json, name, vectors_hex(bytes, len));
}

static inline void edit_set_text(json_t *json, const char *name, struct span text)
{
    json_object_set_new(json, name, json_stringn((const char *)text.bytes, text.len));
}

static inline void edit_set_number(json_t *json, const char *name, uint64_t number)
{
    json_object_set_new(json, name, json_integer((json_int_t)number));
}

// The caller frees the result.
static inline uint8_t *edit_apply(const struct edit *edit, struct span from, size_t *len)
{
    uint8_t *const result = malloc(from.len + edit->put.len);
    const uint8_t *const found = memmem(from.bytes, from.len, edit->find.bytes, edit->find.len);

    assert_non_null(result);
    if (found == NULL) {
        fail_msg("%s: nothing to change", edit->name);
        abort();
    }
    const size_t at = (size_t)(found - from.bytes);
    const size_t tail_at = at + edit->find.len;
    memcpy(result, from.bytes, at);
    memcpy(result + at, edit->put.bytes, edit->put.len);
    memcpy(result + at + edit->put.len, from.bytes + tail_at, from.len - tail_at);
    *len = from.len - edit->find.len + edit->put.len;
    return result;
}

#endif
