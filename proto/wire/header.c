// SPDX-License-Identifier: EUPL-1.2
// An entry's header between struct and bytes, its id and its digest. PROTOCOL.md 3. Who may write
// it, and what follows what, is not decided here.
#include "sitrep/header.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/cbor.h"
#include "sitrep/cose.h"

enum { FIELDS = 10 };

size_t header_encode(const struct header *header, uint8_t out[static HEADER_MAX])
{
    struct cbor_writer writer;

    assert(header->epoch <= EPOCH_MAX);
    assert(header->seq >= 1);
    assert(header->seq <= SEQ_MAX);
    assert(header->time <= INT64_MAX);
    assert(header->precedence < PRECEDENCES);
    assert(header->size >= SEALED_MIN);
    assert(header->size <= SEALED_MAX);
    cbor_write(&writer, out, HEADER_MAX);
    cbor_put_array(&writer, FIELDS);
    cbor_put_bytes(&writer, header->author, SIGN_KEY_LEN);
    cbor_put_uint(&writer, header->epoch);
    cbor_put_uint(&writer, header->seq);
    if (header->seq == 1) { // [3.2]
        cbor_put_null(&writer);
    } else {
        cbor_put_bytes(&writer, header->prev, ID_LEN);
    }
    cbor_put_uint(&writer, header->time);
    cbor_put_uint(&writer, header->precedence);
    cbor_put_bytes(&writer, header->group, TAG_LEN);
    cbor_put_bytes(&writer, header->key, TAG_LEN);
    cbor_put_uint(&writer, header->size);
    cbor_put_bytes(&writer, header->digest, DIGEST_LEN);
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    return len;
}

enum err header_decode(const uint8_t *bytes, size_t len, struct header *header)
{
    struct cbor_reader reader;
    struct header read = {.epoch = 0};

    cbor_read(&reader, bytes, len);
    cbor_get_array_of(&reader, FIELDS);
    cbor_get_exact(&reader, read.author, SIGN_KEY_LEN);
    read.epoch = cbor_get_uint_max(&reader, EPOCH_MAX); // [3.2]
    read.seq = cbor_get_uint_max(&reader, SEQ_MAX);     // [1.3]
    if (read.seq == 0) {                                // [3.2]
        cbor_fail(&reader, ERR_MALFORMED);
    }
    if (read.seq == 1) { // [3.2]
        cbor_get_null(&reader);
    } else {
        cbor_get_exact(&reader, read.prev, ID_LEN);
    }
    read.time = cbor_get_uint_max(&reader, INT64_MAX); // [3.3]
    read.precedence = (uint8_t)cbor_get_uint_max(&reader, PRECEDENCES - 1);
    cbor_get_exact(&reader, read.group, TAG_LEN);
    cbor_get_exact(&reader, read.key, TAG_LEN);
    read.size = (uint32_t)cbor_get_uint_max(&reader, SEALED_MAX); // [3.4]
    if (read.size < SEALED_MIN) {                                 // [3.4]
        cbor_fail(&reader, ERR_MALFORMED);
    }
    cbor_get_exact(&reader, read.digest, DIGEST_LEN);

    const enum err err = cbor_finish(&reader);
    if (err == ERR_OK) {
        *header = read;
    }
    return err;
}

void header_id(const uint8_t space[static ID_LEN], const uint8_t *bytes, size_t len,
               uint8_t id[static ID_LEN])
{
    crypto_generichash(id, ID_LEN, bytes, len, space, ID_LEN); // [3.5]
}

void header_digest(const uint8_t *sealed, size_t len, uint8_t digest[static DIGEST_LEN])
{
    crypto_generichash(digest, DIGEST_LEN, sealed, len, NULL, 0);
}

size_t header_to_cose(const uint8_t *bytes, size_t len,
                      const uint8_t signature[static SIGNATURE_LEN],
                      uint8_t out[static COSE_HEADER_MAX])
{
    assert(len <= HEADER_MAX);
    const size_t cose_len = cose_encode((struct span){bytes, len}, signature, out, COSE_HEADER_MAX);

    assert(cose_len > len);
    return cose_len;
}

enum err header_from_cose(const uint8_t *cose, size_t len, struct header *header,
                          uint8_t signature[static SIGNATURE_LEN])
{
    struct span payload;
    const enum err err = cose_decode(cose, len, &payload, signature);

    return err == ERR_OK ? header_decode(payload.bytes, payload.len, header) : err;
}
