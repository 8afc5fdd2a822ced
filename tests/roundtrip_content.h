// SPDX-License-Identifier: EUPL-1.2
// roundtrip.h for what bodies say: every value of a sound one lies in it, is the field's own and
// reads again; what is refused is refused for a reason that can be told.
#ifndef TESTS_ROUNDTRIP_CONTENT_H
#define TESTS_ROUNDTRIP_CONTENT_H

#include "picture/values.h"
#include "roundtrip.h"
#include "sitrep/seal.h"

// A reference, or a set of them, is written as it was read.
static inline void roundtrip_refs(const struct field *field, struct span value)
{
    struct cbor_reader reader;

    cbor_read(&reader, value.bytes, value.len);
    const size_t count = field->items_max > 0 ? cbor_get_array(&reader) : 1;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *const begin = reader.at;
        struct ref ref;
        struct cbor_writer writer;
        uint8_t again[REF_MAX];
        ref_get(&reader, &ref);
        roundtrip_demand(reader.err == ERR_OK);
        roundtrip_demand(ref_compare(&ref, &ref) == 0);
        cbor_write(&writer, again, sizeof again);
        ref_put(&writer, &ref);
        roundtrip_compare(begin, (size_t)(reader.at - begin), again, cbor_written(&writer));
    }
    roundtrip_demand(cbor_finish(&reader) == ERR_OK);
}

static inline void roundtrip_value(struct span body, const struct field *field, struct span value)
{
    struct content_fault why = {.fault = FAULT_NONE};
    struct cbor_reader reader;
    struct span found;

    roundtrip_demand(body_find(body, field->name, &found) == ERR_OK);
    roundtrip_demand(found.bytes == value.bytes);
    roundtrip_demand(found.len == value.len);
    cbor_read(&reader, value.bytes, value.len);
    value_read(&reader, field, &why);
    roundtrip_demand(cbor_finish(&reader) == ERR_OK);
    roundtrip_demand(why.fault == FAULT_NONE);
    if (field->type == VALUE_REF) {
        roundtrip_refs(field, value);
    }
}

static inline void roundtrip_content_values(struct span body, const struct content *content)
{
    const size_t states = kind_states_count(content->kind);
    const struct field *field;
    struct span found;

    roundtrip_demand(states == 0 ? content->state == STATE_NONE : content->state < states);
    for (size_t i = 0; (field = kind_field(content->kind, i)) != NULL; i++) {
        const struct span value = content->values[i];
        roundtrip_demand(value.bytes == content_get(content, field->name).bytes);
        if (value.bytes != NULL) {
            roundtrip_value(body, field, value);
        } else {
            roundtrip_demand(body_find(body, field->name, &found) == ERR_NOT_FOUND);
            roundtrip_demand(field->needed != ALWAYS_NEEDED);
        }
    }
}

static inline void roundtrip_fault(struct span body, const struct content_fault *why)
{
    struct span kind;
    char text[256];

    // What is no body at all has no fault, and nothing else has none.
    roundtrip_demand((why->fault == FAULT_NONE) == (body_check(body, &kind) != ERR_OK));
    roundtrip_demand((why->fault == FAULT_NONE) == (why->field == NULL));
    roundtrip_demand(why->part == NULL || (why->field != NULL && why->field->type == VALUE_PARTS));
    for (size_t size = 1; size <= sizeof text; size = size * 2 + 1) {
        content_fault_text(why, text, size);
        roundtrip_demand(memchr(text, '\0', size) != NULL);
    }
}

static inline enum err roundtrip_content(const uint8_t *bytes, size_t len)
{
    const struct span body = {bytes, len};
    struct content content;
    struct content_fault why;

    memset(&content, 0xa5, sizeof content);
    const enum err err = content_read(body, &content, &why);
    if (err == ERR_OK) {
        roundtrip_content_values(body, &content);
        return err;
    }
    for (size_t i = 0; i < sizeof content; i++) { // written only on success
        roundtrip_demand(((const uint8_t *)&content)[i] == 0xa5);
    }
    if (err == ERR_MALFORMED) {
        roundtrip_fault(body, &why);
    } else {
        roundtrip_demand(err == ERR_NOT_FOUND);
        roundtrip_demand(why.fault == FAULT_NONE);
    }
    return err;
}

#endif
