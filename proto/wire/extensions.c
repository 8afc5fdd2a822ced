// SPDX-License-Identifier: EUPL-1.2
// Looks names up in a map of extensions, and writes the map anew with one of them changed. Judges
// no value.
#include "wire/extensions.h"

#include <assert.h>
#include <string.h>

struct pair {
    struct span name;
    struct span value; // encoded
};

// Opens the map; returns how many pairs follow.
static size_t open_map(struct cbor_reader *reader, struct span extensions)
{
    cbor_read(reader, extensions.bytes, extensions.len);
    return extensions.len == 0 ? 0 : cbor_get_map(reader);
}

static struct pair next_pair(struct cbor_reader *reader)
{
    struct pair pair = {.name = cbor_get_text(reader)};
    pair.value = cbor_skip(reader);
    assert(reader->err == ERR_OK);
    return pair;
}

// The order of a map's keys [1.1]: of two texts the shorter goes first, its length being encoded
// before it.
static int compare(struct span left, struct span right)
{
    if (left.len != right.len) {
        return left.len < right.len ? -1 : 1;
    }
    return memcmp(left.bytes, right.bytes, left.len);
}

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

struct span extensions_find(struct span extensions, const char *name)
{
    struct cbor_reader reader;
    for (size_t left = open_map(&reader, extensions); left > 0; left--) {
        const struct pair pair = next_pair(&reader);
        if (compare(pair.name, text_span(name)) == 0) {
            return pair.value;
        }
    }
    return (struct span){NULL, 0};
}

static void put_pair(struct cbor_writer *writer, struct pair pair)
{
    cbor_put_text(writer, (const char *)pair.name.bytes, pair.name.len);
    cbor_put_raw(writer, pair.value.bytes, pair.value.len);
}

void extensions_put(struct cbor_writer *writer, struct span extensions, const char *name,
                    struct span value)
{
    const struct pair changed = {text_span(name), value};
    const size_t had = extensions_find(extensions, name).len > 0;
    bool is_due = value.len > 0;
    struct cbor_reader reader;
    const size_t count = open_map(&reader, extensions);
    cbor_put_map(writer, count - had + is_due);
    for (size_t left = count; left > 0; left--) {
        const struct pair pair = next_pair(&reader);
        const int order = compare(pair.name, changed.name);
        if (is_due && order >= 0) {
            put_pair(writer, changed);
            is_due = false;
        }
        if (order != 0) {
            put_pair(writer, pair);
        }
    }
    if (is_due) {
        put_pair(writer, changed);
    }
}
