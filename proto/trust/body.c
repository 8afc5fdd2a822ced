// SPDX-License-Identifier: EUPL-1.2
// The first level of a body: a map with text keys, one of them its kind [4.7]. What the fields of a
// kind mean is not known here.
#include <assert.h>
#include <string.h>

#include "sitrep/seal.h"

static bool is_kind(struct span text)
{
    if (text.len < 1 || text.len > KIND_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.bytes[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

enum err body_check(struct span content, struct span *kind)
{
    assert(kind);
    *kind = (struct span){NULL, 0};
    if (content.len > CONTENT_MAX) {
        return ERR_LIMIT;
    }
    enum err err = cbor_check(content.bytes, content.len); // key order and duplicates too
    if (err) {
        return err;
    }
    struct cbor_reader reader;
    cbor_read(&reader, content.bytes, content.len);
    struct span found = {NULL, 0};
    size_t pairs = cbor_get_map(&reader);
    for (size_t i = 0; i < pairs; i++) {
        struct span key = cbor_get_text(&reader);
        if (span_is(key, "kind")) {
            found = cbor_get_text(&reader);
        } else {
            cbor_skip(&reader);
        }
    }
    err = cbor_finish(&reader);
    if (err) {
        return err;
    }
    if (!is_kind(found)) {
        return ERR_MALFORMED;
    }
    *kind = found;
    return ERR_OK;
}

enum err body_find(struct span content, const char *name, struct span *value)
{
    assert(name && value);
    *value = (struct span){NULL, 0};
    struct cbor_reader reader;
    cbor_read(&reader, content.bytes, content.len);
    size_t pairs = cbor_get_map(&reader);
    for (size_t i = 0; i < pairs; i++) {
        struct span key = cbor_get_text(&reader);
        struct span item = cbor_skip(&reader);
        if (reader.err) {
            break; // not a body that body_check accepted
        }
        if (span_is(key, name)) {
            *value = item;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

enum err body_find_uint(struct span content, const char *name, uint64_t *value)
{
    struct cbor_reader reader;
    struct span item;

    if (content.bytes == NULL || body_find(content, name, &item) != ERR_OK) {
        return ERR_NOT_FOUND;
    }
    cbor_read(&reader, item.bytes, item.len);
    *value = cbor_get_uint(&reader);
    return reader.err == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
}
