// SPDX-License-Identifier: EUPL-1.2
// The one property every wire format has [1.5]: what is decoded encodes to the same bytes. Fuzz
// targets and vectors both lean on it. Each function gives the decoder's error, or ERR_OK once the
// property held; where it does not hold, the process aborts.
#ifndef TESTS_ROUNDTRIP_H
#define TESTS_ROUNDTRIP_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/cbor.h"
#include "sitrep/cose.h"
#include "sitrep/header.h"
#include "sitrep/limits.h"
#include "wire/message.h"
#include "wire/parcel.h"
#include "wire/part.h"
#include "wire/run.h"

static inline void roundtrip_demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static inline void roundtrip_compare(const uint8_t *bytes, size_t len, const uint8_t *again,
                                     size_t again_len)
{
    roundtrip_demand(again_len == len);
    roundtrip_demand(memcmp(bytes, again, len) == 0);
}

// Copies one item through typed reads and writes.
static inline void roundtrip_copy_item(struct cbor_reader *reader, struct cbor_writer *writer,
                                       unsigned depth)
{
    size_t count = 0;
    struct span span;

    switch (cbor_peek(reader)) {
    case CBOR_UINT:
        cbor_put_uint(writer, cbor_get_uint(reader));
        return;
    case CBOR_NINT: // those below -2^63 have no int64_t
        span = cbor_skip(reader);
        cbor_put_raw(writer, span.bytes, span.len);
        return;
    case CBOR_BYTES:
        span = cbor_get_bytes(reader);
        cbor_put_bytes(writer, span.bytes, span.len);
        return;
    case CBOR_TEXT:
        span = cbor_get_text(reader);
        cbor_put_text(writer, (const char *)span.bytes, span.len);
        return;
    case CBOR_BOOL:
        cbor_put_bool(writer, cbor_get_bool(reader));
        return;
    case CBOR_NULL:
        cbor_get_null(reader);
        cbor_put_null(writer);
        return;
    case CBOR_ARRAY:
        count = cbor_get_array(reader);
        cbor_put_array(writer, count);
        break;
    case CBOR_MAP:
        count = cbor_get_map(reader);
        cbor_put_map(writer, count);
        count *= 2;
        break;
    case CBOR_END:
        cbor_fail(reader, ERR_MALFORMED);
        return;
    }
    if (depth == NEST_MAX) {
        cbor_fail(reader, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && reader->err == ERR_OK; i++) {
        roundtrip_copy_item(reader, writer, depth + 1);
    }
}

static inline enum err roundtrip_cbor(const uint8_t *bytes, size_t len)
{
    const enum err err = cbor_check(bytes, len);
    struct cbor_reader reader;
    struct cbor_writer writer;
    uint8_t *const again = malloc(len + 1);

    roundtrip_demand(again != NULL);
    cbor_read(&reader, bytes, len);
    const struct span item = cbor_skip(&reader);
    roundtrip_demand((item.len > 0) == (reader.err == ERR_OK)); // it took something, or said no
    cbor_read(&reader, bytes, len);
    cbor_write(&writer, again, len + 1);
    roundtrip_copy_item(&reader, &writer, 0);
    if (err == ERR_OK) {
        roundtrip_demand(cbor_finish(&reader) == ERR_OK);
        roundtrip_compare(bytes, len, again, cbor_written(&writer));
    }
    free(again);
    return err;
}

static inline enum err roundtrip_header(const uint8_t *bytes, size_t len)
{
    struct header header;
    uint8_t again[HEADER_MAX];
    const enum err err = header_decode(bytes, len, &header);

    if (err == ERR_OK) {
        roundtrip_compare(bytes, len, again, header_encode(&header, again));
        roundtrip_demand(cbor_check(bytes, len) == ERR_OK);
    }
    return err;
}

static inline enum err roundtrip_cose(const uint8_t *bytes, size_t len)
{
    struct span payload;
    uint8_t signature[SIGNATURE_LEN];
    const enum err err = cose_decode(bytes, len, &payload, signature);

    if (err != ERR_OK) {
        return err;
    }
    const size_t size = payload.len + 80;
    uint8_t *const again = malloc(size);
    roundtrip_demand(again != NULL);
    roundtrip_compare(bytes, len, again, cose_encode(payload, signature, again, size));
    roundtrip_demand(cbor_check(bytes, len) == ERR_OK);
    free(again);

    struct header header;
    uint8_t header_bytes[HEADER_MAX];
    uint8_t cose[COSE_HEADER_MAX];
    if (header_from_cose(bytes, len, &header, signature) == ERR_OK) {
        const size_t header_len = header_encode(&header, header_bytes);
        roundtrip_compare(bytes, len, cose,
                          header_to_cose(header_bytes, header_len, signature, cose));
    }
    return ERR_OK;
}

static inline enum err roundtrip_run(const uint8_t *bytes, size_t len)
{
    struct cbor_reader reader;
    struct cbor_writer writer;
    struct run run;

    cbor_read(&reader, bytes, len);
    run_decode(&reader, &run);
    const enum err err = cbor_finish(&reader);
    if (err != ERR_OK) {
        return err;
    }
    const size_t size = run_encoded_max(&run);
    uint8_t *const again = malloc(size);
    roundtrip_demand(again != NULL);
    cbor_write(&writer, again, size);
    run_encode(&writer, &run);
    roundtrip_compare(bytes, len, again, cbor_written(&writer));
    roundtrip_demand(cbor_check(bytes, len) == ERR_OK);
    free(again);
    return ERR_OK;
}

static inline void roundtrip_copy_heads(struct message_reader *reader, struct cbor_writer *writer)
{
    static struct message_head heads[MESSAGE_MAX / 12 + 1]; // a head takes 12 bytes or more
    struct message_heads fixed;
    size_t count = 0;

    message_get_heads(reader, &fixed);
    while (message_next_head(reader, &heads[count])) {
        count++;
    }
    if (message_finish(reader) == ERR_OK) {
        message_put_heads(writer, &fixed, heads, count);
    }
}

static inline void roundtrip_copy_wants(struct message_reader *reader, struct cbor_writer *writer)
{
    static struct message_want wants[MESSAGE_MAX / 5 + 1]; // a want takes 5 bytes or more
    struct message_wants fixed;
    size_t count = 0;

    message_get_wants(reader, &fixed);
    while (message_next_want(reader, &wants[count])) {
        count++;
    }
    if (message_finish(reader) == ERR_OK) {
        message_put_wants(writer, &fixed, wants, count);
    }
}

static inline void roundtrip_copy_runs(struct message_reader *reader, struct cbor_writer *writer)
{
    struct run run;

    message_get_runs(reader);
    if (reader->left > 0) {
        message_put_runs(writer, reader->left);
    }
    while (message_next_run(reader, &run)) {
        run_encode(writer, &run);
    }
}

// The messages without a list.
static inline void roundtrip_copy_plain(struct message_reader *reader, struct cbor_writer *writer)
{
    struct message_beacon beacon;
    struct message_trace trace;
    struct message_key_want want;
    struct message_key key;
    struct message_roster_want roster_want;
    struct message_roster_is is;
    struct message_space space;
    struct part part;
    struct held held[HELD_MAX];
    struct span parcelled[PARCEL_MAX];

    if (reader->type == MESSAGE_BEACON) {
        message_get_beacon(reader, &beacon);
        message_put_beacon(writer, &beacon);
    } else if (reader->type == MESSAGE_CREDIT) {
        message_put_credit(writer, message_get_credit(reader));
    } else if (reader->type == MESSAGE_ROSTER) {
        message_put_roster(writer, message_get_roster(reader));
    } else if (reader->type == MESSAGE_ROSTER_WANT) {
        message_get_roster_want(reader, &roster_want);
        message_put_roster_want(writer, &roster_want);
    } else if (reader->type == MESSAGE_ROSTER_IS) {
        message_get_roster_is(reader, &is);
        if (message_finish(reader) == ERR_OK) {
            message_put_roster_is(writer, (const uint8_t(*)[ID_LEN])is.hashes, is.count);
        }
    } else if (reader->type == MESSAGE_KEY_WANT) {
        message_get_key_want(reader, &want);
        message_put_key_want(writer, &want);
    } else if (reader->type == MESSAGE_KEY) {
        message_get_key(reader, &key);
        message_put_key(writer, &key);
    } else if (reader->type == MESSAGE_SPACE) {
        message_get_space(reader, &space);
        if (message_finish(reader) == ERR_OK) {
            message_put_space(writer, &space);
        }
    } else if (reader->type == MESSAGE_PART) {
        part_get(reader, &part);
        if (message_finish(reader) == ERR_OK) {
            part_put(writer, &part);
        }
    } else if (reader->type == MESSAGE_PARCEL) {
        const size_t count = parcel_get(reader, parcelled);
        if (message_finish(reader) == ERR_OK) {
            parcel_put(writer, parcelled, count);
        }
    } else if (reader->type == MESSAGE_HELD) {
        const size_t count = held_get(reader, held);
        if (message_finish(reader) == ERR_OK) {
            held_put(writer, held, count);
        }
    } else {
        message_get_trace(reader, &trace);
        if (message_finish(reader) == ERR_OK) {
            message_put_trace(writer, &trace);
        }
    }
}

// Messages of unknown types are refused here, though a node ignores them [8.1].
static inline enum err roundtrip_message(const uint8_t *bytes, size_t len)
{
    static uint8_t again[MESSAGE_MAX];
    struct message_reader reader;
    struct cbor_writer writer;

    message_read(&reader, (struct span){bytes, len});
    cbor_write(&writer, again, sizeof again);
    if (reader.type == 0 || reader.type > MESSAGE_PARCEL) {
        return reader.cbor.err != ERR_OK ? reader.cbor.err : ERR_NOT_FOUND;
    }
    if (reader.type == MESSAGE_HEADS) {
        roundtrip_copy_heads(&reader, &writer);
    } else if (reader.type == MESSAGE_WANT) {
        roundtrip_copy_wants(&reader, &writer);
    } else if (reader.type == MESSAGE_RUNS) {
        roundtrip_copy_runs(&reader, &writer);
    } else {
        roundtrip_copy_plain(&reader, &writer);
    }
    const enum err err = message_finish(&reader);
    if (err == ERR_OK) {
        roundtrip_compare(bytes, len, again, cbor_written(&writer));
        roundtrip_demand(cbor_check(bytes, len) == ERR_OK);
    }
    return err;
}

#endif
