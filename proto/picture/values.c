// SPDX-License-Identifier: EUPL-1.2
// Values of each type, lists and parts of them [18.3]. Recursion goes as deep as the table's parts.
#include "picture/values.h"

#include <assert.h>
#include <string.h>

enum {
    LANGUAGE_MOST = 35,
    LANGUAGES_MAX = 16,
    EXPONENT_MOST = 12,
};

static void refuse_unless(struct cbor_reader *reader, bool is_good)
{
    if (!is_good) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

// -- text --

static bool is_line(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] < ' ' || text.bytes[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_of(struct span text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.bytes[i];
        if (!is_alphanumeric(c) && (c == 0 || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool is_word(struct span text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (span_is(text, *words)) {
            return true;
        }
    }
    return false;
}

static void read_text(struct cbor_reader *reader, const struct field *field)
{
    const struct span text = cbor_get_text(reader);
    bool is_good = text.len >= 1 && text.len <= field->most;

    if (field->type == VALUE_LINE) {
        is_good = is_good && is_line(text);
    } else if (field->type == VALUE_CODE) {
        is_good = is_good && is_of(text, "._:+/-");
    } else {
        is_good = is_good && memchr(text.bytes, 0, text.len) == NULL;
    }
    refuse_unless(reader, is_good);
}

static void read_language(struct cbor_reader *reader)
{
    const struct span text = cbor_get_text(reader);

    refuse_unless(reader, text.len >= 1 && text.len <= LANGUAGE_MOST && is_of(text, "-"));
}

static void read_texts(struct cbor_reader *reader, const struct field *field)
{
    const struct field text = {.type = VALUE_TEXT, .most = field->most};
    const size_t count = cbor_get_map(reader);

    refuse_unless(reader, count >= 1 && count <= LANGUAGES_MAX);
    for (size_t i = 0; i < count && reader->err == ERR_OK; i++) {
        read_language(reader);
        read_text(reader, &text);
    }
}

// -- numbers --

// One way to write each number: no zeros at the end of the mantissa.
static void read_decimal(struct cbor_reader *reader)
{
    cbor_get_array_of(reader, 2);
    const int64_t mantissa = cbor_get_int(reader);
    const int64_t exponent = cbor_get_int(reader);
    const int64_t most = (int64_t)SEQ_MAX;

    refuse_unless(reader, mantissa >= -most && mantissa <= most);
    refuse_unless(reader, exponent >= -EXPONENT_MOST && exponent <= EXPONENT_MOST);
    refuse_unless(reader, mantissa % 10 != 0 || (mantissa == 0 && exponent == 0));
}

static void read_count(struct cbor_reader *reader, const struct field *field)
{
    refuse_unless(reader, cbor_get_uint_max(reader, field->most) >= field->least);
}

static void read_bytes(struct cbor_reader *reader, const struct field *field)
{
    const struct span bytes = cbor_get_bytes(reader);

    refuse_unless(reader, bytes.len <= field->most);
}

static void read_ref(struct cbor_reader *reader)
{
    struct ref ref;

    ref_get(reader, &ref);
}

// -- parts --

static void blame(struct content_fault *why, enum fault fault, const struct field *part)
{
    if (why->part == NULL) { // else a part of this part is
        why->fault = fault;
        why->part = part;
    }
}

static void check_parts(struct cbor_reader *reader, const struct field *parts, uint64_t had,
                        struct content_fault *why)
{
    for (size_t i = 0; parts[i].name != NULL && reader->err == ERR_OK; i++) {
        if (parts[i].needed != NEVER_NEEDED && (had >> i & 1) == 0) {
            blame(why, FAULT_MISSING, &parts[i]);
            cbor_fail(reader, ERR_MALFORMED);
        }
    }
}

static void read_parts(struct cbor_reader *reader, const struct field *parts,
                       struct content_fault *why)
{
    const size_t count = cbor_get_map(reader);
    uint64_t had = 0;

    for (size_t i = 0; i < count && reader->err == ERR_OK; i++) {
        const struct field *part = field_find(parts, cbor_get_text(reader));
        if (part->name == NULL) {
            (void)cbor_skip(reader);
            continue;
        }
        value_read(reader, part, why);
        if (reader->err != ERR_OK) {
            blame(why, FAULT_VALUE, part);
        }
        had |= UINT64_C(1) << (part - parts);
    }
    check_parts(reader, parts, had, why);
}

static void read_one(struct cbor_reader *reader, const struct field *field,
                     struct content_fault *why)
{
    switch (field->type) {
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_CODE:
        read_text(reader, field);
        break;
    case VALUE_WORD:
        refuse_unless(reader, is_word(cbor_get_text(reader), field->words));
        break;
    case VALUE_LANGUAGE:
        read_language(reader);
        break;
    case VALUE_FLAG:
        (void)cbor_get_bool(reader);
        break;
    case VALUE_COUNT:
        read_count(reader, field);
        break;
    case VALUE_DECIMAL:
        read_decimal(reader);
        break;
    case VALUE_TIME:
        (void)cbor_get_uint_max(reader, SEQ_MAX);
        break;
    case VALUE_REF:
        read_ref(reader);
        break;
    case VALUE_CENTRE:
        (void)cbor_get_uint_max(reader, CENTRES_MAX - 1);
        break;
    case VALUE_BYTES:
        read_bytes(reader, field);
        break;
    case VALUE_TEXTS:
        read_texts(reader, field);
        break;
    case VALUE_GEOMETRY:
        geometry_read(reader);
        break;
    case VALUE_PARTS:
        read_parts(reader, field->parts, why);
        break;
    case VALUE_TYPES:
        assert(false);
        break;
    }
}

// -- sets --

// Whether the item at `next` comes behind the one at `before`.
static bool is_behind(const struct field *field, struct cbor_reader before, struct cbor_reader next)
{
    if (field->type == VALUE_CENTRE) {
        const uint64_t least = cbor_get_uint(&before);
        return cbor_get_uint(&next) > least;
    }
    struct ref a;
    struct ref b;
    assert(field->type == VALUE_REF);
    ref_get(&before, &a);
    ref_get(&next, &b);
    return ref_compare(&a, &b) < 0;
}

void value_read(struct cbor_reader *reader, const struct field *field, struct content_fault *why)
{
    if (field->items_max == 0) {
        read_one(reader, field, why);
        return;
    }
    const size_t count = cbor_get_array(reader);
    struct cbor_reader before = *reader;
    refuse_unless(reader, count >= 1 && count <= field->items_max);
    for (size_t i = 0; i < count && reader->err == ERR_OK; i++) {
        const struct cbor_reader next = *reader;
        read_one(reader, field, why);
        if (field->is_set && i > 0 && reader->err == ERR_OK) {
            refuse_unless(reader, is_behind(field, before, next));
        }
        before = next;
    }
}
