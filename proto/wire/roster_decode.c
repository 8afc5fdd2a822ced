// SPDX-License-Identifier: EUPL-1.2
// Reads a signed roster's bytes into its struct: shape, order and counts. Checks no signature, no
// name, and nothing between fields but the centre a node names.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/extensions.h"
#include "wire/roster_bytes.h"

// Each key of a version may have one.
enum { EXPIRIES_MAX = AUTHORITIES_MAX + 3 * NODES_MAX };

static struct span get_text_or_null(struct cbor_reader *reader)
{
    if (cbor_take_null(reader)) {
        return (struct span){NULL, 0};
    }
    struct span text = cbor_get_text(reader);
    if (!reader->err && text.len == 0) {
        cbor_fail(reader, ERR_MALFORMED); // null says that, and only null [1.5]
    }
    return text;
}

static const uint8_t *get_key(struct cbor_reader *reader, size_t len)
{
    struct span key = cbor_get_bytes(reader);
    if (!reader->err && key.len != len) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    return key.bytes;
}

static size_t get_array_max(struct cbor_reader *reader, size_t max)
{
    size_t count = cbor_get_array(reader);
    if (count > max) {
        cbor_fail(reader, ERR_LIMIT);
        return 0;
    }
    return count;
}

// A map with text keys, kept as it is. Its order was checked with the whole document.
static struct span get_extensions(struct cbor_reader *reader)
{
    struct span map = cbor_skip(reader);
    struct cbor_reader inside;
    cbor_read(&inside, map.bytes, map.len);
    size_t pairs = cbor_get_map(&inside);
    for (size_t i = 0; i < pairs && !inside.err; i++) {
        cbor_get_text(&inside);
        cbor_skip(&inside);
    }
    if (cbor_finish(&inside)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    return map;
}

static void get_titles(struct cbor_reader *reader, struct roster_memory *memory,
                       struct roster_centre *centre)
{
    size_t count = cbor_get_map(reader);
    if (!reader->err && count == 0) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    if (count > ROSTER_TITLES_MAX) {
        cbor_fail(reader, ERR_LIMIT);
    }
    centre->titles = memory->titles + memory->titles_used;
    for (size_t i = 0; i < count && !reader->err; i++) {
        centre->titles[i].lang = cbor_get_text(reader);
        centre->titles[i].text = cbor_get_text(reader);
        centre->titles_count++;
    }
    memory->titles_used += centre->titles_count;
}

// [5.2]
static void get_centre(struct cbor_reader *reader, struct roster_memory *memory,
                       struct roster_centre *centre)
{
    cbor_get_array_of(reader, 5);
    centre->code = cbor_get_text(reader);
    get_titles(reader, memory, centre);
    centre->country = get_text_or_null(reader);
    centre->level = get_text_or_null(reader);
    centre->extensions = get_extensions(reader);
}

static void get_endpoints(struct cbor_reader *reader, struct roster_memory *memory,
                          struct roster_node *node)
{
    size_t count = get_array_max(reader, ROSTER_ENDPOINTS_MAX);
    node->endpoints = memory->endpoints + memory->endpoints_used;
    for (size_t i = 0; i < count && !reader->err; i++) {
        cbor_get_array_of(reader, 2);
        node->endpoints[i].sync = cbor_get_text(reader);
        node->endpoints[i].live = cbor_get_text(reader);
        node->endpoints_count++;
    }
    memory->endpoints_used += node->endpoints_count;
}

// [5.12]
static const uint8_t *get_transport_also(struct cbor_reader *reader, struct span extensions)
{
    const struct span value = extensions_find(extensions, EXTENSION_TRANSPORT_ALSO);
    if (value.len == 0) {
        return NULL;
    }
    struct cbor_reader inside;
    cbor_read(&inside, value.bytes, value.len);
    const uint8_t *const key = get_key(&inside, BOX_KEY_LEN);
    if (cbor_finish(&inside)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    return key;
}

// [5.3]
static void get_node(struct cbor_reader *reader, struct roster_memory *memory,
                     struct roster_node *node)
{
    cbor_get_array_of(reader, 7);
    node->name = cbor_get_text(reader);
    node->centre = (uint32_t)cbor_get_uint_max(reader, CENTRES_MAX);
    if (!reader->err && node->centre >= memory->roster.centres_count) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    node->signing = get_key(reader, SIGN_KEY_LEN);
    node->transport = get_key(reader, BOX_KEY_LEN);
    get_endpoints(reader, memory, node);
    node->is_revoked = !cbor_take_null(reader);
    if (node->is_revoked) {
        cbor_get_array_of(reader, 2);
        node->revoked_epoch = cbor_get_uint_max(reader, EPOCH_MAX);
        node->revoked_seq = cbor_get_uint_max(reader, SEQ_MAX);
    }
    node->extensions = get_extensions(reader);
    if (!reader->err) {
        node->transport_also = get_transport_also(reader, node->extensions);
    }
}

// Zeroed memory for `count` of them; NULL without an error only when count is 0.
static void *get_memory(struct cbor_reader *reader, size_t count, size_t size)
{
    void *memory = count == 0 ? NULL : calloc(count, size);
    if (count != 0 && !memory) {
        cbor_fail(reader, ERR_NO_SPACE);
    }
    return memory;
}

static void get_centres(struct cbor_reader *reader, struct roster_memory *memory)
{
    size_t count = get_array_max(reader, CENTRES_MAX);
    memory->roster.centres = get_memory(reader, count, sizeof(struct roster_centre));
    memory->titles = get_memory(reader, count * ROSTER_TITLES_MAX, sizeof(struct roster_title));
    for (size_t i = 0; i < count && !reader->err; i++) {
        get_centre(reader, memory, &memory->roster.centres[i]);
        memory->roster.centres_count++;
    }
}

static void get_nodes(struct cbor_reader *reader, struct roster_memory *memory)
{
    size_t count = get_array_max(reader, NODES_MAX);
    memory->roster.nodes = get_memory(reader, count, sizeof(struct roster_node));
    memory->endpoints =
        get_memory(reader, count * ROSTER_ENDPOINTS_MAX, sizeof(struct roster_endpoint));
    for (size_t i = 0; i < count && !reader->err; i++) {
        get_node(reader, memory, &memory->roster.nodes[i]);
        memory->roster.nodes_count++;
    }
}

// version .. authorities
static void get_head(struct cbor_reader *reader, struct roster_memory *memory)
{
    struct roster *roster = &memory->roster;
    roster->version = cbor_get_uint_max(reader, SEQ_MAX);
    const bool is_first = cbor_take_null(reader);
    if (!is_first) {
        cbor_get_exact(reader, roster->federation, ID_LEN);
    }
    roster->parents_count = get_array_max(reader, ROSTER_PARENTS_MAX);
    for (size_t i = 0; i < roster->parents_count; i++) {
        cbor_get_exact(reader, memory->parents[i], ID_LEN);
    }
    // The first version, and no other, comes from nowhere [5.5].
    if (!reader->err && (roster->version == 0 || is_first != (roster->version == 1) ||
                         is_first != (roster->parents_count == 0))) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    roster->name = cbor_get_text(reader);
    roster->threshold = (uint32_t)cbor_get_uint_max(reader, AUTHORITIES_MAX);
    roster->authorities_count = get_array_max(reader, AUTHORITIES_MAX);
    for (size_t i = 0; i < roster->authorities_count; i++) {
        memory->authorities[i] = get_key(reader, SIGN_KEY_LEN);
    }
}

// [5.19]
static void get_expiry(struct cbor_reader *reader, const struct roster *roster,
                       struct roster_expiry *expiry)
{
    cbor_get_array_of(reader, 2);
    expiry->key = get_key(reader, SIGN_KEY_LEN);
    expiry->expires_ms = cbor_get_uint_max(reader, SEQ_MAX);
    const size_t before = roster->expiries_count;
    if (!reader->err &&
        (expiry->expires_ms == 0 || (before > 0 && memcmp(roster->expiries[before - 1].key,
                                                          expiry->key, SIGN_KEY_LEN) >= 0))) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

static enum err read_expiries(struct roster_memory *memory)
{
    struct roster *roster = &memory->roster;
    const struct span value = extensions_find(roster->extensions, EXTENSION_KEY_EXPIRES);
    if (value.len == 0) {
        return ERR_OK;
    }
    struct cbor_reader reader;
    cbor_read(&reader, value.bytes, value.len);
    const size_t count = get_array_max(&reader, EXPIRIES_MAX);
    if (!reader.err && count == 0) {
        cbor_fail(&reader, ERR_MALFORMED); // absence says that
    }
    memory->expiries = get_memory(&reader, count, sizeof(struct roster_expiry));
    roster->expiries = memory->expiries;
    for (size_t i = 0; i < count && !reader.err; i++) {
        get_expiry(&reader, roster, &memory->expiries[i]);
        roster->expiries_count++;
    }
    return cbor_finish(&reader);
}

// [5.1]
static enum err read_document(struct roster_memory *memory, size_t document_max)
{
    struct roster *roster = &memory->roster;
    if (roster->document.len > document_max) {
        return ERR_LIMIT;
    }
    enum err err = cbor_check(roster->document.bytes, roster->document.len);
    if (err) {
        return err;
    }
    struct cbor_reader reader;
    cbor_read(&reader, roster->document.bytes, roster->document.len);
    cbor_get_array_of(&reader, 10);
    get_head(&reader, memory);
    get_centres(&reader, memory);
    get_nodes(&reader, memory);
    if (!cbor_take_null(&reader)) {
        roster->expires_ms = cbor_get_uint_max(&reader, SEQ_MAX);
        if (!reader.err && roster->expires_ms == 0) {
            cbor_fail(&reader, ERR_MALFORMED); // null says that
        }
    }
    roster->extensions = get_extensions(&reader);
    err = cbor_finish(&reader);
    return err ? err : read_expiries(memory);
}

// [5.4]
static enum err read_signed(struct roster_memory *memory, size_t signatures_min)
{
    struct roster *roster = &memory->roster;
    struct cbor_reader reader;
    cbor_read(&reader, roster->signed_document.bytes, roster->signed_document.len);
    cbor_get_array_of(&reader, 2);
    roster->document = cbor_get_bytes(&reader);
    roster->signatures_count = get_array_max(&reader, ROSTER_SIGNATURES_MAX);
    if (!reader.err && roster->signatures_count < signatures_min) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    for (size_t i = 0; i < roster->signatures_count && !reader.err; i++) {
        struct roster_signature *signature = &memory->signatures[i];
        cbor_get_array_of(&reader, 2);
        signature->authority = get_key(&reader, SIGN_KEY_LEN);
        signature->signature = get_key(&reader, SIGNATURE_LEN);
        // Strictly ascending, so that no key can count twice [5.4, 5.6].
        if (!reader.err && i > 0 &&
            memcmp(memory->signatures[i - 1].authority, signature->authority, SIGN_KEY_LEN) >= 0) {
            cbor_fail(&reader, ERR_MALFORMED);
        }
    }
    return cbor_finish(&reader);
}

enum err roster_memory_read(const uint8_t *bytes, size_t len, struct roster_bounds bounds,
                            struct roster_memory **memory)
{
    assert(memory);
    if (len > bounds.document_max + (SIGNED_ROSTER_MAX - ROSTER_MAX)) {
        return ERR_LIMIT;
    }
    struct roster_memory *made = calloc(1, sizeof *made + len);
    if (!made) {
        return ERR_NO_SPACE;
    }
    if (len > 0) {
        memcpy(made->bytes, bytes, len);
    }
    struct roster *roster = &made->roster;
    roster->signed_document = (struct span){made->bytes, len};
    roster->parents = (const uint8_t(*)[ID_LEN])made->parents;
    roster->authorities = made->authorities;
    roster->signatures = made->signatures;
    enum err err = read_signed(made, bounds.signatures_min);
    if (!err) {
        err = read_document(made, bounds.document_max);
    }
    if (err) {
        roster_memory_destroy(&made);
        return err;
    }
    *memory = made;
    return ERR_OK;
}

void roster_memory_destroy(struct roster_memory **memory)
{
    assert(memory);
    if (!*memory) {
        return;
    }
    free((*memory)->roster.centres);
    free((*memory)->roster.nodes);
    free((*memory)->titles);
    free((*memory)->endpoints);
    free((*memory)->expiries);
    free(*memory);
    *memory = NULL;
}
