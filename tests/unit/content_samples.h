// SPDX-License-Identifier: EUPL-1.2
// Values that a field takes, and others that it does not, made from what the table says of it.
#ifndef TESTS_UNIT_CONTENT_SAMPLES_H
#define TESTS_UNIT_CONTENT_SAMPLES_H

#include "unit/body_text.h"

struct sample {
    json_t *value;
    enum fault fault;         // FAULT_NONE: the field takes it
    const struct field *part; // that is to blame
};

enum { SAMPLES_MAX = 2048 };

struct samples {
    struct sample list[SAMPLES_MAX];
    size_t count;
};

#define RING "[[0,0],[1,0],[1,1],[0,0]]"
#define AT(type, coordinates) "{'type':'" type "','coordinates':" coordinates "}"

// By type, the good ones first.
static const struct {
    enum value_type type;
    bool is_good;
    const char *text;
} sample_texts[] = {
    {VALUE_LINE, true, "'Rurd\u00e9mpel, 3 \u00b0C'"},
    {VALUE_LINE, false, "'two\\nlines'"},
    {VALUE_LINE, false, "'a\\ttab'"},
    {VALUE_LINE, false, "'\\u0000'"},
    {VALUE_LINE, false, "'\\u001f'"},
    {VALUE_LINE, false, "'\\u007f'"},
    {VALUE_TEXT, true, "'two\\nlines,\\ta tab, \\u0001 and \\u007f'"},
    {VALUE_TEXT, false, "'a\\u0000b'"},
    {VALUE_TEXT, false, "'\\u0000'"},
    {VALUE_CODE, true, "'AZaz09._:+/-'"},
    {VALUE_CODE, false, "'two words'"},
    {VALUE_CODE, false, "'caf\u00e9'"},
    {VALUE_CODE, false, "'a,b'"},
    {VALUE_CODE, false, "'a\\u0000'"},
    {VALUE_CODE, false, "'a\\n'"},
    {VALUE_LANGUAGE, true, "'nl'"},
    {VALUE_LANGUAGE, true, "'zh-Hant-TW'"},
    {VALUE_LANGUAGE, false, "'fr_BE'"},
    {VALUE_LANGUAGE, false, "'n l'"},
    {VALUE_FLAG, true, "true"},
    {VALUE_FLAG, true, "false"},
    {VALUE_DECIMAL, true, "[15,-1]"},
    {VALUE_DECIMAL, true, "[0,0]"},
    {VALUE_DECIMAL, true, "[-7,3]"},
    {VALUE_DECIMAL, true, "[9007199254740992,12]"},
    {VALUE_DECIMAL, true, "[-9007199254740992,-12]"},
    {VALUE_DECIMAL, false, "[10,0]"},
    {VALUE_DECIMAL, false, "[-120,-2]"},
    {VALUE_DECIMAL, false, "[0,1]"},
    {VALUE_DECIMAL, false, "[0,-1]"},
    {VALUE_DECIMAL, false, "[1,13]"},
    {VALUE_DECIMAL, false, "[1,-13]"},
    {VALUE_DECIMAL, false, "[9007199254740993,0]"},
    {VALUE_DECIMAL, false, "[-9007199254740993,0]"},
    {VALUE_DECIMAL, false, "[1]"},
    {VALUE_DECIMAL, false, "[1,0,0]"},
    {VALUE_DECIMAL, false, "['1',0]"},
    {VALUE_DECIMAL, false, "[1,null]"},
    {VALUE_TIME, true, "1795276800000"},
    {VALUE_TIME, true, "0"},
    {VALUE_TIME, true, "9007199254740992"},
    {VALUE_TIME, false, "9007199254740993"},
    {VALUE_REF, true, "'@3/1/7'"},
    {VALUE_REF, true, "[4095,4294967295,9007199254740992,'0x0000000000000000']"},
    {VALUE_REF, true, "[0,0,1,'0xffffffffffffffff']"},
    {VALUE_REF, false, "[4096,0,1,'0x0000000000000000']"},
    {VALUE_REF, false, "[0,4294967296,1,'0x0000000000000000']"},
    {VALUE_REF, false, "[0,0,0,'0x0000000000000000']"},
    {VALUE_REF, false, "[0,0,9007199254740993,'0x0000000000000000']"},
    {VALUE_REF, false, "[0,0,1,'0x00000000000000']"},
    {VALUE_REF, false, "[0,0,1,'0x000000000000000000']"},
    {VALUE_REF, false, "[0,0,1,'abcdefgh']"},
    {VALUE_REF, false, "[-1,0,1,'0x0000000000000000']"},
    {VALUE_REF, false, "[0,0,1]"},
    {VALUE_REF, false, "[0,0,1,'0x0000000000000000',0]"},
    {VALUE_CENTRE, true, "0"},
    {VALUE_CENTRE, true, "511"},
    {VALUE_CENTRE, false, "512"},
    {VALUE_BYTES, true, "'0x00ff'"},
    {VALUE_BYTES, true, "'#0'"},
    {VALUE_TEXTS, true, "{'nl':'Blijf binnen.\\nSluit ramen.'}"},
    {VALUE_TEXTS, true, "{'de':'a','en-GB':'b','fr':'c'}"},
    {VALUE_TEXTS, false, "{'':'a'}"},
    {VALUE_TEXTS, false, "{'nl_BE':'a'}"},
    {VALUE_TEXTS, false, "{'nl':''}"},
    {VALUE_TEXTS, false, "{'nl':'\\u0000'}"},
    {VALUE_TEXTS, false, "{'nl':5}"},
    {VALUE_TEXTS, false, "{'fr':'a','nl':null}"},
    {VALUE_GEOMETRY, true, AT("Point", "[58000000,510000000]")},
    {VALUE_GEOMETRY, true, AT("Point", "[1800000000,-900000000]")},
    {VALUE_GEOMETRY, true, AT("Point", "[-1800000000,900000000]")},
    {VALUE_GEOMETRY, true, AT("MultiPoint", "[[1,2]]")},
    {VALUE_GEOMETRY, true, AT("LineString", "[[0,0],[1,1]]")},
    {VALUE_GEOMETRY, true, AT("MultiLineString", "[[[0,0],[1,1]],[[2,2],[3,3],[4,4]]]")},
    {VALUE_GEOMETRY, true, AT("Polygon", "[" RING "]")},
    {VALUE_GEOMETRY, true, AT("Polygon", "[" RING "," RING "]")},
    {VALUE_GEOMETRY, true, AT("MultiPolygon", "[[" RING "],[" RING "," RING "]]")},
    {VALUE_GEOMETRY, false, AT("Point", "[1]")},
    {VALUE_GEOMETRY, false, AT("Point", "[1,2,3]")},
    {VALUE_GEOMETRY, false, AT("Point", "[[1,2]]")},
    {VALUE_GEOMETRY, false, AT("Point", "['1',2]")},
    {VALUE_GEOMETRY, false, AT("Point", "[1800000001,0]")},
    {VALUE_GEOMETRY, false, AT("Point", "[-1800000001,0]")},
    {VALUE_GEOMETRY, false, AT("Point", "[0,900000001]")},
    {VALUE_GEOMETRY, false, AT("Point", "[0,-900000001]")},
    {VALUE_GEOMETRY, false, AT("MultiPoint", "[]")},
    {VALUE_GEOMETRY, false, AT("MultiPoint", "[1,2]")},
    {VALUE_GEOMETRY, false, AT("MultiPoint", "[[1,2],[1,2,3]]")},
    {VALUE_GEOMETRY, false, AT("LineString", "[[0,0]]")},
    {VALUE_GEOMETRY, false, AT("MultiLineString", "[]")},
    {VALUE_GEOMETRY, false, AT("MultiLineString", "[[[0,0],[1,1]],[[0,0]]]")},
    {VALUE_GEOMETRY, false, AT("Polygon", "[]")},
    {VALUE_GEOMETRY, false, AT("Polygon", RING)},
    {VALUE_GEOMETRY, false, AT("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]")},
    {VALUE_GEOMETRY, false, AT("Polygon", "[[[0,0],[1,0],[1,1],[1,0]]]")},
    {VALUE_GEOMETRY, false, AT("Polygon", "[[[0,0],[1,0],[0,0]]]")},
    {VALUE_GEOMETRY, false, AT("Polygon", "[" RING ",[[0,0],[1,0],[1,1],[0,1]]]")},
    {VALUE_GEOMETRY, false, AT("MultiPolygon", "[]")},
    {VALUE_GEOMETRY, false, AT("MultiPolygon", "[[]]")},
    {VALUE_GEOMETRY, false, AT("MultiPolygon", "[" RING "]")},
    {VALUE_GEOMETRY, false, AT("Circle", "[1,2]")},
    {VALUE_GEOMETRY, false, AT("point", "[1,2]")},
    {VALUE_GEOMETRY, false, "{'type':'Point'}"},
    {VALUE_GEOMETRY, false, "{'coordinates':[1,2]}"},
    {VALUE_GEOMETRY, false, "{'type':'Point','coordinatez':[1,2]}"},
    {VALUE_GEOMETRY, false, "{'typo':'Point','coordinates':[1,2]}"},
    {VALUE_GEOMETRY, false, "{'type':'Point','coordinates':[1,2],'a':1}"},
    {VALUE_GEOMETRY, false, "{'type':'Point','coordinates':[1,2],'bbox':[1,2,1,2]}"},
    {VALUE_GEOMETRY, false, "{'type':'Point','coordinates':[1,2],'coordinate_system':1}"},
    {VALUE_GEOMETRY, false, "{'type':'GeometryCollection','geometries':[]}"},
    {VALUE_GEOMETRY, false, "{'type':1,'coordinates':[1,2]}"},
};

