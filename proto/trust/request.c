// SPDX-License-Identifier: EUPL-1.2
// The request with which a node asks to be admitted [6.1]. Whether it is admitted is for people.
#include "trust/request.h"

#include <assert.h>
#include <string.h>

#include "sitrep/roster.h"
#include "trust/roster_rules.h"

static const uint8_t use[] = {'s', 'i', 't', 'r', 'e', 'p', '/', 'r',
                              'e', 'q', 'u', 'e', 's', 't', '/', '1'}; // [2.3]

enum { PAYLOAD_MAX = REQUEST_MAX - 80 };
static_assert(2 * (NAME_MAX_LEN + 2) + 3 * (ENDPOINT_MAX_LEN + 3) + 2 * 34 + 41 < PAYLOAD_MAX,
              "the longest request fits");

enum err request_check(const struct request *request)
{
    assert(request);
    const struct span title = {(const uint8_t *)request->centre_title,
                               strlen(request->centre_title)};
    if (!roster_name_is_valid(request->centre_code, strlen(request->centre_code)) ||
        !roster_name_is_valid(request->node_name, strlen(request->node_name)) ||
        !roster_title_is_valid(title) ||
        !roster_endpoint_is_valid(request->sync_endpoint, strlen(request->sync_endpoint)) ||
        !roster_endpoint_is_valid(request->live_endpoint, strlen(request->live_endpoint)) ||
        request->time_ms > SEQ_MAX || request->expires_ms > SEQ_MAX) {
        return ERR_MALFORMED;
    }
    if (signing_key_is_weak(request->signing) || transport_key_is_weak(request->transport)) {
        return ERR_DENIED;
    }
    return ERR_OK;
}

static void put_string(struct cbor_writer *writer, const char *text)
{
    cbor_put_text(writer, text, strlen(text));
}

size_t request_encode(const struct request *request, const struct signing_key *key,
                      uint8_t out[static REQUEST_MAX])
{
    assert(request && key);
    if (request_check(request) ||
        memcmp(request->signing, key->bytes + SIGN_KEY_LEN, SIGN_KEY_LEN) != 0) {
        return 0;
    }
    uint8_t payload[PAYLOAD_MAX];
    struct cbor_writer writer;
    cbor_write(&writer, payload, sizeof payload);
    cbor_put_array(&writer, request->expires_ms > 0 ? 8 : 7);
    put_string(&writer, request->centre_code);
    cbor_put_map(&writer, 1);
    put_string(&writer, "und");
    put_string(&writer, request->centre_title);
    put_string(&writer, request->node_name);
    cbor_put_bytes(&writer, request->signing, SIGN_KEY_LEN);
    cbor_put_bytes(&writer, request->transport, BOX_KEY_LEN);
    cbor_put_array(&writer, 1);
    cbor_put_array(&writer, 2);
    put_string(&writer, request->sync_endpoint);
    put_string(&writer, request->live_endpoint);
    cbor_put_uint(&writer, request->time_ms);
    if (request->expires_ms > 0) {
        cbor_put_uint(&writer, request->expires_ms);
    }
    const struct span written = {payload, cbor_written(&writer)};
    assert(written.len > 0);
    uint8_t signature[SIGNATURE_LEN];
    if (cose_sign(key, (struct span){use, sizeof use}, written, signature)) {
        return 0; // no memory
    }
    return cose_encode(written, signature, out, REQUEST_MAX);
}

// Copies a text to a NUL-terminated field of `size` bytes; one with a NUL in it is refused.
static void get_string(struct cbor_reader *reader, char *out, size_t size)
{
    struct span text = cbor_get_text(reader);
    if (text.len >= size) {
        cbor_fail(reader, ERR_LIMIT);
        return;
    }
    if (!reader->err && memchr(text.bytes, 0, text.len)) {
        cbor_fail(reader, ERR_MALFORMED);
        return;
    }
    if (text.len > 0) {
        memcpy(out, text.bytes, text.len);
    }
    out[text.len] = '\0';
}

// One title, in the language "und": more is not known to struct request.
static void get_title(struct cbor_reader *reader, struct request *request)
{
    static const char und[] = "und";
    const size_t count = cbor_get_map(reader);
    const struct span lang = count == 1 ? cbor_get_text(reader) : (struct span){NULL, 0};
    if (lang.len != sizeof und - 1 || memcmp(lang.bytes, und, lang.len) != 0) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    get_string(reader, request->centre_title, sizeof request->centre_title);
}

static enum err read_payload(struct span payload, struct request *request)
{
    struct cbor_reader reader;
    cbor_read(&reader, payload.bytes, payload.len);
    const size_t count = cbor_get_array(&reader);
    if (count != 7 && count != 8) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    get_string(&reader, request->centre_code, sizeof request->centre_code);
    get_title(&reader, request);
    get_string(&reader, request->node_name, sizeof request->node_name);
    cbor_get_exact(&reader, request->signing, SIGN_KEY_LEN);
    cbor_get_exact(&reader, request->transport, BOX_KEY_LEN);
    cbor_get_array_of(&reader, 1);
    cbor_get_array_of(&reader, 2);
    get_string(&reader, request->sync_endpoint, sizeof request->sync_endpoint);
    get_string(&reader, request->live_endpoint, sizeof request->live_endpoint);
    request->time_ms = cbor_get_uint_max(&reader, SEQ_MAX);
    if (count == 8) {
        request->expires_ms = cbor_get_uint_max(&reader, SEQ_MAX);
        if (request->expires_ms == 0) {
            cbor_fail(&reader, ERR_MALFORMED); // what is absent has no second form [1.5]
        }
    }
    return cbor_finish(&reader);
}

enum err request_decode(const uint8_t *bytes, size_t len, struct request *request)
{
    assert(request);
    if (len > REQUEST_MAX) {
        return ERR_LIMIT;
    }
    struct span payload;
    uint8_t signature[SIGNATURE_LEN];
    enum err err = cose_decode(bytes, len, &payload, signature);
    if (err) {
        return err;
    }
    struct request read = {0};
    err = read_payload(payload, &read);
    if (err) {
        return err;
    }
    err = request_check(&read);
    if (err) {
        return err;
    }
    err = cose_verify(read.signing, (struct span){use, sizeof use}, payload, signature);
    if (err) {
        return err;
    }
    *request = read;
    return ERR_OK;
}
