// SPDX-License-Identifier: EUPL-1.2
// Messages in parts, between structs and bytes: the parts, and what is told to be held of such
// messages. PROTOCOL.md 17. How they are put together is the pacer's.
#ifndef WIRE_PART_H
#define WIRE_PART_H

#include "wire/message.h"

// Some bytes of another message, which a line takes too long to pass in one piece.
struct part {
    uint8_t lane;      // below LANES
    uint32_t offset;   // where they lie in it
    struct span bytes; // at least one
    bool is_first;     // of that message on this connection: it alone says what follows
    uint32_t total;    // length of the message; offset + bytes.len <= total
    uint8_t tag[TAG_LEN];
};

// What is held of a message that came in parts.
struct held {
    uint8_t tag[TAG_LEN];
    uint32_t len; // bytes from its beginning on, at least one
};

// The first bytes of a hash of the whole message.
void part_tag(struct span message, uint8_t tag[static TAG_LEN]);

// Of a reader of MESSAGE_PART; message_finish tells whether it is a good one.
void part_get(struct message_reader *reader, struct part *part);
void part_put(struct cbor_writer *writer, const struct part *part);
// Of a reader of MESSAGE_HELD; returns how many there are, 0 when they are no good ones.
size_t held_get(struct message_reader *reader, struct held list[static HELD_MAX]);
void held_put(struct cbor_writer *writer, const struct held *list, size_t count);

#endif