// One of each type of CBOR. Text with a space and an empty array or map are never a code, a
// reference, a geometry.
static const struct {
    enum cbor_type type;
    const char *text;
} sample_others[] = {
    {CBOR_UINT, "5"},   {CBOR_NINT, "-1"}, {CBOR_BYTES, "'0x61'"}, {CBOR_TEXT, "'no it'"},
    {CBOR_ARRAY, "[]"}, {CBOR_MAP, "{}"},  {CBOR_BOOL, "true"},    {CBOR_NULL, "null"},
};

static inline enum cbor_type sample_cbor_type(enum value_type type)
{
    static const enum cbor_type types[VALUE_TYPES] = {
        [VALUE_LINE] = CBOR_TEXT,  [VALUE_TEXT] = CBOR_TEXT,     [VALUE_WORD] = CBOR_TEXT,
        [VALUE_CODE] = CBOR_TEXT,  [VALUE_LANGUAGE] = CBOR_TEXT, [VALUE_FLAG] = CBOR_BOOL,
        [VALUE_COUNT] = CBOR_UINT, [VALUE_DECIMAL] = CBOR_ARRAY, [VALUE_TIME] = CBOR_UINT,
        [VALUE_REF] = CBOR_ARRAY,  [VALUE_CENTRE] = CBOR_UINT,   [VALUE_BYTES] = CBOR_BYTES,
        [VALUE_TEXTS] = CBOR_MAP,  [VALUE_GEOMETRY] = CBOR_MAP,  [VALUE_PARTS] = CBOR_MAP,
    };

    return types[type];
}

