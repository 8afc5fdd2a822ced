// SPDX-License-Identifier: EUPL-1.2
// JSON of the values of known kinds, both ways. What may be published is the table's word.
#include "json/content_json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "json/decimal_text.h"
#include "json/rfc3339.h"
#include "json/roster_text.h"

enum {
    DEGREE_EXPONENT = -7, // positions are in 10^-7 degrees
    PLAIN_DIGITS = 15,    // that any reader of JSON keeps
};

struct lowering {
    const struct content_names *names;
    char *why; // WHY_SIZE bytes; not empty: it failed
};

static json_t *as_it_is(json_t *value)
{
    return json_incref(value);
}

// -- from JSON --

static json_t *lower_ref(struct lowering *lowering, json_t *value)
{
    char tag[sodium_base64_ENCODED_LEN(TAG_LEN, sodium_base64_VARIANT_ORIGINAL)];
    struct ref ref;

    if (!json_is_string(value)) {
        return as_it_is(value);
    }
    if (lowering->names->read_ref(lowering->names->context, json_string_value(value), &ref,
                                  lowering->why) != ERR_OK) {
        return NULL;
    }
    (void)sodium_bin2base64(tag, sizeof tag, ref.tag, TAG_LEN, sodium_base64_VARIANT_ORIGINAL);
    return json_pack("[I, I, I, {s:s}]", (json_int_t)ref.author, (json_int_t)ref.epoch,
                     (json_int_t)ref.seq, "$bytes", tag);
}

static json_t *lower_centre(struct lowering *lowering, json_t *value)
{
    const struct roster *roster = lowering->names->roster;
    const char *code = json_string_value(value);

    for (uint32_t i = 0; code != NULL && i < roster->centres_count; i++) {
        const struct span known = roster->centres[i].code;
        if (known.len == strlen(code) && memcmp(known.bytes, code, known.len) == 0) {
            return json_integer((json_int_t)i);
        }
    }
    if (code != NULL) {
        static_assert((size_t)UNKNOWN_TEXT_SIZE <= WHY_SIZE, "has to fit");
        roster_no_centre_text(roster, code, lowering->why);
        return NULL;
    }
    return as_it_is(value);
}

static json_t *lower_time(json_t *value)
{
    uint64_t ms;

    if (!json_is_string(value) || rfc3339_parse(json_string_value(value), &ms) != ERR_OK) {
        return as_it_is(value);
    }
    return json_integer((json_int_t)ms);
}

// Of a number or text. JSON's reader made doubles of fractions: 15 digits of them are what was
// written.
static enum err read_decimal(const json_t *value, int64_t *mantissa, int64_t *exponent)
{
    char digits[64];

    if (json_is_string(value)) {
        return decimal_parse(json_string_value(value), mantissa, exponent);
    }
    if (json_is_integer(value)) {
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        snprintf(digits, sizeof digits, "%.*g", PLAIN_DIGITS, json_real_value(value));
    } else {
        return ERR_MALFORMED;
    }
    return decimal_parse(digits, mantissa, exponent);
}

static json_t *lower_decimal(json_t *value)
{
    int64_t mantissa;
    int64_t exponent;

    if (json_is_array(value) || read_decimal(value, &mantissa, &exponent) != ERR_OK) {
        return as_it_is(value);
    }
    return json_pack("[I, I]", (json_int_t)mantissa, (json_int_t)exponent);
}

// Digits, as a command line has them.
static json_t *lower_count(json_t *value)
{
    const char *digits = json_string_value(value);

    if (digits == NULL || strlen(digits) > PLAIN_DIGITS || digits[0] == '\0' ||
        strspn(digits, "0123456789") != strlen(digits)) {
        return as_it_is(value);
    }
    return json_integer(strtoll(digits, NULL, 10));
}

