// SPDX-License-Identifier: EUPL-1.2
// A body with some of its fields changed. Which versions it then replaces is settle.c's, and
// whether it is still sound is content.c's.
#include <string.h>

#include "sitrep/picture.h"

// The pairs of a map that are still to come, and the key of the next.
struct pairs {
    struct cbor_reader reader;
    size_t left;
    struct span key;
};

static void pairs_next(struct pairs *pairs)
{
    if (pairs->left > 0) {
        pairs->key = cbor_get_text(&pairs->reader);
    }
}

static void pairs_begin(struct pairs *pairs, struct span map)
{
    cbor_read(&pairs->reader, map.bytes, map.len);
    pairs->left = cbor_get_map(&pairs->reader);
    pairs_next(pairs);
}

static struct span pairs_take(struct pairs *pairs)
{
    const struct span value = cbor_skip(&pairs->reader);

    pairs->left--;
    pairs_next(pairs);
    return value;
}

// The order of keys [1.1]; what has no pair left comes last.
static int pairs_compare(const struct pairs *a, const struct pairs *b)
{
    if (a->left == 0 || b->left == 0) {
        return (a->left == 0) - (b->left == 0);
    }
    if (a->key.len != b->key.len) {
        return a->key.len < b->key.len ? -1 : 1;
    }
    return memcmp(a->key.bytes, b->key.bytes, a->key.len);
}

static bool is_null(struct span value)
{
    struct cbor_reader reader;

    cbor_read(&reader, value.bytes, value.len);
    return cbor_peek(&reader) == CBOR_NULL;
}

// The pairs there will be are counted with `writer` NULL.
static size_t merge(struct span body, struct span changes, struct cbor_writer *writer)
{
    struct pairs old;
    struct pairs new;
    size_t count = 0;

    pairs_begin(&old, body);
    pairs_begin(&new, changes);
    while (old.left > 0 || new.left > 0) {
        const int order = pairs_compare(&old, &new);
        const struct span key = order < 0 ? old.key : new.key;
        const struct span kept = order <= 0 ? pairs_take(&old) : (struct span){0};
        const struct span value = order < 0 ? kept : pairs_take(&new);
        if (order >= 0 && is_null(value)) {
            continue;
        }
        count++;
        if (writer != NULL) {
            cbor_put_text(writer, (const char *)key.bytes, key.len);
            cbor_put_raw(writer, value.bytes, value.len);
        }
    }
    return count;
}

void content_alter(struct span body, struct span changes, struct cbor_writer *writer)
{
    cbor_put_map(writer, merge(body, changes, NULL));
    (void)merge(body, changes, writer);
}