static inline void sample_add(struct samples *samples, json_t *value, bool is_good)
{
    assert_true(samples->count < SAMPLES_MAX);
    assert_non_null(value);
    samples->list[samples->count++] =
        (struct sample){value, is_good ? FAULT_NONE : FAULT_VALUE, NULL};
}

static inline void samples_drop(struct samples *samples)
{
    for (size_t i = 0; i < samples->count; i++) {
        json_decref(samples->list[i].value);
    }
    free(samples);
}

static inline struct samples *samples_new(void)
{
    struct samples *const samples = calloc(1, sizeof *samples);

    assert_non_null(samples);
    return samples;
}

// -- one that is good --

static inline json_t *sample_good(const struct field *field);

static inline json_t *sample_good_parts(const struct field *parts)
{
    json_t *const map = json_object();

    for (const struct field *part = parts; part->name != NULL; part++) {
        if (part->needed != NEVER_NEEDED) {
            json_object_set_new(map, part->name, sample_good(part));
        }
    }
    return map;
}

static inline json_t *sample_good_one(const struct field *field)
{
    if (field->type == VALUE_WORD) {
        return json_string(field->words[0]);
    }
    if (field->type == VALUE_COUNT) {
        return json_integer(field->least);
    }
    if (field->type == VALUE_PARTS) {
        return sample_good_parts(field->parts);
    }
    size_t i = 0;
    while (sample_texts[i].type != field->type) {
        i++;
    }
    return body_json(sample_texts[i].text);
}