// Numbers anywhere in coordinates; rounded to 10^-7 degrees, a centimetre.
static json_t *lower_coordinates(json_t *value)
{
    if (json_is_number(value)) {
        const double scaled = json_number_value(value) * 1e7;
        return scaled > 1e12 || scaled < -1e12
                   ? as_it_is(value)
                   : json_integer((json_int_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
    if (!json_is_array(value)) {
        return as_it_is(value);
    }
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < json_array_size(value); i++) {
        (void)json_array_append_new(list, lower_coordinates(json_array_get(value, i)));
    }
    return list;
}

static json_t *lower_geometry(json_t *value)
{
    json_t *coordinates = json_object_get(value, "coordinates");

    if (coordinates == NULL) {
        return as_it_is(value);
    }
    json_t *geometry = json_copy(value);
    (void)json_object_set_new(geometry, "coordinates", lower_coordinates(coordinates));
    return geometry;
}

static json_t *lower_value(struct lowering *lowering, const struct field *field, json_t *value);

// A place, a person: text alone is its name.
static bool is_named(const struct field *parts)
{
    return field_find(parts, (struct span){(const uint8_t *)"name", 4})->name != NULL;
}

static json_t *lower_parts(struct lowering *lowering, const struct field *parts, json_t *value)
{
    if (json_is_string(value) && is_named(parts)) {
        return json_pack("{s:O}", "name", value);
    }
    json_t *whole = json_is_object(value) ? json_copy(value) : as_it_is(value);

    for (; parts->name != NULL && json_is_object(value); parts++) {
        json_t *part = json_object_get(value, parts->name);
        json_t *lowered = part == NULL ? NULL : lower_value(lowering, parts, part);
        if (lowered != NULL) {
            (void)json_object_set_new(whole, parts->name, lowered);
        }
    }
    return whole;
}

static json_t *lower_one(struct lowering *lowering, const struct field *field, json_t *value)
{
    switch (field->type) {
    case VALUE_REF:
        return lower_ref(lowering, value);
    case VALUE_CENTRE:
        return lower_centre(lowering, value);
    case VALUE_TIME:
        return lower_time(value);
    case VALUE_COUNT:
        return lower_count(value);
    case VALUE_DECIMAL:
        return lower_decimal(value);
    case VALUE_GEOMETRY:
        return lower_geometry(value);
    case VALUE_PARTS:
        return lower_parts(lowering, field->parts, value);
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_WORD:
    case VALUE_CODE:
    case VALUE_LANGUAGE:
    case VALUE_FLAG:
    case VALUE_BYTES:
    case VALUE_TEXTS:
    case VALUE_TYPES:
        break;
    }
    return as_it_is(value);
}

// References have author, epoch and seq first, as numbers; centres are numbers.
static int compare_lowered(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a;
    const json_t *right = *(json_t *const *)b;
    json_int_t difference = 0;

    if (json_is_integer(left) && json_is_integer(right)) {
        difference = json_integer_value(left) - json_integer_value(right);
    }
    for (size_t i = 0; i < 3 && difference == 0; i++) {
        difference = json_integer_value(json_array_get(left, i)) -
                     json_integer_value(json_array_get(right, i));
    }
    return difference < 0 ? -1 : difference > 0;
}

// Nobody has to know that sets ascend.
static json_t *sort(json_t *list)
{
    const size_t count = json_array_size(list);
    json_t **items = calloc(count + 1, sizeof(json_t *));
    json_t *sorted = json_array();

    for (size_t i = 0; items != NULL && i < count; i++) {
        items[i] = json_array_get(list, i);
    }
    if (items != NULL) {
        qsort(items, count, sizeof(json_t *), compare_lowered);
    }
    for (size_t i = 0; items != NULL && i < count; i++) {
        (void)json_array_append(sorted, items[i]);
    }
    free(items);
    json_decref(list);
    return sorted;
}

// A list as a command line has it: names and codes hold no comma, text may.
static json_t *split(const struct field *field, json_t *value)
{
    const char *at = json_string_value(value);
    const bool is_splittable = field->type == VALUE_REF || field->type == VALUE_CENTRE ||
                               field->type == VALUE_CODE || field->type == VALUE_LANGUAGE;

    if (field->items_max == 0 || at == NULL) {
        return as_it_is(value);
    }
    json_t *list = json_array();
    while (is_splittable && strchr(at, ',') != NULL) {
        const size_t len = strcspn(at, ",");
        (void)json_array_append_new(list, json_stringn(at, len));
        at += len + 1;
        at += strspn(at, " ");
    }
    (void)json_array_append_new(list, json_string(at));
    return list;
}

static json_t *lower_list(struct lowering *lowering, const struct field *field, json_t *value)
{
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *item = lower_one(lowering, field, json_array_get(value, i));
        if (item == NULL) {
            json_decref(list);
            return NULL;
        }
        (void)json_array_append_new(list, item);
    }
    return field->is_set ? sort(list) : list;
}

static json_t *lower_value(struct lowering *lowering, const struct field *field, json_t *value)
{
    json_t *typed = split(field, value);
    json_t *lowered = field->items_max > 0 && json_is_array(typed)
                          ? lower_list(lowering, field, typed)
                          : lower_one(lowering, field, typed);

    json_decref(typed);
    return lowered;
}

enum err content_lower(const struct kind *kind, json_t *fields, const struct content_names *names,
                       char why[static WHY_SIZE])
{
    char found[WHY_SIZE] = "";
    struct lowering lowering = {names, found};
    const struct field *field;

    for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
        json_t *value = json_object_get(fields, field->name);
        json_t *lowered = value == NULL ? NULL : lower_value(&lowering, field, value);
        if (found[0] != '\0') {
            json_decref(lowered);
            snprintf(why, WHY_SIZE, "\"%s\": %.*s", field->name, WHY_SIZE - 48, found);
            return ERR_MALFORMED;
        }
        if (lowered != NULL) {
            (void)json_object_set_new(fields, field->name, lowered);
        }
    }
    return ERR_OK;
}

