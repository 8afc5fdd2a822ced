// SPDX-License-Identifier: EUPL-1.2
// Geometries of GeoJSON (RFC 7946 3.1) in whole numbers [18.4]. Whether a ring crosses itself is
// not looked at.
#include <string.h>

#include "picture/values.h"

enum {
    LONGITUDE_MOST = 1800000000, // 10^-7 degrees
    LATITUDE_MOST = 900000000,
    POSITIONS_MAX = 4096, // of one geometry
    RING_LEAST = 4,
};

enum shape { SHAPE_ONE, SHAPE_ANY, SHAPE_LINE, SHAPE_RING }; // what positions in a row make up

struct type {
    const char *name;
    unsigned levels; // of arrays around a row of positions
    enum shape shape;
};

static const struct type types[] = {
    {"Point", 0, SHAPE_ONE},       {"MultiPoint", 0, SHAPE_ANY},
    {"LineString", 0, SHAPE_LINE}, {"MultiLineString", 1, SHAPE_LINE},
    {"Polygon", 1, SHAPE_RING},    {"MultiPolygon", 2, SHAPE_RING},
};

struct position {
    int64_t longitude, latitude;
};

struct geometry {
    struct cbor_reader *reader;
    const struct type *type;
    size_t positions;
};

static struct position read_position(struct geometry *geometry)
{
    struct cbor_reader *reader = geometry->reader;
    struct position at;

    cbor_get_array_of(reader, 2);
    at.longitude = cbor_get_int(reader);
    at.latitude = cbor_get_int(reader);
    if (at.longitude < -LONGITUDE_MOST || at.longitude > LONGITUDE_MOST ||
        at.latitude < -LATITUDE_MOST || at.latitude > LATITUDE_MOST) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    if (++geometry->positions > POSITIONS_MAX) {
        cbor_fail(reader, ERR_LIMIT);
    }
    return at;
}

static void read_row(struct geometry *geometry)
{
    static const size_t least[] = {1, 1, 2, RING_LEAST};
    const enum shape shape = geometry->type->shape;
    const size_t count = cbor_get_array(geometry->reader);
    struct position first = {0, 0};
    struct position last = {0, 0};

    if (count < least[shape]) {
        cbor_fail(geometry->reader, ERR_MALFORMED);
    }
    for (size_t i = 0; i < count && geometry->reader->err == ERR_OK; i++) {
        last = read_position(geometry);
        first = i == 0 ? last : first;
    }
    if (shape == SHAPE_RING &&
        (first.longitude != last.longitude || first.latitude != last.latitude)) {
        cbor_fail(geometry->reader, ERR_MALFORMED);
    }
}

// Recurses for each level of arrays: twice at most.
static void read_rows(struct geometry *geometry, unsigned levels)
{
    if (levels == 0) {
        read_row(geometry);
        return;
    }
    const size_t count = cbor_get_array(geometry->reader);
    if (count == 0) {
        cbor_fail(geometry->reader, ERR_MALFORMED);
    }
    for (size_t i = 0; i < count && geometry->reader->err == ERR_OK; i++) {
        read_rows(geometry, levels - 1);
    }
}

static const struct type *type_find(struct span name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (span_is(name, types[i].name)) {
            return &types[i];
        }
    }
    return NULL;
}

void geometry_read(struct cbor_reader *reader)
{
    struct geometry geometry = {.reader = reader};

    // By the order of keys [1.1] the type comes first.
    if (cbor_get_map(reader) != 2 || !span_is(cbor_get_text(reader), "type")) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    geometry.type = type_find(cbor_get_text(reader));
    if (geometry.type == NULL || !span_is(cbor_get_text(reader), "coordinates")) {
        cbor_fail(reader, ERR_MALFORMED);
        return;
    }
    if (geometry.type->shape == SHAPE_ONE) {
        (void)read_position(&geometry);
    } else {
        read_rows(&geometry, geometry.type->levels);
    }
}