// The n-th of the items of an array; those of sets ascend.
static inline json_t *sample_item(const struct field *field, size_t n)
{
    char text[32];

    if (!field->is_set) {
        return sample_good_one(field);
    }
    if (field->type == VALUE_CENTRE) {
        return json_integer((json_int_t)n);
    }
    assert_int_equal(field->type, VALUE_REF);
    assert_true(snprintf(text, sizeof text, "@%zu/0/1", n % NODES_MAX) < (int)sizeof text);
    return n < NODES_MAX ? json_string(text) : json_string("@4095/0/2");
}

static inline json_t *sample_items(const struct field *field, size_t count)
{
    json_t *const array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, sample_item(field, i));
    }
    return array;
}

static inline json_t *sample_good(const struct field *field)
{
    return field->items_max > 0 ? sample_items(field, 1) : sample_good_one(field);
}

// -- limits --

static inline json_t *sample_long(size_t len)
{
    char *const text = malloc(len + 1);

    assert_non_null(text);
    memset(text, 'a', len);
    json_t *const json = json_stringn(text, len);
    free(text);
    return json;
}

static inline void sample_lengths(struct samples *samples, size_t most)
{
    sample_add(samples, sample_long(0), false);
    sample_add(samples, sample_long(1), true);
    sample_add(samples, sample_long(most), true);
    sample_add(samples, sample_long(most + 1), false);
}

static inline void sample_words(struct samples *samples, const struct field *field)
{
    for (size_t i = 0; field->words[i] != NULL; i++) {
        const size_t len = strlen(field->words[i]);
        sample_add(samples, json_string(field->words[i]), true);
        sample_add(samples, json_stringn(field->words[i], len - 1), false);
        sample_add(samples, json_stringn(field->words[i], len + 1), false); // with its NUL
    }
}

static inline void sample_counts(struct samples *samples, const struct field *field)
{
    if (field->least > 0) {
        sample_add(samples, json_integer((json_int_t)field->least - 1), false);
    }
    sample_add(samples, json_integer(field->least), true);
    sample_add(samples, json_integer(field->most), true);
    sample_add(samples, json_integer((json_int_t)field->most + 1), false);
}

static inline void sample_bytes(struct samples *samples, const struct field *field)
{
    for (uint32_t over = 0; over <= 1; over++) {
        char text[16];
        assert_true(snprintf(text, sizeof text, "#%u", field->most + over) < (int)sizeof text);
        sample_add(samples, json_string(text), over == 0);
    }
}

static inline json_t *sample_languages(size_t count)
{
    json_t *const map = json_object();

    for (size_t i = 0; i < count; i++) {
        char name[16];
        assert_true(snprintf(name, sizeof name, "l%zu", i) < (int)sizeof name);
        json_object_set_new(map, name, json_string("x"));
    }
    return map;
}

static inline void sample_language_maps(struct samples *samples, const struct field *field)
{
    sample_add(samples, sample_languages(16), true);
    sample_add(samples, sample_languages(17), false);
    sample_add(samples, json_pack("{s:o}", "nl", sample_long(field->most)), true);
    sample_add(samples, json_pack("{s:o}", "nl", sample_long(field->most + 1)), false);
}

// So many positions in two lines.
static inline json_t *sample_positions(size_t count)
{
    json_t *const lines = json_pack("[[],[]]");

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(json_array_get(lines, i % 2), json_pack("[i,i]", 0, 0));
    }
    return json_pack("{s:s,s:o}", "type", "MultiLineString", "coordinates", lines);
}

static inline void samples_of_limits(struct samples *samples, const struct field *field)
{
    if (field->type == VALUE_LINE || field->type == VALUE_TEXT || field->type == VALUE_CODE) {
        sample_lengths(samples, field->most);
    } else if (field->type == VALUE_LANGUAGE) {
        sample_lengths(samples, 35);
    } else if (field->type == VALUE_WORD) {
        sample_words(samples, field);
    } else if (field->type == VALUE_COUNT) {
        sample_counts(samples, field);
    } else if (field->type == VALUE_BYTES) {
        sample_bytes(samples, field);
    } else if (field->type == VALUE_TEXTS) {
        sample_language_maps(samples, field);
    } else if (field->type == VALUE_GEOMETRY) {
        sample_add(samples, sample_positions(4096), true);
        sample_add(samples, sample_positions(4097), false);
    }
}