enum err content_may_be_published(struct span body, char why[static WHY_SIZE])
{
    struct content content;
    struct content_fault fault;

    if (content_read(body, &content, &fault) != ERR_MALFORMED) {
        return ERR_OK;
    }
    content_fault_text(&fault, why, WHY_SIZE);
    return ERR_MALFORMED;
}

// -- to JSON --

static void write_ref(struct text *out, struct cbor_reader *reader,
                      const struct content_names *names)
{
    const struct cbor_reader raw = *reader;
    char name[REF_TEXT_SIZE];
    struct ref ref;

    ref_get(reader, &ref);
    if (ref.author >= names->roster->nodes_count) {
        *reader = raw; // of a roster to come
        body_value_write(out, reader);
        return;
    }
    names->write_ref(names->context, &ref, name);
    text_string(out, name);
}

static void write_centre(struct text *out, struct cbor_reader *reader,
                         const struct content_names *names)
{
    const uint64_t centre = cbor_get_uint(reader);

    if (centre < names->roster->centres_count) {
        text_span(out, names->roster->centres[centre].code);
    } else {
        text_uint(out, centre);
    }
}

static void write_time(struct text *out, struct cbor_reader *reader)
{
    char moment[RFC3339_SIZE];
    const uint64_t ms = cbor_get_uint(reader);

    if (rfc3339_format(ms, moment) == ERR_OK) {
        text_string(out, moment);
    } else {
        text_uint(out, ms);
    }
}

// As a number where any reader keeps all digits of it, else as text.
static void write_number(struct text *out, int64_t mantissa, int64_t exponent)
{
    char digits[DECIMAL_SIZE];

    decimal_format(mantissa, exponent, digits);
    if (strlen(digits) <= PLAIN_DIGITS) {
        text_number(out, digits);
    } else {
        text_string(out, digits);
    }
}

