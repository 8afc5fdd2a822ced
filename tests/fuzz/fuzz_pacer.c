// SPDX-License-Identifier: EUPL-1.2
// Feeds frames of a peer to a pacer: it survives any bytes, gives no message longer than there may
// be, and forgets a message whose parts do not follow each other. The input is frames, each behind
// its length in one byte; with the first bit of that a part is made, whose fields are bytes as
// well.
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sitrep/pacer.h"
#include "wire/message.h"

enum { PART_FIELDS = 7 };

static uint8_t buffer[MESSAGE_MAX];

// A part out of the input; false when there are not enough bytes for one.
static bool make_part(const uint8_t *data, size_t size, struct span *frame)
{
    struct cbor_writer writer;
    if (size < PART_FIELDS + 1) {
        return false;
    }
    struct message_part part = {.lane = data[0] % LANES,
                                .number = data[1],
                                .offset = (uint32_t)data[2] << 8 | data[3],
                                .total = (uint32_t)data[4] << 8 | data[5],
                                .bytes = {data + PART_FIELDS, size - PART_FIELDS}};
    part.total += data[6] % 2 == 0 ? 0 : part.offset + (uint32_t)part.bytes.len;
    if (part.total > MESSAGE_MAX || part.offset + part.bytes.len > part.total) {
        return false;
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_part(&writer, &part);
    *frame = (struct span){buffer, cbor_written(&writer)};
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pacer *pacer;
    uint64_t now_ms = 1;
    if (pacer_create(&pacer, 2400) != ERR_OK) {
        return 0;
    }
    while (size > 0) {
        const size_t wanted = data[0] >> 1;
        const bool is_made = data[0] & 1;
        const size_t len = wanted < size - 1 ? wanted : size - 1;
        struct span frame = {data + 1, len};
        struct span message;
        if (!is_made || make_part(data + 1, len, &frame)) {
            const enum err err = pacer_receive(pacer, now_ms += 10, frame, &message);
            if (message.len > MESSAGE_MAX || (err != ERR_OK && message.len > 0)) {
                abort();
            }
            for (size_t i = 0; i < message.len; i++) {
                now_ms += message.bytes[i] & 1; // reads it all
            }
        }
        data += 1 + len;
        size -= 1 + len;
    }
    pacer_destroy(&pacer);
    return 0;
}
