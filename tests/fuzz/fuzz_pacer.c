// SPDX-License-Identifier: EUPL-1.2
// Feeds frames of a peer to a pacer: it survives any bytes, gives no message longer than there may
// be, and tells what it holds of others in frames that another pacer takes. The input is frames,
// each behind its length in one byte; with the first bit of that a part is made, whose fields are
// bytes as well; where there is no length but that bit, the connection is another one.
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sitrep/pacer.h"
#include "wire/part.h"

enum { PART_FIELDS = 7 };

static uint8_t buffer[MESSAGE_MAX];

// A part out of the input, of a message that mostly repeats a byte; false when there are not enough
// bytes for one. Its tag is right, or begins with a byte of the input.
static bool make_part(const uint8_t *data, size_t size, struct span *frame)
{
    static uint8_t whole[MESSAGE_MAX];
    struct cbor_writer writer;
    if (size < PART_FIELDS + 1) {
        return false;
    }
    struct part part = {.lane = data[0] % LANES,
                        .is_first = (data[1] & 1) != 0,
                        .offset = (uint32_t)data[2] << 8 | data[3],
                        .total = (uint32_t)data[4] << 8 | data[5],
                        .bytes = {data + PART_FIELDS, size - PART_FIELDS}};
    const size_t end = part.offset + part.bytes.len;
    if (end > MESSAGE_MAX || (part.is_first && end > part.total) ||
        (!part.is_first && part.offset == 0)) {
        return false;
    }
    if ((data[1] & 2) != 0) {
        part.tag[0] = data[6];
    } else {
        memset(whole, data[6], part.total);
        part_tag((struct span){whole, part.total}, part.tag);
    }
    cbor_write(&writer, buffer, sizeof buffer);
    part_put(&writer, &part);
    *frame = (struct span){buffer, cbor_written(&writer)};
    return true;
}

static void reconnect(struct pacer *pacer, struct pacer *other, uint64_t *now_ms)
{
    struct span frame;
    struct span none;
    pacer_begin(pacer);
    *now_ms += 10000;
    if (pacer_take(pacer, *now_ms, &frame) &&
        (pacer_receive(other, *now_ms, frame) != ERR_OK || pacer_next(other, &none))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pacer *pacer;
    struct pacer *other;
    uint64_t now_ms = 1;
    if (pacer_create(&pacer, 2400) != ERR_OK) {
        return 0;
    }
    if (pacer_create(&other, 0) != ERR_OK) {
        pacer_destroy(&pacer);
        return 0;
    }
    while (size > 0) {
        const size_t wanted = data[0] >> 1;
        const bool is_made = data[0] & 1;
        const size_t len = wanted < size - 1 ? wanted : size - 1;
        struct span frame = {data + 1, len};
        struct span message;
        if (is_made && wanted == 0) {
            reconnect(pacer, other, &now_ms);
        } else if (!is_made || make_part(data + 1, len, &frame)) {
            const enum err err = pacer_receive(pacer, now_ms += 10, frame);
            while (pacer_next(pacer, &message)) {
                if (message.len > MESSAGE_MAX || err != ERR_OK) {
                    abort();
                }
                for (size_t i = 0; i < message.len; i++) {
                    now_ms += message.bytes[i] & 1; // reads it all
                }
            }
        }
        data += 1 + len;
        size -= 1 + len;
    }
    pacer_destroy(&pacer);
    pacer_destroy(&other);
    return 0;
}