static void write_decimal(struct text *out, struct cbor_reader *reader)
{
    cbor_get_array_of(reader, 2);
    const int64_t mantissa = cbor_get_int(reader);

    write_number(out, mantissa, cbor_get_int(reader));
}

static void write_degrees(struct text *out, int64_t value)
{
    int64_t exponent = DEGREE_EXPONENT;

    for (; exponent < 0 && value % 10 == 0; exponent++) {
        value /= 10;
    }
    char digits[DECIMAL_SIZE];
    decimal_format(value, exponent, digits);
    text_number(out, digits);
}

// As deep as a geometry goes.
static void write_coordinates(struct text *out, struct cbor_reader *reader)
{
    if (cbor_peek(reader) != CBOR_ARRAY) {
        write_degrees(out, cbor_get_int(reader));
        return;
    }
    text_open(out, '[');
    for (size_t left = cbor_get_array(reader); left > 0; left--) {
        write_coordinates(out, reader);
    }
    text_close(out, ']');
}

static void write_geometry(struct text *out, struct cbor_reader *reader)
{
    text_open(out, '{');
    for (size_t left = cbor_get_map(reader); left > 0; left--) {
        text_key_span(out, cbor_get_text(reader));
        if (cbor_peek(reader) == CBOR_TEXT) {
            text_span(out, cbor_get_text(reader));
        } else {
            write_coordinates(out, reader);
        }
    }
    text_close(out, '}');
}

static void write_value(struct text *out, struct cbor_reader *reader, const struct field *field,
                        const struct content_names *names);

static void write_parts(struct text *out, struct cbor_reader *reader, const struct field *parts,
                        const struct content_names *names)
{
    if (!body_map_is_plain(*reader)) {
        body_value_write(out, reader);
        return;
    }
    text_open(out, '{');
    for (size_t left = cbor_get_map(reader); left > 0; left--) {
        const struct span name = cbor_get_text(reader);
        const struct field *part = parts;
        while (part->name != NULL &&
               (strlen(part->name) != name.len || memcmp(part->name, name.bytes, name.len) != 0)) {
            part++;
        }
        text_key_span(out, name);
        if (part->name != NULL) {
            write_value(out, reader, part, names);
        } else {
            body_value_write(out, reader);
        }
    }
    text_close(out, '}');
}

static void write_one(struct text *out, struct cbor_reader *reader, const struct field *field,
                      const struct content_names *names)
{
    switch (field->type) {
    case VALUE_REF:
        write_ref(out, reader, names);
        return;
    case VALUE_CENTRE:
        write_centre(out, reader, names);
        return;
    case VALUE_TIME:
        write_time(out, reader);
        return;
    case VALUE_DECIMAL:
        write_decimal(out, reader);
        return;
    case VALUE_GEOMETRY:
        write_geometry(out, reader);
        return;
    case VALUE_PARTS:
        write_parts(out, reader, field->parts, names);
        return;
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_WORD:
    case VALUE_CODE:
    case VALUE_LANGUAGE:
    case VALUE_FLAG:
    case VALUE_COUNT:
    case VALUE_BYTES:
    case VALUE_TEXTS:
    case VALUE_TYPES:
        break;
    }
    body_value_write(out, reader);
}

static void write_value(struct text *out, struct cbor_reader *reader, const struct field *field,
                        const struct content_names *names)
{
    if (field->items_max == 0) {
        write_one(out, reader, field, names);
        return;
    }
    text_open(out, '[');
    for (size_t left = cbor_get_array(reader); left > 0; left--) {
        write_one(out, reader, field, names);
    }
    text_close(out, ']');
}

void content_value_write(struct text *out, const struct field *field, struct span value,
                         const struct content_names *names)
{
    struct cbor_reader reader;

    cbor_read(&reader, value.bytes, value.len);
    write_value(out, &reader, field, names);
}
