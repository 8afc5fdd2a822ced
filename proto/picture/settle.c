// SPDX-License-Identifier: EUPL-1.2
// A body said anew, as the version that replaces others [18.5]. Whether it then counts is
// merge.c's.
#include <assert.h>
#include <string.h>

#include "sitrep/content.h"
#include "sitrep/picture.h"

static bool is_other(struct span key)
{
    return !span_is(key, "item") && !span_is(key, "supersedes");
}

// The order of keys [1.1].
static bool is_before(struct span key, const char *name)
{
    const size_t len = strlen(name);

    return key.len != len ? key.len < len : memcmp(key.bytes, name, len) < 0;
}

struct anew {
    struct cbor_writer *writer;
    const struct ref *item;
    const struct ref *replaced;
    size_t count;
    bool has_item, has_replaced; // written
};

static void put_replaced(struct anew *anew)
{
    cbor_put_text(anew->writer, "supersedes", strlen("supersedes"));
    cbor_put_array(anew->writer, anew->count);
    for (size_t i = 0; i < anew->count; i++) {
        assert(i == 0 || ref_compare(&anew->replaced[i - 1], &anew->replaced[i]) < 0);
        ref_put(anew->writer, &anew->replaced[i]);
    }
}

// What comes before that key, or NULL: at the end.
static void put_what_is_due(struct anew *anew, const struct span *key)
{
    if (!anew->has_item && (key == NULL || !is_before(*key, "item"))) {
        cbor_put_text(anew->writer, "item", strlen("item"));
        ref_put(anew->writer, anew->item);
        anew->has_item = true;
    }
    if (!anew->has_replaced && (key == NULL || !is_before(*key, "supersedes"))) {
        put_replaced(anew);
        anew->has_replaced = true;
    }
}

static size_t count_others(struct span body)
{
    struct cbor_reader reader;
    size_t others = 0;

    cbor_read(&reader, body.bytes, body.len);
    for (size_t left = cbor_get_map(&reader); left > 0; left--) {
        const struct span key = cbor_get_text(&reader);
        others += is_other(key) ? 1 : 0;
        (void)cbor_skip(&reader);
    }
    return others;
}

void content_settle(struct span body, const struct ref *item, const struct ref *replaced,
                    size_t count, struct cbor_writer *writer)
{
    struct anew anew = {writer, item, replaced, count, false, false};
    struct cbor_reader reader;

    assert(count >= 1 && count <= PICTURE_PARENTS_MAX);
    cbor_read(&reader, body.bytes, body.len);
    cbor_put_map(writer, count_others(body) + 2);
    for (size_t left = cbor_get_map(&reader); left > 0; left--) {
        const struct span key = cbor_get_text(&reader);
        const struct span value = cbor_skip(&reader);
        put_what_is_due(&anew, &key);
        if (is_other(key)) {
            cbor_put_text(writer, (const char *)key.bytes, key.len);
            cbor_put_raw(writer, value.bytes, value.len);
        }
    }
    put_what_is_due(&anew, NULL);
}
