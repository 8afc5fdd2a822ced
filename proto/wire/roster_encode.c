// SPDX-License-Identifier: EUPL-1.2
// Writes a roster's bytes from its struct. The struct is our own work or decoded, so nothing is
// checked here but that it fits.
#include <assert.h>
#include <string.h>

#include "wire/extensions.h"
#include "wire/roster_bytes.h"

static void put_text(struct cbor_writer *writer, struct span text)
{
    cbor_put_text(writer, (const char *)text.bytes, text.len);
}

static void put_text_or_null(struct cbor_writer *writer, struct span text)
{
    if (text.len == 0) {
        cbor_put_null(writer);
    } else {
        put_text(writer, text);
    }
}

static void put_extensions(struct cbor_writer *writer, struct span extensions)
{
    if (extensions.len == 0) {
        cbor_put_map(writer, 0);
    } else {
        cbor_put_raw(writer, extensions.bytes, extensions.len);
    }
}

static void put_centre(struct cbor_writer *writer, const struct roster_centre *centre)
{
    assert(centre->titles_count >= 1);
    cbor_put_array(writer, 5);
    put_text(writer, centre->code);
    cbor_put_map(writer, centre->titles_count);
    for (size_t i = 0; i < centre->titles_count; i++) {
        put_text(writer, centre->titles[i].lang);
        put_text(writer, centre->titles[i].text);
    }
    put_text_or_null(writer, centre->country);
    put_text_or_null(writer, centre->level);
    put_extensions(writer, centre->extensions);
}

static void put_node_extensions(struct cbor_writer *writer, const struct roster_node *node)
{
    uint8_t buffer[BOX_KEY_LEN + 2];
    struct cbor_writer inner;
    cbor_write(&inner, buffer, sizeof buffer);
    if (node->transport_also) {
        cbor_put_bytes(&inner, node->transport_also, BOX_KEY_LEN);
    }
    const struct span value = {buffer, cbor_written(&inner)};
    extensions_put(writer, node->extensions, EXTENSION_TRANSPORT_ALSO, value);
}

static void put_node(struct cbor_writer *writer, const struct roster_node *node)
{
    cbor_put_array(writer, 7);
    put_text(writer, node->name);
    cbor_put_uint(writer, node->centre);
    cbor_put_bytes(writer, node->signing, SIGN_KEY_LEN);
    cbor_put_bytes(writer, node->transport, BOX_KEY_LEN);
    cbor_put_array(writer, node->endpoints_count);
    for (size_t i = 0; i < node->endpoints_count; i++) {
        cbor_put_array(writer, 2);
        put_text(writer, node->endpoints[i].sync);
        put_text(writer, node->endpoints[i].live);
    }
    if (node->is_revoked) {
        cbor_put_array(writer, 2);
        cbor_put_uint(writer, node->revoked_epoch);
        cbor_put_uint(writer, node->revoked_seq);
    } else {
        cbor_put_null(writer);
    }
    put_node_extensions(writer, node);
}

void roster_extensions_put(struct cbor_writer *writer, struct span extensions,
                           const struct roster_expiry *expiries, size_t count,
                           struct cbor_writer *value)
{
    struct span encoded = {NULL, 0};
    if (count > 0) {
        cbor_put_array(value, count);
        for (size_t i = 0; i < count; i++) {
            assert(i == 0 || memcmp(expiries[i - 1].key, expiries[i].key, SIGN_KEY_LEN) < 0);
            cbor_put_array(value, 2);
            cbor_put_bytes(value, expiries[i].key, SIGN_KEY_LEN);
            cbor_put_uint(value, expiries[i].expires_ms);
        }
        encoded = (struct span){value->start, cbor_written(value)};
        assert(encoded.len > 0);
    }
    extensions_put(writer, extensions, EXTENSION_KEY_EXPIRES, encoded);
}

void roster_document_put(struct cbor_writer *writer, const struct roster *roster)
{
    assert(roster->version >= 1);
    assert((roster->version == 1) == (roster->parents_count == 0));
    cbor_put_array(writer, 10);
    cbor_put_uint(writer, roster->version);
    if (roster->version == 1) {
        cbor_put_null(writer);
    } else {
        cbor_put_bytes(writer, roster->federation, ID_LEN);
    }
    cbor_put_array(writer, roster->parents_count);
    for (size_t i = 0; i < roster->parents_count; i++) {
        cbor_put_bytes(writer, roster->parents[i], ID_LEN);
    }
    put_text(writer, roster->name);
    cbor_put_uint(writer, roster->threshold);
    cbor_put_array(writer, roster->authorities_count);
    for (size_t i = 0; i < roster->authorities_count; i++) {
        cbor_put_bytes(writer, roster->authorities[i], SIGN_KEY_LEN);
    }
    cbor_put_array(writer, roster->centres_count);
    for (size_t i = 0; i < roster->centres_count; i++) {
        put_centre(writer, &roster->centres[i]);
    }
    cbor_put_array(writer, roster->nodes_count);
    for (size_t i = 0; i < roster->nodes_count; i++) {
        put_node(writer, &roster->nodes[i]);
    }
    if (roster->expires_ms == 0) {
        cbor_put_null(writer);
    } else {
        cbor_put_uint(writer, roster->expires_ms);
    }
    put_extensions(writer, roster->extensions);
}

void signed_roster_put(struct cbor_writer *writer, struct span document,
                       const struct roster_signature *signatures, size_t count)
{
    assert(count <= ROSTER_SIGNATURES_MAX);
    cbor_put_array(writer, 2);
    cbor_put_bytes(writer, document.bytes, document.len);
    cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 ||
               memcmp(signatures[i - 1].authority, signatures[i].authority, SIGN_KEY_LEN) < 0);
        cbor_put_array(writer, 2);
        cbor_put_bytes(writer, signatures[i].authority, SIGN_KEY_LEN);
        cbor_put_bytes(writer, signatures[i].signature, SIGNATURE_LEN);
    }
}