// -- parts --

static inline void samples_of(struct samples *samples, const struct field *field);

// The parts that are needed, and one in each of its ways.
static inline void samples_of_part(struct samples *samples, const struct field *parts,
                                   const struct field *part)
{
    struct samples *const inner = samples_new();

    samples_of(inner, part);
    for (size_t i = 0; i < inner->count; i++) {
        json_t *const map = sample_good_parts(parts);
        json_object_set(map, part->name, inner->list[i].value);
        sample_add(samples, map, true);
        struct sample *const sample = &samples->list[samples->count - 1];
        sample->fault = inner->list[i].fault;
        if (sample->fault != FAULT_NONE) {
            sample->part = inner->list[i].part != NULL ? inner->list[i].part : part;
        }
    }
    samples_drop(inner);
}

static inline void samples_of_parts(struct samples *samples, const struct field *parts)
{
    for (const struct field *part = parts; part->name != NULL; part++) {
        samples_of_part(samples, parts, part);
        if (part->needed != NEVER_NEEDED) {
            json_t *const map = sample_good_parts(parts);
            json_object_del(map, part->name);
            sample_add(samples, map, false);
            samples->list[samples->count - 1].fault = FAULT_MISSING;
            samples->list[samples->count - 1].part = part;
        }
    }
    json_t *const more = sample_good_parts(parts);
    json_object_set_new(more, "of-the-future", json_pack("[i,[]]", 1));
    sample_add(samples, more, true);
}

// -- all of them --

static inline void samples_of_one(struct samples *samples, const struct field *field)
{
    for (size_t i = 0; i < sizeof sample_texts / sizeof *sample_texts; i++) {
        if (sample_texts[i].type == field->type) {
            sample_add(samples, body_json(sample_texts[i].text), sample_texts[i].is_good);
        }
    }
    for (size_t i = 0; i < sizeof sample_others / sizeof *sample_others; i++) {
        const bool is_empty =
            sample_others[i].type == CBOR_ARRAY || sample_others[i].type == CBOR_MAP;
        if (sample_others[i].type != sample_cbor_type(field->type) ||
            (is_empty && field->type != VALUE_PARTS)) {
            sample_add(samples, body_json(sample_others[i].text), false);
        }
    }
    samples_of_limits(samples, field);
    if (field->type == VALUE_PARTS) {
        samples_of_parts(samples, field->parts);
    }
}

static inline void samples_of_set(struct samples *samples, const struct field *field)
{
    json_t *const backwards = json_array();
    json_t *const twice = sample_items(field, 2);

    json_array_append_new(backwards, sample_item(field, 1));
    json_array_append_new(backwards, sample_item(field, 0));
    sample_add(samples, backwards, false);
    json_array_append_new(twice, sample_item(field, 1));
    sample_add(samples, twice, false);
    sample_add(samples, sample_items(field, 2), true);
}

// Each alone; a bad one behind a good one, too.
static inline void samples_of_items(struct samples *samples, const struct field *field)
{
    struct samples *const items = samples_new();

    samples_of_one(items, field);
    for (size_t i = 0; i < items->count; i++) {
        json_t *const array = json_array();
        if (items->list[i].fault != FAULT_NONE && i % 2 == 0) {
            json_array_append_new(array, sample_item(field, 0));
        }
        json_array_append(array, items->list[i].value);
        sample_add(samples, array, true);
        samples->list[samples->count - 1].fault = items->list[i].fault;
        samples->list[samples->count - 1].part = items->list[i].part;
    }
    samples_drop(items);
    sample_add(samples, json_array(), false);
    sample_add(samples, sample_good_one(field), false); // in no array
    sample_add(samples, sample_items(field, field->items_max), true);
    sample_add(samples, sample_items(field, field->items_max + 1), false);
    if (field->is_set) {
        samples_of_set(samples, field);
    }
}

static inline void samples_of(struct samples *samples, const struct field *field)
{
    if (field->items_max > 0) {
        samples_of_items(samples, field);
    } else {
        samples_of_one(samples, field);
    }
}

#endif
